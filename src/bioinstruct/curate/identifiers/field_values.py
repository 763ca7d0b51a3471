"""What the value of a field must look like to be an identifier of the kind that the field is for."""

from __future__ import annotations

import re
from collections.abc import Callable

from bioinstruct.curate.identifiers import checksums, name_words
from bioinstruct.curate.identifiers.checksums import calendar_day, digits
from bioinstruct.curate.identifiers.date_words import MONTHS
from bioinstruct.curate.identifiers.near import CODE
from bioinstruct.curate.identifiers.numbers import is_number
from bioinstruct.curate.identifiers.pattern import each, either

_MONTH = either(*MONTHS, *(month[:3] for month in MONTHS), "sept") + r"\.?"
_YEAR = r"(?:(?:19|20)\d{2}|['’]?\d{2})"
_DATE = re.compile(
    r"(?P<number>\d{1,2}([-/. ])\d{1,2}\2(?:(?:19|20)\d{2}|\d{2})|(?:19|20)\d{2}([-/.])\d{1,2}\3\d{1,2})(?![\w/]|[.-]\d)|"
    r"(?P<short>\d{1,2}/\d{1,2})(?![\w/%]|[.-]\d)|(?P<compact>(?:19|20)\d{6})(?:\d{4}(?:\d{2})?)?(?!\d)|"
    rf"(?i:(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?(?:\d{{1,2}}(?:st|nd|rd|"
    rf"th)?[-\s./]?(?:of\s)?{_MONTH}(?:[-\s./,]{{0,2}}{_YEAR})?|"
    rf"{_MONTH}[-\s.]{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?(?:[-,\s]{{1,2}}{_YEAR})?|{_MONTH}[-\s,]{{1,2}}(?:19|20)\d{{2}}))(?![\w/])|"
    r"(?P<month>(?:0?[1-9]|1[0-2])[/-](?:19|20)\d{2}|(?:19|20)\d{2}-(?:0[1-9]|1[0-2]))(?![\w/-])"
)
_AGE = re.compile(
    r"(?:[FM]\s?[/,|]\s?|~)?(?P<age>9\d|1[01]\d|12[0-5])(?=\s?(?:y(?:rs?|ears?|/?o)?\b|Y\b|[/,]?\s?[MF]\b|[,;.|)\s]|"
    r"$))(?!\s?(?:mg|kg|%|-|to\b|cm|lb|mm|days?|months?|weeks?|and\s(?:older|over)))"
)
_PHONE = re.compile(r"(?:tel:)?(?P<value>[+(]?\d[\d\s().·/-]{5,22}\d(?:\s?(?:x|ext\.?)\s?\d{1,6})?)(?!\w)", re.I)
_SSN = re.compile(r"\d{3}([ .-]?)\d{2}\1\d{4}(?!\w)")
_CODE = re.compile(CODE)
_PLATE = re.compile(r"(?=[A-Z -]{0,6}\d|\d{1,4}[ -]?[A-Z])[A-Z0-9]{1,4}(?:[ ·-]?[A-Z0-9]{1,4}){1,2}(?![\w-])|[A-HJ-NPR-Z0-9]{17}(?!\w)")
_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿĀ-ſ"
_NAME = (
    f"(?:(?:[{_UPPER}]['’])?[{_UPPER}][{_LOWER}]+(?:['’-]?[{_UPPER}][{_LOWER}]+)*|"
    f"[{_UPPER}]{{2,}}(?:['’-][{_UPPER}]{{2,}})*|[{_UPPER}]['’][{_UPPER}]{{2,}})"
)
_PARTICLE = r"(?:van|von|der|den|de|la|le|du|da|dos|del|di|bin|ibn|al|el|ter|VAN|VON|DER|DEN|DE|LA)"
_PERSON = re.compile(
    rf"(?:(?:Dr|Mr|Mrs|Ms|Miss|Prof|DR|MR|MRS)\b\.?\s)?(?P<value>(?:[{_UPPER}]\.?\s){{0,2}}(?:{_PARTICLE}\s){{0,3}}"
    rf"{_NAME}(?:(?:,\s?|\s)(?:(?:{_PARTICLE}\s){{1,3}})?(?:{_NAME}|[{_UPPER}]\b\.?)){{0,3}})"
)
_WORD = re.compile(rf"[{_UPPER}{_LOWER}]{{2,}}")
_NO_NAMES = frozenset(
    word.lower()
    for text in (name_words.SENTENCE, name_words.ROLES, name_words.OFFICES, name_words.MEDICINE, name_words.DRUGS, name_words.REPLIES)
    for word in text.split()
) | frozenset(
    each(
        "see above below none nil same self pending declined refused unavailable various per other n/a tbd tba na reviewed verified "
        "private "
        "confidential blank attached reports states denies complains oriented alert awake stable walked active final "
        "official usual english spanish"
        " control placebo baseline total mean median yes mother father daughter son wife husband sister brother aunt uncle mom dad"
    )
)
_DEGREES = frozenset(each("md do rn np pa phd dds pharmd lpn cnm crna rph pa-c dpm dpt pt ot bsn msn mbbs jr sr ii iii iv esq facs faap"))
_MEDICAL = re.compile(rf"(?i)[a-z]+{either(name_words.MEDICAL_ENDS)}")
_STREET = re.compile(r"[\w#][\w .,'’#/&-]{2,80}")
_TOWN = re.compile(
    rf"[{_UPPER}][{_UPPER}{_LOWER}'’.]+(?:[ -](?:[{_UPPER}{_LOWER}'’.]+)){{0,3}}(?:,?\s[A-Z]{{2}}\b)?(?:,?\s\d{{5}}(?:-\d{{4}})?)?"
)
_POSTAL = re.compile(r"\d{5}(?:-?\d{4})?(?!\d)|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|[A-Z]\d[A-Z][ -]?\d[A-Z]\d\b")
_HOUSE = re.compile(
    r"(?:(?:flat|apt|apartment|unit|lot|suite|no\.?)\s?#?\w{1,5},?\s)?(?:\d{1,6}[A-Za-z]?(?:[-/]\d{1,4})?\s(?=[\w "
    r"]{0,12}[^\W\d]{2})|(?i:p\.?\s?o\.?\s?box|gpo box|rr|box)\s?#?\d)"
    r"[\w .'’#-]{0,44}(?:,\s[\w .'’#-]{1,30}){0,3}|[^\W\d_][\w'’.-]+(?:\s[^\W\d_][\w'’.-]+){0,3}\s\d{1,4}[a-z]?(?:,\s"
    r"\d{4,5}\s[^\W\d_]+)?",
    re.I,
)

