"""Case questions in the style of the US medical licensing examination: four options, one right."""

from __future__ import annotations

from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.mirage import LICENCE_NOTICE, choice_item, part
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, Embedded

INSTRUCTION = (
    "Read the clinical case and the question at its end, then pick the best of the answers listed below it. "
    "Reply with the text of that answer alone."
)
PAPER = "MedQA-USMLE, zero-shot accuracy; prompt, split and answer extraction are not reported"

USMLE_EMBEDDED = Task(
    name="usmle_embedded",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=32,
    source=EMBEDDED_SOURCE,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=0,
    description="Short made-up cases with four answers; what is asked was read by the base model and never stated by the teacher.",
    data=Embedded("usmle_embedded"),
    prompt=prompts.listed,
    grade=grading.option,
    trivial=trivial.OPTIONS,
)

MEDQA_4 = Task(
    name="medqa_4",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=64,
    source="MedQA, US test split with four options (1,273; Jin et al. 2021), as in MIRAGE; worked examples are unscored items of it",
    licence=f"MIT (MedQA); {LICENCE_NOTICE}",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="US licensing examination cases with four answers.",
    data=part("medqa", choice_item("medqa_4", INSTRUCTION)),
    prompt=prompts.listed,
    grade=grading.option,
    trivial=trivial.OPTIONS,
)
