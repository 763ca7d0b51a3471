"""Curation: every candidate is kept or dropped by exactly one named rule, with evidence, and the counts add up.

One round reads candidates and what earlier rounds kept; `merge` joins rounds into the set that is tuned on. Both write

    instructions.jsonl   kept, as `Instruction`
    rejected.jsonl       dropped, as `Rejected` with the rule and what it saw
    surplus.jsonl        `merge` only: what passed every rule beyond the target, as `Rejected` with the rule `surplus`
    funnel.json          {candidates, kept, surplus, funnel: [{rule, dropped}, ...]}: candidates = kept + surplus + sum of dropped
    contamination.jsonl  findings of test items in records, dropped or only reported: `Reported`
    identifiers.jsonl    records with identifiers, and what was done: `Marked`
    statistics.json      `merge` only: what the kept set is like, and examples of what each rule dropped (`describe.py`)
    record.json          last
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any

import rapidfuzz

from bioinstruct import __version__
from bioinstruct.core import categories, jsonl, runfolder
from bioinstruct.core.errors import InputError, Problem, RunFolderError, raise_problems
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate, Instruction, Origin, Rejected, StageRecord, Verdict
from bioinstruct.curate import novelty, screen
from bioinstruct.curate.contamination import Contamination
from bioinstruct.curate.describe import describe
from bioinstruct.curate.screen import Looked, Marked, Objection, Reported

NOVELTY = "novelty"
"""Name of the rule that compares with the seeds and everything kept before."""
SURPLUS = "surplus"
"""Verdict on what passed every rule but stands beyond the target."""
RULE_NAMES = (*screen.NAMES, NOVELTY)
"""All rules in the order of the funnel."""
BLOCK = 500
"""Candidates that are screened together, so that progress is told between; it changes no decision."""
LEAKS, MARKS, STATISTICS, FUNNEL = "contamination.jsonl", "identifiers.jsonl", "statistics.json", "funnel.json"
KEPT, REJECTED, BEYOND = "instructions.jsonl", "rejected.jsonl", "surplus.jsonl"


@dataclass
class _Sorted:
    """What becomes of the candidates."""

    kept: list[Instruction] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    leaks: list[Reported] = field(default_factory=list)
    marks: list[Marked] = field(default_factory=list)


def check(section: CurateSection) -> list[Problem]:
    """What is wrong with the section before any work is done; empty when nothing is."""
    problems = screen.problems(section)
    if section.min_words > section.max_words:
        allowed = f"at most curate.max_words ({section.max_words})"
        problems.append(Problem("curate.min_words", str(section.min_words), allowed))
    for place, word in enumerate(section.keywords):
        if not word.strip():
            problems.append(Problem(f"curate.keywords[{place}]", repr(word), "a word; the empty list [] turns the rule off"))
    return problems


def run(
    section: CurateSection,
    candidates: Sequence[Candidate],
    *,
    seeds: Sequence[tuple[str, str]],
    before: Sequence[Instruction],
    origins: Callable[[Candidate], Origin],
    folder: Path,
    inputs: dict[str, str],
    progress: Progress,
    against: Contamination | None = None,
    repeated: Sequence[Instruction] = (),
) -> StageRecord:
    """Curate one round into `folder`; gives back its record, which is also written there last.

    Args:
        section: What to drop.
        candidates: The round's candidates; they are judged in the order of (request, position), whatever order they come in.
        seeds: Id and instruction text of every seed.
        before: What earlier rounds kept, in order.
        origins: Tells where a candidate came from.
        folder: Where to write; an unfinished or older round in it is replaced.
        inputs: File to SHA-256, for the record and its fingerprint.
        progress: Told of every candidate once its verdict is known.
        against: What must not be trained on; None = nothing is.
        repeated: What only novelty dropped in earlier rounds: their duplicates are dropped, too.

    Raises:
        InputError: `check` finds problems, or two candidates have the same request and position.
    """
    raise_problems(check(section))
    started = time.perf_counter()
    ordered = sorted(candidates, key=lambda candidate: (candidate.request, candidate.position))
    _refuse_twins(ordered)
    progress.start("curate", len(ordered), "candidates")
    screening = screen.Screen(section, against)
    screening.remember(sorted([*before, *repeated], key=_place))
    present = [("seed", name, text) for name, text in seeds] + [("kept", one.id, one.instruction) for one in before]
    pool = _pool(section, [text for _, _, text in present], len(ordered), progress)
    found = _Sorted()
    for first in range(0, len(ordered), BLOCK):
        looked = screening.settle(screening.look(ordered[first : first + BLOCK], origins))
        for one, objection in zip(looked, _new(looked, present, pool), strict=True):
            if objection is None:
                found.kept.append(one.record)
            else:
                found.rejected.append(Rejected(one.record, Verdict(False, *objection)))
            found.leaks += [] if one.leak is None else [one.leak]
            found.marks += [] if one.marked is None else [one.marked]
            progress.advance(1, f"{len(found.kept)} kept")
    return _write(folder, section.model_dump(), inputs, found, None, started, None)


@dataclass(frozen=True)
class About:
    """What a teacher said about kept records (`labelling.py`, `checking.py`)."""

    kept: list[Instruction]
    """With its categories."""
    files: dict[str, Sequence[Any]] = field(default_factory=dict)
    """File name -> its rows."""
    summaries: dict[str, Any] = field(default_factory=dict)
    """For `statistics.json`."""


def merge(rounds: Sequence[Path], target: int | None, folder: Path, ask: Callable[[list[Instruction]], About] = About) -> StageRecord:
    """Join finished rounds into `folder`: the first `target` of what they kept (None: all), in the order of (request, position).

    What passed every rule beyond the target goes to `surplus.jsonl`, so that the counts add up.

    Args:
        rounds: Folders of finished rounds.
        target: Most records to keep.
        folder: Where to write.
        ask: Asked about the records that are kept in the end; the default asks nothing.

    Raises:
        RunFolderError: a round is unfinished, or the rounds were made with different sections.
    """
    if not rounds:
        raise InputError("curate: got no rounds; allowed: at least one finished round")
    started = time.perf_counter()
    section: dict[str, Any] | None = None
    inputs: dict[str, str] = {}
    found = _Sorted()
    for path in rounds:
        record = runfolder.read_record(path)
        if record is None:
            raise RunFolderError(f"{path}: got a round without record.json; allowed: finished rounds")
        if section is not None and record.section != section:
            raise RunFolderError(f"{path}: got a round curated with another section than {rounds[0]}; allowed: the same one")
        section = record.section
        for name in (KEPT, REJECTED):
            inputs[Path(os.path.relpath(path / name, folder)).as_posix()] = runfolder.sha256(path / name)
        found.kept.extend(jsonl.read(path / KEPT, Instruction))
        found.rejected.extend(jsonl.read(path / REJECTED, Rejected))
        found.leaks.extend(jsonl.read(path / LEAKS, Reported))
        found.marks.extend(jsonl.read(path / MARKS, Marked))
    assert section is not None
    found.kept.sort(key=_place)
    found.rejected.sort(key=lambda one: _place(one.instruction))
    limit = len(found.kept) if target is None else target
    surplus = [Rejected(one, Verdict(False, SURPLUS, {"target": target})) for one in found.kept[limit:]]
    about = ask(found.kept[:limit])
    found.kept = about.kept
    return _write(folder, section, inputs, found, surplus, started, target, about)


def _refuse_twins(ordered: Sequence[Candidate]) -> None:
    for first, second in pairwise(ordered):
        if (first.request, first.position) == (second.request, second.position):
            got = f"two candidates with request {first.request}, position {first.position}"
            raise InputError(f"candidates: got {got}; allowed: one for each request and position")


def _new(looked: Sequence[Looked], present: list[tuple[str, str, str]], pool: novelty.Screen | None) -> Iterator[Objection | None]:
    """What each record is dropped for in the end: by the screen, or for its nearness to `present`, which grows by those that are kept.

    The pool holds the texts of `present` and grows with it; None = nearness is no reason.
    """
    passing = [one.record.instruction for one in looked if one.objection is None]
    nearest = repeat(None) if pool is None else pool.screen(passing)
    for one in looked:
        objection = one.objection
        if objection is None:
            objection = _too_near(next(nearest), present)
            if objection is None:
                present.append(("kept", one.record.id, one.record.instruction))
        yield objection


def _pool(section: CurateSection, present: Sequence[str], n_candidates: int, progress: Progress) -> novelty.Screen | None:
    """What finds the nearest of the instructions before a new one, `present` taken in; None where nothing is to be found."""
    if section.novelty == "off":
        return None
    most = len(present) + n_candidates
    if most > novelty.LARGE and not novelty.is_compiled():
        progress.say(f"up to {most} instructions to compare: pip install 'bioinstruct[scale]' makes this many times faster")
    pool = novelty.made_for(most, section.threshold, section.novelty == "self-instruct")
    pool.extend(present)
    return pool


def _too_near(found: tuple[float, int] | None, present: Sequence[tuple[str, str, str]]) -> Objection | None:
    if found is None:
        return None
    score, index = found
    kind, name, nearest = present[index]
    return NOVELTY, {"score": round(score, 4), "nearest": kind, "id": name, "instruction": nearest}


def _place(instruction: Instruction) -> tuple[int, int]:
    """Sorts as candidates do; instructions from a file have a row and no request."""
    return instruction.origin.request or 0, instruction.origin.position or 0


def funnel(kept: Sequence[Instruction], rejected: Sequence[Rejected], surplus: Sequence[Rejected]) -> dict[str, Any]:
    """What `funnel.json` holds."""
    dropped = Counter(one.verdict.rule for one in rejected)
    totals = {"candidates": len(kept) + len(rejected) + len(surplus), "kept": len(kept), "surplus": len(surplus)}
    return {**totals, "funnel": [{"rule": rule, "dropped": dropped[rule]} for rule in RULE_NAMES]}


def counts(found: Mapping[str, Any], kept: Sequence[Instruction], known: Sequence[str]) -> dict[str, int]:
    """The record's counts: the funnel's, and kept records by category, of those that there are (`core.categories.names`)."""
    sizes = Counter(one.category for one in kept)
    return {
        **{name: found[name] for name in ("candidates", "kept", "surplus")},
        **{f"dropped.{step['rule']}": step["dropped"] for step in found["funnel"]},
        **{f"category.{name}": sizes[name] for name in known},
    }


def _write(
    folder: Path,
    section: dict[str, Any],
    inputs: Mapping[str, str],
    found: _Sorted,
    surplus: Sequence[Rejected] | None,
    started: float,
    target: int | None,
    about: About | None = None,
) -> StageRecord:
    known = categories.names(CurateSection.model_validate(section).categories)
    tables: dict[str, Any] = {FUNNEL: funnel(found.kept, found.rejected, surplus or ())}
    files: dict[str, Sequence[Any]] = {KEPT: found.kept, REJECTED: found.rejected, LEAKS: found.leaks, MARKS: found.marks}
    if surplus is not None:
        files[BEYOND] = surplus
        tables[STATISTICS] = describe(found.kept, found.rejected, surplus, RULE_NAMES, known)
    if about is not None:
        files |= about.files
        tables[STATISTICS] |= about.summaries
    with runfolder.disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "record.json").unlink(missing_ok=True)  # the stage is unfinished until the new one stands
        for name, records in files.items():
            jsonl.write(folder / name, records)
        for name, table in tables.items():
            runfolder.write_atomic(folder / name, json.dumps(table, indent=1, ensure_ascii=False) + "\n")
        identity = section if target is None else {**section, "target": target}
        record = StageRecord(
            stage="curate",
            name=folder.name,
            section=section,
            fingerprint=runfolder.fingerprint("curate", identity, inputs),
            inputs=dict(inputs),
            outputs={name: runfolder.sha256(folder / name) for name in (*files, *tables)},
            counts=counts(tables[FUNNEL], found.kept, known),
            versions={"bioinstruct": __version__, "rapidfuzz": rapidfuzz.__version__},
            seconds=round(time.perf_counter() - started, 3),
        )
        runfolder.write_record(folder, record)
    return record
