"""The page of a run folder that holds a study and no evaluation of its own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioinstruct import pipeline
from bioinstruct.core.errors import InputError
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.report import run
from bioinstruct.report.page import OF_A_RUN, contents
from bioinstruct.report.page_lineage import lineage

from .harmless import harmless
from .studied import Studied, studied_run


@pytest.fixture(scope="module")
def alone(reported: Any, planted_said: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Studied:
    """Generated and curated as the embedded run, and studied; not to be changed."""
    path = tmp_path_factory.mktemp("alone") / "run"
    path.mkdir()
    for name in ("generate", "curate"):
        shutil.copytree(reported.path / name, path / name)
    for name in ("recipe.yaml", "ledger.sqlite"):
        shutil.copy(reported.path / name, path / name)
    (path / "MODEL_CARD.md").write_text("of an earlier report", encoding="utf-8")
    return studied_run(path, reported.resolved, planted_said)


def test_only_what_there_is_stands_on_the_page(alone, outline):
    found = harmless(alone.html, outline)
    shown = [name for name, _ in contents(alone.data)]
    assert shown == ["summary", "funnel", "contamination", "identifiers", "composition", "study", "traces", "recipe"]
    assert [text for level, text in found.headings if level == 2] == [title for _, title in contents(alone.data)]
    ids = {attributes["id"] for _, attributes in found.tags if "id" in attributes}
    assert not set(OF_A_RUN) & ids
    links = [attributes["href"][1:] for name, attributes in found.tags if name == "a"]
    assert set(links) <= ids
    assert "<script" not in alone.html
    for word in ("0 tasks", "0 items", "not measured", "This run folder holds no"):
        assert word not in found.text
    assert "Report of a study" in found.text
    assert re.search(r"; a study of \d+ mixtures on \d+ tasks\.", found.text)


def test_the_summary_is_the_studys(alone):
    said = {one["key"]: one["text"] for one in alone.said["conclusions"]}
    lines = {one["about"]: one for one in alone.data["summary"]}
    assert list(lines) == ["data", *alone.said["design"]["families"]]
    assert lines["qa"]["headline"] == said["gain.qa"]
    assert lines["qa"]["detail"] == said["matched.qa"]
    assert all(one["headline"] in said.values() for name, one in lines.items() if name != "data")


def test_there_is_a_card_of_the_data_and_none_of_a_model(alone):
    record = json.loads((alone.path / "report/record.json").read_text(encoding="utf-8"))
    assert set(record["outputs"]) == {"report.json", "report.html", "DATASET_CARD.md"}
    assert "records kept" in (alone.path / "DATASET_CARD.md").read_text(encoding="utf-8")
    assert not (alone.path / "MODEL_CARD.md").exists()


def test_the_way_to_the_seeds_begins_at_the_study(alone, reported, studied, from_file):
    def steps(data: Any) -> list[str]:
        return re.findall("<h4>(.*?)</h4>", str(lineage(data)))

    cell, record = "Score of the study to records", "Record to seeds"
    assert steps(alone.data) == [cell, record]
    assert steps(studied.data) == [*steps(reported.data)[:-1], cell, record]
    assert "names its row in the instruction file" in str(lineage(from_file.data))


def test_an_embedded_task_brings_the_label(alone):
    assert alone.data["embedded"]["tasks"] == [name for name in alone.said["design"]["tasks"] if name.endswith("_embedded")]
    assert alone.data["embedded"]["of_tasks"] == len(alone.said["design"]["tasks"])
    assert alone.html.count(alone.data["label"]) > 3


def test_the_command_asks_for_either(alone, reported, tmp_path: Path):
    assert pipeline.check_folder(alone.path, reported.resolved.recipe, ["report"]) == []
    for name in ("evaluate", "study"):
        (tmp_path / name).mkdir()
    problems = pipeline.check_folder(tmp_path, reported.resolved.recipe, ["report"])
    assert [one.allowed for one in problems] == ["run the stage 'evaluate' first"]


def test_a_family_without_a_conclusion_has_no_line(alone, reported, tmp_path: Path):
    path = tmp_path / "run"
    shutil.copytree(alone.path, path)
    said = {**alone.said, "conclusions": [one for one in alone.said["conclusions"] if one["key"].split(".")[1] == "ie"]}
    found = studied_run(path, reported.resolved, said)
    assert [one["about"] for one in found.data["summary"]] == ["data", "ie"]
    assert contents(found.data)[0] == ("summary", "In short")
    (path / "study/matrix.json").unlink()
    with RunFolder(path) as folder, pytest.raises(InputError, match="run the stage 'evaluate' first"):
        run.run(reported.resolved.recipe.report, folder=folder, resolved=reported.resolved)
