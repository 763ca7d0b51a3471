"""Records kept back from training: which, what their loss is as training goes, and which step was the best.

held_out.jsonl    one line a measurement: step, loss (mean over the trained tokens), tokens
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import torch

from bioinstruct.core.errors import InputError
from bioinstruct.tune.data import Example

LOG = "held_out.jsonl"


def split(examples: Sequence[Example], n: int, seed: int) -> tuple[list[Example], list[Example]]:
    """Examples to train on and `n` others, drawn by the seed; both in the order given.

    Raises:
        InputError: nothing would be left to train on.
    """
    if n >= len(examples):
        raise InputError(f"tune.held_out: got {n} of {len(examples)} records; allowed: fewer than there are")
    kept_back = set(Random(f"held-out/{seed}").sample(range(len(examples)), n))
    return (
        [example for index, example in enumerate(examples) if index not in kept_back],
        [example for index, example in enumerate(examples) if index in kept_back],
    )


@dataclass
class Best:
    """The lowest held-out loss so far, and the weights that gave it where they are asked for."""

    loss: float | None = None
    step: int = 0
    waited: int = 0
    """Measurements since."""
    weights: dict[str, torch.Tensor] = field(default_factory=dict)

    def note(self, step: int, loss: float, weights: Mapping[str, torch.Tensor] | None) -> None:
        """Take a measurement in; of equal losses the first stands."""
        if self.loss is not None and not loss < self.loss:
            self.waited += 1
            return
        self.loss, self.step, self.waited = loss, step, 0
        if weights is not None:
            self.weights = {name: weight.detach().cpu().clone() for name, weight in weights.items()}
