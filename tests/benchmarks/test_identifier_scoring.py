"""How a finder is scored on the templates, and the command that does it; finders here are made up."""

import dataclasses
import importlib
import json
import re
import sys
import types
from collections import Counter
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def imported(name: str) -> types.ModuleType:
    """A module of benchmarks/, which is no package: its folder is on the path only while it is imported."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCHMARKS))


benchmark = imported("identifiers")
templates = imported("identifier_templates.templates")
slots = imported("identifier_templates.slots")
values = imported("identifier_templates.values")
scoring = imported("identifier_templates.scoring")

PARTS = tuple(values.PARTS)


@dataclasses.dataclass(frozen=True)
class Guess:
    start: int
    end: int
    kind: str
    finder: str = "made up"


def example(text: str, *gold: tuple[str, str], neutral: str = "", kind: str | None = None):
    """`text` with the given (stretch, kind) pairs as its identifiers."""
    spans = tuple(templates.Span(text.index(part), text.index(part) + len(part), name) for part, name in gold)
    place = (templates.Span(text.index(neutral), text.index(neutral) + len(neutral), "city"),) if neutral else ()
    made = templates.Template("made:1", kind or (gold[0][1] if gold else "none"), "note", text)
    return templates.Example(made, text, spans, place)


def finding(*found: tuple[str, str]):
    """A finder that reports the given (stretch, kind) pairs."""
    return lambda text: [Guess(text.index(part), text.index(part) + len(part), kind) for part, kind in found if part in text]


def knowing(examples):
    """A finder that reports the identifiers of these examples and nothing else."""
    gold = {made.text: made.gold for made in examples}
    return lambda text: [Guess(span.start, span.end, scoring.FOUND_AS.get(span.kind, span.kind)) for span in gold[text]]


# Scoring


def test_a_perfect_finder_gets_everything_and_a_silent_one_nothing():
    for part in PARTS:
        examples = list(templates.examples(part, 1, 0))
        perfect = scoring.score(examples, knowing(examples))
        assert set(perfect.kinds) == set(slots.KINDS)
        assert {kind for kind, tally in perfect.kinds.items() if tally.recall.value < 1} == set()
        assert {tally.precision.value for tally in perfect.kinds.values() if tally.precision} == {1.0}
        assert perfect.failures == []
        assert sum(tally.surplus for tally in perfect.kinds.values()) == 0
        silent = scoring.score(examples, lambda text: [])
        assert {tally.recall.value for tally in silent.kinds.values()} == {0.0}
        assert all(tally.precision is None for tally in silent.kinds.values())
        assert len(silent.failures) == sum(len(made.gold) for made in examples)


@pytest.mark.parametrize(
    ("reported", "hit"), [("617-482-9013", True), ("at 617-482-9013, now", True), ("617-482-901", False), ("482-9013", False)]
)
def test_a_number_is_found_only_with_all_its_digits(reported, hit):
    made = example("Call at 617-482-9013, now", ("617-482-9013", "phone"))
    assert scoring.score([made], finding((reported, "phone"))).kinds["phone"].recalled == [hit]


def test_a_name_is_found_from_half_of_it_on_and_two_spans_do_not_add_up():
    made = example("Seen by Olga Kowalski today", ("Olga Kowalski", "name_free"))
    assert scoring.score([made], finding(("Kowalski", "name"))).kinds["name_free"].recalled == [True]
    halves = scoring.score([made], finding(("Olga", "name"), ("owals", "name")))
    assert halves.kinds["name_free"].recalled == [False]
    assert [halves.kinds["name"].count(verdict) for verdict in ("right", "confused", "false")] == [2, 0, 0]


def test_phone_and_fax_stand_for_one_another_only_in_the_lenient_figures():
    made = example("Fax 617-482-9013", ("617-482-9013", "fax"))
    scores = scoring.score([made], finding(("617-482-9013", "phone")))
    assert (scores.kinds["fax"].recalled, scores.kinds["fax"].recalled_lenient) == ([False], [True])
    assert scores.kinds["phone"].precision.value == 0.0
    assert scores.kinds["phone"].lenient_precision.value == 1.0
    assert scores.kinds["phone"].confused_with == Counter(fax=1)


def test_another_kind_is_confused_and_what_overlaps_nothing_is_false():
    made = example("MRN 1234567, acct 7654321, WBC 11.2", ("1234567", "medical_record"), ("7654321", "account"))
    scores = scoring.score([made], finding(("1234567", "phone"), ("7654321", "account"), ("11.2", "date")))
    assert scores.kinds["phone"].confused_with == Counter(medical_record=1)
    assert [scores.kinds[kind].count(verdict) for kind, verdict in (("phone", "confused"), ("account", "right"), ("date", "false"))] == [
        1,
        1,
        1,
    ]
    assert scores.kinds["medical_record"].recalled_as_any == [True]
    assert Counter(failure.what for failure in scores.failures) == Counter(missed=1, confused=1, false=1)
    assert scores.false_in_sentences == Counter()


def test_a_city_counts_for_nothing_and_surplus_counts_what_is_masked_besides():
    made = example("Lives at 12 Elm St, Dayton, OH with her son", ("12 Elm St", "address"), neutral="Dayton, OH")
    scores = scoring.score([made], finding(("Dayton, OH", "address"), ("12 Elm St, Dayton, OH with", "address")))
    assert scores.kinds["address"].judged == ["right"]
    assert scores.kinds["address"].surplus == len(", ") + len(" with")


def test_false_spans_in_sentences_without_an_identifier_are_counted_by_kind():
    scores = scoring.score([example("EF 35%"), example("WBC 11.2")], finding(("35", "age_over_89"), ("11.2", "ip")))
    assert scores.sentences == 2
    assert benchmark.measured(scores)["negatives"] == {
        "sentences": 2,
        "false": 2,
        "per_100": 100.0,
        "kinds": {"age_over_89": 1, "ip": 1},
    }


def test_intervals_are_over_templates_and_never_without_width():
    low, high = scoring.wilson(1.0, 10)
    assert (low, high) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert scoring.wilson(0.25, 20) == pytest.approx((0.112, 0.469), abs=1e-3)
    alike = scoring.share([True] * 400, [f"t{number % 10}" for number in range(400)])
    # all ten templates agree: the score interval with Student's t of 9 degrees, 1 / (1 + 2.2622^2 / 10), is wider than Wilson's
    assert (alike.low, alike.high) == pytest.approx((0.6615, 1.0), abs=1e-4)
    assert (alike.value, alike.n, alike.clusters) == (1.0, 400, 10)
    split = scoring.share([True] * 200 + [False] * 200, [f"t{number // 100}" for number in range(400)])
    assert split.low <= 0.25 < 0.75 <= split.high
    assert scoring.share([], []) is None


# The command


def test_it_says_so_where_there_is_no_finder(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "bioinstruct.curate.identifiers", None)
    with pytest.raises(SystemExit) as stopped:
        benchmark.main([])
    assert stopped.value.code == 2
    assert "allowed: a bioinstruct with bioinstruct.curate.identifiers.find" in capsys.readouterr().err


@pytest.fixture
def years(monkeypatch):
    """A finder that takes every four digits for a date."""
    monkeypatch.setattr(benchmark, "finder", lambda: lambda text: [Guess(*one.span(), "date") for one in re.finditer(r"\d{4}", text)])


def test_examples_of_a_held_out_part_are_shown_only_on_request(years, capsys, monkeypatch):
    shown = []
    closed = ["held_out_fourth"]
    monkeypatch.setattr(benchmark, "HELD_OUT", ("held_out_fourth",))
    monkeypatch.setitem(benchmark.PARTS, "held_out_fourth", "held out")
    for words in (["develop"], ["held_out"], ["held_out_second"], closed, [*closed, "--show-held-out"]):
        benchmark.main(["--part", *words, "--n", "1", "--misses", "5"])
        shown.append(capsys.readouterr().out)
    assert [text.count("[[") for text in shown] == [5, 5, 5, 0, 5]
    assert "Measured on templates: held_out (known: held out at first, looked at since), 1 texts a template, seed 0" in shown[1]
    assert "Measured on templates: held_out_second (known: held out at first, looked at since), 1 texts a template, seed 0" in shown[2]
    assert "Measured on templates: held_out_fourth (held out), 1 texts a template, seed 0" in shown[3]
    assert re.search(r"per 100( \(date \d+\))?\.\s*$", shown[3])


def test_the_table_has_a_row_a_kind_and_the_file_the_same_figures(years, capsys, tmp_path):
    benchmark.main(["--n", "2", "--misses", "0", "--json", str(tmp_path / "out.json")])
    printed = capsys.readouterr().out
    rows = [line.split(" | ") for line in printed.splitlines() if line.startswith("| `")]
    assert [row[0].strip("| `") for row in rows] == list(slots.KINDS)
    assert {len(row) for row in rows} == {11}
    figures = json.loads((tmp_path / "out.json").read_text())
    assert (figures["part"], figures["standing"], figures["n"], figures["seed"]) == ("develop", "known", 2, 0)
    date = figures["kinds"]["date"]
    assert rows[0][2].startswith(f"{date['recall']['value']:.3f} [{date['recall']['low']:.2f}")
    assert date["right"] + date["confused"] + date["lenient"] + date["false"] == int(rows[0][5])
    assert f"{figures['negatives']['per_100']} per 100" in printed


def test_failures_take_turns_by_template_and_say_how_many_there_are():
    texts = [example("EF 35%", kind="none"), example("EF 36%", kind="none"), example("WBC 11.2", kind="none")]
    texts[2] = dataclasses.replace(texts[2], template=dataclasses.replace(texts[2].template, id="made:2"))
    failures = scoring.score(texts, finding(("35", "date"), ("36", "date"), ("11.2", "ip"))).failures
    lines = [line.strip() for line in benchmark.told(failures, 3)]
    assert lines == [
        "false date (made:1, 1 of 2): EF [[35]]%",
        "false ip (made:2, 1 of 1): WBC [[11.2]]",
        "false date (made:1, 2 of 2): EF [[36]]%",
    ]
    assert len(list(benchmark.told(failures, 1))) == 1


@pytest.mark.parametrize("words", [["--part", "test"], ["--n", "0"], ["--misses", "-1"]])
def test_wrong_arguments_are_refused(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        benchmark.main(words)
    assert stopped.value.code == 2
    assert "error" in capsys.readouterr().err


def test_the_embedded_world_is_searched_whole(years, monkeypatch, capsys):
    monkeypatch.setattr(benchmark, "DOCUMENTS", 20)
    monkeypatch.setattr(benchmark, "ITEMS", 2)
    monkeypatch.setattr(benchmark, "_teacher_records", lambda: iter(["Sum up.\nSeen in 2011 and\nin 2011.\nstable"]))
    benchmark.main(["--embedded", "--misses", "1"])
    printed = capsys.readouterr().out
    assert [line.split(" | ")[0] for line in printed.splitlines()[2:6]] == ["| tables", "| documents", "| items", "| teacher"]
    assert "| teacher | 1 | 2 | date 2 |" in printed
    assert printed.count("[[") == 1
