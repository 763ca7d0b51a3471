"""The stage: kept instructions in, an adapter in PEFT's format out.

    tune/adapter/       adapter_model.safetensors  adapter_config.json
    tune/train.jsonl    one line an optimizer step: step, loss, tokens, learning_rate
    tune/held_out.jsonl one line a measurement of the held-out loss, where tune.held_out asks for it
    tune/record.json    last

Started by torchrun or `accelerate launch`, every process comes here with the same folder; the main one writes.

Torch is imported only when work begins, so that `check` can say what is missing.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bioinstruct import __version__
from bioinstruct.core import runfolder, template
from bioinstruct.core.errors import InputError, Problem, raise_problems
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction, StageRecord
from bioinstruct.core.workers import launched
from bioinstruct.models import local, quantized, rows
from bioinstruct.models.encode import Encoder
from bioinstruct.tune import data, guard

if TYPE_CHECKING:
    from bioinstruct.tune.world import World

CONTROLS = ("shuffled",)
OUTPUTS = ("adapter/adapter_model.safetensors", "adapter/adapter_config.json", "train.jsonl")
HELD_OUT = "held_out.jsonl"


def check(section: TuneSection) -> list[Problem]:
    """What is wrong with the section, its base and the installation, seen without loading weights."""
    return guard.problems(section)


def fingerprint(section: TuneSection, inputs: Mapping[str, str], *, seed: int, control: str | None) -> str:
    """What the adapter depends on. The list of controls is not part of it: asking for one more leaves the others as they are."""
    values = section.model_dump(mode="json", exclude={"controls"})
    return runfolder.fingerprint("tune", values, {**inputs, "seed": str(seed), "control": control or "none"})


def run(
    section: TuneSection, instructions: Sequence[Instruction], *, seed: int, threads: int, folder: Path, control: str | None,
    inputs: dict[str, str], progress: Progress,
) -> StageRecord:  # fmt: skip
    """Tune one adapter on the records, or on the control's version of them; a finished one is given back, a stopped one gone on with.

    Args:
        section: The recipe's section.
        instructions: The kept records, in order.
        seed: Of the LoRA weights, the order of the records and the control's permutation.
        threads: CPU threads of torch.
        folder: Where everything is written.
        control: None = ours; 'shuffled' = outputs permuted among the records.
        inputs: File -> SHA-256 of what the records come from; with section, seed and control it identifies the adapter.
        progress: Where steps are reported.

    Raises:
        InputError: the section, the base or a record cannot be used.
        ModelError: the base's weights or its architecture do not do what they must, or the loss diverged.
        LimitReached: the disk is full.
    """
    if control is not None and control not in CONTROLS:
        raise InputError(f"tune.controls: got '{control}'; allowed: {', '.join(CONTROLS)}")
    identity = fingerprint(section, inputs, seed=seed, control=control)
    done = runfolder.intact(folder, identity)
    if done is not None and launched()[1] == 1:
        return done
    raise_problems(check(section))
    from bioinstruct.tune.world import join

    world = join()
    done = world.agree(done)
    if done is not None:
        return done
    records = list(instructions) if control is None else data.shuffled(instructions, seed)
    with runfolder.disk_errors(folder):
        if world.main:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "record.json").unlink(missing_ok=True)
        record = _tune(section, records, seed, threads, folder, control, identity, inputs, progress if world.main else Silent(), world)
        if world.main:
            runfolder.write_record(folder, record)
    return world.agree(record)


def _tune(
    section: TuneSection, records: list[Instruction], seed: int, threads: int, folder: Path, control: str | None,
    identity: str, inputs: dict[str, str], progress: Progress, world: World,
) -> StageRecord:  # fmt: skip
    from bioinstruct.models import segmented
    from bioinstruct.tune import adapter, held_out
    from bioinstruct.tune.train import Training, has_bf16

    started = time.monotonic()
    name = control or "ours"
    on_cpu = world.device.type == "cpu"
    with _isolated(max(1, threads // world.local_size)):
        bf16 = has_bf16(world.device)
        where = "cpu" if section.shard else str(world.device)  # what is shared out goes to the device in parts
        # A GPU holds the base in bfloat16; on the CPU only its linear layers are (adapter.bf16_weights).
        dtype = "bfloat16" if bf16 and not on_cpu else "float32"
        base = local.LocalModel.load(section.base, dtype=dtype, device=where, quantize=section.quantize)
        rows.verify(base.model)
        kernel = rows.SEGMENTED if on_cpu and segmented.use(base.model) else base.model.config._attn_implementation
        encoder = Encoder(base.tokenizer, template.get(section.template))
        encoded = data.encode(records, encoder, guard.limit(section, base.context))
        guard.inspect(encoded, encoder)
        _tell(encoded, section, progress)
        examples, kept_back = held_out.split(encoded.examples, section.held_out, seed)
        training = Training(
            adapter.attach(base.model, section, seed), examples, kept_back, section, seed=seed, bf16=bf16, world=world, folder=folder,
            fingerprint=identity, progress=progress,
        )  # fmt: skip
        loaded = time.monotonic() - started
        seconds = training.run(f"tune ({name})")
        if world.main:
            shutil.rmtree(folder / "adapter", ignore_errors=True)
            adapter.save(training.tuned, folder / "adapter", section.base)
            shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    world.agree(None)  # the files are there
    packages = ("torch", "transformers", "peft", *([quantized.PACKAGE] if section.quantize else []))
    versions = {package: importlib.metadata.version(package) for package in packages}
    precision = f"{'bfloat16' if bf16 else 'float32'} on {world.device.type}"
    outputs = (*OUTPUTS, HELD_OUT) if kept_back else OUTPUTS
    kept = {"kept_back": len(kept_back), "best_step": training.best.step} if kept_back else {}
    return StageRecord(
        stage="tune",
        name=name,
        section=section.model_dump(mode="json"),
        fingerprint=identity,
        inputs=dict(inputs),
        outputs={file: runfolder.sha256(folder / file) for file in outputs},
        counts={
            **encoded.counts(),
            **kept,
            "steps": training.steps,
            "seed": seed,
            "threads": threads,
            "lanes": training.n_lanes,
            "processes": world.size,
        },
        versions={
            "bioinstruct": __version__,
            **versions,
            "precision": precision if section.quantize is None else f"{precision}, base in {section.quantize}",
            "attention": kernel,
            "loss": "by pieces of the output layer" if training.packing.through else "from the model's own logits",
        },
        seconds=round(loaded + seconds, 3),
    )


def _tell(encoded: data.Encoded, section: TuneSection, progress: Progress) -> None:
    """Say what was cut, dropped or altered, and what is not shared: what a reader would want to know of before the hours pass."""
    counts = encoded.counts()
    total = counts["records"]
    if counts["cut"]:
        progress.say(f"{counts['cut']} of {total} records lose the end of their input (tune.max_tokens)")
    if counts["dropped"]:
        progress.say(f"{counts['dropped']} of {total} records are dropped: instruction and output alone do not fit (tune.max_tokens)")
    if counts["altered"]:
        progress.say(f"{counts['altered']} of {total} outputs read back differently from their tokens, first {encoded.altered[0]}")
    if section.dropout:
        progress.say("the preamble is computed for every record: one that is shared would share its dropout (tune.dropout)")


@contextmanager
def _isolated(threads: int) -> Iterator[None]:
    """Run with this many threads and random states of our own; both are put back as they were."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng([torch.cuda.current_device()] if torch.cuda.is_available() else []):
            yield
    finally:
        torch.set_num_threads(before)
