"""Words, n-grams and normalising: shared by curation and metrics."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_ROUGE_NON_WORD = re.compile(r"[^a-z0-9]+")
_SPACE = re.compile(r"\s+")


def rouge_words(text: str) -> list[str]:
    """Words as rouge-score's default tokenizer sees them without stemming: lower case, runs of a-z and 0-9."""
    return _ROUGE_NON_WORD.sub(" ", text.lower()).split()


def words(text: str) -> list[str]:
    """Whitespace-separated words, as the paper's length filter counts them."""
    return text.split()


def squeeze(text: str) -> str:
    """Text with runs of white space made one space, and none at the ends."""
    return _SPACE.sub(" ", text).strip()


def normalise(text: str) -> str:
    """Compatibility-normalised (NFKC), case-folded and squeezed text, for comparing."""
    return squeeze(unicodedata.normalize("NFKC", text).casefold())


def ngrams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    """Counts of the n-grams of `tokens`; empty when there are fewer than n."""
    return Counter(tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1))
