"""Loss and rate sent to TensorBoard, Weights & Biases or MLflow, through accelerate.

`train.jsonl` holds the same, whatever becomes of them.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from bioinstruct.core.errors import Problem

PACKAGES = {"tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",), "mlflow": ("mlflow",)}
PROJECT = "bioinstruct"


class Log(Protocol):
    """Takes the figures of a step."""

    def __call__(self, values: Mapping[str, float], step: int) -> None:
        """Send them."""


def problems(trackers: Sequence[str]) -> list[Problem]:
    """Trackers whose package is not installed: accelerate leaves those out without a word."""
    lacking = [name for name in trackers if not any(importlib.util.find_spec(package) for package in PACKAGES[name])]
    return [Problem("tune.trackers", f"'{name}', whose package is not installed", f"pip install {PACKAGES[name][0]}") for name in lacking]


@contextmanager
def tracked(trackers: Sequence[str], folder: Path, name: str, settings: Mapping[str, Any]) -> Iterator[Log]:
    """A function that sends figures to all trackers; one that does nothing where none is named.

    Args:
        trackers: Names, as in the recipe.
        folder: Where a tracker that keeps files keeps them.
        name: Of this training.
        settings: What is told about it.
    """
    if not trackers:
        yield _nothing
        return
    import torch
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=not torch.cuda.is_available(), log_with=list(trackers), project_dir=folder)
    told = {key: value if isinstance(value, int | float | str) else str(value) for key, value in settings.items()}
    accelerator.init_trackers(PROJECT, config={"adapter": name, **told})
    try:
        yield lambda values, step: accelerator.log(dict(values), step=step)
    finally:
        for tracker in accelerator.trackers:  # its own `end_training` would end the process group as well
            tracker.finish()


def _nothing(values: Mapping[str, float], step: int) -> None:
    """Send nothing."""
