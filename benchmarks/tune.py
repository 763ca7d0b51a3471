"""LoRA tuning on two CPU cores: examples a second of `bioinstruct`'s tune stage beside TRL's SFTTrainer at its best, in one run.

    python benchmarks/tune.py --peer PYTHON_WITH_TRL [--small] [--shape 13M|27M] [--json FILE]

Two bases with random weights are made here, nothing is downloaded: one whose output layer is 63 % of the matrix work (13M parameters, vocabulary 32,000), and
one where it is 4 % (27M, vocabulary 2,000), as in large models it is 2 %. Records are random words with frequencies after Zipf, as long as records of Alpaca
52k are under LLaMA's tokenizer (`--data`; the 2 in 1,000 that are longer than 460 tokens are left out, so that no setting cuts a record), and so is the preamble.

The same on both sides: base, records, ids (tokens and trained tokens are counted, and the benchmark fails where they differ), bfloat16, LoRA of rank 16 on all
linear layers without dropout, loss on the output and its end mark, 16 examples an optimizer step, AdamW, cosine schedule with warm-up (in each side's own
form), clipping, 2 threads, one epoch, no gradient checkpointing, no torch.compile. TRL's packed rows hold no fixed number of examples: as many rows a step as
come nearest to 16.

Timed is the training loop over a whole epoch, from before its first batch to the end of its last optimizer step: in TRL from `on_train_begin` to the last
`on_step_end`, in ours from the tune stage's `progress.start` to its last `advance`. Before that, in the same process, one step is trained and thrown away. A
whole epoch, because TRL's length grouping takes long records first. Not timed: imports, loading, tokenizing, the packing of TRL's data set, saving the adapter;
in ours packing, log and checkpoints are within the loop, and TRL writes neither. Either side is one process, and sleeps while the other works.

TRL's settings are tried once each on the first records. The fastest that groups by length, the fastest other and the fastest as its users start it then go
through all records in turn with ours, every round; figures are medians, and the goal is measured against the best of the three. The process of the first two
keeps freed memory, which TRL's users have to ask glibc for; ours runs as users start it.

Held-out loss: mean over the trained tokens of records that nobody saw, one at a time in float32, by plain transformers and peft, with the adapters that the
first round saved. Ablation: ours without one idea at a time. Each line says how many cores were busy with something else: where that is not 0, run it again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from random_base import Shape, make_base, make_records, make_tokenizer
from worker import RESULT, Worker

HERE = Path(__file__).parent
THREADS = 2
PER_STEP = 16
WARM = PER_STEP
"""Records trained and thrown away before the clock runs."""
TRAINING = {"seed": 0, "rank": 16, "alpha": 32, "learning_rate": 3e-3, "warmup": 0.05, "max_tokens": 1024, "threads": THREADS, "warm": WARM}
FILLED = 0.98
"""Share of TRL's packed rows that is filled; it only sets how many rows make a step."""
KEPT_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**35), "MALLOC_TOP_PAD_": str(2**28)}
"""Keeps glibc from handing freed memory back to the system, as the allocators do that guides to training on CPUs advise."""
ABLATIONS = {
    "shared": "the shared preamble",
    "packed": "packing (a record is a row, padded to like length)",
    "chosen": "logits only where there is a label",
    "pieces": "the output layer gone through by pieces (logits of a pass at once)",
    "segments": "attention by segments (torch's sdpa kernel under a mask, rows of 320, instead)",
    "fused": "a LoRA layer as one operation",
    "narrowed": "the last layer only where there is a label",
    "lanes": "lanes (a step's records side by side, each lane with a part of the threads)",
    "shared,packed,chosen,pieces,segments,fused,narrowed,lanes": "all eight",
}
SHAPES = ((Shape("13M", 32_000, 256, 704, 6, 4), 400, 4.0), (Shape("27M", 2_000, 512, 1408, 8, 8), 160, None))
"""Bases, the records that each is tuned on, and the goal of the ratio."""
LOSS_GOAL = 1.01


@dataclass(frozen=True)
class Setting:
    """How TRL is run."""

    batch: int
    grouped: bool = False
    """Batches of like length."""
    packed: int | None = None
    """Tokens of a packed row."""
    rows: float = PER_STEP
    """Rows of the data set that hold `PER_STEP` examples."""
    attention: str = "sdpa"
    kept: bool = True
    """Whether its process keeps freed memory."""

    @property
    def name(self) -> str:
        """For the table."""
        kind = f"packed {self.packed}" if self.packed else "padded, length-grouped" if self.grouped else "padded"
        return f"{kind}, batch {self.batch}, {self.attention}" + ("" if self.kept else ", memory not kept")

    def told(self) -> dict[str, Any]:
        """What the peer's script takes."""
        return {**asdict(self), "accumulation": max(1, round(self.rows / self.batch))}


