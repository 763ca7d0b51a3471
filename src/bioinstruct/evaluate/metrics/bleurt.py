"""BLEURT (Sellam et al. 2020, ACL): a regression model that was trained on human marks of answer and reference.

Checkpoints are those of the PyTorch port that the hub holds (`lucadiliello/BLEURT-20` and its smaller forms; architecture
BleurtForSequenceClassification). The port's own package (bleurt_pytorch 0.0.1) cannot be imported with transformers 5, so its weights are
loaded into transformers' own classes: BERT's where embeddings are as wide as the layers, RemBERT's where they are narrower and projected,
as in BLEURT-20. Logits are the port's within 1e-5 (tested).

A pair is `[CLS] reference [SEP] answer [SEP]`; one that is too long loses tokens of the longer text, as in the authors' code, and is
counted. The value is the model's, mostly between 0 and 1 and bounded by neither; an answer without a word has 0, and is counted.
"""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field as field

from bioinstruct.core.errors import InputError, MissingExtra, ModelError, Problem, raise_problems
from bioinstruct.core.sections import Section
from bioinstruct.evaluate.metrics.base import CUT, EMPTY, Kind, Metric, Pair, Value
from bioinstruct.models import checkpoint, text_encoder
from bioinstruct.models.checkpoint import Field, loading, quiet, read_json

ARCHITECTURE = "BleurtForSequenceClassification"
ALLOWED = (
    "a folder or hub id of a BLEURT checkpoint in the form of lucadiliello/BLEURT-20, with weights as safetensors "
    "(docs/metrics.md says how to get and convert one)"
)
STEP, PAIRS = 32, 16
"""Pairs are padded to a multiple of so many tokens; pairs in one pass, always as many: so a value's last bits do not depend on what is
beside it."""
MARKS = 3
"""Of a pair: one at the start, one after each text."""
_SENTENCEPIECE, _WORDPIECE = "spm.model", "tokenizer.json"
_TOKENIZERS = ((_WORDPIECE,), (_SENTENCEPIECE,))


class Options(Section):
    """Of an entry."""

    model: str = field(min_length=1, description=ALLOWED)


def _field(place: str) -> Field:
    return Field(f"{place}.model", ALLOWED)


def problems(options: Options, place: str) -> list[Problem]:
    """What would stop the metric: packages, and the checkpoint (one of the hub is fetched)."""
    where = _field(place)
    try:
        text_encoder.needs_local()
        folder = text_encoder.fetched(options.model, where)
    except (MissingExtra, ModelError) as error:
        return [Problem(where.name, f"'{options.model}'", str(error))]
    except InputError as error:
        return [Problem(where.name, f"'{options.model}' ({error})", ALLOWED)]
    return _folder_problems(folder, where)


def _folder_problems(folder: Path, where: Field) -> list[Problem]:
    config = read_json(folder / "config.json")
    if config is None or config.get("architectures") != [ARCHITECTURE]:
        return [Problem(where.name, f"{folder} without a config.json of the architecture {ARCHITECTURE}", ALLOWED)]
    found = checkpoint.tokenizer_problems(folder, where, _TOKENIZERS) + checkpoint.weight_problems(folder, where)
    return [Problem(one.place, one.got, f"{one.allowed}; {ALLOWED}") for one in found]


class Bleurt:
    """BLEURT with one checkpoint.

    Args:
        name: Of its only figure.
        options: Without `problems`.
    """

    def __init__(self, name: str, options: Options) -> None:
        self._name, self._options = name, options

    @property
    def figures(self) -> tuple[str, ...]:
        """One, called as the metric."""
        return (self._name,)

    @property
    def needs_model(self) -> bool:
        """A checkpoint."""
        return True

    def identity(self, references: Sequence[str]) -> dict[str, Any]:
        """Checkpoint, and the library that runs it."""
        return {
            "metric": "bleurt",
            **text_encoder.weights(self._folder, self._options.model),
            "dtype": "float32",
            "transformers": importlib.metadata.version("transformers"),
        }

    @cached_property
    def _folder(self) -> Path:
        return text_encoder.fetched(self._options.model, _field("evaluate.metrics"))

    @cached_property
    def _loaded(self) -> _Loaded:
        raise_problems(_folder_problems(self._folder, _field("evaluate.metrics")))
        return _Loaded(self._folder, self._options.model)

    def score(self, pairs: Sequence[Pair], references: Sequence[str]) -> list[Value]:
        """As in `base.Metric`."""
        wanted = list(dict.fromkeys((reference, pair.answer) for pair in pairs if pair.answer for reference in pair.references))
        found = self._loaded.logits(wanted)
        return [self._value(pair, found) for pair in pairs]

    def _value(self, pair: Pair, found: Mapping[tuple[str, str], tuple[float, bool]]) -> Value:
        if not pair.answer:
            return Value({self._name: 0.0}, {EMPTY: 1})
        logits = [found[reference, pair.answer] for reference in pair.references]
        return Value({self._name: max(value for value, _ in logits)}, {CUT: 1} if any(cut for _, cut in logits) else {})


