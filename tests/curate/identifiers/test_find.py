from __future__ import annotations

import itertools
import random
import subprocess
import sys
from dataclasses import replace

import pytest

from bioinstruct.curate.identifiers import KINDS, Found, find, mask
from bioinstruct.curate.identifiers.found import without_overlaps
from bioinstruct.curate.identifiers.pattern import Pattern, Searched, in_small_letters
from bioinstruct.curate.identifiers.patterns import PATTERNS

NOTE = (
    "Patient: Jane Whitfield, MRN 4471-209, DOB 03/14/1929, aged 92, seen by Dr. Osei on March 3, 2021. "
    "Phone (212) 555-0187, fax 212-555-0188, jane@example.org, https://portal.example.org/p/1 from 203.0.113.77. "
    "SSN 219-09-9999, member ID XZW882193, account number 4432-9981, driver's license D1234567, "
    "VIN 1HGCM82633A004352, pacemaker serial number PJN654321, card 4111 1111 1111 1111. "
    "Lives at 12 Elm St, Dayton, OH 45402. BP 120/80, Na 140, 2.5 mg/5 mL, strength 5/5."
)
HOSTILE = (
    *(
        "1",
        "/",
        "@",
        ":",
        "-",
        ".",
        " ",
        "1/",
        "1:",
        "a.",
        "a@",
        "1234 ",
        "123-456-",
        "(212) ",
        "www.",
        "Mr. ",
        "Name: ",
        "Aa, ",
        "March 1",
    ),
    *("MRN: ", "phone ", "1 Aa ", "the first of ", "İ"),
)


def spans(text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in find(text)]


def test_every_kind_in_one_note():
    found = find(NOTE)
    assert {one.kind for one in found} == set(KINDS)
    assert {one.finder for one in found} == {"patterns"}
    assert found == sorted(found, key=lambda one: one.start)
    assert all(one.end <= after.start for one, after in itertools.pairwise(found))


def test_a_masked_note_holds_no_identifier_and_its_values_stay():
    masked = mask(NOTE, find(NOTE))
    assert find(masked) == []
    assert masked.startswith("Patient: [NAME], MRN [MEDICAL_RECORD], DOB [DATE], aged [AGE_OVER_89], seen by Dr. [NAME] on [DATE].")
    assert masked.endswith("Lives at [ADDRESS]. BP 120/80, Na 140, 2.5 mg/5 mL, strength 5/5.")


def test_every_pattern_is_of_a_known_kind():
    assert {pattern.kind for pattern in PATTERNS} == set(KINDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Account 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),  # a check digit before a label
        ("MRN 555-123-4567", [("medical_record", "555-123-4567")]),  # a label before a shape
        ("mail a@b.example.org now", [("email", "a@b.example.org")]),  # the longest
        ("https://example.org/?ip=203.0.113.77&d=2021-03-14", [("url", "https://example.org/?ip=203.0.113.77&d=2021-03-14")]),
        ("Fax 212-555-0187, phone 212-555-0188", [("fax", "212-555-0187"), ("phone", "212-555-0188")]),
        ("DOB 03/14/1950. MRN 03141950", [("date", "03/14/1950"), ("medical_record", "03141950")]),
    ],
)
def test_overlapping_findings(text, expected):
    assert spans(text) == expected


def test_the_longest_stays_then_the_lower_rank_then_the_first():
    long, short = Found(0, 9, "date", "b"), Found(2, 5, "phone", "a")
    assert without_overlaps([(0, short), (1, long)]) == [long]
    same, other = Found(0, 5, "date", "b"), Found(3, 8, "phone", "a")
    assert without_overlaps([(1, same), (0, other)]) == [other]
    assert without_overlaps([(0, other), (0, same)]) == [same]
    apart = Found(8, 9, "ip", "a")
    assert without_overlaps([(0, apart), (0, other), (1, same)]) == [other, apart]


def test_mask():
    text = "Call 555-0187 on 3/14."
    assert mask(text, [Found(17, 21, "date", "x"), Found(5, 13, "phone", "x")]) == "Call [PHONE] on [DATE]."
    assert mask(text, []) == text
    assert mask("ab", [Found(0, 1, "name", "x"), Found(1, 2, "ip", "x")]) == "[NAME][IP]"


@pytest.mark.parametrize("found", [[Found(0, 3, "ip", "x"), Found(2, 5, "ip", "x")], [Found(3, 9, "ip", "x")], [Found(2, 2, "ip", "x")]])
def test_findings_of_another_text_are_not_masked(found):
    with pytest.raises(ValueError, match="allowed: 0 to"):
        mask("12345", found)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "x", "\0", "\ud800", "🙂" * 10, "ﬁ İ ß"])
def test_texts_without_anything(text):
    assert find(text) == []
    assert mask(text, []) == text


def test_offsets_are_characters_whatever_stands_before():
    before = "İİ 🙂 ﬁ é\u0301 "
    assert [(one.start - len(before), one.end - len(before)) for one in find(before + "seen on 03/14/2021")] == [(8, 18)]
    assert len(in_small_letters(before)) == len(before)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_finishes(piece):
    """A hundred thousand characters: where a pattern went over them again and again, this would take minutes and more."""
    text = (piece * 100_000)[:100_000]
    found = find(text)
    assert mask(text, found).count("[") >= len(found)


def test_the_same_text_has_the_same_findings_in_every_process():
    code = f"from bioinstruct.curate.identifiers import find; print(find({NOTE!r}))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1")
    }
    assert outputs == {f"{find(NOTE)}\n"}


def test_what_a_pattern_needs_leaves_nothing_out():
    """Searching only near the words and digits that a pattern needs finds what searching everywhere finds."""
    rng = random.Random(4)
    pieces = [piece + " " for piece in NOTE.split(" ")]
    texts = [NOTE, *("".join(rng.choices(pieces, k=rng.randrange(5, 120))) for _ in range(40))]
    for pattern in PATTERNS:
        everywhere = replace(pattern, needs=(), digits=0)
        for text in texts:
            searched = Searched(text)
            assert list(pattern.search(searched)) == list(everywhere.search(searched)), pattern


def test_a_value_beyond_the_reach_is_found_whole():
    pattern = Pattern("account", r"no (?P<value>\d+)(?!\w)", needs=("no",), lead=0, reach=6)
    assert list(pattern.search(Searched("no 123456789."))) == [(3, 12)]
    assert list(pattern.search(Searched("no 123456789x no 1"))) == [(17, 18)]
