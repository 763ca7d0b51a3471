"""What tests of many rooms share: the command line in process, with every way to a network closed; a browser; folders and outcomes."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import pytest

import bioinstruct
from bioinstruct import cli
from bioinstruct.embedded.faults import Script
from bioinstruct.embedded.server import RehearsalServer, serve

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: threads of several processes wait for one another


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that with several processes none is left alone with one at the end."""
    items.sort(key=lambda item: item.path.name not in ("test_tour.py", "test_own_domain.py"))


@dataclass(frozen=True)
class Outcome:
    """What a command ended with."""

    code: int
    out: str
    err: str


class NetworkTouched(BaseException):
    """No `except Exception` on the way can swallow it."""


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any look-up of a name and any connection fails the test."""

    def refuse(*arguments: object, **_: object) -> NoReturn:
        raise NetworkTouched(f"a connection was tried: {arguments[1:]!r:.200}")

    for owner, name in ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo"), (socket, "create_connection")):
        monkeypatch.setattr(owner, name, refuse)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, offline: None) -> Callable[..., Outcome]:
    """`command("generate", "generate.target=5")` in an empty working folder, without keys and without a network."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["bioinstruct", *words])
        capsys.readouterr()
        code: Any = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts the command line as a process of its own in the test's folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    environment |= {"PYTHONPATH": str(Path(bioinstruct.__file__).parents[1]), "HF_HUB_OFFLINE": "1"}

    def start(*words: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "bioinstruct.cli", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(line, cwd=tmp_path, env=environment, **pipes)  # type: ignore[call-overload, no-any-return]

    return start


@pytest.fixture
def rehearse() -> Iterator[Callable[[Script], RehearsalServer]]:
    """`rehearse(Script(key="sk-1"))`: a rehearsal server in this process, on a port of its own."""
    started: list[tuple[RehearsalServer, threading.Thread]] = []

    def start(script: Script) -> RehearsalServer:
        server = serve(port=0, script=script)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium of the system."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra 'dev')")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def bytes_below() -> Callable[..., dict[str, bytes]]:
    """Relative name -> bytes of every file below a folder, but for files of the given names."""

    def read(folder: Path, *without: str) -> dict[str, bytes]:
        files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name not in without)
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}

    return read


@pytest.fixture
def arrange(tmp_path: Path) -> Callable[[Mapping[str, str | bytes | None]], None]:
    """Writes files (name -> content; None = a folder) below the test's folder."""

    def write(files: Mapping[str, str | bytes | None]) -> None:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.mkdir()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    return write


@pytest.fixture
def expect() -> Callable[..., None]:
    """Checks that an outcome is exit code 2 and so many marked lines, one of which says these words in this order."""

    def check(outcome: Outcome, said: Sequence[str], lines: int = 1) -> None:
        assert outcome.code == 2, outcome
        shown = outcome.err.splitlines()
        assert "Traceback" not in outcome.err
        assert all(line.startswith("bioinstruct: ") for line in shown), outcome.err
        assert len(shown) == lines, outcome.err
        pattern = re.compile(".*".join(re.escape(words) for words in said))
        assert any(pattern.search(line) for line in shown), (said, outcome.err)

    return check


@pytest.fixture
def attempt(command: Any, arrange: Any, expect: Any, bytes_below: Any, tmp_path: Path) -> Callable[..., None]:
    """Gives a malformed input: a sentence comes back, and nothing in the working folder has changed."""

    def give(words: Sequence[str], said: Sequence[str], files: Mapping[str, str | bytes | None], lines: int) -> None:
        arrange(files)
        before = bytes_below(tmp_path)
        expect(command(*words), said, lines)
        assert bytes_below(tmp_path) == before
        assert not (tmp_path / "run").exists()
        assert not (tmp_path / "runs").exists()

    return give


class _Critic(BaseHTTPRequestHandler):
    """Answers chat messages with what its server's `answer` makes of them."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)  # type: ignore[attr-defined]
        status, said = self.server.answer(body["messages"][0]["content"], body)  # type: ignore[attr-defined]
        content: dict[str, Any] = {"error": {"message": said, "code": "no"}}
        if status == 200:
            usage = {"prompt_tokens": 300, "completion_tokens": 15}
            content = {"model": "critic-1", "choices": [{"finish_reason": "stop", "message": {"content": said}}], "usage": usage}
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def critic() -> Iterator[Callable[[Callable[[str, dict[str, Any]], tuple[int, str]]], Any]]:
    """Starts a server of chat completions: `critic(answer)`, where `answer(prompt, body)` gives a status and a text."""
    running: list[tuple[Any, threading.Thread]] = []

    def start(answer: Callable[[str, dict[str, Any]], tuple[int, str]]) -> Any:
        made: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Critic)
        made.asked, made.answer, made.daemon_threads = [], answer, True
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((made, thread))
        return made

    yield start
    for made, thread in running:
        made.shutdown()
        thread.join()
        made.server_close()
