from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.core.errors import InputError
from bioinstruct.statistics.paired import McNemar, holm, mcnemar


def outcomes(only_first: int, only_second: int, both: int = 3) -> tuple[list[bool], list[bool]]:
    first = [True] * only_first + [False] * only_second + [True] * both
    second = [False] * only_first + [True] * only_second + [True] * both
    return first, second


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [(0, 0, 1.0), (1, 0, 0.5), (2, 0, 0.25), (5, 5, 1.0), (0, 10, 1 / 1024), (1, 4, 2 * (1 + 5 / 2) / 32)],
)
def test_mid_p_by_hand(only_first, only_second, p):
    assert mcnemar(*outcomes(only_first, only_second)) == McNemar(only_first, only_second, pytest.approx(p))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_mid_p_equals_the_binomial_of_scipy(only_first, only_second):
    from scipy.stats import binom

    n, k = only_first + only_second, min(only_first, only_second)
    expected = 2 * binom.cdf(k, n, 0.5) - binom.pmf(k, n, 0.5) if n else 1.0
    assert mcnemar(*outcomes(only_first, only_second)).p == pytest.approx(expected, abs=1e-12)


def test_thousands_of_items_stay_exact():
    assert 0.0 < mcnemar(*outcomes(1400, 1600)).p < 0.001
    assert mcnemar(*outcomes(3000, 0)).p == 0.0  # below the smallest float


def test_different_items_are_refused():
    with pytest.raises(InputError, match="got 2 and 1 items; allowed: the same items for both systems"):
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
