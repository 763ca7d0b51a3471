"""Tasks that a YAML file defines: the laws of all tasks, every reader, and one clear line for what is wrong."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.records import Finish, Outcome
from bioinstruct.tasks import TASKS, ItemRequest, Task, check, own

NOISE = ["", "...", "B", "yes", "**Answer: B**", "none", "a; b; c", "a" * 3000, "{}[]()|\\", "I am sorry, I cannot.", "<script>x</script>"]
TOOLS = [
    {"job": f"do thing {n} {{now}}", "a": f"saw {n}", "b": f"pan {n}", "c": f"key {n}", "right": f"{('saw', 'pan', 'key')[n % 3]} {n}"}
    for n in range(9)
]
CHOICE = """kind: choice
family: qa
data: tools.csv
instruction: Which thing does the job?
input: "{job}"
options: [a, b, c]
answer: right
"""
LABEL = 'kind: label\nfamily: nli\ndata: rows.jsonl\ninstruction: Say yes or no.\ninput: "{a} -> {b}"\nlabels: ["yes", "no"]\nanswer: so\n'
SHORT = 'kind: short\nfamily: qa\ndata: rows.jsonl\ninstruction: "About {a}: what is it?"\ninput: "{b}"\nanswer: what\n'
LIST = 'kind: list\nfamily: ie\ndata: rows.jsonl\ninstruction: List the things.\ninput: "{b}"\nanswer: things\nid: a\ngroup: g\n'
TEXT = 'kind: text\nfamily: generation\ndata: rows.jsonl\ninstruction: Sum up.\ninput: "{b}"\nanswer: what\nversion: 3\nmax_new_tokens: 7\n'
ROWS = [
    {
        "a": f"A{n}", "b": f"There is a pen {n}, and a cup.", "so": ("yes", "no")[n % 2], "what": [f"a pen {n}", "Pen"],
        "things": [f"pen {n}", "cup"] if n else [], "g": n // 2,
    }
    for n in range(9)
]  # fmt: skip
KINDS = {"choice": CHOICE, "label": LABEL, "short": SHORT, "list": LIST, "text": TEXT}


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    """A definition beside the tables."""
    with (folder / "tools.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(TOOLS[0]))
        table.writeheader()
        table.writerows(TOOLS)
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.fixture(params=list(KINDS))
def task(request: Any, tmp_path: Path) -> Task:
    return own.read(write(tmp_path, KINDS[request.param]))


def test_the_laws_of_all_tasks_hold(task: Task) -> None:
    assert check(task, ItemRequest(n=4), shots=2) == []
    collection = task.collect(ItemRequest(n=4))
    assert (len(collection.items), len(collection.pool), collection.undefined) == (4, 5, {})
    for item in [*collection.items, *collection.pool]:
        assert item.id.startswith("mine/")
        assert all(task.grade(item, gold, Finish.STOP).values[task.metric] == 1.0 for gold in item.references)
        for text in NOISE:
            for finish in Finish:
                grade = task.grade(item, text, finish)
                assert set(grade.values) == set(task.metrics)
                assert all(0.0 <= value <= 1.0 for value in grade.values.values())
                assert grade.gold
                assert (grade.outcome is Outcome.FAILED) == (finish is Finish.ERROR)
        instruction, shown = task.prompt(item)
        assert all(option in instruction or f"\n- {option}" in shown for option in item.options)
    for trivial in task.trivial:
        texts = trivial.answer(collection.items, collection.pool)
        outcomes = [task.grade(item, text, Finish.STOP).outcome for item, text in zip(collection.items, texts, strict=True)]
        assert outcomes == [Outcome.GRADED] * 4, trivial.name
    assert len(task.shots(collection.items[0], collection.pool, 2)) == 2


def test_a_definition_says_how_it_is_asked(tmp_path: Path) -> None:
    found = {name: own.read(write(tmp_path, text, f"{name}.yaml")) for name, text in KINDS.items()}
    assert {name: (task.mode, task.metric) for name, task in found.items()} == {
        "choice": ("rank", "accuracy"), "label": ("rank", "accuracy"), "short": ("generate", "exact_match"), "list": ("generate", "f1"),
        "text": ("generate", "rougeL"),
    }  # fmt: skip
    assert [task.chance for task in found.values()] == [pytest.approx(1 / 3), 0.5, None, None, None]
    assert (found["text"].version, found["text"].max_new_tokens) == ("3", 7)
    item = found["choice"].items(ItemRequest())[0]
    assert found["choice"].prompt(item) == ("Which thing does the job?", "do thing 0 {now}\n- saw 0\n- pan 0\n- key 0")
    short = found["short"].items(ItemRequest())[2]
    assert (short.instruction, short.input, short.references) == (
        "About A2: what is it?",
        "There is a pen 2, and a cup.",
        ("a pen 2", "Pen"),
    )
    assert [item.group for item in found["list"].items(ItemRequest())] == [str(n // 2) for n in range(9)]
    assert found["list"].items(ItemRequest())[0].references == ("none",)
    written = own.read(write(tmp_path, CHOICE + "mode: generate\nchance: 0.4\n"))
    assert (written.mode, written.chance) == ("generate", 0.4)
    assert written.grade(item, "I would take the pan 0.", Finish.STOP).answer == "pan 0"


def test_short_answers_are_compared_exactly_and_by_their_words(tmp_path: Path) -> None:
    task = own.read(write(tmp_path, SHORT))
    item = task.items(ItemRequest())[1]
    assert task.grade(item, "The answer is: The  PEN 1.", Finish.STOP).values["exact_match"] == 1.0
    near = task.grade(item, "a red pen 1", Finish.STOP).values
    assert near["exact_match"] == 0.0
    assert 0.5 < near["f1"] < 1.0
    minus = own.read(write(tmp_path, SHORT)).grade(item, "-1", Finish.STOP).values
    assert minus["exact_match"] == 0.0


def test_lists_are_sets_of_expressions_in_running_text(tmp_path: Path) -> None:
    task = own.read(write(tmp_path, LIST))
    item = task.items(ItemRequest())[3]
    assert task.grade(item, "cup, Pen 3", Finish.STOP).values["f1"] == 1.0
    assert task.grade(item, "- pen 3\n- lamp", Finish.STOP).values == {"f1": 0.5, "precision": 0.5, "recall": 0.5}
    assert task.grade(item, "none", Finish.STOP).values["f1"] == 0.0


@pytest.mark.parametrize("name", ["t.jsonl", "t.jsonl.gz", "t.json", "t.csv", "t.tsv", "t.parquet"])
def test_every_kind_of_table_gives_the_same_items(tmp_path: Path, name: str) -> None:
    rows = [{**row, "index": n % 3, "letter": "ABC"[n % 3]} for n, row in enumerate(TOOLS)]
    path = tmp_path / name
    if name == "t.parquet":
        arrow = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(arrow.Table.from_pylist(rows), path)
    elif name == "t.json":
        path.write_text(json.dumps(rows))
    elif ".jsonl" in name:
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]), delimiter="\t" if name == "t.tsv" else ",")
            table.writeheader()
            table.writerows(rows)
    text = CHOICE.replace("tools.csv", name)
    items = [
        [(item.input, item.options, item.references) for item in own.read(write(tmp_path, changed)).items(ItemRequest())]
        for changed in (
            text,
            f"{text}answer_as: letter\n".replace(": right", ": letter"),
            f"{text}answer_as: index\n".replace(": right", ": index"),
        )
    ]
    assert items[0] == items[1] == items[2]
    assert len(items[0]) == 9
    assert items[0][4] == ("do thing 4 {now}", ("saw 4", "pan 4", "key 4"), ("pan 4",))


def test_a_column_may_hold_the_list_of_options_and_examples_their_own_table(tmp_path: Path) -> None:
    rows = [{"q": f"q{n}", "o": [f"x{n}", f"y{n}"], "r": 1} for n in range(4)]
    for name in ("test.jsonl", "train.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps({**row, "q": f"{name} {row['q']}"}) + "\n" for row in rows))
    text = 'kind: choice\nfamily: qa\ndata: test.jsonl\nexamples: train.jsonl\ninstruction: Which?\ninput: "{q}"\noptions: o\nanswer: r\n'
    task = own.read(write(tmp_path, text + "answer_as: index\nchance: 0.5\n"))
    collection = task.collect(ItemRequest())
    assert [item.references for item in collection.items] == [(f"y{n}",) for n in range(4)]
    assert {item.input for item in collection.pool} == {f"train.jsonl q{n}" for n in range(4)}
    assert len({item.id for item in [*collection.items, *collection.pool]}) == 8


def test_a_file_of_the_hub_is_fetched_by_who_knows_how(tmp_path: Path) -> None:
    path = write(tmp_path, CHOICE.replace("tools.csv", "hf://datasets/me/mine/tools.csv"))
    asked: list[str] = []

    def local(name: str) -> Path:
        asked.append(name)
        return tmp_path / "tools.csv"

    assert len(own.read(path, local).items(ItemRequest())) == 9
    assert set(asked) == {"hf://datasets/me/mine/tools.csv"}

    def absent(name: str) -> Path:
        raise DataError(name, got="offline", allowed="a file that the hub has")

    (problem,) = check(own.read(path, absent), ItemRequest())
    assert "offline" in problem.got


WRONG = [
    ("", "mine.yaml: got NoneType; allowed: fields such as kind, family, data"),
    ("kind: [", "mine.yaml, line 1"),
    (CHOICE + "kind: choice\n", "the key 'kind' a second time"),
    (CHOICE.replace("kind: choice", "kind: quiz"), "field 'kind': got 'quiz'; allowed: Input should be 'choice', 'label', 'short'"),
    (CHOICE + "colour: red\n", "field 'colour': got an unknown field; allowed: one of kind, family"),
    (CHOICE.replace("answer: right\n", ""), "field 'answer': got no such field"),
    (CHOICE.replace("family: qa", "family: generation"), "field 'family': got 'generation'; allowed: 'generation' with kind 'text'"),
    (CHOICE.replace("[a, b, c]", "[a, a]"), "field 'options': got ['a', 'a']; allowed: two or more columns"),
    (CHOICE.replace("options: [a, b, c]\n", ""), "field 'options': got no such field"),
    (CHOICE.replace("[a, b, c]", "a"), "field 'chance': got no such field; allowed: what a blind guess gets"),
    (CHOICE + "labels: [x, y]\n", "field 'labels': got ['x', 'y']; allowed: none with kind 'choice'"),
    (LABEL.replace('"no"]', '"maybe"]'), "field 'instruction': got a text without the label 'maybe'"),
    (LABEL.replace('["yes", "no"]', '["yes", "yes"]'), "field 'labels'"),
    (CHOICE.replace('"{job}"', '"{job"'), "field 'input'"),
    (CHOICE.replace('"{job}"', '"{job!r}"'), "field 'input'"),
    (CHOICE.replace('"{job}"', '"the job"'), "field 'input': got 'the job'; allowed: a text with at least one {column}"),
    (TEXT + "mode: rank\n", "field 'mode': got 'rank'; allowed: none with kind 'text'"),
    (TEXT + "answer_as: letter\n", "field 'answer_as'"),
    (CHOICE + "chance: 1.5\n", "field 'chance': got 1.5"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_definition_that_cannot_be_used_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        own.read(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    (problem,) = own.problems(TASKS, [str(path)], Path)
    assert said.partition("; allowed")[0].split(" got ")[-1] in str(problem)


ROW_ERRORS = [
    ({"right": "spoon"}, "line 3, field 'right'", "'spoon'"),
    ({"job": " "}, "line 3, field 'job'", "an empty text"),
    ({"job": None}, "line 3, field 'job'", "None"),
    ({"a": True}, "line 3, field 'a'", "True"),
    ({"a": float("nan")}, "line 3, field 'a'", "nan"),
]


@pytest.mark.parametrize(("change", "place", "got"), ROW_ERRORS)
def test_a_bad_row_is_named_by_file_line_and_column(tmp_path: Path, change: dict[str, Any], place: str, got: str) -> None:
    rows = [{**row, **(change if n == 2 else {})} for n, row in enumerate(TOOLS)]
    (tmp_path / "bad.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (problem,) = check(own.read(write(tmp_path, CHOICE.replace("tools.csv", "bad.jsonl"))), ItemRequest(n=4))
    assert problem.place == f"{tmp_path / 'bad.jsonl'}, {place}"
    assert got in problem.got


def test_a_column_that_is_not_there_and_a_table_that_is_none(tmp_path: Path) -> None:
    problems = check(own.read(write(tmp_path, CHOICE.replace("{job}", "{jobs}"))), ItemRequest(n=4))
    assert len(problems) == 9
    assert str(problems[0]).endswith("line 2, field 'jobs': got no such field; allowed: one of job, a, b, c, right is there")
    for data, said in (
        ("absent.csv", "no such file"),
        ("mine.yaml", "a file of an unknown kind"),
        ("empty.csv", "no row to score"),
        ("twice.csv", "column a second"),
    ):
        (tmp_path / "twice.csv").write_text("job,a,b,b,right\n")
        (tmp_path / "empty.csv").write_text("job,a,b,c,right\n")
        assert said in str(check(own.read(write(tmp_path, CHOICE.replace("tools.csv", data))), ItemRequest(n=4))[0])
    twice = write(tmp_path, LIST.replace("id: a", "id: so"))
    assert "a second time" in str(check(own.read(twice), ItemRequest(n=4))[0])


@pytest.mark.parametrize("name", ["Mine.yaml", "my task.yaml", "mine.yml", "mine_embedded.yaml", "..yaml"])
def test_a_file_whose_name_cannot_be_a_tasks_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="a name that cannot be a task's"):
        own.read(write(tmp_path, CHOICE, name))


def test_names_are_unique_and_the_built_in_tasks_stay(tmp_path: Path) -> None:
    mine, medmcqa = write(tmp_path, CHOICE), write(tmp_path, CHOICE, "medmcqa.yaml")
    found = own.known(TASKS, [str(mine)], Path)
    assert list(found) == [*TASKS, "mine"]
    assert "mine" not in TASKS
    assert found.get("medmcqa") is TASKS.get("medmcqa")
    for files in ([medmcqa], [mine, mine]):
        (problem,) = own.problems(TASKS, [str(file) for file in files], Path)
        assert "which is a task already" in problem.allowed
        with pytest.raises(InputError, match="already registered"):
            own.known(TASKS, [str(file) for file in files], Path)
    with pytest.raises(InputError, match="names the table"):
        own.read(mine).items(ItemRequest(mine))
