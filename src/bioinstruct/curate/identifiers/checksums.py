"""Check digits and number ranges: whether a string of the right shape can be a number of its kind."""

from __future__ import annotations

import re

_VIN_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True))
"""Character -> value for the check digit; I, O and Q are not used."""
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_ITIN_GROUPS = frozenset({*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)})


def digits(value: str) -> str:
    """The digits of a value, without what separates them."""
    return "".join(character for character in value if character.isdigit())


def calendar_day(value: str) -> bool:
    """A numeric date whose day and month, in either order, there are; a year of four digits may stand first or last."""
    parts = [int(part) for part in re.findall(r"\d+", value)]
    first, second = parts[1:3] if parts[0] > 999 else parts[:2]
    return (1 <= first <= 12 and 1 <= second <= 31) or (1 <= second <= 12 and 1 <= first <= 31)


def luhn(value: str) -> bool:
    """Luhn's sum over the digits, the last of which is the check digit (ISO/IEC 7812-1)."""
    figures = [int(figure) for figure in reversed(digits(value))]
    doubled = (sum(divmod(2 * figure, 10)) for figure in figures[1::2])
    return bool(figures) and (sum(figures[::2]) + sum(doubled)) % 10 == 0


def npi(value: str) -> bool:
    """National Provider Identifier: ten digits from 1 or 2 on, Luhn's sum with the prefix 80840 of health cards of the United States."""
    figures = digits(value)
    return len(figures) == 10 and figures[0] in "12" and luhn("80840" + figures)


def dea(value: str) -> bool:
    """Number of the Drug Enforcement Administration: two characters, seven digits; the last is that of (1+3+5) + 2 * (2+4+6)."""
    figures = [int(figure) for figure in digits(value[2:])]
    return len(figures) == 7 and (sum(figures[0:6:2]) + 2 * sum(figures[1:6:2])) % 10 == figures[6]


def vin(value: str) -> bool:
    """Vehicle identification number of 17 characters whose ninth is the weighted sum modulo 11, X for ten (49 CFR 565.15)."""
    value = value.upper()
    if len(value) != 17 or not set(value) <= set(_VIN_VALUES) or value.isdigit():
        return False
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(value, _VIN_WEIGHTS, strict=True))
    return value[8] == "0123456789X"[total % 11]


def ssn(value: str) -> bool:
    """Social security number that can have been given out: area not 000, 666 or from 900 on, group not 00, serial not 0000."""
    figures = digits(value)
    area, group, serial = figures[:3], figures[3:5], figures[5:]
    return len(figures) == 9 and area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"


def itin(value: str) -> bool:
    """Taxpayer identification number, written like a social security number: area from 900 on and one of certain groups."""
    figures = digits(value)
    return len(figures) == 9 and figures[0] == "9" and int(figures[3:5]) in _ITIN_GROUPS


def iban(value: str) -> bool:
    """International bank account number: 15 to 34 characters whose number modulo 97 is 1 (ISO 13616)."""
    value = value.replace(" ", "").upper()
    number = "".join(str(int(character, 36)) for character in value[4:] + value[:4])
    return 15 <= len(value) <= 34 and int(number) % 97 == 1


def gtin(value: str) -> bool:
    """Global trade item number of 14 digits, the last the weighted sum modulo 10: the device identifier of a UDI."""
    figures = [int(figure) for figure in digits(value)]
    return len(figures) == 14 and (3 * sum(figures[0::2]) + sum(figures[1::2])) % 10 == 0


def card(value: str) -> bool:
    """Payment card number: an issuer's prefix with a length that it uses, and Luhn's sum."""
    figures = digits(value)
    length, two, three, four = len(figures), int(figures[:2] or 0), int(figures[:3] or 0), int(figures[:4] or 0)
    issued = (
        (figures[:1] == "4" and length in {13, 16, 19})
        or (length == 16 and (51 <= two <= 55 or 2221 <= four <= 2720 or two == 65 or 644 <= three <= 649 or four == 6011 or two == 35))
        or (length == 15 and two in {34, 37})
        or (length == 14 and (two in {36, 38, 39} or 300 <= three <= 305))
        or (16 <= length <= 19 and two == 62)
    )
    return issued and luhn(figures)
