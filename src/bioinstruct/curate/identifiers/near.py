"""Numbers called by the nearest label: before them in their sentence, in the question that they answer, or behind them.

The patterns of `numbers.py` know labels with what may follow each. Here every number that can be an identifier is taken first, and the
words beside it are looked up in the tables of `labels.py`, from the nearest on: the first that says what the number is decides, a rival
("lot", "phone", "NCT") as well as a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bioinstruct.curate.identifiers import checksums
from bioinstruct.curate.identifiers.checksums import digits
from bioinstruct.curate.identifiers.labels import LINKS, Label, Token, ending, tokens
from bioinstruct.curate.identifiers.numbers import COUNTED_AFTER, is_number
from bioinstruct.curate.identifiers.pattern import Searched, each
from bioinstruct.curate.identifiers.vehicles import CAR, FORM

KINDS = ("medical_record", "health_plan", "account", "licence", "device", "ssn")
_BEFORE, _AFTER, _GAP = 110, 48, 64
"""Characters looked at before and behind a number, and between it and a label in its sentence."""
_CLOSE = 16
"""Characters between a label and a short number."""

_PIECE = r"(?:[A-Z]{0,6}\d[A-Z0-9]{0,24}|[A-Z]{1,6})"
_ENDS = r"(?![\w%]|[.,]\d)"
CODE = (
    r"(?<![\w$€£@^<>≥≤])(?<![\w][.,/-])(?P<value>"
    # 943 476 5919; W1234 56789; 2817 60563 2 / 1; PA 005270373; 4471209 01
    rf"(?:[A-Z]{{1,3}} )?[A-Z]{{0,4}}\d{{1,5}}[A-Z]?(?:[ ·]\d{{2,6}}){{1,5}}(?: [A-Z0-9]{{1,2}}(?= / \d|[\s,.;)?]|"
    rf"$)(?! [a-z%]))?(?: / \d)?{_ENDS}|"
    rf"(?:[A-Z]{{1,3}} )?(?:[A-Z]{{0,3}}\d{{4,12}}|\d{{2,6}}-\d{{2,6}}) (?:0\d|\d{{1,2}}[A-Z]|[A-Z]{{1,2}}(?=[\s,.;)?]|"
    rf"$)(?! [a-z]))(?! ?\d){_ENDS}|"
    # R 419943-2, A77X-796, 595.920.226, 780153705/7, S21-4471, 21:S4471, h4471209
    rf"(?:[A-Z]{{1,3}} (?=\d))?(?=[A-Z:./–-]{{0,12}}\d){_PIECE}(?:[-./:–]{_PIECE}){{0,6}}{_ENDS}|[a-z]{{1,4}}-?\d{{4,14}}[a-z]?{_ENDS})"
)
"""Whatever may be a number of somebody: digits, or capital letters with digits, in groups."""
_CODE = re.compile(CODE)
_DIGITS = re.compile(r"\d{3}|\d[A-Z.:/ -]?\d[A-Z.:/ -]?\d")
_COUNTED = re.compile(COUNTED_AFTER)
_STOP = re.compile(r"[.!?;](?=\s)|\n")
_SPEAKER = r"\n[ \t]{0,4}(?:>[ \t]?)?[A-Za-z][\w .'’/-]{0,24}:"
_REPLY = re.compile(rf"{_SPEAKER}|[.?!]\s+(?i:is\s(?:it|that|this)|it|that|this|mine|the\snumber|sure|yes|yeah|ok|okay)\b")
_NEXT_LINE = re.compile(r"[\s:#=.…_*|()-]*\n[\s:#=_*>-]*")
_BEHIND = re.compile(
    r"\s*(?:[(\[]\s*|,?\s(?:which\s)?(?:is|was|as|being|=)\s|,\s|\s?[-–]\s|[.?]\s(?:That|This|It)(?:['’]s|\sis|"
    r"\swas)\s|\s(?=(?:MRN|NPI|DEA|SSN)\b))"
    r"(?:(?:the|his|her|my|your|our|their|its|a|an|that|this|only|old|new|current|[A-Z]?[a-z]+['’]s)\s+){0,3}"
)
_POINT = re.compile(r"^\.")
"""Of an abbreviation: "acct. 4471"."""
_COUNTING = frozenset(each("of in and for that with to from been have has a an at"))
"""Words that lead from "record" or "policy" to a count as well."""
_LIST = re.compile(r"\s*(?:,|;|/|&|and|or|,\s*and)\s*")
_PHONE = re.compile(r"(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}|1?8(?:00|33|44|55|66|77|88)\d{7}")
_LEADING_LETTERS = re.compile(r"([A-Z]{1,3}) (?=[A-Z0-9])")
_PLATE = re.compile(FORM)
_VEHICLE = re.compile(rf"(?i:\b{CAR}\b|\bparking\b|\bestate\b|\bplates?\b|\b(?:parked|towed)\b|\bwhat['’]s\s+your\s+registration)")
_SSN = re.compile(r"\d{3}([ .-]?)\d{2}\1\d{4}")
_SOCIAL = re.compile(r"(?i:\bssn\b|\bsocial\b)")
_CLAIM_NUMBER = re.compile(r"\d{3}-?\d{2}-?\d{4}-?[A-DFJKMTW]{1,2}\d?")
"""Of Medicare until 2019: a social security number with the beneficiary's letter."""
_FOR_EXAMPLE = re.compile(r"\b(?:e\.g\.|i\.e\.)")
_LEADER = re.compile(r"[._…]{3,}")
"""Points that lead the eye from a label to its number."""


