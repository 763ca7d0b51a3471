from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bioinstruct.core.errors import InputError
from bioinstruct.statistics.crossed import NO_SPREAD, ONE_CLUSTER, Crossed, Term, contrast

ITEMS = 40
ALONE = [""] * ITEMS


def table(seed: int, seeds: int = 4, seed_sd: float = 0.3, items: int = ITEMS) -> np.ndarray:
    """(seeds, items) with something of an item, of a seed, and of both."""
    generator = np.random.default_rng(seed)
    return generator.random(items) + seed_sd * generator.standard_normal((seeds, 1)) + generator.random((seeds, items))


def alone(values: np.ndarray, groups: list[str] | None = None) -> Crossed:
    return contrast([Term(1.0, [values])], [np.zeros(values.shape[1])], [groups or [""] * values.shape[1]])


def width(estimate: Crossed) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def test_one_mixture_is_the_two_way_analysis_of_variance():
    values = table(0)
    seeds, items = values.shape
    mean = values.mean()
    of_seeds = items * ((values.mean(axis=1) - mean) ** 2).sum() / (seeds - 1)
    of_items = seeds * ((values.mean(axis=0) - mean) ** 2).sum() / (items - 1)
    residuals = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + mean
    of_both = (residuals**2).sum() / ((seeds - 1) * (items - 1))
    total = of_seeds + of_items - of_both
    df = total**2 / (of_seeds**2 / (seeds - 1) + of_items**2 / (items - 1) + of_both**2 / ((seeds - 1) * (items - 1)))

    found = alone(values)

    assert found.error**2 == pytest.approx(total / (seeds * items))
    assert found.df == pytest.approx(df)
    assert found.seed_variance == pytest.approx((of_seeds - of_both) / (seeds * items))
    assert (found.n, found.clusters, found.seeds, found.note) == (ITEMS, ITEMS, 4, "")
    assert width(found) >= 2 * stats.t.ppf(0.975, df) * found.error - 1e-12


def test_without_seeds_it_is_the_t_test_over_items():
    values = np.random.default_rng(1).random(ITEMS) - 0.4
    found = contrast([], [values], [ALONE])
    expected = stats.ttest_1samp(values, 0.0)
    interval = expected.confidence_interval()
    assert [found.low, found.high, found.p] == pytest.approx([interval.low, interval.high, expected.pvalue])
    assert found.seeds == 0
    assert found.over_seeds


def test_where_items_do_not_differ_it_is_the_t_test_over_seeds():
    means = np.array([0.2, 0.5, 0.3, 0.6, 0.1])
    found = alone(np.repeat(means[:, None], ITEMS, axis=1))
    expected = stats.ttest_1samp(means, 0.0)
    interval = expected.confidence_interval()
    assert [found.low, found.high, found.p] == pytest.approx([interval.low, interval.high, expected.pvalue])


def test_the_interval_is_the_wider_of_satterthwaites_and_banerjees():
    wider = set()
    for seed in range(30):
        # In half of the tables items do not differ, and a seed's mean varies hardly more than by chance.
        found = alone(table(seed, seed_sd=0.1) if seed % 2 else np.random.default_rng(seed).random((4, ITEMS)))
        if not found.seed_variance:
            continue
        first = stats.t.ppf(0.975, found.df) * found.error
        parts = [found.item_variance, found.seed_variance]
        second = np.sqrt(sum(stats.t.ppf(0.975, df) ** 2 * part for df, part in zip((ITEMS - 1, 3), parts, strict=True)))
        assert width(found) / 2 == pytest.approx(max(first, second))
        wider.add(bool(first > second))
    assert wider == {True, False}


def test_p_reaches_five_percent_where_the_interval_reaches_zero():
    values = table(2)
    found = alone(values)
    at_the_edge = alone(values - found.low)
    assert at_the_edge.low == pytest.approx(0.0, abs=1e-12)
    assert at_the_edge.p == pytest.approx(0.05, abs=1e-6)


def test_independent_seeds_add_and_paired_ones_cancel():
    generator = np.random.default_rng(3)
    common = 0.5 * generator.standard_normal((6, 1))
    first, second = (common + generator.random((6, ITEMS)) for _ in range(2))
    terms = [Term(1.0, [first]), Term(-1.0, [second])]
    paired = contrast(terms, [np.zeros(ITEMS)], [ALONE], paired=True)
    independent = contrast(terms, [np.zeros(ITEMS)], [ALONE])
    assert paired.value == pytest.approx(independent.value)
    assert width(paired) < width(independent) / 4
    assert paired == contrast([Term(1.0, [first - second])], [np.zeros(ITEMS)], [ALONE])


def test_weights_scale_a_mixture():
    values, fixed = table(4), np.random.default_rng(4).random(ITEMS)
    doubled = contrast([Term(2.0, [values])], [2 * fixed], [ALONE])
    once = contrast([Term(1.0, [values])], [fixed], [ALONE])
    assert [doubled.value, doubled.low, doubled.high] == pytest.approx([2 * once.value, 2 * once.low, 2 * once.high])
    assert (doubled.p, doubled.df) == (pytest.approx(once.p), pytest.approx(once.df))


