"""What a finder found, held against what stands in the texts: recall and precision a kind, each with an interval over templates.

A gold identifier is found when one found span of its kind overlaps at least half of it and covers all its digits. A found span is right when it
overlaps an identifier of its kind, confused when it overlaps only identifiers of other kinds, false when it overlaps none; one
that overlaps nothing but a neutral stretch (a city) counts for nothing. Precision is right / (right + confused + false).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bioinstruct.statistics import bootstrap
from identifier_templates.templates import NONE, Example, Span

SAMPLES = 2000
_Z = 1.959963984540054


class Found(Protocol):
    """What a finder gives back: `text[start:end]` is taken for an identifier of `kind` by the finder named `finder`."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def finder(self) -> str: ...


Find = Callable[[str], Iterable[Found]]

FOUND_AS = {"name_free": "name"}
"""Kinds of gold that finders call by another name."""
INTERCHANGEABLE = {"phone": "fax", "fax": "phone"}
"""Kinds that stand for one another in the lenient figures."""


@dataclass(frozen=True)
class Share:
    """A share of `n` with its 95 % interval; `clusters` is the number of templates behind it."""

    value: float
    low: float
    high: float
    n: int
    clusters: int


def share(hits: Sequence[bool], templates: Sequence[str]) -> Share | None:
    """The share of `hits`; None where there is nothing to count.

    Texts of one template are alike, so the templates are what was sampled: the interval is the wider of a bootstrap over templates
    and of Wilson's with the number of templates as n (which has a width even where all templates agree).
    """
    if not hits:
        return None
    drawn = bootstrap.mean([float(hit) for hit in hits], list(templates), samples=SAMPLES, seed=0)
    low, high = wilson(drawn.value, drawn.clusters)
    return Share(drawn.value, min(low, drawn.low), max(high, drawn.high), drawn.n, drawn.clusters)


def wilson(value: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share `value` of `n`."""
    centre = (value + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(value * (1 - value) / n + _Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def overlap(one: Found | Span, other: Found | Span) -> int:
    """Characters that both hold."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def covers(found: Found, gold: Span, text: str) -> bool:
    """Whether `found` holds at least half of `gold` and all its digits."""
    digits = [place for place in range(gold.start, gold.end) if text[place].isdigit()]
    return 2 * overlap(found, gold) >= gold.end - gold.start and all(found.start <= place < found.end for place in digits)


@dataclass
class Tally:
    """Counts of one kind; the lists run in step, one entry an identifier (`recalled*`) or a found span (`judged`)."""

    recalled: list[bool] = field(default_factory=list)
    recalled_lenient: list[bool] = field(default_factory=list)
    recalled_as_any: list[bool] = field(default_factory=list)
    recalled_templates: list[str] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    """`right`, `lenient`, `confused` or `false` for each found span; `lenient` is the other of phone and fax."""
    judged_templates: list[str] = field(default_factory=list)
    confused_with: Counter[str] = field(default_factory=Counter)
    """Kind of the gold that found spans of this kind overlap instead."""
    surplus: int = 0
    """Characters of right spans outside every identifier and neutral stretch."""

    @property
    def recall(self) -> Share | None:
        """Share of the identifiers found under their own kind."""
        return share(self.recalled, self.recalled_templates)

    @property
    def lenient_recall(self) -> Share | None:
        """The same, phone and fax standing for one another."""
        return share(self.recalled_lenient, self.recalled_templates)

    @property
    def recall_as_any(self) -> Share | None:
        """Share of the identifiers that a found span of whatever kind covers."""
        return share(self.recalled_as_any, self.recalled_templates)

    @property
    def precision(self) -> Share | None:
        """Share of the found spans that are right."""
        return share([verdict == "right" for verdict in self.judged], self.judged_templates)

    @property
    def lenient_precision(self) -> Share | None:
        """The same, phone and fax standing for one another."""
        return share([verdict in ("right", "lenient") for verdict in self.judged], self.judged_templates)

    def count(self, verdict: str) -> int:
        """How many found spans were judged so."""
        return self.judged.count(verdict)


@dataclass(frozen=True)
class Failure:
    """Something to look at: a gold identifier `missed`, or a found span that is `false` or `confused`."""

    what: str
    kind: str
    example: Example
    start: int
    end: int


@dataclass
class Scores:
    """All counts over some examples."""

    kinds: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    sentences: int = 0
    """Texts without an identifier."""
    false_in_sentences: Counter[str] = field(default_factory=Counter)
    """Found spans in them, by kind."""
    failures: list[Failure] = field(default_factory=list)


def score(examples: Iterable[Example], find: Find) -> Scores:
    """Run `find` on every text and count."""
    scores = Scores()
    for example in examples:
        found = list(find(example.text))
        if example.template.kind == NONE:
            scores.sentences += 1
        for gold in example.gold:
            _recall(scores, example, gold, found)
        for span in found:
            _judge(scores, example, span)
    return scores


def _recall(scores: Scores, example: Example, gold: Span, found: Sequence[Found]) -> None:
    kinds = {span.kind for span in found if covers(span, gold, example.text)}
    own = FOUND_AS.get(gold.kind, gold.kind)
    tally = scores.kinds[gold.kind]
    tally.recalled.append(own in kinds)
    tally.recalled_lenient.append(own in kinds or INTERCHANGEABLE.get(own) in kinds)
    tally.recalled_as_any.append(bool(kinds))
    tally.recalled_templates.append(example.template.id)
    if own not in kinds:
        scores.failures.append(Failure("missed", gold.kind, example, gold.start, gold.end))


def _judge(scores: Scores, example: Example, span: Found) -> None:
    met = [FOUND_AS.get(gold.kind, gold.kind) for gold in example.gold if overlap(span, gold)]
    if not met and any(overlap(span, neutral) for neutral in example.neutral):
        return
    tally = scores.kinds[span.kind]
    verdict = "false" if not met else "right" if span.kind in met else "lenient" if INTERCHANGEABLE.get(span.kind) in met else "confused"
    tally.judged.append(verdict)
    tally.judged_templates.append(example.template.id)
    if verdict == "right":
        known = (*example.gold, *example.neutral)
        tally.surplus += span.end - span.start - sum(overlap(span, one) for one in known)
        return
    if met:
        tally.confused_with[met[0]] += 1
    if example.template.kind == NONE:
        scores.false_in_sentences[span.kind] += 1
    scores.failures.append(Failure("false" if not met else "confused", span.kind, example, span.start, span.end))
