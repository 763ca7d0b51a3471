"""Base and adapter as one model in transformers format, checked against the two of them before anybody gets it.

Merging is done in float32 and stored in the base's own precision (or another that is asked for). The stored model is loaded again and must
give the logits of base and adapter side by side; its generation settings name the end mark that the adapter was trained with, so that any
server stops where ours does.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import template
from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction
from bioinstruct.core.runfolder import disk_errors
from bioinstruct.models.checkpoint import quiet, read_json
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import DTYPES, LocalModel

TOLERANCE = {"float32": 1e-4, "float16": 1e-2, "bfloat16": 5e-2}
"""Largest gap between two logits, in units of one plus the largest logit."""
NEW_TOKENS, BATCH_TOKENS = 48, 4096


@dataclass(frozen=True)
class Merged:
    """A merged model that was found to be right."""

    folder: Path
    dtype: str
    gap: float
    """Largest gap between its logits and those of base and adapter, in units of one plus the largest."""
    prompts: int
    same_texts: int
    """Prompts to which it gives the same greedy text; in 16 bits a near-tie may fall the other way."""


def merge(
    section: TuneSection, adapter: Path, folder: Path, instructions: Sequence[Instruction], dtype: str | None = None, prompts: int = 100
) -> Merged:
    """Write the merged model to the new folder `folder` and check it on the prompts of the first records.

    Args:
        section: What the adapter was tuned with: its base and template.
        adapter: Folder in PEFT's format.
        folder: A name that does not exist yet.
        instructions: Records whose prompts it is checked on.
        dtype: 'float32', 'bfloat16' or 'float16'; None = as the base is stored.
        prompts: How many.

    Raises:
        InputError: the folder exists, or there is no record to check on.
        ModelError: the stored model does not give the logits of base and adapter; nothing is left behind.
    """
    if dtype is not None and dtype not in DTYPES:
        raise InputError(f"--dtype: got '{dtype}'; allowed: {', '.join(DTYPES)}")
    if folder.exists():
        raise InputError(f"{folder}: got a name that exists; allowed: a new one (--to)")
    if not instructions:
        raise InputError("merge: got no instructions to check the merged model on; allowed: the folder of a run that has curated")
    apart = LocalModel.load(section.base, adapter, merge=False)
    encoder = Encoder(apart.tokenizer, template.get(section.template))
    asked = [encoder.prompt_ids(one.instruction, one.input) for one in instructions[:prompts]]
    asked = [ids for ids in asked if len(ids) < apart.context]
    stored = dtype or _stored_dtype(apart)
    expected, texts = _logits(apart, asked), _texts(apart, asked, encoder.end_id)
    del apart
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with disk_errors(folder.parent):
            _write(section.base, adapter, partial, stored, encoder)
        made = LocalModel.load(partial, dtype=stored)
        gap = max(_gap(one, other) for one, other in zip(_logits(made, asked), expected, strict=True))
        if not gap <= TOLERANCE[stored]:
            raise ModelError(
                f"{folder}: got merged weights whose logits differ by {gap:.3g}; allowed: up to {TOLERANCE[stored]:g} in {stored}"
            )
        same = sum(one == other for one, other in zip(_texts(made, asked, encoder.end_id), texts, strict=True))
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Merged(folder, stored, gap, len(asked), same)


def _stored_dtype(model: LocalModel) -> str:
    """The precision that the base's configuration names."""
    declared = (read_json(Path(model.model.config._name_or_path) / "config.json") or {}) if model.model.config._name_or_path else {}
    name = str(declared.get("dtype") or declared.get("torch_dtype") or "float32")
    return name if name in DTYPES else "float32"


def _write(base: str, adapter: Path, folder: Path, dtype: str, encoder: Encoder) -> None:
    import torch
    from transformers import GenerationConfig

    merged = LocalModel.load(base, adapter, device="cpu")
    model = merged.model.to(getattr(torch, dtype))
    settings = GenerationConfig(eos_token_id=[encoder.end_id, *(end for end in merged.end_ids if end != encoder.end_id)])
    settings.bos_token_id, settings.pad_token_id = merged.tokenizer.bos_token_id, merged.tokenizer.pad_token_id
    model.generation_config = settings
    with quiet():
        model.save_pretrained(folder)
        merged.tokenizer.save_pretrained(folder)


def _logits(model: LocalModel, prompts: Sequence[Sequence[int]]) -> list[Any]:
    """Logits after each prompt, float32 on the CPU, shape (vocabulary,) each."""
    import torch

    with torch.no_grad():
        return [model.model(input_ids=torch.tensor([ids], device=model.model.device)).logits[0, -1].float().cpu() for ids in prompts]


def _gap(one: Any, other: Any) -> float:
    return float((one - other).abs().max() / (1.0 + other.abs().max()))


def _texts(model: LocalModel, prompts: Sequence[Sequence[int]], end_id: int) -> list[str]:
    return [one.text for one in model.generate(prompts, NEW_TOKENS, end_id, BATCH_TOKENS)]
