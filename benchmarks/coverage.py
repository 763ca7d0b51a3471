"""Planted truth: how often the intervals of `statistics/bootstrap.py` hold it, and how often the tests claim a difference that is not there.

    python benchmarks/coverage.py [--small] [--simulations 2000] [--samples 400] [--workers 2] [--json FILE]

Accuracies: right and wrong answers at .3, .5, .8 and .95. Differences: two systems differ on a share of .1, .2 or .4 of the items; of those the first has
half right (no difference) or three quarters. Clusters of 1 or 5 items, 100 or 1,000 items. In clusters of 5 each cluster has a chance of its own from a
beta distribution, so that two of its answers correlate by .3. Beside our interval stands the percentile bootstrap of the same clusters (100 items only:
at 1,000 it costs as much again), and beside the mid-p test the exact one.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from bioinstruct.statistics import bootstrap
from bioinstruct.statistics.paired import mcnemar

ACCURACIES = (0.3, 0.5, 0.8, 0.95)
DISCORDANCE = (0.1, 0.2, 0.4)
SHARES = (0.5, 0.75)
CLUSTERS = (1, 5)
ITEMS = (100, 1000)
CORRELATION = 0.3
REJECT = 0.05


@dataclass(frozen=True)
class Cell:
    """One place of the grid; `share` is None for an accuracy, `level` then being it, else the discordance."""

    level: float
    share: float | None
    cluster: int
    items: int

    @property
    def name(self) -> str:
        what = f"accuracy {self.level:g}" if self.share is None else f"discordance {self.level:g}, {self.share:.0%} for the first"
        return f"{what}; {self.items} items in clusters of {self.cluster}"

    @property
    def truth(self) -> float:
        return self.level if self.share is None else self.level * (2 * self.share - 1)


def grid(small: bool) -> list[Cell]:
    accuracies = [Cell(level, None, cluster, items) for level, cluster, items in product(ACCURACIES, CLUSTERS, ITEMS)]
    differences = [Cell(level, share, cluster, items) for level, share, cluster, items in product(DISCORDANCE, SHARES, CLUSTERS, ITEMS)]
    return [cell for cell in (*accuracies, *differences) if not small or cell.items == 100]


def chances(generator: np.random.Generator, mean: float, cell: Cell) -> np.ndarray:
    """The chance of each item, (items,)."""
    if cell.cluster == 1:
        return np.full(cell.items, mean)
    spread = (1 - CORRELATION) / CORRELATION
    return np.repeat(generator.beta(mean * spread, (1 - mean) * spread, cell.items // cell.cluster), cell.cluster)


def percentile(values: np.ndarray, cell: Cell, samples: int, generator: np.random.Generator) -> tuple[float, float]:
    """Limits of the percentile bootstrap over clusters of one size."""
    sums = values.reshape(-1, cell.cluster).mean(axis=1)
    drawn = generator.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), samples) @ sums / len(sums)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def measure(cell: Cell, simulations: int, samples: int) -> dict[str, float | None]:
    """Shares of simulations in which something happened."""
    generator = np.random.default_rng([round(1000 * cell.level), round(100 * (cell.share or 0)), cell.cluster, cell.items])
    groups = [str(place // cell.cluster) for place in range(cell.items)]
    covered = plain = mid_p = exact = excluded = 0
    for number in range(simulations):
        if cell.share is None:
            first = (generator.random(cell.items) < chances(generator, cell.level, cell)).astype(float)
            second = np.zeros(cell.items)
            found = bootstrap.mean(first.tolist(), groups, samples, number)
        else:
            differ = generator.random(cell.items) < chances(generator, cell.level, cell)
            favour = generator.random(cell.items) < chances(generator, cell.share, cell)
            both = generator.random(cell.items) < 0.5
            first, second = (np.where(differ, favour == side, both).astype(float) for side in (True, False))
            found = bootstrap.paired_difference(first.tolist(), second.tolist(), groups, samples, number)
            if cell.share == 0.5:
                test = mcnemar(first.astype(bool).tolist(), second.astype(bool).tolist(), groups)
                mid_p += test.p < REJECT
                exact += test.exact < REJECT
                excluded += not found.low <= 0 <= found.high
        covered += found.low <= cell.truth <= found.high
        if cell.items == 100:
            low, high = percentile(first - second, cell, samples, generator)
            plain += low <= cell.truth <= high
    counts = {"covered": covered, "percentile": plain if cell.items == 100 else None}
    if cell.share == 0.5:
        counts |= {"mid_p": mid_p, "exact": exact, "excluded": excluded}
    return {name: None if count is None else count / simulations for name, count in counts.items()}


def measured(cells: list[Cell], simulations: int, samples: int, workers: int) -> Iterator[tuple[Cell, dict[str, float | None]]]:
    with ProcessPoolExecutor(workers) as pool:
        yield from zip(cells, pool.map(measure, cells, [simulations] * len(cells), [samples] * len(cells)), strict=True)


def shown(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="100 items only, 300 simulations")
    parser.add_argument("--simulations", type=int, help="a cell")
    parser.add_argument("--samples", type=int, default=400, help="resamples an interval")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write rows of {work, ours, peer, unit, goal} here")
    arguments = parser.parse_args()
    simulations = arguments.simulations or (300 if arguments.small else 2000)
    print(f"{simulations:,} simulations a cell, {arguments.samples} resamples; shares in %\n")
    print("| cell | covered | percentile covered | mid-p rejects | exact rejects | interval leaves 0 out |\n|---|---|---|---|---|---|")
    started, written = time.perf_counter(), []
    for cell, found in measured(grid(arguments.small), simulations, arguments.samples, arguments.workers):
        print(
            f"| {cell.name} | "
            + " | ".join(shown(found.get(key)) for key in ("covered", "percentile", "mid_p", "exact", "excluded"))
            + " |",
            flush=True,
        )
        unit = f"share of {simulations} simulations"
        row = {
            "work": f"interval holds the truth: {cell.name}",
            "ours": found["covered"],
            "peer": found["percentile"],
            "peer_version": "percentile bootstrap",
        }
        written.append({**row, "unit": unit, "ratio": None, "goal": "0.92 to 0.98"})
        if "mid_p" in found:
            row = {"work": f"test rejects: {cell.name}", "ours": found["mid_p"], "peer": found["exact"], "peer_version": "exact test"}
            written.append({**row, "unit": unit, "ratio": None, "goal": "at most 0.06"})
    held = [row["ours"] for row in written if row["goal"] == "0.92 to 0.98"]
    rejected = [row["ours"] for row in written if row["goal"] == "at most 0.06"]
    print(
        f"\ncovered {shown(min(held))} to {shown(max(held))} %; mid-p rejects at most {shown(max(rejected))} %; {time.perf_counter() - started:.0f} s"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
