"""TRL's SFTTrainer, packed, on LLaMA-2-7B's shape: run in its own environment by `benchmarks/tune_gpu.py`.

A task is a line of JSON on the standard input; the answer is a line that begins with RESULT. On for speed: packing with TRL's own best-fit
strategy, base in bfloat16 under autocast, the fused AdamW, no logging or saving. The first optimizer steps are not counted.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch
import transformers
import trl
from datasets import Dataset
from peft import LoraConfig
from random_examples import LLAMA_2_7B, TINY, make_model, make_records
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast, TrainerCallback


class Clock(TrainerCallback):
    """Stops after so many seconds beyond the first steps, and says when they ended."""

    def __init__(self, warm: int, seconds: float) -> None:
        self.warm, self.seconds = warm, seconds
        self.began = self.ended = 0.0
        self.steps = 0

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.ended = time.perf_counter()
        if state.global_step == self.warm:
            self.began = self.ended
        self.steps = state.global_step - self.warm
        control.should_training_stop = self.steps > 0 and self.ended - self.began >= self.seconds
        return control


class Counting(trl.SFTTrainer):
    """TRL's trainer, which also notes what goes through it once the clock runs."""

    clock: Clock
    examples = tokens = trained = 0

    def training_step(self, model: Any, inputs: dict[str, Any], *rest: Any, **named: Any) -> torch.Tensor:
        if self.clock.began:
            self.examples += int((inputs["position_ids"] == 0).sum())
            self.tokens += inputs["input_ids"].numel()
            self.trained += int((inputs["labels"] != -100).sum())
        return super().training_step(model, inputs, *rest, **named)


def train(work: dict[str, Any]) -> dict[str, Any]:
    """Steps for so many seconds with one setting."""
    on_gpu = torch.cuda.is_available()
    shape = TINY if work["small"] else LLAMA_2_7B
    records = make_records(work["records"], shape)
    mean = sum(len(record.ids) for record in records) / len(records)
    rows = max(1, round(work["examples_per_step"] * mean / work["packed"] / work["batch"]))
    config = trl.SFTConfig(
        output_dir=work["folder"],
        use_cpu=not on_gpu,
        bf16=True,
        seed=0,
        num_train_epochs=1000,
        per_device_train_batch_size=work["batch"],
        gradient_accumulation_steps=rows,
        packing=True,
        max_length=work["packed"],
        completion_only_loss=True,
        gradient_checkpointing=work["checkpointing"],
        learning_rate=1e-4,
        lr_scheduler_type="constant",
        optim="adamw_torch_fused",
        weight_decay=0.0,
        max_grad_norm=1.0,
        dataloader_pin_memory=on_gpu,
        logging_strategy="no",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    vocabulary = {"<s>": 0, "</s>": 1, "<pad>": 2, **{f"w{n}": n for n in range(3, shape.vocabulary)}}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel(vocabulary, unk_token="<pad>")), bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    rows_of_ids = [{"input_ids": r.ids, "completion_mask": [0] * (len(r.ids) - r.trained) + [1] * r.trained} for r in records]
    clock = Clock(work["warm"], work["seconds"])
    Counting.clock = clock
    trainer = Counting(
        model=make_model(shape, "cuda" if on_gpu else "cpu", work["attention"]),
        args=config,
        train_dataset=Dataset.from_list(rows_of_ids),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            task_type="CAUSAL_LM", r=work["rank"], lora_alpha=2 * work["rank"], lora_dropout=0.0, target_modules="all-linear"
        ),
        callbacks=[clock],
    )
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    trainer.train()
    found = {"examples": trainer.examples, "tokens": trainer.tokens, "trained": trainer.trained, "seconds": clock.ended - clock.began}
    found |= {"steps": clock.steps, "memory": torch.cuda.max_memory_allocated() if on_gpu else 0}
    return {**found, "version": f"trl {trl.__version__}", "attention": trainer.model.config._attn_implementation}


def main() -> None:
    transformers.utils.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        try:
            told: dict[str, Any] = train(json.loads(line))
        except torch.OutOfMemoryError:
            told = {"failed": "out of memory"}
        except (ImportError, ValueError) as error:  # an attention kernel that is not installed, or not for this device
            told = {"failed": " ".join(str(error).split())[:200]}
        print("RESULT " + json.dumps(told), flush=True)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
