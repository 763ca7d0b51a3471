"""The training of our adapter and of each control: counts of the stage's record and the loss curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.runfolder import read_record

POINTS = 240
"""Most points of a curve; longer trainings are shown as means of runs of steps."""
SHARE = 0.05
"""Share of the steps at either end that the first and last loss are means of."""


@dataclass(frozen=True)
class Step:
    """A line of `train.jsonl`."""

    step: int
    loss: float
    tokens: int
    """Trained tokens of the step."""
    learning_rate: float


def controls(folder: Path) -> list[Path]:
    """Folders of the controls of a run, in alphabetical order."""
    return sorted(path for path in (folder / "tune" / "controls").glob("*") if path.is_dir())


def collect(folder: Path) -> dict[str, Any] | None:
    """`ours` and each control -> counts, first and last loss, curve; None where nothing was tuned."""
    stages = {"ours": folder / "tune"} | {path.name: path for path in controls(folder)}
    found = {name: _one(path) for name, path in stages.items() if (path / "train.jsonl").exists()}
    return found or None


def _one(folder: Path) -> dict[str, Any]:
    record = read_record(folder)
    counts = {} if record is None else record.counts
    steps = list(jsonl.read(folder / "train.jsonl", Step))
    ends = max(1, round(SHARE * len(steps)))
    names = ("records", "trained_records", "dropped", "cut", "altered", "tokens", "trained_tokens")
    return {
        "finished": record is not None,
        "steps": len(steps),
        **{name: counts.get(name) for name in names},
        "trained_tokens_seen": sum(step.tokens for step in steps),
        "first_loss": _mean(steps[:ends]),
        "last_loss": _mean(steps[-ends:]),
        "mean_of_steps": ends,
        "peak_learning_rate": max((step.learning_rate for step in steps), default=None),
        "curve": curve(steps),
    }


def _mean(steps: list[Step]) -> float | None:
    tokens = sum(step.tokens for step in steps)
    return sum(step.loss * step.tokens for step in steps) / tokens if tokens else None


def curve(steps: list[Step]) -> list[dict[str, Any]]:
    """The loss at most `POINTS` times: {step, loss} where `loss` is the mean over the trained tokens of the steps up to it."""
    width = max(1, math.ceil(len(steps) / POINTS))
    runs = [steps[start : start + width] for start in range(0, len(steps), width)]
    return [{"step": run[-1].step, "loss": _mean(run)} for run in runs]
