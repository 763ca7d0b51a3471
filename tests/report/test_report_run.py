from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.recipe import ReportSection
from bioinstruct.core.records import Instruction
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.report import run
from bioinstruct.report.collect import portable

FILES = ("report.json", "report.html", "DATASET_CARD.md", "MODEL_CARD.md")


def test_check_wants_a_title():
    assert run.check(ReportSection()) == []
    assert [problem.place for problem in run.check(ReportSection(title="  "))] == ["report.title"]


def test_the_same_run_gives_the_same_bytes_anywhere(reported, report, tmp_path):
    before = {name: (reported.path / name).read_bytes() for name in FILES}
    elsewhere = tmp_path / "another name"
    shutil.copytree(reported.path, elsewhere)
    report(elsewhere, reported.resolved)
    assert {name: (elsewhere / name).read_bytes() for name in FILES} == before


def test_no_times_and_no_absolute_paths(reported, from_file):
    for one in (reported, from_file):
        for name in FILES:
            text = (one.path / name).read_text(encoding="utf-8")
            assert str(one.path.parent) not in text, name
            assert "/tmp/" not in text, name
        assert '"seconds"' not in json.dumps(one.data)
    assert "\u2026/run-source.json" in from_file.html


def test_the_record_is_written_last_and_holds_the_digests(reported):
    record = runfolder.read_record(reported.path / "report")
    assert record is not None
    assert record.stage == "report"
    assert record.outputs == {name: runfolder.sha256(reported.path / name) for name in FILES}
    assert "evaluate/summary.json" in record.inputs


def test_the_funnel_adds_up(reported, from_file):
    for data in (reported.data, from_file.data):
        totals = data["totals"]
        assert totals["rejected"] == sum(step["dropped"] for step in data["funnel"])
        assert totals["candidates"] == totals["kept"] + totals["surplus"] + totals["rejected"]
        assert sum(one["n"] for one in data["categories"].values()) == totals["kept"] == data["verbs"]["instructions"]
        assert sum(one["share"] for one in data["categories"].values()) == pytest.approx(1.0, abs=1e-5)
        assert data["lengths"]["input"]["n"] + data["lengths"]["without_input"] == totals["kept"]
    assert reported.data["totals"]["requests"] == reported.data["cost"]["by_purpose"]["generate"]["replies"]
    assert reported.data["cost"]["usd"] == 0.0
    assert "output tokens, free of charge." in reported.html
    assert from_file.data["totals"]["requests"] == 0


def test_gains_and_tasks_are_those_of_the_summary(reported):
    summary = json.loads((reported.path / "evaluate/summary.json").read_text(encoding="utf-8"))
    for name, family in summary["families"].items():
        shown = reported.data["gains"][name]
        assert shown["absolute"] == family["gains"]["base"]["absolute"]
        assert shown["relative"] == family["gains"]["base"]["relative_estimate"]
        for who in ("base", "tuned", "trivial", "shuffled"):
            assert shown[who] == family[who]
    assert {"value", "low", "high", "n"} <= set(reported.data["gains"]["qa"]["absolute"])
    for name, task in summary["tasks"].items():
        for one in task["settings"]:
            shown = reported.data["tasks"][name][one["model"]][one["slug"]]
            assert (shown["metric"], shown["value"], shown["n"]) == (task["metric"], one["estimate"]["value"], task["n"])
            assert shown["outcomes"] == one["outcomes"]
            assert sum(shown["outcomes"].values()) == shown["n"]
            assert shown["graded_only"] == one["graded_only"]
        assert reported.data["comparisons"][name]["tests"] == task["tests"]
        changed = reported.data["comparisons"][name]["changed"]
        assert sum(changed.values()) == task["n"]
    assert reported.data["tests"] == summary["tests"]
    assert reported.data["gains"]["generation"]["note"] == "mean ROUGE-L; not the paper's metric: no judge was configured"


def test_training_holds_ours_and_the_control(reported, from_file):
    assert list(reported.data["training"]) == ["ours", "shuffled"]
    ours = reported.data["training"]["ours"]
    assert ours["finished"]
    assert (ours["steps"], ours["trained_records"], ours["cut"], ours["dropped"], ours["trained_tokens"]) == (90, 239, 3, 1, 4711)
    assert ours["last_loss"] < ours["first_loss"]
    assert len(ours["curve"]) == 90
    assert list(from_file.data["training"]) == ["ours"]


def test_the_label_says_what_is_embedded(reported, from_file):
    embedded = reported.data["embedded"]
    assert embedded == {"any": True, "base": True, "teacher": True, "tasks": list(reported.data["tasks"]), "of_tasks": 6}
    assert not from_file.data["embedded"]["teacher"]
    assert reported.data["label"].startswith("Embedded made-up world: teacher and test share an author")


def test_every_recipe_value_is_shown_as_given_or_default(reported):
    given = {one["field"] for one in reported.data["recipe"] if one["given"]}
    assert given == set(reported.resolved.given)
    assert {"seed", "tune.learning_rate", "evaluate.tasks"} <= {one["field"] for one in reported.data["recipe"]}


