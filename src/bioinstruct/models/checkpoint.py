"""Where a base model, an encoder or an adapter lies, and whether its folder is whole: checked before any library is asked to load it.

Nothing here needs torch but `load_tokenizer`, which needs transformers.
"""

from __future__ import annotations

import json
import re
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import ERROR, getLogger
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import InputError, MissingExtra, ModelError, Problem, raise_problems

EMBEDDED = "embedded"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_CAUSAL = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
_TOKENIZERS = (("tokenizer.json",), ("tokenizer.model",), ("vocab.json", "merges.txt"))


@dataclass(frozen=True)
class Field:
    """A field of the recipe that names a model, for messages."""

    name: str
    allowed: str
    """What it may name."""


BASE = Field("tune.base", "'embedded', a folder in transformers format, or a hub id 'org/name'")


def locate(name: str | Path, field: Field) -> Path | str | Problem:
    """The folder that is named, or the hub id, or why it is neither; nothing is opened."""
    try:
        path = Path(name).expanduser()
        if path.is_dir():
            return path
        if isinstance(name, str) and _HUB_ID.fullmatch(name) and not path.exists() and not path.parent.is_dir():
            return name
        what = "a file" if path.exists() else "no such folder"
    except (OSError, ValueError, RuntimeError) as error:  # a name too long or with a null byte, no permission; no such user's home
        what = getattr(error, "strerror", None) or str(error)
    return Problem(field.name, f"'{name}' ({what})", field.allowed)


def _locate_base(base: str | Path) -> Path | str | Problem:
    return Path(__file__).parents[1] / "embedded" / "base" if base == EMBEDDED else locate(base, BASE)


def problems(base: str | Path) -> list[Problem]:
    """What is wrong with a base: the name, its config.json, tokenizer files and weights. Hub ids are not looked up."""
    place = _locate_base(base)
    if isinstance(place, Problem):
        return [place]
    if isinstance(place, str):
        return []
    return [*_config_problems(place), *tokenizer_problems(place, BASE, _TOKENIZERS), *weight_problems(place, BASE)]


def resolve(base: str | Path) -> str | Path:
    """The checked folder of a base, or its hub id.

    Raises:
        InputError: every problem with the folder, one a line.
    """
    raise_problems(problems(base))
    place = _locate_base(base)
    assert not isinstance(place, Problem)  # it is among `problems`
    return place


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None where the file is missing, or holds anything else."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _config_problems(folder: Path) -> list[Problem]:
    path = folder / "config.json"
    if not path.is_file():
        return [Problem(BASE.name, f"{folder} without config.json", "a folder in transformers format")]
    config = read_json(path)
    if config is None:
        return [Problem(BASE.name, f"{path} that is not a JSON object", "the model's configuration in JSON")]
    names = config.get("architectures") or []
    if not isinstance(names, list):
        return [Problem(BASE.name, f"{path} with the architectures {names!r:.60}", "a list with one name")]
    if config.get("is_encoder_decoder") or (names and not any(str(name).endswith(_CAUSAL) for name in names)):
        shown = ", ".join(map(str, names)) or "an encoder-decoder"
        return [Problem(BASE.name, f"{path} with the architecture {shown}", "a causal language model (...ForCausalLM)")]
    return []


def tokenizer_problems(folder: Path, field: Field, forms: Sequence[Sequence[str]]) -> list[Problem]:
    """What is wrong with a folder's tokenizer, which may have any of these forms; each is the files that make it up."""
    if not any(all((folder / name).is_file() for name in names) for names in forms):
        wanted = ", ".join(" with ".join(names) for names in forms)
        return [Problem(field.name, f"{folder} without a tokenizer", f"one of {wanted}")]
    path = folder / "tokenizer.json"
    if path.is_file() and read_json(path) is None:
        return [Problem(field.name, f"{path} that is not a JSON object", "a tokenizer in JSON")]
    return []


def weight_problems(folder: Path, field: Field) -> list[Problem]:
    """What is wrong with a folder's weights, seen from their headers and sizes: one safetensors file, or those of an index."""
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        shards = ["model.safetensors"]
    elif index.is_file():
        table = (read_json(index) or {}).get("weight_map")
        if not isinstance(table, dict) or not table:
            return [Problem(field.name, f"{index} without a weight_map", "the index of the weight files")]
        shards = sorted({str(name) for name in table.values()})
    else:
        other = next((path.name for path in sorted(folder.glob("*.bin")) + sorted(folder.glob("*.pt*"))), None)
        got = f"{folder} with {other} and no safetensors" if other else f"{folder} without model.safetensors"
        return [Problem(field.name, got, "weights as safetensors")]
    found = [(folder / shard, safetensors_fault(folder / shard)) for shard in shards]
    return [Problem(field.name, f"{path}: {fault}", "a whole safetensors file") for path, fault in found if fault]


