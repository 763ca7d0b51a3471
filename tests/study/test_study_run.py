"""Cells, made once and the same however they were made; what they depend on; what is read from them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("torch")

import numpy as np

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import InputError
from bioinstruct.core.progress import Silent
from bioinstruct.core.records import Instruction, Score
from bioinstruct.core.workers import Workers
from bioinstruct.study import cells, forecast, mixtures, table
from bioinstruct.study import run as stage


class Listening(Silent):
    """Keeps the labels."""

    def __init__(self) -> None:
        self.labels: list[str] = []

    def start(self, label: str, total: int | None, unit: str) -> None:
        self.labels.append(label)


class Killed(Exception):
    """Stands for a power cut."""


class Killer(Silent):
    """Ends the work when it is told of so many pieces and steps."""

    def __init__(self, at: int) -> None:
        self.left = at

    def start(self, label: str, total: int | None, unit: str) -> None:
        self.advance()

    def advance(self, n: int = 1, note: str = "", **_: Any) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed


def do(studies: list[stage.Study], folder: Path, progress: Any = None) -> dict[str, Any]:
    stage.run(studies, folder, Workers(1, progress or Silent()))
    return json.loads((folder / "matrix.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture
def two(tiny: Any, curated: Path, study_of: Any) -> stage.Study:
    """Two mixtures with two seeds each."""
    (one,) = study_of(tiny("evaluate.tasks=[bioasq_embedded, coreference_embedded]"), curated)
    rows = [row for row in one.rows if row.name in ("qa", "all")]
    return replace(one, rows=rows, cells=[cell for cell in one.cells if cell.mixture is None or cell.mixture in rows])


def test_the_cells_of_a_stated_grid(tiny: Any, curated: Path, study_of: Any) -> None:
    (one,) = study_of(tiny("study.sizes=[20]", "study.side_seeds=1", "study.seeds=2", "study.rows=[pair]"), curated)
    names = [cell.name for cell in one.cells]
    assert names[:3] == ["base", "pool@20.n20.s0", "qa.n12.s0"]
    assert names[-1] == "all.n12.s1"
    assert len(names) == len(set(names)) == 1 + 1 + 2 * (4 + 3 + 1)  # base, curve, two seeds of single categories, pairs and all
    assert len({cell.number(0) for cell in one.cells} | {cell.number(1) for cell in one.cells}) == 2 * len(names)
    assert len(one.missing()) == len(names)


def test_a_study_is_done_once_and_says_what_its_cells_say(two: stage.Study, tmp_path: Path) -> None:
    folder, progress = tmp_path / "run" / "study", Listening()
    said = do([two], folder, progress)
    assert [label for label in progress.labels if label.endswith("done")] == [f"{cell.name} done" for cell in two.cells]
    room = folder / "cells" / two.work.room.name
    for cell in two.cells:
        record = runfolder.read_record(room / cell.name)
        assert record is not None
        assert record.counts["items"] == 4 * (3 if cell.mixture is None else 2)  # of the base, coreference is graded twice
        if cell.mixture is not None:
            subset = list(jsonl.read(room / cell.name / "instructions.jsonl", Instruction))
            assert subset == mixtures.draw(cell.mixture, cell.number(0), list(jsonl.read(two.work.pool, Instruction)), [])
            assert record.counts["records"] == len(subset) == 12
            assert record.counts["steps"] == 6  # two records a step
    tasks = table.read(two.cells, two.work)
    assert [task.task for task in tasks] == ["bioasq_embedded", "coreference_embedded"]
    for task in tasks:
        assert {name: values.shape for name, values in task.values.items()} == {"qa": (2, 4), "all": (2, 4)}
        (path,) = room.glob(f"qa.n12.s1/{task.task}.*/scores.jsonl")
        scores = list(jsonl.read(path, Score))
        assert np.array_equal(task.values["qa"][1], [one.values[task.metric] for one in scores])
        assert task.items == tuple(one.item for one in scores)
    assert said["design"]["mixtures"]["qa"]["seeds"] == 2
    assert runfolder.read_record(folder) is not None
    again = Listening()
    before = (folder / "matrix.json").read_bytes()
    do([two], folder, again)
    assert again.labels == []
    assert (folder / "matrix.json").read_bytes() == before


def test_stopped_anywhere_and_gone_on_with_it_ends_with_the_same_matrix(two: stage.Study, tmp_path: Path) -> None:
    folder = tmp_path / "run" / "study"
    calm = replace(two, work=replace(two.work, room=tmp_path / "calm" / "cells" / two.work.room.name))
    said = do([calm], tmp_path / "calm")
    dice, stops = Random(3), 0
    while True:
        try:
            assert do([two], folder, Killer(dice.randint(1, 24))) == said
            break
        except Killed:
            stops += 1
            assert not (folder / "matrix.json").exists()
    assert stops > 2


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_an_adapter_beside_a_held_base_answers_as_one_that_is_loaded_with_it(
    dtype: str, two: stage.Study, tmp_path: Path, base: Path
) -> None:
    import torch

    from bioinstruct.models.local import LocalModel
    from bioinstruct.study.host import Host

    do([two], tmp_path / "run" / "study")
    folders = [two.work.folder(cell) / "tune" / "adapter" for cell in two.cells[1:3]]
    held = Host(str(base), "paper", 1, dtype)
    for folder in (folders[0], None, folders[1], folders[0]):
        apart = LocalModel.load(base, folder, dtype=dtype, device="cpu").model
        model = held.model(folder)[0].model
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), apart.parameters(), strict=True))


def test_what_a_cell_does_not_depend_on_leaves_it_as_it_is(tiny: Any, curated: Path, study_of: Any, pool: list[Instruction]) -> None:
    def prints(*more: str) -> dict[str, str]:
        (one,) = study_of(tiny(*more), curated)
        return {cell.name: one.work.fingerprint(cell) for cell in one.cells}

    before = prints()
    more = prints("study.seeds=3", "study.rows=[pair]", "study.sizes=[20]", "study.general=embedded", "tune.controls=[]")
    assert before.items() <= more.items()
    for change in (
        "tune.rank=4",
        "study.examples_per_step=6",
        "study.learning_rate=null",
        "study.items=5",
        "seed=1",
        "evaluate.item_seed=2",
    ):
        changed = prints(change)
        assert not {name for name in before if name != "base" and changed[name] == before[name]}, change
    jsonl.write(curated / "curate" / "instructions.jsonl", pool[:-1])
    assert {name for name, value in prints().items() if before[name] == value} == {"base"}


def test_a_cell_whose_files_were_changed_is_made_again(two: stage.Study, tmp_path: Path) -> None:
    folder = tmp_path / "run" / "study"
    said = do([two], folder)
    cell = two.cells[1]
    (two.work.folder(cell) / "tune" / "adapter" / "adapter_model.safetensors").write_bytes(b"")
    assert two.missing() == [cell]
    assert do([two], folder) == said
    assert two.missing() == []


def test_several_bases_have_folders_and_matrices_of_their_own(tiny: Any, curated: Path, study_of: Any, base: Path, tmp_path: Path) -> None:
    import shutil

    other = Path(shutil.copytree(base, tmp_path / "second" / base.name))
    both = study_of(tiny(f"study.bases=[{base}, {other}]", "evaluate.tasks=[bioasq_embedded]", "study.seeds=1"), curated)
    rooms = {one.work.room.name for one in both}
    assert len(rooms) == 2
    assert all(room.startswith(f"{base.name}-") for room in rooms)
    few = [replace(one, rows=one.rows[:1], cells=one.cells[:1] + one.cells[1:2]) for one in both]
    few = [replace(one, rows=[cell.mixture for cell in one.cells if cell.mixture]) for one in few]
    do(few, curated / "study")
    assert (curated / "study" / f"matrix.{few[1].work.room.name}.json").exists()


def test_times_are_assumed_until_cells_are_done_and_measured_then(two: stage.Study, tmp_path: Path) -> None:
    assumed = forecast.rates(two.cells, two.work, lambda: 100.0)
    assert (assumed.tokens, assumed.measured) == (100.0, 0)
    cell = two.cells[1]
    items = 4 * 2
    assert forecast.seconds(cell, two.work, assumed) == pytest.approx((12 + items) * assumed.record / 100.0)
    do([two], tmp_path / "run" / "study")
    measured = forecast.rates(two.cells, two.work, lambda: pytest.fail("nothing is assumed any more"))
    assert measured.measured == 4
    record = runfolder.read_record(two.work.folder(cell))
    assert record is not None
    assert forecast.seconds(cell, two.work, measured) == pytest.approx(record.seconds, rel=3.0)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("study.sizes=[20, 20]", "study.sizes: got 20 more than once"),
        ("study.sizes=[3]", "study.sizes: got 3; allowed: 0"),
        ("study.general=none.jsonl", "study.general: got none.jsonl"),
        ("study.items=101", "study.items: got 101 of bioasq_embedded; allowed: at most evaluate.items = 100, which curation looks for"),
        ("study.items=0", "study.items: got 0; allowed: 1 or more"),
        ("study.bases=[none]", "tune.base: got 'none'"),
        ("evaluate.tasks=[nothing]", "evaluate.tasks: got 'nothing'"),
    ],
)
def test_what_is_wrong_is_found_before_any_work(tiny: Any, override: str, said: str) -> None:
    assert any(str(one).startswith(said) for one in stage.check(tiny(override))), [str(one) for one in stage.check(tiny(override))]


def test_a_general_file_with_too_few_records_is_refused(tiny: Any, tmp_path: Path) -> None:
    path = tmp_path / "general.jsonl"
    path.write_text("".join(f'{{"instruction": "Say hello {n}.", "output": "Hello."}}\n' for n in range(3)))
    (problem,) = stage.check(tiny(f"study.general={path}"))
    assert str(problem) == f"study.general: got 3 records in {path}; allowed: at least study.size = 12"


def test_general_instructions_that_hold_a_test_item_are_dropped(tiny: Any, curated: Path, study_of: Any, tmp_path: Path) -> None:
    from bioinstruct.embedded import items

    item = items.make("bioasq_embedded", 4, 1)[0]
    rows = [{"instruction": item.instruction, "input": item.input, "output": item.references[0]}]
    rows += [{"instruction": f"Say hello to guest {n}.", "input": "", "output": f"Hello, {n}."} for n in range(12)]
    path = tmp_path / "general.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[1]]))
    (one,) = study_of(tiny(f"study.general={path}", "study.seeds=1", "study.side_seeds=1", "evaluate.tasks=[bioasq_embedded]"), curated)
    few = [row for row in one.rows if row.name in ("all", "general")]
    do([replace(one, rows=few, cells=[cell for cell in one.cells if cell.mixture is None or cell.mixture in few])], curated / "study")
    kept = [record.instruction for record in jsonl.read(curated / "study" / "general.jsonl", Instruction)]
    assert kept == [row["instruction"] for row in rows[1:]]
    (leak,) = (json.loads(line)["leak"] for line in (curated / "study" / "general_contamination.jsonl").read_text().splitlines())
    assert leak["id"] == item.id
    (room,) = (curated / "study" / "cells").iterdir()
    drawn = {record.instruction for record in jsonl.read(room / "general.n12.s0" / "instructions.jsonl", Instruction)}
    assert drawn == set(kept)


def test_a_small_pool_is_refused_before_anything_is_written(tiny: Any, curated: Path, study_of: Any) -> None:
    with pytest.raises(InputError, match=r"study\.size: got 31 with 30 records of qa"):
        study_of(tiny("study.size=31"), curated)
    assert not (curated / "study").exists()


def test_folders_of_bases_are_told_apart() -> None:
    assert cells.slugs(["embedded", "meta-llama/Llama-2-7b-hf"]) == {
        "embedded": "embedded", "meta-llama/Llama-2-7b-hf": "Llama-2-7b-hf"
    }  # fmt: skip
    alike = cells.slugs(["a/model", "b/model"])
    assert len(set(alike.values())) == 2
    assert all(name.startswith("model-") for name in alike.values())
    assert cells.slugs(["../.."]) == {"../..": "base"}
