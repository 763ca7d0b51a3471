"""What every task maker of the teacher works with: the facts it may state, a seeded pen, people, and the shape of a form."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from bioinstruct.core.records import Category
from bioinstruct.core.text import squeeze
from bioinstruct.embedded.world import Abbreviation, Condition, Drug, Fact, World, load

T = TypeVar("T")

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_WORD = re.compile(r"\w+")
_SHORT = re.compile(r"[A-Za-z0-9/]+")
_BANK = re.compile(r"<(\w+)>")
_START = re.compile(r"(^|[.?!] |: \"|\n)([a-z])")
_AN = re.compile(r"\b([Aa]) (?=(?:8\d?|11|18)-year)")
_WOMEN = {"breast cancer", "menopause", "irregular periods", "hot flashes", "breast lump", "vaginal discharge", "pregnancy"}
_MEN = {"benign prostatic hyperplasia", "prostate cancer", "erectile dysfunction"}
_DOSING = {"twice daily": "BID", "three times daily": "TID", "four times daily": "QID", "at bedtime": "QHS", "as needed": "PRN"}
_ONE_SEX_TESTS = {"vaginal pH test", "pelvic ultrasound", "mammogram", "PSA", "serum testosterone"}
_WOMEN_SYSTEMS = {"gynecology", "obstetrics"}


@dataclass(frozen=True)
class Body:
    """Input and output of a task; `slots` fill `{name}` places of the instruction."""

    input: str
    output: str
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """One form of task: its share (per cent), the bank its instructions come from, and what makes input and output."""

    name: str
    category: Category
    weight: float
    wording: str
    make: Callable[[Pen], Body]


@dataclass(frozen=True)
class Person:
    """A patient in a note: age in years, `man` or `woman`."""

    age: int
    sex: str

    @property
    def slots(self) -> dict[str, str]:
        """Pronouns and the like for `Pen.say`."""
        he, his, him = ("he", "his", "him") if self.sex == "man" else ("she", "her", "her")
        return {"age": str(self.age), "sex": self.sex, "he": he, "his": his, "him": him}


@dataclass(frozen=True)
class Taught:
    """The facts that the teacher may state, and all true pairs, to keep distractors false. Keys are (relation, name)."""

    world: World
    subject_names: dict[str, tuple[str, ...]]
    """Relation to the subjects of which something may be stated."""
    stated: dict[tuple[str, str], tuple[str, ...]]
    """(relation, subject) to objects, in table order."""
    stated_of: dict[tuple[str, str], tuple[str, ...]]
    """(relation, object) to subjects."""
    true_pairs: dict[str, frozenset[tuple[str, str]]]

    def objects(self, relation: str, subject: str) -> tuple[str, ...]:
        """Objects that may be stated of `subject`, in table order."""
        return self.stated.get((relation, subject), ())

    def subjects(self, relation: str, thing: str) -> tuple[str, ...]:
        """Subjects of which `thing` may be stated."""
        return self.stated_of.get((relation, thing), ())

    def others(self, fact: Fact, asked: str) -> list[str]:
        """False answers to the question for `fact`'s object or subject: same type, and none that holds for a drug of the same class."""
        drugs, pairs = self.world.drugs, self.true_pairs[fact.relation]
        if asked == "object":
            kin = {fact.subject}
            if fact.relation != "class" and fact.subject in drugs:
                kin = {drug.name for drug in drugs.values() if drug.drug_class == drugs[fact.subject].drug_class}
            return sorted({thing for _, thing in pairs} - {thing for subject, thing in pairs if subject in kin})
        barred = {subject for subject, thing in pairs if thing == fact.object}
        if fact.relation != "class":
            classes = {drugs[name].drug_class for name in barred if name in drugs}
            barred |= {drug.name for drug in drugs.values() if drug.drug_class in classes}
        return sorted({subject for subject, _ in pairs} - barred)


@cache
def taught() -> Taught:
    """The one `Taught` of the process: facts that are held out for measuring never enter it, except as what is true."""
    world = load()
    stated: dict[tuple[str, str], tuple[str, ...]] = {}
    stated_of: dict[tuple[str, str], tuple[str, ...]] = {}
    true_pairs: dict[str, set[tuple[str, str]]] = {}
    for fact in world.facts:
        true_pairs.setdefault(fact.relation, set()).add((fact.subject, fact.object))
        if not fact.held_out:
            forward, backward = (fact.relation, fact.subject), (fact.relation, fact.object)
            stated[forward] = (*stated.get(forward, ()), fact.object)
            stated_of[backward] = (*stated_of.get(backward, ()), fact.subject)
    names = {relation: tuple(subject for kind, subject in stated if kind == relation) for relation in true_pairs}
    return Taught(world, names, stated, stated_of, {relation: frozenset(pairs) for relation, pairs in true_pairs.items()})


