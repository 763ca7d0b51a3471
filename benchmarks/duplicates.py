"""Duplicates of whole records at size: exact and MinHash near-duplicates, ours beside datasketch and rensa, in one run.

    python benchmarks/duplicates.py [--small] [--data ../shared/data] [--json FILE] [--gigabytes 2]

Records: word frequencies of MedQuAD's answers, lengths of Alpaca's instruction, input and output (both read from `--data`); 5 % are earlier
records with case and spaces changed, 5 % earlier ones with a few words changed. Making them is in no time. Rows, each in a process of its own:

    exact, near 0.8      records/s of the fingerprints (which may be made anywhere) and of the decisions (one after another), memory a record
    datasketch, rensa    their own MinHash and LSH with the same 3-grams, bands and rows, as their documentation shows them: a record with a
                         candidate is dropped. They compare no sets; how many of the dropped are below the threshold is counted
    planted              pairs whose Jaccard similarity is at or just above a target: how many are found
    a file               JSON Lines of --gigabytes, read line by line: peak memory of the whole process
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bioinstruct.core.text import normalise, rouge_words
from bioinstruct.curate.contamination import Record
from bioinstruct.curate.duplicates import Duplicates, Prints
from bioinstruct.curate.minhash import SHINGLE, Bands, words

BLOCK, NEAR = 4096, 0.8
EQUAL, ALIKE = 0.05, 0.05
"""Shares of records that are earlier ones, and earlier ones with a few words changed."""


class Maker:
    """Makes the same records every time."""

    def __init__(self, data: Path) -> None:
        counts: Counter[str] = Counter()
        with (data / "medquad_qa.jsonl").open(encoding="utf-8") as file:
            for line in file:
                counts.update(rouge_words(json.loads(line)["answer"]))
        self.words = list(counts)
        self._shares = np.cumsum([counts[word] for word in self.words]) / counts.total()
        rows = json.loads((data / "record_lengths.json").read_text(encoding="utf-8"))["alpaca_9k"]
        self._lengths = [[round(tokens / 1.3) for tokens in row] for row in rows]  # LLaMA tokens to words
        self._dice = np.random.default_rng(0)
        self._choose = random.Random(0)

    def text(self, n: int) -> list[str]:
        """So many words."""
        return [self.words[place] for place in np.searchsorted(self._shares, self._dice.random(n)).tolist()]

    def blocks(self, n: int) -> Iterator[list[Record]]:
        """`n` records, `BLOCK` at a time; copies are of one of the first 2,000."""
        earlier: list[Record] = []
        for start in range(0, n, BLOCK):
            block = [self._record(earlier) for _ in range(min(BLOCK, n - start))]
            earlier += block[: max(0, 2_000 - len(earlier))]
            yield block

    def _record(self, earlier: list[Record]) -> Record:
        dice = self._choose
        if not earlier or (chance := dice.random()) > EQUAL + ALIKE:
            return Record(*(" ".join(self.text(n)) for n in dice.choice(self._lengths)))
        copied = dice.choice(earlier)
        if chance < EQUAL:
            return Record(*(text.title().replace(" ", "  ") for text in copied))
        return Record(*(" ".join(self.changed(text.split(), 0.02)) for text in copied))

    def changed(self, text: list[str], share: float) -> list[str]:
        """Some words replaced."""
        return [self._choose.choice(self.words) if self._choose.random() < share else word for word in text]


def megabytes(name: str) -> float:
    """VmRSS or VmHWM of this process; the system's own peak would count the process that started it."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """What a piece of work gives, done in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def ours(n: int, near: float | None, data: Path) -> dict[str, Any]:
    """The whole pass over `n` records."""
    maker = Maker(data)
    prints, duplicates = Prints(near=near is not None), Duplicates(near=near)
    duplicates.screen(prints.of([Record("a b c d", "", "")]), ["warm"])
    before, made, decided, done = megabytes("VmRSS"), 0.0, 0.0, 0
    dropped: Counter[str] = Counter()
    for block in maker.blocks(n):
        began = time.perf_counter()
        found = prints.of(block)
        between = time.perf_counter()
        ids = [f"record-{number}" for number in range(done, done + len(block))]
        dropped.update(one.how for one in duplicates.screen(found, ids) if one is not None)
        made, decided, done = made + between - began, decided + time.perf_counter() - between, done + len(block)
    after = megabytes("VmRSS")
    return {
        "records": n, "near": near, "fingerprints_per_s": n / made, "decisions_per_s": n / decided, "per_s": n / (made + decided),
        "bytes_per_standing": (after - before) * 2**20 / len(duplicates), "peak_megabytes": megabytes("VmHWM"), "dropped": dict(dropped),
    }  # fmt: skip


