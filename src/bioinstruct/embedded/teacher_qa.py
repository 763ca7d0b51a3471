"""The teacher's question answering: four options, study abstracts, closed questions, pairs of statements."""

from __future__ import annotations

from bioinstruct.core.records import Category
from bioinstruct.embedded.teacher_base import Body, Form, Pen, capitalise, joined
from bioinstruct.embedded.teacher_wording_qa import (
    CLOSED,
    EXPOSURES,
    MAYBE,
    METHODS,
    OUTCOMES,
    PAIR_LABELS,
    QUESTIONS,
    REMARKS,
    RESULTS,
    SAME,
    STATEMENTS,
    TOPICS,
    VERDICTS,
    VIGNETTES,
)
from bioinstruct.embedded.world import Fact


def _options(pen: Pen, question: str, right: str, wrong: list[str], topic: str) -> Body:
    options = [right, *wrong]
    pen.rng.shuffle(options)
    listed = "\n".join(f"- {option}" for option in options)
    return Body(f"{question}\n{listed}", right, {"topic": pen.say(TOPICS[topic])})


def _about(relation: str) -> Form:
    def make(pen: Pen) -> Body:
        fact = pen.fact(relation)
        asked = pen.pick(("object", "object", "subject"))
        right, given = (fact.object, fact.subject) if asked == "object" else (fact.subject, fact.object)
        question = pen.tell(QUESTIONS[relation, asked], given=given)
        return _options(pen, question, right, pen.sample(pen.taught.others(fact, asked), 3), relation)

    shares = {"class": 2.1, "treats": 3.1, "adverse_effect": 2.3, "contraindicated_with": 2.1, "finding": 2.2, "test": 1.8}
    return Form(f"options.{relation}", Category.QA, 0.7 * shares[relation], "options", make)


def _vignette(asked: str) -> Form:
    def make(pen: Pen) -> Body:
        while True:
            condition = pen.pick(pen.world.diseases)
            findings = pen.sample(pen.taught.objects("finding", condition.name), 3)
            drugs = pen.taught.subjects("treats", condition.name)
            tests = pen.taught.objects("test", condition.name)
            if len(findings) >= 2 and drugs and tests:
                break
        person = pen.person(condition.name, *findings)
        if asked == "condition":
            right = condition.name
            wrong = [c.name for c in pen.world.diseases if not set(c.findings) & set(findings) and c is not condition]
        else:
            relation, right = ("treats", pen.pick(drugs)) if asked == "drug" else ("test", pen.pick(tests))
            fact = Fact("treats", right, condition.name) if asked == "drug" else Fact("test", condition.name, right)
            wrong = pen.taught.others(fact, "subject" if relation == "treats" else "object")
        question = pen.tell(
            VIGNETTES[asked], findings=joined(findings), condition=condition.name, time=pen.say("<duration>"), **person.slots
        )
        return _options(pen, question, right, pen.sample(wrong, 3), "vignette")

    return Form(f"options.vignette_{asked}", Category.QA, 0.9, "options", make)


def _abstract(pen: Pen) -> Body:
    answer = pen.pick(("yes", "no", "maybe"))
    condition = pen.diseases(1)[0].name
    exposure = pen.pick(EXPOSURES) if pen.chance(0.6) else pen.drugs(1)[0].name
    outcome = pen.pick(OUTCOMES) if pen.chance(0.8) else pen.findings(1)[0]
    asked = pen.pick(("lower", "higher"))
    question = pen.tell(SAME["ask_" + asked], x=exposure, y=outcome, c=condition)
    months, other = pen.number(3, 24), pen.number(2, 5) * 12
    slots = {"x": exposure, "y": outcome, "c": condition, "months": str(months), "later": str(months + other)}
    opposite = answer == "no" and pen.chance(0.35)
    found = {"lower": "higher", "higher": "lower"}[asked] if opposite else asked
    gap, base = pen.number(9, 18), pen.number(12, 40)
    with_x, without = (base, base + gap) if found == "lower" else (base + gap, base)
    if answer == "no" and not opposite:
        with_x, without = base, base + pen.pick((-1, 0, 1))
    few = answer == "maybe" and pen.chance(0.3)
    slots |= {
        "n": str(pen.number(11, 24) if few else pen.number(120, 900)), "a": str(with_x), "b": str(without), "dir": found,
        "more": {"lower": "fewer", "higher": "more"}[found], "contrary": {"lower": "more", "higher": "fewer"}[found],
        "p": pen.pick(("0.001", "0.002", "0.004", "0.01", "0.02", "0.03")), "q": f"0.{pen.number(31, 94)}",
        "r": pen.pick(("0.09", "0.11", "0.13", "0.16")), "low": str(pen.number(30, 60)), "high": str(pen.number(30, 60)),
    }  # fmt: skip
    if answer == "maybe":
        result = pen.tell(MAYBE["few" if few else "mixed"], **slots)
    else:
        result = pen.tell(RESULTS["same" if answer == "no" and not opposite else "differs"], **slots)
    sentences = [pen.tell(METHODS, **slots)]
    if pen.chance(0.75):
        sentences.append(pen.tell(REMARKS, age=str(pen.number(38, 74)), share=str(pen.number(41, 62)), lost=str(pen.number(3, 14))))
    sentences.append(result)
    if pen.chance(0.4):
        sentences.append(pen.tell(VERDICTS["opposite" if opposite else answer], **slots))
    if pen.chance(0.5):
        sentences.insert(0, pen.tell(SAME["background"], **slots))
    return Body(f"{question}\n{pen.pick(('', 'Abstract: ', 'Study: '))}{' '.join(sentences)}", answer)


