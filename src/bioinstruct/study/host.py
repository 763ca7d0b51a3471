"""The base in a worker process: loaded once, and turned into one tuned model after the other.

The base stays in main memory as it was read. Each adapter is put on a copy of it, as `LocalModel.load` would put it on the base read anew
(merged in float32, beside the weights otherwise), so that answers are the same to the bit; the copy then goes to the GPU, where there is
one.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch

from bioinstruct.core import template
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import LocalModel, chosen_dtype, with_adapter


class Host:
    """A base that takes on adapters.

    Args:
        base: What `tune.base` holds.
        form: Name of the prompt template.
        threads: CPU threads of torch.
        dtype: What `evaluate.dtype` holds.
    """

    def __init__(self, base: str, form: str, threads: int, dtype: str = "auto") -> None:
        torch.set_num_threads(threads)  # before an adapter is merged: sums differ with their number
        self.threads = threads
        self.dtype = chosen_dtype(dtype, base)
        self.plain = LocalModel.load(base, dtype=self.dtype, device="cpu")
        self.encoder = Encoder(self.plain.tokenizer, template.get(form))
        self._adapter: Path | None = None
        self._current: LocalModel | None = None

    def model(self, adapter: Path | None) -> tuple[LocalModel, Encoder]:
        """The base with this adapter of its own (None: as it is), and its encoder."""
        torch.set_num_threads(self.threads)
        if self._current is None or adapter != self._adapter:
            self.rest()
            self._current, self._adapter = LocalModel(self._adapted(adapter).to(_device()), self.plain.tokenizer), adapter
        return self._current, self.encoder

    def _adapted(self, adapter: Path | None) -> Any:
        model = copy.deepcopy(self.plain.model)
        return model if adapter is None else with_adapter(model, adapter, merge=self.dtype == "float32")

    def rest(self) -> None:
        """Free what the current model takes, on a GPU above all: a training may need it."""
        self._current = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


_held: dict[tuple[str, str, int, str], Host] = {}
"""The process's own; one at most."""


def host(base: str, form: str, threads: int, dtype: str) -> Host:
    """The process's base, loaded where it holds none or another; `dtype` is what `evaluate.dtype` holds."""
    key = (base, form, threads, dtype)
    if key not in _held:
        _held.clear()
        _held[key] = Host(*key)
    return _held[key]


def rest() -> None:
    """Have the process's base rest, where it holds one."""
    for one in _held.values():
        one.rest()