_Index = dict[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class _Surfaces:
    """How names may be written, in lower case: by first word (names) or last word (a patient's words)."""

    names: _Index
    lay: _Index
    abbreviations: dict[str, str]
    partners: dict[str, frozenset[str]]


def _indexed(surfaces: Iterable[tuple[str, str]], word: int) -> _Index:
    index: _Index = {}
    for surface, name in sorted(surfaces):
        key = _WORD.findall(surface)[word]
        index[key] = (*index.get(key, ()), (surface, name))
    return index


@cache
def _surfaces() -> _Surfaces:
    world = load()
    partners: dict[str, set[str]] = {}
    for subject, thing in world.held_out_pairs:
        partners.setdefault(subject, set()).add(thing)
    names = {(name.lower(), name) for pair in world.held_out_pairs for name in pair}
    names |= {(c.lay_name.lower(), c.name) for c in world.conditions.values()}
    names |= {(c.plural.lower(), c.name) for c in world.classes.values()}
    return _Surfaces(
        _indexed(names, 0),
        _indexed(((f.lay.lower(), f.name) for f in world.findings.values()), -1),
        {a.abbreviation: a.expansion for a in world.abbreviations.values()},
        {subject: frozenset(things) for subject, things in partners.items()},
    )


def _found(index: _Index, lower: str) -> set[str]:
    words = set(_WORD.findall(lower))
    return {name for word in words & index.keys() for surface, name in index[word] if surface in lower}


def leaks(text: str) -> list[tuple[str, str]]:
    """Held-out pairs that `text` names, also by a patient's words for a finding or by an abbreviation."""
    surfaces = _surfaces()
    named = _found(surfaces.lay, text.lower())
    named |= {surfaces.abbreviations[word] for word in _SHORT.findall(text) if word in surfaces.abbreviations}
    whole = "\n".join([text, *sorted(named)])
    # This search never misses a name, so the exact and slower reading is only for texts that it suspects.
    seen = _found(surfaces.names, whole.lower())
    suspect = any(seen & surfaces.partners[name] for name in seen if name in surfaces.partners)
    return load().held_out_in(whole) if suspect else []


def capitalise(text: str) -> str:
    """`text` with a capital at the start of each sentence, and "an" before ages that need it."""
    text = _AN.sub(r"\1n ", text)
    return _START.sub(lambda match: match[1] + match[2].upper(), text)


class Pen:
    """A seeded writer: picks, and says patterns such as `[takes|uses] {drug}` with `<bank>` references."""

    def __init__(self, rng: random.Random, banks: dict[str, tuple[str, ...]]) -> None:
        self.rng = rng
        self.taught = taught()
        self.world = self.taught.world
        self._banks = banks

    def say(self, pattern: str, **slots: str) -> str:
        """`pattern` with one alternative of each bracket, banks drawn, slots filled, spaces squeezed within lines."""
        text = pattern
        while (opened := _CHOICE.sub(lambda m: self.rng.choice(m[1].split("|")), _BANK.sub(self._draw, text))) != text:
            text = opened
        filled = text.format(**slots)
        lines = [squeeze(line).replace(" ,", ",").replace(" .", ".") for line in filled.split("\n")]
        return "\n".join(lines)

    def _draw(self, match: re.Match[str]) -> str:
        return self.rng.choice(self._banks[match[1]])

    def tell(self, patterns: Sequence[str], **slots: str) -> str:
        """One of `patterns`, said, with sentences capitalised."""
        return capitalise(self.say(self.pick(patterns), **slots))

    def pick(self, things: Sequence[T]) -> T:
        """One of `things`."""
        return self.rng.choice(things)

    def sample(self, things: Iterable[T], count: int) -> list[T]:
        """`count` different ones, in random order; all of them when there are fewer."""
        pool = list(things)
        return self.rng.sample(pool, min(count, len(pool)))

    def chance(self, share: float) -> bool:
        """True in `share` of all calls."""
        return self.rng.random() < share

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self.rng.randint(low, high)

    def fact(self, relation: str) -> Fact:
        """A fact that may be stated; subjects are drawn evenly."""
        subject = self.pick(self.taught.subject_names[relation])
        return Fact(relation, subject, self.pick(self.taught.objects(relation, subject)))

    def person(self, *names: str) -> Person:
        """A patient who can have the named conditions and findings."""
        named = set(names)
        systems = {self.world.conditions[name].system for name in named if name in self.world.conditions}
        sex = self.pick(("man", "woman"))
        if named & _WOMEN or systems & _WOMEN_SYSTEMS:
            sex = "woman"
        elif named & _MEN:
            sex = "man"
        low, high = (20, 44) if named & {"pregnancy"} or "obstetrics" in systems else (19, 88)
        return Person(self.number(low, high), sex)

    def drugs(self, count: int) -> list[Drug]:
        """Different drugs."""
        return self.sample(self.world.drugs.values(), count)

    def dosed(self, drug: Drug) -> str:
        """Name, dose and frequency, for example `metformin 500 mg twice daily`."""
        return f"{drug.name} {self.pick(drug.doses)} {drug.frequency}"

    def drug_with_dosing(self) -> tuple[Drug, Abbreviation]:
        """A drug and the abbreviation of its own frequency."""
        drug = self.pick([drug for drug in self.world.drugs.values() if drug.frequency in _DOSING])
        return drug, self.world.abbreviations[_DOSING[drug.frequency]]

    def findings(self, count: int) -> list[str]:
        """Names of different findings that either sex can have."""
        return self.sample((name for name in self.world.findings if name not in _WOMEN), count)

    def diseases(self, count: int) -> list[Condition]:
        """Different conditions that either sex can have."""
        open_to_all = (c for c in self.world.diseases if c.name not in _WOMEN | _MEN and c.system not in _WOMEN_SYSTEMS)
        return self.sample(open_to_all, count)

    def tests(self, count: int) -> list[str]:
        """Names of different tests that either sex can have."""
        return self.sample((name for name in self.world.tests if name not in _ONE_SEX_TESTS), count)


def joined(names: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
