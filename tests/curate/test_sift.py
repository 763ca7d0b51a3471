"""Shards in, rows out: the same ones however the work is shared out and wherever it was stopped."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import CurateSection, EvaluateSection
from bioinstruct.core.records import Candidate, Instruction, Origin, Rejected
from bioinstruct.core.workers import Workers
from bioinstruct.curate import cluster, shards, sift
from bioinstruct.curate import run as curate
from bioinstruct.curate.contamination import Contamination, Source

EVALUATE = EvaluateSection(tasks=["bioasq_embedded"], items=3)
ITEM = "Which enzyme of the liver breaks down the anticoagulant warfarin in most adult patients of European descent?"
TIMED = ("record.json", ".lock")


def row(n: int, **changed: str) -> dict[str, str]:
    """A record that every rule lets pass and that is like no other."""
    dice = random.Random(n)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choice(letters) for _ in range(dice.randint(4, 9))) for _ in range(24)]
    made = {"instruction": f"Say in one sentence what {words[0]} {words[1]} does to the patient.", "input": " ".join(words[2:12]) + "."}
    return made | {"output": f"The {' '.join(words[12:])} is seen in most of them."} | changed


@pytest.fixture
def section(tmp_path: Path) -> CurateSection:
    (tmp_path / "leaks.jsonl").write_text(json.dumps({"question": ITEM}) + "\n")
    return CurateSection(against=[str(tmp_path / "leaks.jsonl")], near_duplicates=0.8, rules={"wrong_language": False})


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Two shards: one of the rows of the second repeats one of the first, another nearly does."""
    folder = tmp_path / "shards"
    folder.mkdir()
    repeated, near = row(3), row(5)
    near["output"] = near["output"].removesuffix(" them.") + " patients."
    first = [*(row(n) for n in range(10)), row(90, instruction="Too short"), row(91, input=ITEM)]
    second = [row(20), repeated, row(21), near, row(22, instruction=row(22)["instruction"].upper())]
    (folder / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in first))
    (folder / "b.jsonl").write_text("".join(json.dumps(one) + "\n" for one in second))
    return [folder]


def work(section: CurateSection, parts: Sequence[Path], folder: Path, mapper: Any = None, skip: bool = False) -> Any:
    found = sift.find_shards(parts)
    return sift.run(section, EVALUATE, found, skip=skip, folder=folder, mapper=mapper or Workers(1, Silent()), progress=Silent())


def kept(folder: Path) -> list[Instruction]:
    return [one for path in sorted(folder.glob("*/kept.jsonl")) for one in jsonl.read(path, Instruction)]


def rejected(folder: Path) -> list[Rejected]:
    return [one for path in sorted(folder.glob("*/rejected.jsonl")) for one in jsonl.read(path, Rejected)]


def test_every_row_ends_in_one_place(section: CurateSection, parts: list[Path], tmp_path: Path) -> None:
    record = work(section, parts, tmp_path / "out")
    assert [one.verdict.rule for one in rejected(tmp_path / "out")] == ["too_short", "contamination", "duplicate", "near_duplicate"]
    funnel = json.loads((tmp_path / "out" / "funnel.json").read_text())
    assert funnel["rows"] == 17 == funnel["kept"] + sum(one["dropped"] for one in funnel["funnel"])
    assert record.counts["kept"] == 13 == len(kept(tmp_path / "out"))
    duplicate = rejected(tmp_path / "out")[2]
    assert duplicate.verdict.evidence["of"] == kept(tmp_path / "out")[3].id == duplicate.instruction.id
    assert {path.name for path in (tmp_path / "out" / "a.jsonl").iterdir()} == {
        "kept.jsonl", "rejected.jsonl", "bad_rows.jsonl", "contamination.jsonl", "identifiers.jsonl",
    }  # fmt: skip


def test_the_same_rows_as_curation_without_novelty(section: CurateSection, parts: list[Path], tmp_path: Path) -> None:
    work(section, parts, tmp_path / "out")
    rows = [json.loads(line) for path in sorted(parts[0].iterdir()) for line in path.read_text().splitlines()]
    candidates = [Candidate(0, n, one["instruction"], one["input"], one["output"]) for n, one in enumerate(rows, start=1)]
    curate.run(
        section.model_copy(update={"novelty": "off"}), candidates, seeds=[], before=[], folder=tmp_path / "curated", inputs={},
        origins=lambda one: Origin("file", position=one.position), progress=Silent(),
        against=Contamination([Source("leaks.jsonl", "1", (ITEM,))]),
    )  # fmt: skip
    alone = list(jsonl.read(tmp_path / "curated" / "instructions.jsonl", Instruction))
    assert [one.id for one in kept(tmp_path / "out")] == [one.id for one in alone]


