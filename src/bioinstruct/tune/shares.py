"""How the records of a step are dealt out, to processes and to lanes, such that each has about as much to compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bioinstruct.tune.data import Example

T = TypeVar("T")


def work(model: Any) -> Callable[[Example], float]:
    """What an example costs this model, in passes of a token through its layers: the output layer is computed at trained tokens alone."""
    embedding, output = model.get_input_embeddings().weight, model.get_output_embeddings()
    # Weights that are both count once among the parameters.
    outside = {id(weight): weight.numel() for weight in (embedding, *([] if output is None else [output.weight]))}
    layers = sum(weight.numel() for weight in model.parameters()) - sum(outside.values())
    share = 0.0 if output is None else output.weight.numel() / max(1, layers)
    return lambda example: example.n_tokens + share * len(example.trained)


def dealt(items: Sequence[T], weights: Sequence[float], n: int) -> list[list[T]]:
    """The items in `n` parts of about equal weight, in the order given: the heaviest first, each to the part that is lightest so far."""
    parts: list[list[int]] = [[] for _ in range(n)]
    loads = [0.0] * n
    for index in sorted(range(len(items)), key=lambda index: (-weights[index], index)):
        lightest = loads.index(min(loads))
        parts[lightest].append(index)
        loads[lightest] += weights[index]
    return [[items[index] for index in sorted(part)] for part in parts]
