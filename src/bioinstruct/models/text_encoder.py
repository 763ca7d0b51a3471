"""Text encoders that the user names, by a folder or a hub id: whether the folder is whole, and its tokenizer and weights.

Remote code is never run, and weights are read from safetensors only. Nothing here but `load` needs torch and transformers (extra `local`).
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import runfolder
from bioinstruct.core.errors import MissingExtra, ModelError, Problem, raise_problems
from bioinstruct.models import checkpoint
from bioinstruct.models.checkpoint import Field, loading, locate, quiet, read_json

_DECODERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
_TOKENIZERS = (
    ("tokenizer.json",),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
    ("tokenizer.model",),
    ("sentencepiece.bpe.model",),
    ("spm.model",),
)
_SUFFIXES = frozenset({".safetensors", ".json", ".model", ".txt"})
_FILES = ("*.json", "*.txt", "*.model", "model*.safetensors")


@dataclass(frozen=True)
class TextEncoder:
    """A loaded encoder, in float32, on the GPU where there is one."""

    folder: Path
    tokenizer: Any
    model: Any
    most_tokens: int
    """How many tokens of a text it takes, its marks included: the least that its files tell."""
    padding: int
    """Id that fills short rows."""

    def states(self, ids: Sequence[Sequence[int]], batch_tokens: int, step: int) -> Iterator[tuple[list[int], Any, Any]]:
        """Last hidden states of texts, batch by batch, short texts first.

        Each text is padded to a length that depends on itself alone, so that which texts share a batch changes no bit of a state with
        torch on a CPU (tested).

        Args:
            ids: Token ids of each text, one or more and at most `most_tokens`.
            batch_tokens: Tokens in one pass, padding included; a longer text is a batch of its own.
            step: Texts are padded to a multiple of so many tokens.

        Yields:
            Places of the batch's texts in `ids`, their states (texts, tokens, components) and the attention mask (texts, tokens).
        """
        import torch

        padded = [min(self.most_tokens, math.ceil(len(one) / step) * step) for one in ids]
        for length in sorted(set(padded)):
            rows = [row for row, one in enumerate(padded) if one == length]
            size = max(1, batch_tokens // length)
            for start in range(0, len(rows), size):
                batch = rows[start : start + size]
                shown = torch.full((len(batch), length), self.padding, dtype=torch.long)
                mask = torch.zeros((len(batch), length), dtype=torch.long)
                for place, row in enumerate(batch):
                    shown[place, : len(ids[row])] = torch.tensor(ids[row])
                    mask[place, : len(ids[row])] = 1
                shown, mask = shown.to(self.model.device), mask.to(self.model.device)
                with torch.inference_mode():
                    found = self.model(input_ids=shown, attention_mask=mask).last_hidden_state
                yield batch, found, mask


def problems(name: str, field: Field) -> list[Problem]:
    """What is wrong with an encoder's folder, seen without loading weights. Hub ids are not looked up."""
    place = locate(name, field)
    if isinstance(place, Problem):
        return [place]
    return folder_problems(place, field) if isinstance(place, Path) else []


def folder_problems(folder: Path, field: Field) -> list[Problem]:
    """What is wrong with a folder: its config.json, tokenizer files and weights."""
    path = folder / "config.json"
    config = read_json(path)
    if config is None:
        got = f"{path} that is not a JSON object" if path.is_file() else f"{folder} without config.json"
        return [Problem(field.name, got, field.allowed)]
    found = []
    named = config.get("architectures")
    architectures = [str(one) for one in named] if isinstance(named, list) else []
    if config.get("is_encoder_decoder") or any(one.endswith(_DECODERS) for one in architectures):
        shown = ", ".join(architectures) or "an encoder-decoder"
        found.append(Problem(field.name, f"{path} with the architecture {shown}", "an encoder, such as BertModel"))
    found += checkpoint.tokenizer_problems(folder, field, _TOKENIZERS)
    return [*found, *checkpoint.weight_problems(folder, field)]


def fetched(name: str, field: Field) -> Path:
    """The folder of an encoder; of a hub id its snapshot in the hub's cache, fetched where it is not there.

    Raises:
        InputError: it is neither a folder nor a hub id, or the hub does not give it.
        MissingExtra: huggingface_hub is not installed.
    """
    place = locate(name, field)
    raise_problems([place] if isinstance(place, Problem) else [])
    if isinstance(place, Path):
        return place
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise MissingExtra("huggingface_hub", "hub") from None
    with quiet(), loading(name, field):
        return Path(snapshot_download(name, allow_patterns=list(_FILES), ignore_patterns=["onnx/*", "openvino/*"]))


def weights(folder: Path, name: str) -> dict[str, str]:
    """What tells an encoder from others: its name without a path, and its revision on the hub or a digest of its folder's files.

    Args:
        folder: As `fetched` gives it.
        name: As the user called it, a folder or a hub id.
    """
    if folder.parent.name == "snapshots" and not Path(name).expanduser().is_dir():  # as the hub's cache has them
        return {"model": name, "weights": f"revision {folder.name}"}
    files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    digests = "".join(f"{path.name} {runfolder.sha256(path)}\n" for path in files)
    return {"model": folder.resolve().name, "weights": f"sha256 {hashlib.sha256(digests.encode()).hexdigest()}"}


def needs_local() -> None:
    """Raise `MissingExtra` where torch or transformers is not installed."""
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package, "local")


def load(folder: Path, field: Field, name: str) -> TextEncoder:
    """Tokenizer and weights of a folder, which the user called `name`.

    Raises:
        InputError: transformers cannot load it.
        ModelError: the weights do not fit the configuration.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    with quiet(), loading(name, field):
        tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
        model, report = AutoModel.from_pretrained(
            str(folder),
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
    absent = sorted(str(key) for key in [*report["missing_keys"], *report["mismatched_keys"]] if "pooler." not in str(key))
    if absent:  # a pooler is not asked
        raise ModelError(f"{name}: got weights without {absent[0]} ({len(absent)} missing); allowed: all that config.json asks for")
    model = model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    pads = (tokenizer.pad_token_id, model.config.pad_token_id)
    padding = next((int(one) for one in pads if one is not None), 0)
    return TextEncoder(folder, tokenizer, model, _most_tokens(folder, tokenizer, model), padding)


def _most_tokens(folder: Path, tokenizer: Any, model: Any) -> int:
    told = [(read_json(folder / "sentence_bert_config.json") or {}).get("max_seq_length"), tokenizer.model_max_length]
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions is not None:
        table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
        shift = getattr(table, "padding_idx", None)  # RoBERTa and its kin count positions from behind the padding id
        told.append(positions - (0 if shift is None else shift + 1))
    return int(min(one for one in told if one))
