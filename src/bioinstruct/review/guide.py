"""What raters are told about the four categories, in the order of the keys 1 to 4.

It says in short what the teacher is told (`curate/labelling.py`): people and machine must be asked for the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bioinstruct.core.records import Category


@dataclass(frozen=True)
class Choice:
    """A category as raters see it."""

    category: Category
    name: str
    meaning: str


CHOICES = (
    Choice(Category.QA, "Question answering", "settles a question: a choice, yes or no, a diagnosis, a result"),
    Choice(Category.IE, "Information extraction", "finds what stands in the input, and lists it, puts it into fields or links it"),
    Choice(Category.GENERATION, "Generation", "writes a text for a reader: a summary, a letter, a note, advice, a plan"),
    Choice(Category.OTHER, "Other", "none of these: ranking, routing, classifying by a scheme, converting, correcting"),
)
NAMES = {choice.category: choice.name for choice in CHOICES}