@pytest.mark.parametrize("block", [1, 3, 5000])
def test_blocks_and_processes_change_nothing(
    section: CurateSection, parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytes_below: Any, block: int
) -> None:
    work(section, parts, tmp_path / "one")
    monkeypatch.setattr(shards, "BLOCK", block)
    with Workers(2 if block == 3 else 1, Silent()) as workers:
        work(section, parts, tmp_path / "other", workers)
    assert bytes_below(tmp_path / "other", *TIMED) == bytes_below(tmp_path / "one", *TIMED)


class Killed(BaseException):
    """Stands for a process that ends."""


class Stopping:
    """Does jobs one by one and is killed before one of them."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.done: list[str] = []

    def map(self, function: Callable[..., Any], jobs: Sequence[Mapping[str, Any]]) -> list[Any]:
        results = []
        for job in jobs:
            if self.left == 0:
                raise Killed
            self.left -= 1
            self.done.append(function.__name__)
            results.append(function(**job, progress=Silent()))
        return results


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4])
def test_killed_anywhere_it_ends_the_same(
    section: CurateSection, parts: list[Path], tmp_path: Path, bytes_below: Any, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    work(section, parts, tmp_path / "whole")
    stopping = Stopping(after)
    if after < 4:
        with pytest.raises(Killed):
            work(section, parts, tmp_path / "killed", stopping)
    else:
        work(section, parts, tmp_path / "killed", stopping)
    looked = stopping.done.count("look")
    monkeypatch.setattr(shards.Screen, "look", _counting(shards.Screen.look, counted := []))
    work(section, parts, tmp_path / "killed")
    assert len(counted) == (0 if after == 4 else 2 - looked)  # a shard that was looked at is not looked at again
    assert bytes_below(tmp_path / "killed", *TIMED) == bytes_below(tmp_path / "whole", *TIMED)


def _counting(function: Callable[..., Any], counted: list[int]) -> Callable[..., Any]:
    def wrapped(*arguments: Any) -> Any:
        counted.append(1)
        return function(*arguments)

    return wrapped


def test_a_changed_first_shard_changes_what_is_a_duplicate_in_the_second(section: CurateSection, parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(Killed):
        work(section, parts, tmp_path / "out", Stopping(3))
    (parts[0] / "a.jsonl").write_text(json.dumps(row(20)) + "\n")
    work(section, parts, tmp_path / "out")
    assert [one.verdict.rule for one in rejected(tmp_path / "out")] == ["duplicate"]
    assert len(kept(tmp_path / "out")) == 1 + 4


def test_parquet_in_parquet_out(section: CurateSection, parts: list[Path], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra hub is not installed")
    import pyarrow

    lines = [json.loads(line) for line in (parts[0] / "b.jsonl").read_text().splitlines()]
    lines[0]["further"] = "column"
    (parts[0] / "b.jsonl").unlink()
    parquet.write_table(pyarrow.Table.from_pylist(lines), parts[0] / "b.parquet")
    record = work(section, parts, tmp_path / "out")
    assert record.counts["kept"] == 13
    found = parquet.read_table(tmp_path / "out" / "b.parquet" / "kept.parquet").to_pylist()
    assert [one["output"] for one in found] == [lines[n]["output"] for n in (0, 2, 4)]
    assert json.loads(found[0]["origin"])["position"] == 1


BAD = b'{"instruction": "Name it.", "output": 7}\n'


def test_a_bad_row_stops_with_its_line_or_is_skipped_and_counted(section: CurateSection, parts: list[Path], tmp_path: Path) -> None:
    shard = parts[0] / "b.jsonl"
    shard.write_bytes(shard.read_bytes() + BAD + b"\xff\n")
    with pytest.raises(DataError, match=r"b\.jsonl, line 6, field 'output': got 7"):
        work(section, parts, tmp_path / "stopped")
    record = work(section, parts, tmp_path / "skipped", skip=True)
    assert record.counts["rows"] == 19
    assert record.counts["bad_rows"] == 2
    found = list(jsonl.read(tmp_path / "skipped" / "b.jsonl" / "bad_rows.jsonl", shards.BadRow))
    assert [one.row for one in found] == [6, 7]
    assert "line 7" in found[1].problem


def test_a_file_that_is_not_parquet_is_named(section: CurateSection, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra hub is not installed")
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(DataError, match="not Parquet"):
        work(section, [tmp_path / "x.parquet"], tmp_path / "out")


def test_wrong_shards_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "x.csv").write_text("")
    for folder in ("a", "b"):
        (tmp_path / folder / "same.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="two shards of this name"):
        sift.find_shards([tmp_path / "a", tmp_path / "b"])
    with pytest.raises(InputError, match=r"\.csv"):
        sift.find_shards([tmp_path / "x.csv"])
    with pytest.raises(InputError, match="no such file"):
        sift.find_shards([tmp_path / "none.jsonl"])
    with pytest.raises(InputError, match="no shards"):
        sift.find_shards([])


def test_done_before_is_not_done_again(section: CurateSection, parts: list[Path], tmp_path: Path) -> None:
    first = work(section, parts, tmp_path / "out")
    assert work(section, parts, tmp_path / "out", Stopping(0)) == first


def test_the_command(command: Any, parts: list[Path], tmp_path: Path) -> None:
    outcome = command(
        "sift", "shards", "--out", "out", "evaluate.tasks=[bioasq_embedded]", "evaluate.items=3", "curate.near_duplicates=0.8"
    )
    assert outcome.code == 0, outcome
    assert "17 rows: 14 kept, 3 dropped, 0 that cannot be read" in outcome.out
    assert (tmp_path / "out" / "recipe.yaml").exists()
    again = command("sift", "shards", "--out", "out", "evaluate.tasks=[bioasq_embedded]", "evaluate.items=3", "curate.near_duplicates=0.9")
    assert again.code == 2
    assert "curate.near_duplicates was 0.8, now 0.9" in again.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no shards"),
        (["none.jsonl"], "no such file"),
        (["shards", "--progress", "loud"], "--progress"),
        (["shards", "--on-bad-row", "weep"], "generate.on_bad_row: got 'weep'"),
        (["shards", "curate.rules={nonsense: true}"], "nonsense"),
    ],
)
def test_the_command_refuses(command: Any, expect: Any, parts: list[Path], tmp_path: Path, words: list[str], said: str) -> None:
    expect(command("sift", *words, "--out", "out"), [said])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("address", "said"), [("127.0.0.1:1", "refused"), ("nowhere", "no HOST:PORT"), ("", "no HOST:PORT"), ("127.0.0.1:99999", "")]
)
def test_an_address_without_a_cluster_is_refused_at_once(address: str, said: str) -> None:
    with pytest.raises(InputError, match=rf"^--ray: got '{address}' \(.*{said}"):
        cluster._reach(address)


def test_the_command_refuses_a_cluster_that_is_not_there(process: Any, parts: list[Path]) -> None:
    pytest.importorskip("ray", reason="the extra cluster is not installed")
    running = process("sift", "shards", "--out", "out", "--ray", "127.0.0.1:1", "evaluate.tasks=[bioasq_embedded]", "evaluate.items=3")
    _, err = running.communicate(timeout=120)
    assert running.returncode == 2
    assert err.startswith("bioinstruct: --ray: got '127.0.0.1:1' ([Errno 111] Connection refused)")


def test_a_bad_row_may_be_skipped_after_it_has_stopped_the_work(command: Any, parts: list[Path]) -> None:
    shard = parts[0] / "b.jsonl"
    shard.write_bytes(shard.read_bytes() + BAD)
    words = ("sift", "shards", "--out", "out", "evaluate.tasks=[bioasq_embedded]", "evaluate.items=3")
    assert command(*words).code == 2
    outcome = command(*words, "--on-bad-row", "skip")
    assert outcome.code == 0, outcome
    assert "1 that cannot be read" in outcome.out


def test_through_ray_the_same_rows(section: CurateSection, parts: list[Path], tmp_path: Path, bytes_below: Any, process: Any) -> None:
    """In a process of its own: Ray's threads and handlers stay out of the other tests."""
    pytest.importorskip("ray", reason="the extra cluster is not installed")
    words = [
        "shards",
        f"curate.against=[{section.against[0]}]",
        "curate.near_duplicates=0.8",
        "evaluate.tasks=[bioasq_embedded]",
        "evaluate.items=3",
    ]
    for where, more in (("here", []), ("ray", ["--ray", "local"])):
        running = process("sift", *words, "--out", where, *more)
        out, err = running.communicate(timeout=300)
        assert running.returncode == 0, err
        assert "17 rows: 13 kept" in out
    assert bytes_below(tmp_path / "ray", *TIMED) == bytes_below(tmp_path / "here", *TIMED)
