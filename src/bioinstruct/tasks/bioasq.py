"""Yes/no questions on biomedical facts. Two sets of BioASQ, which share questions and are never mixed.

`bioasq_mirage`  618 questions of 2019-2023, closed book; data: MIRAGE's `benchmark.json`, or the folder with it
`bioasq_blurb`   the 140 of BLURB's test split (BioASQ 7b) with the snippets it gives; data: the folder with BLURB's `test.tsv` (scored) and
                 `train.tsv` (worked examples), or `test.tsv` alone: id, question, snippet and answer, separated by tabs, without a header
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.choices import BENCHMARK, LICENCE_NOTICE, MIRAGE, choice, part
from bioinstruct.tasks.rows import Row, inside, tab_rows
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files

INSTRUCTION = "Judge from biomedical knowledge whether the answer to this question is yes or no. Reply with yes or no alone."
PAPER = "BioASQ, zero-shot accuracy; n = 140 fits the printed scores (BLURB's yes/no test); prompt and context are not reported"
READ = "Judge from the abstract given with it whether the answer to this question is yes or no. Reply with yes or no alone."
LABELS = ("yes", "no")
TSV = ("test.tsv", "train.tsv")
FIELDS = ("id", "question", "snippet", "answer")


def _item(row: Row) -> Item:
    question, options, answer = choice(row)
    if options != LABELS:
        raise row.wrong("options", options, "yes and no, in this order")
    articles = row.get("PMID")
    if not isinstance(articles, list) or not articles or not all(type(number) is int for number in articles):
        raise row.wrong("PMID", articles, "a list of at least one article number")
    # Questions that rest on the same article are answered alike or not at all: one cluster.
    return Item(f"bioasq_mirage/{row.name}", "bioasq_mirage", INSTRUCTION, question, (answer,), LABELS, f"PMID {min(articles)}")


def _scored(path: Path) -> list[Row]:
    return tab_rows(inside(path, TSV[0]), FIELDS, "test")


def _training(path: Path) -> list[Row] | None:
    return tab_rows(path / TSV[1], FIELDS, "train") if (path / TSV[1]).exists() else None


def _blurb_item(row: Row) -> Item:
    answer = row.one_of("answer", LABELS)
    question, name = row.text("question"), row.identity("id")
    # A question may come with several snippets, each under an id of its own: one cluster.
    shown = f"Question: {question}\nAbstract: {row.text('snippet')}"
    return Item(f"bioasq_blurb/{row.split}-{name}", "bioasq_blurb", READ, shown, (answer,), LABELS, question.casefold())


BIOASQ_EMBEDDED = Task(
    name="bioasq_embedded",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.5,
    max_new_tokens=8,
    source=EMBEDDED_SOURCE,
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=0,
    description="Closed questions on one fact of the made-up world, answered yes or no.",
    data=Embedded("bioasq_embedded"),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)

BIOASQ_MIRAGE = Task(
    name="bioasq_mirage",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.5,
    max_new_tokens=8,
    source="BioASQ yes/no questions of 2019-2023, as in MIRAGE (Xiong et al. 2024), without their snippets",
    split="all 618; worked examples are unscored items of it",
    n=618,
    instruction=INSTRUCTION,
    licence=f"CC BY 2.5 (BioASQ); {LICENCE_NOTICE}",
    version="1",
    paper_setting=f"another set; the paper: {PAPER}",
    paper_shots=0,
    description="Biomedical yes/no questions, closed book.",
    data=Files(f"MIRAGE's {BENCHMARK} (its part 'bioasq'), or the folder with it", Access((MIRAGE,)), part("bioasq"), _item),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)

BIOASQ_BLURB = Task(
    name="bioasq_blurb",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.5,
    max_new_tokens=8,
    source="BioASQ 7b yes/no questions with their snippets, as in BLURB (Gu et al. 2021)",
    split="test (140); worked examples from the training split (670) where its file is there, else unscored items of the test split",
    n=140,
    instruction=READ,
    licence="BioASQ's terms of use (National Library of Medicine)",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="Biomedical yes/no questions, each with a snippet of an abstract that bears on it.",
    data=Files(
        "BLURB's BioASQ test.tsv, or the folder with it and train.tsv",
        Access(
            (Copy("http://participants-area.bioasq.org/datasets (BioASQ 7b), made into BLURB's files by its own script", TSV),),
            (
                "register at participants-area.bioasq.org and accept its terms",
                "download the training and test sets of Task 7b",
                "run BLURB's data_generation, which writes BioASQ/train.tsv, dev.tsv and test.tsv",
            ),
        ),
        _scored,
        _blurb_item,
        _training,
    ),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)
