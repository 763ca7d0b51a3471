"""`summary.json`: every setting beside the trivial answerers, and what tuning gained over the strongest of each.

All differences are paired: the same items under both, resampled by cluster. A family's figure is the mean of its tasks'
means, so that a large task does not drown a small one; its items are resampled within each task. Each setting stands there strict
(`estimate`, an item without a grade counts as 0) and graded-only; the tests are those of `significance.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Estimate, Item, Score, Setting
from bioinstruct.evaluate import grade, lookup, significance, trivial
from bioinstruct.evaluate.metrics import beside as model_metrics
from bioinstruct.evaluate.metrics import storage
from bioinstruct.evaluate.metrics.storage import Stored
from bioinstruct.evaluate.plan import BASE, SHUFFLED, TUNED, place
from bioinstruct.evaluate.trivial import TRIVIAL
from bioinstruct.statistics import bootstrap, item_level
from bioinstruct.statistics.item_level import Comparison
from bioinstruct.tasks import Task

SUMMARY = "summary.json"
FAMILIES = ("qa", "nli", "ie", "generation")
RULE = (
    "Gains are against the strongest base: on each task the base's setting (worked examples, stop strings) with the highest mean "
    "of the primary metric over the same items, the first asked where they are equal. The best trivial answerer is chosen in the "
    "same way. A family's base and trivial figures are the means over its tasks of these. Items without a grade count as 0."
)
NO_RELATIVE = "the base's interval reaches zero"
GENERATION = "generation"
NOTES = {GENERATION: "mean ROUGE-L; not the paper's metric, which is a judge's mark"}
JUDGED = "judge_mean"
"""Metric of texts that a judge has marked: the mean of its criteria, 1 to 5."""


@dataclass(frozen=True)
class Scored:
    """Values of one answerer on all items of a task, on the primary metric."""

    name: str
    """Slug of the setting, or the trivial answerer's name."""
    values: list[float]

    @property
    def mean(self) -> float:
        """Mean over all items."""
        return sum(self.values) / len(self.values)


@dataclass(frozen=True)
class Compared:
    """What the families need of one task."""

    task: Task
    groups: list[str]
    tuned: Scored | None
    base: Scored | None
    trivial: Scored | None
    shuffled: Scored | None
    others: dict[str, Scored] = field(default_factory=dict)
    """Models that ours are compared with, each in its strongest form."""


def summarise(folder: Path, settings: Mapping[str, Sequence[Setting]], samples: int, seed: int = grade.SEED) -> dict[str, Any]:
    """Compare what the stage's folder holds and write `summary.json`; gives back the summary.

    Args:
        folder: The stage's folder.
        settings: Task name to the settings to show, in the order asked.
        samples: Bootstrap samples.
        seed: Seed of the bootstrap.

    Raises:
        DataError: a setting is unfinished, or its scores are not those of the task's items.
    """
    tasks: dict[str, Any] = {}
    compared: list[Compared] = []
    tested: dict[str, dict[str, Comparison]] = {}
    for name, asked in settings.items():
        tasks[name], one, tested[name] = _task(folder, lookup.stored(folder, name), asked, samples, seed)
        compared.append(one)
    tests, of_tasks = significance.table(tested)
    summary = grade.rounded(
        {
            "rule": RULE,
            "samples": samples,
            "seed": seed,
            "level": bootstrap.LEVEL,
            "tests": tests,
            "tasks": {name: {**shown, "tests": of_tasks[name]} for name, shown in tasks.items()},
            "families": {family: _family(family, compared, samples, seed) for family in FAMILIES},
        }
    )
    grade.write_json(folder / SUMMARY, summary)
    return summary  # type: ignore[no-any-return]


def refresh(folder: Path) -> dict[str, Any]:
    """Write the summary in `folder` again from the scores beside it, for the same tasks and settings (after `grade.regrade`)."""
    old = json.loads(jsonl.read_text(folder / SUMMARY))
    return summarise(folder, stored_settings(folder), old["samples"], old["seed"])


def stored_settings(folder: Path) -> dict[str, list[Setting]]:
    """Task name to the settings that the summary in `folder` shows."""
    old = json.loads(jsonl.read_text(folder / SUMMARY))
    return {name: [Setting(**shown["setting"]) for shown in task["settings"]] for name, task in old["tasks"].items()}


