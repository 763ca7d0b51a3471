"""How well people agree, and how often they bear out a label: majorities, a proportion's interval, Krippendorff's alpha.

Pure functions of labels and seed. Alpha is that of the package `krippendorff` (extra `review`), for nominal labels and any number of
raters, some of whom may be missing.

    >>> majority(["qa", "qa", "ie"])
    'qa'
    >>> proportion(9, 10)
    Estimate(value=0.9, low=0.5958499732047616, high=0.982123786904927, n=10, clusters=10)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bioinstruct.core.errors import InputError, MissingExtra
from bioinstruct.core.records import Estimate
from bioinstruct.statistics.bootstrap import LEVEL

Level = Literal["nominal", "ordinal"]


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha."""

    estimate: Estimate
    """Value and percentile bootstrap interval; `n` and `clusters` count the records that two raters or more have labelled."""
    undefined_draws: int
    """Resamples whose labels are all the same, for which there is no alpha. They are left out of the interval."""


def majority(labels: Sequence[str]) -> str | None:
    """The label that more than half of at least two raters gave; None where there is none (a tie, or one rater alone)."""
    if len(labels) < 2:
        return None
    label, n = Counter(labels).most_common(1)[0]
    return label if 2 * n > len(labels) else None


def proportion(successes: int, n: int) -> Estimate:
    """A share of `n` independent trials with its 95 % Wilson score interval, which has a width for shares of 0 and 1 as well.

    Raises:
        InputError: no trials, or more successes than trials.
    """
    if not 0 <= successes <= n or n == 0:
        raise InputError(f"proportion: got {successes} of {n}; allowed: 0 to n successes in at least one trial")
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share, spread = successes / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # A share of 0 or 1 is an end of its own interval; rounding must not say otherwise.
    return Estimate(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)), n, n)


def alpha(labels: Sequence[Sequence[str]], samples: int, seed: int, level: Level = "nominal") -> Alpha | None:
    """Krippendorff's alpha with a bootstrap interval over records; None where it is not defined.

    Args:
        labels: Of each record the labels of those who gave one, in any order. Records with fewer than two cannot be compared
            and are left out.
        samples: Bootstrap samples.
        seed: Of the draws.
        level: Of measurement: `nominal` labels are equal or not; `ordinal` ones have the order of their texts, and lie nearer or farther.

    It is not defined where no record has two labels, or where all labels are the same: agreement beyond chance cannot be told then.

    Raises:
        InputError: No samples.
        MissingExtra: The package `krippendorff` is not installed.
    """
    if samples < 1:
        raise InputError(f"alpha: got {samples} samples; allowed: at least 1")
    counts = _counts([record for record in labels if len(record) > 1])
    value = _alpha(counts, level)
    if value is None:
        return None
    generator = np.random.default_rng(seed)
    drawn = [_alpha(counts[generator.integers(0, len(counts), size=len(counts))], level) for _ in range(samples)]
    defined = [draw for draw in drawn if draw is not None]
    low, high = np.quantile(defined or [value], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    estimate = Estimate(value, float(low), float(high), len(counts), len(counts))
    return Alpha(estimate, samples - len(defined))


def _counts(labels: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """How often each label was given, (records, labels)."""
    columns = {label: place for place, label in enumerate(sorted({label for record in labels for label in record}))}
    counts = np.zeros((len(labels), len(columns)), dtype=np.int64)
    for row, record in enumerate(labels):
        for label in record:
            counts[row, columns[label]] += 1
    return counts


def _alpha(counts: NDArray[np.int64], level: Level) -> float | None:
    """Alpha of (records, labels) counts; None where fewer than two labels occur."""
    try:
        import krippendorff
    except ImportError:
        raise MissingExtra("krippendorff", "review") from None
    occurring = counts.any(axis=0)
    if occurring.sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=counts[:, occurring], level_of_measurement=level))
