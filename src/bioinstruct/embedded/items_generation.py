"""Generation items: a consultation to be noted down, and a patient's letter to be answered.

References restate the input's particulars and what the tables say about them, always in the same order, so that a model that has
learnt the task from another author can come close to them. Their frame is short and drawn anew for each item: an answer to another
item shares little with them (with one frame for all, a fixed example scored above the tuned model, docs/lab_log.md).
"""

from __future__ import annotations

import random
from functools import cache

from bioinstruct.core.records import Item
from bioinstruct.embedded import items_wording as wording
from bioinstruct.embedded.items_drawing import Slot, common_conditions, complaints, duration, first_upper, home_drugs, person
from bioinstruct.embedded.world import Drug, load

_PARTS = tuple((denial, history, new) for denial in (False, True) for history in ("", "both", "condition", "drug") for new in (True, False))
"""What a consultation holds beside its complaint: a denied finding, a history (of what), and a new drug."""


def consultation(slot: Slot) -> Item:
    """A dialogue of five to eight turns in lay words, and the note on it in clinical ones (`conv2note_embedded`)."""
    rng = slot.generator()
    denial, history, has_new = slot.turn("parts", _PARTS)
    fields = _consultation_fields(rng)
    turns = [rng.choice(wording.GREETINGS), rng.choice(wording.COMPLAINTS)]
    if denial and history:
        turns[1] += " And I am {age}."
    else:
        turns += [rng.choice(wording.AGE_QUESTIONS), rng.choice(wording.AGE_ANSWERS)]
    if denial:
        turns += [rng.choice(wording.DENIAL_QUESTIONS), rng.choice(wording.DENIAL_ANSWERS)]
    if history:
        turns += [rng.choice(wording.HISTORY_QUESTIONS), rng.choice(wording.HISTORY_ANSWERS[history])]
    turns.append(rng.choice(wording.PLANS if has_new else wording.PLANS_TEST_ONLY))
    if rng.random() < 0.5:
        turns.append(rng.choice(wording.FAREWELLS))
    note = [rng.choice(wording.NOTE_COMPLAINT)]
    if denial:
        note.append(rng.choice(wording.NOTE_DENIAL))
    if history:
        note.append(rng.choice(wording.NOTE_HISTORY[history]))
    note.append(rng.choice(wording.NOTE_PLAN if has_new else wording.NOTE_PLAN_TEST_ONLY))
    reference = " ".join(note).format(**fields)
    return Item(slot.id, slot.task, slot.instruction(rng), "\n".join(turns).format(**fields), (reference,), (), slot.id)


def _consultation_fields(rng: random.Random) -> dict[str, str]:
    first, second, third, denied, denied2 = rng.sample(complaints(), 5)
    shown = {first.name, second.name, third.name}
    known = rng.choice([condition for condition in common_conditions() if not shown & set(condition.findings)])
    drug, new = rng.sample(_tablets(), 2)
    test, test2 = rng.sample(list(load().tests), 2)
    someone = person(rng)
    return someone.words | {
        "Sex": first_upper(someone.sex), "lay1": first.lay, "lay_first": first_upper(first.lay), "lay2": second.lay, "lay3": third.lay,
        "finding1": first.name, "finding2": second.name, "finding3": third.name, "duration": duration(rng),
        "denied": denied.name, "denied_first": first_upper(denied.name), "denied2": denied2.name,
        "finding1_first": first_upper(first.name), "test_first": first_upper(test),
        "condition": known.name, "lay_condition": known.lay_name,
        "drug": drug.name, "dose": rng.choice(drug.doses), "frequency": drug.frequency,
        "new": new.name, "new_dose": rng.choice(new.doses), "new_frequency": new.frequency,
        "test": test, "test2": test2, "review": f"{rng.randint(2, 12)} {rng.choice(('days', 'weeks'))}",
    }  # fmt: skip


def letter(slot: Slot) -> Item:
    """A patient's message in lay words; the answer names the illness, advice and when to seek care (`patient_answer_embedded`)."""
    rng = slot.generator()
    condition = slot.turn("condition", load().diseases)
    felt = [name for name in condition.findings if name in {finding.name for finding in complaints()}]
    finding = load().findings[rng.choice(felt or list(condition.findings))]
    fields = _letter_fields(rng, condition.name, finding.name)
    asks_cause, has_drug = slot.turn("parts", ((False, False), (True, False), (False, True), (True, True)))
    message = [rng.choice(wording.LETTER_FIRST), rng.choice(wording.LETTER_SYMPTOM)]
    if has_drug:
        message[1] = message[1].removesuffix(".") + "; " + _lower_start(rng.choice(wording.LETTER_DRUG))
    worry = rng.choice(wording.LETTER_WORRY)
    question = rng.choice(wording.LETTER_CAUSE_QUESTION if asks_cause else wording.LETTER_ADVICE_QUESTION)
    message.append(f"{worry} {question}" if rng.random() < 0.5 else question)
    named = "cause" if asks_cause else "same" if condition.lay_name == condition.name else "name"
    answer = [rng.choice(wording.ANSWER_ILLNESS[named]), rng.choice(wording.ANSWER_ADVICE)]
    if has_drug:
        answer.append(rng.choice(wording.ANSWER_DRUG))
    answer.append(rng.choice(wording.ANSWER_WARNING))
    text, reference = " ".join(message).format(**fields), " ".join(answer).format(**fields)
    return Item(slot.id, slot.task, slot.instruction(rng), text, (reference,), (), slot.id)


@cache
def _tablets() -> tuple[Drug, ...]:
    return tuple(drug for drug in home_drugs() if drug.route == "by mouth" and drug.frequency != "as needed")


def _letter_fields(rng: random.Random, name: str, finding: str) -> dict[str, str]:
    condition = load().conditions[name]
    usual = [d for d in _tablets() if name in d.treats]
    drug = rng.choice(usual or _tablets())
    return person(rng, {name, finding}).words | {
        "condition": name, "lay_condition": condition.lay_name, "cause": condition.cause,
        "advice1": condition.advice[0], "advice2": condition.advice[1], "advice1_first": first_upper(condition.advice[0]),
        "condition_first": first_upper(name), "finding_first": first_upper(finding),
        "finding": finding, "lay1": load().findings[finding].lay, "duration": duration(rng),
        "drug": drug.name, "drug_first": first_upper(drug.name), "dose": rng.choice(drug.doses), "frequency": drug.frequency,
        "job": rng.choice(wording.JOBS), "weekday": rng.choice(wording.WEEKDAYS),
    }  # fmt: skip


def _lower_start(sentence: str) -> str:
    return sentence if sentence.startswith("I ") else sentence[:1].lower() + sentence[1:]
