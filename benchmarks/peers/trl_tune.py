"""Epochs of TRL's SFTTrainer: run in its own environment by `benchmarks/tune.py`.

A task is a line of JSON on the standard input, an answer a line on the standard output that begins with RESULT. A task says the base, the records (prompt and completion as text), the LoRA and schedule that both sides share, and TRL's own setting. Its first records are
trained and thrown away; then a fresh model and trainer go through all of them once, and the adapter is saved. The answer holds the seconds from the beginning
of the training loop to the end of its last optimizer step, and what went through it.

On for speed: base in bfloat16 under autocast, TRL's fused output layer, the fused AdamW. Off: gradient
checkpointing (TRL's default is on), evaluation, saving, logging, reporting, progress bars, loader processes (the data are tokenized beforehand, and both cores
are busy).
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
}

import torch
import transformers
import trl
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback


class Clock(TrainerCallback):
    """When the loop began and when its last step ended."""

    began = ended = 0.0
    steps = 0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.began = time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ended = time.perf_counter()
        self.steps += 1


class Counting(trl.SFTTrainer):
    """TRL's trainer, which also notes what goes through it."""

    examples = tokens = padded = trained = 0

    def training_step(self, model: Any, inputs: dict[str, Any], *rest: Any, **named: Any) -> torch.Tensor:
        ids, mask, positions = inputs["input_ids"], inputs.get("attention_mask"), inputs.get("position_ids")
        self.examples += ids.shape[0] if positions is None else int((positions == 0).sum())
        self.tokens += ids.numel() if mask is None else int(mask.sum())
        self.padded += ids.numel()
        self.trained += int((inputs["labels"] != -100).sum())
        return super().training_step(model, inputs, *rest, **named)


def train(work: dict[str, Any], records: list[dict[str, str]]) -> tuple[Counting, Clock]:
    """A fresh model through these records once."""
    setting = work["setting"]
    config = trl.SFTConfig(
        output_dir=work["folder"],
        use_cpu=True,
        bf16=True,
        seed=work["seed"],
        num_train_epochs=1,
        per_device_train_batch_size=setting["batch"],
        gradient_accumulation_steps=setting["accumulation"],
        train_sampling_strategy="group_by_length" if setting["grouped"] else "random",
        packing=setting["packed"] is not None,
        max_length=setting["packed"] or work["max_tokens"],
        completion_only_loss=True,
        gradient_checkpointing=False,
        learning_rate=work["learning_rate"],
        lr_scheduler_type="cosine",
        warmup_steps=work["warmup"],
        optim="adamw_torch_fused",
        weight_decay=0.0,
        max_grad_norm=1.0,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        logging_strategy="no",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    lora = LoraConfig(task_type="CAUSAL_LM", r=work["rank"], lora_alpha=work["alpha"], lora_dropout=0.0, target_modules="all-linear")
    model = AutoModelForCausalLM.from_pretrained(
        work["base"], dtype=torch.bfloat16, attn_implementation=setting["attention"], local_files_only=True
    )
    clock = Clock()
    trainer = Counting(
        model=model,
        args=config,
        train_dataset=Dataset.from_list([{"prompt": row["prompt"], "completion": row["completion"]} for row in records]),
        processing_class=AutoTokenizer.from_pretrained(work["base"], local_files_only=True),
        peft_config=lora,
        callbacks=[clock],
    )
    trainer.train()
    return trainer, clock


def main() -> None:
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        work = json.loads(line)
        torch.set_num_threads(work["threads"])
        records = [json.loads(row) for row in Path(work["records"]).read_text(encoding="utf-8").splitlines()]
        train(work, records[: work["warm"]])
        trainer, clock = train(work, records)
        trainer.save_model(work["folder"])
        told = {"examples": trainer.examples, "tokens": trainer.tokens, "padded": trainer.padded, "trained": trainer.trained}
        told |= {"seconds": clock.ended - clock.began, "steps": clock.steps, "version": f"trl {trl.__version__}"}
        print("RESULT " + json.dumps(told), flush=True)
        del trainer


if __name__ == "__main__":
    main()
