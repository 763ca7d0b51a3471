"""The folder of a review: found or begun, its sample drawn once, held by one server at a time.

review.sqlite    the truth: what was drawn, and every answer
sample.jsonl     {id, label} of each record that is looked at; drawn once
report.json  answers.csv  corrected.jsonl     what the answers say (`results.py`), written anew whenever it is asked for
"""

from __future__ import annotations

import fcntl
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from bioinstruct.core import jsonl, recipe
from bioinstruct.core.categories import OwnCategory
from bioinstruct.core.errors import DataError, InputError, RunFolderError
from bioinstruct.core.records import CategoryName, Instruction
from bioinstruct.core.runfolder import sha256
from bioinstruct.review import sample
from bioinstruct.review.store import Drawing, Store

STORE, SAMPLE, LOCK = "review.sqlite", "sample.jsonl", ".lock"
N, SEED = 1000, 0
"""What is drawn where nothing else is asked for."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Place:
    """Where a review's records come from, and where its own files lie."""

    instructions: Path
    folder: Path
    own: tuple[OwnCategory, ...] = ()
    """Categories of the run's recipe; empty = the built-in ones."""


@dataclass(frozen=True)
class Drawn:
    """One line of `sample.jsonl`."""

    id: str
    label: CategoryName
    """The machine's, which raters do not see."""


@dataclass(frozen=True)
class Review:
    """A review that is open."""

    drawing: Drawing
    pool: sample.Pool
    sample: dict[str, Instruction]
    """The records that are looked at, by id, in the order of the file."""
    store: Store
    own: tuple[OwnCategory, ...]
    """Categories that there are to choose from; empty = the built-in ones."""


def place(source: Path, out: Path | None) -> Place:
    """Where the review of a run folder, or of an instruction file, is.

    Raises:
        InputError: There is no such folder or file, or a file comes without a folder for its review.
    """
    if source.is_dir():
        instructions = source / "curate" / "instructions.jsonl"
        if not instructions.is_file():
            raise InputError(
                f"{source}: got a folder without curate/instructions.jsonl; allowed: a run that has curated, or a file and --out"
            )
        return Place(instructions, (out or source) / "review", _own(source))
    if not source.exists():
        raise InputError(f"{source}: got no such folder or file; allowed: a run folder, or an instruction file and --out")
    if out is None:
        raise InputError(f"{source}: got a file and no --out; allowed: a file with --out FOLDER, in which its review is kept")
    return Place(source, out / "review")


def _own(run: Path) -> tuple[OwnCategory, ...]:
    """Categories of a run's recipe; raises where it cannot be read."""
    file = run / "recipe.yaml"
    return tuple(recipe.load(file).recipe.curate.categories) if file.is_file() else ()


