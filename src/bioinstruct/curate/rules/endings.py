"""Inputs and outputs that break off, by sure signs only: a text without a full stop is none of them."""

from __future__ import annotations

import re

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules.rule import Evidence, Rule, quote

_TAIL, _LAST = 400, 40
"""Characters at a text's end that are looked at, and those in which the last words stand."""
_FEWEST_WORDS = 4
"""Shorter texts are labels, prefixes and names."""

_OPENED = re.compile(r"(?<![:;=-])[(\[{]$")
"""A bracket that is no face."""
_BRACKET_WITH_WORDS = re.compile(r"\(\s*\w")
_STOP = re.compile(r"[.!?][\"'”’)\]]*\s")
_ENDED = tuple(".!?…\"'”’»)]}")
_DANGLING = re.compile(
    r"\s(?:and|or|and/or|the|an|because|including|whereas|although|their|its|our|your|such\sas|due\sto|as\swell\sas"
    r"|(?:of|in|to|with|by|from|for)\sthe|\(?\s?(?:e\.g|i\.e)\.,?)$"
)
"""Words that no text ends with; in small letters, as OR and AND are terms."""
_BROKEN_WORD = re.compile(r"\b[a-z]{3,}-$")
_CLOSING = re.compile(
    r"(?:\b(?:sincerely|regards|faithfully|truly|wishes|thanks|thank\syou|respectfully|cheers|yours|love|best|cordially|gratitude)\W*"
    r"|\bdear\b[^\n]*)$",
    re.IGNORECASE,
)
"""The close of a letter, or its salutation: they end with a comma."""
_BARE_NUMBER = re.compile(r"\n[ \t]*(\d{1,3})([.)])$")
_BARE_BULLET = re.compile(r"\n[ \t]*([-*•])$")
_TO_COMPLETE = re.compile(
    r"\b(?:complet\w+|continu\w+|finish\w*|fill|predict\w*|next|rest|ending|missing|unfinished|incomplete|truncat\w+|cut|autocomplet\w+|answers?"
    r"|question)\b",
    re.IGNORECASE,
)
"""Tasks whose input may break off on purpose."""
_TO_FILL_IN = re.compile(
    r"\b(?:forms?|templates?|letters?|surveys?|questionnaires?|worksheets?|checklists?|headings?|outline|labels?|code)\b", re.IGNORECASE
)
"""Tasks whose output may end with a label to be filled in."""


def input_cut_off(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The input breaks off, and the task is not to complete it: the sign, and the input's end."""
    if _TO_COMPLETE.search(candidate.instruction):
        return None
    return _cut_off("input", candidate.input.rstrip())


def output_cut_off(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The output breaks off, or ends with a colon: the sign, and the output's end."""
    text = candidate.output.rstrip()
    if text.endswith(":") and not _TO_FILL_IN.search(candidate.instruction):
        return _evidence("output", text, "colon")
    return _cut_off("output", text)


def _cut_off(field: str, text: str) -> Evidence | None:
    tail = text[-_TAIL:]
    if len(tail.split()) < _FEWEST_WORDS:
        return None
    if _OPENED.search(tail) or _has_open_bracket(tail):
        return _evidence(field, text, "open bracket")
    if tail.endswith(",") and not _CLOSING.search(tail.rpartition("\n")[2]):
        return _evidence(field, text, "comma")
    if _DANGLING.search(tail[-_LAST:]):
        return _evidence(field, text, "conjunction or article")
    if _BROKEN_WORD.search(tail[-_LAST:]):
        return _evidence(field, text, "half a word")
    if _is_bare_mark(text):
        return _evidence(field, text, "list mark without an entry")
    return None


def _has_open_bracket(tail: str) -> bool:
    """Whether the last round bracket of a text that does not end like a sentence is open, with no end of a sentence behind it."""
    opened = tail.rfind("(")
    if opened < 0 or tail.endswith(_ENDED):
        return False
    inside = tail[opened:]
    return ")" not in inside and "]" not in inside and not _STOP.search(inside) and _BRACKET_WITH_WORDS.match(inside) is not None


def _is_bare_mark(text: str) -> bool:
    """Whether the last line is a list's next number or bullet and nothing else."""
    if match := _BARE_NUMBER.search(text[-_LAST:]):
        before = rf"(?:^|\n)[ \t]*{int(match.group(1)) - 1}{re.escape(match.group(2))}[ \t]+\S"
    elif match := _BARE_BULLET.search(text[-_LAST:]):
        before = rf"(?:^|\n)[ \t]*{re.escape(match.group(1))}[ \t]+\S"
    else:
        return False
    return re.search(before, text) is not None


def _evidence(field: str, text: str, sign: str) -> Evidence:
    end = text[-60:]
    return {**quote(field, end, len(text) - len(end)), "sign": sign}


RULES = (
    Rule(
        "input_cut_off",
        input_cut_off,
        True,
        "an input that ends with an open bracket, a comma, a conjunction or article, half a word or an empty list mark",
        "The teacher answered what nobody can read. Questions and tasks to complete something are left alone, and so is a missing full "
        "stop.",
    ),
    Rule(
        "output_cut_off",
        output_cut_off,
        True,
        "an output that breaks off by the same signs, or ends with a colon",
        "It teaches to stop in mid-sentence. What a reply's length limit cuts is known and dropped before (`truncated`); this is for "
        "files and for teachers that do not say. Self-Instruct's code drops outputs that end with a colon.",
    ),
)
"""In the order in which they are asked."""
