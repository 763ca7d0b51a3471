"""Messages between systems: the fields of HL7 version 2 and of X12, which their place alone tells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bioinstruct.curate.identifiers import checksums
from bioinstruct.curate.identifiers.field_values import value_of
from bioinstruct.curate.identifiers.pattern import Searched


def _table(text: str) -> dict[str, dict[int, str]]:
    """Segment -> field -> kind, of lines such as "PID: name 5 6, date 7"."""
    table: dict[str, dict[int, str]] = {}
    for segment, kinds in (line.split(": ") for line in text.strip().split("\n")):
        rows = (row.split() for row in kinds.split(", "))
        table[segment.strip()] = {int(place): kind for kind, *places in rows for place in places}
    return table


HL7 = _table(
    """
    PID: medical_record 2 3 4 21, name 5 6 9, date 7 29, address 11 12 23, phone 13 14, account 18, ssn 19, licence 20
    NK1: name 2 30, address 4, phone 5 6 7, date 16, ssn 37
    GT1: account 2, name 3 4, address 5, phone 6 7, date 8, ssn 12
    IN1: address 5 19, phone 7, health_plan 8 10 36 49, date 12 13 18, name 16
    IN2: health_plan 1 6 8 61, ssn 2
    PV1: medical_record 5 19 50, name 7 8 9 17 52, date 44 45
    PD1: name 4
    MRG: medical_record 1, account 3, name 7
    ORC: account 2 3, date 9 15, name 10 12, phone 14
    OBR: account 2, medical_record 3, date 6 7 8 14 22 36, name 16 32, phone 17
    OBX: date 14, name 16, device 18
    MSH: date 7
    EVN: date 2 3 6, name 5
    DG1: date 5, name 16
    AL1: date 6
    PR1: date 5, name 8 11 12
    TXA: date 4 6, name 5 9, medical_record 12
    SCH: date 11, name 16
    RXA: date 3 16, name 10
    SPM: medical_record 2, date 17 18
    FT1: date 4 5, name 20 21
    ACC: date 1
    AIP: name 3
    ROL: name 4
    PRT: name 5, device 10
    """
)
"""Segment -> field -> kind, after chapters 2 to 7 and 9 of HL7 version 2.5.1."""
X12 = _table(
    """
    N3: address 1 2
    N4: address 1 3
    DMG: date 2
    CLM: account 1
    SBR: health_plan 3
    TRN: account 2
    BHT: date 4
    PER: name 2
    CLP: account 1 7
    """
)
"""Segment -> element -> kind, of claims, payments and eligibility (837, 835, 270, 271)."""
_QUALIFIERS = {
    "ssn": "SY 34",
    "health_plan": "1L IG 1W 6P 0F 18 MI",
    "account": "F8 D9 EJ 9A 6R EI TJ G1 9F BB 24 FI",
    "medical_record": "EA MR",
    "licence": "X4 0B 1G G2 LU XX HPI",
    "phone": "TE HP WP CP",
    "fax": "FX",
    "date": "D8 RD8",
}
"""Kind -> qualifiers of what stands behind them."""
_REFERENCE = {qualifier: kind for kind, qualifiers in _QUALIFIERS.items() for qualifier in qualifiers.split()}
_HL7_LINE = re.compile(rf"(?<![\w|])(?P<segment>{'|'.join(HL7)})\|[^\n\r]*")
_X12_LINE = re.compile(rf"(?<![\w*])(?P<segment>{'|'.join(X12)}|NM1|REF|DTP)\*[^~\n\r]*")
_PATH = re.compile(r"(?<!\w)(?P<segment>[A-Z][A-Z0-9]{2})[.-](?P<field>\d{1,2})(?:\.\d)?[\s:=]{1,3}(?P<value>[^\n|;]{2,60})")
_AGE_RESULT = re.compile(r"OBX\|\d{0,4}\|[A-Z]{0,3}\|[^|]{0,60}\bAGE\b[^|]{0,40}\|[^|]{0,8}\|(?P<value>9\d|1[01]\d)(?=\|)")
_RESOURCES = {
    "Patient": "medical_record",
    "Encounter": "medical_record",
    "Account": "account",
    "Claim": "account",
    "Coverage": "health_plan",
    "Device": "device",
}
"""Resources of FHIR whose numbers are identifiers, and their kinds."""
_REFERENCE_PATH = re.compile(
    rf"(?<![\w/])(?P<resource>{'|'.join(_RESOURCES)})/(?P<value>(?=[A-Za-z-]{{0,8}}\d)[A-Za-z0-9-]{{4,36}})(?![\w/-])"
)
_TIME = re.compile(r"(?P<value>(?:19|20)\d{6}(?:\d{4}(?:\d{2})?)?)(?:\.\d+)?(?:[+-]\d{4})?(?!\d)")
_HL7_NAME = re.compile(
    r"(?:[A-Z]?\d{2,14}\^)?(?P<value>[^\W\d][^\W\d'’. -]*(?:[ '’-][^\W\d]+){0,2}(?:\^[^\W\d][^\W\d.'’-]*(?:[ "
    r"'’-][^\W\d]+){0,2}(?:\^[^\W\d]{1,20}\.?)?)?)"
)


def _components(kind: str, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The identifiers of one field: its repetitions and components, as far as they look like ones."""
    if kind == "name":
        found = _HL7_NAME.match(text, start, end)
        if number := re.match(r"[A-Z]?\d{4,14}(?=\^|$)", text[start:end]):
            value = number[0]
            if checksums.npi(value):
                yield start, start + number.end(), "licence"
        if found and len(found["value"]) > 2:
            yield *found.span("value"), "name"
        return
    if kind == "address" and text[start : start + 1] in "^~":
        return  # no street: an electronic address of PID-11
    place = start
    for part in re.split(r"[~^&]", text[start:end]):
        part_end = place + len(part)
        repeated = place == start or text[place - 1] == "~"
        own = _repeated_kind(text, part_end, end) if repeated else None
        if part and (repeated or kind in ("address", "phone")):
            if kind == "date":
                if time := _TIME.match(text, place, part_end):
                    yield *time.span("value"), "date"
            elif span := value_of(own or kind, text, place, part_end, whole=False):
                yield *span, own or kind
        place = part_end + 1


