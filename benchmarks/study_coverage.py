"""Planted truth: how often the study's intervals hold the effect that was put in, and how often it claims a synergy that is not there.

    python benchmarks/study_coverage.py [--small] [--samples 2000] [--workers 2] [--json FILE]

A made-up family of two tasks is drawn again and again. Each training has a mean score of its own: level + gain of its mixture + what its seed does (half of
the seeds' variance common to both tasks, half to each alone). Whether an item is answered rightly is decided by a normal variable below that mean's quantile
(graded scores: the mean plus a quarter of the variable), which is the sum of what the item's cluster, the item, the mixture on the cluster, the mixture on
the item and this one answer add. So the true mean is known exactly, answers of one cluster are alike, and an item that is hard for one mixture is hard for all.

Mixtures: `qa` matches (+20 points), `ie` and `generation` do not (+10 each); of the pairs `qa+ie` has the gain of its better part and `ie+generation`
that of both its parts, so neither has any synergy.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtri

from bioinstruct.statistics.bootstrap import LEVEL
from bioinstruct.statistics.crossed import Crossed
from bioinstruct.study import effects
from bioinstruct.study.table import TaskScores

LEVEL_OF_BASE = 0.40
GAINS = {"qa": 0.20, "ie": 0.10, "generation": 0.10, "qa+ie": 0.20, "ie+generation": 0.10}
TASKS = 2
SHARES = {"cluster": 0.15, "item": 0.25, "mixture on cluster": 0.15, "mixture on item": 0.20, "answer": 0.25}
"""Of the variance of what decides an answer."""
CONTRASTS = {
    "main": (effects.gain("qa"), 0.20),
    "matched": (effects.over_mean("qa", ["ie", "generation"]), 0.10),
    "expected": (effects.over_mean("qa+ie", ["qa", "ie"]), 0.05),
    "none": (effects.over_mean("ie+generation", ["ie", "generation"]), 0.0),
}
"""Contrast and its true value; `none` is a pair that is exactly what its parts let expect."""
PARTS = (effects.difference("qa+ie", "qa"), effects.difference("qa+ie", "ie"))
"""Synergy is claimed where both are shown to be above zero; the first is truly zero."""


@dataclass(frozen=True)
class Design:
    """A cell of the grid."""

    kind: str
    """`binary` or `graded`."""
    seeds: int
    items: int
    """Of each task."""
    cluster: int
    """Items of a cluster."""
    seed_sd: float
    """Of a mixture's mean on one task between trainings."""


def grid(small: bool) -> list[Design]:
    """The stated grid; thinned where `small`."""
    if small:
        return [
            Design("binary", 3, 100, 1, 0.03), Design("binary", 3, 100, 5, 0.0), Design("graded", 3, 100, 5, 0.03),
            Design("graded", 5, 100, 1, 0.01), Design("binary", 5, 100, 5, 0.03),
        ]  # fmt: skip
    return [Design(*cell) for cell in product(("binary", "graded"), (3, 5, 10), (100, 400), (1, 5), (0.0, 0.01, 0.03))]


