"""From an instruction back to the request, seeds and reply that it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioinstruct.core.categories import names
from bioinstruct.core.recipe import Recipe
from bioinstruct.core.records import Instruction
from bioinstruct.curate.excerpt import LIMIT, excerpt
from bioinstruct.generate import prompt
from bioinstruct.generate.requests import PURPOSE
from bioinstruct.models.ledger import Entry, Ledger

_SEED = re.compile(r"^(\d+)\. Instruction: (.*)$", re.MULTILINE)


def choose(kept: Sequence[Instruction], n: int, order: Sequence[str]) -> list[Instruction]:
    """At most `n` instructions, spread over the file: from n places at even distances the next one of each category of `order` in turn."""
    chosen: dict[str, Instruction] = {}
    for turn in range(min(n, len(kept))):
        start = turn * len(kept) // n
        rest = [one for one in (*kept[start:], *kept[:start]) if one.id not in chosen]
        of_category = (one for one in rest if one.category == order[turn % len(order)])
        if rest:
            one = next(of_category, rest[0])
            chosen[one.id] = one
    return list(chosen.values())


def traces(folder: Path, kept: Sequence[Instruction], recipe: Recipe, n: int, rules: Sequence[str]) -> list[dict[str, Any]]:
    """The chosen instructions with their origin; `reply` is None where the ledger holds none for them. `rules` are all that they passed."""
    chosen = choose(kept, n, names(recipe.curate.categories))
    if not (folder / "ledger.sqlite").exists():
        return [_trace(one, None, rules) for one in chosen]
    with Ledger(folder / "ledger.sqlite") as ledger:
        return [_trace(one, entry(ledger, one, recipe), rules) for one in chosen]


def entry(ledger: Ledger, instruction: Instruction, recipe: Recipe) -> Entry | None:
    """The stored reply that an instruction was read from: same request, seeds and settings, and its text is in it.

    A restarted run has asked a request anew and holds both replies, the later under a longer key.
    """
    number = instruction.origin.request
    if number is None:
        return None
    key = f"{recipe.seed}/{number}"
    first = ledger.entry(PURPOSE, key)
    if first is not None and _fits(first, instruction, recipe, number):
        return first
    return next((one for one in ledger.entries(PURPOSE) if one.key.startswith(key + "/") and _fits(one, instruction, recipe, number)), None)


def _fits(found: Entry, instruction: Instruction, recipe: Recipe, number: int) -> bool:
    sent = json.loads(found.settings) if found.settings else {}
    section = recipe.generate
    wanted = {
        "teacher": section.teacher,
        "temperature": section.temperature,
        "max_tokens": section.max_tokens,
        "seed": prompt.derive(recipe.seed, number),
    }
    return found.seeds == instruction.origin.seeds and sent == wanted


def _trace(instruction: Instruction, found: Entry | None, rules: Sequence[str]) -> dict[str, Any]:
    origin = instruction.origin
    return {
        "id": instruction.id,
        "category": instruction.category,
        "instruction": excerpt(instruction.instruction),
        "input": excerpt(instruction.input),
        "output": excerpt(instruction.output),
        "method": origin.method,
        "request": origin.request,
        "position": origin.position,
        "teacher": origin.teacher,
        "seeds": _seeds(origin.seeds, "" if found is None else found.prompt),
        "reply": None if found is None else _reply(instruction, found),
        "verdict": "kept",
        "passed": list(rules),
    }


def _seeds(ids: Sequence[str], text: str) -> list[dict[str, Any]]:
    """The seeds as they stood in the prompt: id and instruction."""
    shown = {int(number): instruction for number, instruction in _SEED.findall(text)}
    return [{"id": name, "instruction": excerpt(shown[place]) if place in shown else None} for place, name in enumerate(ids, start=1)]


def _reply(instruction: Instruction, found: Entry) -> dict[str, Any]:
    """The part of the raw reply that holds the task; from its beginning where the task is not in it word for word."""
    text, start = found.reply.text, found.reply.text.find(instruction.instruction)
    begin = text.rfind("\n", 0, start) + 1 if start >= 0 else 0
    after = start + len(instruction.instruction)
    if instruction.input and (given := text.find(instruction.input, after)) >= 0:
        after = given + len(instruction.input)  # the output's words may stand in the input, too
    end = text.find(instruction.output, after) if start >= 0 else -1
    stop = end + len(instruction.output) if end >= 0 else len(text)
    return {
        "key": found.key,
        "model": found.reply.model,
        "finish": found.reply.finish.value,
        "prompt_tokens": found.reply.prompt_tokens,
        "output_tokens": found.reply.output_tokens,
        "characters": len(text),
        "verbatim": start >= 0,
        "from": begin,
        "excerpt": excerpt(text[begin:stop], LIMIT),
    }
