"""A cell of a study: one mixture, tuned with one seed on one base, and measured on every task.

    cells/<base>/items/ shots/            what is asked, the same for all cells (evaluate.run.prepare)
    cells/<base>/base/                    the base's own answers and scores; record.json last
    cells/<base>/<cell>/instructions.jsonl  tune/  <task>.<setting>/  record.json

A cell's record is written last; without it the cell is unfinished, and goes on with what is there: tuning from its checkpoint, answers from
those on disk. What a cell depends on is in its fingerprint, and nothing else: neither the other cells, nor where it was made.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bioinstruct import __version__
from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.progress import Figure, Progress
from bioinstruct.core.recipe import EvaluateSection, StudySection, TuneSection, identity
from bioinstruct.core.records import Instruction, Setting, StageRecord
from bioinstruct.evaluate import adapters, grade, lookup, plan
from bioinstruct.evaluate import run as evaluate
from bioinstruct.study import mixtures
from bioinstruct.study.mixtures import Mixture
from bioinstruct.tune import run as tune

SUBSET = "instructions.jsonl"
WEIGHTS = f"adapter/{adapters.WEIGHTS}"


@dataclass(frozen=True)
class Cell:
    """One training and its measurement; without a mixture, the base as it is."""

    mixture: Mixture | None
    seed: int
    base: str
    """As `tune.base` has it."""

    @property
    def name(self) -> str:
        """Folder of the cell, and its model's name in settings."""
        return plan.BASE if self.mixture is None else f"{self.mixture.name}.n{self.mixture.size}.s{self.seed}"

    @property
    def records(self) -> int:
        """Records that it is tuned on."""
        return 0 if self.mixture is None else self.mixture.size

    def number(self, seed: int) -> int:
        """Seed of everything random in the cell, made of the run's and the cell's name, so that no two cells share theirs."""
        return int.from_bytes(hashlib.sha256(f"study/{seed}/{self.name}".encode()).digest()[:4], "big")


@dataclass(frozen=True)
class Work:
    """What all cells of a study share; small enough to be sent to another process with every cell."""

    study: StudySection
    tune: TuneSection
    evaluate: EvaluateSection
    """With the study's number of items."""
    seed: int
    """The run's."""
    threads: int
    """Of torch, a process."""
    pool: Path
    """The curated instructions."""
    general: Path | None
    """The instructions of the general control; None = no such control."""
    room: Path
    """`cells/<base>`."""
    inputs: Mapping[str, str]
    """What cells depend on: digests of the pool, the general instructions, the base and the tasks' files, and the tasks' versions."""
    several: bool = False
    """Whether the study has other bases, too, whose cells have the same names."""

    def label(self, cell: Cell) -> str:
        """The cell's name for progress."""
        return f"{self.room.name}/{cell.name}" if self.several else cell.name

    def folder(self, cell: Cell) -> Path:
        """Where the cell's files lie."""
        return self.room / cell.name

    def tuning(self, cell: Cell) -> TuneSection:
        """The recipe's section with the study's changes and the cell's base, without controls: they are cells here."""
        changes: dict[str, Any] = {"base": cell.base, "controls": []}
        for name in ("epochs", "examples_per_step", "learning_rate"):
            if (value := getattr(self.study, name)) is not None:
                changes[name] = value
        return self.tune.model_copy(update=changes)

    def fingerprint(self, cell: Cell) -> str:
        """What the cell's scores depend on."""
        tuned = identity(self.tuning(cell))
        asked = identity(self.evaluate) | {"tasks": self.evaluate.tasks}
        drawn = None if cell.mixture is None else [asdict(cell.mixture), cell.number(self.seed)]
        return runfolder.fingerprint("study", {"tune": tuned, "evaluate": asked, "drawn": drawn}, self.needed(cell))

    def needed(self, cell: Cell) -> dict[str, str]:
        """Those of the inputs that the cell reads."""
        without = set[str]()
        if cell.mixture is None or cell.mixture.kind != "general":
            without.add("general")
        if cell.mixture is None or cell.mixture.kind == "general":
            without.add("pool")
        return {name: digest for name, digest in self.inputs.items() if name not in without}

    def done(self, cell: Cell) -> StageRecord | None:
        """The record of a finished cell whose files are whole."""
        return runfolder.intact(self.folder(cell), self.fingerprint(cell))


def slugs(bases: Sequence[str]) -> dict[str, str]:
    """Base -> name of its folder: the last part of its name, with a digest where two would have the same."""
    short = {base: re.sub(r"[^A-Za-z0-9._-]+", "-", Path(base).name).strip(".-") or "base" for base in bases}
    alike = {base for base in bases if list(short.values()).count(short[base]) > 1}
    return {base: f"{name}-{hashlib.sha256(base.encode()).hexdigest()[:6]}" if base in alike else name for base, name in short.items()}


def listed(section: StudySection, rows: Sequence[Mixture], base: str) -> list[Cell]:
    """All cells of a base, in the order in which they are done: the base, then seed by seed, the longest training of a seed first.

    A study that is stopped thus has whole seeds, and no process is left alone with the longest work at the end.
    """
    cells = [Cell(mixture, seed, base) for mixture in rows for seed in mixtures.seeds(mixture, section)]
    return [Cell(None, 0, base), *sorted(cells, key=lambda cell: (cell.seed, -cell.records))]


