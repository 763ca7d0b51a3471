"""The third held-out part: its size, its head, and the values that only it draws."""

import importlib
import ipaddress
import random
import re
import sys
import types
from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from bioinstruct.core.errors import InputError

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
THIRD = "held_out_third"


def imported(name: str) -> types.ModuleType:
    """A module of benchmarks/, which is no package: its folder is on the path only while it is imported."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCHMARKS))


templates = imported("identifier_templates.templates")
slots = imported("identifier_templates.slots")
values = imported("identifier_templates.values")
second = imported("identifier_templates.values_second")
third = imported("identifier_templates.values_third")
numbers = imported("identifier_templates.values_third_numbers")

FEW = {("age_over_89", ""): 15, ("age_over_89", "spoken"): 18, ("age_over_89", "decade"): 6, ("card", "amex"): 9, ("card", "discover"): 9}
FEW |= {("card", "mastercard"): 15, ("card", "visa"): 15, ("card", "spaced"): 15, ("card", "dashed"): 15, ("card", "dotted"): 15}
FEW |= {("card", "plain"): 20}
"""Formats with few values, because few are set aside for tests or few exist."""
MARKS_OF_SHAPES = set("?^~{}\n\t")


def drawn(kind: str, form: str, n: int = 200) -> list[str]:
    return [slots.value(kind, form, values.Draw(random.Random(f"{kind}.{form}|{number}"), THIRD)) for number in range(n)]


# The file


def test_each_kind_has_thirty_to_forty_templates_and_many_sentences_have_none():
    counts = Counter(template.kind for template in templates.read(THIRD))
    assert {kind: n for kind, n in counts.items() if kind != "none" and not 30 <= n <= 40} == {}
    assert set(counts) == {*slots.KINDS, "none"}
    assert counts["none"] >= 250


def test_no_template_is_one_of_the_developed_ones():
    own, known = ([" ".join(re.findall(r"\w+", one.text.casefold())) for one in templates.read(part)] for part in (THIRD, "develop"))
    assert set(own) & set(known) == set()
    assert process.cdist(own, known, scorer=fuzz.ratio).max() <= 80


def test_the_head_says_when_and_how_it_was_written():
    head = [line for line in (values.FOLDER / f"{THIRD}.tsv").read_text(encoding="utf-8").split("\n") if line.startswith("# ")]
    assert "written on 2026-11-23" in head[0]
    assert "to be run once" in head[-1]
    assert templates.read(THIRD)[0].id == f"{THIRD}:{len(head) + 2}"


def test_several_identifiers_often_stand_in_one_text():
    several = [template for template in templates.read(THIRD) if len(template.slots) > 1]
    assert len(several) > 150
    assert sum(len({kind for kind, _ in template.slots}) > 1 for template in several) > 60


def test_every_further_format_is_used_and_no_other_part_has_it():
    used = {slot for template in templates.read(THIRD) for slot in template.slots}
    used |= {("name", form) for kind, form in used if kind == "name_free"} | {("name_free", form) for kind, form in used if kind == "name"}
    assert {(kind, form) for kind, forms in third.THIRD.items() for form in forms} - used == set()
    for part in ("develop", "held_out", "held_out_second"):
        with pytest.raises(InputError, match=r"slot: got 'device\.imei'"):
            slots.value("device", "imei", values.Draw(random.Random(0), part))


# Values


@pytest.mark.parametrize(("kind", "form"), [(kind, form) for kind, forms in third.THIRD.items() for form in forms])
def test_values_are_varied_and_have_nothing_of_their_pattern_left(kind, form):
    found = drawn(kind, form)
    assert all(text == text.strip() != "" for text in found)
    if kind not in ("url", "ssn") and form != "hl7":
        assert [text for text in found if set(text) & MARKS_OF_SHAPES or "*" in text] == []
    assert len(set(found)) >= FEW.get((kind, form), 31)


FICTIONAL = (
    r"(\+?1[- ]?)?(\(\d{3}\)|\d{3})[-. ]?555[-. ]?\d{4}(,? (x ?|ext\.? )\d{3,5})?|1[- ]\d{3}[- ]555[- ]\d{4}|555[- ]\d{4}",  # North America
    r"0117 496 0\d{3}|\+44 131 496 0\d{3}|\(029\) 2018 0\d{3}|\+44 28 9649 6\d{3}|0191 498 0\d{3}",  # Ofcom
    r"\+44 \(0\)20 7946 0\d{3}|07700 900 \d{3}|03069 990\d{3}",  # Ofcom, too
    r"\+61 3 7010 \d{4}|\(07\) 5550 \d{4}|\(08\) 7010 \d{4}",  # ACMA
    r"\+33 2 61 91 \d\d \d\d|04 65 71 \d\d \d\d|\+33 \(0\)6 39 98 \d\d \d\d",  # Arcep
    r"\+49 89 99998 \d{3}|0221 4710 \d{3}|\+353 20 914 \d{4}|\+46 8 465 004 \d\d|031-390 06 \d\d",  # Bundesnetzagentur, ComReg, PTS
)


def test_telephones_are_those_kept_for_fiction():
    for kind in ("phone", "fax"):
        for form in third.THIRD[kind]:
            if form not in ("spoken", "pager"):
                assert [number for number in drawn(kind, form) if not re.fullmatch("|".join(FICTIONAL), number)] == []
        assert all("five five five" in number for number in drawn(kind, "spoken"))


def test_hosts_are_example_domains_and_network_addresses_are_for_documentation():
    for kind, form in [("email", form) for form in third.THIRD["email"] if form != "spoken"] + [
        ("url", form) for form in third.THIRD["url"]
    ]:
        for made in drawn(kind, form):
            assert re.search(r"(^|[@./ )])example\.(com|org|net|edu)(:\d{4})?(/|$)", made.lower())
    for form in third.THIRD["ip"]:
        assert all(ipaddress.ip_address(made).is_private for made in drawn("ip", form))
    assert all(made.upper().replace("-", ":").startswith("00:00:5E:00:53:") for made in drawn("device", "mac"))


def test_social_security_numbers_are_of_areas_that_exist():
    for form in ("", "dashed", "spaced", "dotted", "plain"):
        for made in drawn("ssn", form):
            area, group, serial = re.fullmatch(r"(\d{3})\D{0,3}(\d\d)\D{0,3}(\d{4})", made).groups()
            assert 0 < int(area) < 900
            assert area != "666"
            assert int(group) * int(serial) > 0
    assert all(re.fullmatch(r"[Xx*-]*\d{4}", made) for form in ("last_four", "masked") for made in drawn("ssn", form))


def test_ages_are_above_eighty_nine_and_years_are_said_as_people_say_them():
    assert all(90 <= int(age) <= 107 for age in drawn("age_over_89", ""))
    assert all(re.fullmatch(r"ninety[ -][a-z]+|(a|one) hundred (and )?[a-z]+", age) for age in drawn("age_over_89", "spoken"))
    said = {1933: "nineteen thirty three", 1980: "nineteen eighty", 2000: "two thousand", 2009: "two thousand nine"}
    said |= {1916: "nineteen sixteen", 2010: "twenty ten", 2017: "twenty seventeen", 2025: "twenty twenty five"}
    assert {year: third._spoken_year(year) for year in said} == said


# Check digits: published numbers, and rules written a second time


def luhn_holds(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def test_check_digits_of_published_examples():
    assert numbers.nhs_digit("943476591") == "9"
    assert numbers.nhs_digit("000000006") is None  # 6 x 2 = 12, which leaves 10
    assert numbers.medicare_digit("29501011") == "1"
    assert luhn_holds("490154203237518")


def test_health_numbers_hold():
    for made in drawn("medical_record", "nhs"):
        digits = [int(digit) for digit in made.replace(" ", "")]
        assert made.startswith("999")
        assert sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11 == 0
    for made in drawn("health_plan", "ontario"):
        assert luhn_holds(re.sub(r"\D", "", made))
    for made in drawn("health_plan", "australian"):
        digits = [int(digit) for digit in re.fullmatch(r"([2-6]\d{3}) ?(\d{5}) ?([1-3])(-[1-5])?", made).expand(r"\1\2")]
        assert sum(digit * (1, 3, 7, 9)[place % 4] for place, digit in enumerate(digits[:8])) % 10 == digits[8]
    for made in drawn("health_plan", "mbi"):
        assert re.fullmatch(r"[1-9][A-Z][A-Z0-9]\d[A-Z][A-Z0-9]\d[A-Z]{2}\d{2}", re.sub("[ -]", "", made))
        assert set(made) & set("SLOIBZ") == set()


def test_vehicles_accounts_and_devices_hold():
    for made in drawn("vehicle", "vin"):
        assert re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", made)
        assert values.vin_digit(made) == made[8]
    for made in drawn("account", "iban"):
        plain = made.replace(" ", "")
        assert len(plain) == {"CH": 21, "SE": 24, "DK": 18, "PL": 28, "PT": 25}[plain[:2]]
        assert int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1
    for made in drawn("device", "udi"):
        item = re.match(r"\(01\)(\d{14})\((10|11|17)\)\w+\(\d\d\)\w+", made)[1]
        assert sum(int(digit) * (3 - place % 2 * 2) for place, digit in enumerate(item)) % 10 == 0
    assert all(re.fullmatch(r"35\d{13}", made) and luhn_holds(made) for made in drawn("device", "imei"))


def test_providers_hold():
    for made in drawn("licence", "npi"):
        assert luhn_holds("80840" + made)
    for made in drawn("licence", "dea"):
        a, b, c, d, e, f, check = map(int, made[2:])
        assert (a + c + e + 2 * (b + d + f)) % 10 == check


def test_cards_are_test_numbers_that_hold_and_that_no_other_part_has():
    known = {number for listed in numbers.TEST_CARDS.values() for number in listed}
    assert all(luhn_holds(number) for number in known)
    assert known & {number for listed in second.TEST_CARDS.values() for number in listed} == set()
    for form in slots.makers(THIRD)["card"]:
        assert {re.sub("[ .-]", "", made) for made in drawn("card", form)} <= known
