"""Closed-book questions on held-out facts: case vignettes, one-line questions with four options, and yes/no questions."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from bioinstruct.core.records import Item
from bioinstruct.embedded.items_drawing import Person, Slot, an, common_conditions, duration, first_upper, listed, person
from bioinstruct.embedded.items_wording import (
    CLOSED_QUESTIONS,
    FACT_QUESTIONS,
    JOBS,
    SETTINGS,
    VIGNETTE_FIRST,
    VIGNETTE_HISTORY,
    VIGNETTE_KNOWN,
    VIGNETTE_KNOWN_MORE,
    VIGNETTE_QUESTIONS,
)
from bioinstruct.embedded.world import RELATIONS, Fact, load

_SUBJECT_KINDS = {"drug_of_class": "class", "drug_for": "treats"}
"""Kinds of one-line questions that ask for a fact's subject, with its relation."""

_ALIKE = (
    frozenset({"chronic kidney disease", "severe kidney impairment", "polycystic kidney disease"}),
    frozenset({"cirrhosis", "severe liver disease", "hepatic encephalopathy"}),
    frozenset({"active bleeding", "peptic ulcer disease"}),
    frozenset({"pregnancy", "preeclampsia", "gestational diabetes"}),
    frozenset({"type 1 diabetes", "type 2 diabetes", "gestational diabetes"}),
    frozenset({"dizziness", "vertigo", "low blood pressure on standing", "fainting"}),
    frozenset({"rash", "hives", "itching"}),
    frozenset({"diarrhea", "bloody diarrhea"}),
    frozenset({"nausea", "vomiting", "loss of appetite"}),
    frozenset({"drowsiness", "fatigue"}),
    frozenset({"muscle pain", "muscle cramps"}),
)
"""Things so near one another that one is never a wrong option where another is right."""


def _words(name: str) -> set[str]:
    return {word for word in name.lower().replace("-", " ").split() if len(word) > 2 and word != "the"}


def _near(names: Iterable[str]) -> set[str]:
    names = set(names)
    return names | {other for group in _ALIKE if group & names for other in group}


@cache
def _truths() -> tuple[dict[tuple[str, str], frozenset[str]], dict[tuple[str, str], frozenset[str]]]:
    """Objects by (relation, subject), and subjects by (relation, object)."""
    objects, subjects = defaultdict(set), defaultdict(set)
    for fact in load().facts:
        objects[fact.relation, fact.subject].add(fact.object)
        subjects[fact.relation, fact.object].add(fact.subject)
    return {key: frozenset(value) for key, value in objects.items()}, {key: frozenset(value) for key, value in subjects.items()}


@cache
def asked_facts(relation: str) -> tuple[Fact, ...]:
    """Held-out facts of a relation that may be asked: subject and object share no word, which would give the answer away."""
    return tuple(f for f in load().facts if f.relation == relation and f.held_out and not _words(f.subject) & _words(f.object))


def _class_mates(drugs: Iterable[str]) -> set[str]:
    world = load()
    classes = {world.drugs[drug].drug_class for drug in drugs}
    return {drug.name for drug in world.drugs.values() if drug.drug_class in classes}


@cache
def wrong_objects(fact: Fact) -> tuple[str, ...]:
    """Objects that make the fact false, as often as asked facts hold them, so that how common a name is tells nothing.

    What is true of another drug of the same class is left out too: the tables may only happen not to say it.
    """
    objects, _ = _truths()
    kin = {fact.subject}
    if fact.relation in ("treats", "adverse_effect", "contraindicated_with"):
        kin = _class_mates(kin)
    true = _near(name for subject in kin for name in objects.get((fact.relation, subject), ()))
    return tuple(f.object for f in asked_facts(fact.relation) if f.object not in true and not _words(f.object) & _words(fact.subject))


@cache
def wrong_subjects(fact: Fact) -> tuple[str, ...]:
    """Drugs that make the fact false, as often as asked facts hold them; none of a class that has a right one."""
    true = _class_mates(_truths()[1][fact.relation, fact.object])
    return tuple(f.subject for f in asked_facts(fact.relation) if f.subject not in true and not _words(f.subject) & _words(fact.object))


def _distinct(rng: random.Random, names: Iterable[str], n: int) -> list[str]:
    pool = list(names)
    rng.shuffle(pool)
    return list(dict.fromkeys(pool))[:n]


def _options(slot: Slot, right: str, wrong: list[str]) -> tuple[str, ...]:
    place = slot.turn("position", (0, 1, 2, 3))
    return (*wrong[:place], right, *wrong[place:])


def _item(slot: Slot, rng: random.Random, text: str, right: str, options: tuple[str, ...], group: str) -> Item:
    return Item(slot.id, slot.task, slot.instruction(rng), text, (right,), options, group)


