"""Curation as a user meets it: labels and checks in a run, seeds that hold test items, files with bad rows."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.records import Instruction
from bioinstruct.curate.checking import Check
from bioinstruct.curate.labelling import Label
from bioinstruct.generate import seeds

SMALL = ("generate.target=30", "evaluate.items=5")
ASKING = ("curate.labeller=teacher", "curate.checks=[answers, quality]", "curate.check_answers=2")


def asked(run: Path) -> dict[str, int]:
    database = sqlite3.connect(run / "ledger.sqlite")
    found = dict(database.execute("SELECT purpose, count(*) FROM attempts GROUP BY purpose").fetchall())
    database.close()
    return found


def kept(run: Path) -> list[Instruction]:
    return list(jsonl.read(run / "curate" / "instructions.jsonl", Instruction))


def test_labels_and_checks_of_what_is_kept(command: Any, tmp_path: Path, bytes_below: Any):
    assert command("generate", "--out", "plain", *SMALL).code == 0
    outcome = command("generate", "--out", "asked", *SMALL, *ASKING)
    assert outcome.code == 0, outcome
    run = tmp_path / "asked"
    assert {one: n for one, n in asked(run).items() if one != "generate"} == {"label": 30, "check": 90}
    labels = list(jsonl.read(run / "curate" / "labels.jsonl", Label))
    checks = list(jsonl.read(run / "curate" / "checks.jsonl", Check))
    records = kept(run)
    assert [one.record for one in labels] == [one.id for one in records] == [one.id for one in kept(tmp_path / "plain")]
    assert [one.category for one in records] == [one.category for one in labels]
    assert len(checks) == 60
    told = json.loads((run / "curate" / "statistics.json").read_text())
    assert told["labels"]["records"] == 30 == sum(told["labels"]["outcomes"].values())
    assert set(told["checks"]["checks"]) == {"answers", "quality"}
    before = bytes_below(run / "curate")
    shutil.rmtree(run / "curate")
    (run / "generate" / "record.json").unlink()
    assert command("generate", "--out", "asked", *SMALL, *ASKING).code == 0
    assert sum(asked(run).values()) == 120 + asked(run)["generate"]  # nothing is asked again
    again = bytes_below(run / "curate", "record.json")
    assert again == {name: data for name, data in before.items() if not name.endswith("record.json")}


def test_a_file_is_labelled_by_the_teacher_too(command: Any, tmp_path: Path):
    rows = [
        {"instruction": "List the drugs in the note.", "input": "She takes metformin and aspirin.", "output": "metformin; aspirin"},
        {"instruction": "Why does the heart beat faster in fever?", "output": "Heat speeds up its pacemaker cells."},
    ]
    (tmp_path / "mine.json").write_text(json.dumps(rows))
    dry = command("generate", "--dry-run", "--out", "run", "generate.instructions=mine.json", "evaluate.items=5", *ASKING)
    assert dry.code == 0, dry
    assert "generate: nothing is asked, the instructions come from mine.json" in dry.out
    assert "labels: at most 2 requests about 2 records" in dry.out
    assert "check 'answers': at most 4 requests about 2 records" in dry.out
    assert "cost: none" in dry.out
    assert command("curate", "--instructions", "mine.json", "--out", "run", "evaluate.items=5", *ASKING).code == 0
    assert asked(tmp_path / "run") == {"label": 2, "check": 6}


def test_labels_by_a_paid_teacher_are_priced_and_need_its_key(command: Any, tmp_path: Path, expect: Any, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mine.json").write_text(json.dumps([{"instruction": "Name the drug.", "output": "aspirin"}]))
    words = ("--out", "run", "generate.instructions=mine.json", "generate.teacher=gpt-4o", "evaluate.items=5", "curate.labeller=teacher")
    expect(command("generate", "--dry-run", *words), ["OPENAI_API_KEY"])
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    outcome = command("generate", "--dry-run", *words)
    assert outcome.code == 0, outcome
    assert "cost: about $0.00 still to come at $" in outcome.out
    without = command("generate", "--dry-run", *[word for word in words if not word.startswith("curate")])
    assert "cost" not in without.out


def leaking_seed(tmp_path: Path) -> str:
    """A seeds file one of whose seeds is a test item of `leaks.jsonl`; its override."""
    rows = [{"id": one.id, "instruction": one.instruction, "input": one.input, "output": one.output} for one in seeds.load("builtin")[:5]]
    question = "Which enzyme of the liver breaks down the anticoagulant warfarin in most adult patients of European descent?"
    rows[3] |= {"instruction": "Answer the question.", "input": question, "output": "CYP2C9"}
    (tmp_path / "seeds.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "leaks.jsonl").write_text(json.dumps({"question": question}) + "\n")
    return rows[3]["id"]


def test_a_seed_that_holds_a_test_item_stops_the_run_before_it_asks(command: Any, tmp_path: Path, expect: Any):
    name = leaking_seed(tmp_path)
    words = ("generate.seeds=seeds.jsonl", "curate.against=[leaks.jsonl]", *SMALL)
    for command_words in (("check",), ("generate", "--out", "run")):
        expect(
            command(*command_words, *words),
            [f"generate.seeds: {name}: got the item 1 of leaks.jsonl (exact)", "curate.contamination=report"],
        )
    assert not (tmp_path / "run").exists()


def test_on_request_it_is_only_reported(command: Any, tmp_path: Path):
    name = leaking_seed(tmp_path)
    words = ("generate.seeds=seeds.jsonl", "curate.against=[leaks.jsonl]", "curate.contamination=report", *SMALL)
    assert command("generate", "--out", "run", *words).code == 0
    told = json.loads((tmp_path / "run" / "curate" / "seed_contamination.json").read_text())
    assert [one["seed"] for one in told["findings"]] == [name]
    assert told["seeds"] == 5
    compared = json.loads((tmp_path / "run" / "curate" / "sources.json").read_text())
    assert compared["leaks.jsonl"]["items"] == 1
    assert compared["bioasq_embedded"]["items"] == 5


def test_bad_rows_stop_or_are_skipped_and_counted(command: Any, tmp_path: Path, expect: Any):
    good = {"instruction": "Name the class of the drug in the note.", "input": "metformin", "output": "biguanide"}
    (tmp_path / "mine.jsonl").write_text(f"{json.dumps(good)}\n{{\n{json.dumps({**good, 'output': 3})}\n")
    words = ("curate", "--instructions", "mine.jsonl", "--out", "run", "evaluate.items=5")
    expect(command(*words), ["mine.jsonl, line 2: got text that is not JSON"])
    assert command(*words, "--on-bad-row", "skip").code == 0
    lines = (tmp_path / "run" / "generate" / "unparsed.jsonl").read_text().splitlines()
    assert [json.loads(line)["position"] for line in lines] == [2, 3]
    record = json.loads((tmp_path / "run" / "generate" / "record.json").read_text())
    assert record["counts"]["unparsed.unreadable_row"] == 2
    (tmp_path / "bad.jsonl").write_text("{\n")
    expect(command("curate", "--instructions", "bad.jsonl", "--out", "other", "--on-bad-row", "skip"), ["no row that can be read"])


ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
RELEASED = ROOT / "recipes" / "released-bioinstruct.yaml"


@pytest.mark.real
def test_the_recipe_of_the_released_file_on_genuine_records(command: Any, tmp_path: Path):
    """Its code path, on the 112 records at hand in place of the 25,005 of the hub."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there")
    places = {"medqa_4": "mirage/benchmark.json", "pubmedqa": "pubmedqa", "conv2note": "mts_dialog"}
    files = "{" + ", ".join(f"{task}: {DATA / place}" for task, place in places.items()) + "}"
    words = [f"generate.instructions={DATA / 'bioinstruct_112.json'}", f"evaluate.tasks=[{', '.join(places)}]", f"evaluate.files={files}"]
    outcome = command("curate", str(RELEASED), "--out", "run", *words)
    assert outcome.code == 0, outcome
    told = json.loads((tmp_path / "run" / "curate" / "statistics.json").read_text())
    assert told["funnel"]["candidates"] == 112
    assert told["funnel"]["kept"] + told["funnel"]["rejected"] == 112
    assert told["funnel"]["kept"] > 100
    compared = json.loads((tmp_path / "run" / "curate" / "sources.json").read_text())
    assert {name: one["items"] for name, one in compared.items()} == {"medqa_4": 1273, "pubmedqa": 500, "conv2note": 100}
    marked = (tmp_path / "run" / "curate" / "identifiers.jsonl").read_text()
    assert '"kind": "name"' in marked


def test_the_recipe_of_the_released_file_names_the_hubs_file(monkeypatch: pytest.MonkeyPatch, command: Any, expect: Any):
    """Without a network and nothing in the cache, the hub's own words are told, and nothing else is tried."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="the extra hub is not installed")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    shown = command("curate", str(RELEASED), "--out", "run", "evaluate.tasks=[bioasq_embedded]", "evaluate.items=3")
    expect(shown, ["hf://datasets/bio-nlp-umass/bioinstruct/biomed_instruct_25k.json: got "])
