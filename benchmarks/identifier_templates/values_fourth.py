"""Makers of the values that only `held_out_fourth` has: its own ways of writing every kind; values_fourth_numbers.py has those of numbers.

Telephones are of the ranges kept for fiction, hosts of the example domains, internet addresses those for documentation.
"""

from __future__ import annotations

import datetime

from identifier_templates.values import MONTHS, Draw, Maker, shaped
from identifier_templates.values_fourth_numbers import (
    ACCOUNTS,
    CARD_NUMBERS,
    DEVICES,
    DIGIT_WORDS,
    LICENCES,
    PLANS,
    RECORDS,
    SOCIALS,
    VEHICLES,
    letters,
)

RECENT = (datetime.date(2008, 1, 1), 6500)
BIRTH = (datetime.date(1937, 1, 1), 26_000)
"""First day and number of days that dates of visits and of birth are drawn from."""
FRENCH = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre")
GERMAN = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember")
SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
RANKS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip


def _spelled(number: int) -> str:
    """A number up to 99 in words."""
    tens = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")[number // 10]
    return SMALL[number] if number < 20 else f"{tens} {SMALL[number % 10]}" if number % 10 else tens


def _rank(day: int) -> str:
    """A day of the month as an ordinal in words."""
    if day < 20:
        return RANKS[day]
    return {20: "twentieth", 30: "thirtieth"}.get(day) or f"{'twenty' if day < 30 else 'thirty'} {RANKS[day % 10]}"


def _nth(number: int) -> str:
    return f"{number}{'th' if 10 < number % 100 < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _day(span: tuple[datetime.date, int], *formats: str) -> Maker:
    """A maker of days of `span`, written as one of `formats`."""

    def make(draw: Draw) -> str:
        day = span[0] + datetime.timedelta(days=draw.number(0, span[1]))
        month = MONTHS[day.month - 1]
        year = f"twenty {_spelled(day.year % 100)}" if day.year > 2009 else f"two thousand {SMALL[day.year % 10]}"
        return draw.pick(formats).format(
            y=day.year, yy=f"{day.year % 100:02d}", m=day.month, mm=f"{day.month:02d}", d=day.day, dd=f"{day.day:02d}", nth=_nth(day.day),
            month=month, mon=month[:3], low=month.lower(), CAP=month[:3].upper(), MONTH=month.upper(), rank=_rank(day.day), spoken=year,
            dot={"May": "May", "June": "June", "July": "July", "September": "Sept."}.get(month, f"{month[:3]}."),
            french=FRENCH[day.month - 1], german=GERMAN[day.month - 1],
        )  # fmt: skip

    return make


_MIXED = (
    "{m}/{d}/{y}", "{m}/{d}/{yy}", "{mm}/{dd}/{y}", "{mm}/{dd}/{yy}", "{month} {d}, {y}", "{mon} {d}, {y}", "{y}-{mm}-{dd}",
    "{dd}-{mon}-{y}", "{m}-{d}-{yy}", "{mm}-{dd}-{y}", "{d} {month} {y}", "{dot} {d}, {y}", "{d} {mon} {y}", "{month} {nth}, {y}",
    "{m}.{d}.{yy}",
)  # fmt: skip

