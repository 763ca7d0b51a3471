"""Closed-book yes/no questions on biomedical facts."""

from __future__ import annotations

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.mirage import LICENCE_NOTICE, choice, part
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, Embedded, Row

INSTRUCTION = "Judge from biomedical knowledge whether the answer to this question is yes or no. Reply with yes or no alone."
PAPER = "BioASQ, zero-shot accuracy; n = 140 fits the printed scores (BLURB's yes/no test); prompt and context are not reported"
LABELS = ("yes", "no")


def _item(row: Row) -> Item:
    question, options, answer = choice(row)
    if options != LABELS:
        raise row.error("options", repr(options)[:80], "yes and no, in this order")
    articles = row.get("PMID")
    if not isinstance(articles, list) or not articles or not all(type(number) is int for number in articles):
        raise row.error("PMID", repr(articles)[:80], "a list of at least one article number")
    # Questions that rest on the same article are answered alike or not at all: one cluster.
    return Item(f"bioasq_mirage/{row.name}", "bioasq_mirage", INSTRUCTION, question, (answer,), LABELS, f"PMID {min(articles)}")


BIOASQ_EMBEDDED = Task(
    name="bioasq_embedded",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.5,
    max_new_tokens=8,
    source=EMBEDDED_SOURCE,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=0,
    description="Closed questions on one fact of the made-up world, answered yes or no.",
    data=Embedded("bioasq_embedded"),
    prompt=prompts.plain,
    grade=grading.label,
    trivial=trivial.LABELS,
)

BIOASQ_MIRAGE = Task(
    name="bioasq_mirage",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.5,
    max_new_tokens=8,
    source="BioASQ yes/no questions 2019-2023 (618), as in MIRAGE, without their snippets; worked examples are unscored items of it",
    licence=f"CC BY 2.5 (BioASQ); {LICENCE_NOTICE}",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="Biomedical yes/no questions, closed book.",
    data=part("bioasq", _item),
    prompt=prompts.plain,
    grade=grading.label,
    trivial=trivial.LABELS,
)
