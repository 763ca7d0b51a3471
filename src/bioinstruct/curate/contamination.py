"""Test items in training records: exact, by shared n-grams, and as near-paraphrases.

A *source* is something that must not be trained on: an item of a benchmark, or a row of any file. Its *parts* are compared with a record's
fields (instruction, input, output, and the lines of each):

    exact        a part and a field have the same letters and digits in the same order, whatever case, spaces and punctuation; or an item's
                 whole text with its options has the words of the record's instruction and input, whatever their order and the letters
                 before options
    n-gram       at least 42 % of the 5-word sequences of a part (of at least 12 words) stand somewhere in the record. Sequences
                 that stand in many sources ("which of the following is") tell nothing and are left out
    paraphrase   ROUGE-L F1 of a part (of at least 6 words) and a field is at least 0.8; of a part with fewer than 10 words, the field
                 must have its rarest word, too: short questions are often one template with another subject

A record's strongest finding is given, in this order. Short references ("yes", a drug) and an item's instruction, which a task's items
share, are no parts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bioinstruct.core.records import Item
from bioinstruct.core.text import rouge_words
from bioinstruct.curate import novelty

EXACT_WORDS, NGRAM_WORDS, PARAPHRASE_WORDS, SHORT_WORDS, LINE_WORDS = 4, 12, 6, 10, 8
"""Fewest words for each comparison; below how many a paraphrase must have the rarest word; fewest of a line or a reference of its own."""
N = 5
CONTAINED, FEWEST_GRAMS = 0.42, 8
"""Share of a part's sequences that is a leak, and how many there must be at least."""
PARAPHRASE = 0.8
COMMON_SHARE, COMMON_LEAST = 0.005, 10
"""A sequence in more than this share of the sources, and in more than so many, tells nothing."""
_LABEL = re.compile(r"^[A-Z][A-Za-z ]{0,20}:\s+")
_BASE = np.uint64(0x9E3779B97F4A7C15)
BLOCK = 20_000
"""Records compared at once."""


@dataclass(frozen=True)
class Source:
    """Something that must not be trained on."""

    benchmark: str
    """Task name or file."""
    id: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Leak:
    """The strongest finding about one record."""

    benchmark: str
    id: str
    how: str
    """`exact`, `n-gram` or `paraphrase`."""
    score: float
    """1 for exact; the share of the part's sequences; ROUGE-L F1."""
    part: str
    """The part's text, cut at 300 characters."""


class Record(NamedTuple):
    """The texts of a training record."""

    instruction: str
    input: str
    output: str


def source_of(item: Item) -> Source:
    """An item's parts: what is shown with its options, each line of it, and references that are texts."""
    references = [text for text in item.references if len(rouge_words(text)) >= LINE_WORDS]
    whole = "\n".join((item.input, *item.options))
    return Source(item.task, item.id, tuple(_distinct([whole, item.input, *_lines(item.input), *references], 1)))


def _lines(text: str) -> Iterator[str]:
    """Its lines, where there are several, without labels ("Question: ")."""
    found = text.splitlines()
    if len(found) > 1 or (found and _LABEL.match(found[0])):
        yield from (line for line in (_LABEL.sub("", one) for one in found) if len(rouge_words(line)) >= LINE_WORDS)


def _distinct(texts: Iterable[str], fewest: int) -> list[str]:
    found = {" ".join(words): text for text in texts if len(words := rouge_words(text)) >= fewest}
    return list(found.values())


def _bag(words: Sequence[str]) -> str:
    """The words in alphabetical order, without single characters such as the letters of options."""
    return " ".join(sorted(word for word in words if len(word) > 1))


