"""The ledger's pages on batches: what is open at a server, and what each request of it asks, so that any later process can go on.

A batch is *open* from the moment its first request is written down until its last one is closed. Its requests are attempts like all
others, with the batch's label; `Ledger.close_lost` leaves them alone as long as the batch is open.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from bioinstruct.models.base import Call, Failure
from bioinstruct.models.ledger import Charge, Ledger, insert_attempt

PREPARING, UPLOADED = "preparing", "uploaded"
"""Status of a batch of which the server has nothing, or the file and perhaps the batch; afterwards it is the server's own word."""
_NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


@dataclass(frozen=True)
class Page:
    """An open batch."""

    label: str
    """Ours; the server has it in the batch's metadata."""
    status: str
    endpoint: str
    """Base URL of the server that has it."""
    model: str
    server_id: str | None
    """None: it was not noted; with status `UPLOADED` there may be a batch all the same."""
    file_id: str | None


@dataclass(frozen=True)
class Attempt:
    """A request of an open batch that has no outcome yet."""

    number: int
    """Its row in the ledger."""
    attempt: int
    """Which try it is, from 1."""
    worst: Charge


def custom_id(number: int, call: Call) -> str:
    """The name of a request in the batch's files: unique in the ledger, at most 64 characters, and made of letters, digits and '-'."""
    place = "\0".join((call.purpose, call.key))
    return f"r{number}-{hashlib.sha256(place.encode()).hexdigest()[:16]}"


def open_page(ledger: Ledger, label: str, endpoint: str, model: str) -> Future[None]:
    """A batch is about to be prepared."""

    def work(database: sqlite3.Connection) -> None:
        query = "INSERT INTO batches (label, status, endpoint, model) VALUES (?, ?, ?, ?)"
        database.execute(query, (label, PREPARING, endpoint, model))

    return ledger.submit(work)


def begin(ledger: Ledger, label: str, call: Call, attempt: int, worst: Charge) -> Future[str]:
    """A request is to go with the batch: its attempt and all that it asks; gives its custom_id once that is on disk."""

    def work(database: sqlite3.Connection) -> str:
        number = insert_attempt(database, call, attempt, worst, "batch", label)
        name = custom_id(number, call)
        database.execute("INSERT INTO batched (attempt, custom_id, call) VALUES (?, ?, ?)", (number, name, _dump(call)))
        return name

    return ledger.submit(work)


def note(ledger: Ledger, label: str, status: str, *, file_id: str | None = None, server_id: str | None = None) -> Future[None]:
    """Write down what the server said of the batch; an id that is None stays as it was."""

    def work(database: sqlite3.Connection) -> None:
        query = "UPDATE batches SET status = ?, file_id = coalesce(?, file_id), server_id = coalesce(?, server_id) WHERE label = ?"
        database.execute(query, (status, file_id, server_id, label))

    return ledger.submit(work)


def close(ledger: Ledger, label: str, status: str, failure: Failure, words: str) -> Future[None]:
    """End the batch in one transaction: attempts that have no outcome get this failure, and what they ask is forgotten."""

    def work(database: sqlite3.Connection) -> None:
        query = "UPDATE attempts SET outcome = ?, words = ? WHERE batch = ? AND outcome IS NULL"
        database.execute(query, (failure.value, words[:2000], label))
        database.execute("DELETE FROM batched WHERE attempt IN (SELECT id FROM attempts WHERE batch = ?)", (label,))
        database.execute(f"UPDATE batches SET status = ?, ended = {_NOW} WHERE label = ?", (status, label))

    return ledger.submit(work)


def pages(ledger: Ledger) -> list[Page]:
    """The open batches, in the order they were made."""
    query = "SELECT label, status, endpoint, model, server_id, file_id FROM batches WHERE ended IS NULL ORDER BY rowid"
    return [Page(*row) for row in ledger.select(query)]


def waiting(ledger: Ledger, label: str) -> dict[str, Attempt]:
    """custom_id -> the requests of a batch that have no outcome yet, in the order of its file."""
    query = (
        "SELECT custom_id, id, attempts.attempt, worst_tokens, worst_usd FROM attempts JOIN batched ON batched.attempt = id"
        " WHERE batch = ? AND outcome IS NULL ORDER BY id"
    )
    return {name: Attempt(number, attempt, Charge(*worst)) for name, number, attempt, *worst in ledger.select(query, (label,))}


def calls(ledger: Ledger, numbers: Iterable[int]) -> dict[int, Call]:
    """Number of an attempt of an open batch -> what it asks; for some hundreds at a time."""
    wanted = tuple(numbers)
    query = f"SELECT id, purpose, key, call FROM attempts JOIN batched ON batched.attempt = id WHERE id IN ({', '.join('?' * len(wanted))})"
    return {number: _load(purpose, key, text) for number, purpose, key, text in ledger.select(query, wanted)}


def _dump(call: Call) -> str:
    asked = {name: value for name, value in vars(call).items() if name not in ("purpose", "key")}
    return json.dumps(asked | {"schema": None if call.schema is None else dict(call.schema)})


def _load(purpose: str, key: str, text: str) -> Call:
    asked = json.loads(text)
    return Call(purpose, key, **(asked | {"sources": tuple(asked["sources"])}))
