"""Studies made up for tests: two tasks a family (NLI one), scores around a level and the gains that are put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bioinstruct.study.mixtures import Mixture
from bioinstruct.study.table import TaskScores

LEVEL, TRIVIAL = 0.3, 0.35
TASKS = {
    "qa": ("medmcqa", "medqa_4"),
    "nli": ("nli_embedded",),
    "ie": ("medication_status", "coreference"),
    "generation": ("conv2note", "icliniq"),
}
METRICS = {"qa": "accuracy", "nli": "accuracy", "ie": "f1", "generation": "rougeL"}
SIZE = 400

MIXTURES = (
    Mixture("qa", "single", ("qa",), SIZE),
    Mixture("ie", "single", ("ie",), SIZE),
    Mixture("generation", "single", ("generation",), SIZE),
    Mixture("qa+ie", "pair", ("qa", "ie"), SIZE),
    Mixture("qa+generation", "pair", ("qa", "generation"), SIZE),
    Mixture("ie+generation", "pair", ("ie", "generation"), SIZE),
    Mixture("all", "all", ("qa", "ie", "generation"), SIZE),
    Mixture("general", "general", (), SIZE, of="all"),
    Mixture("all~within", "shuffled_within", ("qa", "ie", "generation"), SIZE, of="all"),
    Mixture("all~across", "shuffled_across", ("qa", "ie", "generation"), SIZE, of="all"),
)
"""All of a study's main matrix without `other`, and its controls."""


def gains(family: str) -> dict[str, float]:
    """Matching 30 points, others 20; a pair like its better part, all 30; general 10, shuffled within 5, across 0."""
    matched = {mixture.name: 0.3 if family in mixture.categories else 0.2 for mixture in MIXTURES}
    return {**matched, "all": 0.3, "general": 0.1, "all~within": 0.05, "all~across": 0.0}


def scores(
    planted: Mapping[str, Mapping[str, float]] | None = None,
    mixtures: Sequence[Mixture] = MIXTURES,
    seeds: int = 5,
    items: int = 60,
    noise: float = 0.05,
    seed_sd: float = 0.003,
) -> list[TaskScores]:
    """Tasks of the families in `planted` (all of them by default): family -> mixture -> gain."""
    planted = {family: gains(family) for family in TASKS} if planted is None else planted
    generator = np.random.default_rng(7)
    made = []
    for family, of_mixture in planted.items():
        for task in TASKS[family]:
            base = LEVEL + noise * generator.standard_normal(items)
            values = {
                mixture.name: base
                + of_mixture[mixture.name]
                + seed_sd * generator.standard_normal((seeds, 1))
                + noise * generator.standard_normal((seeds, items))
                for mixture in mixtures
            }
            names = tuple(f"{task}/{place}" for place in range(items))
            trivial = np.full(items, TRIVIAL)
            made.append(TaskScores(task, family, METRICS[family], names, ("",) * items, base, trivial, values))
    return made
