"""The finder that comes with bioinstruct: patterns, check digits and context, offline and without a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from bioinstruct.curate.identifiers import (
    addresses,
    ages,
    ages_in_notes,
    apart,
    calls,
    checked,
    dates,
    day_month,
    names,
    network,
    numbers,
    persons,
    relatives,
    streets,
    telephones,
    vehicles,
)
from bioinstruct.curate.identifiers.fields import FIELD_VALUES
from bioinstruct.curate.identifiers.found import Found, without_overlaps
from bioinstruct.curate.identifiers.messages import MESSAGES
from bioinstruct.curate.identifiers.near import NEAREST
from bioinstruct.curate.identifiers.pattern import Pattern, Searched
from bioinstruct.curate.identifiers.spoken import SPOKEN

NAME = "patterns"
PATTERNS: tuple[Pattern, ...] = (
    *checked.PATTERNS,
    *vehicles.PATTERNS,
    *numbers.PATTERNS,
    *telephones.FAXES,
    *network.PATTERNS,
    *telephones.PHONES,
    *dates.PATTERNS,
    *day_month.PATTERNS,
    *ages.PATTERNS,
    *ages_in_notes.PATTERNS,
    *addresses.PATTERNS,
    *streets.PATTERNS,
    *names.PATTERNS,
    *persons.PATTERNS,
    *relatives.PATTERNS,
    *calls.PATTERNS,
    *apart.PATTERNS,
)
"""In the order in which they win where two find the same characters: check digits and labels before bare shapes."""


class Several(Protocol):
    """What looks for identifiers of several kinds at once."""

    def search(self, searched: Searched) -> Iterator[tuple[int, int, str]]:
        """Start, end and kind of each."""
        ...


SEVERAL: tuple[Several, ...] = (MESSAGES, FIELD_VALUES, NEAREST, SPOKEN)
"""What finds several kinds by the place or the label of a value; before the patterns, where both find the same characters."""


def find(text: str) -> list[Found]:
    """The identifiers that patterns find in a text, by their start, none overlapping another."""
    return without_overlaps(_found(Searched(text)))


def _found(searched: Searched) -> Iterator[tuple[int, Found]]:
    for rank, pattern in enumerate(PATTERNS):
        if pattern.digits <= searched.longest:  # most texts hold no long number, and need not be searched for one
            yield from ((rank, Found(start, end, pattern.kind, NAME)) for start, end in pattern.search(searched))
    for rank, several in enumerate(SEVERAL, start=-len(SEVERAL)):
        yield from ((rank, Found(start, end, kind, NAME)) for start, end, kind in several.search(searched))


class PatternFinder:
    """`find` for many texts."""

    name = NAME

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """What `find` gives for each text."""
        return [find(text) for text in texts]
