"""Case questions in the style of the US medical licensing examination, one answer right: the set with four options, and that with five.

Both are the same 1,273 questions; one wrong answer was taken out of each for the set with four. They are two tasks: chance and difficulty
differ. Data of `medqa_4`: MIRAGE's `benchmark.json`, or MedQA's `phrases_no_exclude_test.jsonl`, or a folder with one of them (with
`phrases_no_exclude_train.jsonl` for worked examples). Data of `medqa_5`: MedQA's `questions/US/test.jsonl`, or the folder with it (and
`train.jsonl`).
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.choices import BENCHMARK, LICENCE_NOTICE, MIRAGE, choice_item, part, usmle_rows
from bioinstruct.tasks.rows import Row, inside
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files

INSTRUCTION = (
    "Read the clinical case and the question at its end, then pick the best of the answers listed below it. "
    "Reply with the text of that answer alone."
)
PAPER = "MedQA-USMLE, zero-shot accuracy; prompt, split and answer extraction are not reported"

FOUR = ("phrases_no_exclude_test.jsonl", "phrases_no_exclude_train.jsonl")
FIVE = ("test.jsonl", "train.jsonl")
_mirage = part("medqa")


def _scored_four(path: Path) -> list[Row]:
    file = inside(path, FOUR[0], BENCHMARK)
    return _mirage(file) if file.suffix == ".json" else usmle_rows(file, "test")


def _training_four(path: Path) -> list[Row] | None:
    return usmle_rows(path / FOUR[1], "train") if (path / FOUR[0]).exists() and (path / FOUR[1]).exists() else None


def _scored_five(path: Path) -> list[Row]:
    return usmle_rows(inside(path, FIVE[0]), "test")


def _training_five(path: Path) -> list[Row] | None:
    return usmle_rows(path / FIVE[1], "train") if (path / FIVE[1]).exists() else None


USMLE_EMBEDDED = Task(
    name="usmle_embedded",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=32,
    source=EMBEDDED_SOURCE,
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=0,
    description="Short made-up cases with four answers; what is asked was read by the base model and never stated by the teacher.",
    data=Embedded("usmle_embedded"),
    prompt=prompts.listed,
    grade=grading.option,
    extraction=grading.OPTION_READ,
    trivial=trivial.OPTIONS,
)

MEDQA_4 = Task(
    name="medqa_4",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=64,
    source="MedQA, US questions with four options (Jin et al. 2021)",
    split="test (1,273); worked examples from the training split where its file is there, else unscored items of the test split",
    n=1273,
    instruction=INSTRUCTION,
    licence=f"MIT (MedQA); {LICENCE_NOTICE}",
    version="1",
    paper_setting=f"{PAPER}; not said whether with four or five options",
    paper_shots=0,
    description="US licensing examination cases with four answers.",
    data=Files(
        f"MIRAGE's {BENCHMARK} (its part 'medqa'), MedQA's {FOUR[0]}, or the folder with one of them",
        Access((MIRAGE, Copy("hf://datasets/GBaker/MedQA-USMLE-4-options", FOUR, "0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18"))),
        _scored_four,
        choice_item("medqa_4", INSTRUCTION, 4),
        _training_four,
    ),
    prompt=prompts.listed,
    grade=grading.option,
    extraction=grading.OPTION_READ,
    trivial=trivial.OPTIONS,
)

MEDQA_5 = Task(
    name="medqa_5",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.2,
    max_new_tokens=64,
    source="MedQA, US questions with five options (Jin et al. 2021)",
    split="test (1,273); worked examples from the training split (10,178) where its file is there, else unscored items of the test split",
    n=1273,
    instruction=INSTRUCTION,
    licence="MIT (MedQA)",
    version="1",
    paper_setting=f"{PAPER}; not said whether with four or five options",
    paper_shots=0,
    description="US licensing examination cases with five answers.",
    data=Files(
        "MedQA's questions/US/test.jsonl, or the folder with it and train.jsonl",
        Access((Copy("https://github.com/jind11/MedQA (its data archive, data_clean/questions/US)", FIVE),)),
        _scored_five,
        choice_item("medqa_5", INSTRUCTION, 5),
        _training_five,
    ),
    prompt=prompts.listed,
    grade=grading.option,
    extraction=grading.OPTION_READ,
    trivial=trivial.OPTIONS,
)
