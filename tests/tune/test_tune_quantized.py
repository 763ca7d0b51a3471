"""LoRA on a base in 4 bits: its gradients are those of the values that the 4 bits stand for, and the adapter is an ordinary one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("bitsandbytes", reason="the extra qlora is not installed")

from bioinstruct.core import template  # noqa: E402
from bioinstruct.core.errors import InputError  # noqa: E402
from bioinstruct.core.progress import Silent  # noqa: E402
from bioinstruct.core.recipe import TuneSection  # noqa: E402
from bioinstruct.core.records import Instruction  # noqa: E402
from bioinstruct.models import quantized, rows  # noqa: E402
from bioinstruct.models.encode import Encoder  # noqa: E402
from bioinstruct.models.local import LocalModel  # noqa: E402
from bioinstruct.tune import adapter, guard  # noqa: E402
from bioinstruct.tune import run as tune  # noqa: E402
from bioinstruct.tune.data import encode  # noqa: E402
from bioinstruct.tune.loss import Packing, backward  # noqa: E402


@pytest.fixture(scope="module")
def base(build_base: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With rows that hold whole blocks of 64."""
    folder: Path = build_base(tmp_path_factory.mktemp("wide"), hidden_size=64, intermediate_size=128)
    return folder


def gradients(model: Any, loaded: LocalModel, records: list[Instruction]) -> torch.Tensor:
    tuned = adapter.attach(model, TuneSection(rank=4), 0)
    with torch.no_grad():
        for name, weight in adapter.weights(tuned).items():
            if "lora_B" in name:
                weight.normal_(0.0, 0.1)
    examples = encode(records, Encoder(loaded.tokenizer, template.PAPER), 512).examples
    with adapter.bf16_weights(tuned):
        backward(tuned.get_base_model(), examples, Packing.on(torch.device("cpu"), share=True, bf16=True, segmented=False))
    return torch.cat([weight.grad.flatten() for weight in adapter.weights(tuned).values()])


def test_gradients_are_those_of_the_values_that_the_bits_stand_for(base: Path, records: list[Instruction]) -> None:
    from bitsandbytes.functional import dequantize_4bit

    packed, plain = LocalModel.load(base, device="cpu", quantize="nf4"), LocalModel.load(base, device="cpu")
    kept = {name: module for name, module in packed.model.named_modules() if isinstance(module, torch.nn.Linear)}
    in_bits = [name for name, module in kept.items() if quantized.is_quantized(module)]
    assert len(in_bits) == 2 * 7  # and not the output layer
    with torch.no_grad():
        for name in in_bits:
            weight = kept[name].weight
            values = dequantize_4bit(weight.data, weight.quant_state).to(torch.float32)
            original = plain.model.get_submodule(name).weight
            assert 0 < (values - original).norm() / original.norm() < 0.12  # they are rounded, and they are these weights
            original.copy_(values)
    rows.verify(packed.model)  # looks at the model before it is trained, as the stage does
    found, expected = gradients(packed.model, packed, records), gradients(plain.model, plain, records)
    assert expected.norm() > 0
    assert (found - expected).norm() / expected.norm() < 0.1  # products in bfloat16


def run(folder: Path, base: Path, records: list[Instruction], **changes: Any) -> Any:
    settings: dict[str, Any] = {"rank": 4, "alpha": 8, "epochs": 6, "examples_per_step": 4, "learning_rate": 1e-2, "quantize": "nf4"}
    section = TuneSection(base=str(base), **{**settings, **changes})
    return tune.run(section, records, seed=3, threads=1, folder=folder, control=None, inputs={}, progress=Silent())


@pytest.mark.parametrize("variant", ["lora", "dora"])
def test_the_stage_gives_an_ordinary_adapter(variant: str, tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    record = run(tmp_path / "tune", base, records, variant=variant)
    assert "base in nf4" in record.versions["precision"]
    assert record.versions["bitsandbytes"]
    losses = [json.loads(line)["loss"] for line in (tmp_path / "tune/train.jsonl").read_text().splitlines()]
    assert losses[-1] < losses[0] - 0.5
    again = run(tmp_path / "again", base, records, variant=variant)
    assert again.outputs == record.outputs
    tuned, plain = LocalModel.load(base, tmp_path / "tune/adapter", device="cpu"), LocalModel.load(base, device="cpu")
    (ids,) = tuned.tokenizer([records[0].instruction], return_tensors="pt")["input_ids"]
    with torch.no_grad():
        assert (tuned.model(ids[None]).logits - plain.model(ids[None]).logits).abs().max() > 0.1


def test_a_base_that_would_be_rounded_wrongly_is_refused(build_base: Any, tmp_path: Path, records: list[Instruction]) -> None:
    with pytest.raises(InputError, match=r"layers\.0\.self_attn\.q_proj has 32 inputs; allowed: multiples of 64, or null"):
        run(tmp_path / "tune", build_base(tmp_path / "narrow"), records)


def test_what_cannot_be_is_said_beforehand(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = TuneSection(base=str(base), quantize="nf4")
    assert guard.problems(section) == []
    monkeypatch.setattr(guard, "launched", lambda: (0, 2))
    (shared,) = guard.problems(TuneSection(base=str(base), quantize="nf4", shard=True))
    assert (shared.place, shared.got) == ("tune.quantize", "'nf4' with tune.shard")
    monkeypatch.setattr(quantized, "installed", lambda: False)
    (missing,) = guard.problems(section)
    assert missing.allowed == "pip install 'bioinstruct[qlora]'"
