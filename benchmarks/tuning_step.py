"""One optimizer step's passes (16 records of the embedded teacher, embedded base) at several sizes of a pass, in one run.

    python benchmarks/tuning_step.py [--small] [--processes N] [--json FILE]

Processes run side by side with one thread each, as `bioinstruct run` tunes ours and a control; sizes take turns, so that what else the machine does
meets all of them. The first size is the peer: all rows of a step in one pass.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import time
from importlib.metadata import version
from pathlib import Path

SIZES = (4096, 2048, 1280, 640)


def measure(rounds: int) -> dict[int, list[float]]:
    """Size of a pass in tokens -> seconds a step."""
    import torch

    from bioinstruct.core import template
    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.core.records import Category, Instruction, Origin
    from bioinstruct.embedded import teacher
    from bioinstruct.generate import prompt, seeds
    from bioinstruct.models import local, segmented
    from bioinstruct.models.encode import Encoder
    from bioinstruct.tune import adapter, data, fused, head
    from bioinstruct.tune.loss import Packing, backward

    torch.set_num_threads(1)
    base = local.LocalModel.load("embedded")
    segmented.use(base.model)
    encoder = Encoder(base.tokenizer, template.get("paper"))
    drawn = seeds.load("builtin")
    tasks = [task for number in range(8) for task in teacher.reply(prompt.render(prompt.draw(drawn, number, 0, 3), 20), number).tasks]
    records = [Instruction("", task.instruction, task.input, task.output, Category.OTHER, Origin("teacher")) for task in tasks]
    examples = data.encode(records, encoder, 1024).examples
    tuned = adapter.attach(base.model, TuneSection(), 0)
    through = head.find(base.model, torch.bfloat16)
    passes = {
        size: Packing.on(torch.device("cpu"), share=True, bf16=True, segmented=True, pass_tokens=size, through=through) for size in SIZES
    }
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    with adapter.bf16_weights(tuned), fused.fused(tuned):
        for number in range(rounds + 1):
            step = examples[number * 16 % 112 :][:16]
            for size in SIZES:
                began = time.perf_counter()
                backward(tuned.get_base_model(), step, passes[size])
                if number:  # the first round meets each shape for the first time
                    found[size].append(time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a minute's worth")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        each = pool.map(measure, [8 if options.small else 30] * options.processes)
    rows = []
    peer = statistics.median(seconds for found in each for seconds in found[SIZES[0]])
    for size in SIZES:
        ours = statistics.median(seconds for found in each for seconds in found[size])
        row = {
            "work": f"step in passes of {size} tokens",
            "ours": round(ours, 3),
            "peer": round(peer, 3),
            "peer_version": f"passes of {SIZES[0]}",
        }
        rows.append({**row, "unit": "s", "ratio": round(peer / ours, 2), "goal": None})
        print(f"{size:>5} tokens a pass: {ours:.3f} s a step, {peer / ours:.2f} times the speed of {SIZES[0]} (torch {version('torch')})")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
