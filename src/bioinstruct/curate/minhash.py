"""Texts that share most of their words: Jaccard similarity of the sets of their word 3-grams (shingles).

Texts that may be near are found by MinHash and locality-sensitive hashing; every one found is then compared by its whole set, so that a
score is the sets' similarity itself and a text below the threshold is never named (but for equal hashes of different 3-grams: 64 bits). A
near text can be missed: one at the threshold in at most 1 of 100 cases, one above it more rarely (`Bands`).

Three words, because records are short: half of Alpaca's have at most 52 words. One word changed in 40 leaves a similarity of 0.85 with
3-grams and 0.76 with 5-grams; and with 3-grams hardly more pairs of different subjects reach 0.8 than with 5-grams, but fifteen times as
many with 2-grams (measured on 8,000 answers of MedQuAD cut at 25 words: 235, 235 and 3,542).

Words are what is left between spaces and punctuation; a sign of arithmetic, and a character of a script without spaces (Han, kana, Thai,
Lao, Tibetan, Burmese, Khmer), is a word of its own. Fewer than three words are one shingle; no word at all is near nothing.

All of it is integer arithmetic on fixed constants: the same on every machine, in every process and with every version of a library.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from hashlib import blake2b
from itertools import count, pairwise

import numpy as np
import numpy.typing as npt

from bioinstruct.core.errors import InputError

Hashes = npt.NDArray[np.uint64]
SHINGLE = 3
FOUND, SLOTS = 0.99, 128
"""How surely a pair at the threshold is found, and most MinHash values that are spent on it."""
LEAST = 0.1
"""Least threshold: what is less alike takes ever more bands to find, and is no duplicate."""
MOST = (1 << 28) - 1
"""Most texts that `Buckets` can hold."""
_NUMBER = np.uint64(MOST)
_KEY = ~_NUMBER
_PORTION = 1_000_000
"""Characters whose words are numbered at once."""

_SIGNS = "+<=>±×÷\u2190-\u22ff"
_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PUNCTUATION = "!-/:-@\\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u2500-\u25ff\u3000-\u303f"
_WORD = re.compile(f"[{_SIGNS}{_UNSPACED}]|[^\\s{_SIGNS}{_UNSPACED}{_PUNCTUATION}]+")


def words(text: str) -> list[str]:
    """The words of a normalised text, as this module's docstring defines them."""
    return _WORD.findall(text)


def shingles(texts: Sequence[str]) -> list[Hashes]:
    """For each normalised text the hashes of its different shingles, in ascending order."""
    found: list[Hashes] = []
    for portion in _portions(texts):
        found += _shingles([words(text) for text in portion])
    return found


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    first = size = 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _PORTION:
            yield texts[first : place + 1]
            first, size = place + 1, 0
    yield texts[first:]


def _shingles(tokens: Sequence[list[str]]) -> list[Hashes]:
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    padding = [numbers[""]] * SHINGLE  # no word is empty, so a shingle filled up with it equals no other
    flat: list[int] = []
    for one in tokens:
        flat.extend(map(numbers.__getitem__, one))
        flat += padding[len(one) :] if one else []
    table = np.fromiter((_hash(word) for word in numbers), np.uint64, len(numbers))
    hashes = table[np.array(flat, np.int64)]
    ends = np.cumsum([max(len(one), SHINGLE) if one else 0 for one in tokens])
    n = max(0, len(hashes) - SHINGLE + 1)
    keys = np.zeros(n, np.uint64)
    for place in range(SHINGLE):
        keys = _mixed(keys + hashes[place : place + n])
    return [_different(keys[start : max(start, end - SHINGLE + 1)]) for start, end in pairwise([0, *ends.tolist()])]


