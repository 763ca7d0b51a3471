from __future__ import annotations

import copy
import itertools
import re

import pytest

from bioinstruct.study.conclusions import conclusions, reading
from bioinstruct.study.matrix import matrix

from .planted import MIXTURES, gains, scores


@pytest.fixture(scope="module")
def said():
    return matrix(scores(), MIXTURES)


@pytest.fixture
def numbers(said):
    """A copy to perturb."""
    return copy.deepcopy(said)


def sentence(numbers, key):
    return next(one for one in conclusions(numbers) if one.key == key)


def shift(estimate, value):
    """The same estimate around another value, its test following."""
    moved = value - estimate["value"]
    for field in ("value", "low", "high"):
        estimate[field] += moved
    estimate["holm"] = 0.001 if estimate["low"] > 0 or estimate["high"] < 0 else 0.4


def test_the_matrix_holds_the_sentences_that_its_numbers_give(said):
    assert [(one["key"], one["verdict"], one["text"]) for one in said["conclusions"]] == [
        (one.key, one.verdict, one.text) for one in conclusions(said)
    ]


def test_planted_effects_are_shown(said):
    shown = {one.key for one in conclusions(said) if one.verdict == "shown"}
    for family in ("qa", "ie", "generation"):
        assert {f"gain.{family}", f"any.{family}", f"matched.{family}", f"best.{family}", f"control.{family}.general"} <= shown
    assert "any.nli" in shown
    assert "gain.nli" not in {one.key for one in conclusions(said)}


def test_what_was_not_planted_is_not_shown(said):
    assert sentence(said, "pairs.qa").verdict == "not shown"
    assert sentence(said, "all.qa").verdict == "not shown"  # no better than QA alone
    text = sentence(said, "pairs.qa").text
    assert text.startswith(
        "Not shown: that any pair ('qa+ie', 'qa+generation', 'ie+generation') is better, or worse, than both of its parts"
    )
    assert re.search(r"a true difference of \d+\.\d points would be seen in four of five repetitions", text)


def test_a_shrunk_effect_is_no_longer_shown(numbers):
    assert sentence(numbers, "matched.qa").text.startswith("On QA the matching category adds to what the others give on average: +")
    shift(numbers["split"]["families"]["qa"]["qa"]["matched"], 0.001)
    one = sentence(numbers, "matched.qa")
    assert one.verdict == "not shown"
    assert one.text.startswith("Not shown: that on QA the matching category gives more or less than the others on average (+0.1 points [")


def test_a_flipped_sign_is_told_the_other_way(numbers):
    shift(numbers["transfer"]["families"]["ie"]["ie"]["gain"], -0.2)
    shift(numbers["controls"]["families"]["ie"]["general"]["over_control"], -0.1)
    assert sentence(numbers, "gain.ie").text.startswith(
        "IE instructions lower IE below the strongest base: \u221220.0 points [\u221220.4, \u221219.6]"
    )
    assert sentence(numbers, "control.ie.general").text.startswith("On IE 'all' is worse than general instructions: \u221210.0 points")


def test_a_widened_interval_is_no_longer_shown_whatever_its_p(numbers):
    gain = numbers["transfer"]["families"]["qa"]["qa"]["gain"]
    gain["low"] = -0.01
    assert sentence(numbers, "gain.qa").verdict == "not shown"


def test_a_test_that_falls_to_the_correction_is_not_shown_whatever_its_interval(numbers):
    numbers["transfer"]["families"]["qa"]["qa"]["gain"]["holm"] = 0.051
    one = sentence(numbers, "gain.qa")
    assert one.verdict == "not shown"
    assert "; corrected for several tests p is 0.051; a true difference of" in one.text


def test_synergy_needs_both_parts(numbers):
    row = numbers["pairs"]["families"]["generation"]["qa+generation"]
    shift(row["over_qa"], 0.05)
    shift(row["over_generation"], 0.0)
    assert sentence(numbers, "pairs.generation").verdict == "not shown"
    shift(row["over_generation"], 0.05)
    text = sentence(numbers, "pairs.generation").text
    assert text.startswith("On generation, synergy: at equal size 'qa+generation' is better than both of its parts (over QA +5.0 points [")
    shift(row["over_qa"], -0.05)
    assert sentence(numbers, "pairs.generation").verdict == "not shown"
    shift(row["over_generation"], -0.05)
    assert "interference: at equal size 'qa+generation' is worse than both of its parts" in sentence(numbers, "pairs.generation").text