def _task(
    folder: Path, task: Task, settings: Sequence[Setting], samples: int, seed: int
) -> tuple[dict[str, Any], Compared, dict[str, Comparison]]:
    items = list(jsonl.read(grade.items_file(folder, task.name), Item))
    pool = list(jsonl.read(grade.pool_file(folder, task.name), Item))
    groups = [item.group for item in items]
    further = storage.read(folder, task.name)
    shown: list[dict[str, Any]] = []
    scored: dict[str, dict[str, list[Score]]] = {}
    for setting in settings:
        path = place(folder, task.name, setting)
        result = grade.read_result(path)
        if result is None:
            raise DataError(path, got=f"no {grade.RESULT}", allowed="a finished setting; run the stage again")
        scores = list(jsonl.read(path / grade.SCORES, Score))
        if [one.item for one in scores] != [item.id for item in items]:
            raise DataError(path / grade.SCORES, field="item", got="other items", allowed=f"those of {grade.items_file(folder, task.name)}")
        scored.setdefault(setting.model, {})[setting.slug] = scores
        shown.append(_setting(task, result, scores, items, further))
    shown_trivial, scored[TRIVIAL] = _trivial(folder, task, items, pool, samples, seed)
    best = {
        model: strongest([Scored(name, [one.values[task.metric] for one in scores]) for name, scores in forms.items()])
        for model, forms in scored.items()
    }
    others = {model: held for model, held in best.items() if model not in (BASE, TUNED, SHUFFLED, TRIVIAL) and held is not None}
    one = Compared(
        task,
        groups,
        tuned=best.get(TUNED),
        base=best.get(BASE),
        trivial=best[TRIVIAL],
        shuffled=best.get(SHUFFLED),
        others=others,
    )
    chosen = {model: scored[model][held.name] for model in (TUNED, BASE, TRIVIAL, SHUFFLED) if (held := best.get(model)) is not None}
    ours = chosen.pop(TUNED, None)
    tested = significance.against(ours, chosen, task.metric, samples, seed)
    beside_ours = {**chosen, **{model: scored[model][held.name] for model, held in others.items()}}
    about = {
        "family": task.family,
        "mode": task.mode,
        "metric": task.metric,
        "chance": task.chance,
        "n": len(items),
        "undefined": len(jsonl.read_text(undefined_file(folder, task.name)).splitlines()),
        "settings": shown,
        "trivial": shown_trivial,
        "strongest_base": None if one.base is None else {"slug": one.base.name},
        "best_trivial": None if one.trivial is None else {"name": one.trivial.name},
        "gains": {model: asdict(tested[model].strict.estimate) if model in tested else None for model in significance.OTHERS},
        **beside([one], samples, seed, slugs=True),
        **model_metrics.of_task(further, items, ours, beside_ours, samples, seed),
    }
    return about, one, tested


def undefined_file(folder: Path, task: str) -> Path:
    """Where the items that cannot be scored are stored, with the reason."""
    return folder / grade.ITEMS / f"{task}.undefined.jsonl"


def trivial_file(folder: Path, task: str, name: str) -> Path:
    """Where the scores of a trivial answerer are stored."""
    return folder / TRIVIAL / f"{task}.{name}.jsonl"


def strongest(answerers: Sequence[Scored]) -> Scored | None:
    """The one with the highest mean, the first of equals; None of none."""
    return max(answerers, key=lambda one: one.mean, default=None)


def _setting(task: Task, result: grade.Result, scores: Sequence[Score], items: Sequence[Item], further: Sequence[Stored]) -> dict[str, Any]:
    graded_only = item_level.side_by_side(scores, task.metric, result.samples, result.seed).graded_only
    secondary = {metric: asdict(estimate) for metric, estimate in result.estimates.items() if metric != task.metric}
    return {
        "model": result.setting.model,
        "slug": result.setting.slug,
        "setting": asdict(result.setting),
        "estimate": asdict(result.estimates[task.metric]),
        "graded_only": None if graded_only is None else asdict(graded_only),
        "outcomes": result.outcomes,
        "metrics": secondary | model_metrics.estimates(further, items, scores, result.samples, result.seed),
        "counts": result.counts,
        **({"model_metrics": model_metrics.counts(further, items, scores)} if further else {}),
    }


