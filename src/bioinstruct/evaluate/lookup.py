"""Which task a name means: a built-in one or one of the user's own, by its file at first and later by the copy that an evaluation keeps.

evaluate/items/<task>.yaml       the definition of a task of the user's own, as it was asked
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core import runfolder
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.registry import Registry
from bioinstruct.models import hub
from bioinstruct.tasks import TASKS, Task, own

ITEMS = "items"
"""Folder of the items and definitions, below the stage's."""


def known(section: EvaluateSection) -> Registry[Task]:
    """The tasks that a section may name: those that are built in, and those of its files.

    Raises:
        DataError: a file cannot be used.
        InputError: two tasks have one name.
    """
    return own.known(TASKS, section.task_files, hub.local)


def inputs(section: EvaluateSection) -> dict[str, str]:
    """SHA-256 of the files that the section's tasks are read from, the definitions of the user's own among them."""
    found = {section.files[name]: runfolder.sha256(hub.local(section.files[name])) for name in section.tasks if name in section.files}
    for path in _own(section).values():
        found[str(path)] = runfolder.sha256(path)
        found |= {f"{path}: {name}": runfolder.sha256(table) for name, table in own.tables(path, hub.local).items()}
    return found


def store(section: EvaluateSection, folder: Path) -> None:
    """Copy the definitions of the user's own tasks to the evaluation's folder."""
    for name, path in _own(section).items():
        runfolder.write_atomic(definition(folder, name), path.read_bytes())


def _own(section: EvaluateSection) -> dict[str, Path]:
    """Task -> definition, of those that are asked."""
    files = {own.name_of(path): path for path in map(Path, section.task_files)}
    return {name: files[name] for name in section.tasks if name in files}


def definition(folder: Path, task: str) -> Path:
    """Where the definition of a task of the user's own is stored; built-in tasks have none."""
    return folder / ITEMS / f"{task}{own.SUFFIX}"


def stored(folder: Path, name: str) -> Task:
    """The task of an evaluation whose items are in `folder`: a built-in one, or as its stored definition has it.

    Raises:
        InputError: it is neither.
        DataError: the stored definition cannot be read.
    """
    path = definition(folder, name)
    return own.read(path) if name not in TASKS and path.exists() else TASKS.get(name)
