"""Generation against an OpenAI-compatible server that we did not write: `transformers serve` holding the embedded base.

The base has never seen an instruction, so its replies are poor. What matters:
they are stored, parsed, counted and rejected as they deserve.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bioinstruct.models.checkpoint import resolve
from bioinstruct.models.ledger import Ledger

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("fastapi") is None or importlib.util.find_spec("uvicorn") is None,
    reason="transformers serve needs fastapi and uvicorn: pip install 'bioinstruct[dev]'",
)
WAIT = 120.0
"""Seconds for the server to load."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Base URL of a running `transformers serve`."""
    port = free_port()
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [
        str(Path(sys.executable).parent / "transformers"),
        "serve",
        str(resolve("embedded")),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with (tmp_path / "server.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process:
        began = time.monotonic()
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                assert process.poll() is None, (tmp_path / "server.log").read_text()
                assert time.monotonic() - began < WAIT, (tmp_path / "server.log").read_text()
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
        process.terminate()


def test_poor_replies_of_a_foreign_server_are_stored_counted_and_rejected(server: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    overrides = [
        f"generate.teacher={resolve('embedded')}",
        f"generate.endpoint={server}",
        "generate.seeds_per_request=1",
        "generate.tasks_per_request=4",
        "generate.max_tokens=96",
        "generate.max_requests=3",
        "generate.target=5",
        "generate.concurrency=2",
    ]
    command = [sys.executable, "-m", "bioinstruct.cli", "generate", "--out", str(out), *overrides]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 3, done.stderr  # the target cannot be reached: a limit, said in one line
    assert " of 5 instructions kept after 3 requests" in done.stderr
    counts = json.loads((out / "generate" / "record.json").read_text())["counts"]
    unparsed = {name: n for name, n in counts.items() if name.startswith("unparsed.")}
    assert counts["requests"] == 3
    assert sum(unparsed.values()) >= 1, counts
    with Ledger(out / "ledger.sqlite") as ledger:
        replies = list(ledger.entries("generate"))
    assert len(replies) == 3
    assert all(entry.reply.output_tokens > 0 for entry in replies)
    funnel = json.loads((out / "curate" / "funnel.json").read_text())
    assert (
        funnel["candidates"] == counts["candidates"] == funnel["kept"] + funnel["surplus"] + sum(row["dropped"] for row in funnel["funnel"])
    )
