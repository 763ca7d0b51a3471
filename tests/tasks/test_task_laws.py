"""What holds for every task: embedded ones over made items, real ones over made-up rows and, where it is there, the data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Finish, Item, Outcome
from bioinstruct.tasks import TASKS, ItemRequest, Task, check
from bioinstruct.tasks.base import Collection

NOISE = [
    "", " ", "\n\n", "...", "🤷", "B", "yes", "no, because", "**Answer: B**", "I do not know.", "none", "entailment or neutral",
    "drug (active); other (discontinued)", "The patient is well.\n\n### Instruction:\nNext", "a" * 3000, "1. x\n2. y\n3. z", "{}[]()|\\",
]  # fmt: skip
EMBEDDED = [name for name in TASKS if name.endswith("_embedded")]
REAL = [name for name in TASKS if not name.endswith("_embedded")]
MIRAGE = dict.fromkeys(("medqa_4", "medmcqa", "mmlu_med", "bioasq_mirage"), "mirage")
PUBMEDQA = dict.fromkeys(("pubmedqa", "pubmedqa_1000", "pubmedqa_closed"), "pubmedqa")
DATA = {**MIRAGE, **PUBMEDQA, "conv2note": "mts_dialog", "ncbi_disease": "ncbi_disease"}
UNDEFINED = {"medmcqa": 1}
"""Items of the real data that cannot be scored: one question whose four options read the same."""
EMBEDDED_ITEMS = 500


def get(name: str, made_up: Any, n: int) -> tuple[Task, Collection]:
    task = TASKS.get(name)
    file = None if name in EMBEDDED else made_up(name)
    return task, task.collect(ItemRequest(file, n, 3))


def gold_is_perfect(task: Task, items: list[Item]) -> None:
    for item in items:
        for reference in item.references:
            grade = task.grade(item, reference, Finish.LENGTH)
            assert grade.outcome is Outcome.GRADED, item.id
            assert grade.values[task.metric] == 1.0, item.id


@pytest.mark.parametrize("name", list(TASKS))
def test_the_declaration_is_whole(name: str) -> None:
    task = TASKS.get(name)
    assert task.name == name
    assert all((task.source, task.split, task.licence, task.version, task.paper_setting, task.description, task.extraction, task.trivial))
    assert task.metrics[0] == task.metric
    assert (task.chance is None) == (task.mode == "generate")
    assert task.paper_shots == (1 if task.mode == "generate" else 0)
    assert task.max_new_tokens > 0


@pytest.mark.parametrize("name", list(TASKS))
def test_gold_is_perfect_and_ids_are_unique(name: str, made_up: Any) -> None:
    task, collection = get(name, made_up, 0 if name in REAL else EMBEDDED_ITEMS)
    assert not collection.undefined
    gold_is_perfect(task, [*collection.items, *collection.pool])
    ids = [item.id for item in [*collection.items, *collection.pool]]
    assert len(set(ids)) == len(ids)
    assert all(item.id.startswith(f"{name}/") and item.task == name and item.group for item in collection.items)


@pytest.mark.parametrize("name", list(TASKS))
def test_every_noisy_text_has_one_outcome(name: str, made_up: Any) -> None:
    task, collection = get(name, made_up, 2)
    for item in collection.items:
        for text in NOISE:
            for finish in Finish:
                grade = task.grade(item, text, finish)
                optional = {"conditional_accuracy"}
                assert set(grade.values) | optional == set(task.metrics) | optional
                assert all(0.0 <= value <= 1.0 for value in grade.values.values())
                assert grade.gold
                if grade.outcome is not Outcome.GRADED:
                    assert set(grade.values.values()) == {0.0}
                    assert grade.answer == ""
                assert (grade.outcome is Outcome.FAILED) == (finish is Finish.ERROR)
        assert task.grade(item, "...", Finish.STOP).outcome is Outcome.UNPARSED
        assert task.grade(item, "...", Finish.LENGTH).outcome is Outcome.TRUNCATED


@pytest.mark.parametrize("name", list(TASKS))
def test_prompts_show_options_or_labels(name: str, made_up: Any) -> None:
    task, collection = get(name, made_up, 3)
    for item in collection.items:
        instruction, shown = task.prompt(item)
        assert instruction
        if task.mode == "generate":
            assert item.options == ()
            continue
        assert item.references[0] in item.options
        assert len(item.references) == 1
        labels = all(option.lower() in instruction.lower() for option in item.options)
        assert labels or shown.endswith("\n" + "\n".join(f"- {option}" for option in item.options))
        assert shown.count("\n- ") in (0, len(item.options))


@pytest.mark.parametrize("name", list(TASKS))
def test_trivial_answerers_are_graded(name: str, made_up: Any) -> None:
    task, collection = get(name, made_up, 3)
    assert len({trivial.name for trivial in task.trivial}) == len(task.trivial)
    for trivial in task.trivial:
        texts = trivial.answer(collection.items, collection.pool)
        assert len(texts) == len(collection.items), trivial.name
        assert texts == trivial.answer(collection.items, collection.pool), trivial.name
        for item, text in zip(collection.items, texts, strict=True):
            assert task.grade(item, text, Finish.STOP).outcome is Outcome.GRADED, trivial.name


@pytest.mark.parametrize("name", list(TASKS))
def test_worked_examples_come_from_other_groups_and_are_never_scored(name: str, made_up: Any) -> None:
    task, collection = get(name, made_up, 2)
    assert not {item.id for item in collection.items} & {item.id for item in collection.pool}
    assert not {item.input for item in collection.items} & {item.input for item in collection.pool}
    for item in collection.items:
        assert task.shots(item, collection.pool, 0) == []
        ((instruction, shown, output),) = task.shots(item, collection.pool, 1)
        source = next(other for other in collection.pool if task.prompt(other) == (instruction, shown))
        assert source.group != item.group
        assert output == source.references[0]
    with pytest.raises(InputError, match="worked examples"):
        task.shots(collection.items[0], collection.pool, 65)


@pytest.mark.parametrize("name", REAL)
def test_a_larger_sample_holds_the_smaller_one_in_file_order(name: str, made_up: Any) -> None:
    task, file = TASKS.get(name), made_up(name)
    everything = [item.id for item in task.items(ItemRequest(file))]
    two, three = ([item.id for item in task.items(ItemRequest(file, n, 5))] for n in (2, 3))
    assert (len(two), len(three)) == (2, 3)
    assert set(two) < set(three)
    assert three == [id for id in everything if id in three]
    others = {tuple(item.id for item in task.items(ItemRequest(file, 2, seed))) for seed in range(12)}
    assert len(others) > 1


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_tasks_want_a_number_and_no_file(name: str, tmp_path: Path) -> None:
    task = TASKS.get(name)
    assert [problem.place for problem in check(task, ItemRequest(tmp_path, 5))] == [f"evaluate.files.{name}"]
    assert "1 or more" in str(check(task, ItemRequest())[0])
    assert check(task, ItemRequest(n=3), shots=32) == []
    with pytest.raises(InputError, match="no file"):
        task.items(ItemRequest(tmp_path, 5))


def test_an_item_whose_gold_cannot_be_reached_is_undefined_and_counted() -> None:
    task = TASKS.get("medqa_4")
    good = Item("medqa_4/1", "medqa_4", "i", "q", ("a",), ("a", "b"), "1")
    same = Item("medqa_4/2", "medqa_4", "i", "q", ("a",), ("a", "a"), "2")
    assert task.flaw(good) is None
    assert task.flaw(same) == "all options read the same"
    assert TASKS.get("icliniq").flaw(Item("icliniq/1", "icliniq", "i", "q", ("...",), (), "1")) == "its gold is unparsed with rougeL 0"


def test_medication_grade_tells_names_from_statuses() -> None:
    task = TASKS.get("medication_status")
    item = Item("m/1", task.name, "i", "note", ("alpha (active); beta (discontinued)",), (), "1")
    grade = task.grade(item, "Alpha 5 mg (active); beta (active); gamma (neither)", Finish.STOP)
    assert grade.values == {
        "f1": pytest.approx(0.8),
        "precision": pytest.approx(2 / 3),
        "recall": 1.0,
        "f1_status": pytest.approx(0.4),
        "conditional_accuracy": 0.5,
    }
    assert grade.counts == {"true_positives": 2, "false_positives": 1, "false_negatives": 0, "statuses_correct": 1}
    assert "conditional_accuracy" not in task.grade(item, "gamma (active)", Finish.STOP).values
    empty = Item("m/2", task.name, "i", "note", ("none",), (), "2")
    assert task.grade(empty, "None.", Finish.STOP).values["f1"] == 1.0
    assert task.grade(empty, "alpha (active)", Finish.STOP).values["f1"] == 0.0


def test_the_registry_and_the_tasks_need_no_torch() -> None:
    code = "import sys; from bioinstruct.tasks import TASKS; [TASKS.get(name) for name in TASKS]; "
    code += "print('torch' in sys.modules, 'transformers' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


@pytest.mark.real
@pytest.mark.parametrize("name", list(DATA))
def test_gold_is_perfect_on_every_item_of_the_real_data(name: str, shared: Path) -> None:
    task = TASKS.get(name)
    file = shared / DATA[name]
    collection = task.collect(ItemRequest(file))
    assert len(collection.items) + len(collection.undefined) == task.n
    assert len(collection.undefined) == UNDEFINED.get(name, 0)
    training = task.data.load(ItemRequest(file)).training or []
    gold_is_perfect(task, [*collection.items, *training])
    for item in collection.items:
        assert [task.grade(item, option, Finish.STOP).answer for option in item.options] == list(item.options)
    assert check(task, ItemRequest(file, 50), shots=5) == []


@pytest.mark.real
def test_the_variants_of_pubmedqa_are_the_same_questions(shared: Path) -> None:
    found = {name: TASKS.get(name).items(ItemRequest(shared / "pubmedqa")) for name in PUBMEDQA}
    groups = {name: [item.group for item in items] for name, items in found.items()}
    assert groups["pubmedqa"] == groups["pubmedqa_closed"]
    assert set(groups["pubmedqa"]) < set(groups["pubmedqa_1000"])
    closed = {item.group: item for item in found["pubmedqa_closed"]}
    assert all(closed[item.group].input in item.input and closed[item.group].references == item.references for item in found["pubmedqa"])
    mirage = json.loads((shared / "mirage" / "benchmark.json").read_text(encoding="utf-8"))["pubmedqa"]
    assert {f"PMID {pmid}" for pmid in mirage} == set(groups["pubmedqa_closed"])


@pytest.mark.real
@pytest.mark.parametrize("name", ["pubmedqa", "conv2note", "ncbi_disease"])
def test_the_real_files_are_those_that_are_pinned(name: str, shared: Path) -> None:
    access = TASKS.get(name).data.access
    files = [shared / DATA[name] / file for copy in access.copies for file in copy.sha256]
    assert files
    assert all(access.matches(file) for file in files)


def test_a_file_that_no_copy_pins_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    access = TASKS.get("ncbi_disease").data.access
    for name in ("test.tsv", "other.tsv"):
        (tmp_path / name).write_text("x")
    assert (access.matches(tmp_path / "test.tsv"), access.matches(tmp_path / "other.tsv")) == (False, None)


@pytest.mark.parametrize("name", ["mednli", "medication_status", "coreference", "bioasq_blurb", "icliniq"])
def test_data_that_must_be_applied_for_is_refused_with_the_steps(name: str) -> None:
    task = TASKS.get(name)
    (problem,) = check(task, ItemRequest(n=5))
    assert "does not come with us: (1)" in problem.allowed
    assert "\n" not in str(problem)
    with pytest.raises(InputError, match=r"got no file.*\(1\).*\(2\)"):
        task.items(ItemRequest())


def test_every_variant_says_how_many_items_it_has() -> None:
    ns = {name: TASKS.get(name).n for name in REAL}
    assert ns == {
        "medqa_4": 1273, "medqa_5": 1273, "medmcqa": 4183, "mmlu_med": 1089, "pubmedqa": 500, "pubmedqa_1000": 1000, "pubmedqa_closed": 500,
        "bioasq_blurb": 140, "bioasq_mirage": 618, "mednli": 1422, "medication_status": 100, "coreference": 100, "ncbi_disease": 940,
        "conv2note": 100, "conv2note_test": 200, "icliniq": None,
    }  # fmt: skip


def test_mentions_are_graded_as_spans_strictly_and_by_overlap() -> None:
    task = TASKS.get("ncbi_disease")
    item = Item("n/1", task.name, "i", "Breast cancer and A - T , no breast cancer .", ("Breast cancer; A - T; breast cancer",), (), "1")
    assert task.grade(item, "- breast CANCER\n- A-T\n- breast cancer.", Finish.STOP).values["f1"] == 1.0
    once = task.grade(item, "breast cancer, A-T and mumps", Finish.STOP)
    assert list(once.values.values()) == pytest.approx([2 / 3] * 4)
    part = task.grade(item, "cancer; A - T", Finish.STOP)
    assert (part.values["f1"], part.values["f1_relaxed"]) == (pytest.approx(0.4), pytest.approx(0.8))
    assert part.counts == {"true_positives": 1, "false_positives": 1, "false_negatives": 2, "relaxed_true_positives": 2}
    nothing = Item("n/2", task.name, "i", "No event .", ("none",), (), "2")
    assert task.grade(nothing, "No diseases are mentioned.", Finish.STOP).values["f1"] == 1.0
    assert task.grade(nothing, "event", Finish.STOP).values["f1"] == 0.0
    assert task.grade(item, "none", Finish.STOP).values["f1"] == 0.0
