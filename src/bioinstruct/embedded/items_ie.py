"""Extraction items: drugs with their status in a chart entry, and what an expression points back to."""

from __future__ import annotations

import random

from bioinstruct.core.records import Item
from bioinstruct.embedded import items_wording_ie as wording
from bioinstruct.embedded.items_drawing import Person, Slot, common_conditions, complaints, first_upper, home_drugs, person
from bioinstruct.embedded.items_wording import JOBS, MONTHS, WEEKDAYS
from bioinstruct.embedded.world import load


def _names(rng: random.Random, patient: Person, n_drugs: int) -> dict[str, str]:
    """Fields drawn at random: `n_drugs` drugs of different classes with dose and frequency, conditions, findings, tests, dates."""
    fields = patient.words | {
        "himself": "herself" if patient.sex == "woman" else "himself",
        "year": str(rng.randint(2008, 2019)), "month": rng.choice(MONTHS), "weekday": rng.choice(WEEKDAYS), "days": str(rng.randint(2, 9)),
        "weeks": str(rng.randint(2, 12)), "job": rng.choice(JOBS),
        "systolic": str(rng.randint(108, 158)), "diastolic": str(rng.randint(62, 96)),
    }  # fmt: skip
    classes: set[str] = set()
    drugs = list(home_drugs())
    rng.shuffle(drugs)
    for drug in drugs:
        number = len(classes) + 1
        if number > n_drugs:
            break
        if drug.drug_class not in classes:
            classes.add(drug.drug_class)
            fields |= {
                f"drug{number}": drug.name, f"dose{number}": rng.choice(drug.doses), f"frequency{number}": drug.frequency,
                f"class{number}": drug.drug_class,
            }  # fmt: skip
    spare_condition, *conditions = rng.sample(common_conditions(), n_drugs + 2)
    spare_finding, *findings = rng.sample(complaints(), n_drugs + 2)
    fields |= {"spare_condition": spare_condition.name, "spare_finding": spare_finding.name}
    fields |= {f"condition{number}": condition.name for number, condition in enumerate(conditions)}
    fields |= {f"finding{number}": finding.name for number, finding in enumerate(findings)}
    for number, test in enumerate(rng.sample(list(load().tests), n_drugs), 1):
        fields[f"test{number}"] = test
    for number in range(1, n_drugs + 1):
        fields |= {f"month{number}": rng.choice(MONTHS), f"year{number}": str(rng.randint(2008, 2023))}
    return fields | {f"{name}_first": first_upper(value) for name, value in fields.items()}


def medications(slot: Slot) -> Item:
    """A chart entry of two to five sentences that names two to four drugs (`medication_status_embedded`)."""
    rng = slot.generator()
    n_drugs = slot.turn("drugs", (2, 3, 3, 4))
    first_status = slot.turn("status", ("active", "active", "discontinued", "discontinued", "neither"))
    patient = person(rng)
    fields = _names(rng, patient, n_drugs)
    sentences, statuses = _drug_sentences(rng, n_drugs, first_status, fields)
    if len(sentences) < 4 or rng.random() < 0.5:
        sentences.insert(0, rng.choice(wording.ENTRY_FIRST).format(**fields))
    if len(sentences) < 5 and rng.random() < 0.6:
        sentences.insert(rng.randint(1, len(sentences)), rng.choice(wording.ENTRY_FILLER).format(**fields))
    reference = "; ".join(f"{fields[f'drug{number}']} ({status})" for number, status in enumerate(statuses, 1))
    return Item(slot.id, slot.task, slot.instruction(rng), " ".join(sentences), (reference,), (), slot.id)


def _drug_sentences(rng: random.Random, n_drugs: int, first_status: str, fields: dict[str, str]) -> tuple[list[str], list[str]]:
    """Filled sentences and the drugs' statuses, both in order of appearance; the first drug has `first_status`."""
    sentences: list[str] = []
    statuses: list[str] = []
    used: set[str] = set()
    while len(statuses) < n_drugs:
        left = n_drugs - len(statuses)
        fitting = [
            (pattern, phrase)
            for pattern, phrases in wording.DRUG_SENTENCES
            for phrase in phrases
            if len(pattern) <= left and phrase not in used and (statuses or pattern[0] == first_status)
        ]
        pattern, phrase = rng.choice(fitting)
        used.add(phrase)
        numbers = {str(place): str(len(statuses) + place) for place in range(1, len(pattern) + 1)}
        own = {name.replace(new, place): value for place, new in numbers.items() for name, value in fields.items() if new in name}
        sentences.append(phrase.format(**(fields | own)))
        statuses += pattern
    return sentences, statuses


def references(slot: Slot) -> Item:
    """A text of two to four sentences and an expression of it that points back to one of several things (`coreference_embedded`)."""
    rng = slot.generator()
    kind = slot.turn("kind", tuple(wording.REFERENCES))
    phrase, expression, antecedents = slot.turn(kind, wording.REFERENCES[kind], every=len(wording.REFERENCES))
    patient = person(rng)
    fields = _names(rng, patient, 2)
    others = wording.MEN if patient.sex == "woman" else wording.WOMEN
    other_he = "he" if patient.sex == "woman" else "she"
    fields |= {"other": rng.choice(others), "other_he": other_he, "Other_he": first_upper(other_he)}
    text = phrase.format(**fields)
    if text.count(". ") < 2 and rng.random() < 0.5:
        text = f"{rng.choice(wording.ENTRY_FILLER[:1] + wording.ENTRY_FILLER[4:]).format(**fields)} {text}"
    lines = f'{text}\nExpression: "{expression.format(**fields)}"'
    return Item(slot.id, slot.task, slot.instruction(rng), lines, tuple(a.format(**fields) for a in antecedents), (), slot.id)
