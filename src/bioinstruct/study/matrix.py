"""`matrix.json`: every figure of a study with its interval, corrected tests, what the design could see, and the sentences made from them.

    design     tasks, families and mixtures: what was compared, on how many items, with how many seeds
    TABLE      one of `study.effects`: families -> scope -> row -> what -> estimate, and tasks likewise
    power      what difference the design could see, and what more seeds or items would let it see
    conclusions
    paper      what the paper has for the same tasks (`study.published.comparison`); added by `study.run`

An estimate is {value, low, high, p, holm, smallest, error, df, n, clusters, seeds, seed_share, over_seeds, note}; units are those of the
metric (0 to 1). `holm` is p corrected by Holm's method over the families' estimates of its table (transfer: of rows of its kind); a task's
has none, nor has one that is not over seeds. `smallest` is the true difference that would be shown in four of five repetitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bioinstruct.evaluate.grade import rounded
from bioinstruct.statistics.bootstrap import LEVEL
from bioinstruct.statistics.crossed import SEEDS_NEEDED, Crossed
from bioinstruct.statistics.paired import holm
from bioinstruct.statistics.power import POWER, foreseen, smallest_difference
from bioinstruct.study.conclusions import conclusions
from bioinstruct.study.effects import TABLES, Effect, effects, families, matched
from bioinstruct.study.mixtures import Mixture
from bioinstruct.study.table import TaskScores

RULE = (
    "Gains are over the strongest base. A family's figure is the mean of its tasks'. Intervals hold the true value in 95 of 100 "
    "repetitions with other items and other training seeds. Something is called shown where its interval leaves zero out and its p, "
    "corrected by Holm's method over the families' figures of its table, and of rows of its kind in the transfer table, is at most 0.05."
)
PLANNED_SEEDS, PLANNED_ITEMS = (5, 10, 20), (1, 4)
"""Designs whose power is foreseen: trainings of each mixture, and times the items."""


def matrix(tasks: Sequence[TaskScores], mixtures: Sequence[Mixture]) -> dict[str, Any]:
    """All that a study says, ready to be written as JSON; the same scores give the same bytes.

    Args:
        tasks: The scores of every task.
        mixtures: The rows, in the order in which they are to be shown.

    Raises:
        InputError: Scores or mixtures that cannot be compared (see `study.effects.effects`).
    """
    found = effects(tasks, mixtures)
    kinds = {mixture.name: mixture.kind for mixture in mixtures}
    said: dict[str, Any] = {
        "rule": RULE,
        "level": LEVEL,
        "seeds_needed": SEEDS_NEEDED,
        "design": _design(tasks, mixtures),
        **{table: _table([effect for effect in found if effect.table == table], kinds) for table in TABLES},
        "power": _power(found, [mixture.categories for mixture in mixtures]),
    }
    said = rounded(said)
    said["conclusions"] = [asdict(one) for one in conclusions(said)]
    return said


def _design(tasks: Sequence[TaskScores], mixtures: Sequence[Mixture]) -> dict[str, Any]:
    shown = {
        task.task: {
            "family": task.family,
            "metric": task.metric,
            "n": len(task.items),
            "clusters": len({group or (place,) for place, group in enumerate(task.groups)}),
            "base": float(task.base.mean()),
            "trivial": float(task.trivial.mean()),
            "scores": {mixture.name: float(task.values[mixture.name].mean()) for mixture in mixtures},
        }
        for task in tasks
    }
    return {
        "tasks": shown,
        "families": {
            family: _family([one for one in shown.values() if one["family"] == family])
            for family in families(mixture.categories for mixture in mixtures)
            if any(task.family == family for task in tasks)
        },
        "mixtures": {
            mixture.name: {
                "kind": mixture.kind,
                "categories": list(mixture.categories),
                "size": mixture.size,
                "of": mixture.of,
                "seeds": min(len(task.values[mixture.name]) for task in tasks),
            }
            for mixture in mixtures
        },
    }


def _family(members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    def mean(values: Iterable[float]) -> float:
        return sum(values) / len(members)

    return {
        "metrics": list(dict.fromkeys(one["metric"] for one in members)),
        "base": mean(one["base"] for one in members),
        "trivial": mean(one["trivial"] for one in members),
        "scores": {name: mean(one["scores"][name] for one in members) for name in members[0]["scores"]},
    }


def _table(found: Sequence[Effect], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Families and tasks -> scope -> row -> what -> estimate."""
    tested = [effect for effect in found if not effect.per_task and effect.estimate.over_seeds]
    adjusted: dict[int, float] = {}
    for question in {_question(effect, kinds) for effect in tested}:
        asked = [effect for effect in tested if _question(effect, kinds) == question]
        corrected = holm([effect.estimate.p or 0.0 for effect in asked])
        adjusted |= {id(effect): p for effect, p in zip(asked, corrected, strict=True)}
    said: dict[str, Any] = {"tests": len(tested), "families": {}, "tasks": {}}
    for effect in found:
        rows = said["tasks" if effect.per_task else "families"].setdefault(effect.scope, {})
        rows.setdefault(effect.row, {})[effect.what] = _estimate(effect.estimate, adjusted.get(id(effect)))
    return said


def _question(effect: Effect, kinds: Mapping[str, str]) -> str:
    """What tests are corrected together.

    In the transfer table each kind of row asks a question of its own: what a single category gives is no less shown because controls and
    the points of a curve stand below it.
    """
    return kinds[effect.row] if effect.table == "transfer" else ""


def _estimate(one: Crossed, adjusted: float | None) -> dict[str, Any]:
    squared = (one.error or 0.0) ** 2
    share = None if one.seed_variance is None else one.seed_variance / squared if squared else 0.0
    return {
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "p": one.p,
        "holm": adjusted,
        "smallest": smallest_difference(one),
        "error": one.error,
        "df": one.df,
        "n": one.n,
        "clusters": one.clusters,
        "seeds": one.seeds,
        "seed_share": share,
        "over_seeds": one.over_seeds,
        "note": one.note,
    }


def _power(found: Sequence[Effect], drawn: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Family -> what its main question could see: what the matching category adds, and without one what any category gives."""
    said = {}
    for effect in found:
        wanted = "any" if matched(effect.scope, drawn) is None else "matched"
        if effect.table == "split" and effect.what == wanted and not effect.per_task:
            planned = [
                {"seeds": seeds, "times_items": items, "smallest": foreseen(effect.estimate, seeds, items)}
                for seeds in PLANNED_SEEDS
                for items in PLANNED_ITEMS
            ]
            now = smallest_difference(effect.estimate)
            said[effect.scope] = {"contrast": wanted, "share_of_repetitions": POWER, "smallest": now, "foreseen": planned}
    return said