class Clock:
    """A progress sink that notes when the loop began and when its last step ended."""

    began = ended = 0.0
    steps = 0

    def start(self, label: str, total: int | None, unit: str) -> None:
        self.began, self.steps = time.perf_counter(), 0

    def advance(self, n: int = 1, note: str = "", **figures: Any) -> None:
        self.ended = time.perf_counter()
        self.steps += n

    def say(self, text: str) -> None:
        raise SystemExit(f"tune said: {text}")  # records cut or dropped would be other work than the peer's

    def branch(self) -> Clock:
        return self

    def finish(self) -> None: ...


def take_out(ideas: set[str]) -> None:
    """Replace parts of the tune room by what it would be without an idea; the ablation only."""
    import torch

    from bioinstruct.models import last_layer, rows, segmented
    from bioinstruct.tune import data, fused, head, lanes, loss

    tree = data.Example.tree

    def everywhere(model: Any, tensors: rows.RowTensors) -> torch.Tensor:
        output = model(input_ids=tensors.ids, position_ids=tensors.positions, use_cache=False, **rows.seen(model, tensors))
        return output.logits.flatten(0, 1)[tensors.targets.positions]  # type: ignore[no-any-return]

    if "shared" in ideas:
        data.Example.tree = lambda self, share: tree(self, False)  # type: ignore[method-assign]
    if "packed" in ideas:
        segmented.use = lambda model: False
        loss.ROW_TOKENS = {"cpu": 1}
    if ideas & {"pieces", "chosen"}:
        head.find = lambda model, dtype: None
    if "chosen" in ideas:
        rows.logits = everywhere  # which never narrows the last layer
    if "narrowed" in ideas:
        last_layer.use = lambda model: False
    if "segments" in ideas:
        segmented.use = lambda model: False
    if "fused" in ideas:
        fused.fused = lambda tuned: nullcontext(0)
    if "lanes" in ideas:
        lanes.number = lambda step_tokens, threads: 1


def work(told: dict[str, Any]) -> dict[str, Any]:
    """The tune stage over the records, after one step thrown away."""
    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.core.records import Category, Instruction, Origin
    from bioinstruct.tune import run as tune

    records = [
        Instruction(f"record-{number}", row["instruction"], row["input"], row["output"], Category.OTHER, Origin("seed"))
        for number, row in enumerate(map(json.loads, Path(told["records"]).read_text(encoding="utf-8").splitlines()))
    ]
    section = TuneSection(
        base=told["base"], rank=told["rank"], alpha=told["alpha"], dropout=0.0, learning_rate=told["learning_rate"],
        warmup=told["warmup"], epochs=1, examples_per_step=PER_STEP, max_tokens=told["max_tokens"], controls=[],
    )  # fmt: skip
    clock = Clock()
    for name, chosen in (("warm", records[: told["warm"]]), ("timed", records)):
        folder = Path(told["folder"]) / name
        done = tune.run(section, chosen, seed=told["seed"], threads=THREADS, folder=folder, control=None, inputs={}, progress=clock)
    seconds = clock.ended - clock.began
    return {"seconds": seconds, "steps": clock.steps, "examples": done.counts["trained_records"],
            "tokens": done.counts["tokens"], "trained": done.counts["trained_tokens"]}  # fmt: skip


