"""The templates with identifiers and the values drawn for them."""

import importlib
import ipaddress
import itertools
import random
import re
import sys
import types
from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from bioinstruct.core.errors import DataError, InputError

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


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

PARTS = tuple(values.PARTS)
SECOND = "held_out_second"
VARIED = (SECOND, "held_out_third", "held_out_fourth")
"""The larger parts, of many more genres than the first two."""
LEAST = {"develop": (12, 75), "held_out": (12, 75)} | dict.fromkeys(VARIED, (30, 250))
"""Templates a kind, and sentences without an identifier, of each part."""
FIRST_GENRES = {"note", "discharge", "referral", "dialogue", "portal", "research", "billing"}
EVERY = [("develop", kind, form) for kind, forms in values.MAKERS.items() for form in forms]
CHECKED = EVERY + [(SECOND, kind, form) for kind, forms in second.SECOND.items() for form in forms]
FEW = {("age_over_89", "decade"): 3, ("card", "spaced"): 10, ("card", "dashed"): 10, ("card", "plain"): 20, ("card", "mastercard"): 10}
FEW |= {("card", "discover"): 10, ("card", "amex"): 10}
"""Formats of the second part with few values, because few are set aside for tests or few exist."""


def drawn(kind: str, form: str, part: str = "develop", n: int = 200) -> list[str]:
    return [slots.value(kind, form, values.Draw(random.Random(number), part)) for number in range(n)]


# The files


@pytest.mark.parametrize("part", PARTS)
def test_every_kind_has_enough_templates_and_there_are_enough_sentences_without_one(part):
    each, without = LEAST[part]
    counts = Counter(template.kind for template in templates.read(part))
    assert {kind: counts[kind] for kind in slots.KINDS if counts[kind] < each} == {}
    assert counts["none"] >= without
    assert all(not template.slots for template in templates.read(part) if template.kind == "none")
    assert len(slots.KINDS) == 18


@pytest.mark.parametrize("part", PARTS)
def test_the_files_are_plain_tables(part):
    raw = (values.FOLDER / f"{part}.tsv").read_bytes()
    lines = [line for line in raw.decode("utf-8").split("\n") if not line.startswith("# ")]
    assert lines[0] == "kind\tgenre\ttemplate"
    assert lines[-1] == ""
    assert b"\r" not in raw
    for line in lines[1:-1]:
        columns = line.split("\t")
        assert len(columns) == 3
        assert all(column == column.strip() != "" for column in columns)
        assert "\\" not in unescaped(columns[2])
    genres = Counter(template.genre for template in templates.read(part) if template.kind != "none")
    assert {genre for genre in templates.GENRES if genres[genre] >= 10} == (set(templates.GENRES) if part in VARIED else FIRST_GENRES)


def unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")


def normalised(template) -> str:
    return " ".join(re.findall(r"\w+", re.sub(r"\{(\w+)(\.\w+)?\}", r"\1", unescaped(template.text)).casefold()))


def test_the_parts_share_no_template_and_none_stands_twice():
    read = {part: [normalised(template) for template in templates.read(part)] for part in PARTS}
    assert [text for text, n in Counter(itertools.chain(*read.values())).items() if n > 1] == []
    for one, other in itertools.combinations(PARTS, 2):
        likeness = process.cdist(read[one], read[other], scorer=fuzz.token_sort_ratio)
        assert [(read[one][row], read[other][column]) for row, column in zip(*(likeness > 80).nonzero(), strict=True)] == []


def test_the_parts_share_no_word_list():
    names = ("given", "family", "street", "city", "host")
    for one, other in itertools.combinations((values.words(part) for part in PARTS), 2):
        assert set(one) == set(other) == {*names, "street_type"}
        assert {name: set(one[name]) & set(other[name]) for name in names} == {name: set() for name in names}


def test_every_further_format_is_used_and_only_the_second_part_has_it():
    used = {slot for template in templates.read(SECOND) for slot in template.slots}
    used |= {("name", form) for kind, form in used if kind == "name_free"} | {("name_free", form) for kind, form in used if kind == "name"}
    assert {(kind, form) for kind, forms in second.SECOND.items() for form in forms} - used == set()
    with pytest.raises(InputError, match=r"slot: got 'date\.days'"):
        slots.value("date", "days", values.Draw(random.Random(0), "held_out"))


