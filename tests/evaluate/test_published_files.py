"""Files of tasks: by an address of the hub, and whether they are the published ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import CurateSection, EvaluateSection, TuneSection
from bioinstruct.core.records import Item
from bioinstruct.core.workers import Workers
from bioinstruct.curate import sources
from bioinstruct.evaluate import grade
from bioinstruct.evaluate import run as stage
from bioinstruct.tasks import TASKS
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.rows import Row, jsonl_rows
from bioinstruct.tasks.sources import Files

from .conftest import TRUTH

ADDRESS = "hf://datasets/owner/name@v1/rows.jsonl"
ROWS = "".join(json.dumps({"id": n, "text": f"claim {n}", "label": ("yes", "no")[n % 2]}) + "\n" for n in range(12))


def _item(row: Row) -> Item:
    return Item(f"claims/{row.identity('id')}", "claims", "Is it so?", row.text("text"), (row.text("label"),), ("yes", "no"), "")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def filed(made_up: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | str], EvaluateSection]:
    """A task on a published file, and the section that asks it of a given one."""
    copies = (Copy("hf://datasets/owner/name", ("rows.jsonl",), "v1", {"rows.jsonl": hashlib.sha256(ROWS.encode()).hexdigest()}),)
    data = Files("rows", Access(copies), lambda path: jsonl_rows(path, "test"), _item)
    monkeypatch.setattr(made_up, "claims", replace(TRUTH, name="claims", data=data), raising=False)
    monkeypatch.setitem(TASKS._table, "claims", "made_up_tasks:claims")
    return lambda file: EvaluateSection(tasks=["claims"], files={"claims": str(file)}, items=3, samples=100, base_shots=[0])


class Told(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """Keep it."""
        self.lines.append(text)


def test_a_published_file_is_known_by_its_checksum(file: Path, filed: Any, evaluate: Any, tmp_path: Path) -> None:
    told = Told()
    record = evaluate(tmp_path / "evaluate", filed(file), adapters={}, workers=Workers(1, told))
    assert record.versions["data claims/rows.jsonl"] == "as published"
    assert not any("rows.jsonl" in line for line in told.lines)


def test_another_file_is_told_of_and_asked_all_the_same(file: Path, filed: Any, evaluate: Any, tmp_path: Path) -> None:
    file.write_text(ROWS.replace("claim 1", "claim one"), encoding="utf-8")
    told = Told()
    record = evaluate(tmp_path / "evaluate", filed(file), adapters={}, workers=Workers(1, told))
    assert record.versions["data claims/rows.jsonl"] == "not as published"
    assert [line for line in told.lines if "claims/rows.jsonl: not the file that its source publishes" in line]
    assert record.counts["items"] == 3


def test_a_file_of_no_known_name_is_not_judged(file: Path, filed: Any, evaluate: Any, tmp_path: Path) -> None:
    other = file.rename(tmp_path / "mine.jsonl")
    record = evaluate(tmp_path / "evaluate", filed(other), adapters={})
    assert not any(name.startswith("data ") for name in record.versions)


def test_a_file_of_the_hub_is_asked_like_a_local_one(
    file: Path, filed: Any, evaluate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []

    def download(*names: str, **options: Any) -> str:
        asked.append((*names, options["revision"]))
        return str(file)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    folder = tmp_path / "evaluate"
    record = evaluate(folder, filed(ADDRESS), adapters={})
    assert set(asked) == {("owner/name", "rows.jsonl", "v1")}
    assert record.inputs[ADDRESS] == runfolder.sha256(file)
    assert record.versions["data claims/rows.jsonl"] == "as published"
    assert len(list(jsonl.read(grade.items_file(folder, "claims"), Item))) == 3
    against = sources.load(CurateSection(), filed(ADDRESS))
    assert against is not None
    assert against.benchmarks["claims"]["items"] == 12


def test_what_the_hub_does_not_give_is_a_problem_of_the_field(filed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(*_: str, **__: Any) -> str:
        raise OSError("no route to the hub")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    for found in (stage.check(filed(ADDRESS), TuneSection()), sources.problems(CurateSection(), filed(ADDRESS))):
        [problem] = found
        assert problem.place == "evaluate.files.claims"
        assert problem.got == f"'{ADDRESS}': OSError: no route to the hub"
    [problem] = stage.check(filed("hf://datasets/owner/rows.jsonl"), TuneSection())
    assert "names no file" in problem.got
    assert sources.load(CurateSection(contamination="off"), filed(ADDRESS)) is None


def test_a_folder_is_judged_by_the_pinned_files_in_it(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"a").hexdigest()
    access = Access((Copy("x", ("a", "b")), Copy("y", ("a", "b", "c"), sha256={"a": digest, "b": digest, "c": digest})))
    for name, text in (("a", "a"), ("b", "changed"), ("d", "a")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert access.published(tmp_path) == {"a": True, "b": False}
    assert access.published(tmp_path / "a") == {"a": True}
    assert access.published(tmp_path / "d") == {}
