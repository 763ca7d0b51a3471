"""Numbers said in words, as dictation and telephone calls hold them: "two one two, five five five, oh one eight seven"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bioinstruct.curate.identifiers.labels import ending, tokens
from bioinstruct.curate.identifiers.pattern import Searched, either

_DIGIT = either("zero oh o one two three four five six seven eight nine")
_JOIN = r"(?:,?\s(?:dash|hyphen|slash|point|space)\s|[,.]?\s|-)"
_RUN = re.compile(
    rf"(?i:(?<![\w-])(?:(?:area\scode|double|triple)\s)?{_DIGIT}(?:{_JOIN}(?:double\s|triple\s)?(?:{_DIGIT}|hundred|"
    rf"thousand)(?![\w'’])){{3,18}})"
)
_WORD = re.compile(rf"(?i:\b{_DIGIT}\b)")
_DIALLED = re.compile(r"(?i:\b(?:call|phone|telephone|tel|cell|mobile|number|reach|text|dial|fax|contact|pager)\b)")
_FAXED = re.compile(r"(?i:\b(?:fax|facsimile)\b)")


class Spoken:
    """Runs of digits in words by the label before them; searched like a pattern, but for several kinds."""

    digits = 0

    def search(self, searched: Searched) -> Iterator[tuple[int, int, str]]:
        """Start, end and kind of each run of four digits or more that has a label, and of seven or ten that are a telephone number."""
        text = searched.text
        for place in _places(searched):
            match = _RUN.match(text, place)
            if match and (kind := _called(text, match)):
                yield *match.span(), kind


def _places(searched: Searched) -> Iterator[int]:
    last = -1
    text = searched.text
    for place in searched.places(
        ("zero", "oh ", "one ", "two ", "three ", "four ", "five ", "six ", "seven ", "eight ", "nine ", "area code", "double ", "triple ")
    ):
        if place > last and (match := _RUN.match(text, place)):
            yield place
            last = match.end()


def _called(text: str, match: re.Match[str]) -> str | None:
    said = len(_WORD.findall(match[0]))
    before = text[max(0, match.start() - 70) : match.start()]
    words = tokens(before)
    for end in range(len(words), max(0, len(words) - 9), -1):
        label = ending(words, end)
        if label and label.kind in ("phone", "fax", "ssn", "medical_record", "health_plan", "account", "licence", "device"):
            return label.kind if label.sure or said >= 6 else None
        if label:
            break
    if _FAXED.search(before) and said >= 7:
        return "fax"
    if said in (7, 10, 11) or (said >= 7 and _DIALLED.search(before)):
        return "phone"
    return None


SPOKEN = Spoken()