def test_best_needs_every_other_category_and_a_defeat_is_told(numbers):
    split = numbers["split"]["families"]["qa"]["qa"]
    assert sentence(numbers, "best.qa").text.startswith("QA instructions are the best single category for QA: over IE +")
    shift(split["over_ie"], 0.0)
    assert sentence(numbers, "best.qa").text.startswith("Not shown: that QA instructions are the best single category for QA (over IE ")
    shift(split["over_ie"], -0.1)
    one = sentence(numbers, "best.qa")
    assert one.verdict == "shown"
    assert one.text.startswith("QA instructions are not the best single category for QA: IE instructions alone are better (")


def test_leaving_out_tells_both_directions(numbers):
    for row in numbers["left_out"]["families"]["qa"].values():
        shift(row["adds"], 0.0)
    assert sentence(numbers, "left_out.qa").text.startswith("Not shown: that leaving out any one category changes QA; a true difference")
    shift(numbers["left_out"]["families"]["qa"]["qa"]["adds"], 0.08)
    shift(numbers["left_out"]["families"]["qa"]["ie"]["adds"], -0.08)
    text = sentence(numbers, "left_out.qa").text
    assert text.startswith("On QA, QA instructions add to the others (+8.0 points [")
    assert "IE instructions take from what the others give (\u22128.0 points [" in text


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_show_nothing(seeds):
    found = conclusions(matrix(scores(seeds=seeds), MIXTURES))
    assert {one.verdict for one in found} == {"not shown"}
    assert all(one.text.startswith("Not shown: ") for one in found)
    assert all(f"seed variance not estimable: {seeds} of the 3 seeds needed; the interval is over items alone" in one.text for one in found)


def test_no_interval_shows_nothing(numbers):
    gain = numbers["transfer"]["families"]["qa"]["qa"]["gain"]
    gain.update(low=None, high=None, holm=None, p=None, smallest=None, over_seeds=False, note="item variance not estimable")
    assert sentence(numbers, "gain.qa").text.endswith("points, no interval; item variance not estimable).")


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.1), (-0.1, 0.0), (-0.1, 0.1), (0.0, 0.0)])
def test_an_interval_that_reaches_zero_claims_nothing(low, high):
    assert reading({"low": low, "high": high, "over_seeds": True, "holm": 0.0}) == "not shown"


def test_no_sentence_claims_a_direction_that_its_interval_does_not_have(said):
    """Every effect moved to each of a few places: the sentences that claim quote only intervals on one side of zero."""
    for value, table in itertools.product((-0.1, -0.001, 0.0, 0.001, 0.1), ("transfer", "split", "controls")):
        numbers = copy.deepcopy(said)
        for rows in numbers[table]["families"].values():
            for found in rows.values():
                for estimate in found.values():
                    shift(estimate, value)
        for one in conclusions(numbers):
            if one.verdict == "shown" and one.key.split(".")[0] in {"gain", "any", "matched", "control"}:
                low, high = (float(bound.replace("\u2212", "-")) for bound in re.search(r"\[(.+), (.+)\]", one.text).groups())
                assert low > 0 or high < 0, one.text
                assert (low > 0) == bool(re.search(r"raise|adds|better", one.text)), one.text


def test_a_bound_near_zero_does_not_read_as_zero(numbers):
    gain = numbers["transfer"]["families"]["qa"]["qa"]["gain"]
    gain.update(value=0.02, low=0.00003, high=0.04, holm=0.04)
    assert sentence(numbers, "gain.qa").text.endswith(": +2.0 points [+0.003, +4.0].")


def test_a_study_without_singles_or_controls_has_no_such_sentences():
    found = conclusions(matrix(scores({"qa": gains("qa")}, MIXTURES[6:7]), MIXTURES[6:7]))
    assert found == []


def test_every_sentence_begins_like_one(said):
    texts = [one["text"] for one in said["conclusions"]]
    assert any(text.startswith("Generation") for text in texts)
    assert all(not text[0].islower() and text.endswith(".") for text in texts)
