"""What a training step keeps for its backward pass, tensor by tensor, against the estimate made from sizes alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bioinstruct.models import architecture, memory_estimate
from bioinstruct.models.memory_estimate import Tuning

torch = pytest.importorskip("torch")


def kept(bf16: bool, targets: str, row_tokens: int) -> tuple[int, int]:
    """Bytes that autograd keeps for one row of the embedded base, apart from weights, and the row's tokens."""
    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.models import rows, segmented
    from bioinstruct.models.local import LocalModel
    from bioinstruct.tune import adapter, fused

    model = LocalModel.load("embedded").model
    segmented.use(model)
    tuned = adapter.attach(model, TuneSection(target_modules=targets), 0)
    row = rows.Row((rows.Segment(tuple(range(5, 5 + row_tokens)), None, row_tokens - 1),)).tensors()
    found: dict[int, int] = {}
    alive: list[Any] = []

    def pack(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in frozen:
            found[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    casts = adapter.bf16_weights(tuned) if bf16 else torch.enable_grad()
    frozen: set[int] = set()
    with (
        casts,
        fused.fused(tuned),
        torch.autograd.graph.saved_tensors_hooks(pack, lambda one: one),
        torch.autocast("cpu", torch.bfloat16, enabled=bf16),
    ):
        frozen |= {weight.untyped_storage().data_ptr() for weight in model.parameters()}  # they are other ones once cast
        rows.logits(tuned.get_base_model(), row)
    return sum(found.values()), row_tokens


@pytest.mark.parametrize(("bf16", "targets"), [(True, "all-linear"), (False, "all-linear"), (True, "q_proj,v_proj")])
def test_activations_are_what_autograd_keeps(bf16: bool, targets: str):
    names = targets if targets == "all-linear" else targets.split(",")
    measured, tokens = kept(bf16, targets, 320)
    how = Tuning(16, names, row_tokens=tokens, pass_tokens=tokens, seen_tokens=tokens, logits=0, gpu=False, bf16=bf16)
    estimate = memory_estimate.tuning(architecture.read("embedded"), how)["activations"]
    print(f"bf16 {bf16}, {targets}: estimated {estimate / 2**20:.1f} MiB, kept {measured / 2**20:.1f} MiB, ratio {estimate / measured:.2f}")
    assert 0.8 <= estimate / measured <= 1.2


def test_recomputed_layers_dropout_and_devices_change_the_estimate_as_they_must():
    base = architecture.read("embedded")
    how = Tuning(16, "all-linear", row_tokens=1280, pass_tokens=1280, seen_tokens=320, logits=1 << 21, gpu=False)
    parts = memory_estimate.tuning(base, how)
    assert memory_estimate.tuning(base, replace(how, checkpointing=True))["activations"] < parts["activations"] / 3
    assert memory_estimate.tuning(base, replace(how, dropout=True))["activations"] > parts["activations"]
    assert memory_estimate.tuning(base, replace(how, pass_tokens=2560))["activations"] == 2 * parts["activations"]
    assert memory_estimate.tuning(base, replace(how, gpu=True))["weights"] == 2 * base.parameters
    assert memory_estimate.loading(base, how) == 4 * base.parameters
    four_bits = memory_estimate.tuning(base, replace(how, gpu=True, quantized=True))["weights"]
    largest = max(inputs * outputs for inputs, outputs in base.linear.values())
    assert four_bits == int(base.computed * 4.126953125 / 8) + 2 * (base.parameters - base.computed) + 2 * largest
    trained = base.trained(16, "all-linear")
    assert parts["LoRA weights, gradients and AdamW's two moments"] == 18 * trained


def test_asking_and_arithmetic():
    base = architecture.read("embedded")
    assert memory_estimate.cache_bytes(base) == 2 * 6 * 4 * 64 * 4
    assert memory_estimate.asking(base, 1000, 0)["keys and values"] == 1000 * memory_estimate.cache_bytes(base)
    assert memory_estimate.operations(base, 10, 0) == 40 * base.computed
    assert memory_estimate.operations(base, 10, 3) == 40 * base.computed + 12 * base.embedding
    assert memory_estimate.operations(base, 10, 0, checkpointing=True) == 60 * base.computed
