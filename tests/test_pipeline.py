"""All checks before any work, the stages in order, and what each is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct import pipeline
from bioinstruct.core import jsonl, recipe, runfolder
from bioinstruct.core.errors import InputError, RunFolderError
from bioinstruct.core.progress import Silent
from bioinstruct.core.records import Instruction
from bioinstruct.core.runfolder import STAGES, RunFolder

pytest.importorskip("torch")

SMALL = ("workers=1", "generate.target=10", "evaluate.tasks=[nli_embedded]", "evaluate.items=2")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the stages after curation are called with, instead of hours of work; they leave the files that others look for."""
    made: list[tuple[str, dict[str, Any]]] = []

    def tune(section: Any, instructions: list[Instruction], **given: Any) -> None:
        made.append(("tune", {"instructions": instructions, **given}))
        (given["folder"] / "adapter").mkdir(parents=True, exist_ok=True)

    def evaluate(section: Any, **given: Any) -> None:
        made.append(("evaluate", given))
        gain = {"value": 0.25, "low": 0.125, "high": 0.375, "n": 9}
        summary = {"families": {"qa": {"gains": {"base": {"absolute": gain}}}}}
        runfolder.write_atomic(given["folder"] / "summary.json", json.dumps(summary))

    def report(section: Any, **given: Any) -> None:
        made.append(("report", given))
        runfolder.write_atomic(given["folder"] / "report.html", "<html>")

    for name, stage in (("tune", tune), ("evaluate", evaluate), ("report", report)):
        monkeypatch.setattr(f"bioinstruct.{name}.run.run", stage)
    return made


def go(path: Path, *overrides: str, stages: tuple[str, ...] = STAGES) -> RunFolder:
    resolved = recipe.load(None, [*SMALL, *overrides])
    with RunFolder(path) as folder:
        folder.adopt(resolved)
        pipeline.Pipeline(resolved, folder, Silent()).run(stages)
    return folder


def test_the_check_finds_the_problems_of_all_stages_at_once(tmp_path: Path):
    wrong = ("generate.seeds=none.jsonl", "curate.keywords=['']", "evaluate.tasks=[nli]", "tune.base=none", "report.title=' '")
    values = recipe.load(None, wrong).recipe
    places = [problem.place for problem in pipeline.check(values)]
    assert places == ["none.jsonl", "curate.keywords[0]", "evaluate.tasks", "tune.base", "report.title"]
    assert [problem.place for problem in pipeline.check(values, ("generate",))] == ["none.jsonl"]
    assert [problem.place for problem in pipeline.check(values, ("evaluate",))] == ["evaluate.tasks", "tune.base"]
    assert pipeline.check(recipe.load(None, SMALL).recipe) == []


def test_nothing_is_done_while_there_is_a_problem(tmp_path: Path, calls: list[Any]):
    with pytest.raises(InputError, match=r"tune\.base: got 'none'"):
        go(tmp_path / "run", "tune.base=none")
    assert calls == []
    assert not (tmp_path / "run" / "generate").exists()
    assert not (tmp_path / "run" / "ledger.sqlite").exists()


def test_the_stages_in_order_and_what_they_are_given(tmp_path: Path, calls: list[Any]):
    folder = go(tmp_path / "run", "seed=3", "threads=1")
    assert [name for name, _ in calls] == ["tune", "tune", "evaluate", "report"]
    ours, shuffled, evaluated = (given for _, given in calls[:3])
    kept = list(jsonl.read(folder / "curate" / "instructions.jsonl", Instruction))
    assert len(kept) == 10
    assert ours["instructions"] == shuffled["instructions"] == kept
    assert (ours["control"], ours["folder"]) == (None, folder / "tune")
    assert (shuffled["control"], shuffled["folder"]) == ("shuffled", folder / "tune" / "controls" / "shuffled")
    assert (ours["seed"], ours["threads"], evaluated["threads"]) == (3, 1, 1)
    assert ours["inputs"]["curate/instructions.jsonl"] == runfolder.sha256(folder / "curate" / "instructions.jsonl")
    assert {"base/config.json", "base/model.safetensors", "base/tokenizer.json"} <= set(ours["inputs"])
    assert evaluated["adapters"] == {"tuned": folder / "tune/adapter", "shuffled": folder / "tune/controls/shuffled/adapter"}
    timed = [json.loads(line)["stage"] for line in (folder / "timing.jsonl").read_text(encoding="utf-8").splitlines()]
    assert timed == ["generate+curate", "tune", "evaluate", "report"]


