"""Pieces that all sections of the page are made of: tables, sections, texts from outside, the standing label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.wording import count

Cell = Child
"""A cell's contents; one that is a number stands at the right."""


def section(name: str, title: str, *children: Child) -> Markup:
    """A section of the page with its heading; `name` is what links point to."""
    heading = tag("h2", title, id=f"{name}-heading")
    return tag("section", heading, *children, id=name, aria_labelledby=f"{name}-heading")


def note(label: str | None) -> Markup | None:
    """The standing label, as it stands beside every result; nothing where there is none."""
    return None if label is None else tag("p", tag("span", "Note", class_="note-mark"), " ", label, class_="note")


def table(
    caption: Child,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    left: int = 1,
    strong: Sequence[int] = (),
    class_: str = "",
) -> Markup:
    """A table in a frame that scrolls by itself on narrow pages.

    Args:
        caption: What it shows.
        columns: Their headings.
        rows: Cells; the first of a row is its heading.
        left: So many first columns hold words; the others are numbers.
        strong: Rows to bring out, counted from 0.
        class_: Further classes.
    """
    head = tag("tr", *(tag("th", name, scope="col", class_=None if place < left else "number") for place, name in enumerate(columns)))
    body: list[Child] = []
    for number, cells in enumerate(rows):
        shown: list[Child] = [tag("th", cells[0], scope="row")]
        shown += [tag("td", cell, class_=None if place < left else "number") for place, cell in enumerate(cells[1:], start=1)]
        body.append(tag("tr", *shown, class_="strong" if number in strong else None))
    inside = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_=class_ or None)
    return tag("div", inside, class_="scroll", tabindex="0", role="region", aria_label=f"Table: {_plain(caption)}")


def _plain(caption: Child) -> str:
    return caption if isinstance(caption, str) else "see its caption"


def outside(found: Mapping[str, Any], empty: str = "(empty)") -> Markup:
    """A text from outside, whatever it holds, line breaks kept; says so where it is cut."""
    if not found["text"]:
        return tag("p", empty, class_="empty")
    cut = tag("p", _cut(found), class_="cut") if found["cut"] else None
    return tag("div", tag("div", found["text"], class_="text", dir="auto"), cut, class_="outside")


def _cut(found: Mapping[str, Any]) -> str:
    start, shown, whole = found.get("from", 0), len(found["text"]), count(found["characters"])
    if start:
        return f"Characters {count(start + 1)} to {count(start + shown)} of {whole}."
    return f"First {count(shown)} of {whole} characters."


def listed(names: Iterable[str]) -> Markup:
    """Names from outside with commas between; whatever direction one is written in, it does not turn the others round."""
    return join(*((", " if place else "", tag("bdi", name)) for place, name in enumerate(names)))


def facts(*pairs: tuple[str, Child]) -> Markup:
    """Names and what they stand for."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs), class_="facts")


def more(summary: Child, *children: Child, open_: bool = False) -> Markup:
    """Something to unfold."""
    return tag("details", tag("summary", summary), *children, open=open_)


def coded(text: str) -> Markup:
    """A text of ours in which backquotes mark what is code."""
    return join(*(tag("code", part) if place % 2 else part for place, part in enumerate(text.split("`"))))
