"""Values of the slots of `held_out_third`: makers of its own for every kind, so that what stands in its sentences was not seen before either.

As in the second part, values come from ranges set aside for made-up text where there are any: telephones kept for fiction (555 in North America; Ofcom,
ACMA, Arcep, ComReg, the Bundesnetzagentur and the Swedish PTS elsewhere), example domains (RFC 2606), Internet and hardware addresses for
documentation (RFC 5737, 3849, 7042), test numbers of payment processors and of the National Health Service.
"""

from __future__ import annotations

import datetime
import string

from identifier_templates import values_third_numbers as numbers
from identifier_templates.values import AREA_CODES, CAPITALS, MONTHS, UNITS, Draw, Maker, shaped
from identifier_templates.values_second import DIGITS, ORDINALS

TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def _dated(*formats: str) -> Maker:
    """A maker of dates from 1933 to 2025 in one of `formats`."""

    def make(draw: Draw) -> str:
        day = datetime.date(1933, 1, 1) + datetime.timedelta(days=draw.number(0, 33_900))
        month = MONTHS[day.month - 1]
        first = min(day.day, 24)
        return draw.pick(formats).format(
            y=day.year, yy=f"{day.year % 100:02d}", m=day.month, mm=f"{day.month:02d}", d=day.day, dd=f"{day.day:02d}", month=month, mon=month[:3],
            MONTH=month.upper(), MON=month[:3].upper(), small=month.lower(), word=ORDINALS[day.day - 1], year=_spoken_year(day.year),
            suffix="th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th"), first=first, last=first + draw.number(1, 4),
            dotted=month if len(month) < 5 else f"{'Sept' if month == 'September' else month[:3]}.", clock=f"{draw.number(0, 23):02d}{draw.number(0, 59):02d}",
        )  # fmt: skip

    return make


def _spoken_year(year: int) -> str:
    """`year` as it is said; of 1910 to 2099."""
    if 2000 <= year < 2010:
        return "two thousand" + (f" {UNITS[year - 2001]}" if year > 2000 else "")
    century, rest = divmod(year, 100)
    tens, unit = divmod(rest, 10)
    said = TEENS[unit] if tens == 1 else TENS[tens - 2] + (f" {UNITS[unit - 1]}" if unit else "")
    return f"{TEENS[century - 10] if century < 20 else 'twenty'} {said}"


_AGES = tuple(str(age) for age in (*range(90, 100), *range(90, 97), *range(100, 108)))

_AMERICAN = (
    "({area}) 555-{line}", "({area}) 555-{line}", "{area}-555-{line}", "{area}-555-{line}", "{area}-555-{line}", "{area}.555.{line}", "{area} 555-{line}",
    "({area})555-{line}", "{area} 555 {line}", "1-{area}-555-{line}", "+1 ({area}) 555-{line}", "+1-{area}-555-{line}", "({area}) 555.{line}", "({area})-555-{line}",
)  # fmt: skip
_AREAS = ("205", "219", "314", "361", "405", "509", "515", "562", "585", "605", "615", "701", "775", "810", "907", *AREA_CODES)


def _telephone(*formats: str) -> Maker:
    """North American numbers of exchange 555."""
    return lambda draw: draw.pick(formats).format(
        area=draw.pick(_AREAS), line=draw.shape("****"), extra=draw.shape(draw.pick(("^***", "^**", "^****")))
    )


def _spoken_digits(draw: Draw) -> str:
    zero = draw.pick(("oh", "zero"))
    said = [
        " ".join(zero if digit == "0" else DIGITS[int(digit)] for digit in group)
        for group in (draw.pick(_AREAS), "555", draw.shape("****"))
    ]
    return draw.pick((" ", ", ", ". ")).join(said)


_ABROAD = shaped(
    "0117 496 0***", "+44 131 496 0***", "(029) 2018 0***", "+44 28 9649 6***", "0191 498 0***", "+44 (0)20 7946 0***", "07700 900 ***", "03069 990***",
    "+61 3 7010 ****", "(07) 5550 ****", "(08) 7010 ****", "+33 2 61 91 ** **", "04 65 71 ** **", "+33 (0)6 39 98 ** **", "+49 89 99998 ***", "0221 4710 ***",
    "+353 20 914 ****", "+46 8 465 004 **", "031-390 06 **",
)  # fmt: skip


