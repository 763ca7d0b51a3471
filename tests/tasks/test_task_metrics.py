from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score import rouge_scorer

from bioinstruct.tasks import metrics

SCORER = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)
TEXT = st.lists(st.sampled_from(["pain", "the", "left", "x-ray", "5", "mg.", "naïve", "(yes)", "—", "\n"]), max_size=40).map(" ".join)


@settings(deadline=None, max_examples=100)
@given(TEXT, TEXT)
def test_rouge_equals_rouge_score(answer: str, reference: str) -> None:
    theirs = SCORER.score(reference, answer)
    ours = metrics.rouge(answer, [reference])
    for name in ("rouge1", "rouge2", "rougeL"):
        assert ours[name] == pytest.approx(theirs[name].fmeasure, abs=1e-12), name


def test_rouge_takes_the_best_reference() -> None:
    assert metrics.rouge("a b c", ["x", "a b c"]) == {"rouge1": 1.0, "rouge2": 1.0, "rougeL": 1.0}
    assert metrics.rouge("one", ["one"])["rouge2"] == 0.0


def test_sets() -> None:
    scores = metrics.sets(["a", "b", "b", "c"], ["a", "d"])
    assert (scores.precision, scores.recall) == (pytest.approx(1 / 3), 0.5)
    assert scores.f1 == pytest.approx(0.4)
    assert scores[3:] == (1, 2, 1)
    assert metrics.sets([], []).f1 == 1.0
    assert metrics.sets([], ["a"])[:3] == (0.0, 0.0, 0.0)
    assert metrics.sets(["a"], [])[:3] == (0.0, 0.0, 0.0)


def test_conditional_accuracy_looks_at_correct_names_alone() -> None:
    gold = [("a", "active"), ("b", "neither"), ("b", "active")]
    found = metrics.conditional([("a", "neither"), ("b", "active"), ("x", "active"), ("a", "active")], gold)
    assert (found.correct, found.names, found.accuracy) == (1, 2, 0.5)
    assert metrics.conditional([("x", "active")], gold).accuracy is None


def test_mentions_take_their_places_from_left_to_right_as_whole_words() -> None:
    words = ["Cancer", "of", "the", "breast", ",", "breast", "cancer", ";", "cancers"]
    assert metrics.placed(["cancer", "breast", "breast cancer", "cancer"], words) == [(0, 1), (3, 4), (5, 7), metrics.NOWHERE]
    assert metrics.placed(["breast cancer", "cancer", "", "the breast,"], words) == [(5, 7), (0, 1), metrics.NOWHERE, (2, 5)]


def test_relaxed_spans_are_paired_one_to_one() -> None:
    assert metrics.overlapping_spans([(0, 2), (2, 4)], [(0, 4)])[3:] == (1, 1, 0)
    assert metrics.overlapping_spans([(0, 1), metrics.NOWHERE, (3, 5)], [(4, 6), (0, 2)])[3:] == (2, 1, 0)
    assert metrics.same_spans([(0, 1), (0, 1)], [(0, 1)])[3:] == (1, 1, 0)
    assert metrics.same_spans([metrics.NOWHERE], [metrics.NOWHERE]).f1 == 0.0


def test_micro_figures_are_shares_of_the_sums() -> None:
    counts = {"true_positives": 3, "false_positives": 1, "false_negatives": 2}
    assert metrics.micro(counts) == {"micro_f1": (6, 9), "micro_precision": (3, 4), "micro_recall": (3, 5)}
    assert metrics.micro({**counts, "relaxed_true_positives": 4})["micro_f1_relaxed"] == (8, 9)
    assert metrics.micro({**counts, "statuses_correct": 2})["micro_conditional_accuracy"] == (2, 3)
    assert metrics.micro(dict.fromkeys(counts, 0))["micro_f1"] == (0, 0)


def test_overlap_counts_words_with_repeats_and_takes_the_best_antecedent() -> None:
    scores = metrics.overlap("the the kidney", "the left kidney")
    assert (scores.precision, scores.recall, scores[3:]) == (pytest.approx(2 / 3), pytest.approx(2 / 3), (2, 1, 1))
    best, antecedent = metrics.best_overlap("left kidney", ["the liver", "the left kidney"])
    assert antecedent == "the left kidney"
    assert (best.precision, best.recall) == (1.0, pytest.approx(2 / 3))
