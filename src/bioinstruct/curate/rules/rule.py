"""What a rule is, and what rules share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate

Evidence = dict[str, Any]
"""What a rule saw: short JSON values by name."""
Find = Callable[[Candidate, CurateSection], Evidence | None]

_SHOWN = 80
"""Characters of a found text that evidence quotes."""


@dataclass(frozen=True)
class Rule:
    """One reason to drop a candidate, looked for in that candidate alone."""

    name: str
    """As it stands in `curate.rules`, in the funnel and in `docs/rules.md`."""
    find: Find
    """Gives back what it saw, or None where it has nothing against the candidate."""
    default: bool
    """Whether it is asked when `curate.rules` does not name it."""
    drops: str
    """What it drops, in a phrase."""
    why: str
    """Why such a record is dropped, or why the rule is off, with the source where there is one."""
    parameters: tuple[str, ...] = ()
    """Fields of the recipe's section `curate` that it reads; one that is 0, [] or null leaves nothing to find."""


def quote(field: str, found: str, offset: int) -> Evidence:
    """Evidence that quotes a field: its name, the text found there, cut to 80 characters, and where it begins, in characters."""
    return {"field": field, "found": found[:_SHOWN], "offset": offset}


def quoted(field: str, match: re.Match[str]) -> Evidence:
    """As `quote`, for what a pattern matched, without the white space around it."""
    found = match.group().strip()
    return quote(field, found, match.start() + match.group().index(found))


def is_given(found: str, candidate: Candidate) -> bool:
    """Whether a text stands in the instruction or the input, in any case: then the output takes it over and does not make it up."""
    text = found.casefold()
    return text in candidate.instruction.casefold() or text in candidate.input.casefold()
