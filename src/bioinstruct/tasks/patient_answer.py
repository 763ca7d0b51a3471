"""A patient's message is answered as a doctor would.

Data of `icliniq`: ChatDoctor's icliniq file, a JSON array of {input, answer_icliniq, ...}; the answers of other models that
the file also holds are not read. The paper scores a random subset of 100: ask for `items: 100`; worked examples are items
that are not scored. The rights in the texts are unclear, so they do not come with us.
"""

from __future__ import annotations

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, Embedded, Files, Row, json_array_rows

INSTRUCTION = "You are a doctor who answers patients in writing. Reply to this patient's message with an explanation and clear advice."
PAPER = (
    "iCliniq, one-shot, a random subset of 100; measured by GPT-4 (coherence, completeness, naturalness), Concept-F1, BERTScore "
    "and BLEURT. ROUGE is not the paper's metric"
)


def _item(row: Row) -> Item:
    return Item(f"icliniq/{row.name}", "icliniq", INSTRUCTION, row.text("input"), (row.text("answer_icliniq"),), (), row.name)


PATIENT_ANSWER_EMBEDDED = Task(
    name="patient_answer_embedded",
    family="generation",
    mode="generate",
    metric="rougeL",
    metrics=grading.ROUGE,
    chance=None,
    max_new_tokens=128,
    source=EMBEDDED_SOURCE,
    licence=EMBEDDED_LICENCE,
    version="2",
    paper_setting=f"stands for {PAPER}",
    paper_shots=1,
    description="A made-up patient's message; answered in two to four sentences.",
    data=Embedded("patient_answer_embedded"),
    prompt=prompts.plain,
    grade=grading.text,
    trivial=trivial.EXAMPLES,
)

ICLINIQ = Task(
    name="icliniq",
    family="generation",
    mode="generate",
    metric="rougeL",
    metrics=grading.ROUGE,
    chance=None,
    max_new_tokens=256,
    source="ChatDoctor's iCliniq file (Li et al. 2023), one split; worked examples are its unscored items",
    licence="not stated by the source",
    version="1",
    paper_setting=PAPER,
    paper_shots=1,
    description="A patient's message to a medical platform; answered as its doctor did.",
    data=Files("ChatDoctor's icliniq JSON file: an array of {input, answer_icliniq}", json_array_rows, _item),
    prompt=prompts.plain,
    grade=grading.text,
    trivial=trivial.EXAMPLES,
)
