"""The commands as a user meets them."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from bioinstruct import __version__, cli
from bioinstruct.core import recipe
from bioinstruct.core.errors import LimitReached, ModelError
from bioinstruct.starters import STARTERS

HELP_BUDGET = 0.5
"""Seconds for `--help`, from starting the interpreter to its end."""
COMMANDS = (
    "run",
    "check",
    "generate",
    "curate",
    "sift",
    "tune",
    "merge",
    "evaluate",
    "report",
    "review",
    "init",
    "ledger",
    "rehearse",
    "doctor",
    "export",
)
TIMED = ("record.json", "timing.jsonl", "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", ".lock")
"""Files of a run whose bytes are not promised, for they hold times or belong to a process."""


def replies(run: Path) -> int:
    with sqlite3.connect(run / "ledger.sqlite") as database:
        n: int = database.execute("SELECT count(*) FROM replies").fetchone()[0]
    database.close()
    return n


def instructions(run: Path) -> list[str]:
    return (run / "curate" / "instructions.jsonl").read_text(encoding="utf-8").splitlines()


def test_the_version(command: Any):
    outcome = command("--version")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"bioinstruct {__version__}\n", "")


def test_help_is_quick(process: Any):
    seconds = []
    while len(seconds) < 3 or (min(seconds) > HELP_BUDGET and len(seconds) < 8):  # more tries where others use the machine
        began = time.perf_counter()
        running = process("--help")
        out, err = running.communicate(timeout=60)
        seconds.append(time.perf_counter() - began)
        assert (running.returncode, err) == (0, "")
        assert all(f"  {name} " in out for name in COMMANDS)
    assert min(seconds) <= HELP_BUDGET, seconds


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command(name: str, command: Any):
    outcome = command(name, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: bioinstruct {name} ")


def test_without_a_command_there_is_help_and_code_2(command: Any):
    outcome = command()
    assert (outcome.code, outcome.out) == (2, "")
    assert "Commands:" in outcome.err


@pytest.mark.parametrize("kind", STARTERS)
def test_init_writes_a_recipe_that_loads_and_never_writes_over(kind: str, command: Any, tmp_path: Path):
    outcome = command("init", kind, "--to", "new/mine.yaml")
    assert (outcome.code, outcome.out) == (0, "wrote new/mine.yaml; check it with: bioinstruct check new/mine.yaml\n")
    path = tmp_path / "new" / "mine.yaml"
    given = recipe.load(path).given
    assert given
    path.write_text("mine", encoding="utf-8")
    assert command("init", kind, "--to", "new/mine.yaml").code == 2
    assert path.read_text(encoding="utf-8") == "mine"


def test_init_without_arguments_writes_the_embedded_recipe_here(command: Any, tmp_path: Path):
    assert command("init").code == 0
    assert "seed" in recipe.load(tmp_path / "recipe.yaml").given


def test_check_of_the_default_recipe_finds_nothing_and_writes_nothing(command: Any, tmp_path: Path):
    pytest.importorskip("torch")
    outcome = command("check")
    assert (outcome.code, outcome.out, outcome.err) == (0, "nothing is wrong with this recipe\n", "")
    assert list(tmp_path.iterdir()) == []


def test_doctor_names_what_is_here(command: Any):
    outcome = command("doctor")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"bioinstruct {__version__}, Python 3.")
    assert "OPENAI_API_KEY: not set" in outcome.out


def test_the_ledger_of_a_run(command: Any):
    assert command("generate", "--out", "run", "generate.target=5").code == 0
    outcome = command("ledger", "run")
    assert outcome.code == 0
    assert outcome.out.startswith("generate: 1 replies, ")


def test_the_run_folder_is_named_after_the_recipe(command: Any, tmp_path: Path):
    (tmp_path / "small.yaml").write_text("generate:\n  target: 5\n", encoding="utf-8")
    assert command("generate", "small.yaml").code == 0
    assert len(instructions(tmp_path / "runs" / "small")) == 5
    assert command("generate", "generate.target=6").code == 0
    assert len(instructions(tmp_path / "runs" / "embedded")) == 6


def test_a_limit_is_code_3_and_a_higher_one_goes_on(command: Any, tmp_path: Path):
    outcome = command("generate", "--out", "run", "generate.target=40", "generate.max_requests=1")
    assert outcome.code == 3
    assert "of 40 instructions kept after 1 requests; raise generate.max_requests (now 1)" in outcome.err
    first = instructions(tmp_path / "run")
    assert 0 < len(first) < 40
    assert replies(tmp_path / "run") == 1

    assert command("generate", "--out", "run", "generate.target=40", "generate.max_requests=20").code == 0
    assert instructions(tmp_path / "run")[: len(first)] == first
    assert command("generate", "--out", "straight", "generate.target=40", "generate.max_requests=20").code == 0
    assert instructions(tmp_path / "run") == instructions(tmp_path / "straight")
    record = json.loads((tmp_path / "run" / "generate" / "record.json").read_text(encoding="utf-8"))
    assert replies(tmp_path / "run") == record["counts"]["requests"]  # none was asked twice


def test_a_raised_target_goes_on_and_keeps_the_first_instructions(command: Any, tmp_path: Path):
    assert command("generate", "--out", "run", "generate.target=10").code == 0
    first = instructions(tmp_path / "run")
    assert len(first) == 10
    assert command("generate", "--out", "run", "generate.target=40").code == 0
    assert len(instructions(tmp_path / "run")) == 40
    assert instructions(tmp_path / "run")[:10] == first
    assert recipe.load(tmp_path / "run" / "recipe.yaml").recipe.generate.target == 40


def test_the_same_recipe_gives_the_same_bytes(command: Any, tmp_path: Path, bytes_below: Any):
    for name, concurrency in (("a", 1), ("b", 1), ("c", 8)):
        assert command("generate", "--out", name, "generate.target=30", f"generate.concurrency={concurrency}").code == 0
    files = bytes_below(tmp_path / "a", *TIMED)
    assert {"recipe.yaml", "generate/candidates.jsonl", "curate/instructions.jsonl", "curate/funnel.json"} <= set(files)
    assert bytes_below(tmp_path / "b", *TIMED) == files
    assert bytes_below(tmp_path / "c", "recipe.yaml", *TIMED) == {name: data for name, data in files.items() if name != "recipe.yaml"}


@pytest.mark.parametrize("lost", ["curate/instructions.jsonl", "generate/candidates.jsonl", "curate/rounds/000/instructions.jsonl"])
def test_a_lost_file_is_made_again_from_what_is_there(lost: str, command: Any, tmp_path: Path, bytes_below: Any):
    words = ("generate", "--out", "run", "generate.target=10")
    assert command(*words).code == 0
    files = bytes_below(tmp_path / "run", *TIMED)
    asked = replies(tmp_path / "run")
    (tmp_path / "run" / lost).unlink()
    if "rounds" in lost:
        (tmp_path / "run" / "curate" / "record.json").unlink()
    assert command(*words).code == 0
    assert bytes_below(tmp_path / "run", *TIMED) == files
    assert replies(tmp_path / "run") == asked


def test_killed_at_any_moment_and_run_again_gives_the_same_bytes(process: Any, tmp_path: Path, bytes_below: Any):
    words = ("generate", "generate.target=150", "generate.concurrency=2")
    began = time.perf_counter()
    straight = process(*words, "--out", "straight")
    straight.communicate(timeout=60)
    assert straight.returncode == 0
    whole = time.perf_counter() - began
    moments = [random.uniform(0.1, 1.0) * whole for _ in range(3)]
    for moment in moments:
        running = process(*words, "--out", "run")
        time.sleep(moment)
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=60)
    last = process(*words, "--out", "run")
    _, err = last.communicate(timeout=60)
    assert last.returncode == 0, (moments, err)
    left, right = (bytes_below(tmp_path / name, *TIMED) for name in ("straight", "run"))
    assert left == right, (moments, [name for name in left | right if left.get(name) != right.get(name)])
    assert replies(tmp_path / "run") == replies(tmp_path / "straight")


def test_restart_forgets_and_takes_the_new_recipe(command: Any, tmp_path: Path):
    words = ("generate", "--out", "run", "generate.target=5", "curate.min_words=4")
    assert command(*words[:-1]).code == 0
    assert command(*words).code == 2
    assert command(*words, "--restart", "curate").code == 0
    assert recipe.load(tmp_path / "run" / "recipe.yaml").recipe.curate.min_words == 4
    assert replies(tmp_path / "run") == 1


def test_a_real_file_is_curated(command: Any, tmp_path: Path):
    rows = [
        {"instruction": "Name the class of the drug.", "input": "metformin", "output": "biguanide"},
        {"instruction": "Describe the picture of the lung.", "input": "", "output": "It is clear."},
        {"instruction": "Name the class of the drug.", "input": "aspirin", "output": "salicylate"},
    ]
    (tmp_path / "on: my #1.json").write_text(json.dumps(rows), encoding="utf-8")  # a name that YAML would read otherwise
    outcome = command("curate", "--instructions", "on: my #1.json", "--out", "run")
    assert outcome.code == 0, outcome.err
    assert [json.loads(line)["input"] for line in instructions(tmp_path / "run")] == ["metformin"]
    rejected = (tmp_path / "run" / "curate" / "rejected.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["verdict"]["rule"] for line in rejected] == ["keyword", "novelty"]


def test_a_path_that_the_system_refuses_is_a_failure_without_traceback(command: Any, tmp_path: Path):
    assert command("generate", "--out", "run", "generate.target=5").code == 0
    (tmp_path / "run" / "curate" / "record.json").unlink()
    (tmp_path / "run" / "curate" / "funnel.json").unlink()
    (tmp_path / "run" / "curate" / "funnel.json").mkdir()
    outcome = command("generate", "--out", "run", "generate.target=5")
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith("bioinstruct: run/curate/funnel.json")
    assert "a bug" not in outcome.err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (ModelError("model 'x': no such model"), 1, "bioinstruct: model 'x': no such model\n"),
        (LimitReached("runs/x: no space left"), 3, "bioinstruct: runs/x: no space left\n"),
        (KeyboardInterrupt(), 130, "bioinstruct: interrupted; run the same command again to go on\n"),
        (ZeroDivisionError("division"), 1, "bioinstruct: ZeroDivisionError: division (this is a bug; run with: bioinstruct --debug ...)\n"),
    ],
)
def test_what_fails_is_a_sentence_and_a_code(raised: BaseException, code: int, said: str, command: Any, monkeypatch: Any):
    def fail() -> list[str]:
        raise raised

    monkeypatch.setattr("bioinstruct.doctor.findings", fail)
    outcome = command("doctor")
    assert (outcome.code, outcome.err) == (code, said)


def test_debug_shows_where(monkeypatch: Any, command: Any):
    monkeypatch.setattr("sys.argv", ["bioinstruct", "--debug", "generate", "seed=x"])
    with pytest.raises(ValueError, match="seed: got 'x'"):
        cli.main()


def test_rehearse_where_it_cannot_listen(command: Any, offline: None):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = command("rehearse", "--port", str(port))
    assert outcome.code == 2
    assert outcome.err.startswith(
        f"bioinstruct: rehearse: got --host 127.0.0.1 --port {port} (Address already in use); allowed: an address"
    )
