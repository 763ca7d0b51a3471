from __future__ import annotations

import json
import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Category, Instruction, Origin, Rejected, Verdict, instruction_id
from bioinstruct.core.text import ngrams, rouge_words
from bioinstruct.curate import describe as module
from bioinstruct.curate.describe import SAMPLE, TEXT, describe

RULES = ("too_short", "keyword", "novelty")
EVIL = "<script>alert(1)</script>\u202e\u05d0\u05d1\x00"


def record(instruction="List the drugs.", input="", output="none", category=Category.QA, seeds=(), position=1):
    origin = Origin("teacher", tuple(seeds), 0, position, "embedded")
    return Instruction(instruction_id(instruction, input, output), instruction, input, output, category, origin)


def dropped(rule, one=None, **evidence):
    return Rejected(one or record(), Verdict(False, rule, evidence))


def test_examples_are_the_first_the_middle_and_the_last():
    rejected = [dropped("novelty", record(f"Text number {n}."), n=n) for n in range(9)]
    rejected[4:4] = [dropped("keyword", record("Show the image."), keyword="image")]
    funnel = describe([], rejected, [], RULES)["funnel"]
    steps = {step["rule"]: step for step in funnel["rules"]}
    assert list(steps) == list(RULES)
    assert [one["number"] for one in steps["novelty"]["examples"]] == [1, 5, 9]
    assert [one["evidence"] for one in steps["novelty"]["examples"]] == [{"n": 0}, {"n": 4}, {"n": 8}]
    assert [one["number"] for one in steps["keyword"]["examples"]] == [1]
    assert steps["too_short"] == {"rule": "too_short", "dropped": 0, "examples": []}


@pytest.mark.parametrize(("n", "numbers"), [(0, []), (1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 3, 4])])
def test_few_records_give_few_examples(n, numbers):
    surplus = [dropped("surplus", record(f"Number {one}.")) for one in range(n)]
    assert [one["number"] for one in describe([], [], surplus, RULES)["funnel"]["surplus_examples"]] == numbers


def test_long_texts_and_odd_evidence_are_cut_and_said_to_be():
    long = record("word " * 200, "", EVIL)
    found = describe(
        [], [dropped("novelty", long, text="x" * 999, pair=["\u00e9", {"a": None}], score=0.7, there=True, none=None)], [], RULES
    )
    example = found["funnel"]["rules"][2]["examples"][0]
    assert example["instruction"] == {"text": ("word " * 200)[:TEXT], "characters": 1000, "cut": True}
    assert example["output"] == {"text": EVIL, "characters": len(EVIL), "cut": False}
    assert example["evidence"] == {
        "text": "x" * TEXT + "\u2026", "pair": '["\u00e9", {"a": null}]', "score": 0.7, "there": True, "none": None,
    }  # fmt: skip
    assert example["request"] == 0


def test_a_rule_that_is_not_known_is_refused():
    with pytest.raises(InputError, match="got the rule 'mood'; allowed: too_short, keyword, novelty"):
        describe([], [dropped("mood")], [], RULES)


def test_lengths_are_in_words_and_leave_out_empty_inputs():
    kept = [record("one two three", "a b" if n < 2 else "  ", "w " * n) for n in range(100)]
    found = describe(kept, [], [], RULES)["lengths"]
    assert found["instruction"] == {
        "n": 100, "min": 3, "p5": 3, "median": 3.0, "mean": 3.0, "p95": 3, "max": 3,
        "histogram": [{"from": n, "to": n + 1, "n": 100 * (n == 3)} for n in range(4)],
    }  # fmt: skip
    assert (found["input"]["n"], found["without_input"], found["share_without_input"]) == (2, 98, 0.98)
    output = found["output"]
    assert [output[name] for name in ("min", "p5", "median", "mean", "p95", "max")] == [0, 4, 49.5, 49.5, 94, 99]


def test_few_very_long_texts_share_the_last_bar():
    kept = [record(output="x " * 3)] * 98 + [record(output="x " * 5000)] * 2
    histogram = describe(kept, [], [], RULES)["lengths"]["output"]["histogram"]
    assert sum(one["n"] for one in histogram) == 100
    assert len(histogram) <= module.BINS + 1
    mostly = [record(output="x " * 3)] * 99 + [record(output="x " * 5000)]
    last = describe(mostly, [], [], RULES)["lengths"]["output"]["histogram"][-1]
    assert last == {"from": 4, "to": None, "n": 1}


def test_seeds_that_led_to_nothing_kept_count_as_never_shown():
    kept = [record(seeds=("a", "b")), record(seeds=("a", "a"))]
    found = describe(kept, [dropped("novelty", record(seeds=("c",)))], [dropped("surplus", record(seeds=("a",)))], RULES)["seeds"]
    assert found == {"seeds": 3, "showings": 3, "min": 0, "median": 1.0, "max": 2}
    assert describe([record()], [], [], RULES)["seeds"] is None


def test_verbs_are_labelled_by_rule():
    found = describe([record("List the drugs."), record("What is it?")], [], [], RULES)["verbs"]
    assert found["method"] == "by rule"
    assert (found["instructions"], found["with_verb"], found["questions"]) == (2, 1, 1)


def test_openings():
    kept = [record(text) for text in ("List the drugs.", "list THE drugs of it", "List the doses", "Two words", "")]
    assert describe(kept, [], [], RULES)["diversity"]["opening_trigrams"] == {"texts": 3, "distinct": 2, "ratio": 0.666667}


