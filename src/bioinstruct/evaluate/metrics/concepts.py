"""Concept-F1: which concepts an answer shares with its reference, as sets.

Precision is the share of the answer's concepts that the reference has, recall the share of the reference's that the answer has, F1 their
harmonic mean, item by item. Of several references the one with the highest F1 counts. On an item whose references name no concept the
metric says nothing: it is left out and counted.

Here concepts come from the embedded world's own tables (drugs, drug classes, conditions, findings, tests, abbreviations) by their names,
plurals, lay names and abbreviations. That is not UMLS, and figures are not comparable with the paper's: `umls.py` is for those.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from bioinstruct.core.errors import Problem
from bioinstruct.core.sections import Section
from bioinstruct.embedded import world
from bioinstruct.evaluate.metrics.base import EMPTY, UNDEFINED, Kind, Metric, Pair, Value, figures

PARTS = ("f1", "precision", "recall")


class Concept(NamedTuple):
    """What a term stands for."""

    name: str
    kind: str
    """Its semantic type: drug, drug class, condition, finding, test, or the kind of an abbreviation that stands for none of these."""


class Lexicon:
    """A dictionary matcher: terms as whole words, the longest first, none inside another.

    Args:
        terms: Term, in any case, to its concept.
        exact: Terms that count only as they are written, such as abbreviations: `HA` is a headache, `ha` is not.
    """

    def __init__(self, terms: dict[str, Concept], exact: dict[str, Concept]) -> None:
        self._terms = {term.casefold(): concept for term, concept in terms.items()}
        self._exact = exact
        longest_first = sorted({*terms, *exact}, key=lambda term: (-len(term), term))
        alternatives = [re.escape(term) if term in exact else f"(?i:{re.escape(term)})" for term in longest_first]
        self._pattern = re.compile(r"(?<!\w)(?:" + "|".join(alternatives) + r")(?!\w)")

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of all terms and concepts."""
        rows = sorted([*self._terms.items(), *self._exact.items()])
        return hashlib.sha256("\n".join("\t".join((term, *concept)) for term, concept in rows).encode()).hexdigest()[:16]

    def concepts(self, text: str) -> frozenset[Concept]:
        """The concepts that a text names."""
        found = (match.group(0) for match in self._pattern.finditer(text))
        return frozenset(self._exact[term] if term in self._exact else self._terms[term.casefold()] for term in found)


@cache
def embedded_lexicon() -> Lexicon:
    """The terms of the embedded world. Of a name in several tables the first one's kind counts, in the order below."""
    tables = world.load()
    terms: dict[str, Concept] = {}
    for kind, names in (
        ("drug", tables.drugs),
        ("condition", tables.conditions),
        ("finding", tables.findings),
        ("test", tables.tests),
        ("drug class", tables.classes),
    ):
        for name in names:
            terms.setdefault(name, Concept(name, kind))
    for drug_class in tables.classes.values():
        terms.setdefault(drug_class.plural, terms[drug_class.name])
    for condition in tables.conditions.values():
        terms.setdefault(condition.lay_name, terms[condition.name])
    known = {name.casefold(): concept for name, concept in terms.items()}
    exact = {}
    for one in tables.abbreviations.values():
        stands_for = (known.get(text.casefold()) for text in (one.expansion, one.abbreviation))  # some tests go by their abbreviation
        concept = next(filter(None, stands_for), Concept(one.expansion, one.kind))
        terms.setdefault(one.expansion, concept)
        exact[one.abbreviation] = concept
    return Lexicon(terms, exact)


def overlap(name: str, answer: frozenset[Any], references: Sequence[frozenset[Any]]) -> dict[str, float]:
    """The figures of sets of concepts against the best reference; nothing where no reference has a concept."""
    found = []
    for reference in filter(None, references):
        shared = len(answer & reference)
        precision, recall = (shared / len(answer) if answer else 0.0), shared / len(reference)
        f1 = 2 * shared / (len(answer) + len(reference))
        found.append(dict(zip(figures(name, PARTS), (f1, precision, recall), strict=True)))
    return max(found, key=lambda one: one[f"{name}_f1"], default={})


class ConceptF1:
    """Concept-F1 over any source of concepts.

    Args:
        name: Figures begin with it.
        source: Gives what its identity says of the source.
        concepts: Text -> its concepts.
        needs_model: Whether the source is more than what comes with this package.
    """

    def __init__(
        self, name: str, source: Callable[[], dict[str, Any]], concepts: Callable[[str], frozenset[Any]], *, needs_model: bool = False
    ) -> None:
        self._name, self._source, self._concepts, self._needs = name, source, concepts, needs_model

    @property
    def figures(self) -> tuple[str, ...]:
        """F1, precision and recall."""
        return figures(self._name, PARTS)

    @property
    def needs_model(self) -> bool:
        """As it was made."""
        return self._needs

    def identity(self, references: Sequence[str]) -> dict[str, Any]:
        """The source of the concepts."""
        return self._source()

    def score(self, pairs: Sequence[Pair], references: Sequence[str]) -> list[Value]:
        """As in `base.Metric`."""
        texts = dict.fromkeys(text for pair in pairs for text in (pair.answer, *pair.references))
        found = {text: self._concepts(text) for text in texts}
        return [self._value(pair, found) for pair in pairs]

    def _value(self, pair: Pair, found: dict[str, frozenset[Any]]) -> Value:
        values = overlap(self._name, found[pair.answer], [found[reference] for reference in pair.references])
        return Value(values, ({} if values else {UNDEFINED: 1}) | ({} if pair.answer else {EMPTY: 1}))


class Options(Section):
    """None."""


def _problems(options: Options, place: str) -> list[Problem]:
    return []


def _make(name: str, options: Options) -> Metric:
    lexicon = embedded_lexicon()
    return ConceptF1(name, lambda: {"metric": "concept_f1", "lexicon": "embedded", "terms": lexicon.digest}, lexicon.concepts)


KIND = Kind("concept", Options, _problems, _make)
