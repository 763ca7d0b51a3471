"""Kinds of instructions: the four that the paper counts, or those that a recipe defines in their place, and always the rest class `other`.

    curate:
      categories:
      - name: complaints
        definition: a customer is not content, and gets an answer
        verbs: [apologize]        # for the offline labeller, curate/own_categories.py
        keywords: [complaint, not content]

A function here takes the recipe's `curate.categories`; an empty list means the four.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bioinstruct.core.errors import Problem
from bioinstruct.core.records import CATEGORY_NAME, Category
from bioinstruct.core.text import normalise

REST = Category.OTHER.value
"""What is none of the others; no task measures it."""
BUILTIN = tuple(one.value for one in Category if one != REST)
"""The three of the four that tasks measure."""
FEWEST, MOST = 2, 8
"""Own categories of a recipe: the fewest that can be compared, and the most that, with `other`, have a digit each on the raters' page."""
TAKEN = frozenset({*(one.value for one in Category), "nli", "all", "general", "pool", "none", "base", "others"})
"""Names that mean something else: the built-in categories, families of tasks, and rows of a study."""

Word = Annotated[str, Field(pattern=r"^[a-z]+(?:-[a-z]+)*$", max_length=30)]
Phrase = Annotated[str, Field(pattern=r"^[^\r\n]*\w[^\r\n]*$", max_length=80)]


class OwnCategory(BaseModel):
    """One category of a recipe."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str
    """As records, rows of a study and replies of the teacher have it."""
    definition: str = Field(pattern=r"^[^\r\n]*\S[^\r\n]*$", max_length=400)
    """What belongs to it, in one line: the teacher and the raters are told so."""
    verbs: list[Word] = []
    """An instruction whose root verb (`curate/verbs.py`) is one of these belongs to it."""
    keywords: list[Phrase] = []
    """So does one in which one of these words or phrases stands."""


Own = Sequence[OwnCategory]
"""`curate.categories` of a recipe; empty = the four built-in ones. Where rules of several fit, the first one counts."""


def measured(own: Own) -> tuple[str, ...]:
    """The categories that tasks can be of, in the order of the recipe: all but `other`."""
    return tuple(one.name for one in own) or BUILTIN


def names(own: Own) -> tuple[str, ...]:
    """All categories, `other` last."""
    return *measured(own), REST


def problems(own: Own, by_rules: bool) -> list[Problem]:
    """What is wrong with a recipe's categories.

    Args:
        own: As the recipe has them.
        by_rules: Whether they are given by rule, so that each must have one.
    """
    place = "curate.categories"
    if not own:
        return []
    found, given = [], [one.name for one in own]
    if not FEWEST <= len(own) <= MOST:
        found.append(
            Problem(place, f"{len(own)} categories", f"{FEWEST} to {MOST} beside '{REST}', which is always there; or none: the four")
        )
    for name in dict.fromkeys(given):
        if given.count(name) > 1:
            found.append(Problem(place, f"{name[:60]!r} more than once", "each once"))
        if not CATEGORY_NAME.fullmatch(name):
            found.append(Problem(place, f"{name[:60]!r}", "a name of a-z, 0-9 and _ that begins with a letter, 24 characters at most"))
        elif name in TAKEN:
            found.append(Problem(f"{place}.{name}", "a name that means something else", f"another than {', '.join(sorted(TAKEN))}"))
    if by_rules:
        bare = [one.name for one in own if not one.verbs and not one.keywords]
        allowed = "verbs or keywords, or curate.labeller: teacher, which goes by the definitions"
        found += [Problem(f"{place}.{name}", "nothing that the rules could know it by", allowed) for name in bare]
    return found + _twice(own)


def _twice(own: Own) -> list[Problem]:
    """Words that stand for two categories, or twice for one: the second could never count."""
    found = []
    for field in ("verbs", "keywords"):
        owner: dict[str, str] = {}
        for one in own:
            for word in getattr(one, field):
                folded = normalise(word)
                if folded in owner:
                    found.append(Problem(f"curate.categories.{one.name}.{field}", f"{word!r}, as in {owner[folded]}", "each once"))
                owner.setdefault(folded, one.name)
    return found


def listed(found: Sequence[str]) -> str:
    """'qa, ie, generation or other'."""
    return " or ".join(part for part in (", ".join(found[:-1]), found[-1]) if part)
