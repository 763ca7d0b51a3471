"""Memory estimated before anything is loaded (`bioinstruct doctor --base`) beside what tuning and answering then take, on the CPU (Linux).

    python benchmarks/memory_estimate.py [--small] [--json FILE]

The embedded base and the 13M-parameter base of `benchmarks/tune.py` (random weights) are tuned for two epochs, the one on records of the
embedded teacher, the other on random words, and asked to complete their prompts, each base in a process of its own. Measured is the peak of the resident set (/proc/self/status) above what the
process held after one step that was thrown away, as the libraries load and compile much on the way; what that leaves behind is printed, and is
what `doctor` sets aside for them. Allocators keep freed memory, which is measured too. Nothing is downloaded.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from random_base import Shape, make_base, make_records, make_tokenizer

SHAPE = Shape("13M", 32_000, 256, 704, 6, 4)
LENGTHS = Path(__file__).parents[2] / "shared" / "data"
NEW_TOKENS = 64


def taught(n: int) -> list[dict[str, str]]:
    """Records of the embedded teacher, about as long for the embedded base as real ones for LLaMA."""
    from bioinstruct.embedded import teacher
    from bioinstruct.generate import prompt, seeds

    drawn = seeds.load("builtin")
    replies = (teacher.reply(prompt.render(prompt.draw(drawn, number, 0, 3), 20), number).tasks for number in range(n // 10))
    return [{"instruction": one.instruction, "input": one.input, "output": one.output} for tasks in replies for one in tasks][:n]


def resident(name: str) -> int:
    """Bytes of `VmRSS` or `VmHWM` of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise SystemExit("memory: got no /proc/self/status; allowed: Linux")


def measure(base: str, records: list[dict[str, str]], folder: Path, queue: Any) -> None:
    """Peaks above the libraries' own, in bytes: of tuning, then of answering (in this process)."""
    import torch

    from bioinstruct.core import template
    from bioinstruct.core.progress import Silent
    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.core.records import Category, Instruction, Origin
    from bioinstruct.models import local, memory
    from bioinstruct.models.encode import Encoder
    from bioinstruct.tune import run as tune

    torch.set_num_threads(2)
    made = [Instruction(str(n), r["instruction"], r["input"], r["output"], Category.OTHER, Origin("seed")) for n, r in enumerate(records)]
    section = TuneSection(base=base, epochs=2, controls=[])
    settings: dict[str, Any] = {"seed": 0, "threads": 2, "control": None, "inputs": {}, "progress": Silent()}
    tune.run(section, made[: section.examples_per_step], folder=folder / "thrown_away", **settings)
    gc.collect()
    memory.release()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    tune.run(section, made, folder=folder / "tuned", **settings)
    tuning = resident("VmHWM") - before
    libraries = before
    gc.collect()
    memory.release()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    model = local.LocalModel.load(base)
    encoder = Encoder(model.tokenizer, template.get("paper"))
    prompts = [encoder.prompt_ids(one.instruction, one.input) for one in made]
    model.generate(prompts, NEW_TOKENS, encoder.end_id, sum(map(len, prompts)))
    cached = len(prompts) * (max(map(len, prompts)) + NEW_TOKENS)
    queue.put({"tuning": tuning, "answering": resident("VmHWM") - before, "cached": cached, "libraries": libraries})


def row(work: str, estimate: int, measured: int) -> dict[str, Any]:
    """A row of the table, in MiB."""
    found = {
        "work": work,
        "ours": round(estimate / 2**20),
        "peer": round(measured / 2**20),
        "peer_version": f"measured, torch {version('torch')}",
    }
    return {**found, "unit": "MiB", "ratio": round(estimate / measured, 2), "goal": None}


def rows(name: str, base: str, records: list[dict[str, str]], folder: Path) -> list[dict[str, Any]]:
    """Both comparisons for a base."""
    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.doctor import RUNTIME_BYTES, planned
    from bioinstruct.models import architecture, memory_estimate

    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=measure, args=(base, records, folder, queue))
    process.start()
    found = queue.get(timeout=280)
    process.join()
    sizes = architecture.read(base)
    how = planned(sizes, TuneSection(base=base), gpu=False)
    estimates = {
        "tuning": max(sum(memory_estimate.tuning(sizes, how).values()), memory_estimate.loading(sizes, how)),
        "answering": sum(memory_estimate.asking(sizes, found["cached"], 0).values()),
    }
    print(f"{name}: interpreter and libraries hold {found['libraries'] / 2**20:.0f} MiB", flush=True)
    made = []
    for work, estimate in estimates.items():
        measured = f"measured {found[work] / 2**20:.0f} MiB: {estimate / found[work]:.2f}"
        print(f"{name}, {work}: estimated {estimate / 2**20:.0f} MiB, {measured}", flush=True)
        made.append(row(f"memory of {work}, tensors, {name}", estimate, found[work]))
    whole = estimates["tuning"] + RUNTIME_BYTES["cpu"], found["tuning"] + found["libraries"]
    print(
        f"{name}, tuning, whole process: estimated {whole[0] / 2**20:.0f} MiB, measured {whole[1] / 2**20:.0f} MiB: {whole[0] / whole[1]:.2f}"
    )
    made.append(row(f"memory of tuning, whole process, {name}", *whole))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="fewer records")
    parser.add_argument("--data", type=Path, default=LENGTHS, help="folder with record_lengths.json")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    found = []
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        tokenizer, words = make_tokenizer(SHAPE.vocabulary)
        make_base(SHAPE, tokenizer, here / "base")
        n = 48 if options.small else 160
        found += rows("embedded base", "embedded", taught(n), here / "embedded")
        found += rows("13M base", str(here / "base"), make_records(n, words, options.data, "memory"), here / "random")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
