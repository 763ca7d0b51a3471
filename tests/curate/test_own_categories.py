"""A recipe's own categories: what is refused, how rules and the teacher's replies are read, and that the four stay what they were."""

from __future__ import annotations

from typing import Any

import pytest

from bioinstruct.core import categories, recipe
from bioinstruct.core.categories import OwnCategory
from bioinstruct.core.errors import RecipeError
from bioinstruct.core.records import Instruction, Origin, instruction_id
from bioinstruct.curate import labelling
from bioinstruct.curate import run as curate
from bioinstruct.curate.own_categories import labeller

OWN = [
    OwnCategory(name="desk", definition="a guest is answered", verbs=["answer", "help"], keywords=["polite reply"]),
    OwnCategory(name="lost_things", definition="something is missed", keywords=["lost", "left behind"]),
]


def made(category: str) -> Instruction:
    texts = ("Answer the guest.", "Where is my scarf?", "At the desk.")
    return Instruction(instruction_id(*texts), *texts, category, Origin("file", position=1))


@pytest.mark.parametrize(
    ("instruction", "category"),
    [
        ("Answer the guest in two sentences.", "desk"),
        ("Could you help the customer?", "desk"),
        ("Write a polite reply about the lost scarf.", "desk"),  # the first that fits counts
        ("List what was lost on the bus.", "lost_things"),
        ("List what was LEFT  BEHIND.", "lost_things"),
        ("Describe a losteria.", "other"),
        ("Sort the words.", "other"),
        ("", "other"),
    ],
)
def test_rules_read_the_instruction_alone(instruction: str, category: str) -> None:
    assert labeller(OWN)(instruction, "answer lost", "polite reply") == category


def test_without_own_ones_the_rules_are_those_of_the_four() -> None:
    assert categories.names([]) == ("qa", "ie", "generation", "other")
    assert (
        labeller([])("Write a letter to the patient.", "", "Dear patient, please come back in a week for another look at the wound.")
        == "generation"
    )


def test_the_teacher_is_told_the_definitions_and_must_answer_with_a_name() -> None:
    prompt = labelling.prompt(made("desk"), OWN)
    assert prompt.startswith(labelling.OWN_OPENING)
    assert "- lost_things: something is missed" in prompt
    assert prompt.endswith("desk, lost_things or other.")
    assert labelling.prompt(made("qa")).startswith(labelling.OPENING)
    for text, wanted in (
        ("desk", "desk"),
        ("Lost things", "lost_things"),
        ("**other**", "other"),
        ("qa", None),
        ("desk or lost_things", None),
        ("", None),
    ):
        assert labelling.parse(text, OWN) == wanted


def wrong(**changes: Any) -> list[tuple[str, str]]:
    own = [OwnCategory(**{"name": "desk", "definition": "d", "verbs": ["answer"], **changes}), OWN[1]]
    return [(one.place, one.got) for one in categories.problems(own, by_rules=True)]


def test_what_is_refused() -> None:
    assert wrong() == []
    assert wrong(name="Desk")[0] == ("curate.categories", "'Desk'")
    assert wrong(name="qa")[0] == ("curate.categories.qa", "a name that means something else")
    assert wrong(name="lost_things")[0] == ("curate.categories", "'lost_things' more than once")
    assert wrong(verbs=[])[0] == ("curate.categories.desk", "nothing that the rules could know it by")
    assert wrong(keywords=["Lost"])[0] == ("curate.categories.lost_things.keywords", "'lost', as in desk")
    assert [one.got for one in categories.problems(OWN[:1], by_rules=True)] == ["1 categories"]
    assert categories.problems([OwnCategory(name="a", definition="d"), OwnCategory(name="b", definition="d")], by_rules=False) == []
    for bad in (
        "[{name: a}]",
        "[{name: a, definition: ''}]",
        "[{name: a, definition: b, verbs: ['two words']}]",
        "[{name: a, definition: b, colour: red}]",
    ):
        with pytest.raises(RecipeError, match=r"curate\.categories"):
            recipe.load(None, [f"curate.categories={bad}"])


def test_counts_are_of_the_recipe_s_categories() -> None:
    kept = [made("desk"), made("desk"), made("other")]
    funnel = curate.funnel(kept, [], [])
    counts = curate.counts(funnel, kept, categories.names(OWN))
    assert {name: n for name, n in counts.items() if name.startswith("category.")} == {
        "category.desk": 2, "category.lost_things": 0, "category.other": 1
    }  # fmt: skip