def test_traces_lead_back_to_the_reply(reported):
    kept = {one.id: one for one in jsonl.read(reported.path / "curate/instructions.jsonl", Instruction)}
    assert len(reported.data["traces"]) == 3
    assert len({one["category"] for one in reported.data["traces"]}) == 3
    for one in reported.data["traces"]:
        record = kept[one["id"]]
        assert one["instruction"]["text"] == record.instruction[:600]
        assert one["reply"]["verbatim"]
        assert one["reply"]["excerpt"]["text"].startswith(f"{one['position']}. Instruction: {record.instruction[:40]}")
        assert one["reply"]["excerpt"]["text"].endswith(record.output) or one["reply"]["excerpt"]["cut"]
        assert [seed["id"] for seed in one["seeds"]] == list(record.origin.seeds)
        assert all(seed["instruction"]["text"] for seed in one["seeds"])


def test_items_are_chosen_by_rule(reported):
    for name, found in reported.data["items"].items():
        assert len(found) == 3, name
        assert found[0]["why"] == "the first item"
        for one in found:
            base, tuned = one["answers"]["base"]["value"], one["answers"]["tuned"]["value"]
            assert ("tuned model scored higher" not in one["why"]) or tuned > base
            assert ("base scored higher" not in one["why"]) or base > tuned
            assert one["gold"]["text"]


def test_families_that_were_not_measured_are_null(from_file):
    gains = from_file.data["gains"]
    assert gains["ie"]["absolute"] is None
    assert gains["ie"]["reason"] == "no task of this family"
    assert gains["qa"]["shuffled"] is None
    assert from_file.data["cost"] == {"by_purpose": {}, "usd": None}
    assert all(one["method"] == "file" and one["reply"] is None for one in from_file.data["traces"])


def test_without_the_evaluation_there_is_no_page(from_file, tmp_path):
    with RunFolder(tmp_path / "run") as folder, pytest.raises(InputError, match="run the stage 'evaluate' first"):
        run.run(ReportSection(), folder=folder, resolved=from_file.resolved)


def test_what_is_absent_is_said(from_file, report, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(from_file.path, path)
    for name in ("curate", "generate", "tune"):
        shutil.rmtree(path / name)
    assert not (path / "ledger.sqlite").exists()  # nobody was asked
    data, html = report(path, from_file.resolved)
    assert data["training"] is None
    assert data["totals"]["candidates"] is None
    for text in (
        "This run folder holds no training.",
        "This run folder holds no curated instructions.",
        "This run folder holds no kept instructions.",
    ):
        assert text in html
    assert not (path / "ledger.sqlite").exists()


def test_an_unfinished_control_is_marked(reported, report, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(reported.path, path)
    (path / "tune/controls/shuffled/record.json").unlink()
    data, html = report(path, reported.resolved)
    assert not data["training"]["shuffled"]["finished"]
    assert "Control: shuffled (unfinished)" in html


def test_a_damaged_file_is_named(from_file, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(from_file.path, path)
    (path / "curate/funnel.json").write_text("{", encoding="utf-8")
    with RunFolder(path) as folder, pytest.raises(DataError, match=r"funnel\.json.*not JSON"):
        run.run(ReportSection(), folder=folder, resolved=from_file.resolved)


def test_a_summary_from_before_the_tests_is_told_how_to_renew(from_file, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(from_file.path, path)
    summary = json.loads((path / "evaluate/summary.json").read_text(encoding="utf-8"))
    del summary["tests"]
    (path / "evaluate/summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with RunFolder(path) as folder, pytest.raises(InputError, match=r"summary\.json: got a summary without tests; .*--regrade"):
        run.run(ReportSection(), folder=folder, resolved=from_file.resolved)


def test_a_reply_of_other_settings_is_not_taken_for_ours(reported, report, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(reported.path, path)
    section = reported.resolved.recipe.generate.model_copy(update={"temperature": 0.3})
    other = replace(reported.resolved, recipe=reported.resolved.recipe.model_copy(update={"generate": section}))
    data, html = report(path, other)
    assert all(one["reply"] is None for one in data["traces"])
    assert "The ledger holds no reply for this request and these settings." in html


def test_long_texts_are_cut_and_said_to_be(make_file_run, report, tmp_path: Path):
    long = {"instruction": "Summarize this note.", "input": "cough " * 400, "output": "A cough."}
    data, html = report(tmp_path / "run", make_file_run(tmp_path / "run", [long, {**long, "instruction": "List all the drugs of it."}]))
    assert data["traces"][0]["input"] == {"text": ("cough " * 400)[:600], "characters": 2399, "cut": True}
    assert "First 600 of 2,399 characters." in html


def test_paths_are_made_portable():
    assert portable("/home/someone/data/rows.json") == "\u2026/rows.json"
    assert portable("C:\\data\\rows.json") == "\u2026/rows.json"
    assert portable({"a": ["/x/y", "../shared/data", "org/name", 3, None]}) == {"a": ["\u2026/y", "../shared/data", "org/name", 3, None]}
