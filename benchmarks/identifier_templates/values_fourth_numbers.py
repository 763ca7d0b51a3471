"""Numbers that only `held_out_fourth` has, with check digits where a kind has them; cards begin as test cards do."""

from __future__ import annotations

import unicodedata

from identifier_templates.values import Draw, Maker, dea_digit, grouped, gtin_digit, iban_digits, luhn_digit, shaped, vin_digit

DIGIT_WORDS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def letters(word: str) -> str:
    """`word` in small letters without accents and marks."""
    simple = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss").replace("ł", "l").replace("ø", "o"))
    return "".join(letter for letter in simple if "a" <= letter <= "z")


def _ssn(mark: str) -> Maker:
    def make(draw: Draw) -> str:
        area = draw.random.choice([number for number in range(1, 900) if number != 666])
        return f"{area:03d}{mark}{draw.number(1, 99):02d}{mark}{draw.number(1, 9999):04d}"

    return make


SOCIALS: dict[str, Maker] = {
    "": lambda draw: _ssn(draw.pick("---- "))(draw),
    "dashed": _ssn("-"),
    "spaced": _ssn(" "),
    "plain": _ssn(""),
    "dotted": _ssn("."),
    "last_four": lambda draw: f"{draw.number(1, 9999):04d}",
    "masked": lambda draw: draw.pick(("xxx-xx-", "XXX-XX-", "***-**-", "###-##-")) + f"{draw.number(1, 9999):04d}",
    "spoken": lambda draw: ", ".join(" ".join(DIGIT_WORDS[int(digit)] for digit in group) for group in _ssn(" ")(draw).split()),
}  # fmt: skip


def _nhs(draw: Draw) -> str:
    """An NHS number of the range kept for tests, with its check digit (modulus 11)."""
    while True:
        digits = "999" + draw.shape("******")
        check = -sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
        if check < 10:
            return grouped(f"{digits}{check}", (3, 3, 4), draw.pick(("", " ", " ", "-")))


RECORDS: dict[str, Maker] = {
    "": shaped(
        "^*******", "^******", "0*^*****", "E*******", "10^*******", "^*-**-**-*", "M00^******", "^**-***-***", "^*****", "Z^******",
        "000^******",
    ),
    "plain": shaped("^******", "^*******", "0^******", "00^*****"),
    "long": shaped("10000^*****", "000000^*****", "^**********", "0000^*******"),
    "lettered": shaped("RX^*****", "?^*****", "K*******", "^*****?", "??^*****", "V^*****?"),
    "dashed": shaped("^*-**-**", "^**-**-***", "^***-****", "***-***-^**"),
    "nhs": _nhs,
}  # fmt: skip

_MBI = "ACDEFGHJKMNPQRTUVWXY"


def _mbi(draw: Draw) -> str:
    kinds = {"1": "123456789", "n": "0123456789", "a": _MBI, "b": _MBI + "0123456789"}
    mbi = "".join(draw.pick(kinds[place]) for place in "1abnabnaann")
    return draw.pick((mbi, grouped(mbi, (4, 3, 4), "-"), grouped(mbi, (4, 3, 4), " ")))


def _medicare_australia(draw: Draw) -> str:
    digits = draw.pick("23456") + draw.shape("*******")
    check = sum(int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9), strict=True)) % 10
    return draw.pick(("{0} {1}{2}1 {3}", "{0} {1}{2}1/{3}", "{0}{1}{2}1{3}")).format(digits[:4], digits[4:], check, draw.number(1, 5))


PLANS: dict[str, Maker] = {
    "": shaped(
        "???^********", "W^*** *****", "U^******* **", "H^*******", "^********", "???^*****?***", "R^*******", "^********-**",
        "??? ^********", "^***********",
    ),
    "digits": shaped("^********", "^**********", "^*********"),
    "lettered": shaped("???^********", "Y??^*******", "W^********", "J?U^*******", "XE?^*******"),
    "group": shaped("^****", "00^****", "^******-***", "G00^****", "^*****-*", "^****-00*", "L0^****"),
    "medicaid": shaped("??*****?", "9*******?", "^********", "^*********", "M^*******", "1000^*******-*"),
    "mbi": _mbi,
    "tricare": shaped("^*******0*", "0^*******-0*", "^**********"),
    "ohip": shaped("^***-***-***-??", "^*** *** *** ??", "^*********??", "^***-***-***"),
    "medicare_australia": _medicare_australia,
    "policy": shaped("P-^******", "HC^*****/**", "^***-****-**", "VH^******", "^**/^****/*^/****", "BX-^***-^****", "^*******?"),
    "german": shaped("?^********"),
}  # fmt: skip


