from __future__ import annotations

import pytest

from bioinstruct.curate import verbs


@pytest.mark.parametrize(
    ("text", "verb", "noun"),
    [
        ("Summarize the main findings of the abstract.", "summarize", "finding"),
        ("Please provide a brief summary of the plan.", "provide", "summary"),
        ("Based on the note, write a discharge letter to the patient.", "write", "letter"),
        ("Given a list of drugs, results and notes, identify all interactions.", "identify", "interaction"),
        ("Could you please explain the diagnosis to a child?", "explain", "diagnosis"),
        ("Would you turn these points into a script?", "turn", "point"),
        ("Explain how the two drugs interact.", "explain", None),
        ("Pull out each affected relative, the condition and the age.", "pull", "relative"),
        ("Fill in the fields of a report.", "fill", "field"),
        ("Work out the volume to give.", "work", "volume"),
        ("Draft a letter telling the patient about the result.", "draft", "letter"),
        ("Rewrite the given complex sentence from a paper.", "rewrite", "sentence"),
        ("Assign one ICD-10-CM code to every diagnosis.", "assign", "code"),
        ("Rank the four people waiting from most to least urgent.", "rank", "person"),
        ("Carefully list all medicines in order.", "list", "medicine"),
        ("Time is short. Name the drug's class.", "name", "class"),
        ("Put yourself in the place of a nurse. Extract the doses.", "extract", "dose"),
        ("Tell me the drug class of metformin.", "tell", "class"),
        ("Identify the signaling pathway mentioned in a sentence.", "identify", "pathway"),
        ("Classify the study as observational or randomized.", "classify", "study"),
    ],
)
def test_root_verb_and_object(text, verb, noun):
    assert verbs.root(text) == ("verb", verb, noun)


@pytest.mark.parametrize(
    "text", ["What is the diagnosis?", "In this note, which drug was stopped?", "Is warfarin safe here? List no reasons."]
)
def test_questions(text):
    assert verbs.root(text).kind == "question"


@pytest.mark.parametrize("text", ["", "Metformin.", "...", "A note about a cough", "\u86cb\u767d\u8cea"])
def test_neither(text):
    assert verbs.root(text) == ("none", None, None)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("studies", "study"),
        ("boxes", "box"),
        ("diagnoses", "diagnosis"),
        ("virus", "virus"),
        ("analysis", "analysis"),
        ("classes", "class"),
        ("gas", "gas"),
    ],
)
def test_singular(word, expected):
    assert verbs.singular(word) == expected


def test_counts_add_up_and_ties_are_alphabetical():
    texts = (
        ["List the drugs."] * 3 + ["List the doses."] * 2 + ["Name the drug."] * 2 + ["Explain why."] * 2 + ["What is it?", "Metformin."]
    )
    found = verbs.count(texts)
    assert found["instructions"] == found["with_verb"] + found["questions"] + found["neither"] == 11
    assert [(one["verb"], one["n"]) for one in found["top"]] == [("list", 5), ("explain", 2), ("name", 2)]
    assert found["top"][0]["objects"] == [{"noun": "drug", "n": 3}, {"noun": "dose", "n": 2}]
    assert found["top"][1] == {"verb": "explain", "n": 2, "objects": [], "further": 2}


def test_at_most_twenty_verbs_and_four_nouns():
    texts = [f"{verb.capitalize()} the {noun}." for verb in sorted(verbs.VERBS)[:30] for noun in ("drug", "dose", "plan", "age", "cause")]
    found = verbs.count(texts)
    assert len(found["top"]) == 20
    assert all(len(one["objects"]) == 4 and one["further"] == 1 for one in found["top"])
