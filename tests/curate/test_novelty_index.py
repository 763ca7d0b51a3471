"""The compiled index decides as the plain pool does, and as rouge-score does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import Indel, LCSseq
from rouge_score import rouge_scorer

from bioinstruct.core.errors import InputError
from bioinstruct.core.text import rouge_words
from bioinstruct.curate import novelty
from bioinstruct.curate.novelty import Pool

pytest.importorskip("numba", reason="the compiled index needs the extra 'scale'")

from bioinstruct.curate.novelty_index import Index

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
WORD = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "drug", "dose", "1"])
TEXTS = st.lists(st.lists(WORD, max_size=14).map(" ".join), max_size=12)


def both(texts: list[str], threshold: float, strict: bool, cut: int) -> tuple[list[object], list[object]]:
    """What index and pool say of the texts, given in two parts."""
    index, pool = Index(threshold, strict), Pool(threshold, strict)
    return [*index.screen(texts[:cut]), *index.screen(texts[cut:])], list(pool.screen(texts))


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([0.3, 0.5, 0.7, 0.75, 0.99, 1.0]), st.booleans(), st.integers(0, 12))
def test_the_same_as_the_pool(texts: list[str], threshold: float, strict: bool, cut: int) -> None:
    got, expected = both(texts, threshold, strict, cut)
    assert got == expected


@pytest.mark.parametrize("words", [5, 40, 2000])
@pytest.mark.parametrize(("threshold", "strict"), [(0.7, False), (0.7, True), (0.34, False), (1.0, False)])
def test_the_same_for_long_and_changed_texts(words: int, threshold: float, strict: bool) -> None:
    dice = random.Random(words)
    vocabulary = [f"w{n}" for n in range(words)]
    texts: list[str] = []
    for _ in range(400):
        if texts and dice.random() < 0.6:
            text = dice.choice(texts).split()
            for _ in range(dice.randint(0, 1 + len(text) // 4)):
                place = dice.randrange(len(text) + 1)
                text[place : place + dice.randint(0, 1)] = dice.choices(vocabulary, k=dice.randint(0, 1))
        else:
            text = dice.choices(vocabulary, k=dice.choice([0, 1, 5, 20, 63, 64, 65, 128, 150, 300]))
        texts.append(" ".join(text))
    got, expected = both(texts, threshold, strict, 150)
    assert got == expected
    assert any(found is not None for found in got)


def test_what_is_there_before_counts_though_it_is_near_itself() -> None:
    for made in (Index(0.7), Pool(0.7)):
        made.extend(["name the drug class", "name the drug class", "why is the sky blue"])
        assert list(made.screen(["name the drug class now", "why is the sea blue", "how old is she"])) == [(8 / 9, 0), (0.8, 2), None]


def test_looking_takes_nothing_in() -> None:
    for made in (Index(0.7), Pool(0.7)):
        made.extend(["name the drug class"])
        assert list(made.look(["why is the sky blue", "why is the sky blue", "", "name the drug"])) == [None, None, None, (6 / 7, 0)]
        assert len(made) == 1


def test_a_text_without_words_is_new_and_near_to_nothing() -> None:
    index = Index(0.7)
    assert list(index.screen(["", "?!", "a", "a"])) == [None, None, None, (1.0, 2)]
    assert len(index) == 3


def test_a_text_too_long_is_named() -> None:
    with pytest.raises(InputError, match="got a text of 65536 words; allowed: up to 65535"):
        list(Index(0.7).screen(["a " * 65536]))


def test_a_threshold_that_is_none() -> None:
    with pytest.raises(InputError, match="threshold: got 0"):
        Index(0.0)


def test_many_texts_get_the_compiled_index(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(novelty.made_for(novelty.LARGE + 1, 0.7, False), Index)
    assert isinstance(novelty.made_for(novelty.LARGE, 0.7, False), Pool)
    monkeypatch.setattr(novelty, "is_compiled", lambda: False)
    assert isinstance(novelty.made_for(novelty.LARGE + 1, 0.7, False), Pool)


def questions() -> Iterator[str]:
    """The real questions of MedQuAD, MIRAGE and PubMedQA, each once."""
    seen = set()
    for line in (DATA / "medquad_qa.jsonl").read_text(encoding="utf-8").splitlines():
        seen.add(json.loads(line)["question"])
    for items in json.loads((DATA / "mirage" / "benchmark.json").read_text(encoding="utf-8")).values():
        seen.update(item["question"] for item in items.values())
    for row in json.loads((DATA / "pubmedqa" / "ori_pqal.json").read_text(encoding="utf-8")).values():
        seen.add(row["QUESTION"])
    yield from sorted(seen)


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="the public data (../shared/data) are not beside the checkout")
@pytest.mark.parametrize("n", [4000, pytest.param(None, marks=pytest.mark.slow)])
def test_the_same_as_brute_force_on_real_questions(n: int | None) -> None:
    """Every decision against a bit-parallel comparison with all kept texts; that comparison against rouge-score on 5,000 pairs."""
    texts = list(questions())
    assert len(texts) > 20_000
    random.Random(3).shuffle(texts)
    texts = texts[:n]
    table: dict[str, str] = {}

    def character(word: str) -> str:
        point = 0x100 + len(table)
        return table.setdefault(word, chr(point if point < 0xD800 else point + 0x800))

    mapped = ["".join(character(word) for word in rouge_words(one)) for one in texts]
    dice, scorer = random.Random(4), rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    for _ in range(5000 if n is None else 1000):
        first, second = dice.randrange(len(texts)), dice.randrange(len(texts))
        total = len(mapped[first]) + len(mapped[second])
        fast = 2 * LCSseq.similarity(mapped[first], mapped[second]) / total if total else 0.0
        assert fast == pytest.approx(scorer.score(texts[first], texts[second])["rougeL"].fmeasure, abs=1e-12)
    found = list(Index(0.7).screen(texts))
    kept: list[str] = []
    for text, one in zip(mapped, found, strict=True):
        near = process.extractOne(text, kept, scorer=Indel.normalized_similarity, processor=None, score_cutoff=0.7 - 1e-6) if text else None
        score = 2 * LCSseq.similarity(text, near[0]) / (len(text) + len(near[0])) if near is not None else 0.0
        if one is None:
            assert 10 * score < 7 - 1e-9
            kept.append(text)
        else:
            assert one[0] == pytest.approx(score, abs=1e-12)
            assert 10 * score >= 7 - 1e-9
    assert sum(one is None for one in found) == len(kept) > 1000
