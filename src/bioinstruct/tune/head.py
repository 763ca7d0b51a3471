"""The cross entropy of trained tokens through a frozen output layer, a piece at a time.

Logits and their gradients are the largest arrays of a step: trained tokens times vocabulary, several times over. As the output layer is not
trained, the gradient that its input gets can be made with the loss, piece by piece, and no logits need be kept. It is the same sum in
another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from bioinstruct.models import last_layer, rows

PIECE = {"cpu": 1 << 23, "cuda": 1 << 26}
"""Logits held at once, in the products' precision: with few the products get slow, and far more would leave a CPU's cache in between."""
PART = {"cpu": 1 << 20, "cuda": 1 << 26}
"""Of these, so many are in float32 at once: a CPU goes through them several times."""
SMALL = 1e-30
"""Likelihoods below it are near what float32 holds: their logarithms are made from the logits."""
TOLERANCE = {torch.float32: 1e-4}
"""Largest gap to the model's own logits, in units of one plus the largest; 5e-2 in 16 bits."""


class Head:
    """The output layer of a model, where it is a plain product that is not trained.

    Args:
        weight: Shape (vocabulary, hidden size).
        dtype: What the products are computed in.
    """

    def __init__(self, weight: torch.Tensor, dtype: torch.dtype) -> None:
        self.weight = weight.detach().to(dtype)
        # The same numbers, a hidden unit's side by side: a CPU library multiplies gradients with them a sixth faster.
        self.units = self.weight.t().contiguous().t() if self.weight.device.type == "cpu" else self.weight

    def loss(self, model: Any, tensors: rows.RowTensors) -> torch.Tensor:
        """Sum of the cross entropy over all targets, float32; gradients flow into the model's hidden states."""
        hidden = _hidden(model, tensors)
        with torch.autocast(hidden.device.type, enabled=False):
            return _Sum.apply(hidden, self.weight, self.units, tensors.targets.labels)  # type: ignore[no-any-return, no-untyped-call]


def plain(model: Any, tensors: rows.RowTensors) -> torch.Tensor:
    """The same sum through the model's own logits, whatever it does to them."""
    logits = rows.logits(model, tensors).float()
    return torch.nn.functional.cross_entropy(logits, tensors.targets.labels, reduction="sum")


def find(model: Any, dtype: torch.dtype) -> Head | None:
    """The model's head, computed in `dtype`; None where there is more to its logits than that product, or it is trained.

    More: a bias, a soft cap, a scale. It is tried on a row.
    """
    layer = model.get_output_embeddings()
    decoder = getattr(model, "get_decoder", lambda: None)()
    if type(layer) is not torch.nn.Linear or layer.bias is not None or layer.weight.requires_grad or decoder in (None, model):
        return None
    vocabulary = layer.weight.shape[0]
    row = rows.Row((rows.Segment(tuple(token % vocabulary for token in (5, 6, 7, 8)), None, 1),)).tensors().to(layer.weight.device)
    with torch.no_grad():
        expected = rows.logits(model, row).float()
        found = layer(_hidden(model, row)).float()
    gap = (found - expected).abs().max().item() if found.shape == expected.shape else float("inf")
    if not gap <= TOLERANCE.get(model.dtype, 5e-2) * (1.0 + expected.abs().max().item()):
        return None
    return Head(layer.weight, dtype)


def _hidden(model: Any, tensors: rows.RowTensors) -> torch.Tensor:
    """What the decoder hands to the output layer at the predicting tokens, shape (targets, hidden size)."""
    places = tensors.targets.positions
    with last_layer.only_at(model, places, tensors.ids.numel()):
        output = model.get_decoder()(
            input_ids=tensors.ids, position_ids=tensors.positions, use_cache=False, **rows.seen(model, tensors)
        )  # fmt: skip
    return output.last_hidden_state.flatten(0, 1)[places]  # type: ignore[no-any-return]


class _Sum(torch.autograd.Function):
    """Sum of the cross entropy of `hidden @ weight.T`; the gradient of `hidden` is made on the way, as `weight` gets none.

    `units` is `weight`, in the order in memory that suits the gradient's product.
    """

    @staticmethod
    def forward(context: Any, hidden: torch.Tensor, weight: torch.Tensor, units: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        states = hidden.to(weight.dtype)
        gradient = torch.empty_like(states) if context.needs_input_grad[0] else None
        chosen = [torch.ones(0, 1, device=hidden.device)]
        size, part = (max(1, most.get(hidden.device.type, most["cpu"]) // weight.shape[0]) for most in (PIECE, PART))
        for start in range(0, len(states), size):
            piece = slice(start, start + size)
            logits = states[piece] @ weight.t()
            for some, wanted in zip(torch.split(logits, part), torch.split(labels[piece, None], part), strict=True):
                shares = torch.softmax(some, 1, dtype=torch.float32)
                chosen.append(shares.gather(1, wanted))
                if gradient is not None:
                    some.copy_(shares.scatter_add_(1, wanted, torch.full_like(wanted, -1, dtype=torch.float32)))
            if gradient is not None:
                gradient[piece] = logits @ units
        likelihoods = torch.cat(chosen)[:, 0]
        small = likelihoods < SMALL
        total = -likelihoods.where(~small, 1.0).log().sum()
        if small.any():
            total += torch.nn.functional.cross_entropy((states[small] @ weight.t()).float(), labels[small], reduction="sum")
        if gradient is not None:
            context.save_for_backward(gradient)
        context.dtype = hidden.dtype
        return total

    @staticmethod
    def backward(context: Any, *outer: torch.Tensor) -> Sequence[torch.Tensor | None]:
        (gradient,) = context.saved_tensors
        return (gradient.float() * outer[0]).to(context.dtype), None, None, None