Span = tuple[int, int]


def _date(value: str, whole: bool) -> Span | None:
    match = _DATE.match(value)
    if not match:
        return None
    numeric = match["number"] or match["short"]
    if numeric and not calendar_day(numeric.replace(" ", "/")):
        return None
    compact = match["compact"]
    if compact and not calendar_day(f"{compact[4:6]}/{compact[6:]}"):
        return None
    return match.span()


def _age(value: str, whole: bool) -> Span | None:
    match = _AGE.match(value)
    return match.span("age") if match else None


def _phone(value: str, whole: bool) -> Span | None:
    match = _PHONE.match(value)
    return (
        match.span("value") if match and 7 <= len(digits(match["value"].lower().split("x")[0])) <= 15 and not _DATE.match(value) else None
    )


def _ssn(value: str, whole: bool) -> Span | None:
    match = _SSN.match(value)
    return match.span() if match and (checksums.ssn(match[0]) or checksums.itin(match[0])) else None


def _code(value: str, whole: bool) -> Span | None:
    match = _CODE.match(value.rstrip(" ."))
    if not match or (whole and match.end() < len(value.split(" (")[0].rstrip(" ."))):
        return None
    figures, letters = len(digits(match[0])), any(map(str.isalpha, match[0]))
    if checksums.card(match[0]):
        return None
    return match.span() if is_number(match[0]) and figures >= (3 if letters else 4) and len(match[0]) >= 5 else None


def _licence(value: str, whole: bool) -> Span | None:
    return _code(value, whole)


def _plate(value: str, whole: bool) -> Span | None:
    match = _PLATE.match(value)
    return match.span() if match and sum(map(str.isalnum, match[0])) >= 4 and match.end() == len(value.rstrip()) else None


def _name(value: str, whole: bool) -> Span | None:
    match = _PERSON.match(value)
    if not match:
        return None
    start, end = match.span("value")
    parts = value[start:end].replace(",", " ").split()
    while len(parts) > 1 and parts[-1].lower().rstrip(".") in _DEGREES:
        end = start + value[start:end].rstrip(" ,.").rfind(parts[-1].rstrip("."))
        end = start + len(value[start:end].rstrip(" ,"))
        parts.pop()
    words = _WORD.findall(value[start:end])
    if not words or any(word.lower() in _NO_NAMES or _MEDICAL.fullmatch(word) for word in words):
        return None
    rest = value[end:]
    if whole and not re.match(r"\s*(?:$|[(,\[/|\d]|MD|RN|M\.D|DO|NP|PA)", rest):
        return None
    if not whole and (re.match(r"\s[a-z]|['’]|\d", rest) or len(parts) < 2):
        return None
    return (start, end) if len(parts) > 1 or (len(words[0]) > 2 and not (words[0].isupper() and len(words[0]) < 4)) else None


def _address(value: str, whole: bool) -> Span | None:
    if match := _POSTAL.match(value):
        return match.span()
    if (match := _HOUSE.match(value)) and (not whole or match.end() >= len(value.rstrip()) - 2):
        return match.span()
    match = _TOWN.match(value)
    if not match or match.end() < len(value.rstrip(" .")) or any(word.lower() in _NO_NAMES for word in _WORD.findall(match[0])):
        return None
    return match.span() if len(match[0]) > 3 else None


_SHAPES: dict[str, Callable[[str, bool], Span | None]] = {
    "date": _date,
    "age_over_89": _age,
    "phone": _phone,
    "fax": _phone,
    "ssn": _ssn,
    "medical_record": _code,
    "health_plan": _code,
    "account": _code,
    "licence": _licence,
    "device": _code,
    "vehicle": _plate,
    "name": _name,
    "address": _address,
}


def value_of(kind: str, text: str, start: int, end: int, *, whole: bool) -> Span | None:
    """Start and end of the identifier of a kind that the value of a field begins with.

    Args:
        kind: Of the field.
        text: That holds the value.
        start: Where the value begins.
        end: Where it ends.
        whole: Whether nothing may follow the identifier in the value, as in the cell of a table.
    """
    while start < end and text[start] in " \t'\"_":
        start += 1
    shape = _SHAPES.get(kind)
    found = shape(text[start:end], whole) if shape and start < end else None
    return (start + found[0], start + found[1]) if found else None
