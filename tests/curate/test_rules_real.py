"""The rules on real records: whatever they drop was looked at."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.instruction_file import no_input
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules import RULES

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
SECTION = CurateSection()
ON = [rule for rule in RULES.values() if rule.default]


@pytest.fixture(scope="module")
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip("the public data (../shared/data) are not beside the checkout")
    return DATA


def candidate(row: dict[str, Any]) -> Candidate:
    given = row.get("input", "").strip()
    return Candidate(0, 1, row["instruction"].strip(), "" if no_input(given) else given, row["output"].strip())


def dropped(rows: Iterable[dict[str, Any]]) -> Counter[str]:
    """Rule -> rows that it would drop if it were asked alone, of the rules that are on."""
    found = [candidate(row) for row in rows]
    assert found
    return Counter(rule.name for one in found for rule in ON if rule.find(one, SECTION))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_built_in_seeds():
    rows = lines(ROOT / "src" / "bioinstruct" / "generate" / "seeds.jsonl")
    assert dropped(rows) == {}


@pytest.mark.real
def test_bioinstruct(data: Path):
    """Two inputs are no data but the words "gene expression data from ... patients"."""
    assert dropped(json.loads((data / "bioinstruct_112.json").read_text(encoding="utf-8"))) == {"unspecific_input": 2}


@pytest.mark.real
def test_self_instruct_seeds(data: Path):
    """Two refuse to give personal data away, on purpose."""
    tasks = lines(data / "self_instruct_seed_tasks.jsonl")
    assert dropped({**task, **instance} for task in tasks for instance in task["instances"]) == {"refusal": 2}


@pytest.mark.real
def test_medquad(data: Path):
    """Of the last quarter, four answers stop at a colon, where the site that they were taken from went on with a list."""
    rows = lines(data / "medquad_qa.jsonl")[12_300:]
    assert dropped({"instruction": row["question"], "output": row["answer"]} for row in rows) == {"output_cut_off": 4}


@pytest.mark.real
def test_dialogues_and_note_sections(data: Path):
    rows: list[dict[str, Any]] = []
    for path in sorted((data / "mts_dialog").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += [
                {"instruction": "Write this section.", "input": row["dialogue"], "output": row["section_text"]}
                for row in csv.DictReader(file)
            ]
    assert dropped(rows) == {}


OPTIONS = (
    lambda options: "\n".join(f"{letter}. {text}" for letter, text in options.items()),
    lambda options: "\n".join(f"({letter}) {text}" for letter, text in options.items()),
    lambda options: " ".join(f"{letter}) {text}" for letter, text in options.items()),
    lambda options: "\n".join(f"- {text}" for text in options.values()),
    lambda options: "Options: " + "; ".join(options.values()),
)
ANSWERS = (
    lambda letter, text: text,
    lambda letter, text: text.lower().rstrip("."),
    lambda letter, text: f"{text}, because it fits best.",
    lambda letter, text: letter,
    lambda letter, text: f"({letter})",
    lambda letter, text: f"{letter}. {text}",
    lambda letter, text: f"The correct answer is {letter}.",
)


@pytest.mark.real
def test_right_and_wrong_answers_to_choice_questions(data: Path):
    """6,545 questions of MedQA, MedMCQA and MMLU, their options listed in five ways and the answers given in seven."""
    benchmark = json.loads((data / "mirage" / "benchmark.json").read_text(encoding="utf-8"))
    items = [item for name in ("medqa", "medmcqa", "mmlu") for item in benchmark[name].values()]
    dice = random.Random(0)
    others = [text for item in items for text in item["options"].values()]
    right, wrong = 0, 0
    for number, item in enumerate(items):
        listed = OPTIONS[number % 5](item["options"])
        answer = ANSWERS[number % (3 if number % 5 >= 3 else 7)](item["answer"], item["options"][item["answer"]])
        task = {"instruction": "Choose the correct answer to the question below.", "input": f"{item['question']}\n{listed}"}
        rule = RULES["answer_not_an_option"]
        right += rule.find(candidate({**task, "output": answer}), SECTION) is not None
        wrong += rule.find(candidate({**task, "output": dice.choice(others)}), SECTION) is not None
    assert len(items) == 6545
    assert right == 0
    assert wrong >= 0.95 * len(items)
