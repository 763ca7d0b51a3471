"""Clinical text: notes with their medication review, passages with what a pronoun stands for, dialogues with notes, letters."""

from __future__ import annotations

import random

from bioinstruct.embedded.documents_facts import sentence
from bioinstruct.embedded.world import Drug, World

ACTIVE = (
    "continues on {d}",
    "is taking {d}",
    "stays on {d}",
    "was started on {d} last month",
    "takes {d} every day",
    "remains on {d}",
    "uses {d} at home",
    "went home on {d}",
)
STOPPED = (
    "no longer takes {d}",
    "had {d} stopped",
    "came off {d} because of {e}",
    "was on {d} until last year",
    "discontinued {d}",
    "had to give up {d}",
    "quit {d} after {e}",
)
NEITHER = (
    "is allergic to {d}",
    "asked about {d}",
    "has a brother who takes {d}",
    "might need {d} later",
    "was never given {d}",
    "declined {d}",
    "read about {d} in a leaflet",
)
PEOPLE = (("man", "he", "his"), ("woman", "she", "her"))
SPANS = ("two days", "three days", "five days", "one week", "two weeks", "three weeks", "one month", "two months", "six months", "a year")


def person(rng: random.Random) -> tuple[int, str, str, str]:
    """Age in years, noun, pronoun, possessive."""
    noun, pronoun, possessive = rng.choice(PEOPLE)
    return rng.randint(18, 92), noun, pronoun, possessive


def _with_dose(drug: Drug, rng: random.Random) -> str:
    return rng.choice((drug.name, f"{drug.name} {rng.choice(drug.doses)}", f"{drug.name} {rng.choice(drug.doses)} {drug.frequency}"))


def medication_note(rng: random.Random, world: World) -> str:
    """A note in which drugs are taken, stopped or only mentioned, and the review that sorts them."""
    age, noun, pronoun, _ = person(rng)
    drugs = rng.sample(list(world.drugs.values()), rng.randint(1, 4))
    condition = rng.choice(world.diseases)
    opening = rng.choice(
        (
            f"{age}-year-old {noun} with {condition.name}.",
            f"Seen today: {noun}, {age}, {condition.name}.",
            f"This {noun} of {age} has {condition.lay_name}.",
        )
    )
    sentences, status = [], []
    for drug in drugs:
        kind, bank = rng.choice((("active", ACTIVE), ("active", ACTIVE), ("discontinued", STOPPED), ("neither", NEITHER)))
        effect = rng.choice(drug.adverse_effects)
        text = rng.choice(bank).format(d=_with_dose(drug, rng), e=effect)
        sentences.append(f"{rng.choice((sentence(pronoun), f'The {noun}', 'The patient'))} {text}.")
        status.append((drug.name, kind))
    filler = rng.choice(
        ("", f" {sentence(rng.choice(condition.findings))} is better.", f" {sentence(rng.choice(condition.tests))} was ordered.", "")
    )
    layout = rng.randrange(4)
    if layout == 0:
        review = "Review: " + "; ".join(f"{name} ({kind})" for name, kind in status)
    elif layout == 1:
        review = "Drugs named: " + "; ".join(f"{name} ({kind})" for name, kind in status) + "."
    elif layout == 2:
        groups = {kind: [name for name, other in status if other == kind] for kind in ("active", "discontinued", "neither")}
        review = " ".join(f"{kind}: {', '.join(names)}." for kind, names in groups.items() if names)
    else:
        review = "\n".join(f"{name}: {kind}" for name, kind in status)
    return f"{opening} {' '.join(sentences)}{filler}\n{review}"


def reference(rng: random.Random, world: World) -> str:
    """A passage with a pronoun or a definite expression, and what it stands for."""
    age, noun, pronoun, possessive = person(rng)
    drug, other = rng.sample(list(world.drugs.values()), 2)
    condition = rng.choice(world.diseases)
    test, later_test = rng.sample(list(world.tests), 2)
    effect = rng.choice(drug.adverse_effects)
    dose = f"{drug.name} {rng.choice(drug.doses)}"
    text, expression, answer = rng.choice(
        (
            (f"{sentence(pronoun)} was given {dose} for {condition.name}. It caused {effect} within {rng.choice(SPANS)}.", "it", dose),
            (
                f"The {noun} took {other.name} at first and {drug.name} after that. The latter was stopped because of {effect}.",
                "the latter",
                drug.name,
            ),
            (f"The {noun} took {drug.name} at first and {other.name} after that. The former brought {effect}.", "the former", drug.name),
            (f"{sentence(test)} was done on Monday and {later_test} on Tuesday. The first test was normal.", "the first test", test),
            (
                f"{sentence(condition.name)} was found {rng.choice(SPANS)} ago. {sentence(pronoun)} now takes {drug.name} for it.",
                "it",
                condition.name,
            ),
            (
                f"A {age}-year-old {noun} came with {possessive} daughter. The latter reported {effect} at home.",
                "the latter",
                f"{possessive} daughter",
            ),
            (
                f"{sentence(pronoun)} stopped {dose} and kept {other.name}. This drug had led to {effect}, so it was replaced.",
                "this drug",
                dose,
            ),
            (f"Besides {condition.name} {pronoun} has {effect}. This symptom began after {drug.name} was raised.", "this symptom", effect),
            (f"The plan is {test} before {later_test}. If that one is normal, no further work-up follows the former.", "the former", test),
            (f"{sentence(dose)} was added to {other.name}. The new drug is taken {drug.frequency}.", "the new drug", dose),
        )
    )
    return (
        text
        + "\n"
        + rng.choice(
            (
                f'Here "{expression}" means {answer}.',
                f'"{expression}" refers to {answer}',
                f'What is "{expression}"? {answer}',
                f'"{expression}" = {answer}',
            )
        )
    )
