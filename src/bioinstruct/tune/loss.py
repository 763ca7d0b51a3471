"""The loss of a few examples and its gradients: packed into rows that share the template's preamble, a pass at a time.

A loss is the sum of the trained tokens' cross entropy, divided by a number of tokens that the caller names: all of a step's, wherever they
are computed. So it does not depend on how examples are packed, passed or shared out among processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from bioinstruct.models import rows
from bioinstruct.tune import head
from bioinstruct.tune.data import Example

ROW_TOKENS = {"cpu": 320, "cuda": 2048}
"""Token budget of a row under a mask. Attention grows with its square, which a CPU feels early; a segment at a time, a row is a pass."""
PASS_TOKENS = {"cpu": 2048, "cuda": 4096}
"""Token budget of one forward and backward pass, over its rows. Far fewer, and a CPU spends its time on starting operations; more, and the
activations take memory and are no faster (benchmarks/tuning_step.py)."""


@dataclass(frozen=True)
class Together:
    """Processes that share a model's layers out go through them at the same time: one with fewer passes makes idle ones."""

    most: Callable[[int], int]
    """The largest number of passes of any process."""
    spare: Example
    """What idle passes are made with."""


@dataclass(frozen=True)
class Packing:
    """How examples go through the model; none of it changes the loss but by rounding."""

    share: bool
    """Whether examples of a row share their preamble: not under dropout, which would be shared as well."""
    row_tokens: int
    pass_tokens: int
    bf16: bool
    """Whether products are computed in bfloat16."""
    through: head.Head | None = None
    """The output layer where it can be gone through piece by piece; None = through the model's own logits."""

    @classmethod
    def on(
        cls, device: torch.device, *, share: bool, bf16: bool, segmented: bool, row_tokens: int | None = None,
        pass_tokens: int | None = None, through: head.Head | None = None,
    ) -> Packing:  # fmt: skip
        """With the device's own budgets where none is named. `segmented`: whether attention goes by segments (`models/segmented.py`)."""
        row, whole = (budget.get(device.type, budget["cpu"]) for budget in (ROW_TOKENS, PASS_TOKENS))
        whole = pass_tokens or max(row_tokens or row, whole)
        return cls(share, row_tokens or (whole if segmented else row), whole, bf16, through)

    def parted(self, n: int) -> Packing:
        """With an n-th of the tokens a pass."""
        return replace(self, pass_tokens=self.pass_tokens // n, row_tokens=min(self.row_tokens, self.pass_tokens // n))


def backward(
    model: Any, examples: Sequence[Example], packing: Packing, n_trained: int | None = None, together: Together | None = None
) -> float:
    """Add the gradients of these examples' loss, and give the loss back.

    Args:
        model: The base with LoRA in it.
        examples: Any number, also none.
        packing: How they go through it.
        n_trained: What the sum over their trained tokens is divided by; None = the number of these tokens.
        together: How the number of passes is agreed on with other processes; None = each makes its own.
    """
    device = model.get_input_embeddings().weight.device
    divisor = n_trained or trained_tokens(examples)
    total = torch.zeros((), device=device)
    for tensors, counts in passes(examples, packing, together):
        loss = _sum(model, tensors.to(device), packing) * (counts / divisor)
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach()
    return total.item()


def gradients(
    model: Any, weights: Sequence[torch.nn.Parameter], examples: Sequence[Example], packing: Packing, n_trained: int
) -> tuple[float, list[torch.Tensor]]:
    """As `backward`, with the gradients of `weights` given back in place of being added to those that these have."""
    sums: list[torch.Tensor] = []
    total = 0.0
    for tensors, _ in passes(examples, packing):
        loss = _sum(model, tensors, packing) / n_trained
        found = torch.autograd.grad(loss, weights)
        sums = [before + more for before, more in zip(sums, found, strict=True)] if sums else list(found)
        total += loss.item()
    return total, sums


def total(model: Any, examples: Sequence[Example], packing: Packing, together: Together | None = None) -> float:
    """The sum of the cross entropy over the examples' trained tokens, in natural logarithms; no gradients."""
    device = model.get_input_embeddings().weight.device
    with torch.no_grad():
        return sum(counts * _sum(model, tensors.to(device), packing).item() for tensors, counts in passes(examples, packing, together))


def trained_tokens(examples: Sequence[Example]) -> int:
    """Number of the examples' trained tokens."""
    return sum(len(example.trained) for example in examples)


def passes(examples: Sequence[Example], packing: Packing, together: Together | None = None) -> Iterator[tuple[rows.RowTensors, int]]:
    """The examples as rows, several rows a pass, and 1 with each; then passes that do not count (0), where others make more."""
    packed = rows.pack([example.tree(packing.share) for example in examples], packing.row_tokens)
    batches = list(rows.batches(packed, packing.pass_tokens))
    most = 0 if together is None else together.most(len(batches))  # asked before the first pass: the passes are messages as well
    for batch in batches:
        yield rows.stack(batch), 1
    if together is not None and most > len(batches):
        idle = rows.stack(rows.pack([together.spare.tree(packing.share)], packing.row_tokens))
        for _ in range(most - len(batches)):
            yield idle, 0


def _sum(model: Any, tensors: rows.RowTensors, packing: Packing) -> torch.Tensor:
    with torch.autocast(tensors.ids.device.type, torch.bfloat16, enabled=packing.bf16):
        return head.plain(model, tensors) if packing.through is None else packing.through.loss(model, tensors)
