"""Greedy completions of prompts: what `completions.jsonl` holds, and the same completions as stop strings leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bioinstruct.core.records import Completion, Finish, Setting
from bioinstruct.core.template import Template
from bioinstruct.evaluate.plan import Prompt
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import LocalModel

ROWS_TOKENS = 8
"""Tokens of a generated batch, padding and new tokens included, for each token of a ranked row: only its last place needs logits."""
CACHE_BYTES = 2**28
"""Keys and values that a batch may hold beyond that: a step of a small model takes about as long for ten rows as for a hundred."""
MOST_ROWS_TOKENS = 64
"""As `ROWS_TOKENS`, for models so small that `CACHE_BYTES` hold as many."""


def complete(
    model: LocalModel,
    encoder: Encoder,
    prompts: Sequence[Prompt],
    setting: Setting,
    *,
    max_new_tokens: int,
    row_tokens: int,
) -> list[Completion]:
    """One completion a prompt, in order; one whose prompt fills the context ends in `Finish.ERROR` with the reason as its text."""
    ids = [encoder.prompt_ids(prompt.instruction, prompt.input, prompt.shots) for prompt in prompts]
    budget = _prompt_budget(ids, max_new_tokens, batch_tokens(model, row_tokens))
    made = model.generate(ids, max_new_tokens, encoder.end_id, budget)
    return [
        Completion(
            item=prompt.item.id,
            setting=setting,
            prompt_sha=prompt.sha,
            sample=0,
            text=generated.text,
            finish=generated.finish,
            prompt_tokens=len(prompt_ids),
            output_tokens=len(generated.ids),
        )
        for prompt, prompt_ids, generated in zip(prompts, ids, made, strict=True)
    ]


def batch_tokens(model: LocalModel, row_tokens: int) -> int:
    """Tokens of a generated batch, padding and new tokens included."""
    affordable = CACHE_BYTES // model.cache_bytes
    return max(row_tokens * ROWS_TOKENS, min(row_tokens * MOST_ROWS_TOKENS, affordable))


def _prompt_budget(ids: Sequence[Sequence[int]], max_new_tokens: int, budget: int) -> int:
    """Prompt tokens of a batch so that no batch exceeds `budget` with its new tokens: the shortest prompts leave the smallest share."""
    shortest = min(map(len, ids), default=1)
    return max(1, budget * shortest // (shortest + max_new_tokens))


def cut(completions: Sequence[Completion], setting: Setting, template: Template) -> list[Completion]:
    """The completions under `setting`, whose stop strings end them; token counts stay those of what was generated."""
    return [_cut(completion, setting, template) for completion in completions]


def _cut(completion: Completion, setting: Setting, template: Template) -> Completion:
    if completion.finish is Finish.ERROR:
        return replace(completion, setting=setting)
    text = template.cut(completion.text)
    finish = Finish.STOP if len(text) < len(completion.text) else completion.finish
    return replace(completion, setting=setting, text=text.strip(), finish=finish)
