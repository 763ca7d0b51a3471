"""A run folder made a second time from its lowest evidence, so that what a report shows can be held against it (`verify.py`).

    ledger.sqlite (replies)                     ->  generate/candidates.jsonl, unparsed.jsonl: parsed again
    curate/instructions, rejected, surplus      ->  curate/funnel.json, statistics.json: verdicts counted again
    curate/labels.jsonl, checks.jsonl           ->  their summaries
    tune/record.json's counts                   ->  records encoded again with the base's tokenizer
    evaluate/**/completions, rankings           ->  scores.jsonl, result.json, summary.json: graded and compared again
    judge/judgements, preferences (replies)     ->  judge/summary.json: read again
    study/cells/**/completions, rankings        ->  scores, study/matrix.json

Everything else is taken over as it is. The run folder itself is only read. What cannot be made again, and why, is a `Gap`; it is said,
and never counted as verified.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bioinstruct.core import instruction_file, jsonl, runfolder
from bioinstruct.core.categories import names
from bioinstruct.core.errors import BioinstructError, InputError
from bioinstruct.core.recipe import Recipe
from bioinstruct.core.records import Candidate, Instruction, Rejected
from bioinstruct.curate import checking, describe, labelling
from bioinstruct.curate import run as curate
from bioinstruct.generate import run as generate
from bioinstruct.generate.requests import Requests
from bioinstruct.models import hub
from bioinstruct.models.ledger import Ledger

LEDGER = "ledger.sqlite"
DERIVED = ("generate/candidates.jsonl", "generate/unparsed.jsonl", "curate/funnel.json", "curate/statistics.json", "study/matrix.json")
"""Files that are not taken over: they are made again, or are not there."""


@dataclass(frozen=True)
class Gap:
    """What was taken over although it should have been made again; or, as a `fault`, what does not fit together."""

    what: str
    why: str
    fault: bool = False


def again(run: Path, to: Path, recipe: Recipe) -> list[Gap]:
    """Make the files of a run folder again in `to`, which is empty; gives back what could not be made again.

    Args:
        run: The run folder; nothing is written to it.
        to: Gets a folder of the same form: what is made again, and links to the rest.
        recipe: The run's.

    Raises:
        DataError: a file of the run cannot be read, or does not fit the others.
    """
    for path in run.rglob("*"):
        name = path.relative_to(run)
        if path.is_file() and name.as_posix() not in DERIVED and name.parts[0] != "report":
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            if name.name.startswith(LEDGER) or name.suffix == ".json":  # read with locks; written anew
                shutil.copyfile(path, to / name)
            else:
                (to / name).symlink_to(path.resolve())
    steps = (_generate, _curate, _tune, _evaluate, _judge, _study)
    return [gap for step in steps for gap in step(run, to, recipe)]


def _record(folder: Path, **changes: Any) -> None:
    record = runfolder.read_record(folder)
    assert record is not None  # the caller has seen it
    runfolder.write_record(folder, replace(record, **changes))


def _take(run: Path, to: Path, *names: str) -> None:
    for name in names:
        if (run / name).exists():
            shutil.copyfile(run / name, to / name)


def _generate(run: Path, to: Path, recipe: Recipe) -> Iterator[Gap]:
    """Candidates, from the replies in the ledger or the rows of the instruction file."""
    record, section, folder = runfolder.read_record(run / "generate"), recipe.generate, to / "generate"
    if record is None:
        return
    try:
        if section.instructions is not None:
            place = hub.local(section.instructions)
            if runfolder.sha256(place) not in _inputs_of_rounds(run):
                raise InputError(f"{place}: got another file than the run has read; allowed: that one")
            counts = _read_file(place, recipe, folder)
        else:
            with Ledger(to / LEDGER) as ledger:
                requests = Requests(section, recipe.seed)
                counts = dict(generate.parse_stored(requests, range(record.counts["requests"]), ledger, folder))
    except (BioinstructError, OSError) as error:
        _take(run, to, "generate/candidates.jsonl", "generate/unparsed.jsonl")
        yield Gap("generate: candidates and what could not be read", str(error))
    else:
        _record(folder, counts=counts)


def _inputs_of_rounds(run: Path) -> set[str]:
    rounds = [runfolder.read_record(path.parent) for path in (run / "generate" / "rounds").glob("*/record.json")]
    return {digest for one in rounds if one is not None for digest in one.inputs.values()}


def _read_file(place: Path, recipe: Recipe, folder: Path) -> dict[str, int]:
    rows, unreadable = [], []
    for number, row in instruction_file.rows(place):
        if isinstance(row, Candidate):
            rows.append(row)
        else:
            unreadable.append(generate.Unparsed(0, number, "unreadable_row", str(row)))
    jsonl.write(folder / generate.CANDIDATES, rows)
    jsonl.write(folder / generate.UNPARSED, unreadable)
    counts = Counter(requests=0, prompt_tokens=0, output_tokens=0, candidates=len(rows))
    counts.update(f"unparsed.{one.reason}" for one in unreadable)
    return dict(counts)


def _curate(run: Path, to: Path, recipe: Recipe) -> Iterator[Gap]:
    """Funnel and statistics, counted over the records with their verdicts."""
    folder = run / "curate"
    if not (folder / curate.FUNNEL).exists():
        return
    kept = list(jsonl.read(folder / curate.KEPT, Instruction))
    rejected = list(jsonl.read(folder / curate.REJECTED, Rejected))
    surplus = list(jsonl.read(folder / curate.BEYOND, Rejected)) if (folder / curate.BEYOND).exists() else []
    funnel = curate.funnel(kept, rejected, surplus)
    known = names(recipe.curate.categories)
    _write(to / "curate" / curate.FUNNEL, funnel)
    if runfolder.read_record(folder) is not None:
        _record(to / "curate", counts=curate.counts(funnel, kept, known))
    if not (folder / curate.STATISTICS).exists():  # an older run: the report counts for itself
        return
    statistics = describe.describe(kept, rejected, surplus, curate.RULE_NAMES, known)
    if (folder / labelling.LABELS).exists():
        statistics["labels"] = labelling.summary(
            list(jsonl.read(folder / labelling.LABELS, labelling.Label)), recipe.generate, own=recipe.curate.categories
        )
    if (folder / checking.CHECKS).exists():
        statistics["checks"] = checking.summary(list(jsonl.read(folder / checking.CHECKS, checking.Check)), recipe.generate)
    _write(to / "curate" / curate.STATISTICS, statistics)
    yield from _one_verdict_each(to, kept, rejected, surplus)


def _one_verdict_each(to: Path, kept: list[Instruction], rejected: list[Rejected], surplus: list[Rejected]) -> Iterator[Gap]:
    """Whether every candidate ended in exactly one of the three files."""
    path = to / "generate" / generate.CANDIDATES
    if not path.exists():
        return
    candidates = Counter((one.request, one.position) for one in jsonl.read(path, Candidate))
    judged = [*kept, *(one.instruction for one in (*rejected, *surplus))]
    found = Counter((one.origin.request or 0, one.origin.position or 0) for one in judged)
    if candidates != found:
        lacking, beyond = sum((candidates - found).values()), sum((found - candidates).values())
        told = f"{lacking} candidates without a verdict, {beyond} verdicts without a candidate"
        yield Gap("curate: every candidate has one verdict", told, fault=True)


def _tune(run: Path, to: Path, recipe: Recipe) -> Iterator[Gap]:
    """Counts of records and tokens, of ours and each control."""
    stages = [run / "tune", *sorted((run / "tune" / "controls").glob("*"))]
    records = {path: record for path in stages if (record := runfolder.read_record(path)) is not None}
    if not records:
        return
    try:
        from bioinstruct.tune import data, guard

        kept = list(jsonl.read(run / "curate" / curate.KEPT, Instruction))
        for path, record in records.items():
            used = kept if path == run / "tune" else data.shuffled(kept, recipe.seed)
            _record(to / path.relative_to(run), counts={**record.counts, **guard.counts(recipe.tune, used)})
    except (BioinstructError, ImportError, OSError) as error:
        yield Gap("tune: counts of records and tokens", str(error))


def _evaluate(run: Path, to: Path, recipe: Recipe) -> Iterator[Gap]:
    """Scores, intervals, tests and comparisons, from the stored answers."""
    record = runfolder.read_record(run / "evaluate")
    if not (run / "evaluate" / "summary.json").exists():
        return
    from bioinstruct.evaluate import compare, grade

    grade.regrade(to / "evaluate")
    summary = compare.refresh(to / "evaluate")
    if record is not None:
        found = _counted(summary)
        _record(to / "evaluate", counts={name: found.get(name, count) for name, count in record.counts.items()})
    yield from ()


def _counted(summary: Mapping[str, Any]) -> Counter[str]:
    """The evaluation's counts: settings, items asked over all of them, what became of these, and items that cannot be scored."""
    found: Counter[str] = Counter()
    for task in summary["tasks"].values():
        found["undefined"] += task["undefined"]
        for one in task["settings"]:
            found.update({"settings": 1, "items": sum(one["outcomes"].values()), **one["outcomes"]})
    return found


def _judge(run: Path, to: Path, recipe: Recipe) -> Iterator[Gap]:
    """What the marks say, from the judge's replies."""
    from bioinstruct.evaluate import judging

    if judging.read(run) is None:
        return
    try:
        judging.again(recipe.judge, to)
    except (BioinstructError, OSError) as error:
        yield Gap("judge: its summary", str(error))


def _study(run: Path, to: Path, recipe: Recipe) -> Iterator[Gap]:
    """The matrix, from the stored answers of all cells."""
    if not (run / "study" / "matrix.json").exists():
        return
    from bioinstruct.evaluate import grade
    from bioinstruct.study import run as study

    try:
        studies = study.finished(recipe, to, to / "study")
        for one, name in zip(studies, study.matrix_names(studies), strict=True):
            grade.regrade(one.work.room)
            study.write_matrix(one, to / "study" / name)
    except BioinstructError as error:
        _take(run, to, "study/matrix.json")
        yield Gap("study: its matrix", str(error))


def _write(path: Path, value: Any) -> None:
    runfolder.write_atomic(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
