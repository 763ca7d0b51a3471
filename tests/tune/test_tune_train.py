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
from bioinstruct.tune.loss import Packing, backward  # noqa: E402
from bioinstruct.tune.schedule import learning_rate  # noqa: E402
from bioinstruct.tune.train import has_bf16  # noqa: E402


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
    loss = backward(
        tuned.get_base_model(), examples, Packing(**{"share": True, "row_tokens": 400, "pass_tokens": 1280, "bf16": False, **how})
    )
    return loss, {name: weight.grad.clone() for name, weight in adapter.weights(tuned).items()}


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


def test_linear_and_constant_schedules_end_where_they_say() -> None:
    linear = [learning_rate(step, 10, 1.0, 0.0, "linear") for step in range(10)]
    assert linear == pytest.approx([1.0 - step / 10 for step in range(10)])
    assert [learning_rate(step, 10, 0.5, 0.2, "constant") for step in range(10)] == pytest.approx([0.5 / 3, 1.0 / 3, *[0.5] * 8])


def test_bf16_is_asked_of_the_device() -> None:
    assert isinstance(has_bf16(torch.device("cpu")), bool)
