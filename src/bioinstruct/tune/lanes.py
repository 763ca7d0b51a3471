"""The records of a step computed side by side on a CPU: lanes, each a thread of Python with a share of the records and of the processor.

Threads within an operation wait for one another at its end, and small operations use one of them only. Lanes wait once a step. Each has
modules of its own over the same weights (hooks and caches are theirs), keeps its gradients apart, and these are added up in order: the same
number of lanes gives the same bytes.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import torch

from bioinstruct.models import last_layer
from bioinstruct.tune import loss, shares
from bioinstruct.tune.data import Example

TOKENS = 800
"""A step has a lane for so many tokens, and no more than threads: with fewer, lanes repeat the preamble and start operations for little."""


def number(step_tokens: float, threads: int) -> int:
    """Lanes for steps of about so many tokens; a divisor of the threads, so that none stands idle."""
    return max(n for n in range(1, threads + 1) if threads % n == 0 and n <= max(1.0, step_tokens / TOKENS))


class Lanes:
    """A model with LoRA, several times over the same weights; to be entered and left.

    Made when everything is patched that will be: modules are copied as they are.

    Args:
        model: The base with LoRA in it, without dropout: lanes would draw from one source of randomness, in any order.
        weights: What is trained.
        count: Lanes; with one, nothing is copied and `fit` no step.
    """

    def __init__(self, model: Any, weights: Sequence[torch.nn.Parameter], count: int) -> None:
        self.count = count
        self._models = [model, *(_twin(model) for _ in range(count - 1))]
        self._weights = list(weights)
        self._work = shares.work(model)
        self._threads = torch.get_num_threads()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Lanes:
        if self.count > 1:
            each = self._threads // self.count
            self._pool = ThreadPoolExecutor(self.count - 1, "lane", initializer=torch.set_num_threads, initargs=(each,))
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def fit(self, examples: Sequence[Example], packing: loss.Packing) -> bool:
        """Whether these examples go through lanes: one for each at least, and none longer than a lane's part of the pass budget."""
        longest = max((example.n_tokens for example in examples), default=0)
        return len(examples) >= self.count > 1 and longest <= packing.parted(self.count).pass_tokens

    def backward(self, examples: Sequence[Example], packing: loss.Packing, n_trained: int) -> float:
        """As `loss.backward`, for examples that `fit`; together the lanes hold no more than `packing.pass_tokens` at once."""
        assert self._pool is not None
        mine, *others = shares.dealt(examples, [self._work(example) for example in examples], self.count)
        packing = packing.parted(self.count)
        torch.set_num_threads(self._threads // self.count)
        waiting = [
            self._pool.submit(loss.gradients, model, self._weights, share, packing, n_trained)
            for model, share in zip(self._models[1:], others, strict=True)
        ]
        try:
            found = [loss.gradients(self._models[0], self._weights, mine, packing, n_trained)]
        finally:
            wait(waiting)  # also when this lane failed: what they hold must be free before anything is tried again
            torch.set_num_threads(self._threads)
        found += [lane.result() for lane in waiting]
        for weight, *gradients in zip(self._weights, *(gradients for _, gradients in found), strict=True):
            for gradient in gradients:
                weight.grad = gradient if weight.grad is None else weight.grad + gradient
        return sum(value for value, _ in found)


def _twin(model: Any) -> Any:
    """The model's modules once more, over the same parameters and buffers."""
    same = [*model.parameters(), *model.buffers()]
    twin = copy.deepcopy(model, {id(tensor): tensor for tensor in same})
    last_layer.alike(twin, model)
    return twin
