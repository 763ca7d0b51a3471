"""Ranking and generation on two CPU cores beside lm-evaluation-harness's hf model at its best batch size, in one run; and parity with it.

    python benchmarks/evaluate.py --peer PYTHON_WITH_LM_EVAL [--small] [--json FILE]
    python benchmarks/evaluate.py --peer PYTHON_WITH_LM_EVAL --parity [--small] [--json FILE]

Speed: a LLaMA of 13M parameters with random weights (vocabulary 32,000, hidden 256, 6 layers) and a byte-level tokenizer trained on the texts of
`--data`, both made here, in bfloat16 on both sides. 300 questions of MedMCQA's development split (MIRAGE) are ranked by option text with no and with five worked
examples, and by letter; 200 notes of MTS-Dialog are generated with a fixed length. The harness asks what `evaluate/lm_eval_export.py` writes: the same prompts and
options, and the benchmark fails where the ids of an option or a prompt differ, with worked examples as without.

Timed on both sides from the loaded model and the read items to the scores of all items: prompts to ids, the model, grading; bootstraps are off. A first
question or so warms a process up and is thrown away. The harness's batch sizes are tried once each on a part of the items, its automatic one among them (the process
is held to 8 GiB, for on a CPU the automatic size is the largest that does not fail); the best goes through all rounds in turn with ours. Figures are
medians; beside them stands the ratio of CPU seconds, which what else the machine does disturbs less where each side has one thread. The automatic size is the largest of these that fits, and finding it is within its time. Either side is one process, and sleeps while the other works; each line says how many cores were busy with something else.

Parity: the embedded base in float32 on all of MedMCQA, PubMedQA and BioASQ (MIRAGE), item by item against the harness: ids, log-likelihoods, and the choice by their
sum and by their mean over tokens.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from random_base import Shape, make_base
from worker import RESULT, Worker

from bioinstruct.core import template
from bioinstruct.core.records import Item, Setting
from bioinstruct.evaluate import lm_eval_export, plan
from bioinstruct.tasks import TASKS, ItemRequest, Task

HERE = Path(__file__).parent
THREADS = 2
ROW_TOKENS = 1024
SHAPE = Shape("13M", 32_000, 256, 704, 6, 4)
CONTEXT = 2048
NEW_TOKENS = 64
"""Of a generated note: all of them, for random weights hardly ever write the end mark."""
NEAR = 1e-4
"""Log-likelihoods nearer than this may change places."""
BATCHES: tuple[int | str, ...] = (1, 4, 16, 32, 64, "auto")
PARITY = (("medmcqa", "mirage"), ("pubmedqa", "pubmedqa"), ("bioasq_mirage", "mirage"))


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    work: str
    task: str
    source: str
    """Folder below the data's."""
    asked: str
    shots: int
    items: int
    goal: float
    aim: float | None = None

    @property
    def setting(self) -> Setting:
        """As results have it."""
        mode = "generate" if self.task == "conv2note" else "rank"
        return Setting("base", None, mode, self.asked, self.shots, template.PAPER.name)


CASES = (
    Case("questions of MedMCQA ranked by option text", "medmcqa", "mirage", "text", 0, 300, 6.0, 8.0),
    Case("the same with five worked examples", "medmcqa", "mirage", "text", 5, 300, 25.0, 30.0),
    Case("questions of MedMCQA ranked by letter", "medmcqa", "mirage", "letter", 0, 300, 1.0),
    Case(f"notes of MTS-Dialog, {NEW_TOKENS} tokens each", "conv2note", "mts_dialog", "text", 0, 200, 1.7, 3.0),
)


def texts(data: Path) -> Iterator[str]:
    """What the tokenizer is trained on."""
    for part in json.loads((data / "mirage" / "benchmark.json").read_text(encoding="utf-8")).values():
        for row in part.values():
            yield "\n".join([row["question"], *row["options"].values()])
    for name in ("Training", "Validation"):
        with (data / "mts_dialog" / f"MTS-Dialog-{name}Set.csv").open(encoding="utf-8", newline="") as file:
            yield from (f"{row['dialogue']}\n{row['section_text']}" for row in csv.DictReader(file))


