"""A study's matrix made again from the answers of its cells, as `report --verify` does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from bioinstruct import evidence
from bioinstruct.core import jsonl
from bioinstruct.core.progress import Silent
from bioinstruct.core.records import Ranking
from bioinstruct.core.workers import Workers
from bioinstruct.study import run as stage


def test_the_matrix_follows_from_the_answers(tiny: Any, curated: Path, study_of: Callable[..., Any], tmp_path: Path) -> None:
    recipe = tiny("evaluate.tasks=[bioasq_embedded, coreference_embedded]")
    (study,) = study_of(recipe, curated)
    stage.run([study], curated / "study", Workers(1, Silent()))
    matrix = curated / "study" / "matrix.json"
    written = matrix.read_bytes()
    for path in (curated / "study").rglob("scores.jsonl"):  # they are made again, too
        path.unlink()
    assert evidence.again(curated, tmp_path / "first", recipe) == []
    assert (tmp_path / "first" / "study" / "matrix.json").read_bytes() == written
    assert list(curated.rglob("scores.jsonl")) == []

    (path,) = (study.work.room / "qa.n12.s1").glob("bioasq_embedded.*/rankings.jsonl")
    rows = list(jsonl.read(path, Ranking))
    jsonl.write(path, [Ranking(**{**vars(row), "log_likelihoods": row.log_likelihoods[::-1]}) for row in rows])
    assert evidence.again(curated, tmp_path / "second", recipe) == []
    found = json.loads((tmp_path / "second" / "study" / "matrix.json").read_text())["design"]["tasks"]["bioasq_embedded"]["scores"]
    shown = json.loads(written)["design"]["tasks"]["bioasq_embedded"]["scores"]
    assert {name for name in shown if shown[name] != found[name]} == {"qa"}

    path.unlink()
    assert [gap.what for gap in evidence.again(curated, tmp_path / "third", recipe)] == ["study: its matrix"]
