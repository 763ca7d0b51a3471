"""`report --verify`: a report that holds, and one changed number, answer, verdict or line after the other that must be noticed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, recipe, runfolder
from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Instruction
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.report import run as report
from bioinstruct.tune import data, guard
from bioinstruct.verify import Remade, Verified, hold, remake, verify


@pytest.fixture(scope="module")
def whole(reported: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose records tell what is there: the made-up trainings get the counts of their records. Not to be changed."""
    path = tmp_path_factory.mktemp("verified") / "run"
    shutil.copytree(reported.path, path)
    kept = list(jsonl.read(path / "curate" / "instructions.jsonl", Instruction))
    for name, records in (("tune", kept), ("tune/controls/shuffled", data.shuffled(kept, 0))):
        record = runfolder.read_record(path / name)
        assert record is not None
        counts = guard.counts(reported.resolved.recipe.tune, records)
        outputs = {"train.jsonl": runfolder.sha256(path / name / "train.jsonl")}
        runfolder.write_record(path / name, replace(record, counts={**record.counts, **counts}, outputs=outputs))
    evaluated = runfolder.read_record(path / "evaluate")
    assert evaluated is not None
    outputs = {
        file.relative_to(path / "evaluate").as_posix(): runfolder.sha256(file)
        for file in sorted((path / "evaluate").rglob("*.json*"))
        if file.name != "record.json"
    }
    runfolder.write_record(path / "evaluate", replace(evaluated, outputs=outputs))
    again(path, reported.resolved)
    return path


def again(path: Path, resolved: Any) -> None:
    with RunFolder(path) as folder:
        report.run(resolved.recipe.report, folder=folder, resolved=resolved)


@pytest.fixture(scope="module")
def remade(whole: Path) -> Remade:
    return remake(whole)


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "run")
    return tmp_path / "run"


def places(found: Verified) -> list[str]:
    return [one.place for one in found.differences]


def test_a_report_that_holds(whole: Path, bytes_below: Any) -> None:
    before = bytes_below(whole)
    found = verify(whole)
    assert places(found) == []
    assert found.gaps == []
    assert found.holds
    told = json.loads((whole / "report.json").read_text())
    assert sum(found.figures.values()) == numbers(told)
    assert min(found.figures[part] for part in ("totals", "funnel", "lengths", "training", "gains", "tasks", "comparisons", "items")) > 5
    assert found.files > 60
    assert bytes_below(whole) == before
    lines = list(found.lines())
    assert lines[-1].endswith("every number is what the evidence says")
    assert any(line.startswith("taken over: answers") for line in lines)


