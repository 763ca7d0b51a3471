"""Configurations of LLaMA-Factory, axolotl and TRL with the data and settings of a run's tuning.

Option names are those of LLaMA-Factory 0.9.5, axolotl 0.19.0 and TRL 1.16.0; docs/export.md says what their own parsers were asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bioinstruct.core.runfolder import write_atomic
from bioinstruct.report.export.source import Source, notes
from bioinstruct.report.export.training import Example, Tokenized, Training, in_pieces

_NAME = "bioinstruct"


def llama_factory(source: Source, to: Path) -> Iterator[str]:
    """`dataset_info.json`, the records, and `train.yaml` for `llamafactory-cli train train.yaml`."""
    job = Training.of(source)
    files = {_NAME: job.examples, f"{_NAME}_held_out": job.kept_back} if job.kept_back else {_NAME: job.examples}
    for name, examples in files.items():
        yield _json(to / f"{name}.json", [_sharegpt(job, one) if job.chat else _prompt_and_response(one) for one in examples])
    write_atomic(to / "dataset_info.json", json.dumps({name: _described(job, f"{name}.json") for name in files}, indent=2) + "\n")
    section = job.section
    settings: dict[str, Any] = {
        "model_name_or_path": job.base,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_rank": section.rank,
        "lora_alpha": section.alpha,
        "lora_dropout": section.dropout,
        "lora_target": "all" if job.targets == ["all-linear"] else ",".join(job.targets),
        "use_rslora": section.variant == "rslora",
        "use_dora": section.variant == "dora",
        **({"quantization_bit": 4, "quantization_type": "nf4", "double_quantization": True} if section.quantize else {}),
        "dataset_dir": ".",
        "dataset": _NAME,
        # `empty` adds nothing to the texts; without a name the tokenizer's own chat template is read.
        **({} if job.chat else {"template": "empty"}),
        "cutoff_len": job.max_tokens,
        "packing": False,
        "train_on_prompt": False,
        "flash_attn": "sdpa",
        "disable_gradient_checkpointing": not section.gradient_checkpointing,
        **_arguments(job),
    }
    if job.kept_back:
        settings["eval_dataset"] = f"{_NAME}_held_out"
    yield _settings(to / "train.yaml", "llamafactory-cli train train.yaml", settings)
    lines = [job.agreement("LLaMA-Factory", _like_llama_factory)]
    if not job.chat:
        lines.append(
            "the template is in the data: the prompt's text begins with the BOS mark, if there is one, and the response ends with the end "
            "mark, both as text; a text of a record that holds such a mark would be read as one"
        )
    lines += [
        "`lora_target: all` is every linear layer but the output layer, as ours",
        "the base is held in bfloat16 and LoRA in float32 (pure_bf16 is off)",
        *job.common_notes(),
    ]
    yield _notes(to, "LLaMA-Factory", lines)


def axolotl(source: Source, to: Path) -> Iterator[str]:
    """The records and `config.yaml` for `axolotl train config.yaml`."""
    job = Training.of(source)
    kind: dict[str, Any] = {"ds_type": "json", "type": "input_output"}
    if job.chat:
        kind = {
            "ds_type": "json",
            "type": "chat_template",
            "field_messages": "messages",
            "roles_to_train": ["assistant"],
            "train_on_eos": "turn",
        }
    for name, examples in {"train": job.examples, "held_out": job.kept_back}.items():
        if examples:
            rows = [{"messages": list(job.messages(one))} if job.chat else {"segments": _segments(one)} for one in examples]
            yield _lines(to / f"{name}.jsonl", rows)
    section = job.section
    everything = job.targets == ["all-linear"]
    settings: dict[str, Any] = {
        "base_model": job.base,
        "datasets": [{"path": "train.jsonl", **kind}],
        **({"chat_template": "tokenizer_default"} if job.chat else {}),
        "dataset_prepared_path": "prepared",
        "sequence_len": job.max_tokens,
        "excess_length_strategy": "drop",
        "sample_packing": False,
        "pad_to_sequence_len": False,
        "train_on_inputs": False,
        **({"adapter": "qlora", "load_in_4bit": True} if section.quantize else {"adapter": "lora"}),
        "lora_r": section.rank,
        "lora_alpha": section.alpha,
        "lora_dropout": section.dropout,
        **({"lora_target_linear": True} if everything else {"lora_target_modules": job.targets}),
        "peft_use_rslora": section.variant == "rslora",
        "peft_use_dora": section.variant == "dora",
        "learning_rate": section.learning_rate,
        "lr_scheduler": job.schedule,
        "warmup_steps": job.warmup_steps,
        "num_epochs": section.epochs,
        "micro_batch_size": job.rows,
        "gradient_accumulation_steps": job.accumulated,
        "optimizer": "adamw_torch_fused",
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "bf16": True,
        "gradient_checkpointing": section.gradient_checkpointing,
        "attn_implementation": "sdpa",
        "seed": job.seed,
        "logging_steps": 10,
        "save_strategy": "epoch",
        "output_dir": "adapter",
    }
    if job.kept_back:
        settings |= {"test_datasets": [{"path": "held_out.jsonl", "split": "train", **kind}], "eval_steps": job.measured_every}
        if section.keep == "best":
            settings |= {"load_best_model_at_end": True, "save_strategy": "steps", "save_steps": job.measured_every}
    if job.tokenizer.pad_token is None:
        pad = job.tokenizer.unk_token or job.tokenizer.eos_token
        settings["special_tokens"] = {"pad_token": str(pad)}
    yield _settings(to / "config.yaml", "axolotl train config.yaml", settings)
    lines = [job.agreement("axolotl", _like_axolotl)]
    if not job.chat:
        lines.append("each record is a list of segments, which axolotl tokenizes one by one as ours does; only `label: true` is trained")
    if "special_tokens" in settings:
        lines.append(f"the tokenizer has no pad token: {settings['special_tokens']['pad_token']} stands in, and is in no label by padding")
    yield _notes(to, "axolotl", [*lines, *job.common_notes()])


def trl(source: Source, to: Path) -> Iterator[str]:
    """The records and `config.yaml` for `trl sft --config config.yaml`."""
    job = Training.of(source)
    for name, examples in {"train": job.examples, "test": job.kept_back}.items():
        if examples:
            yield _lines(to / "data" / f"{name}.jsonl", [_prompt_and_completion(job, one) for one in examples])
    section = job.section
    settings: dict[str, Any] = {
        "model_name_or_path": job.base,
        "dtype": "bfloat16",
        "attn_implementation": "sdpa",
        "dataset_name": "data",
        "completion_only_loss": True,
        "max_length": job.max_tokens,
        "packing": False,
        "use_peft": True,
        "lora_r": section.rank,
        "lora_alpha": section.alpha,
        "lora_dropout": section.dropout,
        "lora_target_modules": job.targets,
        "use_rslora": section.variant == "rslora",
        "use_dora": section.variant == "dora",
        **({"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "use_bnb_nested_quant": True} if section.quantize else {}),
        "gradient_checkpointing": section.gradient_checkpointing,
        **_arguments(job),
    }
    yield _settings(to / "config.yaml", "trl sft --config config.yaml", settings)
    lines = [job.agreement("TRL", _like_trl)]
    if not job.chat:
        lines.append("TRL adds the end mark to each completion itself, and finds the trained part by comparing two tokenizations")
    yield _notes(to, "TRL", [*lines, "a longer record loses its end, the output first (truncation_mode: keep_start)", *job.common_notes()])


def _arguments(job: Training) -> dict[str, Any]:
    """What both LLaMA-Factory and TRL hand to transformers' TrainingArguments."""
    section = job.section
    found: dict[str, Any] = {
        "learning_rate": section.learning_rate,
        "lr_scheduler_type": job.schedule,
        "warmup_steps": job.warmup_steps,
        "num_train_epochs": section.epochs,
        "per_device_train_batch_size": job.rows,
        "gradient_accumulation_steps": job.accumulated,
        "optim": "adamw_torch_fused",
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "bf16": True,
        "seed": job.seed,
        "logging_steps": 10,
        "save_strategy": "epoch",
        "report_to": "none",
        "output_dir": "adapter",
    }
    if job.kept_back:
        found |= {"eval_strategy": "steps", "eval_steps": job.measured_every, "per_device_eval_batch_size": job.rows}
        if section.keep == "best":
            found |= {"load_best_model_at_end": True, "metric_for_best_model": "eval_loss", "greater_is_better": False}
            found |= {"save_strategy": "steps", "save_steps": job.measured_every}
    return found