def test_tasks_weigh_the_same_whatever_their_size():
    small, large = np.full((3, 2), 1.0), np.zeros((3, 50))
    found = contrast([Term(1.0, [small, large])], [np.zeros(2), np.zeros(50)], [["a", "b"], [""] * 50])
    assert (found.value, found.n, found.clusters) == (0.5, 52, 52)


def test_more_tasks_narrow_the_items_part_and_not_what_a_training_does_to_all():
    values = table(5, seed_sd=0.4)
    one = contrast([Term(1.0, [values])], [np.zeros(ITEMS)], [ALONE])
    four = contrast([Term(1.0, [values] * 4)], [np.zeros(ITEMS)] * 4, [ALONE] * 4)
    assert four.item_variance == pytest.approx(one.item_variance / 4)
    assert four.seed_variance > 0.9 * one.seed_variance


def test_clusters_widen_and_the_order_of_items_does_not_matter():
    values = np.repeat(table(6, items=8), 5, axis=1)
    groups = [f"g{place // 5}" for place in range(ITEMS)]
    together, apart = alone(values, groups), alone(values)
    assert together.clusters == 8
    assert together.item_variance > 4 * apart.item_variance
    shuffled = np.random.default_rng(0).permutation(ITEMS)
    again = alone(values[:, shuffled], [groups[place] for place in shuffled])
    assert [again.low, again.high, again.df] == pytest.approx([together.low, together.high, together.df])


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_give_an_interval_over_items_that_says_so(seeds):
    values = table(7, seeds=seeds)
    found = alone(values)
    interval = stats.ttest_1samp(values.mean(axis=0), 0.0).confidence_interval()
    assert [found.low, found.high] == pytest.approx([interval.low, interval.high])
    assert found.seed_variance is None
    assert not found.over_seeds
    assert found.note == f"seed variance not estimable: {seeds} of the 3 seeds needed; the interval is over items alone"


def test_one_mixture_with_too_few_seeds_is_enough_to_say_so():
    found = contrast([Term(1.0, [table(8)]), Term(-1.0, [table(9, seeds=1)])], [np.zeros(ITEMS)], [ALONE])
    assert found.seeds == 1
    assert not found.over_seeds


def test_the_seeds_part_is_zero_where_it_is_estimated_below():
    generator = np.random.default_rng(10)
    values = generator.random((4, ITEMS))
    values -= values.mean(axis=1, keepdims=True)  # trainings that agree more than chance would let them
    found = alone(values)
    assert found.seed_variance == 0.0
    assert found.over_seeds
    assert found.df == ITEMS - 1


def test_a_single_cluster_has_no_interval_and_says_why():
    found = alone(table(11), ["one"] * ITEMS)
    assert (found.low, found.high, found.p, found.error, found.note) == (None, None, None, None, ONE_CLUSTER)
    assert not found.over_seeds


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (0.1, 0.0), (1 / 3, 0.0)])
def test_equal_values_have_an_interval_of_no_width(value, p):
    found = alone(np.full((3, 7), value))
    assert found.low == found.high == found.value == pytest.approx(value)
    assert (found.p, found.note) == (p, NO_SPREAD)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: contrast([], [], []), "got 0 tasks with values for [0]; allowed: the same tasks everywhere, at least one"),
        (lambda: contrast([Term(1.0, [])], [[0.0]], [["a"]]), "got 1 tasks with values for [1, 0]"),
        (lambda: contrast([Term(1.0, [[1.0, 2.0]])], [[0.0, 0.0]], [["a", "b"]]), "got values of shape (2,); allowed: (seeds, items)"),
        (lambda: contrast([Term(1.0, [np.ones((0, 2))])], [[0.0, 0.0]], [["a", "b"]]), "got values of shape (0, 2)"),
        (lambda: contrast([Term(1.0, [np.ones((3, 2))])], [[0.0]], [["a"]]), "got 1 groups and values of shapes [(1,), (3, 2)]"),
        (lambda: contrast([], [[]], [[]]), "got no items"),
        (lambda: contrast([], [[float("nan")]], [["a"]]), "got a value that is not finite"),
        (
            lambda: contrast([Term(1.0, [np.ones((3, 1)), np.ones((4, 1))])], [[0.0], [0.0]], [["a"], ["a"]]),
            "got [3, 4] seeds on the tasks; allowed: the same trainings on each",
        ),
        (
            lambda: contrast([Term(1.0, [np.ones((3, 1))]), Term(1.0, [np.ones((4, 1))])], [[0.0]], [["a"]], paired=True),
            "got [3, 4] paired seeds; allowed: equally many of each mixture",
        ),
    ],
)
def test_unusable_numbers_are_named(call, reason):
    with pytest.raises(InputError) as caught:
        call()
    assert reason in str(caught.value)
