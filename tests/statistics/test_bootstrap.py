from __future__ import annotations

import numpy as np
import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Estimate
from bioinstruct.statistics import bootstrap


def names(n: int, per_cluster: int = 1) -> list[str]:
    return [f"g{place // per_cluster}" for place in range(n)]


def test_reports_mean_n_and_clusters():
    estimate = bootstrap.mean([1.0, 0.0, 1.0, 1.0], ["a", "a", "b", "c"], samples=500, seed=0)
    assert (estimate.value, estimate.n, estimate.clusters) == (0.75, 4, 3)
    assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0


def test_same_seed_same_interval_and_another_seed_another():
    values = np.random.default_rng(3).random(60).tolist()
    first = bootstrap.mean(values, names(60), samples=300, seed=5)
    assert first == bootstrap.mean(values, names(60), samples=300, seed=5)
    assert first.low != bootstrap.mean(values, names(60), samples=300, seed=6).low


def test_blocks_of_memory_do_not_change_the_draws(monkeypatch):
    values = np.random.default_rng(3).random(50).tolist()
    whole = bootstrap.mean(values, names(50), samples=200, seed=1)
    monkeypatch.setattr(bootstrap, "_BLOCK", 170)
    assert bootstrap.mean(values, names(50), samples=200, seed=1) == whole


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.999, 4.0])
def test_equal_values_have_an_interval_of_no_width(value):
    estimate = bootstrap.mean([value] * 7, names(7, 2), samples=200, seed=0)
    assert estimate.low == estimate.high == estimate.value == pytest.approx(value)


@pytest.mark.parametrize(("value", "n", "t"), [(1.0, 40, 2.0227), (0.0, 40, 2.0227), (1.0, 2, 12.7062)])
def test_all_right_or_all_wrong_is_no_certainty(value, n, t):
    estimate = bootstrap.mean([value] * n, names(n), samples=200, seed=0)
    width = t**2 / (n + t**2)  # Wilson's at 0 or n of n
    assert estimate.value == value
    assert [estimate.low, estimate.high] == pytest.approx([1 - width, 1.0] if value else [0.0, width], abs=1e-4)


def test_all_right_counts_clusters_and_not_items():
    alone = bootstrap.mean([1.0] * 40, names(40), samples=100, seed=0)
    together = bootstrap.mean([1.0] * 40, names(40, 5), samples=100, seed=0)
    assert together.low < alone.low - 0.2


def test_a_mean_of_many_single_items_is_wilsons_interval():
    from scipy.stats import binomtest

    values = [1.0] * 930 + [0.0] * 70
    estimate = bootstrap.mean(values, names(1000), samples=20_000, seed=0)
    wilson = binomtest(930, 1000).proportion_ci(method="wilson")
    assert [estimate.low, estimate.high] == pytest.approx([wilson.low, wilson.high], abs=4e-4)


def test_values_that_are_no_shares_have_students_interval():
    from scipy.stats import sem, t

    values = np.random.default_rng(5).normal(3.0, 1.0, 30)
    estimate = bootstrap.mean(values.tolist(), names(30), samples=40_000, seed=0)
    half = t.ppf(0.975, 29) * sem(values)
    assert [estimate.low, estimate.high] == pytest.approx([values.mean() - half, values.mean() + half], abs=0.01)


def test_one_item():
    assert bootstrap.mean([0.4], ["a"], samples=100, seed=0) == Estimate(0.4, 0.4, 0.4, 1, 1)


def test_an_empty_group_is_a_cluster_of_its_own():
    assert bootstrap.mean([1.0, 0.0, 1.0], ["", "", "a"], samples=100, seed=0).clusters == 3


def test_graded_answers_that_are_the_same_differ_by_exactly_zero():
    values = np.random.default_rng(0).random(40).tolist()
    assert bootstrap.paired_difference(values, values, names(40), samples=200, seed=0) == Estimate(0.0, 0.0, 0.0, 40, 40)


