"""The commands: a server in a process of its own that is killed and started again, its lock, its links, and the report."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError, InputError, MissingExtra, RunFolderError
from bioinstruct.core.records import Category, Instruction
from bioinstruct.core.runfolder import sha256
from bioinstruct.review import run, sample

from .conftest import LABELS, Client, row, write_rows

for package in ("fastapi", "uvicorn", "jinja2", "python_multipart", "krippendorff"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra 'review')")

SERVE = """
import signal, sys
from pathlib import Path
from bioinstruct.review.run import serve
def interrupt(*_): raise KeyboardInterrupt  # as the command line does
signal.signal(signal.SIGTERM, interrupt)
serve(Path(sys.argv[1]), out=Path(sys.argv[2]), raters=sys.argv[3].split(",") if sys.argv[3] else None)
"""


class Process:
    """`bioinstruct review` in a process; its lines are read up to the last one of the beginning."""

    def __init__(self, source: Path, out: Path, raters: str) -> None:
        words = [sys.executable, "-W", "error", "-c", SERVE, str(source), str(out), raters]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if "Ctrl-C stops" in line:
                break
        self.links = dict(re.findall(r"^(\w+) \(.*http://127\.0\.0\.1:\d+(/enter\S+)", "\n".join(self.lines), re.MULTILINE))
        self.port = int(re.findall(r"127\.0\.0\.1:(\d+)/enter", "\n".join(self.lines))[0]) if self.links else 0

    def client(self, rater: str) -> Client:
        client = Client(self.port)
        assert client.get(self.links[rater]).status == 200
        assert client.get("/record/1").status == 200
        return client

    def end(self, how: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []
    source = write_rows(tmp_path / "mine.jsonl", [row(number) for number in range(6)])

    def begin(raters: str = "ada,ben") -> Process:
        started.append(Process(source, tmp_path, raters))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def answered(folder: Path) -> list[tuple[Any, ...]]:
    """What the file holds, read without our own code."""
    import sqlite3

    with sqlite3.connect(folder / "review" / "review.sqlite") as connection:
        return connection.execute("SELECT rater, record, category, decision FROM answers ORDER BY number").fetchall()


def assert_ends_in_good_order(process: Process, how: signal.Signals) -> None:
    code, out, err = process.end(how)
    assert (code, err) == (0, "")
    assert "every answer is saved" in out


def test_a_killed_server_has_lost_no_saved_answer(start, tmp_path):
    first = start()
    client = first.client("ada")
    ids = sample.order(sample.read(tmp_path / "mine.jsonl").distinct, "ada", 0)
    for record in ids[:3]:
        assert client.answer(record, category="qa").status == 303
        assert client.answer(record, decision="edit", instruction="new", input="", output="x").status == 303
    assert client.answer(ids[3], category="ie").status == 303
    first.end(signal.SIGKILL)
    again = start("")
    assert (again.port, set(again.links)) == (first.port, {"ada", "ben"})  # open pages and SSH forwards go on
    assert "ada (3 of 6 answered)" in again.lines[1]
    page = client.get("/")  # the browser is still signed in
    assert page.headers["location"] == "/record/4"
    assert 'value="ie" data-key="2" aria-pressed="true"' in client.get("/record/4").text
    assert [one[1:] for one in answered(tmp_path)][-1] == (ids[3], "ie", None)
    assert len(answered(tmp_path)) == 7
    assert_ends_in_good_order(again, signal.SIGINT)


def test_a_review_is_served_once_and_links_are_made_beside_it(start, tmp_path):
    process = start()
    source = tmp_path / "mine.jsonl"
    with pytest.raises(RunFolderError, match="another process serves"):
        run.serve(source, out=tmp_path, say=print)
    old = process.links["ben"]
    link = run.new_link(source, "ben", out=tmp_path)
    assert link.startswith(f"http://127.0.0.1:{process.port}/enter?token=")
    assert Client(process.port).get(old).status == 403
    assert Client(process.port).get(link.removeprefix(f"http://127.0.0.1:{process.port}")).status == 200
    with pytest.raises(InputError, match="--new-link: got 'eve'; allowed: ada, ben"):
        run.new_link(source, "eve", out=tmp_path)
    assert_ends_in_good_order(process, signal.SIGTERM)
    with pytest.raises(InputError, match="no server that runs"):
        run.new_link(source, "ben", out=tmp_path)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[str]]:
    """`run.serve` on a file, stopped as soon as it would wait for requests; gives back its lines."""
    from bioinstruct.review import server

    class Stopped:
        def run(self, sockets: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(server, "server", lambda app: Stopped())
    source = write_rows(tmp_path / "mine.jsonl", [row(number) for number in range(9)])

    def serve(**given: Any) -> list[str]:
        lines: list[str] = []
        run.serve(given.pop("source", source), **{"out": tmp_path, "say": lines.append, **given})
        return lines

    return serve


def test_the_sample_is_drawn_once(served, tmp_path):
    assert served(n=5, seed=3)[0].startswith("5 of 9 records of ")
    drawn = (tmp_path / "review" / "sample.jsonl").read_bytes()
    assert [set(json.loads(line)) for line in drawn.splitlines()] == [{"id", "label"}] * 5
    served()
    served(n=5, seed=3, raters=["dan"])
    assert (tmp_path / "review" / "sample.jsonl").read_bytes() == drawn
    with pytest.raises(RunFolderError, match=r"--n 6 where the sample was drawn with 5.*allowed: leave it out, another --out"):
        served(n=6)
    with pytest.raises(RunFolderError, match="--seed 0 where the sample was drawn with 3"):
        served(seed=0)


def test_raters_may_be_added_and_stay(served):
    assert [line.split(" ")[0] for line in served()[1:4]] == ["rater1", "rater2", "rater3"]
    assert [line.split(" ")[0] for line in served(raters=["ada"])[1:5]] == ["ada", "rater1", "rater2", "rater3"]
    with pytest.raises(InputError, match="got Ada where there is ada"):
        served(raters=["Ada"])


def test_changed_records_are_refused_with_the_ways_on(served, tmp_path):
    served()
    write_rows(tmp_path / "mine.jsonl", [row(number) for number in range(8)])
    for call in (served, lambda: run.summarise(tmp_path / "mine.jsonl", out=tmp_path)):
        with pytest.raises(RunFolderError, match=r"have changed since the sample .*allowed: the file as it was, another --out, or begin"):
            call()


def test_a_changed_sample_is_refused(served, tmp_path):
    served()
    (tmp_path / "review" / "sample.jsonl").write_text("")
    with pytest.raises(DataError, match="no sample or a changed one"):
        served()


def test_a_beginning_that_was_interrupted_is_begun_again(served, tmp_path, monkeypatch):
    from bioinstruct.review.store import Store

    with monkeypatch.context() as patch:
        patch.setattr(Store, "begin", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            served()
    with pytest.raises(InputError, match="no review that was begun"):
        run.summarise(tmp_path / "mine.jsonl", out=tmp_path)
    assert served()[0].startswith("9 of 9 records")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": "0.0.0.0"}, "review: got --host 0.0.0.0; allowed: 127.0.0.1; raters on other machines come through SSH"),
        ({"host": "::1"}, "allowed: 127.0.0.1"),
        ({"raters": []}, "--raters: got no name"),
        ({"raters": ["ada", "Ada"]}, "--raters: got ada, Ada; allowed: one name or more, each once"),
        ({"raters": ["../x"]}, "--raters: got '../x'"),
        ({"raters": [""]}, "--raters: got ''"),
        ({"raters": ["ä"]}, "--raters: got 'ä'"),
        ({"n": 0}, "--n: got 0; allowed: at least 1"),
        ({"n": 3}, "--n: got 3; allowed: at least 4, one for each label in the file"),
        ({"out": None}, "got a file and no --out"),
        ({"source": Path("missing.jsonl")}, "got no such folder or file"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(given, said, served, tmp_path):
    with pytest.raises(InputError) as caught:
        served(**given)
    assert said in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.jsonl"]


def test_a_taken_port_is_refused(served):
    from bioinstruct.review import server

    with server.listen(0, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"got --port {port} .*allowed: a port that is free"):
            served(port=port)
        with server.listen(0, port) as other:  # the last one is a wish, not a demand
            assert other.getsockname()[1] != port


@pytest.mark.parametrize("package", ["fastapi", "python_multipart", "krippendorff"])
def test_a_missing_extra_is_one_line(package, served, monkeypatch):
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == package else object())
    with pytest.raises(MissingExtra) as caught:
        served()
    assert str(caught.value) == f"'{package.replace('_', '-')}' is not installed; run: pip install 'bioinstruct[review]'"


def test_a_run_folder_without_instructions_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"a folder without curate/instructions\.jsonl"):
        run.serve(tmp_path)


def test_there_is_no_report_without_a_review(tmp_path):
    source = write_rows(tmp_path / "mine.jsonl", [row(0)])
    with pytest.raises(InputError, match="no review that was begun"):
        run.summarise(source, out=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.jsonl"]


def test_the_report_of_a_run_folder(begin, tmp_path):
    """Three raters through the page; then figures, table and corrected file of the whole run, twice with the same bytes."""
    pool = sample.read(write_rows(tmp_path / "x.jsonl", [row(number) for number in range(10)])).records
    served = begin([{**json.loads(jsonl.dump(record))} for record in [*pool, pool[0]]], n=8)
    drawn = served.review.sample
    rejected, edited, fought = list(drawn)[:3]
    for rater in ("ada", "ben", "cleo"):
        client = served.client(rater)
        for record in drawn.values():
            wrong = rater != "cleo" and record.id == fought
            client.answer(record.id, category=LABELS[(LABELS.index(record.category) + wrong) % 4])
            client.answer(record.id, decision="reject" if record.id == rejected and rater != "ben" else "accept", reason=f"={rater}")
    served.client("ben").answer(edited, decision="edit", instruction="New.", input="", output="new")
    for rater in ("ada", "ben"):
        served.client(rater).answer(fought, decision="edit", instruction=rater, input="", output="new")
    place = served.where.instructions
    lines = run.summarise(place, out=served.where.folder.parent)
    report = json.loads((served.where.folder / "report.json").read_text())
    assert report["sample"] | {"strata": None, "sha256": None} == {
        "records": 11, "drawn": 8, "seed": 0, "sha256": None, "labelled_by": "column", "strata": None,
    }  # fmt: skip
    assert report["sample"]["sha256"] == sha256(place)
    assert (report["accuracy"]["value"], report["accuracy"]["n"]) == (7 / 8, 8)
    assert report["fates"] == {"accepted": 5, "edited": 1, "rejected": 1, "conflict": 1, "unjudged": 0}
    assert report["conflicts"] == [fought]
    assert any("wrote report.json, answers.csv and corrected.jsonl" in line for line in lines)
    corrected = list(jsonl.read(served.where.folder / "corrected.jsonl", Instruction))
    twice = sum(record.id == rejected for record in served.review.pool.records)
    assert len(corrected) == 11 - twice
    new = [record for record in corrected if record.parent is not None]
    assert {record.parent for record in new} == {edited}
    assert {(record.instruction, record.output) for record in new} == {("New.", "new")}
    relabelled = next(record for record in corrected if record.id == fought)
    assert relabelled.category == Category(LABELS[(LABELS.index(drawn[fought].category) + 1) % 4])
    untouched = {record.id: record for record in served.review.pool.records if record.id not in drawn}
    assert {record.id: record for record in corrected if record.id in untouched} == untouched
    with (served.where.folder / "answers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    assert {one["reason"] for one in rows} == {"", "'=ada", "'=cleo"}
    before = {name: (served.where.folder / name).read_bytes() for name in (run.REPORT, run.TABLE, run.CORRECTED)}
    run.summarise(place, out=served.where.folder.parent)
    assert {name: (served.where.folder / name).read_bytes() for name in before} == before


def test_a_run_folder_keeps_its_review_inside(tmp_path, monkeypatch):
    from bioinstruct.review import server

    monkeypatch.setattr(server, "server", lambda app: (_ for _ in ()).throw(KeyboardInterrupt))
    records = sample.read(write_rows(tmp_path / "x.jsonl", [row(number) for number in range(4)])).records
    jsonl.write(tmp_path / "run" / "curate" / "instructions.jsonl", records)
    run.serve(tmp_path / "run", say=lambda _: None)
    assert (tmp_path / "run" / "review" / "review.sqlite").exists()
    assert run.summarise(tmp_path / "run")[0].startswith("4 of 4 records drawn")
