"""The stage: curated instructions in, a transfer matrix out.

    study/general.jsonl              the instructions of the general control; general_contamination.jsonl: test items found in them
    study/cells/<base>/ ...          the base's answers, and a folder a cell (study/cells.py)
    study/matrix.json                what the scores say (study/matrix.py); matrix.<base>.json of a second base and further ones
    study/record.json                last
    study/quick/                     the same of --quick, which shares nothing with the full study

Cells are jobs, in the processes of `core.workers` or on the machines of a Ray cluster; they meet through files only, so the matrix
depends neither on who made a cell, nor in which order, nor on how often the work was stopped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from bioinstruct import __version__
from bioinstruct.core import categories, instruction_file, jsonl, runfolder
from bioinstruct.core.errors import BioinstructError, Problem, raise_problems
from bioinstruct.core.recipe import EvaluateSection, Recipe, StudySection
from bioinstruct.core.records import Category, Instruction, Origin, StageRecord, instruction_id
from bioinstruct.curate import sources
from bioinstruct.curate.contamination import Record
from bioinstruct.curate.screen import Reported
from bioinstruct.embedded import general_teacher
from bioinstruct.evaluate import lookup
from bioinstruct.evaluate import run as evaluate
from bioinstruct.models import hub
from bioinstruct.study import cells, mixtures, published, table
from bioinstruct.study.cells import Cell, Work
from bioinstruct.study.matrix import matrix
from bioinstruct.study.mixtures import Mixture
from bioinstruct.tasks import TASKS
from bioinstruct.tune import run as tune

INSTRUCTIONS = "curate/instructions.jsonl"
GENERAL_LEAKS = "general_contamination.jsonl"
EMBEDDED = "embedded"
LIKELY_SHARES = {"qa": 0.23, "ie": 0.34, "generation": 0.33, "other": 0.10}
"""Of the built-in categories, before there are records to be counted: those of the paper (Tran et al. 2024), rounded. Own ones: equal."""
GENERAL_RECORDS = 4
"""The embedded general teacher writes so many times the records that a mixture needs, so that seeds draw different ones."""


class Mapper(Protocol):
    """Who does the cells: `core.workers.Workers`, or `study.machines.Machines`."""

    def map(self, function: Callable[..., Any], jobs: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What `function(**job, progress=...)` gives back for each job, in order."""


@dataclass(frozen=True)
class Study:
    """A study of one base, ready to be done: its rows, its cells, and what they share."""

    recipe: Recipe
    """With the section of --quick where that is asked for."""
    base: str
    rows: list[Mixture]
    cells: list[Cell]
    work: Work

    def missing(self) -> list[Cell]:
        """Cells that are not done."""
        return [cell for cell in self.cells if self.work.done(cell) is None]


def quick(section: StudySection) -> StudySection:
    """The smaller list of --quick: three seeds of single categories, all and the general control; fewer records and items."""
    seeds = {"seeds": min(3, section.seeds), "side_seeds": min(3, section.side_seeds)}
    least = {"size": min(96, section.size), "items": min(20, section.items or 20)}
    return section.model_copy(update={**seeds, **least, "sizes": [], "rows": []})


def check(recipe: Recipe) -> list[Problem]:
    """What is wrong with the section, the tasks, the bases and the general instructions, before there is a pool or any work."""
    section = recipe.study
    found = [
        Problem(f"study.{field}", f"{value!r} more than once", "each once")
        for field in ("sizes", "rows", "bases")
        for value in sorted({value for value in getattr(section, field) if getattr(section, field).count(value) > 1})
    ]
    found += [
        Problem("study.sizes", str(size), f"{mixtures.WHOLE} (the whole pool), or 8 or more") for size in section.sizes if 0 != size < 8
    ]
    found += _matched_problems(recipe)
    found += [] if section.general in (None, EMBEDDED) else _general_problems(Path(section.general or ""), section.size)
    if section.items is not None and recipe.curate.contamination != "off" and section.items > recipe.evaluate.items:
        found += [
            Problem(
                "study.items", f"{section.items} of {name}", f"at most evaluate.items = {recipe.evaluate.items}, which curation looks for"
            )
            for name in recipe.evaluate.tasks
            if name in TASKS and TASKS.get(name).data.embedded
        ][:1]
    for problem in evaluate.check(_asked(recipe), recipe.tune):
        items = problem.place == "evaluate.items" and section.items is not None
        found.append(replace(problem, place="study.items") if items else problem)
    for base in bases(recipe):
        found += tune.check(recipe.tune.model_copy(update={"base": base}))
    return found


