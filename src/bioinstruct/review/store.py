"""The review's memory, `review.sqlite`: what was drawn, who may answer, and every answer, on disk before it is called saved.

Answers are only ever added; the last one of a rater about a record counts. Tokens and sessions are kept as digests, so that the file opens
no door to who reads it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import CategoryName
from bioinstruct.review.sample import LabelledBy

SESSION_SECONDS = 7 * 24 * 3600
"""How long a browser stays signed in."""
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE drawing (value TEXT NOT NULL) STRICT;
CREATE TABLE raters (name TEXT PRIMARY KEY, token TEXT, session TEXT, ends REAL) STRICT;
CREATE TABLE answers (
  number INTEGER PRIMARY KEY, rater TEXT NOT NULL REFERENCES raters, record TEXT NOT NULL, category TEXT, decision TEXT,
  reason TEXT NOT NULL, instruction TEXT, input TEXT, output TEXT, at TEXT NOT NULL
) STRICT;
CREATE INDEX latest ON answers (rater, record, number);
PRAGMA user_version = {_VERSION};
"""


class Decision(StrEnum):
    """What a rater would do with a record."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"


@dataclass(frozen=True)
class Texts:
    """The three texts of an edited record."""

    instruction: str
    input: str
    output: str


@dataclass(frozen=True)
class Answer:
    """What one rater says of one record so far."""

    rater: str
    record: str
    category: CategoryName | None = None
    decision: Decision | None = None
    reason: str = ""
    """Why it is rejected, in the rater's words; may be empty."""
    edited: Texts | None = None
    """For `edit`: the whole record as it should be."""
    at: str = ""
    """When it was saved: UTC, ISO 8601, to the second."""

    @property
    def complete(self) -> bool:
        """Whether both the category and the decision are there."""
        return self.category is not None and self.decision is not None


@dataclass(frozen=True)
class Drawing:
    """What all answers of a review are about; written once."""

    review: str
    """Random; tells the cookies of two reviews apart."""
    path: str
    """The instruction file, as it was given."""
    sha256: str
    """Of the instruction file."""
    n: int
    """Records asked for."""
    seed: int
    sample_sha256: str
    """Of `sample.jsonl`."""
    labelled_by: LabelledBy


class Store:
    """The open file. Threads may share it; every change is on disk when the call comes back."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise DataError(path, got=f"a file that SQLite cannot use ({error})", allowed="the review.sqlite of a review") from None

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        elif version != _VERSION:
            raise sqlite3.DatabaseError(f"of version {version}")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One change, alone in the file and whole or not at all."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[str | None, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def drawing(self) -> Drawing | None:
        """What was drawn; None before anything was."""
        rows = self._rows("SELECT value FROM drawing")
        return jsonl.parse(str(rows[0][0]), Drawing, "review.sqlite", 1) if rows else None

    def begin(self, drawing: Drawing) -> None:
        """Write down what was drawn."""
        with self._change() as connection:
            connection.execute("INSERT INTO drawing VALUES (?)", (jsonl.dump(drawing),))

    def raters(self) -> list[str]:
        """All names, in alphabetical order."""
        return [str(name) for (name,) in self._rows("SELECT name FROM raters ORDER BY name")]

    def add_raters(self, names: Iterable[str]) -> None:
        """Let these answer as well; who is there already stays."""
        with self._change() as connection:
            connection.executemany("INSERT OR IGNORE INTO raters (name) VALUES (?)", [(name,) for name in names])

    def new_token(self, rater: str) -> str:
        """A token that opens the page once for this rater; an earlier one that was not used is void."""
        token = secrets.token_urlsafe(32)
        with self._change() as connection:
            connection.execute("UPDATE raters SET token = ? WHERE name = ?", (_digest(token), rater))
        return token

    def spend(self, token: str) -> tuple[str, str] | None:
        """The rater whose token this is, and the secret of a new session; the token and the rater's earlier session are void from now on.

        None for a token that was used, replaced, or never given.
        """
        session, ends = secrets.token_urlsafe(32), time.time() + SESSION_SECONDS
        with self._change() as connection:
            rows = connection.execute(
                "UPDATE raters SET token = NULL, session = ?, ends = ? WHERE token = ? RETURNING name",
                (_digest(session), ends, _digest(token)),
            ).fetchall()
        return (str(rows[0][0]), session) if rows else None

    def rater_of(self, session: str) -> str | None:
        """Whose session this is; None where it is nobody's or has ended."""
        rows = self._rows("SELECT name FROM raters WHERE session = ? AND ends > ?", (_digest(session), time.time()))
        return str(rows[0][0]) if rows else None

    def save(self, rater: str, record: str, change: Callable[[Answer], Answer]) -> tuple[Answer, Answer]:
        """The rater's answer about a record before and after a change, which is kept in place of the earlier one.

        Where nothing has changed, nothing is written.
        """
        with self._change() as connection:
            before = _latest(connection, rater, record) or Answer(rater, record)
            after = change(before)
            if after == before:
                return before, before
            after = replace(after, at=datetime.now(UTC).isoformat(timespec="seconds"))
            edited = after.edited
            texts = (None, None, None) if edited is None else (edited.instruction, edited.input, edited.output)
            row = (rater, record, after.category, after.decision, after.reason, *texts, after.at)
            connection.execute(f"INSERT INTO answers ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return before, after

    def answer(self, rater: str, record: str) -> Answer:
        """The rater's answer about a record; one without category and decision where nothing was answered yet."""
        with self._lock:
            return _latest(self._connection, rater, record) or Answer(rater, record)

    def completed(self, rater: str) -> set[str]:
        """Ids of the records of which the rater has said everything."""
        query = f"SELECT record FROM answers WHERE {_latest_of('WHERE rater = ?')} AND category IS NOT NULL AND decision IS NOT NULL"
        return {str(record) for (record,) in self._rows(query, (rater,))}

    def answers(self) -> list[Answer]:
        """The answers of all that count, by rater and record."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM answers WHERE {_latest_of()} ORDER BY rater, record")
        return [_answer(row) for row in rows]


def _latest_of(chosen: str = "") -> str:
    return f"number IN (SELECT max(number) FROM answers {chosen} GROUP BY rater, record)"


_COLUMNS = "rater, record, category, decision, reason, instruction, input, output, at"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _latest(connection: sqlite3.Connection, rater: str, record: str) -> Answer | None:
    query = f"SELECT {_COLUMNS} FROM answers WHERE rater = ? AND record = ? ORDER BY number DESC LIMIT 1"
    row = connection.execute(query, (rater, record)).fetchone()
    return None if row is None else _answer(row)


def _answer(row: Sequence[str | None]) -> Answer:
    rater, record, category, decision, reason, instruction, input, output, at = row
    edited = None if instruction is None else Texts(instruction, input or "", output or "")
    return Answer(
        str(rater),
        str(record),
        category,
        None if decision is None else Decision(decision),
        reason or "",
        edited,
        str(at),
    )
