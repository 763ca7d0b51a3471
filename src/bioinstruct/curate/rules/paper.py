"""The BioInstruct paper's rules that look at one candidate: length, words for what is no text, an output that is the input again."""

from __future__ import annotations

import re
from functools import cache

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.core.text import normalise, words
from bioinstruct.curate.rules.rule import Evidence, Rule

_WORD = re.compile(r"\w+")
_REPEAT_WORDS = 3
"""From this many words on, an input repeated inside its output is a repeat and not a chance agreement."""


def too_short(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """Fewer words in the instruction than `min_words`: their number and the limit."""
    count = len(words(candidate.instruction))
    return {"words": count, "min_words": section.min_words} if count < section.min_words else None


def too_long(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """More words in the instruction than `max_words`: their number and the limit."""
    count = len(words(candidate.instruction))
    return {"words": count, "max_words": section.max_words} if count > section.max_words else None


def keyword(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """A keyword stands in the instruction as a whole word, in any case: the first one, as found, with its character offset."""
    if not section.keywords:
        return None
    match = _keyword_pattern(tuple(section.keywords)).search(candidate.instruction)
    return {"keyword": match.group().lower(), "found": match.group(), "offset": match.start()} if match else None


def output_repeats_input(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The output is the input again: equal when normalised, or, from three words on, the input once or more and nothing else.

    Punctuation does not count as something else. A part of the input is no repeat: that is what extraction asks for.
    """
    if not candidate.input.strip():
        return None
    given, answered = normalise(candidate.input), normalise(candidate.output)
    if given == answered:
        return {"how": "equal", "words": len(words(given))}
    given_words, answered_words = _WORD.findall(given), _WORD.findall(answered)
    times, rest = divmod(len(answered_words), len(given_words)) if given_words else (0, 0)
    if len(given_words) >= _REPEAT_WORDS and times >= 1 and not rest and answered_words == given_words * times:
        return {"how": "nothing beyond the input", "words": len(given_words), "times": times}
    return None


@cache
def _keyword_pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word.strip()) for word in keywords)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)


RULES = (
    Rule(
        "too_short",
        too_short,
        True,
        "an instruction of fewer than `min_words` words",
        "BioInstruct paper, section on filtering: fewer than 3 words say too little to follow. Self-Instruct's code asks for 4.",
        ("min_words",),
    ),
    Rule(
        "too_long",
        too_long,
        True,
        "an instruction of more than `max_words` words",
        "BioInstruct paper and Self-Instruct's code: over 150 words it is seldom one task.",
        ("max_words",),
    ),
    Rule(
        "keyword",
        keyword,
        True,
        "an instruction with one of the words in `keywords`",
        "BioInstruct paper: a language model cannot handle images, pictures and graphs.",
        ("keywords",),
    ),
    Rule(
        "output_repeats_input",
        output_repeats_input,
        True,
        "an output that is the input again, once or several times, and nothing else",
        "BioInstruct paper; Self-Instruct's code drops equal ones. It teaches copying in place of the task.",
    ),
)
"""In the order in which they are asked."""
