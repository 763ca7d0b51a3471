"""What must not be trained on: every item of the tasks that a run will ask, and the rows of any file the user names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import DataError, Problem
from bioinstruct.core.jsonl import read_text
from bioinstruct.core.recipe import CurateSection, EvaluateSection
from bioinstruct.curate.contamination import Contamination, Leak, Record, Source, source_of
from bioinstruct.models import hub
from bioinstruct.tasks import TASKS, ItemRequest, own


def problems(section: CurateSection, evaluate: EvaluateSection) -> list[Problem]:
    """What would stop `collect`: a task that is none or lacks its file, a file that cannot be read."""
    if section.contamination == "off":
        return []
    found = own.problems(TASKS, evaluate.task_files, hub.local)
    if found:
        return found
    tasks = own.known(TASKS, evaluate.task_files, hub.local)
    for name in evaluate.tasks:
        if name not in tasks:
            found.append(Problem("evaluate.tasks", f"'{name}'", f"one of {', '.join(tasks)} (or curate.contamination=off)"))
            continue
        data, file = tasks.get(name).data, evaluate.files.get(name)
        if not data.embedded:
            unreachable = [] if file is None else hub.problems(f"evaluate.files.{name}", file)
            found += unreachable or data.problems(None if file is None else hub.local(file))
        elif evaluate.items == 0:
            found.append(Problem("evaluate.items", "0", f"1 or more: the items of {name} are made, there is no end of them"))
    for path in section.against:
        try:
            list(_rows(Path(path)))
        except DataError as error:
            found.append(Problem(f"curate.against: {path}", error.got, error.allowed))
    return found


def collect(section: CurateSection, evaluate: EvaluateSection) -> list[Source]:
    """Every item of the run's tasks (of real ones all there are, not the sample that is asked), then the files' rows.

    Raises:
        DataError: a file cannot be read.
        InputError: a task's items cannot be had.
    """
    if section.contamination == "off":
        return []
    found: list[Source] = []
    tasks = own.known(TASKS, evaluate.task_files, hub.local)
    for name in evaluate.tasks:
        task, file = tasks.get(name), evaluate.files.get(name)
        request = ItemRequest(None if file is None else hub.local(file), evaluate.items if task.data.embedded else 0, evaluate.item_seed)
        found += [source_of(item) for item in task.collect(request).items]
    for path in section.against:
        found += list(_rows(Path(path)))
    return found


@dataclass(frozen=True)
class Against:
    """What must not be trained on, ready to be compared with."""

    contamination: Contamination
    digest: str
    """SHA-256 over all sources."""
    benchmarks: dict[str, dict[str, Any]]
    """Task or file -> {items, parts, sha256}."""


def load(section: CurateSection, evaluate: EvaluateSection) -> Against | None:
    """What `collect` finds, indexed; None where nothing is looked for. Made once as long as the recipe and the files stay.

    Raises:
        DataError: a file cannot be read.
        InputError: a task's items cannot be had.
    """
    if section.contamination == "off":
        return None
    files = [hub.local(evaluate.files[name]) for name in evaluate.tasks if name in evaluate.files]
    tables = [path for file in evaluate.task_files for path in own.tables(Path(file), hub.local).values()]
    stamps = _stamps([*map(Path, section.against), *files, *map(Path, evaluate.task_files), *tables])
    return _load(section.model_dump_json(), evaluate.model_dump_json(), stamps)


@lru_cache(maxsize=1)
def _load(section: str, evaluate: str, _: object) -> Against | None:
    found = collect(CurateSection.model_validate_json(section), EvaluateSection.model_validate_json(evaluate))
    if not found:
        return None
    benchmarks: dict[str, list[Source]] = {}
    for one in found:
        benchmarks.setdefault(one.benchmark, []).append(one)
    table = {
        name: {"items": len(those), "parts": sum(len(one.parts) for one in those), "sha256": digest(those)}
        for name, those in benchmarks.items()
    }
    return Against(Contamination(found), digest(found), table)


def _stamps(paths: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    """What tells changed files from those that are as they were."""
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    return tuple((str(file), stat.st_size, stat.st_mtime_ns) for file in files if file.exists() and (stat := file.stat()))


@dataclass(frozen=True)
class SeedLeak:
    """A test item in a seed."""

    seed: str
    text: str
    """The seed's texts, joined by line breaks."""
    leak: Leak


def in_seeds(seeds: Sequence[tuple[str, Record]], against: Against) -> list[SeedLeak]:
    """Test items in seeds (id and texts): a seed is shown to the teacher, which writes more of its kind."""
    leaks = against.contamination.find(record for _, record in seeds)
    return [
        SeedLeak(name, "\n".join(filter(None, record)), leak) for (name, record), leak in zip(seeds, leaks, strict=True) if leak is not None
    ]


def digest(sources: Sequence[Source]) -> str:
    """SHA-256 over all of them, in order."""
    made = hashlib.sha256()
    for source in sources:
        made.update("\0".join((source.benchmark, source.id, *source.parts, "\1")).encode())
    return made.hexdigest()


def _rows(path: Path) -> Iterator[Source]:
    """The rows of a JSON array, of JSON Lines, or of plain text (a line a row); all texts of a row are its parts."""
    text = read_text(path)
    number = 0
    for number, row in enumerate(_values(path, text), start=1):
        parts = tuple(_texts(row))
        if parts:
            yield Source(path.name, str(number), parts)
    if number == 0:
        raise DataError(path, got="no rows", allowed="a JSON array, JSON Lines, or a text with one row a line")


def _values(path: Path, text: str) -> Iterator[Any]:
    start = text.lstrip()[:1]
    if start == "[":
        try:
            yield from json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(path, got=f"text that is not JSON ({str(error)[:80]})", allowed="a JSON array") from None
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if start != "{":
            yield line
            continue
        try:
            yield json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(path, line=number, got=f"text that is not JSON ({str(error)[:80]})", allowed="one JSON object a line") from None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
