"""Curation: every candidate is kept or dropped by exactly one named rule, with evidence, and the counts add up.

One round reads candidates and what earlier rounds kept; `merge` joins rounds into the set that is tuned on. Both write

    instructions.jsonl   kept, as `Instruction`
    rejected.jsonl       dropped, as `Rejected` with the rule and what it saw
    surplus.jsonl        `merge` only: what passed every rule beyond the target, as `Rejected` with the rule `surplus`
    funnel.json          {candidates, kept, surplus, funnel: [{rule, dropped}, ...]}: candidates = kept + surplus + sum of dropped
    contamination.jsonl  findings of test items in records, dropped or only reported: the record's id and the `Leak`
    record.json          last
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any

import rapidfuzz

from bioinstruct import __version__
from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import InputError, Problem, RunFolderError, raise_problems
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate, Instruction, Origin, Rejected, StageRecord, Verdict, instruction_id
from bioinstruct.curate import novelty
from bioinstruct.curate.categories import label
from bioinstruct.curate.contamination import Contamination, Leak, Record
from bioinstruct.curate.rules import RULES, judge

NOVELTY = "novelty"
"""Name of the rule that compares with the seeds and everything kept before."""
SURPLUS = "surplus"
"""Verdict on what passed every rule but stands beyond the target."""
CONTAMINATION = "contamination"
"""Name of the rule that compares with what must not be trained on."""
RULE_NAMES = (*RULES, CONTAMINATION, NOVELTY)
"""All rules in the order of the funnel."""


LEAKS = "contamination.jsonl"


@dataclass(frozen=True)
class Reported:
    """One finding of a test item in a record."""

    record: str
    """The record's id, kept or not."""
    leak: Leak