def _trivial(
    folder: Path, task: Task, items: Sequence[Item], pool: Sequence[Item], samples: int, seed: int
) -> tuple[dict[str, Any], dict[str, list[Score]]]:
    """Estimate and scores of each trivial answerer, graded by the task like a model's text; the scores are kept in `trivial/`."""
    answerers = trivial.scores(task, items, pool)
    shown: dict[str, Any] = {}
    for name, scores in answerers.items():
        jsonl.write(trivial_file(folder, task.name, name), scores)
        shown[name] = asdict(grade.estimates(scores, [task.metric], samples, seed)[task.metric])
    return shown, answerers


def _family(family: str, compared: Sequence[Compared], samples: int, seed: int) -> dict[str, Any]:
    members = [one for one in compared if one.task.family == family]
    chances = [one.task.chance for one in members]
    figures = {who: _mean(members, who, samples, seed) for who in ("tuned", "base", "trivial", "shuffled")}
    return {
        "tasks": [one.task.name for one in members],
        "metrics": list(dict.fromkeys(one.task.metric for one in members)),
        "note": NOTES.get(family, ""),
        "chance": None if not members or None in chances else sum(chance or 0.0 for chance in chances) / len(chances),
        **figures,
        "gains": {
            "base": {"absolute": _gain(members, "base", samples, seed), **_relative(members, samples, seed)},
            "trivial": _gain(members, "trivial", samples, seed),
            "shuffled": _gain(members, "shuffled", samples, seed),
        },
        **beside(members, samples, seed),
    }


def beside(members: Sequence[Compared], samples: int, seed: int, *, slugs: bool = False) -> dict[str, Any]:
    """Under `compared`, of each model that ours are compared with: its mean, and tuned less it, paired; of a single task also its slug.

    Nothing where there is no such model, so that a summary without one is as it was.
    """
    names = dict.fromkeys(name for one in members for name in one.others)
    shown = {
        name: {
            **({"slug": members[0].others[name].name} if slugs else {}),
            "mean": _mean(members, name, samples, seed),
            "gain": _gain(members, name, samples, seed),
        }
        for name in names
    }
    return {"compared": shown} if shown else {}


def judged_family(compared: Sequence[Compared], note: str, samples: int, seed: int) -> dict[str, Any]:
    """The family `generation` by values in 0..1 that are no metric of its tasks; no text is by chance of some worth."""
    shown = _family(GENERATION, compared, samples, seed)
    return {**shown, "metrics": [JUDGED] if shown["tasks"] else [], "note": note, "chance": None}


def _of(members: Sequence[Compared], who: str) -> list[Scored] | None:
    """One answerer a task; None where there is no task, or one without it."""
    found: list[Scored | None] = [one.others[who] if who in one.others else getattr(one, who) for one in members]
    held = [one for one in found if one is not None]
    return held if members and len(held) == len(found) else None


def _mean(members: Sequence[Compared], who: str, samples: int, seed: int) -> dict[str, Any] | None:
    found = _of(members, who)
    if found is None:
        return None
    return asdict(bootstrap.mean_of_means([(one.values, task.groups) for one, task in zip(found, members, strict=True)], samples, seed))


def _pairs(members: Sequence[Compared], who: str) -> list[tuple[list[float], list[float], list[str]]] | None:
    tuned, other = _of(members, "tuned"), _of(members, who)
    if tuned is None or other is None:
        return None
    return [(a.values, b.values, task.groups) for a, b, task in zip(tuned, other, members, strict=True)]


def _gain(members: Sequence[Compared], who: str, samples: int, seed: int) -> dict[str, Any] | None:
    """Tuned less the other, paired; None where one of them was not asked."""
    pairs = _pairs(members, who)
    return None if pairs is None else asdict(bootstrap.paired_difference_of_means(pairs, samples, seed))


def _relative(members: Sequence[Compared], samples: int, seed: int) -> dict[str, Any]:
    """The gain as a share of the base's figure, with its interval, or the reason why there is none."""
    pairs = _pairs(members, "base")
    found: Estimate | None = None
    reason = "no task of this family" if not members else f"no model '{TUNED}'"
    if pairs is not None:
        found = bootstrap.relative_gain_of_means(pairs, samples, seed)
        reason = NO_RELATIVE if found is None else ""
    return {
        "relative": None if found is None else found.value,
        "relative_estimate": None if found is None else asdict(found),
        "reason": reason or None,
    }