@pytest.mark.parametrize("part", PARTS)
def test_a_sentence_said_to_have_no_identifier_has_nothing_that_looks_like_one_whatever_it_says(part):
    shapes = (
        r"@\w|://|www\.",
        r"\b\d{3}-\d\d-\d{4}\b",
        r"\b\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}\b",
        r"\b\d\d?([-/.])\d\d?\1(19|20)\d\d\b",
        r"\b(19|20)\d\d-[01]\d-\d\d\b",
        r"\b(9\d|1[0-2]\d)[- ]?(y/?o|year|yr)",
    )
    without = [template for template in templates.read(part) if template.kind == "none"]
    assert [(template.id, shape) for template in without for shape in shapes if re.search(shape, template.text)] == []


BAD_LINES = [
    ("phone\tnote", "2 columns"),
    ("phone\tnote\tcall {phone}\tmore", "4 columns"),
    ("pet\tnote\tcall {phone}", "field 'kind': got pet"),
    ("phone\tpoem\tcall {phone}", "field 'genre': got poem"),
    ("phone\tnote\tcall {phone.morse}", "got {phone.morse}"),
    ("phone\tnote\tcall {pet}", "got {pet.}"),
    ("phone\tnote\tcall {phone} {", "a brace outside a slot"),
    ("phone\tnote\tcall me", "allowed: at least one slot of kind phone"),
    ("phone\tnote\twrite to {email}", "allowed: at least one slot of kind phone"),
    ("none\tnote\tcall {phone}", "allowed: no slot"),
]


@pytest.mark.parametrize(("line", "told"), BAD_LINES)
def test_a_bad_line_is_named(line, told, tmp_path, monkeypatch):
    (tmp_path / "develop.tsv").write_text(f"kind\tgenre\ttemplate\nnone\tnote\tstable\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    with pytest.raises(DataError) as caught:
        templates.read("develop")
    assert told in str(caught.value)
    assert "develop.tsv, line 3" in str(caught.value)


def test_a_wrong_header_or_part_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="part: got 'test'; allowed: develop, held_out, held_out_second"):
        templates.read("test")
    (tmp_path / "held_out.tsv").write_text("", encoding="utf-8")
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    with pytest.raises(DataError, match="line 1: got ''"):
        templates.read("held_out")


