"""Test items in records: planted ones are found, records written without sight of the items are not."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import CurateSection, EvaluateSection
from bioinstruct.core.records import Candidate, Instruction, Item, Origin, Rejected
from bioinstruct.curate import run as curate
from bioinstruct.curate import sources
from bioinstruct.curate.contamination import Contamination, Leak, Record, Source, source_of
from bioinstruct.tasks import TASKS, ItemRequest

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
CASE = (
    "A 61-year-old man comes to the clinic with three weeks of swelling of both legs and foamy urine after a long course of an "
    "anti-inflammatory drug for his knees. Which glomerular disease is the most likely one?"
)
OPTIONS = ("membranous nephropathy", "minimal change disease", "amyloidosis", "lupus nephritis")
ITEM = Item("usmle/1", "usmle", "Choose the right option.", CASE, ("minimal change disease",), OPTIONS)
PASSAGE = Item(
    "pubmed/7",
    "pubmed",
    "Answer yes or no.",
    "Question: Does early walking shorten the stay after hip surgery?\nAbstract: We followed 212 people for six months after a hip "
    "replacement. Half of them walked on the first day with a therapist, the others on the third day. Those who walked early went home "
    "1.4 days sooner and needed fewer tablets against pain, while falls were equally rare in both groups.",
    ("yes",),
    ("yes", "no"),
)
SHORT = Item("mcq/3", "mcq", "Choose.", "Ranula is a:", ("retention cyst",), ("retention cyst", "fibroma", "skin tag", "lipoma"))
QUESTION = Item("bio/4", "bio", "Yes or no?", "Is tranexamic acid effective for intracerebral haemorrhage?", ("no",), ("yes", "no"))
AGAINST = Contamination([source_of(item) for item in (ITEM, PASSAGE, SHORT, QUESTION)])


def find(instruction: str, input: str = "", output: str = "x") -> Leak | None:
    return next(iter(AGAINST.find([Record(instruction, input, output)])))


@pytest.mark.parametrize(
    ("record", "source", "how"),
    [
        ((CASE,), "usmle/1", "exact"),
        (("Answer.", CASE.upper().replace(".", "").replace("-", " ")), "usmle/1", "exact"),
        (
            ("Answer.", CASE + "\nA. lupus nephritis\nB. amyloidosis\nC. minimal change disease\nD. membranous nephropathy"),
            "usmle/1",
            "exact",
        ),
        (("Answer: " + CASE + " Give a reason for your answer.",), "usmle/1", "n-gram"),
        (("Summarize.", " ".join(PASSAGE.input.split()[:40])), "pubmed/7", "n-gram"),
        (("Summarize.", " ".join(PASSAGE.input.split()[35:])), "pubmed/7", "n-gram"),
        (("Does early walking shorten the stay after hip surgery?",), "pubmed/7", "exact"),
        (("Does early walking shorten the time after hip surgery?",), "pubmed/7", "paraphrase"),
        (("Is tranexamic acid helpful for intracerebral haemorrhage?",), "bio/4", "paraphrase"),
        (("Ranula is a",), "mcq/3", "exact"),
        (("Choose.", "Ranula is a:\nA) lipoma\nB) fibroma\nC) skin tag\nD) retention cyst"), "mcq/3", "exact"),
        (("Write it.", "y", CASE), "usmle/1", "exact"),
    ],
)
def test_planted_items_are_found(record: tuple[str, ...], source: str, how: str) -> None:
    leak = find(*record)
    assert leak is not None
    assert (leak.id, leak.how) == (source, how)
    assert 0.4 < leak.score <= 1.0


@pytest.mark.parametrize(
    "record",
    [
        ("Is metformin effective for obesity?",),  # the template of a short question, another subject
        ("Name the disease.", "foamy urine", "minimal change disease"),  # an answer that an item has, too
        ("Choose the right option.", "Fever and cough", "influenza"),  # what all items of a task share
        ("Is this right?", "yes", "no"),
        ("", "", ""),
    ],
)
def test_what_is_no_leak(record: tuple[str, ...]) -> None:
    assert find(*record) is None


def test_sequences_of_many_sources_tell_nothing() -> None:
    frame = "the following statements about the treatment of this condition in adults are all true except for one of them"
    many = [Source("t", str(n), (f"{frame} drug{n} dose{n} route{n}",)) for n in range(40)]
    found = list(Contamination(many).find([Record(f"Say which of {frame} in your own words please.", "", "x")]))
    assert found == [None]


def candidates() -> list[Candidate]:
    texts = [
        ("Name the class.", "metformin", "biguanide"),
        ("Answer the question.", CASE, "minimal change disease"),
        ("Explain what fever is.", "", "A rise."),
    ]
    return [Candidate(0, place, *text) for place, text in enumerate(texts, 4)]


@pytest.mark.parametrize(("mode", "n_kept"), [("drop", 2), ("report", 3)])
def test_the_stage_drops_or_reports(tmp_path: Path, mode: Any, n_kept: int) -> None:
    record = curate.run(
        CurateSection(contamination=mode), candidates(), seeds=[], before=[], origins=lambda one: Origin("teacher", position=one.position),
        folder=tmp_path, inputs={}, progress=Silent(), against=AGAINST,
    )  # fmt: skip
    assert record.counts["kept"] == n_kept == len(list(jsonl.read(tmp_path / "instructions.jsonl", Instruction)))
    assert record.counts["dropped.contamination"] == 3 - n_kept
    reported = list(jsonl.read(tmp_path / "contamination.jsonl", curate.Reported))
    assert [(one.leak.id, one.leak.how) for one in reported] == [("usmle/1", "exact")]
    for one in jsonl.read(tmp_path / "rejected.jsonl", Rejected):
        assert one.instruction.id == reported[0].record
        assert one.verdict.evidence["benchmark"] == "usmle"


def test_a_seed_that_holds_an_item_is_told_with_its_texts() -> None:
    seeds = [("s1", Record("Name the class.", "metformin", "biguanide")), ("s2", Record("Answer.", "", CASE))]
    (found,) = sources.in_seeds(seeds, sources.Against(AGAINST, "", {}))
    assert (found.seed, found.text, found.leak.id) == ("s2", f"Answer.\n{CASE}", "usmle/1")


@pytest.mark.parametrize(
    "text", ['[{"q": "one two three four five six"}]', '{"q": ["one two three four five six"]}', "one two three four five six\n\n"]
)
def test_rows_of_any_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "held-out.txt"
    path.write_text(text, encoding="utf-8")
    found = sources.collect(CurateSection(against=[str(path)]), EvaluateSection(tasks=["nli_embedded"], items=1))
    assert found[-1] == Source("held-out.txt", "1", ("one two three four five six",))
    assert sources.digest(found) != sources.digest(found[:-1])


@pytest.mark.parametrize(("text", "got"), [("", "no rows"), ("[1", "text that is not JSON"), ('{"a": 1}\n{', "text that is not JSON")])
def test_files_that_are_none(tmp_path: Path, text: str, got: str) -> None:
    path = tmp_path / "held-out.jsonl"
    path.write_text(text, encoding="utf-8")
    section = CurateSection(against=[str(path)])
    problems = sources.problems(section, EvaluateSection())
    assert [one.place for one in problems] == [f"curate.against: {path}"]
    assert got in problems[0].got
    with pytest.raises(DataError):
        sources.collect(section, EvaluateSection(tasks=["nli_embedded"], items=1))
    assert sources.problems(CurateSection(against=[str(path)], contamination="off"), EvaluateSection(tasks=["none"])) == []


def real(task: str, place: str, n: int = 0) -> list[Item]:
    """So many items of a task, 0 = all."""
    return TASKS.get(task).collect(ItemRequest(DATA / place, n, 1)).items


@pytest.fixture(scope="module")
def real_items() -> list[Item]:
    if not DATA.is_dir():
        pytest.skip("the public data (../shared/data) are not beside the checkout")
    mirage = [item for task in ("medmcqa", "medqa_4", "bioasq_mirage") for item in real(task, "mirage/benchmark.json", 600)]
    return [*real("pubmedqa", "pubmedqa"), *mirage, *real("conv2note", "mts_dialog")]


@pytest.fixture(scope="module")
def real_against(real_items: list[Item]) -> Contamination:
    return Contamination([source_of(item) for item in real_items])


def options(item: Item, order: Callable[[list[str]], list[str]] = list) -> str:
    listed = order(list(item.options)) if len(item.options) > 3 else []
    return "\n".join(f"{letter}. {text}" for letter, text in zip("ABCDEF", listed, strict=False))


def changed(text: str, dice: random.Random) -> str:
    return " ".join("otherwise" if dice.random() < 0.1 else word for word in text.split(" "))


PLANTED: dict[str, tuple[Callable[[Item, random.Random], Record], float]] = {
    "verbatim": (lambda item, _: Record("Answer.", f"{item.input}\n{options(item)}", item.references[0]), 1.0),
    "case and punctuation": (
        lambda item, _: Record("Answer.", re.sub(r"[,.;:?!]", "", f"{item.input}\n{options(item)}".upper()), "x"),
        1.0,
    ),
    "options reordered": (
        lambda item, dice: Record("Answer.", f"{item.input}\n{options(item, lambda all_: dice.sample(all_, len(all_)))}", "x"),
        1.0,
    ),
    "half a passage": (lambda item, _: Record("Summarize.", " ".join(item.input.split(" ")[: len(item.input.split(" ")) // 2]), "x"), 0.95),
    "one word in ten replaced": (
        lambda item, dice: Record("Answer.", f"{changed(item.input, dice)}\n{options(item)}", item.references[0]),
        0.9,
    ),
}


@pytest.mark.real
@pytest.mark.parametrize("kind", PLANTED)
def test_real_items_that_are_planted(kind: str, real_items: list[Item], real_against: Contamination) -> None:
    dice = random.Random(5)
    long = [item for item in real_items if len(item.input.split()) > 60]
    chosen = dice.sample(long if kind == "half a passage" else real_items, 500)
    plant, goal = PLANTED[kind]
    found = [leak is not None for leak in real_against.find([plant(item, dice) for item in chosen])]
    assert sum(found) / len(found) >= goal


@pytest.mark.real
def test_records_written_without_sight_of_the_items(real_items: list[Item]) -> None:
    """Questions and answers of MedQuAD against PubMedQA and MTS-Dialog: under 0.5 % flagged."""
    against = Contamination([source_of(item) for item in real_items if item.task in ("pubmedqa", "conv2note")])
    rows = [json.loads(line) for line in (DATA / "medquad_qa.jsonl").read_text(encoding="utf-8").splitlines()]
    records = [Record(row["question"], "", row["answer"]) for row in random.Random(6).sample(rows, 1000)]
    assert sum(leak is not None for leak in against.find(records)) < 5
