"""The hand-written examples that every request shows three of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Category
from bioinstruct.generate.parse import opens_task

BUILTIN = Path(__file__).parent / "seeds.jsonl"
"""The 80 seeds that ship with the package; all texts are our own."""


@dataclass(frozen=True)
class Seed:
    """One seed. Category, kind and provenance are for the reader: the teacher sees only the three texts."""

    id: str
    instruction: str
    input: str
    output: str
    category: Category | None = None
    kind: str = ""
    provenance: str = ""


def path(spec: str) -> Path:
    """The file that a recipe's `generate.seeds` means."""
    return BUILTIN if spec == "builtin" else Path(spec)


def load(spec: str) -> list[Seed]:
    """The seeds of 'builtin' or of a JSON Lines file, in file order.

    Raises:
        DataError: A row has no id or text, an id twice, a category that does not exist, or a line that would open a
            new task in the prompt; or the file has no rows.
    """
    file = path(spec)
    seeds: list[Seed] = []
    ids: dict[str, int] = {}
    for number, line in enumerate(jsonl.read_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        seed = jsonl.parse(line, Seed, file, number)
        _check(seed, file, number)
        if seed.id in ids:
            raise DataError(file, line=number, field="id", got=f"'{seed.id}', as on line {ids[seed.id]}", allowed="ids used once")
        ids[seed.id] = number
        seeds.append(seed)
    if not seeds:
        raise DataError(file, got="no seeds", allowed="one JSON object a line with id, instruction, input and output")
    return seeds


def _check(seed: Seed, file: Path, number: int) -> None:
    for field in ("id", "instruction", "input", "output"):
        value: str = getattr(seed, field)
        if not value.strip():
            raise DataError(file, line=number, field=field, got="an empty text", allowed="a text that is not empty")
        opening = next((line for line in value.splitlines() if opens_task(line)), None)
        if opening is not None:
            allowed = "lines that do not look like a task's heading"
            raise DataError(file, line=number, field=field, got=json.dumps(opening)[:60], allowed=allowed)
