"""Test items in training records: 25,005 records against more than 10,000 items; and how many planted items of each kind are found.

    python benchmarks/decontaminate.py [--peer PYTHON] [--small] [--data ../shared/data] [--json FILE]

Records: MedQuAD questions with stretches of 100 words of their answers, so that lengths are like those of instruction records. Items: MIRAGE's MedMCQA, MedQA, BioASQ and
MMLU, PubMedQA, MTS-Dialog, and NCBI-disease sentences as rows of a file. Planted: 2,000 items, each as a record, verbatim and changed. PYTHON: of an
environment with `benchmarks/peers/datatrove.txt`; its 12-gram filter then gets the same items and the same records, as one text each.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bioinstruct.core.records import Item
from bioinstruct.curate.contamination import Contamination, Record, Source, source_of
from bioinstruct.tasks import TASKS, ItemRequest

REAL = (
    ("pubmedqa", "pubmedqa"),
    ("medmcqa", "mirage/benchmark.json"),
    ("medqa_4", "mirage/benchmark.json"),
    ("bioasq_mirage", "mirage/benchmark.json"),
    ("mmlu_med", "mirage/benchmark.json"),
    ("conv2note", "mts_dialog"),
)


def records(n: int, data: Path) -> list[Record]:
    rows = [json.loads(line) for line in (data / "medquad_qa.jsonl").read_text(encoding="utf-8").splitlines()]
    found: list[Record] = []
    start = 0
    while len(found) < n:
        for row in rows:
            words = row["answer"].split()[start : start + 100]
            if len(words) >= 20 and len(found) < n:
                found.append(Record(row["question"], "", " ".join(words)))
        start += 100
    return found


def sentences(data: Path) -> list[Source]:
    found = []
    for path in sorted((data / "ncbi_disease").glob("*")):
        words: list[str] = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.strip():
                words.append(line.split()[0])
            elif words:
                found.append(Source(path.name, str(len(found)), (" ".join(words),)))
                words = []
    return found


def planted(dice: random.Random) -> dict[str, tuple[Callable[[Item], Record], float]]:
    def options(item: Item, shuffled: bool = False) -> str:
        listed = list(item.options) if len(item.options) > 3 else []
        if shuffled:
            dice.shuffle(listed)
        return "\n".join(f"{letter}. {text}" for letter, text in zip("ABCDEF", listed, strict=False))

    def changed(text: str) -> str:
        return " ".join("otherwise" if dice.random() < 0.1 else word for word in text.split(" "))

    return {
        "verbatim": (lambda item: Record("Answer.", f"{item.input}\n{options(item)}", item.references[0]), 1.0),
        "case and punctuation changed": (
            lambda item: Record("Answer.", re.sub(r"[,.;:?!]", "", f"{item.input}\n{options(item)}".upper()), "x"),
            1.0,
        ),
        "options reordered": (lambda item: Record("Answer.", f"{item.input}\n{options(item, True)}", "x"), 1.0),
        "half a passage (items over 60 words)": (
            lambda item: Record("Sum up.", " ".join(item.input.split(" ")[: len(item.input.split(" ")) // 2]), "x"),
            0.95,
        ),
        "one word in ten replaced": (lambda item: Record("Answer.", f"{changed(item.input)}\n{options(item)}", item.references[0]), 0.9),
    }


def ask_peer(python: Path, items: list[Item], further: list[Source], texts: dict[str, list[Record]]) -> dict[str, Any]:
    """Seconds and findings of datatrove's filter; an item's question and its right answer, a sentence as a question without one."""
    asked = [{"query": item.input, "label": item.references[0] if item.references else ""} for item in items]
    asked += [{"query": source.parts[0], "label": ""} for source in further]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work.json"
        work.write_text(json.dumps({"items": asked, "records": {kind: ["\n".join(one) for one in those] for kind, those in texts.items()}}))
        script = Path(__file__).parent / "peers" / "datatrove_decontaminate.py"
        done = subprocess.run([python, script, work], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    items = [item for task, place in REAL for item in TASKS.get(task).collect(ItemRequest(options.data / place, 0, 1)).items]
    further = sentences(options.data)
    sources = [*(source_of(item) for item in items), *further]
    dice = random.Random(0)
    texts = {"MedQuAD": records(5000 if options.small else 25_005, options.data)}
    goals = {}
    for kind, (plant, goal) in planted(dice).items():
        fit = [item for item in items if "passage" not in kind or len(item.input.split()) > 60]
        texts[kind] = [plant(item) for item in dice.sample(fit, min(2000, len(fit)))]
        goals[kind] = goal
    began = time.perf_counter()
    against = Contamination(sources)
    indexed = time.perf_counter() - began
    found = {"MedQuAD": list(against.find(texts["MedQuAD"]))}
    seconds = time.perf_counter() - began
    found |= {kind: list(against.find(texts[kind])) for kind in goals}
    peer = None if options.peer is None else ask_peer(options.peer, items, further, texts)
    theirs = None if peer is None else peer["indexed"] + peer["seconds"]["MedQuAD"]
    version = None if peer is None else "datatrove 0.10.1"
    work = f"{len(texts['MedQuAD'])} records against {len(sources)} sources"
    ratio = None if theirs is None else round(theirs / seconds, 2)
    rows: list[dict[str, Any]] = [
        {
            "work": work,
            "ours": round(seconds, 1),
            "peer": theirs and round(theirs, 1),
            "peer_version": version,
            "unit": "s",
            "ratio": ratio,
            "goal": 30,
        }
    ]
    print(f"{work}: {seconds:.1f} s, {indexed:.1f} s of them indexing" + (f"; {version}: {theirs:.1f} s, ratio {ratio}" if peer else ""))
    for kind, leaks in found.items():
        share = sum(leak is not None for leak in leaks) / len(leaks)
        other = None if peer is None else sum(peer["flagged"][kind]) / len(leaks)
        beside = "" if other is None else f"; {version}: {other:.2%}"
        goal = goals.get(kind)
        wanted = "under 0.5%" if goal is None else f"{goal:.0%}"
        print(
            f"{'written without sight of the items' if goal is None else 'planted'}, {kind}: {share:.2%} of {len(leaks)} found (goal {wanted}){beside}"
        )
        rows.append(
            {
                "work": f"found: {kind}",
                "ours": share,
                "peer": other,
                "peer_version": version,
                "unit": "share",
                "ratio": None,
                "goal": goal or 0.005,
            }
        )
    for record, leak in zip(texts["MedQuAD"], found["MedQuAD"], strict=True):
        if leak is not None:
            print(f"    {leak.how} {leak.score:.2f} {leak.benchmark} {leak.id}: {record.instruction!r} ... {leak.part[:90]!r}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
