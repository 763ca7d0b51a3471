"""Values of the slots: each kind in the formats that people write, with valid check digits where the kind has them."""

from __future__ import annotations

import datetime
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
HELD_OUT = ("held_out_fourth",)
"""Parts that nobody who wrote a finder has seen."""
_KNOWN_BY_NOW = "known: held out at first, looked at since"
PARTS = (
    {"develop": "known"}
    | dict.fromkeys(("held_out", "held_out_second", "held_out_third"), _KNOWN_BY_NOW)
    | dict.fromkeys(HELD_OUT, "held out")
)
"""The sets of templates, and whether they may be known to whoever wrote the finder: a figure on a known part says less."""
CAPITALS = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""Letters of made-up numbers: those not taken for a digit."""


@cache
def words(part: str) -> dict[str, tuple[str, ...]]:
    """The lists of `words.tsv` that belong to `part`, by name."""
    lists: dict[str, list[str]] = {}
    for line in (FOLDER / "words.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, of, word = line.split("\t")
        if of == part:
            lists.setdefault(name, []).append(word)
    return {name: tuple(listed) for name, listed in lists.items()}


@dataclass(frozen=True)
class Draw:
    """A source of random choices and the part whose word lists it may use."""

    random: random.Random
    part: str

    def word(self, name: str) -> str:
        """One word of a list of `words.tsv`."""
        return self.random.choice(words(self.part)[name])

    def pick(self, choices: str | tuple[str, ...] | list[str]) -> str:
        """One of `choices`."""
        return self.random.choice(choices)

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self.random.randint(low, high)

    def shape(self, pattern: str) -> str:
        """`pattern` with each * made a digit, ^ a digit from 1 to 9, ? a capital letter and ~ a small one."""
        choices = {"*": string.digits, "^": string.digits[1:], "?": CAPITALS, "~": string.ascii_lowercase}
        return "".join(self.pick(choices[character]) if character in choices else character for character in pattern)


Maker = Callable[[Draw], str]


def shaped(*patterns: str) -> Maker:
    """A maker that fills one of `patterns` (see `Draw.shape`)."""
    return lambda draw: draw.shape(draw.pick(patterns))


def luhn_digit(digits: str) -> str:
    """The digit that, put after `digits`, makes the Luhn sum a multiple of ten."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin_digit(digits: str) -> str:
    """The check digit of a GS1 number (weights 3 and 1 from the right)."""
    return str(-sum(int(digit) * (3 - place % 2 * 2) for place, digit in enumerate(reversed(digits))) % 10)


def vin_digit(vin: str) -> str:
    """The check digit (place 9) of a 17-character vehicle identification number, whatever stands in that place now."""
    worth = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)) | {digit: digit for digit in string.digits}
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    return "0123456789X"[sum(int(worth[character]) * weight for character, weight in zip(vin, weights, strict=True)) % 11]


def dea_digit(digits: str) -> str:
    """The check digit of the six digits of a DEA registration number."""
    return str((sum(map(int, digits[::2])) + 2 * sum(map(int, digits[1::2]))) % 10)


def iban_digits(country: str, account: str) -> str:
    """The two check digits of an IBAN."""
    number = "".join(str(int(character, 36)) for character in account + country + "00")
    return f"{98 - int(number) % 97:02d}"


def _npi(draw: Draw) -> str:
    digits = draw.pick("12") + draw.shape("********")
    return digits + luhn_digit("80840" + digits)


def _dea(draw: Draw) -> str:
    digits = draw.shape("******")
    return draw.pick("ABFGM") + draw.shape("?") + digits + dea_digit(digits)


def _vin(draw: Draw) -> str:
    vin = draw.pick(("1HG", "1FT", "2T1", "3VW", "5YJ", "JTD", "KMH", "WBA")) + draw.shape("??***" + "0" + draw.pick("*?") + "?******")
    return vin[:8] + vin_digit(vin) + vin[9:]