def _repeated_kind(text: str, start: int, end: int) -> str | None:
    """The kind of a number in a list of identifiers, by its type in the fifth component: 219-09-9998^^^SSA^SS."""
    said = re.match(r"\^[^^~|]*\^[^^~|]*\^[^^~|]*\^(SS|DL|AN|MC|MA|MR|PI|NPI|VN)\b", text[start:end])
    types = {"SS": "ssn", "DL": "licence", "AN": "account", "MC": "health_plan", "MA": "health_plan", "NPI": "licence"}
    return types.get(said[1]) if said else None


def _fields(line: re.Match[str], separator: str) -> list[tuple[int, int]]:
    spans, place = [], line.start()
    for piece in line[0].split(separator):
        spans.append((place, place + len(piece)))
        place += len(piece) + 1
    return spans


def _x12(text: str, line: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    segment, spans = line["segment"], _fields(line, "*")
    elements = [text[start:end] for start, end in spans]
    kinds = dict(X12.get(segment, {}))
    if segment == "NM1" and len(elements) > 4 and elements[2] == "1":
        last = max(place for place in (3, 4, 5) if (place < len(elements) and elements[place]) or place == 3)
        if spans[3][0] < spans[last][1]:
            yield spans[3][0], spans[last][1], "name"
    first = 8 if segment == "NM1" else 1
    if segment in ("REF", "NM1", "PER", "DMG", "DTP"):
        for place in range(first, len(elements) - 1):
            if elements[place] in _REFERENCE:
                kinds[place + 1] = _REFERENCE[elements[place]]
    for place, kind in kinds.items():
        if place < len(spans):
            yield from _components(kind, text, *spans[place])


class Messages:
    """Values by their place in a message; searched like a pattern, but for several kinds."""

    digits = 0

    def search(self, searched: Searched) -> Iterator[tuple[int, int, str]]:
        """Start, end and kind of each value in the segments of a text that looks like an identifier of its field."""
        text = searched.text
        if "|" in text:
            for line in _HL7_LINE.finditer(text):
                kinds = HL7[line["segment"]]
                shift = 1 if line["segment"] == "MSH" else 0
                for place, span in enumerate(_fields(line, "|")):
                    if place + shift in kinds and place:
                        yield from _components(kinds[place + shift], text, *span)
                if age := _AGE_RESULT.match(line[0]):
                    yield line.start() + age.start("value"), line.start() + age.end("value"), "age_over_89"
        if "*" in text:
            for line in _X12_LINE.finditer(text):
                yield from _x12(text, line)
        for reference in _REFERENCE_PATH.finditer(text):
            yield *reference.span("value"), _RESOURCES[reference["resource"]]
        for path in _PATH.finditer(text):
            kind = HL7.get(path["segment"], {}).get(int(path["field"]))
            if kind:
                yield from _components(kind, text, *path.span("value"))


MESSAGES = Messages()
