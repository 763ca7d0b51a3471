"""`doctor --base`: what is said of a base before it is loaded, and what is advised where it does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from bioinstruct import doctor
from bioinstruct.core import recipe
from bioinstruct.starters import STARTERS, write

pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No half second of matrix products, and always the same speed."""
    monkeypatch.setattr(doctor, "matrix_speed", lambda device: 1e12)


def test_the_embedded_base(command: Any):
    outcome = command("doctor", "--base", "embedded")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0].startswith("base embedded: llama, 6.16 million parameters in 6 layers; LoRA of rank 16 on all-linear trains 491,520")
    assert "already here" in lines[1]
    assert lines[2].startswith("tuning on the ")
    assert lines[3].startswith("tuning with tune.gradient_checkpointing=true: ")
    assert "tuning fits" in lines
    assert "evaluation fits" in lines
    assert "1,000 records (generate.target) x 3 epochs for ours and 1 control" in lines[-1]


def test_the_recipe_counts(command: Any, tmp_path: Any):
    (tmp_path / "rows.json").write_text('[{"instruction": "Name it.", "input": "", "output": "yes"}]', encoding="utf-8")
    words = ["tune.rank=4", "tune.epochs=1", "tune.controls=[]", "generate.instructions=rows.json", "tune.target_modules=q_proj"]
    outcome = command("doctor", "--base", "embedded", *words)
    assert "LoRA of rank 4 on q_proj trains 12,288" in outcome.out
    assert "1 records (rows of generate.instructions, before curation) x 1 epochs, " in outcome.out


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere/at/all", "got 'nowhere/at/all' (no such folder)"), ("", "tune.base: got ''"), ("a\x00b", "tune.base: got 'a")],
)
def test_a_base_that_is_none(name: str, said: str, command: Any):
    outcome = command("doctor", "--base", name)
    assert outcome.code == 2
    assert said in outcome.err


def test_a_hub_id_offline(command: Any, monkeypatch: Any):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    outcome = command("doctor", "--base", "nobody-at-all/no-such-model")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "got 'nobody-at-all/no-such-model' (" in outcome.err


def test_a_wrong_target_is_said(command: Any):
    outcome = command("doctor", "--base", "embedded", "tune.target_modules=nothing_like_it")
    assert outcome.code == 2
    assert "tune.target_modules: got nothing_like_it; allowed: 'all-linear' or some of down_proj" in outcome.err


def advice(monkeypatch: Any, mebibytes: int, *words: str) -> list[str]:
    """What is said on a machine with so much memory beyond what libraries take."""
    monkeypatch.setattr(doctor, "_memory", lambda gpu: doctor.RUNTIME_BYTES["cuda" if gpu else "cpu"] + mebibytes * 2**20)
    return doctor.about_base(recipe.load(None, ["tune.row_tokens=320", "tune.pass_tokens=1280", *words]).recipe)


def test_where_it_does_not_fit_the_least_change_is_named(monkeypatch: Any):
    assert "tuning fits" in advice(monkeypatch, 400)
    (line,) = [line for line in advice(monkeypatch, 130) if line.startswith("tuning does not fit")]
    assert "tune.pass_tokens=" not in line.split(";")[0]
    assert "would: " in line
    (line,) = [line for line in advice(monkeypatch, 5) if line.startswith("tuning does not fit")]
    assert "take a smaller base, or a machine with more memory" in line
    assert any(line.startswith("evaluation does not fit") for line in advice(monkeypatch, 50))
    assert any(line.startswith("evaluation in float32: ") for line in advice(monkeypatch, 400))
    assert any(line.startswith("evaluation in bfloat16: ") for line in advice(monkeypatch, 400, "evaluate.dtype=bfloat16"))


@pytest.mark.parametrize(
    ("mebibytes", "words"), [(105, []), (150, ["tune.pass_tokens=4096"]), (150, ["tune.pass_tokens=4096", "tune.row_tokens=4096"])]
)
def test_what_is_advised_fits(monkeypatch: Any, mebibytes: int, words: list[str]):
    (line,) = [line for line in advice(monkeypatch, mebibytes, *words) if line.startswith("tuning does not fit")]
    advised, would, _ = line.partition("; ")[2].partition(" would: ")
    assert would
    assert "tuning fits" in advice(monkeypatch, mebibytes, *words, *advised.split())


def test_more_operations_take_longer():
    base = doctor.architecture.read("embedded")
    chosen = recipe.load(None, []).recipe
    how = doctor.planned(base, chosen.tune, gpu=False)
    assert "seconds" in doctor._time(base, chosen, how, 1e13)
    assert "days" in doctor._time(base, chosen, how, 1e7)


def test_evaluation_in_bfloat16_takes_half_the_weights():
    base, section = doctor.architecture.read("embedded"), recipe.load(None, []).recipe.evaluate
    whole = doctor.answering(base, section, gpu=True)
    half = doctor.answering(base, section.model_copy(update={"dtype": "bfloat16"}), gpu=True)
    assert 2 * half["weights"] == whole["weights"] == base.parameters * 4


@pytest.mark.parametrize("kind", ["paper-7b", "paper-13b", "single-24gb", "cpu"])
def test_each_preset_says_where_its_settings_come_from(kind: str, tmp_path: Any):
    write(kind, tmp_path / "recipe.yaml")
    loaded = recipe.load(tmp_path / "recipe.yaml")
    assert loaded.recipe.tune.base != "embedded"
    text = STARTERS[kind]
    told = text[text.index("\ntune:") : text.index("\nevaluate:")]
    sources = ("alpaca-lora", "STAFF", "Taiyi", "paper", "choice")
    for name in ("learning_rate", "epochs", "max_tokens", "examples_per_step"):
        (line,) = [line for line in told.splitlines() if line.startswith(f"  {name}:")]
        assert (kind, name) == ("cpu", "epochs") or any(source in line for source in sources), line


def test_the_papers_stand_ins_are_those_of_alpaca_lora(tmp_path: Any):
    write("paper-7b", tmp_path / "recipe.yaml")
    tune = recipe.load(tmp_path / "recipe.yaml").recipe.tune
    assert (tune.rank, tune.alpha, tune.dropout, tune.target_modules) == (8, 16, 0.05, "q_proj,v_proj")
    assert (tune.learning_rate, tune.epochs, tune.examples_per_step, tune.held_out) == (3e-4, 3, 128, 2000)


@pytest.mark.parametrize("kind", STARTERS)
def test_presets_name_tasks_that_there_are(kind: str, tmp_path: Any):
    from bioinstruct.tasks import TASKS

    write(kind, tmp_path / "recipe.yaml")
    section = recipe.load(tmp_path / "recipe.yaml").recipe.evaluate
    assert set(section.tasks) <= set(TASKS)
    assert set(section.files) <= set(section.tasks)
