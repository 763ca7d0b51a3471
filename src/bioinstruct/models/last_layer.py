"""The last layer computed only where something is read from it.

What a causal model says at a token stands on the last layer's keys and values of all tokens before, but on its queries, its attention's
output and its feed-forward part at that token alone. A ranked question is read at its options, a training record at its output, a prompt
to be continued at its last token: the rest of that layer is most of its work, and is left out. Numbers and gradients stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from weakref import WeakSet

import torch

from bioinstruct.models import rows

PARTS = ("self_attn.q_proj", "self_attn.o_proj", "mlp")
"""Parts of a layer that take every token by itself, as LLaMA and its kin name them."""
MOST = 0.9
"""Share of the tokens from which on all of them are computed: choosing costs a copy."""
MULTIPLE = 32
"""So many tokens, or a multiple, are computed, some of them unread: a CPU library keeps compiled code for every number that it meets."""

_narrowed: WeakSet[Any] = WeakSet()


def use(model: Any) -> bool:
    """Have this model's last layer computed in part from now on, if its logits stay the same: tried on a few tokens.

    False for architectures that name their parts otherwise, or whose parts look at several tokens.
    """
    if find(model) is not None and _same(model):
        _narrowed.add(model)
    return model in _narrowed


def narrowed(model: Any) -> Any:
    """The last layer of a model in `use`; None for others."""
    return find(model) if model in _narrowed else None


def alike(twin: Any, model: Any) -> None:
    """Compute the last layer of `twin`, a copy of `model`, as that one's."""
    if model in _narrowed:
        _narrowed.add(twin)


@contextmanager
def only_at(model: Any, places: torch.Tensor, n_tokens: int) -> Iterator[None]:
    """Within, the output of a model in `use` holds at these tokens, and means nothing at others.

    Args:
        model: A transformers model for causal language modelling, with or without LoRA.
        places: int64, any number of tokens, counted through the rows one after another.
        n_tokens: Tokens of all rows.
    """
    with ExitStack() as hooks:
        if model in _narrowed:
            read = torch.zeros(n_tokens, dtype=torch.bool, device=places.device).index_fill_(0, places, True)
            n_read = int(read.sum())
            n_read += -n_read % MULTIPLE
            if n_read < MOST * n_tokens:
                chosen = torch.argsort(~read, stable=True)[:n_read]
                _narrow(model, hooks, lambda states: chosen)
        yield


@contextmanager
def only_last(model: Any) -> Iterator[None]:
    """Within, the output of a model in `use` holds at the last token of each row, and means nothing at others."""
    with ExitStack() as hooks:
        if model in _narrowed:
            _narrow(model, hooks, _last)
        yield


def find(model: Any) -> Any:
    """The last layer of a model whose layers have the `PARTS`; None for others."""
    layers = getattr(getattr(model, "get_decoder", lambda: None)(), "layers", None)
    if not isinstance(layers, torch.nn.ModuleList) or len(layers) == 0:
        return None
    last = layers[-1]
    return last if all(any(name == part for name, _ in last.named_modules()) for part in PARTS) else None


def _same(model: Any) -> bool:
    vocabulary = model.get_input_embeddings().weight.shape[0]
    tree = [
        rows.Segment(tuple(token % vocabulary for token in ids), parent, labels_from)
        for ids, parent, labels_from in (((5, 6, 7), None, None), ((8, 9, 10, 11), 0, 1), ((9, 8), 0, 0))
    ]
    row = rows.Row(tuple(tree)).tensors().to(model.get_input_embeddings().weight.device)
    places = torch.unique(row.targets.positions)
    try:
        with torch.no_grad(), ExitStack() as hooks:
            expected = rows.logits(model, row).float()
            _narrow(model, hooks, lambda states: places)
            found = rows.logits(model, row).float()
    except (AttributeError, IndexError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return False
    gap = (found - expected).abs().max().item() if found.shape == expected.shape else float("inf")
    return bool(gap <= rows.tolerance(model, expected))


def _last(states: torch.Tensor) -> torch.Tensor | None:
    batch, tokens = states.shape[:2]
    return None if tokens == 1 else torch.arange(1, batch + 1, device=states.device) * tokens - 1


def _narrow(model: Any, hooks: ExitStack, choose: Callable[[torch.Tensor], torch.Tensor | None]) -> None:
    """Hand the parts only the chosen tokens, and put what they give in its place among zeros.

    `choose` takes a part's input, shape (rows, tokens, size), and gives places counted through the rows; None = all.
    """
    layer = find(model)
    for part in map(layer.get_submodule, PARTS):
        narrowed = _Narrowed(choose)
        hooks.callback(part.register_forward_pre_hook(narrowed.before).remove)
        hooks.callback(part.register_forward_hook(narrowed.after).remove)


class _Narrowed:
    """The two hooks of one part."""

    def __init__(self, choose: Callable[[torch.Tensor], torch.Tensor | None]) -> None:
        self._choose = choose
        self._chosen: torch.Tensor | None = None
        self._shape = torch.Size()

    def before(self, _: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        states = inputs[0]
        self._chosen, self._shape = self._choose(states), states.shape
        return inputs if self._chosen is None else (states.flatten(0, 1).index_select(0, self._chosen)[None], *inputs[1:])

    def after(self, _: Any, inputs: object, output: torch.Tensor) -> torch.Tensor:
        if self._chosen is None:
            return output
        batch, tokens = self._shape[:2]
        whole = output.new_zeros(batch * tokens, output.shape[-1])
        return whole.index_copy(0, self._chosen, output[0]).view(batch, tokens, -1)
