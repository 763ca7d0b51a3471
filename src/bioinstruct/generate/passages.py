"""Passages to ground requests in: texts of the user's own, one shown in each request."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.generate.parse import opens_task


@dataclass(frozen=True)
class Passage:
    """One text; the id becomes part of the origin of what is made from it."""

    id: str
    text: str


def load(path: str | Path) -> list[Passage]:
    """The passages of a JSON Lines file (id, text), in file order.

    Raises:
        DataError: a row has no id or text, an id twice, or a line that would open a task in the prompt; or the file has no rows.
    """
    file, found, lines = Path(path), list[Passage](), dict[str, int]()
    for number, line in enumerate(jsonl.read_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        passage = jsonl.parse(line, Passage, file, number)
        for field in ("id", "text"):
            if not getattr(passage, field).strip():
                raise DataError(file, line=number, field=field, got="an empty text", allowed="a text that is not empty")
        if passage.id in lines:
            raise DataError(file, line=number, field="id", got=f"'{passage.id}', as on line {lines[passage.id]}", allowed="ids used once")
        opening = next((one for one in passage.text.splitlines() if opens_task(one)), None)
        if opening is not None:
            allowed = "lines that do not look like a task's heading"
            raise DataError(file, line=number, field="text", got=json.dumps(opening)[:60], allowed=allowed)
        lines[passage.id] = number
        found.append(passage)
    if not found:
        raise DataError(file, got="no passages", allowed="one JSON object a line with id and text")
    return found


class Drawer:
    """Gives each request its passage: all of them once, in an order drawn from the seed, then all again."""

    def __init__(self, passages: list[Passage], seed: int) -> None:
        self._order = sorted(passages, key=lambda one: hashlib.sha256(f"{seed}\0passage\0{one.id}".encode()).digest())

    def of(self, request: int) -> Passage:
        """The passage of request number `request`: a pure function of (seed, request) and the passages' ids."""
        return self._order[request % len(self._order)]
