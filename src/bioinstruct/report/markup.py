"""Elements of HTML and SVG as values; text is escaped unless it is markup already.

>>> str(tag("p", "1 < 2", class_="note"))
'<p class="note">1 &lt; 2</p>'
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:-]*")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that HTML does not allow (tabs and line breaks are)."""
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta"})


@dataclass(frozen=True)
class Markup:
    """Text that is HTML. Made only by the functions of this module and from constants of this package."""

    html: str

    def __str__(self) -> str:
        return self.html


Child: TypeAlias = str | int | Markup | Iterable["Child"] | None
"""What an element may hold: text, a number, markup, nothing, or several of these."""
Value: TypeAlias = str | int | float | bool | None
"""An attribute's value; True is a bare attribute, None and False leave it out."""


def legible(text: str) -> str:
    """Text in which the characters that HTML forbids are U+FFFD."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n"))


def escape(text: str) -> str:
    """Text for use between tags and within quoted attributes; characters that HTML forbids become U+FFFD."""
    return html.escape(legible(text), quote=True)


def join(*children: Child) -> Markup:
    """Children one after the other, text escaped."""
    return Markup("".join(_render(child) for child in children))


def tag(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """An element. In attribute names a trailing `_` is dropped and `_` reads `-`: `class_`, `aria_label`, `viewBox`.

    Raises:
        ValueError: a name that is not one of an element or attribute, or children of a void element.
    """
    shown = "".join(_attribute(key, value) for key, value in attributes.items())
    if not _NAME.fullmatch(name):
        raise ValueError(f"element: got {name!r}; allowed: letters, digits and hyphens")
    if name in _VOID:
        if children:
            raise ValueError(f"<{name}>: got children; allowed: none")
        return Markup(f"<{name}{shown}>")
    return Markup(f"<{name}{shown}>{join(*children)}</{name}>")


def _render(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child.html
    if isinstance(child, str | int):
        return escape(str(child))
    return "".join(_render(one) for one in child)


def _attribute(key: str, value: Value) -> str:
    name = key.removesuffix("_").replace("_", "-")
    if not _NAME.fullmatch(name):
        raise ValueError(f"attribute: got {name!r}; allowed: letters, digits and hyphens")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f' {name}="{escape("0" if text == "-0" else text)}"'
