"""The stages in order over one run folder, and the check of all of them before anything costs.

    recipe ──check──▶ rounds of (generate, curate) ──▶ tune (ours, then controls) ──▶ evaluate (and judge) ──▶ report

A stage whose record is there with the expected fingerprint is skipped; one that was interrupted goes on; one whose inputs
have changed (a raised target gives more instructions to tune on) is done again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import InputError, Problem, raise_problems
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import Recipe, Resolved
from bioinstruct.core.records import Instruction, Outcome
from bioinstruct.core.runfolder import STAGES, RunFolder
from bioinstruct.core.workers import Workers, launched
from bioinstruct.rounds import Rounds, check_files, seed_problems

if TYPE_CHECKING:
    from bioinstruct.models.purse import Purse

INSTRUCTIONS = "curate/instructions.jsonl"
SMALL_BASE = 2**28
"""Bytes of a base's weights up to which several processes may hold a copy each."""


def check(recipe: Recipe, stages: Sequence[str] = STAGES) -> list[Problem]:
    """Every problem of the stages to come that can be known before any work."""
    problems: list[Problem] = []
    if "generate" in stages:
        from bioinstruct.generate import run as generate
        from bioinstruct.models import prices, teachers

        problems += generate.check(recipe.generate)
        paid = teachers.paid(recipe.generate) if recipe.asks_teacher else None
        problems += prices.problems(paid, recipe.prices, recipe.budget_usd)
        if recipe.asks_teacher and recipe.generate.instructions is not None:  # generate itself asks nothing then
            problems += teachers.problems(recipe.generate)
    if "curate" in stages:
        from bioinstruct.curate import run as curate
        from bioinstruct.curate import sources

        problems += curate.check(recipe.curate)
        if "evaluate" not in stages:  # which asks for the tasks' files itself
            problems += sources.problems(recipe.curate, recipe.evaluate)
    if "evaluate" in stages:
        from bioinstruct.evaluate import compared, judging
        from bioinstruct.evaluate import run as evaluate
        from bioinstruct.models import prices

        found = evaluate.check(recipe.evaluate, recipe.tune)
        problems += found
        if not found:
            for other in compared.served(recipe.evaluate, recipe.tune):
                problems += prices.problems(other.model, recipe.prices, recipe.budget_usd)
            of_judge = judging.check(recipe.judge, recipe.evaluate, recipe.prices, recipe.budget_usd)
            problems += [one for one in of_judge if one not in problems]
    if {"tune", "evaluate"} & set(stages):
        from bioinstruct.tune import run as tune

        problems += tune.check(recipe.tune)
    if "report" in stages:
        from bioinstruct.report import run as report

        problems += report.check(recipe.report)
    return problems or (seed_problems(recipe) if "generate" in stages else [])


def check_folder(folder: Path, recipe: Recipe, stages: Sequence[str], *, restarted: bool = False) -> list[Problem]:
    """What `stages` need from earlier ones and the run folder does not hold.

    Args:
        folder: The run's.
        recipe: As resolved.
        stages: Those to do.
        restarted: The first of them is about to be forgotten.

    Raises:
        RunFolderError: its ledger is needed and cannot be used, or the files that its requests came from have changed.
    """
    judges = "evaluate" in stages and recipe.judge.model is not None
    if ("generate" in stages or judges) and (folder / "ledger.sqlite").exists():
        from bioinstruct.models.ledger import Ledger

        Ledger(folder / "ledger.sqlite").close()
        if "generate" in stages and not restarted:
            check_files(recipe.generate, folder)
    needed: dict[str, str] = {}
    if "tune" in stages and "curate" not in stages:
        needed[INSTRUCTIONS] = "curate"
    if "evaluate" in stages and "tune" not in stages:
        needed |= {f"{name}/adapter": "tune" for name in ("tune", *(f"tune/controls/{control}" for control in recipe.tune.controls))}
    if "report" in stages and "evaluate" not in stages and not (folder / "study/matrix.json").exists():
        needed["evaluate/summary.json"] = "evaluate"
    lacking = {name: stage for name, stage in needed.items() if not (folder / name).exists()}
    return [Problem(str(folder), f"no {name}", f"run the stage '{stage}' first") for name, stage in lacking.items()]