def work(cell: Cell, shared: Work, progress: Progress) -> str:
    """Draw, tune, ask and grade one cell, or what is missing of it; gives back its label.

    Raises:
        InputError: the pool is too small, or a record or the base cannot be used.
        ModelError: the base or the training fails.
        LimitReached: the disk is full.
    """
    folder = shared.folder(cell)
    with runfolder.disk_errors(folder):
        if shared.done(cell) is None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "record.json").unlink(missing_ok=True)
            started = time.monotonic()
            trained = None if cell.mixture is None else _tune(cell, shared, _Named(progress, shared.label(cell)))
            tuned = time.monotonic()
            _ask(cell, shared, trained, _Named(progress, shared.label(cell)))
            seconds = (tuned - started, time.monotonic() - tuned)
            runfolder.write_record(folder, _record(cell, shared, trained, seconds))
    progress.start(f"{shared.label(cell)} done", None, "")
    return shared.label(cell)


def _tune(cell: Cell, shared: Work, progress: Progress) -> StageRecord:
    from bioinstruct.study import host

    assert cell.mixture is not None  # the base is not tuned
    subset = shared.folder(cell) / SUBSET
    general = [] if shared.general is None or cell.mixture.kind != "general" else _read(shared.general, shared.inputs["general"])
    records = mixtures.draw(cell.mixture, cell.number(shared.seed), _read(shared.pool, shared.inputs["pool"]), general)
    jsonl.write(subset, records)
    section = shared.tuning(cell)
    host.rest()
    return tune.run(
        section,
        records,
        seed=cell.number(shared.seed),
        threads=shared.threads,
        folder=shared.folder(cell) / "tune",
        control=None,
        inputs={SUBSET: runfolder.sha256(subset), **{name: digest for name, digest in shared.inputs.items() if name.startswith("base")}},
        progress=progress,
    )


@lru_cache(maxsize=2)
def _read(path: Path, digest: str) -> tuple[Instruction, ...]:
    """The records of a file, read once a process; `digest` tells one state of it from another."""
    return tuple(jsonl.read(path, Instruction))


def _ask(cell: Cell, shared: Work, trained: StageRecord | None, progress: Progress) -> None:
    """Ask every task and grade; the base itself is loaded once a process."""
    from bioinstruct.study.host import host

    section = shared.tuning(cell)
    adapter = None if trained is None else shared.folder(cell) / "tune" / "adapter"
    labels = {} if trained is None else {cell.name: f"tune/adapter@{trained.outputs[WEIGHTS][:16]}"}
    for task in longest_first(shared):
        evaluate.ask(
            shared.evaluate,
            tune=section,
            adapters={} if adapter is None else {cell.name: adapter},
            labels=labels,
            folder=shared.room,
            threads=shared.threads,
            model=cell.name,
            task=task,
            progress=progress,
            load=lambda: host(cell.base, section.template, shared.threads, shared.evaluate.dtype).model(adapter),
        )


def longest_first(shared: Work) -> list[str]:
    """Task names, those that are generated first."""
    tasks = lookup.known(shared.evaluate)
    return sorted(shared.evaluate.tasks, key=lambda name: (tasks.get(name).mode == "rank", -tasks.get(name).max_new_tokens))


def settings(cell: Cell, shared: Work, task: str) -> list[Setting]:
    """How the cell's model is asked a task: one setting, or each of the base's."""
    labels = {} if cell.mixture is None else {cell.name: ""}
    asks = plan.plan([lookup.known(shared.evaluate).get(task)], shared.evaluate, shared.tune.template, labels)
    return [setting for ask in asks for setting in ask.settings if setting.model == cell.name]


def _record(cell: Cell, shared: Work, trained: StageRecord | None, seconds: tuple[float, float]) -> StageRecord:
    folder = shared.folder(cell)
    outputs = [] if trained is None else [SUBSET, *(f"tune/{name}" for name in trained.outputs)]
    items = 0
    for task in shared.evaluate.tasks:
        for setting in settings(cell, shared, task):
            place = plan.place(shared.room, task, setting).relative_to(folder)
            answers = grade.RANKINGS if setting.mode == "rank" else grade.COMPLETIONS
            outputs += [f"{place}/{name}" for name in (answers, grade.SCORES, grade.RESULT)]
            result = grade.read_result(folder / place)
            assert result is not None  # it was just graded
            items += result.n
    return StageRecord(
        stage="study",
        name=cell.name,
        section={
            "cell": None if cell.mixture is None else asdict(cell.mixture),
            "seed": cell.seed,
            "base": cell.base,
            "tune": shared.tuning(cell).model_dump(mode="json"),
            "evaluate": shared.evaluate.model_dump(mode="json"),
        },
        fingerprint=shared.fingerprint(cell),
        inputs=shared.needed(cell),
        outputs={name: runfolder.sha256(folder / name) for name in outputs},
        counts={
            **({} if trained is None else trained.counts),
            "items": items,
            "tune_milliseconds": round(1000 * seconds[0]),
            "evaluate_milliseconds": round(1000 * seconds[1]),
        },
        versions={"bioinstruct": __version__, **({} if trained is None else trained.versions)},
        seconds=round(sum(seconds), 3),
    )


class _Named:
    """Progress of a stage, told under the cell's label: `<label> tune`, `<label> <task>.<setting>`."""

    def __init__(self, inner: Progress, name: str) -> None:
        self._inner, self._name = inner, name

    def start(self, label: str, total: int | None, unit: str) -> None:
        self._inner.start(f"{self._name} {'tune' if label.startswith('tune') else label.partition(' ')[2]}", total, unit)

    def advance(self, n: int = 1, note: str = "", **figures: Figure) -> None:
        self._inner.advance(n, note, **figures)

    def say(self, text: str) -> None:
        self._inner.say(f"{self._name}: {text}")

    def branch(self) -> Progress:
        return self

    def finish(self) -> None:
        self._inner.finish()
