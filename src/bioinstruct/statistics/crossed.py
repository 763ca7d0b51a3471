"""Contrasts between trained models where both the items and the training seeds are random: intervals over the two, crossed.

A model trained with seed s and asked item i has the value `mixture + item + seed + item x seed`. Items (in clusters) are drawn from all
that one could ask, seeds from all trainings that one could do, and every training is asked every item. Tasks are fixed and weigh the same.
A contrast is a weighted sum of mixtures, less something fixed that has no seeds (the base). Its variance is taken apart by the method of
moments (Cornfield & Tukey 1956, Annals of Mathematical Statistics 27:907):

    V = V_items + max(0, sum over mixtures of (V_seeds - V_both))

    V_items   between clusters, of the contrast's means over seeds: G/(G-1) sum_g u_g^2, u_g a cluster's share of (item - mean); it holds
              the items' variance and what item x seed leaves after averaging over seeds
    V_seeds   between the seed means of one mixture, over their number; it holds item x seed again, hence the subtraction of
    V_both    item x seed by clusters: G/(G-1) sum_sg r_sg^2 / (S-1) / S, r the residuals of the two-way table

With one mixture, one task and clusters of one this is (MS_items + MS_seeds - MS_both) / (S n). The interval is the wider of two: t with
Satterthwaite's degrees of freedom (1946, Biometrics Bulletin 2:110) on V, and the root of t_items^2 V_items + t_seeds^2 V_rest
(Banerjee 1960, Sankhya 22:359). The first alone is too narrow where few seeds carry most of the variance, the second where items do not
differ; how often both together cover is in docs/statistics.md. Where the seeds' part is estimated at zero, only items count.

With fewer than `SEEDS_NEEDED` trainings of a mixture there is no usable estimate of the seeds' part: the interval is then over items
alone, and says so.

    >>> import numpy as np
    >>> tuned = np.array([[1, 1, 0, 1], [1, 1, 1, 1], [1, 0, 0, 1]])
    >>> contrast([Term(1.0, [tuned])], [np.array([0, -1, 0, 0])], [["a", "b", "c", "d"]]).value
    0.5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from bioinstruct.core.errors import InputError
from bioinstruct.statistics.bootstrap import LEVEL

Floats = NDArray[np.float64]

SEEDS_NEEDED = 3
"""Trainings of a mixture from which its seed variance is estimated; with two it would rest on one difference (docs/statistics.md)."""
ONE_CLUSTER = "item variance not estimable: a task has one cluster"
NO_SPREAD = "every item and seed has the same value"
_NORMAL = 1e9
"""Degrees of freedom from which t is taken as normal."""
_ROUNDING = 1e-12
"""Spreads below this share of the largest value are rounding errors."""


@dataclass(frozen=True)
class Term:
    """One mixture in a contrast."""

    weight: float
    values: Sequence[ArrayLike]
    """One (seeds, items) array a task; row s of each task is the same training."""


@dataclass(frozen=True)
class Crossed:
    """A contrast with its 95 % interval over items and seeds."""

    value: float
    low: float | None
    """None, as `high`, `p`, `error` and `df`, where not even the items' variance can be estimated; `note` says why."""
    high: float | None
    p: float | None
    """Two-sided, of no difference; it is below 0.05 where the interval leaves zero out."""
    error: float | None
    """Standard error."""
    df: float | None
    """Satterthwaite's degrees of freedom."""
    n: int
    clusters: int
    """Items and clusters, summed over the tasks."""
    seeds: int
    """Trainings of the mixture that has the fewest; 0 where nothing was trained."""
    item_variance: float | None
    """Part of the squared error that more items would lower."""
    seed_variance: float | None
    """Part that only more trainings would lower; None where it cannot be estimated."""
    note: str = ""
    """What the interval leaves out, and why; empty where it is over items and seeds."""

    @property
    def over_seeds(self) -> bool:
        """Whether the interval holds the variance between trainings, or there is no training in the contrast."""
        return self.low is not None and (self.seeds == 0 or self.seed_variance is not None)


