"""The LoRA modules: put on a base, and written in PEFT's format with the same bytes every time."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as safetensors_bytes
from torch.utils.checkpoint import checkpoint

from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.runfolder import write_atomic
from bioinstruct.models import last_layer
from bioinstruct.models.checkpoint import quiet
from bioinstruct.models.quantized import differentiable, is_quantized

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


def targets(section: TuneSection) -> str | list[str]:
    """`tune.target_modules` as peft takes it: 'all-linear' (all but the output layer) or a list of names."""
    text = section.target_modules.strip()
    return text if text == "all-linear" else [name.strip() for name in text.split(",") if name.strip()]


def attach(model: Any, section: TuneSection, seed: int) -> Any:
    """The peft model around `model`: the base frozen, fresh LoRA weights in float32 drawn from `seed`.

    Only LoRA's own dropout is on; a dropout that the base may have stays off.

    Raises:
        InputError: no module of the base has the names asked for.
    """
    with quiet():
        from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=section.rank,
        lora_alpha=section.alpha,
        lora_dropout=section.dropout,
        use_rslora=section.variant == "rslora",
        use_dora=section.variant == "dora",
        target_modules=targets(section),
        bias="none",
    )
    torch.manual_seed(seed)
    try:
        with quiet(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
            tuned = get_peft_model(model, config)
    except ValueError as error:
        raise InputError(f"tune.target_modules: got '{section.target_modules}' ({str(error)[:200]}); allowed: module names") from error
    only_lora_dropout(tuned)
    return tuned


def only_lora_dropout(tuned: Any) -> None:
    """Evaluation mode, but for LoRA's own dropout (and layers in 4 bits, which have another mode for training)."""
    tuned.eval()
    differentiable(tuned)
    for name, module in tuned.named_modules():
        if name.rpartition(".")[0].endswith("lora_dropout"):
            module.train()


def weights(tuned: Any) -> dict[str, torch.nn.Parameter]:
    """The trained parameters by name, in a fixed order (LoRA's matrices, and DoRA's magnitudes)."""
    return {name: parameter for name, parameter in sorted(tuned.named_parameters()) if parameter.requires_grad}


def recompute(model: Any) -> None:
    """Have each layer computed again in the backward pass instead of keeping its activations (gradient checkpointing).

    Not a last layer that is computed in part (`models/last_layer.py`): its activations are few, and needed at once. The layers stay in
    evaluation mode: transformers' own switch works in training mode only, which would turn on the base's dropout.

    Raises:
        InputError: the architecture has no layers that transformers marks as fit for it.
    """
    from transformers.modeling_layers import GradientCheckpointingLayer

    layers = [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not layers:
        raise InputError(f"tune.gradient_checkpointing: got true for {type(model).__name__}, which cannot do it; allowed: false")
    last = last_layer.narrowed(model)
    for layer in layers:
        if layer is not last:
            layer.forward = partial(checkpoint, layer.forward, use_reentrant=False)


@contextmanager
def bf16_weights(tuned: Any) -> Iterator[None]:
    """Hold the frozen linear layers in bfloat16 for good, as autocast would cast them in every pass, and skip peft's casts.

    A layer whose weight is also the embedding stays as it is: the embedding is read in full precision. So does one in 4 bits.
    """
    from peft.helpers import disable_input_dtype_casting

    embedding = tuned.get_input_embeddings().weight
    for module in tuned.modules():
        if not isinstance(module, torch.nn.Linear) or module.weight.requires_grad:
            continue
        if module.weight is not embedding and not is_quantized(module):
            module.to(torch.bfloat16)
    with disable_input_dtype_casting(tuned):
        yield


def save(tuned: Any, folder: Path, base: str) -> None:
    """Write `adapter_model.safetensors` and `adapter_config.json`; the same weights give the same bytes.

    `base` stands for the base model, so that no path of this machine gets into the file.
    """
    from peft import get_peft_model_state_dict

    state = get_peft_model_state_dict(tuned, save_embedding_layers=False)
    tensors = {name: tensor.detach().to("cpu", torch.float32).contiguous() for name, tensor in state.items()}
    config = tuned.peft_config["default"].to_dict()
    config |= {"base_model_name_or_path": base, "inference_mode": True}
    plain = {name: sorted(value) if isinstance(value, set | frozenset) else value for name, value in config.items()}
    write_atomic(folder / WEIGHTS, safetensors_bytes(tensors, metadata={"format": "pt"}))
    write_atomic(folder / CONFIG, json.dumps(plain, indent=2, sort_keys=True) + "\n")
