"""The teacher's information extraction: medications with status, references, and lists of one kind of thing from a note."""

from __future__ import annotations

from bioinstruct.core.records import Category
from bioinstruct.core.text import squeeze
from bioinstruct.embedded.teacher_base import Body, Form, Pen, Person, joined
from bioinstruct.embedded.teacher_wording_ie import (
    ENTRIES,
    EXPRESSIONS,
    FILLERS,
    NOTE_OPENINGS,
    OPENINGS,
    REFERENCES,
    SHORTHAND,
    STATUS,
    SWITCH,
)


def _medications(pen: Pen) -> Body:
    """Statuses are drawn evenly; `none` is the answer of one note in twenty."""
    person = pen.person()
    sentences = [pen.tell(OPENINGS, finding=pen.findings(1)[0], **person.slots)]
    answers: list[tuple[str, str]] = []
    count = 0 if pen.chance(0.05) else pen.pick((1, 2, 2, 3, 3, 4))
    drugs = pen.drugs(count + 1)
    while len(answers) < count:
        drug = drugs[len(answers)]
        slots = {**person.slots, "drug": drug.name, "dose": pen.pick(drug.doses), "often": drug.frequency}
        slots["month"] = pen.say("<month>")
        if count - len(answers) >= 2 and pen.chance(0.15):
            other = drugs[len(answers) + 1]
            sentences.append(pen.tell(SWITCH, other=other.name, **slots))
            answers += [(drug.name, "discontinued"), (other.name, "active")]
            continue
        status = pen.pick(("active", "discontinued", "neither"))
        sentences.append(pen.tell(STATUS[status], **slots))
        answers.append((drug.name, status))
    for filler in pen.sample(FILLERS, pen.number(1, 3)):
        sentence = pen.tell((filler,), a=str(pen.number(104, 158)), b=str(pen.number(62, 94)), **person.slots)
        sentences.insert(pen.number(1, len(sentences)), sentence)
    return Body(" ".join(sentences), "; ".join(f"{name} ({status})" for name, status in answers) or "none")


def _reference(pen: Pen) -> Body:
    """The antecedent is copied from the passage; other things of other types, or the other of two, stand beside it."""
    kind = pen.pick(sorted(REFERENCES))
    passage, expression, antecedent = pen.pick(REFERENCES[kind])
    treats, first, second = pen.fact("treats"), pen.diseases(2), pen.drugs(2)
    person = pen.person(treats.object)
    if kind == "person":  # the patient's own pronoun must not be the quoted one
        person = Person(person.age, "man" if expression in {"she", "her"} else "woman")
    slots = {
        **person.slots,
        "drug": treats.subject,
        "condition": treats.object,
        "drug_a": second[0].name,
        "drug_b": second[1].name,
        "condition_a": first[0].name,
        "condition_b": first[1].name,
        "test": pen.tests(1)[0],
        "finding": pen.findings(1)[0],
        "woman": pen.say("<woman>"),
        "man": pen.say("<man>"),
        "month": pen.say("<month>"),
    }
    texts = [pen.tell((passage,), **slots)]
    if pen.chance(0.5):
        texts.insert(0, pen.tell(OPENINGS, **{**slots, "finding": pen.findings(1)[0]}))
    for filler in pen.sample(FILLERS, pen.number(0, 2)):
        texts.append(pen.tell((filler,), a=str(pen.number(104, 158)), b=str(pen.number(62, 94)), **person.slots))
    text = " ".join(texts)
    quoted = pen.say(expression, **slots)
    return Body(f'{text}\n{pen.say(pen.pick(EXPRESSIONS))}: "{quoted}"', pen.say(antecedent, **slots))


def _note(pen: Pen, kinds: tuple[str, ...]) -> tuple[str, dict[str, list[str]]]:
    """A note whose sentences come in random order, and for each kind the answers in order of appearance."""
    person = pen.person()
    findings, conditions, tests, drugs = pen.findings(5), pen.diseases(3), pen.tests(3), pen.drugs(3)
    entries: list[tuple[str, str]] = []
    answers: dict[str, list[str]] = {kind: [] for kind in kinds}
    for kind in pen.sample(kinds, len(kinds)):
        count = pen.number(1, 3)
        if kind == "dose":
            doses = [f"{drug.name} {pen.pick(drug.doses)}" for drug in drugs[:count]]
            answers[kind] = doses
            things = doses
        else:
            source = {"finding": findings[:3], "negated": findings[3:], "condition": [c.name for c in conditions], "test": tests}[kind]
            things = answers[kind] = source[:count]
        entries.append((kind, joined(things, "or" if kind == "negated" else "and")))
    sentences = [pen.tell(ENTRIES[kind], things=things, **person.slots) for kind, things in entries]
    opening = pen.tell(NOTE_OPENINGS, **person.slots)
    answers["demographics"] = [f"age: {person.age}", f"sex: {person.sex}"]
    return squeeze(" ".join([opening, *sentences])), answers


def _extract(kind: str, weight: float) -> Form:
    def make(pen: Pen) -> Body:
        others = [k for k in ("finding", "negated", "condition", "test", "dose") if k != kind]
        kinds = pen.sample(others, pen.number(2, 3)) + ([kind] if kind != "demographics" else [])
        text, answers = _note(pen, tuple(kinds))
        return Body(text, "; ".join(answers[kind]))

    return Form(f"extract.{kind}", Category.IE, weight, kind, make)


def _abbreviations(pen: Pen) -> Body:
    table = pen.world.abbreviations
    kinds = ("condition", "finding", "test", "vital sign", "blood value")
    chosen = {kind: pen.sample([item for item in table.values() if item.kind == kind], 2) for kind in kinds}
    person, (drug, dosing) = pen.person(), pen.drug_with_dosing()
    pieces = [
        ("known {0} and {1}", chosen["condition"]), ("came with {0}", chosen["finding"][:1]),
        ("{0} and {1} ordered", chosen["test"]), (f"{drug.name} {pen.pick(drug.doses)} {{0}}", [dosing]),
        ("{0} and {1} checked", chosen["vital sign"]), ("{0} pending", chosen["blood value"][:1]),
    ]  # fmt: skip
    used = pen.sample(pieces, pen.number(2, 4))
    phrases = [pattern.format(*(item.abbreviation for item in items)) for pattern, items in used]
    listed = [f"{item.abbreviation}: {item.expansion}" for _, items in used for item in items]
    text = f"{person.age}-year-old {person.sex}, {', '.join(phrases)}{pen.say(pen.pick(SHORTHAND))}."
    return Body(text, "; ".join(listed))


FORMS = (
    Form("medications", Category.IE, 13.0, "medications", _medications),
    Form("reference", Category.IE, 9.0, "reference", _reference),
    Form("abbreviations", Category.IE, 2.2, "abbreviations", _abbreviations),
    _extract("finding", 2.0),
    _extract("dose", 1.8),
    _extract("condition", 1.6),
    _extract("test", 1.6),
    _extract("negated", 1.6),
    _extract("demographics", 1.2),
)
