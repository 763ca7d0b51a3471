"""Tasks as JSON objects in a reply: an array, an object around one, or objects one after the other; in a fence or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from bioinstruct.core.instruction_file import COLUMNS, no_input
from bioinstruct.models.chat import whole_characters

_DECODER = json.JSONDecoder(strict=False)


class Read(NamedTuple):
    """One object: its texts by field name, a reason where it is no task, and its source text."""

    values: dict[str, str]
    reason: str | None
    text: str


def objects(reply: str) -> Iterator[Read]:
    """The objects of a reply that have, or seem to have, an instruction, in order."""
    place = reply.find("{")
    while place >= 0:
        try:
            value, end = _DECODER.raw_decode(reply, place)
        except (ValueError, RecursionError):
            following = reply.find("{", place + 1)
            text = reply[place : following if following >= 0 else len(reply)]
            if '"instruction"' in text.casefold():
                yield Read({}, "bad_json", text)
            place = following
            continue
        for task in _tasks(value):
            yield _read(task)
        place = reply.find("{", end)


def _tasks(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    value = {name.casefold(): inner for name, inner in value.items()}
    if "instruction" in value:
        yield value
        return
    for inner in value.values():
        if isinstance(inner, list):
            for one in inner:
                if isinstance(one, dict):
                    yield from _tasks(one)


def _read(task: dict[str, Any]) -> Read:
    text = json.dumps(task, ensure_ascii=True)
    if task.get("input", "") is None:
        task["input"] = ""  # JSON's own way to say that there is none
    values = {name: task[name] for name in COLUMNS if name in task}
    if not all(isinstance(value, str) for value in values.values()):
        return Read({}, "not_text", text)
    values = {name: whole_characters(value).strip() for name, value in values.items()}
    if "input" in values and no_input(values["input"]):
        values["input"] = ""
    return Read(values, None, text)
