"""What the metrics said, on disk.

evaluate/metrics/<metric>/<task>.jsonl     each pair of answer and references once: its key, figures, and what befell it
evaluate/metrics/<metric>/<task>.json      what the metric was; written last

A key is a digest of the metric's identity, the answer and the references. So a value is found again whatever model gave the answer, in a
second run or after a kill, and is not used for another metric.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Item, Score
from bioinstruct.evaluate import grade
from bioinstruct.evaluate.metrics.base import Pair, Value
from bioinstruct.tasks import answers

FOLDER = "metrics"


@dataclass(frozen=True)
class Row:
    """A pair's values, as stored."""

    key: str
    values: dict[str, float]
    counts: dict[str, int]


@dataclass(frozen=True)
class Head:
    """What a metric was, on one task."""

    metric: str
    """Its name in the recipe."""
    task: str
    figures: tuple[str, ...]
    """The one that models are compared by first."""
    identity: dict[str, Any]
    pairs: int
    """Pairs of answer and references, each once."""


@dataclass(frozen=True)
class Stored:
    """A metric's values on one task."""

    head: Head
    rows: dict[str, Row]
    """By key."""

    @cached_property
    def _identity(self) -> str:
        return identity_text(self.head.identity)

    def value(self, pair: Pair) -> Value:
        """Of one pair. Raises `DataError` where it was not scored."""
        found = self.rows.get(key(self._identity, pair))
        if found is None:
            allowed = "a value for every answer; run 'bioinstruct evaluate'"
            raise DataError(f"metric '{self.head.metric}'", got=f"no value for an answer of {self.head.task}", allowed=allowed)
        return Value(found.values, found.counts)


def identity_text(identity: dict[str, Any]) -> str:
    """An identity as one line, its fields in alphabetical order."""
    return json.dumps(identity, sort_keys=True, ensure_ascii=False)


def key(identity: str, pair: Pair) -> str:
    """First 32 hexadecimal digits of the SHA-256 of an identity's text, the answer and the references."""
    return hashlib.sha256(json.dumps([identity, pair.answer, pair.references], ensure_ascii=False).encode()).hexdigest()[:32]


def pair(item: Item, score: Score) -> Pair:
    """What is scored of an item: the answer as grading has read it, and the references read in the same way."""
    return Pair(score.answer, references(item))


def references(item: Item) -> tuple[str, ...]:
    """The references of an item as grading reads them."""
    return tuple(answers.free_text(reference) for reference in item.references)


def rows_file(folder: Path, metric: str, task: str) -> Path:
    """Where the values are; `folder` is the evaluation's."""
    return folder / FOLDER / metric / f"{task}.jsonl"


def head_file(folder: Path, metric: str, task: str) -> Path:
    """Where it says what the metric was."""
    return folder / FOLDER / metric / f"{task}.json"


def write_head(folder: Path, head: Head) -> None:
    """Write what a metric was, which says that its values are complete."""
    shown = {"metric": head.metric, "task": head.task, "figures": list(head.figures), "identity": head.identity, "pairs": head.pairs}
    grade.write_json(head_file(folder, head.metric, head.task), shown)


def read_head(folder: Path, metric: str, task: str) -> Head | None:
    """What a metric was on a task; None where it is unfinished."""
    path = head_file(folder, metric, task)
    return jsonl.parse(jsonl.read_text(path), Head, path, 1) if path.exists() else None


def read(folder: Path, task: str) -> list[Stored]:
    """All finished metrics of a task, by name."""
    names = sorted(path.parent.name for path in (folder / FOLDER).glob(f"*/{task}.json"))
    found = []
    for name in names:
        head = read_head(folder, name, task)
        assert head is not None  # it was just listed
        found.append(Stored(head, {row.key: row for row in jsonl.read(rows_file(folder, name, task), Row)}))
    return found


def values(stored: Sequence[Stored], item: Item, score: Score) -> dict[str, float]:
    """Figure to value of one scored item, of all metrics."""
    return {figure: value for one in stored for figure, value in one.value(pair(item, score)).values.items()}


def outputs(folder: Path, metrics: Sequence[str], tasks: Sequence[str]) -> list[Path]:
    """The files of these metrics on these tasks."""
    return [place(folder, metric, task) for metric in metrics for task in tasks for place in (rows_file, head_file)]
