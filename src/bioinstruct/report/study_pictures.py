"""The study's pictures as inline SVG: contrasts with their intervals, a panel a family, and gains by number of records.

A filled mark is shown to differ from zero, a hollow one is not; a mark without a line has no interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bioinstruct.report.drawing import Scale, axis, label, line, picture, ruled, ticks, whisker
from bioinstruct.report.markup import Child, Markup, tag
from bioinstruct.report.study_wording import points, reading, spread, told
from bioinstruct.report.wording import Estimate, count
from bioinstruct.report.wording import family as family_name

Named = Sequence[tuple[str, Estimate]]
"""What is compared, and how it came out."""

WIDTH = 420
"""Of a panel."""
ROW = 40


def forests(name: str, title: str, panels: Mapping[str, Named]) -> Markup:
    """A forest plot a family, side by side and on one scale.

    Args:
        name: Unique on the page.
        title: What is drawn.
        panels: Family -> its rows; a family without rows has no panel.
    """
    found = [estimate for rows in panels.values() for _, estimate in rows]
    ends = [end for one in found for end in (one["value"], one["low"], one["high"]) if end is not None]
    marks = ticks(min([0.0, *ends]), max([0.0, *ends]), 6)
    drawn = [_forest(f"{name}-{family}", f"{title}: {family_name(family)}", family, rows, marks) for family, rows in panels.items() if rows]
    return tag("div", *(tag("div", one, class_="panel") for one in drawn), class_="panels families")


def _forest(name: str, title: str, family: str, rows: Named, marks: list[float]) -> Markup:
    scale, bottom = Scale(marks[0], marks[-1], 18, WIDTH - 18), len(rows) * ROW + 34
    parts: list[Child] = [label(0, 16, family_name(family), "strong"), axis(scale, marks, 28, bottom, _tick)]
    parts.append(line(scale(0), 26, scale(0), bottom + 2, "zero"))
    for place, (what, estimate) in enumerate(rows):
        y = place * ROW + 62
        clear = reading(estimate) in ("higher", "lower")
        parts.append(label(0, y - 13, what, "halo strong" if clear else "halo"))
        parts.append(label(WIDTH, y - 13, points(estimate["value"]), "halo value strong" if clear else "halo value", "end"))
        parts += _mark(scale, estimate, y, clear)
    said = "; ".join(f"{what} {points(one['value'])} [{spread(one)}], {told(one)}" for what, one in rows)
    return picture(name, WIDTH, bottom + 22, title, f"In points: {said}.", *parts)


def _mark(scale: Scale, estimate: Estimate, y: float, clear: bool) -> list[Child]:
    role, x = "tuned" if clear else "plain", scale(estimate["value"])
    parts: list[Child] = []
    if estimate["low"] is not None:
        parts.append(whisker(scale, estimate["low"], estimate["high"], y, role))
    shape = f"M{x:.1f} {y - 6}L{x + 8:.1f} {y}L{x:.1f} {y + 6}L{x - 8:.1f} {y}Z"
    parts.append(tag("path", d=shape, class_="mark tuned" if clear else "mark hollow"))
    return parts


def _tick(value: float) -> str:
    return points(value).removesuffix(".0")


def sizes(panels: Mapping[str, Sequence[tuple[int, Estimate]]]) -> Markup:
    """Gain by number of records, a panel a family on one scale; records on a logarithmic scale.

    Args:
        panels: Family -> (records, gain), records rising.
    """
    found = [point for rows in panels.values() for point in rows]
    ends = [end for _, one in found for end in (one["value"], one["low"], one["high"]) if end is not None]
    marks = ticks(min([0.0, *ends]), max([0.0, *ends]), 5)
    records = sorted({n for n, _ in found})
    drawn = [tag("div", _sizes(family, rows, marks, records), class_="panel") for family, rows in panels.items()]
    return tag("div", *drawn, class_="panels families")


def _sizes(family: str, rows: Sequence[tuple[int, Estimate]], marks: list[float], records: list[int]) -> Markup:
    height, left, right, top = 250, 40, WIDTH - 24, 34
    bottom = height - 44
    low, high = math.log(records[0]), math.log(records[-1])
    along = Scale(low, high, left + 14, right) if high > low else Scale(low - 1, low + 1, left, right)
    up = Scale(marks[0], marks[-1], bottom, top)
    parts: list[Child] = [label(0, 16, family_name(family), "strong"), ruled(up, marks, left, right + 8, _tick)]
    parts.append(line(left, up(0), right + 8, up(0), "zero"))
    path = "M" + "L".join(f"{along(math.log(n)):.1f} {up(one['value']):.1f}" for n, one in rows)
    parts.append(tag("path", d=path, class_="curve tuned"))
    free = -math.inf
    for n, one in rows:
        x, y = along(math.log(n)), up(one["value"])
        clear = reading(one) in ("higher", "lower")
        if one["low"] is not None:
            parts += [line(x, up(one["low"]), x, up(one["high"]), "whisker tuned")]
            parts += [line(x - 3.5, up(end), x + 3.5, up(end), "whisker tuned") for end in (one["low"], one["high"])]
        parts.append(tag("circle", cx=x, cy=y, r=5.0, class_="mark tuned" if clear else "mark hollow"))
        wide = 3.5 * len(count(n))
        if x - wide > free:
            parts.append(label(x, bottom + 17, count(n), "tick", "middle"))
            free = x + wide + 4
    parts.append(label((left + right) / 2, height - 6, "records (logarithmic)", "tick", "middle"))
    said = "; ".join(f"{count(n)} records {points(one['value'])} [{spread(one)}], {told(one)}" for n, one in rows)
    return picture(f"sizes-{family}", WIDTH, height, f"Gain by number of records: {family_name(family)}", f"In points: {said}.", *parts)
