r"""The general teacher as a teacher: it goes on with a list of everyday tasks, offline, as a pure function of (prompt, seed).

Four of five tasks are of the forms that are nearest to the examples in the prompt, by the words of their instructions, as a real teacher
writes more of what it is shown; the others are of any form. Many begin with a situation, so that instructions differ. Single records it
labels and rates as the biomedical teacher does (`rater.py`).

    >>> prompt = "List of 5 tasks:\n1. Instruction: Make a packing list.\n1. Input: x\n1. Output: y\n"
    >>> write(prompt, seed=1)[0].splitlines()[0].startswith("2. Instruction: ")
    True
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from random import Random
from typing import Any

from bioinstruct.core.text import rouge_words
from bioinstruct.embedded import teacher
from bioinstruct.embedded.general_teacher import NAME, task
from bioinstruct.embedded.general_teacher_wording import BANKS, INSTRUCTIONS, PLACES
from bioinstruct.embedded.teacher_base import Pen, capitalise

LIKE_SHOWN = 0.8
"""Share of tasks of a form near to the examples."""
SITUATED = 0.7
"""Share of tasks that begin with a situation."""
SITUATIONS = (
    "<name> works at the {place} and asks you for help with this on <day>.",
    "you help out at the desk of the {place} for <reader>.",
    "<group> prepares a trip to the {place}.",
    "this came in at <time> from <reader> of <group>.",
    "<name> and <name> of <group> could not agree on this.",
    "it is <day>, and the {place} opens in an hour.",
    "<reader> will read your answer aloud in <room>.",
)
_SHOWN = re.compile(r"^\d+\. Instruction: (.+)$", re.MULTILINE)
_WORDS = {form: frozenset(rouge_words(" ".join(patterns))) for form, patterns in INSTRUCTIONS.items()}
_COMMON = frozenset(word for word in frozenset().union(*_WORDS.values()) if sum(word in words for words in _WORDS.values()) > 3)
"""Words of so many forms that they speak for none."""


def near(instruction: str) -> str | None:
    """The form whose instructions share the most words with one that is shown; None where it shares none with any."""
    said = frozenset(rouge_words(instruction)) - _COMMON
    shared = {form: len(said & words) for form, words in _WORDS.items()}
    best = max(sorted(shared), key=lambda form: shared[form])
    return best if shared[best] else None


def write(prompt_text: str, seed: int) -> tuple[str, bool]:
    """The tasks after the last example, up to the stated length of the list, and whether the reply was cut, which it never is.

    Raises:
        InputError: the prompt states no length ("List of 20 tasks") or ends with no example.
    """
    first, last = teacher.span_of_list(prompt_text)
    digest = hashlib.sha256(f"general\0{seed}\0{prompt_text}".encode()).digest()
    pen = Pen(Random(int.from_bytes(digest, "big")), BANKS)
    liked = [form for text in _SHOWN.findall(prompt_text) if (form := near(text))]
    blocks = []
    for number in range(first, last + 1):
        form = pen.pick(liked) if liked and pen.chance(LIKE_SHOWN) else pen.pick(sorted(INSTRUCTIONS))
        instruction, given, output = task(pen, form)
        if pen.chance(SITUATED):
            instruction = f"{capitalise(pen.say(pen.pick(SITUATIONS), place=pen.pick(PLACES)))} {instruction}"
        blocks.append(f"{number}. Instruction: {instruction}\n{number}. Input: {given}\n{number}. Output: {output}")
    return "\n".join(blocks), False


def chat(request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer an OpenAI chat-completions request; raises like `teacher.chat`."""
    return teacher.chat(request, write, NAME)
