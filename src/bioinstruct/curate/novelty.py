"""How near an instruction is to those already there: ROUGE-L F1, decided exactly.

Three steps, each certain not to lose a text that reaches the threshold:

1. An index of rare words. A score of t needs so many common words that the rarest few of either text must share one (prefix filtering);
   only texts that do are looked at.
2. Words become single characters, so that rapidfuzz compares instructions as strings: the normalised indel similarity of two
   strings is `2 * LCS / (m + n)`, which is ROUGE-L F1.
3. The few that may reach the threshold are decided in integers, so that a tie never depends on rounding.

    >>> pool = Pool(0.7)
    >>> pool.add("Name the drug class of metformin.")
    0
    >>> pool.nearest("Name the class of metformin.")
    (0.9090909090909091, 0)
    >>> pool.nearest("Why is the sky blue?") is None
    True
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import Indel, LCSseq

from bioinstruct.core.errors import InputError
from bioinstruct.core.text import rouge_words

_SLACK = 1e-6
"""How far below the threshold the floating-point search looks; far more than its rounding error."""
_UNKNOWN = "\0"
"""Stands for every word of a question that no text of the pool has; no text of the pool holds it."""
_FIRST_SURROGATE, _SURROGATES, _CODE_POINTS = 0xD800, 0x800, 0x110000


LARGE = 5000
"""Texts above which a compiled index is worth its start."""


class Screen(Protocol):
    """What the rule asks of a pool; `novelty_index.Index` gives the same answers as `Pool`."""

    def extend(self, texts: Iterable[str]) -> None:
        """Take all of `texts` in."""

    def screen(self, texts: Iterable[str]) -> Iterator[tuple[float, int] | None]:
        """For each text its nearest (score, index) that reaches the threshold, or None, and then it is taken in."""

    def look(self, texts: Iterable[str]) -> Iterator[tuple[float, int] | None]:
        """The same, and none is taken in."""


def is_compiled() -> bool:
    """Whether the extra `scale` is installed."""
    return importlib.util.find_spec("numba") is not None


def made_for(n_texts: int, threshold: float, strict: bool) -> Screen:
    """An empty pool that suits this many texts."""
    if n_texts > LARGE and is_compiled():
        from bioinstruct.curate.novelty_index import Index

        return Index(threshold, strict)
    return Pool(threshold, strict)


class Pool:
    """A growing list of texts that answers which of them is nearest to a new one.

    Args:
        threshold: ROUGE-L F1 in 0..1, taken as the decimal fraction it is written as (0.7 is 7/10).
        strict: True: only scores above the threshold count; False: the threshold itself counts too.
    """

    def __init__(self, threshold: float, strict: bool = False) -> None:
        self._threshold = Fraction(str(threshold))
        if not 0 < self._threshold <= 1:
            raise InputError(f"threshold: got {threshold}; allowed: above 0, up to 1")
        self._strict = strict
        self._alphabet: dict[str, str] = {}
        self._texts: list[str] = []
        self._ranks: dict[tuple[str, int], int] = {}
        self._rare: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: str) -> int:
        """Take `text` into the pool; gives back its index, counted from 0 in the order of adding."""
        index = len(self._texts)
        tokens = rouge_words(text)
        self._texts.append("".join(self._character(token) for token in tokens))
        ranks = [self._ranks.setdefault(word, len(self._ranks)) for word in _numbered(tokens)]
        for rank in self._rarest(ranks):
            self._rare.setdefault(rank, []).append(index)
        return index

    def extend(self, texts: Iterable[str]) -> None:
        """Take all of `texts` into the pool, in order."""
        for text in texts:
            self.add(text)

    def look(self, texts: Iterable[str]) -> Iterator[tuple[float, int] | None]:
        """For each text its nearest in the pool that reaches the threshold, or None; none is taken in."""
        return (self.nearest(text) for text in texts)

    def screen(self, texts: Iterable[str]) -> Iterator[tuple[float, int] | None]:
        """For each text in order: its nearest text in the pool, or None, and then it is in the pool at the next index."""
        for text in texts:
            found = self.nearest(text)
            if found is None:
                self.add(text)
            yield found

    def nearest(self, text: str) -> tuple[float, int] | None:
        """Score and index of the nearest text, the first of equals; None where no text reaches (strict: passes) the threshold."""
        tokens = rouge_words(text)
        unseen = len(self._ranks)
        ranks = [self._ranks.get(word, unseen) for word in _numbered(tokens)]
        places = sorted({index for rank in self._rarest(ranks) for index in self._rare.get(rank, ())})
        if not places:
            return None
        query = "".join(self._alphabet.get(token, _UNKNOWN) for token in tokens)
        found = process.extract(
            query,
            [self._texts[index] for index in places],
            scorer=Indel.normalized_similarity,
            processor=None,
            score_cutoff=max(0.0, float(self._threshold) - _SLACK),
            limit=None,
        )
        best: tuple[Fraction, int] | None = None
        for choice, _, place in found:
            score = Fraction(2 * LCSseq.similarity(query, choice), len(query) + len(choice))
            if self._counts(score) and (best is None or (score, -places[place]) > (best[0], -best[1])):
                best = (score, places[place])
        return None if best is None else (float(best[0]), best[1])

    def _counts(self, score: Fraction) -> bool:
        return score > self._threshold if self._strict else score >= self._threshold

    def _rarest(self, ranks: list[int]) -> list[int]:
        """The ranks of a text's rarest words, of which it shares one with every text that reaches the threshold.

        With m words here and n there, `2 * LCS / (m + n) >= t` and `LCS <= n` need at least `m * t / (2 - t)` common words. Both texts
        leave out fewer than that many of their lowest ranks, so what is left cannot miss every common word.
        """
        common = ceil(len(ranks) * self._threshold / (2 - self._threshold))
        return sorted(ranks, reverse=True)[: len(ranks) - common + 1] if ranks else []

    def _character(self, token: str) -> str:
        """The one character that stands for a word; surrogates are left out, as strings need not hold them."""
        character = self._alphabet.get(token)
        if character is None:
            point = len(self._alphabet) + 1
            if point >= _FIRST_SURROGATE:
                point += _SURROGATES
            if point >= _CODE_POINTS:
                raise InputError(f"novelty: got more than {len(self._alphabet)} different words; allowed: that many")
            character = self._alphabet[token] = chr(point)
        return character


def _numbered(tokens: list[str]) -> list[tuple[str, int]]:
    """Each word with how often it came before, so that repeated words count as often as they stand."""
    seen: Counter[str] = Counter()
    numbered = []
    for token in tokens:
        numbered.append((token, seen[token]))
        seen[token] += 1
    return numbered
