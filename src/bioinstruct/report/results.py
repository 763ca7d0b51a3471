"""The evaluation's summary, arranged as `report.json` shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.records import Completion, Score, Setting
from bioinstruct.evaluate import grade, lookup
from bioinstruct.evaluate.plan import place
from bioinstruct.report import wording

Summary = Mapping[str, Any]


def gains(summary: Summary) -> dict[str, Any]:
    """Family -> what was measured and gained; `absolute` is None where no task of it was asked."""
    return {name: _family(name, family) for name, family in summary["families"].items()}


def _family(name: str, family: Mapping[str, Any]) -> dict[str, Any]:
    base = family["gains"]["base"]
    return {
        "absolute": base["absolute"],
        "relative": base["relative_estimate"],
        "reason": base["reason"],
        "base": family["base"],
        "tuned": family["tuned"],
        "trivial": family["trivial"],
        "shuffled": family["shuffled"],
        "over_trivial": family["gains"]["trivial"],
        "over_shuffled": family["gains"]["shuffled"],
        "chance": family["chance"],
        "metrics": family["metrics"],
        "tasks": family["tasks"],
        "note": wording.GENERATION_NOTE if name == "generation" else family["note"],
        **_beside(family),
    }


def _beside(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The models that ours are compared with, of a task or a family; nothing where there is none."""
    return {"compared": shown["compared"]} if "compared" in shown else {}


def tasks(summary: Summary) -> dict[str, Any]:
    """Task -> model -> setting -> {metric, value, low, high, n, clusters, graded_only, outcomes, further metrics}; `value` is strict."""
    shown: dict[str, Any] = {}
    for name, task in summary["tasks"].items():
        models: dict[str, Any] = shown.setdefault(name, {})
        for one in task["settings"]:
            models.setdefault(one["model"], {})[one["slug"]] = {
                "metric": task["metric"],
                **one["estimate"],
                "graded_only": one["graded_only"],
                "outcomes": one["outcomes"],
                "shots": one["setting"]["shots"],
                "stop": one["setting"]["stop"],
                "metrics": one["metrics"],
                **({"model_metrics": one["model_metrics"]} if "model_metrics" in one else {}),
                **({"mode": one["setting"]["mode"]} if one["setting"]["mode"] != task["mode"] else {}),
            }
    return shown


def comparisons(summary: Summary, folder: Path) -> dict[str, Any]:
    """Task -> what it is, its trivial answerers, its strongest base, its gains and tests, and the items that changed."""
    shown = {}
    for name, task in summary["tasks"].items():
        known = lookup.stored(folder, name)
        shown[name] = {
            "family": task["family"],
            "mode": task["mode"],
            "metric": task["metric"],
            "chance": task["chance"],
            "n": task["n"],
            "undefined": task["undefined"],
            "strongest_base": None if task["strongest_base"] is None else task["strongest_base"]["slug"],
            "best_trivial": None if task["best_trivial"] is None else task["best_trivial"]["name"],
            "trivial": task["trivial"],
            "gains": task["gains"],
            "tests": task["tests"],
            "changed": changed(folder, name, task),
            "about": {
                "description": known.description,
                "source": known.source,
                "licence": known.licence,
                "paper_setting": known.paper_setting,
            },
            **_beside(task),
            **({"model_metrics": task["model_metrics"]} if "model_metrics" in task else {}),
        }
    return shown


def settings(task: Mapping[str, Any]) -> dict[str, Setting]:
    """The strongest base's and the tuned model's setting of a task in the summary, of those that are there."""
    strongest = None if task["strongest_base"] is None else task["strongest_base"]["slug"]
    found: dict[str, Setting] = {}
    for one in task["settings"]:
        if one["model"] == "tuned" or (one["model"] == "base" and one["slug"] == strongest):
            found[one["model"]] = Setting(**one["setting"])
    return found


def scores(folder: Path, task: str, setting: Setting) -> list[Score]:
    """The scores of a setting, in the order of the items; `folder` is the evaluation's."""
    return list(jsonl.read(place(folder, task, setting) / grade.SCORES, Score))


def texts(folder: Path, task: str, setting: Setting, scores: Sequence[Score]) -> list[str]:
    """What a model wrote, or the option that it ranked first, in the order of the items; `folder` is the evaluation's."""
    if setting.mode == "rank":
        return [one.answer for one in scores]
    return [one.text for one in jsonl.read(place(folder, task, setting) / grade.COMPLETIONS, Completion)]


def changed(folder: Path, name: str, task: Mapping[str, Any]) -> dict[str, int] | None:
    """Items on which the tuned model scored higher than the strongest base, lower, and the same; None where one is missing."""
    asked = settings(task)
    if set(asked) != {"base", "tuned"}:
        return None
    metric = task["metric"]
    pairs = zip(scores(folder, name, asked["base"]), scores(folder, name, asked["tuned"]), strict=True)
    signs = [(tuned.values[metric] > base.values[metric]) - (tuned.values[metric] < base.values[metric]) for base, tuned in pairs]
    return {"higher": signs.count(1), "lower": signs.count(-1), "equal": signs.count(0)}
