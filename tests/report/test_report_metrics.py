"""Model-based metrics on the page: beside the primary metric of the tasks that are answered with a text, and nowhere without them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.progress import Silent
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.core.workers import Workers
from bioinstruct.evaluate import compare
from bioinstruct.evaluate.metrics import scoring
from bioinstruct.report import run
from bioinstruct.report.page import page

TASK = "conv2note_embedded"


@pytest.fixture(scope="module")
def measured(reported: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The page of the same answers with Concept-F1."""
    path = Path(shutil.copytree(reported.path, tmp_path_factory.mktemp("measured") / "run"))
    section = reported.resolved.recipe.evaluate.model_copy(update={"metrics": ["concept_f1"]})
    folder = path / "evaluate"
    scoring.run(section, compare.stored_settings(folder), folder, 1, Workers(1, Silent()))
    compare.refresh(folder)
    with RunFolder(path) as opened:
        run.run(reported.resolved.recipe.report, folder=opened, resolved=reported.resolved)
    return json.loads((path / "report.json").read_text(encoding="utf-8")), (path / "report.html").read_text(encoding="utf-8")


def test_the_figures_stand_under_the_task(measured, outline):
    data, html = measured
    one = data["comparisons"][TASK]["model_metrics"]["concept"]
    text = outline(html).text.replace("\u00a0", " ")
    assert f"{TASK}: Concept-F1 by the embedded lexicon, not UMLS (lexicon embedded)" in text
    for who, mean in one["means"].items():
        assert f"{100 * mean['value']:.1f}" in text, who
        assert f"{100 * mean['low']:.1f} to {100 * mean['high']:.1f}" in text, who
    assert one["counts"]["tuned"] == data["tasks"][TASK]["tuned"]["generate-text-0shot"]["model_metrics"]["concept"]
    assert set(one["gains"]) == {"base", "trivial", "shuffled"}
    assert 0 < one["means"]["tuned"]["value"] < 1
    assert (
        "Not run: BERTScore (evaluate.metrics does not ask for it); BLEURT (needs a checkpoint); UMLS Concept-F1 (needs a licence)." in text
    )
    assert "evaluate/metrics" in text
    regions = re.findall(r'aria-label="(Table: [^"]*)"', html)
    assert len(regions) == len(set(regions))


def test_only_what_was_asked_for_changes(measured, reported):
    data, _ = measured
    assert data["gains"] == reported.data["gains"]
    assert data["summary"] == reported.data["summary"]
    assert data["tests"] == reported.data["tests"]
    for name, task in reported.data["comparisons"].items():
        assert "model_metrics" not in task
        assert {key: value for key, value in data["comparisons"][name].items() if key != "model_metrics"} == task
    assert [name for name, task in data["comparisons"].items() if "model_metrics" in task] == [TASK]
    assert "Not run:" not in reported.html
    assert "embedded lexicon" not in reported.html


def test_names_from_outside_stay_text(measured):
    data, _ = measured
    hostile = {"metric": "bertscore", "model": "<script>alert(1)</script>", "layer": 3, "idf": True, "weights": "sha256 0"}
    one = {**data["comparisons"][TASK]["model_metrics"]["concept"], "identity": hostile, "figure": "x_f1"}
    task = {**data["comparisons"][TASK], "model_metrics": {"x": one}}
    html = page({**data, "comparisons": {**data["comparisons"], TASK: task}})
    assert "<script>alert(1)" not in html
    assert "x_f1 (model &lt;script&gt;alert(1)&lt;/script&gt;, layer 3, idf)" in html