class Contamination:
    """Sources, ready to be compared with records."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = list(sources)
        self._parts = [(number, part) for number, source in enumerate(self.sources) for part in source.parts]
        texts = [part for _, part in self._parts]
        words = [rouge_words(text) for text in texts]
        self._exact: dict[str, int] = {}
        self._bags: dict[str, int] = {}
        self._rarest: dict[int, str] = {}
        standing = Counter(word for one in words for word in set(one))
        for number, one in enumerate(words):
            self._exact.setdefault("".join(one), number)
            self._bags.setdefault(_bag(one), number)
            if PARAPHRASE_WORDS <= len(one) < SHORT_WORDS:
                self._rarest[number] = min(one, key=lambda word: (standing[word], word))
        self._numbers: dict[str, int] = {}
        self._index_grams([one if len(one) >= NGRAM_WORDS else [] for one in words])
        self._long = [number for number, one in enumerate(words) if len(one) >= PARAPHRASE_WORDS]
        self._pool = novelty.made_for(len(self._long), PARAPHRASE, strict=False)
        self._pool.extend(texts[number] for number in self._long)

    def _index_grams(self, parts: Sequence[Sequence[str]]) -> None:
        keys, owners = self._grams(parts, learn=True)
        owner_source = np.array([source for source, _ in self._parts] or [0], np.int64)
        # In how many sources does a sequence stand?
        order = np.lexsort((owner_source[owners], keys))
        sorted_keys, sorted_sources = keys[order], owner_source[owners][order]
        first = np.ones(len(order), bool)
        first[1:] = (sorted_keys[1:] != sorted_keys[:-1]) | (sorted_sources[1:] != sorted_sources[:-1])
        different, counts = np.unique(sorted_keys[first], return_counts=True)
        common = different[counts > max(COMMON_LEAST, COMMON_SHARE * len(self.sources))]
        telling = ~np.isin(keys, common)
        keys, owners = keys[telling], owners[telling]
        order = np.argsort(keys, kind="stable")
        self._keys, self._owners = keys[order], owners[order]
        self._sizes = np.bincount(owners, minlength=len(self._parts)) if len(self._parts) else np.zeros(0, np.int64)

    def _grams(self, texts: Sequence[Sequence[str]], *, learn: bool) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """Hashes of the n-grams of each text, each once a text, and the text's number."""
        numbers = self._numbers
        if learn:
            flat = [numbers.setdefault(word, len(numbers) + 1) for words in texts for word in words]
        else:
            flat = [numbers.get(word, 0) for words in texts for word in words]
        ids = np.array(flat, np.uint64)
        owners = np.repeat(np.arange(len(texts)), [len(words) for words in texts])
        if len(ids) < N:
            return np.zeros(0, np.uint64), np.zeros(0, np.int64)
        last = len(ids) - N + 1
        keys = np.zeros(last, np.uint64)
        known = np.ones(last, bool)
        for place in range(N):
            piece = ids[place : place + last]
            keys = (keys + piece) * _BASE
            keys ^= keys >> np.uint64(29)
            known &= piece > 0
        inside = known & (owners[:last] == owners[N - 1 :])
        pairs = np.unique(np.stack((owners[:last][inside].astype(np.uint64), keys[inside])), axis=1)
        return pairs[1], pairs[0].astype(np.int64)

    def find(self, records: Iterable[Record]) -> Iterator[Leak | None]:
        """The strongest finding about each record, or None."""
        block: list[Record] = []
        for record in records:
            block.append(record)
            if len(block) == BLOCK:
                yield from self._find(block)
                block = []
        yield from self._find(block)

    def _find(self, records: Sequence[Record]) -> list[Leak | None]:
        found: list[Leak | None] = [None] * len(records)
        asked: list[tuple[int, str]] = []
        for number, record in enumerate(records):
            shown = f"{record.instruction}\n{record.input}"
            first = [record.instruction.partition("\n")[0], record.input.partition("\n")[0]]  # a question that options follow
            texts = _distinct([shown, *record, *first, *(line for text in record for line in _lines(text))], 1)
            words = [rouge_words(text) for text in texts]
            part = next((self._exact[key] for one in words if (key := "".join(one)) in self._exact and _tells(one, first)), None)
            if part is None:
                keys = (_bag(rouge_words(text)) for text in (shown, record.input, record.instruction))
                part = next((self._bags[key] for key in keys if key.count(" ") >= EXACT_WORDS - 1 and key in self._bags), None)
            if part is not None:
                found[number] = self._leak(part, "exact", 1.0)
            else:
                asked += [(number, " ".join(one)) for one in words if len(one) >= PARAPHRASE_WORDS]
        for number, (part, share) in self._contained(["\n".join(record) for record in records]).items():
            found[number] = found[number] or self._leak(part, "n-gram", share)
        asked = [(number, text) for number, text in asked if found[number] is None]
        nearest: dict[int, tuple[float, int]] = {}
        for (number, text), near in zip(asked, self._pool.look(text for _, text in asked), strict=True):
            if near is None or (number in nearest and near[0] <= nearest[number][0]):
                continue
            part = self._long[near[1]]
            if part not in self._rarest or self._rarest[part] in text.split(" "):
                nearest[number] = near[0], part
        for number, (score, part) in nearest.items():
            found[number] = self._leak(part, "paraphrase", score)
        return found

    def _contained(self, texts: Sequence[str]) -> dict[int, tuple[int, float]]:
        """Record -> part and share of the part that is contained most, where that is enough."""
        keys, owners = self._grams([rouge_words(text) for text in texts], learn=False)
        if not len(keys) or not len(self._keys):
            return {}
        low, high = np.searchsorted(self._keys, keys, "left"), np.searchsorted(self._keys, keys, "right")
        hits = high - low
        rows = np.repeat(owners, hits)
        starts = np.repeat(low - np.concatenate(([0], np.cumsum(hits)[:-1])), hits)
        parts = self._owners[starts + np.arange(len(rows))]
        pairs, counts = np.unique(rows * len(self._parts) + parts, return_counts=True)
        rows, parts = pairs // len(self._parts), pairs % len(self._parts)
        shares: Any = counts / np.maximum(self._sizes[parts], 1)
        best: dict[int, tuple[int, float]] = {}
        for place in np.flatnonzero((shares >= CONTAINED) & (counts >= FEWEST_GRAMS)):
            row, share = int(rows[place]), float(shares[place])
            if row not in best or share > best[row][1]:
                best[row] = int(parts[place]), share
        return best

    def _leak(self, part: int, how: str, score: float) -> Leak:
        source, text = self._parts[part]
        return Leak(self.sources[source].benchmark, self.sources[source].id, how, round(score, 4), text[:300])


def _tells(words: Sequence[str], questions: Sequence[str]) -> bool:
    """Whether an equal text says something: a short one does where it is what is asked, not where it is an answer."""
    return len(words) >= EXACT_WORDS or (len(words) > 1 and any(words == rouge_words(question) for question in questions))