def test_a_raised_target_gives_tuning_another_input(tmp_path: Path, calls: list[Any]):
    go(tmp_path / "run")
    go(tmp_path / "run", "generate.target=12")
    first, second = (given for name, given in calls if name == "tune" and given["control"] is None)
    assert second["instructions"][:10] == first["instructions"]
    assert len(second["instructions"]) == 12
    assert first["inputs"] != second["inputs"]


def test_without_controls_there_is_one_adapter(tmp_path: Path, calls: list[Any]):
    go(tmp_path / "run", "tune.controls=[]")
    assert [given["control"] for name, given in calls if name == "tune"] == [None]
    assert set(calls[1][1]["adapters"]) == {"tuned"}


@pytest.mark.parametrize(
    ("stages", "lacking"),
    [
        (STAGES, []),
        (("generate", "curate"), []),
        (("tune",), ["no curate/instructions.jsonl"]),
        (("evaluate",), ["no tune/adapter", "no tune/controls/shuffled/adapter"]),
        (("report",), ["no evaluate/summary.json"]),
        (("tune", "evaluate"), ["no curate/instructions.jsonl"]),
    ],
)
def test_what_earlier_stages_must_have_left(stages: tuple[str, ...], lacking: list[str], tmp_path: Path, calls: list[Any]):
    values = recipe.load(None, SMALL).recipe
    assert [problem.got for problem in pipeline.check_folder(tmp_path / "none", values, stages)] == lacking
    if lacking:
        with pytest.raises(InputError, match=lacking[0]):
            go(tmp_path / "run", stages=stages)
        assert calls == []
    go(tmp_path / "run")
    assert pipeline.check_folder(tmp_path / "run", values, stages) == []


def test_a_ledger_that_cannot_be_used_is_found_before_the_run_changes(tmp_path: Path):
    values = recipe.load(None, SMALL).recipe
    (tmp_path / "ledger.sqlite").write_bytes(b"noise" * 500)
    with pytest.raises(RunFolderError, match="file is not a database"):
        pipeline.check_folder(tmp_path, values, ("generate", "curate"))
    assert pipeline.check_folder(tmp_path, values, ("tune",)) != []


def test_the_closing_lines(tmp_path: Path, calls: list[Any]):
    folder = go(tmp_path / "run")
    gain = "qa: tuned minus strongest base +0.250 [+0.125, +0.375], n = 9"
    page = f"page: {tmp_path / 'run' / 'report.html'}"
    assert pipeline.closing_lines(folder, STAGES) == [gain, page]
    assert pipeline.closing_lines(folder, ("evaluate",)) == [gain]
    assert pipeline.closing_lines(folder, ("generate", "curate")) == []


def test_a_file_added_for_a_new_task_goes_on(tmp_path: Path, calls: list[Any]):
    go(tmp_path / "run")
    (tmp_path / "rows.json").write_text(
        json.dumps([{"input": f"My knee {n} hurts.", "answer_icliniq": f"Rest {n} days."} for n in range(6)])
    )
    go(tmp_path / "run", "evaluate.tasks=[nli_embedded, icliniq]", f"evaluate.files={{icliniq: {tmp_path / 'rows.json'}}}")
    assert [name for name, _ in calls].count("evaluate") == 2


def test_a_served_model_beside_ours_needs_a_price_where_there_is_a_budget_in_dollars():
    entry = "evaluate.compare=[{name: a, model: theirs, endpoint: 'http://127.0.0.1:1/v1', template: chat}]"
    problems = pipeline.check(recipe.load(None, [entry, "budget_usd=1"]).recipe)
    assert [one.place for one in problems] == ["budget_usd"]
    assert "no price for 'theirs'" in problems[0].got
    assert pipeline.check(recipe.load(None, [entry, "budget_usd=1", "prices={theirs: [1, 2]}"]).recipe) == []
