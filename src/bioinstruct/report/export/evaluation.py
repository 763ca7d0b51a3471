"""The items and prompts of a run's evaluation, for other harnesses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioinstruct.evaluate import lm_eval_export, results_export
from bioinstruct.report.export.source import Source


def lm_eval(source: Source, to: Path) -> Iterator[str]:
    """Tasks for EleutherAI's lm-evaluation-harness, one for each task and way of asking (`evaluate/lm_eval_export.py`).

    Raises:
        InputError: the run has not been evaluated.
    """
    for name in lm_eval_export.write(source.folder / "evaluate", to):
        yield f"{to}: {name}"


def results(source: Source, to: Path) -> Iterator[str]:
    """A row for each item under each setting: what was asked, answered, read and scored, as Parquet (`evaluate/results_export.py`).

    Raises:
        InputError: the run has not been evaluated.
        MissingExtra: pyarrow is not installed.
    """
    file = to / "results.parquet"
    yield f"{file}: {results_export.export(source.folder / 'evaluate', file)} rows"
