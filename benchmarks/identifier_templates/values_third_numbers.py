"""Numbers of `held_out_third` that have a check digit, or that are set aside for tests and documentation."""

from __future__ import annotations

import string

from identifier_templates.values import Draw, Maker, grouped, gtin_digit, iban_digits, luhn_digit, vin_digit


def nhs_digit(digits: str) -> str | None:
    """The check digit of the first nine digits of an NHS number (weights 10 to 2, modulo 11); None for those that have none and are not issued."""
    rest = -sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    return None if rest == 10 else str(rest)


def nhs(draw: Draw) -> str:
    """A number of the range that starts with 999, which is kept for tests."""
    digits = "999" + draw.shape("******")
    check = nhs_digit(digits)
    return nhs(draw) if check is None else draw.pick((grouped(digits + check, (3, 3, 4), " "), digits + check))


def mbi(draw: Draw) -> str:
    """A Medicare beneficiary identifier, whole or in groups."""
    letter, either = "ACDEFGHJKMNPQRTUVWXY", "ACDEFGHJKMNPQRTUVWXY0123456789"
    places = (string.digits[1:], letter, either, string.digits, letter, either, string.digits, letter, letter, string.digits, string.digits)
    number = "".join(draw.pick(choices) for choices in places)
    return draw.pick((number, grouped(number, (4, 3, 4), "-"), grouped(number, (4, 3, 4), " ")))


def medicare_digit(digits: str) -> str:
    """The check digit (place 9) of the first eight digits of an Australian Medicare number."""
    return str(sum(int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9), strict=True)) % 10)


def australian(draw: Draw) -> str:
    """An Australian Medicare number, some with the place of a person on the card."""
    digits = draw.pick("23456") + draw.shape("*******")
    number = f"{digits}{medicare_digit(digits)}{draw.number(1, 3)}"
    spaced = grouped(number, (4, 5, 1), " ")
    return draw.pick((number, spaced, f"{spaced}-{draw.number(1, 5)}"))


def ontario(draw: Draw) -> str:
    """An Ontario health number, some with their version code."""
    digits = draw.shape("^********")
    number = grouped(digits + luhn_digit(digits), (4, 3, 3), draw.pick((" ", "-")))
    return number + draw.pick(("", f"-{draw.shape('??')}", f" {draw.shape('??')}"))


def iban(draw: Draw) -> str:
    """A bank account of one of five European countries."""
    country, length = draw.random.choice((("CH", 17), ("SE", 20), ("DK", 14), ("PL", 24), ("PT", 21)))
    account = draw.shape("*" * length)
    number = country + iban_digits(country, account) + account
    return draw.pick((number, " ".join(number[start : start + 4] for start in range(0, len(number), 4))))


def vin(draw: Draw) -> str:
    """A 17-character vehicle identification number."""
    start = draw.pick(("1C4", "1G1", "2HK", "3FA", "4T1", "5NP", "JM3", "KNA", "SAL", "WDD", "YV4", "1N4"))
    number = start + draw.shape("??*?*0??******")
    return number[:8] + vin_digit(number) + number[9:]


def udi(draw: Draw) -> str:
    """A unique device identifier as GS1 writes it: the product, dates, and a serial or lot number."""
    item = draw.pick(("008", "007", "003", "050", "405")) + draw.shape("**********")
    until = f"{draw.number(26, 33)}{draw.number(1, 12):02d}{draw.number(1, 28):02d}"
    serial, lot = draw.shape(draw.pick(("???******?", "^*********", "?^*****"))), draw.shape("^?****")
    number = item + gtin_digit(item)
    return draw.pick(
        (
            f"(01){number}(11)210{draw.number(1, 9)}15(17){until}(21){serial}",
            f"(01){number}(10){lot}(17){until}",
            f"(01){number}(17){until}(21){serial}",
        )
    )


def imei(draw: Draw) -> str:
    """The number of a mobile device."""
    digits = "35" + draw.shape("************")
    return digits + luhn_digit(digits)


def hardware_address(draw: Draw) -> str:
    """A network card's address from those kept for documentation."""
    return draw.pick((":", "-")).join(["00", "00", "5E", "00", "53", f"{draw.number(0, 255):02X}"])


TEST_CARDS = {
    "visa": (
        "4111111145551142",
        "4988438843884305",
        "4166676667666746",
        "4646464646464644",
        "4000002760003184",
        "4000000000003220",
        "4000002500003155",
    ),
    "mastercard": ("5136333333333335", "5585558555855583", "5555341244441115", "2222400070000005", "2222410740360010", "5577000055770004"),
    "discover": ("6011000000000012", "6445644564456445", "6011000400000000"),
    "amex": ("370000000000002", "374251018720018", "374200000000004"),
    "other": ("3569990010095841", "36006666333344", "6250946000000016"),
}
"""Numbers that payment processors publish for tests, by scheme (`other`: JCB, Diners Club, UnionPay)."""
_GROUPS = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}


def card(schemes: tuple[str, ...], marks: tuple[str, ...]) -> Maker:
    """A maker of test cards of `schemes`, their groups joined by one of `marks`."""

    def make(draw: Draw) -> str:
        digits = draw.pick(TEST_CARDS[draw.pick(schemes)])
        return grouped(digits, _GROUPS[len(digits)], draw.pick(marks))

    return make
