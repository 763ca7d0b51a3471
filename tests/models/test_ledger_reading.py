"""A ledger in a folder that cannot be written: read as it is, with no file beside it, or refused in one line."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import RunFolderError
from bioinstruct.core.records import Finish
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Charge, Ledger

NOBODY = 65534
REPLY = Reply("the text", Finish.STOP, 11, 7, "m")
KILLED = """
import os, sys
from bioinstruct.core.records import Finish
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Ledger
Ledger(sys.argv[1]).store(Call("generate", "0/9", "p", 1.0, 9, 1), Reply("late", Finish.STOP, 1, 2, "m"))
os._exit(9)
"""


def call(key: str) -> Call:
    return Call("generate", key, "p", 1.0, 100, 7)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user can reach, with a ledger of one reply; its name holds what has a meaning in a URI."""
    made = Path(tempfile.mkdtemp(prefix="ledger 100%25?mode=rw#"))
    with Ledger(made / "ledger.sqlite") as ledger:
        ledger.store(call("0/1"), REPLY)
    yield made
    shutil.rmtree(made)


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Nothing in the folder can be written: by its mode, and as a user whom modes concern."""
    places = [*folder.iterdir(), folder]
    for place in places:
        place.chmod(0o444 | (0o111 if place.is_dir() else 0))
    user = os.geteuid()
    os.seteuid(NOBODY if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)
        for place in places[:-1]:
            place.chmod(0o644)


def killed(path: Path) -> None:
    """A process that was killed has left a reply in the -wal."""
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False).returncode == 9
    assert path.with_name("ledger.sqlite-wal").stat().st_size > 0


def test_it_is_read_and_no_file_appears(folder: Path, bytes_below: Callable[..., Any]) -> None:
    before = bytes_below(folder)
    with closed(folder):
        with Ledger(folder / "ledger.sqlite") as ledger:
            assert ledger.reply("generate", "0/1") == REPLY
            assert [entry.key for entry in ledger.entries("generate")] == ["0/1"]
            for write in (lambda: ledger.begin(call("0/2"), 1, Charge(1, None)), ledger.close_lost):
                with pytest.raises(RunFolderError, match="got a write to a ledger that was opened to be read"):
                    write()
        with Ledger(folder / "ledger.sqlite"), Ledger(folder / "ledger.sqlite"):
            pass
    assert bytes_below(folder) == before
    with Ledger(folder / "ledger.sqlite") as ledger:
        ledger.store(call("0/2"), REPLY)


def test_the_command_shows_it(folder: Path, command: Callable[..., Any]) -> None:
    shown = command("ledger", str(folder))
    with closed(folder):
        assert command("ledger", str(folder)) == shown
    assert shown.code == 0
    assert "1 repl" in shown.out


def test_what_a_killed_process_left_is_told_and_nothing_is_left_out(folder: Path, command: Callable[..., Any], expect: Any) -> None:
    path = folder / "ledger.sqlite"
    killed(path)
    path.with_name("ledger.sqlite-shm").unlink()  # as in a copy of the folder, or after a restart of the machine
    with closed(folder):
        expect(command("ledger", str(folder)), ["writes in ledger.sqlite-wal that are still to be taken in", "a copy in one"])
    with Ledger(path) as ledger:
        assert [entry.key for entry in ledger.entries("generate")] == ["0/1", "0/9"]


def test_what_waits_beside_the_file_is_read_too(folder: Path) -> None:
    path = folder / "ledger.sqlite"
    killed(path)
    with closed(folder), Ledger(path) as ledger:
        assert [entry.key for entry in ledger.entries("generate")] == ["0/1", "0/9"]
    with Ledger(path) as writer:  # and what a living process writes meanwhile
        writer.store(call("0/2"), REPLY)
        with closed(folder), Ledger(path) as ledger:
            assert [entry.key for entry in ledger.entries("generate")] == ["0/1", "0/9", "0/2"]


def test_what_would_have_to_be_upgraded_or_is_none_is_refused(folder: Path) -> None:
    path = folder / "ledger.sqlite"
    for version, words in ((1, "a ledger of version 1 that cannot be written"), (99, "a ledger of version 99; allowed: up to")):
        with sqlite3.connect(path) as database:
            database.execute(f"PRAGMA user_version = {version}")
        database.close()
        with closed(folder), pytest.raises(RunFolderError, match=words):
            Ledger(path)
    path.write_bytes(b"")
    with closed(folder), pytest.raises(RunFolderError, match="a ledger of version 0 that cannot be written"):
        Ledger(path)
    path.write_bytes(b"no database, and long enough to be read as a header of one" * 20)
    with closed(folder), pytest.raises(RunFolderError, match="not a database"):
        Ledger(path)
    assert sorted(one.name for one in folder.iterdir()) == ["ledger.sqlite"]
