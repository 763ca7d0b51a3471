"""From scores of single items to what a table says of them: strict and graded-only side by side, two systems compared, runs over seeds.

Strict counts an item without a grade (unparsed, truncated, failed) as 0; graded-only leaves it out, in a comparison where either system
lacks it. Both stand side by side with the counts, because a system that answers seldom gains by the second and loses by the first.

Two systems are compared item by item: right and wrong answers by McNemar's test (`statistics/paired.py`), graded ones by Student's t of
the clusters' differences (`statistics/crossed.py` without seeds). The smallest difference is the true one that samples of this size and
spread would show in four of five repetitions (Bloom 1995, Evaluation Review 19:547; `statistics/power.py`), before Holm's correction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Estimate, Outcome, Score
from bioinstruct.statistics import bootstrap
from bioinstruct.statistics.crossed import Crossed, Term, contrast
from bioinstruct.statistics.paired import McNemar, holm, mcnemar
from bioinstruct.statistics.power import smallest_difference


@dataclass(frozen=True)
class SideBySide:
    """One system's mean on a metric, read both ways."""

    strict: Estimate
    graded_only: Estimate | None
    """None where no item was graded."""
    outcomes: dict[str, int]
    """Outcome to items, all four named; they add up to the items."""


@dataclass(frozen=True)
class Difference:
    """The first system less the second over the same items."""

    estimate: Estimate
    test: Literal["mcnemar", "t"]
    """`t` where a value is neither 0 nor 1."""
    p: float | None
    """Two-sided; McNemar's mid-p. None where all items are of one cluster and the test is `t`."""
    adjusted: float | None
    """`p` after Holm's correction over the table; None until `correct` was asked."""
    mcnemar: McNemar | None
    """With the exact value and the counts."""
    higher: int
    """Items on which the first system has the higher value; of right and wrong answers the discordant ones in its favour."""
    lower: int
    """Items on which the second has."""
    smallest: float | None
    """Smallest true difference that the sample could have shown; None where the systems never differ, or there is one cluster."""


@dataclass(frozen=True)
class Comparison:
    """Two systems, read both ways."""

    strict: Difference
    graded_only: Difference | None
    """Over the items that both have graded; None where there is none."""


def side_by_side(scores: Sequence[Score], metric: str, samples: int, seed: int) -> SideBySide:
    """The mean of `metric` over all items and over the graded ones, with intervals.

    Raises:
        InputError: there are no scores, or none holds the metric.
    """
    held = [one for one in scores if metric in one.values]
    if not held:
        raise InputError(f"scores: got no value of '{metric}'; allowed: at least one")
    graded = [one for one in held if one.outcome is Outcome.GRADED]
    counts = Counter(one.outcome for one in scores)
    strict = _mean(held, metric, samples, seed)
    graded_only = strict if len(graded) == len(held) else _mean(graded, metric, samples, seed) if graded else None
    return SideBySide(strict, graded_only, {outcome.value: counts[outcome] for outcome in Outcome})


def _mean(scores: Sequence[Score], metric: str, samples: int, seed: int) -> Estimate:
    return bootstrap.mean([one.values[metric] for one in scores], [one.group for one in scores], samples, seed)


def compare(first: Sequence[Score], second: Sequence[Score], metric: str, samples: int, seed: int) -> Comparison:
    """The first system less the second, over all items and over those that both have graded.

    Raises:
        InputError: there are no scores, they are not of the same items in the same order, or one lacks the metric.
    """
    _same_items([first, second], metric)
    pairs = list(zip(first, second, strict=True))
    graded = [(a, b) for a, b in pairs if a.outcome is Outcome.GRADED and b.outcome is Outcome.GRADED]
    strict = _difference(pairs, metric, samples, seed)
    if len(graded) == len(pairs):
        return Comparison(strict, strict)
    return Comparison(strict, _difference(graded, metric, samples, seed) if graded else None)


def correct(comparisons: Mapping[str, Comparison]) -> dict[str, Comparison]:
    """The table with Holm's correction over its tests, strict and graded-only each among their own; what has no p stays as it is."""
    strict = _corrected({name: one.strict for name, one in comparisons.items()})
    graded = _corrected({name: one.graded_only for name, one in comparisons.items() if one.graded_only is not None})
    return {name: Comparison(strict[name], graded.get(name)) for name in comparisons}


def over_runs(runs: Sequence[Sequence[Score]], metric: str, against: Sequence[Score] | None = None) -> Crossed:
    """The mean of `metric` over trainings with different seeds, each asked the same items; less `against` where it is given.

    The interval is over items and seeds, crossed; with fewer than three runs over items alone, and its note says so.

    Raises:
        InputError: there are no runs or scores, they are not of the same items in the same order, or one lacks the metric.
    """
    _same_items([*runs, *([] if against is None else [against])], metric)
    values = np.array([[one.values[metric] for one in run] for run in runs])
    fixed = np.zeros(values.shape[1]) if against is None else -np.array([one.values[metric] for one in against])
    return contrast([Term(1.0, [values])], [fixed], [[one.group for one in runs[0]]])


def _same_items(systems: Sequence[Sequence[Score]], metric: str) -> None:
    if not systems or not systems[0]:
        raise InputError("scores: got none; allowed: at least one run with at least one item")
    items = [one.item for one in systems[0]]
    for number, scores in enumerate(systems, start=1):
        if [one.item for one in scores] != items:
            raise InputError(f"scores: got other items in number {number} than in the first; allowed: the same items in the same order")
        if lacking := next((one.item for one in scores if metric not in one.values), None):
            raise InputError(f"scores: got no '{metric}' for {lacking}; allowed: a value for each item")


def _difference(pairs: Sequence[tuple[Score, Score]], metric: str, samples: int, seed: int) -> Difference:
    groups = [a.group for a, _ in pairs]
    first, second = ([pair[side].values[metric] for pair in pairs] for side in (0, 1))
    estimate = bootstrap.paired_difference(first, second, groups, samples, seed)
    by_items = contrast([], [np.subtract(first, second)], [groups])
    smallest = smallest_difference(by_items) if by_items.df is not None else None
    higher, lower = (sum(a > b for a, b in pair) for pair in (zip(first, second, strict=True), zip(second, first, strict=True)))
    if all(value in (0.0, 1.0) for value in (*first, *second)):
        found = mcnemar([bool(value) for value in first], [bool(value) for value in second], groups)
        return Difference(estimate, "mcnemar", found.p, None, found, higher, lower, smallest)
    return Difference(estimate, "t", by_items.p, None, None, higher, lower, smallest)


def _corrected(table: Mapping[str, Difference]) -> dict[str, Difference]:
    tested = {name: one.p for name, one in table.items() if one.p is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    return {name: replace(one, adjusted=adjusted.get(name)) for name, one in table.items()}
