"""From the fields of a form to a change of a rater's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bioinstruct.core.records import Instruction
from bioinstruct.review.guide import Choice
from bioinstruct.review.store import Answer, Decision, Texts

LONGEST_REASON = 2000
"""Characters."""


class Unusable(ValueError):
    """A form that says nothing that can be saved; the message is a sentence for the rater."""


def change(
    original: Instruction, category: str, decision: str, reason: str, texts: tuple[str, str, str], choices: Sequence[Choice]
) -> Callable[[Answer], Answer]:
    """What a form does to an answer: it gives a category or a decision, and leaves the other as it was.

    Args:
        original: The record.
        category: One of those that there are to choose from, or empty.
        decision: `accept`, `edit` or `reject`, or empty.
        reason: Of a rejection; may be empty.
        texts: Instruction, input and output of an edit.
        choices: The categories.

    Raises:
        Unusable: Neither or both are given, or the decision or category is unknown; an edit is empty, has changed nothing or holds
            a null character; a reason is too long.
    """
    if bool(category) == bool(decision):
        raise Unusable("the form gives neither a category nor a decision, or both.")
    if category:
        label = _one_of([choice.category for choice in choices], category)
        return lambda answer: replace(answer, category=label)
    chosen = Decision(_one_of([*Decision], decision))
    reason = _lines(reason).strip() if chosen is Decision.REJECT else ""
    if len(reason) > LONGEST_REASON:
        raise Unusable(f"the reason has {len(reason):,} characters, and {LONGEST_REASON:,} are allowed.")
    edited = _edited(original, texts) if chosen is Decision.EDIT else None
    return lambda answer: replace(answer, decision=chosen, reason=reason, edited=edited)


def spoken(answer: Answer, choices: Sequence[Choice]) -> str:
    """An answer in words: `Generation, accepted`."""
    category = next((choice.name for choice in choices if choice.category == answer.category), "")
    past = {Decision.ACCEPT: "accepted", Decision.EDIT: "edited", Decision.REJECT: "rejected", None: ""}
    return ", ".join(filter(None, (category, past[answer.decision])))


def _one_of(allowed: Sequence[str], value: str) -> str:
    if value not in allowed:
        raise Unusable(f"'{value[:40]}' is none of {', '.join(allowed)}.")
    return value


def _edited(original: Instruction, texts: tuple[str, str, str]) -> Texts:
    instruction, input, output = (_lines(text).strip() for text in texts)
    if not instruction or not output:
        raise Unusable("the instruction and the output must not be empty. To drop the record, reject it.")
    if "\0" in instruction + input + output:
        raise Unusable("the text holds a null character.")
    before = tuple(_lines(text).strip() for text in (original.instruction, original.input, original.output))
    if (instruction, input, output) == before:
        raise Unusable("nothing was changed. To keep the record as it is, accept it.")
    return Texts(instruction, input, output)


def _lines(text: str) -> str:
    """Line ends as files have them; forms send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
