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


@pytest.mark.parametrize("value", [0.0, 0.1, 1.0, 1 / 3])
def test_equal_values_have_an_interval_of_no_width(value):
    estimate = bootstrap.mean([value] * 7, names(7, 2), samples=200, seed=0)
    assert estimate.low == estimate.high == estimate.value == pytest.approx(value)


def test_one_item():
    assert bootstrap.mean([0.4], ["a"], samples=100, seed=0) == Estimate(0.4, 0.4, 0.4, 1, 1)


def test_an_empty_group_is_a_cluster_of_its_own():
    assert bootstrap.mean([1.0, 0.0, 1.0], ["", "", "a"], samples=100, seed=0).clusters == 3


def test_identical_systems_differ_by_exactly_zero():
    values = np.random.default_rng(0).random(40).tolist()
    assert bootstrap.paired_difference(values, values, names(40), samples=200, seed=0) == Estimate(0.0, 0.0, 0.0, 40, 40)


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


def test_coverage_is_near_the_nominal_level():
    generator = np.random.default_rng(11)
    covered = 0
    for trial in range(200):
        sample = (generator.random(80) < 0.6).astype(float).tolist()
        estimate = bootstrap.mean(sample, names(80), samples=400, seed=trial)
        covered += estimate.low <= 0.6 <= estimate.high
    assert 0.90 <= covered / 200 <= 0.985


def test_family_mean_weighs_tasks_and_not_items():
    small, large = ([1.0, 1.0], names(2)), ([0.0] * 50, names(50))
    assert bootstrap.mean_of_means([small, large], samples=100, seed=0) == Estimate(0.5, 0.5, 0.5, 52, 52)


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
    assert 0.0 <= estimate.low < 0.25 < estimate.high <= 0.5


def test_relative_gain_is_of_the_means_and_paired():
    b = np.random.default_rng(5).uniform(0.4, 0.6, 50)
    gain = bootstrap.relative_gain((b * 1.2).tolist(), b.tolist(), names(50), samples=300, seed=0)
    assert gain is not None
    assert [gain.value, gain.low, gain.high] == pytest.approx([0.2] * 3)
    assert (gain.n, gain.clusters) == (50, 50)


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