def make_tokenizer(data: Path, vocabulary: int) -> Any:
    """A byte-level BPE tokenizer; a token of it is about as long as one of a large model's on such texts."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<s>", "</s>", "<pad>"]
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    backend.train_from_iterator(texts(data), trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    if len(made) != vocabulary:
        raise SystemExit(f"tokenizer: got {len(made)} tokens; allowed: {vocabulary}")
    return made


def collected(case: Case, data: Path) -> tuple[Task, list[Item], list[Item]]:
    """The task as it is asked, its items and its pool."""
    task = replace(TASKS.get(case.task), asked="letter" if case.asked == "letter" else "text")
    if case.task == "conv2note":  # its validation split is 100 notes: the shortest dialogues of both, for some do not fit the context
        loaded = task.data.load(ItemRequest(data / case.source))
        items = sorted([*loaded.scored, *(loaded.training or [])], key=lambda item: (len(item.input), item.id))
        middle = (len(items) - case.items) // 2
        return task, items[middle : middle + case.items], []
    found = task.collect(ItemRequest(data / case.source, case.items, 1))
    return task, found.items, found.pool


def exported(case: Case, data: Path) -> lm_eval_export.Exported:
    """The case as the harness is asked it."""
    task, items, pool = collected(case, data)
    asked = plan.prompts(task, items, pool, case.shots, template.PAPER)
    cap = NEW_TOKENS if case.setting.mode == "generate" else None
    return lm_eval_export.Exported(lm_eval_export.name(task.name, case.setting), task, case.setting, asked, cap)


@lru_cache(maxsize=1)
def load(base: str, dtype: str) -> tuple[Any, Any]:
    """Our model and encoder."""
    from bioinstruct.models.encode import Encoder
    from bioinstruct.models.local import LocalModel

    model = LocalModel.load(base, dtype=dtype, device="cpu")
    return model, Encoder(model.tokenizer, template.PAPER)


def work(told: dict[str, Any]) -> dict[str, Any]:
    """Ours over a case, timed as the harness is."""
    import torch

    from bioinstruct.core.records import Finish
    from bioinstruct.evaluate import complete, grade, rank

    torch.set_num_threads(told["threads"])
    model, encoder = load(told["base"], told["dtype"])
    case = Case(**told["case"])
    task, items, pool = collected(case, Path(told["data"]))
    items = items[: told["limit"]]
    began, busy = time.perf_counter(), time.process_time()
    asked = plan.prompts(task, items, pool, case.shots, template.PAPER)
    if case.setting.mode == "rank":
        questions = rank.questions(encoder, asked, case.setting)
        rankings = rank.rank(model, questions, asked, case.setting, ROW_TOKENS)
        scores = grade.score_rankings(task, items, rankings, grade.normalisation(task, items, pool))
    else:
        made = complete.complete(model, encoder, asked, case.setting, max_new_tokens=NEW_TOKENS, row_tokens=ROW_TOKENS)
        scores = grade.score_completions(task, items, made)
    answer: dict[str, Any] = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - busy, "items": len(scores)}
    if case.setting.mode == "generate":
        short = [one.item for one in made if one.finish is not Finish.LENGTH]
        if short:
            raise SystemExit(f"{short[0]}: got a note that ended; allowed: {NEW_TOKENS} tokens")
        answer["tokens"] = sum(one.prompt_tokens for one in made)
        answer["samples"] = [
            {"item": one.item, "text": one.text, "contexts": [encoder.prompt_ids(p.instruction, p.input, p.shots)]}
            for one, p in zip(made, asked, strict=True)
        ]
        return answer
    answer["tokens"] = sum(len(one.prompt) for one in questions)
    answer["samples"] = [
        {"item": one.item, "values": list(one.log_likelihoods), "contexts": [question.prompt], "options": list(question.options)}
        for one, question in zip(rankings, questions, strict=True)
    ]
    return answer


class Bench:
    """A base, the exported tasks, and the two processes that ask it."""

    def __init__(self, peer: str, folder: Path, base: str, dtype: str, cases: Sequence[Case], data: Path, threads: int) -> None:
        self.base, self.dtype, self.data, self.tasks, self.threads = base, dtype, data, folder / "tasks", threads
        lm_eval_export.write_tasks([exported(case, data) for case in cases], self.tasks)
        environment = {"OMP_NUM_THREADS": str(threads)}
        self.workers = {}
        for name, command in (("ours", [sys.executable, __file__, "--work"]), ("peer", [peer, str(HERE / "peers" / "lm_eval_score.py")])):
            home = folder / name
            home.mkdir()
            self.workers[name] = Worker(command, home, environment)
        self.version = ""
        self.others: list[float] = []

    def ask(self, case: Case, batch: int | str | None, limit: int, detailed: bool = False) -> dict[str, Any]:
        """One run over the first `limit` items: ours where there is no batch size, else the harness's."""
        told = {"base": self.base, "dtype": self.dtype, "limit": limit, "threads": self.threads}
        if batch is None:
            fields = {name: getattr(case, name) for name in case.__dataclass_fields__}
            found = self.workers["ours"].ask({**told, "case": fields, "data": str(self.data)})
        else:
            task = lm_eval_export.name(case.task, case.setting)
            more = {"tasks": str(self.tasks), "task": task, "batch": batch, "detailed": detailed}
            found = self.workers["peer"].ask({**told, **more})
            if "failed" in found:
                return found
            self.version = found["version"]
        if found["items"] != limit:
            raise SystemExit(f"{case.work}: got {found['items']} items; allowed: {limit}")
        self.others.append(found["others"])
        return found

    def close(self) -> None:
        """End both processes."""
        for worker in self.workers.values():
            worker.close()


