"""One-line medical knowledge questions in the style of Indian entrance examinations: four options, one right.

Data of `medmcqa`: MIRAGE's `benchmark.json`, the hub's `validation-*.parquet`, or a folder with one of them (and `train-*.parquet` for
worked examples). In both, options 1 to 4 are A to D; the hub counts the right one from 0. The test split has no public answers.
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.choices import BENCHMARK, LICENCE_NOTICE, MIRAGE, choice_item, medmcqa_rows, part
from bioinstruct.tasks.rows import Row, inside
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files

INSTRUCTION = "Which of the listed answers to this medical question is right? Reply with the text of that answer alone."
PAPER = "MedMCQA, zero-shot accuracy; prompt, split (the validation split is customary) and answer extraction are not reported"

VALIDATION, TRAINING = "validation-*.parquet", "train-*.parquet"
_mirage = part("medmcqa")


def _scored(path: Path) -> list[Row]:
    file = inside(path, BENCHMARK, VALIDATION)
    return medmcqa_rows(file, "validation") if file.suffix == ".parquet" else _mirage(file)


def _training(path: Path) -> list[Row] | None:
    found = sorted(path.glob(TRAINING)) if path.is_dir() else []
    return [row for file in found for row in medmcqa_rows(file, "train")] or None


MEDMCQA_EMBEDDED = Task(
    name="medmcqa_embedded",
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
    description="One-line questions on drugs, conditions, findings and tests with four answers.",
    data=Embedded("medmcqa_embedded"),
    prompt=prompts.listed,
    grade=grading.option,
    extraction=grading.OPTION_READ,
    trivial=trivial.OPTIONS,
)

MEDMCQA = Task(
    name="medmcqa",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=64,
    source="MedMCQA (Pal et al. 2022)",
    split=(
        "development, which the hub calls validation (4,183); worked examples from the training split (182,822) where its file is there, "
        "else unscored items of the development split"
    ),
    n=4183,
    instruction=INSTRUCTION,
    licence=f"MIT (MedMCQA's repository), Apache-2.0 (its card on the hub); {LICENCE_NOTICE}",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="Indian medical entrance questions with four answers. One item has four equal options and is left out as undefined.",
    data=Files(
        f"MIRAGE's {BENCHMARK} (its part 'medmcqa'), the hub's {VALIDATION}, or the folder with one of them",
        Access((MIRAGE, Copy("hf://datasets/openlifescienceai/medmcqa", (f"data/{VALIDATION}", f"data/{TRAINING}")))),
        _scored,
        choice_item("medmcqa", INSTRUCTION, 4),
        _training,
    ),
    prompt=prompts.listed,
    grade=grading.option,
    extraction=grading.OPTION_READ,
    trivial=trivial.OPTIONS,
)
