"""Packed loss and gradients equal those of records by themselves, over architectures and every way of packing (float32)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bioinstruct.core.recipe import TuneSection  # noqa: E402
from bioinstruct.core.records import Instruction  # noqa: E402
from bioinstruct.models import last_layer, segmented  # noqa: E402
from bioinstruct.models.checkpoint import quiet  # noqa: E402
from bioinstruct.tune import adapter, fused, head  # noqa: E402
from bioinstruct.tune.data import encode  # noqa: E402
from bioinstruct.tune.loss import Packing, backward, total, trained_tokens  # noqa: E402

SIZES = {
    "vocab_size": 420, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 512, "initializer_range": 0.2, "bos_token_id": 0, "eos_token_id": 1,
    "pad_token_id": 1, "head_dim": 8,
}  # fmt: skip
ARCHITECTURES = {
    "llama": {},
    "llama-tied": {"tie_word_embeddings": True},
    "mistral": {"sliding_window": None},
    "qwen2": {},
    "qwen3": {},
    "gemma": {},
    "gemma2": {"sliding_window": 512, "final_logit_softcapping": 5.0, "attn_logit_softcapping": 10.0},
    "gemma3_text": {"sliding_window": 512},
}
"""Model type -> what differs; gemma2's caps are small enough to be felt."""
WAYS: dict[str, dict[str, Any]] = {
    "a few rows": {},
    "short rows": {"row_tokens": 100},
    "one row": {"row_tokens": 100_000, "pass_tokens": 100_000},
    "a row a pass": {"row_tokens": 100, "pass_tokens": 100},
    "preamble not shared": {"share": False},
}


