"""Sifting: rules, test items, identifiers and duplicates over files of any size, on one machine or many: curation without novelty.

    DIR/recipe.yaml
    DIR/sift/SHARD/kept.jsonl (or kept.parquet)  rejected.jsonl  bad_rows.jsonl  contamination.jsonl  identifiers.jsonl
    DIR/sift/funnel.json  record.json            rows = bad_rows + kept + sum of dropped

The rows that are kept depend on the files and their order alone: not on processes, machines, or where it was killed.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from bioinstruct import __version__
from bioinstruct.core import runfolder
from bioinstruct.core.errors import InputError, Problem, raise_problems
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import CurateSection, EvaluateSection
from bioinstruct.core.records import StageRecord
from bioinstruct.curate import screen, shards, sources

STAGE = "sift"
SUFFIXES = (".jsonl", ".json", ".parquet")


class Mapper(Protocol):
    """Whoever does jobs: `core.workers.Workers` on this machine, `cluster.Cluster` on many."""

    def map(self, function: Callable[..., Any], jobs: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What `function(**job, progress=...)` gives back for each job, in order."""
        ...


def find_shards(names: Sequence[Path]) -> list[Path]:
    """The files named, and those of folders named, in order.

    Raises:
        InputError: there is none, one is of another kind, or two have the same name.
    """
    found: list[Path] = []
    for name in names:
        found += sorted(path for path in name.iterdir() if path.suffix in SUFFIXES) if name.is_dir() else [name]
    wrong = [
        Problem(
            str(path),
            "no such file" if not path.exists() else f"a name ending in '{path.suffix}'",
            f"a file ending in {', '.join(SUFFIXES)}",
        )
        for path in found
        if path.suffix not in SUFFIXES or not path.is_file()
    ]
    wrong += [
        Problem(name, "two shards of this name", "names of their own") for name, n in Counter(path.name for path in found).items() if n > 1
    ]
    raise_problems(wrong)
    if not found:
        raise InputError(f"sift: got no shards; allowed: files or folders of files ending in {', '.join(SUFFIXES)}")
    return found


def check(section: CurateSection, evaluate: EvaluateSection) -> None:
    """Raise `InputError` where the sections cannot be used."""
    raise_problems([*screen.problems(section), *sources.problems(section, evaluate)])


def run(
    section: CurateSection,
    evaluate: EvaluateSection,
    found: Sequence[Path],
    *,
    skip: bool,
    folder: Path,
    mapper: Mapper,
    progress: Progress,
) -> StageRecord:
    """Sift all shards into `folder`; gives back the record, which is also written there last.

    Args:
        section: What to drop; novelty, labels and checks are not done here.
        evaluate: Its tasks are what must not be trained on.
        found: The shards, in order (`find_shards`).
        skip: Bad rows are written down and passed over; otherwise the first one ends it.
        folder: The run folder's part for this.
        mapper: Does the shards.
        progress: Told of blocks and shards.

    Raises:
        InputError: the sections cannot be used.
        DataError: a bad row, where they are not skipped.
    """
    check(section, evaluate)
    began = time.monotonic()
    against = sources.load(section, evaluate)
    inputs = {str(path): runfolder.sha256(path) for path in found}
    basis = {"against": "" if against is None else against.digest, "skip": str(skip)}
    expected = runfolder.fingerprint("curate", section.model_dump(), {**inputs, **basis})
    if (done := runfolder.finished(folder, expected)) is not None:
        progress.say(f"sift: {done.counts['kept']:,} kept, done before")
        return done
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").unlink(missing_ok=True)
    folders = [folder / path.name for path in found]
    common = {"section": section, "evaluate": evaluate, "skip": skip}
    prints = [runfolder.fingerprint("curate", section.model_dump(), {**basis, "shard": inputs[str(path)]}) for path in found]
    looked = mapper.map(
        shards.look,
        [{"shard": path, "folder": place, "fingerprint": one, **common} for path, place, one in zip(found, folders, prints, strict=True)],
    )
    progress.start("duplicates", sum(counts["passed"] for counts in looked), "rows")
    with runfolder.disk_errors(folder):
        shards.settle(folders, screen.duplicates(section), lambda n: progress.advance(n))
    finished = mapper.map(shards.finish, [{"shard": path, "folder": place} for path, place in zip(found, folders, strict=True)])
    totals = sum((Counter(counts) for counts in [*looked, *finished]), Counter[str]())
    dropped = {rule: totals[f"dropped.{rule}"] for rule in screen.NAMES}
    counts = {name: totals[name] for name in ("rows", "bad_rows", "kept")}
    funnel = {**counts, "funnel": [{"rule": rule, "dropped": n} for rule, n in dropped.items()]}
    with runfolder.disk_errors(folder):
        runfolder.write_atomic(folder / "funnel.json", json.dumps(funnel, indent=1) + "\n")
        record = StageRecord(
            stage=STAGE,
            name=STAGE,
            section=section.model_dump(),
            fingerprint=expected,
            inputs=inputs,
            outputs={"funnel.json": runfolder.sha256(folder / "funnel.json")},
            counts=counts | {f"dropped.{rule}": n for rule, n in dropped.items()},
            versions={"bioinstruct": __version__},
            seconds=round(time.monotonic() - began, 3),
        )
        runfolder.write_record(folder, record)
    for place in folders:
        shards.clear(place)
    return record