def _plain(word: str) -> str:
    simple = word.lower().translate(str.maketrans("éüñöãáëíç", "eunoaaeic"))
    return "".join(character for character in simple if character in string.ascii_lowercase)


def _parts(draw: Draw) -> tuple[str, str]:
    return _plain(draw.word("given")), _plain(draw.word("family"))


def _email(draw: Draw) -> str:
    given, family = _parts(draw)
    local = (
        f"{given}.{family}", f"{given}.{family}", f"{given[0]}{family}", f"{family}{given[0]}", f"{given}{family[:3]}{draw.number(1, 999)}", f"{given}_{family}{draw.number(60, 99)}",
        f"{given[0]}.{family}", f"{family}-{given}", f"{given}.{draw.shape('~')}.{family}", f"the{family}s", f"{given}+portal",
    )  # fmt: skip
    return f"{draw.pick(local)}@{draw.word('host')}"


def _capital_email(draw: Draw) -> str:
    given, family = _parts(draw)
    local = f"{given}.{family}"
    return draw.pick((f"{local.title()}@{draw.word('host').title()}", f"{local}@{draw.word('host')}".upper()))


def _spoken_email(draw: Draw) -> str:
    given, family = _parts(draw)
    local = draw.pick((f"{given} dot {family}", f"{given[0]} {family}", f"{family} dash {given}", f"{given}{family} {draw.number(11, 99)}"))
    return f"{local} at {draw.pick(('example dot com', 'example dot org', 'mail dot example dot com', 'example dot edu'))}"


def _guarded_email(draw: Draw) -> str:
    given, family = _parts(draw)
    local, mark = draw.pick((f"{given}.{family}", f"{given[0]}{family}")), draw.pick((" [at] ", "(at)", " (at) ", " AT "))
    return local + mark + draw.word("host")


_BOXES = (
    "referrals",
    "medrecords",
    "triage.nurse",
    "billing.help",
    "clinicaltrials",
    "info",
    "intake-team",
    "pharmacy",
    "eyeclinic",
    "sleep.lab",
)


def _shared_email(draw: Draw) -> str:
    return f"{draw.pick(_BOXES)}{draw.pick(('', str(draw.number(2, 40))))}@{draw.word('host')}"


def _ssn(draw: Draw) -> tuple[str, str, str]:
    area = draw.random.choice([number for number in range(1, 900) if number != 666])
    return f"{area:03d}", f"{draw.number(1, 99):02d}", f"{draw.number(1, 9999):04d}"


def _joined_ssn(*marks: str) -> Maker:
    return lambda draw: draw.pick(marks).join(_ssn(draw))


def _masked_ssn(draw: Draw) -> str:
    return draw.pick(("XXX-XX-", "xxx-xx-", "***-**-", "XXXXX", "*****", "x")) + _ssn(draw)[2]


def _url(*starts: str) -> Maker:
    return lambda draw: draw.pick(starts) + draw.word("host") + _path(draw)


def _path(draw: Draw) -> str:
    given, family = _parts(draw)
    places = (
        f"/{given}-{family}", f"/obituaries/{family}-{draw.shape('^****')}", f"/in/{given}{family}{draw.shape('**')}", f"/u/{draw.number(0, 3)}/folders/{draw.shape('~*~~**~?~')}",
        f"/care/{given}s-journey", f"/room/{draw.shape('~~~')}-{draw.shape('~~~~')}-{draw.shape('~~~')}", f"/users/{draw.shape('^****')}/report.pdf", f"/team/{family}",
    )  # fmt: skip
    return draw.pick(places)


_QUERIES = ("mrn=^******", "uid=~~**~*~*&tab=2", "p=^*****&src=sms", "session=~*~*~*~*", "invoice=^******&lang=es", "code=???-^**")


def _query(draw: Draw) -> str:
    start, page = (
        draw.pick(("https://", "https://", "http://", "www.")),
        draw.pick(("results", "checkin", "pay/now", "v2/open", "index.php")),
    )
    return f"{start}{draw.word('host')}/{page}?{draw.shape(draw.pick(_QUERIES))}"


