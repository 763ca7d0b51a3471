"""One shard of a set of any size: looked at by itself, settled in order with the others, finished.

    rows ──look──▶ passed.part rejected.part ... prints.part ──settle──▶ twins.jsonl ──finish──▶ kept.jsonl (or .parquet) rejected.jsonl

`look` and `finish` need nothing but their shard, so processes and machines may share them out; `settle` is the one step that must go
through all shards in order, and it reads fingerprints only. Each step's last act is a small JSON file; a step that has it is not done
again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bioinstruct.core import instruction_file, jsonl, runfolder
from bioinstruct.core.errors import DataError, MissingExtra
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import CurateSection, EvaluateSection
from bioinstruct.core.records import Candidate, Instruction, Origin, Rejected, Verdict
from bioinstruct.curate import sources
from bioinstruct.curate.duplicates import Duplicates, Fingerprint
from bioinstruct.curate.screen import Screen

BLOCK = 5000
"""Rows held in memory at once."""
LOOKED, FINISHED = "looked.json", "finished.json"
_PASSED, _REJECTED, _PRINTS, _TWINS = "passed.part", "rejected.part", "prints.part", "twins.part"
_TABLES = ("bad_rows", "contamination", "identifiers")
_COLUMNS = ("id", "instruction", "input", "output", "category", "origin", "parent")


@dataclass(frozen=True)
class BadRow:
    """A row that is no record, as stored in `bad_rows.jsonl`."""

    row: int
    """Counted from 1."""
    problem: str
    """Where it is, what was got and what is allowed."""


@dataclass(frozen=True)
class Twin:
    """A record that passed everything else and is a duplicate."""

    place: int
    """Among those of its shard that passed, counted from 0."""
    how: str
    of: str
    score: float


def rows(path: Path) -> Iterator[tuple[int, Candidate | DataError]]:
    """The rows of a shard: JSON Lines, a JSON array, or Parquet.

    Raises:
        DataError: it is none of these, or has no rows.
        MissingExtra: Parquet without pyarrow.
    """
    return _parquet_rows(path) if path.suffix == ".parquet" else instruction_file.rows(path)


def look(
    *, shard: Path, folder: Path, fingerprint: str, section: CurateSection, evaluate: EvaluateSection, skip: bool, progress: Progress
) -> dict[str, int]:
    """Look at every row of a shard by itself; gives back how many rows there are, are bad, and are dropped by which rule.

    Args:
        shard: The file.
        folder: Where its results go.
        fingerprint: Of all that they depend on: what is there with the same one is not made again.
        section: What to drop.
        evaluate: Its tasks are what must not be trained on.
        skip: A bad row is written down and passed over; otherwise the first one ends it.
        progress: Told of every block.

    Raises:
        DataError: a bad row, where they are not skipped; the message names the line and field.
    """
    done = folder / LOOKED
    if done.exists() and (before := json.loads(done.read_text(encoding="utf-8")))["fingerprint"] == fingerprint:
        return dict(before["counts"])
    progress.start(f"sift {shard.name}", None, "rows")
    folder.mkdir(parents=True, exist_ok=True)
    for name in (LOOKED, FINISHED):
        (folder / name).unlink(missing_ok=True)
    against = sources.load(section, evaluate)
    screen = Screen(section, None if against is None else against.contamination)
    counts: Counter[str] = Counter(rows=0, bad_rows=0, passed=0)
    with ExitStack() as stack, runfolder.disk_errors(folder):
        passed, rejected, *others = (
            stack.enter_context((folder / name).open("w", encoding="utf-8", newline="\n"))
            for name in (_PASSED, _REJECTED, *(f"{name}.jsonl" for name in _TABLES))
        )
        tables = dict(zip(_TABLES, others, strict=True))
        prints = stack.enter_context((folder / _PRINTS).open("wb"))
        source = rows(shard)
        while block := list(islice(source, BLOCK)):
            good = []
            for number, row in block:
                if isinstance(row, Candidate):
                    good.append(row)
                elif skip:
                    tables["bad_rows"].write(jsonl.dump(BadRow(number, str(row))) + "\n")
                else:
                    raise row
            looked = screen.look(good, _origin)
            for one in looked:
                if one.objection is None:
                    passed.write(jsonl.dump(one.record) + "\n")
                else:
                    rejected.write(jsonl.dump(Rejected(one.record, Verdict(False, *one.objection))) + "\n")
                    counts[f"dropped.{one.objection[0]}"] += 1
                if one.leak is not None:
                    tables["contamination"].write(jsonl.dump(one.leak) + "\n")
                if one.marked is not None:
                    tables["identifiers"].write(jsonl.dump(one.marked) + "\n")
            through = [one for one in looked if one.objection is None]
            _save(prints, [one.fingerprint for one in through if one.fingerprint is not None], [one.record.id for one in through])
            counts.update(rows=len(block), bad_rows=len(block) - len(good), passed=len(through))
            progress.advance(len(block), f"{counts['passed']:,} passed")
    runfolder.write_atomic(done, json.dumps({"fingerprint": fingerprint, "counts": counts}) + "\n")
    return dict(counts)


def settle(folders: Sequence[Path], duplicates: Duplicates, told: Callable[[int], None]) -> None:
    """Find the duplicates among what passed, through all shards in order; `told` hears of every block's length."""
    for folder in folders:

        def twins(folder: Path = folder) -> Iterator[Twin]:
            place = 0
            for fingerprints, ids in _load(folder / _PRINTS):
                for number, found in enumerate(duplicates.screen(fingerprints, ids), start=place):
                    if found is not None:
                        yield Twin(number, found.how, found.of, found.score)
                place += len(ids)
                told(len(ids))

        jsonl.write(folder / _TWINS, twins())


