"""An opening that many rows share, computed once for all of them: its keys and values stand before every row. For ranking.

It is taken only where it gives the model's own log-likelihoods (`can_prefix`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from bioinstruct.models import last_layer, rows


class _HeldLayer(DynamicLayer):  # type: ignore[misc]
    """Keys and values of one layer's prefix, shape (1, heads, tokens, head size). A pass sees its own after them, and leaves nothing."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        super().__init__()
        self.lazy_initialization(keys, values)
        self.keys, self.values = keys, values

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any) -> tuple[torch.Tensor, torch.Tensor]:
        """The prefix's, then the new ones, of shape (rows, heads, prefix + new tokens, head size)."""
        keys, values = (held.expand(key_states.shape[0], -1, -1, -1) for held in (self.keys, self.values))
        return torch.cat([keys, key_states], -2), torch.cat([values, value_states], -2)


class Prefix:
    """Tokens that stand before every row, computed once. For a model that `can_prefix`.

    Args:
        model: A transformers model for causal language modelling.
        ids: The tokens, at least one.
    """

    def __init__(self, model: Any, ids: Sequence[int]) -> None:
        self._model, self._n_tokens, self._cache = model, len(ids), _empty_cache(model)
        last = {"logits_to_keep": 1} if model._supports_logits_to_keep() else {}
        with torch.no_grad(), last_layer.only_last(model):
            model(input_ids=torch.tensor([list(ids)], device=model.device), past_key_values=self._cache, use_cache=True, **last)
        self._cache.layers = [_HeldLayer(layer.keys, layer.values) for layer in self._cache.layers]

    def log_likelihoods(self, tensors: rows.RowTensors) -> torch.Tensor:
        """As `rows.log_likelihoods`, of rows whose roots go on after the prefix."""
        return rows.log_likelihoods(self._model, self._behind(tensors), self._cache)

    def _behind(self, tensors: rows.RowTensors) -> rows.RowTensors:
        return tensors._replace(positions=tensors.positions + self._n_tokens, before=self._n_tokens)


def _empty_cache(model: Any) -> DynamicCache:
    return DynamicCache(config=model.config.get_text_config(decoder=True))


def can_prefix(model: Any) -> bool:
    """Whether rows behind a `Prefix` get this model's log-likelihoods of their paths alone, tried on a few tokens.

    False for architectures that keep more than keys and values of every position (a window, a state).
    """
    vocabulary = model.get_input_embeddings().weight.shape[0]
    opening, stem, options = ([token % vocabulary for token in ids] for ids in ((5, 6, 7), (8, 9), (10, 11, 12)))
    row = rows.Row((rows.Segment(tuple(stem)), *(rows.Segment((option, opening[0]), 0, 0) for option in options)))
    alone = torch.tensor([[*opening, *stem, option, opening[0]] for option in options], device=model.device)
    with torch.no_grad():
        try:
            if not model._supports_default_dynamic_cache() or any(type(layer) is not DynamicLayer for layer in _empty_cache(model).layers):
                return False
            found = Prefix(model, opening).log_likelihoods(rows.stack([row, row]).to(model.device)).view(2, len(options), 2)
        except (AttributeError, IndexError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError):
            return False
        logits = torch.cat([model(input_ids=one[None], use_cache=False).logits for one in alone])[:, -3:-1].float()
        expected = torch.log_softmax(logits, -1).gather(2, alone[:, -2:, None])[..., 0]
    return bool((found - expected).abs().max().item() <= rows.tolerance(model, expected))
