from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Completion, Finish, Item, Outcome, Ranking, Setting
from bioinstruct.core.template import PAPER
from bioinstruct.evaluate import complete, grade, rank
from bioinstruct.models.local import LocalModel
from bioinstruct.tasks import TASKS, ItemRequest

from .conftest import COLOUR, NOTE, TRUTH

SETTING = Setting("base", None, "rank", "text", 0, "paper")


def ranking(values: tuple[float, ...], lengths: tuple[int, ...], setting: Setting = SETTING) -> Ranking:
    return Ranking("colour/0", setting, "0" * 16, values, lengths)


@pytest.mark.parametrize(
    ("values", "lengths", "how", "chosen"),
    [
        ((-3.0, -2.0), (3, 1), "sum", 1),
        ((-3.0, -2.0), (3, 1), "mean", 0),
        ((-2.0, -2.0, -2.0), (1, 1, 1), "sum", 0),
        ((-4.0, -2.0), (2, 1), "mean", 0),
        ((), (2, 1), "mean", None),
        ((), (2, 1), "sum", None),
    ],
)
def test_choice(values: tuple[float, ...], lengths: tuple[int, ...], how: grade.Normalisation, chosen: int | None) -> None:
    assert grade.choose(ranking(values, lengths), how) == chosen


def test_labels_and_letters_are_summed_and_texts_averaged() -> None:
    colours, truths = (task.data.load(ItemRequest(n=4)).scored for task in (COLOUR, TRUTH))
    assert grade.normalisation(COLOUR, colours, []) == "mean"
    assert grade.normalisation(COLOUR, colours[:1], colours[1:]) == "mean"
    assert grade.normalisation(TRUTH, truths, []) == "sum"
    assert grade.normalisation(replace(COLOUR, asked="letter"), colours, []) == "sum"


def test_rankings_become_scores_through_the_task() -> None:
    item = Item("colour/0", "colour", "", "", ("red",), ("green", "red"), "g")
    scores = grade.score_rankings(COLOUR, [item] * 3, [ranking(v, (1, 1)) for v in ((-2.0, -1.0), (-1.0, -2.0), ())], "mean")
    assert [one.outcome for one in scores] == [Outcome.GRADED, Outcome.GRADED, Outcome.FAILED]
    assert [one.values["accuracy"] for one in scores] == [1.0, 0.0, 0.0]
    assert [one.answer for one in scores] == ["red", "green", ""]
    letter = replace(SETTING, asked="letter")
    (score,) = grade.score_rankings(COLOUR, [item], [ranking((-2.0, -1.0), (1, 1), letter)], "sum")
    assert score.values == {"accuracy": 1.0}
    lettered = Item("colour/0", "colour", "", "", ("b",), ("c", "a", "d", "b"), "g")  # as some of MedMCQA's: option D reads "b"
    chosen = [ranking(tuple(-1.0 if place == one else -2.0 for place in range(4)), (1,) * 4, letter) for one in range(4)]
    scores = grade.score_rankings(COLOUR, [lettered] * 4, chosen, "sum")
    assert [(one.answer, one.values["accuracy"]) for one in scores] == [("c", 0.0), ("a", 0.0), ("d", 0.0), ("b", 1.0)]


def test_stop_strings() -> None:
    def cut(text: str, finish: Finish) -> tuple[str, Finish]:
        setting = Setting("base", None, "generate", "text", 0, "paper")
        one = Completion("note/0", setting, "0" * 16, 0, text, finish, 5, 9)
        (done,) = complete.cut([one], replace(setting, stop="strings"), PAPER)
        assert done.setting.stop == "strings"
        return done.text, done.finish

    assert cut("a note\n\n### Instruction:\nmore", Finish.LENGTH) == ("a note", Finish.STOP)
    assert cut("a note that goes on", Finish.LENGTH) == ("a note that goes on", Finish.LENGTH)
    assert cut("a note", Finish.STOP) == ("a note", Finish.STOP)
    assert cut("does not ### fit", Finish.ERROR) == ("does not ### fit", Finish.ERROR)


def test_the_cut_text_scores_higher_where_the_base_runs_on() -> None:
    item = Item("note/0", "note", "", "", ("a note about 1",), (), "g")
    setting = Setting("base", None, "generate", "text", 0, "paper")
    raw = Completion("note/0", setting, "0" * 16, 0, "a note about 1\n\n### Instruction:\nWrite another", Finish.LENGTH, 5, 9)
    (before,) = grade.score_completions(NOTE, [item], [raw])
    (after,) = grade.score_completions(NOTE, [item], complete.cut([raw], replace(setting, stop="strings"), PAPER))
    assert before.outcome is after.outcome is Outcome.GRADED
    assert before.values["rougeL"] < after.values["rougeL"] == 1.0


