"""Outputs shorter than the instruction asks for, counted in the output's favour."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.core.text import words
from bioinstruct.curate.rules.rule import Evidence, Rule

_SPELLED = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11},
    **{"twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50},
}
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,4}}|{'|'.join(_SPELLED)})"
_HAS_NUMBER = re.compile(rf"\d|\b(?:{'|'.join(_SPELLED)})\b", re.IGNORECASE)
_RANGE = rf"(?P<low>{_NUMBER})(?:\s?(?:-|–|to|or)\s?{_NUMBER})?"
_AT_LEAST = r"(?P<least>at\s+least|(?:no|not)\s+(?:fewer|less)\s+than|(?:a\s+)?minimum(?:\s+of)?|more\s+than|exactly)\s+"
_ABOUT = r"(?:about|around|approximately|roughly|some)\s+"
_WRITE = r"(?:write|compose|draft|create|produce|prepare|generate|provide|give|develop|craft)"

_WRITING = (
    r"(?:text|summary|essay|paragraph|explanation|answer|response|description|letter|report|abstract|story|note|message|article|leaflet)"
)

_LENGTH = re.compile(
    rf"(?:{_AT_LEAST}(?:{_ABOUT})?|\b(?:in|use|using|to|be|{_WRITING}\s+of)\s+(?:{_ABOUT})?|\b{_ABOUT}"
    rf"|\b{_WRITE}\s+(?:me\s+)?(?:an?\s+)?(?:{_ABOUT})?(?:[\w-]+\s+){{0,2}}?)"
    rf"(?<![\w.-]){_RANGE}[\s-]+(?:(?:short|brief|full|complete|concise|separate|clear|long)\s+)?"
    r"(?P<unit>words?|sentences?|paragraphs?)\b(?P<after>[^.;\n]{0,25})",
    re.IGNORECASE,
)
"""`in about 100 words`, `write a 200-word`, `at least two sentences`."""
_UPPER_END = re.compile(rf"(?:^|\W){_NUMBER}\s?(?:-|–|to|or)\s*$", re.IGNORECASE)
"""Before the higher number of a range."""
_CAP = re.compile(
    r"\b(?:under|below|within|at\s+most|max(?:imum)?|up\s+to|(?:no|not)\s+(?:more|longer)\s+than|(?:less|fewer)\s+than|exceed\w*|limit\w*"
    r"|short\w*\s+than|keep\w*|stay\w*|hold\w*|restrict\w*)\b[^.;\n]{0,15}$",
    re.IGNORECASE,
)
_CAP_AFTER = re.compile(
    r"^\W*(?:or\s+(?:less|fewer|under|below|so)|max(?:imum)?\b|at\s+(?:the\s+)?(?:very\s+)?most|limit|tops)", re.IGNORECASE
)
"""Upper limits, before and behind the number."""
_OF_THE_INPUT = re.compile(
    r"\b(?:the|this|these|those|following|given|both|first|last|each|every|per)\s+(?:\w+\s+)?$"
    r"|\b(?:summari[sz]e|shorten|rewrite|read|compare|translate|check)\b[^.;]{0,60}\b(?:of|with)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
"""Before a number that tells how long the input is."""

_LISTING = (
    r"(?:list|name|give|provide|suggest|mention|propose|write|generate|enumerate|recommend|create|formulate|brainstorm|come\s+up\s+with|offer"
    r"|identify)"
)
_ITEMS = re.compile(
    rf"(?:^|[.?!;:,]\s|\b(?:and|then|please|to)\s){_LISTING}\s+(?:(?:me|us)\s+)?(?:(?:a|an|the)\s+(?:\w+\s)?list\s+of\s+)?"
    rf"(?:(?:the|any|top|at\s+least|exactly|a\s+minimum\s+of)\s+){{0,2}}{_RANGE}\s+(?!or\s+(?:fewer|less)|times?\b)"
    r"(?P<what>(?:[a-z-]+,?\s+){0,3}?[a-z-]{3,}s)\b",
    re.IGNORECASE,
)
"""`List five causes`."""
_NOT_ITEMS = re.compile(
    r"\b(?:words?|sentences?|paragraphs?|lines|mgs?|mls?|doses?|units|days|weeks|months|years|hours|minutes|seconds|times|pages|characters"
    r"|letters|tokens)\b",
    re.IGNORECASE,
)
_FEWER_THERE_ARE = re.compile(
    r"^\W*(?:none|no|not|only|there\s+(?:is|are)\s+(?:no|only|not)|the\s+\w+\s+(?:only|does\s+not)|n/a)\b|\bonly\s+(?:one|two|three|four|\d)\b",
    re.IGNORECASE,
)
"""Outputs that say why they list fewer."""

_PARTS = re.compile(
    r"[\n,;:|/•+&]|\s[-–—]\s|(?<=[.!?])\s|\(\d{1,2}\)|(?<!\w)\d{1,2}[.)]\s"
    r"|\b(?:and|or|plus|as\s+well\s+as|with|along|followed\s+by|also|then|first|second|third|next|finally|lastly|another|while|which)\b",
    re.IGNORECASE,
)
"""Whatever may stand between two items."""
_SENTENCE_PARTS = re.compile(r"[.!?;:\n]+(?=\s|$|[\"'”’)])")
"""Whatever may end a sentence."""


@dataclass(frozen=True)
class _Asked:
    """What an instruction asks for."""

    unit: str
    number: int
    least: bool
    """Whether the instruction says at least or exactly."""
    found: str
    """The words that ask."""


def shorter_than_asked(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The instruction asks for so many words, sentences, paragraphs or items, and the output has far fewer: both numbers and the unit.

    Counts are upper bounds: every comma may end an item, every sentence may be a paragraph. An upper limit asks for nothing.
    """
    if not _HAS_NUMBER.search(candidate.instruction):
        return None
    asked = _length_asked(candidate.instruction) or _items_asked(candidate)
    if asked is None:
        return None
    measure = _MEASURES[asked.unit]
    count = measure.count(candidate.output)
    enough = (measure.at_least if asked.least else measure.share) * asked.number
    return {"asked": asked.number, "counted": count, "unit": asked.unit, "found": asked.found[:80]} if count < enough else None