def test_right_and_wrong_answers_that_are_the_same_could_still_differ_elsewhere():
    values = [1.0, 0.0] * 20
    estimate = bootstrap.paired_difference(values, values, names(40), samples=200, seed=0)
    width = 2.0227**2 / (40 + 2.0227**2)
    assert [estimate.value, estimate.low, estimate.high] == pytest.approx([0.0, -width, width], abs=1e-4)


def test_a_difference_changes_its_sign_with_the_order():
    generator = np.random.default_rng(8)
    a, b = ((generator.random(60) < p).astype(float).tolist() for p in (0.7, 0.5))
    one, other = (bootstrap.paired_difference(*pair, names(60, 3), samples=400, seed=2) for pair in ((a, b), (b, a)))
    assert [one.value, one.low, one.high] == pytest.approx([-other.value, -other.high, -other.low])


def test_pairing_narrows_the_difference():
    generator = np.random.default_rng(1)
    b = generator.random(200)
    a = b + 0.05 + 0.01 * generator.standard_normal(200)
    paired = bootstrap.paired_difference(a.tolist(), b.tolist(), names(200), samples=500, seed=0)
    assert 0.04 < paired.low < 0.05 < paired.high < 0.06


def test_clusters_widen_the_interval():
    values = np.repeat(np.random.default_rng(2).random(40) > 0.5, 5).astype(float).tolist()
    alone = bootstrap.mean(values, names(200), samples=1000, seed=0)
    together = bootstrap.mean(values, names(200, 5), samples=1000, seed=0)
    assert (alone.n, alone.clusters, together.n, together.clusters) == (200, 200, 200, 40)
    assert together.value == alone.value
    assert together.high - together.low > 1.7 * (alone.high - alone.low)  # five equal items: about the root of five


def test_family_mean_weighs_tasks_and_not_items():
    small, large = ([1.0, 1.0], names(2)), ([0.0] * 50, names(50))
    estimate = bootstrap.mean_of_means([small, large], samples=100, seed=0)
    assert (estimate.value, estimate.n, estimate.clusters) == (0.5, 52, 52)


def test_tasks_draw_independently():
    values = np.random.default_rng(4).random(100).tolist()
    one = bootstrap.mean(values, names(100), samples=2000, seed=0)
    four = bootstrap.mean_of_means([(values, names(100))] * 4, samples=2000, seed=0)
    assert four.value == pytest.approx(one.value)
    assert (four.high - four.low) / (one.high - one.low) == pytest.approx(0.5, abs=0.05)


def test_paired_family_difference():
    task = ([1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0], names(4))
    same = ([0.5] * 3, [0.5] * 3, names(3))
    estimate = bootstrap.paired_difference_of_means([task, same], samples=400, seed=0)
    assert (estimate.value, estimate.n, estimate.clusters) == (0.25, 7, 7)
    assert -1.0 < estimate.low < 0.25 < estimate.high < 1.0


def test_a_task_of_one_cluster_adds_no_variance():
    wide = ([1.0, 0.0, 1.0, 1.0, 0.0, 1.0], names(6))
    alone = bootstrap.mean_of_means([wide], samples=2000, seed=0)
    with_one = bootstrap.mean_of_means([wide, ([0.5, 0.7], ["x", "x"])], samples=2000, seed=0)
    assert with_one.clusters == 7
    assert with_one.high - with_one.low < alone.high - alone.low


def test_relative_gain_is_of_the_means_and_paired():
    b = np.random.default_rng(5).uniform(0.4, 0.6, 50)
    gain = bootstrap.relative_gain((b * 1.2).tolist(), b.tolist(), names(50), samples=300, seed=0)
    assert gain is not None
    assert [gain.value, gain.low, gain.high] == pytest.approx([0.2] * 3)
    assert (gain.n, gain.clusters) == (50, 50)


