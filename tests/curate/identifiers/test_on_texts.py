"""What is found in the embedded world and, where they are there, in public data."""

from __future__ import annotations

import csv
import itertools
import json
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

import bioinstruct.embedded
from bioinstruct.curate.identifiers import find
from bioinstruct.embedded import documents, items
from bioinstruct.embedded.documents_clinic import SURNAMES
from bioinstruct.embedded.items_wording import SURNAMES as ITEM_SURNAMES
from bioinstruct.embedded.teacher import reply
from bioinstruct.generate import seeds

TABLES = sorted((Path(bioinstruct.embedded.__file__).parent / "knowledge").glob("*.tsv"))
TASKS = ("usmle", "medmcqa", "pubmedqa", "bioasq", "nli", "medication_status", "coreference", "conv2note", "patient_answer")
PROMPT = "List of 30 tasks:\n1. Instruction: Name it.\n1. Input: x\n1. Output: y\n"
DATA = Path(__file__).parents[3] / ".." / "shared" / "data"


def values(texts: Iterable[str]) -> set[tuple[str, str]]:
    return {(one.kind, text[one.start : one.end]) for text in texts for one in find(text)}


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_no_abbreviation_dose_or_lab_value_of_the_tables_is_flagged(table):
    text = table.read_text(encoding="utf-8")
    assert values([text, text.replace("\t", " "), *text.replace("\n", "\t").split("\t")]) == set()


def test_the_six_tables_are_read():
    assert [table.stem for table in TABLES] == ["abbreviations", "classes", "conditions", "drugs", "findings", "tests"]


@pytest.mark.parametrize("mix", ["broad", "skills"])
def test_of_what_the_base_reads_only_invented_surnames_and_high_ages_are_flagged(mix):
    found = values(text for _, text in itertools.islice(documents.stream(11, mix), 400))
    assert {value for kind, value in found if kind == "name"} <= set(SURNAMES)
    assert all(90 <= int(value) <= 99 for kind, value in found if kind == "age_over_89")
    assert {kind for kind, _ in found} == {"name", "age_over_89"}


def test_of_the_items_only_invented_surnames_and_high_ages_are_flagged():
    found = values(text for task in TASKS for text in items.documents(items.make(f"{task}_embedded", 40, 3)))
    assert {value for kind, value in found if kind == "name"} <= {*SURNAMES, *ITEM_SURNAMES}
    assert {kind for kind, _ in found} <= {"name", "age_over_89"}


def test_nothing_that_the_embedded_teacher_writes_is_flagged():
    assert values(reply(PROMPT, seed).text for seed in range(12)) == set()


def test_of_the_seeds_only_invented_persons_are_flagged():
    found = values(f"{seed.instruction}\n{seed.input}\n{seed.output}" for seed in seeds.load("builtin"))
    assert {kind for kind, _ in found} == {"name", "date", "address"}
    assert {value for kind, value in found if kind != "date"} == {"Oduro", "Farrow", "Marta Lindqvist", "14 Mill Lane"}


# Public data: docs/identifiers.md says what the findings are.


@pytest.fixture
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip("the public data (../shared/data) are not beside the checkout")
    return DATA


@pytest.mark.real
def test_in_the_released_sample_only_one_invented_name_is_flagged(data):
    rows = json.loads((data / "bioinstruct_112.json").read_text(encoding="utf-8"))
    assert values(f"{row['instruction']}\n{row['input']}\n{row['output']}" for row in rows) == {("name", "Smith")}


@pytest.mark.real
def test_in_abstracts_only_dates_and_web_addresses_are_flagged(data):
    rows = json.loads((data / "pubmedqa" / "ori_pqal.json").read_text(encoding="utf-8")).values()
    texts = ("\n".join([row["QUESTION"], *row["CONTEXTS"], row["LONG_ANSWER"]]) for row in itertools.islice(rows, 300))
    assert {kind for kind, _ in values(texts)} <= {"date", "url"}


@pytest.mark.real
def test_in_dialogues_with_masked_names_what_was_left_is_flagged(data):
    with (data / "mts_dialog" / "MTS-Dialog-ValidationSet.csv").open(encoding="utf-8", newline="") as file:
        found = values(f"{row['section_text']}\n{row['dialogue']}" for row in csv.DictReader(file))
    assert {kind for kind, _ in found} <= {"name", "date", "age_over_89"}
    assert ("date", "01/10/09") in found
    assert not {value for kind, value in found if kind == "name"} & {"X", "A", "ABC", "XYZ"}


@pytest.mark.real
def test_in_consumer_health_answers_no_number_of_a_person_is_flagged(data):
    lines = (data / "medquad_qa.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in random.Random(1).sample(lines, 400)]
    found = {kind for kind, _ in values(f"{row['question']}\n{row['answer']}" for row in rows)}
    assert found <= {"url", "phone", "fax", "email", "date", "address", "name"}
