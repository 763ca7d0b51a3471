"""One-line medical knowledge questions in the style of Indian entrance examinations: four options, one right."""

from __future__ import annotations

from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.mirage import LICENCE_NOTICE, choice_item, part
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, Embedded

INSTRUCTION = "Which of the listed answers to this medical question is right? Reply with the text of that answer alone."
PAPER = "MedMCQA, zero-shot accuracy; prompt, split (the validation split is customary) and answer extraction are not reported"

MEDMCQA_EMBEDDED = Task(
    name="medmcqa_embedded",
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
    description="One-line questions on drugs, conditions, findings and tests with four answers.",
    data=Embedded("medmcqa_embedded"),
    prompt=prompts.listed,
    grade=grading.option,
    trivial=trivial.OPTIONS,
)

MEDMCQA = Task(
    name="medmcqa",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=64,
    source="MedMCQA, development split (4,183; Pal et al. 2022), as in MIRAGE; worked examples are unscored items of it",
    licence=f"MIT (MedMCQA); {LICENCE_NOTICE}",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="Indian medical entrance questions with four answers. One item has four equal options and is left out as undefined.",
    data=part("medmcqa", choice_item("medmcqa", INSTRUCTION)),
    prompt=prompts.listed,
    grade=grading.option,
    trivial=trivial.OPTIONS,
)
