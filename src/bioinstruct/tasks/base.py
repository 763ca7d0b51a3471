"""What a task is: where its items come from, how they are asked, how a text is graded, and what a trivial answerer gets.

A task is data, not a class to inherit from. The law that every task keeps: each reference of each item, graded like a
model's text, has the value 1.0 on the primary metric; an item for which this fails is undefined: left out and counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol

from bioinstruct.core.errors import DataError, InputError, Problem
from bioinstruct.core.records import Finish, Item, Outcome

Family = Literal["qa", "nli", "ie", "generation"]
Answerer = Callable[[Sequence[Item], Sequence[Item]], list[str]]
"""(scored items, pool) -> one text an item, as a model would write it."""

POOL_ITEMS = 64
"""Most items in a pool: more than the most worked examples that a recipe allows."""
SHOWN_PROBLEMS = 20
"""`check_file` stops after so many."""


@dataclass(frozen=True)
class ItemRequest:
    """Which items are wanted."""

    file: Path | None = None
    """File or folder of the task's data; None for embedded tasks."""
    n: int = 0
    """At most so many items; 0 = all there are (embedded tasks need a number)."""
    seed: int = 1
    """Seed of embedded items and of the sample of real ones."""


@dataclass(frozen=True)
class Grade:
    """What became of one text; the fields of `Score` that grading decides."""

    outcome: Outcome
    values: dict[str, float]
    """Metric to value in 0..1; 0.0 for each metric when not graded."""
    counts: dict[str, int]
    """True positives and the like; empty when not graded, but for the size of the gold."""
    answer: str
    """What was read from the text; empty when nothing was."""
    gold: str


@dataclass(frozen=True)
class Trivial:
    """An answerer that knows nothing: what a model must beat."""

    name: str
    answer: Answerer
    needs_pool: bool = False
    """Whether it needs items that are never scored."""


@dataclass(frozen=True)
class Loaded:
    """All items of a source: those to score, and those of a training split (None: there is no such split)."""

    scored: list[Item]
    training: list[Item] | None


@dataclass(frozen=True)
class Collection:
    """Items to score, items for worked examples (never scored), and what was left out: item id -> reason."""

    items: list[Item]
    pool: list[Item]
    undefined: dict[str, str]


class Data(Protocol):
    """Where items come from (`tasks/sources.py`)."""

    @property
    def embedded(self) -> bool:
        """Whether the items are made here, from no file."""
        ...

    def load(self, request: ItemRequest) -> Loaded:
        """All items of the source; `DataError` for a bad row, `InputError` for a request that cannot be met."""
        ...

    def problems(self, file: Path | None) -> list[Problem]:
        """Everything wrong with the file, at most `SHOWN_PROBLEMS`."""
        ...


