"""Held-out loss, best and early stop, memory, trackers, ten kills, and several processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import bioinstruct  # noqa: E402
from bioinstruct.core import jsonl  # noqa: E402
from bioinstruct.core.errors import InputError, LimitReached, ModelError  # noqa: E402
from bioinstruct.core.progress import Silent  # noqa: E402
from bioinstruct.core.recipe import TuneSection  # noqa: E402
from bioinstruct.core.records import Instruction, StageRecord  # noqa: E402
from bioinstruct.tune import checkpoint, guard, tracking, train  # noqa: E402
from bioinstruct.tune import run as tune  # noqa: E402

WEIGHTS = "adapter/adapter_model.safetensors"
KILLED = """
from bioinstruct.core.progress import Silent
from bioinstruct.tune import run, train
class Telling(Silent):
    def advance(self, n=1, note="", **figures):
        steps.send(n)
train.CHECKPOINT_SECONDS = 0.0
run.run(section, records, seed=3, threads=1, folder=folder, control=None, inputs={"records": "0" * 64}, progress=Telling())
"""
TOGETHER = """
import sys
from pathlib import Path
from bioinstruct.core import jsonl
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction
from bioinstruct.tune import run, train
train.has_bf16 = lambda device: False
records = list(jsonl.read(Path(sys.argv[1]), Instruction))
section = TuneSection.model_validate_json(sys.argv[2])
made = run.run(section, records, seed=3, threads=2, folder=Path(sys.argv[3]), control=None, inputs={"records": "0" * 64}, progress=Silent())
assert made.counts["processes"] == 2, made
"""


class Told(Silent):
    """Remembers what was said, and stops where it is asked to."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.said: list[str] = []
        self.notes: list[str] = []
        self.stop_after = stop_after

    def advance(self, n: int = 1, note: str = "", **figures: Any) -> None:
        self.notes.append(note)
        if self.stop_after is not None and len(self.notes) >= self.stop_after:
            raise KeyboardInterrupt

    def say(self, text: str) -> None:
        self.said.append(text)


def section(base: Path, **changes: Any) -> TuneSection:
    settings = {"base": str(base), "rank": 4, "alpha": 8, "epochs": 4, "examples_per_step": 2, "learning_rate": 1e-2}
    return TuneSection(**{**settings, **changes})


def run(folder: Path, base: Path, rows: list[Instruction], progress: Any = None, **changes: Any) -> StageRecord:
    return tune.run(
        section(base, **changes), rows, seed=3, threads=1, folder=folder, control=None, inputs={"records": "0" * 64},
        progress=progress or Silent(),
    )  # fmt: skip


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_held_out_loss_is_measured_every_epoch_on_records_that_are_not_trained(
    tmp_path: Path, base: Path, records: list[Instruction]
) -> None:
    record = run(tmp_path, base, records, held_out=2)
    assert [row["step"] for row in lines(tmp_path / "held_out.jsonl")] == [3, 6, 9, 12]
    assert len(lines(tmp_path / "train.jsonl")) == 12
    assert record.counts["kept_back"] == 2
    assert record.counts["records"] == len(records)
    assert "held_out.jsonl" in record.outputs
    plain = run(tmp_path / "other", base, records)
    assert sum(row["tokens"] for row in lines(tmp_path / "train.jsonl")) == 4 * (
        plain.counts["trained_tokens"] - lines(tmp_path / "held_out.jsonl")[0]["tokens"]
    )


