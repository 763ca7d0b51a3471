"""The run that is exported: its recipe and its kept records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl, recipe
from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import Recipe
from bioinstruct.core.records import Instruction


@dataclass(frozen=True)
class Source:
    """A run folder that has curated."""

    folder: Path
    recipe: Recipe
    records: tuple[Instruction, ...]

    @classmethod
    def read(cls, folder: Path) -> Source:
        """Read the run's recipe and records.

        Raises:
            InputError: it is no run folder, has not curated, or kept no record.
            DataError: a file of it cannot be read.
        """
        file = folder / "curate" / "instructions.jsonl"
        if not (folder / "recipe.yaml").is_file() or not file.is_file():
            raise InputError(f"{folder}: got no recipe.yaml and curate/instructions.jsonl; allowed: the folder of a run that has curated")
        records = tuple(jsonl.read(file, Instruction))
        if not records:
            raise InputError(f"{file}: got no records; allowed: at least one")
        return cls(folder, recipe.load(folder / "recipe.yaml").recipe, records)


def notes(title: str, lines: Iterable[str]) -> str:
    """The text of a NOTES.md: what could not be carried over, a point a line."""
    return f"# {title}\n\n" + "".join(f"- {line}\n" for line in lines)


def columns(record: Instruction) -> dict[str, Any]:
    """A record as a flat row: the three columns of the ecosystem, then ours."""
    origin = record.origin
    return {
        "instruction": record.instruction,
        "input": record.input,
        "output": record.output,
        "id": record.id,
        "category": record.category,
        "method": origin.method,
        "seeds": list(origin.seeds),
        "request": origin.request,
        "position": origin.position,
        "teacher": origin.teacher,
        "licence": origin.licence,
        "passage": origin.passage,
        "parent": record.parent,
    }
