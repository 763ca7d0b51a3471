"""A base held in 4 bits while LoRA is trained on it (QLoRA, Dettmers et al. 2023, arXiv 2305.14314), through bitsandbytes.

The linear layers of the blocks become 4-bit NormalFloat with quantised constants, 4.13 bits a weight; embeddings, norms and the output
layer stay as they are, and products are computed in bfloat16. The adapter that comes out is an ordinary one.
"""

from __future__ import annotations

import importlib.util
from typing import Any

from bioinstruct.core.errors import InputError, MissingExtra

PACKAGE, EXTRA = "bitsandbytes", "qlora"
BLOCK = 64
"""Weights that share a constant."""
BITS = 4 + 8 / BLOCK + 32 / (BLOCK * 256)
"""Of a weight: its own 4, a constant of 8 bits for every 64 weights, and one of 32 bits for every 256 of these."""


def installed() -> bool:
    """Whether the package is there."""
    return importlib.util.find_spec(PACKAGE) is not None


def nf4(device: str) -> dict[str, Any]:
    """What `from_pretrained` takes to hold a model in 4 bits on a device.

    Raises:
        MissingExtra: bitsandbytes is not installed.
    """
    if not installed():
        raise MissingExtra(PACKAGE, EXTRA)
    import torch
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.bfloat16
    )
    return {"quantization_config": config, "device_map": {"": device}}


def verify(model: Any, name: str) -> None:
    """Refuse a base that bitsandbytes would round wrongly.

    Its CPU kernel (0.50) takes blocks of 64 weights to lie in one row: where rows are no multiple of that, the weights come back twice as
    far off as they should (.20 of their norm instead of .09).

    Raises:
        InputError: a layer in 4 bits has such rows.
    """
    for path, module in model.named_modules():
        if hasattr(module, "in_features") and is_quantized(module) and module.in_features % BLOCK:
            raise InputError(
                f"tune.quantize: got '{name}', whose {path} has {module.in_features} inputs; allowed: multiples of {BLOCK}, or null"
            )


def differentiable(model: Any) -> None:
    """Keep the layers in 4 bits such that gradients go through them, whatever mode the rest of the model is in.

    In evaluation mode on a CPU, bitsandbytes (0.50) packs a layer's weight anew at its first use, for a kernel that has no backward pass:
    gradients of the layers below would be wrong without a word. Nothing else in these layers depends on the mode.
    """
    import torch

    for module in model.modules():
        if isinstance(module, torch.nn.Linear) and is_quantized(module):
            module.training = True  # not `train()`: peft hangs LoRA with its dropout below such a layer, or around it


def is_quantized(module: Any) -> bool:
    """Whether a linear layer's weight is held in fewer bits, in numbers that are not its values."""
    return not module.weight.is_floating_point()
