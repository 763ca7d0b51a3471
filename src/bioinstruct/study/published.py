"""The paper's numbers as data, each with where it stands and how sure it is, and the rule that its headlines follow.

Files in `published/`: `results.json` (Tables 1 to 3), `multi_task.json` (Table 4, Figures 2 and 3), `notes.json` (headline claims and where
the paper disagrees with itself), `tasks.json` (which of our tasks are the paper's). Ours stand beside theirs only where the variant of
the task and the metric are the same, each with its base model and setting.

    >>> {base: round(gain, 2) for base, gain in relative_gains("qa").items()}
    {'LLaMA-1 7B': 22.47, 'LLaMA-1 13B': 12.34, 'LLaMA-2 7B': 21.48, 'LLaMA-2 13B': 12.88}
    >>> round(headline(relative_gains("qa").values()), 2)
    17.29
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from bioinstruct.core.errors import InputError

Category = Literal["qa", "ie", "generation"]

FILES = ("results", "multi_task", "notes", "tasks")
CATEGORIES = ("qa", "ie", "generation")
CRITERIA = ("coherence", "completeness", "naturalness")
HEADLINE: Mapping[Category, tuple[str, Sequence[str]]] = {
    "qa": ("table1", tuple(f"{task}.accuracy" for task in ("medqa", "medmcqa", "pubmedqa", "bioasq"))),
    "ie": ("table2", tuple(f"{task}.f1" for task in ("medication_status", "coreference"))),
    "generation": ("table3", tuple(f"{task}.{criterion}" for task in ("conv2note", "icliniq") for criterion in CRITERIA)),
}
"""Category -> its table, and the columns whose mean is the category's. MedNLI is not one of QA's."""


@dataclass(frozen=True)
class Published:
    """One number of the paper."""

    model: str
    base: str | None
    """The base model; None where the paper does not say."""
    trained_on: str
    """`none` (a base), the name of a mixture as in `study/mixtures.py`, or `other data`. The paper's subsets differ in size."""
    value: float
    """In our unit: 0 to 1, or marks of 1 to 5 for a judge."""
    setting: str
    source: str
    """Table or figure."""
    mark: str
    """P, C, I or R, as `load("results")["marks"]` explains."""
    disputed: bool = False
    """Whether the paper has another number for the same (`disagreements`)."""


@dataclass(frozen=True)
class Beside:
    """What the paper has for one of our tasks."""

    task: str
    metric: str
    rows: tuple[Published, ...]
    """Empty where the two must not stand side by side."""
    reason: str
    """Why they may, or why not."""


@cache
def _read(name: str) -> str:
    return resources.files("bioinstruct.study").joinpath("published", f"{name}.json").read_text(encoding="utf-8")


def load(name: str) -> dict[str, Any]:
    """One of `FILES`, a copy of its own each time.

    Raises:
        InputError: Another name.
    """
    if name not in FILES:
        raise InputError(f"published: got '{name}'; allowed: {', '.join(FILES)}")
    read: dict[str, Any] = json.loads(_read(name))
    return read


def tables() -> dict[str, Any]:
    """Every table and figure by name, in the order of the paper."""
    return {**load("results")["tables"], **load("multi_task")["tables"]}


def value(table: str, base: str, trained_on: str, column: str) -> float:
    """One number as it stands; `TASK.judge` of Table 3 is the mean of its three criteria.

    Raises:
        InputError: No such number.
    """
    found = tables().get(table, {"columns": [], "rows": []})
    rows = [row for row in found["rows"] if row["base"] == base and row["trained_on"] == trained_on]
    wanted = _columns(found, column)
    numbers = [rows[0]["values"][found["columns"].index(one)] for one in wanted] if len(rows) == 1 else []
    if not numbers or None in numbers:
        raise InputError(f"published: got {table}, {base}, {trained_on}, {column}; allowed: a number of one row of the paper's tables")
    return _mean(numbers)


def disagreements() -> list[dict[str, Any]]:
    """Where the paper disagrees with itself: {what, numbers}, the numbers as {table, value} in the unit of the first."""
    found = []
    for one in load("notes")["inconsistencies"]:
        numbers = []
        for cell in one["cells"]:
            reference = cell.pop("relative_to", None)
            number = value(**cell)
            if reference is not None:
                number = 100 * (number / value(**{**cell, "trained_on": reference}) - 1)
            numbers.append({"table": cell["table"], "value": round(number, 2)})
        found.append({"what": one["what"], "numbers": numbers})
    return found


