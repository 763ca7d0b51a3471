"""Memory and time of `bioinstruct sift` on one large JSON Lines file, with one bad row in a million.

    python benchmarks/sift.py [--gigabytes 2] [--near 0.8] [--small] [--json FILE] [section.field=value ...]

Records: made-up nouns among common English words, about 2 kB each, one in twenty an exact copy of an earlier one. The memory is the highest resident size
that the process and its children had together, read from /proc four times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS_A_GIGABYTE = 500_000
COMMON = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "for",
    "it",
    "was",
    "as",
    "with",
    "on",
    "be",
    "by",
    "which",
    "at",
    "from",
    "this",
    "are",
    "had",
    "not",
    "have",
    "an",
    "or",
    "were",
    "been",
    "their",
    "has",
    "with",
    "after",
    "when",
]


def write(path: Path, n: int) -> None:
    dice = random.Random(0)
    words = ["".join(dice.choice("abcdefghijklmnoprstuvwy") for _ in range(dice.randint(3, 10))) for _ in range(30_000)]
    texts = [" ".join(dice.choice(COMMON) if dice.random() < 0.5 else dice.choice(words) for _ in range(90)) for _ in range(20_000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            if number % 1_000_000 == 777_777 or (n < 1_000_000 and number == n // 2):
                file.write('{"instruction": "This row has no output"}\n')
                continue
            one = random.Random(number // 20 * 20 if number % 20 == 19 else number)
            row = {
                "instruction": f"Describe {one.choice(texts)[:90]} and say what follows.",
                "input": f"{one.choice(texts)} {one.choice(texts)} {one.choice(words)}.",
                "output": f"The {one.choice(texts)} {one.choice(texts)} is so.",
            }
            file.write(json.dumps(row) + "\n")


def resident(pid: int) -> int:
    """Bytes of a process and its children, shared pages counted once for each."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            status = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Pss:")) * 1024
            waiting += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except (OSError, StopIteration):
            continue
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--near", type=float)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("overrides", nargs="*")
    options = parser.parse_args()
    n = 50_000 if options.small else round(options.gigabytes * ROWS_A_GIGABYTE)
    with tempfile.TemporaryDirectory() as folder:
        shard = Path(folder) / "rows.jsonl"
        write(shard, n)
        size = shard.stat().st_size
        line = [
            sys.executable,
            "-m",
            "bioinstruct.cli",
            "sift",
            str(shard),
            "--out",
            f"{folder}/out",
            "--on-bad-row",
            "skip",
            "--progress",
            "plain",
        ]
        line += ["curate.contamination=off", *([f"curate.near_duplicates={options.near}"] if options.near else []), *options.overrides]
        began = time.monotonic()
        peak = 0
        with Path(os.devnull).open("w") as nowhere:
            running = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=nowhere, text=True)
            while running.poll() is None:
                peak = max(peak, resident(running.pid))
                time.sleep(0.25)
        seconds = time.monotonic() - began
        print(running.stdout.read() if running.stdout else "")
        bad = Path(folder, "out", "sift", "rows.jsonl", "bad_rows.jsonl").read_text()
    print(f"{n:,} rows, {size / 1e9:.2f} GB: {seconds:.0f} s ({n / seconds:,.0f} rows/s), peak {peak / 1e9:.2f} GB")
    print(f"rows that cannot be read: {bad.strip()}")
    if options.json:
        row = {"peer": None, "peer_version": None, "ratio": None}
        rows = [
            {"work": f"sift {n:,} rows", "ours": round(seconds), "unit": "s", "goal": None, **row},
            {"work": f"sift {n:,} rows, memory", "ours": round(peak / 1e9, 2), "unit": "GB", "goal": 1.0, **row},
        ]
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
