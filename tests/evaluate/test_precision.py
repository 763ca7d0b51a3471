"""Answers in another precision than float32: named in the result, never mixed with those in float32."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.records import Ranking
from bioinstruct.evaluate import grade
from bioinstruct.models.local import chosen_dtype

NAME = "colour.rank-text-0shot"


@pytest.fixture
def half(section: EvaluateSection) -> EvaluateSection:
    return section.model_copy(update={"dtype": "bfloat16", "tasks": ["colour", "note"], "items": 20, "base_shots": [0]})


def rankings(folder: Path) -> list[Ranking]:
    return list(jsonl.read(folder / "rankings.jsonl", Ranking))


def test_auto_is_bfloat16_on_a_gpu_for_all_but_the_embedded_base():
    assert chosen_dtype("auto", "org/name", gpu=True) == "bfloat16"
    assert chosen_dtype("auto", "org/name", gpu=False) == "float32"
    assert chosen_dtype("auto", "embedded", gpu=True) == "float32"
    assert chosen_dtype("float32", "org/name", gpu=True) == "float32"
    assert chosen_dtype("bfloat16", "embedded", gpu=False) == "bfloat16"


def test_float32_is_not_named(original: Path) -> None:
    assert "dtype" not in json.loads((original / "tuned" / NAME / "result.json").read_text())
    assert not list(original.rglob("precision.json"))


def test_another_precision_is_named_and_measured(tmp_path: Path, evaluate: Any, half: EvaluateSection) -> None:
    evaluate(tmp_path / "half", half)
    evaluate(tmp_path / "whole", half.model_copy(update={"dtype": "auto"}))
    for model in ("base", "tuned"):
        result = grade.read_result(tmp_path / "half" / model / NAME)
        assert result is not None
        assert result.dtype == grade.precision(tmp_path / "half" / model / NAME) == "bfloat16"
        rounded, exact = rankings(tmp_path / "half" / model / NAME), rankings(tmp_path / "whole" / model / NAME)
        assert rounded != exact
        for one, other in zip(rounded, exact, strict=True):
            assert one.log_likelihoods == pytest.approx(other.log_likelihoods, rel=0.05)


def test_finished_answers_in_another_precision_are_asked_again(tmp_path: Path, evaluate: Any, half: EvaluateSection, bytes_of: Any) -> None:
    evaluate(tmp_path / "half", half)
    other = half.model_copy(update={"dtype": "float32"})
    evaluate(tmp_path / "whole", other)
    shutil.copytree(tmp_path / "half", tmp_path / "there")
    evaluate(tmp_path / "there", other)
    assert bytes_of(tmp_path / "there") == bytes_of(tmp_path / "whole")
    evaluate(tmp_path / "there", half)
    assert bytes_of(tmp_path / "there") == bytes_of(tmp_path / "half")


@pytest.mark.parametrize("first", ["float32", "bfloat16"])
def test_unfinished_answers_in_another_precision_are_not_gone_on_with(
    first: str, tmp_path: Path, evaluate: Any, half: EvaluateSection, bytes_of: Any
) -> None:
    half = half.model_copy(update={"items": 35, "row_tokens": 128})  # portions of 16
    second = {"float32": "bfloat16", "bfloat16": "float32"}[first]
    evaluate(tmp_path / "first", half.model_copy(update={"dtype": first}))
    folder = tmp_path / "first" / "tuned" / NAME
    for name in ("result.json", "scores.jsonl"):
        (folder / name).unlink()
    lines = (folder / "rankings.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "rankings.jsonl").write_bytes(b"".join(lines[:20]))
    (tmp_path / "first" / "record.json").unlink()
    evaluate(tmp_path / "first", half.model_copy(update={"dtype": second}))
    evaluate(tmp_path / "second", half.model_copy(update={"dtype": second}))
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")
