"""Grading again needs no model; killed at any moment, an evaluation ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.records import Ranking, Score
from bioinstruct.evaluate import grade
from bioinstruct.evaluate.regrade import regrade
from bioinstruct.tasks.base import Grade


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("bioinstruct.models.local.LocalModel.load", refuse)


def test_what_did_not_change_stays_and_what_is_lost_comes_back(finished: Path, original: Path, bytes_of: Any) -> None:
    for path in (*finished.glob("*/*/scores.jsonl"), *finished.glob("trivial/*.jsonl")):
        path.unlink()
    record = regrade(finished)
    assert bytes_of(finished) == bytes_of(original)
    assert record == runfolder.read_record(finished) == runfolder.read_record(original)


def test_other_grading_changes_ranked_and_generated_results_and_the_stage_is_finished(
    finished: Path, evaluate: Any, made_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(item: Any, text: str, finish: Any) -> Grade:
        found: Grade = old[item.task](item, text, finish)
        return replace(found, values=dict.fromkeys(found.values, 0.5))

    old = {name: getattr(made_up, name).grade for name in ("colour", "note")}
    answers = {path: path.read_bytes() for name in ("rankings", "completions") for path in finished.glob(f"*/*/{name}.jsonl")}
    with monkeypatch.context() as patch:
        for name in old:
            patch.setattr(made_up, name, replace(getattr(made_up, name), grade=nothing, version="2"))
        record = regrade(finished)
    for name in ("tuned/colour.rank-text-0shot", "base/note.generate-text-1shot-strings"):
        result = grade.read_result(finished / name)
        assert result is not None
        assert (result.version, result.estimates[result.metric].value) == ("2", 0.5)
        assert {one.values[result.metric] for one in jsonl.read(finished / name / "scores.jsonl", Score)} == {0.5}
    assert json.loads((finished / "summary.json").read_text())["tasks"]["colour"]["settings"][0]["estimate"]["value"] == 0.5
    assert {path: path.read_bytes() for path in answers} == answers
    assert evaluate(finished) == record  # nothing is left to do


def test_regrading_reads_the_stored_log_likelihoods(finished: Path) -> None:
    folder = finished / "tuned" / "colour.rank-text-0shot"
    rankings = [
        replace(one, log_likelihoods=(-1.0, *(-50.0,) * (len(one.log_likelihoods) - 1)))
        for one in jsonl.read(folder / "rankings.jsonl", Ranking)
    ]
    jsonl.write(folder / "rankings.jsonl", rankings)
    regrade(finished)
    items = {json.loads(line)["id"]: json.loads(line) for line in grade.items_file(finished, "colour").read_text().splitlines()}
    for one in jsonl.read(folder / "scores.jsonl", Score):
        assert one.values["accuracy"] == float(items[one.item]["options"][0] == items[one.item]["references"][0])


def test_an_unfinished_or_torn_evaluation_is_refused(finished: Path, tmp_path: Path) -> None:
    (finished / "tuned" / "colour.rank-text-0shot" / "rankings.jsonl").write_text("")
    with pytest.raises(DataError, match="the end of the file"):
        regrade(finished)
    (finished / "record.json").unlink()
    for folder in (finished, tmp_path / "absent"):
        with pytest.raises(InputError, match="no record of a finished evaluation"):
            regrade(folder)


KILLING = """
import os, random, signal, sys, time
from pathlib import Path

from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.workers import Workers
from bioinstruct.evaluate import run as stage
from bioinstruct.models import local
import peft

base, adapter, calm, rough, times = *map(Path, sys.argv[1:5]), int(sys.argv[5])
section = EvaluateSection(tasks=["bioasq_embedded", "coreference_embedded"], items=24, samples=100, row_tokens=128, max_new_tokens=6)

def run(folder):
    stage.run(section, tune=TuneSection(base=str(base)), adapters={"tuned": adapter}, threads=1, folder=folder, inputs={},
              workers=Workers(1, Silent()))

def child(folder):
    pid = os.fork()
    if not pid:
        try:
            run(folder)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return pid

began = time.monotonic()
assert os.waitpid(child(calm), 0)[1] == 0
whole = time.monotonic() - began
dice, met = random.Random(5), 0
for _ in range(times):
    pid = child(rough)
    time.sleep(dice.uniform(0.05, 0.5) * whole)
    os.kill(pid, signal.SIGKILL)
    met += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
assert os.waitpid(child(rough), 0)[1] == 0
print(met)
"""


@pytest.mark.parametrize("times", [4, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_gives_the_same(
    tmp_path: Path, base: Path, adapters: dict[str, Path], bytes_of: Any, times: int
) -> None:
    calm, rough = tmp_path / "calm" / "evaluate", tmp_path / "rough" / "evaluate"
    command = [sys.executable, "-c", KILLING, str(base), str(adapters["tuned"]), str(calm), str(rough), str(times)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) >= times // 2, "hardly a kill met the work: this test showed nothing"
    assert bytes_of(calm) == bytes_of(rough)
