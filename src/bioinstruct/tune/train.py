"""The training loop.

A step takes a few records, packs them into rows that share the template's preamble (`loss.py`), and minimises the sum of the trained
tokens' cross entropy divided by their number: of all the step's records, in however many passes and processes. AdamW without weight decay,
gradients clipped at norm 1, a warm-up and a schedule. On the CPU the same thread count gives the same bytes, wherever training was stopped
and taken up again; a GPU does not promise that.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from random import Random
from typing import Any

import torch

from bioinstruct.core import jsonl
from bioinstruct.core.errors import ModelError
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import TuneSection
from bioinstruct.models import memory, rows
from bioinstruct.tune import adapter, checkpoint, fused, head, held_out, lanes, shares, tracking
from bioinstruct.tune.data import Example, Order
from bioinstruct.tune.loss import Packing, Together, backward, total, trained_tokens
from bioinstruct.tune.schedule import learning_rate
from bioinstruct.tune.world import World

CHECKPOINT_SECONDS = 20.0
"""Work between two checkpoints."""
CLIP = 1.0
"""Largest norm of a step's gradient."""
LOG = "train.jsonl"


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


class Training:
    """One adapter's training, from the last checkpoint on where there is one.

    Writes `folder/train.jsonl` (step, loss, tokens, learning_rate), `folder/held_out.jsonl` where records are kept back and, while it
    works, `folder/checkpoint/`.

    Args:
        tuned: The peft model; its LoRA weights are trained in place.
        examples: What is trained on.
        kept_back: What the held-out loss is measured on; may be empty.
        section: The recipe's section.
        seed: Of the order and of dropout.
        bf16: Whether products are computed in bfloat16.
        world: The processes that train together.
        folder: Of the stage.
        fingerprint: What is being trained; a checkpoint of something else is not gone on with.
        progress: Told of every step.
    """

    def __init__(
        self, tuned: Any, examples: Sequence[Example], kept_back: Sequence[Example], section: TuneSection, *, seed: int, bf16: bool,
        world: World, folder: Path, fingerprint: str, progress: Progress,
    ) -> None:  # fmt: skip
        self.tuned, self.model = tuned, tuned.get_base_model()
        self.examples, self.kept_back = examples, kept_back
        self.section, self.seed, self.world, self.progress = section, seed, world, progress
        self.folder, self.fingerprint = folder, fingerprint
        self.store = folder / "checkpoint"
        self.order = Order(len(examples), section.examples_per_step, section.epochs, seed)
        self.weights = adapter.weights(tuned)
        self.optimizer = torch.optim.AdamW(list(self.weights.values()), lr=section.learning_rate, weight_decay=0.0, fused=True)
        self.packing = Packing.on(
            world.device,
            share=section.dropout == 0,  # a shared preamble would share its dropout too
            bf16=bf16,
            segmented=self.model.config._attn_implementation == rows.SEGMENTED,
            row_tokens=section.row_tokens,
            pass_tokens=section.pass_tokens,
            through=head.find(self.model, torch.bfloat16 if bf16 else self.model.dtype),
        )
        if section.gradient_checkpointing:
            adapter.recompute(self.model)
        self.work = shares.work(self.model)
        self.n_lanes = 1
        """Shares of a step that this process computes side by side."""
        if world.device.type == "cpu" and not (section.dropout or section.shard or section.quantize):
            step_tokens = sum(example.n_tokens for example in examples) / self.order.steps_per_epoch / world.size
            self.n_lanes = lanes.number(step_tokens, torch.get_num_threads())
        self.together = Together(world.most, min(examples, key=lambda example: example.n_tokens)) if section.shard else None
        if section.shard:
            world.shard(self.model)
        self.best = held_out.Best()
        self.steps = 0
        """Optimizer steps done."""

    def run(self, label: str) -> float:
        """Train to the end and leave the weights to keep in the model; gives back the seconds of work.

        Raises:
            ModelError: the loss is not finite, or memory is full.
        """
        state = self._resumed()
        self.progress.start(label, self.order.n_steps, "step")
        self.steps = state.step
        if state.step:
            self.progress.advance(state.step, note=f"going on after step {state.step}")
        started = stored = time.monotonic()
        with ExitStack() as open_:
            open_.enter_context(memory.kept())
            log = open_.enter_context(_Log(self.folder / LOG, state.log_bytes, self.world.main))
            measured = open_.enter_context(_Log(self.folder / held_out.LOG, state.held_out_bytes, self.world.main and bool(self.kept_back)))
            whole = not self.section.shard  # autocast sees to shared-out weights
            open_.enter_context(adapter.bf16_weights(self.tuned) if self.packing.bf16 and whole else nullcontext())
            open_.enter_context(fused.fused(self.tuned) if whole else nullcontext())
            self.lanes = open_.enter_context(lanes.Lanes(self.model, list(self.weights.values()), self.n_lanes))
            trackers = self.section.trackers if self.world.main else []
            track = open_.enter_context(
                tracking.tracked(trackers, self.folder / "trackers", label, self.section.model_dump(mode="json"))
            )  # fmt: skip
            for step in range(state.step, self.order.n_steps):
                if self._stopped():
                    self.progress.say(
                        f"{label}: no better held-out loss in {self.best.waited} measurements; training stops after step {step}"
                    )
                    break
                row = self._step(step)
                self.steps = step + 1
                log.write(row)
                track({"loss": row["loss"], "learning_rate": row["learning_rate"]}, step + 1)
                note = f"loss {row['loss']:.3f}"
                if self._measures(step + 1):
                    loss, tokens = self._measure(step + 1)
                    measured.write({"step": step + 1, "loss": loss, "tokens": tokens})
                    track({"held_out_loss": loss}, step + 1)
                    note += f", held-out {loss:.3f}"
                if self.world.main and time.monotonic() - stored >= CHECKPOINT_SECONDS and step + 1 < self.order.n_steps:
                    seconds = state.seconds + time.monotonic() - started
                    self._store(step + 1, log.flushed(), measured.flushed(), seconds)
                    stored = time.monotonic()
                self.progress.advance(1, note=note)
        if self.section.keep == "best" and self.best.weights:
            with torch.no_grad():
                for name, weight in self.weights.items():
                    weight.copy_(self.best.weights[name])
        return state.seconds + time.monotonic() - started

    def _step(self, step: int) -> dict[str, float]:
        """One optimizer step; the line of `train.jsonl` about it."""
        rate = learning_rate(step, self.order.n_steps, self.section.learning_rate, self.section.warmup, self.section.schedule)
        self.optimizer.param_groups[0]["lr"] = rate
        examples = [self.examples[index] for index in self.order.step(step)]
        n_trained = trained_tokens(examples)
        loss = self._backward(step, self._share(examples), n_trained)
        for weight in self.weights.values():
            if weight.grad is None:  # a process without an example
                weight.grad = torch.zeros_like(weight)
        self.world.add(weight.grad for weight in self.weights.values())
        (loss,) = self.world.total(loss)
        norm = torch.nn.utils.clip_grad_norm_(self.weights.values(), CLIP).item()
        if not math.isfinite(loss + norm):
            raise ModelError(f"step {step + 1}: got loss {loss} and gradient norm {norm}; allowed: finite ones (lower tune.learning_rate)")
        self.optimizer.step()
        self.optimizer.zero_grad()
        return {"step": step + 1, "loss": loss, "tokens": n_trained, "learning_rate": rate}

    def _share(self, examples: Sequence[Example]) -> list[Example]:
        """This process's part."""
        return self.world.share(examples, [self.work(example) for example in examples])

    def _backward(self, step: int, examples: Sequence[Example], n_trained: int) -> float:
        """Gradients of this process's examples; with half as many tokens a pass where memory does not suffice and the recipe allows it."""
        while True:
            if self.section.dropout:  # drawn anew for every step, so that nothing random has to be stored
                torch.manual_seed(Random(f"dropout/{self.seed}/{step}/{self.world.rank}").getrandbits(63))
            try:
                if self.lanes.fit(examples, self.packing):
                    return self.lanes.backward(examples, self.packing, n_trained)
                return backward(self.model, examples, self.packing, n_trained, self.together)
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                if not _is_memory(error):
                    raise
                self._make_room(step, max(example.n_tokens for example in examples), error)

    def _make_room(self, step: int, longest: int, error: BaseException) -> None:
        tokens = self.packing.pass_tokens
        if tokens <= longest:
            raise ModelError(
                f"step {step + 1}: out of memory with one record of {longest} tokens a pass; what may help: "
                "tune.gradient_checkpointing=true, a lower "
                "tune.max_tokens (another run), a smaller base. The last checkpoint stands; run again to go on"
            ) from error
        if self.section.on_out_of_memory == "stop":
            raise ModelError(
                f"step {step + 1}: out of memory with {tokens} tokens a pass; try tune.pass_tokens={tokens // 2}"
                f" tune.row_tokens={min(self.packing.row_tokens, tokens // 2)}, or tune.on_out_of_memory=halve, and run again: "
                "it goes on from the last checkpoint"
            ) from error
        self.packing = self.packing.parted(2)
        self.optimizer.zero_grad()
        if self.world.device.type == "cuda":
            torch.cuda.empty_cache()
        self.progress.say(f"step {step + 1}: out of memory with {tokens} tokens a pass; going on with {self.packing.pass_tokens}")

    def _measures(self, steps: int) -> bool:
        """Whether the held-out loss is measured after so many steps: at every so many, and after the last."""
        every = self.section.held_out_every or self.order.steps_per_epoch
        return bool(self.kept_back) and (steps % every == 0 or steps == self.order.n_steps)

    def _measure(self, steps: int) -> tuple[float, int]:
        """The mean held-out loss, and the tokens that it is the mean over."""
        self.tuned.eval()  # LoRA's dropout off
        (loss,) = self.world.total(total(self.model, self._share(self.kept_back), self.packing, self.together))
        adapter.only_lora_dropout(self.tuned)
        tokens = trained_tokens(self.kept_back)
        self.best.note(steps, loss / tokens, self.weights if self.section.keep == "best" else None)
        return loss / tokens, tokens

    def _stopped(self) -> bool:
        return self.section.patience is not None and self.best.waited >= self.section.patience

    def _resumed(self) -> checkpoint.State:
        """Where to go on: a checkpoint of this very training whose logs are still whole, or the beginning."""
        state = self.world.agree(self._resumable())
        if state.step:
            self.best = checkpoint.restore(self.store, self.weights, self.optimizer)
        return state

    def _resumable(self) -> checkpoint.State:
        state = checkpoint.read(self.store)
        if state is not None:
            logs = ((LOG, state.log_bytes), (held_out.LOG, state.held_out_bytes))
            if state.fingerprint == self.fingerprint and all(_size(self.folder / name) >= size for name, size in logs):
                return state
            self.progress.say(f"{self.store}: the checkpoint belongs to another training or has lost its log; training begins anew")
        return checkpoint.State(self.fingerprint, 0, 0, 0.0)

    def _store(self, steps: int, log_bytes: int, held_out_bytes: int, seconds: float) -> None:
        best = {"best_loss": self.best.loss, "best_step": self.best.step, "waited": self.best.waited}
        state = checkpoint.State(self.fingerprint, steps, log_bytes, seconds, held_out_bytes, **best)  # type: ignore[arg-type]
        checkpoint.write(self.store, state, self.weights, self.optimizer, self.best)


class _Log:
    """Lines of JSON appended to a file from a known length on; in a process that does not write, nothing."""

    def __init__(self, path: Path, length: int, writes: bool) -> None:
        self._file = path.open("ab") if writes else None
        if self._file is not None:
            self._file.truncate(length)

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self.flushed()
            self._file.close()

    def write(self, row: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write((jsonl.dump(row) + "\n").encode())

    def flushed(self) -> int:
        """Bytes, all of them on disk; 0 where nothing is written."""
        if self._file is None:
            return 0
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_memory(error: BaseException) -> bool:
    """Whether memory did not suffice: a GPU's, or a CPU's, where torch says so in words only."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
