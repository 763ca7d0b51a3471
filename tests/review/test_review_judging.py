"""What a form does to an answer, and which forms do nothing."""

from __future__ import annotations

import pytest

from bioinstruct.core.records import Category, Instruction, Origin
from bioinstruct.review import guide, judging
from bioinstruct.review.store import Answer, Decision, Texts

RECORD = Instruction("r1", "Name it.", "a\r\nb", "aspirin", Category.QA, Origin("file"))
SAME = ("Name it.", "a\r\nb", "aspirin")


def changed(answer: Answer, category: str = "", decision: str = "", reason: str = "", texts: tuple[str, str, str] = SAME) -> Answer:
    return judging.change(RECORD, category, decision, reason, texts, guide.CHOICES)(answer)


def test_category_and_decision_leave_one_another_alone():
    answer = changed(Answer("ada", "r1"), category="ie")
    assert (answer.category, answer.decision, answer.complete) == (Category.IE, None, False)
    answer = changed(answer, decision="accept")
    assert (answer.category, answer.decision, answer.complete) == (Category.IE, Decision.ACCEPT, True)
    assert changed(answer, category="qa").decision is Decision.ACCEPT


def test_another_decision_takes_reason_and_edit_away():
    rejected = changed(Answer("ada", "r1"), decision="reject", reason=" wrong dose\r\nsee label ")
    assert rejected.reason == "wrong dose\nsee label"
    edited = changed(rejected, decision="edit", texts=("Name it.", "a", "ibuprofen"))
    assert (edited.reason, edited.edited) == ("", Texts("Name it.", "a", "ibuprofen"))
    accepted = changed(edited, decision="accept", reason="left in the form")
    assert (accepted.reason, accepted.edited) == ("", None)


def test_an_edit_has_the_line_ends_of_files():
    edited = changed(Answer("ada", "r1"), decision="edit", texts=(" Name\r\nit. ", "", "a\rb\r\n")).edited
    assert edited == Texts("Name\nit.", "", "a\nb")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "neither a category nor a decision"),
        ({"category": "qa", "decision": "accept"}, "or both"),
        ({"category": "poem"}, "'poem' is none of qa, ie, generation, other"),
        ({"decision": "QA"}, "'QA' is none of accept, edit, reject"),
        ({"decision": "edit"}, "nothing was changed"),
        ({"decision": "edit", "texts": ("Name it. ", "a\nb\n", "aspirin")}, "nothing was changed"),
        ({"decision": "edit", "texts": ("", "", "x")}, "must not be empty"),
        ({"decision": "edit", "texts": ("x", "", " \r\n ")}, "must not be empty"),
        ({"decision": "edit", "texts": ("x", "a\0b", "y")}, "null character"),
        ({"decision": "reject", "reason": "x" * 2001}, "2,001 characters, and 2,000 are allowed"),
    ],
)
def test_forms_that_say_nothing_are_refused_in_a_sentence(fields, said):
    with pytest.raises(judging.Unusable) as caught:
        changed(Answer("ada", "r1"), **fields)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("category", "decision", "words"),
    [(None, None, ""), (Category.QA, None, "Question answering"), (Category.OTHER, Decision.REJECT, "Other, rejected")],
)
def test_an_answer_in_words(category, decision, words):
    assert judging.spoken(Answer("ada", "r1", category, decision), guide.CHOICES) == words