DATES: dict[str, Maker] = {
    "": _day(RECENT, *_MIXED),
    "birth": _day(
        BIRTH, "{m}/{d}/{y}", "{mm}/{dd}/{y}", "{mm}/{dd}/{y}", "{mm}-{dd}-{y}", "{dd} {CAP} {y}", "{mon} {d}, {y}", "{mm}/{dd}/{yy}",
    ),
    "birth_uk": _day(BIRTH, "{dd}/{mm}/{y}", "{dd}/{mm}/{yy}", "{d} {mon} {y}", "{dd}.{mm}.{y}", "{nth} {month} {y}", "{dd}-{mm}-{y}"),
    "birth_compact": _day(BIRTH, "{y}{mm}{dd}"),
    "birth_iso": _day(BIRTH, "{y}-{mm}-{dd}"),
    "uk": _day(
        RECENT, "{dd}/{mm}/{y}", "{d} {month} {y}", "{nth} {month} {y}", "{d}.{m}.{yy}", "{dd}.{mm}.{y}", "{d}/{m}/{yy}",
        "{d} {mon} {yy}",
    ),
    "slash": _day(RECENT, "{m}/{d}/{yy}", "{mm}/{dd}/{yy}", "{mm}/{dd}/{y}", "{m}/{d}/{y}"),
    "iso": _day(RECENT, "{y}-{mm}-{dd}"),
    "compact": _day(RECENT, "{y}{mm}{dd}"),
    "lab": _day(RECENT, "{dd}-{CAP}-{y}", "{dd}{CAP}{yy}", "{dd}{mon}{y}", "{d}-{mon}-{yy}", "{dd} {CAP} {y}"),
    "long": _day(RECENT, "{month} {d}, {y}", "{month} {nth}, {y}", "{month} {d} {y}", "{dot} {d}, {y}"),
    "month_day": _day(RECENT, "{month} {d}", "{month} {nth}", "{mon} {d}", "{dot} {d}"),
    "day_month": _day(RECENT, "{d} {month}", "{nth} {month}", "the {nth} of {month}", "{d} {mon}"),
    "month_year": _day(RECENT, "{month} {y}", "{mon} {y}", "{mon} '{yy}", "{month} of {y}", "{mon}-{yy}"),
    "slash_month_year": _day(RECENT, "{m}/{yy}", "{mm}/{y}", "{m}/{y}"),
    "slash_day": _day(RECENT, "{m}/{d}"),
    "low": _day(RECENT, "{low} {d}", "{low} {nth}", "{m}-{d}-{yy}", "{low} {d} {y}"),
    "caps": _day(RECENT, "{MONTH} {d}, {y}", "{dd} {CAP} {yy}", "{CAP} {dd}, {y}"),
    "spoken": _day(RECENT, "{low} {rank} {spoken}", "{low} {rank}, {spoken}", "the {rank} of {low} {spoken}"),
    "german": _day(RECENT, "{d}. {german} {y}", "{dd}.{mm}.{y}", "{d}.{m}.{yy}"),
    "french": _day(RECENT, "{d} {french} {y}", "{dd}/{mm}/{y}", "{dd}.{mm}.{y}"),
}  # fmt: skip

_AGE = tuple(range(90, 105))


def _age_words(draw: Draw) -> str:
    return draw.pick(("ninety{}{}", "ninety{}{}", "one hundred and{0:.0} {1}")).format(draw.pick("- "), SMALL[draw.number(1, 9)])


AGES: dict[str, Maker] = {
    "": lambda draw: str(draw.random.choice(_AGE)),
    "words": _age_words,
    "decade": lambda draw: draw.pick(("90s", "mid-90s", "early 90s", "late 90s", "nineties", "early nineties")),
    "birthday": lambda draw: draw.pick([_nth(age) for age in _AGE] + ["ninety-first", "ninety-fifth", "hundredth"]),
}

AREAS = tuple(map(str, (
    201, 207, 209, 213, 216, 225, 231, 240, 251, 256, 270, 281, 301, 307, 309, 314, 319, 325, 334, 360, 386, 402, 405, 410, 414, 423,
    434, 440, 479, 501, 505, 513, 515, 520, 541, 559, 563, 570, 585, 603, 605, 608, 620, 630, 641, 660, 703, 715, 724, 740, 757, 765,
    801, 806, 814, 828, 843, 850, 903, 907, 918, 931, 937, 970, 985,
)))  # fmt: skip


def _american(*formats: str) -> Maker:
    """North American numbers whose exchange and line are kept for fiction."""
    return lambda draw: draw.pick(formats).format(a=draw.pick(AREAS), line=draw.shape("01**"), x=draw.shape("^**"), xx=draw.shape("^***"))


def _spoken_number(draw: Draw) -> str:
    groups = (draw.pick(AREAS), "555", draw.shape("01**"))
    return ", ".join(" ".join(DIGIT_WORDS[int(digit)] for digit in group) for group in groups)


