from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.records import Completion, Finish, Item, Outcome, Ranking, Score
from bioinstruct.core.template import PAPER
from bioinstruct.evaluate import compare, grade
from bioinstruct.evaluate import run as stage

from .conftest import checkpoint

OUTCOMES = [outcome.value for outcome in Outcome]


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("bioinstruct.models.local.LocalModel.load", refuse)


def test_a_run_writes_every_setting_and_its_counts_add_up(original: Path) -> None:
    names = {path.parent.relative_to(original).as_posix() for path in original.glob("*/*/result.json")}
    ranked = {f"{task}.rank-text-{k}shot" for task in ("colour", "truth") for k in (0, 1)}
    generated = {f"note.generate-text-{k}shot{stop}" for k in (0, 1) for stop in ("", "-strings")}
    tuned = {"colour.rank-text-0shot", "truth.rank-text-0shot", "note.generate-text-0shot"}
    assert names == {f"base/{name}" for name in ranked | generated} | {f"{m}/{name}" for m in ("tuned", "shuffled") for name in tuned}
    for path in original.glob("*/*/result.json"):
        result = grade.read_result(path.parent)
        assert result is not None
        assert result.n == 7 == sum(result.outcomes.values())
        scores = list(jsonl.read(path.parent / "scores.jsonl", Score))
        assert [one.item for one in scores] == [item.id for item in jsonl.read(grade.items_file(original, result.task), Item)]
        assert result.examples == result.setting.shots
        assert next(iter(result.estimates)) == result.metric
    record = runfolder.read_record(original)
    assert record is not None
    counts = record.counts
    assert counts["settings"] == len(names)
    assert counts["items"] == 7 * len(names) == sum(counts[name] for name in OUTCOMES)
    assert record.outputs.keys() | {"record.json"} == {path.relative_to(original).as_posix() for path in original.rglob("*.json*")}


