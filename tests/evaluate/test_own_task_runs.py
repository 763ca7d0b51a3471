"""A task of the user's own in an evaluation: asked, graded, kept with its definition, and searched for in instructions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import CurateSection, EvaluateSection, TuneSection
from bioinstruct.core.runfolder import read_record
from bioinstruct.curate import sources
from bioinstruct.curate.contamination import Record
from bioinstruct.evaluate import compare, grade, lm_eval_export, lookup
from bioinstruct.evaluate import run as stage

JOBS = [
    "fasten two thin boards at a right angle",
    "carry a bucket of wet sand",
    "reach the lamp above the stairs",
    "weigh a sack of onions",
]
DEFINITION = 'kind: choice\nfamily: qa\ndata: jobs.jsonl\ninstruction: Which?\ninput: "To {job}, take"\noptions: [a, b]\nanswer: right\n'


@pytest.fixture
def mine(tmp_path: Path, section: EvaluateSection) -> EvaluateSection:
    """The section of the made-up tasks, and one task of a file."""
    rows = [{"job": f"{job} number {n}", "a": f"pin {n}", "b": f"cart {n}", "right": f"pin {n}"} for n in range(3) for job in JOBS]
    (tmp_path / "jobs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "jobs.yaml").write_text(DEFINITION)
    return section.model_copy(update={"task_files": [str(tmp_path / "jobs.yaml")], "tasks": ["truth", "jobs"], "base_shots": [0]})


def test_it_is_asked_and_goes_on_without_its_files(tmp_path: Path, evaluate: Any, mine: EvaluateSection, bytes_of: Any) -> None:
    folder = tmp_path / "run" / "evaluate"
    assert stage.check(mine, TuneSection()) == []
    record = evaluate(folder, mine)
    assert record.counts["items"] == 2 * 3 * 7
    assert "items/jobs.yaml" in record.outputs
    assert {str(tmp_path / "jobs.yaml"), f"{tmp_path / 'jobs.yaml'}: jobs.jsonl"} <= set(record.inputs)
    before = bytes_of(folder)
    assert evaluate(folder, mine).fingerprint == record.fingerprint
    (tmp_path / "jobs.jsonl").unlink()
    (tmp_path / "jobs.yaml").unlink()
    grade.regrade(folder)
    compare.refresh(folder)
    assert bytes_of(folder) == before
    assert "bioinstruct_jobs_rank_text_0shot" in lm_eval_export.write(folder, tmp_path / "harness")
    assert lookup.stored(folder, "jobs").chance == 0.5
    with pytest.raises(InputError, match="unknown_task"):
        lookup.stored(folder, "unknown_task")


def test_another_table_or_definition_is_another_evaluation(tmp_path: Path, evaluate: Any, mine: EvaluateSection) -> None:
    folder = tmp_path / "run" / "evaluate"
    evaluate(folder, mine, adapters={})
    for change in (
        lambda: (tmp_path / "jobs.yaml").write_text(DEFINITION + "version: 2\n"),
        lambda: (tmp_path / "jobs.jsonl").write_text((tmp_path / "jobs.jsonl").read_text().replace("pin", "peg")),
    ):
        before = read_record(folder)
        change()
        evaluate(folder, mine, adapters={})
        after = read_record(folder)
        assert before is not None
        assert after is not None
        assert after.fingerprint != before.fingerprint
    items = (folder / "items" / "jobs.jsonl").read_text()
    assert "peg" in items
    assert "pin" not in items
    assert "version: 2" in (folder / "items" / "jobs.yaml").read_text()


def test_check_names_what_is_wrong_with_it(tmp_path: Path, mine: EvaluateSection) -> None:
    def problems(**changes: Any) -> list[str]:
        return [str(one) for one in stage.check(mine.model_copy(update=changes), TuneSection())]

    assert problems(tasks=["job"]) == ["evaluate.tasks: got 'job'; allowed: " + lookup.known(mine).unknown("job")]
    assert problems(task_files=["absent.yaml"]) == ["absent.yaml: got no such file; allowed: an existing file"]
    (said,) = problems(files={"jobs": "x.csv"})
    assert said.startswith("evaluate.files.jobs: got 'x.csv'; allowed: nothing: ")
    (said,) = problems(items=0, tasks=["jobs"], base_shots=[1])
    assert "0 unscored items for 1 worked examples" in said
    curation = CurateSection()
    wrong = mine.model_copy(update={"task_files": ["absent.yaml"]})
    assert [str(one) for one in sources.problems(curation, wrong)] == ["absent.yaml: got no such file; allowed: an existing file"]


def test_instructions_that_hold_its_items_are_found(tmp_path: Path, mine: EvaluateSection) -> None:
    against = sources.load(CurateSection(), mine.model_copy(update={"tasks": ["jobs"]}))
    assert against is not None
    assert against.benchmarks["jobs"]["items"] == 12
    copied = Record("Name the tool for this.", "To fasten two thin boards at a right angle number 0, take", "pin 0")
    other = Record("Name the tool for this.", "To dry the dishes, take", "a towel")
    found = list(against.contamination.find([copied, other]))
    assert found[0] is not None
    assert found[1] is None
    (tmp_path / "jobs.jsonl").write_text((tmp_path / "jobs.jsonl").read_text().replace("boards", "planks"))
    again = sources.load(CurateSection(), mine.model_copy(update={"tasks": ["jobs"]}))
    assert again is not None
    assert again.digest != against.digest
