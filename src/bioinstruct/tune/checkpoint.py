"""Where training stands, on disk: whole or not at all, and enough to go on with the same bytes.

    checkpoint/latest            name of the newest whole folder
    checkpoint/step-000120/      weights.safetensors  optimizer.safetensors  state.json  (best.safetensors: those of the best step so far)

The order of the records, the learning rate and every random draw are functions of seed and step, so the step says them. A folder is filled
under another name, flushed and renamed, and only then does `latest` point to it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from bioinstruct.core.runfolder import write_atomic
from bioinstruct.tune.held_out import Best


@dataclass(frozen=True)
class State:
    """What belongs to a checkpoint beside the tensors."""

    fingerprint: str
    """What is being trained; a checkpoint of something else is not gone on with."""
    step: int
    """Optimizer steps done."""
    log_bytes: int
    """Length of `train.jsonl` after these steps."""
    seconds: float
    """Work so far."""
    held_out_bytes: int = 0
    """Length of `held_out.jsonl`."""
    best_loss: float | None = None
    best_step: int = 0
    waited: int = 0
    """Measurements of the held-out loss since the best one."""


def write(folder: Path, state: State, weights: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer, best: Best) -> None:
    """Store the state, the weights, the optimizer's moments and the best weights so far where they are kept; older ones are removed."""
    moments = {f"{key}/{name}": value for name, weight in weights.items() for key, value in optimizer.state[weight].items()}
    place = folder / f"step-{state.step:06d}"
    partial = place.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    write_atomic(partial / "weights.safetensors", save(_on_cpu(weights)))
    write_atomic(partial / "optimizer.safetensors", save(_on_cpu(moments)))
    if best.weights:
        write_atomic(partial / "best.safetensors", save(_on_cpu(best.weights)))
    write_atomic(partial / "state.json", json.dumps(asdict(state)) + "\n")
    partial.rename(place)
    _flush(folder)
    write_atomic(folder / "latest", place.name)
    for other in folder.glob("step-*"):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)


def read(folder: Path) -> State | None:
    """The state of the newest whole checkpoint; None where there is none."""
    place = _latest(folder)
    return None if place is None else State(**json.loads((place / "state.json").read_text(encoding="utf-8")))


def restore(folder: Path, weights: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> Best:
    """Put the newest checkpoint's tensors back in place; gives back the best step so far."""
    place, state = _latest(folder), read(folder)
    if place is None or state is None:
        raise FileNotFoundError(folder / "latest")
    stored = load_file(place / "weights.safetensors")
    moments: dict[str, dict[str, Any]] = {}
    for key, value in load_file(place / "optimizer.safetensors").items():
        kind, _, name = key.partition("/")
        moments.setdefault(name, {})[kind] = value
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(stored[name])
            optimizer.state[weight] = {kind: value.to(weight.device) for kind, value in moments[name].items()}
    best = place / "best.safetensors"
    return Best(state.best_loss, state.best_step, state.waited, load_file(best) if best.is_file() else {})


def _latest(folder: Path) -> Path | None:
    pointer = folder / "latest"
    if not pointer.is_file():
        return None
    place = folder / pointer.read_text(encoding="utf-8").strip()
    return place if (place / "state.json").is_file() else None


def _on_cpu(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def _flush(folder: Path) -> None:
    """Make the rename itself durable before anything points to it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
