from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score import rouge_scorer

from bioinstruct.core.errors import InputError
from bioinstruct.core.text import rouge_words
from bioinstruct.curate import novelty
from bioinstruct.curate.novelty import Pool

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
SCORER = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)


def pool(texts: list[str], threshold: float = 0.7, strict: bool = False) -> Pool:
    made = Pool(threshold, strict)
    made.extend(texts)
    return made


def oracle(texts: list[str], text: str) -> tuple[float, int]:
    """Highest rouge-score ROUGE-L F1 and the first index that has it (to 12 digits)."""
    scores = [round(SCORER.score(other, text)["rougeL"].fmeasure, 12) for other in texts]
    return max(scores), scores.index(max(scores))


def exact(first: str, second: str) -> Fraction:
    """ROUGE-L F1 by the textbook table, as a fraction."""
    a, b = rouge_words(first), rouge_words(second)
    row = [0] * (len(b) + 1)
    for left in a:
        before = row[:]
        for place, right in enumerate(b):
            row[place + 1] = before[place] + 1 if left == right else max(before[place + 1], row[place])
    return Fraction(2 * row[-1], len(a) + len(b)) if a and b else Fraction(0)


def test_an_equal_text_scores_one_and_case_and_punctuation_do_not_count():
    assert pool(["Is it safe?", "Name the drug!"]).nearest("name, the DRUG") == (1.0, 1)


def test_nearest_is_the_highest_then_the_first():
    texts = ["a b c d e f g x y", "a b c d e f g h x", "a b c d e f g h y"]
    score, index = pool(texts).nearest("a b c d e f g h i")
    assert (round(score, 4), index) == (0.8889, 1)


TIES = [
    ("a b c d e f g h i j", "a b c d e f g u v w", 0.7),  # 2*7 / 20
    ("a b c d e f g", "a b c d e f g h i j k l m", 0.7),  # 2*7 / 20, lengths differ
    ("a b c", "a b d", 2 / 3),
    ("a b c d", "a b x y", 0.5),
    ("a b c d e", "a b c x y", 0.6),
]


@pytest.mark.parametrize(("first", "second", "score"), TIES)
def test_a_tie_is_decided_by_integers(first, second, score):
    threshold = round(score, 2) if score != 2 / 3 else 0.6
    assert pool([first], threshold).nearest(second) == (pytest.approx(score), 0)
    if score != 2 / 3:
        assert pool([first], threshold, strict=True).nearest(second) is None
        assert pool([first], threshold + 0.01).nearest(second) is None
        assert pool([first], threshold - 0.01, strict=True).nearest(second) == (pytest.approx(score), 0)


@pytest.mark.parametrize("total", range(20, 220, 20))
def test_every_tie_at_seven_tenths_counts(total):
    common = 7 * total // 20
    shared = [f"w{place}" for place in range(common)]
    short = shared + [f"x{place}" for place in range(total // 2 - common)]
    long = shared + [f"y{place}" for place in range(total - len(short) - common)]
    assert pool([" ".join(short)], 0.7).nearest(" ".join(long)) == (0.7, 0)
    assert pool([" ".join(short)], 0.7, strict=True).nearest(" ".join(long)) is None


@pytest.mark.parametrize("text", ["", "  ", "?!", "心臓", "é"])
def test_a_text_without_words_is_near_to_nothing(text):
    assert pool([text, "name the drug"]).nearest(text) is None


def test_unknown_words_count_as_words_but_match_nothing():
    assert pool(["q r s"], 0.5).nearest("u u u") is None
    assert pool(["a b"], 0.5).nearest("a b zz zz") == (pytest.approx(2 / 3), 0)


def test_more_words_than_there_are_code_points_before_the_surrogates(monkeypatch):
    monkeypatch.setattr(novelty, "_FIRST_SURROGATE", 5)
    monkeypatch.setattr(novelty, "_CODE_POINTS", 5 + novelty._SURROGATES + 3)
    made = pool(["a b c d e f g"])
    assert made.nearest("a b c d e f g") == (1.0, 0)
    with pytest.raises(InputError, match="got more than 7 different words"):
        made.add("h")


def test_threshold_outside_its_range_is_refused():
    with pytest.raises(InputError, match=r"threshold: got 0\.0; allowed: above 0, up to 1"):
        Pool(0.0)


WORDS = st.sampled_from(["the", "a", "of", "in", "drug", "dose", "list", "every", "name", "find", "note", "Aspirin", "b-12", "3"])
TEXTS = st.lists(WORDS, min_size=0, max_size=14).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8), TEXTS, st.sampled_from([0.3, 0.5, 0.6, 0.7, 0.85, 1.0]), st.booleans())
def test_equals_the_textbook_and_rouge_score(texts, text, threshold, strict):
    scores = [exact(other, text) for other in texts]
    best, limit = max(scores), Fraction(str(threshold))
    found = pool(texts, threshold, strict).nearest(text)
    assert found == ((float(best), scores.index(best)) if best > limit or (best == limit and not strict) else None)
    score, index = oracle(texts, text)
    assert score == pytest.approx(float(best))
    if found is not None:
        assert found == (pytest.approx(score), index)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(150, 600))
def test_long_texts_equal_rouge_score(seed, length):
    import random

    generator = random.Random(seed)
    text = [f"w{generator.randrange(400)}" for _ in range(length)]
    other = [word if generator.random() < 0.75 else f"w{generator.randrange(400)}" for word in text if generator.random() < 0.95]
    score = SCORER.score(" ".join(text), " ".join(other))["rougeL"].fmeasure
    assert pool([" ".join(text)], 0.3).nearest(" ".join(other)) == (pytest.approx(score), 0)


@pytest.mark.real
def test_decisions_on_real_instructions_equal_rouge_score():
    files = [DATA / "bioinstruct_112.json", DATA / "self_instruct_seed_tasks.jsonl"]
    missing = [str(file) for file in files if not file.exists()]
    if missing:
        pytest.skip(f"no real data: {', '.join(missing)}")
    texts = [row["instruction"] for row in json.loads(files[0].read_text(encoding="utf-8"))]
    texts += [json.loads(line)["instruction"] for line in files[1].read_text(encoding="utf-8").splitlines()]
    made, kept = Pool(0.7), []
    dropped = 0
    for text in texts:
        found = made.nearest(text)
        if kept:
            score, index = oracle(kept, text)
            assert (found is not None) == (exact(kept[index], text) >= Fraction(7, 10)), text
            if found is not None:
                assert found == (pytest.approx(score), index)
        if found is None:
            made.add(text)
            kept.append(text)
        else:
            dropped += 1
    assert len(kept) + dropped == 112 + 175
    assert dropped > 0