def grams(record: Record) -> list[str]:
    """The word 3-grams of a record, as strings."""
    found = words("\n".join(normalise(text) for text in record))
    return [" ".join(found[start : start + SHINGLE]) for start in range(max(1, len(found) - SHINGLE + 1))]


def peer(name: str, n: int, data: Path) -> dict[str, Any]:
    """The same pass by a library."""
    maker, bands = Maker(data), Bands(NEAR)
    slots = bands.rows * bands.bands
    seconds, done, standing, taken = 0.0, 0, [], []
    if name == "datasketch":
        from datasketch import MinHash, MinHashLSH

        lsh = MinHashLSH(params=(bands.bands, bands.rows), num_perm=slots)

        def sketch(texts: list[list[str]]) -> Any:
            return MinHash.bulk(([gram.encode() for gram in one] for one in texts), num_perm=slots)
    else:
        from rensa import RMinHash, RMinHashLSH

        lsh = RMinHashLSH(NEAR, slots, bands.bands)

        def sketch(texts: list[list[str]]) -> Any:
            return RMinHash.from_token_sets(texts, slots, 1)

    before = megabytes("VmRSS")
    for block in maker.blocks(n):
        began = time.perf_counter()
        for number, one in enumerate(sketch([grams(record) for record in block]), start=done):
            if found := lsh.query(one):
                taken.append((number, found))
            else:
                lsh.insert(number, one)
                standing.append(number)
        seconds += time.perf_counter() - began
        done += len(block)
    after = megabytes("VmRSS")
    records = [record for block in Maker(data).blocks(n) for record in block]

    def similarity(one: int, other: int) -> float:
        first, second = set(grams(records[one])), set(grams(records[other]))
        return len(first & second) / len(first | second)

    unlike = sum(max(similarity(number, other) for other in found) < NEAR for number, found in taken)
    return {
        "name": f"{name} {version(name)}", "records": n, "per_s": n / seconds, "dropped": len(taken), "dropped_below_threshold": unlike,
        "bytes_per_standing": (after - before) * 2**20 / len(standing),
    }  # fmt: skip


def pair(maker: Maker, n: int, target: float) -> tuple[list[str], list[str]]:
    """A text of `n` words and a copy in which words are replaced, one after another, as long as the similarity stays at the target."""
    text = maker.text(n)
    own, copy = gram_set(text), list(text)
    for place in random.Random(n).sample(range(n), n):
        tried = [*copy[:place], f"new{place}", *copy[place + 1 :]]
        other = gram_set(tried)
        if len(own & other) / len(own | other) >= target:
            copy = tried
    return text, copy


def gram_set(text: list[str]) -> set[str]:
    """The different 3-grams of a text."""
    return set(grams(Record(" ".join(text), "", "")))


def planted(pairs: int, data: Path) -> dict[str, Any]:
    """Per target the share of pairs found with that threshold and with `NEAR`; pairs lie at or just above their target."""
    maker, found = Maker(data), {}
    for target in (0.75, 0.8, 0.85, 0.9):
        made = [pair(maker, 40 + number % 120, target) for number in range(pairs)]
        first, second = ([Record(" ".join(texts[side]), "", "") for texts in made] for side in (0, 1))
        scores = [len(one & other) / len(one | other) for one, other in ((gram_set(a), gram_set(b)) for a, b in made)]
        row: dict[str, float] = {"similarity": sum(scores) / pairs}
        for threshold in (target, NEAR):
            duplicates = Duplicates(near=threshold)
            duplicates.remember(Prints(near=True).of(first), [str(place) for place in range(pairs)])
            said = duplicates.screen(Prints(near=True).of(second), ["copy"] * pairs)
            row[str(threshold)] = sum(one is not None and one.of == str(place) for place, one in enumerate(said)) / pairs
        found[str(target)] = row
    return {"pairs": pairs, "found": found}


