"""What the answers say, on a review small enough to count by hand."""

from __future__ import annotations

import csv
import io

import pytest

from bioinstruct.core.records import Category, Instruction, Origin, instruction_id
from bioinstruct.review import results, tables, wording
from bioinstruct.review.results import Fate
from bioinstruct.review.store import Answer, Decision, Texts

pytest.importorskip("krippendorff", reason="krippendorff is not installed (extra 'review')")

RATERS = ["ada", "ben", "cleo"]
ACCEPT, EDIT, REJECT = Decision
QA, IE, GEN, OTHER = Category


def record(number: int, category: Category) -> Instruction:
    texts = (f"task {number}", "", "x")
    return Instruction(instruction_id(*texts), *texts, category, Origin("file", position=number))


def judged(machine: Category, *said: tuple[Category | None, Decision | None, str]) -> results.Judged:
    """Answers of ada, ben and cleo in turn; an edit's text is the third value, a rejection's reason likewise."""
    one = record(0, machine)
    answers = []
    for rater, (category, decision, words) in zip(RATERS, said, strict=False):
        edited = Texts(words, "", "x") if decision is EDIT else None
        answers.append(Answer(rater, one.id, category, decision, "" if edited else words, edited, "2026-01-01T00:00:00+00:00"))
    return results.Judged(one, tuple(answers))


def said(*decisions: tuple[Decision | None, str]) -> results.Judged:
    return judged(QA, *((None, decision, words) for decision, words in decisions))


@pytest.mark.parametrize(
    ("one", "fate"),
    [
        (said(), Fate.UNJUDGED),
        (said((None, "")), Fate.UNJUDGED),
        (said((ACCEPT, "")), Fate.ACCEPTED),
        (said((REJECT, "")), Fate.REJECTED),
        (said((REJECT, ""), (ACCEPT, "")), Fate.ACCEPTED),
        (said((REJECT, ""), (REJECT, ""), (EDIT, "new")), Fate.REJECTED),
        (said((REJECT, ""), (None, ""), (REJECT, "")), Fate.REJECTED),
        (said((REJECT, ""), (EDIT, "new"), (ACCEPT, "")), Fate.EDITED),
        (said((EDIT, "new"), (EDIT, "new"), (ACCEPT, "")), Fate.EDITED),
        (said((EDIT, "new"), (EDIT, "other"), (ACCEPT, "")), Fate.CONFLICT),
    ],
)
def test_every_record_has_one_fate(one, fate):
    assert one.fate is fate


def test_an_edit_is_a_new_record_with_its_parent_and_the_majoritys_category():
    one = judged(OTHER, (IE, EDIT, "new"), (IE, ACCEPT, ""), (QA, ACCEPT, ""))
    assert one.corrected == Instruction(instruction_id("new", "", "x"), "new", "", "x", IE, one.record.origin, one.record.id)


def test_without_a_majority_the_machines_category_stays():
    assert judged(OTHER, (IE, ACCEPT, ""), (QA, ACCEPT, "")).corrected == judged(OTHER).record
    assert judged(OTHER, (IE, ACCEPT, "")).corrected.category is OTHER


def test_a_conflict_keeps_the_record_and_a_rejection_drops_it():
    conflict = judged(OTHER, (IE, EDIT, "one"), (IE, EDIT, "two"))
    assert (conflict.corrected.id, conflict.corrected.parent, conflict.corrected.category) == (conflict.record.id, None, IE)
    assert judged(OTHER, (IE, REJECT, "bad"), (IE, REJECT, "")).corrected is None


@pytest.fixture
def sample() -> list[results.Judged]:
    """Five records: right, wrong, tie, one rater alone, nobody."""
    return [
        judged(QA, (QA, ACCEPT, ""), (QA, ACCEPT, ""), (QA, REJECT, "=bad")),
        judged(QA, (IE, ACCEPT, ""), (IE, EDIT, "new"), (QA, ACCEPT, "")),
        judged(GEN, (QA, ACCEPT, ""), (IE, ACCEPT, ""), (OTHER, None, "")),
        judged(OTHER, (OTHER, ACCEPT, "")),
        judged(OTHER),
    ]


