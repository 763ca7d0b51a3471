"""Merged weights are those of base and adapter, or nothing is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction
from bioinstruct.models.local import LocalModel
from bioinstruct.tune import merge as merging
from bioinstruct.tune import run as tune


@pytest.fixture
def section(base: Path) -> TuneSection:
    return TuneSection(base=str(base), epochs=4, learning_rate=0.02, rank=4)


@pytest.fixture
def adapter(section: TuneSection, records: list[Instruction], tmp_path: Path) -> Path:
    tune.run(section, records, seed=0, threads=1, folder=tmp_path / "tune", control=None, inputs={}, progress=Silent())
    return tmp_path / "tune" / "adapter"


@pytest.fixture
def many(records: list[Instruction]) -> list[Instruction]:
    """A hundred prompts."""
    return [replace(records[n % len(records)], instruction=f"{records[n % len(records)].instruction} Case {n}.") for n in range(100)]


def test_merged_weights_give_the_texts_of_base_and_adapter(
    section: TuneSection, adapter: Path, many: list[Instruction], tmp_path: Path
) -> None:
    merged = merging.merge(section, adapter, tmp_path / "merged", many)
    assert (merged.dtype, merged.prompts, merged.same_texts) == ("float32", 100, 100)
    assert merged.gap < 1e-4
    alone = LocalModel.load(tmp_path / "merged")
    plain = LocalModel.load(section.base)
    prompt = [5, 6, 7]
    assert (merging._logits(alone, [prompt])[0] - merging._logits(plain, [prompt])[0]).abs().max() > 1e-2  # it is not the base
    assert not (tmp_path / "merged.partial").exists()


def test_plain_peft_gives_the_texts_that_ours_does(section: TuneSection, adapter: Path, many: list[Instruction], base: Path) -> None:
    """What anybody does with an adapter from here: peft on transformers, `generate` prompt by prompt."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from bioinstruct.core import template
    from bioinstruct.models.checkpoint import quiet
    from bioinstruct.models.encode import Encoder

    ours = LocalModel.load(section.base, adapter)
    encoder = Encoder(ours.tokenizer, template.get(section.template))
    prompts = [encoder.prompt_ids(one.instruction, one.input) for one in many]
    with quiet():
        theirs = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter).eval()
        texts = []
        for ids in prompts:
            with torch.no_grad():
                out = theirs.generate(
                    input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.int64), max_new_tokens=24,
                    do_sample=False, eos_token_id=encoder.end_id, pad_token_id=encoder.end_id,
                )  # fmt: skip
            texts.append(encoder.decode([token for token in out[0, len(ids) :].tolist() if token != encoder.end_id]))
    assert [one.text for one in ours.generate(prompts, 24, encoder.end_id, 4096)] == texts


def test_the_end_mark_is_what_a_server_will_stop_at(
    section: TuneSection, adapter: Path, records: list[Instruction], tmp_path: Path
) -> None:
    merging.merge(section, adapter, tmp_path / "merged", records, "bfloat16")
    settings = json.loads((tmp_path / "merged" / "generation_config.json").read_text())
    assert settings["eos_token_id"] in (1, [1])
    assert json.loads((tmp_path / "merged" / "config.json").read_text())["dtype"] == "bfloat16"
    assert LocalModel.load(tmp_path / "merged").end_ids == (1,)


def test_weights_that_differ_are_not_given_out(
    section: TuneSection, adapter: Path, records: list[Instruction], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = LocalModel.load.__func__

    def spoilt(cls: Any, base: Any, *arguments: Any, **options: Any) -> Any:
        model = load(cls, base, *arguments, **options)
        if str(base).endswith(".partial"):  # as if storing had lost the adapter
            return load(cls, section.base)
        return model

    monkeypatch.setattr(LocalModel, "load", classmethod(spoilt))
    with pytest.raises(ModelError, match="merged weights whose logits differ"):
        merging.merge(section, adapter, tmp_path / "merged", records)
    assert not (tmp_path / "merged").exists()
    assert not (tmp_path / "merged.partial").exists()


def test_a_name_that_exists_is_left_alone(section: TuneSection, adapter: Path, records: list[Instruction], tmp_path: Path) -> None:
    (tmp_path / "merged").mkdir()
    with pytest.raises(InputError, match="a name that exists"):
        merging.merge(section, adapter, tmp_path / "merged", records)
    with pytest.raises(InputError, match="no instructions"):
        merging.merge(section, adapter, tmp_path / "other", [])
