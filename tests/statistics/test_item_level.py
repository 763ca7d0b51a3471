"""Strict and graded-only, two systems, Holm over a table, and runs over seeds, from scores of single items."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t, ttest_rel

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Outcome, Score, Setting
from bioinstruct.statistics import bootstrap, item_level

SETTING = Setting("base", None, "rank", "text", 0, "paper")
SAMPLES = 300


def scores(values: list[float | None], groups: list[str] | None = None, metric: str = "accuracy") -> list[Score]:
    """One score a value; None is an answer that cannot be read."""
    made = []
    for place, value in enumerate(values):
        outcome = Outcome.UNPARSED if value is None else Outcome.GRADED
        group = groups[place] if groups else str(place)
        made.append(Score(f"t/{place}", group, SETTING, outcome, {metric: value or 0.0}, {}, "", "gold"))
    return made


def test_an_answer_that_cannot_be_read_is_wrong_or_left_out():
    found = item_level.side_by_side(scores([1.0, 1.0, 0.0, None]), "accuracy", SAMPLES, 0)
    assert (found.strict.value, found.strict.n) == (0.5, 4)
    assert found.graded_only is not None
    assert (found.graded_only.value, found.graded_only.n) == (pytest.approx(2 / 3), 3)
    assert found.outcomes == {"graded": 3, "unparsed": 1, "truncated": 0, "failed": 0}


def test_nothing_graded_has_no_graded_only_mean():
    found = item_level.side_by_side(scores([None, None]), "accuracy", SAMPLES, 0)
    assert (found.strict.value, found.graded_only) == (0.0, None)


def test_two_systems_over_all_items_and_over_those_that_both_answer():
    first = scores([1.0, 1.0, 1.0, 0.0, None, 1.0])
    second = scores([0.0, 0.0, 1.0, 1.0, 1.0, None])
    found = item_level.compare(first, second, "accuracy", SAMPLES, 0)
    assert found.strict.estimate.value == pytest.approx(1 / 6)
    assert found.strict.mcnemar is not None
    assert (found.strict.mcnemar.only_first, found.strict.mcnemar.only_second, found.strict.test) == (3, 2, "mcnemar")
    assert found.strict.p == found.strict.mcnemar.p <= found.strict.mcnemar.exact
    assert found.graded_only is not None
    assert (found.graded_only.estimate.n, found.graded_only.estimate.value) == (4, 0.25)


def test_right_and_wrong_answers_are_tested_by_cluster():
    first, second = [1.0] * 12 + [0.0] * 4, [0.0] * 12 + [1.0] * 4
    groups = [str(place // 4) for place in range(16)]
    alone = item_level.compare(scores(first), scores(second), "accuracy", SAMPLES, 0).strict
    together = item_level.compare(scores(first, groups), scores(second, groups), "accuracy", SAMPLES, 0).strict
    assert together.mcnemar is not None
    assert together.mcnemar.clusters == 4
    assert alone.p is not None
    assert together.p is not None
    assert alone.p < 0.1 < together.p


def test_graded_answers_are_tested_by_t():
    generator = np.random.default_rng(1)
    second = generator.uniform(0.1, 0.6, 40)
    first = second + generator.normal(0.03, 0.1, 40)
    found = item_level.compare(scores(first.tolist(), metric="f1"), scores(second.tolist(), metric="f1"), "f1", SAMPLES, 0).strict
    assert (found.test, found.mcnemar) == ("t", None)
    assert found.p == pytest.approx(ttest_rel(first, second).pvalue)
    error = (first - second).std(ddof=1) / 40**0.5
    assert found.smallest == pytest.approx((t.ppf(0.975, 39) + t.ppf(0.8, 39)) * error)


def test_the_smallest_difference_is_shown_in_four_of_five_repetitions():
    generator = np.random.default_rng(3)
    n, wins, losses = 400, 0.15, 0.1
    pilot = np.array([1.0] * round(n * wins) + [-1.0] * round(n * losses) + [0.0] * round(n * (1 - wins - losses)))
    first, second = (np.where(pilot == 0, 1.0, pilot == side) for side in (1, -1))
    smallest = item_level.compare(scores(first.tolist()), scores(second.tolist()), "accuracy", SAMPLES, 0).strict.smallest
    assert smallest is not None
    half = (wins + losses) / 2
    drawn = generator.choice([1.0, -1.0, 0.0], size=(400, n), p=[half + smallest / 2, half - smallest / 2, 1 - 2 * half])
    shown = np.abs(drawn.mean(1)) > 1.966 * drawn.std(1, ddof=1) / n**0.5
    assert 0.74 < shown.mean() < 0.87


def test_systems_that_never_differ_show_nothing_and_reject_nothing():
    same = scores([1.0, 0.0, 1.0])
    found = item_level.compare(same, same, "accuracy", SAMPLES, 0).strict
    assert (found.p, found.smallest, found.estimate.value) == (1.0, None, 0.0)


def test_holm_runs_over_the_table_strict_and_graded_only_apart():
    weak = item_level.compare(scores([1.0] * 5 + [0.0] * 2), scores([0.0] * 5 + [1.0] * 2), "accuracy", SAMPLES, 0)
    strong = item_level.compare(scores([1.0] * 9 + [None]), scores([0.0] * 9 + [1.0]), "accuracy", SAMPLES, 0)
    none = item_level.compare(scores([None] * 3), scores([1.0] * 3), "accuracy", SAMPLES, 0)
    table = item_level.correct({"weak": weak, "strong": strong, "none": none})
    assert weak.strict.adjusted is None
    p = [one.strict.p for one in (strong, weak, none)]
    ordered = sorted(value for value in p if value is not None)
    assert table["strong"].strict.adjusted == pytest.approx(3 * ordered[0])
    assert table["strong"].graded_only is not None
    assert table["strong"].graded_only.adjusted == pytest.approx(2 * (table["strong"].graded_only.p or 0))
    assert table["none"].graded_only is None


def test_runs_over_seeds_widen_the_interval_by_the_seeds():
    generator = np.random.default_rng(0)
    levels = (0.45, 0.6, 0.75, 0.6)
    runs = [scores((generator.random(200) < level).astype(float).tolist()) for level in levels]
    one = item_level.over_runs(runs[:1], "accuracy")
    four = item_level.over_runs(runs, "accuracy")
    assert "seed variance not estimable" in one.note
    assert (four.seeds, four.n, four.note) == (4, 200, "")
    assert four.value == pytest.approx(np.mean([[one.values["accuracy"] for one in run] for run in runs]))
    assert four.low is not None
    assert one.low is not None
    assert one.high is not None
    assert four.high is not None
    assert four.high - four.low > 1.5 * (one.high - one.low)
    against = item_level.over_runs(runs, "accuracy", runs[0])
    assert against.value == pytest.approx(four.value - one.value)


def test_one_run_of_right_and_wrong_answers_agrees_with_the_bootstrap():
    generator = np.random.default_rng(4)
    first, second = ((generator.random(300) < p).astype(float).tolist() for p in (0.6, 0.5))
    crossed = item_level.over_runs([scores(first)], "accuracy", scores(second))
    drawn = bootstrap.paired_difference(first, second, [str(n) for n in range(300)], 4000, 0)
    assert [crossed.low, crossed.high] == pytest.approx([drawn.low, drawn.high], abs=0.01)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: item_level.side_by_side([], "accuracy", SAMPLES, 0), "no value of 'accuracy'"),
        (lambda: item_level.compare([], [], "accuracy", SAMPLES, 0), "got none"),
        (lambda: item_level.compare(scores([1.0]), scores([1.0, 0.0]), "accuracy", SAMPLES, 0), "got other items in number 2"),
        (lambda: item_level.compare(scores([1.0]), scores([1.0], metric="f1"), "accuracy", SAMPLES, 0), "no 'accuracy' for t/0"),
        (lambda: item_level.over_runs([], "accuracy"), "got none"),
        (lambda: item_level.over_runs([scores([1.0]), scores([1.0])[:0]], "accuracy"), "got other items in number 2"),
    ],
)
def test_scores_that_do_not_fit_are_named(call, reason):
    with pytest.raises(InputError, match=reason):
        call()
