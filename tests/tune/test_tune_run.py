from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bioinstruct.core import runfolder  # noqa: E402
from bioinstruct.core.errors import InputError, ModelError  # noqa: E402
from bioinstruct.core.progress import Silent  # noqa: E402
from bioinstruct.core.recipe import TuneSection  # noqa: E402
from bioinstruct.core.records import Instruction, StageRecord  # noqa: E402
from bioinstruct.models.local import LocalModel  # noqa: E402
from bioinstruct.tune import run as tune  # noqa: E402
from bioinstruct.tune import train  # noqa: E402


class Killed(Exception):
    """Stands for a power cut."""


class Killer(Silent):
    """Counts steps and, at `at`, ends the process's work as a kill would."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.done, self.said, self.label, self.total = at, 0, [], "", 0

    def start(self, label: str, total: int | None, unit: str) -> None:
        self.label, self.total, self.done = label, total or 0, 0

    def advance(self, n: int = 1, note: str = "") -> None:
        self.done += n
        if self.at is not None and self.done >= self.at:
            raise Killed

    def say(self, text: str) -> None:
        self.said.append(text)


def section(base: Path, **changes: Any) -> TuneSection:
    settings = {"base": str(base), "rank": 4, "alpha": 8, "epochs": 3, "examples_per_step": 4, "learning_rate": 1e-2, "warmup": 0.2}
    return TuneSection(**{**settings, **changes})


def run(
    folder: Path, base: Path, rows: list[Instruction], *, progress: Any = None, control: str | None = None, **changes: Any
) -> StageRecord:
    return tune.run(
        section(base, **changes), rows, seed=3, threads=1, folder=folder, control=control,
        inputs={"curate/instructions.jsonl": "0" * 64}, progress=progress or Silent(),
    )  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in tune.OUTPUTS}


def test_two_runs_give_the_same_bytes_and_a_whole_record(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    progress = Killer()
    record = run(tmp_path / "a", base, records, progress=progress)
    run(tmp_path / "b", base, records)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert (progress.label, progress.total, progress.done) == ("tune (ours)", 6, 6)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["adapter", "record.json", "train.jsonl"]
    assert record == runfolder.read_record(tmp_path / "a")
    assert (record.stage, record.name) == ("tune", "ours")
    assert record.counts["records"] == record.counts["trained_records"] == 8
    assert record.counts["steps"] == 6
    assert record.counts["dropped"] == record.counts["cut"] == record.counts["altered"] == 0
    assert set(record.outputs) == set(tune.OUTPUTS)
    rows = [json.loads(line) for line in (tmp_path / "a" / "train.jsonl").read_text().splitlines()]
    assert [list(row) for row in rows] == [["step", "loss", "tokens", "learning_rate"]] * 6
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert sum(row["tokens"] for row in rows) == 3 * record.counts["trained_tokens"]
    assert rows[-1]["loss"] < rows[0]["loss"]


def test_the_adapter_is_pefts_and_names_no_path_of_this_machine(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    run(tmp_path, base, records)
    text = (tmp_path / "adapter" / "adapter_config.json").read_text()
    config = json.loads(text)
    assert list(config) == sorted(config)
    assert config["base_model_name_or_path"] == str(base)
    assert config["target_modules"] == sorted(config["target_modules"])
    assert (config["peft_type"], config["r"], config["lora_alpha"], config["inference_mode"]) == ("LORA", 4, 8, True)
    assert text.count(str(base)) == 1  # only as the user gave it


def test_an_adapter_that_was_trained_long_enough_gives_the_outputs(
    tmp_path: Path, base: Path, records: list[Instruction], encoder: Any
) -> None:
    run(tmp_path, base, records, epochs=40, rank=16, alpha=32, examples_per_step=8, learning_rate=2e-2)
    model = LocalModel.load(base, tmp_path / "adapter", device="cpu")
    prompts = [encoder.prompt_ids(record.instruction, record.input) for record in records]
    texts = [one.text for one in model.generate(prompts, 32, encoder.end_id, 4096)]
    assert texts == [record.output for record in records]


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_killed_after_three_steps_and_resumed_gives_the_same_bytes(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch, dropout: float
) -> None:
    run(tmp_path / "straight", base, records, dropout=dropout)
    monkeypatch.setattr(train, "CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(Killed):
        run(tmp_path / "killed", base, records, progress=Killer(at=3), dropout=dropout)
    assert (tmp_path / "killed" / "checkpoint" / "latest").read_text() == "step-000003"
    assert runfolder.read_record(tmp_path / "killed") is None
    with (tmp_path / "killed" / "train.jsonl").open("a") as log:
        log.write('{"step": 4, "los')  # the torn line of a step that no checkpoint knows
    progress = Killer()
    torch.rand(5)  # the state of the process's own generator must not matter
    record = run(tmp_path / "killed", base, records, progress=progress, dropout=dropout)
    assert progress.done == progress.total == 6
    assert contents(tmp_path / "killed") == contents(tmp_path / "straight")
    assert not (tmp_path / "killed" / "checkpoint").exists()
    assert record.seconds > 0


def test_a_checkpoint_of_another_training_is_not_gone_on_with(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "straight", base, records, alpha=4)
    monkeypatch.setattr(train, "CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(Killed):
        run(tmp_path / "changed", base, records, progress=Killer(at=3))
    progress = Killer()
    run(tmp_path / "changed", base, records, progress=progress, alpha=4)
    assert any("another training" in text for text in progress.said)
    assert contents(tmp_path / "changed") == contents(tmp_path / "straight")


def test_a_finished_adapter_is_given_back_and_a_damaged_one_made_again(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    first = run(tmp_path, base, records)
    before = contents(tmp_path)
    assert run(tmp_path, base, records, progress=Killer(at=1), controls=[]) == first
    (tmp_path / "adapter" / "adapter_model.safetensors").write_bytes(b"")
    run(tmp_path, base, records)
    assert contents(tmp_path) == before


def test_the_control_differs_only_in_its_outputs(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    progress = Killer()
    record = run(tmp_path / "shuffled", base, records, control="shuffled", progress=progress)
    ours = run(tmp_path / "ours", base, records)
    assert progress.label == "tune (shuffled)"
    assert record.fingerprint != ours.fingerprint
    assert {key: record.counts[key] for key in ("records", "tokens", "trained_tokens")} == {
        key: ours.counts[key] for key in ("records", "tokens", "trained_tokens")
    }
    assert contents(tmp_path / "shuffled") != contents(tmp_path / "ours")
    with pytest.raises(InputError, match="allowed: shuffled"):
        run(tmp_path / "x", base, records, control="reversed")


def test_threads_and_random_state_of_the_process_stay(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    run(tmp_path, base, records, epochs=1)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_a_loss_that_is_not_finite_stops(tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "backward", lambda *_, **__: float("nan"))
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: torch.zeros(()))
    with pytest.raises(ModelError, match="step 1: got loss nan"):
        run(tmp_path, base, records)
    assert runfolder.read_record(tmp_path) is None


def test_cut_and_dropped_records_are_said(tmp_path: Path, base: Path, records: list[Instruction], make_record: Any) -> None:
    more = [make_record("Summarize.", "a long note " * 100, "Long."), make_record("Go on.", "", "on and on " * 100)]
    progress = Killer()
    record = run(tmp_path, base, [*records, *more], progress=progress, max_tokens=200, epochs=1)
    assert (record.counts["records"], record.counts["cut"], record.counts["dropped"]) == (10, 1, 1)
    assert any("1 of 10 records lose the end of their input" in text for text in progress.said)
    assert any("1 of 10 records are dropped" in text for text in progress.said)


def test_a_wrong_base_stops_before_anything_is_written(tmp_path: Path, records: list[Instruction]) -> None:
    with pytest.raises(InputError, match="no such folder"):
        run(tmp_path / "run", tmp_path / "missing", records)
    assert not (tmp_path / "run").exists()
