"""The six biomedical subjects of MMLU: four options, one right. The paper does not use it; many of its peers do.

Data of `mmlu_med`: MIRAGE's `benchmark.json` or the folder with it, or a folder in the hub's form, with `test-*.parquet` (scored) and
`dev-*.parquet` (worked examples) in one folder a subject.
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.errors import DataError
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.choices import BENCHMARK, LICENCE_NOTICE, MIRAGE, choice_item, mmlu_rows, part
from bioinstruct.tasks.rows import Row
from bioinstruct.tasks.sources import Files

INSTRUCTION = "Answer this biomedical examination question with the one listed answer that fits. Write its text and nothing more."

SUBJECTS = ("anatomy", "clinical_knowledge", "professional_medicine", "human_genetics", "college_medicine", "college_biology")
SPLITS = ("test", "dev")
_mirage = part("mmlu")


def _subjects(path: Path, split: str) -> list[Row]:
    return [row for subject in SUBJECTS for file in sorted((path / subject).glob(f"{split}-*.parquet")) for row in mmlu_rows(file, split)]


def _in_subjects(path: Path) -> bool:
    return path.is_dir() and not (path / BENCHMARK).exists() and any((path / subject).is_dir() for subject in SUBJECTS)


def _scored(path: Path) -> list[Row]:
    if not _in_subjects(path):
        return _mirage(path)
    if lacking := [subject for subject in SUBJECTS if not list((path / subject).glob("test-*.parquet"))]:
        raise DataError(path / lacking[0], got="no test-*.parquet", allowed=f"the test split of each of {', '.join(SUBJECTS)}")
    return _subjects(path, "test")


def _training(path: Path) -> list[Row] | None:
    return (_subjects(path, "dev") or None) if _in_subjects(path) else None


MMLU_MED = Task(
    name="mmlu_med",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=0.25,
    max_new_tokens=64,
    source=("MMLU (Hendrycks 2021): anatomy, clinical knowledge, professional medicine, human genetics, college medicine, college biology"),
    split="test (1,089); worked examples from the development split (5 a subject) where its files are there, else unscored items",
    n=1089,
    instruction=INSTRUCTION,
    licence=f"MIT (MMLU); {LICENCE_NOTICE}",
    version="1",
    paper_setting="not measured in the paper",
    paper_shots=0,
    description="Biomedical examination questions with four answers.",
    data=Files(
        f"MIRAGE's {BENCHMARK} (its part 'mmlu'), the folder with it, or the folder with the hub's six subjects",
        Access((MIRAGE, Copy("hf://datasets/cais/mmlu", tuple(f"{one}/{split}-*.parquet" for one in SUBJECTS for split in SPLITS)))),
        _scored,
        choice_item("mmlu_med", INSTRUCTION, 4),
        _training,
    ),
    prompt=prompts.listed,
    grade=grading.option,
    extraction=grading.OPTION_READ,
    trivial=trivial.OPTIONS,
)
