"""Attention under a boolean mask in plain matrix products, for training packed rows on a CPU.

torch's scaled-dot-product kernel is slow backwards on CPUs at these row lengths (docs/benchmarks.md); written out, with everything in the
inputs' precision, a step of the embedded model takes about two thirds of the time. It is taken only where it gives the model's own logits.
"""

from __future__ import annotations

from typing import Any

import torch

from bioinstruct.models import rows

NAME = "bioinstruct_masked"
TOLERANCE = 1e-4


def masked(
    module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, attention_mask: torch.Tensor, scaling: float, **_: Any
) -> tuple[torch.Tensor, None]:
    """Attention output, shape (batch, queries, heads, head size); `attention_mask` is True where a query may look.

    Args:
        module: Not used; transformers hands it to every attention function.
        query: Shape (batch, heads, queries, head size).
        key: Shape (batch, key heads, keys, head size); heads are repeated for grouped-query attention.
        value: As `key`.
        attention_mask: Boolean, shape (batch, 1, queries, keys).
        scaling: Factor on the scores.
    """
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    scores = torch.matmul(query * scaling, key.transpose(2, 3))
    scores.masked_fill_(~attention_mask, torch.finfo(scores.dtype).min)  # under autocast scores are not in the queries' type
    return torch.matmul(torch.softmax(scores, -1), value).transpose(1, 2).contiguous(), None


def use_masked(model: Any) -> bool:
    """Switch `model` to `masked` if it then gives the same logits for a packed row; otherwise leave it as it is.

    False for architectures whose attention does more than a mask and a scale (a soft cap, sinks), or that cannot be switched.
    """
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, masked)
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
            model.set_attn_implementation(NAME)
            gap = (rows.logits(model, row).float() - expected).abs().max().item()
        except (ValueError, TypeError, RuntimeError):
            gap = float("inf")
    if gap <= TOLERANCE * (1.0 + expected.abs().max().item()):
        return True
    model.set_attn_implementation(before)
    return False
