"""95 % intervals from a bootstrap over clusters: means, paired differences, relative gains, each also as a mean over several tasks.

Items of one cluster (an article, a patient) go together: clusters are drawn with replacement, items are not. An empty group name
is a cluster of its own. Where several tasks are averaged, the tasks are fixed and each draws its own clusters. Everything is
a pure function of the numbers and the seed.

The resamples give the variances; their percentiles are not used as limits, for with few clusters and nearly all right they hold the
truth too seldom (docs/statistics.md). Each variance is multiplied by G / (G - 1), G clusters, and taken with Student's t at G - 1
degrees of freedom (of several tasks: Satterthwaite 1946, Biometrics Bulletin 2:110). Then

    a mean of values in 0..1   Wilson's score interval (1927, JASA 22:209) at the effective number of items, value (1 - value) / variance,
                               as for proportions from clustered samples (Korn & Graubard 1998, Survey Methodology 24:193)
    a paired difference        of right and wrong answers: the share that only the first has right less the share that only the second has
                               right, each with its score interval, joined by their correlation (Zou & Donner 2008, Statistics in
                               Medicine 27:1693), or value +- t times the standard error where that reaches further; of graded answers
                               always the latter
    a relative gain            Fieller's interval of a ratio (1954, JRSS B 16:175); there is none where the base's own t interval
                               reaches zero
    a pooled share             as a mean of values in 0..1, whose variance is that of the ratio of two sums
    any other mean             value +- t times the standard error

Where all values are 0 (or all 1) the effective number is that of the clusters (in a difference: of the items), so that ten right of ten
are not a certainty. How often the intervals hold a planted truth is measured by `benchmarks/coverage.py`. One cluster
says nothing about spread: its interval has no width, and `clusters` says why.

    >>> mean([1.0, 0.0, 1.0, 1.0], ["a", "a", "b", "c"], samples=1000, seed=0).value
    0.75
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

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
    """(clusters,): items, or their weights"""
    means: Floats
    """(systems,)"""

    def covariance(self, samples: int, seed: Sequence[int]) -> Floats:
        """Of the systems' means, (systems, systems), from resamples; zeros where there is one cluster."""
        clusters = len(self.sizes)
        means = self._draws(samples, seed)
        centred = means - means.mean(axis=0)
        centred[:, (self.columns == self.columns[0]).all(axis=0)] = 0.0  # equal values have one mean, whatever the rounding of their sums
        return np.asarray(centred.T @ centred / samples * (clusters / max(1, clusters - 1)))

    def _draws(self, samples: int, seed: Sequence[int]) -> Floats:
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
        return means


@dataclass(frozen=True)
class _Moments:
    """Means over the tasks and what the resamples say of their spread."""

    values: Floats
    """(systems,)"""
    covariances: Floats
    """(tasks, systems, systems): each task's share; they add up to the covariance of `values`."""
    clusters: Floats
    """(tasks,)"""
    items: Floats
    """(tasks,)"""

    def variance(self, weights: Sequence[float]) -> float:
        """Of the systems' weighted sum."""
        return float(self._shares(weights).sum())

    def t(self, weights: Sequence[float]) -> float:
        """Student's quantile for the systems' weighted sum."""
        shares, lost = self._shares(weights), np.maximum(1.0, self.clusters - 1.0)
        spread = float((shares**2 / lost).sum())
        freedom = float(shares.sum()) ** 2 / spread if spread > 0 else float(lost.min())
        return -float(stdtrit(freedom, (1 - LEVEL) / 2))

    def _shares(self, weights: Sequence[float]) -> Floats:
        return np.asarray(np.maximum(0.0, np.einsum("i,tij,j->t", weights, self.covariances, weights)))

    def estimate(self, value: float, low: float, high: float) -> Estimate:
        """The estimate; without width where no task has two clusters."""
        if self.clusters.max() == 1:
            low = high = value
        return Estimate(value, low, high, int(self.items.sum()), int(self.clusters.sum()))


