"""Every reply of a run on disk before anything counts it: what was paid for is never lost, and never paid for twice.

Two tables. `replies` holds what was read, once for a purpose and key. `attempts` holds what was sent: a row is there before the request
leaves and is closed when its outcome is known, so that a killed process leaves rows that say what may have been billed. Two more,
`batches` and `batched`, hold what a batch at a server needs to outlive us (batch_ledger.py).

Writing is done by one thread that commits all that waits at once (a group commit): a commit is on disk when its future is done.
"""

from __future__ import annotations

import json
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bioinstruct.core.errors import InputError, LimitReached, RunFolderError
from bioinstruct.core.records import Finish
from bioinstruct.models.base import Call, Failure, Reply

Result = TypeVar("Result")

_SCHEMA = 2
_APPLICATION = 0x62696F69  # "bioi", so that another program's database is told apart
_NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
_REPLIES = f"""
CREATE TABLE replies (
    purpose TEXT NOT NULL, key TEXT NOT NULL, prompt TEXT NOT NULL, settings TEXT NOT NULL, seeds TEXT NOT NULL,
    text TEXT NOT NULL, finish TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    model TEXT NOT NULL, seconds REAL NOT NULL, stored TEXT NOT NULL DEFAULT ({_NOW}),
    cached_tokens INTEGER NOT NULL DEFAULT 0, reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (purpose, key)
)
"""
_ATTEMPTS = f"""
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY, purpose TEXT NOT NULL, key TEXT NOT NULL, attempt INTEGER NOT NULL, route TEXT NOT NULL,
    sent TEXT NOT NULL DEFAULT ({_NOW}), worst_tokens INTEGER NOT NULL, worst_usd REAL,
    outcome TEXT, words TEXT, seconds REAL, tokens INTEGER, usd REAL, batch TEXT
)
"""
"""One row a request that left. `outcome`: NULL = under way, 'read', or a `Failure`. `tokens` and `usd`: what it took, NULL = not known;
`worst_*`: what it can have taken at most (`worst_usd` NULL = the price is not known). `batch`: label of the batch it went with."""
_BATCHES = f"""
CREATE TABLE batches (
    label TEXT PRIMARY KEY, status TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL, server_id TEXT, file_id TEXT,
    created TEXT NOT NULL DEFAULT ({_NOW}), ended TEXT
)
"""
"""One row a batch. `status`: preparing, uploaded, then the server's words. `ended`: when its last attempt was closed, NULL = it is open."""
_BATCHED = "CREATE TABLE batched (attempt INTEGER PRIMARY KEY, custom_id TEXT NOT NULL, call TEXT NOT NULL)"
"""What the attempts of open batches ask, as JSON, and their names in the batch's files."""
_UPGRADE = (
    "ALTER TABLE replies ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE replies ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0",
    _ATTEMPTS,
    _BATCHES,
    _BATCHED,
    "INSERT INTO attempts (purpose, key, attempt, route, sent, worst_tokens, outcome, seconds, tokens)"
    " SELECT purpose, key, 1, 'chat', stored, prompt_tokens + output_tokens, 'read', seconds, prompt_tokens + output_tokens FROM replies",
)
"""From version 1, which knew no attempts and no prices."""
_COLUMNS = "key, prompt, settings, seeds, text, finish, prompt_tokens, output_tokens, model, seconds, cached_tokens, reasoning_tokens"
_PAGE = 256
"""Rows read at once while going through all entries, so that memory stays flat."""
READ = "read"
"""Outcome of an attempt whose reply is stored."""


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
    """Wall-clock time of the attempt that was answered."""


@dataclass(frozen=True)
class Charge:
    """Tokens and US dollars of one request; None = not known."""

    tokens: int | None
    usd: float | None


