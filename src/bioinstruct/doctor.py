"""What works on this machine: interpreter, packages, accelerator, extras, the embedded base."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version

from bioinstruct import __version__

EXTRAS = {
    "local": (("torch", "transformers", "peft", "accelerate", "safetensors"), "tuning, evaluation of local models"),
    "hub": (("huggingface_hub", "pyarrow"), "files and models of the Hugging Face hub, Parquet"),
    "scale": (("numba",), "novelty over many thousands of instructions"),
    "review": (("fastapi", "uvicorn", "jinja2", "python-multipart", "krippendorff"), "the raters' page"),
    "cluster": (("ray", "pyarrow"), "sifting on a Ray cluster"),
}


def _versions(packages: tuple[str, ...]) -> tuple[list[str], list[str]]:
    found, missing = [], []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    return found, missing


def findings() -> list[str]:
    """One line a finding, in the order a newcomer needs them."""
    lines = [
        f"bioinstruct {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    ]
    for extra, (packages, use) in EXTRAS.items():
        found, missing = _versions(packages)
        if missing:
            lines.append(f"{extra} ({use}): missing {', '.join(missing)}; run: pip install 'bioinstruct[{extra}]'")
        else:
            lines.append(f"{extra} ({use}): {', '.join(found)}")
    lines.append(_accelerator())
    key = "set" if os.environ.get("OPENAI_API_KEY") else "not set (needed only for a paid teacher)"
    lines.append(f"OPENAI_API_KEY: {key}")
    free = shutil.disk_usage(".").free / 1e9
    lines.append(f"free disk here: {free:.0f} GB (the embedded run needs less than 0.1 GB)")
    if importlib.util.find_spec("torch"):
        lines.append(_tokenizer())
    return lines


def _accelerator() -> str:
    if not importlib.util.find_spec("torch"):
        return "accelerator: unknown without torch"
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name(0)
        memory = torch.cuda.get_device_properties(0).total_memory / 2**30
        return f"accelerator: {torch.cuda.device_count()} x {name}, {memory:.0f} GiB"
    return "accelerator: none; the embedded world runs on the CPU, a 7B model does not"


def _tokenizer() -> str:
    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.tune.run import check

    problems = check(TuneSection())
    return "embedded base: " + ("; ".join(map(str, problems)) if problems else "found, its tokenizer survives the round trip")
