"""Percentile bootstrap intervals over clusters: means, paired differences, and means over several tasks.

Items of one cluster (an article, a patient) go together: clusters are drawn with replacement, items are not. An empty group name
is a cluster of its own. Where several tasks are averaged, the tasks are fixed and each draws its own clusters. Everything is
a pure function of the numbers and the seed.

    >>> mean([1.0, 0.0, 1.0, 1.0], ["a", "a", "b", "c"], samples=1000, seed=0)
    Estimate(value=0.75, low=0.5, high=1.0, n=4, clusters=3)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Estimate

Floats = NDArray[np.float64]

LEVEL = 0.95
"""Coverage of the intervals."""
_BLOCK = 1 << 20
"""Cluster draws held in memory at once."""


@dataclass(frozen=True)
class _Part:
    """One task's values, one column a system, gathered by cluster."""

    columns: Floats
    """(items, systems)"""
    sums: Floats
    """(clusters, systems)"""
    sizes: Floats
    """(clusters,)"""

    @property
    def means(self) -> Floats:
        """Mean of each system, (systems,)."""
        return np.asarray(self.columns.mean(axis=0))

    def draws(self, samples: int, seed: Sequence[int]) -> Floats:
        """Mean of each system in each resample, (samples, systems)."""
        clusters = len(self.sizes)
        generator = np.random.default_rng(list(seed))
        means = np.empty((samples, self.columns.shape[1]))
        rows = max(1, _BLOCK // clusters)
        for start in range(0, samples, rows):
            drawn = generator.integers(0, clusters, size=(min(rows, samples - start), clusters))
            sizes = self.sizes[drawn].sum(axis=1)
            for system in range(means.shape[1]):
                means[start : start + len(drawn), system] = self.sums[drawn, system].sum(axis=1) / sizes
        # Equal values have one mean, whatever the rounding of their sums.
        constant = (self.columns == self.columns[0]).all(axis=0)
        means[:, constant] = self.means[constant]
        return means


def mean(values: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> Estimate:
    """Mean of `values` with its interval; `groups` names the cluster of each.

    Raises:
        InputError: no values, a value that is not finite, different lengths, or no samples.
    """
    return mean_of_means([(values, groups)], samples, seed)


def paired_difference(a: Sequence[float], b: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> Estimate:
    """Mean of `a - b` over the same items with its interval. Raises `InputError` as `mean` does."""
    return paired_difference_of_means([(a, b, groups)], samples, seed)


def relative_gain(a: Sequence[float], b: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> Estimate | None:
    """`mean(a) / mean(b) - 1` with its paired interval; None where the interval of `b` reaches zero."""
    return relative_gain_of_means([(a, b, groups)], samples, seed)


def mean_of_means(tasks: Sequence[tuple[Sequence[float], Sequence[str]]], samples: int, seed: int) -> Estimate:
    """Mean over tasks of each task's mean, every task weighing the same; `n` and `clusters` are summed over the tasks."""
    parts = [_part([values], groups) for values, groups in tasks]
    value, draws = _over_tasks(parts, samples, seed)
    return _estimate(float(value[0]), draws[:, 0], parts)


def paired_difference_of_means(
    tasks: Sequence[tuple[Sequence[float], Sequence[float], Sequence[str]]], samples: int, seed: int
) -> Estimate:
    """Mean over tasks of each task's mean of `a - b`, both systems on the same items: (a, b, groups) a task."""
    parts = [_part([_subtract(a, b)], groups) for a, b, groups in tasks]
    value, draws = _over_tasks(parts, samples, seed)
    return _estimate(float(value[0]), draws[:, 0], parts)


def relative_gain_of_means(
    tasks: Sequence[tuple[Sequence[float], Sequence[float], Sequence[str]]], samples: int, seed: int
) -> Estimate | None:
    """Mean over tasks of `a` by that of `b`, less one: (a, b, groups) a task; None where the interval of the mean of `b` reaches zero."""
    parts = [_part([a, b], groups) for a, b, groups in tasks]
    value, draws = _over_tasks(parts, samples, seed)
    if _bounds(draws[:, 1])[0] <= 0.0 or value[1] <= 0.0:
        return None
    usable = draws[draws[:, 1] > 0.0]  # at most a fortieth of the draws is left out, as the lower bound is above zero
    return _estimate(float(value[0] / value[1] - 1.0), usable[:, 0] / usable[:, 1] - 1.0, parts)


def _part(systems: Sequence[Sequence[float]], groups: Sequence[str]) -> _Part:
    if any(len(values) != len(groups) for values in systems):
        lengths = ", ".join(str(len(values)) for values in systems)
        raise InputError(f"bootstrap: got {lengths} values and {len(groups)} groups; allowed: one group for each value")
    if not groups:
        raise InputError("bootstrap: got no values; allowed: at least one")
    columns = np.asarray(systems, dtype=np.float64).T
    if not np.isfinite(columns).all():
        raise InputError("bootstrap: got a value that is not finite; allowed: finite numbers")
    numbers: dict[str | int, int] = {}
    members = [numbers.setdefault(group or place, len(numbers)) for place, group in enumerate(groups)]
    gathered: list[Floats] = [np.bincount(members, column).astype(np.float64) for column in (*columns.T, np.ones(len(members)))]
    return _Part(columns, np.stack(gathered[:-1], axis=1), gathered[-1])


def _subtract(a: Sequence[float], b: Sequence[float]) -> Sequence[float]:
    if len(a) != len(b):
        raise InputError(f"bootstrap: got {len(a)} and {len(b)} values; allowed: pairs of the same items")
    return [first - second for first, second in zip(a, b, strict=True)]


def _over_tasks(parts: Sequence[_Part], samples: int, seed: int) -> tuple[Floats, Floats]:
    """Mean over the tasks, (systems,), and the same in each resample, (samples, systems)."""
    if not parts:
        raise InputError("bootstrap: got no tasks; allowed: at least one")
    if samples < 1:
        raise InputError(f"bootstrap: got {samples} samples; allowed: at least 1")
    values = np.stack([part.means for part in parts])
    draws = np.stack([part.draws(samples, (seed, place)) for place, part in enumerate(parts)])
    return np.asarray(values.mean(axis=0)), np.asarray(draws.mean(axis=0))


def _bounds(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _estimate(value: float, draws: Floats, parts: Sequence[_Part]) -> Estimate:
    low, high = _bounds(draws)
    return Estimate(value, low, high, sum(len(part.columns) for part in parts), sum(len(part.sizes) for part in parts))