def _iban(draw: Draw) -> str:
    country, length = draw.random.choice((("DE", 18), ("ES", 20), ("BE", 12), ("AT", 16)))
    account = draw.shape("*" * length)
    iban = country + iban_digits(country, account) + account
    return draw.pick((iban, " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))))


def _udi(draw: Draw) -> str:
    item = draw.shape("008**********")
    until = f"{draw.number(25, 31)}{draw.number(1, 12):02d}{draw.number(1, 28):02d}"
    return f"(01){item}{gtin_digit(item)}(17){until}(10){draw.shape('?****?')}(21){draw.shape('******?***')}"


def _card(prefixes: tuple[str, ...], length: int, groups: tuple[int, ...], marks: tuple[str, ...]) -> Maker:
    def make(draw: Draw) -> str:
        prefix = draw.pick(prefixes)
        digits = prefix + draw.shape("*" * (length - len(prefix) - 1))
        return grouped(digits + luhn_digit(digits), groups, draw.pick(marks))

    return make


def grouped(digits: str, sizes: tuple[int, ...], mark: str) -> str:
    """`digits` cut into groups of `sizes` with `mark` between them."""
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    return mark.join(digits[end - size : end] for end, size in zip(ends, sizes, strict=True))


def _ssn(draw: Draw) -> str:
    area = draw.random.choice([number for number in range(1, 773) if number != 666])
    return f"{area:03d}{draw.number(1, 99):02d}{draw.number(1, 9999):04d}"


AREA_CODES = ("206", "214", "303", "312", "404", "415", "503", "512", "602", "612", "617", "704", "713", "718", "801", "860", "916", "954")


def _telephone(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        exchange = "555" if draw.random.random() < 0.1 else draw.pick("23456789") + draw.pick("23456789") + draw.pick("023456789")
        return draw.pick(formats).format(area=draw.pick(AREA_CODES), exchange=exchange, line=draw.shape("****"), extra=draw.shape("^**"))

    return make


_USUAL = ("({area}) {exchange}-{line}", "{area}-{exchange}-{line}", "{area}-{exchange}-{line}", "{area}.{exchange}.{line}")
_LESS_USUAL = ("{area} {exchange} {line}", "({area}){exchange}-{line}", "1-{area}-{exchange}-{line}", "+1 {area} {exchange} {line}")
_EXTENSIONS = (
    "({area}) {exchange}-{line} ext. {extra}",
    "{area}-{exchange}-{line} x{extra}",
    "{area}-{exchange}-{line}, extension {extra}",
)
_ABROAD = (
    "+44 20 7946 0***",
    "+44 161 496 0***",
    "+49 30 ^*******",
    "+33 1 ^* ** ** **",
    "+34 91 ^** ** **",
    "+91 98^** *****",
    "+61 2 9^** ****",
)
_TOLL_FREE = ("1-800-^**-****", "(888) ^**-****", "800.^**.****", "1-877-^**-****")

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _dated(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        day = datetime.date(1928, 1, 1) + datetime.timedelta(days=draw.number(0, 35_400))
        month = MONTHS[day.month - 1]
        return draw.pick(formats).format(
            y=day.year, yy=f"{day.year % 100:02d}", m=day.month, mm=f"{day.month:02d}", d=day.day, dd=f"{day.day:02d}",
            month=month, mon=month[:3], dotted=month if month == "May" else "Sept." if month == "September" else f"{month[:3]}.",
            capitals=month[:3].upper(), ordinal=_ordinal(day.day),
        )  # fmt: skip

    return make


_DATES = (
    "{mm}/{dd}/{y}", "{mm}/{dd}/{y}", "{m}/{d}/{y}", "{m}/{d}/{yy}", "{mm}/{dd}/{yy}", "{dd}/{mm}/{y}", "{y}-{mm}-{dd}", "{mm}-{dd}-{y}", "{dd}.{mm}.{y}",
    "{month} {d}, {y}", "{month} {d}, {y}", "{month} {d} {y}", "{mon} {d}, {y}", "{dotted} {d}, {y}", "{d} {month} {y}", "{d} {mon} {y}",
    "{dd}-{mon}-{y}", "{dd}-{capitals}-{yy}", "{month} {ordinal}, {y}", "{ordinal} of {month} {y}", "{y}/{mm}/{dd}",
)  # fmt: skip


def _email(draw: Draw) -> str:
    given, family = (_plain(draw.word(name)) for name in ("given", "family"))
    year = draw.number(51, 99)
    local = draw.pick(
        (f"{given}.{family}", f"{given[0]}{family}", f"{given}{family}{year}", f"{family}_{given}", f"{given}-{family}", f"{given}+clinic")
    )
    return f"{local}@{draw.word('host')}"


def _plain(word: str) -> str:
    simple = word.lower().translate(str.maketrans("éüñöã", "eunoa"))
    return "".join(character for character in simple if character in string.ascii_lowercase)


def _path(draw: Draw) -> str:
    family = _plain(draw.word("family"))
    return draw.pick(
        (
            f"/patients/{draw.shape('^****')}",
            f"/~{family}",
            f"/u/{family}{draw.shape('**')}",
            f"/visit?id={draw.shape('^*****')}",
            f"/share/{draw.shape('~~~*~*')}",
        )
    )


def _url(*starts: str) -> Maker:
    return lambda draw: draw.pick(starts) + draw.word("host") + _path(draw)


def _ipv4(draw: Draw) -> str:
    numbers = [draw.number(0, 254), draw.number(0, 254), draw.number(1, 254)]
    start = draw.pick(("10", "192.168", "172.16", "73", "98", "203", "84", "151"))
    return ".".join([start, *map(str, numbers[start.count(".") :])])


def _ipv6(draw: Draw) -> str:
    groups = [f"{draw.number(4096, 65535):x}" for _ in range(6)]
    return draw.pick((f"2001:db8:{':'.join(groups)}", f"2a02:{groups[0]}:{groups[1]}::{groups[2]}", f"fe80::{':'.join(groups[:4])}"))


def _street(draw: Draw) -> str:
    unit = draw.pick(
        (
            "",
            "",
            "",
            f", Apt {draw.number(1, 40)}{draw.pick('ABCD')}",
            f" #{draw.number(2, 30)}",
            f", Unit {draw.number(1, 20)}",
            f", Suite {draw.number(100, 900)}",
        )
    )
    return f"{draw.number(2, 9899)} {draw.word('street')} {draw.word('street_type')}{unit}"


def _mbi(draw: Draw) -> str:
    letter, either = "ACDEFGHJKMNPQRTUVWXY", "ACDEFGHJKMNPQRTUVWXY0123456789"
    mbi = "".join(
        draw.pick(choices)
        for choices in (
            string.digits[1:],
            letter,
            either,
            string.digits,
            letter,
            either,
            string.digits,
            letter,
            letter,
            string.digits,
            string.digits,
        )
    )
    return draw.pick((mbi, grouped(mbi, (4, 3, 4), "-")))


def _name(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        given, family = draw.word("given"), draw.word("family")
        return draw.pick(formats).format(
            given=given, family=family, initial=given[0], middle=draw.shape("?"), GIVEN=given.upper(), FAMILY=family.upper()
        )

    return make


TENS = ("ninety", "one hundred")
UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_NAMES: dict[str, Maker] = {
    "": _name("{given} {family}", "{given} {family}", "{given} {family}", "{given} {middle}. {family}", "{given} {middle} {family}"),
    "given": _name("{given}"),
    "family": _name("{family}"),
    "initial_family": _name("{initial}. {family}", "{initial} {family}"),
    "last_first": _name("{family}, {given}", "{family}, {given} {middle}.", "{family}, {given} {middle}"),
    "caps_last_first": _name("{FAMILY}, {GIVEN}", "{FAMILY}, {GIVEN} {middle}", "{FAMILY},{GIVEN}"),
}

MAKERS: dict[str, dict[str, Maker]] = {
    "date": {
        "": _dated(*_DATES),
        "slash": _dated("{mm}/{dd}/{y}", "{m}/{d}/{yy}", "{mm}/{dd}/{yy}"),
        "iso": _dated("{y}-{mm}-{dd}"),
        "compact": _dated("{y}{mm}{dd}"),
        "day_abbreviated": _dated("{dd}-{mon}-{y}", "{dd}{capitals}{y}", "{d}-{mon}-{yy}"),
        "month_day": _dated("{month} {d}", "{month} {ordinal}", "{mon} {d}", "the {ordinal} of {month}"),
        "of_month": _dated("{d} {month}", "the {ordinal} of {month}", "{d} {mon}"),
        "month_year": _dated("{month} {y}", "{mon} {y}", "{dotted} {y}"),
        "slash_month_year": _dated("{mm}/{y}", "{m}/{y}"),
        "slash_day": _dated("{m}/{d}", "{mm}/{dd}"),
    },
    "age_over_89": {
        "": lambda draw: str(draw.pick([str(age) for age in range(90, 105)])),
        "words": lambda draw: f"{draw.pick(TENS)}-{draw.pick(UNITS)}".replace("hundred-", "hundred and "),
    },
    "phone": {
        "": _telephone(*_USUAL, *_USUAL, *_LESS_USUAL),
        "dashed": _telephone("{area}-{exchange}-{line}"),
        "plain": _telephone("{area}{exchange}{line}"),
        "extension": _telephone(*_EXTENSIONS),
        "local": _telephone("{exchange}-{line}"),
        "pager": shaped("^****", "#^****", "^*-***"),
        "international": shaped(*_ABROAD),
        "toll_free": shaped(*_TOLL_FREE),
    },
    "fax": {"": _telephone(*_USUAL, *_USUAL, *_LESS_USUAL), "dashed": _telephone("{area}-{exchange}-{line}")},
    "email": {"": _email, "upper": lambda draw: _email(draw).upper()},
    "ssn": {
        "": lambda draw: grouped(_ssn(draw), (3, 2, 4), draw.pick("--- ")),
        "dashed": lambda draw: grouped(_ssn(draw), (3, 2, 4), "-"),
        "spaced": lambda draw: grouped(_ssn(draw), (3, 2, 4), " "),
        "plain": _ssn,
        "last_four": lambda draw: draw.pick(("", "XXX-XX-", "***-**-")) + _ssn(draw)[5:],
    },
    "medical_record": {
        "": shaped("^******", "^*******", "00^*****", "^*****", "0000^*****", "^*-**-**", "^**-**-**", "M000^*****", "E^******", "MR-00^****"),
        "digits7": shaped("^******"),
        "digits8": shaped("^*******"),
        "lettered": shaped("?^*****", "?**-****", "??^*****", "H^******"),
    },
    "health_plan": {
        "": shaped("???^********", "W^********", "^********", "H^*******-01", "U^****** 01", "???^**?*****", "^**********"),
        "mbi": _mbi,
        "hicn": lambda draw: grouped(_ssn(draw), (3, 2, 4), draw.pick(("-", ""))) + draw.pick(("A", "B", "D", "C1")),
        "digits": shaped("^********", "^*********", "^***********"),
    },
    "account": {
        "": shaped("^*******", "^********", "^*********", "00^*****", "^***-*****-*", "?^*******", "V00^********", "^*** **** **", "^*-******"),
        "iban": _iban,
    },
    "licence": {
        "npi": _npi,
        "dea": _dea,
        "state": shaped("MD-^****", "036-^*****", "?^****", "ME ^*****", "RN^*****", "25MA0^****00", "^*****", "G-^****"),
        "driver": shaped("D^******", "^** *** ***", "?^**-***-**-***-0", "^*******", "S^**-****-****", "S^*******"),
    },
    "vehicle": {"vin": _vin, "plate": shaped("^???***", "???-****", "??? ***", "??? ****", "***-???", "??** ???", "?**-???")},
    "device": {
        "serial": shaped("PJN^*****S", "RNH^*****H", "BLC^*****S", "^***-****-**", "^*******", "?^***-***", "00^*******", "?*?^****", "SN^****"),
        "udi": _udi,
    },
    "url": {
        "": _url("https://", "https://", "http://", "www.", "https://www."),
        "https": _url("https://"),
        "www": _url("www."),
        "plain": _url(""),
    },
    "ip": {"": lambda draw: draw.random.choice((_ipv4, _ipv4, _ipv4, _ipv6))(draw), "v4": _ipv4, "v6": _ipv6},
    "address": {
        "street": _street,
        "zip": shaped("^****", "^****", "^****-****", "0^***"),
        "box": shaped("PO Box ^***", "P.O. Box ^**", "P. O. Box *^**", "RR ^ Box *^", "Post Office Box ^**"),
    },
    "card": {
        "": lambda draw: MAKERS["card"][draw.pick(("visa", "mastercard", "amex", "dashed", "plain"))](draw),
        "visa": _card(("4",), 16, (4, 4, 4, 4), (" ", " ", "-", "")),
        "mastercard": _card(("51", "53", "55", "2221"), 16, (4, 4, 4, 4), (" ", " ", "-", "")),
        "amex": _card(("34", "37"), 15, (4, 6, 5), (" ", "-", "")),
        "dashed": _card(("4", "52", "6011"), 16, (4, 4, 4, 4), ("-",)),
        "plain": _card(("4", "54", "6011"), 16, (16,), ("",)),
    },
    "name": _NAMES,
    "name_free": _NAMES,
    "city": {"": lambda draw: draw.word("city")},
}  # fmt: skip
"""Kind -> format -> maker, for all parts; the format "" is what a slot without one draws."""
