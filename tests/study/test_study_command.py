"""The command `study`: its plan, its folder, and the same matrix wherever it was stopped and whoever did the cells."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

SMALL = ("generate.target=60", "study.size=8", "evaluate.tasks=[bioasq_embedded]", "study.seeds=1")


@pytest.fixture
def study(words: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """The words of a study of five cells in the folder `out`."""
    return lambda out, *more: [
        "study",
        *words(*SMALL, *(word for word in more if "=" in word)),
        "--out",
        out,
        *(w for w in more if "=" not in w),
    ]


def matrix(folder: Path) -> bytes:
    return (folder / "study" / "matrix.json").read_bytes()


def test_the_plan_lists_the_cells_and_writes_nothing(command: Any, study: Any, tmp_path: Path) -> None:
    outcome = command(*study("run", "--plan", "study.seeds=2"))
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0] == "pool: qa 14, ie 20, generation 20, other 6 (expected of generate.target=60; generating and curating come first)"
    assert any(line.split()[:4] == ["qa", "8", "2", "0"] for line in lines)
    assert any("9 cells, 0 done" in line for line in lines)
    assert any(line.startswith("to do: 9 cells, about ") for line in lines)
    assert "times are assumed" in lines[-1]
    assert not (tmp_path / "run").exists()


def test_the_command_generates_first_and_goes_on_with_more_seeds(command: Any, study: Any, tmp_path: Path) -> None:
    done = command(*study("run"))
    assert done.code == 0, done.err
    assert done.out.splitlines()[-1] == "matrix: run/study/matrix.json"
    assert done.err.count("cell ") == 5
    before = matrix(tmp_path / "run")
    planned = command(*study("run", "--plan")).out
    assert "5 cells, 5 done" in planned
    assert "times are those of the 4 cells that are done" in planned
    more = command(*study("run", "study.seeds=2"))
    assert more.err.count("cell ") == 4
    assert matrix(tmp_path / "run") != before
    refused = command(*study("run", "study.size=9"))
    assert refused.code == 2
    assert "got a changed recipe (study.size was 8, now 9); allowed: a new --out, --restart study, or the old value" in refused.err
    assert command(*study("run", "study.size=9", "--plan")).code == 2
    assert command(*study("run", "study.size=9", "--restart", "study")).code == 0
    names = sorted(path.name for path in (tmp_path / "run" / "study" / "cells").glob("*/*.s0"))
    assert names == [f"{name}.n9.s0" for name in ("all", "generation", "ie", "qa")]


def test_the_quick_study_stands_apart(command: Any, study: Any, tmp_path: Path) -> None:
    outcome = command(*study("run", "--quick"))
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines()[-1] == "matrix: run/study/quick/matrix.json"
    assert not (tmp_path / "run" / "study" / "matrix.json").exists()


def test_wrong_options_are_named(command: Any, study: Any, tmp_path: Path) -> None:
    for words, said in (
        (("--progress", "loud"), "--progress: got 'loud'; allowed: auto, plain, json"),
        (("--restart", "tune"), "--restart: got 'tune'; allowed: study"),
        (("study.size=3",), "study.size: got 3; allowed: greater than or equal to 8"),
    ):
        outcome = command(*study("run", *words))
        assert outcome.code == 2
        assert said in outcome.err
    assert not (tmp_path / "run").exists()


def finish(process: Callable[..., subprocess.Popen[str]], words: list[str]) -> None:
    running = process(*words)
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, f"{out}\n{err}"


@pytest.mark.slow
@pytest.mark.parametrize("times", [10])
def test_killed_and_killed_again_it_ends_with_the_same_matrix(command: Any, process: Any, study: Any, tmp_path: Path, times: int) -> None:
    assert command(*study("calm")).code == 0
    dice = random.Random(11)
    for _ in range(times):
        running = process(*study("rough"))
        began = time.monotonic()
        while not (tmp_path / "rough" / "study").exists() and running.poll() is None and time.monotonic() - began < 60:
            time.sleep(0.02)
        time.sleep(dice.uniform(0.0, 4.0))
        running.send_signal(signal.SIGKILL)
        running.communicate()
    finish(process, study("rough"))
    assert matrix(tmp_path / "rough") == matrix(tmp_path / "calm")


@pytest.mark.slow
def test_two_processes_give_the_same_matrix_as_one(command: Any, process: Any, study: Any, tmp_path: Path) -> None:
    assert command(*study("one")).code == 0
    finish(process, study("two", "workers=2", "threads=2"))
    assert matrix(tmp_path / "one") == matrix(tmp_path / "two")


@pytest.mark.slow
def test_through_ray_the_same_matrix(command: Any, process: Any, study: Any, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra cluster is not installed")
    assert command(*study("here")).code == 0
    finish(process, study("ray", "workers=2", "threads=2", "--ray", "local"))
    assert matrix(tmp_path / "here") == matrix(tmp_path / "ray")
