"""Clinical text: notes with their medication review, and notes from which findings, tests or doses are taken out."""

from __future__ import annotations

import random

from bioinstruct.embedded.documents_facts import join, sentence
from bioinstruct.embedded.documents_leads import lead
from bioinstruct.embedded.world import Drug, World

ACTIVE = (
    "continues on {d}",
    "is taking {d}",
    "stays on {d}",
    "was started on {d} last month",
    "takes {d} every day",
    "remains well on {d}",
    "uses {d} at home",
    "went home on {d}",
    "has been on {d} since {m}",
    "is treated with {d} for {c}",
    "now gets {d}",
    "was switched to {d}",
    "goes on with {d} as before",
    "had the dose of {d} raised in {m}",
    "controls the {c} with {d}",
    "began {d} today",
)
STOPPED = (
    "no longer takes {d}",
    "had {d} stopped",
    "came off {d} because of {e}",
    "was on {d} until last year",
    "discontinued {d}",
    "had to give up {d}",
    "quit {d} after {e}",
    "finished the course of {d} in {m}",
    "took {d} in the past, but not now",
    "used {d} only until {m}",
    "had {d} withdrawn for {e}",
    "was taken off {d} by the hospital",
    "dropped {d} on account of {e}",
    "ended treatment with {d}",
)
NEITHER = (
    "is allergic to {d}",
    "asked about {d}",
    "has a brother who takes {d}",
    "might need {d} later",
    "was never given {d}",
    "declined {d}",
    "read about {d} in a leaflet",
    "reacts to {d} with {e}",
    "cannot have {d} because of {c}",
    "would rather not have {d}",
    "heard of {d} from a neighbor",
    "discussed {d} without a decision",
    "lives with a sister on {d}",
    "could be offered {d} if {e} returns",
)
_PAIRED = (
    ("is on {d} instead of {f}", "active", "discontinued"),
    ("changed from {d} to {f}", "discontinued", "active"),
    ("takes {d} and {f}", "active", "active"),
    ("got {f} in place of {d}, which was stopped in {m}", None, None),
    ("stopped both {d} and {f}", "discontinued", "discontinued"),
    ("refused {d} but goes on with {f}", "neither", "active"),
    ("keeps {d}, while {f} was ended", "active", "discontinued"),
    ("has {f} now since {d} caused {e}", None, None),
)
"""Phrases that name two drugs with their statuses in that order; None where the second is named first: it is taken, the other was stopped."""
PEOPLE = (("man", "he", "his"), ("woman", "she", "her"))
TITLES = {"man": "Mr", "woman": "Mrs"}
SURNAMES = ("Ortega", "Lindholm", "Mbeki", "Petersen", "Keller", "Osei", "Petrov", "Gomes", "Yamada", "Byrne", "Fontaine", "Haas")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPANS = ("two days", "three days", "five days", "one week", "two weeks", "three weeks", "one month", "two months", "six months", "a year")


def span(rng: random.Random) -> str:
    """A stretch of time, in words or, more often, with a figure."""
    return rng.choice(SPANS) if rng.random() < 0.4 else f"{rng.randint(2, 14)} {rng.choice(('days', 'weeks', 'months', 'years'))}"


def person(rng: random.Random) -> tuple[int, str, str, str]:
    """Age in years, noun, pronoun, possessive."""
    noun, pronoun, possessive = rng.choice(PEOPLE)
    return rng.randint(18, 92), noun, pronoun, possessive


def with_dose(drug: Drug, rng: random.Random) -> str:
    """The drug's name alone, with its dose, or with dose and frequency."""
    dose = rng.choice(drug.doses)
    return rng.choice((drug.name, f"{drug.name} {dose}", f"{drug.name} {dose} {drug.frequency}"))


def _opening(rng: random.Random, world: World, noun: str, age: int) -> str:
    condition, finding = rng.choice(world.diseases), rng.choice(list(world.findings))
    return rng.choice(
        (
            f"{age}-year-old {noun} with {condition.name}.",
            f"Seen on {rng.choice(DAYS)}: {noun}, {age}, {condition.name}.",
            f"This {noun} of {age} has {condition.lay_name}.",
            f"{TITLES[noun]} {rng.choice(SURNAMES)} ({age}) comes because of {finding}.",
            f"Visit for {finding}; {noun}, {age} years.",
        )
    )