def _matched_problems(recipe: Recipe) -> list[Problem]:
    """What is wrong with the matched tasks, and with categories that are too many for a study."""
    own, section = recipe.curate.categories, recipe.study
    known = [one.name for one in own]
    if section.matched and not own:
        return [Problem("study.matched", ", ".join(section.matched), "nothing without curate.categories: tasks match by their family")]
    found = []
    for task, category in section.matched.items():
        if task not in recipe.evaluate.tasks:
            found.append(Problem(f"study.matched.{task}", "a task that is not asked", f"one of {', '.join(recipe.evaluate.tasks)}"))
        if category not in known:
            found.append(Problem(f"study.matched.{task}", f"'{category[:60]}'", f"one of {', '.join(known)}"))
    if len(known) > categories.MOST:
        rows = mixtures.plan(section, dict.fromkeys(categories.names(own), section.size))
        n = len(bases(recipe)) * (1 + sum(len(mixtures.seeds(row, section)) for row in rows))
        found.append(Problem("curate.categories", f"{len(known)}, which are {n:,} cells", f"at most {categories.MOST}"))
    return found


def _general_problems(path: Path, size: int) -> list[Problem]:
    try:
        n = len({(row.instruction, row.input, row.output) for row in instruction_file.read_instructions(path)})
    except BioinstructError as error:
        return [Problem("study.general", str(error).replace("; allowed: ", "; wanted: "), "an instruction file, 'embedded' or null")]
    return [] if n >= size else [Problem("study.general", f"{n} records in {path}", f"at least study.size = {size}")]


def bases(recipe: Recipe) -> list[str]:
    """The base models of the study."""
    return recipe.study.bases or [recipe.tune.base]


def _asked(recipe: Recipe) -> EvaluateSection:
    """The evaluate section with the study's number of items."""
    items = recipe.study.items
    return recipe.evaluate if items is None else recipe.evaluate.model_copy(update={"items": items})


def counted(recipe: Recipe, run: Path) -> tuple[dict[str, int], bool]:
    """Category -> records in the run's pool, and whether they are there to be counted; else those that the target is likely to give."""
    path, own = run / INSTRUCTIONS, recipe.curate.categories
    known = categories.names(own)
    if path.exists():
        return mixtures.count(list(jsonl.read(path, Instruction)), known), True
    shares = dict.fromkeys(known, 1 / (len(known) - 1)) | {categories.REST: 0.0} if own else LIKELY_SHARES
    return {name: round(share * recipe.generate.target) for name, share in shares.items()}, False


def plan(
    recipe: Recipe, run: Path, folder: Path, threads: int, digests: Mapping[str, Mapping[str, str]], counts: Mapping[str, int]
) -> list[Study]:
    """The cells of every base. Nothing is written.

    Args:
        recipe: As resolved, with the section of --quick where that is asked for.
        run: The run folder, in which instructions are curated.
        folder: The study's.
        threads: CPU threads of torch, of each process.
        digests: Base -> file -> SHA-256 of what it consists of.
        counts: Category -> records in the pool.

    Raises:
        InputError: the pool is too small for the study.
    """
    raise_problems(mixtures.problems(recipe.study, counts))
    inputs = _inputs(recipe, _asked(recipe), run)
    return _studies(recipe, run, folder, threads, {base: {**inputs, **digests[base]} for base in bases(recipe)}, counts)


def finished(recipe: Recipe, run: Path, folder: Path) -> list[Study]:
    """The cells of a study that is done, to look at: what they depend on is not read. Arguments as of `plan`."""
    return _studies(recipe, run, folder, 1, {base: {} for base in bases(recipe)}, counted(recipe, run)[0])


def _studies(
    recipe: Recipe, run: Path, folder: Path, threads: int, inputs: Mapping[str, Mapping[str, str]], counts: Mapping[str, int]
) -> list[Study]:
    rows = mixtures.plan(recipe.study, counts)
    section, names = _asked(recipe), cells.slugs(bases(recipe))
    found = []
    for base in bases(recipe):
        shared = Work(
            study=recipe.study, tune=recipe.tune, evaluate=section, seed=recipe.seed, threads=threads, pool=run / INSTRUCTIONS,
            general=None if recipe.study.general is None else folder / "general.jsonl", room=folder / "cells" / names[base],
            inputs=inputs[base], several=len(names) > 1,
        )  # fmt: skip
        found.append(Study(recipe, base, rows, cells.listed(recipe.study, rows, base), shared))
    return found


def _inputs(recipe: Recipe, section: EvaluateSection, run: Path) -> dict[str, str]:
    """What cells are drawn from and asked: digests of files, versions of what is made."""
    pool, general = run / INSTRUCTIONS, recipe.study.general
    found = {"pool": runfolder.sha256(pool) if pool.exists() else ""}
    if general == EMBEDDED:
        found["general"] = f"{general_teacher.NAME} {GENERAL_RECORDS * recipe.study.size} {recipe.seed}"
    elif general is not None:
        found["general"] = f"{runfolder.sha256(Path(general))} contamination {recipe.curate.contamination}"
    tasks = lookup.known(section)
    for name in section.tasks:
        found[f"task/{name}"] = tasks.get(name).version
        if name in section.files:
            found[f"file/{name}"] = runfolder.sha256(hub.local(section.files[name]))
    own = section.model_copy(update={"files": {}})
    return found | {f"file/{name}": digest for name, digest in lookup.inputs(own).items()}