def _port(draw: Draw) -> str:
    return f"{draw.pick(('http://', 'https://'))}{draw.word('host')}:{draw.pick(('8080', '8443', '3000'))}{_path(draw)}"


def _ipv4(draw: Draw) -> str:
    return f"{draw.pick(('192.0.2', '198.51.100', '203.0.113'))}.{draw.number(1, 254)}"


def _private(draw: Draw) -> str:
    third, last = draw.number(0, 254), draw.number(2, 254)
    return draw.pick((f"10.{draw.number(0, 254)}.{third}.{last}", f"192.168.{third}.{last}", f"172.{draw.number(16, 31)}.{third}.{last}"))


def _ipv6(draw: Draw) -> str:
    one, two, three, four = (f"{draw.number(16, 65535):x}" for _ in range(4))
    tail = draw.pick((f"{one}:{two}:{three}:{four}:1:2", f"{one}::{two}", f":{one}:{two}:{three}:{four}", f"{one}:{two}::1"))
    return draw.pick((f"2001:db8:{tail}", f"2001:db8:{tail}", f"2001:DB8:{tail.upper()}"))


def _street(draw: Draw) -> str:
    units = (
        "", "", "", f" Apt {draw.number(1, 60)}", f", Apt. {draw.number(1, 9)}{draw.pick('ABCDEF')}", f" Unit {draw.pick('ABC')}", f", #{draw.number(100, 480)}",
        f" Lot {draw.number(2, 80)}", f", Ste {draw.number(100, 620)}", f", Rm {draw.number(2, 40)}", f", {draw.pick(('2nd', '3rd', '4th', '11th'))} Floor",
    )  # fmt: skip
    house = draw.pick((*[str(draw.number(11, 9990))] * 3, f"{draw.number(11, 990)}{draw.pick('AB')}", str(draw.number(10100, 29990))))
    return f"{house} {draw.word('street')} {draw.word('street_type')}{draw.pick(units)}"


def _country_address(draw: Draw) -> str:
    house, road = draw.number(105, 19990), draw.number(2, 940)
    kinds = ("County Road", "State Route", "FM", "Highway", "US-", "Co Rd", "SE 82nd Ave, Space ", "Farm to Market Rd")
    return f"{house} {draw.pick(kinds)} {road}".replace("- ", "-").replace("  ", " ")


def _british_address(draw: Draw) -> str:
    written = (
        f"{draw.number(2, 160)} {draw.pick(('Ashgrove', 'Priory', 'Rectory', 'Station', 'Kingfisher'))} {draw.pick(('Road', 'Close', 'Drive', 'Way', 'Lane'))}",
        f"Flat {draw.number(1, 40)}, {draw.pick(('Beech', 'Chaucer', 'Nelson'))} House, {draw.pick(('Abbey', 'Park', 'London'))} Road",
    )
    return draw.pick(written)


def _abroad_address(draw: Draw) -> str:
    house = draw.number(2, 160)
    written = (
        _british_address(draw),
        f"{draw.pick(('Unit ', 'U'))}{draw.number(1, 30)}/{house} {draw.pick(('Banksia', 'Murray', 'Collins'))} {draw.pick(('St', 'Street', 'Pde', 'Cres'))}",
        f"{draw.pick(('Kastanienallee', 'Bahnhofstr.', 'Am Stadtpark', 'Goethestraße'))} {house}{draw.pick(('', 'a', 'b'))}",
        f"{house}{draw.pick(('', ' bis'))}, {draw.pick(('rue', 'avenue', 'allée'))} {draw.pick(('Pasteur', 'Victor Hugo', 'des Peupliers', 'du Port'))}",
        f"{draw.number(100, 4900)}-{draw.number(10, 990)} {draw.pick(('Dundas', 'Granville', 'Sherbrooke'))} St {draw.pick(('W', 'E'))}",
    )
    return draw.pick(written)


def _changed(maker: Maker, change: str) -> Maker:
    return lambda draw: maker(draw).upper() if change == "upper" else maker(draw).lower()


