from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.core.errors import InputError
from bioinstruct.statistics.paired import holm, mcnemar


def outcomes(only_first: int, only_second: int, both: int = 3) -> tuple[list[bool], list[bool]]:
    first = [True] * only_first + [False] * only_second + [True] * both
    second = [False] * only_first + [True] * only_second + [True] * both
    return first, second


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [(0, 0, 1.0), (1, 0, 0.5), (2, 0, 0.25), (5, 5, 1.0), (0, 10, 1 / 1024), (1, 4, 2 * (1 + 5 / 2) / 32)],
)
def test_mid_p_by_hand(only_first, only_second, p):
    found = mcnemar(*outcomes(only_first, only_second))
    assert (found.only_first, found.only_second, found.p) == (only_first, only_second, pytest.approx(p))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_mid_p_and_exact_equal_the_binomial_of_scipy(only_first, only_second):
    from scipy.stats import binom, binomtest

    n, k = only_first + only_second, min(only_first, only_second)
    expected = 2 * binom.cdf(k, n, 0.5) - binom.pmf(k, n, 0.5) if n else 1.0
    found = mcnemar(*outcomes(only_first, only_second))
    assert found.p == pytest.approx(expected, abs=1e-12)
    assert found.exact == pytest.approx(binomtest(k, n).pvalue if n else 1.0, abs=1e-12)
    assert found.clusters == n


def test_clusters_of_one_item_change_nothing():
    first, second = outcomes(9, 3)
    alone = mcnemar(first, second)
    assert mcnemar(first, second, [f"g{n}" for n in range(len(first))]) == alone
    assert mcnemar(first, second, [""] * len(first)) == alone


def test_signs_of_whole_clusters_by_hand():
    # Sums by cluster: 2, 1, -1. Of the 8 signs the sum of 2 is passed once (4) and reached twice.
    first, second = [True, True, True, False], [False, False, False, True]
    found = mcnemar(first, second, ["a", "a", "b", "c"])
    assert (found.only_first, found.only_second, found.clusters) == (3, 1, 3)
    assert (found.p, found.exact) == (pytest.approx(2 * 1 / 8 + 2 / 8), pytest.approx(2 * 3 / 8))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("abcde")), min_size=1, max_size=12))
def test_signs_of_whole_clusters_equal_all_of_them_counted(rows):
    first, second, groups = (list(column) for column in zip(*rows, strict=True))
    sums: dict[str, int] = {}
    for a, b, name in rows:
        sums[name] = sums.get(name, 0) + a - b
    totals = [
        sum(sign * abs(size) for sign, size in zip(signs, sums.values(), strict=True)) for signs in product((-1, 1), repeat=len(sums))
    ]
    seen = abs(sum(sums.values()))
    above, at = sum(total > seen for total in totals) / len(totals), sum(total == seen for total in totals) / len(totals)
    found = mcnemar(first, second, groups)
    assert (found.p, found.exact) == (pytest.approx(min(1, 2 * above + at)), pytest.approx(min(1, 2 * (above + at))))


def test_items_that_always_come_together_count_once():
    first, second = [True] * 30, [False] * 30
    assert mcnemar(first, second).p < 1e-8
    assert mcnemar(first, second, ["one"] * 30).p == 0.5


def test_thousands_of_items_stay_exact():
    assert 0.0 < mcnemar(*outcomes(1400, 1600)).p < 0.001
    assert mcnemar(*outcomes(3000, 0)).p == 0.0  # below the smallest float


def test_different_items_are_refused():
    with pytest.raises(InputError, match="got 2 and 1 items and 2 groups; allowed: the same items for both systems"):
        mcnemar([True, False], [True])


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_lies_between_raw_and_bonferroni(p_values):
    adjusted = holm(p_values)
    for raw, value in zip(p_values, adjusted, strict=True):
        assert raw <= value <= min(1.0, len(p_values) * raw) or value == pytest.approx(max(adjusted[: len(adjusted)]))
    ranked = [value for _, value in sorted(zip(p_values, adjusted, strict=True))]
    assert ranked == sorted(ranked)


def test_holm_refuses_what_is_no_probability():
    with pytest.raises(InputError, match=r"got 1\.5; allowed: p-values from 0 to 1"):
        holm([0.5, 1.5])