def build(name: str) -> Any:
    """A tiny random model whose LoRA matrices are all felt."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(11)
    config = AutoConfig.for_model(name.partition("-")[0], **{**SIZES, **ARCHITECTURES[name]})
    with quiet():
        base = AutoModelForCausalLM.from_config(config).eval()
    assert last_layer.use(base)
    tuned = adapter.attach(base, TuneSection(rank=4), 0)
    with torch.no_grad():
        for key, weight in adapter.weights(tuned).items():
            if "lora_B" in key:
                weight.normal_(0.0, 0.1)
    return tuned


def gradients(tuned: Any) -> dict[str, Any]:
    found = {name: weight.grad.clone() for name, weight in adapter.weights(tuned).items()}
    tuned.zero_grad()
    return found


def alone(tuned: Any, examples: Any) -> tuple[float, dict[str, Any]]:
    """Each record by itself through the whole model, with the labels that any trainer would use."""
    tuned.zero_grad()
    summed = 0.0
    for example in examples:
        ids = torch.tensor([[*example.preamble, *example.body]])
        logits = tuned(input_ids=ids).logits[0, :-1]
        n = len(example.trained)
        loss = torch.nn.functional.cross_entropy(logits[-n:], ids[0, -n:], reduction="sum") / trained_tokens(examples)
        loss.backward()
        summed += loss.item()
    return summed, gradients(tuned)


def assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, gradient in expected.items():
        scale = gradient.abs().max().item()
        assert scale > 0, name
        assert (found[name] - gradient).abs().max().item() <= 1e-4 * scale, name


@pytest.fixture(scope="module")
def references(encoder: Any) -> Callable[[str, list[Instruction]], Any]:
    """A model, its examples and what they give alone; made once an architecture."""
    made: dict[str, Any] = {}

    def get(name: str, records: list[Instruction]) -> Any:
        if name not in made:
            tuned = build(name)
            examples = encode(records, encoder, 1024).examples
            made[name] = (tuned, examples, *alone(tuned, examples))
        return made[name]

    return get


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_packed_loss_and_gradients_equal_the_records_by_themselves(
    references: Any, records: list[Instruction], name: str, way: str
) -> None:
    tuned, examples, expected, single = references(name, records)
    model = tuned.get_base_model()
    for through in {head.find(model, torch.float32), None}:
        packing = Packing(**{"share": True, "row_tokens": 400, "pass_tokens": 800, "bf16": False, **WAYS[way], "through": through})
        assert backward(model, examples, packing) == pytest.approx(expected, rel=1e-4)
        assert_equal(gradients(tuned), single)
        assert total(model, examples, packing) / trained_tokens(examples) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_order_and_accumulation_do_not_matter(references: Any, records: list[Instruction], name: str) -> None:
    tuned, examples, expected, single = references(name, records)
    model, n = tuned.get_base_model(), trained_tokens(examples)
    packing = Packing(share=True, row_tokens=200, pass_tokens=400, bf16=False, through=head.find(model, torch.float32))
    parts = [examples[5:], examples[:2], examples[2:5][::-1]]
    assert sum(backward(model, part, packing, n) for part in parts) == pytest.approx(expected, rel=1e-4)
    assert_equal(gradients(tuned), single)


@pytest.mark.parametrize("name", ["llama", "mistral", "qwen2", "qwen3", "gemma", "gemma3_text"])
@pytest.mark.parametrize("row_tokens", [100, 320, 2048])
def test_attention_by_segments_and_layers_as_one_operation_are_the_same(
    records: list[Instruction], encoder: Any, name: str, row_tokens: int
) -> None:
    tuned = build(name)
    examples = encode(records, encoder, 1024).examples
    expected, single = alone(tuned, examples)
    assert segmented.use(tuned.get_base_model())
    with fused.fused(tuned) as layers:
        assert layers == 14
        assert backward(tuned.get_base_model(), examples, Packing(True, row_tokens, 2048, False)) == pytest.approx(expected, rel=1e-4)
        assert_equal(gradients(tuned), single)


def test_the_output_layer_is_gone_through_by_pieces_only_where_that_is_all_there_is() -> None:
    found = {name: head.find(build(name).get_base_model(), torch.float32) is not None for name in ARCHITECTURES}
    assert found == {name: name != "gemma2" for name in ARCHITECTURES}


def test_pieces_of_any_size_give_the_same_sum(references: Any, records: list[Instruction], monkeypatch: pytest.MonkeyPatch) -> None:
    tuned, examples, expected, single = references("llama", records)
    model = tuned.get_base_model()
    for piece in (1, 3 * 420, 1 << 30):
        monkeypatch.setattr(head, "PIECE", {"cpu": piece})
        packing = Packing(True, 400, 800, False, head.find(model, torch.float32))
        assert backward(model, examples, packing) == pytest.approx(expected, rel=1e-4)
        assert_equal(gradients(tuned), single)


@pytest.mark.parametrize("scale", [1.0, 30.0, 3e5])
def test_the_sum_is_right_where_a_label_is_all_but_impossible(scale: float) -> None:
    torch.manual_seed(0)
    weight, labels = torch.randn(50, 8), torch.arange(40)
    states = (scale * torch.randn(40, 8)).requires_grad_()
    found = head._Sum.apply(states, weight, weight, labels)
    (gradient,) = torch.autograd.grad(found, states)
    assert bool((torch.softmax(states @ weight.t(), 1).gather(1, labels[:, None]) == 0).any()) == (scale > 1.0)
    exact = states.detach().double().requires_grad_()
    expected = torch.nn.functional.cross_entropy(exact @ weight.double().t(), labels, reduction="sum")
    (wanted,) = torch.autograd.grad(expected, exact)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=0)
    torch.testing.assert_close(gradient.double(), wanted, rtol=1e-3, atol=1e-3)


def test_layers_computed_again_give_the_same_bytes_and_leave_the_base_dropout_off(
    base: Path, records: list[Instruction], encoder: Any
) -> None:
    tuned = build("llama")
    examples = encode(records, encoder, 1024).examples
    model, packing = tuned.get_base_model(), Packing(True, 400, 800, False)
    assert segmented.use(model)
    with fused.fused(tuned):
        before = backward(model, examples, packing)
        plain = gradients(tuned)
    adapter.recompute(model)
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    model.model.layers[0].mlp.register_forward_pre_hook(count)
    with fused.fused(tuned):
        assert backward(model, examples, packing) == before
        again = gradients(tuned)
    assert all(torch.equal(again[name], plain[name]) for name in plain)
    n_passes = calls // 2
    assert calls == 2 * n_passes > 0
    assert {type(module).__name__ for module in model.modules() if module.training} <= {"Identity"}  # of LoRA, without dropout


@pytest.mark.parametrize("variant", ["rslora", "dora"])
def test_variants_are_exact_as_well(records: list[Instruction], encoder: Any, base: Path, variant: str) -> None:
    from bioinstruct.models.local import LocalModel

    tuned = adapter.attach(LocalModel.load(base, device="cpu").model, TuneSection(rank=4, variant=variant), 0)
    with torch.no_grad():
        for key, weight in adapter.weights(tuned).items():
            if "lora_B" in key:
                weight.normal_(0.0, 0.1)
    examples = encode(records, encoder, 1024).examples
    expected, single = alone(tuned, examples)
    model = tuned.get_base_model()
    assert backward(model, examples, Packing(True, 400, 800, False, head.find(model, torch.float32))) == pytest.approx(expected, rel=1e-4)
    assert_equal(gradients(tuned), single)
    assert any("magnitude" in name for name in adapter.weights(tuned)) == (variant == "dora")


def test_a_row_is_a_pass_by_segments_and_short_under_a_mask() -> None:
    def budgets(**asked: Any) -> tuple[int, int]:
        packing = Packing.on(torch.device("cpu"), share=True, bf16=False, **asked)
        return packing.row_tokens, packing.pass_tokens

    assert budgets(segmented=True) == (2048, 2048)
    assert budgets(segmented=False) == (320, 2048)
    assert budgets(segmented=True, pass_tokens=700) == (700, 700)
    assert budgets(segmented=True, row_tokens=300) == (300, 2048)
    assert budgets(segmented=False, row_tokens=4000) == (4000, 4000)
