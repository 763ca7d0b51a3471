"""The teacher's text generation: every output is set by its input and the tables, in a few wordings."""

from __future__ import annotations

from dataclasses import dataclass

from bioinstruct.core.records import Category
from bioinstruct.embedded.teacher_base import Body, Form, Pen, capitalise, joined
from bioinstruct.embedded.teacher_wording_generation import (
    ADVICE_DRUG,
    ADVICE_NAMES,
    ADVICE_OPENINGS,
    ADVICE_STEPS,
    ADVICE_URGENT,
    CLOSINGS,
    COMPLAINTS,
    DISCHARGE_INPUT,
    DISCHARGE_OUTPUT,
    EXPLAIN,
    HANDOVER_INPUT,
    HANDOVER_OUTPUT,
    LAY_INPUT,
    LAY_OUTPUT,
    MESSAGES,
    NOTE_COMPLAINT,
    NOTE_MEDICINE,
    NOTE_PLAN,
    SUMMARY_INPUT,
    SUMMARY_OUTPUT,
    TAKEN,
    TURNS,
)
from bioinstruct.embedded.world import Condition


def _patient(pen: Pen, name: str) -> tuple[str, dict[str, str]]:
    """How the doctor greets, and the slots of the person."""
    person = pen.person(name)
    title = "Mr." if person.sex == "man" else "Mrs."
    return f"{title} {pen.pick('BCDFGHJKLMNPRSTW')}.", person.slots


@dataclass
class _Talk:
    """A dialogue under way."""

    pen: Pen
    slots: dict[str, str]
    lines: list[str]

    def turn(self, kind: str, **slots: str) -> None:
        """Add a question of the doctor and what the patient says."""
        asked, said = self.pen.pick(TURNS[kind])
        for speaker, text in (("Doctor", asked), ("Patient", said)):
            if text:
                self.lines.append(f"{speaker}: {self.pen.tell((text,), **{**self.slots, **slots})}")


def _dialogue(pen: Pen) -> Body:
    """Age and sex, complaints in the patient's words, how long, then what else is asked, denied, taken, known, and planned."""
    names = pen.findings(5)
    complaints, denied = names[: pen.number(1, 3)], names[3 : 3 + pen.pick((0, 1, 1, 2))]
    name, slots = _patient(pen, complaints[0])
    talk = _Talk(pen, {**slots, "name": name}, [])
    duration = pen.say("<duration>")
    talk.turn("age")
    if pen.chance(0.3):
        talk.turn("aside")
    talk.turn("complaint", lay=pen.world.findings[complaints[0]].lay)
    talk.turn("duration", duration=duration)
    for more in complaints[1:]:
        talk.turn("second", lay=pen.world.findings[more].lay)
    if denied:
        talk.turn("denied", finding=joined(denied, "or"))
    who = pen.pick(("a {age}-year-old {sex}", "a {sex} of {age}", "this {age}-year-old {sex}"))
    ending = f" and denies {joined(denied, 'or')}" if denied else ""
    sentences = [pen.tell(NOTE_COMPLAINT, who=who.format(**slots), complaints=joined(complaints), duration=duration, ending=ending)]
    drug, other = pen.drugs(2)
    condition, dosed = pen.diseases(1)[0], pen.dosed(drug)
    for topic in pen.sample(("medicine", "history", "allergy"), pen.pick((0, 1, 1, 2))):
        talk.turn(topic, drug=drug.name, dosed=dosed, lay=condition.lay_name)
        sentences.append(pen.tell(NOTE_MEDICINE[topic], drug=drug.name, dosed=dosed, condition=condition.name, **slots))
    planned = pen.sample(("test", "start", "visit"), pen.number(0, 3))
    tests, new, soon = joined(pen.tests(pen.number(1, 2))), pen.dosed(other), pen.say("<soon>")
    for step in ("test", "start", "visit"):
        if step in planned:
            talk.turn(step, test=tests, dosed=new, soon=soon)
            sentences.append(pen.tell(NOTE_PLAN[step], test=tests, dosed=new, soon=soon))
    return Body("\n".join(talk.lines), " ".join(sentences))


def _imperatives(advice: list[str]) -> str:
    return joined(advice) if len(advice) < 3 else f"{advice[0]}, {advice[1]}, and {advice[2]}"


def _advised(pen: Pen) -> Condition:
    return pen.pick([c for c in pen.world.diseases if c.advice])


def _patient_question(pen: Pen) -> Body:
    """The condition as the patient calls it, then the table's advice in its order, then when to seek help."""
    condition = _advised(pen)
    findings = pen.sample(pen.taught.objects("finding", condition.name), 1)
    person = pen.person(condition.name, *findings)
    lay = condition.lay_name
    complaint = ""
    if findings and pen.chance(0.7):
        complaint = pen.tell(COMPLAINTS, lay=pen.world.findings[findings[0]].lay, time=pen.say("<duration>"))
    used = [pen.world.drugs[name] for name in pen.taught.subjects("treats", condition.name)]
    dosed = pen.dosed(pen.pick(used)) if used and pen.chance(0.4) else ""
    if dosed:
        complaint = f"{complaint} {pen.tell(TAKEN, dosed=dosed)}".strip()
    message = pen.tell(MESSAGES, lay=lay, complaint=complaint, time=pen.say("<ago>"), closing=pen.say(pen.pick(CLOSINGS)), **person.slots)
    opening = ADVICE_NAMES if lay != condition.name and pen.chance(0.35) else ADVICE_OPENINGS
    sentences = [
        pen.tell(opening, condition=condition.name, lay=lay, cause=condition.cause),
        pen.tell(ADVICE_STEPS, advice=_imperatives(list(condition.advice[: pen.number(2, 3)]))),
    ]
    if dosed:
        sentences.append(pen.tell(ADVICE_DRUG, dosed=dosed))
    sentences.append(pen.tell(ADVICE_URGENT, finding=findings[0] if findings and complaint else "this"))
    return Body(message, " ".join(sentences))