IBANS = (
    ("IE", "AIBK93" + "*" * 12), ("GB", "WEST60" + "*" * 12), ("NL", "ABNA" + "*" * 10), ("FR", "2" + "*" * 22), ("DE", "50" + "*" * 16),
)  # fmt: skip
"""Country and the rest of an IBAN, to be filled."""


def _iban(draw: Draw) -> str:
    country, pattern = draw.random.choice(IBANS)
    account = draw.shape(pattern)
    iban = country + iban_digits(country, account) + account
    return draw.pick((iban, " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))))


ACCOUNTS: dict[str, Maker] = {
    "": shaped(
        "^********", "^*******", "1000^*******", "A^*******", "^**-****-**", "00^*****-^", "H^**********", "^*****", "^***********",
        "G-^*****",
    ),
    "hospital": shaped("^**********", "HAR^*******", "60^*******", "^*********", "AA^********"),
    "invoice": shaped("INV-^*****", "^****-^**", "2*-^****", "INV^*******", "^******", "S^*****-*", "0^**/^***"),
    "bank": shaped("^*******", "^*********", "^***********", "00^*******"),
    "iban": _iban,
}  # fmt: skip


def _npi(draw: Draw) -> str:
    digits = "1" + draw.shape("********")
    return digits + luhn_digit("80840" + digits)


def _dea(draw: Draw) -> str:
    digits = draw.shape("******")
    return draw.pick("ABFM") + letters(draw.word("family"))[0].upper() + digits + dea_digit(digits)


def _driver_uk(draw: Draw) -> str:
    family = letters(draw.word("family")).upper()[:5].ljust(5, "9")
    return f"{family}{draw.shape('^')}{draw.number(1, 12):02d}{draw.number(1, 28):02d}{draw.shape('*??9??')}"


LICENCES: dict[str, Maker] = {
    "npi": _npi,
    "dea": _dea,
    "state": shaped(
        "A^*****", "036.^*****", "Q^***", "ME^*****", "MD4^****", "35.0^****", "2^****-1", "DO-0^***", "MD.0^*****", "43010^****",
        "C^****", "0101-^*****",
    ),
    "nurse": shaped("RN^*****", "R0^****", "RN-0^*****", "^*****", "RN.^*****", "APRN^***", "LPN^****"),
    "gmc": shaped("^******", "4******", "60*****"),
    "nmc": shaped("^*A****E", "^*H****E", "0*I****W", "9*C****S"),
    "ahpra": shaped("MED000^******", "NMW000^******", "PHA000^******"),
    "college": shaped("^****", "^*****", "7****"),
    "india": shaped("MMC/20*^/^***", "KMC ^****", "DMC/R/^****", "^****"),
    "driver": shaped(
        "?^******", "^** *** ***", "?^**-***-**-***-0", "?^**-****-****", "^*******", "??^*****", "? ^** *** *** ***", "^*-***-****",
        "K**-**-^***",
    ),
    "driver_uk": _driver_uk,
}  # fmt: skip


def _vin(draw: Draw) -> str:
    vin = draw.pick(("1G1", "2C3", "3FA", "4T1", "5NP", "JN1", "WVW", "SAJ", "YV1", "KNA")) + draw.shape("??**?0*?*^*****")[:14]
    vin = vin.ljust(17, "4")
    return vin[:8] + vin_digit(vin) + vin[9:]


def _plate_ireland(draw: Draw) -> str:
    half, county = f"{draw.number(13, 25)}{draw.number(1, 2)}", draw.pick(("D", "C", "G", "KE", "WX", "LH"))
    return draw.pick("- ").join((half, county, str(draw.number(101, 29_999))))


VEHICLES: dict[str, Maker] = {
    "vin": _vin,
    "plate": shaped(
        "^???***", "???-****", "???****", "??? ?**", "?? *****", "??? ****", "^??? **", "^??-?**", "***-???", "??-*****", "?** ***",
    ),
    "uk": lambda draw: draw.shape(f"??{draw.pick(('0', '1', '2', '5', '6', '7'))}^{draw.pick(' ')}???"),
    "ireland": _plate_ireland,
    "canada": shaped("C??? ***", "?? *** ?", "?** ???", "???-****"),
    "australia": shaped("???-**?", "1?? *??", "*** ???", "???***"),
    "india": lambda draw: draw.pick(("MH 12", "KA-05", "DL 3C", "TN 09", "MH12", "GJ-01")) + draw.shape(" ?? ****"),
    "germany": lambda draw: draw.pick(("B", "HH", "K", "F", "MS", "HD")) + draw.shape("-?? ^**"),
    "france": shaped("??-***-??"),
}  # fmt: skip


def _item(draw: Draw) -> str:
    item = draw.shape(draw.pick(("0088*********", "0081*********", "0763*********")))
    return f"(01){item}{gtin_digit(item)}"


def _until(draw: Draw) -> str:
    return f"{draw.number(26, 33)}{draw.number(1, 12):02d}{draw.number(1, 28):02d}"


def _imei(draw: Draw) -> str:
    digits = "35" + draw.shape("************")
    return draw.pick(("{0}{1}{2}{3}", "{0}-{1}-{2}-{3}", "{0} {1} {2} {3}")).format(digits[:2], digits[2:8], digits[8:], luhn_digit(digits))


def _mac(draw: Draw) -> str:
    last, mark = f"{draw.number(0, 255):02x}", draw.pick(":::-")
    made = mark.join(("00", "00", "5e", "00", "53", last))
    return draw.pick((made, made.upper()))


DEVICES: dict[str, Maker] = {
    "serial": shaped(
        "PZ?^*****", "^******?", "?^*****-**", "^****-^****", "^*******", "SN-^*****", "?*?-^****-?", "20^*-^*****", "LK^******G",
        "^*?^****", "^**.***.***",
    ),
    "digits": shaped("^*****", "^*******", "^*********"),
    "udi": lambda draw: f"{_item(draw)}(17){_until(draw)}(10){draw.shape('??****')}(21){draw.shape('^*****?')}",
    "udi_short": lambda draw: _item(draw) + "(21)" + draw.shape(draw.pick(("^*******", "?^*****", "^***?**"))),
    "imei": _imei,
    "mac": _mac,
}  # fmt: skip


CARDS = {
    "visa": ("424242", "411111", "400005"), "mastercard": ("555555", "510510", "222300", "520082"), "discover": ("601111", "601100"),
    "amex": ("378282", "371449"), "diners": ("305693", "362272"),
}  # fmt: skip


def _card(brands: tuple[str, ...], marks: str) -> Maker:
    """Numbers that begin as test cards do; an empty place in `marks` is written `_`."""

    def make(draw: Draw) -> str:
        brand = draw.pick(brands)
        length, sizes = {"amex": (15, (4, 6, 5)), "diners": (14, (4, 6, 4))}.get(brand, (16, (4, 4, 4, 4)))
        digits = draw.pick(CARDS[brand]) + draw.shape("*" * (length - 7))
        return grouped(digits + luhn_digit(digits), sizes, draw.pick(marks).replace("_", ""))

    return make


CARD_NUMBERS: dict[str, Maker] = {
    "": _card(("visa", "visa", "mastercard", "mastercard", "discover", "amex"), "  -_"),
    "spaced": _card(("visa", "mastercard", "discover"), " "),
    "dashed": _card(("visa", "mastercard", "discover"), "-"),
    "plain": _card(("visa", "mastercard", "discover", "amex"), "_"),
    "visa": _card(("visa",), " -_"),
    "mastercard": _card(("mastercard",), " -_"),
    "amex": _card(("amex",), " -_"),
    "discover": _card(("discover",), " -_"),
    "diners": _card(("diners",), " -_"),
}  # fmt: skip