def test_batches_stay_within_the_budget_with_their_new_tokens() -> None:
    ids = [[0] * length for length in (10, 40, 90)]
    budget = complete._prompt_budget(ids, 30, 400)
    assert all(budget // len(one) * (len(one) + 30) <= 400 for one in ids)


@pytest.mark.parametrize(
    ("cache_bytes", "tokens"),
    [(12_288, 21_845), (1_000, 65_536), (2**20, 8_192)],
    ids=["bounded by the cache", "bounded by the rows", "a large model"],
)
def test_small_models_get_larger_batches(cache_bytes: int, tokens: int) -> None:
    model = cast(LocalModel, SimpleNamespace(cache_bytes=cache_bytes))
    assert complete.batch_tokens(model, 1_024) == tokens


def test_common_beginnings() -> None:
    assert rank._common([(1, 2, 3, 4), (1, 2, 3), (1, 2, 9)]) == 2
    assert rank._common([(1, 2), (1, 2, 3)]) == 2
    assert rank._common([(2, 1), (1, 2)]) == 0


def test_conditional_metrics_count_the_items_that_have_them() -> None:
    item = Item("note/0", "note", "", "", ("x",), (), "g")
    (one,) = grade.score_completions(NOTE, [item], [Completion("note/0", SETTING, "", 0, "x", Finish.STOP, 1, 1)])
    scores = [replace(one, item=str(n), group=str(n), values={"f1": 1.0} | ({"extra": 0.5} if n else {})) for n in range(3)]
    found = grade.estimates(scores, ["f1", "extra", "absent"], 100, 0)
    assert {name: (estimate.value, estimate.n) for name, estimate in found.items()} == {"f1": (1.0, 3), "extra": (0.5, 2)}


def test_answers_of_other_items_are_refused(tmp_path: Path) -> None:
    item = Item("colour/1", "colour", "", "", ("red",), ("green", "red"), "g")
    jsonl.write(tmp_path / grade.RANKINGS, [ranking((-1.0, -2.0), (1, 1))])
    head = grade.Result("colour", "1", SETTING, "accuracy", 1, {}, {}, {}, 0, "b", "", 100, 0)
    with pytest.raises(DataError, match=r"line 1, field 'item': got colour/0; allowed: colour/1"):
        grade.grade(tmp_path, head, COLOUR, [item], [])
    with pytest.raises(DataError, match=r"line 2, field 'item': got the end of the file"):
        grade.grade(tmp_path, head, COLOUR, [replace(item, id="colour/0"), item], [])


def test_micro_figures_count_what_an_unread_answer_missed() -> None:
    task = TASKS.get("medication_status_embedded")
    items = [
        Item(f"m/{n}", task.name, "", "", (gold,), (), f"g{n}")
        for n, gold in enumerate(
            ("aspirin (active); metformin (active)", "warfarin (discontinued); digoxin (active)", "none", "heparin (active)")
        )
    ]
    texts = ("aspirin (active); insulin (active)", "I cannot tell what this is about", "none", "heparin (discontinued)")
    scores = [grade.score(task, item, SETTING, text, Finish.STOP) for item, text in zip(items, texts, strict=True)]
    assert [one.outcome for one in scores] == [Outcome.GRADED, Outcome.UNPARSED, Outcome.GRADED, Outcome.GRADED]
    assert scores[1].counts == {"true_positives": 0, "false_positives": 0, "false_negatives": 2, "statuses_correct": 0}
    found = grade.micro(scores, task.micro, 200, 0)
    assert {name: one.value for name, one in found.items()} == pytest.approx(
        {"micro_f1": 4 / 8, "micro_precision": 2 / 3, "micro_recall": 2 / 5, "micro_conditional_accuracy": 1 / 2}
    )
    assert {name: one.n for name, one in found.items()} == {
        "micro_f1": 3, "micro_precision": 2, "micro_recall": 3, "micro_conditional_accuracy": 2,
    }  # fmt: skip
    assert grade.micro(scores[2:3], task.micro, 200, 0) == {}
    failed = grade.score(task, items[0], SETTING, "", Finish.ERROR)
    assert failed.counts["false_negatives"] == 2


def test_micro_figures_stand_behind_the_metrics(tmp_path: Path) -> None:
    task = TASKS.get("medication_status_embedded")
    items = task.collect(ItemRequest(n=6)).items
    scores = [grade.score(task, item, SETTING, item.references[0], Finish.STOP) for item in items]
    head = grade.Result(task.name, "1", SETTING, "", 0, {}, {}, {}, 0, "b", "", 100, 0)
    result = grade.write(tmp_path, head, task, scores)
    assert list(result.estimates) == [*task.metrics, *task.micro]
    assert {one.value for one in result.estimates.values()} == {1.0}
    assert grade.read_result(tmp_path) is not None
