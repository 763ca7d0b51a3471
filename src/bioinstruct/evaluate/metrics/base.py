"""What a model-based metric is: a kind that a recipe can name, and what one of that kind says of answers.

    evaluate:
      metrics:
        - concept_f1                                               # a kind with its defaults
        - {metric: bertscore, model: ../encoders/x, layer: 9}      # with options
        - {metric: bertscore, name: bertscore_x, model: org/x, layer: 9}   # a second one of a kind needs a name of its own

A metric gives one or more figures for each answer, under its name; the first of them is the one that models are compared by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bioinstruct.core.errors import Problem
from bioinstruct.core.sections import Section

EMPTY, CUT, UNDEFINED = "empty", "cut", "undefined"
"""Counts: answers without a word; answers or references cut at what a model takes; items on which the metric says nothing."""


@dataclass(frozen=True)
class Pair:
    """An answer as it was read from a model's text (empty where it has no grade), and what would have been right."""

    answer: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """What a metric says of one answer."""

    values: dict[str, float]
    """Figure to value; empty where the metric says nothing of the item."""
    counts: dict[str, int] = field(default_factory=dict)
    """What befell it, of those that did."""


class Metric(Protocol):
    """One metric with its options. Weights are read when the first answer is scored."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of what it gives, the one that models are compared by first."""
        ...

    @property
    def needs_model(self) -> bool:
        """Whether scoring reads weights or a licensed vocabulary."""
        ...

    def identity(self, references: Sequence[str]) -> dict[str, Any]:
        """All that its values depend on but the pair itself; no path, so that two places with the same weights agree.

        Args:
            references: All references of the task.
        """
        ...

    def score(self, pairs: Sequence[Pair], references: Sequence[str]) -> list[Value]:
        """One value a pair, in order.

        Args:
            pairs: Whichever are wanted.
            references: All references of the task.

        Raises:
            InputError: what it needs cannot be used.
            ModelError: the model fails.
        """
        ...


@dataclass(frozen=True)
class Kind:
    """A kind of metric."""

    name: str
    """Of its only metric in a recipe, where no other is given."""
    options: type[Section]
    problems: Callable[[Any, str], list[Problem]]
    """Options and the recipe's field -> what would stop the metric, its weights' or vocabulary's absence among it."""
    make: Callable[[str, Any], Metric]
    """Name and options -> the metric."""


def figures(name: str, parts: Sequence[str]) -> tuple[str, ...]:
    """`bertscore` with `f1`, `precision` ... -> `bertscore_f1`, `bertscore_precision` ..."""
    return tuple(f"{name}_{part}" for part in parts)


def best(names: Sequence[str], found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each figure's highest value over several references."""
    return {name: max(one[name] for one in found) for name in names}
