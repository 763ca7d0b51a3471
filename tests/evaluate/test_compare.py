from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Item, Outcome, Score, Setting
from bioinstruct.evaluate import compare, grade
from bioinstruct.evaluate.plan import place
from bioinstruct.tasks import ItemRequest, Task

from .conftest import COLOUR, NOTE, TRUTH

N = 40


def store(folder: Path, task: Task, right: dict[tuple[str, int, str], list[float]]) -> list[Setting]:
    """Scores of made-up settings: (model, shots, stop) -> value of each item."""
    items: list[Item] = task.collect(ItemRequest(n=N)).items
    jsonl.write(grade.items_file(folder, task.name), items)
    jsonl.write(grade.pool_file(folder, task.name), task.collect(ItemRequest(n=N)).pool)
    jsonl.write(compare.undefined_file(folder, task.name), [])
    settings = []
    for (model, shots, stop), values in right.items():
        setting = Setting(model, None, task.mode, "text", shots, "paper", stop)
        scores = [
            Score(item.id, item.group, setting, Outcome.GRADED, dict.fromkeys(task.metrics, value), {"correct": int(value)}, "", "")
            for item, value in zip(items, values, strict=True)
        ]
        head = grade.Result(task.name, "1", setting, task.metric, N, {}, {}, {}, shots, "b", "", 200, 0)
        grade.write(place(folder, task.name, setting), head, task, scores)
        settings.append(setting)
    return settings


def first(n: int) -> list[float]:
    return [float(place < n) for place in range(N)]


@pytest.fixture
def summary(tmp_path: Path) -> dict[str, Any]:
    def asked(first_base: int, second_base: int, tuned: int, shuffled: int, second: tuple[int, str] = (1, "end")) -> dict[Any, list[float]]:
        return {
            ("base", 0, "end"): first(first_base),
            ("base", *second): first(second_base),
            ("tuned", 0, "end"): first(tuned),
            ("shuffled", 0, "end"): first(shuffled),
        }

    settings = {
        "colour": store(tmp_path, COLOUR, asked(10, 16, 28, 8)),
        "truth": store(tmp_path, TRUTH, asked(20, 20, 30, 10)),
        "note": store(tmp_path, NOTE, asked(0, 0, 4, 0, (0, "strings"))),
    }
    found = compare.summarise(tmp_path, settings, samples=200)
    assert found == json.loads((tmp_path / "summary.json").read_text())
    before = (tmp_path / "summary.json").read_bytes()
    assert compare.refresh(tmp_path) == found
    assert (tmp_path / "summary.json").read_bytes() == before
    return found


def test_the_strongest_base_and_best_trivial_are_chosen_by_their_means(summary: dict[str, Any]) -> None:
    colour, truth, note = (summary["tasks"][name] for name in ("colour", "truth", "note"))
    assert colour["strongest_base"] == {"slug": "rank-text-1shot"}
    assert truth["strongest_base"] == {"slug": "rank-text-0shot"}  # equal: the first asked
    assert note["strongest_base"] == {"slug": "generate-text-0shot"}
    assert truth["best_trivial"] == {"name": "majority"}
    assert truth["trivial"]["majority"]["value"] == round(26 / 40, 6)
    assert colour["gains"]["base"]["value"] == 0.3
    assert colour["gains"]["shuffled"]["value"] == 0.5
    assert truth["gains"]["trivial"]["value"] == round(4 / 40, 6)
    assert truth["gains"]["base"]["n"] == N
    assert colour["gains"]["base"]["clusters"] == N // 2
    assert "strongest base" in summary["rule"]


def test_settings_are_shown_with_counts(summary: dict[str, Any]) -> None:
    shown = summary["tasks"]["note"]["settings"]
    assert [(one["model"], one["slug"]) for one in shown] == [
        ("base", "generate-text-0shot"), ("base", "generate-text-0shot-strings"), ("tuned", "generate-text-0shot"),
        ("shuffled", "generate-text-0shot"),
    ]  # fmt: skip
    assert shown[0]["outcomes"] == {"graded": N, "unparsed": 0, "truncated": 0, "failed": 0}
    assert list(shown[0]["metrics"]) == ["rouge1", "rouge2"]
    assert summary["tasks"]["note"]["chance"] is None


def test_families_are_means_of_task_means(summary: dict[str, Any]) -> None:
    qa, generation, nli = (summary["families"][name] for name in ("qa", "generation", "nli"))
    assert qa["tasks"] == ["colour", "truth"]
    assert qa["tuned"]["value"] == 0.725
    assert qa["base"]["value"] == 0.45
    assert qa["tuned"]["n"] == 2 * N
    assert qa["gains"]["base"]["absolute"]["value"] == 0.275
    assert qa["gains"]["base"]["relative"] == pytest.approx(0.275 / 0.45, abs=1e-6)
    assert qa["gains"]["base"]["relative_estimate"]["low"] > 0
    assert qa["gains"]["base"]["reason"] is None
    assert qa["gains"]["shuffled"]["value"] == 0.5
    assert qa["chance"] == pytest.approx((0.25 + 1 / 3) / 2, abs=1e-6)
    assert generation["gains"]["base"]["relative"] is None
    assert generation["gains"]["base"]["reason"] == "the base's interval reaches zero"
    assert "not the paper's metric" in generation["note"]
    assert nli["tasks"] == []
    assert nli["tuned"] is None
    assert nli["gains"]["base"]["reason"] == "no task of this family"


