"""The training loop.

A step takes a few records, packs them into rows that share the template's preamble (`models/rows.py`), and minimises the sum
of the trained tokens' cross entropy divided by their number, so that the loss does not depend on how they were packed. AdamW
without weight decay, gradients clipped at norm 1, a cosine to zero after a linear warm-up. On the CPU the same thread count
gives the same bytes, wherever training was stopped and taken up again; a GPU does not promise that.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch

from bioinstruct.core import jsonl
from bioinstruct.core.errors import ModelError
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import TuneSection
from bioinstruct.models import memory, rows
from bioinstruct.tune import adapter, checkpoint
from bioinstruct.tune.data import Example, Order

ROW_TOKENS = {"cpu": 320, "cuda": 2048}
"""Token budget of a row. Attention grows with its square, which a CPU feels early."""
PASS_TOKENS = {"cpu": 1280, "cuda": 16384}
"""Token budget of one forward and backward pass, over its rows. Far fewer, and a CPU spends its time on starting operations; more, and the
activations take memory and are no faster (benchmarks/tuning_step.py)."""
CHECKPOINT_SECONDS = 20.0
"""Work between two checkpoints."""
RELEASE_STEPS = 8
"""Steps between two times that freed memory is handed back."""
CLIP = 1.0
"""Largest norm of a step's gradient."""


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 arithmetic is built into the device: a GPU's, or a CPU's that says so."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False  # a system that does not say: float32 is right everywhere
    flags = {flag for line in text.splitlines() if line.lower().startswith(("flags", "features")) for flag in line.split()}
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def learning_rate(step: int, n_steps: int, peak: float, warmup: float) -> float:
    """The rate of step `step` (from 0): linear up to `peak` over the share `warmup`, then a cosine that is zero after the last step."""
    n_warmup = round(n_steps * warmup)
    if step < n_warmup:
        return peak * (step + 1) / (n_warmup + 1)
    return peak * 0.5 * (1.0 + math.cos(math.pi * (step - n_warmup) / (n_steps - n_warmup)))


def backward(
    model: Any, examples: Sequence[Example], *, share: bool, row_tokens: int, bf16: bool, pass_tokens: int = PASS_TOKENS["cpu"]
) -> tuple[float, int]:
    """Add the gradients of these examples' mean loss; gives back the loss and the number of trained tokens.

    The loss is the sum over the trained tokens of all examples divided by their number, whatever the packing.
    """
    device = model.get_input_embeddings().weight.device
    n_trained = sum(len(example.trained) for example in examples)
    total = torch.zeros((), device=device)
    for batch in rows.batches(rows.pack([example.tree(share) for example in examples], row_tokens), pass_tokens):
        tensors = rows.stack(batch).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            logits = rows.logits(model, tensors)
        loss = torch.nn.functional.cross_entropy(logits.float(), tensors.targets.labels, reduction="sum") / n_trained
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach()
    return total.item(), n_trained


def train(
    tuned: Any, examples: Sequence[Example], section: TuneSection, *, seed: int, bf16: bool, folder: Path, fingerprint: str,
    label: str, progress: Progress,
) -> float:  # fmt: skip
    """Train the peft model's LoRA weights in place, from the last checkpoint on where there is one; gives back the seconds of work.

    Writes `folder/train.jsonl` (step, loss, tokens, learning_rate) and, while it works, `folder/checkpoint/`.

    Raises:
        ModelError: the loss is not finite, or the GPU's memory is full.
    """
    model = tuned.get_base_model()
    device = model.get_input_embeddings().weight.device
    order = Order(len(examples), section.examples_per_step, section.epochs, seed)
    weights = adapter.weights(tuned)
    optimizer = torch.optim.AdamW(list(weights.values()), lr=section.learning_rate, weight_decay=0.0, fused=True)
    store, log_path = folder / "checkpoint", folder / "train.jsonl"
    state = _resumable(store, log_path, fingerprint, progress)
    if state.step:
        checkpoint.restore(store, weights, optimizer)
    progress.start(label, order.n_steps, "step")
    if state.step:
        progress.advance(state.step, note=f"going on after step {state.step}")
    started = stored = time.monotonic()
    with log_path.open("ab") as log, adapter.bf16_weights(tuned) if bf16 else nullcontext(), _memory():
        log.truncate(state.log_bytes)
        for step in range(state.step, order.n_steps):
            rate = learning_rate(step, order.n_steps, section.learning_rate, section.warmup)
            optimizer.param_groups[0]["lr"] = rate
            loss, n_trained = backward(
                model,
                [examples[index] for index in order.step(step)],
                share=section.dropout == 0,  # a shared preamble would share its dropout too
                row_tokens=ROW_TOKENS.get(device.type, ROW_TOKENS["cpu"]),
                bf16=bf16,
                pass_tokens=PASS_TOKENS.get(device.type, PASS_TOKENS["cpu"]),
            )
            norm = torch.nn.utils.clip_grad_norm_(weights.values(), CLIP).item()
            if not math.isfinite(loss + norm):
                raise ModelError(
                    f"step {step + 1}: got loss {loss} and gradient norm {norm}; allowed: finite ones (lower tune.learning_rate)"
                )
            optimizer.step()
            optimizer.zero_grad()
            row = {"step": step + 1, "loss": loss, "tokens": n_trained, "learning_rate": rate}
            log.write((jsonl.dump(row) + "\n").encode())
            if time.monotonic() - stored >= CHECKPOINT_SECONDS and step + 1 < order.n_steps:
                _flush(log)
                seconds = state.seconds + time.monotonic() - started
                now = checkpoint.State(fingerprint, step + 1, log.tell(), seconds)
                checkpoint.write(store, now, weights, optimizer, random=section.dropout > 0)
                stored = time.monotonic()
            if step % RELEASE_STEPS == 0:
                memory.release()
            progress.advance(1, note=f"loss {loss:.3f}")
        _flush(log)
    return state.seconds + time.monotonic() - started


def _resumable(store: Path, log: Path, fingerprint: str, progress: Progress) -> checkpoint.State:
    """Where to go on: a checkpoint of this very training whose log is still whole, or the beginning."""
    state = checkpoint.read(store)
    if state is not None:
        if state.fingerprint == fingerprint and log.is_file() and log.stat().st_size >= state.log_bytes:
            return state
        progress.say(f"{store}: the checkpoint belongs to another training or has lost its log; training begins anew")
    return checkpoint.State(fingerprint, 0, 0, 0.0)


def _flush(log: Any) -> None:
    log.flush()
    os.fsync(log.fileno())


@contextmanager
def _memory() -> Iterator[None]:
    """Turn a full GPU into a sentence."""
    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise ModelError("out of GPU memory; lower tune.max_tokens or tune.rank, take a smaller base, or a GPU with more memory") from error
