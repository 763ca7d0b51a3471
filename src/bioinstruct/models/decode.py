"""Greedy continuation of a batch of prompts with transformers' `generate`, without work that gives nothing.

Keys and values lie in room made ahead, where transformers' own cache copies all of them for every token; the opening that all prompts
share is computed once; of the last layer only what the next token stands on (`models/last_layer.py`); rows that have ended leave the
batch; and on a CPU a new token's attention is written out, in float32. An architecture for which this does not give the logits of a
prompt alone is continued in one plain call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface, DynamicCache, GenerationConfig, StoppingCriteria, StoppingCriteriaList
from transformers.cache_utils import DynamicLayer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from bioinstruct.models import last_layer

LEAST_SHARED = 16
"""Tokens of a shared opening from which it is worth a pass of its own."""
GONE = 4
"""A call of `generate` ends when one in so many of its rows has: the others go on without them, and calls stay few."""

NAME = "bioinstruct_decoding"


def attend(
    module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, attention_mask: Any, scaling: float, **rest: Any
) -> tuple[torch.Tensor, None]:
    """Attention output, shape (batch, queries, heads, head size), of one new token written out, of several by transformers' sdpa form.

    torch's fused kernel takes several times as long for one query a row on a CPU, and longest in bfloat16 (docs/lab_log.md).

    Args:
        module: The layer's attention.
        query: Shape (batch, heads, queries, head size).
        key: Shape (batch, key heads, keys, head size), in a precision at least the query's, in which is computed.
        value: As `key`.
        attention_mask: Boolean, shape (batch, 1, queries, keys), True where a query may look; None = everywhere before it.
        scaling: Factor on the scores.
        rest: What transformers hands to every attention function.
    """
    dtype, query = query.dtype, query.to(key.dtype)
    if query.shape[2] > 1:
        output, _ = sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **rest)
        return output.to(dtype), None
    batch, heads, _, size = query.shape
    grouped = (query * scaling).view(batch, key.shape[1], heads // key.shape[1], size)  # heads that look at the same keys
    scores = torch.matmul(grouped, key.transpose(2, 3))
    if attention_mask is not None:
        scores.masked_fill_(~attention_mask, torch.finfo(scores.dtype).min)
    output = torch.matmul(torch.softmax(scores, -1), value)
    return output.view(batch, 1, heads, size).to(dtype), None


@contextmanager
def _attending(model: Any) -> Iterator[None]:
    """Have a model on a CPU `attend`, if its architecture's attention is no more than the sdpa form; then switch it back."""
    before = model.config._attn_implementation
    if model.device.type != "cpu" or before != "sdpa":
        yield
        return
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


class RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """Keys and values of one layer, with room for tokens to come: a new token is written where it belongs, and nothing is copied.

    Args:
        tokens: Positions for which room is made at once; what exceeds them is moved, as in transformers' own layer.
        dtype: Precision in which they are kept; None = the model's.
    """

    keys: Any
    values: Any

    def __init__(self, tokens: int, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self._tokens, self._dtype = tokens, dtype
        self._room: tuple[torch.Tensor, torch.Tensor] | None = None
        self._view: torch.Tensor | None = None  # `keys` as this class left them: where they are others, the base class has moved them

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any) -> tuple[torch.Tensor, torch.Tensor]:
        """All keys and values with the new ones at their end; the new ones have shape (batch, heads, new tokens, head size)."""
        key_states, value_states = (states.to(self._dtype or states.dtype) for states in (key_states, value_states))
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        held = self.get_seq_length()
        end = held + key_states.shape[-2]
        if self._room is None or self.keys is not self._view or end > self._room[0].shape[-2]:
            places = max(end, self._tokens)
            self._room = _room(key_states, self.keys, held, places), _room(value_states, self.values, held, places)
        for room, states in zip(self._room, (key_states, value_states), strict=True):
            room[..., held:end, :] = states
        self._look(end)
        return self.keys, self.values

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Each row `repeats` times; one row alone takes no more memory for it until there is an update."""
        if self.keys.shape[0] > 1:
            super().batch_repeat_interleave(repeats)
        else:
            self.keys, self.values = (held.expand(repeats, -1, -1, -1) for held in (self.keys, self.values))

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows, in this order. Rows that stay at their place are not copied where no row that is wanted is in the way."""
        rows = indices.tolist()
        if self._room is None or self.keys is not self._view or not all(row == place or row >= len(rows) for place, row in enumerate(rows)):
            super().batch_select_indices(indices)
            return
        held = self.get_seq_length()
        for room in self._room:
            for place, row in enumerate(rows):
                if place != row:
                    room[place, :, :held] = room[row, :, :held]
        self._room = self._room[0][: len(rows)], self._room[1][: len(rows)]
        self._look(held)

    def _look(self, end: int) -> None:
        assert self._room is not None
        self.keys, self.values = (room[..., :end, :] for room in self._room)
        self._view = self.keys


