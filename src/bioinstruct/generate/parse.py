"""A teacher's reply becomes tasks here and nowhere else. Strict and counted: every numbered task is read or has a named reason.

Only a line of the form `<number>. Instruction:` opens a task; markdown around it is allowed. Numbers and lists inside a
text open nothing. The fields may start on the same line or on the next ones; the output runs to the next task:

    4. Instruction: Name the drug class.
    4. Input: metformin
    4. Output: biguanide

A reply without such a line may hold JSON objects instead (`parse_json.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bioinstruct.core.instruction_file import no_input
from bioinstruct.core.records import Finish
from bioinstruct.core.text import normalise, squeeze
from bioinstruct.generate import parse_json, parse_lines

REASONS = {
    "teacher_error": "the teacher gave no completion: an error, a refusal or a filter",
    "empty_reply": "the reply is blank",
    "no_list": "the reply holds no numbered task",
    "out_of_list": "the number is not in the list that was asked for",
    "duplicate_number": "the number was used before in the reply",
    "repeated_seed": "the instruction is that of a seed in the prompt",
    "missing_field": "there is no input or no output line",
    "empty_instruction": "the instruction is blank",
    "empty_output": "the output is blank",
    "not_text": "a field of a JSON object is not a text",
    "bad_json": "a JSON object that cannot be read",
    "truncated": "the length limit cut the reply here",
}
"""Why a task of a reply, or the whole reply, is no candidate."""


class Task(NamedTuple):
    """One task that was read; `position` is its number in the teacher's list."""

    position: int
    instruction: str
    input: str
    output: str


class Trouble(NamedTuple):
    """One task that was not read; `position` is None where the reply as a whole is meant."""

    position: int | None
    reason: str
    excerpt: str


@dataclass(frozen=True)
class Parsed:
    """What a reply holds: every numbered task is in exactly one of the two lists."""

    candidates: list[Task] = field(default_factory=list)
    problems: list[Trouble] = field(default_factory=list)


_LEAD = r"^[ \t\u00a0>#•+-]*+(?:\*[ \t]+)?"
"""Quote marks, hashes and bullets before a line. All quantifiers here are possessive: no reply can make matching slow."""
_MARK = r"[*_`]*+"
_NUMBER = rf"#?(\d{{1,6}})[.)．、）]{_MARK}[ \t\u00a0]*+{_MARK}"
_HEADING = re.compile(rf"{_LEAD}({_MARK}{_NUMBER}Instructions?{_MARK})[ \t\u00a0]*+[:：](.*)$", re.IGNORECASE)
_FIELD = re.compile(rf"{_LEAD}({_MARK}(?:{_NUMBER})?(Input|Output)s?{_MARK})[ \t\u00a0]*+[:：](.*)$", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w-]*[ \t]*$")
_RULE = re.compile(r"^[ \t]*(?:([-*_=#])(?:[ \t]*\1){2,}|[#* \t]*(?:task|example|item)[ \t]*\d+[*:. \t]*)$", re.IGNORECASE)
"""A line that stands between tasks: a rule, or a label such as "### Task 5"."""
_CLOSING = re.compile(
    r"^\W*(?:(?:I hope|hope|let me know|feel free|these|this|that|the above|there you)\b.{0,160}\b(?:tasks|list)\b"
    r"|end of (?:the )?(?:list|tasks?)\b).{0,160}$",
    re.IGNORECASE,
)
"""A last paragraph about the list itself, which is no part of the last output."""
_EXCERPT = 200


def opens_task(line: str) -> bool:
    """Whether a line has the form `<number>. Instruction:`."""
    return _HEADING.match(line) is not None


def parse(reply: str, first: int, last: int, finish: Finish, shown: Sequence[str] = ()) -> Parsed:
    """The tasks of a reply to a request whose list goes on from `first` to `last`; `shown` are the seeds' instructions.

    A list that starts at 1 again is taken, too, apart from the seeds it repeats. `REASONS` names what can be wrong.
    """
    if finish is Finish.ERROR:
        return Parsed(problems=[Trouble(None, "teacher_error", _excerpt(reply))])
    seeds = {normalise(instruction) for instruction in shown}
    lines = parse_lines.lines(reply)
    starts = [number for number, line in enumerate(lines) if opens_task(line)]
    blocks = _blocks(lines, starts) if starts else _objects(reply, first, seeds)
    if not blocks:
        reason = "truncated" if finish is Finish.LENGTH else "no_list" if reply.strip() else "empty_reply"
        return Parsed(problems=[Trouble(None, reason, _excerpt(reply))])
    if finish is Finish.LENGTH and not blocks[-1].closed:
        blocks[-1].reason = "truncated"  # where the limit fell is not known: even a task that looks whole may go on
    parsed = _sort_out(blocks, last, seeds)
    if finish is Finish.LENGTH and blocks[-1].closed:
        parsed.problems.append(Trouble(None, "truncated", _excerpt(reply[-_EXCERPT:])))
    return parsed


@dataclass
class _Block:
    number: int
    values: dict[str, str]
    reason: str | None
    text: str
    closed: bool = False
    """Whether its end is known: a JSON object's is, a numbered task's is not."""


