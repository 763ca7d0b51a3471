"""Log-likelihoods of an item's options: what `rankings.jsonl` holds.

Options are scored as they go on after the prompt, without the end mark, which a base model has not learned. The choice
among them is made when they are graded (`grade.choose`), from the stored numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bioinstruct.core.records import Ranking, Setting
from bioinstruct.evaluate.plan import Prompt, option_texts
from bioinstruct.models.base import Question
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import LocalModel

DECIMALS = 6
"""To which log-likelihoods are stored."""


def questions(encoder: Encoder, prompts: Sequence[Prompt], setting: Setting) -> list[Question]:
    """Token ids of all prompts and their options; prompts with the same worked examples share what all of them begin with."""
    made: list[tuple[int, ...]] = []
    alike: dict[object, list[int]] = defaultdict(list)
    for number, prompt in enumerate(prompts):
        made.append(tuple(encoder.prompt_ids(prompt.instruction, prompt.input, prompt.shots)))
        alike[prompt.shots, bool(prompt.input)].append(number)
    shared = [0] * len(made)
    for members in alike.values():
        # One question alone has nothing to share, and only costs a segment.
        length = _common([made[number] for number in members]) if len(members) > 1 else 0
        for number in members:
            shared[number] = length
    return [
        Question(ids, length, tuple(tuple(encoder.output_ids(text, end=False)) for text in option_texts(prompt.item, setting.asked)))
        for ids, length, prompt in zip(made, shared, prompts, strict=True)
    ]


def _common(sequences: Sequence[tuple[int, ...]]) -> int:
    """Length of the longest common beginning; that of the smallest and the largest is that of all."""
    first, last = min(sequences), max(sequences)
    return next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def rank(model: LocalModel, asked: Sequence[Question], prompts: Sequence[Prompt], setting: Setting, row_tokens: int) -> list[Ranking]:
    """One ranking a prompt, in order; one that does not fit the context has no log-likelihoods."""
    found = model.rank(asked, row_tokens)
    return [
        Ranking(
            item=prompt.item.id,
            setting=setting,
            prompt_sha=prompt.sha,
            log_likelihoods=tuple(round(value, DECIMALS) for value in values),
            lengths=tuple(len(option) for option in question.options),
            prompt_tokens=len(question.prompt),
        )
        for prompt, question, values in zip(prompts, asked, found, strict=True)
    ]