def _closed(pen: Pen) -> tuple[str, str]:
    relation = pen.pick(tuple(CLOSED))
    fact, answer = pen.fact(relation), pen.pick(("yes", "no"))
    thing = fact.object if answer == "yes" else pen.pick(pen.taught.others(fact, "object"))
    return pen.tell(CLOSED[relation], s=fact.subject, o=thing), answer


def _closed_with_input(pen: Pen) -> Body:
    question, answer = _closed(pen)
    return Body(question, answer)


def _closed_bare(pen: Pen) -> Body:
    question, answer = _closed(pen)
    return Body("", answer, {"question": question})


def _recall(pen: Pen) -> Body:
    fact = pen.fact("class") if pen.chance(0.5) else None
    if fact is not None:
        return Body("", fact.object, {"question": pen.tell(QUESTIONS["recall"], given=fact.subject)})
    test = pen.pick(list(pen.world.tests.values()))
    return Body("", test.measures, {"question": pen.tell(QUESTIONS["measures"], given=test.name)})


def _pair(pen: Pen) -> Body:
    """Statements on separate things; the second text restates one, turns one round, or speaks of a thing the first does not name."""
    label = pen.pick(("entailment", "contradiction", "neutral"))
    kinds = pen.sample(sorted(STATEMENTS), 2)
    drugs = [drug.name for drug in pen.drugs(4)]
    things = {
        "finding": pen.findings(2), "drug": drugs[:2], "allergy": drugs[2:],
        "history": [c.name for c in pen.diseases(2)], "test": pen.tests(2),
    }  # fmt: skip
    stated = [(kind, things[kind][0], pen.chance(0.5)) for kind in kinds]
    person = pen.person()
    first = capitalise(" ".join(pen.say(pen.pick(STATEMENTS[kind][true][0]), x=thing, **person.slots) for kind, thing, true in stated))
    kind, thing, true = pen.pick(stated)
    if label == "contradiction":
        true = not true
    elif label == "neutral":
        thing, true = things[kind][1], pen.chance(0.5)
    second = pen.tell(STATEMENTS[kind][true][1], x=thing, **person.slots)
    opening = pen.say("[{age}-year-old {sex}. |A {sex} of {age} years. |The patient is a {age}-year-old {sex}. |]", **person.slots)
    above, below, first_name, second_name = pen.pick(PAIR_LABELS)
    first = f"{opening} {first}".strip()
    return Body(f"{above}: {first}\n{below}: {second}", label, {"above": first_name, "below": second_name})


FORMS = (
    *(_about(relation) for relation in ("class", "treats", "adverse_effect", "contraindicated_with", "finding", "test")),
    *(_vignette(asked) for asked in ("condition", "drug", "test")),
    Form("abstract", Category.QA, 4.6, "abstract", _abstract),
    Form("closed", Category.QA, 1.3, "closed", _closed_with_input),
    Form("closed_bare", Category.QA, 1.8, "closed_bare", _closed_bare),
    Form("recall", Category.QA, 1.5, "recall", _recall),
    Form("pair", Category.QA, 3.6, "pair", _pair),
)
