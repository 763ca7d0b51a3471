"""Records of the same meaning: vectors from a text encoder that the user names, and which standing vector points where a new one does.

An encoder is a folder or hub id in transformers or sentence-transformers format. The vector of a text is the mean of its last hidden
states, or the first of them where the folder's own pooling says so (`1_Pooling/config.json`), made one long. Texts are cut at what the
encoder takes; prompts that a folder suggests for queries and the like are not added, since both sides of a comparison are the same kind.

Vectors are computed in float32, and each text is padded to a length that depends on itself alone, so that which texts share a batch
changes no bit of a vector with torch on a CPU (tested). Other processors may give other last digits.

Nothing here but `Encoder` needs torch and transformers (extra `local`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bioinstruct.core.errors import InputError, ModelError, Problem, raise_problems
from bioinstruct.models import text_encoder
from bioinstruct.models.checkpoint import Field, locate, read_json

Vectors = npt.NDArray[np.float32]
FIELD = Field("curate.embedder", "a folder of an encoder in transformers or sentence-transformers format, or a hub id 'org/name'")
STEP, BATCH_TOKENS = 32, 8192
"""Texts are padded to a multiple of so many tokens; tokens in one pass, padding included."""
ROWS, COLUMNS, SLACK = 512, 16_384, 1e-3
"""Vectors compared in one product, and how far below the threshold it looks: more than float32 can be wrong."""

_MODULES = {"Transformer", "Pooling", "Normalize"}
_LEGACY_MODES = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
_MODES = ("mean", "cls")


def problems(name: str) -> list[Problem]:
    """What is wrong with an encoder's folder, seen without loading weights. Hub ids are not looked up."""
    place = locate(name, FIELD)
    return text_encoder.problems(name, FIELD) + (_pooling_problems(place) if isinstance(place, Path) else [])


def _pooling_problems(folder: Path) -> list[Problem]:
    found = []
    if other := sorted(set(_modules(folder)) - _MODULES):
        allowed = "Transformer in the folder itself, Pooling and Normalize"
        found.append(Problem(FIELD.name, f"{folder / 'modules.json'} with {', '.join(other)}", allowed))
    if (mode := _pooling(folder)) not in _MODES:
        found.append(Problem(FIELD.name, f"{folder / '1_Pooling' / 'config.json'} with the pooling {mode}", " or ".join(_MODES)))
    return found


