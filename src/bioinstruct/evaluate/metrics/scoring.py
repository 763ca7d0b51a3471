"""The second pass over stored answers: every metric of the recipe on every answer of the tasks that are answered with a text.

Nobody is asked anything: answers are those that grading has read, of all models and of the trivial answerers. Equal pairs of answer and
references are scored once; those that are stored are not scored again. A metric and a task are one job of the stage's processes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.errors import InputError, MissingExtra
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.records import Item, Score, Setting
from bioinstruct.core.workers import Workers
from bioinstruct.evaluate import grade, lookup, trivial
from bioinstruct.evaluate.metrics import entries, storage
from bioinstruct.evaluate.metrics.base import Metric, Pair
from bioinstruct.evaluate.metrics.storage import Head, Row
from bioinstruct.evaluate.plan import place

PORTION_CHARACTERS, PORTION_PAIRS = 200_000, 512
"""Values are written to disk after so much text, references included, or so many pairs: what is held in memory at once."""


def identities(section: EvaluateSection) -> dict[str, str]:
    """`metrics/NAME` to what the metric is, for the stage's record; of idf the references are told by the tasks' own inputs."""
    return {f"{storage.FOLDER}/{one.name}": storage.identity_text(one.make().identity(())) for one in entries.read(section)}


def run(section: EvaluateSection, settings: Mapping[str, Sequence[Setting]], folder: Path, threads: int, workers: Workers) -> None:
    """Score all answers in the evaluation's folder; what is there of metrics that the section does not name is removed.

    Args:
        section: Without `entries.problems`.
        settings: Task to all settings asked.
        folder: The stage's.
        threads: CPU threads of torch, of each process.
        workers: Where it is done.

    Raises:
        InputError: a metric cannot be used.
        ModelError: its model fails.
    """
    names, tasks = [one.name for one in entries.read(section)], entries.tasks(section)
    _forget(folder, names, tasks)
    jobs = [
        {"written": written, "number": number, "task": task, "settings": list(settings[task]), "folder": folder, "threads": threads}
        for number, written in enumerate(section.metrics)
        for task in tasks
    ]
    try:
        workers.map(score, jobs)
    finally:
        _metric.cache_clear()  # where they were scored in this process


def _forget(folder: Path, names: Sequence[str], tasks: Sequence[str]) -> None:
    for path in (folder / storage.FOLDER).glob("*"):
        if path.name not in names:
            shutil.rmtree(path)
            continue
        for file in path.iterdir():
            if file.stem not in tasks:
                file.unlink()


@lru_cache(maxsize=1)
def _metric(fields: tuple[tuple[str, Any], ...] | str, number: int) -> tuple[str, Metric]:
    """Name and metric of an entry; kept for the next task, with its weights."""
    found = entries.entry(fields if isinstance(fields, str) else dict(fields), number)
    assert isinstance(found, entries.Entry)  # `entries.problems` had nothing
    return found.name, found.make()


def score(
    *, written: entries.Written, number: int, task: str, settings: Sequence[Setting], folder: Path, threads: int, progress: Progress
) -> None:
    """Score all answers of one task by one metric, and write its head last.

    Args:
        written: The recipe's entry.
        number: Its place.
        task: Its name.
        settings: All that were asked.
        folder: The evaluation's.
        threads: CPU threads of torch.
        progress: Told of every pair.
    """
    name, metric = _metric(written if isinstance(written, str) else tuple(written.items()), number)
    if metric.needs_model:
        _use_threads(threads)
    _score(name, metric, None, task, settings, folder, progress)


def refresh(section: EvaluateSection, settings: Mapping[str, Sequence[Setting]], folder: Path) -> None:
    """After answers were read again: the same metrics on what is read now. No model is loaded.

    Raises:
        InputError: a metric that needs a model has not scored an answer as it is read now.
    """
    for one in entries.read(section):
        metric = one.make()
        for task in entries.tasks(section):
            identity = None
            if metric.needs_model:
                head = storage.read_head(folder, one.name, task)
                if head is None:
                    raise InputError(f"{storage.head_file(folder, one.name, task)}: got no such file; allowed: a finished evaluation")
                identity = head.identity
            _score(one.name, metric, identity, task, settings[task], folder, Silent())


def _score(
    name: str,
    metric: Metric,
    stored: dict[str, Any] | None,
    task: str,
    settings: Sequence[Setting],
    folder: Path,
    progress: Progress,
) -> None:
    """As `score`; with the identity that is stored nothing may be missing."""
    pairs, references = _wanted(folder, task, settings)
    identity = metric.identity(references) if stored is None else stored
    before = storage.read_head(folder, name, task)
    if before is not None and before.identity != identity:
        differing = [field for field in identity if before.identity.get(field) != identity[field]]
        progress.say(f"{name}/{task}: another {', '.join(differing)} than before, scored again")
    storage.head_file(folder, name, task).unlink(missing_ok=True)  # unfinished until the new one stands
    text, path = storage.identity_text(identity), storage.rows_file(folder, name, task)
    keys = {storage.key(text, pair): pair for pair in pairs}
    rows = {row.key: row for row in jsonl.resume(path, Row) if row.key in keys}
    missing = [key for key in keys if key not in rows]
    if missing and stored is not None:
        raise InputError(
            f"{name}: got {len(missing)} answers of {task} that are read otherwise than before; allowed: 'bioinstruct evaluate'"
        )
    progress.start(f"{name} {task}", len(keys), "answers")
    progress.advance(len(keys) - len(missing))
    for portion in _portions(missing, keys):
        values = metric.score([keys[key] for key in portion], references)
        found = [Row(key, grade.rounded(value.values), value.counts) for key, value in zip(portion, values, strict=True)]
        jsonl.append(path, found)
        rows |= {row.key: row for row in found}
        progress.advance(len(found))
    jsonl.write(path, [rows[key] for key in keys])  # in one order, wherever it was stopped
    storage.write_head(folder, Head(name, task, metric.figures, identity, len(keys)))


def _wanted(folder: Path, task: str, settings: Sequence[Setting]) -> tuple[list[Pair], list[str]]:
    """All pairs of a task, each once, and all its references."""
    known = lookup.stored(folder, task)
    items, pool = list(jsonl.read(grade.items_file(folder, task), Item)), list(jsonl.read(grade.pool_file(folder, task), Item))
    asked = (jsonl.read(place(folder, task, setting) / grade.SCORES, Score) for setting in settings)
    pairs = dict.fromkeys(
        storage.pair(item, one)
        for scores in chain(asked, trivial.scores(known, items, pool).values())
        for item, one in zip(items, scores, strict=True)
    )
    references = [reference for item in items for reference in storage.references(item)]
    return list(pairs), references


def _portions(missing: Sequence[str], pairs: Mapping[str, Pair]) -> Iterator[list[str]]:
    """Keys in portions: texts of a length together, and the answers to one item."""
    length = {key: sum(map(len, pairs[key].references)) for key in missing}
    portion: list[str] = []
    characters = 0
    for key in sorted(missing, key=lambda key: (length[key], pairs[key].references, len(pairs[key].answer), key)):
        size = length[key] + len(pairs[key].answer)
        if portion and (characters + size > PORTION_CHARACTERS or len(portion) == PORTION_PAIRS):
            yield portion
            portion, characters = [], 0
        portion.append(key)
        characters += size
    if portion:
        yield portion


def _use_threads(threads: int) -> None:
    try:
        import torch
    except ImportError:
        raise MissingExtra("torch", "local") from None
    torch.set_num_threads(threads)