def compare(bench: Bench, case: Case, batches: Sequence[int | str], rounds: int) -> dict[str, Any]:
    """One row: ours and the harness at its best batch size, in turn."""
    tried = min(case.items, 16 if case.shots else 64)
    bench.ask(case, None, 8)
    bench.ask(case, 1, 2)
    answers = {batch: bench.ask(case, batch, tried) for batch in batches}
    rates = {batch: 0.0 if "failed" in answer else tried / answer["seconds"] for batch, answer in answers.items()}
    best = max(rates, key=lambda batch: rates[batch])
    shown = ", ".join(f"{batch}: {f'{rate:.1f}' if rate else answers[batch]['failed']}" for batch, rate in rates.items())
    print(f"{case.items} {case.work}: the harness by batch size, items/s over {tried}: {shown}", flush=True)
    ours, theirs, cpu = [], [], []
    for number in range(rounds):
        mine = bench.ask(case, None, case.items)
        other = bench.ask(case, best, case.items, detailed=number == 0)
        if number == 0:
            same_ids(mine["samples"], other["samples"])
        ours.append(mine["seconds"])
        theirs.append(other["seconds"])
        cpu.append(other["cpu"] / mine["cpu"])
        busy = max(bench.others[-2:])
        print(
            f"  round {number + 1}: ours {ours[-1]:.2f} s, harness {theirs[-1]:.2f} s; {busy:.1f} cores busy with something else",
            flush=True,
        )
    seconds, seconds_peer = statistics.median(ours), statistics.median(theirs)
    row = {
        "work": f"{case.items} {case.work}, LLaMA {SHAPE.name}, {bench.dtype}, prompts of {mine['tokens'] / case.items:.0f} tokens",
        "ours": round(seconds, 2), "peer": round(seconds_peer, 2), "peer_version": f"{bench.version}, hf, batch {best}", "unit": "s",
        "ratio": round(seconds_peer / seconds, 1), "goal": case.goal, "aim": case.aim,
        "ours_runs": [round(one, 2) for one in ours], "peer_runs": [round(one, 2) for one in theirs],
        "peer_tried": {str(batch): round(rate, 2) for batch, rate in rates.items()},
        "others": round(max(bench.others[-2 * rounds :]), 2), "cpu_ratio": round(statistics.median(cpu), 1),
    }  # fmt: skip
    print(
        f"  medians: ours {seconds:.2f} s, {row['peer_version']} {seconds_peer:.2f} s, ratio {row['ratio']} (goal {case.goal}), of CPU seconds {row['cpu_ratio']}",
        flush=True,
    )
    return row


