from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bioinstruct.core.recipe import TuneSection  # noqa: E402
from bioinstruct.core.records import Instruction  # noqa: E402
from bioinstruct.models.local import LocalModel  # noqa: E402
from bioinstruct.tune import adapter  # noqa: E402
from bioinstruct.tune.data import encode  # noqa: E402
from bioinstruct.tune.train import backward, has_bf16, learning_rate  # noqa: E402


@pytest.fixture
def tuned(base: Path) -> Any:
    """A peft model whose B matrices are not zero, so that every LoRA weight has a gradient."""
    model = adapter.attach(LocalModel.load(base, device="cpu").model, TuneSection(rank=4), 0)
    with torch.no_grad():
        for name, weight in adapter.weights(model).items():
            if "lora_B" in name:
                weight.normal_(0.0, 0.1)
    return model


def gradients(tuned: Any, examples: Any, **how: Any) -> tuple[float, dict[str, Any]]:
    tuned.zero_grad()
    loss, n_trained = backward(tuned.get_base_model(), examples, **{"share": True, "row_tokens": 400, "bf16": False, **how})
    assert n_trained == sum(len(example.trained) for example in examples)
    return loss, {name: weight.grad.clone() for name, weight in adapter.weights(tuned).items()}


def reference(tuned: Any, examples: Any) -> tuple[float, dict[str, Any]]:
    """Each record by itself through the whole model, with the labels that any trainer would use."""
    tuned.zero_grad()
    n_trained = sum(len(example.trained) for example in examples)
    total = 0.0
    for example in examples:
        ids = torch.tensor([[*example.preamble, *example.body]])
        logits = tuned(input_ids=ids).logits[0, :-1]
        n = len(example.trained)
        loss = torch.nn.functional.cross_entropy(logits[-n:], ids[0, -n:], reduction="sum") / n_trained
        loss.backward()
        total += loss.item()
    return total, {name: weight.grad.clone() for name, weight in adapter.weights(tuned).items()}


@pytest.mark.parametrize("how", [{}, {"row_tokens": 100}, {"row_tokens": 100_000}, {"share": False}])
def test_packed_loss_and_gradients_equal_the_records_by_themselves(
    tuned: Any, encoder: Any, records: list[Instruction], how: dict[str, Any]
) -> None:
    examples = encode(records, encoder, 1024).examples
    loss, packed = gradients(tuned, examples, **how)
    expected, alone = reference(tuned, examples)
    assert loss == pytest.approx(expected, rel=1e-4)
    for name, gradient in alone.items():
        scale = gradient.abs().max().item()
        assert scale > 0, name
        assert (packed[name] - gradient).abs().max().item() <= 1e-4 * scale, name


def test_bf16_comes_close(tuned: Any, encoder: Any, records: list[Instruction]) -> None:
    examples = encode(records, encoder, 1024).examples
    exact, _ = gradients(tuned, examples)
    with adapter.bf16_weights(tuned):
        loss, rough = gradients(tuned, examples, bf16=True)
    assert loss == pytest.approx(exact, rel=0.05)
    assert all(gradient.dtype == torch.float32 for gradient in rough.values())


def test_holding_weights_in_bf16_changes_nothing_that_autocast_would_not(tuned: Any, encoder: Any, records: list[Instruction]) -> None:
    examples = encode(records, encoder, 1024).examples
    loss, before = gradients(tuned, examples, bf16=True)
    with adapter.bf16_weights(tuned):
        again, after = gradients(tuned, examples, bf16=True)
    assert loss == again
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_only_lora_is_trained_and_only_its_dropout_is_on(base: Path) -> None:
    model = adapter.attach(LocalModel.load(base, device="cpu").model, TuneSection(rank=4, dropout=0.1), 0)
    assert all(".lora_A." in name or ".lora_B." in name for name in adapter.weights(model))
    assert all(weight.dtype == torch.float32 for weight in adapter.weights(model).values())
    on = {type(module).__name__ for module in model.modules() if module.training}
    assert on == {"Dropout"}
    assert not any("lm_head" in name or "embed" in name for name in adapter.weights(model))


def test_the_rate_warms_up_and_falls_to_zero() -> None:
    rates = [learning_rate(step, 100, 1.0, 0.1) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert 0 < rates[0] < 0.2
    assert max(rates) == rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 <= rates[-1] < 0.001
    assert learning_rate(0, 1, 1.0, 0.0) == 1.0
    assert 0 < learning_rate(0, 1, 1.0, 0.9) <= 1.0


def test_bf16_is_asked_of_the_device() -> None:
    assert isinstance(has_bf16(torch.device("cpu")), bool)
