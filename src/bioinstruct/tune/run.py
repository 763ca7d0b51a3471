"""The stage: kept instructions in, an adapter in PEFT's format out.

    tune/adapter/       adapter_model.safetensors  adapter_config.json
    tune/train.jsonl    one line an optimizer step: step, loss, tokens, learning_rate
    tune/record.json    last

Torch is imported only when work begins, so that `check` can say what is missing.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bioinstruct import __version__
from bioinstruct.core import runfolder, template
from bioinstruct.core.errors import InputError, Problem, raise_problems
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction, StageRecord
from bioinstruct.models import local, rows
from bioinstruct.models.encode import Encoder
from bioinstruct.tune import data, guard

CONTROLS = ("shuffled",)
OUTPUTS = ("adapter/adapter_model.safetensors", "adapter/adapter_config.json", "train.jsonl")


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
    if done is not None:
        return done
    raise_problems(check(section))
    records = list(instructions) if control is None else data.shuffled(instructions, seed)
    with runfolder.disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "record.json").unlink(missing_ok=True)
        record = _tune(section, records, seed, threads, folder, control, identity, inputs, progress)
        runfolder.write_record(folder, record)
    return record


def _tune(
    section: TuneSection, records: list[Instruction], seed: int, threads: int, folder: Path, control: str | None,
    identity: str, inputs: dict[str, str], progress: Progress,
) -> StageRecord:  # fmt: skip
    import torch

    from bioinstruct.models import attention
    from bioinstruct.tune import adapter
    from bioinstruct.tune.train import has_bf16, train

    started = time.monotonic()
    name = control or "ours"
    with _isolated(threads):
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        bf16 = has_bf16(device)
        # A GPU holds the base in bfloat16; on the CPU only its linear layers are (adapter.bf16_weights).
        base = local.LocalModel.load(section.base, dtype="bfloat16" if bf16 and device.type == "cuda" else "float32")
        rows.verify(base.model)
        kernel = attention.NAME if device.type == "cpu" and attention.use_masked(base.model) else base.model.config._attn_implementation
        encoder = Encoder(base.tokenizer, template.get(section.template))
        encoded = data.encode(records, encoder, guard.limit(section, base.context))
        guard.inspect(encoded, encoder)
        _tell(encoded, progress)
        tuned = adapter.attach(base.model, section, seed)
        loaded = time.monotonic() - started
        seconds = train(
            tuned, encoded.examples, section, seed=seed, bf16=bf16, folder=folder, fingerprint=identity,
            label=f"tune ({name})", progress=progress,
        )  # fmt: skip
        shutil.rmtree(folder / "adapter", ignore_errors=True)
        adapter.save(tuned, folder / "adapter", section.base)
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    order = data.Order(len(encoded.examples), section.examples_per_step, section.epochs, seed)
    versions = {package: importlib.metadata.version(package) for package in ("torch", "transformers", "peft")}
    return StageRecord(
        stage="tune",
        name=name,
        section=section.model_dump(mode="json"),
        fingerprint=identity,
        inputs=dict(inputs),
        outputs={file: runfolder.sha256(folder / file) for file in OUTPUTS},
        counts={**encoded.counts(), "steps": order.n_steps, "seed": seed, "threads": threads},
        versions={
            "bioinstruct": __version__,
            **versions,
            "precision": f"{'bfloat16' if bf16 else 'float32'} on {device.type}",
            "attention": kernel,
        },
        seconds=round(loaded + seconds, 3),
    )


def _tell(encoded: data.Encoded, progress: Progress) -> None:
    """Say what was cut, dropped or altered; a share that a reader would want to know of before the hours pass."""
    counts = encoded.counts()
    total = counts["records"]
    if counts["cut"]:
        progress.say(f"{counts['cut']} of {total} records lose the end of their input (tune.max_tokens)")
    if counts["dropped"]:
        progress.say(f"{counts['dropped']} of {total} records are dropped: instruction and output alone do not fit (tune.max_tokens)")
    if counts["altered"]:
        progress.say(f"{counts['altered']} of {total} outputs read back differently from their tokens, first {encoded.altered[0]}")


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