def relative_gains(category: Category) -> dict[str, float]:
    """Base model -> gain of the mean of the category's columns by tuning on all, in percent of the base's mean."""
    table, columns = HEADLINE[category]
    rows = tables()[table]["rows"]
    bases = [row["base"] for row in rows if row["trained_on"] == "none"]

    def mean(base: str, trained_on: str) -> float:
        return _mean([value(table, base, trained_on, column) for column in columns])

    return {base: 100 * (mean(base, "all") / mean(base, "none") - 1) for base in bases}


def headline(gains: Iterable[float]) -> float:
    """The paper's headline figure: the mean over bases of the relative gain of the category's mean.

    Raises:
        InputError: No gains.
    """
    found = list(gains)
    if not found:
        raise InputError("headline: got no gains; allowed: at least one")
    return sum(found) / len(found)


def for_task(task: str, metric: str) -> Beside:
    """The paper's numbers for one of our tasks on our metric, or why there are none.

    Args:
        task: Name of our task.
        metric: What ours is measured by; the paper's `judge` is the mean of the three criteria.
    """
    for theirs, entry in load("tasks")["tasks"].items():
        if task in entry["other"]:
            return Beside(task, metric, (), f"not the paper's variant: {entry['other'][task]}")
        if task in entry["same"]:
            if metric != entry["metric"]:
                return Beside(task, metric, (), f"measured by {metric}; the paper's metric is {entry['metric']}")
            return Beside(task, metric, tuple(_rows(theirs, entry["category"], metric)), entry["same"][task])
    return Beside(task, metric, (), "not a task of the paper")


def _rows(task: str, category: str | None, metric: str) -> Iterable[Published]:
    """The paper's numbers of a task on a metric, table after table."""
    scale = 1.0 if metric == "judge" else 100.0
    for name, table in tables().items():
        wanted = _columns(table, f"{task}.{metric}")
        for row in table["rows"] if wanted else ():
            numbers = [row["values"][table["columns"].index(column)] for column in wanted]
            if None not in numbers:
                mark = table["mark"] if len(wanted) == 1 else "C"
                number, trained_on = round(_mean(numbers) / scale, 6), _mixture(row["trained_on"], category)
                disputed = (name, row["base"], row["trained_on"], f"{task}.{metric}") in _disputed()
                yield Published(row["model"], row["base"], trained_on, number, table["setting"], table["source"], mark, disputed)


def _disputed() -> set[tuple[str, str, str, str]]:
    """(table, base, trained on, column) of every number that the paper has twice and differently."""
    cells = [cell for one in load("notes")["inconsistencies"] for cell in one["cells"]]
    return {(cell["table"], cell["base"], cell["trained_on"], cell["column"]) for cell in cells}


def _columns(table: Mapping[str, Any], column: str) -> list[str]:
    """The columns of a table whose mean is the one asked for; empty where it has none."""
    task, _, metric = column.rpartition(".")
    criteria = [f"{task}.{criterion}" for criterion in CRITERIA] if metric == "judge" else []
    return [column] if column in table["columns"] else [one for one in criteria if one in table["columns"]]


def _mixture(trained_on: str, category: str | None) -> str:
    """Our name of a mixture: `matched+ie` of a QA task is `qa+ie`; the paper's `all` is its whole pool, not one of equal size."""
    if trained_on.startswith("all"):
        return trained_on.replace("all", "pool", 1)
    first, _, other = trained_on.partition("+")
    return "+".join(sorted((str(category), other), key=CATEGORIES.index)) if first == "matched" else trained_on


def beside(matrix: Mapping[str, Any], base: str, settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """Ours next to the paper's, task by task.

    Args:
        matrix: A study's `matrix.json`.
        base: Name of our base model.
        settings: Task -> how ours was asked, in words.

    Returns:
        A record a task: {task, metric, reason, ours, theirs}; both lists hold {model, base, trained_on, value, setting, source, mark}, and
        `theirs` is empty, for the reason given, where the two must not stand side by side.
    """
    found = []
    for task, ours in matrix["design"]["tasks"].items():
        theirs = for_task(task, ours["metric"])
        scores = {"none": ours["base"], **ours["scores"]}
        own = [Published(base, base, trained, score, settings[task], "this study", "") for trained, score in scores.items()]
        found.append(
            {
                "task": task,
                "metric": ours["metric"],
                "reason": theirs.reason,
                "ours": [asdict(row) for row in own],
                "theirs": [asdict(row) for row in theirs.rows],
            }
        )
    return found


def comparison(matrix: Mapping[str, Any], base: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """All that stands beside a study, for its `matrix.json`: {marks, beside, disagreements}; arguments as of `beside`."""
    return {"marks": load("results")["marks"], "beside": beside(matrix, base, settings), "disagreements": disagreements()}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
