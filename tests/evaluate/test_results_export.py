"""Every item's result as one table."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError, InputError, MissingExtra
from bioinstruct.core.records import Completion, Ranking, Score
from bioinstruct.evaluate import grade, results_export

pytest.importorskip("pyarrow", reason="the extra 'hub' is not installed")
import pyarrow.parquet as parquet


def test_every_item_of_every_setting_is_a_row(original: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "results.parquet"
    n = results_export.export(original, file)
    rows = parquet.read_table(file).to_pylist()
    found = {path.parent: grade.read_result(path.parent) for path in original.glob("*/*/result.json")}
    assert n == len(rows) == sum(result.n for result in found.values() if result is not None)
    for folder, result in found.items():
        assert result is not None
        setting = result.setting
        mine = [
            row
            for row in rows
            if (row["model"], row["task"], row["shots"], row["stop"]) == (setting.model, result.task, setting.shots, setting.stop)
        ]
        scores = list(jsonl.read(folder / "scores.jsonl", Score))
        assert [(row["item"], row["group"], row["outcome"], row["gold"]) for row in mine] == [
            (one.item, one.group, one.outcome.value, one.gold) for one in scores
        ]
        assert [dict(row["values"]) for row in mine] == [one.values for one in scores]
        assert sum(row["value"] for row in mine) / len(mine) == pytest.approx(result.estimates[result.metric].value, abs=1e-6)
        assert {row["adapter"] for row in mine} == {setting.adapter}
        if setting.mode == "rank":
            rankings = list(jsonl.read(folder / "rankings.jsonl", Ranking))
            assert [tuple(row["log_likelihoods"]) for row in mine] == [one.log_likelihoods for one in rankings]
            assert all(len(row["options"]) == len(row["lengths"]) == len(row["log_likelihoods"]) for row in mine)
            assert {row["text"] for row in mine} == {None}
        else:
            completions = list(jsonl.read(folder / "completions.jsonl", Completion))
            assert [(row["text"], row["finish"]) for row in mine] == [(one.text, one.finish.value) for one in completions]
            assert {row["options"] for row in mine} == {None}


def test_the_same_results_give_the_same_bytes(original: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        results_export.export(original, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_cannot_be_exported_is_refused(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="allowed: a new file"):
        results_export.export(finished, finished / "record.json")
    with pytest.raises(InputError, match=r"no result\.json"):
        results_export.export(tmp_path / "absent", tmp_path / "out")
    scores = finished / "tuned" / "colour.rank-text-0shot" / "scores.jsonl"
    scores.write_text("".join(scores.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(DataError, match="other items"):
        results_export.export(finished, tmp_path / "out")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra):
        results_export.export(finished, tmp_path / "out")
    assert not (tmp_path / "out").exists()