def _length_asked(instruction: str) -> _Asked | None:
    for match in _LENGTH.finditer(instruction):
        before = instruction[max(0, match.start() - 60) : match.start("low")]
        if _UPPER_END.search(before) or _CAP.search(before) or _CAP_AFTER.match(match["after"]) or _OF_THE_INPUT.search(before):
            continue
        asked = _Asked(match["unit"].lower().rstrip("s"), _value(match["low"]), match["least"] is not None, match.group().strip())
        if asked.number >= (2 if asked.least and asked.unit != "word" else _MEASURES[asked.unit].fewest):
            return asked
    return None


def _items_asked(candidate: Candidate) -> _Asked | None:
    match = _ITEMS.search(candidate.instruction)
    if match is None or _NOT_ITEMS.search(match["what"]) or _FEWER_THERE_ARE.search(candidate.output):
        return None
    number = _value(match["low"])
    return _Asked("item", number, False, match.group().strip(" ,;:.?!")) if _MEASURES["item"].fewest <= number <= _MOST_ITEMS else None


def _value(number: str) -> int:
    return _SPELLED.get(number.lower()) or int(number.replace(",", ""))


def _parts(pattern: re.Pattern[str], text: str) -> int:
    return sum(any(map(str.isalnum, part)) for part in pattern.split(text))


def _words(text: str) -> int:
    return len(words(text))


def _sentences(text: str) -> int:
    return _parts(_SENTENCE_PARTS, text)


def _items(text: str) -> int:
    """Upper bound of the entries in a text; the words, where nothing divides it."""
    return _parts(_PARTS, text) if _PARTS.search(text.strip()) else _words(text)


@dataclass(frozen=True)
class _Measure:
    """How a unit is counted, and what is enough."""

    count: Callable[[str], int]
    """Upper bound of what a text holds."""
    share: float
    """Share of the number asked for that is enough."""
    at_least: float
    """Likewise, where the instruction says at least or exactly."""
    fewest: int
    """Smaller numbers are not looked at."""


_MOST_ITEMS = 30
_MEASURES = {
    "word": _Measure(_words, share=0.5, at_least=0.8, fewest=20),
    "sentence": _Measure(_sentences, share=0.51, at_least=1.0, fewest=3),
    "paragraph": _Measure(_sentences, share=1.0, at_least=1.0, fewest=2),
    "item": _Measure(_items, share=0.61, at_least=0.61, fewest=3),
}

RULES = (
    Rule(
        "shorter_than_asked",
        shorter_than_asked,
        True,
        "an output of about half of the words, sentences or items asked for, or less; of fewer sentences than paragraphs asked for",
        "It teaches that numbers in an instruction do not matter. Counted in the output's favour: every comma may end an item, every "
        "sentence may be a paragraph; `under`, `up to` and `or less` ask for nothing. Where the instruction says `at least`, 80 % of "
        "the words and all of the sentences are enough.",
    ),
)
"""In the order in which they are asked."""
