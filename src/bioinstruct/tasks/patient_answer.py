"""A patient's message is answered as a doctor would.

Data of `icliniq`: ChatDoctor's icliniq file, a JSON array of {input, answer_icliniq, ...}; the answers of other models that
the file also holds are not read. The paper scores a random subset of 100: ask for `items: 100`; worked examples are items
that are not scored. The rights in the texts are unclear, so they do not come with us.
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.rows import Row, inside, json_array_rows
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files

INSTRUCTION = "You are a doctor who answers patients in writing. Reply to this patient's message with an explanation and clear advice."
PAPER = (
    "iCliniq, one-shot, a random subset of 100; measured by GPT-4 (coherence, completeness, naturalness), Concept-F1, BERTScore "
    "and BLEURT. ROUGE is not the paper's metric"
)


FILE = "iCliniq.json"
ACCESS = Access(
    (Copy("https://github.com/Kent0n-Li/ChatDoctor (its README links the file iCliniq-10k)", (FILE,)),),
    (
        "read the README of ChatDoctor: for research alone, rights in the texts are not stated",
        f"download the file that it links as iCliniq-10k and call it {FILE}",
    ),
)


def _scored(path: Path) -> list[Row]:
    return json_array_rows(inside(path, FILE))


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
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="2",
    paper_setting=f"stands for {PAPER}",
    paper_shots=1,
    description="A made-up patient's message; answered in two to four sentences.",
    data=Embedded("patient_answer_embedded"),
    prompt=prompts.plain,
    grade=grading.text,
    extraction=grading.TEXT_READ,
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
    source="ChatDoctor's iCliniq file (Li et al. 2023): messages to icliniq.com and its doctors' answers",
    split="its one split; the paper scores a random 100 (`evaluate.items: 100`); worked examples are unscored items",
    instruction=INSTRUCTION,
    licence="not stated by the source",
    version="1",
    paper_setting=PAPER,
    paper_shots=1,
    description="A patient's message to a medical platform; answered as its doctor did.",
    data=Files(f"ChatDoctor's icliniq JSON file, an array of {{input, answer_icliniq}}, or the folder with {FILE}", ACCESS, _scored, _item),
    prompt=prompts.plain,
    grade=grading.text,
    extraction=grading.TEXT_READ,
    trivial=trivial.EXAMPLES,
)
