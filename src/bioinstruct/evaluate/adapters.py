"""The adapters that are asked: what settings and the record say of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bioinstruct.core import runfolder
from bioinstruct.core.errors import InputError
from bioinstruct.evaluate import grade
from bioinstruct.evaluate.metrics import storage
from bioinstruct.evaluate.plan import BASE
from bioinstruct.evaluate.trivial import TRIVIAL

WEIGHTS = "adapter_model.safetensors"


def identify(adapters: Mapping[str, Path], folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Model name to adapter name and digest, as settings hold them; and weight file to SHA-256, for the record.

    Args:
        adapters: Model name (`tuned`, `shuffled` ...) to its adapter's folder.
        folder: The stage's; adapters within the run are named from there.

    Raises:
        InputError: a name that is one of the stage's own folders, or an adapter's folder without weights.
    """
    labels: dict[str, str] = {}
    digests: dict[str, str] = {}
    for model, path in adapters.items():
        if model in {BASE, grade.ITEMS, grade.POOL, TRIVIAL, storage.FOLDER} or not model.isidentifier():
            raise InputError(f"adapters: got the model name '{model}'; allowed: a word other than the stage's own folders")
        if not (path / WEIGHTS).is_file():
            raise InputError(f"{path}: got no {WEIGHTS}; allowed: an adapter's folder in PEFT's format")
        inside = path.resolve().is_relative_to(folder.resolve().parent)
        name = path.resolve().relative_to(folder.resolve().parent).as_posix() if inside else path.as_posix()
        digest = runfolder.sha256(path / WEIGHTS)
        labels[model] = f"{name}@{digest[:16]}"
        digests[f"{name}/{WEIGHTS}"] = digest
    return labels, digests
