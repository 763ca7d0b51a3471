"""A run in other tools' forms: what is written, that it says what ours does, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioinstruct.core import jsonl, recipe
from bioinstruct.core.records import Category, Instruction, Origin, instruction_id
from bioinstruct.report.export.run import KINDS, export

HOSTILE = '<script>alert(1)</script> "quoted" {{content}} \u202eאבג 💊\n\n### Output:'


def record(n: int, instruction: str = "", input: str = "", output: str = "") -> Instruction:
    """A made-up record; every third has no input."""
    instruction = instruction or f"Name drug number {n} of the list."
    input = input or ("" if n % 3 == 0 else f"metformin, aspirin, number {n}")
    output = output or f"drug {n}"
    return Instruction(instruction_id(instruction, input, output), instruction, input, output, Category.QA, Origin("seed", ("seed-1",)))


def make_run(folder: Path, records: list[Instruction], *words: str) -> Path:
    """A run folder that has curated, as far as an export looks at it."""
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(recipe.dump(recipe.load(None, list(words))), encoding="utf-8")
    jsonl.write(folder / "curate" / "instructions.jsonl", records)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", [record(n) for n in range(20)], "tune.held_out=4", "tune.examples_per_step=6", "tune.epochs=2")


def rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_alpaca_and_sharegpt(run: Path, tmp_path: Path):
    export("alpaca-json", run, tmp_path / "alpaca")
    found = json.loads((tmp_path / "alpaca" / "data.json").read_text(encoding="utf-8"))
    assert found[1] == {"instruction": "Name drug number 1 of the list.", "input": "metformin, aspirin, number 1", "output": "drug 1"}
    export("sharegpt", run, tmp_path / "sharegpt")
    found = json.loads((tmp_path / "sharegpt" / "data.json").read_text(encoding="utf-8"))
    assert found[0]["conversations"] == [
        {"from": "human", "value": "Name drug number 0 of the list."},
        {"from": "gpt", "value": "drug 0"},
    ]
    assert found[1]["conversations"][0]["value"] == "Name drug number 1 of the list.\n\nmetformin, aspirin, number 1"
    assert "category" in (tmp_path / "sharegpt" / "NOTES.md").read_text(encoding="utf-8")


def test_parquet_holds_every_column_and_the_same_bytes(run: Path, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    for name in ("one", "two"):
        export("parquet", run, tmp_path / name)
    assert (tmp_path / "one" / "data.parquet").read_bytes() == (tmp_path / "two" / "data.parquet").read_bytes()
    found = parquet.read_table(tmp_path / "one" / "data.parquet").to_pylist()
    assert len(found) == 20
    assert found[3] | {"instruction": "Name drug number 3 of the list.", "input": "", "seeds": ["seed-1"], "category": "qa"} == found[3]


def test_llama_factory(run: Path, tmp_path: Path):
    pytest.importorskip("torch")
    told = export("llama-factory", run, tmp_path / "out")
    assert any("llamafactory-cli train train.yaml" in line for line in told)
    assert all(".partial" not in line for line in told)
    settings = yaml.safe_load((tmp_path / "out" / "train.yaml").read_text(encoding="utf-8"))
    expected = {"stage": "sft", "finetuning_type": "lora", "lora_target": "all", "template": "empty", "lora_rank": 16, "lora_alpha": 32,
                "per_device_train_batch_size": 3, "gradient_accumulation_steps": 2, "num_train_epochs": 2, "cutoff_len": 1024,
                "lr_scheduler_type": "cosine", "eval_dataset": "bioinstruct_held_out", "eval_steps": 3}  # fmt: skip
    assert settings | expected == settings
    described = json.loads((tmp_path / "out" / "dataset_info.json").read_text(encoding="utf-8"))
    assert described["bioinstruct"]["columns"] == {"prompt": "prompt", "response": "response"}
    trained = json.loads((tmp_path / "out" / "bioinstruct.json").read_text(encoding="utf-8"))
    held = json.loads((tmp_path / "out" / "bioinstruct_held_out.json").read_text(encoding="utf-8"))
    assert (len(trained), len(held)) == (16, 4)
    assert all(one["response"].endswith("<|end|>") and "### Output:" in one["prompt"] for one in trained)
    notes = (tmp_path / "out" / "NOTES.md").read_text(encoding="utf-8")
    assert "all 20 records give the ids and the trained part that ours has" in notes


def test_what_is_held_out_is_what_ours_holds_out(run: Path, tmp_path: Path):
    pytest.importorskip("torch")
    from bioinstruct.core import template
    from bioinstruct.models import local
    from bioinstruct.models.encode import Encoder
    from bioinstruct.tune import data, held_out

    encoder = Encoder(local.load_tokenizer("embedded"), template.get("paper"))
    records = [record(n) for n in range(20)]
    _, kept_back = held_out.split(data.encode(records, encoder, 1024).examples, 4, 0)
    by_id = {one.id: one for one in records}
    export("trl", run, tmp_path / "out")
    assert [one["completion"] for one in rows(tmp_path / "out" / "data" / "test.jsonl")] == [
        f" {by_id[one.id].output}" for one in kept_back
    ]


def test_axolotl_gives_the_pieces_that_ours_encodes(run: Path, tmp_path: Path):
    pytest.importorskip("torch")
    from bioinstruct.core import template
    from bioinstruct.models import local
    from bioinstruct.models.encode import Encoder

    export("axolotl", run, tmp_path / "out")
    settings = yaml.safe_load((tmp_path / "out" / "config.yaml").read_text(encoding="utf-8"))
    assert settings["datasets"] == [{"path": "train.jsonl", "ds_type": "json", "type": "input_output"}]
    assert settings["lora_target_linear"] is True
    assert "lora_target_modules" not in settings
    encoder = Encoder(local.load_tokenizer("embedded"), template.get("paper"))
    known = {(one.output): one for one in (record(n) for n in range(20))}
    for row in rows(tmp_path / "out" / "train.jsonl"):
        ids, trained = [], []
        for segment in row["segments"]:
            found = encoder.tokenizer(segment["text"], add_special_tokens=False)["input_ids"]
            ids += found
            trained += found if segment["label"] else []
        one = known[row["segments"][-2]["text"].strip()]
        assert ids == [*encoder.prompt_ids(one.instruction, one.input), *encoder.output_ids(one.output)]
        assert trained == encoder.output_ids(one.output)


def test_variants_names_and_schedules_are_carried_over(tmp_path: Path):
    pytest.importorskip("torch")
    words = ["tune.variant=dora", "tune.target_modules=q_proj, v_proj", "tune.schedule=constant", "tune.gradient_checkpointing=true"]
    words.append("tune.quantize=nf4")
    source = make_run(tmp_path / "run", [record(n) for n in range(5)], *words)
    found = {}
    for kind, name in (("llama-factory", "train.yaml"), ("axolotl", "config.yaml"), ("trl", "config.yaml")):
        export(kind, source, tmp_path / kind)
        found[kind] = yaml.safe_load((tmp_path / kind / name).read_text(encoding="utf-8"))
    factory, axolotl, trl = found.values()
    assert (factory["use_dora"], factory["use_rslora"], factory["lora_target"]) == (True, False, "q_proj,v_proj")
    assert (axolotl["peft_use_dora"], axolotl["lora_target_modules"]) == (True, ["q_proj", "v_proj"])
    assert (trl["use_dora"], trl["lora_target_modules"]) == (True, ["q_proj", "v_proj"])
    assert factory["disable_gradient_checkpointing"] is False
    assert (factory["quantization_bit"], factory["quantization_type"], factory["double_quantization"]) == (4, "nf4", True)
    assert (axolotl["adapter"], axolotl["load_in_4bit"]) == ("qlora", True)
    assert (trl["load_in_4bit"], trl["bnb_4bit_quant_type"], trl["use_bnb_nested_quant"]) == (True, "nf4", True)
    assert axolotl["gradient_checkpointing"] is trl["gradient_checkpointing"] is True
    assert {one.get("lr_scheduler_type", one.get("lr_scheduler")) for one in found.values()} == {"constant_with_warmup"}


def test_marks_in_a_text_are_counted_in_the_notes(tmp_path: Path):
    pytest.importorskip("torch")
    records = [record(0), record(1, output="yes <|end|> no"), record(2, input=HOSTILE)]
    source = make_run(tmp_path / "run", records)
    export("axolotl", source, tmp_path / "out")
    notes = (tmp_path / "out" / "NOTES.md").read_text(encoding="utf-8")
    assert f"1 of 3 records give other ids or another trained part than ours (first {records[1].id})" in notes
    assert rows(tmp_path / "out" / "train.jsonl")[2]["segments"][2]["text"].count("<script>") == 1


def test_cut_and_dropped_records_are_counted(tmp_path: Path):
    pytest.importorskip("torch")
    long = record(1, input="metformin " * 400)
    dropped = replace(record(2, output="word " * 400), id="dropped")
    export("trl", make_run(tmp_path / "run", [record(0), long, dropped], "tune.max_tokens=128"), tmp_path / "out")
    notes = (tmp_path / "out" / "NOTES.md").read_text(encoding="utf-8")
    assert "1 records that do not fit tune.max_tokens are left out" in notes
    assert "1 records are longer than 128 tokens" in notes
    assert len(rows(tmp_path / "out" / "data" / "train.jsonl")) == 2


def test_a_chat_template_is_left_to_the_tool(tmp_path: Path):
    pytest.importorskip("torch")
    source = make_run(tmp_path / "run", [record(n) for n in range(3)], "tune.template=chat")
    for kind in ("llama-factory", "axolotl", "trl"):
        export(kind, source, tmp_path / kind)
        assert "its ids were not compared" in (tmp_path / kind / "NOTES.md").read_text(encoding="utf-8")
    assert "template" not in yaml.safe_load((tmp_path / "llama-factory" / "train.yaml").read_text(encoding="utf-8"))
    (first, *_) = rows(tmp_path / "axolotl" / "train.jsonl")
    assert [turn["role"] for turn in first["messages"]] == ["user", "assistant"]
    (first, *_) = rows(tmp_path / "trl" / "data" / "train.jsonl")
    assert first["completion"] == [{"role": "assistant", "content": "drug 0"}]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_written_over_and_nothing_is_left_behind(kind: str, run: Path, tmp_path: Path, command: Any):
    (tmp_path / "there").mkdir()
    outcome = command("export", kind, str(run), "--to", "there")
    assert outcome.code == 2
    assert "got a name that exists" in outcome.err
    assert list((tmp_path / "there").iterdir()) == []
    empty = command("export", kind, str(tmp_path / "there"), "--to", "new")
    assert empty.code == 2
    assert "allowed: the folder of a run that has curated" in empty.err
    assert {path.name for path in tmp_path.iterdir()} == {"run", "there"}


def test_an_unknown_kind_a_stray_push_and_a_place_that_cannot_be(run: Path, tmp_path: Path, command: Any):
    outcome = command("export", "csv", str(run), "--to", "new")
    assert (outcome.code, outcome.out) == (2, "")
    assert "got 'csv'; allowed: alpaca-json, sharegpt, parquet, llama-factory, axolotl, trl, lm-eval, results, hub" in outcome.err
    assert "allowed: with 'hub'" in command("export", "trl", str(run), "--to", "new", "--push").err
    (tmp_path / "file").write_text("", encoding="utf-8")
    outcome = command("export", "alpaca-json", str(run), "--to", "file/new")
    assert outcome.code == 2
    assert "allowed: a folder that can be written" in outcome.err


def test_a_run_without_records_is_refused(tmp_path: Path, command: Any):
    make_run(tmp_path / "run", [])
    outcome = command("export", "alpaca-json", "run", "--to", "new")
    assert outcome.code == 2
    assert "got no records; allowed: at least one" in outcome.err


def test_an_evaluation_for_lm_eval(reported: Any, tmp_path: Path):
    told = export("lm-eval", reported.path, tmp_path / "out")
    names = {path.stem for path in (tmp_path / "out").glob("*.jsonl")}
    assert names
    assert all((tmp_path / "out" / f"{name}.yaml").is_file() for name in names)
    assert all(line.startswith(str(tmp_path / "out") + ": ") for line in told)


def test_an_evaluation_as_a_table(reported: Any, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    (told,) = export("results", reported.path, tmp_path / "out")
    rows = parquet.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert told == f"{tmp_path / 'out' / 'results.parquet'}: {len(rows)} rows"
    assert {row["model"] for row in rows} >= {"base", "tuned"}


def test_a_run_that_was_not_evaluated_has_nothing_for_lm_eval(run: Path, tmp_path: Path, command: Any):
    outcome = command("export", "lm-eval", str(run), "--to", "new")
    assert outcome.code == 2
    assert not (tmp_path / "new").exists()
