"""Attention of packed rows by segments: each sees its ancestors and itself, and little else is computed. For training on a CPU.

Under a mask every token of a row is multiplied with every other, and most of it is thrown away; rows must then be short, each with a
preamble of its own. Here a row may be as long as a pass, with one preamble for all its records, and no row is padded for another's sake.
Segments of like length are computed together. torch's own kernel is slow backwards on CPUs at these lengths, so the backward pass is
written out as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from bioinstruct.models import rows

TOLERANCE = 1e-4
SHORTEST = 32
"""Segments are padded to 2, 3, 4, 6, 8, 12 ... times half of it: few lengths, for a CPU library compiles code for each that it meets."""


def attend(
    module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, attention_mask: object, scaling: float, *,
    spans: tuple[rows.Span, ...], **_: Any,
) -> tuple[torch.Tensor, None]:  # fmt: skip
    """Attention output, shape (batch, tokens, heads, head size); zeros for tokens of padding.

    Args:
        module: Not used; transformers hands it to every attention function.
        query: Shape (batch, heads, tokens, head size).
        key: Shape (batch, key heads, tokens, head size); heads are repeated for grouped-query attention.
        value: As `key`.
        attention_mask: Not used.
        scaling: Factor on the scores.
        spans: The segments of the rows.
    """
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    device = query.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else query.dtype
    with torch.autocast(device, enabled=False):
        return _Attention.apply(query, key, value, spans, scaling, dtype), None  # type: ignore[no-untyped-call]


def use(model: Any) -> bool:
    """Switch `model` to `attend` if it then gives the same logits for a packed row; otherwise leave it as it is.

    False for architectures whose attention does more than a mask and a scale (a soft cap, sinks), or that cannot be switched.
    """
    from transformers import AttentionInterface

    AttentionInterface.register(rows.SEGMENTED, attend)
    before = model.config._attn_implementation
    vocabulary = model.get_input_embeddings().weight.shape[0]
    tree = (
        rows.Segment((5 % vocabulary, 6 % vocabulary)),
        rows.Segment((7 % vocabulary, 8 % vocabulary, 9 % vocabulary), 0, 0),
        rows.Segment((4, 3), 0, 0),
    )
    row = rows.Row(tree).tensors().to(model.get_input_embeddings().weight.device)
    with torch.no_grad():
        expected = rows.logits(model, row).float()
        try:
            model.set_attn_implementation(rows.SEGMENTED)
            gap = (rows.logits(model, row).float() - expected).abs().max().item()
        except (ValueError, TypeError, RuntimeError):
            gap = float("inf")
    if gap <= TOLERANCE * (1.0 + expected.abs().max().item()):
        return True
    model.set_attn_implementation(before)
    return False


class _Attention(torch.autograd.Function):
    """As `attend`, with as many key heads as query heads, in `dtype`.

    Inside, states lie as (batch x tokens + 1, heads, head size), taken for (places, head size); the last token takes what padding gives.
    """

    @staticmethod
    def forward(
        context: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, spans: tuple[rows.Span, ...], scaling: float,
        dtype: torch.dtype,
    ) -> torch.Tensor:  # fmt: skip
        batch, heads, tokens, size = query.shape
        queries, keys, values = _flat(query, dtype, scaling), _flat(key, dtype), _flat(value, dtype)
        output = torch.zeros_like(queries)
        shares = []
        for group in _groups(spans, tokens, batch * tokens, heads, dtype):
            scores = group.own(queries) @ group.seen(keys).transpose(1, 2)  # shape (segments x heads, own tokens, seen tokens)
            scores.view(len(group.mask), heads, *scores.shape[1:]).add_(group.mask)
            shares.append(torch.softmax(scores, -1))
            output.index_copy_(0, group.owned, (shares[-1] @ group.seen(values)).view(-1, size))
        context.save_for_backward(queries, keys, values, *shares)
        context.scaling, context.spans, context.shape = scaling, spans, query.shape
        context.dtypes = query.dtype, key.dtype, value.dtype
        return output.view(-1, heads, size)[:-1].view(batch, tokens, heads, size)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context: Any, outer: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        queries, keys, values, *shares = context.saved_tensors
        batch, heads, tokens, size = context.shape
        upper = _flat(outer.transpose(1, 2), queries.dtype)
        # A segment is seen by all its descendants: their gradients are added up in float32.
        to_query, to_key, to_value = (torch.zeros_like(queries, dtype=torch.float32) for _ in range(3))
        for group, share in zip(_groups(context.spans, tokens, batch * tokens, heads, queries.dtype), shares, strict=True):
            above = group.own(upper)
            to_share = above @ group.seen(values).transpose(1, 2)
            to_scores = torch.ops.aten._softmax_backward_data(to_share, share, -1, share.dtype)
            for total, states, places in (
                (to_query, to_scores @ group.seen(keys), group.owned),
                (to_key, to_scores.transpose(1, 2) @ group.own(queries), group.looked_at),
                (to_value, share.transpose(1, 2) @ above, group.looked_at),
            ):
                total.index_add_(0, places, states.reshape(-1, size).float())
        shaped = (one.view(-1, heads, size)[:-1].view(batch, tokens, heads, size).transpose(1, 2) for one in (to_query, to_key, to_value))
        first, second, third = (one.to(dtype) for one, dtype in zip(shaped, context.dtypes, strict=True))
        return first.mul_(context.scaling), second, third, None, None, None


def _flat(states: torch.Tensor, dtype: torch.dtype, factor: float | None = None) -> torch.Tensor:
    """From (batch, heads, tokens, head size) to ((batch x tokens + 1) x heads, head size), times a factor; the last token is 0."""
    batch, heads, tokens, size = states.shape
    flat = states.new_empty(batch * tokens + 1, heads, size, dtype=dtype)
    flat[-1] = 0.0
    inside = flat[:-1].view(batch, tokens, heads, size)
    if factor is None:
        inside.copy_(states.transpose(1, 2))
    else:
        torch.mul(states.transpose(1, 2), factor, out=inside)
    return flat.view(-1, size)


@dataclass(frozen=True)
class _Group:
    """Segments padded to one length, with their ancestors padded to one length."""

    owned: torch.Tensor
    """int64, shape (segments x heads x own tokens): places of the segments' own states."""
    looked_at: torch.Tensor
    """int64, shape (segments x heads x seen tokens): places of the states that they see, ancestors first."""
    mask: torch.Tensor
    """Added to scores, shape (segments, 1, own tokens, seen tokens)."""
    heads: int

    def own(self, flat: torch.Tensor) -> torch.Tensor:
        """Shape (segments x heads, own tokens, head size)."""
        return flat.index_select(0, self.owned).view(len(self.mask) * self.heads, self.mask.shape[2], -1)

    def seen(self, flat: torch.Tensor) -> torch.Tensor:
        """Shape (segments x heads, seen tokens, head size)."""
        return flat.index_select(0, self.looked_at).view(len(self.mask) * self.heads, self.mask.shape[3], -1)


