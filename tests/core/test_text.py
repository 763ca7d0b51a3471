from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.tokenizers import DefaultTokenizer

from bioinstruct.core import text

TOKENIZER = DefaultTokenizer(use_stemmer=False)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("Beta-blockers, 2.5 mg!", ["beta", "blockers", "2", "5", "mg"]),
        ("naïve_B12", ["na", "ve", "b12"]),
        (" \n?", []),
        ("", []),
        ("心臓", []),
    ],
)
def test_rouge_words(given_text, expected):
    assert text.rouge_words(given_text) == expected


@given(st.text(max_size=60))
def test_rouge_words_equal_the_tokenizer_of_rouge_score(given_text):
    assert text.rouge_words(given_text) == TOKENIZER.tokenize(given_text)


def test_words_are_separated_by_white_space_only():
    assert text.words("  Beta-blockers,\tlower\nblood pressure. ") == ["Beta-blockers,", "lower", "blood", "pressure."]


def test_squeeze():
    assert text.squeeze("  a \n\t b\u00a0 c ") == "a b c"


@pytest.mark.parametrize(("one", "other"), [("Straße", "STRASSE"), ("ﬁbrosis", "Fibrosis"), (" a  b", "A b "), ("１２", "12")])
def test_texts_that_are_equal_when_normalised(one, other):
    assert text.normalise(one) == text.normalise(other)


def test_ngrams_count_each_run_of_words():
    assert text.ngrams(["a", "b", "a", "b"], 2) == Counter({("a", "b"): 2, ("b", "a"): 1})
    assert text.ngrams(["a"], 2) == Counter()
