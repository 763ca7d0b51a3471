"""The teacher's other tasks: urgency, specialty, ordering, dose arithmetic."""

from __future__ import annotations

from bioinstruct.core.records import Category
from bioinstruct.embedded.teacher_base import Body, Form, Pen
from bioinstruct.embedded.teacher_wording_generation import CALLS, DAILY, EVENTS, REFERRALS, URGENCY

_TIMES_A_DAY = {"twice daily": 2, "three times daily": 3, "four times daily": 4, "every 8 hours": 3, "every 6 hours": 4}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _triage(pen: Pen) -> Body:
    """Three levels, set by the complaint alone."""
    level = pen.pick(tuple(URGENCY))
    finding = pen.world.findings[pen.pick(URGENCY[level])]
    text = pen.tell(CALLS, lay=finding.lay, time=pen.say("<duration>"), place=pen.say("<where>"), **pen.person().slots)
    return Body(text, level)


def _specialty(pen: Pen) -> Body:
    """The condition's system in the table, among three others."""
    condition = pen.pick(pen.world.diseases)
    wrong = pen.sample(sorted({c.system for c in pen.world.diseases} - {condition.system}), 3)
    systems = [condition.system, *wrong]
    pen.rng.shuffle(systems)
    text = pen.tell(REFERRALS, lay=condition.lay_name, condition=condition.name, **pen.person(condition.name).slots)
    return Body(f"{text}\nServices: {', '.join(systems)}", condition.system)


def _order(pen: Pen) -> Body:
    """Events with months, out of order."""
    drugs, tests, condition = pen.drugs(2), pen.tests(2), pen.diseases(1)[0]
    things = [f"{drugs[0].name} started", f"{drugs[1].name} stopped", f"{tests[0]} done", f"{tests[1]} repeated"]
    things.append(f"{condition.name} diagnosed")
    months = sorted(pen.sample(range(12), pen.number(3, 4)))
    events = list(zip(months, pen.sample(things, len(months)), strict=True))
    shuffled = pen.sample(events, len(events))
    listed = ", ".join(f"{what} in {_MONTHS[month]}" for month, what in shuffled)
    return Body(pen.tell(EVENTS, events=listed, **pen.person().slots), "; ".join(what for _, what in events))


def _daily(pen: Pen) -> tuple[str, str]:
    drug = pen.pick([d for d in pen.world.drugs.values() if d.frequency in _TIMES_A_DAY and d.doses[0].endswith(" mg")])
    dose = pen.pick([dose for dose in drug.doses if dose.endswith(" mg")])
    total = float(dose.removesuffix(" mg").replace(",", "")) * _TIMES_A_DAY[drug.frequency]
    return pen.tell(DAILY, drug=drug.name, dose=dose, often=drug.frequency, **pen.person().slots), f"{total:g} mg"


def _arithmetic(pen: Pen) -> Body:
    text, total = _daily(pen)
    return Body(text, total)


def _arithmetic_bare(pen: Pen) -> Body:
    text, total = _daily(pen)
    return Body("", total, {"case": text})


FORMS = (
    Form("triage", Category.OTHER, 1.6, "triage", _triage),
    Form("specialty", Category.OTHER, 1.6, "specialty", _specialty),
    Form("order", Category.OTHER, 1.4, "order", _order),
    Form("arithmetic", Category.OTHER, 0.8, "arithmetic", _arithmetic),
    Form("arithmetic_bare", Category.OTHER, 0.6, "arithmetic_bare", _arithmetic_bare),
)
