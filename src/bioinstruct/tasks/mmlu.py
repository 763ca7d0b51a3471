"""The six biomedical subjects of MMLU: four options, one right. The paper does not use it; many of its peers do."""

from __future__ import annotations

from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.mirage import LICENCE_NOTICE, choice_item, part

INSTRUCTION = "Answer this biomedical examination question with the one listed answer that fits. Write its text and nothing more."

MMLU_MED = Task(
    name="mmlu_med",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=64,
    source=(
        "MMLU, test split of anatomy, clinical knowledge, professional medicine, human genetics, college medicine and "
        "college biology (1,089; Hendrycks et al. 2021), as in MIRAGE; worked examples are unscored items of it"
    ),
    licence=f"MIT (MMLU); {LICENCE_NOTICE}",
    version="1",
    paper_setting="not measured in the paper",
    paper_shots=0,
    description="Biomedical examination questions with four answers.",
    data=part("mmlu", choice_item("mmlu_med", INSTRUCTION)),
    prompt=prompts.listed,
    grade=grading.option,
    trivial=trivial.OPTIONS,
)