def _different(keys: Hashes) -> Hashes:
    """The different ones in ascending order, in an array of their own; several times faster than numpy's `unique` on so few."""
    ordered = np.sort(keys)
    first = ordered[1:] != ordered[:-1]
    return ordered if first.all() else ordered[np.concatenate(([True], first))]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _mixed(values: Hashes) -> Hashes:
    """A one-to-one scrambling of 64-bit numbers (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class Bands:
    """MinHash values of sets, taken together in bands, such that near sets have an equal band.

    Two sets of similarity s have a MinHash value in common with probability s, and one of `bands` bands of `rows` values with probability
    `1 - (1 - s ** rows) ** bands`. The longest bands (fewest sets found in vain) are taken with which this is at least `FOUND` at the
    threshold: 0.7 -> 17 bands of 4, 0.8 -> 16 of 6, 0.9 -> 11 of 10.
    """

    def __init__(self, threshold: float) -> None:
        self.rows, self.bands = 1, _bands_of(threshold)
        while self.rows < SLOTS and (bands := _bands_of(threshold ** (self.rows + 1))) * (self.rows + 1) <= SLOTS:
            self.rows, self.bands = self.rows + 1, bands
        self._factors = [np.uint64(_hash(f"MinHash {slot}") | 1) for slot in range(self.rows * self.bands)]

    def chance(self, similarity: float) -> float:
        """How probably two sets of this similarity have an equal band."""
        return 1 - (1 - similarity**self.rows) ** self.bands

    def keys(self, sets: Sequence[Hashes]) -> Hashes:
        """A key for each band of each set, (sets, bands); of an empty set they mean nothing."""
        sizes = np.array([len(one) for one in sets], np.int64)
        filled = np.flatnonzero(sizes)
        keys = np.zeros((self.bands, len(filled)), np.uint64)
        if len(filled):
            flat = np.concatenate([one for one in sets if len(one)])
            starts = np.concatenate(([0], np.cumsum(sizes[filled])[:-1]))
            for slot, factor in enumerate(self._factors):
                band = keys[slot // self.rows]
                band[:] = _mixed(band ^ np.minimum.reduceat(flat * factor, starts))
        table = np.zeros((len(sets), self.bands), np.uint64)
        table[filled] = keys.T
        return table


def _bands_of(chance: float) -> int:
    """How many bands, each equal with this chance, are needed for one to be equal with `FOUND`."""
    return 1 if chance >= FOUND else math.ceil(math.log1p(-FOUND) / math.log1p(-chance))


class Buckets:
    """Which standing texts share a key with a new one. Memory: 8 bytes a key.

    A key's upper 36 bits stand in one number with the text's; the numbers of a band lie in sorted runs, each at least twice as long as the
    next, so that taking texts in block by block sorts each a few times only.
    """

    def __init__(self, bands: int) -> None:
        self._runs: list[list[Hashes]] = [[] for _ in range(bands)]
        self._keys = np.zeros((0, bands), np.uint64)
        self._repeated: npt.NDArray[np.bool_] = np.zeros((0, bands), bool)
        self._sharing: set[int] = set()
        self._older: list[list[Hashes]] = []
        self._newer: dict[int, list[int]] = {}
        self._stood: list[tuple[int, int]] = []

    def open(self, keys: Hashes, look: bool) -> None:
        """Begin a block of texts with these keys, (texts, bands); `look` = `candidates` will be asked."""
        keys = (keys & _KEY) | np.arange(len(self._runs), dtype=np.uint64)
        self._keys, self._newer, self._stood = keys, {}, []
        ordered = np.sort(keys, axis=None)
        self._repeated = np.isin(keys, ordered[1:][ordered[1:] == ordered[:-1]])
        self._sharing = set(np.flatnonzero(self._repeated.any(axis=1)).tolist())
        self._older = [[] for _ in keys]
        for band, runs in enumerate(self._runs if look else ()):
            order = np.argsort(keys[:, band])
            for run in runs:
                self._look(run, keys[order, band] & _KEY, order)

    def _look(self, run: Hashes, low: Hashes, order: npt.NDArray[np.int64]) -> None:
        """Note for each row which part of a run has its key; `low` holds the keys in ascending order and `order` their rows."""
        left = np.searchsorted(run, low)
        hits = np.flatnonzero((run[np.minimum(left, len(run) - 1)] & _KEY == low) & (left < len(run)))
        right = np.searchsorted(run, low[hits] | _NUMBER, side="right")
        for row, start, end in zip(order[hits].tolist(), left[hits].tolist(), right.tolist(), strict=True):
            self._older[row].append(run[start:end])

    def candidates(self, row: int) -> npt.NDArray[np.int64]:
        """The numbers of all standing texts that share a key with this one of the block, in ascending order."""
        newer = [number for key in self._shared(row) for number in self._newer.get(key, ())]
        older = self._older[row]
        if not older and not newer:
            return np.zeros(0, np.int64)
        return np.unique(np.concatenate([*older, np.array(newer, np.uint64)]) & _NUMBER).astype(np.int64)

    def _shared(self, row: int) -> list[int]:
        """Its keys that some other text of the block has, too."""
        if row not in self._sharing:
            return []
        keys: list[int] = self._keys[row][self._repeated[row]].tolist()
        return keys

    def stand(self, row: int, number: int) -> None:
        """Let this text of the block stand under its number."""
        self._stood.append((row, number))
        for key in self._shared(row):
            self._newer.setdefault(key, []).append(number)

    def close(self) -> None:
        """End the block: those that stand are sorted in."""
        self._older = []  # these are views of runs, which would live on
        if self._stood:
            rows, numbers = np.array(self._stood, np.int64).T
            packed = (self._keys[rows] & _KEY) | numbers.astype(np.uint64)[:, None]
            for band, runs in enumerate(self._runs):
                run = np.sort(packed[:, band])
                while runs and len(runs[-1]) < 2 * len(run):
                    run = np.sort(np.concatenate((runs.pop(), run)), kind="stable")
                runs.append(run)


class Near:
    """Standing sets, and which of them is nearest to a new one. Memory: 8 bytes a shingle and a band, and 45 bytes.

    Args:
        threshold: Jaccard similarity from `LEAST` to 1, taken as the decimal fraction it is written as (0.8 is 4/5).

    Raises:
        InputError: any other threshold.
    """

    def __init__(self, threshold: float) -> None:
        if not LEAST <= threshold <= 1:
            raise InputError(f"near: got {threshold}; allowed: {LEAST} to 1")
        self._threshold = Fraction(str(threshold))
        self._bands = Bands(threshold)
        self._buckets = Buckets(self._bands.bands)
        self._sets: list[bytes] = []
        self._sizes = array("I")
        self._block: Sequence[Hashes] = []

    def open(self, sets: Sequence[Hashes], look: bool) -> None:
        """Begin a block of sets (ascending hashes); `look` = `nearest` will be asked."""
        self._block = sets
        self._buckets.open(self._bands.keys(sets), look)

    def nearest(self, row: int) -> tuple[int, float] | None:
        """Number and similarity of the nearest standing set that was found, the first of equals; None where none reaches the threshold."""
        own = self._block[row]
        if not len(own):
            return None
        numbers = self._buckets.candidates(row)
        sizes = np.frombuffer(self._sizes, self._sizes.typecode)[numbers].astype(np.int64)
        # Sets of too different sizes cannot be near.
        fit = np.minimum(sizes, len(own)) >= np.maximum(sizes, len(own)) * (float(self._threshold) - 1e-9)
        numbers, sizes = numbers[fit], sizes[fit]
        if not len(numbers):
            return None
        others = np.frombuffer(b"".join([self._sets[number] for number in numbers.tolist()]), "<u8")
        common = own[np.minimum(np.searchsorted(own, others), len(own) - 1)] == others
        shared = np.add.reduceat(common, np.cumsum(sizes) - sizes, dtype=np.int64)
        union = sizes + len(own) - shared
        best = int(np.argmax(shared / union))
        score = Fraction(int(shared[best]), int(union[best]))
        return (int(numbers[best]), float(score)) if score >= self._threshold else None

    def stand(self, row: int, number: int) -> None:
        """Let this set of the block stand; numbers count from 0 without gaps."""
        own = self._block[row]
        self._sets.append(own.astype("<u8", copy=False).tobytes())
        self._sizes.append(len(own))
        if len(own):
            self._buckets.stand(row, number)

    def close(self) -> None:
        """End the block."""
        self._buckets.close()
        self._block = []
