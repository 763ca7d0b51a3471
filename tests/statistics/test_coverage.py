"""Planted truth on a thinned grid; all of it, with 2,000 simulations a cell, is `python benchmarks/coverage.py`.

With 500 simulations a share of .95 has a standard error of .0097, and one of .05 the same: the limits are those of the full grid and
two such errors beyond.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SIMULATIONS = 500
SAMPLES = 100


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_benchmark", Path(__file__).parents[2] / "benchmarks" / "coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("level", "share", "cluster", "items"),
    [
        (0.5, None, 1, 100),
        (0.95, None, 1, 100),
        (0.3, None, 5, 100),
        (0.95, None, 5, 100),
        (0.8, None, 5, 1000),
        (0.1, 0.5, 1, 100),
        (0.1, 0.75, 5, 100),
        (0.2, 0.5, 5, 100),
        (0.4, 0.75, 1, 100),
        (0.4, 0.5, 5, 1000),
    ],
)
def test_intervals_hold_the_truth_and_tests_claim_nothing(benchmark: ModuleType, level: float, share: float, cluster: int, items: int):
    found = benchmark.measure(benchmark.Cell(level, share, cluster, items), SIMULATIONS, SAMPLES)
    assert 0.90 <= found["covered"] <= 0.995
    if share == 0.5:
        assert found["exact"] <= found["mid_p"] <= 0.08


def test_percentiles_would_not_do(benchmark: ModuleType):
    found = benchmark.measure(benchmark.Cell(0.95, None, 5, 100), SIMULATIONS, SAMPLES)
    assert found["percentile"] < 0.89 < found["covered"]