def _room(states: torch.Tensor, before: torch.Tensor, held: int, places: int) -> torch.Tensor:
    """Room of `places` positions for states like these, the first `held` filled with what was there before."""
    room = states.new_empty((*states.shape[:-2], places, states.shape[-1]))
    if held:
        room[..., :held, :] = before
    return room


class _Leaving(StoppingCriteria):  # type: ignore[misc]
    """Ends a call of `generate` when one in `GONE` of its rows has ended."""

    def __init__(self, end_id: int) -> None:
        self._end_id = end_id
        self._ended: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        ended = input_ids[:, -1] == self._end_id
        self._ended = ended if self._ended is None else self._ended | ended
        return torch.full_like(ended, bool(self._ended.sum() * GONE >= len(ended)))


def fits(model: Any, pad: int) -> bool:
    """Whether `greedy` gives this model's logits of each prompt alone, tried on a few tokens.

    False for architectures that keep more than keys and values of every position (a window, a state), or that count places in the
    row, where padding lies between a prompt's opening and its rest, instead of following the positions given.
    """
    vocabulary = model.get_input_embeddings().weight.shape[0]
    asked = [[token % vocabulary for token in prompt] for prompt in ((5, 6, 7, 8, 9, 10), (5, 6, 11), (5, 6, 12, 4))]
    with torch.no_grad():
        try:
            layers = DynamicCache(config=model.config.get_text_config(decoder=True)).layers
            if not model._supports_default_dynamic_cache() or any(type(layer) is not DynamicLayer for layer in layers):
                return False
            with _attending(model), last_layer.only_last(model):
                ids, mask, cache = _begin(model, asked, 2, 3, pad)
                found = model.generate(
                    input_ids=ids,
                    attention_mask=mask,
                    past_key_values=cache,
                    generation_config=GenerationConfig(**_settings(3, None, pad), output_logits=True, return_dict_in_generate=True),
                )
        except (AttributeError, IndexError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError):
            return False
        tolerance = 1e-4 if model.dtype == torch.float32 else 5e-2
        for row, prompt in enumerate(asked):
            whole = torch.tensor([prompt + found.sequences[row, ids.shape[1] :].tolist()], device=model.device)
            expected = model(input_ids=whole, use_cache=False).logits[0, len(prompt) - 1 : -1].float()
            gap = (torch.stack([logits[row] for logits in found.logits]).float() - expected).abs().max().item()
            if not gap <= tolerance * (1.0 + expected.abs().max().item()):
                return False
    return True