@dataclass(frozen=True)
class Task:
    """One evaluation task."""

    name: str
    family: Family
    mode: Literal["rank", "generate"]
    """`rank`: the option with the highest log-likelihood is the answer; `generate`: the model writes it."""
    metric: str
    """The primary metric."""
    chance: float | None
    """Expected primary metric of a blind guess; None where guessing makes no sense."""
    max_new_tokens: int
    """Cap of a generated answer, in tokens."""
    source: str
    """What the items are, from where, which split, and where worked examples come from."""
    licence: str
    version: str
    """Rises when wording, items or grading change."""
    paper_setting: str
    """How BioInstruct's paper measured it, as far as it says."""
    paper_shots: Literal[0, 1]
    description: str
    data: Data
    prompt: Callable[[Item], tuple[str, str]]
    """Item -> (instruction, input), the list of options included where the task shows one."""
    grade: Callable[[Item, str, Finish], Grade]
    trivial: tuple[Trivial, ...]
    metrics: tuple[str, ...] = field(default=())
    """All metrics, the primary first; empty = the primary alone."""
    micro: tuple[str, ...] = ()
    """Corpus-level figures beside them, of the sums of the items' counts (`metrics.micro`)."""
    asked: Literal["text", "letter"] = "text"
    split: str = ""
    """Which split is scored, and which gives the worked examples."""
    n: int | None = None
    """Items of the scored split as published; None where they are made, or where no number is published."""
    instruction: str = ""
    """What every item asks, where it is the same for all; else empty."""
    extraction: str = ""
    """How an answer is read from a generated text (`tasks/answers.py`)."""

    def __post_init__(self) -> None:
        if not self.metrics:
            object.__setattr__(self, "metrics", (self.metric,))

    def collect(self, request: ItemRequest) -> Collection:
        """Items, pool and undefined items of `request`.

        Real items are the first `n` that can be scored in an order by hash of seed and id, and come in file order: a larger
        `n` holds the smaller one's. The pool is drawn from the training split where there is one, else from the items that
        are not scored, those first that a larger `n` would take last; it never holds a scored item's input, and is empty
        when all items of an only split are scored. Undefined are the items that would have been scored but for a flaw.

        Raises:
            DataError: A file or row cannot be used.
            InputError: The request has no file, or an embedded task no number.
        """
        loaded = self.data.load(request)
        order = sorted(loaded.scored, key=lambda item: _rank(request.seed, item))
        wanted = len(order) if request.n == 0 else request.n
        chosen: set[str] = set()
        undefined: dict[str, str] = {}
        for item in order:
            if len(chosen) == wanted:
                break
            if reason := self.flaw(item):
                undefined[item.id] = reason
            else:
                chosen.add(item.id)
        others = order if loaded.training is None else sorted(loaded.training, key=lambda item: _rank(request.seed, item))
        items = [item for item in loaded.scored if item.id in chosen]
        shown = {item.input for item in items}
        fit = (item for item in reversed(others) if item.id not in chosen and item.input not in shown and not self.flaw(item))
        return Collection(items, list(islice(fit, POOL_ITEMS)), undefined)

    def items(self, request: ItemRequest) -> list[Item]:
        """The items to score, in file order; raises like `collect`."""
        return self.collect(request).items

    def pool(self, request: ItemRequest) -> list[Item]:
        """Items for worked examples, which are never scored under the same request; raises like `collect`."""
        return self.collect(request).pool

    def flaw(self, item: Item) -> str | None:
        """Why the item cannot be scored: its own gold does not reach 1.0, or all its options are one. None if it can."""
        if item.options and len(set(item.options)) < 2:
            return "all options read the same"
        for reference in item.references:
            grade = self.grade(item, reference, Finish.STOP)
            if grade.outcome is not Outcome.GRADED or grade.values[self.metric] != 1.0:
                return f"its gold is {grade.outcome} with {self.metric} {grade.values[self.metric]:g}"
        return None if item.references else "it has no gold"

    def shots(self, item: Item, pool: Sequence[Item], k: int) -> list[tuple[str, str, str]]:
        """`k` worked examples (instruction, input, output): the first of `pool` from other groups than the item's.

        Raises:
            InputError: The pool holds fewer.
        """
        others = [other for other in pool if other.id != item.id and other.group != item.group][:k]
        if len(others) < k:
            raise InputError(f"{self.name}: got {len(others)} items for {k} worked examples of {item.id}; allowed: fewer shots or items")
        return [(*self.prompt(other), other.references[0]) for other in others]


def _rank(seed: int, item: Item) -> bytes:
    return hashlib.sha256(f"{seed}/{item.id}".encode()).digest()


def check_file(task: Task, path: Path | None) -> list[Problem]:
    """Everything wrong with the task's file or folder, row by row; empty when it can be used."""
    return task.data.problems(path)


def check(task: Task, request: ItemRequest, shots: int = 0) -> list[Problem]:
    """Everything that would stop the task: its file, its number of items, and a pool too small for `shots` worked examples."""
    problems = check_file(task, request.file)
    if problems:
        return problems
    try:
        collection = task.collect(request)
    except DataError as error:
        return [Problem(str(error.path), error.got, error.allowed)]
    except InputError as error:
        return [Problem(f"task {task.name}", str(error), "a request that the task can meet")]
    if not collection.items:
        return [Problem(f"task {task.name}", "no item that can be scored", "at least one")]
    needed = max(shots, int(any(trivial.needs_pool for trivial in task.trivial)))
    # Few items share a group, so a pool with this many to spare need not be searched.
    groups = {item.group for item in collection.pool}
    if len(groups) <= needed and any(_short(item, collection.pool, needed) for item in collection.items):
        got = f"{len(collection.pool)} unscored items for {needed} worked examples"
        return [Problem(f"task {task.name}", got, "fewer evaluate.items, or data with a training split")]
    return []


def _short(item: Item, pool: Sequence[Item], k: int) -> bool:
    return sum(other.group != item.group for other in pool) < k