def test_a_head_may_stand_before_the_header_and_nowhere_else(tmp_path, monkeypatch):
    table = "kind\tgenre\ttemplate\nnone\tnote\tstable\n"
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    (tmp_path / "develop.tsv").write_text(f"# what it is\n# and since when\n{table}", encoding="utf-8")
    assert [(template.id, template.text) for template in templates.read("develop")] == [("develop:4", "stable")]
    (tmp_path / "develop.tsv").write_text(f"{table}# more\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"line 3.*1 columns"):
        templates.read("develop")
    (tmp_path / "develop.tsv").write_text("# what it is\nnone\tnote\tstable\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2"):
        templates.read("develop")
    (tmp_path / "develop.tsv").write_text("# only a head\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1: got '# only a head'"):
        templates.read("develop")


# Filling


@pytest.mark.parametrize("part", PARTS)
def test_slots_are_filled_and_the_places_are_right(part):
    for made in templates.examples(part, draws=3, seed=1):
        spans = sorted((*made.gold, *made.neutral), key=lambda span: span.start)
        assert [span.kind for span in spans] == [kind for kind, _ in made.template.slots]
        pieces, done = [], 0
        for span in spans:
            pieces.append(made.text[done : span.start])
            done = span.end
            assert made.text[span.start : span.end].strip() == made.text[span.start : span.end] != ""
        pieces.append(made.text[done:])
        assert pieces == re.split(r"\{[\w.]+\}", unescaped(made.template.text))


@pytest.mark.parametrize("part", PARTS)
def test_what_is_marked_is_what_was_drawn_for_the_slot(part):
    for template in templates.read(part):
        made = templates.fill(template, values.Draw(random.Random(template.text), part))
        again = values.Draw(random.Random(template.text), part)
        marked = [made.text[span.start : span.end] for span in sorted((*made.gold, *made.neutral), key=lambda span: span.start)]
        assert marked == [slots.value(kind, form, again) for kind, form in template.slots]


def test_a_span_holds_the_value_that_was_drawn():
    template = templates.Template("made:1", "phone", "note", "P {phone}\\nF {fax}, {city}")
    made = templates.fill(template, values.Draw(random.Random(3), "develop"))
    again = values.Draw(random.Random(3), "develop")
    phone, fax, city = (slots.value(kind, "", again) for kind in ("phone", "fax", "city"))
    assert made.text == f"P {phone}\nF {fax}, {city}"
    assert [(made.text[span.start : span.end], span.kind) for span in made.gold] == [(phone, "phone"), (fax, "fax")]
    assert [made.text[span.start : span.end] for span in made.neutral] == [city]


@pytest.mark.parametrize("part", PARTS)
def test_the_same_seed_gives_the_same_texts_and_another_seed_others(part):
    def texts(seed):
        return [made.text for made in templates.examples(part, 2, seed) if made.gold]

    assert texts(0) == texts(0)
    assert sum(one != other for one, other in zip(texts(0), texts(1), strict=True)) > 0.8 * len(texts(0))


def test_sentences_without_slots_come_once():
    counts = Counter(made.template.id for made in templates.examples("develop", 5, 0))
    assert {made.template.kind for made in templates.examples("develop", 1, 0) if counts[made.template.id] == 1} == {"none"}
    assert set(counts.values()) == {1, 5}


@pytest.mark.parametrize(("part", "kind", "form"), CHECKED)
def test_values_have_many_forms_and_no_leftover_of_their_pattern(part, kind, form):
    found = drawn(kind, form, part)
    assert all(found)
    assert not any(set(text) & set("?^~{}\n\t") for text in found if kind not in ("url", "ssn") and form != "hl7")
    assert len(set(found)) >= FEW.get((kind, form), 6 if kind in ("city", "age_over_89") else 31)


def test_an_unknown_slot_is_refused():
    with pytest.raises(InputError, match=r"slot: got 'phone\.morse'; allowed: .*phone\.dashed"):
        slots.value("phone", "morse", values.Draw(random.Random(0), "develop"))
    with pytest.raises(InputError, match="part: got 'test'; allowed: develop, held_out, held_out_second"):
        slots.makers("test")


# Check digits: published numbers, and rules written a second time


def luhn_holds(digits: str) -> bool:
    doubled = [
        int(digit) if place % 2 == 0 else (int(digit) * 2 - 1) % 9 + 1 if digit != "0" else 0 for place, digit in enumerate(digits[::-1])
    ]
    return sum(doubled) % 10 == 0


def test_check_digits_of_published_examples():
    assert values.luhn_digit("80840123456789") == "3"  # the NPI standard's own example, 1234567893
    assert values.luhn_digit("411111111111111") == "1"
    assert values.gtin_digit("400638133393") == "1"
    assert values.vin_digit("1M8GDM9AXKP042788") == "X"
    assert values.vin_digit("1" * 17) == "1"
    assert values.dea_digit("123456") == "3"
    assert values.iban_digits("DE", "370400440532013000") == "89"


def test_cards_and_provider_numbers_pass_luhn():
    for form in values.MAKERS["card"]:
        for card in drawn("card", form):
            digits = re.sub(r"[ -]", "", card)
            assert luhn_holds(digits)
            assert len(digits) == (15 if digits.startswith("3") else 16)
    for npi in drawn("licence", "npi"):
        assert re.fullmatch(r"[12]\d{9}", npi)
        assert luhn_holds("80840" + npi)


def test_dea_numbers_vins_ibans_and_device_identifiers_are_valid():
    for dea in drawn("licence", "dea"):
        a, b, c, d, e, f, check = map(int, dea[2:])
        assert (a + c + e + 2 * (b + d + f)) % 10 == check
    for vin in drawn("vehicle", "vin"):
        assert re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", vin)
        assert values.vin_digit(vin) == vin[8]
    for iban in drawn("account", "iban"):
        plain = iban.replace(" ", "")
        assert int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1
    for udi in drawn("device", "udi"):
        item = re.fullmatch(r"\(01\)(\d{14})\(17\)\d{6}\(10\)\w+\(21\)\w+", udi)[1]
        assert sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(item)) % 10 == 0