def mean(values: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> Estimate:
    """Mean of `values` with its interval; `groups` names the cluster of each.

    Raises:
        InputError: no values, a value that is not finite, different lengths, or no samples.
    """
    return mean_of_means([(values, groups)], samples, seed)


def weighted_mean(values: Sequence[float], weights: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> Estimate:
    """Sum of `weights * values` by the sum of the weights, with its interval: of shares with their denominators the pooled share.

    Resamples draw clusters with all that they weigh, so the variance is that of a ratio of two sums.

    Raises:
        InputError: as `mean`, or a weight is not above zero.
    """
    if any(weight <= 0.0 for weight in weights):
        raise InputError("bootstrap: got a weight of zero or below; allowed: weights above zero")
    part = _part([values], groups, weights)
    found = _moments([part], samples, seed)
    limits = _score(found, 0, found.t([1.0]), found.clusters) if _in_unit([part]) else _student(found, [1.0])
    return found.estimate(float(found.values[0]), *limits)


def paired_difference(a: Sequence[float], b: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> Estimate:
    """Mean of `a - b` over the same items with its interval. Raises `InputError` as `mean` does."""
    return paired_difference_of_means([(a, b, groups)], samples, seed)


def relative_gain(a: Sequence[float], b: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> Estimate | None:
    """`mean(a) / mean(b) - 1` with its paired interval; None where the t interval of `b` reaches zero."""
    return relative_gain_of_means([(a, b, groups)], samples, seed)


def mean_of_means(tasks: Sequence[tuple[Sequence[float], Sequence[str]]], samples: int, seed: int) -> Estimate:
    """Mean over tasks of each task's mean, every task weighing the same; `n` and `clusters` are summed over the tasks."""
    parts = [_part([values], groups) for values, groups in tasks]
    found = _moments(parts, samples, seed)
    value = float(found.values[0])
    limits = _score(found, 0, found.t([1.0]), found.clusters) if _in_unit(parts) else _student(found, [1.0])
    return found.estimate(value, *limits)


def paired_difference_of_means(
    tasks: Sequence[tuple[Sequence[float], Sequence[float], Sequence[str]]], samples: int, seed: int
) -> Estimate:
    """Mean over tasks of each task's mean of `a - b`, both systems on the same items: (a, b, groups) a task."""
    parts = [_part(_more(a, b), groups) for a, b, groups in tasks]
    found = _moments(parts, samples, seed)
    value = float(found.values[0] - found.values[1])
    limits = _joined(found) if _right_or_wrong(tasks) else _student(found, [1.0, -1.0])
    return found.estimate(value, *limits)


def relative_gain_of_means(
    tasks: Sequence[tuple[Sequence[float], Sequence[float], Sequence[str]]], samples: int, seed: int
) -> Estimate | None:
    """Mean over tasks of `a` by that of `b`, less one: (a, b, groups) a task; None where the t interval of the mean of `b` reaches zero."""
    found = _moments([_part([a, b], groups) for a, b, groups in tasks], samples, seed)
    first, base = (float(value) for value in found.values)
    if base <= 0.0:
        return None
    ratio = first / base
    t = found.t([1.0, -ratio])
    ((aa, ab), (_, bb)) = t**2 * found.covariances.sum(axis=0)
    square = base**2 - bb
    if square <= 0.0:
        return None
    centre, reach = (first * base - ab) / square, sqrt(max(0.0, (first * base - ab) ** 2 - (first**2 - aa) * square)) / square
    return found.estimate(ratio - 1.0, centre - reach - 1.0, centre + reach - 1.0)


def _score(found: _Moments, system: int, t: float, counts: Floats) -> tuple[float, float]:
    """Wilson's limits of a mean in 0..1 at its effective number of items, or at that of `counts` (tasks,) where all are 0 or all 1."""
    value = float(found.values[system])
    variance = float(found.covariances[:, system, system].sum())
    spread = value * (1.0 - value)
    if variance == 0.0 and spread > 0.0:
        return value, value  # all values are equal and neither 0 nor 1
    number = spread / variance if variance > 0.0 and spread > 0.0 else len(counts) ** 2 / float((1 / counts).sum())
    centre = (value + t**2 / (2 * number)) / (1 + t**2 / number)
    half = t / (1 + t**2 / number) * sqrt(spread / number + t**2 / (4 * number**2))
    return max(0.0, min(value, centre - half)), min(1.0, max(value, centre + half))


def _joined(found: _Moments) -> tuple[float, float]:
    """Limits of the first system's mean less the second's, from the limits of each and their correlation; never within Student's."""
    t = found.t([1.0, -1.0])
    first, second = (float(value) for value in found.values)
    (first_low, first_high), (second_low, second_high) = (_score(found, system, t, found.items) for system in (0, 1))
    ((aa, ab), (_, bb)) = found.covariances.sum(axis=0)
    correlation = float(ab / sqrt(aa * bb)) if aa > 0.0 and bb > 0.0 else 0.0
    down = _joint(first - first_low, second_high - second, correlation)
    up = _joint(first_high - first, second - second_low, correlation)
    low, high = _student(found, [1.0, -1.0])
    return max(-1.0, min(low, first - second - down)), min(1.0, max(high, first - second + up))


def _joint(one: float, other: float, correlation: float) -> float:
    return sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))


def _student(found: _Moments, weights: Sequence[float]) -> tuple[float, float]:
    value = float(np.dot(weights, found.values))
    half = found.t(weights) * sqrt(found.variance(weights))
    return value - half, value + half


def _part(systems: Sequence[Sequence[float]], groups: Sequence[str], weights: Sequence[float] | None = None) -> _Part:
    given = [*systems, *([] if weights is None else [weights])]
    if any(len(values) != len(groups) for values in given):
        lengths = ", ".join(str(len(values)) for values in given)
        raise InputError(f"bootstrap: got {lengths} values and {len(groups)} groups; allowed: one group for each value")
    if not groups:
        raise InputError("bootstrap: got no values; allowed: at least one")
    columns = np.asarray(systems, dtype=np.float64).T
    sizes = np.ones(len(groups)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(columns).all() and np.isfinite(sizes).all()):
        raise InputError("bootstrap: got a value that is not finite; allowed: finite numbers")
    numbers: dict[str | int, int] = {}
    members = [numbers.setdefault(group or place, len(numbers)) for place, group in enumerate(groups)]
    gathered: list[Floats] = [np.bincount(members, column).astype(np.float64) for column in (*(columns.T * sizes), sizes)]
    means = columns.mean(axis=0) if weights is None else np.average(columns, axis=0, weights=sizes)
    return _Part(columns, np.stack(gathered[:-1], axis=1), gathered[-1], np.asarray(means))


def _more(a: Sequence[float], b: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """Of each item what `a` has more than `b`, and what `b` has more than `a`."""
    if len(a) != len(b):
        raise InputError(f"bootstrap: got {len(a)} and {len(b)} values; allowed: pairs of the same items")
    differences = [first - second for first, second in zip(a, b, strict=True)]
    return [max(0.0, difference) for difference in differences], [max(0.0, -difference) for difference in differences]


def _in_unit(parts: Sequence[_Part]) -> bool:
    return all(part.columns.min() >= 0.0 and part.columns.max() <= 1.0 for part in parts)


def _right_or_wrong(tasks: Sequence[tuple[Sequence[float], Sequence[float], Sequence[str]]]) -> bool:
    return all(value in (0.0, 1.0) for a, b, _ in tasks for value in (*a, *b))


def _moments(parts: Sequence[_Part], samples: int, seed: int) -> _Moments:
    if not parts:
        raise InputError("bootstrap: got no tasks; allowed: at least one")
    if samples < 1:
        raise InputError(f"bootstrap: got {samples} samples; allowed: at least 1")
    covariances = np.stack([part.covariance(samples, (seed, place)) for place, part in enumerate(parts)]) / len(parts) ** 2
    values = np.asarray(np.stack([part.means for part in parts]).mean(axis=0))
    clusters = np.array([len(part.sizes) for part in parts], dtype=np.float64)
    items = np.array([len(part.columns) for part in parts], dtype=np.float64)
    return _Moments(values, covariances, clusters, items)
