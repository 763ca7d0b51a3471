"""Test items in training records: 25,005 records against more than 10,000 items; and how many planted items of each kind are found.

    python benchmarks/decontaminate.py [--small] [--data ../shared/data] [--json FILE]

Records: MedQuAD questions with stretches of 100 words of their answers, so that lengths are like those of instruction records. Items: MIRAGE's MedMCQA, MedQA, BioASQ and
MMLU, PubMedQA, MTS-Dialog, and NCBI-disease sentences as rows of a file. Planted: 2,000 items, each as a record, verbatim and changed. No peer stands beside it yet.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    items = [item for task, place in REAL for item in TASKS.get(task).collect(ItemRequest(options.data / place, 0, 1)).items]
    sources = [*(source_of(item) for item in items), *sentences(options.data)]
    asked = records(5000 if options.small else 25_005, options.data)
    began = time.perf_counter()
    against = Contamination(sources)
    indexed = time.perf_counter() - began
    found = list(against.find(asked))
    seconds = time.perf_counter() - began
    flagged = Counter((leak.benchmark, leak.how) for leak in found if leak is not None)
    rows = [
        {
            "work": f"{len(asked)} records against {len(sources)} sources",
            "ours": round(seconds, 1),
            "peer": None,
            "peer_version": None,
            "unit": "s",
            "ratio": None,
            "goal": 30,
        }
    ]
    print(
        f"{rows[0]['work']}: {seconds:.1f} s, {indexed:.1f} s of them indexing; flagged {sum(flagged.values())} ({sum(flagged.values()) / len(asked):.2%}): {dict(flagged)}"
    )
    for record, leak in zip(asked, found, strict=True):
        if leak is not None:
            print(f"    {leak.how} {leak.score:.2f} {leak.benchmark} {leak.id}: {record.instruction!r} ... {leak.part[:90]!r}")
    dice = random.Random(0)
    for kind, (plant, goal) in planted(dice).items():
        fit = [item for item in items if "passage" not in kind or len(item.input.split()) > 60]
        chosen = dice.sample(fit, min(2000, len(fit)))
        share = sum(leak is not None for leak in against.find([plant(item) for item in chosen])) / len(chosen)
        rows.append(
            {
                "work": f"planted, {kind}: {len(chosen)}",
                "ours": round(share, 4),
                "peer": None,
                "peer_version": None,
                "unit": "share found",
                "ratio": None,
                "goal": goal,
            }
        )
        print(f"planted, {kind}: {share:.1%} of {len(chosen)} found (goal {goal:.0%})")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
