"""Concept-F1: the embedded lexicon, and sets of concepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioinstruct.embedded import world
from bioinstruct.evaluate.metrics.base import Pair
from bioinstruct.evaluate.metrics.concepts import KIND, Concept, Lexicon, Options, embedded_lexicon, overlap

METRIC = KIND.make("concept", Options())
LEXICON = embedded_lexicon()


def names(text: str) -> set[str]:
    return {concept.name for concept in LEXICON.concepts(text)}


def test_names_plurals_lay_names_and_abbreviations_stand_for_one_concept():
    hypertension = Concept("hypertension", "condition")
    for text in ("Hypertension.", "high blood pressure", "HTN", "known HTN, treated"):
        assert LEXICON.concepts(text) == {hypertension}, text
    assert LEXICON.concepts("ACE inhibitors") == LEXICON.concepts("an ace inhibitor") == {Concept("ACE inhibitor", "drug class")}
    assert names("BP 120/80") == {"blood pressure"}


def test_the_longest_term_counts_and_words_are_whole():
    assert names("high blood pressure readings") == {"high blood pressure readings"}
    assert names("prehypertension") == set()
    assert names("ha ha, what a map") == set(), "abbreviations are as they are written"
    assert names("HA") == {"headache"}
    assert names("") == set()


def test_every_name_of_the_world_is_found():
    tables = world.load()
    for table in (tables.drugs, tables.conditions, tables.findings, tables.tests, tables.classes):
        assert [name for name in table if name not in names(name)] == []
    assert {concept.kind for concept in map(next, map(iter, (LEXICON.concepts(name) for name in tables.drugs)))} == {"drug"}


@pytest.mark.parametrize(
    ("answer", "references", "expected"),
    [
        ("metformin and lisinopril", ["lisinopril, aspirin, fever"], (0.4, 0.5, 1 / 3)),
        ("nothing of note", ["fever"], (0, 0, 0)),
        ("", ["fever"], (0, 0, 0)),
        ("fever fever fever", ["fever"], (1, 1, 1)),
        ("fever", ["chills and fever", "fever"], (1, 1, 1)),
        ("HTN", ["hypertension"], (1, 1, 1)),
        ("fever", ["no concept here", "fever and chills"], (2 / 3, 1, 0.5)),
    ],
)
def test_f1_precision_and_recall(answer, references, expected):
    (found,) = METRIC.score([Pair(answer, tuple(references))], references)
    assert tuple(found.values[name] for name in METRIC.figures) == pytest.approx(expected)
    assert METRIC.figures == ("concept_f1", "concept_precision", "concept_recall")
    assert found.counts == ({} if answer else {"empty": 1})


def test_without_a_concept_in_the_references_nothing_is_said():
    (found,) = METRIC.score([Pair("fever", ("all is well", "good"))], [])
    assert (found.values, found.counts) == ({}, {"undefined": 1})


@given(st.frozensets(st.integers(0, 9)), st.lists(st.frozensets(st.integers(0, 9), min_size=1), min_size=1))
def test_figures_lie_between_0_and_1_and_are_whole_for_the_reference_itself(answer, references):
    found = overlap("x", answer, references)
    assert all(0 <= value <= 1 for value in found.values())
    assert overlap("x", references[0], references) == {"x_f1": 1, "x_precision": 1, "x_recall": 1}
    assert all(found["x_f1"] >= overlap("x", answer, [one])["x_f1"] for one in references)


def test_hostile_terms_are_text():
    lexicon = Lexicon({"a+b (c)": Concept("one", "drug"), "N/V": Concept("two", "finding")}, {".*": Concept("three", "test")})
    assert lexicon.concepts("took A+B (C)") == {Concept("one", "drug")}
    assert lexicon.concepts("n/v and anything") == {Concept("two", "finding")}
    assert lexicon.digest != LEXICON.digest