_USA = (
    "({a}) 555-{line}", "({a}) 555-{line}", "{a}-555-{line}", "{a}-555-{line}", "{a}.555.{line}", "{a} 555 {line}", "{a}/555-{line}",
    "1-{a}-555-{line}", "+1 ({a}) 555-{line}", "({a})555-{line}", "+1-{a}-555-{line}", "{a}-555 {line}",
)  # fmt: skip
_MOBILES_UK = ("07700 900***", "07700 900 ***", "+44 7700 900***", "07700-900-***")
_UK = (
    "020 7946 0***", "0117 496 0***", "0121 496 0***", "0131 496 0***", "0141 496 0***", "0191 498 0***", "01632 960***", "01632 960 ***",
    "029 2018 0***", "028 9649 6***", "+44 20 7946 0***", "+44 (0)161 496 0***", "(01632) 960***",
)  # fmt: skip
_AUSTRALIA = ("(03) 5550 ****", "07 5550 ****", "02 7010 ****", "(08) 7010 ****", "+61 2 5550 ****")
_EUROPE = (
    "01 99 00 ** **", "02.61.91.**.**", "030 23125 ***", "+49 69 90009 ***", "0221/4710***", "020 91* ****", "+353 20 91* ****",
    "08-465 004 **", "+46 31 390 06 **", "040 66969-***",
)  # fmt: skip
TELEPHONES: dict[str, Maker] = {
    "": _american(*_USA),
    "dashed": _american("{a}-555-{line}"),
    "plain": _american("{a}555{line}"),
    "e164": _american("+1{a}555{line}"),
    "extension": _american(
        "({a}) 555-{line} x{xx}", "{a}-555-{line} ext {x}", "{a}-555-{line}, ext. {xx}", "({a}) 555-{line} option 3, ext {x}",
    ),
    "local": _american("555-{line}"),
    "pager": shaped("^***", "^****", "^*-****"),
    "uk": shaped(*_UK, "0808 157 0***", "03069 990***"),
    "mobile_uk": shaped(*_MOBILES_UK),
    "mobile": shaped("0491 570 1**", "+61 491 570 1**", "+33 6 39 98 ** **", "06 39 98 ** **", "0171 39200**", "070-174 06 **"),
    "australia": shaped(*_AUSTRALIA),
    "international": shaped(*_EUROPE),
    "toll_free": _american("1-800-555-{line}", "800-555-{line}", "(888) 555-{line}", "1 (877) 555-{line}", "866.555.{line}"),
    "spoken": _spoken_number,
}  # fmt: skip


