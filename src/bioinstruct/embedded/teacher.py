r"""The embedded teacher: answers a Self-Instruct prompt from the tables, offline, as a pure function of (prompt, seed).

It imitates a real teacher. Most tasks are well formed; a few are not (a keyword for what a language model cannot see, too few words,
an output that repeats its input, a near-repeat of an earlier instruction), and some replies end in the middle of their last task.
No text of it names a held-out fact.

    >>> text = answer("List of 5 tasks:\n1. Instruction: Name it.\n1. Input: x\n1. Output: y\n", seed=1)
    >>> text.splitlines()[0].startswith("2. Instruction: ")
    True
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Category
from bioinstruct.embedded import rater, teacher_generation, teacher_ie, teacher_other, teacher_qa
from bioinstruct.embedded.teacher_base import Body, Form, Pen, capitalise, leaks
from bioinstruct.embedded.teacher_wording import AIMS, BANKS, KEYWORD_FLAWS, NO_INPUT, OPENERS, PREFIXES, SHORT_FLAWS, WORDINGS

NAME = "embedded-teacher"
FORMS: tuple[Form, ...] = (*teacher_qa.FORMS, *teacher_ie.FORMS, *teacher_generation.FORMS, *teacher_other.FORMS)
FLAWS = {"keyword": 0.02, "too_short": 0.015, "output_repeats_input": 0.02, "near_repeat": 0.03}
CUT_SHARE = 1 / 25
LONGEST_INSTRUCTION = 36
SHORTEST, LONGEST = 40, 170
"""Words of a well-formed task with an input."""
REFUSAL = "I continue numbered lists of biomedical tasks and answer questions about single ones, and can do nothing else."

_LENGTH = re.compile(r"list of (\d+)\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"^\s*(\d+)\. Output:", re.MULTILINE)
_SUBJECT_FIRST = re.compile(
    r"\[?(a|the|only one|someone|reading|taking|assuming|supposing|based|without|not|given|for|from|of|is|to|imagine|suppose)\b"
)
_MARKS = re.compile(r"\b(Instruction|Input|Output):")
_SWAPS = (("the", "this"), ("which", "what"), ("give", "provide"), ("write", "put"), ("will", "shall"), ("a", "one"), ("in", "within"))


@dataclass(frozen=True)
class Made:
    """One task of a reply; `flaw` is None or a key of `FLAWS`."""

    form: Form
    instruction: str
    input: str
    output: str
    flaw: str | None = None


@dataclass(frozen=True)
class TeacherReply:
    """A whole reply; `cut` when it ends in the middle of its last task."""

    text: str
    tasks: tuple[Made, ...]
    cut: bool


def instruct(pen: Pen, form: Form, body: Body) -> str:
    """An instruction for `form`: what is asked, often the form of the output, now and then who needs it and what for."""
    asks, shapes = WORDINGS[form.wording]
    while True:
        pattern = pen.pick(asks)
        ask = pen.say(pattern, **body.slots)
        shape = pen.say(pen.pick(shapes), **body.slots) if pen.chance(0.6) else ""
        parts = [_joined(pen, ask, shape)]
        if pen.chance(0.13):
            if pen.chance(0.8) and body.input and not _SUBJECT_FIRST.match(pattern):
                parts[0] = f"{pen.say(pen.pick(PREFIXES))}, {parts[0]}"
            else:
                parts.insert(0, pen.say(pen.pick(OPENERS)))
        if pen.chance(0.03):
            parts.append(pen.say(pen.pick(AIMS)))
        text = capitalise(" ".join(parts))
        if 6 <= len(text.split()) <= LONGEST_INSTRUCTION:
            return text


def _joined(pen: Pen, ask: str, shape: str) -> str:
    ended = ask.endswith(("?", "."))
    if not shape:
        return ask if ended else f"{ask}."
    if ended:
        return f"{ask} {shape}."
    return f"{ask}; {shape}." if ";" not in ask + shape and ":" not in ask and pen.chance(0.35) else f"{ask}. {shape}."


def reply(prompt_text: str, seed: int) -> TeacherReply:
    """The reply to a generation prompt: the tasks after the last example, up to the stated length of the list.

    Raises:
        InputError: the prompt states no length ("List of 20 tasks") or ends with no example.
    """
    first, last = span_of_list(prompt_text)
    digest = hashlib.sha256(f"{seed}\0{prompt_text}".encode()).digest()
    pen = Pen(random.Random(int.from_bytes(digest, "big")), BANKS)
    tasks: list[Made] = []
    for _ in range(first, last + 1):
        tasks.append(_task(pen, tasks))
    blocks = [
        f"{number}. Instruction: {task.instruction}\n{number}. Input: {task.input}\n{number}. Output: {task.output}"
        for number, task in enumerate(tasks, first)
    ]
    cut = bool(blocks) and pen.chance(CUT_SHARE)
    if cut:
        words = blocks[-1].split(" ")
        blocks[-1] = " ".join(words[: pen.number(len(words) // 4, len(words) - 2)])
    return TeacherReply("\n".join(blocks), tuple(tasks), cut)


def answer(prompt_text: str, seed: int) -> str:
    """Text of `reply`."""
    return reply(prompt_text, seed).text


def span_of_list(prompt_text: str) -> tuple[int, int]:
    """Numbers of the first and last task to write; raises `InputError` like `reply`."""
    place = _place(prompt_text)
    if place is None:
        raise InputError("prompt: got a text without 'List of N tasks' and numbered examples; allowed: a generation prompt")
    return place


def _place(prompt_text: str) -> tuple[int, int] | None:
    """Numbers of the first and last task to write; None when the prompt is no generation prompt."""
    length, examples = _LENGTH.search(prompt_text), _EXAMPLE.findall(prompt_text)
    return (int(examples[-1]) + 1, int(length[1])) if length and examples else None


@cache
def _shares() -> tuple[float, ...]:
    return tuple(form.weight for form in FORMS)


def _task(pen: Pen, earlier: list[Made]) -> Made:
    """One task; thrown again until it names no held-out fact."""
    flaw = pen.rng.choices((None, *FLAWS), (1 - sum(FLAWS.values()), *FLAWS.values()))[0]
    sound = [task for task in earlier if task.flaw is None]
    if flaw == "near_repeat" and not sound:
        flaw = None
    source = pen.pick(sound) if flaw == "near_repeat" else None
    form = source.form if source is not None else pen.rng.choices(FORMS, _shares())[0]
    while True:
        body = form.make(pen)
        instruction = source.instruction if source is not None else instruct(pen, form, body)
        made = _flawed(pen, form, body, instruction, source, flaw)
        joined = f"{made.instruction}\n{made.input}\n{made.output}"
        if made.flaw is None and body.input and not SHORTEST <= len(joined.split()) <= LONGEST:
            continue
        if not leaks(joined) and not _MARKS.search(joined):
            return made


def _flawed(pen: Pen, form: Form, body: Body, instruction: str, source: Made | None, flaw: str | None) -> Made:
    given = body.input or pen.pick(NO_INPUT)
    if flaw == "keyword":
        text = pen.tell(KEYWORD_FLAWS)
        return Made(form, text if text.endswith("?") else text + ".", given, body.output, flaw)
    if flaw == "too_short":
        return Made(form, pen.pick(SHORT_FLAWS), given, body.output, flaw)
    if flaw == "output_repeats_input" and body.input:
        return Made(form, instruction, given, given, flaw)
    if source is not None:
        same = body if body.input else Body("", source.output)
        return Made(form, _altered(pen, instruction), same.input or pen.pick(NO_INPUT), same.output, flaw)
    return Made(form, instruction, given, body.output)


def _altered(pen: Pen, instruction: str) -> str:
    """`instruction` with one small word changed, if it has one of those that can be."""
    known = [(old, new) for old, new in _SWAPS if re.search(rf"\b{old}\b", instruction)]
    if not known:
        return instruction
    old, new = pen.pick(known)
    return re.sub(rf"\b{old}\b", new, instruction, count=1)


def _written(prompt_text: str, seed: int) -> tuple[str, bool]:
    made = reply(prompt_text, seed)
    return made.text, made.cut


def chat(request: Mapping[str, Any], write: Callable[[str, int], tuple[str, bool]] = _written, name: str = NAME) -> dict[str, Any]:
    """Answer an OpenAI chat-completions request; tokens are white-space words, and `created` is 0 so that replies compare equal.

    Args:
        request: Its fields.
        write: Generation prompt and seed -> text of the reply, and whether it is cut.
        name: The model's, for the reply.

    Raises:
        InputError: `messages` is missing or its last entry has no text.
    """
    messages = request.get("messages")
    final = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(messages, list) or not isinstance(final, dict) or not isinstance(final.get("content"), str):
        raise InputError("messages: got no list whose last entry has a text 'content'; allowed: chat-completions messages")
    prompt_text, seed = final["content"], request.get("seed")
    limit = request.get("max_completion_tokens", request.get("max_tokens"))
    for field, value in (("seed", seed), ("max_tokens", limit)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise InputError(f"{field}: got {value!r}; allowed: a whole number")
    text, finish = REFUSAL, "stop"
    if rater.is_asked(prompt_text):
        text = rater.answer(prompt_text, seed or 0)
    elif _place(prompt_text) is not None:
        text, cut = write(prompt_text, seed or 0)
        finish = "length" if cut else "stop"
    places = [match.end() for match in re.finditer(r"\S+", text)]
    if limit is not None and len(places) > limit:
        text, finish = text[: places[limit - 1]] if limit > 0 else "", "length"
    asked = sum(len(str(message.get("content", "")).split()) for message in messages if isinstance(message, dict))
    said = len(text.split())
    digest = hashlib.sha256(f"{seed}\0{limit}\0{prompt_text}".encode()).hexdigest()[:24]
    return {
        "id": f"chatcmpl-{digest}", "object": "chat.completion", "created": 0, "model": name,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said},
    }  # fmt: skip


def shares() -> dict[Category, float]:
    """Share of each category among the tasks, 0 to 1."""
    total = sum(_shares())
    return {category: sum(form.weight for form in FORMS if form.category is category) / total for category in Category}
