"""LoRA's linear layers as one operation: outputs and gradients are peft's, and other layers are left to peft."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bioinstruct.core.recipe import TuneSection  # noqa: E402
from bioinstruct.models.checkpoint import quiet  # noqa: E402
from bioinstruct.tune import adapter, fused  # noqa: E402

SIZES = {
    "vocab_size": 50,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
}
IDS = torch.tensor([[5, 9, 13, 2, 7, 30], [8, 1, 4, 4, 40, 11]])


def build(architecture: str, **section: Any) -> Any:
    """A tiny random model whose LoRA matrices are all felt; qwen2 has biases."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(3)
    with quiet():
        base = AutoModelForCausalLM.from_config(AutoConfig.for_model(architecture, **SIZES)).eval()
    for name, parameter in base.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter)
    tuned = adapter.attach(base, TuneSection(rank=4, **section), 0)
    with torch.no_grad():
        for name, weight in adapter.weights(tuned).items():
            if "lora_B" in name:
                weight.normal_(0.0, 0.3)
    return tuned


def stepped(tuned: Any) -> tuple[Any, dict[str, Any]]:
    """Logits and gradients."""
    tuned.zero_grad()
    logits = tuned(input_ids=IDS, use_cache=False).logits
    (logits.float() ** 2).mean().backward()
    return logits.detach(), {name: weight.grad.clone() for name, weight in adapter.weights(tuned).items()}


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "gemma"])
@pytest.mark.parametrize("variant", ["lora", "rslora"])
def test_logits_and_gradients_are_pefts(architecture: str, variant: str) -> None:
    tuned = build(architecture, variant=variant)
    expected, wanted = stepped(tuned)
    with fused.fused(tuned) as layers:
        assert layers == 7
        got, found = stepped(tuned)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-7)
    again, _ = stepped(tuned)
    assert torch.equal(again, expected)  # peft's own layers are back


def test_in_bfloat16_it_is_as_near_to_the_exact_result_as_peft() -> None:
    tuned = build("llama")
    exact, wanted = stepped(tuned)

    def distance(found: tuple[Any, dict[str, Any]]) -> tuple[float, float]:
        gaps = [(found[1][name] - gradient).norm() / gradient.norm() for name, gradient in wanted.items()]
        return float((found[0].float() - exact).norm() / exact.norm()), float(torch.stack(gaps).mean())

    with torch.autocast("cpu", torch.bfloat16), adapter.bf16_weights(tuned):
        peft = distance(stepped(tuned))
        with fused.fused(tuned):
            ours = distance(stepped(tuned))
    assert ours[0] < 1.2 * peft[0] < 0.05
    assert ours[1] < 1.2 * peft[1] < 0.1


@pytest.mark.parametrize("section", [{"variant": "dora"}, {"dropout": 0.1}])
def test_layers_with_more_to_them_stay_pefts(section: dict[str, Any]) -> None:
    tuned = build("llama", **section)
    expected, _ = stepped(tuned.eval())
    with fused.fused(tuned) as layers:
        assert layers == 0
        assert torch.equal(stepped(tuned)[0], expected)


def test_only_chosen_layers_are_touched() -> None:
    with fused.fused(build("llama", target_modules="q_proj,v_proj")) as layers:
        assert layers == 2
