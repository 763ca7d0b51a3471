"""The trivial answerers of a task, graded like a model's text."""

from __future__ import annotations

from collections.abc import Sequence

from bioinstruct.core.records import Finish, Item, Score, Setting
from bioinstruct.evaluate import grade
from bioinstruct.tasks import Task

TRIVIAL = "trivial"


def setting(name: str) -> Setting:
    """The setting of a trivial answerer, as its scores and judgements hold it."""
    return Setting(model=f"{TRIVIAL}-{name}", adapter=None, mode="generate", asked="text", shots=0, template="none")


def scores(task: Task, items: Sequence[Item], pool: Sequence[Item]) -> dict[str, list[Score]]:
    """Answerer -> one score an item, in the order of the items."""
    found = {}
    for one in task.trivial:
        texts = one.answer(items, pool)
        found[one.name] = [grade.score(task, item, setting(one.name), text, Finish.STOP) for item, text in zip(items, texts, strict=True)]
    return found