@dataclass(frozen=True)
class _Task:
    """One task's values with the clusters of its items."""

    blocks: list[Floats]
    """Each (seeds, items), weights included."""
    contrast: Floats
    """(items,): the blocks' means over seeds and what is fixed, added."""
    order: NDArray[np.int64]
    """Items, those of a cluster beside one another."""
    starts: NDArray[np.int64]
    """Where in `order` each cluster begins."""

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.starts)

    def between(self, centred: Floats) -> Floats:
        """Clusters' shares in the mean of (..., items) values whose mean over items is zero: (..., clusters)."""
        return np.asarray(np.add.reduceat(centred[..., self.order], self.starts, axis=-1) / centred.shape[-1])

    @property
    def correction(self) -> float:
        """G / (G - 1)."""
        return self.clusters / (self.clusters - 1)

    def item_variance(self) -> float:
        """Of the contrast's mean."""
        return self.correction * float((self.between(self.contrast - self.contrast.mean()) ** 2).sum())

    def both_variance(self, block: Floats) -> float:
        """What item x seed adds to the variance of the block's mean over seeds and items."""
        residuals = block - block.mean(axis=0) - block.mean(axis=1, keepdims=True) + block.mean()
        seeds = len(block)
        return self.correction * float((self.between(residuals) ** 2).sum()) / (seeds - 1) / seeds


def contrast(terms: Sequence[Term], fixed: Sequence[ArrayLike], groups: Sequence[Sequence[str]], paired: bool = False) -> Crossed:
    """Mean over tasks of the weighted sum of mixtures plus what is fixed, with its interval over items and seeds.

    Args:
        terms: The mixtures and their weights; empty where only fixed things are compared.
        fixed: One (items,) array a task, added as it is: minus the base's values for a gain, zeros where there is no base.
        groups: Of each task the cluster of each item; an empty name is a cluster of its own.
        paired: Whether row s of all mixtures shares its randomness (the same seed drives the same choices). They need equally many rows
            then, and what the rows share cancels. Otherwise the mixtures' seeds are independent draws.

    Raises:
        InputError: No task or item, shapes that do not fit, a value that is not finite, or unequal numbers of paired seeds.
    """
    if not groups or len(fixed) != len(groups) or any(len(term.values) != len(groups) for term in terms):
        counts = [len(fixed), *(len(term.values) for term in terms)]
        raise InputError(f"contrast: got {len(groups)} tasks with values for {counts}; allowed: the same tasks everywhere, at least one")
    tables = [[term.weight * _table(values) for values in term.values] for term in terms]
    _same_seeds(tables, paired)
    if paired and tables:
        tables = [[np.sum([table[place] for table in tables], axis=0) for place in range(len(groups))]]
    tasks = [
        _task([table[place] for table in tables], np.asarray(fixed[place], dtype=np.float64), names) for place, names in enumerate(groups)
    ]
    return _estimate(tasks, [np.mean([task.blocks[b].mean(axis=1) for task in tasks], axis=0) for b in range(len(tables))])


def _table(values: ArrayLike) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise InputError(f"contrast: got values of shape {table.shape}; allowed: (seeds, items), at least one of each")
    return table


def _same_seeds(tables: Sequence[Sequence[Floats]], paired: bool) -> None:
    for table in tables:
        if len({len(values) for values in table}) > 1:
            raise InputError(f"contrast: got {[len(values) for values in table]} seeds on the tasks; allowed: the same trainings on each")
    if paired and len({len(table[0]) for table in tables}) > 1:
        raise InputError(f"contrast: got {[len(table[0]) for table in tables]} paired seeds; allowed: equally many of each mixture")


def _task(blocks: list[Floats], fixed: Floats, groups: Sequence[str]) -> _Task:
    if fixed.shape != (len(groups),) or any(block.shape[1] != len(groups) for block in blocks):
        shapes = [fixed.shape, *(block.shape for block in blocks)]
        raise InputError(f"contrast: got {len(groups)} groups and values of shapes {shapes}; allowed: one group for each item")
    if not groups:
        raise InputError("contrast: got no items; allowed: at least one in each task")
    if not all(np.isfinite(values).all() for values in (fixed, *blocks)):
        raise InputError("contrast: got a value that is not finite; allowed: finite numbers")
    numbers: dict[str | int, int] = {}
    members = np.array([numbers.setdefault(group or place, len(numbers)) for place, group in enumerate(groups)])
    together = np.asarray(fixed + np.sum([block.mean(axis=0) for block in blocks], axis=0))
    order = np.argsort(members, kind="stable")
    return _Task(blocks, together, order, np.searchsorted(members[order], np.arange(len(numbers))))


