"""The scores of all cells of a study, task by task, as the statistics take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Item, Score, Setting
from bioinstruct.evaluate import compare, grade, lookup, plan, trivial
from bioinstruct.statistics.bootstrap import Floats
from bioinstruct.study.cells import Cell, Work, settings
from bioinstruct.tasks import Task


@dataclass(frozen=True)
class TaskScores:
    """One task's values on its primary metric: of the base, of the best trivial answerer, and of every mixture and seed."""

    task: str
    family: str
    """`qa`, `nli`, `ie`, `generation`; or the own category that the recipe matches it with."""
    metric: str
    items: tuple[str, ...]
    """Ids, in the order of all values."""
    groups: tuple[str, ...]
    """Cluster of each item; empty = a cluster of its own."""
    base: Floats
    """(items,): the strongest form of the base, chosen as `evaluate/compare.py` does."""
    trivial: Floats
    """(items,): the strongest trivial answerer."""
    values: Mapping[str, Floats]
    """Mixture name -> (seeds, items), seeds in the order of the recipe."""


def read(cells: Sequence[Cell], shared: Work) -> list[TaskScores]:
    """The scores of finished cells of one base, a task each, in the order of the recipe.

    Args:
        cells: All of the base, the base itself among them; a mixture's in the order of their seeds.
        shared: Where they lie, and how they were asked.

    Raises:
        DataError: a cell's scores are not there, or are not those of the task's items.
    """
    return [_read(lookup.stored(shared.room, name), cells, shared) for name in shared.evaluate.tasks]


def _read(task: Task, cells: Sequence[Cell], shared: Work) -> TaskScores:
    items = list(jsonl.read(grade.items_file(shared.room, task.name), Item))
    forms: list[compare.Scored] = []
    rows: dict[str, list[Floats]] = {}
    for cell in sorted(cells, key=lambda one: one.seed):
        for setting in settings(cell, shared, task.name):
            values = _values(task, items, shared, setting)
            if cell.mixture is None:
                forms.append(compare.Scored(setting.slug, values))
            else:
                rows.setdefault(cell.mixture.name, []).append(np.array(values))
    base = compare.strongest(forms)
    assert base is not None  # evaluate.base_shots is not empty
    return TaskScores(
        task=task.name,
        family=shared.study.matched.get(task.name, task.family),
        metric=task.metric,
        items=tuple(item.id for item in items),
        groups=tuple(item.group for item in items),
        base=np.array(base.values),
        trivial=_trivial(task, items, shared),
        values={name: np.stack(seeds) for name, seeds in rows.items()},
    )


def _values(task: Task, items: Sequence[Item], shared: Work, setting: Setting) -> list[float]:
    """The primary metric of each item; one without a grade holds 0."""
    path = plan.place(shared.room, task.name, setting) / grade.SCORES
    scores = list(jsonl.read(path, Score))
    if [one.item for one in scores] != [item.id for item in items]:
        allowed = f"those of {grade.items_file(shared.room, task.name)}"
        raise DataError(path, field="item", got="other items", allowed=allowed)
    return [one.values[task.metric] for one in scores]


def _trivial(task: Task, items: Sequence[Item], shared: Work) -> Floats:
    """The best of those who know nothing; zeros where a task has none."""
    pool = list(jsonl.read(grade.pool_file(shared.room, task.name), Item))
    graded = trivial.scores(task, items, pool)
    answerers = [compare.Scored(name, [one.values[task.metric] for one in scores]) for name, scores in graded.items()]
    best = compare.strongest(answerers)
    return np.zeros(len(items)) if best is None else np.array(best.values)
