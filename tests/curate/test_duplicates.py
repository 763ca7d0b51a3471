"""Duplicates of whole records: order, evidence, independence of cuts and processes, and near ones against every pair compared."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
import unicodedata
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.core.errors import InputError
from bioinstruct.core.text import normalise
from bioinstruct.curate.contamination import Record
from bioinstruct.curate.duplicates import Duplicate, Duplicates, Fingerprint, Prints
from bioinstruct.curate.minhash import Bands, Buckets, shingles, words

SOURCE = Path(__file__).parents[2] / "src"
TEXTS = st.text(alphabet=st.sampled_from("abAB é\u0301ßſ\n\t.,\u00a0\x1f\ud800中"), max_size=6)
RECORDS = st.builds(Record, TEXTS, TEXTS, TEXTS)
SENTENCES = st.lists(
    st.sampled_from(["the", "dose", "of", "this", "drug", "is", "ten", "mg", "a", "day", "for", "an", "adult"]), max_size=9
).map(" ".join)


def names(n: int) -> list[str]:
    return [f"r-{number}" for number in range(n)]


def screened(records: list[Record], cuts: list[int], **settings: float | bool | None) -> list[Duplicate | None]:
    """Screen in calls cut at these places."""
    duplicates = Duplicates(**settings)
    prints = Prints(near=settings.get("near") is not None).of(records)
    ids = names(len(records))
    places = sorted({0, len(records), *(cut % (len(records) + 1) for cut in cuts)})
    return [one for start, end in pairwise(places) for one in duplicates.screen(prints[start:end], ids[start:end])]


def grams(record: Record) -> set[tuple[str, ...]]:
    """Word 3-grams, without hashes."""
    found = words("\n".join(normalise(text) for text in record))
    return {tuple(found[start : start + 3]) for start in range(max(1, len(found) - 2))} if found else set()


def brute(records: list[Record], threshold: float) -> list[tuple[str, float] | None]:
    """Greedy near-duplicates with every pair compared."""
    standing: list[tuple[str, set[tuple[str, ...]]]] = []
    found: list[tuple[str, float] | None] = []
    for name, record in zip(names(len(records)), records, strict=True):
        own = grams(record)
        scores = [(Fraction(len(own & other), len(own | other)), name) for name, other in standing if own and other]
        best = max(scores, key=lambda one: one[0], default=None)
        if best is not None and best[0] >= Fraction(str(threshold)):
            found.append((best[1], float(best[0])))
        else:
            found.append(None)
            standing.append((name, own))
    return found


def changed(dice: np.random.Generator, text: list[str], share: float) -> list[str]:
    """Some words replaced by others."""
    return [f"x{dice.integers(10**6)}" if dice.random() < share else word for word in text]


def synthetic(seed: int, n: int = 400) -> list[Record]:
    """Records of 3 to 120 words, two of three of them copies with a few words changed."""
    dice = np.random.default_rng(seed)
    made: list[list[str]] = []
    for _ in range(n):
        if made and dice.random() < 0.66:
            made.append(changed(dice, made[dice.integers(len(made))], float(dice.choice([0, 0.005, 0.01, 0.03, 0.1]))))
        else:
            made.append([f"w{word}" for word in dice.zipf(1.3, dice.integers(3, 120)) % 5000])
    return [Record(" ".join(one[:10]), " ".join(one[10:30]), " ".join(one[30:])) for one in made]


@given(st.lists(RECORDS, max_size=12), st.lists(st.integers(0, 100), max_size=4))
@settings(max_examples=150, deadline=None)
def test_exact_is_equality_of_the_normalised_fields_however_the_stream_is_cut(records, cuts):
    first: dict[tuple[str, ...], str] = {}
    expected = []
    for name, record in zip(names(len(records)), records, strict=True):
        key = tuple(normalise(text) for text in record)
        expected.append(Duplicate("duplicate", first[key], 1.0) if key in first else None)
        first.setdefault(key, name)
    assert screened(records, cuts) == expected


def test_exact_sees_through_case_space_and_compatibility_and_keeps_fields_apart():
    records = [
        Record("Stra\u00dfe  A", "ﬁne", "x"),
        Record("STRASSE\na", " fine ", "X"),
        Record("strasse a", "", "fine x"),
        Record("strasse a fine", "", "x"),
        Record("a", "bc", ""),
        Record("ab", "c", ""),
        Record("", "", ""),
        Record(" \u00a0", "\t", "\n"),
    ]
    found = screened(records, [])
    assert [one and one.of for one in found] == [None, "r-0", None, None, None, None, None, "r-6"]


@given(st.lists(st.builds(Record, SENTENCES, SENTENCES, SENTENCES), max_size=14), st.lists(st.integers(0, 100), max_size=4))
@settings(max_examples=150, deadline=None)
def test_near_never_names_a_record_below_the_threshold_and_does_not_see_cuts(records, cuts):
    found = screened(records, cuts, exact=False, near=0.6)
    assert found == screened(records, [], exact=False, near=0.6)
    sets = [grams(record) for record in records]
    for own, one in zip(sets, found, strict=True):
        if one is not None:
            other = sets[int(one.of.removeprefix("r-"))]
            assert one.how == "near_duplicate"
            assert found[int(one.of.removeprefix("r-"))] is None, "only a standing record is named"
            assert Fraction(len(own & other), len(own | other)) >= Fraction("0.6")
            assert one.score == pytest.approx(len(own & other) / len(own | other), abs=0)


@pytest.mark.parametrize("seed", range(4))
def test_near_is_the_greedy_rule_over_every_pair(seed):
    records = synthetic(seed)
    expected = brute(records, 0.8)
    found = [None if one is None else (one.of, one.score) for one in screened(records, [7, 31, 390], exact=False, near=0.8)]
    assert found == expected
    assert 40 < sum(one is not None for one in found) < 360


def test_near_finds_all_that_are_far_above_the_threshold():
    dice = np.random.default_rng(3)
    base = [[f"w{word}" for word in dice.integers(0, 50_000, 200)] for _ in range(1000)]
    records = [Record(" ".join(one), "", "") for one in base]
    copies = [Record(" ".join([*one[:-3], "p", "q", "r"]), "", "") for one in base]
    found = screened(records + copies, [], near=0.8)
    assert found[:1000] == [None] * 1000
    assert [one and one.of for one in found[1000:]] == names(1000)
    assert {one.score for one in found[1000:] if one} == {195 / 201}


@pytest.mark.parametrize(("threshold", "rows", "bands"), [(0.5, 3, 35), (0.7, 4, 17), (0.8, 6, 16), (0.9, 10, 11), (1.0, 128, 1)])
def test_at_the_threshold_99_of_100_pairs_are_found(threshold, rows, bands):
    made = Bands(threshold)
    assert (made.rows, made.bands) == (rows, bands)
    assert made.chance(threshold) >= 0.99
    dice = np.random.default_rng(11)
    pairs, union = 4000, 40
    common = round(union * threshold)
    both = np.sort(dice.integers(0, 2**64, (pairs, union), dtype=np.uint64))
    split = common + (union - common) // 2
    first = made.keys([np.sort(row[:split]) for row in both])
    second = made.keys([np.sort(np.concatenate((row[:common], row[split:]))) for row in both])
    assert (first == second).any(axis=1).mean() >= made.chance(threshold) - 0.006  # four standard deviations


def test_every_threshold_has_bands():
    for percent in range(10, 101):
        made = Bands(percent / 100)
        assert made.rows * made.bands <= 128
        assert made.chance(percent / 100) >= 0.99


@pytest.mark.parametrize("threshold", [0.3, 0.7, 0.8, 0.9])
def test_a_score_of_just_the_threshold_is_enough(threshold):
    whole = [[f"w{number}x{place}" for place in range(52)] for number in range(200)]
    part = [Record(" ".join(one[: round(50 * threshold) + 2]), "", "") for one in whole]
    found = screened(part + [Record(" ".join(one), "", "") for one in whole], [], near=threshold)[200:]
    assert sum(one is not None for one in found) >= 196  # MinHash may miss one of a hundred
    assert {one.score for one in found if one} == {threshold}


def test_the_first_of_a_group_stands_and_a_dropped_one_stands_for_nothing():
    text = [f"w{place}" for place in range(60)]
    chain = [text, ["a", *text[1:]], ["a", "b", *text[2:]], ["a", "b", "c", "d", "e", "f", *text[6:]]]
    records = [Record(" ".join(one), "", "") for one in chain]
    found = screened(records, [], near=0.9)
    # The third is near the second, too, which does not stand; the fourth is near the third, which is dropped.
    assert [one and one.of for one in found] == [None, "r-0", "r-0", None]
    assert [one and one.score for one in found] == [None, 57 / 59, 56 / 60, None]


def test_equal_before_near_and_the_nearest_of_several():
    text = [f"w{place}" for place in range(40)]
    records = [
        Record(" ".join(["a", "b", "c", *text]), "", ""),
        Record(" ".join([*text, "x", "y", "z", "u", "v"]), "", ""),
        Record(" ".join([*text, "x", "y", "z"]), "", ""),
        Record(" ".join([*text, "x", "y", "z", "u", "v"]), "", "."),
        Record(" ".join(["A", "b", "c", *text]), "", ""),
    ]
    found = Duplicates(near=0.8)
    found.remember(Prints(near=True).of(records[:2]), ["p", "q"])
    assert found.screen(Prints(near=True).of(records[2:]), ["r", "s", "t"]) == [
        Duplicate("near_duplicate", "q", 41 / 43),
        Duplicate("near_duplicate", "q", 1.0),
        Duplicate("duplicate", "p", 1.0),
    ]


def test_remembered_records_stand_also_where_they_are_alike():
    prints = Prints(near=True).of([Record("a b c d", "", ""), Record("a b c d", "", ""), Record("a b c d e", "", "")])
    duplicates = Duplicates(near=0.7)
    duplicates.remember(prints[:2], ["first", "second"])
    assert len(duplicates) == 2
    assert duplicates.screen([prints[1], prints[2]], ["x", "y"]) == [Duplicate("duplicate", "first", 1.0), None]
    assert len(duplicates) == 3
    duplicates.remember([], [])
    assert duplicates.screen([], []) == []


def test_records_of_few_words():
    records = [Record("yes", "", ""), Record("Yes!", "", ""), Record("no", "", ""), Record("yes no", "", ""), Record("yes", "no", "")]
    records += [Record("...", "", ""), Record("?!", "", ""), Record("", "", "")]
    found = screened(records, [], exact=False, near=0.1)
    assert [one and one.of for one in found] == [None, "r-0", None, None, "r-3", None, None, None]


def test_scripts_without_spaces_are_compared_by_character_and_signs_are_words():
    assert words(normalise("血糖を測る。 pH>7, 5±2 ml/kg (β-blocker) ยา")) == [
        *"血糖を測る", "ph", ">", "7", "5", "±", "2", "ml", "kg", "β", "blocker", *"ยา",
    ]  # fmt: skip
    assert words(normalise("नमस्ते दुनिया، مَرْحَبًا")) == ["नमस्ते", "दुनिया", *normalise("مَرْحَبًا").split()]
    text = "患者は毎日アスピリンを服用しており、血圧は正常範囲内にあると報告されています。"
    found = screened([Record(text, "", ""), Record(text.replace("毎日", "毎朝"), "", "")], [], near=0.8)
    assert found[1] is not None
    assert found[1].how == "near_duplicate"
    assert screened([Record("Is the pH > 7?", "", "yes"), Record("Is the pH < 7?", "", "yes")], [], near=0.8)[1] is None
    decomposed = unicodedata.normalize("NFD", "Ménière’s café naïve")
    assert screened([Record(decomposed, "", "a"), Record("Ménière’s café naïve", "a", "")], [], near=0.9)[1] is not None


def test_huge_and_hostile_texts():
    many = " ".join(f"w{number}" for number in range(15_000))  # 100 kB
    records = [
        Record(many, "", ""), Record(many + " end", "", ""), Record("a " * 50_000, "", ""), Record("a " * 60_000, "", "b"),
        Record("x" * 100_000, "", ""), Record("\ud800 \x00 lone", "", ""), Record("\ud800 \x00 lone", "", ""),
        Record("'); DROP TABLE r;--", "", ""),
    ]  # fmt: skip
    found = screened(records, [3], near=0.3)
    assert [one and one.of for one in found] == [None, "r-0", None, "r-2", None, None, "r-5", None]
    strange = ["\ud800", "", "a\nb", "ж" * 1000]
    duplicates = Duplicates()
    assert duplicates.screen(Prints().of([Record(str(number), "", "") for number in range(4)]), strange) == [None] * 4
    again = duplicates.screen(Prints().of([Record(str(number), "", "") for number in range(4)]), list("wxyz"))
    assert [one and one.of for one in again] == strange


def test_many_alike_and_many_in_one_call():
    records = [Record("the same words again and again", "", "")] * 9000 + [Record(f"word {number} alone", "", "") for number in range(9000)]
    found = screened(records, [], near=0.8)
    assert found[0] is None
    assert set(found[1:9000]) == {Duplicate("duplicate", "r-0", 1.0)}
    assert found[9000:] == [None] * 9000


def test_buckets_give_every_standing_number_with_an_equal_key_and_no_other():
    dice = np.random.default_rng(5)
    buckets, standing = Buckets(2), []
    for _ in range(40):
        keys = dice.integers(0, 60, (25, 2), dtype=np.uint64) << np.uint64(40)
        buckets.open(keys, look=True)
        for row, (left, right) in enumerate(keys.tolist()):
            expected = [number for number, (a, b) in enumerate(standing) if a == left or b == right]
            assert buckets.candidates(row).tolist() == expected
            if dice.random() < 0.5:
                buckets.stand(row, len(standing))
                standing.append((left, right))
        buckets.close()
    assert all(len(runs) < 8 for runs in buckets._runs), "runs are merged, or every look-up would read forty"


def test_shingles_do_not_depend_on_company():
    texts = ["a b c d", "", "a", "a b", "c d e a b c d", "b a", "x " * 700_000]
    together = shingles(texts)
    assert all(np.array_equal(one, shingles([text])[0]) for one, text in zip(together, texts, strict=True))
    assert [len(one) for one in together] == [2, 0, 1, 1, 5, 1, 1]
    assert len({int(one[0]) for one in (together[2], together[3], together[5])}) == 3
    assert shingles([]) == []


def digest_of_decisions() -> str:
    """Of fingerprints and decisions over some records."""
    records = synthetic(17, 150)
    prints = Prints(near=True).of(records)
    found = Duplicates(near=0.8).screen(prints, names(len(records)))
    shown = [(one.exact.hex(), one.shingles.tolist() if one.shingles is not None else None) for one in prints]
    keys = Bands(0.8).keys(shingles(["one two three four", "five"])).tolist()
    text = json.dumps([shown, keys, [one and (one.how, one.of, one.score) for one in found]])
    return hashlib.sha256(text.encode()).hexdigest()


def test_other_processes_decide_the_same_and_so_did_earlier_versions():
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_duplicates as t; print(t.digest_of_decisions())"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": "12345"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.strip() == digest_of_decisions(), done.stderr
    assert Bands(0.8).keys(shingles(["the dose of metformin"]))[0, :2].tolist() == [16719558561360036756, 11071816248774862223]


def test_fingerprints_made_elsewhere_count_the_same():
    records = synthetic(4, 200)
    maker = pickle.loads(pickle.dumps(Prints(near=True)))
    elsewhere: list[Fingerprint] = pickle.loads(pickle.dumps([one for record in records for one in maker.of([record])]))
    ids = names(len(records))
    assert Duplicates(near=0.8).screen(elsewhere, ids) == Duplicates(near=0.8).screen(Prints(near=True).of(records), ids)


def test_what_is_remembered_goes_on_after_pickling():
    records = synthetic(8, 120)
    prints, ids = Prints(near=True).of(records), names(120)
    whole = Duplicates(near=0.8)
    expected = whole.screen(prints, ids)[60:]
    half = Duplicates(near=0.8)
    half.screen(prints[:60], ids[:60])
    assert pickle.loads(pickle.dumps(half)).screen(prints[60:], ids[60:]) == expected


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Duplicates(near=0.05), "near: got 0.05; allowed: 0.1 to 1"),
        (lambda: Duplicates(near=1.01), "near: got 1.01"),
        (lambda: Duplicates(near=float("nan")), "near: got nan"),
        (lambda: Duplicates(similar=0.0), "similar: got 0.0"),
        (lambda: Duplicates(near=0.8).screen(Prints().of([Record("a", "", "")]), ["a"]), "without what 'near_duplicate' compares"),
        (lambda: Duplicates(similar=0.8).screen(Prints().of([Record("a", "", "")]), ["a"]), "without what 'similar' compares"),
        (lambda: Duplicates().screen(Prints().of([Record("a", "", "")]), []), "got 1 fingerprints and 0 ids"),
    ],
)
def test_what_cannot_be_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()
