"""LoRA tuning of a 7B model on one GPU: tokens and examples a second, share of the card's own bf16 peak, memory; TRL packed beside it.

    python benchmarks/tune_gpu.py --peer PYTHON_WITH_TRL [--seconds 150] [--json FILE]
    python benchmarks/tune_gpu.py --small [--peer PYTHON_WITH_TRL]      # a tiny shape on the CPU: that the code runs, no figure of worth

LLaMA-2-7B's shape with random weights and records of random ids as long as BioInstruct's (`random_examples.py`): nothing is downloaded, and speed
depends on neither. Both sides hold the base in bfloat16, train LoRA of rank 16 on all linear layers without dropout, take the loss on output and
end mark, aim at 128 examples an optimizer step (TRL's packed rows hold no fixed number), AdamW, clipping. Ours is the tune stage's own packing,
loss and attention, without its log and checkpoints.

Each side's settings are tried for some seconds, and its fastest then runs for `--seconds` after some steps that are not counted. The share of the
peak (MFU) counts 4 x parameters x tokens computed (forward, and backward to activations; a shared preamble once; the output layer only where there
is a label; nothing for layers that are computed again), against products of bf16 matrices of 8,192 measured on the same card in the same run.
TRL computes the preamble for each record, so that its tokens a second are other tokens: compare examples a second. The extrapolation to 25,005
records x 3 epochs is labelled as one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from random_examples import LLAMA_2_7B, TINY, Record, Shape, make_model, make_records, operations
from worker import Worker

HERE = Path(__file__).parent
RANK, PER_STEP, WARM = 16, 128, 2
RECORDS, EPOCHS = 25_005, 3
MFU_GOAL, RATIO_GOAL, MINUTES_GOAL = 0.55, 1.3, 20.0


@dataclass(frozen=True)
class Setting:
    """How either side is run."""

    tokens: int
    """Of a packed row (TRL), or of a pass (ours)."""
    batch: int = 1
    """Rows at once (TRL only)."""
    checkpointing: bool = False
    attention: str = "sdpa"

    @property
    def name(self) -> str:
        """For the table."""
        recomputed = ", layers computed again" if self.checkpointing else ""
        return f"{self.tokens} tokens x {self.batch}, {self.attention}{recomputed}"


OURS = [Setting(4096), Setting(8192), Setting(8192, checkpointing=True), Setting(16_384, checkpointing=True)]
TRLS = [
    Setting(tokens, batch, checkpointing, attention)
    for attention in ("flash_attention_2", "flex_attention", "sdpa")
    for tokens, batch, checkpointing in ((2048, 2, False), (4096, 1, False), (4096, 2, True), (8192, 2, True))
]
SMALL = [Setting(512), Setting(512, checkpointing=True)]


def peak(device: str) -> float:
    """Operations a second of bf16 matrix products: the median of a few seconds' worth, on a card that is warm."""
    import torch

    n = 8192 if device == "cuda" else 512
    left, right = (torch.randn(n, n, dtype=torch.bfloat16, device=device) for _ in range(2))
    rates: list[float] = []
    began = time.perf_counter()
    while time.perf_counter() - began < (6.0 if device == "cuda" else 0.5):
        start = time.perf_counter()
        for _ in range(20):
            product = left @ right
        product[0, 0].item()
        rates.append(20 * 2.0 * n**3 / (time.perf_counter() - start))
    return sorted(rates[len(rates) // 2 :])[len(rates) // 4]


def ours(shape: Shape, records: list[Record], setting: Setting, seconds: float, device: str) -> dict[str, Any]:
    """Optimizer steps for so many seconds, after `WARM` that are not counted."""
    import torch

    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.models import rows, segmented
    from bioinstruct.tune import adapter, fused, head
    from bioinstruct.tune.data import Example
    from bioinstruct.tune.loss import Packing, backward
    from bioinstruct.tune.train import CLIP

    model = make_model(shape, device, "sdpa")  # its last layer whole, so that every token counts alike in the share of the peak
    kernel = rows.SEGMENTED if device == "cpu" and segmented.use(model) else model.config._attn_implementation
    through = head.find(model, torch.bfloat16)
    tuned = adapter.attach(model, TuneSection(rank=RANK, alpha=2 * RANK), 0)
    if setting.checkpointing:
        adapter.recompute(tuned.get_base_model())
    row = setting.tokens if kernel == rows.SEGMENTED else min(setting.tokens, 2048 if device == "cuda" else 320)
    packing = Packing.on(
        torch.device(device), share=True, bf16=True, segmented=kernel == rows.SEGMENTED, row_tokens=row, pass_tokens=setting.tokens,
        through=through,
    )  # fmt: skip
    examples = [Example(str(n), one.preamble, one.body, len(one.body) - one.trained, False) for n, one in enumerate(records)]
    weights = list(adapter.weights(tuned).values())
    optimizer = torch.optim.AdamW(weights, lr=1e-4, weight_decay=0.0, fused=True)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    steps: list[list[Example]] = []
    began = 0.0
    with adapter.bf16_weights(tuned), fused.fused(tuned):
        for number in range(10**9):
            if number == WARM:
                began = time.perf_counter()
            step = [examples[place % len(examples)] for place in range(number * PER_STEP, (number + 1) * PER_STEP)]
            backward(tuned.get_base_model(), step, packing)
            torch.nn.utils.clip_grad_norm_(weights, CLIP).item()  # waits for a GPU
            optimizer.step()
            optimizer.zero_grad()
            if number >= WARM:
                steps.append(step)
                if time.perf_counter() - began >= seconds:
                    break
    seconds = time.perf_counter() - began
    memory = torch.cuda.max_memory_allocated() if device == "cuda" else 0
    packed = (one_row for step in steps for one_row in rows.pack([one.tree(True) for one in step], row))
    return {
        "examples": sum(map(len, steps)),
        "tokens": sum(one.n_tokens for one in packed),
        "trained": sum(len(one.trained) for step in steps for one in step),
        "steps": len(steps),
        "seconds": seconds,
        "memory": memory,
        "attention": kernel,
    }


def attempt(shape: Shape, records: list[Record], setting: Setting, seconds: float, device: str) -> dict[str, Any]:
    """`ours`, or why it did not run."""
    import gc

    import torch

    try:
        found = ours(shape, records, setting, seconds, device)
    except torch.OutOfMemoryError:
        found = {"failed": "out of memory"}
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    return found


def told(name: str, setting: Setting, found: dict[str, Any], shape: Shape, fastest: float) -> str:
    """One line about a run."""
    if "failed" in found:
        return f"{name}, {setting.name}: {found['failed']}"
    seconds = found["seconds"]
    share = operations(shape, found["tokens"], found["trained"]) / seconds / fastest
    return (
        f"{name}, {setting.name} ({found['attention']}): {found['examples'] / seconds:.2f} examples/s, {found['tokens'] / seconds:,.0f} tokens/s, "
        f"{share:.1%} of the peak, {found['memory'] / 2**30:.1f} GiB, {found['steps']} steps in {seconds:.0f} s"
    )


def best(tried: dict[Setting, dict[str, Any]]) -> Setting | None:
    """The setting with the most examples a second; None where none ran."""
    rates = {setting: found["examples"] / found["seconds"] for setting, found in tried.items() if "failed" not in found}
    return max(rates, key=lambda setting: rates[setting]) if rates else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="Python of an environment with TRL (benchmarks/peers/trl_gpu.txt)")
    parser.add_argument("--seconds", type=float, default=150.0, help="of the counted run of each side")
    parser.add_argument("--small", action="store_true", help="a tiny shape on the CPU")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    import torch

    if not options.small and not torch.cuda.is_available():
        print("tune_gpu: got no GPU; allowed: a machine with a CUDA GPU, or --small on the CPU", file=sys.stderr)
        sys.exit(2)
    device, shape = ("cpu", TINY) if options.small else ("cuda", LLAMA_2_7B)
    trial, steady = (0.5, 1.0) if options.small else (15.0, options.seconds)
    card = "CPU, tiny shape" if options.small else f"{torch.cuda.get_device_name(0)}, {shape.name}"
    records = make_records(512 if options.small else 8192, shape)
    fastest = peak(device)
    print(f"{card}, torch {version('torch')}: bf16 products at {fastest / 1e12:.1f} x 10^12 operations a second", flush=True)

    tried = {}
    for setting in SMALL[:1] if options.small else OURS:
        tried[setting] = attempt(shape, records, setting, trial, device)
        print("  " + told("ours", setting, tried[setting], shape, fastest), flush=True)
    chosen = best(tried)
    if chosen is None:
        raise SystemExit("ours: no setting ran")
    mine = attempt(shape, records, chosen, steady, device)
    print(told("ours", chosen, mine, shape, fastest), flush=True)
    theirs = peer(options.peer, options.small, len(records), trial, steady, shape, fastest) if options.peer else None
    rows = report(card, mine, theirs, shape, fastest)
    if options.small:
        rows = [{**row, "goal": None} for row in rows]
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def peer(python: str, small: bool, records: int, trial: float, steady: float, shape: Shape, fastest: float) -> dict[str, Any]:
    """TRL's settings, then its fastest for `steady` seconds."""
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker([python, str(HERE / "peers" / "trl_tune_gpu.py")], Path(folder), {"HF_HUB_OFFLINE": "1"})
        common = {"small": small, "records": records, "rank": RANK, "examples_per_step": PER_STEP, "warm": WARM, "folder": folder}

        def run(setting: Setting, seconds: float) -> dict[str, Any]:
            work = {"packed": setting.tokens, "batch": setting.batch, "checkpointing": setting.checkpointing}
            found = worker.ask({**common, **work, "attention": setting.attention, "seconds": seconds})
            print(("  " if seconds == trial else "") + told("TRL", setting, found, shape, fastest), flush=True)
            return found

        with closing(worker):
            tried = {setting: run(setting, trial) for setting in (SMALL if small else TRLS)}
            chosen = best(tried)
            return {"failed": "no setting ran"} if chosen is None else run(chosen, steady)


def report(card: str, mine: dict[str, Any], theirs: dict[str, Any] | None, shape: Shape, fastest: float) -> list[dict[str, Any]]:
    """The table's rows, printed as well."""
    rate = mine["examples"] / mine["seconds"]
    share = operations(shape, mine["tokens"], mine["trained"]) / mine["seconds"] / fastest
    minutes = RECORDS * EPOCHS / rate / 60
    rows = [{"work": f"share of the bf16 peak, {card}", "ours": round(share, 3), "peer": None, "peer_version": None, "unit": "share",
             "ratio": None, "goal": MFU_GOAL}]  # fmt: skip
    if theirs is not None and "failed" not in theirs:
        other = theirs["examples"] / theirs["seconds"]
        rows.append({"work": f"LoRA tuning, {card}", "ours": round(rate, 2), "peer": round(other, 2), "unit": "examples/s",
                     "peer_version": f"{theirs['version']}, packed, {theirs['attention']}", "ratio": round(rate / other, 2),
                     "goal": RATIO_GOAL})  # fmt: skip
        print(f"ratio: {rate / other:.2f} times TRL's examples a second")
    rows.append({"work": f"EXTRAPOLATED: {RECORDS:,} records x {EPOCHS} epochs, {card}", "ours": round(minutes, 1), "peer": None,
                 "peer_version": None, "unit": "minutes", "ratio": None, "goal": MINUTES_GOAL})  # fmt: skip
    print(f"extrapolated, not run: {RECORDS:,} records x {EPOCHS} epochs in {minutes:.1f} minutes")
    return rows


if __name__ == "__main__":
    main()