def _objects(reply: str, first: int, seeds: set[str]) -> list[_Block]:
    """JSON objects, numbered from `first`, or from 1 where the first one repeats a seed."""
    found = list(parse_json.objects(reply))
    if found and normalise(found[0].values.get("instruction", "")) in seeds:
        first = 1
    return [_Block(first + place, one.values, one.reason, one.text, one.reason != "bad_json") for place, one in enumerate(found)]


def _sort_out(blocks: list[_Block], last: int, shown: set[str]) -> Parsed:
    parsed, taken = Parsed(), set[int]()
    for block in blocks:
        reason = _reason(block, last, taken, shown)
        if reason is None:
            taken.add(block.number)
            values = block.values
            parsed.candidates.append(Task(block.number, values["instruction"], values["input"], values["output"]))
        else:
            if reason != "repeated_seed":  # a reply may repeat the seeds and then count from 1 again
                taken.add(block.number)
            parsed.problems.append(Trouble(block.number, reason, _excerpt(block.text)))
    return parsed


def _reason(block: _Block, last: int, taken: set[int], shown: set[str]) -> str | None:
    if not 1 <= block.number <= last:
        return "out_of_list"
    if block.number in taken:
        return "duplicate_number"
    if block.reason is not None:
        return block.reason
    values = block.values
    if any(name not in values for name in ("instruction", "input", "output")):
        return "missing_field"
    if not values["instruction"]:
        return "empty_instruction"
    if normalise(values["instruction"]) in shown:
        return "repeated_seed"
    return None if values["output"] else "empty_output"


def _blocks(lines: list[str], starts: list[int]) -> list[_Block]:
    fenced = sum(_FENCE.match(line) is not None for line in lines[: starts[0]]) % 2 == 1
    blocks = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        block = lines[start:end]
        if end == len(lines):
            block = _without_closing(block, fenced)
        block = _without_separators(block)
        match = _HEADING.match(block[0])
        assert match is not None
        blocks.append(_Block(int(match[2]), _values(block, int(match[2])), None, "\n".join(lines[start:end])))
    return blocks


def _values(block: list[str], number: int) -> dict[str, str]:
    """Field name -> text, for the fields that the task has. A line with the task's number wins over one without."""
    output = _field_line(block, number, "output", range(1, len(block)))
    input_line = _field_line(block, number, "input", range(1, len(block) if output is None else output))
    places = {"instruction": 0, "input": input_line, "output": output}
    marks = sorted(place for place in places.values() if place is not None)
    values = {}
    for name, place in places.items():
        if place is not None:
            later = [mark for mark in marks if mark > place]
            values[name] = _value(block[place : later[0] if later else len(block)], _HEADING if name == "instruction" else _FIELD)
    if "input" in values and no_input(values["input"]):
        values["input"] = ""
    return values


def _field_line(block: list[str], number: int, name: str, places: range) -> int | None:
    unnumbered = None
    for place in places:
        match = _FIELD.match(block[place])
        if match is None or match[3].lower() != name:
            continue
        if match[2] is not None and int(match[2]) == number:
            return place
        if match[2] is None and unnumbered is None:
            unnumbered = place
    return unnumbered


def _value(lines: list[str], pattern: re.Pattern[str]) -> str:
    match = pattern.match(lines[0])
    assert match is not None
    head = match[match.re.groups]
    marks = re.findall(r"\*+|_+|`+", match[1])
    if len(marks) % 2 == 1:  # bold that was opened before the field's name closes right after the colon or at the line's end
        head = head.strip()
        head = head.removeprefix(marks[-1]) if head.startswith(marks[-1]) else head.removesuffix(marks[-1])
    return "\n".join([head, *lines[1:]]).strip()


def _without_separators(block: list[str]) -> list[str]:
    """The block without blank lines, rules and unpaired fences at its end, which stand between tasks."""
    fences = [place for place, line in enumerate(block) if _FENCE.match(line)]
    end = len(block)
    while end > 1:
        if fences and fences[-1] == end - 1:
            pair = len(fences) % 2 == 0
            if pair and "".join(block[fences[-2] + 1 : end - 1]).strip():
                break
            end = fences[-2] if pair else end - 1  # a pair: one task's closing fence and the next one's opening fence
            del fences[-2 if pair else -1 :]
        elif not block[end - 1].strip() or _RULE.match(block[end - 1]):
            end -= 1
        else:
            break
    return block[: max(end, 1)]


def _without_closing(block: list[str], fenced: bool) -> list[str]:
    """The last block without what follows the list: all after its closing fence, or a paragraph about the list."""
    fences = [place for place, line in enumerate(block) if _FENCE.match(line)]
    if fenced and len(fences) % 2 == 1:
        return block[: fences[-1]]
    block = _without_separators(block)
    if len(block) > 2 and _CLOSING.match(block[-1]) and (not block[-2].strip() or _RULE.match(block[-2])):
        return block[:-1]
    return block


def _excerpt(text: str) -> str:
    return squeeze(text)[:_EXCERPT]