class Ledger:
    """A SQLite file of replies, unique by purpose and key. Safe to use from many threads; use as a context manager or `close()`.

    Where the file or its folder cannot be written (a read-only mount, another's run), it is opened to be read: no file appears beside it,
    and whatever writes raises.

    Raises:
        RunFolderError: The file is not a ledger, is damaged or of a newer version; or it cannot be written and lies there as a process
            that was killed has left it, or is of an older version.
        LimitReached: The disk is full; what is stored stays.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._reading = self.path.exists() and not (_can_write(self.path.parent) and _can_write(self.path))
            self._database = self._connect_to_read() if self._reading else self._connect()
        except (OSError, sqlite3.Error) as error:
            raise self._explain(error) from None
        try:
            with self._explained():
                if self._reading:
                    self._demand_current()
                    self._written = self._database
                else:
                    self._prepare()
                    self._written = self._connect()
                    self._written.execute("PRAGMA synchronous = FULL")
        except BaseException:
            self._database.close()
            raise
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="ledger", daemon=True)
        if not self._reading:
            self._writer.start()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=30.0, isolation_level=None, check_same_thread=False)

    def _connect_to_read(self) -> sqlite3.Connection:
        """Without writing: the file alone where nothing waits beside it, else through its -wal, as far as other processes let us."""
        wal, shared = (self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))
        alone = not wal.exists() or (wal.stat().st_size == 0 and not shared.exists())
        place = f"{self.path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
        database = sqlite3.connect(place, uri=True, timeout=30.0, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA user_version")
        except sqlite3.OperationalError:
            database.close()
            if alone:
                raise
            got = f"writes in {wal.name} that are still to be taken in, and a folder that cannot be written"
            raise RunFolderError(f"{self.path}: got {got}; allowed: a folder that can be written, or a copy in one") from None
        return database

    def _demand_current(self) -> None:
        if (version := self._version()) != _SCHEMA:
            got = f"a ledger of version {version} that cannot be written"
            raise RunFolderError(f"{self.path}: got {got}; allowed: version {_SCHEMA}, or one that can be upgraded where it lies")

    def _prepare(self) -> None:
        self._version()  # another program's file is refused before a byte of it changes, which the next line would
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns, also after a power cut
        self._database.execute("BEGIN IMMEDIATE")  # two openers at once: the second sees the first one's tables
        version = self._version()
        if version != _SCHEMA:  # a ledger that is only looked at keeps its bytes
            for statement in _UPGRADE if version else (_REPLIES, _ATTEMPTS, _BATCHES, _BATCHED):
                self._database.execute(statement)
            self._database.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._database.execute(f"PRAGMA user_version = {_SCHEMA}")
        self._database.execute("COMMIT")

    def _version(self) -> int:
        """Version of the ledger in the file, 0 = it holds nothing yet; `RunFolderError` where it is none that we can read."""
        version: int = self._database.execute("PRAGMA user_version").fetchone()[0]
        application = self._database.execute("PRAGMA application_id").fetchone()[0]
        tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version == 0 and tables == 0:
            return 0
        if application != _APPLICATION:
            raise RunFolderError(f"{self.path}: got another program's database; allowed: a ledger of bioinstruct")
        if not 1 <= version <= _SCHEMA:
            raise RunFolderError(f"{self.path}: got a ledger of version {version}; allowed: up to version {_SCHEMA} (a newer bioinstruct)")
        return version

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits and close the file; the ledger cannot be used afterwards."""
        if self._writer.is_alive():
            self._waiting.put(None)
            self._writer.join()
        with self._lock:
            self._written.close()
            self._database.close()

    # Writing

    def begin(self, call: Call, attempt: int, worst: Charge, route: str = "chat") -> Future[int]:
        """A request is about to leave; the future gives its number once that is on disk.

        Args:
            call: What is asked.
            attempt: Which try it is, from 1.
            worst: The most it can take.
            route: `chat` or `batch`.
        """
        return self.submit(lambda database: insert_attempt(database, call, attempt, worst, route))

    def failed(self, number: int, failure: Failure, words: str, seconds: float) -> Future[None]:
        """Close attempt `number` without a reply."""

        def work(database: sqlite3.Connection) -> None:
            query = "UPDATE attempts SET outcome = ?, words = ?, seconds = ? WHERE id = ?"
            database.execute(query, (failure.value, words[:2000], seconds, number))

        return self.submit(work)

    def keep(self, number: int, call: Call, reply: Reply, charge: Charge, seconds: float) -> Future[None]:
        """Close attempt `number` with its reply: both in one transaction, on disk when the future is done."""

        def work(database: sqlite3.Connection) -> None:
            self._insert(database, call, reply, seconds)
            query = "UPDATE attempts SET outcome = ?, seconds = ?, tokens = ?, usd = ? WHERE id = ?"
            database.execute(query, (READ, seconds, charge.tokens, charge.usd, number))

        return self.submit(work)

    def store(self, call: Call, reply: Reply, seconds: float = 0.0) -> None:
        """Store a reply for good that cost nothing: it is on disk when this returns.

        Raises:
            InputError: There is a reply for this purpose and key already; it is kept as it is.
        """
        tokens = reply.prompt_tokens + reply.output_tokens
        number = self.begin(call, 1, Charge(tokens, 0.0)).result()
        self.keep(number, call, reply, Charge(tokens, 0.0), seconds).result()

    def close_lost(self) -> int:
        """Mark attempts that a killed process left open; gives back their number. Only for who holds the run's lock.

        Those of an open batch are not lost: the server goes on with it.
        """
        query = (
            "UPDATE attempts SET outcome = ?, words = 'the process ended before the answer was on disk'"
            " WHERE outcome IS NULL AND (batch IS NULL OR batch NOT IN (SELECT label FROM batches WHERE ended IS NULL))"
        )
        return self.submit(lambda database: database.execute(query, (Failure.LOST.value,)).rowcount).result()

    def _insert(self, database: sqlite3.Connection, call: Call, reply: Reply, seconds: float) -> None:
        asked = (call.purpose, call.key, call.prompt, call.settings, json.dumps(list(call.sources)))
        got = (reply.text, reply.finish.value, reply.prompt_tokens, reply.output_tokens, reply.model, seconds)
        hidden = (reply.cached_tokens, reply.reasoning_tokens)
        row = (*asked, *got, *hidden)
        try:
            database.execute(f"INSERT INTO replies (purpose, {_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)
        except sqlite3.IntegrityError:
            message = f"{self.path}: got a second reply for {call.purpose} '{call.key}'; allowed: one reply a request"
            raise InputError(message) from None

    def submit(self, work: Callable[[sqlite3.Connection], Result]) -> Future[Result]:
        """Have `work` done in the next group commit; on disk when the future is done."""
        future: Future[Result] = Future()
        if self._reading:
            raise RunFolderError(f"{self.path}: got a write to a ledger that was opened to be read; allowed: a folder that can be written")
        if not self._writer.is_alive():  # nobody would ever answer
            raise RunFolderError(f"{self.path}: got a write to a closed ledger; allowed: one that is open")
        self._waiting.put(_Work(work, future))
        return future

    def _write(self) -> None:
        """Commit all that waits, again and again, until None comes."""
        while (first := self._waiting.get()) is not None:
            group, ended = [first], False
            while not self._waiting.empty():
                if (more := self._waiting.get()) is None:
                    ended = True
                    break
                group.append(more)
            self._commit(group)
            if ended:
                return

    def _commit(self, group: list[_Work]) -> None:
        try:
            self._written.execute("BEGIN IMMEDIATE")
            for item in group:
                item.do(self._written)
            self._written.execute("COMMIT")
        except Exception as error:
            if self._written.in_transaction:
                self._written.rollback()
            for item in group:
                item.fail(self._explain(error) if isinstance(error, sqlite3.Error) else error)
            return
        for item in group:
            item.tell()

    # Reading

    def reply(self, purpose: str, key: str) -> Reply | None:
        """The stored reply; None where there is none."""
        entry = self.entry(purpose, key)
        return entry.reply if entry is not None else None

    def entry(self, purpose: str, key: str) -> Entry | None:
        """The stored reply with its prompt, settings and seeds; None where there is none."""
        rows = self.select(f"SELECT {_COLUMNS} FROM replies WHERE purpose = ? AND key = ?", (purpose, key))
        return _entry(purpose, rows[0]) if rows else None

    def entries(self, purpose: str) -> Iterator[Entry]:
        """All entries of one purpose, in the order they were stored."""
        last = 0
        query = f"SELECT rowid, {_COLUMNS} FROM replies WHERE purpose = ? AND rowid > ? ORDER BY rowid LIMIT {_PAGE}"
        while rows := self.select(query, (purpose, last)):
            yield from (_entry(purpose, row[1:]) for row in rows)
            last = rows[-1][0]

    def select(self, query: str, values: tuple[object, ...] = ()) -> list[tuple]:  # type: ignore[type-arg]
        """Rows of a query that only reads."""
        with self._lock, self._explained():
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._explain(error) from None

    def _explain(self, error: Exception) -> Exception:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in (28, 122):
            return LimitReached(f"{self.path}: no space left on the disk; free some and run again, the run goes on")
        return RunFolderError(f"{self.path}: got {error}; allowed: a ledger file that can be read and written")


def _can_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def insert_attempt(
    database: sqlite3.Connection, call: Call, attempt: int, worst: Charge, route: str, batch: str | None = None
) -> int:  # fmt: skip
    """Write the row of an attempt that is about to leave, within a group commit; gives its number."""
    row = (call.purpose, call.key, attempt, route, worst.tokens or 0, worst.usd, batch)
    query = "INSERT INTO attempts (purpose, key, attempt, route, worst_tokens, worst_usd, batch) VALUES (?, ?, ?, ?, ?, ?, ?)"
    return int(database.execute(query, row).lastrowid or 0)


class _Work:
    """One piece of a group commit."""

    def __init__(self, work: Callable[[sqlite3.Connection], object], future: Future) -> None:  # type: ignore[type-arg]
        self.work, self.future = work, future
        self.result: object = None
        self.error: InputError | None = None

    def do(self, database: sqlite3.Connection) -> None:
        """Do it within the group's transaction; an input error is this piece's alone and leaves no trace of it."""
        database.execute("SAVEPOINT piece")
        try:
            self.result = self.work(database)
        except InputError as error:
            database.execute("ROLLBACK TO piece")
            self.error = error
        database.execute("RELEASE piece")

    def tell(self) -> None:
        """Complete the future, after the commit."""
        if self.error is not None:
            self.fail(self.error)
        elif self.future.set_running_or_notify_cancel():  # who waited may have gone; the work is done all the same
            self.future.set_result(self.result)

    def fail(self, error: Exception) -> None:
        """Complete the future with an error: nothing was written."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


def _entry(purpose: str, row: tuple[str, str, str, str, str, str, int, int, str, float, int, int]) -> Entry:
    key, prompt, settings, seeds, text, finish, prompt_tokens, output_tokens, model, seconds, cached, reasoning = row
    reply = Reply(text, Finish(finish), prompt_tokens, output_tokens, model, cached, reasoning)
    return Entry(purpose, key, prompt, settings, tuple(json.loads(seeds)), reply, seconds)
