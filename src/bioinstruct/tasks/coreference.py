"""What an expression in a clinical text refers to.

Data of `coreference`: JSON Lines of the re-annotated CASI snippets (Agrawal et al. 2022), one file, or a folder with
`test.jsonl` (100, scored) and `dev.jsonl` (5, worked examples). Fields: `index` (id), `snippet` (text), `expression`
(as it stands in the snippet) and `antecedents` (one or two, a JSON list or a text that holds one; the one that the answer
fits best counts). The names of the last two fields are ours. The data needs an agreement and does not come with us.
"""

from __future__ import annotations

from bioinstruct.core.records import Item
from bioinstruct.core.text import squeeze
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.rows import Row
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files, splits

INSTRUCTION = "Find what the quoted expression refers to in the passage. Reply with the words of the passage that name it alone."
PAPER = "CASI coreference, one-shot; P, R, F1 by overlap with the best of up to two antecedents; 100 test snippets; prompt not reported"

ACCESS = Access(
    (Copy("hf://datasets/mitclinicalml/clinical-ie", ("the files of its task 'coreference', written out as JSON Lines",)),),
    (
        "accept the terms of the CASI data set (conservancy.umn.edu/handle/11299/137703), which the snippets are from",
        "read the page mitclinicalml/clinical-ie of the hub and download its files",
        "write its rows as JSON Lines with the fields that this task reads (see docs/tasks.md)",
    ),
)

_scored, _training = splits("test.jsonl", "dev.jsonl")


def _item(row: Row) -> Item:
    passage, expression = row.text("snippet"), squeeze(row.text("expression"))
    if expression.lower() not in squeeze(passage).lower():
        raise row.error("expression", repr(expression)[:80], "words of the snippet")
    antecedents = row.texts("antecedents")
    if not antecedents:
        raise row.error("antecedents", "an empty list", "at least one antecedent")
    group = f"{row.split}-{row.identity('index')}"
    shown = f'Passage: {passage}\nExpression: "{expression}"'
    return Item(f"coreference/{group}", "coreference", INSTRUCTION, shown, antecedents, (), group)


COREFERENCE_EMBEDDED = Task(
    name="coreference_embedded",
    family="ie",
    mode="generate",
    metric="f1",
    metrics=grading.SPAN,
    chance=None,
    max_new_tokens=24,
    source=EMBEDDED_SOURCE,
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=1,
    description="A made-up passage and an expression of it; answered with the antecedent as it stands in the passage.",
    data=Embedded("coreference_embedded"),
    prompt=prompts.plain,
    grade=grading.span,
    extraction=grading.SPAN_READ,
    trivial=trivial.EXAMPLES,
)

COREFERENCE = Task(
    name="coreference",
    family="ie",
    mode="generate",
    metric="f1",
    metrics=grading.SPAN,
    chance=None,
    max_new_tokens=48,
    source="snippets of clinical notes (CASI, Moon et al. 2014), re-annotated by Agrawal et al. 2022",
    split="test (100); worked examples from the development split (5) where its file is there, else unscored items of the test split",
    n=100,
    instruction=INSTRUCTION,
    licence="CASI's terms of use (University of Minnesota); annotations as their authors state",
    version="1",
    paper_setting=PAPER,
    paper_shots=1,
    description="A snippet of a clinical note and a pronoun or noun phrase of it; answered with its antecedent.",
    data=Files("a JSONL file of snippets with antecedents, or the folder with test.jsonl and dev.jsonl", ACCESS, _scored, _item, _training),
    prompt=prompts.plain,
    grade=grading.span,
    extraction=grading.SPAN_READ,
    trivial=trivial.EXAMPLES,
)