def check(section: CurateSection) -> list[Problem]:
    """What is wrong with the section before any work is done; empty when nothing is."""
    problems = []
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
        progress: Told of every candidate.
        against: What must not be trained on; None = nothing is.

    Raises:
        InputError: `check` finds problems, or two candidates have the same request and position.
    """
    raise_problems(check(section))
    started = time.perf_counter()
    ordered = sorted(candidates, key=lambda candidate: (candidate.request, candidate.position))
    _refuse_twins(ordered)
    objections = [judge(candidate, section) for candidate in ordered]
    leaks = _leaks(ordered, objections, against)
    if section.contamination == "drop":
        for place, leak in leaks.items():
            objections[place] = (CONTAMINATION, asdict(leak))
    passing = [candidate.instruction for candidate, objection in zip(ordered, objections, strict=True) if objection is None]
    present = [("seed", name, text) for name, text in seeds] + [("kept", one.id, one.instruction) for one in before]
    progress.start("curate", len(ordered), "candidates")
    nearest = _nearest(section, [text for _, _, text in present], passing, progress)

    kept: list[Instruction] = []
    rejected: list[Rejected] = []
    for candidate, objection in zip(ordered, objections, strict=True):
        record = _instruction(candidate, origins(candidate))
        if objection is None:
            objection = _too_near(next(nearest), present)
        if objection is None:
            kept.append(record)
            present.append(("kept", record.id, record.instruction))
        else:
            rejected.append(Rejected(record, Verdict(False, *objection)))
        progress.advance(1, f"{len(kept)} kept")
    reported = [Reported(_instruction(ordered[place], origins(ordered[place])).id, leak) for place, leak in sorted(leaks.items())]
    return _write(folder, section.model_dump(), inputs, kept, rejected, None, reported, started, None)


def _leaks(
    ordered: Sequence[Candidate], objections: Sequence[tuple[str, dict[str, Any]] | None], against: Contamination | None
) -> dict[int, Leak]:
    """Place in `ordered` -> finding, for those that no other rule drops."""
    if against is None:
        return {}
    places = [place for place, objection in enumerate(objections) if objection is None]
    records = (Record(ordered[place].instruction, ordered[place].input, ordered[place].output) for place in places)
    return {place: leak for place, leak in zip(places, against.find(records), strict=True) if leak is not None}


def merge(rounds: Sequence[Path], target: int | None, folder: Path) -> StageRecord:
    """Join finished rounds into `folder`: the first `target` of what they kept (None: all), in the order of (request, position).

    What passed every rule beyond the target goes to `surplus.jsonl`, so that the counts add up.

    Raises:
        RunFolderError: a round is unfinished, or the rounds were made with different sections.
    """
    if not rounds:
        raise InputError("curate: got no rounds; allowed: at least one finished round")
    started = time.perf_counter()
    section: dict[str, Any] | None = None
    inputs: dict[str, str] = {}
    kept: list[Instruction] = []
    rejected: list[Rejected] = []
    leaks: list[Reported] = []
    for path in rounds:
        record = runfolder.read_record(path)
        if record is None:
            raise RunFolderError(f"{path}: got a round without record.json; allowed: finished rounds")
        if section is not None and record.section != section:
            raise RunFolderError(f"{path}: got a round curated with another section than {rounds[0]}; allowed: the same one")
        section = record.section
        for name in ("instructions.jsonl", "rejected.jsonl"):
            inputs[Path(os.path.relpath(path / name, folder)).as_posix()] = runfolder.sha256(path / name)
        kept.extend(jsonl.read(path / "instructions.jsonl", Instruction))
        rejected.extend(jsonl.read(path / "rejected.jsonl", Rejected))
        leaks.extend(jsonl.read(path / LEAKS, Reported))
    assert section is not None
    kept.sort(key=_place)
    rejected.sort(key=lambda one: _place(one.instruction))
    limit = len(kept) if target is None else target
    surplus = [Rejected(one, Verdict(False, SURPLUS, {"target": target})) for one in kept[limit:]]
    return _write(folder, section, inputs, kept[:limit], rejected, surplus, leaks, started, target)


def _refuse_twins(ordered: Sequence[Candidate]) -> None:
    for first, second in pairwise(ordered):
        if (first.request, first.position) == (second.request, second.position):
            got = f"two candidates with request {first.request}, position {first.position}"
            raise InputError(f"candidates: got {got}; allowed: one for each request and position")


def _instruction(candidate: Candidate, origin: Origin) -> Instruction:
    texts = (candidate.instruction, candidate.input, candidate.output)
    return Instruction(instruction_id(*texts), *texts, category=label(*texts), origin=origin)


def _nearest(
    section: CurateSection, present: Sequence[str], passing: Sequence[str], progress: Progress
) -> Iterator[tuple[float, int] | None]:
    """For each instruction that passed the other rules: the nearest one before it, or None where it is new."""
    if section.novelty == "off":
        return repeat(None)
    n_texts = len(present) + len(passing)
    if n_texts > novelty.LARGE and not novelty.is_compiled():
        progress.say(f"{n_texts} instructions to compare: pip install 'bioinstruct[scale]' makes this many times faster")
    pool = novelty.made_for(n_texts, section.threshold, section.novelty == "self-instruct")
    pool.extend(present)
    return pool.screen(passing)


def _too_near(found: tuple[float, int] | None, present: Sequence[tuple[str, str, str]]) -> tuple[str, dict[str, Any]] | None:
    if found is None:
        return None
    score, index = found
    kind, name, nearest = present[index]
    return NOVELTY, {"score": round(score, 4), "nearest": kind, "id": name, "instruction": nearest}


def _place(instruction: Instruction) -> tuple[int, int]:
    """Sorts as candidates do; instructions from a file have a row and no request."""
    return instruction.origin.request or 0, instruction.origin.position or 0


def _write(
    folder: Path,
    section: dict[str, Any],
    inputs: Mapping[str, str],
    kept: Sequence[Instruction],
    rejected: Sequence[Rejected],
    surplus: Sequence[Rejected] | None,
    leaks: Sequence[Reported],
    started: float,
    target: int | None,
) -> StageRecord:
    dropped = Counter(one.verdict.rule for one in rejected)
    n_surplus = len(surplus or ())
    n_candidates = len(kept) + len(rejected) + n_surplus
    funnel = [{"rule": rule, "dropped": dropped[rule]} for rule in RULE_NAMES]
    totals = {"candidates": n_candidates, "kept": len(kept), "surplus": n_surplus}
    files: dict[str, Sequence[Any]] = {"instructions.jsonl": kept, "rejected.jsonl": rejected, LEAKS: leaks}
    if surplus is not None:
        files["surplus.jsonl"] = surplus
    with runfolder.disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "record.json").unlink(missing_ok=True)  # the stage is unfinished until the new one stands
        for name, records in files.items():
            jsonl.write(folder / name, records)
        runfolder.write_atomic(folder / "funnel.json", json.dumps({**totals, "funnel": funnel}, indent=1) + "\n")
        identity = section if target is None else {**section, "target": target}
        categories = Counter(one.category.value for one in kept)
        record = StageRecord(
            stage="curate",
            name=folder.name,
            section=section,
            fingerprint=runfolder.fingerprint("curate", identity, inputs),
            inputs=dict(inputs),
            outputs={name: runfolder.sha256(folder / name) for name in (*files, "funnel.json")},
            counts=totals
            | {f"dropped.{rule}": dropped[rule] for rule in RULE_NAMES}
            | {f"category.{name}": categories[name] for name in ("qa", "ie", "generation", "other")},
            versions={"bioinstruct": __version__, "rapidfuzz": rapidfuzz.__version__},
            seconds=round(time.perf_counter() - started, 3),
        )
        runfolder.write_record(folder, record)
    return record
