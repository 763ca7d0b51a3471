"""The pictures of the results as inline SVG: the headline, the gains with their intervals, and the small track in a table's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct.report.drawing import Scale, axis, label, line, mark, picture, ticks, whisker
from bioinstruct.report.markup import Child, Markup, tag
from bioinstruct.report.wording import FAMILIES, Estimate, gain, points, score

MARKS = (("base", "base, strongest form"), ("tuned", "tuned"), ("shuffled", "shuffled control"), ("trivial", "best trivial answerer"))
PANEL = 310
"""Width of one of the three panels."""
PANELS = (
    ("absolute", "over the strongest base"),
    ("over_trivial", "over the best trivial answerer"),
    ("over_shuffled", "over the control"),
)


def legend(roles: Sequence[str], chance: bool) -> Markup:
    """The marks with their names."""
    entries: list[Child] = []
    for role, name in MARKS:
        if role in roles:
            sign = tag("svg", mark(9, 9, role), viewBox="0 0 18 18", width=18, height=18, aria_hidden="true")
            entries.append(tag("li", sign, name))
    if chance:
        sign = tag("svg", line(9, 1, 9, 17, "chance"), viewBox="0 0 18 18", width=18, height=18, aria_hidden="true")
        entries.append(tag("li", sign, "chance"))
    return tag("ul", *entries, class_="legend")


def headline(name: str, width: int, gains: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Each family's base, tuned, control and trivial figure on one line of 0 to 100."""
    narrow = width < 600
    left, right = (6, 14) if narrow else (190, 150)
    row = 72 if narrow else 58
    values = [family[role]["high"] for family in gains.values() for role, _ in MARKS if family[role] is not None]
    marks = ticks(0, max(values, default=1.0), 5)
    scale = Scale(0, marks[-1], left, width - right)
    bottom = len(gains) * row + 8
    parts: list[Child] = [axis(scale, marks, 4, bottom, lambda value: f"{100 * value:g}")]
    said = []
    for place, (family, one) in enumerate(gains.items()):
        y = place * row + (42 if narrow else 26)
        base, tuned = one["base"], one["tuned"]
        change = f"{score(base['value'])} \u2192 {score(tuned['value'])}"
        parts.append(label(0, y - 24, FAMILIES[family], "strong") if narrow else label(0, y + 5, FAMILIES[family], "strong"))
        parts.append(label(width, y - 24 if narrow else y + 5, change, "value big", "end"))
        if one["chance"] is not None:
            parts.append(line(scale(one["chance"]), y - 12, scale(one["chance"]), y + 25, "chance"))
        parts.append(line(scale(base["value"]), y, scale(tuned["value"]), y, "link"))
        for role in ("trivial", "shuffled", "base", "tuned"):
            if one[role] is None:
                continue
            offset = {"shuffled": 10, "trivial": 19}.get(role, 0)
            parts.append(whisker(scale, one[role]["low"], one[role]["high"], y + offset, role))
            parts.append(mark(scale(one[role]["value"]), y + offset, role, 7 if role in {"tuned", "base"} else 4.5))
        said.append(f"{FAMILIES[family]}: " + ", ".join(f"{what} {score(one[role]['value'])}" for role, what in MARKS if one[role]))
    return picture(name, width, bottom + 24, "Scores of each family", "; ".join(said) + ".", *parts)


def panels(gains: Mapping[str, Mapping[str, Any]], comparisons: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Three forest plots beside one another: what tuning gained over the base, the trivial answerer and the control."""
    rows = {panel: _rows(panel, gains, comparisons) for panel, _ in PANELS}
    found = [estimate for one in rows.values() for _, estimate, _ in one]
    low = min([0.0, *(one["low"] for one in found)])
    high = max([0.0, *(one["high"] for one in found)])
    drawn = [_panel(panel, title, rows[panel], ticks(low, high, 6)) for panel, title in PANELS if rows[panel]]
    return tag("div", *(tag("div", one, class_="panel") for one in drawn), class_="panels")


def _rows(panel: str, gains: Mapping[str, Any], comparisons: Mapping[str, Any]) -> list[tuple[str, Estimate, bool]]:
    """(name, estimate, whether a family) of a panel; each family is followed by its tasks."""
    within = {"absolute": "base", "over_trivial": "trivial", "over_shuffled": "shuffled"}[panel]
    rows: list[tuple[str, Estimate, bool]] = []
    for family, one in gains.items():
        if one[panel] is None:
            continue
        rows.append((FAMILIES[family], one[panel], True))
        rows += [(task, found, False) for task in one["tasks"] if (found := comparisons[task]["gains"][within]) is not None]
    return rows


def _panel(panel: str, title: str, rows: Sequence[tuple[str, Estimate, bool]], marks: list[float]) -> Markup:
    width, row = PANEL, 40
    scale = Scale(marks[0], marks[-1], 18, width - 18)
    bottom = len(rows) * row + 34
    parts: list[Child] = [
        label(0, 16, f"Tuned {title}", "strong"),
        axis(scale, marks, 28, bottom, lambda value: points(value).removesuffix(".0")),
    ]
    parts.append(line(scale(0), 26, scale(0), bottom + 2, "zero"))
    for place, (name, estimate, family) in enumerate(rows):
        y = place * row + 62
        parts.append(label(0, y - 13, name, "halo strong" if family else "halo task"))
        parts.append(label(width, y - 13, points(estimate["value"]), "halo value strong" if family else "halo value", "end"))
        parts.append(whisker(scale, estimate["low"], estimate["high"], y, "tuned" if family else "plain"))
        x = scale(estimate["value"])
        if family:
            parts.append(tag("path", d=f"M{x:.1f} {y - 6}L{x + 8:.1f} {y}L{x:.1f} {y + 6}L{x - 8:.1f} {y}Z", class_="mark tuned"))
        else:
            parts.append(tag("rect", x=x - 3.5, y=y - 3.5, width=7, height=7, class_="mark plain"))
    said = "; ".join(f"{name} {gain(estimate)}" for name, estimate, _ in rows)
    return picture(f"forest-{panel}", width, bottom + 22, f"Gains {title}, in points", said + ".", *parts)


def track(estimate: Estimate, role: str, chance: float | None) -> Markup:
    """A score with its interval on a line of 0 to 100, for a table's row that also holds the numbers."""
    scale = Scale(0, 1, 6, 104)
    parts: list[Child] = [line(6, 10, 104, 10, "rail")]
    if chance is not None:
        parts.append(line(scale(chance), 2, scale(chance), 18, "chance"))
    parts.append(whisker(scale, estimate["low"], estimate["high"], 10, role))
    parts.append(mark(scale(estimate["value"]), 10, role, 4.5))
    return tag("svg", *parts, viewBox="0 0 110 20", width=110, height=20, class_="track", aria_hidden="true")
