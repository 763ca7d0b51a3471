"""The paper's figures beside the study's: a table each, never one for both, and only where the variant of the task is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import more, note, table
from bioinstruct.report.wording import metric, score

JUDGE = "judge"
"""A metric in marks of 1 to 5; all others are of 0 to 1."""
TRAINED = {"none": "nothing (the base)"}


def beside(study: Mapping[str, Any]) -> Markup:
    """The section's part on the paper."""
    title = tag("h3", "The paper beside it")
    paper = study["paper"]
    if paper is None:
        return join(title, tag("p", "This study\u2019s matrix holds no comparison with the paper."))
    text = (
        "Ours and the paper\u2019s stand in separate tables, each with its base model and setting: another base, other instructions, other "
        "settings. The paper\u2019s subsets differ in size and have one training each. A task is here only where its variant and metric "
        "are the paper\u2019s."
    )
    there = [_task(one, study["label"]) for one in paper["beside"] if one["theirs"]]
    absent: list[list[Child]] = [
        [tag("bdi", one["task"]), tag("bdi", metric(one["metric"])), one["reason"]] for one in paper["beside"] if not one["theirs"]
    ]
    without = (
        table("Tasks that do not stand beside the paper\u2019s, and why", ["Task", "Metric", "Why"], absent, left=3) if absent else None
    )
    nothing = None if there else tag("p", "No task of this study is one of the paper\u2019s in the same variant and metric.")
    told = "; ".join(f"{mark}: {meaning}" for mark, meaning in paper["marks"].items())
    marks = tag("p", f"Marks of the paper\u2019s numbers. {told}. Disputed: the paper has another number for the same.", class_="small")
    return join(title, tag("p", text), nothing, *there, marks if there else None, without, _disagreements(paper["disagreements"]))


def _task(one: Mapping[str, Any], label: str | None) -> Markup:
    """Both tables of a task."""
    name, unit = one["task"], "marks of 1 to 5" if one["metric"] == JUDGE else "0 to 100"
    ours: list[list[Child]] = [
        [_trained(row), tag("bdi", row["base"] or "not said"), row["setting"], _value(one, row)] for row in one["ours"]
    ]
    theirs: list[list[Child]] = [
        [_trained(row), tag("bdi", row["base"] or "not said"), tag("bdi", row["model"]), row["setting"], _source(row), _value(one, row)]
        for row in one["theirs"]
    ]
    measured = f"{metric(one['metric'])}, {unit}"
    left = table(f"This study, {name}", ["Tuned on", "Base model", "Setting", measured], ours, left=3, class_="ours")
    columns = ["Tuned on", "Base model", "Model", "Setting", "Source and mark", measured]
    right = table(f"The paper, {name}", columns, theirs, left=5, class_="theirs")
    same = tag("p", "Why they may stand side by side: ", one["reason"], ".")
    return more(join("This study and the paper on ", tag("bdi", name)), same, note(label), left, right)


def _source(row: Mapping[str, Any]) -> Markup:
    """Where a number of the paper stands, how sure it is, and whether the paper has another one for the same."""
    disputed = tag("span", "disputed", class_="tag") if row["disputed"] else None
    return join(f"{row['source']} [{row['mark']}]", " " if disputed else None, disputed)


def _trained(row: Mapping[str, Any]) -> Markup:
    return tag("bdi", TRAINED.get(row["trained_on"], row["trained_on"]))


def _value(task: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    return f"{row['value']:.2f}" if task["metric"] == JUDGE else score(row["value"])


def _disagreements(found: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Pairs of the paper's numbers that should be one."""
    if not found:
        return None
    rows: list[list[Child]] = [[one["what"], *(_number(number) for number in one["numbers"])] for one in found]
    most = max(len(one["numbers"]) for one in found)
    padded = [row + ["\u2013"] * (most + 1 - len(row)) for row in rows]
    columns = ["What", *(f"Number {place}" for place in range(1, most + 1))]
    caption = "Where the paper disagrees with itself: numbers that should be one, in its own units"
    return table(caption, columns, padded)


def _number(number: Mapping[str, Any]) -> Markup:
    shown = f"{number['value']:g}".replace("-", "\u2212")
    return join(shown, " ", tag("span", readable(number["table"]), class_="tag"))


def readable(name: str) -> str:
    """`table4_pairs` -> 'Table 4, pairs': where a number of the paper stands."""
    whole, _, part = name.partition("_")
    head = whole.rstrip("0123456789")
    shown = f"{head.capitalize()} {whole[len(head) :]}".strip()
    return f"{shown}, {part.replace('_', ' ')}" if part else shown