def draw(design: Design, generator: np.random.Generator) -> list[TaskScores]:
    """One study."""
    names = ["base", *GAINS]
    clusters = -(-design.items // design.cluster)
    member = np.arange(design.items) // design.cluster
    common = generator.normal(size=(len(names), design.seeds)) * design.seed_sd * sqrt(0.5)
    tasks = []
    for number in range(TASKS):
        alone = generator.normal(size=common.shape) * design.seed_sd * sqrt(0.5)
        means = LEVEL_OF_BASE + np.array([0.0, *GAINS.values()])[:, None] + common + alone
        means[0] = LEVEL_OF_BASE  # the base is not trained
        decides = (
            sqrt(SHARES["cluster"]) * generator.normal(size=clusters)[member]
            + sqrt(SHARES["item"]) * generator.normal(size=design.items)
            + sqrt(SHARES["mixture on cluster"]) * generator.normal(size=(len(names), 1, clusters))[..., member]
            + sqrt(SHARES["mixture on item"]) * generator.normal(size=(len(names), 1, design.items))
            + sqrt(SHARES["answer"]) * generator.normal(size=(len(names), design.seeds, design.items))
        )
        right, graded = decides < ndtri(means)[..., None], means[..., None] + decides / 4
        scores = right.astype(np.float64) if design.kind == "binary" else graded
        groups = tuple(f"g{one}" for one in member)
        tasks.append(
            TaskScores(
                f"task{number}", "qa", "accuracy", groups, groups, scores[0, 0], scores[0, 0], dict(zip(GAINS, scores[1:], strict=True))
            )
        )
    return tasks


def above(estimate: Crossed) -> bool:
    """Whether an effect above zero is claimed."""
    return estimate.low is not None and estimate.low > 0.0


def covered(estimate: Crossed, truth: float) -> bool:
    """Whether the interval holds the truth."""
    return estimate.low is not None and estimate.high is not None and estimate.low <= truth <= estimate.high


def measure(design: Design, samples: int, seed: int = 0) -> dict[str, Any]:
    """A row of the table: shares of `samples` studies."""
    counts: dict[str, float] = dict.fromkeys([*CONTRASTS, "synergy", "other than expected", "matched shown", "width"], 0.0)
    for sample in range(samples):
        tasks = draw(design, np.random.default_rng([seed, sample]))
        found = {name: effects.measure(tasks, contrast) for name, (contrast, _) in CONTRASTS.items()}
        for name, (_, truth) in CONTRASTS.items():
            counts[name] += covered(found[name], truth)
        counts["synergy"] += all(above(effects.measure(tasks, part)) for part in PARTS)
        counts["other than expected"] += not covered(found["none"], 0.0)
        counts["matched shown"] += above(found["matched"])
        counts["width"] += (found["matched"].high or 0.0) - (found["matched"].low or 0.0)
    return {**asdict(design), "samples": samples, **{name: count / samples for name, count in counts.items()}}


def rows(designs: list[Design], samples: int, workers: int) -> Iterator[dict[str, Any]]:
    """Rows in the grid's order."""
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(measure, designs, [samples] * len(designs))


def shown(row: dict[str, Any]) -> str:
    """A row as a line of a Markdown table."""
    shares = [f"{100 * row[name]:.1f}" for name in ("main", "matched", "expected", "synergy", "other than expected", "matched shown")]
    head = [row["kind"], str(row["seeds"]), str(row["items"]), str(row["cluster"]), f"{100 * row['seed_sd']:g}"]
    return "| " + " | ".join([*head, *shares, f"{100 * row['width']:.1f}"]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a thinned grid, 300 studies a cell")
    parser.add_argument("--samples", type=int, help="studies a cell (2,000)")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write rows of {work, ours, unit, goal} here")
    arguments = parser.parse_args()
    samples = arguments.samples or (300 if arguments.small else 2000)
    print(f"intervals of {100 * LEVEL:g} %, {samples:,} studies a cell, {TASKS} tasks; shares in %, seed sd and width in points\n")
    print(
        "| scores | seeds | items | cluster | seed sd | main covered | matched covered | pair covered | synergy claimed | not as expected | matched shown | width |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    found = []
    for row in rows(grid(arguments.small), samples, arguments.workers):
        found.append(row)
        print(shown(row), flush=True)
    ranges = {
        name: [min(row[name] for row in found), max(row[name] for row in found)] for name in ("main", "matched", "expected", "synergy")
    }
    for name, (low, high) in ranges.items():
        print(f"{name}: {100 * low:.1f} to {100 * high:.1f} %")
    if arguments.json:
        goals = {"main": "0.92 to 0.98", "matched": "0.92 to 0.98", "expected": "0.92 to 0.98", "synergy": "at most 0.06"}
        written = [
            {"work": f"{name}: {row['kind']}, {row['seeds']} seeds, {row['items']} items, clusters of {row['cluster']}, seed sd {row['seed_sd']}",
             "ours": row[name], "peer": None, "peer_version": None, "unit": f"share of {samples} studies", "ratio": None, "goal": goal}
            for row in found for name, goal in goals.items()
        ]  # fmt: skip
        arguments.json.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
