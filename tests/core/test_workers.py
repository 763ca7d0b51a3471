from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bioinstruct.core.errors import DataError, MissingExtra, ModelError
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.core.workers import Workers

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def importable_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker imports the module of its job by name, from the path of the process that started it."""
    monkeypatch.syspath_prepend(str(ROOT))


def square(number: int, progress: Progress) -> tuple[int, int]:
    progress.start(f"square {number}", 1, "number")
    progress.advance(1, note="done")
    return number * number, os.getpid()


def fail(what: str, progress: Progress) -> None:
    if what == "row":
        raise DataError("file.jsonl", got="a list", allowed="a row", line=3)
    if what == "extra":
        raise MissingExtra("torch", "local")
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def write_for_ever(path: Path, progress: Progress) -> None:
    while True:
        path.write_text(str(time.monotonic()), encoding="utf-8")
        time.sleep(0.02)


class Recorder(Silent):
    """Keeps what it is told, with the branch that was told."""

    def __init__(self, told: list[tuple[int, str]] | None = None, number: int = 0) -> None:
        self.told: list[tuple[int, str]] = [] if told is None else told
        self.number, self.branches = number, 0

    def start(self, label: str, total: int | None, unit: str) -> None:
        self.told.append((self.number, label))

    def branch(self) -> Progress:
        self.branches += 1
        return Recorder(self.told, self.branches)


def test_results_come_in_the_order_of_the_jobs_from_several_processes() -> None:
    progress = Recorder()
    with Workers(2, progress) as workers:
        found = workers.map(square, [{"number": number} for number in range(6)])
        again = workers.map(square, [{"number": 9}])
    assert [value for value, _ in found] == [0, 1, 4, 9, 16, 25]
    processes = {process for _, process in found}
    assert os.getpid() not in processes
    assert again[0][0] == 81
    assert {label for _, label in progress.told} == {f"square {number}" for number in (0, 1, 2, 3, 4, 5, 9)}
    assert {branch for branch, _ in progress.told} <= {1, 2}


def test_one_worker_is_this_process() -> None:
    progress = Recorder()
    with Workers(1, progress) as workers:
        assert workers.map(square, [{"number": 3}]) == [(9, os.getpid())]
    assert progress.told == [(0, "square 3")]


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("row", DataError, "file.jsonl, line 3: got a list; allowed: a row"),
        ("extra", MissingExtra, "'torch' is not installed; run: pip install 'bioinstruct[local]'"),
        ("killed", ModelError, "a worker process was ended from outside"),
    ],
)
def test_errors_cross_and_end_the_others(what: str, error: type[Exception], message: str) -> None:
    began = time.monotonic()
    with pytest.raises(error) as caught, Workers(2, Silent()) as workers:
        workers.map(fail, [{"what": "sleep"}, {"what": what}])
    assert message in str(caught.value)
    assert time.monotonic() - began < 30  # the sleeping one was not waited for


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    written = tmp_path / "now"
    script = (
        "import sys; from pathlib import Path; from tests.core.test_workers import write_for_ever, Silent, Workers\n"
        "if __name__ == '__main__':\n"
        "    with Workers(2, Silent()) as workers:\n"
        "        workers.map(write_for_ever, [{'path': Path(sys.argv[1])}])\n"
    )
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(tmp_path / "script.py"), str(written)], env={**os.environ, "PYTHONPATH": str(ROOT)})
    deadline = time.monotonic() + 60
    while not written.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    time.sleep(1.0)
    last = written.read_text(encoding="utf-8")
    time.sleep(0.5)
    assert written.read_text(encoding="utf-8") == last
