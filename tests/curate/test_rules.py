from __future__ import annotations

import pytest

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules import RULES, judge

SECTION = CurateSection()


def candidate(instruction: str = "Name the drug class.", input: str = "metformin", output: str = "biguanides") -> Candidate:
    return Candidate(0, 4, instruction, input, output)


def test_the_order_of_the_rules():
    assert list(RULES) == ["too_short", "too_long", "keyword", "output_repeats_input"]


def test_a_plain_candidate_passes():
    assert judge(candidate(), SECTION) is None


@pytest.mark.parametrize(
    ("instruction", "verdict"),
    [
        ("Diagnose this", ("too_short", {"words": 2, "min_words": 3})),
        ("", ("too_short", {"words": 0, "min_words": 3})),
        ("Diagnose this patient", None),
        (" ".join(["word"] * 150), None),
        (" ".join(["word"] * 151), ("too_long", {"words": 151, "max_words": 150})),
    ],
)
def test_length(instruction, verdict):
    assert judge(candidate(instruction), SECTION) == verdict


def test_no_words_are_too_few_when_the_limit_is_off():
    assert judge(candidate("?"), CurateSection(min_words=0)) is None


@pytest.mark.parametrize(
    ("instruction", "found", "offset"),
    [
        ("Describe the graph below.", "graph", 13),
        ("Describe these Images, please.", "Images", 15),
        ("Interpret the image-guided biopsy.", "image", 14),
        ("PICTURE a patient with fever.", "PICTURE", 0),
    ],
)
def test_keyword_as_a_whole_word_in_any_case(instruction, found, offset):
    assert judge(candidate(instruction), SECTION) == ("keyword", {"keyword": found.lower(), "found": found, "offset": offset})


@pytest.mark.parametrize("instruction", ["Interpret the radiograph report.", "List the imaging tests named.", "Explain a sonograph now."])
def test_a_part_of_a_word_is_no_keyword(instruction):
    assert judge(candidate(instruction), SECTION) is None


def test_keywords_are_the_users_and_may_hold_several_words_or_signs():
    section = CurateSection(keywords=["x-ray film", "c++"])
    film = candidate("Read the X-ray film now")
    assert judge(film, section) == ("keyword", {"keyword": "x-ray film", "found": "X-ray film", "offset": 9})
    assert judge(candidate("Write it in C++ today"), section) == ("keyword", {"keyword": "c++", "found": "C++", "offset": 12})
    assert judge(candidate("Describe the graph below"), section) is None
    assert judge(candidate("Describe the graph below"), CurateSection(keywords=[])) is None


def test_a_keyword_in_the_input_is_no_reason():
    assert judge(candidate(input="The graph shows a fall."), SECTION) is None


@pytest.mark.parametrize(
    ("input", "output", "evidence"),
    [
        ("Metformin", " metformin ", {"how": "equal", "words": 1}),
        ("He takes\n aspirin.", "he takes aspirin.", {"how": "equal", "words": 3}),
        ("He takes aspirin.", '"He takes aspirin"', {"how": "nothing beyond the input", "words": 3, "times": 1}),
        ("He takes aspirin", "He takes aspirin. He takes aspirin.", {"how": "nothing beyond the input", "words": 3, "times": 2}),
    ],
)
def test_an_output_that_repeats_its_input(input, output, evidence):
    assert judge(candidate(input=input, output=output), SECTION) == ("output_repeats_input", evidence)
    assert judge(candidate(input=input, output=output), CurateSection(output_repeats_input=False)) is None


@pytest.mark.parametrize(
    ("input", "output"),
    [
        ("", ""),
        ("", "An answer."),
        ("He takes aspirin and metformin.", "aspirin"),  # extraction takes a part
        ("He takes aspirin.", "He takes aspirin daily."),
        ("metformin", "metformin metformin"),  # too short to be a repeat unless equal
        ("Is it safe?", "It is safe."),
        ("...", "..."[:2]),
    ],
)
def test_an_output_with_a_part_or_more_is_no_repeat(input, output):
    assert judge(candidate(input=input, output=output), SECTION) is None


def test_the_first_rule_that_objects_gives_the_name():
    assert judge(candidate("graph", "same", "same"), SECTION) == ("too_short", {"words": 1, "min_words": 3})
