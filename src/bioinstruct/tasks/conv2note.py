"""A dialogue between doctor and patient becomes a section of a note.

Data of `conv2note`: the folder with MTS-Dialog's `MTS-Dialog-ValidationSet.csv` (100, scored) and
`MTS-Dialog-TrainingSet.csv` (1,201, worked examples), columns ID, section_header, section_text, dialogue. Data of `conv2note_test`: the
same with `MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv` (200) in the place of the validation set.
The training set is where one of the paper's own seeds was taken from: its rows are shown as examples, never scored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.rows import Row, csv_rows
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files

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
FIELDS = ("section_header", "section_text", "dialogue")
VALIDATION, TRAINING = "MTS-Dialog-ValidationSet.csv", "MTS-Dialog-TrainingSet.csv"
TEST = "MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv"
ACCESS = Access(
    (
        Copy(
            "https://github.com/abachaa/MTS-Dialog (Main-Dataset)",
            (VALIDATION, TEST, TRAINING),
            sha256={
                VALIDATION: "227206520c4534381c0d7fba6d3f09319a9af5a6d9603a93c0341af1198e3958",
                TRAINING: "65a28681dd59fc159681ea026e44610f2af7bc64a0e7f892d763eb03d9f503dc",
            },
        ),
    )
)


def _validation(path: Path) -> list[Row]:
    return csv_rows(path / VALIDATION, "ID", FIELDS, "validation")


def _test(path: Path) -> list[Row]:
    return csv_rows(path / TEST, "ID", FIELDS, "test")


def _training(path: Path) -> list[Row] | None:
    return csv_rows(path / TRAINING, "ID", FIELDS, "training")


def _item(task: str) -> Callable[[Row], Item]:
    def item(row: Row) -> Item:
        section = SECTIONS[row.one_of("section_header", tuple(SECTIONS))]
        group = f"{row.split}-{row.name}"
        instruction = INSTRUCTION.format(section=section)
        return Item(f"{task}/{group}", task, instruction, row.text("dialogue"), (row.text("section_text"),), (), group)

    return item


CONV2NOTE_EMBEDDED = Task(
    name="conv2note_embedded",
    family="generation",
    mode="generate",
    metric="rougeL",
    metrics=grading.ROUGE,
    chance=None,
    max_new_tokens=96,
    source=EMBEDDED_SOURCE,
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="2",
    paper_setting=f"stands for {PAPER}",
    paper_shots=1,
    description="A short made-up dialogue; answered with a note of a few short sentences.",
    data=Embedded("conv2note_embedded"),
    prompt=prompts.plain,
    grade=grading.text,
    extraction=grading.TEXT_READ,
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
    source="MTS-Dialog (Ben Abacha et al. 2023)",
    split="validation (100); worked examples from the training split (1,201)",
    n=100,
    instruction=INSTRUCTION,
    licence="CC BY 4.0",
    version="1",
    paper_setting=PAPER,
    paper_shots=1,
    description="A doctor-patient dialogue and a section's name; answered with that section of the note.",
    data=Files(f"the folder with {VALIDATION} and {TRAINING}", ACCESS, _validation, _item("conv2note"), _training),
    prompt=prompts.plain,
    grade=grading.text,
    extraction=grading.TEXT_READ,
    trivial=trivial.EXAMPLES,
)

CONV2NOTE_TEST = Task(
    name="conv2note_test",
    family="generation",
    mode="generate",
    metric="rougeL",
    metrics=grading.ROUGE,
    chance=None,
    max_new_tokens=256,
    source="MTS-Dialog (Ben Abacha et al. 2023)",
    split="test of MEDIQA-Chat 2023 task A (200); worked examples from the training split (1,201)",
    n=200,
    instruction=INSTRUCTION,
    licence="CC BY 4.0",
    version="1",
    paper_setting=PAPER,
    paper_shots=1,
    description="As conv2note, on the test set of MEDIQA-Chat 2023.",
    data=Files(f"the folder with {TEST} and {TRAINING}", ACCESS, _test, _item("conv2note_test"), _training),
    prompt=prompts.plain,
    grade=grading.text,
    extraction=grading.TEXT_READ,
    trivial=trivial.EXAMPLES,
)