class Bench:
    """A base, its records, and workers that train on them."""

    def __init__(self, shape: Shape, peer: str, folder: Path, n: int, data: Path) -> None:
        self.peer, self.folder = peer, folder
        tokenizer, words = make_tokenizer(shape.vocabulary)
        make_base(shape, tokenizer, folder / "base")
        self.records, self.held = make_records(n, words, data, "train"), make_records(n // 4, words, data, "held out")
        self.lengths = [len(tokenizer(row["prompt"] + row["completion"] + "</s>")["input_ids"]) for row in self.records]
        self.outputs = [len(tokenizer(row["completion"] + "</s>")["input_ids"]) - 1 for row in self.records]  # without <s>
        self.version = ""
        """The peer's, once it has run."""
        self.workers: dict[str, Worker] = {}
        self.adapters: dict[str, Path] = {}
        """Of the first run over all records."""
        self.runs = 0
        self.others: list[float] = []
        """For each run, the cores that were busy with something else; where this is not near 0, its figure says little."""

    def _run(self, name: str, command: list[str], n: int, more: dict[str, Any]) -> tuple[dict[str, Any], Path]:
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        folder.mkdir()
        records = folder / "records.jsonl"
        records.write_text("".join(json.dumps(row) + "\n" for row in self.records[:n]), encoding="utf-8")
        if name not in self.workers:
            memory = KEPT_MEMORY if name == "TRL" else {}
            self.workers[name] = Worker(command, folder, {"OMP_NUM_THREADS": str(THREADS), **memory})
        told = {**TRAINING, "base": str(self.folder / "base"), "records": str(records), "folder": str(folder / "out"), **more}
        found = self.workers[name].ask(told)
        self.others.append(found["others"])
        same = {"examples": n, "tokens": sum(self.lengths[:n]), "trained": sum(self.outputs[:n])}
        if any(found[key] != value for key, value in same.items()):
            raise SystemExit(f"{name}: got {found}; allowed: {same}")
        return found, folder / "out"

    def ours(self, n: int, without: str = "") -> dict[str, Any]:
        """One epoch of ours over the first `n` records."""
        found, folder = self._run(f"ours {without}", [sys.executable, __file__, "--work", without], n, {})
        if n == len(self.records) and not without:
            self.adapters.setdefault("ours", folder / "timed" / "adapter")
        return found

    def theirs(self, setting: Setting, n: int) -> dict[str, Any]:
        """One epoch of TRL over the first `n` records."""
        found, folder = self._run(
            "TRL" if setting.kept else "TRL, plain", [self.peer, str(HERE / "peers" / "trl_tune.py")], n, {"setting": setting.told()}
        )
        self.version = found["version"]
        if n == len(self.records):
            self.adapters.setdefault(setting.name, folder)
        return found

    def disturbance(self, runs: int) -> str:
        """What else the machine did during the last runs."""
        return f"{max(self.others[-runs:]):.1f} of {os.cpu_count()} cores busy with something else"

    def close(self) -> None:
        """End the workers."""
        for worker in self.workers.values():
            worker.close()
        self.workers.clear()

    def settings(self, small: bool) -> list[Setting]:
        """What TRL is tried with."""
        mean = statistics.mean(self.lengths)

        def packed(tokens: int, batch: int = 1, attention: str = "sdpa", kept: bool = True) -> Setting:
            return Setting(batch, packed=tokens, rows=PER_STEP * mean / (FILLED * tokens), attention=attention, kept=kept)

        if small:
            return [Setting(1), Setting(2, grouped=True), packed(512), packed(512, kept=False)]
        return [
            *(Setting(batch) for batch in (1, 2, 4)),
            *(Setting(batch, grouped=True) for batch in (2, 4, 8)),
            *(packed(tokens, batch) for tokens, batch in ((512, 1), (512, 2), (1024, 1))),
            *(Setting(2, grouped=True, attention="eager"), packed(512, attention="eager")),
            *(Setting(1, kept=False), Setting(2, grouped=True, kept=False), packed(512, kept=False)),
        ]

    def held_out(self, adapter: Path | None) -> float:
        """Mean negative log-likelihood of a trained token of the held-out records, natural logarithm."""
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from bioinstruct.models.checkpoint import quiet

        tokenizer = AutoTokenizer.from_pretrained(self.folder / "base", local_files_only=True)
        with quiet(), warnings.catch_warnings(action="ignore"):
            model = AutoModelForCausalLM.from_pretrained(self.folder / "base", dtype=torch.float32, local_files_only=True)
            if adapter is not None:
                model = PeftModel.from_pretrained(model, adapter)
        torch.set_num_threads(THREADS)
        total, count = 0.0, 0
        with torch.inference_mode():
            for row in self.held:
                prompt = tokenizer(row["prompt"])["input_ids"]
                ids = tokenizer(row["prompt"] + row["completion"] + tokenizer.eos_token)["input_ids"]
                logits = model.eval()(torch.tensor([ids])).logits[0, len(prompt) - 1 : -1]
                labels = torch.tensor(ids[len(prompt) :])
                total += torch.nn.functional.cross_entropy(logits.float(), labels, reduction="sum").item()
                count += len(labels)
        return total / count


def rate(found: dict[str, Any]) -> float:
    return float(found["examples"] / found["seconds"])


def rounded(values: Iterable[float]) -> list[float]:
    return [round(value, 2) for value in values]


def listed(theirs: dict[Setting, list[float]]) -> str:
    """The last rate of each setting."""
    return ", ".join(f"{setting.name} {found[-1]:.2f}" for setting, found in theirs.items())


def sweep(bench: Bench, n: int, small: bool) -> dict[Setting, float]:
    """Examples a second of each of TRL's settings over the first `n` records, the fastest first."""
    found = {}
    for setting in bench.settings(small):
        found[setting] = rate(bench.theirs(setting, n))
        print(f"    {found[setting]:6.2f}  {setting.name}; {bench.disturbance(1)}", flush=True)
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def compare(shape: Shape, goal: float | None, bench: Bench, rounds: int, tried: dict[Setting, float]) -> list[dict[str, Any]]:
    """Rows of speed and of held-out loss: ours and TRL's best settings over all records, in turn."""
    n = len(bench.records)
    # Few records group badly by length, and one try is noise: the fastest that groups, the fastest other and the fastest as users start it
    # go through all rounds, and the best median counts.
    finalists = [next(one for one in tried if one.kept and one.grouped == grouped) for grouped in (True, False)]
    plain = next(one for one in tried if not one.kept)
    ours: list[float] = []
    theirs: dict[Setting, list[float]] = {setting: [] for setting in (*finalists, plain)}
    for number in range(rounds):
        ours.append(rate(bench.ours(n)))
        for setting, found in theirs.items():
            found.append(rate(bench.theirs(setting, n)))
        print(f"  round {number + 1}: ours {ours[-1]:.2f}, {listed(theirs)}; {bench.disturbance(1 + len(theirs))}", flush=True)
    best = max(theirs, key=lambda setting: statistics.median(theirs[setting]))
    mine = statistics.median(ours)
    rows = []
    for setting, found in sorted(theirs.items(), key=lambda one: one[0] is not best):
        other = statistics.median(found)
        rows.append({
            "work": f"LoRA tuning, LLaMA {shape.name}, output layer {shape.head_share:.0%} of the matrix work, {n} records",
            "ours": round(mine, 2), "peer": round(other, 2), "peer_version": f"{bench.version}, {setting.name}", "unit": "examples/s",
            "ratio": round(mine / other, 2), "goal": goal if setting is best else None, "ours_runs": rounded(ours),
            "peer_runs": rounded(found), "peer_tried": {one.name: round(value, 2) for one, value in tried.items()},
        })  # fmt: skip
        print(f"  medians: ours {mine:.2f} examples/s, {bench.version}, {setting.name} {other:.2f}, ratio {mine / other:.2f}", flush=True)
    untuned, after, peers = (bench.held_out(adapter) for adapter in (None, bench.adapters["ours"], bench.adapters[best.name]))
    print(f"  held-out loss: untuned {untuned:.4f}, ours {after:.4f}, TRL {peers:.4f}", flush=True)
    return [*rows, {
        "work": f"held-out loss after it, LLaMA {shape.name}, {len(bench.held)} records (untuned {untuned:.4f})", "ours": round(after, 4),
        "peer": round(peers, 4), "peer_version": rows[0]["peer_version"], "unit": "nats a token", "ratio": round(after / peers, 4),
        "goal": LOSS_GOAL,
    }]  # fmt: skip


def ablate(shape: Shape, bench: Bench, n: int, rounds: int) -> list[dict[str, Any]]:
    """Rows of ours with ideas taken out, over the first `n` records, in turn with the whole."""
    rates: dict[str, list[float]] = {name: [] for name in ("", *ABLATIONS)}
    for _ in range(rounds):
        for name, found in rates.items():
            found.append(rate(bench.ours(n, name)))
    whole = statistics.median(rates.pop(""))
    print(f"  ablation over {n} records: {bench.disturbance(rounds * len(ABLATIONS))}", flush=True)
    rows = []
    for name, found in rates.items():
        without = statistics.median(found)
        print(f"  ours without {ABLATIONS[name]}: {without:.2f} examples/s, with it {whole / without:.2f} times as fast", flush=True)
        rows.append({
            "work": f"ours, LLaMA {shape.name}, {n} records", "ours": round(whole, 2), "peer": round(without, 2),
            "peer_version": f"ours without {ABLATIONS[name]}", "unit": "examples/s", "ratio": round(whole / without, 2), "goal": None,
        })  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="a Python that has TRL (benchmarks/peers/trl.txt)")
    parser.add_argument("--small", action="store_true", help="one run of three settings on a few records")
    parser.add_argument("--shape", choices=[shape.name for shape, _, _ in SHAPES], help="this base only")
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data", help="folder of record_lengths.json")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work is not None:
        take_out(set(options.work.split(",")))
        for line in sys.stdin:
            print(RESULT + json.dumps(work(json.loads(line))), flush=True)
        return
    if not options.peer:
        parser.error("--peer: got none; allowed: a Python that has TRL")
    rows = []
    for shape, records, goal in SHAPES:
        if options.shape not in (None, shape.name):
            continue
        n, n_tried, n_ablated, rounds = (48, 32, 32, 1) if options.small else (records, 80, 48, 5)
        with tempfile.TemporaryDirectory() as folder, closing(Bench(shape, options.peer, Path(folder), n, options.data)) as bench:
            print(
                f"LLaMA {shape.name}: vocabulary {shape.vocabulary}, hidden {shape.hidden}, {shape.layers} layers; {n} records of "
                f"{statistics.mean(bench.lengths):.0f} tokens, {statistics.mean(bench.outputs):.0f} of them trained; torch "
                f"{version('torch')}. TRL over {n_tried} records, examples/s:",
                flush=True,
            )
            rows += compare(shape, goal, bench, rounds, sweep(bench, n_tried, options.small))
            rows += ablate(shape, bench, n_ablated, 1 if options.small else 3)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
