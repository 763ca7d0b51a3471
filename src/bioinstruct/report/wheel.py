"""The paper's Fig. 1b as inline SVG: root verbs on the inner ring, their most frequent nouns on the outer one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct.report.drawing import picture
from bioinstruct.report.markup import Child, Markup, tag
from bioinstruct.report.wording import count

INNER, MIDDLE, OUTER = 84.0, 190.0, 318.0
"""Radii of the rings."""
SIZE = 2 * OUTER + 4
_LETTER = 7.2
"""Pixels of a letter of the labels, roughly."""


def wheel(name: str, top: Sequence[Mapping[str, Any]], narrow: bool) -> Markup:
    """The wheel; on narrow pages without the nouns' names, which the table beside it holds."""
    total = sum(verb["n"] for verb in top)
    parts: list[Child] = []
    angle = 0.0
    for place, verb in enumerate(top):
        hue = f"--hue:{round(196 + 223 * place / max(1, len(top))) % 360}"
        end = angle + 360 * verb["n"] / total
        hint = f"{verb['verb']}: {count(verb['n'])}"
        parts.append(_sector(angle, end, INNER, MIDDLE, "verb", hue, hint))
        if (end - angle) / 360 * 2 * math.pi * (INNER + MIDDLE) / 2 > (19 if narrow else 12):
            parts.append(_text((angle + end) / 2, (INNER + MIDDLE) / 2, verb["verb"], "verb-name", MIDDLE - INNER - 8))
        start = angle
        for one in verb["objects"]:
            stop = start + 360 * one["n"] / total
            parts.append(_sector(start, stop, MIDDLE, OUTER, "noun", hue, f"{verb['verb']} {one['noun']}: {count(one['n'])}"))
            if not narrow and (stop - start) / 360 * 2 * math.pi * (MIDDLE + OUTER) / 2 > 11:
                parts.append(_text((start + stop) / 2, (MIDDLE + OUTER) / 2, one["noun"], "noun-name", OUTER - MIDDLE - 10))
            start = stop
        angle = end
    parts.append(tag("text", count(total), x=0, y=-2, text_anchor="middle", class_="centre"))
    parts.append(tag("text", "instructions", x=0, y=18, text_anchor="middle", class_="centre-note"))
    said = "; ".join(f"{verb['verb']} {verb['n']}" + _objects(verb) for verb in top)
    middle = tag("g", *parts, transform=f"translate({SIZE / 2:g} {SIZE / 2:g})")
    return picture(name, SIZE, SIZE, "The most frequent root verbs and their objects", said + ".", middle)


def _objects(verb: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{one['noun']} {one['n']}" for one in verb["objects"])
    return f" ({shown})" if shown else ""


def _point(angle: float, radius: float) -> str:
    """Coordinates of an angle in degrees, clockwise from the top."""
    turned = math.radians(angle - 90)
    return f"{radius * math.cos(turned):.1f} {radius * math.sin(turned):.1f}"


def _sector(start: float, end: float, inner: float, outer: float, class_: str, hue: str, hint: str) -> Markup:
    end = min(end, start + 359.9)  # a whole ring has no two ends to draw between
    large = 1 if end - start > 180 else 0
    path = (
        f"M{_point(start, inner)}L{_point(start, outer)}A{outer:g} {outer:g} 0 {large} 1 {_point(end, outer)}"
        f"L{_point(end, inner)}A{inner:g} {inner:g} 0 {large} 0 {_point(start, inner)}Z"
    )
    return tag("path", tag("title", hint), d=path, class_=f"sector {class_}", style=hue)


def _text(angle: float, radius: float, text: str, class_: str, room: float) -> Markup:
    """A word along its radius, readable from below: turned round on the left half."""
    letters = int(room / _LETTER)
    shown = text if len(text) <= letters else text[: max(1, letters - 1)] + "\u2026"
    turn = angle - 90 if angle <= 180 else angle + 90
    x, y = _point(angle, radius).split()
    return tag("text", shown, transform=f"translate({x} {y}) rotate({turn:.1f})", text_anchor="middle", dy="0.35em", class_=class_)
