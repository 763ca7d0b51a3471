"""Memory and arithmetic of tuning and of asking a model, estimated from its sizes before anything is loaded.

Counted are the tensors that this package's own training keeps, for decoders in the manner of LLaMA: what autograd saves in a layer when
the base is frozen and LoRA is trained. Two terms follow others' work: recomputing each layer (Chen et al. 2016, arXiv 1604.06174), and 2
operations a parameter and token forward with as many backward for gradients of activations alone (Kaplan et al. 2020, arXiv 2001.08361,
without the 2 for gradients of weights). `benchmarks/memory_estimate.py` measures how far it is off.
"""

from __future__ import annotations

from dataclasses import dataclass

from bioinstruct.models.architecture import Architecture
from bioinstruct.models.quantized import BITS

BF16, FP32 = 2, 4
"""Bytes of a number."""
SHARED_INPUTS = (("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",))
"""Linear layers of a block that read the same input, in LLaMA's names."""


@dataclass(frozen=True)
class Tuning:
    """How a base is tuned."""

    rank: int
    targets: str | list[str]
    """As peft takes them: 'all-linear' or names."""
    row_tokens: int
    pass_tokens: int
    seen_tokens: int
    """Most tokens that a token looks at: a record's."""
    logits: int
    """Logits held at once: trained positions that the output layer is gone through with together, times vocabulary."""
    dropout: bool = False
    checkpointing: bool = False
    """Whether each layer is computed again in the backward pass."""
    gpu: bool = True
    """A GPU holds all weights in bfloat16. A CPU keeps all but the frozen linear layers in float32, and writes attention weights out."""
    bf16: bool = True
    """Whether products are computed in bfloat16."""
    quantized: bool = False
    """Whether the blocks' linear layers are held in 4 bits, and made into bfloat16 one by one when they are used."""


def tuning(base: Architecture, how: Tuning) -> dict[str, int]:
    """Bytes at the peak of a training step, part by part; the interpreter and its libraries are not in it."""
    adapted = base.adapted(how.targets)
    trained = base.trained(how.rank, how.targets)
    each = _layer_bytes(base, how, {name.rpartition(".")[2] for name in adapted})
    layers = max(base.layers, 1)
    residual = base.hidden * (BF16 if how.gpu and how.bf16 else FP32)
    kept = residual * layers + each if how.checkpointing else each * layers
    return {
        "weights": _weights(base, how),
        "LoRA weights, gradients and AdamW's two moments": trained * 4 * FP32 + (trained * BF16 if how.bf16 else 0),
        "activations": how.pass_tokens * kept,
        "logits": how.logits * (FP32 + 2 * BF16 if how.bf16 else FP32),
    }


def loading(base: Architecture, how: Tuning) -> int:
    """Bytes while the base is loaded: on a CPU all of it in float32, before its linear layers become bfloat16; in 4 bits layer by layer."""
    if how.quantized:
        return _weights(base, how)
    return base.parameters * (BF16 if how.gpu and how.bf16 else FP32)


def asking(base: Architecture, cached_tokens: int, ranked_tokens: int, dtype_bytes: int = FP32, kept_bytes: int = FP32) -> dict[str, int]:
    """Bytes while a model answers: weights, keys and values of a batch's tokens, and the widest layer of a ranked row.

    Args:
        base: The model's sizes.
        cached_tokens: Tokens of a generated batch.
        ranked_tokens: Tokens of a ranked row.
        dtype_bytes: Bytes of a weight.
        kept_bytes: Bytes of a number among keys and values, which a CPU keeps in float32 (`models/decode.py`).
    """
    return {
        "weights": base.parameters * dtype_bytes,
        "keys and values": cached_tokens * cache_bytes(base, kept_bytes),
        "one layer of a ranked row": ranked_tokens * dtype_bytes * (4 * base.hidden + 3 * base.inner),
    }


def cache_bytes(base: Architecture, dtype_bytes: int = FP32) -> int:
    """Bytes of keys and values of one token, in all layers."""
    return 2 * base.layers * base.key_heads * base.head_size * dtype_bytes


def operations(base: Architecture, tokens: float, logit_tokens: float, *, checkpointing: bool = False) -> float:
    """Floating-point operations of LoRA tuning: 4 x parameters x tokens computed, 6 where layers are computed twice.

    Args:
        base: The base.
        tokens: Computed in the blocks; a shared preamble counts once.
        logit_tokens: Positions that go through the output layer.
        checkpointing: Whether layers are computed again in the backward pass.
    """
    return (6 if checkpointing else 4) * base.computed * tokens + 4 * base.output_layer * logit_tokens


def _weights(base: Architecture, how: Tuning) -> int:
    if how.quantized:
        rest = (base.parameters - base.computed) * (BF16 if how.gpu else FP32)
        copied = 0 if how.gpu else base.output_layer * BF16  # the output layer's, in bfloat16
        at_work = max(inputs * outputs for inputs, outputs in base.linear.values()) * BF16
        return int(base.computed * BITS / 8) + rest + copied + at_work
    if how.gpu or not how.bf16:
        return base.parameters * (BF16 if how.bf16 else FP32)
    linear = base.computed + base.head
    copied = base.embedding if base.tied else 0  # as the output layer, in bfloat16
    return (linear + copied) * BF16 + (base.parameters - linear) * FP32


def _layer_bytes(base: Architecture, how: Tuning, names: set[str]) -> int:
    """Bytes a token that one block keeps for its backward pass."""
    number = BF16 if how.bf16 else FP32
    mixed = how.bf16 and not how.gpu  # a float32 stream between bfloat16 layers: each LoRA layer keeps a copy of its input
    width, keys = base.heads * base.head_size, base.key_heads * base.head_size
    norms = 2 * FP32 * base.hidden + (0 if how.bf16 else 2 * FP32 * base.hidden)
    attention = number * (2 * width + 2 * keys)  # queries, keys, values, and what comes out
    if not how.gpu:
        attention += number * base.heads * how.seen_tokens * 5 // 4  # the written-out attention weights, padded by about a fourth
    feed_forward = number * 3 * base.inner  # before and after the gate, and beside it
    kept = 0
    inputs = (base.hidden, width, base.hidden, base.inner)
    for place, (group, size) in enumerate(zip(SHARED_INPUTS, inputs, strict=True)):
        known = {name for shared in SHARED_INPUTS for name in shared} & names
        n = sum(name in names for name in group) if known else len(group)
        stored = (place in (0, 2) and how.bf16) or place == 3  # an attention output and a float32 norm's output are kept anyway
        copies = n if mixed and place in (0, 2) else min(n, 1)
        kept += number * size * copies if stored else 0
        kept += (number + 1) * size * n if how.dropout else 0  # what dropout lets through, and which
    return norms + attention + feed_forward + kept
