"""What all pictures share: the frame with its title and description, text, scales and ticks. Colours are classes of `style.css`.

Pictures in two widths are shown by the style sheet one at a time, so that their text is legible on paper, screen and telephone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bioinstruct.report.markup import Child, Markup, join, tag

WIDE, NARROW = 860, 358
"""Widths in pixels of the two versions of a picture."""


@dataclass(frozen=True)
class Scale:
    """Values `low` to `high` on pixels `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value; values beyond the scale lie on its ends."""
        clipped = min(max(value, self.low), self.high)
        return self.start + (clipped - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values that cover low to high with at most `most` steps between them; the first and last may lie outside."""
    if high <= low:
        high = low + 1.0
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(
        size * power for size in (1, 2, 2.5, 5, 10, 20) if (math.ceil(high / size / power) - math.floor(low / size / power)) <= most
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(place * step, 10) for place in range(first, last + 1)]


def picture(name: str, width: float, height: float, title: str, description: str, *children: Child) -> Markup:
    """An SVG with a title and a description that screen readers say; `name` is unique on the page."""
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *children,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        style=f"max-width:{width:g}px",
    )


def responsive(name: str, draw: Callable[[str, int], Markup]) -> Markup:
    """The picture drawn for wide and for narrow pages."""
    wide = tag("div", draw(f"{name}-wide", WIDE), class_="wide")
    return join(wide, tag("div", draw(f"{name}-narrow", NARROW), class_="narrow"))


def label(x: float, y: float, text: str, class_: str = "", anchor: str = "start") -> Markup:
    """A line of text whose baseline is at y."""
    return tag("text", text, x=x, y=y, class_=class_ or None, text_anchor=None if anchor == "start" else anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def bar(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    """A filled rectangle; one that is not empty is at least a pixel wide."""
    return tag("rect", x=x, y=y, width=max(width, 1.0) if width > 0 else 0.0, height=height, class_=class_)


def mark(x: float, y: float, role: str, size: float = 5.5) -> Markup:
    """A model's mark: shape and colour both tell it. Base: ring; tuned: disc; control: diamond; trivial: triangle."""
    if role == "tuned":
        return tag("circle", cx=x, cy=y, r=size, class_="mark tuned")
    if role == "base":
        return tag("circle", cx=x, cy=y, r=size - 0.5, class_="mark base")
    if role == "shuffled":
        s = size + 1
        return tag("path", d=f"M{x:.1f} {y - s:.1f}L{x + s:.1f} {y:.1f}L{x:.1f} {y + s:.1f}L{x - s:.1f} {y:.1f}Z", class_="mark shuffled")
    s = size + 0.5
    corners = f"M{x:.1f} {y - s:.1f}L{x + s:.1f} {y + 0.8 * s:.1f}L{x - s:.1f} {y + 0.8 * s:.1f}Z"
    return tag("path", d=corners, class_="mark trivial")


def whisker(scale: Scale, low: float, high: float, y: float, role: str) -> Markup:
    """An interval as a line with short ends."""
    a, b = scale(low), scale(high)
    ends = [line(x, y - 3.5, x, y + 3.5, f"whisker {role}") for x in (a, b)]
    return join(line(a, y, b, y, f"whisker {role}"), *ends)


def axis(scale: Scale, values: list[float], top: float, bottom: float, shown: Callable[[float], str]) -> Markup:
    """Vertical grid lines with their values below."""
    parts: list[Child] = []
    for value in values:
        parts.append(line(scale(value), top, scale(value), bottom, "grid"))
        parts.append(label(scale(value), bottom + 16, shown(value), "tick", "middle"))
    return join(*parts)


def ruled(scale: Scale, values: list[float], left: float, right: float, shown: Callable[[float], str]) -> Markup:
    """Horizontal grid lines with their values at the left."""
    parts: list[Child] = []
    for value in values:
        parts.append(line(left, scale(value), right, scale(value), "grid"))
        parts.append(label(left - 8, scale(value) + 4, shown(value), "tick", "end"))
    return join(*parts)


def figure(*children: Child, caption: Child) -> Markup:
    """A figure with a caption that says how to read it; the style sheet numbers the figures that a page has."""
    return tag("figure", *children, tag("figcaption", caption), class_="figure")
