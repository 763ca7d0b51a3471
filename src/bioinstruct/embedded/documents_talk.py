"""Text between people: dialogues with the note after them, letters with replies, forms and their summary, cases."""

from __future__ import annotations

import random

from bioinstruct.embedded.documents_clinic import PEOPLE, SURNAMES, TITLES, person, span
from bioinstruct.embedded.documents_facts import distractors, join, sentence
from bioinstruct.embedded.documents_leads import lead
from bioinstruct.embedded.world import Condition, Drug, Fact, World


def _dosed(drug: Drug, rng: random.Random) -> str:
    return f"{drug.name} {rng.choice(drug.doses)} {drug.frequency}"


def _treatments(condition: Condition, world: World) -> list[Drug]:
    return [drug for drug in world.drugs.values() if condition.name in drug.treats]


def _when(rng: random.Random) -> str:
    return rng.choice((f"in {span(rng)}", f"in {span(rng)}", "next week", "after the holidays"))


def _complaint(rng: random.Random, world: World) -> list[str]:
    """Findings of one condition, or unrelated ones."""
    if rng.random() < 0.4:
        findings = rng.choice(world.diseases).findings
        return rng.sample(findings, min(len(findings), rng.choice((1, 2, 2))))
    return rng.sample(list(world.findings), rng.randint(1, 3))


def dialogue(rng: random.Random, world: World) -> str:
    """A consultation, its parts in varying order, and the note written after it."""
    age, noun, _, _ = person(rng)
    findings, since = _complaint(rng, world), span(rng)
    name = f"{TITLES[noun]} {rng.choice(SURNAMES)}"
    lay = [world.findings[finding].lay for finding in findings]
    opening = rng.choice((f"Doctor: Hello {name}, what can I do for you?", f"Doctor: {name}, how are you?", f"Doctor: Next is {name}."))
    complaint = rng.choice(
        (
            f"{sentence(join(lay))}, for {since} now.",
            f"{since} of this now: {join(lay, 'plus')}.",
            f"{sentence('. And '.join(lay))}. It began {since} ago.",
            f"{sentence('; '.join(lay))}. That is {since} now.",
        )
    )
    years = rng.choice((f" I am {age}.", f" I am {age} years old.", ""))
    turns = [opening, f"Patient: {complaint}{years}"]
    if not years:
        turns += [
            rng.choice(("Doctor: Your age?", "Doctor: When were you born?")),
            rng.choice((f"Patient: {age}.", f"Patient: {age} years ago.")),
        ]
    note = [
        rng.choice(
            (
                f"{age}-year-old {noun} with {join(findings)} for {since}.",
                f"{sentence(noun)}, {age}, reports {join(findings)} for {since}.",
                f"{name} ({age}) has had {join(findings)} for {since}.",
                f"A {noun} of {age} has had {join(findings)} for {since}.",
                f"{since} of {join(findings)} in a {age}-year-old {noun}.",
            )
        )
    ]
    for said, written in rng.sample(_exchanges(rng, world, findings), rng.randint(0, 3)):
        turns += said
        note.append(written)
    spoken, planned = _plan(rng, world)
    if spoken:
        turns.append(f"Doctor: {sentence(join(spoken))}.")
        note.append(rng.choice(("Plan: ", "To do: ", "Next: ")) + ", ".join(planned) + ".")
    return "\n".join(turns) + f"\n{lead('note', rng)} " + " ".join(note)


def _exchanges(rng: random.Random, world: World, findings: list[str]) -> list[tuple[list[str], str]]:
    """Question and answer with what the note says of them: symptoms that are absent, medicines, earlier illnesses, allergies."""
    denied = rng.sample([one for one in world.findings if one not in findings], rng.choice((1, 2)))
    taken, past = _dosed(rng.choice(list(world.drugs.values())), rng), rng.choice(world.diseases)
    allergy = rng.choice(list(world.drugs))
    return [
        (
            [
                rng.choice((f"Doctor: Any {join(denied, 'or')}?", f"Doctor: Do you have {join(denied, 'or')} too?")),
                rng.choice(("Patient: No.", "Patient: Nothing like that.", "Patient: I do not.")),
            ],
            rng.choice((f"Denies {join(denied, 'or')}.", f"No {join(denied, 'or')}.", f"There is no {join(denied, 'or')}.")),
        ),
        (
            [
                rng.choice(("Doctor: Which drugs do you take?", "Doctor: Do you take anything?", "Doctor: Your medicines?")),
                rng.choice((f"Patient: {sentence(taken)}.", f"Patient: I use {taken}.", f"Patient: They gave me {taken}.")),
            ],
            rng.choice((f"Takes {taken}.", f"Current medication: {taken}.", f"On {taken}.")),
        ),
        (
            [
                rng.choice(("Doctor: Other illnesses?", "Doctor: Have you been ill before?")),
                rng.choice(
                    (
                        f"Patient: I have {past.lay_name}.",
                        f"Patient: Yes, {past.lay_name}.",
                        f"Patient: {sentence(past.lay_name)}, that is all.",
                    )
                ),
            ],
            rng.choice((f"History of {past.name}.", f"Known {past.name}.", f"Past history: {past.name}.")),
        ),
        (
            [
                rng.choice(("Doctor: Any allergies?", "Doctor: Is there a drug you cannot have?")),
                f"Patient: {rng.choice(('Yes, to ', 'Only '))}{allergy}.",
            ],
            rng.choice((f"Allergic to {allergy}.", f"Allergy: {allergy}.")),
        ),
    ]