def _crossing(draw: Draw) -> str:
    return f"{draw.word('street')} {draw.pick(('and', '&'))} {draw.number(4, 19)}th"


def _named(*formats: str) -> Maker:
    def make(draw: Draw) -> str:
        given, second, family, other = (draw.word(name) for name in ("given", "given", "family", "family"))
        return draw.pick(formats).format(
            given=given, second=second, family=family, other=other, initial=given[0], middle=draw.pick(CAPITALS), GIVEN=given.upper(), FAMILY=family.upper(),
            small=given.lower(), smaller=family.lower(),
        )  # fmt: skip

    return make


_USUAL_CARDS = ("visa", "mastercard", "discover")
_NAMES: dict[str, Maker] = {
    "": _named(*["{given} {family}"] * 4, "{given} {middle}. {family}", "{given} {second} {family}"),
    "caps": _named("{GIVEN} {FAMILY}", "{GIVEN} {middle} {FAMILY}"),
    "last_first_lower": _named("{smaller}, {small}", "{smaller} {small}"),
    "hl7": _named("{FAMILY}^{GIVEN}", "{FAMILY}^{GIVEN}^{middle}", "{family}^{given}^{second}"),
    "initials": _named("{initial}{middle} {family}", "{initial}. {family}", "{initial}. {middle}. {family}"),
    "lower": _named("{small} {smaller}"),
    "double": _named("{given} {family}-{other}", "{given} {middle}. {family}-{other}"),
    "suffix": _named(*(f"{{given}} {{family}}{end}" for end in (" Jr", ", Jr.", " II", " III")), "{given} {middle}. {family} Sr."),
    "nickname": _named('{given} "{second}" {family}', "{given} ({second}) {family}"),
}
_TELEPHONE = _telephone(*_AMERICAN)