def _filler(rng: random.Random, world: World, pronoun: str) -> str:
    return rng.choice(
        (
            f"{sentence(rng.choice(list(world.findings)))} is better.",
            f"{sentence(rng.choice(list(world.tests)))} was ordered.",
            f"Blood pressure {rng.randint(100, 170)}/{rng.randint(60, 100)}.",
            f"Weight {rng.randint(45, 120)} kg.",
            f"Next visit in {span(rng)}.",
            f"{sentence(pronoun)} has had {rng.choice(world.diseases).name} since {rng.randint(2001, 2024)}.",
            f"There is no {rng.choice(list(world.findings))}.",
        )
    )


def medication_note(rng: random.Random, world: World) -> str:
    """A note in which drugs are taken, stopped or only mentioned, and the review that sorts them."""
    age, noun, pronoun, _ = person(rng)
    drugs = rng.sample(list(world.drugs.values()), rng.randint(2, 5))
    texts, status = [], []
    while drugs:
        words = {"e": rng.choice(list(world.findings)), "m": rng.choice(MONTHS), "c": rng.choice(world.diseases).name}
        drug = drugs.pop()
        if drugs and rng.random() < 0.25:
            other = drugs.pop()
            phrase, first, second = rng.choice(_PAIRED)
            named = (
                [(drug.name, first), (other.name, second)] if first and second else [(other.name, "active"), (drug.name, "discontinued")]
            )
            text = phrase.format(d=with_dose(drug, rng), f=with_dose(other, rng), **words)
        else:
            kind, bank = rng.choice((("active", ACTIVE), ("active", ACTIVE), ("discontinued", STOPPED), ("neither", NEITHER)))
            named = [(drug.name, kind)]
            text = rng.choice(bank).format(d=with_dose(drug, rng), **words)
        status += named
        who = rng.choice((sentence(pronoun), sentence(pronoun), f"The {noun}", "The patient", ""))
        texts.append(f"{who} {text}." if who else f"{sentence(text)}.")
    for _ in range(rng.randint(0, 2)):
        texts.insert(rng.randint(0, len(texts)), _filler(rng, world, pronoun))
    text = f"{_opening(rng, world, noun, age)} {' '.join(texts)}"
    layout = rng.randrange(6)
    if layout < 3:
        review = "; ".join(f"{name} ({kind})" for name, kind in status) + rng.choice(("", "."))
    elif layout == 3:
        groups = {kind: [name for name, other in status if other == kind] for kind in ("active", "discontinued", "neither")}
        review = " ".join(f"{kind}: {', '.join(names)}." for kind, names in groups.items() if names)
    elif layout == 4:
        return f"{text}\n{lead('terms', rng)} {'; '.join(name for name, _ in status)}"
    else:
        review = "\n".join(f"{name}: {kind}" for name, kind in status)
    return f"{text}\n{lead('status', rng)} {review}"


def extracts(rng: random.Random, world: World) -> str:
    """A note with several findings, conditions, tests and doses, and one kind of them taken out in order."""
    age, noun, pronoun, _ = person(rng)
    drugs = rng.sample(list(world.drugs.values()), rng.randint(1, 3))
    things = {
        "complaints": rng.sample(list(world.findings), rng.randint(1, 3)),
        "denied": rng.sample(list(world.findings), rng.randint(1, 2)),
        "history": [condition.name for condition in rng.sample(world.diseases, rng.randint(1, 3))],
        "tests": rng.sample(list(world.tests), rng.randint(1, 3)),
        "doses": [f"{drug.name} {rng.choice(drug.doses)}" for drug in drugs],
    }
    told = {
        "complaints": f"{sentence(pronoun)} reports {join(things['complaints'])} for {span(rng)}.",
        "denied": f"No {join(things['denied'], 'or')}.",
        "history": f"History of {join(things['history'])}.",
        "tests": f"{sentence(join(things['tests']))} {rng.choice(('ordered', 'done', 'planned', 'pending'))}.",
        "doses": f"{rng.choice(('Takes', 'Medication:', 'Given'))} {join(things['doses'])}.",
    }
    kinds = rng.sample(list(things), rng.randint(2, 4))
    text = " ".join([_opening(rng, world, noun, age), *(told[kind] for kind in kinds)])
    asked = rng.sample(kinds, rng.randint(1, 2))
    parts = []
    for kind in asked:
        heading = sentence(kind) + ":" if rng.random() < 0.6 else f"{lead('terms', rng)} {kind}:"
        parts.append(f"{heading} {'; '.join(things[kind])}")
    return text + "\n" + "\n".join(parts)
