"""The section of tests: the tuned model against what it must beat on each task, and every setting strict beside graded-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioinstruct.report.markup import Child, Markup, tag
from bioinstruct.report.parts import more, note, section, table
from bioinstruct.report.wording import NONE, asked, count, interval, model, plural, points, probability, procedure, score, spread

Data = Mapping[str, Any]
TITLE = "Tests"
OTHERS = {"base": "the strongest base", "trivial": "the best trivial answerer", "shuffled": "the shuffled control"}
COLUMNS = ["Task", "Difference", "95 % interval", "Higher", "Lower", "Test", "p", "Exact p", "Holm p", "Smallest difference"]


def tests(data: Data) -> Markup:
    """All tests, then both readings of every setting."""
    strict = [shown for other in OTHERS if (shown := _against(data, other, "strict")) is not None]
    lead = tag(
        "p",
        "Differences in points of 100, over the same items. Higher and lower: items on which the tuned model scored above the other, and "
        "below it; of right and wrong answers these are the discordant ones that McNemar\u2019s test counts. Its p is the mid-p value. "
        "Holm p is corrected for all tests of its table. Smallest difference: what this sample could have shown.",
    )
    absent = None if strict else tag("p", "No tuned model was asked in this run, so there is nothing to test.")
    rule = tag("p", data["tests"]["rule"], class_="small")
    return section("tests", TITLE, note(data["label"]), lead if strict else absent, *strict, _graded_only(data), _settings(data), rule)


def _against(data: Data, other: str, reading: str) -> Markup | None:
    """One comparison over all tasks; None where no task has it."""
    rows: list[list[Child]] = []
    for name, task in data["comparisons"].items():
        found = task["tests"][other]
        if found is not None and (one := found[reading]) is not None:
            rows.append([name, *_cells(one)])
    if not rows:
        return None
    size = data["tests"]["sizes"][other][reading]
    which = {"strict": "", "graded_only": ", items that both have graded"}[reading]
    return table(f"Tuned against {OTHERS[other]}{which}: {plural(size, 'test')}", COLUMNS, rows, class_="gains")


def _cells(one: Mapping[str, Any]) -> list[Child]:
    estimate, exact = one["estimate"], one["mcnemar"]
    return [
        points(estimate["value"]),
        spread(estimate),
        count(one["higher"]),
        count(one["lower"]),
        procedure(one["test"]),
        probability(one["p"]),
        NONE if exact is None else probability(exact["exact"]),
        probability(one["adjusted"]),
        NONE if one["smallest"] is None else score(one["smallest"]),
    ]


def _graded_only(data: Data) -> Markup | None:
    """The tests over what both have graded; nothing where that is every item."""
    every = [found for task in data["comparisons"].values() for found in task["tests"].values() if found is not None]
    if all(found["strict"] == found["graded_only"] for found in every):
        return None
    shown = [_against(data, other, "graded_only") for other in OTHERS]
    return more("The same tests over the items that both have graded", *shown)


def _settings(data: Data) -> Markup:
    rows: list[list[Child]] = []
    for name, models in data["tasks"].items():
        for who, settings in models.items():
            for one in settings.values():
                graded = one["graded_only"]
                rows.append(
                    [
                        name,
                        model(who),
                        asked(one),
                        score(one["value"]),
                        interval(one),
                        NONE if graded is None else score(graded["value"]),
                        NONE if graded is None else interval(graded),
                        count(one["n"]),
                        *(count(one["outcomes"][outcome]) for outcome in ("graded", "unparsed", "truncated", "failed")),
                    ]
                )
    columns = ["Task", "Who", "Asked", "Strict", "95 % interval", "Graded only", "95 % interval"]
    columns += ["Items", "Graded", "Unparsed", "Truncated", "Failed"]
    caption = "Strict (an item without a grade counts as 0) and graded-only (it is left out), on the primary metric"
    return more("Strict and graded-only of every setting", table(caption, columns, rows, left=3, class_="scores"))