THIRD: dict[str, dict[str, Maker]] = {
    "date": {
        "": _dated(
            "{mm}/{dd}/{y}", "{mm}/{dd}/{y}", "{m}/{d}/{y}", "{m}/{d}/{y}", "{m}/{d}/{yy}", "{m}/{d}/{yy}", "{mm}/{dd}/{yy}", "{month} {d}, {y}", "{month} {d}, {y}", "{mon} {d}, {y}",
            "{dotted} {d}, {y}", "{y}-{mm}-{dd}", "{mm}-{dd}-{y}", "{m}-{d}-{yy}", "{d} {mon} {y}", "{dd}-{mon}-{y}", "{month} {d}{suffix}, {y}", "{dd}{MON}{y}",
        ),
        "slash": _dated("{mm}/{dd}/{y}", "{m}/{d}/{y}", "{m}/{d}/{yy}", "{mm}/{dd}/{yy}"),
        "iso": _dated("{y}-{mm}-{dd}"),
        "long": _dated("{month} {d}, {y}", "{month} {d}{suffix}, {y}", "{month} {d} {y}"),
        "capitals": _dated("{MON} {dd} {y}", "{dd}-{MON}-{y}", "{MONTH} {d}, {y}", "{dd}{MON}{yy}"),
        "abroad": _dated("{dd}/{mm}/{y}", "{d}.{m}.{y}", "{dd}.{mm}.{yy}", "{d} {month} {y}", "{d}{suffix} {month} {y}", "{dd}/{mm}/{yy}", "{d} {mon} {yy}"),
        "days": _dated("{month} {first}-{last}, {y}", "{m}/{first}-{m}/{last}/{yy}", "{mon} {first} and {last}, {y}", "{month} {first} to {last}, {y}"),
        "spoken": _dated("{small} {word} {year}", "{small} {word}, {year}", "{month} the {word}, {year}", "the {word} of {small}, {year}", "{month} {word}, {y}"),
        "short_year": _dated("{month} '{yy}", "{mon} '{yy}", "{mon} {yy}", "{m}/{yy}"),
        "stamp": _dated("{y}{mm}{dd}{clock}", "{y}{mm}{dd}{clock}00", "{y}{mm}{dd}"),
        "lower": _dated("{small} {d}", "{small} {d}{suffix}", "{small} {d} {y}"),
    },
    "age_over_89": {
        "": lambda draw: draw.pick(_AGES),
        "spoken": lambda draw: draw.pick((f"ninety {draw.pick(UNITS)}", f"ninety-{draw.pick(UNITS)}", f"a hundred and {draw.pick(UNITS)}", f"one hundred {draw.pick(UNITS)}")),
        "decade": lambda draw: draw.pick(("90s", "90's", "nineties", "mid-90s", "late nineties", "early 90s")),
    },
    "phone": {
        "": _TELEPHONE,
        "dashed": _telephone("{area}-555-{line}"),
        "dotted": _telephone("{area}.555.{line}"),
        "spaced": _telephone("{area} 555 {line}"),
        "plain": _telephone("{area}555{line}", "{area}555{line}", "1{area}555{line}"),
        "brackets": _telephone("({area})555-{line}", "({area}) 555-{line}"),
        "linked": _telephone("+1-{area}-555-{line}", "+1{area}555{line}", "{area}-555-{line}"),
        "local": _telephone("555-{line}", "555-{line}", "555 {line}"),
        "extension": _telephone("{area}-555-{line} x{extra}", "({area}) 555-{line} ext. {extra}", "({area}) 555-{line} x {extra}", "{area}.555.{line}, ext {extra}", "{area}-555-{line} ext {extra}"),
        "pager": shaped("^****", "^***", "^*-***", "#^****"),
        "toll_free": shaped("1-800-555-****", "(866) 555-****", "1-888-555-****", "(844) 555-****", "1 800 555 ****", "877.555.****"),
        "abroad": _ABROAD,
        "spoken": _spoken_digits,
    },
    "fax": {
        "": _TELEPHONE,
        "dashed": _telephone("{area}-555-{line}"),
        "dotted": _telephone("{area}.555.{line}"),
        "plain": _telephone("{area}555{line}", "1{area}555{line}"),
        "linked": _telephone("+1-{area}-555-{line}", "+1{area}555{line}", "{area}-555-{line}"),
        "abroad": _ABROAD,
        "spoken": _spoken_digits,
    },
    "email": {"": _email, "upper": _capital_email, "spoken": _spoken_email, "guarded": _guarded_email, "shared": _shared_email},
    "ssn": {
        "": _joined_ssn("-", "-", "-", "-", " ", ""),
        "dashed": _joined_ssn("-"),
        "spaced": _joined_ssn(" ", " - "),
        "dotted": _joined_ssn("."),
        "plain": _joined_ssn(""),
        "last_four": lambda draw: _ssn(draw)[2],
        "masked": _masked_ssn,
    },
    "medical_record": {
        "": shaped("^******", "^*******", "0^******", "^*****", "00^******", "^**-**-***", "?^******", "**-**-^*", "^********", "E^*********", "M^*****", "^***-***"),
        "digits": shaped("^******", "^*******", "00^*****", "^********"),
        "chart": shaped("^****", "^***", "??^***", "^***?", "?-^****", "^*-^***"),
        "nhs": numbers.nhs,
        "abroad": shaped("?^***** ?", "K^******", "??^******", "^***** ?", "RX^ *****", "20**/^****"),
    },
    "health_plan": {
        "": shaped("???^********", "???^*******-01", "W^*** *****", "U^****** *^", "H^*******", "^********-00", "^********", "000^*******", "???*^?******", "R^*******", "YK?^********", "^*********"),
        "mbi": numbers.mbi,
        "digits": shaped("^********", "^*********", "^**********"),
        "medicaid": shaped("??^****?", "9^******?", "^*********", "5^********", "^*-^*****-^"),
        "ontario": numbers.ontario,
        "australian": numbers.australian,
        "german": shaped("?^********", "?^** *** ***"),
        "policy": shaped("^***-^***-^*", "???-^******", "??/^*****/^*", "^*? ^****", "PMI^******"),
    },
    "account": {
        "": shaped("^********", "^*********", "^***********", "H^*********", "^******-^", "?**^*****", "^**-****-**", "00^*******", "^***-^***-^***", "??^********"),
        "digits": shaped("^*******", "^********", "^***********", "4^**********"),
        "short": shaped("^****", "^*****", "^***-*", "?^****"),
        "bank": shaped("^********", "^*********", "0^********", "000^******", "^*** ^***** ^*"),
        "iban": numbers.iban,
    },
    "licence": {
        "board": shaped("?^*****", "^*****", "MD^*****", "DO ^****", "PA-^****", "RN ^******", "^**.^*****", "DDS-^****", "^**-^*****", "LPC.^******", "G^****", "RPH^****", "^*******-^***", "60^*****"),
        "driver": shaped("?^******", "?**** ***** ****^", "^** *** **^", "?^**-****-****", "? *** *** *** **^", "^*******", "WDL???^**?*", "?^********", "^*-***-****", "T-^******", "??^*****?", "^***-***-***"),
        "gmc": shaped("^******"),
        "abroad": shaped("MED000^******", "NMW000^******", "^*?^***?", "PH^*****", "OT^****", "^****", "DIN-^****"),
        "driver_abroad": shaped("?^***-*****-^****", "^*******", "^*** ^** ***", "?^*********^", "??????^**^*^??^??"),
    },
    "vehicle": {
        "vin": numbers.vin,
        "plate": shaped("^??-^**", "???-^***", "??? ^***", "^?? ^**", "???^***", "??-^****", "^**-???", "??^-^?^", "^***??", "?^*-???", "^-^****?", "^?????^"),
        "plate_abroad": shaped("??^* ???", "??^*???", "???? ^**", "???-^*?", "^**-?-^****", "??-^**-??", "^??-^??", "??? ^*?"),
        "tail": shaped("N^**??", "N^***?", "N^****"),
        "permit": shaped("^*****", "?-^****", "^***-^*"),
    },
    "device": {
        "serial": shaped("^********", "^*********", "???^*****?", "??^****", "^*-^*****", "?^*?^****", "^****-^***", "2^*********", "SM-^*** ^***", "G^***-^**-^*", "^***^?**?^**", "^?^?^***"),
        "digits": shaped("^*****", "^*******", "2^*********"),
        "udi": numbers.udi,
        "imei": numbers.imei,
        "mac": numbers.hardware_address,
    },
    "url": {
        "": _url("https://", "https://", "https://www.", "http://", "www."),
        "https": _url("https://"),
        "www": _url("www."),
        "plain": _url(""),
        "query": _query,
        "port": _port,
    },
    "ip": {"": lambda draw: draw.random.choice((_ipv4, _ipv4, _private, _ipv6))(draw), "v4": _ipv4, "private": _private, "v6": _ipv6},
    "address": {
        "street": _street,
        "zip": shaped("^****", "^****", "^****", "^****-****", "0^***"),
        "box": shaped("PO Box ^***", "P.O. Box ^****", "P.O. BOX ^**", "PSC ^** Box ^***", "Rural Route ^ Box ^*", "PO Drawer ^**", "POB ^***", "HC^* BOX ^**"),
        "country": _country_address,
        "abroad": _abroad_address,
        "british": _british_address,
        "postcode": shaped("??^* ^??", "?^ ^??", "??^ ^??", "?^* ^??", "??^? ^??"),
        "upper": _changed(_street, "upper"),
        "lower": _changed(_street, "lower"),
        "crossing": _crossing,
    },
    "card": {
        "": numbers.card(tuple(numbers.TEST_CARDS), (" ", " ", "-", "")),
        "visa": numbers.card(("visa",), (" ", "-", "")),
        "mastercard": numbers.card(("mastercard",), (" ", "-", "")),
        "amex": numbers.card(("amex",), (" ", "-", "")),
        "discover": numbers.card(("discover",), (" ", "-", "")),
        "spaced": numbers.card(_USUAL_CARDS, (" ",)),
        "dashed": numbers.card(_USUAL_CARDS, ("-",)),
        "dotted": numbers.card(_USUAL_CARDS, (".",)),
        "plain": numbers.card(tuple(numbers.TEST_CARDS), ("",)),
    },
    "name": _NAMES,
    "name_free": _NAMES,
}  # fmt: skip
"""Kind -> format -> maker, over and above those of `values.MAKERS`, which they replace where the format is the same."""
