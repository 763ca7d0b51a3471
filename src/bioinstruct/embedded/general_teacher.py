"""A teacher of everyday tasks: offices, kitchens, sports grounds, journeys. The general control of a study is tuned on what it writes.

Its tasks are of the same kinds as the biomedical teacher's - questions with options, yes/no/maybe, pairs of statements, extraction with
a status, references, notes of dialogues, answers, rewriting - so what they share with the evaluation is the form of an answer, and what
they lack is biomedicine. Outputs follow from inputs by construction. They share no wording with the items
(`tests/embedded/test_general_teacher.py`).

    >>> len(records(50, seed=0)) == len(set(records(50, seed=0))) == 50
    True
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from bioinstruct.core.errors import InputError
from bioinstruct.embedded.general_teacher_wording import (
    BANKS,
    BELONGS,
    BRIEF,
    CLOSED,
    FILLERS,
    INSTRUCTIONS,
    MEASURES,
    PLACES,
    QUESTIONS,
    REFERENCES,
    RESULTS,
    SHAPES,
    SHORTHAND,
    STATEMENTS,
    STATUS,
    TRIALS,
    USES,
    WISHES,
)
from bioinstruct.embedded.teacher_base import Body, Pen, capitalise

NAME = "embedded-general-teacher"
_AN = re.compile(r"\ba (?=[aeiou])")
REPEATS = 200
"""Tries for a task that was not written before; after that there are no more to be had."""


def records(count: int, seed: int) -> list[tuple[str, str, str]]:
    """`count` different tasks as (instruction, input, output), a pure function of the arguments; fewer are the first of more.

    Raises:
        InputError: there are not so many.
    """
    pen = Pen(Random(f"general/{seed}"), BANKS)
    found: dict[tuple[str, str, str], None] = {}
    tried = 0
    while len(found) < count:
        before = len(found)
        found[task(pen, pen.pick(sorted(FORMS)))] = None
        tried = tried + 1 if len(found) == before else 0
        if tried > REPEATS:
            raise InputError(f"general teacher: got {count} tasks to write; allowed: about {before}")
    return list(found)


def task(pen: Pen, form: str) -> tuple[str, str, str]:
    """One task of a form as (instruction, input, output)."""
    body = FORMS[form](pen)
    instruction = capitalise(f"{pen.say(pen.pick(INSTRUCTIONS[form]))}. {pen.say(pen.pick(SHAPES))}").strip()
    return _AN.sub("an ", instruction), _AN.sub("an ", body.input), _AN.sub("an ", body.output)


def _options(pen: Pen) -> Body:
    thing, use, _ = pen.pick(USES)
    options = [thing, *(other for other, *_ in pen.sample([one for one in USES if one[0] != thing], 3))]
    pen.rng.shuffle(options)
    return Body(f"{pen.tell(QUESTIONS, use=use)}\nChoices: {', '.join(options)}", thing)


def _closed(pen: Pen) -> Body:
    (thing, use, _), (other, *_) = pen.sample(USES, 2)
    right = pen.chance(0.5)
    return Body(pen.tell(CLOSED, thing=thing if right else other, use=use), "yes" if right else "no")


def _place(pen: Pen) -> Body:
    thing, _, place = pen.pick(USES)
    return Body(pen.tell(BELONGS, thing=thing), place)


def _trial(pen: Pen) -> Body:
    measure, outcome = pen.pick(MEASURES)
    answer = pen.pick(sorted(RESULTS))
    low = pen.number(6, 30)
    slots = {"measure": measure, "outcome": outcome, "low": str(low), "high": str(low + pen.number(8, 30)), "weeks": str(pen.number(3, 12))}
    report = [pen.tell(TRIALS, **slots), pen.tell(FILLERS), pen.tell(RESULTS[answer], **slots)]
    question = pen.say("[did|does] {measure} [lower|cut down] the number of {outcome}?", **slots)
    return Body(f"{' '.join(report)}\n{capitalise(question)}", answer)


def _pair(pen: Pen) -> Body:
    """The second line repeats, denies, or speaks of something else than the first."""
    label = pen.pick(("entailment", "contradiction", "neutral"))
    (said, denied), (other, _) = pen.sample(STATEMENTS, 2)
    state = pen.rng.getstate()
    first = _state(pen, said)
    if label == "entailment":  # the same statement in the same words, after an opening of its own
        pen.rng.setstate(state)
        second = f"it is true that {_state(pen, said)}"
    elif label == "contradiction":
        pen.rng.setstate(state)
        second = _state(pen, denied)
    else:
        second = _state(pen, other)
    return Body(capitalise(f"{pen.say('<weather>')}. {first}.\n{second}."), label)


def _state(pen: Pen, pattern: str) -> str:
    return pen.say(pattern, n=str(pen.number(2, 19)), thing=pen.pick(USES)[0], place=pen.pick(PLACES))


def _status(pen: Pen) -> Body:
    sentences, answers = [], []
    for thing, *_ in pen.sample(USES, pen.number(2, 4)):
        state = pen.pick(sorted(STATUS))
        sentences.append(pen.tell(STATUS[state], thing=thing) + ".")
        answers.append(f"{thing} ({state})")
    sentences.insert(pen.number(0, len(sentences)), pen.tell(FILLERS))
    return Body(" ".join(sentences), "; ".join(answers))


def _reference(pen: Pen) -> Body:
    story, word, meant = pen.pick(REFERENCES)
    (a, *_), (b, *_) = pen.sample(USES, 2)
    slots = {"a": a, "b": b, "place": pen.pick(PLACES)}
    return Body(f'{pen.tell(FILLERS)} {pen.tell((story,), **slots)}\nQuoted word: "{word}"', meant.format(**slots))


def _fields(pen: Pen) -> Body:
    day, time, room = pen.say("<day>"), pen.say("<time>"), pen.say("<room>")
    text = pen.tell(
        ("<group> [meets|gets together] on {day} at {time} in {room}.", "come to {room} on {day}, at {time} sharp, says <group>."),
        day=day,
        time=time,
        room=room,
    )
    return Body(f"{text} {pen.say('<weather>')}, so bring a {pen.pick(USES)[0]}.", f"day: {day}; time: {time}; place: {room}")


def _things(pen: Pen) -> Body:
    things = [thing for thing, *_ in pen.sample(USES, pen.number(2, 4))]
    parts = [
        pen.tell(("<name> [asked for|brought|sold] a {thing}.", "there is a {thing} at the {place}."), thing=thing, place=pen.pick(PLACES))
        for thing in things
    ]
    parts.insert(pen.number(0, len(parts)), pen.tell(FILLERS))
    return Body(" ".join(parts), ", ".join(things))


def _talk(pen: Pen) -> Body:
    thing, when, receipt = pen.pick(USES)[0], pen.say("<day>"), pen.pick(("yes", "no"))
    lines = (
        "Clerk: What can I do for you?", pen.say("Customer: My {thing} [is broken|does not work any more].", thing=thing),
        "Clerk: Since when?", pen.say("Customer: Since {when}. <name> tightened a screw, which did not help.", when=when),
        "Clerk: Do you still have the receipt?", f"Customer: {'Yes, here it is' if receipt == 'yes' else 'No, I lost it'}.",
    )  # fmt: skip
    return Body(
        "\n".join(lines), f"The customer's {thing} has been broken since {when}; tightening a screw did not help; receipt: {receipt}."
    )


def _wish(pen: Pen) -> Body:
    asked, said = WISHES[pen.pick(sorted(WISHES))]
    slots = {"thing": pen.pick(USES)[0], "place": pen.pick(PLACES)}
    return Body(
        f"{pen.say('[Hello|Good morning|Dear team]')}, {pen.say(asked, **slots)} {pen.say('[Thanks|Regards]')}, {pen.say('<name>')}",
        said.format(**slots),
    )


def _brief(pen: Pen) -> Body:
    text = pen.say(pen.pick(BRIEF), thing=pen.pick(USES)[0], place=pen.pick(PLACES))
    words = dict(SHORTHAND)
    full = " ".join(words.get(word.rstrip(","), word.rstrip(",")) + ("," if word.endswith(",") else "") for word in text.split())
    return Body(f"{text} - {pen.say('<name>')}", capitalise(full) + ".")


def _notice(pen: Pen) -> Body:
    group, day, time, room, thing = pen.say("<group>"), pen.say("<day>"), pen.say("<time>"), pen.say("<room>"), pen.pick(USES)[0]
    points = [f"who: {group}", f"when: {day}, {time}", f"where: {room}", f"bring: a {thing}"]
    pen.rng.shuffle(points)
    return Body("\n".join(points), capitalise(f"{group} meets on {day} at {time} in {room}. Please bring a {thing}. Everybody is welcome."))


FORMS: dict[str, Callable[[Pen], Body]] = {
    "options": _options,
    "closed": _closed,
    "place": _place,
    "trial": _trial,
    "pair": _pair,
    "status": _status,
    "reference": _reference,
    "fields": _fields,
    "things": _things,
    "talk": _talk,
    "wish": _wish,
    "brief": _brief,
    "notice": _notice,
}
"""Form of task -> what makes its input and output; all are equally frequent."""
