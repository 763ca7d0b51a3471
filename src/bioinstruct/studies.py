"""The command `study`: a recipe in, a transfer matrix out (`study/run.py`); here, on a Ray cluster, or only as a plan."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bioinstruct import board, display, pipeline
from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import InputError, raise_problems
from bioinstruct.core.recipe import Recipe, Resolved
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.core.workers import Workers, launched
from bioinstruct.rounds import Rounds
from bioinstruct.study import forecast, mixtures
from bioinstruct.study import run as stage
from bioinstruct.study.cells import Cell
from bioinstruct.study.run import Mapper, Study

BEFORE = ("generate", "curate")


@dataclass(frozen=True)
class Asked:
    """The command's options."""

    plan: bool = False
    quick: bool = False
    ray: str | None = None
    restart: str | None = None
    told: str = "auto"


def study(resolved: Resolved, out: Path, asked: Asked) -> Iterator[str]:
    """Do a study in the run folder `out`, generating and curating first where that is missing; gives back lines that say what it found.

    Args:
        resolved: The recipe.
        out: The run folder.
        asked: Options.

    Raises:
        InputError: something that was given cannot be used.
        LimitReached: the disk is full, or the target of instructions was not reached.
    """
    if asked.told not in display.KINDS:
        raise InputError(f"--progress: got '{asked.told}'; allowed: {', '.join(display.KINDS)}")
    if asked.restart not in (None, "study"):
        raise InputError(f"--restart: got '{asked.restart}'; allowed: study")
    if (size := launched()[1]) > 1:
        raise InputError(
            f"arguments: got {size} processes of a launcher; allowed: one; a study shares its cells out itself (workers, --ray)"
        )
    recipe = _chosen(resolved.recipe, asked.quick)
    folder = out / "study" / "quick" if asked.quick else out / "study"
    RunFolder(out).check()
    raise_problems([*pipeline.check(resolved.recipe, BEFORE), *pipeline.check_folder(out, resolved.recipe, BEFORE), *stage.check(recipe)])
    if asked.plan:
        if asked.restart is None:
            RunFolder(out).refuse_drift(resolved)
        yield from _planned(recipe, out, folder)
        return
    with RunFolder(out) as run:
        if asked.restart is not None:
            run.restart(asked.restart, resolved)
        run.adopt(resolved)
        _curate(resolved.recipe, run, asked.told)
        began = time.monotonic()
        studies = _studies(recipe, out, folder)
        yield from mixtures.left_out(recipe.study, stage.counted(recipe, out)[0])
        with ExitStack() as stack:
            mapper = _mapper(recipe, studies, asked, stack)
            stage.run(studies, folder, mapper)
        row = {"stage": "study", "seconds": round(time.monotonic() - began, 2), "at": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
        jsonl.append(out / "timing.jsonl", [row])
        said = json.loads((folder / "matrix.json").read_text(encoding="utf-8"))
        yield from (one["text"] for one in said["conclusions"])
        yield f"matrix: {folder / 'matrix.json'}"


def _chosen(recipe: Recipe, quick: bool) -> Recipe:
    return recipe.model_copy(update={"study": stage.quick(recipe.study)}) if quick else recipe


def _curate(recipe: Recipe, run: RunFolder, told: str) -> None:
    progress = display.choose(told)
    try:
        with runfolder.disk_errors(run.path):
            Rounds(recipe, run, progress).run()
    finally:
        progress.close()


def _studies(recipe: Recipe, out: Path, folder: Path) -> list[Study]:
    bases = stage.bases(recipe)
    threads = max(1, recipe.threads // _processes(recipe, bases))
    digests = {base: pipeline.base_inputs(base) for base in bases}
    return stage.plan(recipe, out, folder, threads, digests, stage.counted(recipe, out)[0])


def _processes(recipe: Recipe, bases: Sequence[str]) -> int:
    """One for a GPU; else as the recipe says for small bases."""
    import torch

    return 1 if torch.cuda.is_available() else pipeline.processes(recipe, bases)


def _mapper(recipe: Recipe, studies: Sequence[Study], asked: Asked, stack: ExitStack) -> Mapper:
    """Who does the cells, and the board that shows them."""
    processes = _processes(recipe, [one.base for one in studies])
    likely = {one.work.label(cell): seconds for one in studies for cell, seconds in _seconds(recipe, one, one.missing())}
    shown = board.choose(asked.told, board.States(likely, processes))
    stack.callback(shown.close)
    if asked.ray is None:
        return stack.enter_context(Workers(processes, shown))
    from bioinstruct.study.machines import Machines

    return stack.enter_context(Machines(asked.ray, processes, shown))


def _seconds(recipe: Recipe, one: Study, cells: Sequence[Cell]) -> list[tuple[Cell, float]]:
    if not cells:
        return []
    speed = forecast.rates(one.cells, one.work, partial(_assumed, recipe, one))
    return [(cell, forecast.seconds(cell, one.work, speed)) for cell in cells]


def _assumed(recipe: Recipe, one: Study) -> float:
    """Tokens a second of training that this machine is taken to reach with a base: a share of its matrix products' speed just now."""
    import torch

    from bioinstruct import doctor
    from bioinstruct.models import architecture, memory_estimate

    speed = doctor.matrix_speed("cuda" if torch.cuda.is_available() else "cpu")
    if not torch.cuda.is_available():
        speed /= _processes(recipe, [one.base])
    each = memory_estimate.operations(architecture.read(one.base), 1.0, 0.1, checkpointing=recipe.tune.gradient_checkpointing)
    return speed * doctor.SPEED_SHARE / each


def _planned(recipe: Recipe, out: Path, folder: Path) -> Iterator[str]:
    """A line a mixture, and what all of them take."""
    counts, there = stage.counted(recipe, out)
    pool = ", ".join(f"{name} {n}" for name, n in counts.items())
    yield f"pool: {pool}" + (
        "" if there else f" (expected of generate.target={recipe.generate.target}; generating and curating come first)"
    )
    yield from mixtures.left_out(recipe.study, counts)
    for one in _studies(recipe, out, folder):
        missing = {cell.name for cell in one.missing()}
        speed = forecast.rates(one.cells, one.work, partial(_assumed, recipe, one))
        memory = _gib(_memory(recipe, one))
        yield f"base {one.base}: {len(one.cells)} cells, {len(one.cells) - len(missing)} done"
        yield f"{'mixture':24} {'records':>8} {'seeds':>6} {'done':>6} {'each':>9} {'memory':>9}"
        rows: dict[str, list[Cell]] = {}
        for cell in one.cells:
            rows.setdefault("none (the base)" if cell.mixture is None else cell.mixture.name, []).append(cell)
        for name in ["none (the base)", *(row.name for row in one.rows)]:
            members = rows[name]
            done = sum(cell.name not in missing for cell in members)
            each = _duration(forecast.seconds(members[0], one.work, speed))
            yield f"{name:24} {members[0].records:8,} {len(members):6} {done:6} {each:>9} {memory:>9}"
        yield from _in_all(recipe, one, missing, speed)


def _in_all(recipe: Recipe, one: Study, missing: set[str], speed: forecast.Rates) -> Iterator[str]:
    processes = _processes(recipe, [one.base])
    seconds = sum(forecast.seconds(cell, one.work, speed) for cell in one.cells if cell.name in missing)
    yield f"to do: {len(missing)} cells, about {_duration(seconds / processes)} in {processes} process{'es' if processes > 1 else ''}"
    rates = f"{speed.tokens:,.0f} tokens trained a second"
    if speed.measured:
        yield f"times are those of the {speed.measured} cells that are done: {rates}, {speed.item:.3f} s an item"
    else:
        yield (
            f"times are assumed: {rates} (from the speed of matrix products just now), {speed.record:.0f} tokens a record, and an item "
            "takes as long as a record trained once; the first cells that are done will say better"
        )


def _memory(recipe: Recipe, one: Study) -> int:
    """Bytes that a process takes at most, tuning or asking."""
    import torch

    from bioinstruct import doctor
    from bioinstruct.models import architecture, memory_estimate

    gpu = torch.cuda.is_available()
    base = architecture.read(one.base)
    section = recipe.tune.model_copy(update={"base": one.base})
    tuning = memory_estimate.tuning(base, doctor.planned(base, section, gpu))
    answering = doctor.answering(base, recipe.evaluate, gpu)
    return max(sum(tuning.values()), sum(answering.values())) + doctor.RUNTIME_BYTES["cuda" if gpu else "cpu"]


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{max(seconds, 1):.0f} s"
