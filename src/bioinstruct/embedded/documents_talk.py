"""Text between people: dialogues with the note after them, letters with replies, forms and their summary, cases."""

from __future__ import annotations

import random

from bioinstruct.embedded.documents_clinic import PEOPLE, SPANS, person
from bioinstruct.embedded.documents_facts import distractors, join, sentence
from bioinstruct.embedded.world import Condition, Drug, Fact, World

SURNAMES = ("Ortega", "Lindqvist", "Mbeki", "Novak", "Keller", "Osei", "Petrov", "Silva", "Yamada", "Byrne", "Fontaine", "Haas")
DENIED = (
    "fever",
    "chest pain",
    "nausea",
    "headache",
    "dizziness",
    "rash",
    "vomiting",
    "cramps",
    "weight loss",
    "bruising",
    "itching",
    "tremor",
)
WHEN = ("in two weeks", "in four weeks", "in three months", "next week", "in ten days", "in six weeks", "in half a year", "in five days")


def _dosed(drug: Drug, rng: random.Random) -> str:
    return f"{drug.name} {rng.choice(drug.doses)} {drug.frequency}"


def _treatments(condition: Condition, world: World) -> list[Drug]:
    return [drug for drug in world.drugs.values() if condition.name in drug.treats]


def dialogue(rng: random.Random, world: World) -> str:
    """A consultation, its parts in varying order, and the note written after it."""
    age, noun, _, _ = person(rng)
    condition = rng.choice(world.diseases)
    findings = rng.sample(condition.findings, rng.choice((1, 1, 2)))
    span, name = rng.choice(SPANS), rng.choice(SURNAMES)
    title = "Mr" if noun == "man" else "Mrs"
    lay = [world.findings[finding].lay for finding in findings]
    opening = rng.choice(
        (f"Doctor: Hello {title} {name}, what can I do for you?", f"Doctor: {title} {name}, how are you?", "Doctor: What is wrong?")
    )
    complaint = rng.choice(
        (
            f"{sentence(' and '.join(lay))}, for {span} now.",
            f"For {span} {' and '.join(lay)}.",
            f"{sentence(' and '.join(lay))}. It began {span} ago.",
        )
    )
    named = name in opening
    years = (
        rng.choice((f"I am {age}.", f"I am {age} years old."))
        if named
        else rng.choice((f"I am a {noun} of {age}.", f"I am {age}, a {noun}."))
    )
    turns = [opening, f"Patient: {complaint} {years}"]
    note = [
        rng.choice(
            (
                f"{age}-year-old {noun} with {join(findings)} for {span}.",
                f"{sentence(noun)}, {age}, reports {join(findings)} for {span}.",
                f"{title} {name} ({age}) has had {join(findings)} for {span}."
                if named
                else f"A {noun} of {age} has had {join(findings)} for {span}.",
            )
        )
    ]
    blocks = []
    denied = rng.choice([one for one in DENIED if one not in condition.findings])
    blocks.append(
        (
            [
                rng.choice((f"Doctor: Any {denied}?", f"Doctor: Do you have {denied} too?")),
                rng.choice(("Patient: No.", "Patient: Nothing like that.", "Patient: Not at all.")),
            ],
            rng.choice((f"Denies {denied}.", f"No {denied}.", f"There is no {denied}.")),
        )
    )
    taken = _dosed(rng.choice(list(world.drugs.values())), rng)
    blocks.append(
        (
            [
                rng.choice(("Doctor: Which drugs do you take?", "Doctor: Do you take anything?", "Doctor: Your medicines?")),
                rng.choice((f"Patient: {sentence(taken)}.", f"Patient: I use {taken}.")),
            ],
            rng.choice((f"Takes {taken}.", f"Current medication: {taken}.", f"On {taken}.")),
        )
    )
    past = rng.choice(world.diseases)
    blocks.append(
        (
            [
                rng.choice(("Doctor: Other illnesses?", "Doctor: Have you been ill before?")),
                rng.choice((f"Patient: I have {past.lay_name}.", f"Patient: Yes, {past.lay_name}.")),
            ],
            rng.choice((f"History of {past.name}.", f"Known {past.name}.", f"Past history: {past.name}.")),
        )
    )
    allergy = rng.choice(list(world.drugs))
    blocks.append(([rng.choice(("Doctor: Any allergies?", "Doctor: Is there a drug you cannot have?")), f"Patient: {rng.choice(('Yes, to ', 'Only '))}{allergy}."],
                   rng.choice((f"Allergic to {allergy}.", f"Allergy: {allergy}."))))  # fmt: skip
    for said, written in rng.sample(blocks, rng.randint(1, 3)):
        turns += said
        note.append(written)
    test, when = rng.choice(list(world.tests)), rng.choice(WHEN)
    drugs = _treatments(condition, world)
    plan = [(f"we will do {test}", test)]
    if drugs and rng.random() < 0.6:
        dosed = _dosed(rng.choice(drugs), rng)
        plan.append((f"take {dosed}", f"start {dosed}"))
    if rng.random() < 0.5:
        plan.append((f"come back {when}", f"review {when}"))
    turns.append(f"Doctor: {rng.choice((f'I think of {condition.lay_name}. ', ''))}{sentence(join([said for said, _ in plan]))}.")
    note.append(rng.choice(("Plan: ", "To do: ")) + ", ".join(written for _, written in plan) + ".")
    return "\n".join(turns) + "\n" + rng.choice(("Note: ", "Written after the visit: ", "For the record: ")) + " ".join(note)


