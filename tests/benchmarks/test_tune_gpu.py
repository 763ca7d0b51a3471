"""The GPU benchmark without a GPU: what it works on, what it counts, and that it says so where there is none."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def random_examples(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("random_examples")


@pytest.fixture
def tune_gpu(random_examples: Any) -> Any:
    return importlib.import_module("tune_gpu")


def test_records_are_as_long_as_bioinstructs(random_examples: Any):
    assert sum(random_examples.LENGTHS.values()) == 112
    records = random_examples.make_records(4000, random_examples.TINY)
    assert records == random_examples.make_records(4000, random_examples.TINY)
    mean = sum(len(one.body) for one in records) / len(records)
    assert 187 + 13 - 6 < mean < 187 + 13 + 6  # the mean of the records that were counted, and the template's parts
    assert all(1 < one.trained < len(one.body) and one.body[-1] == 1 and 1 not in one.body[:-1] for one in records)
    assert len({one.preamble for one in records}) == 1


def test_the_shape_has_llama_2_7bs_parameters(random_examples: Any):
    shape = random_examples.LLAMA_2_7B
    norms = (2 * shape.layers + 1) * shape.hidden
    assert shape.body + 2 * shape.head + norms == 6_738_415_616
    assert random_examples.operations(shape, 10, 3) == 4 * (10 * shape.body + 3 * shape.head)


@pytest.mark.parametrize("checkpointing", [False, True])
def test_ours_counts_a_shared_preamble_once_a_row(
    tune_gpu: Any, random_examples: Any, checkpointing: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tune_gpu, "PER_STEP", 4)
    monkeypatch.setattr(tune_gpu, "WARM", 1)
    records = random_examples.make_records(8, random_examples.TINY)
    setting = tune_gpu.Setting(8192, checkpointing=checkpointing)
    found = tune_gpu.ours(random_examples.TINY, records, setting, 0.0, "cpu")
    counted = records[4:]
    assert (found["examples"], found["steps"]) == (4, 1)
    assert found["trained"] == sum(one.trained for one in counted)
    bodies = sum(len(one.body) for one in counted)
    assert bodies + 39 <= found["tokens"] < bodies + 4 * 39 + 1
    assert found["seconds"] > 0


def test_the_fastest_that_ran_is_taken(tune_gpu: Any):
    slow, fast, broken = (tune_gpu.Setting(n) for n in (1, 2, 3))
    tried = {slow: {"examples": 1, "seconds": 2.0}, fast: {"examples": 3, "seconds": 2.0}, broken: {"failed": "out of memory"}}
    assert tune_gpu.best(tried) is fast
    assert tune_gpu.best({broken: tried[broken]}) is None
    assert "out of memory" in tune_gpu.told("ours", broken, tried[broken], tune_gpu.TINY, 1.0)


def test_an_extrapolation_is_labelled_as_one(tune_gpu: Any):
    mine = {"examples": 1000, "seconds": 10.0, "tokens": 10, "trained": 5}
    rows = tune_gpu.report("card", mine, None, tune_gpu.TINY, 1e12)
    assert rows[-1]["work"].startswith("EXTRAPOLATED: 25,005 records x 3 epochs")
    assert rows[-1]["ours"] == round(25_005 * 3 / 100 / 60, 1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so_and_ends():
    done = subprocess.run([sys.executable, str(FOLDER / "tune_gpu.py")], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tune_gpu: got no GPU; allowed: a machine with a CUDA GPU, or --small on the CPU\n"
