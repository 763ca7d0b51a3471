"""Power of a design of items crossed with seeds: the smallest true difference that it would show in four of five repetitions.

That is the half width of the interval plus the distance that leaves a fifth of t below it (Bloom 1995, Evaluation Review 19:547); it is
not corrected for several tests. The variances are those of a contrast that was measured, so a design can be planned from a smaller one.
"""

from __future__ import annotations

from math import sqrt

from bioinstruct.core.errors import InputError
from bioinstruct.statistics.bootstrap import LEVEL
from bioinstruct.statistics.crossed import SEEDS_NEEDED, Crossed, Spread, quantile

POWER = 0.8
"""Share of repetitions in which the difference is shown."""


def smallest_difference(estimate: Crossed) -> float | None:
    """What the design of `estimate` could see; None where its interval is not over items and seeds."""
    if not estimate.over_seeds or estimate.low is None or estimate.error is None:
        return None
    if estimate.df is None:
        return 0.0  # nothing varies
    return estimate.value - estimate.low + quantile(2 * (1 - POWER), estimate.df) * estimate.error


def foreseen(estimate: Crossed, seeds: int, items: float) -> float | None:
    """What the same contrast could see with `seeds` trainings of each mixture and `items` times the items.

    The items' part of the variance falls with their number, the seeds' part with the number of trainings. Item x seed is counted with
    the items, where more seeds would lower it too, and the seeds have the degrees of freedom of one mixture: both err to the safe side.
    None where `estimate` has no seed variance to go by.

    Raises:
        InputError: Fewer than `SEEDS_NEEDED` seeds, or no items.
    """
    if seeds < SEEDS_NEEDED or items <= 0:
        raise InputError(f"power: got {seeds} seeds and {items:g} times the items; allowed: at least {SEEDS_NEEDED}, and more than 0")
    if estimate.item_variance is None or estimate.seed_variance is None or not estimate.seeds:
        return None
    item_part, seed_part = estimate.item_variance / items, estimate.seed_variance * estimate.seeds / seeds
    total = item_part + seed_part
    if total <= 0.0:
        return 0.0
    item_df, seed_df = max(1.0, estimate.clusters * items - 1), seeds - 1.0
    df = total**2 / (item_part**2 / item_df + seed_part**2 / seed_df)
    half = Spread(item_part, item_df, seed_part, seed_df, df).half_width(1 - LEVEL)
    return half + quantile(2 * (1 - POWER), df) * sqrt(total)
