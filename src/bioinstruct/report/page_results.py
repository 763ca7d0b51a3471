"""The section of results: gains at a glance, then each family and each of its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioinstruct.report import forest, page_metrics
from bioinstruct.report.drawing import figure
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import coded, facts, more, note, section, table
from bioinstruct.report.wording import (
    FAMILIES,
    NONE,
    NOT_SHOWN,
    Estimate,
    asked,
    count,
    gain,
    interval,
    metric,
    model,
    plural,
    points,
    reading,
    score,
    spread,
)

Data = Mapping[str, Any]
HOW = {"rank": "options ranked by likelihood", "generate": "answers written by the model"}
OVER = (("absolute", "the strongest base"), ("over_trivial", "the best trivial answerer"), ("over_shuffled", "the shuffled control"))


def measured(data: Data) -> dict[str, Any]:
    """The families of which something was measured."""
    return {name: family for name, family in data["gains"].items() if family["absolute"] is not None}


def results(data: Data) -> Markup:
    """All results."""
    families = measured(data)
    drawn = forest.panels(families, data["comparisons"])
    caption = (
        f"Points of 100 gained by tuning, with {round(100 * data['level'])}\u00a0% intervals; right of the heavy "
        "line the tuned model is better. Diamonds are families (means of their tasks), "
        "squares single tasks. An interval that reaches the heavy line shows no difference."
    )
    absent = [FAMILIES[name] for name in data["gains"] if name not in families]
    missing = tag("p", f"Not measured in this run: {', '.join(absent)}.") if absent else None
    how = tag(
        "p",
        "All scores are on a scale of 0 to 100. Intervals are "
        f"{round(100 * data['level'])}\u00a0% intervals from a bootstrap over clusters "
        f"({count(data['samples'])} samples, drawn by article or patient); differences are paired over the same items. ",
        data["rule"],
    )
    shown = [_family(data, name, family) for name, family in families.items()]
    return section("results", "Results", note(data["label"]), how, missing, figure(drawn, caption=caption), *shown)


def _family(data: Data, name: str, family: Mapping[str, Any]) -> Markup:
    names = " and ".join(metric(one) for one in family["metrics"])
    told = f"Mean {names} over {plural(len(family['tasks']), 'task')}."
    if family["note"]:
        told += f" {family['note'][0].upper()}{family['note'][1:]}."
    rows: list[list[Child]] = []
    for role, title in (
        ("base", "Base, strongest form of each task"),
        ("tuned", "Tuned"),
        ("shuffled", "Shuffled control"),
        ("trivial", "Best trivial answerer of each task"),
    ):
        one = family[role]
        rows.append(
            [title, NONE, NONE, NONE, NONE]
            if one is None
            else [title, forest.track(one, role, family["chance"]), score(one["value"]), interval(one), count(one["n"])]
        )
    for who, one in family.get("compared", {}).items():
        mean = one["mean"]
        rows.append([model(who), forest.track(mean, "base", family["chance"]), score(mean["value"]), interval(mean), count(mean["n"])])
    rows.append(["Chance", NONE, NONE if family["chance"] is None else score(family["chance"]), NONE, NONE])
    scores = table(
        f"{FAMILIES[name]}: scores", ["Who", "0 to 100", "Score", "95 % interval", "Items"], rows, left=2, strong=[1], class_="scores"
    )
    gains: list[list[Child]] = []
    for key, title in OVER:
        one = family[key]
        gains.append(
            [f"over {title}", NONE, NONE, "not in this run"]
            if one is None
            else [f"over {title}", points(one["value"]), spread(one), _said(one)]
        )
    for who, one in family.get("compared", {}).items():
        if one["gain"] is not None:
            over = join("over ", model(who))
            gains.append([over, points(one["gain"]["value"]), spread(one["gain"]), _said(one["gain"])])
    relative = family["relative"]
    if relative is None:
        gains.append(["over the base, relative", NONE, NONE, f"none: {family['reason']}"])
    else:
        gains.append(
            [
                "over the base, relative",
                f"{points(relative['value'])}\u00a0%",
                f"{points(relative['low'])} to {points(relative['high'])}\u00a0%",
                _said(relative),
            ]
        )
    shown = table(
        f"{FAMILIES[name]}: what the tuned model gained, in points", ["Gain", "Points", "95 % interval", "Reading"], gains, class_="gains"
    )
    tasks = [_task(data, task) for task in family["tasks"]]
    return tag(
        "section",
        tag("h3", FAMILIES[name], id=f"family-{name}"),
        note(data["label"]),
        tag("p", told),
        scores,
        shown,
        *tasks,
        class_="family",
        aria_labelledby=f"family-{name}",
    )


def _said(estimate: Estimate) -> Markup:
    said = reading(estimate)
    words = {"up": "shown: better", "down": "shown: worse", "open": NOT_SHOWN}[said]
    return tag("span", words, class_=f"reading {said}")


def _task(data: Data, name: str) -> Markup:
    task = data["comparisons"][name]
    rows, strong = _rows(data, name)
    columns = ["Who", "Asked", "0 to 100", "Score", "95 % interval", "Items", "Graded", "Unparsed", "Truncated", "Failed"]
    shown = table(
        (f"{name}: {metric(task['metric'])} of every answerer ({HOW[task['mode']]})"), columns, rows, left=3, strong=strong, class_="scores"
    )
    gains = [
        f"{gain(one)} over {title}" + (f" ({NOT_SHOWN})" if reading(one) == "open" else "")
        for key, title in (("base", "the strongest base"), ("trivial", "the best trivial answerer"), ("shuffled", "the control"))
        if (one := task["gains"][key]) is not None
    ]
    gains += [
        f"{gain(one['gain'])} over {model(who)}" + (f" ({NOT_SHOWN})" if reading(one["gain"]) == "open" else "")
        for who, one in task.get("compared", {}).items()
        if one["gain"] is not None
    ]
    told = f"Tuned: {'; '.join(gains)}." if gains else ""
    if task["changed"] is not None:
        changed = task["changed"]
        told += (
            f" Against the strongest base it scored higher on {plural(changed['higher'], 'item')}, lower on "
            f"{count(changed['lower'])}, the same on {count(changed['equal'])}."
        )
    undefined = (
        tag("p", f"{plural(task['undefined'], 'item')} could not be scored (see evaluate/items) and is left out.")
        if task["undefined"]
        else None
    )
    heading = tag("h4", name, id=f"task-{name}")
    return tag(
        "div",
        heading,
        tag("p", coded(task["about"]["description"])),
        shown,
        tag("p", told),
        undefined,
        *page_metrics.metrics(name, task),
        _about(data, name, task),
        _onward(name),
        note(data["label"]),
        class_="task",
    )


def _rows(data: Data, name: str) -> tuple[list[list[Child]], list[int]]:
    """The answerers of a task as table rows, and the places of the strongest base and the tuned model."""
    task = data["comparisons"][name]
    rows: list[list[Child]] = []
    strong: list[int] = []
    for who, settings in data["tasks"][name].items():
        for slug, one in settings.items():
            title: Child = model(who)
            if who == "base" and slug == task["strongest_base"]:
                title = join("Base ", tag("span", "strongest", class_="tag"))
            if who == "tuned" or (who == "base" and slug == task["strongest_base"]):
                strong.append(len(rows))
            role = who if who in {"base", "tuned", "shuffled"} else "base"
            outcomes: list[Child] = [_count(one["outcomes"][outcome]) for outcome in ("graded", "unparsed", "truncated", "failed")]
            rows.append(
                [
                    title,
                    asked(one),
                    forest.track(one, role, task["chance"]),
                    score(one["value"]),
                    interval(one),
                    count(one["n"]),
                    *outcomes,
                ]
            )
    for answerer, one in task["trivial"].items():
        best = answerer == task["best_trivial"]
        title = join("Trivial ", tag("span", "best", class_="tag")) if best else "Trivial"
        rows.append(
            [
                title,
                answerer,
                forest.track(one, "trivial", task["chance"]),
                score(one["value"]),
                interval(one),
                count(one["n"]),
                NONE,
                NONE,
                NONE,
                NONE,
            ]
        )
    rows.append(
        ["Chance", "a blind guess", NONE, NONE if task["chance"] is None else score(task["chance"]), NONE, NONE, NONE, NONE, NONE, NONE]
    )
    return rows, strong


def _onward(name: str) -> Markup:
    """Where to go on from a task's scores; the script of the browser chooses the task."""
    return tag(
        "p",
        tag("a", "Its items, one by one", href="#items", data_items_of=name),
        " \u00b7 ",
        tag("a", "From these scores to the seeds", href="#lineage"),
        class_="small onward",
    )


def _count(n: int) -> Markup:
    return tag("span", count(n), class_=None if n else "zero-count")


def _about(data: Data, name: str, task: Mapping[str, Any]) -> Markup:
    about = task["about"]
    pairs: list[tuple[str, Child]] = [("Items", about["source"]), ("Licence", about["licence"]), ("In the paper", about["paper_setting"])]
    further = _further(data, name)
    return more("About this task" + (" and its other metrics" if further else ""), facts(*pairs), further)


def _further(data: Data, name: str) -> Markup | None:
    """The secondary metrics of every setting."""
    rows: list[list[Child]] = []
    for who, settings in data["tasks"][name].items():
        for one in settings.values():
            for key, estimate in one["metrics"].items():
                rows.append(
                    [
                        model(who),
                        asked(one),
                        metric(key),
                        score(estimate["value"]),
                        interval(estimate),
                        count(estimate["n"]),
                    ]
                )
    if not rows:
        return None
    return table(f"{name}: other metrics", ["Who", "Asked", "Metric", "Score", "95 % interval", "Items"], rows, left=3)