def test_the_figures_are_those_counted_by_hand(sample):
    found = results.figures(sample, RATERS, 0, tuple(Category))
    assert {key: found["accuracy"][key] for key in ("value", "n")} == {"value": 0.5, "n": 2}
    assert 0 < found["accuracy"]["low"] < 0.5 < found["accuracy"]["high"] < 1
    assert found["left_out"] == {"fewer_than_two_raters": 2, "no_majority": 1}
    assert found["accuracy"]["n"] + sum(found["left_out"].values()) == len(sample)
    counted = {(machine, people): n for machine, row in found["confusion"].items() for people, n in row.items() if n}
    assert counted == {("qa", "qa"): 1, ("qa", "ie"): 1}
    # Nine pairable labels: qa 5, ie 3, other 1. Unequal ordered pairs: within records (0 + 4 + 6) / 2; of all 72 that two labels make,
    # 2 (5 * 3 + 5 * 1 + 3 * 1) = 46.
    assert found["alpha"]["value"] == pytest.approx(1 - (5 / 9) / (46 / 72))
    assert found["alpha"]["n"] == 3
    assert found["fates"] == {"accepted": 3, "edited": 1, "rejected": 0, "conflict": 0, "unjudged": 1}
    assert sum(found["fates"].values()) == len(sample)
    assert (found["rejected_by_some"], found["relabelled"], found["conflicts"]) == (1, 1, [])
    assert found["raters"]["ada"] == {
        "answered": 4,
        "labelled": 4,
        "categories": {"qa": 2, "ie": 1, "generation": 0, "other": 1},
        "decisions": {"accept": 4, "edit": 0, "reject": 0},
    }
    assert (found["raters"]["cleo"]["answered"], found["raters"]["cleo"]["labelled"]) == (2, 3)
    assert (found["paper"]["accuracy"], found["paper"]["alpha"]) == (0.873, 0.83)


def test_without_answers_there_are_no_figures_and_no_errors():
    found = results.figures([judged(QA)], [], 0, tuple(Category))
    assert (found["accuracy"], found["alpha"]) == (None, None)
    lines = told(found, 1)
    assert any("not known; left out: 1 with fewer than two raters" in line for line in lines)
    assert any("alpha of the categories: not defined" in line for line in lines)


def told(found, n: int) -> list[str]:
    return wording.lines({"sample": {"drawn": n, "records": 9, "labelled_by": "column"}, **found})


def test_the_lines_tell_interval_and_n_beside_the_papers_numbers(sample):
    text = "\n".join(told(results.figures(sample, RATERS, 0, tuple(Category)), 5))
    for words in (
        "5 of 9 records drawn; machine's labels: the file's",
        "machine's label against the majority: 50.0%, 95 % interval 9.5% to 90.5%, n = 2;",
        "left out: 2 with fewer than two raters, 1 without a majority",
        "(the paper, of its own labels: 87.3%)",
        "alpha of the categories: 0.130, 95 % interval",
        "(the paper: 0.83)",
        "ada: 4 answered (qa 2, ie 1, generation 0, other 1; accept 4, edit 0, reject 0)",
        "rejected by some, kept for want of a majority: 1",
    ):
        assert words in text


def test_conflicts_are_listed():
    one = judged(QA, (QA, EDIT, "one"), (QA, EDIT, "two"))
    found = results.figures([one], RATERS, 0, tuple(Category))
    assert found["conflicts"] == [one.record.id]
    assert f"different edits, kept unedited: {one.record.id}" in told(found, 1)


def test_the_table_has_a_row_for_every_answer(sample):
    rows = list(csv.DictReader(io.StringIO(tables.table(sample))))
    assert len(rows) == sum(len(one.answers) for one in sample) == 10
    edited = next(row for row in rows if row["decision"] == "edit")
    assert (edited["rater"], edited["machine_label"], edited["category"]) == ("ben", "qa", "ie")
    assert (edited["edited_instruction"], edited["edited_id"]) == ("new", instruction_id("new", "", "x"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://evil";"x")'])
def test_a_spreadsheet_runs_nothing(text):
    one = judged(QA, (QA, EDIT, text), (QA, REJECT, text))
    rows = list(csv.DictReader(io.StringIO(tables.table([one]), newline="")))
    assert (rows[0]["edited_instruction"], rows[1]["reason"]) == (f"'{text}", f"'{text}")


@pytest.mark.parametrize("text", ["a=1", 'two\nlines, "quoted"; 💊', "'already", "1 - 1"])
def test_other_text_stays_as_it_is(text):
    rows = list(csv.DictReader(io.StringIO(tables.table([judged(QA, (QA, REJECT, text))]), newline="")))
    assert rows[0]["reason"] == text