@lru_cache(maxsize=16)  # all layers of a pass have the same; several passes go on side by side
def _groups(spans: tuple[rows.Span, ...], tokens: int, nothing: int, heads: int, dtype: torch.dtype) -> list[_Group]:
    """The segments by padded length. `tokens` is a row's length, `nothing` the place of padding."""
    places = [range(span.row * tokens + span.start, span.row * tokens + span.end) for span in spans]
    members: dict[int, list[int]] = {}
    for number, own in enumerate(places):
        members.setdefault(_padded(len(own)), []).append(number)
    groups: list[_Group] = []
    for length, numbers in sorted(members.items()):
        before = [[place for ancestor in spans[number].ancestors for place in places[ancestor]] for number in numbers]
        most = max(map(len, before))
        most = _padded(most) if most else 0
        owned = _table([places[number] for number in numbers], length, nothing)
        mask = torch.zeros(len(numbers), 1, length, most + length, dtype=dtype)
        mask[..., most:] = torch.full((length, length), float("-inf"), dtype=dtype).triu_(1)  # padding comes after what is not
        for row, known in zip(mask, before, strict=True):
            row[..., len(known) : most] = float("-inf")
        looked_at = torch.cat([_table(before, most, nothing), owned], 1)
        groups.append(_Group(_by_head(owned, heads), _by_head(looked_at, heads), mask, heads))
    return groups


def _padded(n: int) -> int:
    length = SHORTEST
    while length < n:
        length = length * 3 // 2 if length & (length - 1) == 0 else length * 4 // 3
    return length


def _table(lists: Sequence[Sequence[int]], length: int, nothing: int) -> torch.Tensor:
    """Shape (lists, length), filled up with `nothing`."""
    table = [[*one, *[nothing] * (length - len(one))] for one in lists]
    return torch.tensor(table, dtype=torch.int64).view(len(table), length)


def _by_head(places: torch.Tensor, heads: int) -> torch.Tensor:
    """From places of tokens, shape (segments, tokens), to those of their heads, segment by segment and head by head."""
    return (places[:, None] * heads + torch.arange(heads)[:, None]).flatten()