def letter(rng: random.Random, world: World) -> str:
    """A patient's letter and the doctor's reply."""
    age, noun, _, _ = person(rng)
    condition = rng.choice(world.diseases)
    finding, span = rng.choice(condition.findings), rng.choice(SPANS)
    drugs = _treatments(condition, world)
    dosed = _dosed(rng.choice(drugs), rng) if drugs and rng.random() < 0.6 else None
    lay = world.findings[finding].lay
    letter_text = " ".join((
        rng.choice((f"Dear doctor, I am a {age}-year-old {noun} and was told I have {condition.lay_name}.", f"I am {age}, with {condition.lay_name}.",
                    f"They found {condition.lay_name} {span} ago.", f"My {rng.choice(('mother', 'father', 'husband', 'wife', 'son'))} has {condition.lay_name}.")),
        rng.choice((f"{sentence(lay)}.", f"For {span} {lay}.", "")),
        f"I was given {dosed}." if dosed else "",
        rng.choice(("What can I do myself?", "What now?", "How does one get it?", "Can you help?")),
    ))  # fmt: skip
    advice = rng.sample(condition.advice, 2)
    reply = [
        rng.choice(
            (
                f"{sentence(condition.lay_name)} is also called {condition.name}.",
                f"{sentence(condition.name)} is caused by {condition.cause}.",
                f"This is {condition.name}; it comes from {condition.cause}.",
            )
        ),
        rng.choice(
            (
                f"Please {join(advice)}.",
                f"{sentence(advice[0])}, and {advice[1]}.",
                f"What helps: {join(advice)}.",
                f"Try this: {advice[0]}; {advice[1]}.",
            )
        ),
    ]
    if dosed:
        reply.append(rng.choice((f"Go on with {dosed}.", f"Keep taking {dosed}.")))
    reply.append(
        rng.choice(
            (f"Call us if {finding} gets worse.", f"Come back when you notice more {finding}.", f"With new {finding}, get help at once.")
        )
    )
    return f"{' '.join(letter_text.split())}\n{rng.choice(('Reply:', 'Answer:', 'The doctor writes:'))} {' '.join(reply)}"


def form(rng: random.Random, world: World) -> str:
    """Two or three filled-in forms, each with the sentence that sums it up or the other way round: practice in copying."""
    parts = []
    for _ in range(rng.randint(1, 3)):
        noun, _, _ = rng.choice(PEOPLE)
        age, condition = rng.randint(1, 99), rng.choice(list(world.conditions.values()))
        drug = rng.choice(list(world.drugs.values()))
        finding, test = rng.choice(list(world.findings)), rng.choice(list(world.tests))
        dose, room = rng.choice(drug.doses), rng.randint(1, 480)
        fields = [
            (f"age: {age}", f"is {age} years old"), (f"drug: {drug.name} {dose}", f"takes {drug.name} {dose}"), (f"history: {condition.name}", f"has {condition.name}"),
            (f"symptom: {finding}", f"reports {finding}"), (f"test: {test}", f"is booked for {test}"), (f"room: {room}", f"lies in room {room}"),
        ]  # fmt: skip
        chosen = rng.sample(fields, rng.randint(2, 4))
        filled = "; ".join(field for field, _ in chosen)
        told = f"The {noun} {join([said for _, said in chosen])}."
        parts.append(rng.choice((f"{filled} -> {told}", f"{told} -> {filled}", f"Form: {filled}\nText: {told}", f"{told}\nForm: {filled}")))
    return "\n".join(parts)


def case(rng: random.Random, world: World) -> str:
    """A short case: findings that point to a condition, and the test or drug that follows; sometimes chosen among names."""
    age, noun, pronoun, _ = person(rng)
    condition = rng.choice(world.diseases)
    findings = rng.sample(condition.findings, min(len(condition.findings), rng.randint(2, 3)))
    told = rng.choice((f"{sentence(noun)}, {age}: {join(findings)}.", f"A {noun} of {age} has {join(findings)}.",
                       f"{age}-year-old {noun}. {sentence(pronoun)} complains of {join(findings)}."))  # fmt: skip
    fact = Fact("finding", condition.name, findings[0])
    shown = {name for name in world.conditions if sum(f in world.conditions[name].findings for f in findings) > 1}
    others = [name for name in distractors(fact, world, rng, 8, subjects=True) if name not in shown][:3]
    names = [condition.name, *others]
    rng.shuffle(names)
    bullets = "\n".join(f"- {name}" for name in names)
    answer = rng.choice(
        (
            f"This fits {condition.name}.",
            f"Think of {condition.name}.",
            f"Among {join(names)}: {condition.name}.",
            f"{bullets}\nPick: {condition.name}",
        )
    )
    drugs = [drug.name for drug in _treatments(condition, world)]
    after = [f"{sentence(condition.tests[0])} is the test for it."]
    if drugs:
        after.append(rng.choice((f"It is treated with {rng.choice(drugs)}.", f"{rng.choice(drugs)} is used.")))
    tail = " ".join(rng.sample(after, rng.randint(0, len(after))))
    return f"{told} {answer} {tail}".strip() if "\n" not in answer else f"{told}\n{answer}\n{tail}".strip()