def test_another_folder_gives_the_same_bytes(tmp_path: Path, original: Path, evaluate: Any, bytes_of: Any) -> None:
    evaluate(tmp_path / "evaluate")
    assert bytes_of(tmp_path / "evaluate") == bytes_of(original)


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path: Path, evaluate: Any, bytes_of: Any, section: EvaluateSection) -> None:
    section = section.model_copy(update={"items": 35, "tasks": ["colour", "note"], "base_shots": [0]})  # three portions of 16
    whole, killed = tmp_path / "whole" / "evaluate", tmp_path / "killed" / "evaluate"
    evaluate(whole, section)
    shutil.copytree(whole, killed)
    (killed / "record.json").unlink()
    for name in ("base/note.generate-text-0shot", "tuned/colour.rank-text-0shot"):
        (killed / name / "result.json").unlink()
        (killed / name / "scores.jsonl").unlink()
        (answers,) = (killed / name).iterdir()
        answers.write_bytes(answers.read_bytes()[: answers.stat().st_size * 3 // 5])  # one portion, some more rows and a torn one
    evaluate(killed, section)
    assert bytes_of(whole) == bytes_of(killed)


@pytest.mark.usefixtures("no_model")
def test_what_is_finished_is_not_asked_again(finished: Path, original: Path, evaluate: Any, bytes_of: Any) -> None:
    first = runfolder.read_record(original)
    assert first is not None
    assert evaluate(finished) == first
    (finished / "record.json").unlink()
    (finished / "base" / "colour.rank-text-0shot" / "result.json").unlink()  # answers are on disk: only graded
    assert evaluate(finished).outputs == first.outputs
    assert bytes_of(finished) == bytes_of(original)


def test_more_tasks_go_on(tmp_path: Path, original: Path, evaluate: Any, bytes_of: Any, section: EvaluateSection) -> None:
    folder = tmp_path / "evaluate"
    evaluate(folder, section.model_copy(update={"tasks": ["colour"]}))
    stamp = (folder / "tuned" / "colour.rank-text-0shot" / "result.json").stat().st_mtime_ns
    evaluate(folder)
    assert (folder / "tuned" / "colour.rank-text-0shot" / "result.json").stat().st_mtime_ns == stamp
    assert bytes_of(folder) == bytes_of(original)


def test_another_adapter_is_asked_again(tmp_path: Path, finished: Path, evaluate: Any, bytes_of: Any, adapters: dict[str, Path]) -> None:
    swapped = {"tuned": adapters["shuffled"], "shuffled": adapters["tuned"]}
    before = bytes_of(finished)
    evaluate(finished, adapters=swapped)
    evaluate(tmp_path / "evaluate", adapters=swapped)
    assert bytes_of(finished) == bytes_of(tmp_path / "evaluate") != before


@pytest.mark.usefixtures("no_model")
def test_regrading_needs_no_model_and_gives_the_same(
    tmp_path: Path, finished: Path, original: Path, bytes_of: Any, made_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in finished.glob("*/*/scores.jsonl"):
        path.unlink()
    grade.regrade(finished)
    compare.refresh(finished)
    assert bytes_of(finished) == bytes_of(original)
    monkeypatch.setattr(made_up, "note", replace(made_up.note, version="2"))
    grade.regrade(finished)
    result = grade.read_result(finished / "tuned" / "note.generate-text-0shot")
    assert result is not None
    assert result.version == "2"
    with pytest.raises(InputError, match=r"no result\.json"):
        grade.regrade(tmp_path / "elsewhere")


def test_stop_strings_cut_the_same_completions(original: Path) -> None:
    for k in (0, 1):
        folder = original / "base" / f"note.generate-text-{k}shot"
        asked = list(jsonl.read(folder / "completions.jsonl", Completion))
        derived = list(jsonl.read(folder.with_name(folder.name + "-strings") / "completions.jsonl", Completion))
        for one, other in zip(asked, derived, strict=True):
            assert other.text == PAPER.cut(one.text).strip()
            assert (other.setting.stop, one.setting.stop) == ("strings", "end")
            assert (one.item, one.prompt_sha, one.output_tokens) == (other.item, other.prompt_sha, other.output_tokens)


def test_adapters_change_the_answers(original: Path) -> None:
    name = "colour.rank-text-0shot/rankings.jsonl"
    found = [[one.log_likelihoods for one in jsonl.read(original / model / name, Ranking)] for model in ("base", "tuned", "shuffled")]
    assert found[0] != found[1] != found[2] != found[0]


def test_prompts_that_do_not_fit_fail_and_are_counted(tmp_path: Path, evaluate: Any, section: EvaluateSection) -> None:
    small = checkpoint(tmp_path / "small", context=96)
    record = evaluate(tmp_path / "evaluate", tune=TuneSection(base=str(small)), adapters={})
    assert record.counts["failed"] > 0
    assert record.counts["items"] == sum(record.counts[name] for name in OUTCOMES)
    folder = tmp_path / "evaluate" / "base"
    rankings = list(jsonl.read(folder / "colour.rank-text-1shot" / "rankings.jsonl", Ranking))
    assert all(one.log_likelihoods == () and one.prompt_tokens > 96 for one in rankings)
    completions = list(jsonl.read(folder / "note.generate-text-1shot" / "completions.jsonl", Completion))
    assert {one.finish for one in completions} == {Finish.ERROR}
    result = grade.read_result(folder / "colour.rank-text-1shot")
    assert result is not None
    assert result.outcomes == {"graded": 0, "unparsed": 0, "truncated": 0, "failed": 7}
    summary = json.loads((tmp_path / "evaluate" / "summary.json").read_text())
    assert summary["families"]["qa"]["tuned"] is None
    assert summary["families"]["qa"]["gains"]["base"] == {
        "absolute": None, "relative": None, "relative_estimate": None, "reason": "no model 'tuned'"
    }  # fmt: skip


def test_row_budgets_change_no_choice(tmp_path: Path, original: Path, evaluate: Any, section: EvaluateSection) -> None:
    changes = {"row_tokens": 4096, "tasks": ["colour", "truth"]}
    evaluate(tmp_path / "evaluate", section.model_copy(update=changes))
    for name in ("base/colour.rank-text-1shot", "tuned/truth.rank-text-0shot"):
        small, large = (list(jsonl.read(folder / name / "rankings.jsonl", Ranking)) for folder in (original, tmp_path / "evaluate"))
        for one, other in zip(small, large, strict=True):
            assert one.log_likelihoods == pytest.approx(other.log_likelihoods, abs=1e-4)


def test_check_names_every_problem(section: EvaluateSection, tmp_path: Path) -> None:
    assert stage.check(section, TuneSection()) == []
    wrong = section.model_copy(
        update={
            "tasks": ["colour", "colour", "colours", "medqa_4", "mednli"],
            "base_shots": [0, 0, -1],
            "files": {"medqa": "x", "mednli": str(tmp_path / "absent.jsonl")},
        }
    )
    found = {(one.place, one.got) for one in stage.check(wrong, TuneSection())}
    assert ("evaluate.tasks", "'colour' more than once") in found
    assert ("evaluate.base_shots", "0 more than once") in found
    assert ("evaluate.base_shots", "-1") in found
    assert ("evaluate.tasks", "'colours'") in found
    assert ("evaluate.files", "'medqa'") in found
    assert ("evaluate.files.medqa_4", "no file") in found
    assert (str(tmp_path / "absent.jsonl"), "no such file") in found
    assert any("did you mean 'colour'" in one.allowed for one in stage.check(wrong, TuneSection()))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"items": 0}, "evaluate.items"),
        ({"base_shots": []}, "evaluate.base_shots"),
        ({"shots": 32}, "task colour"),
        ({"files": {"colour": "x"}}, "evaluate.files.colour"),
    ],
)
def test_check_reads_items_shots_and_files(section: EvaluateSection, changes: dict[str, Any], place: str) -> None:
    section = section.model_copy(update={"tasks": ["colour"], **changes})
    assert [one.place for one in stage.check(section, TuneSection())] == [place]


def test_bad_adapters_are_refused_before_anything_is_written(tmp_path: Path, evaluate: Any, adapters: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"adapter_model\.safetensors"):
        evaluate(tmp_path / "evaluate", adapters={"tuned": tmp_path})
    with pytest.raises(InputError, match="model name 'base'"):
        evaluate(tmp_path / "evaluate", adapters={"base": adapters["tuned"]})
    assert not (tmp_path / "evaluate").exists()
