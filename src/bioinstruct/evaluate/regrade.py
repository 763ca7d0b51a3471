"""Grading a finished evaluation again, from its files alone: what a change to parsing, metrics or options' comparison asks for.

Stored completions and log-likelihoods stay as they are, of generated and of ranked tasks; scores, results, the comparison and the record
are made anew. No model is loaded. Killed on the way, it can be run again, and so can the stage: until the end the record's digests do not
fit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from bioinstruct import __version__
from bioinstruct.core import runfolder
from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.records import StageRecord
from bioinstruct.evaluate import compare, grade
from bioinstruct.evaluate.metrics import scoring


def regrade(folder: Path) -> StageRecord:
    """Grade and compare again what an evaluation's folder holds; gives back the new record.

    Raises:
        InputError: the evaluation is not finished, or of a task that is not known.
        DataError: a file is missing, or does not hold one row for each item.
        LimitReached: the disk is full.
    """
    record = runfolder.read_record(folder)
    if record is None or record.stage != "evaluate":
        raise InputError(f"{folder}: got no record of a finished evaluation; allowed: one that has been run to its end")
    with runfolder.disk_errors(folder):
        grade.regrade(folder)
        scoring.refresh(EvaluateSection.model_validate(record.section), compare.stored_settings(folder), folder)
        compare.refresh(folder)
        record = replace(
            record,
            outputs={name: runfolder.sha256(folder / name) for name in record.outputs},
            counts={**record.counts, **_outcomes(folder)},
            versions={**record.versions, "bioinstruct": __version__},
        )
        runfolder.write_record(folder, record)
    return record


def _outcomes(folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in folder.glob(f"*/*/{grade.RESULT}"):
        result = grade.read_result(path.parent)
        assert result is not None  # it was just listed
        found.update(result.outcomes)
    return found