def _write_shared(study: Study, folder: Path) -> None:
    """The items of all tasks, and the instructions of the general control: none that the recipe would not train on."""
    evaluate.prepare(study.work.evaluate, study.work.room)
    if study.work.general is None:
        return
    made = _general(study.recipe)
    against = sources.load(study.recipe.curate, study.work.evaluate)
    found = against.contamination.find(Record(one.instruction, one.input, one.output) for one in made) if against else [None] * len(made)
    leaks = {one.id: leak for one, leak in zip(made, found, strict=True) if leak is not None}
    kept = [one for one in made if study.recipe.curate.contamination != "drop" or one.id not in leaks]
    if len(kept) < study.recipe.study.size:
        got = f"{len(kept)} of {len(made)} records that hold no test item"
        raise_problems([Problem("study.general", got, f"at least study.size = {study.recipe.study.size}")])
    jsonl.write(folder / GENERAL_LEAKS, [Reported(record, leak) for record, leak in leaks.items()])
    jsonl.write(study.work.general, kept)


def _general(recipe: Recipe) -> list[Instruction]:
    """The records of `study.general`, each text once."""
    source = recipe.study.general or ""
    if source == EMBEDDED:
        texts = general_teacher.records(GENERAL_RECORDS * recipe.study.size, recipe.seed)
    else:
        texts = [(row.instruction, row.input, row.output) for row in instruction_file.read_instructions(source)]
    method, teacher = ("teacher", general_teacher.NAME) if source == EMBEDDED else ("file", None)
    return [
        Instruction(instruction_id(*three), *three, category=Category.OTHER, origin=Origin(method, position=number, teacher=teacher))
        for number, three in enumerate(dict.fromkeys(texts), start=1)
    ]


def run(studies: Sequence[Study], folder: Path, mapper: Mapper) -> StageRecord:
    """Do the cells that are missing, compare, and write the matrix of every base and the record.

    Raises:
        ModelError: a training or a process failed; what is done is kept.
        LimitReached: the disk is full.
    """
    started = time.monotonic()
    with runfolder.disk_errors(folder):
        (folder / "record.json").unlink(missing_ok=True)
        for study in studies:
            _write_shared(study, folder)
        mapper.map(cells.work, [{"cell": cell, "shared": study.work} for study in studies for cell in study.missing()])
        outputs = {}
        for study, name in zip(studies, matrix_names(studies), strict=True):
            write_matrix(study, folder / name)
            outputs[name] = runfolder.sha256(folder / name)
        record = _record(studies, folder, outputs, time.monotonic() - started)
        runfolder.write_record(folder, record)
    return record


def write_matrix(study: Study, path: Path) -> None:
    """What the scores of a study's cells say, the paper's figures beside it.

    Raises:
        DataError: a cell's scores are not there, or are not those of the task's items.
    """
    said = matrix(table.read(study.cells, study.work), study.rows)
    said["paper"] = published.comparison(said, study.work.room.name, _settings(study))
    runfolder.write_atomic(path, json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _settings(study: Study) -> dict[str, str]:
    """Task -> how it was asked, in words."""
    how = {"rank": "options ranked by likelihood", "generate": "answers written"}
    tuned = next(cell for cell in study.cells if cell.mixture is not None)
    said = {}
    for name in study.work.evaluate.tasks:
        one = cells.settings(tuned, study.work, name)[0]
        forms = len(cells.settings(study.cells[0], study.work, name))
        examples = f"{one.shots} worked examples" if one.shots else "no worked example"
        said[name] = f"{how[one.mode]}, prompt '{one.template}', {examples}; the base in the strongest of {forms} forms"
    return said


def matrix_names(studies: Sequence[Study]) -> Iterator[str]:
    """`matrix.json` for the first base, `matrix.<base>.json` for each further one."""
    yield "matrix.json"
    yield from (f"matrix.{study.work.room.name}.json" for study in studies[1:])


def _record(studies: Sequence[Study], folder: Path, outputs: dict[str, str], seconds: float) -> StageRecord:
    first = studies[0].work
    inputs = {f"cells/{study.work.room.name}/{cell.name}": study.work.fingerprint(cell) for study in studies for cell in study.cells}
    return StageRecord(
        stage="study",
        name=folder.name,
        section=first.study.model_dump(mode="json"),
        fingerprint=runfolder.fingerprint("study", first.study.model_dump(mode="json"), inputs),
        inputs=inputs,
        outputs=outputs,
        counts={"cells": len(inputs), "mixtures": len(studies[0].rows), "bases": len(studies)},
        versions={"bioinstruct": __version__},
        seconds=round(seconds, 3),
    )
