from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from bioinstruct.core.errors import InputError
from bioinstruct.statistics import agreement

pytest.importorskip("krippendorff", reason="krippendorff is not installed (extra 'review')")

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), examples A to C; a full stop is a missing value.
BINARY = ["0100000010", "1110010000"]
NOMINAL = ["aabbdcccedda", "babbbccceddd"]
FOUR_OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
# The example of the encyclopaedia's page on alpha: three coders, fifteen units.
THREE_CODERS = [".....34121133.3", "1.213343.......", "..21344.21133.4"]


def by_record(rows: list[str]) -> list[list[str]]:
    return [[label for label in column if label != "."] for column in zip(*rows, strict=True)]


def pairwise(records: list[list[str]]) -> float | None:
    """Alpha from its definition: one less observed by expected disagreement, pair by pair."""
    pairable = [record for record in records if len(record) > 1]
    values = [label for record in pairable for label in record]
    if len(set(values)) < 2:
        return None
    observed = sum(sum(a != b for a, b in permutations(record, 2)) / (len(record) - 1) for record in pairable) / len(values)
    expected = sum(a != b for a, b in permutations(values, 2)) / (len(values) * (len(values) - 1))
    return 1 - observed / expected


@pytest.mark.parametrize(("rows", "published"), [(BINARY, 0.095), (NOMINAL, 0.692), (FOUR_OBSERVERS, 0.743), (THREE_CODERS, 0.691)])
def test_alpha_is_that_of_the_published_examples(rows, published):
    found = agreement.alpha(by_record(rows), 10, 0)
    assert found is not None
    assert round(found.estimate.value, 3) == published


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=4), max_size=12))
@settings(max_examples=60, deadline=None)
def test_alpha_is_its_definition(records):
    found, expected = agreement.alpha(records, 1, 0), pairwise(records)
    assert (found is None) == (expected is None)
    if found is not None:
        assert found.estimate.value == pytest.approx(expected)
        assert found.estimate.n == sum(len(record) > 1 for record in records)


@pytest.mark.parametrize("records", [[], [["a"], ["b"]], [["a", "a"], ["a", "a"]], [["a", "a"], ["b"]]])
def test_alpha_is_not_defined_without_two_labels_to_tell_apart(records):
    assert agreement.alpha(records, 10, 0) is None


def raters_who_agree(share: float, n: int, seed: int = 0) -> list[list[str]]:
    random = Random(seed)
    truth = [random.choice("abcd") for _ in range(n)]
    return [[label if random.random() < share else random.choice("abcd") for _ in range(3)] for label in truth]


def test_the_interval_holds_the_value_narrows_with_records_and_is_the_seeds():
    few, many = agreement.alpha(raters_who_agree(0.9, 50), 400, 1), agreement.alpha(raters_who_agree(0.9, 800), 400, 1)
    assert few is not None
    assert many is not None
    for found in (few, many):
        assert found.estimate.low < found.estimate.value < found.estimate.high <= 1
        assert found.undefined_draws == 0
    assert few.estimate.high - few.estimate.low > 3 * (many.estimate.high - many.estimate.low)  # sixteen times the records: a fourth
    assert agreement.alpha(raters_who_agree(0.9, 50), 400, 1) == few
    assert agreement.alpha(raters_who_agree(0.9, 50), 400, 2) != few


def test_the_interval_covers_the_alpha_of_all_records():
    everything = agreement.alpha(raters_who_agree(0.85, 5000), 1, 0)
    assert everything is not None
    found = [agreement.alpha(raters_who_agree(0.85, 100, seed), 150, seed) for seed in range(1, 51)]
    covered = sum(one is not None and one.estimate.low <= everything.estimate.value <= one.estimate.high for one in found)
    assert 43 <= covered <= 50


def test_resamples_that_have_one_label_only_are_counted_and_left_out():
    found = agreement.alpha([["a", "a"], ["a", "a"], ["a", "b"]], 300, 0)
    assert found is not None
    assert 50 < found.undefined_draws < 130  # (2/3)^3 of them lack the third record
    assert found.estimate.low <= found.estimate.value <= found.estimate.high


@pytest.mark.parametrize(("k", "n"), [(0, 10), (10, 10), (1, 1), (9, 10), (873, 1000), (500, 1000)])
def test_the_interval_of_a_proportion_is_wilsons(k, n):
    found, expected = agreement.proportion(k, n), binomtest(k, n).proportion_ci(method="wilson")
    assert (found.value, found.n, found.clusters) == (k / n, n, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["qa", "qa", "ie"], "qa"),
        (["ie", "qa", "ie", "ie"], "ie"),
        (["qa", "ie"], None),
        (["qa", "ie", "other"], None),
        (["qa", "qa", "ie", "other"], None),
        (["qa"], None),
        ([], None),
    ],
)
def test_a_majority_is_more_than_half_of_two_or_more(labels, expected):
    assert agreement.majority(labels) == expected


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: agreement.proportion(0, 0), "got 0 of 0"),
        (lambda: agreement.proportion(3, 2), "got 3 of 2"),
        (lambda: agreement.proportion(-1, 2), "got -1 of 2"),
        (lambda: agreement.alpha([["a", "b"]], 0, 0), "got 0 samples; allowed: at least 1"),
    ],
)
def test_unusable_numbers_are_named(call, reason):
    with pytest.raises(InputError) as caught:
        call()
    assert reason in str(caught.value)
