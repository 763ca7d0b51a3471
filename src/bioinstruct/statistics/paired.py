"""Tests of significance for two systems on the same items: McNemar, also where items come in clusters, and Holm's correction.

McNemar's test asks whether two systems are right equally often. Given the items on which they differ, each is as likely to favour the
one as the other, so the difference has a binomial distribution. Where items come in clusters, those of one cluster go together: the
difference of a cluster's sums keeps its size and takes either sign with one half (a randomisation test by cluster; Edgington & Onghena
2007, Randomization Tests, chapter 6), and with clusters of one this is McNemar's test again. The mid-p value counts half of the
probability of what was seen (Fagerland, Lydersen & Laake 2013, BMC Medical Research Methodology 13:91); the exact value all of it,
which rejects too seldom.

>>> found = mcnemar([True, True, True, False], [False, False, True, False])
>>> (found.only_first, found.only_second, found.p, found.exact)
(2, 0, 0.25, 0.5)
>>> holm([0.01, 0.04, 0.03])
[0.03, 0.06, 0.06]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioinstruct.core.errors import InputError
from bioinstruct.statistics.bootstrap import Floats


@dataclass(frozen=True)
class McNemar:
    """Outcome of a McNemar test."""

    only_first: int
    """Items that only the first system has right."""
    only_second: int
    """Items that only the second system has right."""
    p: float
    """Two-sided mid-p value; 1.0 where the systems never differ."""
    exact: float
    """Two-sided exact value; never below `p`."""
    clusters: int
    """Clusters whose sums differ: what the values rest on."""


def mcnemar(first: Sequence[bool], second: Sequence[bool], groups: Sequence[str] | None = None) -> McNemar:
    """Two-sided McNemar test of whether two systems are right equally often, item by item.

    Args:
        first: Whether the first system has each item right.
        second: The same of the second system, in the same order.
        groups: Cluster of each item; an empty name is a cluster of its own. None: every item is.

    Raises:
        InputError: the two do not have the same number of items, or there is not one group for each.
    """
    names = [""] * len(first) if groups is None else groups
    if not len(first) == len(second) == len(names):
        counts = f"{len(first)} and {len(second)} items and {len(names)} groups"
        raise InputError(f"mcnemar: got {counts}; allowed: the same items for both systems, one group for each")
    sums: dict[str | int, int] = {}
    for place, (a, b, name) in enumerate(zip(first, second, names, strict=True)):
        sums[name or place] = sums.get(name or place, 0) + int(a) - int(b)
    sizes = [abs(total) for total in sums.values() if total]
    tail, reached = _random_signs(sizes, abs(sum(sums.values())))
    return McNemar(
        sum(a and not b for a, b in zip(first, second, strict=True)),
        sum(b and not a for a, b in zip(first, second, strict=True)),
        min(1.0, 2 * tail + reached),
        min(1.0, 2 * (tail + reached)),
        len(sizes),
    )


def _random_signs(sizes: Sequence[int], seen: int) -> tuple[float, float]:
    """P(S > seen) and P(S = seen) of the sum S of `sizes`, each with a sign of its own at random."""
    total = sum(sizes)
    chances: Floats = np.zeros(2 * total + 1)  # of the sums -total..total
    chances[total] = 1.0
    reach = 0
    for size in sorted(sizes):
        reach += size
        low, high = total - reach, total + reach + 1
        before = chances[low:high].copy()
        chances[low:high] = 0.0
        chances[low : high - size] += before[size:] / 2
        chances[low + size : high] += before[: high - low - size] / 2
    return float(chances[total + seen + 1 :].sum()), float(chances[total + seen])


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given; each at most 1.

    Raises:
        InputError: a value lies outside 0..1.
    """
    for p in p_values:
        if not 0.0 <= p <= 1.0:
            raise InputError(f"holm: got {p}; allowed: p-values from 0 to 1")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