def same_ids(ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> None:
    """Both sides must have asked the same."""
    for mine, other in zip(ours, theirs, strict=True):
        if mine["item"] != other["item"] or mine.get("options") != other.get("options"):
            raise SystemExit(f"{mine['item']}: got other ids of options than the harness's; allowed: the same")
        if mine["contexts"][0] != other["contexts"][0]:
            raise SystemExit(f"{mine['item']}: got other prompt ids than the harness's; allowed: the same")


def choice(values: Sequence[float], lengths: Sequence[int] | None) -> tuple[int, float]:
    """The best option by sum, or by mean over tokens where lengths are given, and how far the second is behind."""
    compared = [value / length for value, length in zip(values, lengths, strict=True)] if lengths else list(values)
    first, second = sorted(compared, reverse=True)[:2]
    return compared.index(first), first - second


def parity(bench: Bench, case: Case, n: int, batch: int) -> dict[str, Any]:
    """One row: how far every item's log-likelihoods are from the harness's, and whether the choices are the same."""
    mine, other = bench.ask(case, None, n), bench.ask(case, batch, n, detailed=True)
    compared = differing_ids = changed = near = unfit = 0
    widest = 0.0
    for ours, theirs in zip(mine["samples"], other["samples"], strict=True):
        if not ours["values"]:
            unfit += 1
            continue
        if ours["options"] != theirs["options"] or any(ours["contexts"][0] != one for one in theirs["contexts"]):
            differing_ids += 1
            continue
        compared += 1
        widest = max(widest, *(abs(a - b) for a, b in zip(ours["values"], theirs["values"], strict=True)))
        lengths = [len(option) for option in ours["options"]]
        for form in (None, lengths):
            (one, gap), (two, _) = choice(ours["values"], form), choice(theirs["values"], form)
            near += gap < NEAR
            changed += one != two and gap >= NEAR
    row = {
        "work": f"{case.task}: {n} items, {compared} compared, {unfit} beyond the context, {differing_ids} of other ids",
        "ours": widest, "peer": 0.0, "peer_version": f"{bench.version}, hf, float32, batch {batch}", "unit": "largest gap, nats",
        "ratio": None, "goal": NEAR, "other_choices": changed, "near_ties": near,
    }  # fmt: skip
    print(
        f"{row['work']}: largest gap of a log-likelihood {widest:.1e}; other choices {changed} (by sum and by mean); gaps under {NEAR} {near}; "
        f"{bench.version}",
        flush=True,
    )
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="a Python that has lm_eval (benchmarks/peers/lm_eval.txt)")
    parser.add_argument("--parity", action="store_true", help="compare log-likelihoods, not times")
    parser.add_argument("--small", action="store_true", help="few items, one round")
    parser.add_argument("--threads", type=int, default=THREADS, help="of torch, on both sides")
    parser.add_argument("--rounds", type=int, default=3, help="of which medians are taken")
    parser.add_argument("--case", type=int, choices=range(len(CASES)), help="this row only")
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data", help="folder of mirage, pubmedqa and mts_dialog")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        for line in sys.stdin:
            print(RESULT + json.dumps(work(json.loads(line))), flush=True)
        return
    if not options.peer:
        parser.error("--peer: got none; allowed: a Python that has lm_eval")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = parities(folder, options) if options.parity else speeds(folder, options)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def speeds(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The rows of the table."""
    make_base(SHAPE, make_tokenizer(options.data, SHAPE.vocabulary), folder / "base")
    cases = [case for number, case in enumerate(CASES) if options.case in (None, number)]
    if options.small:
        cases = [replace(case, items=case.items // 10) for case in cases]
    rounds, batches = (1, (1, 8)) if options.small else (options.rounds, BATCHES)
    with closing(Bench(options.peer, folder, str(folder / "base"), "bfloat16", cases, options.data, options.threads)) as bench:
        return [compare(bench, case, batches, rounds) for case in cases]


def parities(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each task."""
    from bioinstruct.models.checkpoint import resolve

    cases = [Case("", task, source, "text", 0, 60 if options.small else 0, NEAR) for task, source in PARITY]
    with closing(Bench(options.peer, folder, str(resolve("embedded")), "float32", cases, options.data, options.threads)) as bench:
        return [parity(bench, case, len(collected(case, options.data)[1]), 16) for case in cases]


if __name__ == "__main__":
    main()
