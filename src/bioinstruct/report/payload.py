"""The texts of all items, packed: as much as fits into the page lies within it, the rest in script files beside it.

A part is gzip (without a time, so that the same texts give the same bytes) in base64, of JSON. A page that was opened from a file link may
not read files but may load scripts, so a part beside the page is a script that hands it over.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bioinstruct.report.browser import Part

MOST = 5_000_000
"""Bytes of `report.html`, all told."""
FOLDER = "report/items"
"""Where the other parts lie, seen from the page."""
FRAME = 100
"""Bytes that the page spends on a part beside its text, at most."""


@dataclass(frozen=True)
class Packed:
    """A part as the page reads it; `file` is None where it lies within the page."""

    task: str
    first: int
    last: int
    text: str
    """Base64."""
    file: str | None

    @property
    def script(self) -> str:
        """What the file beside the page holds."""
        return f'bioinstructPart("{self.file}", "{self.text}");\n'

    def described(self) -> dict[str, Any]:
        """For `report.json`: what it holds, its bytes, and where it lies."""
        return {"task": self.task, "first": self.first, "last": self.last, "bytes": len(self.text), "file": self.file}


def pack(value: Any) -> str:
    """A JSON value in ASCII that needs no escaping in HTML and JavaScript."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("ascii"), mtime=0)).decode("ascii")


def packed(parts: Iterable[Part]) -> list[Packed]:
    """All parts, packed, each with the file for it beside the page."""
    return [Packed(one.task, one.first, one.last, pack(one.texts), f"{FOLDER}/{place:03}.js") for place, one in enumerate(parts, start=1)]


def place(parts: Sequence[Packed], room: int) -> list[Packed]:
    """The same parts, of which those without a file lie within the page: as many as `room` bytes hold.

    The first part of each task comes before the second of any, so that every task opens without a file beside the page if it can.
    """
    inside: set[int] = set()
    for number in sorted(range(len(parts)), key=lambda number: parts[number].first):
        room -= len(parts[number].text) + FRAME
        if room < 0:
            break
        inside.add(number)
    return [replace(one, file=None) if number in inside else one for number, one in enumerate(parts)]


def beside(parts: Sequence[Packed]) -> dict[str, str]:
    """Path of each file beside the page -> its text."""
    return {one.file: one.script for one in parts if one.file is not None}