def test_numbers_that_are_never_issued_are_not_drawn():
    for form in ("", "dashed", "spaced", "plain"):
        for ssn in drawn("ssn", form):
            digits = re.sub(r"\D", "", ssn)
            assert len(digits) == 9
            assert digits[:3] not in ("000", "666")
            assert digits[0] != "9"
            assert digits[3:5] != "00"
            assert digits[5:] != "0000"
    for phone in drawn("phone", "plain"):
        assert re.fullmatch(r"[2-9]\d{2}[2-9]\d{2}\d{4}", phone)
    assert 0.02 < sum("555" in phone[3:6] for phone in drawn("phone", "plain", n=500)) / 500 < 0.25
    for mbi in drawn("health_plan", "mbi"):
        assert re.fullmatch(r"[1-9][A-Z][A-Z0-9]\d[A-Z][A-Z0-9]\d[A-Z]{2}\d{2}", mbi.replace("-", ""))


def test_ages_are_above_eighty_nine_and_addresses_in_range():
    assert all(90 <= int(age) < 125 for age in drawn("age_over_89", ""))
    assert all(re.match("ninety-|one hundred and ", age) for age in drawn("age_over_89", "words"))
    assert all(max(map(int, address.split("."))) <= 255 and address.count(".") == 3 for address in drawn("ip", "v4"))
    for email in drawn("email", ""):
        assert re.fullmatch(r"[a-z0-9._+-]+@[a-z0-9.-]+\.[a-z]{2,4}", email)


# The second part: ranges set aside for made-up text


FICTIONAL = (
    r"(\+?1[- ]?)?\(?\d{3}\)?[-. /]?555[-. ]?\d{4}(,? (x|[Ee]xt\.? ?)\d{3,4}| x\d{4})?",  # North America
    r"(\+44 |0)20 7946 0\d{3}|\(0161\) 496 0\d{3}|0113 496 0\d{3}|(0|\+44 \(0\))1632 960 ?\d{3}",  # Ofcom
    r"(0|\+44 )7700 900\d{3}|0808 157 0\d{3}",  # Ofcom, too
    r"\(02\) 5550 \d{4}|\+61 491 570 1\d\d|(\+33 1|01) 99 00 \d\d \d\d|\+33 6 39 98 \d\d \d\d|\+353 20 91\d \d{4}",  # ACMA, Arcep, ComReg
    r"(\+49 30|030 /) 23125 \d{3}|\+49 171 39200\d\d|555-\d{4}",  # Bundesnetzagentur; a local number
)


def test_telephones_are_those_kept_for_fiction():
    for kind in ("phone", "fax"):
        for form in second.SECOND[kind]:
            if form != "spoken":
                assert [number for number in drawn(kind, form, SECOND) if not re.fullmatch("|".join(FICTIONAL), number)] == []
    assert all("five five five" in number for number in drawn("phone", "spoken", SECOND))


def test_hosts_are_example_domains_and_addresses_are_documentation_or_private():
    for kind, forms in (("email", ("", "upper", "odd", "generic")), ("url", ("", "https", "www", "plain", "query"))):
        for form in forms:
            for made in drawn(kind, form, SECOND):
                assert re.search(r"(^|[@./])example\.(com|org|net|edu)(/|$)", made.lower())
    for form in ("", "v4_more", "v6_more"):
        assert all(ipaddress.ip_address(made).is_private for made in drawn("ip", form, SECOND))


def test_cards_are_test_numbers_that_hold():
    known = {number for numbers in second.TEST_CARDS.values() for number in numbers}
    assert all(luhn_holds(number) for number in known)
    for form in slots.makers(SECOND)["card"]:
        if form != "visa":  # of all parts, and not used here
            assert {re.sub("[ -]", "", made) for made in drawn("card", form, SECOND)} <= known
    assert ("card", "visa") not in {slot for template in templates.read(SECOND) for slot in template.slots}


def test_further_formats_are_what_they_say():
    for iban in drawn("account", "iban_more", SECOND):
        plain = iban.replace(" ", "")
        assert int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1
    for udi in drawn("device", "udi_short", SECOND):
        item = re.fullmatch(r"\(01\)(\d{14})(\(11\)2\d0415)?\(21\)\w+", udi)[1]
        assert sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(item)) % 10 == 0
    for licence in drawn("licence", "uk_driver", SECOND):
        assert re.fullmatch(r"[A-Z]{2,5}9{0,3}\d{6}[A-Z][A-Z9]\d[A-Z]{2}", licence)
        assert len(licence) == 16
    assert all(re.fullmatch("ninety [a-z]+|(a|one) hundred and [a-z]+", age) for age in drawn("age_over_89", "spoken", SECOND))
    assert second.ORDINALS[11:13] == ("twelfth", "thirteenth")
    assert len(second.ORDINALS) == 31
