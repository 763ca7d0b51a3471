"""What raters are told about the categories, in the order of the keys 1 to 9: the built-in four, or those of the run's recipe.

It says in short what the teacher is told (`curate/labelling.py`): people and machine must be asked for the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bioinstruct.core.categories import REST, Own
from bioinstruct.core.records import Category


@dataclass(frozen=True)
class Choice:
    """A category as raters see it."""

    category: str
    name: str
    meaning: str


CHOICES = (
    Choice(Category.QA, "Question answering", "settles a question: a choice, yes or no, a diagnosis, a result"),
    Choice(Category.IE, "Information extraction", "finds what stands in the input, and lists it, puts it into fields or links it"),
    Choice(Category.GENERATION, "Generation", "writes a text for a reader: a summary, a letter, a note, advice, a plan"),
    Choice(Category.OTHER, "Other", "none of these: ranking, routing, classifying by a scheme, converting, correcting"),
)


def choices(own: Own) -> tuple[Choice, ...]:
    """What raters choose from: the recipe's categories and `other`; the built-in ones where it has none."""
    if not own:
        return CHOICES
    found = [Choice(one.name, one.name.replace("_", " ").capitalize(), one.definition) for one in own]
    return *found, Choice(REST, "Other", "none of these")
