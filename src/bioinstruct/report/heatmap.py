"""The transfer matrix as a table: trained on x measured on. Every cell holds its numbers in words; the colour repeats the value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.study_wording import GROUPS, mixture, points, reading, spread
from bioinstruct.report.wording import count, metric, plural
from bioinstruct.report.wording import family as family_name

STEPS = 5
"""Colours on either side of zero."""


def top(study: Mapping[str, Any]) -> float:
    """The largest gain or loss of a family: the end of the scale of colours."""
    return max(abs(float(found["gain"]["value"])) for rows in study["transfer"]["families"].values() for found in rows.values())


def step(value: float, most: float) -> int:
    """-5 to 5: how far a value lies on the scale; 0 is zero alone, and values beyond the scale lie on its ends."""
    if value == 0.0 or most == 0.0:
        return 0
    return int(math.copysign(min(STEPS, max(1, math.ceil(STEPS * abs(value) / most - 1e-9))), value))


def heat(place: int) -> str:
    """The class of a step's colour."""
    return f"heat {'down' if place < 0 else 'up' if place else 'even'}-{abs(place)}"


def families(study: Mapping[str, Any]) -> Markup:
    """The matrix of families."""
    measured, most = study["design"]["families"], top(study)
    heads: list[Child] = [
        join(
            tag("span", family_name(name), class_="who"), tag("span", plural(study["totals"]["family_tasks"][name], "task"), class_="less")
        )
        for name in measured
    ]
    cells = study["transfer"]["families"]

    def cell(name: str, row: str) -> Markup:
        kind, categories = study["design"]["mixtures"][row]["kind"], study["design"]["mixtures"][row]["categories"]
        return _cell(cells[name][row]["gain"], most, kind == "single" and name in categories, tested=True)

    caption = "Transfer matrix: points gained over the strongest base"
    return _table(study, caption, heads, list(measured), cell)


def tasks(study: Mapping[str, Any]) -> Markup:
    """The matrix of single tasks, which are not tested one by one."""
    measured, cells, most = study["design"]["tasks"], study["transfer"]["tasks"], top(study)
    heads: list[Child] = [
        join(
            tag("bdi", name, class_="who"), tag("span", f"{family_name(one['family'])}, ", tag("bdi", metric(one["metric"])), class_="less")
        )
        for name, one in measured.items()
    ]

    def cell(name: str, row: str) -> Markup:
        return _cell(cells[name][row]["gain"], most, matched=False, tested=False)

    return _table(study, "Transfer matrix of single tasks: points gained over the strongest base", heads, list(measured), cell)


def legend(study: Mapping[str, Any]) -> Markup:
    """The scale of colours, its ends in points."""
    most = top(study)
    squares = [tag("span", class_=f"swatch {heat(place)}") for place in range(-STEPS, STEPS + 1)]
    ends = (points(-most), points(most))
    return tag("p", tag("span", ends[0]), tag("span", *squares, class_="swatches", aria_hidden="true"), tag("span", ends[1]), class_="ramp")


def _table(study: Mapping[str, Any], caption: str, heads: list[Child], names: list[str], cell: Any) -> Markup:
    rows = study["design"]["mixtures"]
    corner = tag("th", "Trained on \u2193, measured on \u2192", scope="col", class_="corner")
    head = tag("thead", tag("tr", corner, *(tag("th", one, scope="col") for one in heads)))
    bodies: list[Child] = []
    for title, kinds in GROUPS:
        members = [name for name, row in rows.items() if row["kind"] in kinds]
        if members:
            group = tag("tr", tag("th", title, scope="rowgroup", colspan=len(names) + 1), class_="group")
            shown = [tag("tr", _named(name, rows), *(cell(column, name) for column in names)) for name in members]
            bodies.append(tag("tbody", group, *shown))
    inside = tag("table", tag("caption", caption), head, *bodies, class_="transfer")
    return tag("div", inside, class_="scroll", tabindex="0", role="region", aria_label=f"Table: {caption}")


def _named(name: str, rows: Mapping[str, Any]) -> Markup:
    row = rows[name]
    sizes = f"{plural(row['size'], 'record')}, {plural(row['seeds'], 'seed')}"
    code = tag("bdi", name, class_="row-name")
    return tag("th", tag("span", mixture(row, rows), class_="who"), tag("span", code, " \u00b7 ", sizes, class_="less"), scope="row")


def _cell(estimate: Mapping[str, Any], most: float, matched: bool, tested: bool) -> Markup:
    said = reading(estimate) if tested else None
    value = tag("span", points(estimate["value"]), class_="value-cell" if said in ("higher", "lower", None) else "value-cell open")
    less = [spread(estimate), f"n {count(estimate['n'])}"]
    if said not in ("higher", "lower", None):
        less.append(str(said) if said != "no interval" else str(estimate["note"]))
    mark = tag("span", "matched", class_="tag") if matched else None
    lines = [tag("span", one, class_="less") for one in less]
    return tag("td", value, " " if mark else None, mark, *lines, class_=heat(step(estimate["value"], most)) + (" own" if matched else ""))
