"""The files that `evaluate.files` names: local ones or the hub's, and whether they are those that a task's source publishes."""

from __future__ import annotations

from bioinstruct.core.errors import Problem
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.evaluate import lookup
from bioinstruct.models import hub
from bioinstruct.tasks import ItemRequest
from bioinstruct.tasks.sources import Files

PUBLISHED, CHANGED = "as published", "not as published"


def problems(task: str, section: EvaluateSection) -> list[Problem]:
    """Why the task's file cannot be had, if it is one of the hub; a file of the hub is fetched."""
    return hub.problems(f"evaluate.files.{task}", section.files[task]) if task in section.files else []


def request(task: str, section: EvaluateSection) -> ItemRequest:
    """Which items the recipe wants of a task.

    Raises:
        DataError: the hub does not give the task's file.
        MissingExtra: huggingface_hub is not installed.
    """
    file = section.files.get(task)
    return ItemRequest(None if file is None else hub.local(file), section.items, section.item_seed)


def published(section: EvaluateSection) -> dict[str, str]:
    """`data TASK/FILE` to `PUBLISHED` or `CHANGED`, of the files whose checksum the task knows (docs/tasks.md); raises as `request`."""
    found: dict[str, str] = {}
    tasks = lookup.known(section)
    for task in section.tasks:
        data = tasks.get(task).data
        if isinstance(data, Files) and task in section.files:
            checks = data.access.published(hub.local(section.files[task]))
            found |= {f"data {task}/{file}": PUBLISHED if same else CHANGED for file, same in checks.items()}
    return found
