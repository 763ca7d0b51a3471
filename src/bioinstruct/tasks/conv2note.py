"""A dialogue between doctor and patient becomes a section of a note.

Data of `conv2note`: the folder with MTS-Dialog's `MTS-Dialog-ValidationSet.csv` (100, scored) and
`MTS-Dialog-TrainingSet.csv` (1,201, worked examples), columns ID, section_header, section_text, dialogue.
The training set is where one of the paper's own seeds was taken from: its rows are shown as examples, never scored.
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, Embedded, Files, Row, csv_rows

SECTIONS = {
    "ALLERGY": "allergies",
    "ASSESSMENT": "assessment",
    "CC": "chief complaint",
    "DIAGNOSIS": "diagnosis",
    "DISPOSITION": "disposition",
    "EDCOURSE": "emergency department course",
    "EXAM": "physical examination",
    "FAM/SOCHX": "family and social history",
    "GENHX": "history of present illness",
    "GYNHX": "gynecologic history",
    "IMAGING": "imaging",
    "IMMUNIZATIONS": "immunizations",
    "LABS": "laboratory results",
    "MEDICATIONS": "medications",
    "OTHER_HISTORY": "other history",
    "PASTMEDICALHX": "past medical history",
    "PASTSURGICAL": "past surgical history",
    "PLAN": "plan",
    "PROCEDURES": "procedures",
    "ROS": "review of systems",
}
"""MTS-Dialog's section headers in plain words."""

INSTRUCTION = (
    "Write the section '{section}' of the clinical note that a doctor would make from this conversation. "
    "Reply with the section's text alone."
)
PAPER = (
    "Conv2note (MEDIQA-Chat 2023 task A), one-shot; which split is not reported; measured by GPT-4 (coherence, completeness, "
    "naturalness), Concept-F1, BERTScore and BLEURT. ROUGE is not the paper's metric"
)
_FIELDS = ("section_header", "section_text", "dialogue")


def _scored(path: Path) -> list[Row]:
    return csv_rows(path / "MTS-Dialog-ValidationSet.csv", "ID", _FIELDS, "validation")


def _training(path: Path) -> list[Row] | None:
    return csv_rows(path / "MTS-Dialog-TrainingSet.csv", "ID", _FIELDS, "training")


def _item(row: Row) -> Item:
    section = SECTIONS[row.one_of("section_header", tuple(SECTIONS))]
    group = f"{row.split}-{row.name}"
    instruction = INSTRUCTION.format(section=section)
    return Item(f"conv2note/{group}", "conv2note", instruction, row.text("dialogue"), (row.text("section_text"),), (), group)


CONV2NOTE_EMBEDDED = Task(
    name="conv2note_embedded",
    family="generation",
    mode="generate",
    metric="rougeL",
    metrics=grading.ROUGE,
    chance=None,
    max_new_tokens=96,
    source=EMBEDDED_SOURCE,
    licence=EMBEDDED_LICENCE,
    version="2",
    paper_setting=f"stands for {PAPER}",
    paper_shots=1,
    description="A short made-up dialogue; answered with a note of a few short sentences.",
    data=Embedded("conv2note_embedded"),
    prompt=prompts.plain,
    grade=grading.text,
    trivial=trivial.EXAMPLES,
)

CONV2NOTE = Task(
    name="conv2note",
    family="generation",
    mode="generate",
    metric="rougeL",
    metrics=grading.ROUGE,
    chance=None,
    max_new_tokens=256,
    source="MTS-Dialog, validation split (100; Ben Abacha et al. 2023); worked examples from its training split (1,201)",
    licence="CC BY 4.0",
    version="1",
    paper_setting=PAPER,
    paper_shots=1,
    description="A doctor-patient dialogue and a section's name; answered with that section of the note.",
    data=Files("the folder with MTS-Dialog-ValidationSet.csv and MTS-Dialog-TrainingSet.csv", _scored, _item, _training),
    prompt=prompts.plain,
    grade=grading.text,
    trivial=trivial.EXAMPLES,
)
