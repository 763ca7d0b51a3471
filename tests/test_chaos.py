"""A paid teacher at its worst: three requests in ten go wrong in every way there is, and our process is killed again and again."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from bioinstruct.embedded.faults import Script
from bioinstruct.embedded.server import RehearsalServer
from bioinstruct.embedded.settings import script
from bioinstruct.models.ledger import READ

KEY = "sk-rehearsal-0123456789"
TARGET = 200


SCRIPT = script(["faults=0.3", "latency=0.1", "spread=0.3", "hang_seconds=20", f"key={KEY}"])
"""Of a faulty teacher."""


def command(server: RehearsalServer, folder: Path) -> list[str]:
    """`bioinstruct generate` against the server."""
    settings = [
        "generate.teacher=embedded-teacher",
        f"generate.endpoint=http://127.0.0.1:{server.server_address[1]}/v1",
        f"generate.target={TARGET}",
        "generate.concurrency=6",
        "generate.timeout=1.5",
        "generate.api_key_env=REHEARSAL_KEY",
        "prices={embedded-teacher: [2, 8]}",
        "budget_usd=100",
    ]
    return [sys.executable, "-m", "bioinstruct.cli", "generate", "--out", str(folder), "--progress", "json", *settings]


def start(server: RehearsalServer, folder: Path, out: IO[str]) -> subprocess.Popen[str]:
    """Begin a run; what it says goes to `out`."""
    return subprocess.Popen(command(server, folder), env={**os.environ, "REHEARSAL_KEY": KEY}, stdout=out, stderr=out, text=True)


@contextmanager
def running(server: RehearsalServer, folder: Path) -> Iterator[None]:
    """A run that is at its end when the block is, whatever it met; the key is in nothing that it says."""
    log = folder.with_suffix(".log")
    with log.open("a") as out, start(server, folder, out) as process:
        yield
        assert process.wait(240) == 0, log.read_text()
    assert KEY not in log.read_text()


def attempts(folder: Path) -> list[tuple[str, str | None]]:
    """(key, outcome) of all attempts, as they were sent."""
    database = sqlite3.connect(folder / "ledger.sqlite")
    try:
        return database.execute("SELECT key, outcome FROM attempts ORDER BY id").fetchall()
    finally:
        database.close()


def check(folder: Path) -> None:
    """The ledger holds each reply once, nothing read was asked again, and what the server answered in vain was never read."""
    sent = attempts(folder)
    read = [key for key, outcome in sent if outcome == READ]
    assert len(read) == len(set(read)) > 0
    for key in set(read):
        assert [outcome for other, outcome in sent if other == key][-1] == READ
    assert all(outcome is not None for _, outcome in sent)
    for path in folder.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def kill_again_and_again(server: RehearsalServer, folder: Path, times: int) -> None:
    """SIGKILL at random moments of the work (not of Python's start)."""
    dice = random.Random(7)
    log = folder.with_suffix(".log")
    for _ in range(times):
        with log.open("a") as out:
            process = start(server, folder, out)
            before = server.tally.snapshot()["requests"]
            began = time.monotonic()
            while server.tally.snapshot()["requests"] == before and process.poll() is None and time.monotonic() - began < 30:
                time.sleep(0.01)
            time.sleep(dice.uniform(0.0, 0.5))
            process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize("times", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_and_killed_again_it_ends_as_if_nothing_had_happened(
    rehearse: Callable[[Script], RehearsalServer], tmp_path: Path, times: int
) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    with running(rehearse(SCRIPT), calm):  # meanwhile, at a server of its own
        server = rehearse(SCRIPT)
        kill_again_and_again(server, rough, times)
        with running(server, rough):
            pass
    check(calm)
    check(rough)
    assert any(outcome == "lost" for _, outcome in attempts(rough)), "no kill met a request under way: this test showed nothing"
    for name in ("generate/candidates.jsonl", "generate/unparsed.jsonl", "curate/instructions.jsonl", "curate/rejected.jsonl"):
        assert (calm / name).read_bytes() == (rough / name).read_bytes(), name
