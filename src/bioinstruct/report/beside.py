"""A few items of each task with what base and tuned model made of them, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.records import Item
from bioinstruct.curate.excerpt import excerpt
from bioinstruct.evaluate import grade, lookup
from bioinstruct.report import results

ITEMS = 3
"""Items of each task."""
FIRST, BETTER, WORSE, NEXT = (
    "the first item",
    "the first on which the tuned model scored higher",
    "the first on which the base scored higher",
    "the next item",
)


def collect(folder: Path, summary: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Task -> items with input, gold, and the answers of the strongest base and the tuned model; `folder` is the evaluation's."""
    return {name: _task(folder, name, task) for name, task in summary["tasks"].items()}


def _task(folder: Path, name: str, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    items, task = list(jsonl.read(grade.items_file(folder, name), Item)), lookup.stored(folder, name)
    asked = results.settings(summary)
    scores = {model: results.scores(folder, name, setting) for model, setting in asked.items()}
    texts = {model: results.texts(folder, name, setting, scores[model]) for model, setting in asked.items()}
    values = {model: [one.values[summary["metric"]] for one in found] for model, found in scores.items()}
    shown = []
    for place_, why in choose(values.get("base"), values.get("tuned"), len(items)):
        item = items[place_]
        instruction, input = task.prompt(item)
        answers = {}
        for model, setting in asked.items():
            answers[model] = {
                "setting": setting.slug,
                **excerpt(texts[model][place_]),
                "outcome": scores[model][place_].outcome.value,
                "value": values[model][place_],
            }
        shown.append(
            {
                "item": item.id,
                "why": why,
                "instruction": excerpt(instruction),
                "input": excerpt(input),
                "gold": excerpt(item.references[0]),
                "further_references": len(item.references) - 1,
                "answers": answers,
            }
        )
    return shown


def choose(base: Sequence[float] | None, tuned: Sequence[float] | None, n: int) -> list[tuple[int, str]]:
    """Places of at most `ITEMS` items and why: the first, the first that was won, the first that was lost, then the next ones."""
    chosen: dict[int, str] = {0: FIRST} if n else {}
    if base is not None and tuned is not None:
        for why, sign in ((BETTER, 1), (WORSE, -1)):
            found = (place_ for place_ in range(n) if place_ not in chosen and sign * (tuned[place_] - base[place_]) > 0)
            if (first := next(found, None)) is not None:
                chosen[first] = why
    for place_ in range(n):
        if len(chosen) == min(n, ITEMS):
            break
        chosen.setdefault(place_, NEXT)
    return list(chosen.items())
