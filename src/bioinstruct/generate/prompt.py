"""The text of a request: what is wanted, eight requirements, and a numbered list that begins with the seeds.

The paper's requirements (its Table 5), in words of our own. The text ends after the last seed, so that the teacher goes
on with the next number; `parse.py` reads what it writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct.core.errors import InputError
from bioinstruct.generate.seeds import Seed

_HEADER = """\
Write a list of {n} diverse tasks from {domain}. A task is an instruction, an input that it works on, \
and the output that a good answer would give. The instructions will be given to a language model, and we will see how \
well it carries them out.

Every task must meet these requirements:
1. Ask for different actions: do not begin instruction after instruction with the same verb.
2. Let the wording differ, too: put some instructions as questions and others as commands.
3. Cover many types of task, for example question answering, classification, extraction, summarization, simplification, \
inference and rewriting.
4. A language model must be able to do the task with text alone: nothing to be seen, heard, drawn or played, and no \
action outside the conversation.
5. Write in English.
6. Keep the instruction short and complete: one or two sentences, each a command or a question.
7. Give the instruction an input that fits it: specific and realistic, never a placeholder, and substantial enough to \
make the task a challenge.
8. The output must be an appropriate and correct response to the instruction and its input.
"""
_GROUNDED = """\
9. Make every task one that can be carried out from the passage below alone, and quote in its input what it needs of the passage: who \
answers does not see it.
"""
_LIST = """
Go on with number {next}, and write each task as the first {shown} are written: its Instruction, its Input and its Output, \
each opened by the number of the task. Write nothing but the list.
"""
_JSON = """
Go on with number {next}. Answer with one JSON object and nothing else: under "tasks" it has an array with one object for each new \
task, in order, with the texts "instruction", "input" and "output".
"""
DOMAIN = "biomedicine and health care"
"""The paper's."""
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "tasks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"instruction": {"type": "string"}, "input": {"type": "string"}, "output": {"type": "string"}},
                "required": ["instruction", "input", "output"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["tasks"],
    "additionalProperties": False,
}
"""Of a reply in JSON; the strict subset that servers enforce, which can say nothing about the number of tasks."""


def render(
    seeds: Sequence[Seed], tasks_per_request: int, *, domain: str = DOMAIN, passage: str | None = None, json_reply: bool = False
) -> str:
    """The whole prompt: header, requirements and the seeds as tasks 1 to len(seeds); ends with a line break.

    Args:
        seeds: Shown as the first tasks of the list.
        tasks_per_request: Length of the list.
        domain: What the tasks are from.
        passage: A text that the tasks are to be made from; None = none.
        json_reply: Ask for a JSON object of the form `SCHEMA` instead of the list.

    Raises:
        InputError: The list would leave the teacher nothing to write.
    """
    if not 0 < len(seeds) < tasks_per_request:
        raise InputError(f"generate.seeds_per_request: got {len(seeds)}; allowed: 1 to {tasks_per_request - 1} (below tasks_per_request)")
    lines = [
        f"{number}. Instruction: {seed.instruction}\n{number}. Input: {seed.input}\n{number}. Output: {seed.output}\n"
        for number, seed in enumerate(seeds, start=1)
    ]
    parts = [_HEADER.format(n=tasks_per_request, domain=domain), _GROUNDED if passage is not None else ""]
    parts.append((_JSON if json_reply else _LIST).format(shown=len(seeds), next=len(seeds) + 1))
    if passage is not None:
        parts.append(f"\nPassage:\n{passage.strip()}\n")
    return "".join([*parts, f"\nList of {tasks_per_request} tasks:\n", *lines])


def draw(seeds: Sequence[Seed], request: int, seed: int, k: int) -> list[Seed]:
    """The `k` different seeds of a request, uniformly at random: a pure function of (seed, request) and the seeds' ids.

    The order of the file does not matter, and no Python version's random numbers do.

    Raises:
        InputError: There are fewer than `k` seeds.
    """
    if not 0 < k <= len(seeds):
        raise InputError(f"generate.seeds_per_request: got {k}; allowed: 1 to {len(seeds)} (the number of seeds)")
    return sorted(seeds, key=lambda one: _digest(seed, request, one.id))[:k]


def derive(seed: int, request: int) -> int:
    """The sampling seed that is sent with a request: 0 to 2**31 - 1, as all servers take it."""
    return int.from_bytes(_digest(seed, request, "")[:4], "big") >> 1


def _digest(seed: int, request: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{request}\0{name}".encode()).digest()