def numbers(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(numbers, value.values()))
    if isinstance(value, list):
        return sum(map(numbers, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def leaves(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of the numbers in a JSON value."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [path for key, inner in pairs for path in leaves(inner, (*place, key))]
    return [place] if numbers(value) else []


PARTS = ("totals", "funnel", "categories", "lengths", "verbs", "diversity", "seeds", "rejected", "contamination", "training", "gains",
         "tests", "tasks", "comparisons", "traces", "items", "cost")  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_one_changed_number_of_any_part_is_found(copied: Path, remade: Remade, part: str) -> None:
    told = json.loads((copied / "report.json").read_text())
    paths = leaves(told[part], (part,))
    path = paths[len(paths) // 2]
    holder = told
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] += 1
    (copied / "report.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    found = hold(copied, remade)
    assert not found.holds
    place = "report.json " + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]
    assert place in places(found)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_changed_number_on_the_page_or_a_card_is_found(copied: Path, remade: Remade) -> None:
    html = (copied / "report.html").read_text()
    number = re.search(r">(\d+\.\d)<", html)
    assert number is not None
    change(copied / "report.html", f">{number[1]}<", ">99.9<")
    change(copied / "DATASET_CARD.md", "70", "71")
    found = places(hold(copied, remade))
    assert any(place.startswith("report.html line") for place in found)
    assert any(place.startswith("DATASET_CARD.md line") for place in found)


def _answer(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[3]["text"] = "something else"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _likelihood(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["log_likelihoods"] = row["log_likelihoods"][::-1]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _drop_last(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def _loss(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[5]["loss"] += 1.0
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(
    ("name", "tamper", "part"),
    [
        ("evaluate/tuned/conv2note_embedded.generate-text-0shot/completions.jsonl", _answer, "tasks"),
        ("evaluate/tuned/nli_embedded.rank-text-0shot/rankings.jsonl", _likelihood, "gains"),
        ("curate/rejected.jsonl", _drop_last, "funnel"),
        ("curate/instructions.jsonl", _drop_last, "totals"),
        ("tune/train.jsonl", _loss, "training"),
    ],
)
def test_changed_evidence_is_found(copied: Path, name: str, tamper: Callable[[Path], None], part: str) -> None:
    tamper(copied / name)
    found = verify(copied)
    assert name in places(found)  # by its SHA-256
    assert any(place.startswith(f"report.json {part}") for place in places(found))  # and by what follows from it


def test_scores_and_summaries_are_not_believed(copied: Path) -> None:
    """Whoever changes scores, summary, record and report alike is found by the answers."""
    scores = copied / "evaluate" / "tuned" / "nli_embedded.rank-text-0shot" / "scores.jsonl"
    scores.write_text(scores.read_text().replace('"accuracy":0.0', '"accuracy":1.0').replace('"accuracy": 0.0', '"accuracy": 1.0'))
    from bioinstruct.evaluate import compare

    compare.refresh(copied / "evaluate")
    record = runfolder.read_record(copied / "evaluate")
    assert record is not None
    runfolder.write_record(
        copied / "evaluate", replace(record, outputs={name: runfolder.sha256(copied / "evaluate" / name) for name in record.outputs})
    )
    again(copied, recipe.stored(copied / "recipe.yaml"))
    found = places(verify(copied))
    assert any(place.startswith("report.json gains.nli") for place in found)
    assert not any(place.startswith("report.json gains.qa") for place in found)


def test_a_reply_that_was_changed_in_the_ledger_is_found(copied: Path) -> None:
    import sqlite3

    with sqlite3.connect(copied / "ledger.sqlite") as database:
        changed = database.execute("UPDATE replies SET text = '' WHERE rowid = 1").rowcount
    assert changed == 1
    found = places(verify(copied))
    assert any(place.startswith("report.json totals.unparsed") for place in found)
    assert "curate: every candidate has one verdict" in found


def test_a_run_on_a_file_that_is_gone_says_what_was_not_made_again(from_file: Any, tmp_path: Path) -> None:
    path = tmp_path / "run"
    shutil.copytree(from_file.path, path)
    source = Path(from_file.resolved.recipe.generate.instructions)
    assert [gap.what for gap in verify(path).gaps] == []
    text = source.read_text()
    source.unlink()
    try:
        assert [gap.what for gap in verify(path).gaps] == ["generate: candidates and what could not be read"]
        source.write_text(text + "\n")
        assert "got another file than the run has read" in verify(path).gaps[0].why
    finally:
        source.write_text(text)


def test_the_command(whole: Path, copied: Path, command: Any, tmp_path: Path) -> None:
    done = command("report", "--verify", "--out", str(whole))
    assert (done.code, done.err) == (0, "")
    assert "every number is what the evidence says" in done.out
    change(copied / "report.json", '"kept": 70', '"kept": 71')
    done = command("report", "--verify", "--out", str(copied))
    assert done.code == 1
    assert "DIFFERS report.json totals.kept: shown 71; found 70" in done.out
    done = command("report", "--verify", "--out", str(tmp_path / "nothing"))
    assert done.code == 2
    assert "got no report.json and recipe.yaml" in done.err
    with pytest.raises(InputError, match=r"got no report\.json"):
        verify(tmp_path)


def formats(value: float) -> set[str]:
    """How the page may write a number: as a count, a score of 100, a share, with two or three decimals, an axis mark."""
    size = abs(value)
    plain = {f"{size:,}", f"{size:g}", f"{size:,.0f}", f"{size:.4f}", f"{size:.3f}", f"{size:.2f}", f"{size:.1f}"}
    return plain | {f"{100 * size:.1f}", f"{100 * size:.0f}"}


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
SAID = {"25,005": "the paper's number of instructions", "10,000": "tokens of a sample, in a sentence of ours"}
"""Numbers that the page says of something else than this run."""


def test_every_number_of_the_text_is_in_report_json(reported: Any, searched: Any) -> None:
    """Axis marks of pictures aside, which are of the scale and not of the run."""
    for one in (reported, searched):
        numbers_, texts = set[str](), list[str]()

        def walk(value: Any, numbers_: set[str] = numbers_, texts: list[str] = texts) -> None:
            if isinstance(value, dict | list):
                numbers_.update(formats(len(value)))
                for inner in (*value, *value.values()) if isinstance(value, dict) else value:
                    walk(inner)
            elif isinstance(value, str):
                texts.append(value)
            elif isinstance(value, int | float):
                numbers_.update(formats(value))

        walk(one.data)
        known = numbers_ | {number for text in texts for number in NUMBER.findall(text)} | set(SAID)
        without_pictures = re.sub(r"<svg.*?</svg>|<style>.*?</style>|<script.*?</script>", " ", one.html, flags=re.DOTALL)
        found = [number.rstrip(",") for number in NUMBER.findall(unescape(re.sub(r"<[^>]+>", " ", without_pictures)))]
        assert len(found) > 1000
        assert [number for number in found if number not in known] == []