def rater_names(names: Sequence[str]) -> list[str]:
    """The names, checked.

    Raises:
        InputError: A name with other characters than letters, digits, `-` and `_`, too long, twice, or none at all.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise InputError(f"--raters: got {name!r}; allowed: up to 40 letters, digits, - and _, separated by commas")
    if not names or len({name.casefold() for name in names}) < len(names):
        raise InputError(f"--raters: got {', '.join(names) or 'no name'}; allowed: one name or more, each once")
    return list(names)


@contextmanager
def held(folder: Path) -> Iterator[IO[str]]:
    """Hold the review's lock; the file is empty or tells the port of the last server.

    Raises:
        RunFolderError: Another process holds it.
    """
    with (folder / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            allowed = "one server a review (--new-link RATER makes a link to it), or another --out"
            raise RunFolderError(f"{folder}: got a review that another process serves; allowed: {allowed}") from None
        yield file


def port_of_last(file: IO[str]) -> int:
    """The port that a held lock file tells; 0 where it tells none."""
    file.seek(0)
    text = file.read()
    return int(text) if text.isascii() and text.isdecimal() else 0


def tell_port(file: IO[str], port: int) -> None:
    """Write the port into a held lock file."""
    file.seek(0)
    file.truncate()
    file.write(str(port))
    file.flush()


def port_of_running(folder: Path) -> int:
    """The port of the server that runs on this review.

    Raises:
        InputError: None runs.
    """
    try:
        with held(folder):
            pass
    except RunFolderError:
        with (folder / LOCK).open(encoding="utf-8") as file:
            return port_of_last(file)
    raise InputError(
        f"{folder}: got --new-link and no server that runs; allowed: start it without --new-link, it prints a link for each rater"
    )


@contextmanager
def opened(where: Place, n: int | None, seed: int | None) -> Iterator[Review]:
    """The review, begun where there is none; a None takes what it was begun with (1,000 records and seed 0 for a new one).

    Raises:
        InputError: The records, `n` or `seed` are not those it was begun with, or cannot be used. Nothing was written then.
    """
    if _drawing(where) is None:
        _begin(where, N if n is None else n, SEED if seed is None else seed)
    with Store(where.folder / STORE) as store:
        yield _again(where, store, n, seed)


@contextmanager
def existing(where: Place) -> Iterator[Review]:
    """The review as it is.

    Raises:
        InputError: There is none, or its records have changed.
    """
    if _drawing(where) is None:
        raise InputError(f"{where.folder}: got no review that was begun; allowed: begin one by the same command without --report")
    with opened(where, None, None) as review:
        yield review


def _drawing(where: Place) -> Drawing | None:
    if not (where.folder / STORE).exists():
        return None
    with Store(where.folder / STORE) as store:
        return store.drawing()


def _begin(where: Place, n: int, seed: int) -> None:
    """Draw the sample and write it down, once: whoever comes second finds it done."""
    if n < 1:
        raise InputError(f"--n: got {n}; allowed: at least 1")
    pool = sample.read(where.instructions, where.own)
    records = pool.distinct
    ids = sample.draw(records, n, seed)
    where.folder.mkdir(parents=True, exist_ok=True)
    with held(where.folder), Store(where.folder / STORE) as store:
        if store.drawing() is not None:
            return
        file = where.folder / SAMPLE
        jsonl.write(file, [Drawn(id, records[id].category) for id in ids])
        store.begin(Drawing(secrets.token_hex(4), str(where.instructions), pool.sha256, n, seed, sha256(file), pool.labelled_by))


def _again(where: Place, store: Store, n: int | None, seed: int | None) -> Review:
    drawing = store.drawing()
    assert drawing is not None
    anew = f"another --out, or begin anew after moving {where.folder} away"
    given = {"n": n, "seed": seed}
    changed = [name for name, value in given.items() if value is not None and value != getattr(drawing, name)]
    if changed:
        got = ", ".join(f"--{name} {given[name]} where the sample was drawn with {getattr(drawing, name)}" for name in changed)
        raise RunFolderError(f"{where.folder}: got {got}; allowed: leave it out, {anew}")
    if not where.instructions.is_file() or sha256(where.instructions) != drawing.sha256:
        got = f"records that have changed since the sample was drawn ({where.instructions})"
        raise RunFolderError(f"{where.folder}: got {got}; allowed: the file as it was, {anew}")
    pool = sample.read(where.instructions, where.own)
    records, file = pool.distinct, where.folder / SAMPLE
    if not file.is_file() or sha256(file) != drawing.sample_sha256:
        raise DataError(file, got="no sample or a changed one", allowed=f"the file as it was written, {anew}")
    drawn = {one.id: replace(records[one.id], category=one.label) for one in jsonl.read(file, Drawn)}
    return Review(drawing, pool, drawn, store, where.own)


def added(known: Sequence[str], names: Sequence[str] | None, usual: Sequence[str]) -> list[str]:
    """The raters to add to those who are known.

    Raises:
        InputError: A name differs from a known one in its case only.
    """
    if names is None:
        return [] if known else list(usual)
    for name in names:
        alike = next((one for one in known if one.casefold() == name.casefold() and one != name), None)
        if alike is not None:
            raise InputError(f"--raters: got {name} where there is {alike}; allowed: {alike}, or another name")
    return list(names)
