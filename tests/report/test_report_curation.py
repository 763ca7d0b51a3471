from __future__ import annotations

import json
import re
import shutil
from html import unescape

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Category, Instruction, Origin, Rejected
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.report import cards, run
from bioinstruct.report.curation import PAIRS, shared
from bioinstruct.report.page import page

from .harmless import harmless

EVIL = """<script>alert(1)</script></style><img src=x onerror=alert(1)>"'&\u202e"""


def part(html, name):
    """The section of the page of that name."""
    return html.split(f'id="{name}" aria-labelledby')[1].split('<h2 id="')[1]


def words_of(html):
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


@pytest.fixture
def copy(searched, tmp_path):
    """A copy of the searched run to be changed."""
    shutil.copytree(searched.path, tmp_path / "run")
    return tmp_path / "run"


def test_every_rule_that_dropped_has_its_first_middle_and_last_record(older):
    rules = [step["rule"] for step in older.data["funnel"] if step["dropped"]]
    assert [one["rule"] for one in older.data["rejected"]] == [*rules, *(["surplus"] if older.data["totals"]["surplus"] else [])]
    rows = list(jsonl.read(older.path / "curate/rejected.jsonl", Rejected))
    for step in older.data["rejected"]:
        if step["rule"] == "surplus":
            continue
        ids = [row.instruction.id for row in rows if row.verdict.rule == step["rule"]]
        assert len(ids) == step["dropped"]
        assert [one["id"] for one in step["examples"]] == [ids[place] for place in sorted({0, len(ids) // 2, len(ids) - 1})]
        assert all(one["evidence"] for one in step["examples"])
        shown = part(older.html, "funnel")
        assert all(shown.count(f"<code>{one['id']}</code>") >= 1 for one in step["examples"])


def test_a_run_of_before_is_described_all_the_same(older, searched):
    for field in ("lengths", "categories", "verbs", "diversity", "seeds"):
        assert older.data[field] == searched.data[field], field
    assert older.data["labels"] is older.data["checks"] is None
    assert "Labels and checks" not in older.html


def test_what_a_run_of_before_did_not_look_for_is_said(older):
    assert older.data["contamination"]["state"] == older.data["identifiers"]["state"] == "absent"
    for name in ("contamination", "identifiers"):
        assert "Not recorded by this run." in part(older.html, name)
    card = cards.dataset(older.data)
    assert "No comparison with test items is recorded." in card
    assert "No search for personal data is recorded." in card


def test_findings_add_up_by_benchmark(searched):
    found = searched.data["contamination"]
    rows = {one["benchmark"]: one for one in found["benchmarks"]}
    assert (found["findings"], found["dropped"], found["reported"]) == (8, 1, 7)
    for one in rows.values():
        assert one["findings"] == one["dropped"] + one["reported"] == sum(one["how"].values()) >= one["items_found"]
        assert len(one["pairs"]) == min(PAIRS, one["findings"])
    assert rows["pubmedqa_embedded"]["how"] == {"exact": 0, "n-gram": 7, "paraphrase": 0}
    assert (rows["pubmedqa_embedded"]["items"], rows["pubmedqa_embedded"]["items_found"]) == (12, 5)
    assert (rows["mine.jsonl"]["items"], rows["mine.jsonl"]["dropped"], rows["mine.jsonl"]["sha256"]) == (20_345, 1, "cd" * 32)
    shown = words_of(part(searched.html, "contamination"))
    assert "8 records hold a test item: 1 dropped, 7 only reported." in shown
    assert "pubmedqa_embedded 12 5 7 0 7 0 0 7" in shown
    assert "mine.jsonl 20,345 1 1 1 0 0 1 0" in shown
    assert "The first 5 are shown, and 2 further in curate/contamination.jsonl." in shown
    assert "8 records hold one, 1 of them dropped" in cards.dataset(searched.data)


def test_both_sides_of_a_pair_are_shown(searched):
    kept = {one.id: one for one in jsonl.read(searched.path / "curate/instructions.jsonl", Instruction)}
    pairs = next(one for one in searched.data["contamination"]["benchmarks"] if one["benchmark"] == "pubmedqa_embedded")["pairs"]
    quoted = [pair for pair in pairs if not pair["withheld"]]
    assert len(quoted) == 3
    for pair in quoted:
        assert pair["field"] == "output"
        assert pair["text"]["text"] == kept[pair["record"]].output[:300]
        assert pair["part"]["text"] == kept[pair["record"]].output[:300]
        assert pair["outcome"] == "reported"
        assert part(searched.html, "contamination").count(f"<code>{pair['record']}</code>") == 1


def test_a_pair_shows_the_place_that_both_share(copy, searched, report):
    rows = (copy / "curate/contamination.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(rows[-1])
    row["leak"]["part"] = "The patient was given nine drops of a rare tincture."
    (copy / "curate/contamination.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    dropped = [json.loads(line) for line in (copy / "curate/rejected.jsonl").read_text(encoding="utf-8").splitlines()]
    for one in dropped:
        if one["instruction"]["id"] == row["record"]:
            one["instruction"]["input"] = "cough " * 200 + "the patient was GIVEN nine drops of it" + " fever" * 200
    jsonl.write(copy / "curate/rejected.jsonl", dropped)
    data, html = report(copy, searched.resolved)
    pair = next(one for one in data["contamination"]["benchmarks"] if one["findings"])["pairs"][0]
    assert pair["field"] == "input"
    assert pair["text"]["from"] == 1200 - 60
    assert "the patient was GIVEN nine drops" in pair["text"]["text"]
    assert "Characters 1,141 to 1,440 of 2,438." in html


def test_what_is_shared_is_found_whatever_the_texts():
    def record(*texts):
        return Instruction("0", *texts, Category.QA, Origin("file"))

    assert shared(record("", "", ""), "") == ("instruction", 0)
    assert shared(record("\u05d0\u05d1", "!!", "\u0130x"), "\u05d0\u05d1") == ("instruction", 0)
    assert shared(record("a b", "x a b c", "b c"), "A B, C!") == ("input", 2)
    assert shared(record("\u0130\u0130 drug list", "", ""), "drug list") == ("instruction", 3)


def test_a_record_that_is_gone_is_said_to_be(copy, searched, report):
    row = {"record": "0" * 16, "leak": {"benchmark": "b", "id": "1", "how": "fuzzy", "score": 0.5, "part": "text"}}
    jsonl.write(copy / "curate/contamination.jsonl", [row])
    data, html = report(copy, searched.resolved)
    found = data["contamination"]["benchmarks"][-1]
    assert (found["items"], found["how"]["fuzzy"], found["reported"]) == (None, 1, 1)
    assert "The record does not stand in this folder." in html
    assert "How many items were compared was not recorded where there is a dash." in html


def test_no_finding_is_said_in_words(copy, searched, report):
    (copy / "curate/contamination.jsonl").write_text("", encoding="utf-8")
    (copy / "curate/identifiers.jsonl").write_text("", encoding="utf-8")
    text = json.loads((copy / "curate/seed_contamination.json").read_text(encoding="utf-8"))
    (copy / "curate/seed_contamination.json").write_text(json.dumps({**text, "findings": []}), encoding="utf-8")
    data, html = report(copy, searched.resolved)
    assert data["contamination"]["findings"] == data["identifiers"]["found"] == 0
    shown = words_of(part(html, "contamination"))
    assert "No test item was found in any record." in shown
    assert "80 seeds were compared with 20,417 items in the same way: no test item was found in any." in shown
    assert "None was found." in part(html, "identifiers")
    assert "This is no de-identification" in part(html, "identifiers")


def test_what_is_switched_off_is_said_to_be(searched, report, copy):
    curate = searched.resolved.recipe.curate.model_copy(update={"contamination": "off", "identifiers": "off"})
    off = type(searched.resolved)(searched.resolved.recipe.model_copy(update={"curate": curate}), searched.resolved.given)
    _, html = report(copy, off)
    assert "(curate.contamination=off)" in part(html, "contamination")
    assert "(curate.identifiers=off)" in part(html, "identifiers")
    assert "In the seeds" not in html


def test_seeds_are_compared_too(searched, from_file):
    found = searched.data["contamination"]["seeds"]
    assert (found["seeds"], found["sources"], found["findings"], len(found["pairs"])) == (80, 20_417, 6, PAIRS)
    shown = words_of(part(searched.html, "contamination"))
    assert "80 seeds were compared with 20,417 items in the same way: 6 hold a test item." in shown
    assert "and 1 further in curate/seed_contamination.json." in shown
    assert "Is it long?" not in shown  # the text is shown around what the two share
    assert shown.count("Cough for days and nights.") == PAIRS
    assert "In the seeds" not in from_file.html  # a file has none


def test_identifiers_are_counted_by_kind(searched):
    found = searched.data["identifiers"]
    assert (found["found"], found["records"], found["actions"]) == (5, 3, {"reported": 0, "masked": 2, "dropped": 1})
    kinds = {one["kind"]: one for one in found["kinds"]}
    assert kinds["date"] == {
        "kind": "date", "found": 3, "records": 2, "reported": 0, "masked": 1, "dropped": 1, "finders": {"patterns": 3},
    }  # fmt: skip
    assert sum(one["found"] for one in kinds.values()) == found["found"]
    shown = words_of(part(searched.html, "identifiers"))
    assert "5 found in 3 records: 2 masked, 1 dropped." in shown
    assert "date 3 2 0 1 1 patterns (3)" in shown
    assert "person name 2 2 0 2 0 presidio (2)" in shown
    assert "any kind 5 3 0 2 1" in shown
    assert "This is no de-identification" in shown


def test_a_record_with_an_identifier_is_not_quoted(searched):
    rows = [json.loads(line) for line in (searched.path / "curate/identifiers.jsonl").read_text(encoding="utf-8").splitlines()]
    named = {row["record"] for row in rows}
    assert named.isdisjoint(one["id"] for one in searched.data["traces"])
    examples = [one for step in searched.data["rejected"] for one in step["examples"] if one["id"] in named]
    assert examples
    assert all(set(one) == {"number", "id", "method", "request", "position", "withheld"} for one in examples)
    pairs = [one for benchmark in searched.data["contamination"]["benchmarks"] for one in benchmark["pairs"] if one["record"] in named]
    assert [(one["text"], one["withheld"]) for one in pairs] == [(None, ["date", "person_name"]), (None, ["person_name"])]
    assert "an identifier was found in it (<bdi>date</bdi>, <bdi>person name</bdi>)." in searched.html


def test_a_masked_record_is_known_by_its_parent(copy, searched, report):
    path = copy / "curate/instructions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row["parent"], row["id"] = row["id"], row["id"][::-1]
    jsonl.write(path, rows)
    data, _ = report(copy, searched.resolved)
    assert {row["id"] for row in rows[:2]}.isdisjoint(one["id"] for one in data["traces"])
    pairs = next(one for one in data["contamination"]["benchmarks"] if one["benchmark"] == "pubmedqa_embedded")["pairs"]
    assert [one["text"] is None for one in pairs] == [True, True, False, False, False]


def test_labels_and_checks_are_shown_where_there_are_any(searched):
    shown = words_of(part(searched.html, "composition"))
    assert "Labels and checks" in shown
    assert "agreement with rules 0.812" in shown
    assert "answers: asked 195" in shown
    assert "Answers were checked by a model (see the report), not by a clinician." in cards.dataset(searched.data)


def test_nothing_is_shown_twice(searched):
    """A dropped record stands with its rule, one that holds a test item beside that item."""
    for step in searched.data["rejected"]:
        for one in step["examples"]:
            assert searched.html.count(f"<code>{one['id']}</code>") == 1, step["rule"]
    assert "Shown beside the test items:" in part(searched.html, "funnel")


def test_files_that_do_not_fit_are_named(copy, searched):
    def refused(name, text, match):
        before = (copy / "curate" / name).read_text(encoding="utf-8")
        (copy / "curate" / name).write_text(text, encoding="utf-8")
        with RunFolder(copy) as folder, pytest.raises(DataError, match=match):
            run.run(searched.resolved.recipe.report, folder=folder, resolved=searched.resolved)
        (copy / "curate" / name).write_text(before, encoding="utf-8")

    refused(
        "sources.json", '{"pubmedqa": {"items": "many", "parts": 1, "sha256": ""}}', r"sources\.json, field 'pubmedqa\.items': got 'many'"
    )
    refused("seed_contamination.json", '{"seeds": 1, "sources": 1}', r"seed_contamination\.json, field 'findings'")
    refused("seed_contamination.json", "[", r"seed_contamination\.json.*not JSON")
    refused("identifiers.jsonl", '{"record": "1", "action": "eaten", "found": []}', r"identifiers\.jsonl, line 1, field 'action'")
    written = json.loads((copy / "curate/statistics.json").read_text(encoding="utf-8"))
    written["funnel"]["kept"] -= 1
    refused("statistics.json", json.dumps(written), r"statistics\.json: got other counts than funnel\.json has")


def test_hostile_texts_stay_texts(reported, report, make_findings, outline, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(reported.path, path)
    make_findings(path, EVIL)
    data, html = report(path, reported.resolved)
    harmless(html, outline)
    shown = outline(part(html, "contamination") + part(html, "identifiers") + part(html, "composition")).text
    assert shown.count(EVIL) > 20
    found_in = re.findall("<(\\w+)[^<>]*>[^<>]*\u202e", part(html, "contamination") + part(html, "identifiers"))
    assert set(found_in) <= {"bdi", "code", "div", "th", "td"}  # marks for another direction end with these, and turn nothing of ours round
    assert "<script" not in (path / "DATASET_CARD.md").read_text(encoding="utf-8")
    assert page(data) == page(json.loads(json.dumps(data)))


def test_the_same_findings_give_the_same_bytes(searched, report, copy):
    names = ("report.json", "report.html", "DATASET_CARD.md")
    before = {name: (searched.path / name).read_bytes() for name in names}
    report(copy, searched.resolved)
    assert {name: (copy / name).read_bytes() for name in names} == before
