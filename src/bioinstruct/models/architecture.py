"""What a base is made of, read from its `config.json` and the headers of its safetensors files: no weights are loaded or downloaded.

Of a hub id only these few kilobytes are fetched (extra `hub`); a folder needs no network and no torch.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import InputError, MissingExtra
from bioinstruct.models.checkpoint import read_json, resolve

Shapes = Mapping[str, tuple[int, ...]]

_EMBEDDING = re.compile(r"(^|\.)(embed_tokens|wte|word_embeddings|embed_in|tok_embeddings)\.weight$")
_POSITIONS = re.compile(r"(^|\.)(wpe|embed_positions|position_embeddings)\.weight$")
_HEAD = re.compile(r"^(lm_head|embed_out|output)\.weight$")
_NAMES = {
    "hidden": ("hidden_size", "n_embd", "d_model"),
    "layers": ("num_hidden_layers", "n_layer", "num_layers"),
    "heads": ("num_attention_heads", "n_head", "num_heads"),
    "vocabulary": ("vocab_size",),
}
"""What we call a size -> what configurations call it."""
_ITEM_BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2}
"""Bytes of a value by safetensors' name of its type; all others take one."""


@dataclass(frozen=True)
class Architecture:
    """Sizes of a causal language model."""

    name: str
    """As given: a folder, a hub id or 'embedded'."""
    kind: str
    """The configuration's model type."""
    hidden: int
    layers: int
    heads: int
    key_heads: int
    head_size: int
    inner: int
    """Width of the feed-forward part."""
    vocabulary: int
    parameters: int
    """Every stored weight once: an output layer that is also the embedding counts once."""
    embedding: int
    """Parameters of the input embedding."""
    head: int
    """Parameters of the output layer; 0 where it is also the embedding."""
    linear: Mapping[str, tuple[int, int]]
    """Linear layers within the blocks: full name -> (inputs, outputs)."""
    stored_bytes: int
    """What the weight files take, on disk and to download."""
    local: bool
    """Whether they lie in a folder of this machine; otherwise on the hub, or in its cache."""

    @property
    def tied(self) -> bool:
        """Whether the output layer is the embedding."""
        return self.head == 0

    @property
    def computed(self) -> int:
        """Parameters that every token is multiplied with: the linear layers of the blocks. The output layer is counted apart."""
        return sum(inputs * outputs for inputs, outputs in self.linear.values())

    @property
    def output_layer(self) -> int:
        """Parameters that a position with logits is multiplied with."""
        return self.head or self.embedding

    def adapted(self, targets: str | list[str]) -> dict[str, tuple[int, int]]:
        """The linear layers that LoRA is put on: all of the blocks for 'all-linear', else those whose last names are among `targets`.

        Raises:
            InputError: there is none.
        """
        if targets == "all-linear":
            return dict(self.linear)
        chosen = {name: shape for name, shape in self.linear.items() if any(name == one or name.endswith(f".{one}") for one in targets)}
        if not chosen:
            known = ", ".join(sorted({name.rpartition(".")[2] for name in self.linear}))
            raise InputError(f"tune.target_modules: got {', '.join(targets) or 'nothing'}; allowed: 'all-linear' or some of {known}")
        return chosen

    def trained(self, rank: int, targets: str | list[str]) -> int:
        """Parameters of LoRA: rank x (inputs + outputs) for each layer that it is put on."""
        return sum(rank * (inputs + outputs) for inputs, outputs in self.adapted(targets).values())


def read(base: str) -> Architecture:
    """Sizes of a base: 'embedded', a folder in transformers format, or a hub id.

    Raises:
        InputError: the base cannot be used, or the hub cannot be asked (offline, no such repository, no access to a gated one).
        MissingExtra: a hub id without huggingface_hub.
    """
    place = resolve(base)
    config, shapes, stored = _of_folder(place) if isinstance(place, Path) else _of_hub(place)
    return describe(base, config, shapes, stored, local=isinstance(place, Path))