def _email(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        given, family, host = letters(draw.word("given")), letters(draw.word("family")), draw.word("host")
        number, year = draw.number(2, 99), draw.number(1951, 2004)
        return draw.pick(formats).format(g=given, f=family, i=given[0], k=family[0], n=number, y=year, host=host)

    return make


EMAILS: dict[str, Maker] = {
    "": _email("{g}.{f}@{host}", "{i}{f}@{host}", "{g}{f}{n}@{host}", "{f}{i}@{host}", "{g}_{f}@{host}", "{i}.{f}@{host}", "{g}{y}@{host}"),
    "upper": lambda draw: _email("{i}{f}@{host}", "{g}.{f}@{host}")(draw).upper(),
    "odd": _email(
        "{f}-family{n}@{host}", "{g}+portal@{host}", "the.{f}s@{host}", "{g}{k}.rn{n}@{host}", "{f}_{i}_{n}@{host}",
        "mamaof{n}{g}@{host}",
    ),
    "desk": _email("{f}lab@{host}", "{g}.{f}.research@{host}", "dr{f}.office@{host}", "{f}trial@{host}", "{i}{k}{n}-study@{host}"),
    "spoken": lambda draw: _email("{g} dot {f} at {host}", "{i} {f} {n} at {host}")(draw).replace(".", " dot "),
}  # fmt: skip


def _url(starts: tuple[str, ...], *paths: str) -> Maker:
    def make(draw: Draw) -> str:
        given, family = letters(draw.word("given")), letters(draw.word("family"))
        path = draw.pick(paths).format(f=family, n=draw.shape("^*****"), t=draw.shape("~~*~*~~*"), g=given)
        return draw.pick(starts) + draw.word("host") + path

    return make


_PATHS = (
    "/r/{t}", "/patient/{n}/results", "/{g}-{f}", "/mychart/visit/{n}", "/join/{t}", "/people/{f}.html", "/p/{n}#summary",
    "/media/{t}.mp4", "/~{f}{n}/", "",
)  # fmt: skip
_QUERIES = ("/s?token={t}&v=2", "/pay?stmt={n}", "/view.aspx?pid={n}&tab=labs", "/forms/intake?u={g}{n}", "/api/Patient/{n}?_format=json")
URLS: dict[str, Maker] = {
    "": _url(("https://", "https://", "http://", "www.", ""), *_PATHS[:-1]),
    "https": _url(("https://", "https://www."), *_PATHS[:-1]),
    "plain": _url(("",), *_PATHS[:-1]),
    "www": _url(("www.",), *_PATHS),
    "query": _url(("https://", "http://"), *_QUERIES),
    "caps": lambda draw: _url(("https://", "www.", "http://"), "/{n}", "/r/{t}")(draw).upper(),
}  # fmt: skip


def _ipv4(draw: Draw) -> str:
    return f"{draw.pick(('192.0.2', '198.51.100', '203.0.113'))}.{draw.number(2, 254)}"


def _ipv6(draw: Draw) -> str:
    one, two, three, four = (f"{draw.number(1, 65535):x}" for _ in range(4))
    full = f"2001:0DB8:{one}:{two}:0:0:{three}:{four}".upper()
    return draw.pick((f"2001:db8::{one}", f"2001:db8:{one}::{two}:{three}", f"2001:db8:{one}:{two}::{four}", full))


LANES = (
    "Fernlea Close", "Abbot's Walk", "Kiln Lane", "Tarn View", "Station Parade", "St Aldate's Mews", "The Ropewalk", "Corran Crescent",
    "Mill Bank", "Glebe Gardens",
)  # fmt: skip
STREETS = {
    "german": ("Lindenweg {}", "Am Mühlbach {}", "Rosenstraße {}a", "Alte Gasse {}"),
    "french": ("{} rue des Tilleuls", "{} bis, avenue du Parc", "{}, impasse des Lilas", "{}, quai Neuf"),
}
BLOCKS = (
    "Flat {n}0{d}, Shanti Towers, Lake Road", "{n}/{d} Gandhi Nagar, 3rd Cross", "House No. {n}{d}, Sector {d}",
    "B-{n}0{d}, Neelkanth CHS, Station Road (E)",
)  # fmt: skip


def _street(draw: Draw) -> str:
    return f"{draw.number(3, 12_400)} {draw.word('street')} {draw.word('street_type')}"


def _unit(draw: Draw) -> str:
    n, letter = draw.number(2, 48), draw.pick("ABCDEF")
    units = (f", Apt. {n}", f" Apt {n}{letter}", f", Unit {letter}", f" #{n}{letter}", f", Lot {n}", f", Fl {n % 9 + 1}", f" Trlr {n}")
    return _street(draw) + draw.pick(units)


_POSTCODE = ("BS^ *??", "LE^* *??", "EH^* *??", "S^* *??", "CF^* *??", "SE^* *??", "NE^ *??", "G^* *??", "BT^ *??")
ADDRESSES: dict[str, Maker] = {
    "": lambda draw: draw.random.choice((_street, _street, _street, _unit))(draw),
    "street": _street,
    "unit": _unit,
    "caps": lambda draw: _unit(draw).upper(),
    "low": lambda draw: _street(draw).lower(),
    "zip": shaped("^****", "^****", "^****", "0^***", "^****-****"),
    "zip4": shaped("^****-****"),
    "box": shaped("PO Box ^**", "P.O. Box ^***", "PO BOX ^****", "P O Box ^*", "Box ^**, Rural Route ^"),
    "rural": shaped("^**** County Road ^*", "^**** State Hwy ^*", "N^*** W^**** Hilltop Rd", "HC ^* Box ^**", "^*** FM ^***"),
    "uk": lambda draw: draw.pick(("{} {}", "{} {}", "Flat {}, 2 {}", "{}b {}")).format(draw.number(3, 96), draw.pick(LANES)),
    "postcode": lambda draw: draw.shape(draw.pick(_POSTCODE)),
    "eircode": shaped("D^* ?^?*", "T^* ?*?*", "H^* ??^*", "V^* ?^**"),
    "canada": shaped("K^? ^?*", "L^? ^?*", "M^? ^?*", "V^? ^?*", "T^?^?*"),
    "four": shaped("2^**", "3^**", "4^**", "6^**"),
    "german": lambda draw: draw.pick(STREETS["german"]).format(draw.number(2, 140)),
    "french": lambda draw: draw.pick(STREETS["french"]).format(draw.number(2, 140)),
    "plz": shaped("^****", "2^***", "7^***"),
    "india": lambda draw: draw.pick(BLOCKS).format(n=draw.number(2, 38), d=draw.number(1, 9)),
    "pin": shaped("4***^*", "^** ***", "56**^*"),
}  # fmt: skip


def _name(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        g, f, h = draw.word("given"), draw.word("family"), draw.word("given")
        middle, capital = draw.pick("ABCDEGHJKLMNPRST"), draw.pick("AEJLMR")
        return draw.pick(formats).format(g=g, f=f, h=h, i=g[0], k=h[0], m=middle, F=f.upper(), G=g.upper(), M=capital)

    return make


NAMES: dict[str, Maker] = {
    "": _name("{g} {f}", "{g} {f}", "{g} {f}", "{g} {m}. {f}", "{g} {h} {f}"),
    "plain": _name("{g} {f}"),
    "given": _name("{g}"),
    "family": _name("{f}"),
    "initials": _name("{i}. {f}", "{i}.{m}. {f}", "{i} {m} {f}", "{i} {f}"),
    "initial_family": _name("{i}. {f}", "{i} {f}"),
    "family_initial": _name("{f} {i}", "{f}, {i}.", "{f} {i}{m}"),
    "last_first": _name("{f}, {g}", "{f}, {g} {m}", "{f}, {g} {m}.", "{f},{g}"),
    "caps_last_first": _name("{F}, {G}", "{F}, {G} {M}", "{F},{G} {M}", "{F} {G}"),
    "caps_family": _name("{g} {F}", "{F} {g}", "{F}, {g}"),
    "caps": _name("{G} {F}", "{G} {M} {F}"),
    "hl7": _name("{F}^{G}^{M}", "{F}^{G}", "{f}^{g}^^^", "{F}^{G}^{M}^^"),
    "x12": _name("{F}*{G}*{M}", "{F}*{G}"),
    "low": lambda draw: _name("{g} {f}", "{g} {f}", "{g}")(draw).lower(),
}  # fmt: skip
TOWNS = {
    "uk": ("Leeds", "Bath", "Swansea", "Perth", "Hexham", "Sunderland"),
    "australia": ("Geelong VIC", "Dubbo NSW", "Mackay QLD", "Whyalla, SA"),
    "india": ("Nashik", "Mysuru", "Indore", "Kochi"),
    "german": ("Ulm", "Fulda", "Kassel"),
    "french": ("Dijon", "Angers", "Nîmes"),
}

FAXES = ("", "dashed", "plain", "e164", "extension", "australia", "international", "toll_free", "spoken")

FOURTH: dict[str, dict[str, Maker]] = {
    "date": DATES,
    "age_over_89": AGES,
    "phone": TELEPHONES,
    "fax": {form: TELEPHONES[form] for form in FAXES} | {"uk": shaped(*_UK)},
    "email": EMAILS,
    "ssn": SOCIALS,
    "medical_record": RECORDS,
    "health_plan": PLANS,
    "account": ACCOUNTS,
    "licence": LICENCES,
    "vehicle": VEHICLES,
    "device": DEVICES,
    "url": URLS,
    "ip": {"": lambda draw: draw.random.choice((_ipv4, _ipv4, _ipv6))(draw), "v4": _ipv4, "v6": _ipv6},
    "address": ADDRESSES,
    "card": CARD_NUMBERS,
    "name": NAMES,
    "name_free": NAMES,
    "city": {
        "": lambda draw: draw.word("city"),
        "town": lambda draw: draw.word("city").split(",")[0],
        "caps": lambda draw: draw.word("city").upper(),
        "uk": lambda draw: draw.pick(TOWNS["uk"]),
        "australia": lambda draw: draw.pick(TOWNS["australia"]),
        "india": lambda draw: draw.pick(TOWNS["india"]),
        "german": lambda draw: draw.pick(TOWNS["german"]),
        "french": lambda draw: draw.pick(TOWNS["french"]),
    },
}
"""Kind -> format -> maker for `held_out_fourth`; the format "" replaces that of all parts."""