class NearestLabel:
    """Numbers by the label that stands nearest to them; searched like a pattern, but for several kinds."""

    digits = 1

    def search(self, searched: Searched) -> Iterator[tuple[int, int, str]]:
        """Start, end and kind of each number in a text that has a label."""
        text = searched.text
        if not _DIGITS.search(text):
            return
        last: tuple[int, str] | None = None
        place = 0
        while match := _CODE.search(text, place):
            start, end = match.span("value")
            place = end
            letters = _LEADING_LETTERS.match(text, start)
            if letters and _says_what_follows(letters[1]):
                start = letters.end()
            value = text[start:end]
            if not _may_be(value) or _COUNTED.match(text, end):
                continue
            kind = _called(text, start, end, value)
            if kind is None and last and _LIST.fullmatch(text, last[0], start) and len(digits(value)) >= 6 and " " not in value:
                kind = last[1]
            if kind:
                last = end, kind
                yield start, end, kind


def _says_what_follows(letters: str) -> bool:
    """Whether letters before a number are its label (MRN 4471209) or a word (IS, NO), and no part of it (PA 005270373)."""
    word = letters.lower()
    return (
        word in {"is", "no", "id", "nr", "to", "at", "of", "on", "by", "the", "and", "or", "for"}
        or ending([Token(word, 0, len(word))], 1) is not None
    )


def _may_be(value: str) -> bool:
    figures = digits(value)
    letters = any(map(str.isalpha, value))
    if len(figures) < (3 if letters else 4) or len(value) < 4 or (":" in value and re.fullmatch(r"[\d:.]+", value)):
        return False
    if re.fullmatch(r"(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}", value):
        return False  # the address of a network interface
    if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}|[A-TV-Z]\d{2}\.\w{1,4}", value):
        return False  # an internet address, a diagnosis of ICD-10
    if re.fullmatch(r"\d+[./]\d+|\d{4}-\d{2}|\d{1,2}[-/]\d{1,2}", value) and len(figures) < 7:
        return False  # a decimal number, a fraction
    return is_number(value) and not checksums.card(value) and not checksums.vin(value)