def _estimate(tasks: Sequence[_Task], seed_means: Sequence[Floats]) -> Crossed:
    """The estimate; `seed_means` holds each block's means over all tasks, (seeds,)."""
    value = float(np.mean([task.contrast.mean() for task in tasks])) + 0.0
    n, clusters = sum(len(task.contrast) for task in tasks), sum(task.clusters for task in tasks)
    seeds = min((len(means) for means in seed_means), default=0)
    if min(task.clusters for task in tasks) == 1:
        return Crossed(value, None, None, None, None, None, n, clusters, seeds, None, None, ONE_CLUSTER)
    parts = np.array([task.item_variance() for task in tasks]) / len(tasks) ** 2
    items = float(parts.sum())
    item_df = _satterthwaite(items, parts, np.array([task.clusters - 1.0 for task in tasks]))
    note, trained, both, lost = "", np.zeros(0), np.zeros(0), np.zeros(0)
    if seeds >= SEEDS_NEEDED:
        lost = np.array([len(means) - 1.0 for means in seed_means])
        trained = np.array([means.var(ddof=1) / len(means) for means in seed_means])
        both = np.array([sum(task.both_variance(task.blocks[b]) for task in tasks) for b in range(len(seed_means))]) / len(tasks) ** 2
    elif seed_means:
        note = f"seed variance not estimable: {seeds} of the {SEEDS_NEEDED} seeds needed; the interval is over items alone"
    scale = max(float(np.abs(values).max()) for task in tasks for values in (task.contrast, *task.blocks))
    rest = max(0.0, float(trained.sum() - both.sum()))
    seed_variance = rest if seeds >= SEEDS_NEEDED or not seed_means else None
    if items + rest <= (_ROUNDING * scale) ** 2:
        p = 1.0 if abs(value) <= _ROUNDING * scale else 0.0
        return Crossed(value, value, value, p, 0.0, None, n, clusters, seeds, items, seed_variance, note or NO_SPREAD)
    # The means of seeds of one kind are pooled for the second interval; for the first every mean square has its own degrees of freedom.
    seed_df = _satterthwaite(float(trained.sum()), trained, lost)
    squares, freedoms = np.array([items, *trained, *both]), np.array([item_df, *lost, *(lost * (clusters - len(tasks)))])
    df = _satterthwaite(items + rest, squares, freedoms) if rest > 0 else item_df
    spread = Spread(items, item_df, rest, seed_df, df)
    half = spread.half_width(1 - LEVEL)
    return Crossed(
        value, value - half, value + half, spread.p(abs(value)), sqrt(items + rest), df, n, clusters, seeds, items, seed_variance, note
    )


def _satterthwaite(total: float, squares: Floats, freedoms: Floats) -> float:
    """Degrees of freedom of a sum (or difference) of mean squares that is estimated at `total`."""
    spread = float((squares**2 / freedoms).sum())
    return total**2 / spread if spread > 0 else float("inf")


@dataclass(frozen=True)
class Spread:
    """The two parts of a squared error, items' and seeds', with their degrees of freedom, and those of their sum."""

    items: float
    item_df: float
    rest: float
    seed_df: float
    df: float

    def half_width(self, alpha: float) -> float:
        """Of the interval that misses in a share `alpha` of all samples: the wider of Satterthwaite's and Banerjee's."""
        first = quantile(alpha, self.df) ** 2 * (self.items + self.rest)
        second = quantile(alpha, self.item_df) ** 2 * self.items
        if self.rest > 0:
            second += quantile(alpha, self.seed_df) ** 2 * self.rest
        return sqrt(max(first, second))

    def p(self, distance: float) -> float:
        """The `alpha` whose interval just reaches as far as `distance`, found by bisection to 1e-12."""
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (low, middle) if self.half_width(middle) < distance else (middle, high)
        return high


def quantile(alpha: float, df: float) -> float:
    """Quantile of t that a share `alpha` of its absolute values is above."""
    return float(-stdtrit(min(df, _NORMAL), alpha / 2))
