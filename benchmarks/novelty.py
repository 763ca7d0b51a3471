"""The novelty rule (ROUGE-L F1 below 0.7 to every text kept before, in order) at size: ours beside what people run, in one run.

    python benchmarks/novelty.py [--small] [--data ../shared/data] [--json FILE]

Texts: word frequencies of real questions and seed instructions, lengths of real instructions up to 150 words (both read from `--data`), 60 % of them earlier texts
with a few words changed, so that about 40 % are kept. Rows:

    Alpaca's loop   rouge-score's own functions, one pair after another over a pool of --pool texts, a few candidates; seconds a candidate
    rapidfuzz       brute force: one candidate against the same pool, words as characters, one thread
    ours            the same pool, thousands of candidates; then the whole greedy pass over 25,005 and 1,000,000 texts, reading and numbering of words included

Decisions of all three on the shared candidates must be equal, or the benchmark fails. Compiling (once a machine) is not in the times; its seconds are printed.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from bisect import bisect
from collections import Counter
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Indel
from rouge_score import rouge_scorer

from bioinstruct.core.text import rouge_words
from bioinstruct.curate.novelty_index import Index

THRESHOLD = 0.7
KEPT = 0.4
"""Share that the generator aims at."""


def corpus(data: Path) -> tuple[list[str], list[int], list[int]]:
    """Words, their cumulated counts, and instruction lengths in words."""
    counts: Counter[str] = Counter()
    for line in (data / "medquad_qa.jsonl").open(encoding="utf-8"):
        counts.update(rouge_words(json.loads(line)["question"]))
    for items in json.loads((data / "mirage" / "benchmark.json").read_text(encoding="utf-8")).values():
        for item in items.values():
            counts.update(rouge_words(item["question"]))
    for line in (data / "self_instruct_seed_tasks.jsonl").open(encoding="utf-8"):
        counts.update(rouge_words(json.loads(line)["instruction"]))
    lengths = [min(150, max(3, round(row[0] / 1.3))) for row in json.loads((data / "record_lengths.json").read_text())["alpaca_9k"]]
    words = [word for word, _ in counts.most_common()]
    return words, list(accumulate(counts[word] for word in words)), lengths


def texts(n: int, data: Path) -> list[str]:
    """`n` texts, the same ones every time."""
    words, cumulated, lengths = corpus(data)
    dice = random.Random(0)
    total = cumulated[-1]

    def word() -> str:
        return words[bisect(cumulated, dice.random() * total)]

    made: list[list[str]] = []
    for _ in range(n):
        if made and dice.random() > KEPT:
            text = list(made[dice.randrange(len(made))])
            for _ in range(int(len(text) * 0.15 * dice.random())):
                text[dice.randrange(len(text))] = word()
        else:
            text = [word() for _ in range(dice.choice(lengths) if dice.random() < 0.95 else dice.randint(30, 150))]
        made.append(text)
    return [" ".join(text) for text in made]


def alpaca(pool: list[str], candidates: list[str]) -> tuple[list[bool], float]:
    """New or not, and seconds a candidate; pool texts are tokenized beforehand, as Alpaca does."""
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    tokenized = [scorer._tokenizer.tokenize(text) for text in pool]
    began = time.perf_counter()
    new = []
    for candidate in candidates:
        tokens = scorer._tokenizer.tokenize(candidate)
        scores = [rouge_scorer._score_lcs(tokens, other) for other in tokenized]
        new.append(max(score.fmeasure for score in scores) < THRESHOLD)
    return new, (time.perf_counter() - began) / len(candidates)


def rapid(pool: list[str], candidates: list[str]) -> tuple[list[bool], float]:
    """New or not, and seconds a candidate: words are mapped to code points, then one candidate is compared with all."""
    table: dict[str, str] = {}

    def mapped(text: str) -> str:
        return "".join(
            table.setdefault(word, chr(0x100 + len(table) if len(table) < 0xD000 else 0x3000 + len(table))) for word in rouge_words(text)
        )

    choices = [mapped(text) for text in pool]
    began = time.perf_counter()
    new = []
    for candidate in candidates:
        found = process.extractOne(
            mapped(candidate), choices, scorer=Indel.normalized_similarity, processor=None, score_cutoff=THRESHOLD - 1e-6
        )
        new.append(found is None or found[1] < THRESHOLD - 1e-9)
    return new, (time.perf_counter() - began) / len(candidates)


def ours(pool: list[str], candidates: list[str]) -> tuple[list[bool], float]:
    """New or not, and seconds a candidate. Candidates are not compared with one another, as above: each goes to an index of the pool alone."""
    index = Index(THRESHOLD)
    index.extend(pool)
    list(index.screen([pool[0]]))
    new, seconds = [], 0.0
    known = {text: place for place, text in enumerate(pool)}
    began = time.perf_counter()
    found = list(index.screen(candidates))
    seconds = time.perf_counter() - began
    for one in found:
        new.append(one is None or one[1] >= len(known))
    return new, seconds / len(candidates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a minute's worth: 100,000 texts instead of a million")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    began = time.perf_counter()
    list(Index(THRESHOLD).screen(["a b c", "a b c d"]))
    print(f"compiling or loading: {time.perf_counter() - began:.1f} s")
    many = texts(100_000 if options.small else 1_000_000, options.data)
    mean = sum(len(text.split()) for text in many) / len(many)
    print(f"{len(many)} texts of {mean:.1f} words, longest {max(len(text.split()) for text in many)}")
    rows: list[dict[str, Any]] = []

    pool = list(dict.fromkeys(many))[:25_005]
    others = many[-5000:]
    _, seconds = ours(pool, others)
    new_rapid, seconds_rapid = rapid(pool, others[:400])
    few = others[:4]
    new_alpaca, seconds_alpaca = alpaca(pool, few)
    # In ours later candidates may meet earlier ones; the first of a kind is what is compared.
    index = Index(THRESHOLD)
    index.extend(pool)
    alone = []
    for candidate in others[:400]:
        found = next(iter(index.screen([candidate])))
        alone.append(found is None or found[1] >= len(pool))
    assert alone == new_rapid, "decisions differ from rapidfuzz"
    assert alone[: len(few)] == new_alpaca, "decisions differ from rouge-score"
    for name, peer, goal in (
        (f"rapidfuzz {version('rapidfuzz')} brute force", seconds_rapid, 20),
        (f"rouge-score {version('rouge-score')}, Alpaca's loop", seconds_alpaca, 10_000),
    ):
        row = {
            "work": f"one candidate against {len(pool)}",
            "ours": seconds,
            "peer": peer,
            "peer_version": name,
            "unit": "s",
            "ratio": round(peer / seconds, 1),
            "goal": f"{goal} times",
        }
        rows.append(row)
        print(f"{row['work']}: ours {seconds * 1e6:.1f} us, {name} {peer * 1e6:,.0f} us, ratio {row['ratio']:,.0f}", flush=True)

    for n, goal in ((25_005, 1.0), (len(many), 60.0)):
        index = Index(THRESHOLD)
        began = time.perf_counter()
        kept = sum(found is None for found in index.screen(many[:n]))
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        rows.append(
            {
                "work": f"greedy pass over {n}",
                "ours": round(seconds, 2),
                "peer": None,
                "peer_version": None,
                "unit": "s",
                "ratio": None,
                "goal": goal,
                "kept": kept,
                "gigabytes": round(peak, 2),
            }
        )
        print(f"greedy pass over {n}: {seconds:.2f} s, {kept} kept ({kept / n:.0%}), peak {peak:.2f} GB of this process so far", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
