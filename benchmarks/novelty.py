"""Exact ROUGE-L novelty: our pool beside Self-Instruct's loop over rouge-score, on the same instructions in one run.

    python benchmarks/novelty.py [--small] [--json FILE]

The peer is the scorer that Self-Instruct calls (`rouge-score`, in the `dev` extra), looped as its code does: every new instruction against all kept
ones. It runs on a prefix that takes about a minute and its cost is stated a pair; ours runs on everything. Decisions on the prefix must be equal.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib.metadata import version
from pathlib import Path

from rouge_score import rouge_scorer

from bioinstruct.curate.novelty import Pool
from bioinstruct.embedded import teacher
from bioinstruct.generate import parse, prompt, seeds


def instructions(n: int) -> list[str]:
    """`n` candidate instructions of the embedded teacher, in the order of a run with seed 0."""
    drawn_from, found, number = seeds.load("builtin"), [], 0
    while len(found) < n:
        shown = prompt.draw(drawn_from, number, 0, 3)
        reply = teacher.reply(prompt.render(shown, 20), prompt.derive(0, number))
        found += [
            one.instruction for one in parse.parse(reply.text, 4, 20, parse.Finish.STOP, [seed.instruction for seed in shown]).candidates
        ]
        number += 1
    return found[:n]


def ours(texts: list[str]) -> tuple[list[bool], int, float]:
    """Decisions, pairs compared by the rule, and seconds."""
    pool, kept, pairs, began = Pool(0.7), [], 0, time.perf_counter()
    for text in texts:
        pairs += sum(kept)
        new = pool.nearest(text) is None
        if new:
            pool.add(text)
        kept.append(new)
    return kept, pairs, time.perf_counter() - began


def peer(texts: list[str]) -> tuple[list[bool], int, float]:
    """The same with rouge-score, one pair after another, with the paper's rule (kept below 0.7)."""
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    pool: list[str] = []
    kept, pairs, began = [], 0, time.perf_counter()
    for text in texts:
        scores = [scorer.score(text, other)["rougeL"].fmeasure for other in pool]
        pairs += len(scores)
        new = max(scores, default=0.0) < 0.7
        if new:
            pool.append(text)
        kept.append(new)
    return kept, pairs, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a minute's worth")
    parser.add_argument("--json", type=Path, help="write the rows here")
    arguments = parser.parse_args()
    texts = instructions(1500 if arguments.small else 6000)
    prefix = texts[: 600 if arguments.small else 1500]
    kept_peer, pairs_peer, seconds_peer = peer(prefix)
    kept_prefix, _, seconds_prefix = ours(prefix)
    assert kept_prefix == kept_peer, "decisions differ"
    _, pairs, seconds = ours(texts)
    rows = [
        {
            "work": f"novelty of {len(prefix)} instructions (same decisions)",
            "ours": round(seconds_prefix, 3),
            "peer": round(seconds_peer, 3),
            "peer_version": f"rouge-score {version('rouge-score')}",
            "unit": "s",
            "ratio": round(seconds_peer / seconds_prefix, 1),
            "goal": "> 1000 at 25,000",
        },
        {
            "work": f"novelty of {len(texts)} instructions",
            "ours": round(seconds, 3),
            "peer": round(seconds_peer / pairs_peer * pairs, 1),
            "peer_version": f"rouge-score {version('rouge-score')}, extrapolated by pairs",
            "unit": "s",
            "ratio": round(seconds_peer / pairs_peer * pairs / seconds, 1),
            "goal": "> 1000 at 25,000",
        },
    ]
    for row in rows:
        print(
            f"{row['work']}: ours {row['ours']} {row['unit']}, peer {row['peer']} {row['unit']} ({row['peer_version']}), ratio {row['ratio']}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
