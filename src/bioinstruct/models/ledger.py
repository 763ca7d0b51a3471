"""Every reply of a run on disk before anything counts it: what was paid for is never lost, and never paid for twice."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioinstruct.core.errors import InputError, LimitReached, RunFolderError
from bioinstruct.core.records import Finish
from bioinstruct.models.base import Reply

_SCHEMA = 1
_APPLICATION = 0x62696F69  # "bioi", so that another program's database is told apart
_TABLE = """
CREATE TABLE replies (
    purpose TEXT NOT NULL, key TEXT NOT NULL, prompt TEXT NOT NULL, settings TEXT NOT NULL, seeds TEXT NOT NULL,
    text TEXT NOT NULL, finish TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    model TEXT NOT NULL, seconds REAL NOT NULL, stored TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    PRIMARY KEY (purpose, key)
)
"""
_COLUMNS = "key, prompt, settings, seeds, text, finish, prompt_tokens, output_tokens, model, seconds"


@dataclass(frozen=True)
class Entry:
    """One stored reply and what it was asked with."""

    purpose: str
    key: str
    prompt: str
    settings: str
    """What else was sent (teacher, temperature ...), as canonical JSON; empty where the caller gave none."""
    seeds: tuple[str, ...]
    reply: Reply
    seconds: float
    """Wall-clock time of the request, waiting for further attempts included."""


@dataclass(frozen=True)
class Total:
    """Sums over the stored replies of one purpose."""

    requests: int
    prompt_tokens: int
    output_tokens: int
    seconds: float


class Ledger:
    """A SQLite file of replies, unique by purpose and key. Safe to use from many threads; use as a context manager or `close()`.

    Raises:
        RunFolderError: The file is not a ledger, is damaged, or cannot be written.
        LimitReached: The disk is full; what is stored stays.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, timeout=30.0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._explain(error) from None
        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        self._is_new()  # another program's file is refused before a byte of it changes, which the next line would
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns, also after a power cut
        self._database.execute("BEGIN IMMEDIATE")  # two openers at once: the second sees the first one's table
        if self._is_new():
            self._database.execute(_TABLE)
            self._database.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._database.execute(f"PRAGMA user_version = {_SCHEMA}")
        self._database.execute("COMMIT")

    def _is_new(self) -> bool:
        """Whether the file holds nothing yet; `RunFolderError` where it holds anything but a ledger of this version."""
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        application = self._database.execute("PRAGMA application_id").fetchone()[0]
        tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version == 0 and tables == 0:
            return True
        if application != _APPLICATION:
            raise RunFolderError(f"{self.path}: got another program's database; allowed: a ledger of bioinstruct")
        if version != _SCHEMA:
            raise RunFolderError(f"{self.path}: got a ledger of version {version}; allowed: version {_SCHEMA}")
        return False

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the ledger cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def reply(self, purpose: str, key: str) -> Reply | None:
        """The stored reply; None where there is none."""
        entry = self.entry(purpose, key)
        return entry.reply if entry is not None else None

    def entry(self, purpose: str, key: str) -> Entry | None:
        """The stored reply with its prompt, settings and seeds; None where there is none."""
        with self._lock, self._explained():
            query = f"SELECT {_COLUMNS} FROM replies WHERE purpose = ? AND key = ?"
            row = self._database.execute(query, (purpose, key)).fetchone()
        return _entry(purpose, row) if row is not None else None

    def entries(self, purpose: str) -> Iterator[Entry]:
        """All entries of one purpose, in the order they were stored."""
        with self._lock, self._explained():
            rows = self._database.execute(f"SELECT {_COLUMNS} FROM replies WHERE purpose = ? ORDER BY rowid", (purpose,)).fetchall()
        yield from (_entry(purpose, row) for row in rows)

    def store(
        self, purpose: str, key: str, prompt: str, reply: Reply, seeds: tuple[str, ...] = (), seconds: float = 0.0, *, settings: str = ""
    ) -> None:
        """Store a reply for good: it is on disk when this returns.

        Raises:
            InputError: There is a reply for this purpose and key already; it is kept as it is.
        """
        asked = (purpose, key, prompt, settings, json.dumps(list(seeds)))
        got = (reply.text, reply.finish.value, reply.prompt_tokens, reply.output_tokens, reply.model, seconds)
        try:
            with self._lock, self._explained():
                marks = ", ".join("?" * (len(asked) + len(got)))
                self._database.execute(f"INSERT INTO replies (purpose, {_COLUMNS}) VALUES ({marks})", (*asked, *got))
        except sqlite3.IntegrityError:
            raise InputError(f"{self.path}: got a second reply for {purpose} '{key}'; allowed: one reply a request") from None

    def totals(self) -> dict[str, Total]:
        """Purpose -> sums over its replies, in alphabetical order; empty for an empty ledger."""
        sums = "count(*), sum(prompt_tokens), sum(output_tokens), sum(seconds)"
        query = f"SELECT purpose, {sums} FROM replies GROUP BY purpose ORDER BY purpose"
        with self._lock, self._explained():
            return {row[0]: Total(*row[1:]) for row in self._database.execute(query)}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise self._explain(error) from None

    def _explain(self, error: Exception) -> Exception:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in (28, 122):
            return LimitReached(f"{self.path}: no space left on the disk; free some and run again, the run goes on")
        return RunFolderError(f"{self.path}: got {error}; allowed: a ledger file that can be read and written")


def _entry(purpose: str, row: tuple[str, str, str, str, str, str, int, int, str, float]) -> Entry:
    key, prompt, settings, seeds, text, finish, prompt_tokens, output_tokens, model, seconds = row
    reply = Reply(text, Finish(finish), prompt_tokens, output_tokens, model)
    return Entry(purpose, key, prompt, settings, tuple(json.loads(seeds)), reply, seconds)
