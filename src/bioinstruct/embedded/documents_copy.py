"""Practice in copying: lists read out again, keyed entries asked back, rosters turned into sentences. A small model learns it from nothing else."""

from __future__ import annotations

import random

from bioinstruct.embedded.documents_clinic import PEOPLE, span
from bioinstruct.embedded.documents_facts import join, sentence
from bioinstruct.embedded.documents_leads import lead
from bioinstruct.embedded.world import World


def _things(rng: random.Random, world: World, n: int) -> list[str]:
    """`n` different names, doses or numbers of one or several types."""
    tables = [list(world.drugs), list(world.findings), list(world.tests), list(world.conditions)]
    if rng.random() < 0.25:
        return [str(number) for number in rng.sample(range(1, 1000), n)]
    if rng.random() < 0.5:
        return rng.sample(rng.choice(tables), n)
    mixed: dict[str, None] = {}
    while len(mixed) < n:
        mixed[rng.choice(rng.choice(tables))] = None
    return list(mixed)


def read_again(rng: random.Random, world: World) -> str:
    """A list and the same list once more, in order or backwards, whole or a part."""
    parts = []
    for _ in range(rng.randint(1, 3)):
        things = _things(rng, world, rng.randint(3, 7))
        first, second = things[0], things[-1]
        parts.append(
            rng.choice(
                (
                    f"List: {'; '.join(things)}\nAgain: {'; '.join(things)}",
                    f"{join(things)}. Once more: {join(things)}.",
                    f"Forward: {', '.join(things)}. Backward: {', '.join(reversed(things))}.",
                    f"{', '.join(things)} - first {first}, last {second}",
                    "\n".join(f"{number}. {thing}" for number, thing in enumerate(things, 1))
                    + f"\nNumber 2: {things[1]}; number 3: {things[2]}",
                )
            )
        )
    return "\n\n".join(parts)


def keyed(rng: random.Random, world: World) -> str:
    """Names with a value each, and some of the values asked back."""
    names = _things(rng, world, rng.randint(3, 6))
    drugs = list(world.drugs.values())
    values = [
        rng.choice(
            (
                str(rng.randint(1, 999)),
                rng.choice(rng.choice(drugs).doses),
                span(rng),
                rng.choice(("active", "discontinued", "neither")),
            )
        )
        for _ in names
    ]
    table = rng.choice(("; ", "\n", ", ")).join(
        f"{name} {rng.choice((':', 'is', '='))} {value}" for name, value in zip(names, values, strict=True)
    )
    asked = rng.sample(range(len(names)), rng.randint(2, len(names)))
    return table + "\n" + "; ".join(f"{names[place]} ({values[place]})" for place in asked)


def roster(rng: random.Random, world: World) -> str:
    """Sentences on several people, each with age, drug and symptom, and the entries asked back in other words."""
    rows = []
    for _ in range(rng.randint(1, 3)):
        noun, _, _ = rng.choice(PEOPLE)
        drug = rng.choice(list(world.drugs.values()))
        rows.append(
            (
                noun,
                rng.randint(1, 99),
                drug.name,
                rng.choice(drug.doses),
                drug.frequency,
                rng.choice(list(world.findings)),
                span(rng),
            )
        )
    told = [
        rng.choice(
            (
                f"The {age}-year-old {noun} takes {drug} {dose} {frequency} and has had {finding} for {since}.",
                f"A {noun} of {age} has {finding} since {since}; {drug} {dose} {frequency} was given.",
                f"{sentence(noun)}, {age}: {finding} ({since}), {drug} {dose} {frequency}.",
            )
        )
        for noun, age, drug, dose, frequency, finding, since in rows
    ]
    back = [
        rng.choice(
            (
                f"{age}-year-old {noun} with {finding} for {since}, on {drug} {dose} {frequency}",
                f"{finding} for {since}; {noun}, {age}; {drug} {dose} {frequency}",
                f"{drug} {dose} {frequency} for the {noun} of {age} with {finding}",
            )
        )
        for noun, age, drug, dose, frequency, finding, since in rows
    ]
    return " ".join(told) + "\n" + lead("summary", rng) + " " + ". ".join(back) + "."
