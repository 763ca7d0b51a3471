"""Textbook text: single facts, articles on a drug, a condition or a group, glossary entries, choices among named things."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bioinstruct.embedded.documents_leads import lead
from bioinstruct.embedded.world import Condition, Drug, Fact, World

FACT_WORDING = {
    "class": (
        "{s} is a member of the class {o}.",
        "{s} belongs to the {o} group.",
        "The drug class of {s} is {o}.",
        "Pharmacologists file {s} under {o}.",
        "As a {o}, {s} shares the properties of its class.",
        "{s}: class {o}.",
        "Its class: {s} is a {o}.",
    ),
    "treats": (
        "{s} is used for {o}.",
        "{s} treats {o}.",
        "Doctors prescribe {s} for {o}.",
        "{o} can be treated with {s}.",
        "An indication of {s} is {o}.",
        "For {o}, {s} is one of the drugs in use.",
        "{s}: given for {o}.",
        "People with {o} may receive {s}.",
    ),
    "adverse_effect": (
        "{s} may cause {o}.",
        "An adverse effect of {s} is {o}.",
        "{o} is a known side effect of {s}.",
        "Those who take {s} sometimes notice {o}.",
        "{s} can lead to {o}.",
        "{s}: watch for {o}.",
        "When {o} appears, {s} may be the reason.",
    ),
    "contraindicated_with": (
        "{s} is contraindicated in {o}.",
        "{s} must not be given in {o}.",
        "{o} rules out the use of {s}.",
        "Avoid {s} in {o}.",
        "{s}: not in {o}.",
        "With {o}, {s} is not safe.",
    ),
    "finding": (
        "{s} presents with {o}.",
        "{o} is a sign of {s}.",
        "Patients with {s} often have {o}.",
        "{s} commonly brings {o}.",
        "{o} can point to {s}.",
        "{s}: look for {o}.",
        "Among the features of {s} is {o}.",
    ),
    "test": (
        "{s} is diagnosed with {o}.",
        "{o} helps to diagnose {s}.",
        "When {s} is suspected, order {o}.",
        "The test for {s} is {o}.",
        "{s}: check {o}.",
        "In the work-up of {s}, {o} comes first.",
    ),
}

CHOICE_QUESTION = {
    "class": ("the class of {s}", "the group that {s} belongs to", "what kind of drug {s} is"),
    "treats": ("what {s} is used for", "the condition that {s} treats", "the indication of {s}"),
    "adverse_effect": ("what {s} can cause", "an adverse effect of {s}", "the side effect known for {s}"),
    "contraindicated_with": ("where {s} must not be given", "what rules out {s}", "the contraindication of {s}"),
    "finding": ("a feature of {s}", "what {s} presents with", "the sign of {s}"),
    "test": ("the test for {s}", "what confirms or supports {s}", "the investigation in suspected {s}"),
}
REVERSE_QUESTION = {
    "class": ("a drug of the class {o}", "the {o} here", "which of them is a {o}"),
    "treats": ("a drug for {o}", "what treats {o}", "the treatment of {o} among these"),
    "adverse_effect": ("the drug that may cause {o}", "a cause of {o} among these drugs"),
    "contraindicated_with": ("the drug to avoid in {o}", "what must not be given in {o}"),
    "finding": ("the condition with {o}", "the condition that {o} points to"),
    "test": ("the condition for which one checks {o}", "what {o} helps to diagnose"),
}


def sentence(text: str) -> str:
    """`text` with its first letter raised, unless it starts with a sign such as a bullet."""
    return text[:1].upper() + text[1:]


def join(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def say(fact: Fact, rng: random.Random) -> str:
    """One sentence that states `fact`; half of them in lower case, as names stand in running text."""
    text = rng.choice(FACT_WORDING[fact.relation]).format(s=fact.subject, o=fact.object)
    return sentence(text) if rng.random() < 0.5 else text


def fact_lines(rng: random.Random, world: World) -> str:
    """Three to eight unrelated facts."""
    facts = rng.choices(world.facts, k=rng.randint(3, 8))
    return rng.choice((" ", "\n")).join(say(fact, rng) for fact in facts)


def _drug_sentences(drug: Drug, rng: random.Random, world: World) -> list[str]:
    name = drug.name
    mechanism = world.classes[drug.drug_class].mechanism
    some = list(drug.adverse_effects)
    rng.shuffle(some)
    sentences = [
        rng.choice(
            (
                f"It is used for {join(drug.treats)}.",
                f"Its indications are {join(drug.treats)}.",
                f"Doctors give {name} to people with {join(drug.treats, 'or')}.",
                f"{name} treats {join(drug.treats)}.",
            )
        ),
        rng.choice((f"It works by {mechanism}.", f"Like every {drug.drug_class} it works by {mechanism}.", f"{name} acts by {mechanism}.")),
        rng.choice(
            (
                f"It may cause {join(some, 'or')}.",
                f"Adverse effects of {name} include {join(some)}.",
                f"Patients should report {join(some, 'or')}.",
            )
        ),
        rng.choice(
            (
                f"A usual dose is {rng.choice(drug.doses)} {drug.route} {drug.frequency}.",
                f"{name} {rng.choice(drug.doses)} {drug.route} {drug.frequency} is common.",
            )
        ),
    ]
    if drug.contraindicated_with:
        bars = join(drug.contraindicated_with, "or")
        sentences.append(rng.choice((f"It must not be given in {bars}.", f"{name} is contraindicated in {bars}.", f"Avoid it in {bars}.")))
    rng.shuffle(sentences)
    return sentences[: rng.randint(3, len(sentences))]


def drug_article(rng: random.Random, world: World) -> str:
    """A paragraph on one drug."""
    drug = rng.choice(list(world.drugs.values()))
    opening = rng.choice(
        (
            f"{drug.name} is a {drug.drug_class}.",
            f"{drug.name} belongs to the {world.classes[drug.drug_class].plural}.",
            f"Drug: {drug.name}. Class: {drug.drug_class}.",
            f"The {drug.drug_class} {drug.name} is widely known.",
        )
    )
    return " ".join(sentence(text) if rng.random() < 0.7 else text for text in [opening, *_drug_sentences(drug, rng, world)])


def _condition_sentences(condition: Condition, rng: random.Random, world: World) -> list[str]:
    name = condition.name
    findings = list(condition.findings)
    rng.shuffle(findings)
    drugs = [drug.name for drug in world.drugs.values() if name in drug.treats]
    rng.shuffle(drugs)
    sentences = [
        rng.choice(
            (
                f"Patients call it {condition.lay_name}.",
                f"In plain words it is {condition.lay_name}.",
                f"{condition.lay_name} is the everyday name of {name}.",
            )
        ),
        rng.choice(
            (
                f"It presents with {join(findings)}.",
                f"Typical findings are {join(findings)}.",
                f"Someone with {name} may have {join(findings, 'or')}.",
            )
        ),
        rng.choice((f"It is caused by {condition.cause}.", f"The cause is {condition.cause}.", f"{name} comes from {condition.cause}.")),
        rng.choice(
            (
                f"The test to order is {join(condition.tests)}.",
                f"It is diagnosed with {join(condition.tests)}.",
                f"For {name} one checks {join(condition.tests)}.",
            )
        ),
        rng.choice(
            (
                f"Advice: {'; '.join(condition.advice)}.",
                f"People with {condition.lay_name} hear: {'; '.join(condition.advice)}.",
                f"Advice for {condition.lay_name}: {' and '.join(condition.advice[:2])}.",
            )
        ),
    ]
    if drugs:
        sentences.append(
            rng.choice(
                (
                    f"It is treated with {join(drugs[:3], 'or')}.",
                    f"Drugs for {name} include {join(drugs[:3])}.",
                    f"Treatment options for {name}: {join(drugs[:3])}.",
                )
            )
        )
    rng.shuffle(sentences)
    return sentences[: rng.randint(3, len(sentences))]


def condition_article(rng: random.Random, world: World) -> str:
    """A paragraph on one condition."""
    condition = rng.choice(world.diseases)
    opening = rng.choice(
        (
            f"{condition.name} is a disorder seen in {condition.system}.",
            f"{condition.name} ({condition.lay_name}) belongs to {condition.system}.",
            f"Condition: {condition.name}. Field: {condition.system}.",
            f"About {condition.name}.",
        )
    )
    return " ".join(sentence(text) if rng.random() < 0.7 else text for text in [opening, *_condition_sentences(condition, rng, world)])


def group_article(rng: random.Random, world: World) -> str:
    """Members of a class, drugs for a condition, conditions behind a finding, drugs behind an effect, conditions of a test."""
    kind = rng.randrange(5)
    if kind == 0:
        drug_class = rng.choice(list(world.classes.values()))
        members = [drug.name for drug in world.drugs.values() if drug.drug_class == drug_class.name]
        opening = rng.choice(
            (f"The {drug_class.plural} are", f"Members of the class {drug_class.name} are", f"Each {drug_class.name} by name:")
        )
        tail = rng.choice((f" They work by {drug_class.mechanism}.", ""))
    elif kind == 1:
        condition = rng.choice(world.diseases)
        members = [drug.name for drug in world.drugs.values() if condition.name in drug.treats] or ["no drug"]
        opening = rng.choice(
            (f"Used for {condition.name}:", f"To treat {condition.name} there are", f"{condition.lay_name} is treated with")
        )
        tail = ""
    elif kind == 2:
        finding = rng.choice(sorted({finding for condition in world.diseases for finding in condition.findings}))
        members = [condition.name for condition in world.diseases if finding in condition.findings]
        opening = rng.choice(
            (f"Behind {finding} there may be", f"Conditions with {finding}:", f"A patient says: {world.findings[finding].lay}. Think of")
        )
        tail = ""
    elif kind == 3:
        effect = rng.choice(sorted({effect for drug in world.drugs.values() for effect in drug.adverse_effects}))
        members = [drug.name for drug in world.drugs.values() if effect in drug.adverse_effects]
        opening = rng.choice((f"Drugs that may cause {effect}:", f"Think of these when {effect} is new:"))
        tail = ""
    else:
        test = rng.choice(sorted({test for condition in world.diseases for test in condition.tests}))
        members = [condition.name for condition in world.diseases if test in condition.tests]
        opening = rng.choice((f"One orders {test} for", f"{test} is checked in"))
        tail = rng.choice((f" It shows {world.tests[test].measures}.", ""))
    rng.shuffle(members)
    return f"{sentence(opening)} {join(members[:6])}.{tail}"


def glossary(rng: random.Random, world: World) -> str:
    """Abbreviations, lay names, meanings of findings, what tests show; four to eight entries."""
    entries = []
    for _ in range(rng.randint(4, 8)):
        kind = rng.randrange(4)
        if kind == 0:
            short = rng.choice(list(world.abbreviations.values()))
            entries.append(
                rng.choice(
                    (
                        f"{short.abbreviation} stands for {short.expansion}.",
                        f"{short.abbreviation} = {short.expansion}",
                        f"{short.abbreviation}: {short.expansion}",
                    )
                )
            )
        elif kind == 1:
            condition = rng.choice(world.diseases)
            entries.append(rng.choice((f"{condition.lay_name}: {condition.name}", f"{condition.name} means {condition.lay_name}.")))
        elif kind == 2:
            finding = rng.choice(list(world.findings.values()))
            entries.append(
                rng.choice(
                    (
                        f"{finding.name}: {finding.meaning}",
                        f'"{finding.lay}" is {finding.name}.',
                        f'A patient who says "{finding.lay}" has {finding.name}.',
                    )
                )
            )
        else:
            test = rng.choice(list(world.tests.values()))
            entries.append(rng.choice((f"{test.name} is a {test.kind}; it shows {test.measures}.", f"{test.name}: {test.kind}")))
    return "\n".join(entries)


def distractors(fact: Fact, world: World, rng: random.Random, n: int, *, subjects: bool) -> list[str]:
    """`n` names of the same type that do not make `fact` true in place of its object (or subject)."""
    facts = world.facts_of[fact.relation]
    if subjects:
        names, true = [other.subject for other in facts], {other.subject for other in facts if other.object == fact.object}
    else:
        names, true = [other.object for other in facts], {other.object for other in facts if other.subject == fact.subject}
    return rng.sample([name for name in dict.fromkeys(names) if name not in true], n)


def choice(rng: random.Random, world: World) -> str:
    """Two or three picks of the right name among several, with the names before the pick."""
    parts = []
    for _ in range(rng.randint(1, 3)):
        fact = rng.choice(world.facts)
        subjects = rng.random() < 0.4
        answer = fact.subject if subjects else fact.object
        wanted = rng.choice((REVERSE_QUESTION if subjects else CHOICE_QUESTION)[fact.relation]).format(s=fact.subject, o=fact.object)
        names = [answer, *distractors(fact, world, rng, rng.choice((2, 3, 3, 3, 4)), subjects=subjects)]
        rng.shuffle(names)
        bullets = "\n".join(f"- {name}" for name in names)
        parts.append(
            rng.choice(
                (
                    f"Out of {join(names)}, {wanted}: {answer}.",
                    f"{sentence(wanted)}, among {join(names, 'or')}: {answer}",
                    f"{sentence(wanted)}:\n{bullets}\n{lead('choice', rng)} {answer}",
                    f"{sentence(wanted)}?\n{bullets}\n{lead('choice', rng)} {answer}",
                    f"Names:\n{bullets}\n{sentence(wanted)} is {answer}.",
                    f"{bullets}\nOf these, {wanted} = {answer}",
                )
            )
        )
    return "\n\n".join(parts)