def test_every_task_is_tested_against_all_three_and_corrected_by_comparison(summary: dict[str, Any]) -> None:
    tests = {name: task["tests"] for name, task in summary["tasks"].items()}
    for other in ("base", "trivial", "shuffled"):
        strict = {name: one[other]["strict"] for name, one in tests.items()}
        for name, one in strict.items():
            assert one["estimate"] == summary["tasks"][name]["gains"][other]
            assert one["higher"] + one["lower"] <= N
        p = sorted((one["p"], name) for name, one in strict.items())
        highest = 0.0
        for left, (value, name) in zip((3, 2, 1), p, strict=True):
            highest = max(highest, min(1.0, left * value))
            assert strict[name]["adjusted"] == pytest.approx(highest, abs=3e-6)
        assert summary["tests"]["sizes"][other] == {"strict": 3, "graded_only": 3}
    base = tests["colour"]["base"]["strict"]
    assert (base["higher"], base["lower"], base["test"]) == (12, 0, "mcnemar")
    assert base["mcnemar"]["only_first"] == 12
    assert base["mcnemar"]["clusters"] == 6
    assert base["mcnemar"]["p"] == base["p"] == 2**-6
    assert base["mcnemar"]["exact"] == 2 * 2**-6
    assert 0.0 < base["smallest"] < 1.0
    assert tests["note"]["trivial"]["strict"]["test"] == "t"
    assert tests["note"]["trivial"]["strict"]["mcnemar"] is None
    assert "Holm" in summary["tests"]["rule"]


def test_without_a_tuned_model_there_is_no_test(tmp_path: Path) -> None:
    settings = {"truth": store(tmp_path, TRUTH, {("base", 0, "end"): first(3)})}
    found = compare.summarise(tmp_path, settings, samples=100)
    assert found["tasks"]["truth"]["tests"] == {"base": None, "trivial": None, "shuffled": None}
    assert found["tests"]["sizes"]["base"] == {"strict": 0, "graded_only": 0}


def test_graded_only_stands_beside_strict(tmp_path: Path) -> None:
    settings = store(tmp_path, TRUTH, {("base", 0, "end"): first(20), ("tuned", 0, "end"): first(30), ("shuffled", 0, "end"): first(0)})
    for setting, unread in zip(settings, (range(30, 40), range(25, 28), range(40)), strict=True):
        path = place(tmp_path, "truth", setting)
        scores = [
            replace(one, outcome=Outcome.UNPARSED, values={"accuracy": 0.0}) if number in unread else one
            for number, one in enumerate(jsonl.read(path / grade.SCORES, Score))
        ]
        head = grade.read_result(path)
        assert head is not None
        grade.write(path, head, TRUTH, scores)
    task = compare.summarise(tmp_path, {"truth": settings}, samples=100)["tasks"]["truth"]
    base, tuned, shuffled = task["settings"]
    assert (base["estimate"]["value"], base["graded_only"]["value"], base["graded_only"]["n"]) == (0.5, round(20 / 30, 6), 30)
    assert (tuned["estimate"]["value"], tuned["graded_only"]["value"]) == (round(27 / 40, 6), round(27 / 37, 6))
    assert tuned["outcomes"] == {"graded": 37, "unparsed": 3, "truncated": 0, "failed": 0}
    assert shuffled["graded_only"] is None
    both = task["tests"]["base"]["graded_only"]
    assert (both["estimate"]["n"], both["higher"], both["lower"]) == (27, 7, 0)
    assert (task["tests"]["base"]["strict"]["higher"], task["tests"]["base"]["strict"]["lower"]) == (7, 0)
    assert task["tests"]["shuffled"]["graded_only"] is None


def test_trivial_scores_are_kept(summary: dict[str, Any], tmp_path: Path) -> None:
    scores = list(jsonl.read(tmp_path / "trivial" / "note.copy.jsonl", Score))
    assert [one.item for one in scores] == [f"note/{n}" for n in range(N)]
    assert {one.setting.model for one in scores} == {"trivial-copy"}


def test_an_unfinished_setting_and_other_items_are_refused(tmp_path: Path) -> None:
    (setting,) = store(tmp_path, TRUTH, {("base", 0, "end"): first(3)})
    with pytest.raises(DataError, match=r"no result\.json"):
        compare.summarise(tmp_path, {"truth": [Setting(**{**asdict(setting), "shots": 2})]}, 100)
    items = list(jsonl.read(grade.items_file(tmp_path, "truth"), Item))
    jsonl.write(grade.items_file(tmp_path, "truth"), items[::-1])
    with pytest.raises(DataError, match="other items"):
        compare.summarise(tmp_path, {"truth": [setting]}, 100)