def _modules(folder: Path) -> list[str]:
    """Class names of the modules that a sentence-transformers folder declares; none where it declares none."""
    path = folder / "modules.json"
    if not path.is_file():
        return []
    try:
        modules = json.loads(path.read_text(encoding="utf-8"))
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
        below = [
            f"{kind} in {module['path']}" for kind, module in zip(kinds, modules, strict=True) if kind == "Transformer" and module["path"]
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return ["a list that cannot be read"]
    return kinds + below


def _pooling(folder: Path) -> str:
    """How a folder pools: 'mean' where it does not say; other names than `_MODES` are refused."""
    path = folder / "1_Pooling" / "config.json"
    if not path.is_file():
        return "mean"
    config = read_json(path)
    if config is None:
        return "of a file that is not a JSON object"
    mode = config.get("pooling_mode")
    if mode is None:
        modes = [_LEGACY_MODES.get(key, key) for key, on in config.items() if key.startswith("pooling_mode_") and on]
    else:
        modes = [str(one) for one in mode] if isinstance(mode, list) else [str(mode)]
    return " + ".join(modes) or "of no mode"


class Encoder:
    """A text encoder; weights are read when it is first asked. Pickled, it is its name.

    Args:
        name: A folder or hub id; remote code is never run, and weights are read from safetensors only.

    Raises:
        InputError: every problem with the folder, one a line.
        MissingExtra: the extra `local` is not installed.
    """

    def __init__(self, name: str) -> None:
        raise_problems(problems(name))
        text_encoder.needs_local()
        self.name = name
        self._loaded: _Loaded | None = None

    def __reduce__(self) -> tuple[type[Encoder], tuple[str]]:
        return Encoder, (self.name,)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, (texts, components), in the order given.

        Raises:
            InputError: the hub does not give the encoder, or it is not usable.
            ModelError: the weights do not fit the configuration, or a vector is not a number.
        """
        if self._loaded is None:
            self._loaded = _Loaded(self.name)
        return self._loaded.vectors(texts)


class _Loaded:
    """Tokenizer and weights."""

    def __init__(self, name: str) -> None:
        folder = text_encoder.fetched(name, FIELD)
        raise_problems([*text_encoder.folder_problems(folder, FIELD), *_pooling_problems(folder)])
        self._name = name
        self._encoder = text_encoder.load(folder, FIELD, name)
        self._first = _pooling(folder) == "cls"

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """As in `Encoder`."""
        ids = self._encoder.tokenizer(list(texts), truncation=True, max_length=self._encoder.most_tokens)["input_ids"] if texts else []
        ids = [one or [self._encoder.padding] for one in ids]  # an empty text, where the tokenizer marks no ends
        vectors = np.zeros((len(ids), self._encoder.model.config.hidden_size), np.float32)
        for rows, states, mask in self._encoder.states(ids, BATCH_TOKENS, STEP):
            vectors[rows] = self._pooled(states, mask)
        if not np.isfinite(vectors).all():
            raise ModelError(f"{self._name}: got vectors that are not numbers; allowed: finite ones")
        return vectors

    def _pooled(self, states: Any, mask: Any) -> Vectors:
        import torch

        with torch.inference_mode():
            pooled = states[:, 0] if self._first else (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            found: Vectors = torch.nn.functional.normalize(pooled.float(), dim=1).cpu().numpy()
        return found


class Directions:
    """Standing vectors, and which of them a new one is most like. Every pair is compared: no index, nothing is missed.

    Products in float32 find the pairs that may reach the threshold; these are decided by the cosine of the vectors as they are, rounded
    once, so that neither blocks nor threads change a decision. Memory: 4 bytes a component. Time grows with the square of the records.

    Args:
        threshold: Least cosine of two vectors that are alike.

    Raises:
        InputError: the threshold is not above 0 and up to 1.
    """

    def __init__(self, threshold: float) -> None:
        if not 0 < threshold <= 1:
            raise InputError(f"similar: got {threshold}; allowed: above 0, up to 1")
        self._threshold = threshold
        self._tiles: list[Vectors] = []
        self._block = self._inside = np.zeros((0, 0), np.float32)
        self._older: list[list[tuple[float, int]]] = []
        self._newer: dict[int, int] = {}

    def check(self, vectors: Sequence[Vectors]) -> None:
        """Raise `InputError` for a vector that is not 1 long, or has not as many components as the others and those that stand."""
        shapes = {one.shape for one in [*vectors, *(tile[0] for tile in self._tiles[:1])]}
        if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
            raise InputError(f"similar: got vectors of the shapes {sorted(shapes)}; allowed: one number of components")
        lengths = np.linalg.norm(np.stack(vectors), axis=1) if len(vectors) else np.ones(0)
        if not (np.abs(lengths - 1) < SLACK / 2).all():  # so that what is not a number is refused, too
            raise InputError("similar: got a vector that is not 1 long; allowed: vectors as `Encoder` gives them")

    def open(self, vectors: Sequence[Vectors], look: bool) -> None:
        """Begin a block; `look` = `nearest` will be asked."""
        self._block, self._newer = np.stack(vectors).astype(np.float32), {}
        self._older = [[] for _ in vectors]
        if not look:
            return
        self._inside = self._block @ self._block.T
        for number, tile in enumerate(self._tiles):
            for start in range(0, len(vectors), ROWS):
                products = self._block[start : start + ROWS] @ tile.T
                # What is further below the row's best cannot be the nearest.
                low = np.maximum(self._threshold - SLACK, products.max(axis=1) - 2 * SLACK)
                rows, columns = np.nonzero(products >= low[:, None])
                for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                    self._older[start + row].append((float(products[row, column]), number * COLUMNS + column))

    def nearest(self, row: int) -> tuple[int, float] | None:
        """Number and cosine of the nearest standing vector, the first of equals; None where none reaches the threshold."""
        found = [(product, number, self._tiles[number // COLUMNS][number % COLUMNS]) for product, number in self._older[row]]
        inside = self._inside[row, :row]
        for place in np.flatnonzero(inside >= self._threshold - SLACK).tolist():
            if place in self._newer:
                found.append((float(inside[place]), self._newer[place], self._block[place]))
        if not found:
            return None
        low = max(product for product, _, _ in found) - 2 * SLACK
        scores = [(cosine(self._block[row], vector), number) for product, number, vector in found if product >= low]
        score, number = max(scores, key=lambda one: (one[0], -one[1]))
        return (number, score) if score >= self._threshold else None

    def stand(self, row: int, number: int) -> None:
        """Let this vector of the block stand; numbers count from 0 without gaps."""
        self._newer[row] = number

    def close(self) -> None:
        """End the block."""
        standing = self._block[list(self._newer)]
        if len(standing):
            if self._tiles and len(self._tiles[-1]) < COLUMNS:
                standing = np.concatenate((self._tiles.pop(), standing))
            self._tiles += [standing[start : start + COLUMNS] for start in range(0, len(standing), COLUMNS)]
        self._block = self._inside = np.zeros((0, 0), np.float32)
        self._older = []


def cosine(one: Vectors, other: Vectors) -> float:
    """Cosine of two float32 vectors, in -1..1: products of float32 are exact in float64, and their sums are rounded once."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    product, left, right = (math.fsum((a * b).tolist()) for a, b in ((first, second), (first, first), (second, second)))
    return max(-1.0, min(1.0, product / math.sqrt(left * right)))