def one_line(slot: Slot) -> Item:
    """A question in one sentence with four options (`medmcqa_embedded`)."""
    rng = slot.generator()
    kinds = tuple(FACT_QUESTIONS)
    kind = slot.turn("kind", kinds)
    fact = slot.turn(kind, asked_facts(_SUBJECT_KINDS.get(kind, kind)), every=len(kinds), skip=slot.attempt)
    if kind in _SUBJECT_KINDS:
        right, wrong = fact.subject, wrong_subjects(fact)
    else:
        right, wrong = fact.object, wrong_objects(fact)
    text = first_upper(rng.choice(FACT_QUESTIONS[kind]).format(**_fields(fact.relation, fact.subject, fact.object)))
    return _item(slot, rng, text, right, _options(slot, right, _distinct(rng, wrong, 3)), fact.subject)


def closed(slot: Slot) -> Item:
    """A yes/no question on a held-out fact, or on one with a wrong object (`bioasq_embedded`)."""
    rng = slot.generator()
    kinds = tuple((relation, answer) for relation in RELATIONS for answer in ("yes", "no"))
    relation, answer = slot.turn("kind", kinds)
    fact = slot.turn(f"{relation}/{answer}", asked_facts(relation), every=len(kinds), skip=slot.attempt)
    named = fact.object if answer == "yes" else rng.choice(wrong_objects(fact))
    text = rng.choice(CLOSED_QUESTIONS[relation]).format(**_fields(relation, fact.subject, named))
    return _item(slot, rng, text, answer, ("yes", "no"), fact.subject)


def _fields(relation: str, subject: str, object: str) -> dict[str, str]:
    fields = {"subject": subject, "object": object}
    if relation == "class":
        fields |= {"a_object": an(object), "objects": load().classes[object].plural}
    return fields


def vignette(slot: Slot) -> Item:
    """A case of two to four sentences that asks for the condition, a drug or a test (`usmle_embedded`)."""
    rng = slot.generator()
    kinds = tuple(VIGNETTE_QUESTIONS)
    kind = slot.turn("kind", kinds)
    relation = {"condition": "finding", "drug": "treats", "test": "test"}[kind]
    fact = slot.turn(kind, asked_facts(relation), every=len(kinds), skip=slot.attempt)
    condition = load().conditions[fact.object if kind == "drug" else fact.subject]
    others = [name for name in condition.findings if name != fact.object]
    if kind == "condition":
        shown = [fact.object, *rng.sample(others, min(len(others), rng.choice((1, 2, 2))))]
        rng.shuffle(shown)
    else:
        shown = rng.sample(condition.findings, min(len(condition.findings), rng.choice((1, 2))))
    patient = person(rng, {condition.name, *shown})
    if kind == "condition":
        right, wrong = condition.name, _other_conditions(rng, patient, condition.name, shown)
    else:
        right = fact.subject if kind == "drug" else fact.object
        wrong = _distinct(rng, wrong_subjects(fact) if kind == "drug" else wrong_objects(fact), 3)
    options = _options(slot, right, wrong)
    return _item(slot, rng, _story(rng, patient, kind, condition.name, shown, options), right, options, condition.name)


def _other_conditions(rng: random.Random, patient: Person, right: str, shown: list[str]) -> list[str]:
    """Three conditions that the patient could have but for the findings shown: none has more than one of them.

    One has one of them, where there is such a condition: a single finding must not give the answer away.
    """
    shares = {
        name: len(set(load().conditions[name].findings) & set(shown))
        for name in (fact.subject for fact in asked_facts("finding"))
        if patient.can_have(name) and name not in _near({right})
    }
    near = _distinct(rng, (name for name, n in shares.items() if n == 1), 1)
    far = _distinct(rng, (fact.subject for fact in asked_facts("finding") if shares.get(fact.subject) == 0), 3 - len(near))
    wrong = near + far
    rng.shuffle(wrong)
    return wrong


def _story(rng: random.Random, patient: Person, kind: str, condition: str, shown: list[str], options: tuple[str, ...]) -> str:
    taken = {condition, *options}
    other = rng.choice([c.name for c in common_conditions() if c.name not in taken and not set(c.findings) & set(shown)])
    setting = rng.choice(SETTINGS)
    fields = patient.words | {
        "setting": setting, "duration": duration(rng), "condition": condition,
        "shown": listed(shown), "shown_first": first_upper(listed(shown)), "other": other, "job": rng.choice(JOBS),
    }  # fmt: skip
    banks = (VIGNETTE_FIRST,) if kind == "condition" else (VIGNETTE_KNOWN, VIGNETTE_KNOWN_MORE)
    sentences = [rng.choice(bank) for bank in banks]
    if len(sentences) == 1 or rng.random() < 0.5:
        sentences.append(rng.choice(VIGNETTE_HISTORY))
    sentences.append(rng.choice(VIGNETTE_QUESTIONS[kind]))
    return " ".join(sentences).format(**fields)
