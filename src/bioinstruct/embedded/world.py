"""The tables of `knowledge/` as typed records, their relations as facts, and which facts are kept for measuring.

The base model reads every fact. The teacher may state only those that are not held out; QA items ask only held-out ones.
So what QA measures after tuning is access to what the base has read, never what the teacher said.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

FOLDER = Path(__file__).parent / "knowledge"
HELD_OUT_SHARE = 0.35

RELATIONS = ("class", "treats", "adverse_effect", "contraindicated_with", "finding", "test")


@dataclass(frozen=True)
class DrugClass:
    """A drug class; `mechanism` completes "It works by ..."."""

    name: str
    plural: str
    mechanism: str


@dataclass(frozen=True)
class Drug:
    """A drug; lists are in order of typicality."""

    name: str
    drug_class: str
    treats: tuple[str, ...]
    adverse_effects: tuple[str, ...]
    contraindicated_with: tuple[str, ...]
    doses: tuple[str, ...]
    route: str
    frequency: str


@dataclass(frozen=True)
class Condition:
    """A condition; `cause` completes "It is caused by ...". `findings` is empty for those that only contraindicate a drug."""

    name: str
    lay_name: str
    system: str
    findings: tuple[str, ...]
    tests: tuple[str, ...]
    cause: str
    advice: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """A sign, symptom or result; `lay` is how a patient says it, as a clause."""

    name: str
    lay: str
    meaning: str


@dataclass(frozen=True)
class Test:
    """A diagnostic test; `measures` completes "It shows ..."."""

    name: str
    kind: str
    measures: str


@dataclass(frozen=True)
class Abbreviation:
    """A clinical abbreviation."""

    abbreviation: str
    expansion: str
    kind: str


@dataclass(frozen=True)
class Fact:
    """`subject` `relation` `object`, for example metformin treats type 2 diabetes."""

    relation: str
    subject: str
    object: str

    @property
    def held_out(self) -> bool:
        """Whether the teacher must never state it. A fixed share of all facts, decided by a hash, in no seed's hands."""
        digest = hashlib.sha256(f"{self.relation}|{self.subject}|{self.object}".encode()).digest()
        return int.from_bytes(digest[:4], "big") / 2**32 < HELD_OUT_SHARE


@dataclass(frozen=True)
class World:
    """All tables, by name, in file order."""

    classes: dict[str, DrugClass]
    drugs: dict[str, Drug]
    conditions: dict[str, Condition]
    findings: dict[str, Finding]
    tests: dict[str, Test]
    abbreviations: dict[str, Abbreviation]

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Every relation of the tables, in a fixed order."""
        facts = []
        for drug in self.drugs.values():
            facts.append(Fact("class", drug.name, drug.drug_class))
            facts += [Fact("treats", drug.name, condition) for condition in drug.treats]
            facts += [Fact("adverse_effect", drug.name, finding) for finding in drug.adverse_effects]
            facts += [Fact("contraindicated_with", drug.name, condition) for condition in drug.contraindicated_with]
        for condition in self.conditions.values():
            facts += [Fact("finding", condition.name, finding) for finding in condition.findings]
            facts += [Fact("test", condition.name, test) for test in condition.tests]
        return tuple(facts)

    @cached_property
    def facts_of(self) -> dict[str, tuple[Fact, ...]]:
        """The facts of each relation, in the same order."""
        return {relation: tuple(fact for fact in self.facts if fact.relation == relation) for relation in RELATIONS}

    @cached_property
    def diseases(self) -> tuple[Condition, ...]:
        """Conditions that have findings of their own (not those that only contraindicate a drug)."""
        return tuple(condition for condition in self.conditions.values() if condition.findings)

    @cached_property
    def held_out_pairs(self) -> frozenset[tuple[str, str]]:
        """(subject, object) of the facts that the teacher must never state."""
        return frozenset((fact.subject, fact.object) for fact in self.facts if fact.held_out)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        names = {*self.drugs, *self.conditions, *self.findings, *self.tests, *self.classes}
        names |= {drug_class.plural for drug_class in self.classes.values()}
        names |= {condition.lay_name for condition in self.conditions.values()}
        longest_first = sorted(names, key=lambda name: (-len(name), name))
        return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)

    @cached_property
    def _canonical(self) -> dict[str, str]:
        table = {c.lay_name.lower(): c.name for c in self.conditions.values()}
        table |= {c.plural.lower(): c.name for c in self.classes.values()}
        for names in (self.drugs, self.conditions, self.findings, self.tests, self.classes):
            table |= {name.lower(): name for name in names}
        return table

    def mentions(self, text: str) -> list[str]:
        """Canonical names of the things that `text` names (lay names and plurals included), in order, with repeats."""
        return [self._canonical[match.group(0).lower()] for match in self._names.finditer(text)]

    def held_out_in(self, text: str) -> list[tuple[str, str]]:
        """Held-out (subject, object) pairs whose two names both occur in `text`."""
        named = sorted(set(self.mentions(text)))
        return [(a, b) for a in named for b in named if (a, b) in self.held_out_pairs]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split(";") if part)


@cache
def load() -> World:
    """The world, read once a process."""
    return World(
        classes={row["name"]: DrugClass(**row) for row in _rows("classes")},
        drugs={
            row["name"]: Drug(
                row["name"],
                row["class"],
                _list(row["treats"]),
                _list(row["adverse_effects"]),
                _list(row["contraindicated_with"]),
                _list(row["doses"]),
                row["route"],
                row["frequency"],
            )
            for row in _rows("drugs")
        },
        conditions={
            row["name"]: Condition(
                row["name"],
                row["lay_name"],
                row["system"],
                _list(row["findings"] or ""),
                _list(row["tests"] or ""),
                row["cause"] or "",
                _list(row["advice"] or ""),
            )
            for row in _rows("conditions")
        },
        findings={row["name"]: Finding(**row) for row in _rows("findings")},
        tests={row["name"]: Test(**row) for row in _rows("tests")},
        abbreviations={row["abbreviation"]: Abbreviation(**row) for row in _rows("abbreviations")},
    )
