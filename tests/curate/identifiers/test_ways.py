"""Ways of writing identifiers, «...» around what is to be found: a list of each kind, and of what looks like one and is none.

The lists were written before the patterns, from how records, forms, messages, calls and letters write each kind, and without a look at the
templates of `benchmarks/identifier_templates`. A few lines are not found, which is why the share counts; they stay as what could be found.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bioinstruct.curate.identifiers import find

FOLDER = Path(__file__).parent / "ways"
KINDS = sorted(path.stem for path in FOLDER.glob("*.txt"))
LEAST = 0.94
"""Share of the identifiers of a list that is found."""


def unmarked(line: str) -> tuple[str, list[tuple[int, int]]]:
    """The text of a line and where its identifiers are."""
    pieces = re.split("[«»]", line.replace("\\n", "\n"))
    ends = [sum(map(len, pieces[: place + 1])) for place in range(len(pieces))]
    return "".join(pieces), [(ends[place] - len(pieces[place]), ends[place]) for place in range(1, len(pieces), 2)]


def covered(text: str, start: int, end: int, kind: str) -> bool:
    """Whether something of the kind is found that holds half of a stretch and all its digits."""
    digits = [place for place in range(start, end) if text[place].isdigit()]
    return any(
        one.kind == kind
        and 2 * (min(one.end, end) - max(one.start, start)) >= end - start
        and all(one.start <= place < one.end for place in digits)
        for one in find(text)
    )


def test_there_is_a_list_of_each_kind_that_is_written_in_many_ways():
    assert len(KINDS) == 14
    assert {kind for kind in KINDS if len((FOLDER / f"{kind}.txt").read_text(encoding="utf-8").splitlines()) < 60} == {"email"}


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_all_ways_of_a_list_are_found(kind):
    lines = (FOLDER / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
    found, false = [], []
    for line in lines:
        text, gold = unmarked(line)
        found += [covered(text, start, end, kind) for start, end in gold]
        false += [one for one in find(text) if one.kind == kind and not any(one.start < end and start < one.end for start, end in gold)]
    assert sum(found) / len(found) >= LEAST
    assert len(false) <= 1


NOTHING = {
    "columns that hold no person": [
        "Name | Dose\nMetformin | 500 mg\nInsulin Glargine | 10 units",
        "WBC,HGB,PLT\n4.2,10.9,188\n5.6,11.3,201",
        "| Date | INR |\n|---|---|\n| none | 2.1 |",
        "Gene;Variant;Freq\nBRAF;V600E;0.62\nTP53;R175H;0.31",
        "Age | N\n90 to 95 | 12\n80-89 | 40",
    ],
    "keys": [
        '"doseQuantity": 500, "unit": "mg"',
        '"name": "Metformin", "code": "860975"',
        "<code>44054006</code><display>Type 2 diabetes</display>",
        "n=120; p=0.04; r=0.31; name=metformin",
        '"system": "loinc", "code": "2345-7"',
    ],
    "numbers with another label": [
        "Lot number 4471209; model no. D274TRG; ref 12 of the catalog number 55512; NCT01234567; PMID 12345678",
        "CPT 99213, ICD-10 code E11.9, LOINC 2345-7, NDC 0002-8215-01, SNOMED 44054006, DRG 470",
        "Grant number 5R01HL123456; protocol no. 12-3456; version number 4.2.10; room 4471; bed 12",
        "In the control group: 1000 min; group of 20 650; policy of 12345; record 12345 deaths; MCF-7; HEK293T",
    ],
    "numbers in words": [
        "One or two; three four-hour shifts; one two three deep breaths; oh five hundred",
        "from one to four; zero to one",
    ],
    "days": [
        "Available 24/7; pain 7/10; 3/4 of a tablet; MMSE 26/30; GCS 14/15; 1/3rd may remain; the first may be given",
        "10-15-20 mg; 12-24-36 months; version 1.2.20; EC 3.4.21.5; CAS 64-17-5; section 4.2.10; C5-6-7",
    ],
    "ages": ["(99)mTc-sestamibi; HR was 98 and regular; 93F today with 98% sat; nearing 100 mg; at 95 he turned blue at 90 bpm"],
    "ways and walks": ["A 6 Minute Walk; a 2 Way Street; 30 Second Run; a 10 minute drive; box 11 is empty; 2 lane road; NO ID 23371"],
    "countries and their parts": [
        "The majority live in Quebec or have ancestors there; the snail is native of Southeast Asia and of New Brunswick."
    ],
    "plates": ["plate 6-hole 3.5 LCP; 96-well plate A1-H12; tibial plate; agar plates 1200; the volar plate was 12 mm"],
    "persons": [
        "Patient: Um, I'd say six. Doctor: Absolutely. Living with Spina Bifida; a protein called Sonic Hedgehog; also known as Roofies",
        "Mother Caucasian; father Vietnam veteran; sister chromatid; brother Alive; Newborn Screening; Infant Nutrition",
        "Top of page Images; they are sometimes called MA Plans. Medicare must approve",
        "Patient: Fifth grade.\nDoctor: Mom, is he in public school?\nGuest_family: Yes.",
        "dr said it is fine; dr. appt tomorrow; to miss school; MR ANGIOGRAPHY; MS FLARE; the best performed\n4 weeks after",
        "Signed rank test; names by doctors; see Video Abstract; discussed with the U.S. Food and Drug Administration",
    ],
}


@pytest.mark.parametrize("text", [text for several in NOTHING.values() for text in several])
def test_what_only_looks_like_one_is_none(finds_nothing, text):
    finds_nothing(text)


@pytest.mark.parametrize(
    "unit", ["PID|", "|", "REF*", '"a": "', "<a>", "a=", "____", ". . ", "one two ", "Name\t", "a,b\n", "Best,\n", "Dear A", "12 Aa "]
)
def test_the_time_grows_with_the_length_alone(unit):
    find(unit * (40_000 // len(unit)))
