"""BERTScore (Zhang et al. 2020, ICLR): tokens of answer and reference matched greedily by the cosine of their hidden states.

Precision is the mean over the answer's tokens of the best match in the reference, recall the other way round, F1 their harmonic mean. The
marks at both ends may be matched and have no weight of their own. With `idf` a token weighs log((N + 1) / (n + 1)), n of the task's N
references holding it. With a baseline file x becomes (x - b) / (1 - b), b being the file's value for the layer. Each figure is the best
over several references.

As the package bert_score computes it (0.3.13 with transformers 4: within 1e-5 in float32, tested), with two differences. A best match
looks at real tokens only, where the package's looks at padding, too, as a similarity of 0. A text longer than the encoder takes is cut at
the encoder's limit also where its tokenizer does not tell it, and counted. With transformers 5 the package itself gives other figures for
RoBERTa: the leading space that it asks the tokenizer for is ignored there. Here the text gets it.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field as field

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import DataError, InputError, MissingExtra, ModelError, Problem, raise_problems
from bioinstruct.core.sections import Section
from bioinstruct.evaluate.metrics.base import CUT, EMPTY, Kind, Metric, Pair, Value, best, figures
from bioinstruct.evaluate.metrics.layers import LAYERS, STACKS
from bioinstruct.models import text_encoder
from bioinstruct.models.checkpoint import Field, read_json
from bioinstruct.models.text_encoder import TextEncoder

PARTS = ("f1", "precision", "recall")
COLUMNS = {"precision": "P", "recall": "R", "f1": "F"}
"""Figure -> column of a baseline file, as bert_score has them."""
STEP, BATCH_TOKENS = 32, 4096
"""Texts are padded to a multiple of so many tokens; tokens in one pass, padding included."""
_SPACED = ("Roberta", "GPT2")
"""Beginnings of the classes of tokenizers for which a text's first word must follow a space, as words within a text do."""
_OLD = {name.partition("/")[2]: name for name in LAYERS}


class Options(Section):
    """Of an entry."""

    model: str = field("FacebookAI/roberta-large", min_length=1, description="a folder of an encoder or a hub id")
    layer: int | None = field(None, ge=0, description="hidden layer; may be left out for the hub ids of docs/metrics.md")
    idf: bool = False
    baseline: str | None = field(None, min_length=1, description="a file with the columns LAYER, P, R, F")


def layer_of(options: Options) -> int | None:
    """The layer that is read: as given, or as its authors chose for a published encoder; None where neither says."""
    if options.layer is not None:
        return options.layer
    return LAYERS.get(options.model, LAYERS.get(_OLD.get(options.model, "")))


def _place(options: Options, place: str) -> tuple[str, Field]:
    """The hub id or folder, and the field of the recipe that names it."""
    return _OLD.get(options.model, options.model), Field(f"{place}.model", "a folder of an encoder in transformers format, or a hub id")


def problems(options: Options, place: str) -> list[Problem]:
    """What would stop the metric: packages, the encoder (one of the hub is fetched), its architecture, the layer, the baseline file."""
    name, where = _place(options, place)
    try:
        text_encoder.needs_local()
        if found := text_encoder.problems(name, where):
            return found
        folder = text_encoder.fetched(name, where)
    except (MissingExtra, ModelError) as error:
        return [Problem(where.name, f"'{options.model}'", str(error))]
    except InputError as error:
        return [Problem(where.name, f"'{options.model}' ({error})", where.allowed)]
    if found := text_encoder.folder_problems(folder, where):
        return found
    config = read_json(folder / "config.json") or {}
    if config.get("model_type") not in STACKS:
        return [Problem(where.name, f"an encoder of the type {config.get('model_type')!r}", ", ".join(STACKS))]
    return _layer_problems(options, place, config) + _baseline_problems(options, place)


def _layer_problems(options: Options, place: str, config: Mapping[str, Any]) -> list[Problem]:
    layer, most = layer_of(options), config.get("num_hidden_layers", config.get("n_layers"))
    if layer is None:
        return [Problem(f"{place}.layer", f"none for '{options.model}'", "a number: no layer is known for it (docs/metrics.md)")]
    if isinstance(most, int) and layer > most:
        return [Problem(f"{place}.layer", str(layer), f"0 to {most}, the layers of '{options.model}'")]
    return []


