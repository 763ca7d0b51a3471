from __future__ import annotations

import pytest

from bioinstruct.report import lines, wording


def estimate(value, low, high, n=40):
    return {"value": value, "low": low, "high": high, "n": n, "clusters": n}


def family(absolute, over_trivial=None, over_shuffled=None):
    return {
        "absolute": absolute, "base": estimate(0.4, 0.3, 0.5), "tuned": estimate(0.5, 0.4, 0.6), "trivial": estimate(0.3, 0.2, 0.4),
        "over_trivial": over_trivial, "over_shuffled": over_shuffled, "metrics": ["accuracy"], "tasks": ["a", "b"], "note": "",
    }  # fmt: skip


NOTHING = {**family(None), "base": None, "tuned": None}


def data(**families):
    totals = {"requests": 2, "unparsed": 0, "candidates": 34, "rejected": 4, "kept": 25, "surplus": 5, "kept_share": 25 / 34}
    funnel = [{"rule": "too_short", "dropped": 1}, {"rule": "novelty", "dropped": 3}, {"rule": "keyword", "dropped": 0}]
    gains = {name: families.get(name, NOTHING) for name in ("qa", "nli", "ie", "generation")}
    return {"totals": totals, "funnel": funnel, "source": {"file": None}, "gains": gains, "study": None}


def test_there_are_five_lines_and_what_is_missing_is_said():
    found = lines.summary(data())
    assert [one["about"] for one in found] == ["data", "qa", "ie", "generation", "control"]
    assert found[0]["headline"] == "2 requests to the teacher gave 34 tasks; 25 were kept."
    assert (
        found[0]["detail"]
        == "Dropped by named rules: 3 by \u201cnovelty\u201d, 1 by \u201ctoo short\u201d. 5 passed every rule beyond the target."
    )
    assert found[1]["headline"] == "Question answering: not measured in this run."
    assert found[4]["headline"] == "No control was tuned in this run."


@pytest.mark.parametrize(
    ("absolute", "expected"),
    [
        (estimate(0.1, 0.02, 0.2), "from 40.0 to 50.0, a gain of +10.0 points [+2.0 to +20.0]."),
        (estimate(-0.1, -0.2, -0.02), "from 40.0 to 50.0, a loss: \u221210.0 points [\u221220.0 to \u22122.0]."),
        (estimate(0.1, 0.0, 0.2), "a gain is not shown; +10.0 points [0.0 to +20.0], an interval that reaches zero."),
        (estimate(0.0, -0.1, 0.1), "a gain is not shown; 0.0 points [\u221210.0 to +10.0], an interval that reaches zero."),
    ],
)
def test_a_gain_is_claimed_only_where_the_interval_allows(absolute, expected):
    line = lines.summary(data(qa=family(absolute)))[1]
    assert line["headline"].replace("\u00a0", " ") == f"Question answering: {expected}"


def test_the_trivial_answerer_and_the_control_are_named():
    shown, unclear = estimate(0.2, 0.1, 0.3), estimate(0.1, -0.1, 0.3)
    found = lines.summary(data(qa=family(shown, unclear, shown), nli=family(shown, shown, unclear), ie=family(shown, shown, shown)))
    expected = "Over the best trivial answerer (30.0): +10.0 points [\u221210.0 to +30.0], not shown: the interval reaches zero."
    assert found[1]["detail"].replace("\u00a0", " ").endswith(expected)
    assert found[4]["headline"] == "Against the control tuned on shuffled outputs: ahead on QA and IE; a difference is not shown on NLI."


def test_a_file_is_no_teacher():
    found = {**data(), "source": {"file": "rows.json"}}
    assert lines.summary(found)[0]["headline"] == "25 of 34 records from a file were kept (73.5\u00a0%)."


def test_numbers_read_as_numbers_do():
    assert [wording.points(value) for value in (0.1234, -0.1234, 0.0001, -0.0004)] == ["+12.3", "\u221212.3", "0.0", "0.0"]
    assert wording.plural(1, "reply", "replies") == "1 reply"
    assert wording.plural(1200, "reply", "replies") == "1,200 replies"
    assert wording.metric("rougeL") == "ROUGE-L"
    assert wording.metric("new_metric") == "new_metric"