def test_the_best_adapter_is_the_one_that_training_to_its_step_gives(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    """A constant rate, so that a shorter training is the beginning of a longer one; so high that the held-out loss rises again."""
    settings: dict[str, Any] = {"held_out": 2, "learning_rate": 0.05, "schedule": "constant", "warmup": 0.0}
    record = run(tmp_path / "best", base, records, keep="best", **settings)
    measured = lines(tmp_path / "best" / "held_out.jsonl")
    step = min(measured, key=lambda row: row["loss"])["step"]
    assert record.counts["best_step"] == step < 12
    short = run(tmp_path / "short", base, records, epochs=step // 3, **settings)
    assert short.outputs[WEIGHTS] == record.outputs[WEIGHTS]
    assert run(tmp_path / "last", base, records, **settings).outputs[WEIGHTS] != record.outputs[WEIGHTS]


def test_training_stops_when_the_held_out_loss_no_longer_falls(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    settings: dict[str, Any] = {"held_out": 2, "learning_rate": 0.05, "schedule": "constant", "warmup": 0.0, "epochs": 30}
    told = Told()
    record = run(tmp_path, base, records, told, patience=2, **settings)
    losses = [row["loss"] for row in lines(tmp_path / "held_out.jsonl")]
    assert losses.index(min(losses)) == len(losses) - 3
    assert record.counts["steps"] == 3 * len(losses) < 90
    assert any("training stops after step" in text for text in told.said)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shard": True}, "tune.shard: got true in a single process"),
        ({"keep": "best"}, "tune.keep: got 'best' without a held-out loss"),
        ({"patience": 1}, "tune.patience: got 1 without a held-out loss"),
        ({"trackers": ["mlflow"]}, "tune.trackers: got 'mlflow', whose package is not installed"),
    ],
)
def test_settings_without_what_they_need_are_problems(
    base: Path, changes: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tracking.PACKAGES, "mlflow", ("no_such_package",))
    assert any(words in str(problem) for problem in guard.problems(section(base, **changes)))


def test_keeping_all_records_back_is_an_error(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    with pytest.raises(InputError, match=r"tune\.held_out: got 8 of 8 records"):
        run(tmp_path, base, records, held_out=8)


def test_a_resumed_training_measures_and_keeps_what_an_undisturbed_one_does(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"held_out": 2, "keep": "best", "learning_rate": 0.05, "held_out_every": 2, "dropout": 0.1}
    straight = run(tmp_path / "straight", base, records, **settings)
    monkeypatch.setattr(train, "CHECKPOINT_SECONDS", 0.0)
    for stop in (2, 3, 3):
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "stopped", base, records, Told(stop), **settings)
    resumed = run(tmp_path / "stopped", base, records, **settings)
    assert resumed.outputs == straight.outputs


def test_ten_kills_at_random_moments_leave_no_trace(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    settings = {"epochs": 40, "held_out": 2, "keep": "best", "dropout": 0.1}
    straight = run(tmp_path / "straight", base, records, **settings)
    # A server that has the libraries in memory, and forks: starting anew ten times would take a minute.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["peft", "transformers.models.llama.modeling_llama", "bioinstruct.tune.train"])
    told = {"records": records, "section": section(base, **settings), "folder": tmp_path / "killed"}
    random, kills = Random(5), 0
    for _ in range(10):
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=exec, args=(KILLED, {**told, "steps": writer}))
        process.start()
        writer.close()
        for _ in range(random.randrange(1, 9)):  # somewhere in a step, or in writing a checkpoint
            reader.recv()
        time.sleep(random.random() * 0.01)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        reader.close()
        kills += process.exitcode == -signal.SIGKILL
    assert kills == 10
    assert checkpoint.read(tmp_path / "killed" / "checkpoint") is not None
    assert run(tmp_path / "killed", base, records, **settings).outputs == straight.outputs


def full(limit: int) -> Any:
    """Stands for `backward` where memory suffices for passes of at most `limit` tokens."""
    real = train.backward

    def attempt(model: Any, examples: Any, packing: Any, *rest: Any) -> float:
        if packing.pass_tokens > limit:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(model, examples, packing, *rest)  # type: ignore[no-any-return]

    return attempt


def test_full_memory_names_the_budget_to_try(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "backward", full(500))
    with pytest.raises(
        ModelError, match=r"step 1: out of memory with 2048 tokens a pass; try tune\.pass_tokens=1024 tune\.row_tokens=1024"
    ):
        run(tmp_path, base, records)


def test_full_memory_halves_the_passes_where_the_recipe_allows_it(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(tmp_path / "room", base, records, pass_tokens=256)
    told = Told()
    monkeypatch.setattr(train, "backward", full(400))
    record = run(tmp_path / "full", base, records, told, on_out_of_memory="halve")
    assert record.outputs == expected.outputs
    assert sum("out of memory" in text for text in told.said) == 3


def test_memory_that_is_full_with_one_record_says_what_else_may_help(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "backward", full(0))
    with pytest.raises(ModelError, match=r"with one record of \d+ tokens a pass; what may help: tune\.gradient_checkpointing=true"):
        run(tmp_path, base, records, on_out_of_memory="halve")


def test_a_full_disk_leaves_the_last_checkpoint_and_the_run_goes_on(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = run(tmp_path / "straight", base, records)
    monkeypatch.setattr(train, "CHECKPOINT_SECONDS", 0.0)
    real, written = checkpoint.write_atomic, 0

    def write(path: Path, data: Any) -> None:
        nonlocal written
        written += 1
        if written > 10:  # in the third checkpoint
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(checkpoint, "write_atomic", write)
    with pytest.raises(LimitReached, match="no space left on the disk"):
        run(tmp_path / "full", base, records)
    state = checkpoint.read(tmp_path / "full" / "checkpoint")
    assert state is not None
    assert state.step == 2
    monkeypatch.setattr(checkpoint, "write_atomic", real)
    assert run(tmp_path / "full", base, records).outputs == straight.outputs


def test_a_tracker_gets_what_the_log_holds(tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch) -> None:
    """accelerate's own tracker class, with a stand-in for the service behind it."""
    from accelerate import tracking as services

    sent: list[tuple[dict[str, Any], int | None]] = []

    class Recorder(services.GeneralTracker):
        name = "tensorboard"
        requires_logging_directory = False

        def __init__(self, run_name: str, *_: Any, **__: Any) -> None:
            super().__init__()
            self.run_name = run_name

        @property
        def tracker(self) -> Any:
            return self

        def store_init_configuration(self, values: dict[str, Any]) -> None:
            sent.append((values, None))

        def log(self, values: dict[str, Any], step: int | None = None, **_: Any) -> None:
            sent.append((values, step))

    monkeypatch.setitem(services.LOGGER_TYPE_TO_CLASS, "tensorboard", Recorder)
    monkeypatch.setattr("accelerate.accelerator.LOGGER_TYPE_TO_CLASS", services.LOGGER_TYPE_TO_CLASS)
    monkeypatch.setattr(services, "_available_trackers", [services.LoggerType.TENSORBOARD])
    monkeypatch.setattr("bioinstruct.tune.tracking.PACKAGES", {"tensorboard": ("json",)})
    run(tmp_path, base, records, epochs=1, held_out=2, trackers=["tensorboard"])
    assert sent[0][0]["rank"] == 4
    losses = [(step, values["loss"]) for values, step in sent if "loss" in values]
    assert losses == [(row["step"], row["loss"]) for row in lines(tmp_path / "train.jsonl")]
    assert [values["held_out_loss"] for values, _ in sent if "held_out_loss" in values] == [
        row["loss"] for row in lines(tmp_path / "held_out.jsonl")
    ]


@pytest.mark.parametrize("how", [{}, {"shard": True, "gradient_checkpointing": True}])
def test_two_processes_give_the_losses_of_one(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]
) -> None:
    """As torchrun starts them, on gloo and in float32; an epoch's last step has fewer records than there are processes."""
    monkeypatch.setattr(train, "has_bf16", lambda device: False)
    settings = {"held_out": 1, "examples_per_step": 3, "epochs": 5, "pass_tokens": 160, "row_tokens": 160}
    alone = run(tmp_path / "one", base, records, **settings)
    jsonl.write(tmp_path / "records.jsonl", records)
    program = tmp_path / "two.py"
    program.write_text(TOGETHER)
    told = [str(tmp_path / "records.jsonl"), section(base, **settings, **how).model_dump_json(), str(tmp_path / "two")]
    environment = {**os.environ, "PYTHONPATH": str(Path(bioinstruct.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(program), *told]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in ("train.jsonl", "held_out.jsonl"):
        one, two = lines(tmp_path / "one" / name), lines(tmp_path / "two" / name)
        assert [row["loss"] for row in two] == pytest.approx([row["loss"] for row in one], rel=1e-4)
        assert [row["tokens"] for row in two] == [row["tokens"] for row in one]
    assert run(tmp_path / "two", base, records, **settings).fingerprint == alone.fingerprint
