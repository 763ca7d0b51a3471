"""Values of the slots of `held_out_second`: further ways to write each kind, drawn from ranges set aside for made-up text where there are any.

Telephone numbers are those reserved for fiction (555 in North America; what Ofcom, ACMA, Arcep, ComReg and the Bundesnetzagentur set aside elsewhere),
hosts are example domains (RFC 2606), Internet addresses documentation and private ranges (RFC 5737, 3849, 1918), cards the test numbers of payment processors.
"""

from __future__ import annotations

import datetime
import string

from identifier_templates.values import AREA_CODES, MONTHS, UNITS, Draw, Maker, grouped, gtin_digit, iban_digits, shaped

_UNIT_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = ("ten", "eleven", "twelf", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
ORDINALS = (
    *_UNIT_ORDINALS,
    *(f"{number}th" for number in _TEENS),
    "twentieth",
    *(f"twenty-{unit}" for unit in _UNIT_ORDINALS),
    "thirtieth",
    "thirty-first",
)
"""The days of a month as they are said."""
DIGITS = ("zero", *UNITS)


def _dated(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        day = datetime.date(1931, 1, 1) + datetime.timedelta(days=draw.number(0, 34_600))
        month = MONTHS[day.month - 1]
        first = min(day.day, 25)
        return draw.pick(formats).format(
            y=day.year, yy=f"{day.year % 100:02d}", m=day.month, mm=f"{day.month:02d}", d=day.day, dd=f"{day.day:02d}", month=month, mon=month[:3],
            MONTH=month.upper(), MON=month[:3].upper(), small=month.lower(), sm=month[:3].lower(), word=ORDINALS[day.day - 1],
            suffix="th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th"),
            first=first, last=first + draw.number(1, 3), time=f"{draw.number(0, 23):02d}{draw.number(0, 59):02d}", seconds=f"{draw.number(0, 59):02d}",
        )  # fmt: skip

    return make


def _spoken_age(draw: Draw) -> str:
    over = draw.random.random() < 0.2
    return f"{draw.pick(('a hundred', 'one hundred'))} and {draw.pick(UNITS)}" if over else f"ninety {draw.pick(UNITS)}"


def _telephone(*formats: str) -> Maker:
    """North American numbers of exchange 555."""
    return lambda draw: draw.pick(formats).format(
        area=draw.pick(AREA_CODES), line=draw.shape("****"), extra=draw.shape("^***"), short=draw.shape("^**")
    )


def _spoken_digits(draw: Draw) -> str:
    groups = (draw.pick(AREA_CODES), "555", draw.shape("****"))
    mark = draw.pick((" ", ", ", " dash "))
    return mark.join(" ".join(DIGITS[int(digit)] for digit in group) for group in groups)


_TELEPHONE = _telephone(
    "({area}) 555-{line}", "({area}) 555-{line}", "{area}-555-{line}", "{area}-555-{line}", "{area}.555.{line}", "{area} 555 {line}", "{area} 555-{line}",
    "({area})555-{line}", "({area}) 555 {line}", "1-{area}-555-{line}", "1 ({area}) 555-{line}", "+1-{area}-555-{line}", "+1 {area} 555 {line}",
    "{area}/555-{line}",
)  # fmt: skip
_ABROAD = shaped(
    "020 7946 0***", "+44 20 7946 0***", "(0161) 496 0***", "0113 496 0***", "01632 960***", "+44 (0)1632 960 ***", "07700 900***", "+44 7700 900***",
    "(02) 5550 ****", "+61 491 570 1**", "+33 1 99 00 ** **", "01 99 00 ** **", "+33 6 39 98 ** **", "+49 30 23125 ***", "030 / 23125 ***",
    "+49 171 39200**", "+353 20 91* ****",
)  # fmt: skip


def _local(draw: Draw) -> str:
    given, family = (_plain(draw.word(name)) for name in ("given", "family"))
    return draw.pick(
        (f"{given}.{family}", f"{given[0]}{family}", f"{family}.{given[0]}", f"{given}{draw.number(1, 99)}", f"{given}_{family}")
    )


def _plain(word: str) -> str:
    simple = word.lower().translate(str.maketrans("éüñöãáë", "eunoaae"))
    return "".join(character for character in simple if character in string.ascii_lowercase)


def _odd_email(draw: Draw) -> str:
    local = _local(draw)
    tagged = (
        f"{local}+{draw.pick(('rx', 'kids', 'bills'))}",
        f"{draw.shape('~')}.{local}",
        f"{local}-{draw.number(2, 99)}",
        f"_{local}_",
        local.title(),
    )
    return f"{draw.pick(tagged)}@{draw.word('host')}"


def _spoken_email(draw: Draw) -> str:
    given, family = (_plain(draw.word(name)) for name in ("given", "family"))
    host = draw.pick(("example dot com", "example dot org", "example dot net"))
    return f"{draw.pick((f'{given} dot {family}', f'{given}{family}', f'{given} underscore {family}'))} at {host}"


def _generic_email(draw: Draw) -> str:
    name = draw.pick(("records", "him", "frontdesk", "scheduling", "oncology.ward", "billing-team", "research_office", "ward"))
    return f"{name}{draw.pick(('', str(draw.number(1, 99))))}@{draw.word('host')}"


def _ssn(draw: Draw) -> str:
    return f"{draw.number(1, 665):03d}-{draw.number(1, 99):02d}-{draw.number(1, 9999):04d}"


def _ontario(draw: Draw) -> str:
    return draw.shape(draw.pick(("^***-***-***-??", "^*** *** *** ??", "^***-***-***")))


def _iban(draw: Draw) -> str:
    country, shape = draw.pick(
        ("GB:????**************", "NL:????**********", "FR:***********************", "IT:?**********************", "IE:????**************")
    ).split(":")
    account = draw.shape(shape)
    iban = country + iban_digits(country, account) + account
    return draw.pick((iban, " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))))


def _uk_driver(draw: Draw) -> str:
    family = (_plain(draw.word("family")).upper() + "99999")[:5]
    born = f"{draw.number(0, 9)}{draw.number(1, 12):02d}{draw.number(1, 28):02d}{draw.number(0, 9)}"
    return family + born + draw.shape(draw.pick(("?9^??", "??^??")))


def _short_udi(draw: Draw) -> str:
    item = draw.shape("108**********")
    return f"(01){item}{gtin_digit(item)}{draw.pick(('(21)', '(11)2' + draw.shape('*') + '0415(21)'))}{draw.shape('?^*****')}"


def _url(*starts: str) -> Maker:
    return lambda draw: draw.pick(starts) + draw.word("host") + _path(draw)


def _path(draw: Draw) -> str:
    family = _plain(draw.word("family"))
    return draw.pick(
        (
            f"/{family}",
            f"/v/{draw.shape('*~~*~~')}",
            f"/people/{family}/photos",
            f"/members/{draw.shape('^****')}.html",
            f"/blog/{family}-story",
            f"/s/{draw.shape('~~~~')}#week2",
        )
    )


def _query(draw: Draw) -> str:
    tail = draw.pick(("token=~~*~**~~", "pt=^******", "u=~~~~**&d=14", "stmt=^*****&lang=en"))
    return f"https://{draw.word('host')}/{draw.pick(('view', 'pay', 'share', 'r.aspx'))}?{draw.shape(tail)}"


def _ipv4(draw: Draw) -> str:
    last, third, second = draw.number(1, 254), draw.number(0, 254), draw.number(0, 254)
    return draw.pick(
        (
            f"192.0.2.{last}",
            f"198.51.100.{last}",
            f"203.0.113.{last}",
            f"10.{second}.{third}.{last}",
            f"172.{16 + second % 16}.{third}.{last}",
            f"192.168.{third}.{last}",
        )
    )


def _ipv6(draw: Draw) -> str:
    one, two, three = (f"{draw.number(1, 65535):x}" for _ in range(3))
    written = draw.pick(
        (
            f"2001:db8::{one}",
            f"2001:db8:{one}::{two}:{three}",
            f"2001:0db8:85a3:0000:0000:8a2e:{one:0>4}:{two:0>4}",
            f"fe80::{one}:{two}:{three}",
            f"fd00:{one}:{two}::1",
        )
    )
    return draw.pick((written, written, written.upper()))


STREETS_ABROAD = ("Castle", "Larch", "Wattle", "Mill Hill", "Harbour", "Saint Mary's", "Victoria", "Orchard")
STREETS_GERMAN = ("Linden", "Garten", "Mozart", "Schiller", "Ring", "Wiesen")
STREETS_FRENCH = ("des Lilas", "du Moulin", "de la Gare", "des Tilleuls", "du Lac")


def _abroad_address(draw: Draw) -> str:
    street, house = draw.pick(STREETS_ABROAD), draw.number(1, 180)
    written = (
        f"{house} {street} {draw.pick(('Close', 'Crescent', 'Gardens', 'Mews', 'Grove', 'Terrace'))}",
        f"Flat {draw.number(1, 30)}{draw.pick(('', 'A', 'B'))}, {house} {street} {draw.pick(('Road', 'Street', 'Walk'))}",
        f"{draw.number(1, 12)}/{house} {street} {draw.pick(('Parade', 'Street', 'Esplanade'))}",
        f"{draw.pick(STREETS_GERMAN)}strasse {house}",
        f"{house} rue {draw.pick(STREETS_FRENCH)}",
    )
    return draw.pick(written)


def _street(change: str) -> Maker:
    def make(draw: Draw) -> str:
        written = f"{draw.number(2, 9899)} {draw.word('street')} {draw.word('street_type')}{draw.pick(('', '', f' Apt {draw.number(1, 40)}', f' Unit {draw.number(1, 9)}'))}"
        return written.upper() if change == "upper" else written.lower()

    return make


TEST_CARDS = {
    "visa": ("4111111111111111", "4012888888881881", "4242424242424242", "4000056655665556", "4917610000000000"),
    "mastercard": ("5555555555554444", "5105105105105100", "5200828282828210", "5454545454545454", "2223003122003222"),
    "discover": ("6011111111111117", "6011000990139424", "6011000000000004", "6011601160116611"),
    "amex": ("378282246310005", "371449635398431", "378734493671000", "341111111111111"),
    "other": ("3530111333300000", "3566002020360505", "30569309025904", "38520000023237", "36227206271667"),
}
"""Numbers that payment processors publish for tests, by scheme (`other`: JCB and Diners Club)."""
_GROUPS = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}


def _card(schemes: tuple[str, ...], marks: tuple[str, ...]) -> Maker:
    def make(draw: Draw) -> str:
        digits = draw.pick(TEST_CARDS[draw.pick(schemes)])
        return grouped(digits, _GROUPS[len(digits)], draw.pick(marks))

    return make


def _named(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        given, second, family, other = (draw.word(name) for name in ("given", "given", "family", "family"))
        return draw.pick(formats).format(
            given=given, second=second, family=family, double=f"{family}-{other.split()[-1].split('-')[0]}", initial=given[0], middle=draw.shape("?"),
            GIVEN=given.upper(), FAMILY=family.upper(), small=given.lower(), smaller=family.lower(),
        )  # fmt: skip

    return make


_USUAL_CARDS = ("visa", "mastercard", "discover")
_EVERY_CARD = tuple(TEST_CARDS)
_NAMES: dict[str, Maker] = {
    "caps": _named("{GIVEN} {FAMILY}", "{FAMILY}"),
    "double": _named("{given} {double}", "{given} {second} {family}", "{given}-{second} {family}", "{given} {middle}. {double}"),
    "hl7": _named("{FAMILY}^{GIVEN}", "{FAMILY}^{GIVEN}^{middle}", "{family}^{given}^{middle}"),
    "initials": _named(
        "{initial}.{middle}. {family}", "{initial}. {middle}. {family}", "{initial}{middle} {family}", "{initial}. {family}"
    ),
    "lower": _named("{small} {smaller}"),
    "suffix": _named("{given} {family} Jr.", "{given} {middle}. {family}, Jr.", "{given} {family} III", "{given} {family} Sr."),
}

SECOND: dict[str, dict[str, Maker]] = {
    "date": {
        "us_dash": _dated("{m}-{d}-{yy}", "{mm}-{dd}-{y}", "{mm}-{dd}-{yy}"),
        "capitals": _dated("{MON} {dd}, {y}", "{dd} {MON} {y}", "{dd}-{MON}-{y}", "{MONTH} {d}, {y}"),
        "abroad": _dated("{dd}/{mm}/{y}", "{d}/{m}/{yy}", "{d}.{m}.{y}", "{dd}-{mm}-{y}", "{d} {month} {y}", "{d}{suffix} {month} {y}"),
        "dots": _dated("{m}.{d}.{yy}", "{dd}.{mm}.{y}", "{y}.{mm}.{dd}"),
        "month_year_short": _dated("{mon} {y}", "{mon}-{yy}", "{mon} '{yy}", "{MON} {y}", "{month} of {y}"),
        "spoken": _dated("{month} {word}, {y}", "{month} {word} {y}", "the {word} of {month}, {y}", "{month} the {word}, {y}"),
        "lower": _dated("{small} {d}", "{small} {d}{suffix}", "{sm} {d}", "{sm} {d}{suffix}"),
        "days": _dated("{month} {first}-{last}, {y}", "{first}-{last} {month} {y}", "{mon} {first}\u2013{last}, {y}", "{first} to {last} {month} {y}"),
        "stamp": _dated("{y}{mm}{dd}{time}", "{y}{mm}{dd}{time}{seconds}", "{y}{mm}{dd}"),
    },
    "age_over_89": {
        "spoken": _spoken_age,
        "decade": lambda draw: draw.pick(("nineties", "90s", "90's")),
    },
    "phone": {
        "": _TELEPHONE,
        "dashed": _telephone("{area}-555-{line}"),
        "dotted": _telephone("{area}.555.{line}"),
        "plain": _telephone("{area}555{line}"),
        "compact": _telephone("({area})555-{line}"),
        "local": _telephone("555-{line}"),
        "extension": _telephone("{area}-555-{line} x{extra}", "({area}) 555-{line}, ext {short}", "({area}) 555-{line} ext. {extra}", "{area}-555-{line} Ext {short}"),
        "toll_free": shaped("1-800-555-****", "(800) 555-****", "888-555-****", "1 (877) 555-****", "800.555.****", "0808 157 0***"),
        "abroad": _ABROAD,
        "spoken": _spoken_digits,
    },
    "fax": {
        "": _TELEPHONE,
        "dashed": _telephone("{area}-555-{line}"),
        "dotted": _telephone("{area}.555.{line}"),
        "plain": _telephone("{area}555{line}"),
        "abroad": _ABROAD,
    },
    "email": {"odd": _odd_email, "spoken": _spoken_email, "generic": _generic_email},
    "ssn": {
        "last_digits": lambda draw: _ssn(draw)[-4:],
        "masked": lambda draw: draw.pick(("XXX-XX-", "xxx-xx-", "***-**-", "###-##-")) + _ssn(draw)[-4:],
    },
    "medical_record": {"more": shaped("HN-^*****", "^**.^**.^**", "^*/^****", "????^*****", "00000^*****", "^*********", "^*****-^", "P^*******", "*^-**-**-*", "T^****?")},
    "health_plan": {
        "card": shaped("??? *** *** ***", "???^******** 02", "^*******-00", "^****-^****-^*", "???^*******01", "*** ^** ***", "ZG^****** 001", "??-^******-*"),
        "medicaid": shaped("??^****?", "^*******?", "^***-^***-^***"),
        "ontario": _ontario,
        "australian": shaped("2*** ***** *", "3*** ***** * / 1", "2*********"),
    },
    "account": {
        "more": shaped("HAR-^*****", "PA 00^******", "^***-^***-**", "^**.^***.**", "G^******-01", "??-^*****", "2*-^******", "^*** ^*** ^***", "^**********"),
        "digits": shaped("^*******", "^*********", "00^*******", "^***********"),
        "iban_more": _iban,
    },
    "licence": {
        "more": shaped("A ^*****", "DO-^****", "PT^****", "20A^****", "RN-^*****", "MD.^*****", "^*-^*****", "OS0^****", "R ^*****-2", "MED000^******"),
        "driver_more": shaped("?^**-^***-^***", "^***-**-^****", "???**??***?*", "?? ^** *** *", "^********", "?^************", "?-^***-*****-*****"),
        "gmc": shaped("^******"),
        "nmc": shaped("^*?^***?"),
        "uk_driver": _uk_driver,
    },
    "vehicle": {"plate_abroad": shaped("??^* ???", "??** ???", "?-?? ^***", "??-^**-??", "^*-???-^", "^?? *??", "???-^**", "^*?-^****")},
    "device": {
        "more": shaped("SN-20^*-00****", "WX ^**** B", "^***-^***-**", "GM^-^****", "LK0^*****", "^********", "??^*****?", "^**.^**.^**", "A^*?-^**", "*^*******/^"),
        "udi_short": _short_udi,
        "udi_hibcc": shaped("+H^**?^**^1/$$320^^^1?^****/S?^*****", "+B^**^****^/$+7^****?"),
    },
    "url": {
        "": _url("https://", "http://", "www.", "https://www.", "HTTPS://"),
        "https": _url("https://"),
        "www": _url("www."),
        "plain": _url(""),
        "query": _query,
    },
    "ip": {"": lambda draw: draw.random.choice((_ipv4, _ipv4, _ipv4, _ipv6))(draw), "v4_more": _ipv4, "v6_more": _ipv6},
    "address": {
        "abroad": _abroad_address,
        "postcode": shaped("??^ ^??", "?^* ^??", "??^* ^??", "?^? ^?^"),
        "box_more": shaped("P.O. Box ^***", "PO BOX ^**", "Box ^**", "HC ^* Box ^**", "RR ^, Box ^*", "PMB ^**", "GPO Box ^***", "P O Box ^****"),
        "lower": _street("lower"),
        "upper": _street("upper"),
    },
    "card": {
        "": _card(_EVERY_CARD, (" ", "-", "")),
        "spaced": _card(_USUAL_CARDS, (" ",)),
        "dashed": _card(_USUAL_CARDS, ("-",)),
        "plain": _card(_EVERY_CARD, ("",)),
        "mastercard": _card(("mastercard",), (" ", "-", "")),
        "discover": _card(("discover",), (" ", "-", "")),
        "amex": _card(("amex",), (" ", "-", "")),
    },
    "name": _NAMES,
    "name_free": _NAMES,
}  # fmt: skip
"""Kind -> format -> maker, over and above those of `values.MAKERS`, which they replace where the format is the same."""