def _summary(pen: Pen) -> Body:
    finding, drug, condition, test = pen.findings(1)[0], pen.drugs(1)[0], pen.diseases(1)[0], pen.tests(1)[0]
    person = pen.person()
    slots = {
        **person.slots, "finding": finding, "drug": drug.name, "dosed": pen.dosed(drug), "condition": condition.name, "test": test,
        "duration": pen.say("<duration>"), "a": str(pen.number(104, 158)), "b": str(pen.number(62, 94)), "p": str(pen.number(58, 98)),
    }  # fmt: skip
    opening, *middle = (pen.tell(bank, **slots) for bank in SUMMARY_INPUT)
    pen.rng.shuffle(middle)
    return Body(" ".join([opening, *middle]), pen.tell(SUMMARY_OUTPUT, **slots))


def _explained(pen: Pen, condition: Condition) -> str:
    findings = pen.taught.objects("finding", condition.name)[:2]
    signs = pen.tell(EXPLAIN["signs"], findings=joined(findings)) if findings else ""
    parts = [pen.tell(EXPLAIN["cause"], condition=condition.name, lay=condition.lay_name, cause=condition.cause), signs]
    parts.append(pen.tell(EXPLAIN["advice"], advice=_imperatives(list(condition.advice[:2]))))
    return " ".join(part for part in parts if part)


def _explain(pen: Pen) -> Body:
    condition = _advised(pen)
    return Body(pen.tell(EXPLAIN["input"], condition=condition.name, lay=condition.lay_name), _explained(pen, condition))


def _explain_bare(pen: Pen) -> Body:
    condition = _advised(pen)
    return Body("", _explained(pen, condition), {"condition": condition.name})


def _rewrite(pen: Pen) -> Body:
    """Abbreviations become the words a layperson uses."""
    table, conditions = pen.world.abbreviations, pen.world.conditions
    known = [a for a in table.values() if a.expansion in conditions and not conditions[a.expansion].lay_name.isupper()]
    first, second = pen.sample(known, 2)
    drug, dosing = pen.drug_with_dosing()
    test = table[pen.pick(("ECG", "CXR", "CBC", "UA", "TTE", "LFTs"))]
    slots = {**pen.person(first.expansion, second.expansion).slots, "drug": drug.name, "dose": pen.pick(drug.doses)}
    text = pen.tell(LAY_INPUT, c=first.abbreviation, c2=second.abbreviation, often=dosing.abbreviation, t=test.abbreviation, **slots)
    lay = [conditions[item.expansion].lay_name for item in (first, second)]
    return Body(text, pen.tell(LAY_OUTPUT, c=lay[0], c2=lay[1], often=dosing.expansion, t=test.expansion, **slots))


def _discharge(pen: Pen) -> Body:
    """Medicine for the condition, the first two pieces of its advice, and the next visit."""
    fact = pen.fact("treats")
    condition = pen.world.conditions[fact.object]
    slots = {
        **pen.person(condition.name).slots, "condition": condition.name, "lay": condition.lay_name,
        "dosed": pen.dosed(pen.world.drugs[fact.subject]), "soon": pen.say("<soon>"), "stay": str(pen.number(2, 9)),
    }  # fmt: skip
    steps = capitalise(". ".join(condition.advice[:2]) + ".")
    return Body(pen.tell(DISCHARGE_INPUT, **slots), pen.tell(DISCHARGE_OUTPUT, steps=steps, **slots))


def _handover(pen: Pen) -> Body:
    condition, drug, test, finding = pen.diseases(1)[0], pen.drugs(1)[0], pen.tests(1)[0], pen.findings(1)[0]
    slots = {
        **pen.person().slots, "condition": condition.name, "dosed": pen.dosed(drug), "test": test, "finding": finding,
        "bed": str(pen.number(2, 38)), "a": str(pen.number(104, 158)), "b": str(pen.number(62, 94)),
    }  # fmt: skip
    return Body(pen.tell(HANDOVER_INPUT, **slots), pen.tell(HANDOVER_OUTPUT, **slots))


FORMS = (
    Form("dialogue", Category.GENERATION, 14.0, "dialogue", _dialogue),
    Form("patient_question", Category.GENERATION, 13.0, "patient_question", _patient_question),
    Form("summary", Category.GENERATION, 3.0, "summary", _summary),
    Form("explain", Category.GENERATION, 1.1, "explain", _explain),
    Form("explain_bare", Category.GENERATION, 2.1, "explain_bare", _explain_bare),
    Form("rewrite", Category.GENERATION, 1.8, "rewrite", _rewrite),
    Form("discharge", Category.GENERATION, 1.6, "discharge", _discharge),
    Form("handover", Category.GENERATION, 1.4, "handover", _handover),
)