def base_inputs(base: str) -> dict[str, str]:
    """A base model as a stage input: digests of its weights, configuration and tokenizer, or its hub id."""
    from bioinstruct.models.checkpoint import resolve

    place = resolve(base)
    if isinstance(place, str):
        return {"base": f"hub:{place}"}
    names = sorted({"config.json", "tokenizer.json", "tokenizer.model", *(path.name for path in place.glob("*.safetensors"))})
    return {f"base/{name}": runfolder.sha256(place / name) for name in names if (place / name).is_file()}


def processes(recipe: Recipe, bases: Sequence[str]) -> int:
    """As the recipe says for small bases; a large one is loaded once, and so is one that several launched processes tune."""
    if launched()[1] > 1:
        return 1
    from bioinstruct.models.checkpoint import resolve

    places = [resolve(base) for base in bases]
    small = all(
        isinstance(place, Path) and sum(path.stat().st_size for path in place.glob("*.safetensors")) <= SMALL_BASE for place in places
    )
    return recipe.workers if small else 1


class Pipeline:
    """One recipe over one open run folder.

    Args:
        resolved: The recipe, and which fields were given.
        folder: An open (locked) run folder that has adopted the recipe.
        progress: Told of every step.
    """

    def __init__(self, resolved: Resolved, folder: RunFolder, progress: Progress) -> None:
        self.resolved, self.recipe, self.folder, self.progress = resolved, resolved.recipe, folder, progress

    def run(self, stages: Sequence[str] = STAGES, *, checked: bool = False) -> None:
        """Check all of `stages`, then do what is missing of them.

        Args:
            stages: Names of the stages to do.
            checked: The caller has asked `check` and `check_folder` already (reading real task files takes seconds).

        Raises:
            InputError: A check failed and nothing was done, or an earlier stage is missing.
            LimitReached: The target was not reached within `generate.max_requests`, or the disk is full.
        """
        if not checked:
            raise_problems([*check(self.recipe, stages), *check_folder(self.folder.path, self.recipe, stages)])
        with runfolder.disk_errors(self.folder.path):
            if "generate" in stages or "curate" in stages:
                with self._timed("generate+curate"):
                    Rounds(self.recipe, self.folder, self.progress).run()
            with Workers(processes(self.recipe, [self.recipe.tune.base, *self._compared(stages)]), self.progress) as workers:
                if "tune" in stages:
                    self._tune(workers)
                if "evaluate" in stages:
                    self._evaluate(workers)
            if "report" in stages:
                self._report()

    def join_tuning(self) -> None:
        """Tune with the main process, which checks, locks and writes: what the other processes of torchrun or `accelerate launch` do."""
        with Workers(1, self.progress) as workers:
            workers.map(*self._tuning(workers))

    @property
    def controls(self) -> dict[str, Path]:
        """Model name of each control -> its stage folder."""
        return {name: self.folder / "tune" / "controls" / name for name in self.recipe.tune.controls}

    def _compared(self, stages: Sequence[str]) -> list[str]:
        """Folders and hub ids of the models that ours are compared with, where that is to be done."""
        from bioinstruct.evaluate import compared

        return compared.places(self.recipe.evaluate, self.recipe.tune) if "evaluate" in stages else []

    def _threads(self, workers: Workers) -> int:
        """Threads of each process."""
        return max(1, self.recipe.threads // workers.count)

    def _tune(self, workers: Workers) -> None:
        with self._timed("tune"):
            workers.map(*self._tuning(workers))

    def _tuning(self, workers: Workers) -> tuple[Callable[..., Any], list[dict[str, Any]]]:
        """The stage's function, and its arguments for ours and each control."""
        from bioinstruct.tune import run as tune

        path = self.folder / INSTRUCTIONS
        inputs = {INSTRUCTIONS: runfolder.sha256(path), **base_inputs(self.recipe.tune.base)}
        instructions = list(jsonl.read(path, Instruction))
        adapters: list[tuple[str | None, Path]] = [(None, self.folder / "tune"), *self.controls.items()]
        jobs = [
            {
                "section": self.recipe.tune,
                "instructions": instructions,
                "seed": self.recipe.seed,
                "threads": self._threads(workers),
                "folder": folder,
                "control": name,
                "inputs": inputs,
            }
            for name, folder in adapters
        ]
        return tune.run, jobs

    def _evaluate(self, workers: Workers) -> None:
        from bioinstruct.evaluate import compared
        from bioinstruct.evaluate import run as evaluate

        adapters = {"tuned": self.folder / "tune" / "adapter"} | {name: folder / "adapter" for name, folder in self.controls.items()}
        with self._timed("evaluate"):
            evaluate.run(
                self.recipe.evaluate,
                tune=self.recipe.tune,
                adapters=adapters,
                threads=self._threads(workers),
                folder=self.folder / "evaluate",
                inputs=base_inputs(self.recipe.tune.base),
                workers=workers,
                purse=self._purse if compared.served(self.recipe.evaluate, self.recipe.tune) else None,
            )
        self._judge()

    @property
    def _purse(self) -> Purse:
        """With what this run asks models behind servers."""
        from bioinstruct.models.purse import Purse

        recipe = self.recipe
        return Purse(self.folder / "ledger.sqlite", recipe.prices, recipe.budget_usd, recipe.budget_tokens, self.progress)

    def _judge(self) -> None:
        """Have the generated texts judged, where the recipe names a judge; else forget what a former one said."""
        from bioinstruct.evaluate import judging

        if self.recipe.judge.model is None:
            judging.forget(self.folder.path)
            return
        with self._timed("judge"):
            judging.run(self.recipe.judge, self._purse, self.recipe.seed, folder=self.folder.path)

    def _report(self) -> None:
        from bioinstruct.report import run as report

        self.progress.start("report", None, "")
        with self._timed("report"):
            report.run(self.recipe.report, folder=self.folder, resolved=self.resolved)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        """Append the wall time to `timing.jsonl`, which is outside the promise of equal bytes."""
        began = time.monotonic()
        yield
        row = {"stage": stage, "seconds": round(time.monotonic() - began, 2), "at": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
        jsonl.append(self.folder / "timing.jsonl", [row])


def regrade(path: Path) -> str:
    """Grade and compare a run's evaluation again from what is stored, without a model; gives back a line about it.

    Raises:
        InputError: the run has not evaluated.
    """
    from bioinstruct.evaluate.regrade import regrade as work

    if not (path / "evaluate").is_dir():
        raise InputError(f"{path}: got no evaluate; allowed: the folder of a run that has evaluated")
    with RunFolder(path) as folder:
        counts = work(folder / "evaluate").counts
    told = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in Outcome if counts.get(outcome))
    return f"graded again: {told}; next: bioinstruct report"


def _judged_line(folder: RunFolder) -> list[str]:
    """The judge's headline, where there is a judge."""
    from bioinstruct.evaluate import judging

    found = judging.read(folder.path)
    if found is None:
        return []
    gain = found["family"]["gains"]["base"]["absolute"]
    if gain is None:
        return [f"judge {found['judge']}: {found['note']}"]
    interval = f"[{gain['low']:+.2f}, {gain['high']:+.2f}]"
    return [f"judge {found['judge']}: tuned minus strongest base {gain['value']:+.2f} of 1 to 5 {interval}, n = {gain['n']}"]


def closing_lines(folder: RunFolder, stages: Sequence[str]) -> list[str]:
    """What to tell the user at the end: where the results are, and the headline."""
    lines = []
    summary = folder / "evaluate" / "summary.json"
    if "evaluate" in stages and summary.exists():
        for name, family in json.loads(summary.read_text(encoding="utf-8"))["families"].items():
            gain = family["gains"]["base"]["absolute"]
            if gain is not None:  # a family may have no task in this recipe
                interval = f"[{gain['low']:+.3f}, {gain['high']:+.3f}]"
                lines.append(f"{name}: tuned minus strongest base {gain['value']:+.3f} {interval}, n = {gain['n']}")
        lines += _judged_line(folder)
    if "report" in stages and (folder / "report.html").exists():
        lines.append(f"page: {folder / 'report.html'}")
    return lines