def describe(name: str, config: Mapping[str, Any], shapes: Shapes, stored_bytes: int, *, local: bool = True) -> Architecture:
    """Sizes from a configuration and the shapes of the stored weights.

    Raises:
        InputError: the configuration lacks a size, or no stored weight is an embedding.
    """
    text = {**config, **config.get("text_config", {})}
    sizes = {what: _size(name, text, names) for what, names in _NAMES.items()}
    embedding = next((math.prod(shape) for weight, shape in shapes.items() if _EMBEDDING.search(weight)), None)
    if embedding is None:
        raise InputError(f"tune.base: got '{name}', whose weights have no embedding of a known name; allowed: a causal language model")
    linear = {weight.removesuffix(".weight"): shape for weight, shape in shapes.items() if _is_linear(weight, shape)}
    transposed = text.get("model_type") == "gpt2"  # its layers are stored as (inputs, outputs), all others as (outputs, inputs)
    return Architecture(
        name=name,
        kind=str(text.get("model_type", "unknown")),
        key_heads=int(text.get("num_key_value_heads") or sizes["heads"]),
        head_size=int(text.get("head_dim") or sizes["hidden"] // max(sizes["heads"], 1)),
        inner=int(text.get("intermediate_size") or text.get("n_inner") or 4 * sizes["hidden"]),
        parameters=sum(math.prod(shape) for shape in shapes.values()),
        embedding=embedding,
        head=next((math.prod(shape) for weight, shape in shapes.items() if _HEAD.search(weight)), 0),
        linear={weight: (shape[0], shape[1]) if transposed else (shape[1], shape[0]) for weight, shape in linear.items()},
        stored_bytes=stored_bytes,
        local=local,
        **sizes,
    )


def _size(name: str, config: Mapping[str, Any], names: tuple[str, ...]) -> int:
    found = next((config[key] for key in names if isinstance(config.get(key), int)), None)
    if found is None:
        raise InputError(f"tune.base: got a config.json of '{name}' without {names[0]}; allowed: one that has it")
    return int(found)


def _is_linear(weight: str, shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 and weight.endswith(".weight") and not any(kind.search(weight) for kind in (_EMBEDDING, _POSITIONS, _HEAD))


def _of_folder(folder: Path) -> tuple[dict[str, Any], dict[str, tuple[int, ...]], int]:
    """Configuration, shapes and bytes of a folder that `resolve` has found whole."""
    index = folder / "model.safetensors.index.json"
    whole = folder / "model.safetensors"
    names = [whole.name] if whole.is_file() else sorted(set((read_json(index) or {})["weight_map"].values()))
    shapes: dict[str, tuple[int, ...]] = {}
    for name in names:
        with (folder / name).open("rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        shapes |= {weight: tuple(entry["shape"]) for weight, entry in header.items() if weight != "__metadata__"}
    return read_json(folder / "config.json") or {}, shapes, sum((folder / name).stat().st_size for name in names)


def _of_hub(repository: str) -> tuple[dict[str, Any], dict[str, tuple[int, ...]], int]:
    """The same of a hub id: its config.json and the headers of its weight files."""
    try:
        from huggingface_hub import get_safetensors_metadata, hf_hub_download
        from huggingface_hub.errors import NotASafetensorsRepoError, SafetensorsParsingError
    except ImportError:
        raise MissingExtra("huggingface_hub", "hub") from None
    allowed = "a folder, or a hub id with safetensors weights that this machine can reach and this account may read"
    try:
        config = read_json(Path(hf_hub_download(repository, "config.json"))) or {}
        files = get_safetensors_metadata(repository).files_metadata.values()
    except (OSError, ValueError, NotASafetensorsRepoError, SafetensorsParsingError) as error:  # network, access and names are OSErrors
        words = " ".join(str(error).split())[:200]
        raise InputError(f"tune.base: got '{repository}' ({type(error).__name__}: {words}); allowed: {allowed}") from None
    tensors = {name: tensor for file in files for name, tensor in file.tensors.items()}
    stored = sum(math.prod(tensor.shape) * _ITEM_BYTES.get(tensor.dtype, 1) for tensor in tensors.values())
    return config, {name: tuple(tensor.shape) for name, tensor in tensors.items()}, stored