def finish(*, shard: Path, folder: Path, progress: Progress) -> dict[str, int]:
    """Part what passed from the duplicates; gives back how many are kept, and dropped as which kind of duplicate."""
    done, twins_file = folder / FINISHED, runfolder.sha256(folder / _TWINS)  # which another shard may have changed
    if done.exists() and (before := json.loads(done.read_text(encoding="utf-8")))["twins"] == twins_file:
        return dict(before["counts"])
    counts: Counter[str] = Counter(kept=0)
    twins = iter([*jsonl.read(folder / _TWINS, Twin), Twin(-1, "", "", 0.0)])
    dropped: list[Rejected] = []

    def kept() -> Iterator[str]:
        twin = next(twins)
        with (folder / _PASSED).open(encoding="utf-8", newline="\n") as passed:
            for place, line in enumerate(passed):
                if place != twin.place:
                    counts["kept"] += 1
                    yield line
                    continue
                record = jsonl.parse(line, Instruction, folder / _PASSED, place + 1)
                dropped.append(Rejected(record, Verdict(False, twin.how, {"of": twin.of, "score": twin.score})))
                counts[f"dropped.{twin.how}"] += 1
                twin = next(twins)

    with runfolder.disk_errors(folder):
        if shard.suffix == ".parquet":
            _write_parquet(folder / "kept.parquet", kept())
        else:
            jsonl.write_lines(folder / "kept.jsonl", kept())
        with (folder / _REJECTED).open(encoding="utf-8", newline="\n") as before:
            jsonl.write_lines(folder / "rejected.jsonl", chain(before, (jsonl.dump(one) + "\n" for one in dropped)))
        runfolder.write_atomic(done, json.dumps({"twins": twins_file, "counts": counts}) + "\n")
    return dict(counts)


def clear(folder: Path) -> None:
    """Remove what only an unfinished run needs."""
    for name in (LOOKED, FINISHED, _PASSED, _REJECTED, _PRINTS, _TWINS):
        (folder / name).unlink(missing_ok=True)


def _origin(candidate: Candidate) -> Origin:
    return Origin("file", position=candidate.position)


def _parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("pyarrow", "hub") from None
    return pyarrow.parquet


def _parquet_rows(path: Path) -> Iterator[tuple[int, Candidate | DataError]]:
    parquet = _parquet()
    try:
        file = parquet.ParquetFile(path)
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
        raise DataError(path, got=f"a file that is not Parquet ({str(error)[:80]})", allowed="Parquet") from None
    number = 0
    with file:
        for batch in file.iter_batches(BLOCK, columns=[name for name in file.schema_arrow.names if name in instruction_file.COLUMNS]):
            for row in batch.to_pylist():
                number += 1
                try:
                    yield number, instruction_file.candidate(path, None, f" (row {number})", number, row)
                except DataError as error:
                    yield number, error
    if number == 0:
        raise DataError(path, got="no rows", allowed="at least one row with instruction and output")


def _write_parquet(path: Path, lines: Iterator[str]) -> None:
    """The records as a Parquet file; `origin` is JSON in it."""
    import pyarrow

    parquet = _parquet()
    temporary = path.with_name(path.name + ".partial")
    schema = pyarrow.schema([(name, pyarrow.string()) for name in _COLUMNS])
    with parquet.ParquetWriter(temporary, schema) as writer:
        while block := [json.loads(line) for line in islice(lines, BLOCK)]:
            table = [{**row, "origin": json.dumps(row["origin"], ensure_ascii=False)} for row in block]
            writer.write_table(pyarrow.Table.from_pylist(table, schema))
    temporary.replace(path)


def _save(file: BinaryIO, prints: Sequence[Fingerprint], ids: Sequence[str]) -> None:
    """Append a block of fingerprints: plain arrays, so that reading them runs nothing."""
    shingles = [one.shingles for one in prints if one.shingles is not None]
    vectors = [one.vector for one in prints if one.vector is not None]
    for array in (
        np.array([name.encode() for name in ids], "S16"),
        np.array([one.exact for one in prints], "V16"),
        np.array([len(one) for one in shingles], np.int64),
        np.concatenate(shingles) if shingles else np.zeros(0, np.uint64),
        np.stack(vectors) if vectors else np.zeros((0, 0), np.float32),
    ):
        np.save(file, array, allow_pickle=False)


def _load(path: Path) -> Iterator[tuple[list[Fingerprint], list[str]]]:
    """The blocks of a file of fingerprints, with the records' ids."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            ids, exact, lengths, shingles, vectors = (np.load(file, allow_pickle=False) for _ in range(5))
            parts = np.split(shingles, np.cumsum(lengths)[:-1]) if len(lengths) else repeat(None)
            prints = [
                Fingerprint(bytes(digest), part, vector)
                for digest, part, vector in zip(exact, parts, vectors if len(vectors) else repeat(None), strict=False)
            ]
            yield prints, [name.decode() for name in ids]