def test_the_sample_is_the_first_tokens_whatever_comes_after(monkeypatch):
    monkeypatch.setattr(module, "SAMPLE", 4)
    short = [record("a b a"), record("b c d e")]
    longer = [*short, record("f g h i j k")]
    few, many = (describe(kept, [], [], RULES)["diversity"]["instruction"] for kept in (short, longer))
    assert few["sample"] == many["sample"]
    assert few["sample"]["tokens"] == 4
    assert few["sample"]["ngrams"]["1"] == {"ngrams": 4, "distinct": 2, "ratio": 0.5}
    assert few["sample"]["ngrams"]["2"] == {"ngrams": 2, "distinct": 2, "ratio": 1.0}  # a b, b a; "a b" is not across two texts
    assert few["tokens"] == 7
    assert describe([record("a b a")], [], [], RULES)["diversity"]["instruction"]["sample"] is None


def test_a_huge_vocabulary_changes_nothing(monkeypatch):
    chosen = random.Random(5)
    kept = [record(" ".join(chosen.choices("abcdefgh", k=9))) for _ in range(50)]
    expected = describe(kept, [], [], RULES)["diversity"]
    monkeypatch.setattr(module, "_MOST", 10)
    assert describe(kept, [], [], RULES)["diversity"] == expected


def test_nothing_at_all():
    found = describe([], [], [], ())
    assert found["funnel"] == {"candidates": 0, "kept": 0, "surplus": 0, "rejected": 0, "rules": [], "surplus_examples": []}
    assert found["lengths"] == {"instruction": None, "input": None, "output": None, "without_input": 0, "share_without_input": None}
    assert found["categories"]["qa"] == {"n": 0, "share": 0.0}
    assert found["diversity"]["output"] == {
        "tokens": 0, "ngrams": {str(n): {"ngrams": 0, "distinct": 0, "ratio": None} for n in (1, 2, 3)}, "sample": None,
    }  # fmt: skip


def test_many_records():
    chosen = random.Random(3)
    kept = [record(" ".join(chosen.choices("abcdefghijklmnop", k=12)), output="yes", position=n) for n in range(4000)]
    found = describe(kept, [], [], RULES)["diversity"]["instruction"]
    assert found["tokens"] == 48_000
    assert found["sample"]["tokens"] == SAMPLE
    assert found["ngrams"]["3"]["distinct"] == 16**3
    assert found["sample"]["ngrams"]["3"]["ratio"] > found["ngrams"]["3"]["ratio"]


texts = st.text(st.sampled_from("ab c.\u00e9\u05d0\n"), max_size=24)
seeds = st.lists(st.sampled_from("stuv"), max_size=3)
records = st.builds(record, texts, texts, texts, st.sampled_from(Category), seeds)
rejections = st.builds(dropped, st.sampled_from(RULES), records)


@settings(deadline=None, max_examples=80)
@given(st.lists(records, max_size=9), st.lists(rejections, max_size=9), st.lists(records, max_size=5))
def test_counts_add_up(kept, rejected, beyond):
    surplus = [dropped("surplus", one) for one in beyond]
    found = describe(kept, rejected, surplus, RULES)
    assert json.dumps(found) == json.dumps(describe(list(kept), list(rejected), list(surplus), RULES))
    funnel = found["funnel"]
    assert funnel["candidates"] == funnel["kept"] + funnel["surplus"] + funnel["rejected"] == len(kept) + len(rejected) + len(beyond)
    assert funnel["rejected"] == sum(step["dropped"] for step in funnel["rules"])
    counted = Counter(one.verdict.rule for one in rejected)
    assert [(step["rule"], step["dropped"]) for step in funnel["rules"]] == [(rule, counted[rule]) for rule in RULES]
    for step in funnel["rules"]:
        numbers = [one["number"] for one in step["examples"]]
        assert len(numbers) == min(3, step["dropped"])
        assert all(one < other for one, other in pairwise(numbers))
        of_rule = [one.instruction.id for one in rejected if one.verdict.rule == step["rule"]]
        assert [one["id"] for one in step["examples"]] == [of_rule[number - 1] for number in numbers]
    assert sum(one["n"] for one in found["categories"].values()) == len(kept)
    lengths = found["lengths"]
    for field in ("instruction", "input", "output"):
        figures = lengths[field]
        missing = lengths["without_input"] if field == "input" else 0
        assert (0 if figures is None else figures["n"]) + missing == len(kept)
        if figures is not None:
            assert sum(one["n"] for one in figures["histogram"]) == figures["n"]
            assert figures["min"] <= figures["p5"] <= figures["median"] <= figures["p95"] <= figures["max"]
    verbs = found["verbs"]
    assert verbs["with_verb"] + verbs["questions"] + verbs["neither"] == len(kept)
    if found["seeds"] is not None:
        assert found["seeds"]["showings"] == sum(len(set(one.origin.seeds)) for one in kept)
    for field in ("instruction", "input", "output"):
        tokens = [rouge_words(getattr(one, field)) for one in kept]
        assert found["diversity"][field]["tokens"] == sum(map(len, tokens))
        for n in (1, 2, 3):
            counted = sum((ngrams(one, n) for one in tokens), Counter())
            told = found["diversity"][field]["ngrams"][str(n)]
            assert (told["ngrams"], told["distinct"]) == (counted.total(), len(counted))