def greedy(model: Any, prompts: Sequence[Sequence[int]], limit: int, end_id: int, pad: int) -> list[list[int]]:
    """New ids of each prompt: at most `limit`, whatever stands after the end mark included. For a model that `fits`.

    Args:
        model: A transformers model for causal language modelling.
        prompts: Token ids, not empty.
        limit: Most new tokens of each.
        end_id: The end mark.
        pad: Id to fill with; it is masked.
    """
    new: list[list[int]] = [[] for _ in prompts]
    rows = list(range(len(prompts)))  # which prompt each row of the batch goes on with
    with torch.no_grad(), _attending(model), last_layer.only_last(model):
        ids, mask, cache = _begin(model, prompts, _shared(prompts), limit, pad)
        longest = ids.shape[1] + limit
        while rows and ids.shape[1] < longest:
            before = ids.shape[1]
            ids = model.generate(
                input_ids=ids,
                attention_mask=mask,
                past_key_values=cache,
                generation_config=GenerationConfig(**_settings(longest - before, end_id, pad)),
                stopping_criteria=StoppingCriteriaList([_Leaving(end_id)]),
            )
            written = ids[:, before:].tolist()
            for row, more in zip(rows, written, strict=True):
                new[row].extend(more)
            stay = _closed_up([end_id in more for more in written])
            rows = [rows[place] for place in stay]
            if rows:
                places = torch.tensor(stay, device=ids.device)
                ids, mask = ids[places], torch.nn.functional.pad(mask[places], (0, ids.shape[1] - before), value=1)
                cache.batch_select_indices(places)
    return new


def plain(model: Any, prompts: Sequence[Sequence[int]], limit: int, end_id: int, pad: int) -> list[list[int]]:
    """As `greedy`, for any model: one call with padding on the left, in which every row goes on until the last has ended."""
    ids, mask = _padded(prompts, 0, pad)
    with torch.no_grad():
        output = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            generation_config=GenerationConfig(**_settings(limit, end_id, pad)),
        )
    new: list[list[int]] = output[:, ids.shape[1] :].tolist()
    return new


def _settings(limit: int, end_id: int | None, pad: int) -> dict[str, Any]:
    return {"max_new_tokens": limit, "do_sample": False, "num_beams": 1, "eos_token_id": end_id, "pad_token_id": pad, "use_cache": True}


def _begin(model: Any, prompts: Sequence[Sequence[int]], shared: int, limit: int, pad: int) -> tuple[torch.Tensor, torch.Tensor, Any]:
    """Ids and mask of the prompts, shape (prompts, longest), and a cache that holds their first `shared` tokens."""
    ids, mask = (tensor.to(model.device) for tensor in _padded(prompts, shared, pad))
    cache = DynamicCache(config=model.config.get_text_config(decoder=True))
    kept = torch.float32 if model.config._attn_implementation == NAME else None
    cache.layers = [RoomyLayer(ids.shape[1] + limit, kept) for _ in cache.layers]
    if shared:
        last = {"logits_to_keep": 1} if model._supports_logits_to_keep() else {}
        model(input_ids=ids[:1, :shared], past_key_values=cache, use_cache=True, **last)
        cache.batch_repeat_interleave(len(prompts))
    return ids, mask, cache


def _padded(prompts: Sequence[Sequence[int]], shared: int, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask, shape (prompts, longest): of each prompt its first `shared` ids, then padding, then the rest."""
    width = max(map(len, prompts))
    ids = [[*prompt[:shared], *[pad] * (width - len(prompt)), *prompt[shared:]] for prompt in prompts]
    mask = [[1] * shared + [0] * (width - len(prompt)) + [1] * (len(prompt) - shared) for prompt in prompts]
    return torch.tensor(ids), torch.tensor(mask)


def _shared(prompts: Sequence[Sequence[int]]) -> int:
    """Length of the opening that all prompts share, where it is worth a pass; each keeps at least one token after it."""
    if len(prompts) < 2:
        return 0
    most = min(map(len, prompts)) - 1
    openings = [tuple(prompt[:most]) for prompt in prompts]
    pairs = zip(min(openings), max(openings), strict=True)  # what the smallest and the largest share is shared by all
    length = next((n for n, (a, b) in enumerate(pairs) if a != b), most)
    return length if length >= LEAST_SHARED else 0


def _closed_up(ended: Sequence[bool]) -> list[int]:
    """Places of the rows that go on: each stays where it is, but for the last ones, which take the places of the ended."""
    going = [place for place, over in enumerate(ended) if not over]
    movers = [place for place in going if place >= len(going)]
    return [movers.pop() if ended[place] else place for place in range(len(going))]
