"""Metrics as pure functions of what the parser read. All values lie in 0..1.

>>> round(rouge_l("the cat sat", "the cat ran"), 3)
0.667
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from bioinstruct.core.text import ngrams, normalise, rouge_words


class PRF(NamedTuple):
    """Precision, recall, their harmonic mean, and the counts behind them."""

    precision: float
    recall: float
    f1: float
    true_positives: int
    false_positives: int
    false_negatives: int


def prf(true_positives: int, predicted: int, gold: int) -> PRF:
    """Scores from counts. Nothing predicted and nothing to find is perfect; otherwise an empty side gives 0."""
    misses = (predicted - true_positives, gold - true_positives)
    if predicted == gold == 0:
        return PRF(1.0, 1.0, 1.0, 0, 0, 0)
    precision = true_positives / predicted if predicted else 0.0
    recall = true_positives / gold if gold else 0.0
    return PRF(precision, recall, 2 * true_positives / (predicted + gold), true_positives, *misses)


def sets(predicted: Iterable[object], gold: Iterable[object]) -> PRF:
    """Scores of one item's set against the gold set."""
    left, right = set(predicted), set(gold)
    return prf(len(left & right), len(left), len(right))


class Conditional(NamedTuple):
    """Statuses of the names that were extracted correctly."""

    correct: int
    names: int

    @property
    def accuracy(self) -> float | None:
        """Share of right statuses; None when no name was extracted correctly."""
        return self.correct / self.names if self.names else None


def conditional(predicted: Sequence[tuple[str, str]], gold: Sequence[tuple[str, str]]) -> Conditional:
    """How many of the correctly extracted names have a right status; the first status given for a name counts."""
    first: dict[str, str] = {}
    for name, status in predicted:
        first.setdefault(name, status)
    pairs = set(gold)
    names = {name for name, _ in gold} & set(first)
    return Conditional(sum((name, first[name]) in pairs for name in names), len(names))


def exact_match(answer: str, references: Collection[str]) -> bool:
    """Whether the answer is one of the references, case, compatibility forms, white space and a leading article aside."""
    return _without_article(answer) in {_without_article(reference) for reference in references}


def _without_article(text: str) -> str:
    return re.sub(r"^(?:the|an?)\s+(?=\w)", "", normalise(text))


def overlap(answer: str, reference: str) -> PRF:
    """Unigram overlap: words with their numbers of occurrence, as ROUGE-1 sees them."""
    left, right = rouge_words(answer), rouge_words(reference)
    return prf((Counter(left) & Counter(right)).total(), len(left), len(right))


def best_overlap(answer: str, references: Collection[str]) -> tuple[PRF, str]:
    """Overlap with the reference that it fits best (highest F1, the first of equals), and that reference."""
    return max(((overlap(answer, reference), reference) for reference in references), key=lambda pair: pair[0].f1)


Span = tuple[int, int]
"""First word and the word after the last one. A mention that the text does not hold has the empty span at -1."""
NOWHERE: Span = (-1, -1)


def placed(names: Sequence[str], words: Sequence[str]) -> list[Span]:
    """Where each of `names` stands in the text of `words`, case and white space aside, or `NOWHERE`.

    Each takes its first free place after the one before it, else its first free place; a name must begin and end with whole words.
    """
    compact = [word.casefold() for word in words]
    starts = {place: number for number, place in enumerate(accumulate(map(len, compact), initial=0))}
    text = "".join(compact)
    found: list[Span] = []
    taken: set[int] = set()
    for name in names:
        wanted = "".join(name.casefold().split())
        places = [
            (number, starts[place + len(wanted)])
            for place, number in starts.items()
            if wanted and text.startswith(wanted, place) and place + len(wanted) in starts
        ]
        free = [place for place in places if not taken.intersection(range(*place))]
        last = max((end for _, end in found), default=0)
        chosen = next((place for place in free if place[0] >= last), free[0] if free else NOWHERE)
        taken.update(range(*chosen))
        found.append(chosen)
    return found


def same_spans(predicted: Sequence[Span], gold: Sequence[Span]) -> PRF:
    """Scores of spans that count as found where both ends agree; one that stands nowhere is found nowhere."""
    hits = (Counter(predicted) & Counter(span for span in gold if span != NOWHERE)).total()
    return prf(hits, len(predicted), len(gold))


def overlapping_spans(predicted: Sequence[Span], gold: Sequence[Span]) -> PRF:
    """Scores of spans that count as found where they share a word with a span of the other side, each used once.

    Spans of one side do not overlap one another, so pairing them from left to right finds as many pairs as there can be.
    """
    left, right = (sorted(span for span in side if span != NOWHERE) for side in (predicted, gold))
    hits = i = j = 0
    while i < len(left) and j < len(right):
        if left[i][0] < right[j][1] and right[j][0] < left[i][1]:
            hits, i, j = hits + 1, i + 1, j + 1
        elif left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return prf(hits, len(predicted), len(gold))


class Share(NamedTuple):
    """A part of a whole, of one item or summed over items."""

    part: int
    whole: int


def micro(counts: Mapping[str, int]) -> dict[str, Share]:
    """What an item's counts give to the corpus-level (micro-averaged) figures; those of the items' sums are the figures themselves.

    F1 is 2 TP / (predicted + gold), precision TP / predicted, recall TP / gold. Where the counts hold them, F1 of overlapping spans and
    the share of right statuses among the names extracted correctly. A figure whose whole is zero over all items has no value.

    >>> micro({"true_positives": 3, "false_positives": 1, "false_negatives": 2})["micro_precision"]
    Share(part=3, whole=4)
    """
    hits = counts["true_positives"]
    predicted, gold = hits + counts["false_positives"], hits + counts["false_negatives"]
    shares = {
        "micro_f1": Share(2 * hits, predicted + gold),
        "micro_precision": Share(hits, predicted),
        "micro_recall": Share(hits, gold),
    }
    if "relaxed_true_positives" in counts:
        shares["micro_f1_relaxed"] = Share(2 * counts["relaxed_true_positives"], predicted + gold)
    if "statuses_correct" in counts:
        shares["micro_conditional_accuracy"] = Share(counts["statuses_correct"], hits)
    return shares


def rouge_n(answer: str, reference: str, n: int) -> float:
    """ROUGE-N F1 as rouge-score computes it without stemming; 0 where either side has no n-gram."""
    left, right = ngrams(rouge_words(answer), n), ngrams(rouge_words(reference), n)
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if left and right else 0.0


def rouge_l(answer: str, reference: str) -> float:
    """ROUGE-L F1 (longest common subsequence of words) as rouge-score computes it without stemming."""
    left, right = rouge_words(answer), rouge_words(reference)
    if not left or not right:
        return 0.0
    numbers: dict[str, int] = {}
    coded = [[numbers.setdefault(word, len(numbers)) for word in words] for words in (left, right)]
    return 2 * LCSseq.similarity(*coded) / (len(left) + len(right))


def rouge(answer: str, references: Collection[str]) -> dict[str, float]:
    """ROUGE-1, -2 and -L F1, each against its best reference. A text of one word has no bigram: its ROUGE-2 is 0."""
    return {
        "rouge1": max(rouge_n(answer, reference, 1) for reference in references),
        "rouge2": max(rouge_n(answer, reference, 2) for reference in references),
        "rougeL": max(rouge_l(answer, reference) for reference in references),
    }
