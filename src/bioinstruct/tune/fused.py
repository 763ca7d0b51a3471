"""A linear layer with LoRA computed as one operation: the base's product with LoRA's added in place, and a backward pass of its own.

peft computes the two apart: the input is cast twice, LoRA's output is scaled and then added, and the backward pass does it all again. On
short records that is as much time as the products of rank 16 themselves. The same sums here, in fewer passes over memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

ADAPTER = "default"
"""peft's name of the adapter that is trained."""


@contextmanager
def fused(tuned: Any) -> Iterator[int]:
    """Compute the layers that allow it in one operation while this is open; gives their number.

    Those with plain weights: no dropout, no variant of LoRA (DoRA), a frozen base that is not quantized. The others stay peft's.
    """
    layers = [module for module in tuned.modules() if _is_plain(module)]
    for layer in layers:
        layer.forward = partial(_forward, layer)
    try:
        yield len(layers)
    finally:
        for layer in layers:
            del layer.forward


def _is_plain(module: Any) -> bool:
    from peft.tuners.lora.layer import Linear

    return (
        type(module) is Linear
        and type(module.base_layer) is torch.nn.Linear
        and not module.base_layer.weight.requires_grad
        and (module.base_layer.bias is None or not module.base_layer.bias.requires_grad)
        and list(module.lora_A) == list(module.active_adapters) == [ADAPTER]
        and type(module.lora_dropout[ADAPTER]) is torch.nn.Identity
        and ADAPTER not in module.lora_variant
        and module.lora_A[ADAPTER].bias is None
        and module.lora_B[ADAPTER].bias is None
        and not module.merged
    )


def _forward(layer: Any, hidden: torch.Tensor) -> torch.Tensor:
    device = hidden.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
    base, down, up = layer.base_layer, layer.lora_A[ADAPTER].weight, layer.lora_B[ADAPTER].weight
    with torch.autocast(device, enabled=False):
        product = _Product.apply(hidden, base.weight, base.bias, down, up, layer.scaling[ADAPTER], dtype)  # type: ignore[no-untyped-call]
    return product  # type: ignore[no-any-return]


class _Product(torch.autograd.Function):
    """`hidden @ weight.T + bias + scaling * (hidden @ down.T) @ up.T`, computed in `dtype`; gradients of `hidden`, `down` and `up`."""

    @staticmethod
    def forward(
        context: Any, hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, down: torch.Tensor, up: torch.Tensor,
        scaling: float, dtype: torch.dtype,
    ) -> torch.Tensor:  # fmt: skip
        states = hidden.reshape(-1, hidden.shape[-1]).to(dtype)
        weight, small, scaled = weight.to(dtype), down.to(dtype), (up * scaling).to(dtype)
        within = states @ small.t()  # shape (tokens, rank)
        product = states @ weight.t() if bias is None else torch.addmm(bias.to(dtype), states, weight.t())
        product.addmm_(within, scaled.t())
        context.save_for_backward(states, weight, small, scaled, within)
        context.scaling, context.shape, context.dtype = scaling, hidden.shape, hidden.dtype
        return product.view(*hidden.shape[:-1], -1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context: Any, outer: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        states, weight, small, scaled, within = context.saved_tensors
        outer = outer.reshape(-1, outer.shape[-1]).to(weight.dtype)
        inner = outer @ scaled  # shape (tokens, rank), with the scaling in it
        to_down = (inner.t() @ states).float()
        to_up = (outer.t() @ within).float().mul_(context.scaling)
        to_hidden = None
        if context.needs_input_grad[0]:
            to_hidden = (outer @ weight).addmm_(inner, small).to(context.dtype).view(context.shape)
        return to_hidden, None, None, to_down, to_up, None, None
