"""The finder that comes with bioinstruct: patterns, check digits and context, offline and without a model."""

from __future__ import annotations

from collections.abc import Sequence

from bioinstruct.curate.identifiers import addresses, ages, apart, checked, dates, names, network, numbers
from bioinstruct.curate.identifiers.found import Found, without_overlaps
from bioinstruct.curate.identifiers.pattern import Pattern, Searched

NAME = "patterns"
PATTERNS: tuple[Pattern, ...] = (
    *checked.PATTERNS,
    *numbers.PATTERNS,
    *network.PATTERNS,
    *dates.PATTERNS,
    *ages.PATTERNS,
    *addresses.PATTERNS,
    *names.PATTERNS,
    *apart.PATTERNS,
)
"""In the order in which they win where two find the same characters: check digits and labels before bare shapes."""


def find(text: str) -> list[Found]:
    """The identifiers that patterns find in a text, by their start, none overlapping another."""
    searched = Searched(text)
    return without_overlaps(
        (rank, Found(start, end, pattern.kind, NAME))
        for rank, pattern in enumerate(PATTERNS)
        if pattern.digits <= searched.longest  # most texts hold no long number, and need not be searched for one
        for start, end in pattern.search(searched)
    )


class PatternFinder:
    """`find` for many texts."""

    name = NAME

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """What `find` gives for each text."""
        return [find(text) for text in texts]
