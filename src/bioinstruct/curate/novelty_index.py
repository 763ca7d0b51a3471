"""The novelty rule for many texts at once: the same decisions as `novelty.Pool`, compiled (extra `scale`).

>>> index = Index(0.7)  # doctest: +SKIP
>>> index.screen(["Name the drug class of metformin.", "Name the class of metformin.", "Why is the sky blue?"])  # doctest: +SKIP
[None, (0.9090909090909091, 0), None]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from bioinstruct.core.errors import InputError
from bioinstruct.core.text import rouge_words
from bioinstruct.curate import novelty_kernel as kernel

BLOCK = 65536
"""Texts that are read and numbered at once."""
Array = npt.NDArray[Any]
Found = tuple[float, int] | None
"""Score and index of the nearest text; None = no text reaches the threshold, this one is new."""


class Index:
    """A growing list of texts, each taken in only where no text before it is too near.

    Args:
        threshold: ROUGE-L F1 in 0..1, taken as the decimal fraction it is written as (0.7 is 7/10).
        strict: True: only scores above the threshold count; False: the threshold itself counts too.
    """

    def __init__(self, threshold: float, strict: bool = False) -> None:
        fraction = Fraction(str(threshold))
        if not 0 < fraction <= 1:
            raise InputError(f"threshold: got {threshold}; allowed: above 0, up to 1")
        self._num, self._den, self._strict = fraction.numerator, fraction.denominator, strict
        self._numbers: dict[str, int] = {}
        self._lists: Array = np.zeros((1024, kernel.CLASSES, 3), np.int32)
        self._seen: Array = np.full(1024, -1, np.int64)
        self._slots: Array = np.zeros(1024, np.int64)
        self._arena: Array = np.empty((4096, kernel.ENTRY), np.uint64)
        self._offsets: Array = np.zeros(1024, np.int64)
        self._words: Array = np.empty(16384, np.int32)
        self._stamps: Array = np.full(1024, -1, np.int64)
        self._state: Array = np.zeros(3, np.int64)

    def __len__(self) -> int:
        return int(self._state[0])

    def extend(self, texts: Iterable[str]) -> None:
        """Take all of `texts` in, near or not, in order."""
        for _ in self._screened(texts, kernel.TAKE):
            pass

    def look(self, texts: Iterable[str]) -> Iterator[Found]:
        """For each text its nearest in the pool that reaches the threshold, or None; none is taken in."""
        return self._screened(texts, kernel.LOOK)

    def screen(self, texts: Iterable[str]) -> Iterator[Found]:
        """For each text in order: its nearest text in the pool, or None, and then it is in the pool at the next index.

        Of equally near texts the first is named.

        Raises:
            InputError: A text has more than 65,535 words.
        """
        return self._screened(texts, kernel.SCREEN)

    def _screened(self, texts: Iterable[str], purpose: int) -> Iterator[Found]:
        source = iter(texts)
        while block := [rouge_words(text) for text in islice(source, BLOCK)]:
            tokens, offsets = self._encode(block)
            n = len(block)
            nearest, lengths = np.empty(n, np.int64), np.empty(n, np.int64)
            self._make_room(n, len(tokens))
            done = 0
            while done < n:
                done = kernel.screen(
                    tokens, offsets, done, self._num, self._den, self._strict, purpose, self._lists, self._arena, self._offsets,
                    self._words, self._seen, self._slots, self._stamps, self._state, nearest, lengths,
                )  # fmt: skip
                if done < n:
                    self._arena = _grown(self._arena, 2 * len(self._arena))
            for index, length, m in zip(nearest.tolist(), lengths.tolist(), np.diff(offsets).tolist(), strict=True):
                if index < 0:
                    yield None
                else:
                    total = m + int(self._offsets[index + 1] - self._offsets[index])
                    yield float(Fraction(2 * length, total)), index

    def _encode(self, block: Sequence[Sequence[str]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Words as numbers. New words are numbered by how often they stand in the block, the rarest last, so that a higher one is rarer."""
        counts = Counter(chain.from_iterable(block))
        numbers = self._numbers
        for word, _ in counts.most_common():
            if word not in numbers:
                numbers[word] = len(numbers)
        lengths = [len(words) for words in block]
        if max(lengths) > kernel.LONGEST:
            raise InputError(f"novelty: got a text of {max(lengths)} words; allowed: up to {kernel.LONGEST}")
        tokens = np.fromiter((numbers[word] for word in chain.from_iterable(block)), np.int32, sum(lengths))
        offsets = np.zeros(len(block) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return tokens, offsets

    def _make_room(self, texts: int, words: int) -> None:
        vocabulary, pool = len(self._numbers), len(self) + texts + 1
        if vocabulary > len(self._seen):
            size = max(vocabulary, 2 * len(self._seen))
            self._lists, self._slots = _grown(self._lists, size, 0), _grown(self._slots, size)
            self._seen = _grown(self._seen, size, -1)
        if pool > len(self._offsets):
            size = max(pool, 2 * len(self._offsets))
            self._offsets, self._stamps = _grown(self._offsets, size), _grown(self._stamps, size, -1)
        used = int(self._offsets[len(self)])
        if used + words > len(self._words):
            self._words = _grown(self._words, max(used + words, 2 * len(self._words)))


def _grown(array: Array, size: int, fill: int | None = None) -> Array:
    """The array with room for `size` rows; new ones hold `fill`, or anything where it is None."""
    made = np.empty((size, *array.shape[1:]), array.dtype)
    made[: len(array)] = array
    if fill is not None:
        made[len(array) :] = fill
    return made