def _baseline_problems(options: Options, place: str) -> list[Problem]:
    try:
        if options.baseline is not None:
            baseline(Path(options.baseline), layer_of(options) or 0)
    except DataError as error:
        return [Problem(f"{place}.baseline", f"'{error.path}': {error.got}", error.allowed)]
    return []


def baseline(path: Path, layer: int) -> dict[str, float]:
    """Part to its baseline for a layer, from a file as bert_score keeps them: comma-separated, with the columns LAYER, P, R, F.

    Raises:
        DataError: the file cannot be read or has no such row.
    """
    allowed = f"the columns LAYER, P, R, F, with a row for layer {layer} and values below 1"
    try:
        rows = list(csv.DictReader(jsonl.read_text(path).splitlines()))
        row = next(row for row in rows if int(row["LAYER"]) == layer)
        found = {part: float(row[column]) for part, column in COLUMNS.items()}
    except (KeyError, ValueError, TypeError, StopIteration) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(path, got="no such row", allowed=allowed) from None
    if not all(value < 1 for value in found.values()):  # not a number is refused, too
        raise DataError(path, got=f"the values {sorted(found.values())}", allowed=allowed)
    return found


class BertScore:
    """BERTScore with one encoder.

    Args:
        name: Figures begin with it.
        options: Without `problems`.
    """

    def __init__(self, name: str, options: Options) -> None:
        self._name, self._options = name, options
        layer = layer_of(options)
        assert layer is not None  # else it is among the problems
        self._layer = layer
        self._idf: tuple[tuple[str, ...], Mapping[int, float]] | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        """F1, precision and recall."""
        return figures(self._name, PARTS)

    @property
    def needs_model(self) -> bool:
        """An encoder."""
        return True

    def identity(self, references: Sequence[str]) -> dict[str, Any]:
        """Encoder, layer, weighting, baseline and the library that runs the encoder; with idf also the references."""
        drawn = None
        if self._options.idf:
            drawn = hashlib.sha256("\0".join(references).encode()).hexdigest()[:16]
        return {
            "metric": "bertscore",
            **self._weights,
            "layer": self._layer,
            "idf": self._options.idf,
            "references": drawn,
            "baseline": None if self._options.baseline is None else runfolder.sha256(Path(self._options.baseline))[:16],
            "dtype": "float32",
            "transformers": importlib.metadata.version("transformers"),
        }

    @cached_property
    def _baseline(self) -> dict[str, float] | None:
        return None if self._options.baseline is None else baseline(Path(self._options.baseline), self._layer)

    @cached_property
    def _folder(self) -> Path:
        return text_encoder.fetched(*_place(self._options, "evaluate.metrics"))

    @cached_property
    def _weights(self) -> dict[str, str]:
        return text_encoder.weights(self._folder, _OLD.get(self._options.model, self._options.model))

    @cached_property
    def _encoder(self) -> TextEncoder:
        _, where = _place(self._options, "evaluate.metrics")
        raise_problems(text_encoder.folder_problems(self._folder, where))
        encoder = text_encoder.load(self._folder, where, self._options.model)
        keep_layers(encoder.model, self._layer)
        return encoder

    def score(self, pairs: Sequence[Pair], references: Sequence[str]) -> list[Value]:
        """As in `base.Metric`."""
        texts = list(dict.fromkeys(text for pair in pairs for text in (pair.answer, *pair.references)))
        ids = {text: self._ids(text) for text in texts}
        states = self._states([text for text in texts if not self._is_empty(ids[text])], ids)
        weights = self._weighting(references)
        return [self._value(pair, ids, states, weights) for pair in pairs]

    def _ids(self, text: str) -> list[int]:
        """Token ids of a text with the marks at its ends, not yet cut."""
        tokenizer, text = self._encoder.tokenizer, text.strip()
        spaced = bool(text) and type(tokenizer).__name__.startswith(_SPACED)
        found: list[int] = tokenizer(" " + text if spaced else text, truncation=False, verbose=False)["input_ids"]
        return found

    @cached_property
    def _marks(self) -> int:
        return len(self._ids(""))

    def _is_empty(self, ids: Sequence[int]) -> bool:
        return len(ids) <= self._marks

    def _cut(self, ids: Sequence[int]) -> list[int]:
        """The first tokens that the encoder takes, the marks at the ends kept."""
        over = len(ids) - self._encoder.most_tokens
        if over <= 0:
            return list(ids)
        after = self._marks // 2  # one at each end, or none
        return [*ids[: len(ids) - after - over], *ids[len(ids) - after :]]

    def _states(self, texts: Sequence[str], ids: Mapping[str, Sequence[int]]) -> dict[str, Any]:
        """Text -> its tokens' states of length 1, (tokens, components)."""
        import torch

        cut = [self._cut(ids[text]) for text in texts]
        found: dict[str, Any] = {}
        for rows, states, _ in self._encoder.states(cut, BATCH_TOKENS, STEP):
            normal = torch.nn.functional.normalize(states, dim=-1)
            for place, row in enumerate(rows):
                found[texts[row]] = normal[place, : len(cut[row])].clone()  # not a view that keeps the padding
        if not all(bool(states.isfinite().all()) for states in found.values()):
            raise ModelError(f"{self._options.model}: got states that are not numbers; allowed: finite ones")
        return found

    def _weighting(self, references: Sequence[str]) -> Mapping[int, float] | None:
        """Token id -> weight, over all references of the task; None where all tokens but the marks weigh the same."""
        if not self._options.idf:
            return None
        if self._idf is None or self._idf[0] != tuple(references):
            held = Counter(one for text in references for one in set(self._cut(self._ids(text))))
            table = _Idf(len(references), {one: math.log((len(references) + 1) / (n + 1)) for one, n in held.items()})
            self._idf = tuple(references), table
        return self._idf[1]

    def _value(self, pair: Pair, ids: Mapping[str, Sequence[int]], states: Mapping[str, Any], weights: Mapping[int, float] | None) -> Value:
        found = []
        for reference in pair.references:
            parts = dict.fromkeys(PARTS, 0.0)
            if pair.answer in states and reference in states:
                tokens = [self._weigh(self._cut(ids[text]), weights) for text in (pair.answer, reference)]
                parts = match(states[pair.answer], states[reference], *tokens)
            found.append(dict(zip(self.figures, (parts[part] for part in PARTS), strict=True)))
        values = best(self.figures, found)
        if self._baseline is not None:
            values = {
                name: (values[name] - b) / (1 - b) for name, b in zip(self.figures, map(self._baseline.__getitem__, PARTS), strict=True)
            }
        cut = any(len(ids[text]) > self._encoder.most_tokens for text in (pair.answer, *pair.references))
        return Value(values, ({} if pair.answer in states else {EMPTY: 1}) | ({CUT: 1} if cut else {}))

    def _weigh(self, ids: Sequence[int], weights: Mapping[int, float] | None) -> Any:
        import torch

        if weights is None:
            marks = {self._encoder.tokenizer.cls_token_id, self._encoder.tokenizer.sep_token_id}
            found = [0.0 if one in marks else 1.0 for one in ids]
        else:
            found = [weights[one] for one in ids]
        return torch.tensor(found, device=self._encoder.model.device)