def _called(text: str, start: int, end: int, value: str) -> str | None:
    social = _SSN.fullmatch(value)
    if social and social[1] and checksums.ssn(value) and (social[1] == "-" or _SOCIAL.search(text, max(0, start - 40), start)):
        return "ssn"  # whatever it is called here
    label = _before(text, start)
    if label and label.kind in ("account", "health_plan") and _CLAIM_NUMBER.fullmatch(value):
        return "health_plan"
    if label is None or not label.kind:
        behind = _behind(text, end)
        if behind and (label is None or behind.sure):
            label = behind
    if label is None or label.kind not in KINDS:
        return None
    if label.kind == "ssn":
        return "ssn" if _SSN.fullmatch(value) and (checksums.ssn(value) or checksums.itin(value)) else None
    if not label.sure and not _like_a_code(value, text[label.end : start]):
        return None
    if start - label.end > _CLOSE and value.isdigit() and len(value) < 5:
        return None  # a time, a room
    if "accession" in text[label.start : label.end].lower() and re.fullmatch(r"[A-Za-z]+\d+", value):
        return None  # a sequence or a data set: AF123456
    if label.kind == "licence":
        return _licence(text[label.start : label.end].lower(), value, text[max(0, start - 80) : end + 30])
    return None if _PHONE.fullmatch(value) else label.kind


def _licence(label: str, value: str, around: str) -> str | None:
    """A registration is a vehicle's where one stands beside it; NPI and DEA numbers have check digits."""
    for name, valid in (("npi", checksums.npi), ("dea", checksums.dea)):
        if name in label:
            return "licence" if valid(value) else None
    if "driv" not in label and _PLATE.fullmatch(value) and _VEHICLE.search(around):
        return "vehicle"
    return None if _PHONE.fullmatch(value) else "licence"


def _like_a_code(value: str, gap: str) -> bool:
    """Whether a number behind a word that is no sure label is long enough, or of letters and digits."""
    figures = len(digits(value))
    if any(map(str.isalpha, value)):
        return figures >= 3 and sum(map(str.isalnum, value)) >= 6 and not re.fullmatch(r"[A-Z]{2,5}-\d{1,3}", value)
    return figures >= (5 if re.search(r"[:#=]", gap) else 6)


def _before(text: str, start: int) -> Label | None:
    """The label or rival that stands nearest before a place, as far as what stands between allows it."""
    words = tokens(text, max(0, start - _BEFORE), start)
    for end in range(len(words), 0, -1):
        label = ending(words, end)
        if label is None:
            continue
        if not label.kind:
            return label
        return label if _reaches(text, label, start, words[end:]) else None
    return None


def _reaches(text: str, label: Label, start: int, between: list[Token]) -> bool:
    gap = _LEADER.sub(" ", _FOR_EXAMPLE.sub(" ", text[label.end : start]))
    gap = _POINT.sub("", gap, count=1) if label.short else gap
    if any(map(str.isdigit, gap)):
        return False
    if _STOP.search(gap):
        if _REPLY.search(gap):
            return len(gap) <= 90 and ("?" in gap or label.sure)
        return bool(_NEXT_LINE.fullmatch(gap)) and label.sure
    if label.far:
        return len(gap) <= _GAP
    if not all(token.word in LINKS for token in between):
        return False
    if label.sure:
        return len(between) <= 5
    return len(between) <= 3 and not any(token.word in _COUNTING for token in between)


def _behind(text: str, end: int) -> Label | None:
    """The label that stands directly behind a place, as in "4471209 is his account number"."""
    joint = _BEHIND.match(text, end)
    if not joint:
        return None
    words = tokens(text, joint.end(), min(len(text), joint.end() + _AFTER))
    for last in range(1, min(len(words), 6) + 1):
        if _STOP.search(text, joint.end(), words[last - 1].end) or any(map(str.isdigit, text[joint.end() : words[last - 1].end])):
            return None
        label = ending(words, last)
        if label is None:
            continue
        following = ending(words, last + 1) if last < len(words) and words[last].start <= words[last - 1].end + 2 else None
        if following and following.kind and following.start <= label.start:
            continue  # a longer label
        if not label.kind or not label.sure:
            continue
        return None if re.match(r"\s?[:#=]|\s+(?:is|was)?\s?[A-Z]{0,4}\d", text[label.end : label.end + 12]) else label
    return None


NEAREST = NearestLabel()