def _prompt_and_response(example: Example) -> dict[str, str]:
    return {"prompt": example.opening + example.prompt, "response": example.completion + example.end}


def _sharegpt(job: Training, example: Example) -> dict[str, Any]:
    asked, answered = job.messages(example)
    return {"conversations": [{"from": "human", "value": asked["content"]}, {"from": "gpt", "value": answered["content"]}]}


def _described(job: Training, file: str) -> dict[str, Any]:
    if job.chat:
        return {"file_name": file, "formatting": "sharegpt", "columns": {"messages": "conversations"}}
    return {"file_name": file, "formatting": "alpaca", "columns": {"prompt": "prompt", "response": "response"}}


def _like_llama_factory(tokenizer: Any, example: Example) -> Tokenized:
    return in_pieces(tokenizer, [(False, example.opening + example.prompt), (True, example.completion + example.end)])


def _segments(example: Example) -> list[dict[str, Any]]:
    pieces = ((False, example.opening), (False, example.preamble), (False, example.body), (True, example.completion), (True, example.end))
    return [{"label": label, "text": text} for label, text in pieces if text]


def _like_axolotl(tokenizer: Any, example: Example) -> Tokenized:
    return in_pieces(tokenizer, [(one["label"], one["text"]) for one in _segments(example)])


def _prompt_and_completion(job: Training, example: Example) -> dict[str, Any]:
    if job.chat:
        asked, answered = job.messages(example)
        return {"prompt": [asked], "completion": [answered]}
    return {"prompt": example.prompt, "completion": " " + example.completion.strip()}


def _like_trl(tokenizer: Any, example: Example) -> Tokenized:
    prompt = list(tokenizer(example.prompt, verbose=False)["input_ids"])
    whole = list(tokenizer(f"{example.prompt} {example.completion.strip()}{example.end}", verbose=False)["input_ids"])
    same = next((n for n, (one, other) in enumerate(zip(prompt, whole, strict=False)) if one != other), min(len(prompt), len(whole)))
    return whole, len(whole) - same


def _json(path: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    write_atomic(path, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return f"{path}: {len(rows):,} records"


def _lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    write_atomic(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return f"{path}: {len(rows):,} records"


def _settings(path: Path, command: str, settings: Mapping[str, Any]) -> str:
    text = yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True, width=140)
    write_atomic(path, f"# Made by bioinstruct export; read NOTES.md. In this folder: {command}\n{text}")
    return f"{path}: run `{command}` in {path.parent}"


def _notes(to: Path, title: str, lines: list[str]) -> str:
    write_atomic(to / "NOTES.md", notes(title, lines))
    return f"{to / 'NOTES.md'}: what could not be carried over"
