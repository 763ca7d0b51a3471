from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Category
from bioinstruct.generate import seeds

ROW = {"id": "a", "instruction": "Name it.", "input": "metformin", "output": "biguanide", "category": "qa"}


def write(path: Path, *rows: Any) -> str:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_the_builtin_seeds_are_eighty_and_complete() -> None:
    loaded = seeds.load("builtin")
    assert len({seed.id for seed in loaded}) == 80
    assert Counter(seed.category for seed in loaded) == {Category.IE: 27, Category.GENERATION: 27, Category.QA: 18, Category.OTHER: 8}
    assert all(seed.instruction and seed.input and seed.output and seed.kind for seed in loaded)


def test_a_file_needs_only_four_columns(tmp_path: Path) -> None:
    spec = write(tmp_path / "s.jsonl", ROW, "", {"id": "b", "instruction": "x", "input": "y", "output": "z", "note": 1})
    first, second = seeds.load(spec)
    assert (first.category, second.category, second.kind) == (Category.QA, None, "")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no seeds"),
        (["{"], "line 1: got a line that is not JSON"),
        ([ROW, ROW], "line 2, field 'id': got 'a', as on line 1"),
        ([{**ROW, "id": " "}], "field 'id': got an empty text"),
        ([{**ROW, "instruction": ""}], "field 'instruction': got an empty text"),
        ([{**ROW, "input": ""}], "field 'input': got an empty text"),
        ([{**ROW, "output": "\n"}], "field 'output': got an empty text"),
        ([{**ROW, "output": 5}], "field 'output': got 5"),
        ([{key: ROW[key] for key in ROW if key != "input"}], "field 'input'"),
        ([{**ROW, "category": "questions"}], "field 'category': got 'questions'"),
        (['["a"]'], "line 1"),
        ([{**ROW, "output": "one\n2. Instruction: two"}], "field 'output': got \"2. Instruction: two\""),
    ],
)
def test_a_wrong_file_is_named_with_line_and_field(tmp_path: Path, rows: list[Any], message: str) -> None:
    spec = write(tmp_path / "s.jsonl", *rows)
    with pytest.raises(DataError) as caught:
        seeds.load(spec)
    assert message in str(caught.value)
    assert str(tmp_path / "s.jsonl") in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DataError, match=r"nowhere\.jsonl: got no such file"):
        seeds.load("nowhere.jsonl")
