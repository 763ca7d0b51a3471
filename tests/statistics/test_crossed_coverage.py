"""Planted truth on a thinned grid; the full one is `benchmarks/study_coverage.py`, its table in docs/statistics.md."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
STUDIES = 250


@pytest.fixture(scope="module")
def coverage(request):
    """The benchmark, whose folder is on the path only while it is imported."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("study_coverage")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.mark.parametrize("cell", range(5))
def test_intervals_hold_the_planted_effects_and_no_synergy_is_made_up(coverage, cell):
    row = coverage.measure(coverage.grid(small=True)[cell], STUDIES, seed=1)
    for effect in ("main", "matched", "expected"):
        assert 0.92 <= row[effect] <= 0.98, (effect, row)
    assert row["synergy"] <= 0.06, row


def test_the_planted_effects_are_what_is_drawn(coverage):
    design = coverage.Design("binary", seeds=4, items=20_000, cluster=5, seed_sd=0.0)
    tasks = coverage.draw(design, coverage.np.random.default_rng(0))
    for mixture, gain in coverage.GAINS.items():
        means = [task.values[mixture].mean() - task.base.mean() for task in tasks]
        assert means == pytest.approx([gain, gain], abs=0.03)