def safetensors_fault(path: Path) -> str | None:
    """What is wrong with a safetensors file, seen from its header and size; None = nothing."""
    if not path.is_file():
        return "no such file"
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if start == b"version ":
            return "a Git LFS pointer instead of the weights"
        if not 0 < length <= size - 8:
            return "no safetensors header"
        try:
            header = json.loads(file.read(length))
            end = max((entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"), default=0)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return "no safetensors header"
    return None if size == 8 + length + end else f"{size} bytes instead of {8 + length + end}"


def adapter_problems(adapter: Path) -> list[Problem]:
    """What is wrong with an adapter's folder in PEFT's format."""
    path, weights = adapter / "adapter_config.json", adapter / "adapter_model.safetensors"
    if not path.is_file():
        return [Problem("adapter", f"{adapter} without adapter_config.json", "a folder in PEFT's format")]
    config = read_json(path)
    if config is None:
        return [Problem("adapter", f"{path} that is not a JSON object", "a folder in PEFT's format")]
    if str(config.get("peft_type")).upper() != "LORA":
        # Prompt-like adapters change what a position is, so rows would not be exact.
        return [Problem("adapter", f"{adapter} of the kind {config.get('peft_type')}", "a LoRA adapter")]
    fault = safetensors_fault(weights)
    return [Problem("adapter", f"{weights}: {fault}", "a whole safetensors file")] if fault else []


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers, peft and bitsandbytes from writing progress bars and known, harmless warnings; errors still raise."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    quantizer = getLogger("bitsandbytes")  # peft imports it where it is there; it tells of kernels that it could fetch from the hub
    quantizer_level = quantizer.level
    quantizer.setLevel(ERROR)
    if bars:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the hub library warns where its environment variable asks for bars
            logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            # peft asks for an attribute that newer transformers have renamed.
            warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")
            yield
    finally:
        quantizer.setLevel(quantizer_level)
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def loading(place: str | Path, field: Field = BASE) -> Iterator[None]:
    """Turn what a library raises while it loads `place`, which `field` names, into a sentence.

    Raises:
        InputError: not found, not a kind that transformers knows, or files whose contents it refuses.
        ModelError: the libraries' own failures: shapes that do not fit, or no memory.
    """
    try:
        yield
    except (InputError, ModelError):
        raise
    except (RuntimeError, MemoryError) as error:
        raise ModelError(f"{place}: {type(error).__name__}: {sentence(error)}") from error
    except Exception as error:  # strict configurations and tokenizers raise kinds of their own, down to plain `Exception`
        raise InputError(f"{field.name}: got '{place}', which cannot be loaded ({sentence(error)}); allowed: {field.allowed}") from error


def sentence(error: Exception) -> str:
    """The first line of a library's error, and the second where the first only announces it; at most 300 characters."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    kind = f"{type(error).__name__}: " if isinstance(error, LookupError | AttributeError) else ""  # else it reads as a bare name
    return (kind + " ".join(lines[: 2 if lines[0].endswith(":") else 1]))[:300]


def load_tokenizer(base: str | Path) -> Any:
    """The tokenizer of a base (a folder, 'embedded' or a hub id); remote code is never run.

    Raises:
        InputError: the folder is not whole, or transformers cannot load it.
        MissingExtra: transformers is not installed.
    """
    place = resolve(base)
    try:
        from transformers import AutoTokenizer
    except ImportError:
        raise MissingExtra("transformers", "local") from None
    with quiet(), loading(place):
        return AutoTokenizer.from_pretrained(str(place), trust_remote_code=False, local_files_only=isinstance(place, Path))


def vocabulary_problems(base: str | Path, tokenizer: Any, embeddings: int) -> Iterator[Problem]:
    """A tokenizer that gives ids for which the base has no embedding: the wrong tokenizer, or tokens added without resizing."""
    ids = max(tokenizer.get_vocab().values(), default=-1) + 1
    if ids > embeddings:
        yield Problem("tune.base", f"{base} with {ids} tokens and {embeddings} embeddings", "one for each token")
