"""What an identifier in a text is, which kinds there are, and what can be done about overlapping ones."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

KINDS: dict[str, str] = {
    "name": "(A) names: after a title, a label or a signature; elsewhere only through presidio or openmed",
    "address": "(B) geographic subdivisions smaller than a state: street, post-office box, postal code with its state or label",
    "date": "(C) dates finer than a year: day and month, with or without year, and month with year; numeric forms by shape or context",
    "age_over_89": "(C) ages from 90 to 125 of one person; not the group '90 or older', which the rule allows",
    "phone": "(D) telephone numbers: by shape where it is plain, else by the word before them",
    "vehicle": "(L) vehicle identification numbers by their check digit, licence plates by their label",
    "fax": "(E) fax numbers: a telephone number with the word fax before or behind it",
    "device": "(M) device identifiers: UDI by shape, serial numbers by their label, IMEI by its check digit, MAC addresses by shape",
    "email": "(F) electronic mail addresses by shape",
    "url": "(N) web addresses by shape, but for those of publications and trial registers",
    "ssn": "(G) social security numbers: by shape and the rules for area, group and serial, or by their label",
    "ip": "(O) internet addresses of version 4 and 6, by shape and validity",
    "medical_record": "(H) medical record numbers and other numbers of a patient, a visit or a specimen, by their label",
    "health_plan": "(I) numbers of members and policies of health plans by their label; Medicare's MBI by shape",
    "account": "(J) account, claim and invoice numbers by their label; IBAN by its check digits",
    "card": "(J) payment card numbers by issuer, length and Luhn's check digit",
    "licence": "(K) certificate and licence numbers by their label; NPI and DEA numbers by label and check digit",
}
"""Kind -> the Safe Harbor class (its letter in 45 CFR 164.514(b)(2)(i)) and how it is found.

Class P (biometric identifiers) and Q (photographs) are no text; class R (any other unique number) has no pattern of its own.
"""


@dataclass(frozen=True)
class Found:
    """One identifier in one text: `text[start:end]`, in characters."""

    start: int
    end: int
    kind: str
    """A key of `KINDS`."""
    finder: str
    """`patterns`, `presidio` or `openmed`."""


class Finder(Protocol):
    """Something that looks for identifiers in texts."""

    name: str

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """One list for each text, in the order of the texts; the findings of one text may overlap."""
        ...


def without_overlaps(ranked: Iterable[tuple[int, Found]]) -> list[Found]:
    """The findings that stay, by their start, none overlapping another.

    Where two overlap, the longer one stays; of two as long, the one of lower rank; of two of one rank, the one that starts first.

    Args:
        ranked: Rank and finding.
    """
    chosen: list[Found] = []
    starts: list[int] = []
    for _, found in sorted(ranked, key=lambda one: (one[1].start - one[1].end, one[0], one[1].start)):
        place = bisect_left(starts, found.start)
        free_before = place == 0 or chosen[place - 1].end <= found.start
        if free_before and (place == len(chosen) or found.end <= chosen[place].start):
            chosen.insert(place, found)
            starts.insert(place, found.start)
    return chosen


def mask(text: str, found: Sequence[Found]) -> str:
    """The text with each identifier replaced by its kind in brackets, as in `Call [PHONE]`.

    Raises:
        ValueError: Findings overlap or lie outside the text: they are not of this text.
    """
    end = len(text)
    for one in sorted(found, key=lambda one: one.start, reverse=True):
        if not 0 <= one.start < one.end <= end:
            raise ValueError(f"identifier at {one.start}-{one.end}: got one that overlaps or lies outside; allowed: 0 to {end}")
        text = f"{text[: one.start]}[{one.kind.upper()}]{text[one.end :]}"
        end = one.start
    return text