def test_relative_gain_has_fiellers_interval():
    generator = np.random.default_rng(6)
    b = generator.uniform(0.2, 0.8, 80)
    a = np.clip(b * 1.3 + generator.normal(0, 0.1, 80), 0, 1)
    gain = bootstrap.relative_gain(a.tolist(), b.tolist(), names(80), samples=40_000, seed=0)
    ratio = np.linspace(1.0, 1.6, 6001)
    residuals = a[:, None] - ratio * b[:, None]
    inside = ratio[np.abs(residuals.mean(0)) <= 1.9905 * residuals.std(0, ddof=1) / 80**0.5]
    assert gain is not None
    assert [gain.low, gain.high] == pytest.approx([inside.min() - 1, inside.max() - 1], abs=0.002)


def test_relative_gain_has_no_value_where_the_base_may_be_zero():
    assert bootstrap.relative_gain([1.0] * 10, [0.0] * 9 + [1.0], names(10), samples=300, seed=0) is None
    assert bootstrap.relative_gain([1.0] * 4, [0.0] * 4, names(4), samples=100, seed=0) is None


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: bootstrap.mean([], [], 100, 0), "got no values; allowed: at least one"),
        (lambda: bootstrap.mean([1.0], ["a", "b"], 100, 0), "got 1 values and 2 groups; allowed: one group for each value"),
        (lambda: bootstrap.mean([float("nan")], ["a"], 100, 0), "got a value that is not finite"),
        (lambda: bootstrap.mean([1.0], ["a"], 0, 0), "got 0 samples; allowed: at least 1"),
        (lambda: bootstrap.paired_difference([1.0], [1.0, 0.0], ["a"], 100, 0), "got 1 and 2 values; allowed: pairs of the same items"),
        (lambda: bootstrap.mean_of_means([], 100, 0), "got no tasks; allowed: at least one"),
    ],
)
def test_unusable_numbers_are_named(call, reason):
    with pytest.raises(InputError) as caught:
        call()
    assert reason in str(caught.value)


def test_a_weighted_mean_of_shares_is_the_share_of_the_sums():
    parts, wholes = [3, 0, 5, 1], [4, 1, 5, 2]
    estimate = bootstrap.weighted_mean([a / b for a, b in zip(parts, wholes, strict=True)], wholes, names(4), samples=400, seed=0)
    assert (estimate.value, estimate.n, estimate.clusters) == (pytest.approx(9 / 12), 4, 4)
    assert 0.0 <= estimate.low < estimate.value < estimate.high <= 1.0


def test_equal_weights_change_nothing():
    values = np.random.default_rng(2).random(30).tolist()
    whole = bootstrap.mean(values, names(30, 2), samples=300, seed=1)
    weighted = bootstrap.weighted_mean(values, [3.0] * 30, names(30, 2), samples=300, seed=1)
    assert [weighted.value, weighted.low, weighted.high] == pytest.approx([whole.value, whole.low, whole.high])


@pytest.mark.parametrize("weights", [[1.0, 0.0], [1.0, -2.0], [1.0], [1.0, float("inf")]])
def test_weights_that_weigh_nothing_are_refused(weights):
    with pytest.raises(InputError, match="bootstrap: got"):
        bootstrap.weighted_mean([0.5, 0.5], weights, names(2), samples=100, seed=0)


def test_pooled_shares_are_covered():
    """Notes differ in how much there is to find and in how well it is found, so that a mean over notes is another figure."""
    generator = np.random.default_rng(8)
    wholes = 1 + generator.poisson(3, (400, 60))
    chances = generator.beta(3, 1.5, (400, 60))
    parts = generator.binomial(wholes, chances)
    held = 0
    for part, whole in zip(parts, wholes, strict=True):
        estimate = bootstrap.weighted_mean((part / whole).tolist(), whole.tolist(), names(60), samples=100, seed=0)
        held += estimate.low <= 2 / 3 <= estimate.high
    assert 0.92 <= held / 400 <= 0.98