class _Loaded:
    """Tokenizer and weights."""

    def __init__(self, folder: Path, name: str) -> None:
        import torch

        self._name = name
        with quiet(), loading(folder, _field("evaluate.metrics")):
            self._encode, self._ids = tokenizer(folder)
            model = load(folder)
        self._model = model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self._most = int(model.config.max_position_embeddings)

    def logits(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[float, bool]]:
        """(reference, answer) -> the model's value, and whether the pair was cut."""
        import torch

        encoded = {pair: self._pair(*pair) for pair in pairs}
        # A length that depends on the pair alone, so that its value does not depend on what shares its batch.
        padded = {pair: min(self._most, math.ceil(len(tokens) / STEP) * STEP) for pair, (tokens, _, _) in encoded.items()}
        found: dict[tuple[str, str], tuple[float, bool]] = {}
        for length in sorted(set(padded.values())):
            alike = [pair for pair in encoded if padded[pair] == length]
            for start in range(0, len(alike), PAIRS):
                batch = alike[start : start + PAIRS]
                ids, types, mask = (torch.full((PAIRS, length), fill) for fill in (self._ids["[PAD]"], 0, 0))
                for row, pair in enumerate(batch):
                    tokens, second, _ = encoded[pair]
                    end = len(tokens)
                    ids[row, :end], types[row, second:end], mask[row, :end] = torch.tensor(tokens), 1, 1
                with torch.inference_mode():
                    device = self._model.device
                    made = self._model(input_ids=ids.to(device), token_type_ids=types.to(device), attention_mask=mask.to(device))
                values = made.logits[: len(batch), 0].float().tolist()
                found |= {pair: (value, encoded[pair][2]) for pair, value in zip(batch, values, strict=True)}
        if not all(math.isfinite(value) for value, _ in found.values()):
            raise ModelError(f"{self._name}: got values that are not numbers; allowed: finite ones")
        return found

    def _pair(self, reference: str, answer: str) -> tuple[list[int], int, bool]:
        """Token ids, where the answer begins, and whether anything was cut."""
        first, second = self._encode(reference), self._encode(answer)
        over = len(first) + len(second) + MARKS - self._most
        for _ in range(over):
            (first if len(first) > len(second) else second).pop()
        start, end = self._ids["[CLS]"], self._ids["[SEP]"]
        return [start, *first, end, *second, end], len(first) + 2, over > 0


def tokenizer(folder: Path) -> tuple[Any, dict[str, int]]:
    """What turns a text into token ids without marks, and the marks' ids: SentencePiece's as in BLEURT-20, else WordPiece's."""
    if (folder / _SENTENCEPIECE).is_file():
        from sentencepiece import SentencePieceProcessor

        pieces = SentencePieceProcessor(model_file=str(folder / _SENTENCEPIECE))
        ids = {mark: int(pieces.PieceToId(mark)) for mark in ("[PAD]", "[CLS]", "[SEP]")}
        return (lambda text: list(pieces.Encode(text))), ids
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(folder / _WORDPIECE))
    words.no_padding()
    words.no_truncation()
    vocabulary = words.get_vocab()
    ids = {mark: vocabulary[mark] for mark in ("[PAD]", "[CLS]", "[SEP]")}
    return (lambda text: list(words.encode(text, add_special_tokens=False).ids)), ids


def load(folder: Path) -> Any:
    """The port's weights in transformers' own classes.

    Raises:
        ModelError: they do not fit.
    """
    from safetensors.torch import load_file
    from transformers import BertConfig, BertForSequenceClassification, RemBertConfig, RemBertForSequenceClassification

    told = read_json(folder / "config.json") or {}
    names = (
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "pad_token_id",
    )  # fmt: skip
    shape = {name: told[name] for name in names if name in told}
    if told.get("embedding_size") is None:
        model, inside = BertForSequenceClassification(BertConfig(num_labels=1, **shape)), "bert."
    else:
        config = RemBertConfig(num_labels=1, input_embedding_size=told["embedding_size"], **shape)
        model, inside = RemBertForSequenceClassification(config), "rembert."
    weights = {
        name.replace("bleurt.", inside, 1).replace("embedding_projection", "embedding_hidden_mapping_in"): value
        for file in sorted(folder.glob("model*.safetensors"))
        for name, value in load_file(file).items()
        if not name.endswith("position_ids")
    }
    report = model.load_state_dict(weights, strict=False)
    wrong = sorted({*report.missing_keys, *report.unexpected_keys})
    if wrong:
        raise ModelError(f"{folder}: got weights that do not fit at {wrong[0]} ({len(wrong)} in all); allowed: those of {ARCHITECTURE}")
    return model


def _make(name: str, options: Options) -> Metric:
    return Bleurt(name, options)


KIND = Kind("bleurt", Options, problems, _make)