class _Idf(dict[int, float]):
    """Weights by token id; of one that no reference holds, as if none of N did."""

    def __init__(self, n: int, weights: Mapping[int, float]) -> None:
        super().__init__(weights)
        self._unseen = math.log(n + 1)

    def __missing__(self, token: int) -> float:
        return self._unseen


def match(answer: Any, reference: Any, answer_weights: Any, reference_weights: Any) -> dict[str, float]:
    """Precision, recall and F1 of two texts.

    Args:
        answer: States of length 1, (tokens, components).
        reference: Likewise.
        answer_weights: Weight of each of the answer's tokens, (tokens,).
        reference_weights: Likewise. Where all weights of a text are 0, the figures that need them are 0.
    """
    similar = answer @ reference.T
    precision, recall = _mean(similar.amax(1), answer_weights), _mean(similar.amax(0), reference_weights)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"f1": f1, "precision": precision, "recall": recall}


def _mean(values: Any, weights: Any) -> float:
    whole = float(weights.sum())
    return float((values * (weights / whole)).sum()) if whole else 0.0


def keep_layers(model: Any, layer: int) -> None:
    """Leave an encoder its first layers only, so that its last hidden state is that of `layer`; `STACKS` knows its architecture."""
    path = STACKS[model.config.model_type]
    if path:
        del model.get_submodule(path)[layer:]
    else:
        model.config.num_hidden_layers = layer


def _make(name: str, options: Options) -> Metric:
    return BertScore(name, options)


KIND = Kind("bertscore", Options, problems, _make)
