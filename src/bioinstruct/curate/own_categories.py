"""A recipe's own categories by rule: the words of the instruction that the recipe names, and nothing else. Works offline.

A record belongs to the first category, in the order of the recipe, of which a keyword stands in its instruction (whole words, in any
case) or whose verb the instruction asks for (its root verb, `verbs.py`); to `other` where none fits. Input and output are not looked at.

    >>> rules = labeller([OwnCategory(name="desk", definition="a guest is answered", verbs=["answer"], keywords=["polite reply"])])
    >>> rules("Help the guest with a polite reply.", "", ""), rules("Please answer him.", "", ""), rules("Sort the list.", "", "")
    ('desk', 'desk', 'other')
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bioinstruct.core.categories import REST, Own, OwnCategory
from bioinstruct.core.text import normalise
from bioinstruct.curate import categories, verbs

Labeller = Callable[[str, str, str], str]
"""Instruction, input and output of a record -> its category."""


def labeller(own: Own) -> Labeller:
    """Who gives records their category offline: by the rules of these categories, or by those of the built-in ones where there are none."""
    if not own:
        return categories.label
    patterns = [(one.name, frozenset(one.verbs), _pattern(one)) for one in own]
    known = frozenset(verb for one in own for verb in one.verbs)

    def label(instruction: str, input: str, output: str) -> str:
        asked = normalise(instruction)
        verb = verbs.root(instruction, known).verb
        fitting = (name for name, its_verbs, keywords in patterns if verb in its_verbs or (keywords and keywords.search(asked)))
        return next(fitting, REST)

    return label


def _pattern(one: OwnCategory) -> re.Pattern[str] | None:
    """Any of the keywords as whole words; None where there are none."""
    if not one.keywords:
        return None
    any_of = "|".join(re.escape(normalise(keyword)) for keyword in one.keywords)
    return re.compile(rf"(?<!\w)(?:{any_of})(?!\w)")