def write(path: Path, gigabytes: float, data: Path) -> dict[str, Any]:
    """A file of JSON Lines of that size."""
    lines = 0
    with path.open("w", encoding="utf-8") as file:
        for block in Maker(data).blocks(10**9):
            for record in block:
                file.write(json.dumps(record._asdict()) + "\n")
            lines += len(block)
            if file.tell() > gigabytes * 10**9:
                return {"lines": lines}
    raise AssertionError("a billion records are more than enough")


def through(path: Path, near: float | None) -> dict[str, Any]:
    """The file, line by line, block by block."""
    prints, duplicates, lines, dropped = Prints(near=near is not None), Duplicates(near=near), 0, 0
    began, block = time.perf_counter(), []

    def judge() -> int:
        ids = [f"{path.name}:{number}" for number in range(lines - len(block), lines)]
        return sum(one is not None for one in duplicates.screen(prints.of(block), ids))

    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            block.append(Record(row["instruction"], row["input"], row["output"]))
            lines += 1
            if len(block) == BLOCK:
                dropped += judge()
                block = []
    dropped += judge()
    seconds = time.perf_counter() - began
    return {
        "gigabytes": path.stat().st_size / 10**9, "near": near, "lines": lines, "dropped": dropped, "seconds": seconds,
        "per_s": lines / seconds, "peak_megabytes": megabytes("VmHWM"),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--small", action="store_true", help="a minute's worth: 100,000 records, 20,000 beside the peers, a file of 0.05 GB"
    )
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--gigabytes", type=float, default=None, help="size of the file; 2, or 0.05 with --small")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result: dict[str, Any] = {"ours": [], "peers": []}

    for n in (100_000,) if options.small else (100_000, 1_000_000):
        for near in (None, NEAR):
            row = apart(ours, n, near, options.data)
            result["ours"].append(row)
            print(
                f"{n:,} records, {'exact' if near is None else f'exact and near {near}'}: {row['per_s']:,.0f}/s "
                f"(fingerprints {row['fingerprints_per_s']:,.0f}/s, decisions {row['decisions_per_s']:,.0f}/s), "
                f"{row['bytes_per_standing']:,.0f} bytes a standing record, peak {row['peak_megabytes']:,.0f} MB, dropped {row['dropped']}",
                flush=True,
            )
    n = 20_000 if options.small else 100_000
    beside = apart(ours, n, NEAR, options.data)
    for name in ("datasketch", "rensa"):
        row = apart(peer, name, n, options.data)
        row |= {"ratio": beside["per_s"] / row["per_s"], "ours_per_s": beside["per_s"], "ours_dropped": beside["dropped"]}
        result["peers"].append(row)
        print(
            f"{n:,} records, {row['name']}: {row['per_s']:,.0f}/s, ours {row['ours_per_s']:,.0f}/s, ratio {row['ratio']:.1f}; "
            f"{row['bytes_per_standing']:,.0f} bytes a standing record, ours {beside['bytes_per_standing']:,.0f}; dropped {row['dropped']} "
            f"({row['dropped_below_threshold']} below {NEAR}), ours {sum(beside['dropped'].values())} (none)",
            flush=True,
        )
    result["planted"] = apart(planted, 200 if options.small else 2_000, options.data)
    for target, row in result["planted"]["found"].items():
        similarity = row.pop("similarity")
        shown = ", ".join(f"{share:.2%} with near {threshold}" for threshold, share in row.items())
        print(
            f"{result['planted']['pairs']:,} pairs at {target} (mean {similarity:.3f}): found {shown}; "
            f"to be expected at just {target}: {Bands(float(target)).chance(float(target)):.2%}",
            flush=True,
        )
        row["similarity"] = similarity
    size = options.gigabytes or (0.05 if options.small else 2.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.jsonl"
        apart(write, path, size, options.data)
        result["file"] = [apart(through, path, near) for near in (None, NEAR)]
    for row in result["file"]:
        print(
            f"a file of {row['gigabytes']:.2f} GB, {row['lines']:,} lines, {'exact' if row['near'] is None else 'exact and near'}: "
            f"{row['seconds']:.0f} s, {row['per_s']:,.0f}/s, peak {row['peak_megabytes']:,.0f} MB, {row['dropped']:,} dropped"
        )
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