def _plan(rng: random.Random, world: World) -> tuple[list[str], list[str]]:
    """What the doctor says will be done, and as it is written."""
    tests = rng.sample(list(world.tests), rng.choice((0, 1, 1, 2)))
    said = [rng.choice(("we will do {0}", "I order {0}", "you need {0}")).format(join(tests))] if tests else []
    written = [join(tests)] if tests else []
    if rng.random() < 0.5:
        dosed = _dosed(rng.choice(list(world.drugs.values())), rng)
        said.append(rng.choice(("take {0}", "I prescribe {0}", "start {0}")).format(dosed))
        written.append(f"start {dosed}")
    if rng.random() < 0.6:
        when = _when(rng)
        said.append(rng.choice(("come back {0}", "we meet {0}", "let me see you {0}")).format(when))
        written.append(rng.choice(("review {0}", "follow-up {0}", "back {0}")).format(when))
    return said, written


def letter(rng: random.Random, world: World) -> str:
    """A patient's letter and the doctor's reply."""
    age, noun, _, _ = person(rng)
    condition = rng.choice(world.diseases)
    finding, since = rng.choice(condition.findings), span(rng)
    drugs = _treatments(condition, world)
    dosed = _dosed(rng.choice(drugs), rng) if drugs and rng.random() < 0.5 else None
    lay = world.findings[finding].lay
    complains = rng.random() < 0.7
    letter_text = " ".join(
        (
            rng.choice(
                (
                    f"Dear doctor, I am a {age}-year-old {noun} and was told I have {condition.lay_name}.",
                    f"I am {age}, with {condition.lay_name}.",
                    f"They found {condition.lay_name} {since} ago.",
                    f"My {rng.choice(('mother', 'father', 'husband', 'wife', 'son'))} has {condition.lay_name}.",
                    f"The doctor called it {condition.lay_name}; I am {age}.",
                )
            ),
            rng.choice((f"{sentence(lay)}.", f"Since {span(rng)} {lay}.", f"I suffer: {lay}.")) if complains else "",
            rng.choice((f"I was given {dosed}.", f"I take {dosed}.")) if dosed else "",
            rng.choice(("What can I do about it?", "What now?", "How does one get it?", "Can you help?", "What should I watch for?")),
        )
    )
    advice = rng.sample(condition.advice, 2)
    reply = [
        rng.choice(
            (
                f"{sentence(condition.lay_name)} is also called {condition.name}.",
                f"{sentence(condition.name)} is caused by {condition.cause}.",
                f"This is {condition.name}; it comes from {condition.cause}.",
                f"{sentence(condition.lay_name)} comes from {condition.cause}.",
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
    return f"{' '.join(letter_text.split())}\n{lead('reply', rng)} {' '.join(reply)}"


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
        parts.append(
            rng.choice(
                (f"{filled} -> {told}", f"{told} -> {filled}", f"{filled}\n{lead('summary', rng)} {told}", f"{told}\nForm: {filled}")
            )
        )
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
            f"{bullets}\n{lead('choice', rng)} {condition.name}",
        )
    )
    drugs = [drug.name for drug in _treatments(condition, world)]
    after = [f"{sentence(condition.tests[0])} is the test for it."]
    if drugs:
        after.append(rng.choice((f"It is treated with {rng.choice(drugs)}.", f"{rng.choice(drugs)} is used.")))
    tail = " ".join(rng.sample(after, rng.randint(0, len(after))))
    return f"{told} {answer} {tail}".strip() if "\n" not in answer else f"{told}\n{answer}\n{tail}".strip()
