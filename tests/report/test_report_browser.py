"""The figures and texts of all items: the same as in the run folder, placed within the page or beside it."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.records import Completion, Item, Score
from bioinstruct.report import browser, page_browser, payload
from bioinstruct.report.browser import Part
from bioinstruct.report.page import page


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


def blocks(html):
    """Name -> value of each block of data."""
    found = {}
    for one in html.split("<script id=")[1:]:
        head, text = one.split("</script>")[0].split(">")
        found[head.split('"')[1]] = unpacked(text)
    return found


def summary(reported):
    return json.loads((reported.path / "evaluate/summary.json").read_text(encoding="utf-8"))


def test_every_item_is_there_with_every_answer(reported):
    found = reported.data["browser"]["tasks"]
    assert list(found) == list(reported.data["comparisons"])
    for name, task in found.items():
        items = list(jsonl.read(reported.path / task["items_file"], Item))
        assert task["items"] == [item.id for item in items]
        assert [one["model"] for one in task["answerers"]] == ["base", "tuned", "shuffled"]
        for one in task["answerers"]:
            scores = list(jsonl.read(reported.path / one["scores_file"], Score))
            assert one["values"] == [round(score.values[task["metric"]], 6) for score in scores]
            assert one["outcomes"] == [score.outcome.value for score in scores]
            told = reported.data["tasks"][name][one["model"]][one["setting"]]
            assert sum(one["values"]) / len(items) == pytest.approx(told["value"], abs=1e-5)
            assert (reported.path / one["answers_file"]).exists()
        assert task["answerers"][0]["setting"] == reported.data["comparisons"][name]["strongest_base"]


def test_the_page_holds_figures_and_texts(reported):
    found = blocks(reported.html)
    figures = found.pop("browser-figures")
    assert figures["limit"] == browser.LIMIT
    assert figures["tasks"]["conv2note_embedded"]["metric"] == "ROUGE-L"
    for name, task in figures["tasks"].items():
        assert task["items"] == reported.data["browser"]["tasks"][name]["items"]
    assert list(found) == [f"part-{number}" for number in range(6)]
    task = figures["tasks"]["conv2note_embedded"]
    part = found[f"part-{list(figures['tasks']).index('conv2note_embedded')}"]
    texts = [one.text for one in jsonl.read(reported.path / task["answerers"][1]["answers_file"], Completion)]
    assert part["answers"][1] == texts
    assert part["gold"] == [item.references[0] for item in jsonl.read(reported.path / task["items_file"], Item)]
    assert not (reported.path / payload.FOLDER).exists()
    assert "The texts of all 72 items lie within this page." in reported.html


def test_long_texts_are_cut_and_counted(reported, monkeypatch):
    monkeypatch.setattr(browser, "LIMIT", 7)
    for part in browser.parts(reported.path / "evaluate", summary(reported)):
        assert max(len(text) for text in part.texts["input"]) == 7
    found = browser.collect(reported.path / "evaluate", summary(reported))
    assert found["limit"] == 7
    assert found["tasks"] == {name: found["tasks"][name] for name in reported.data["browser"]["tasks"]}
    assert min(found["tasks"]["pubmedqa_embedded"]["characters"]["input"]) > 7


def test_parts_are_consecutive(reported, monkeypatch):
    monkeypatch.setattr(browser, "PART", 5)
    found = list(browser.parts(reported.path / "evaluate", summary(reported)))
    assert [(one.first, one.last) for one in found[:4]] == [(1, 5), (6, 10), (11, 12), (1, 5)]
    assert {len(one.texts["gold"]) for one in found} == {5, 2}


def made(n):
    return [Part(task, 1 + 10 * number, 10 + 10 * number, {"gold": [f"{task} {number}"]}) for task in ("a", "b") for number in range(n)]


def test_what_does_not_fit_lies_beside_the_page():
    parts = payload.packed(made(3))
    one = len(parts[0].text) + payload.FRAME
    placed = payload.place(parts, 3 * one + 20)
    assert [(part.task, part.first) for part in placed if part.file is None] == [("a", 1), ("a", 11), ("b", 1)]
    beside = payload.beside(placed)
    assert list(beside) == ["report/items/003.js", "report/items/005.js", "report/items/006.js"]
    name, text = next(iter(beside.items()))
    assert text.startswith(f'bioinstructPart("{name}", "')
    assert unpacked(text.split('"')[3]) == {"gold": ["a 2"]}
    assert payload.place(parts, 0) == parts
    assert all(part.file is None for part in payload.place(parts, 10**6))


def test_packing_is_repeatable_and_needs_no_escaping():
    value = {"text": "</script><!--\u2028\U0001f642\ud800\x00\"'"}
    assert payload.pack(value) == payload.pack(value)
    assert unpacked(payload.pack(value)) == value
    assert set(payload.pack(value)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def test_a_page_stays_below_its_limit(reported, report, monkeypatch):
    """The folder of an earlier report goes, and the page says where the texts are."""
    bare = len(page(reported.data).encode())
    monkeypatch.setattr(payload, "MOST", bare + 4_000)
    monkeypatch.setattr(browser, "PART", 4)
    stale = reported.path / payload.FOLDER / "999.js"
    stale.parent.mkdir(parents=True)
    stale.touch()
    data, html = report(reported.path, reported.resolved)
    files = sorted(path.relative_to(reported.path).as_posix() for path in stale.parent.iterdir())
    assert len(html.encode()) <= payload.MOST
    assert files == sorted(one["file"] for one in data["browser"]["parts"] if one["file"])
    assert stale.name not in files
    inside = sum(one["last"] - one["first"] + 1 for one in data["browser"]["parts"] if one["file"] is None)
    assert f"those of {72 - inside} in {len(files)} files of the folder report/items beside it" in html
    assert f"<code>{files[0]}</code>" in html
    record = json.loads((reported.path / "report/record.json").read_text(encoding="utf-8"))
    assert set(files) < set(record["outputs"])
    monkeypatch.undo()
    _, html = report(reported.path, reported.resolved)
    assert html == reported.html
    assert not stale.parent.exists()


def test_the_script_is_allowed_by_its_digest_alone(reported):
    assert page_browser.policy().replace("'", "&#x27;") in reported.html
    assert reported.html.count(page_browser.source()) == 1
    assert "unsafe-eval" not in reported.html
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(", "XMLHttpRequest"):
        assert word not in page_browser.source()


def test_no_browser_without_items(reported):
    data = {**reported.data, "browser": {"limit": 7, "tasks": {}, "parts": []}}
    html = page(data)
    assert "<script" not in html
    assert "script-src" not in html
    assert 'id="browser"' not in html
