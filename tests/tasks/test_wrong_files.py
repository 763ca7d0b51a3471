"""Wrong files of every task: one clear line with file, row and field; never a traceback, never a silent reading."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import DataError
from bioinstruct.tasks import TASKS, ItemRequest, check_file

SCORED = {
    **dict.fromkeys(("medqa_4", "medmcqa", "mmlu_med", "bioasq_mirage"), "benchmark.json"),
    **dict.fromkeys(("pubmedqa", "pubmedqa_1000", "pubmedqa_closed"), "ori_pqal.json"),
    "medqa_5": "test.jsonl",
    "bioasq_blurb": "test.tsv",
    "mednli": "mli_test_v1.jsonl",
    "medication_status": "test.jsonl",
    "coreference": "test.jsonl",
    "ncbi_disease": "test.tsv",
    "conv2note": "MTS-Dialog-ValidationSet.csv",
    "conv2note_test": "MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv",
    "icliniq": "iCliniq.json",
}
"""Real task to the file of its scored rows, below the folder that its made-up data is in."""
PARTS = {"medqa_4": "medqa", "medmcqa": "medmcqa", "mmlu_med": "mmlu", "bioasq_mirage": "bioasq"}

Change = Callable[[str, str], str]
"""(task, text of the file) -> text of the wrong file."""


def rows_of(task: str, value: Any) -> Any:
    """Where the rows are in the JSON of a task's file."""
    return value[PARTS[task]] if task in PARTS else value


def in_rows(task: str, text: str, change: Callable[[list[Any]], None]) -> str:
    """The file with its list of rows changed; objects of id -> row keep their ids."""
    name = SCORED[task]
    if name.endswith(".jsonl"):
        rows = [json.loads(line) for line in text.splitlines()]
        change(rows)
        return "".join(json.dumps(row) + "\n" for row in rows)
    if name.endswith(".csv"):
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        change(rows)
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()
    if name.endswith(".tsv"):
        rows = [line.split("\t") for line in text.split("\n")]
        change(rows)
        return "\n".join("\t".join(row) for row in rows)
    value = json.loads(text)
    inner = rows_of(task, value)
    rows = inner if isinstance(inner, list) else list(inner.values())
    change(rows)
    return json.dumps(value)


FIELDS = {
    **dict.fromkeys(PARTS, ("question", "options")),
    "medqa_5": ("question", "options"),
    **dict.fromkeys(("pubmedqa", "pubmedqa_1000", "pubmedqa_closed"), ("QUESTION", "final_decision")),
    "bioasq_blurb": (1, 3),
    "mednli": ("sentence1", "gold_label"),
    "medication_status": ("snippet", "active_medications"),
    "coreference": ("snippet", "antecedents"),
    "ncbi_disease": (0, 1),
    "conv2note": ("section_header", "dialogue"),
    "conv2note_test": ("section_header", "dialogue"),
    "icliniq": ("input", "answer_icliniq"),
}
"""Two columns that hold different things."""


def swapped(task: str, text: str) -> str:
    one, other = FIELDS[task]

    def change(rows: list[Any]) -> None:
        for row in rows:
            if len(row) > 1:
                row[one], row[other] = row[other], row[one]

    return in_rows(task, text, change)


def missing_field(task: str, text: str) -> str:
    field = FIELDS[task][1]

    def change(rows: list[Any]) -> None:
        for row in rows[:2]:
            del row[field]

    return text.replace(str(field), "elsewhere", 1) if SCORED[task].endswith(".csv") else in_rows(task, text, change)


def twice(task: str, text: str) -> str:
    """The second row under the first one's id."""
    name = SCORED[task]
    if name.endswith((".jsonl", ".csv")):
        return in_rows(task, text, lambda rows: rows.__setitem__(1, rows[0]))
    if name.endswith(".tsv"):
        return text.replace("test1_000", "test0_000")
    value = json.loads(text)
    inner = rows_of(task, value)
    first, second = list(inner)[:2]
    return text.replace(f'"{second}":', f'"{first}":')


def outside(task: str, text: str) -> str:
    """An answer that is none of the allowed ones."""

    def change(rows: list[Any]) -> None:
        row = rows[2]
        if task in PARTS:
            row["answer"] = "Z"
        elif task == "medqa_5":
            row["answer_idx"] = "Z"
        elif task.startswith("pubmedqa"):
            row["final_decision"] = "perhaps"
        elif task == "mednli":
            row["gold_label"] = "perhaps"
        elif task.startswith("conv2note"):
            row["section_header"] = "POETRY"
        elif task == "coreference":
            row["expression"] = "Those"
        elif task == "medication_status":
            row["active_medications"] = [1]
        else:
            row[1 if task == "ncbi_disease" else 3] = "perhaps"

    return in_rows(task, text, change)


NO_IDS = {"icliniq", "ncbi_disease", "medqa_5"}
"""Their rows are counted, so that no id can stand twice."""
NO_OPTIONS = {"icliniq"}
FREE = {"icliniq"}
"""Nothing tells its two columns apart: both are free text."""


def folder_of(made_up: Any, task: str) -> Path:
    path = made_up(task)
    return path if path.is_dir() else path.parent


def refused(task: str, folder: Path, said: str) -> str:
    """The one line that both the check and the loading give."""
    with pytest.raises(DataError) as caught:
        TASKS.get(task).collect(ItemRequest(folder))
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 700
    assert str(folder) in line
    assert "; allowed: " in line
    assert said in line
    problems = [str(problem) for problem in check_file(TASKS.get(task), folder)]
    assert any(said in problem and str(folder) in problem for problem in problems), problems
    return line


def write(folder: Path, task: str, change: Change) -> Path:
    path = folder / SCORED[task]
    path.write_bytes(change(task, path.read_bytes().decode("utf-8")).encode())
    return path


@pytest.mark.parametrize("task", sorted(set(SCORED) - FREE))
def test_swapped_columns(task: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    write(folder, task, swapped)
    line = refused(task, folder, SCORED[task])
    assert "field '" in line
    assert "line " in line or "." in line.split("field '")[1]


@pytest.mark.parametrize("task", sorted(SCORED))
def test_a_missing_column(task: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    write(folder, task, missing_field)
    line = refused(task, folder, SCORED[task])
    assert "no such field" in line or "the columns" in line or "values" in line or "a word, a tab and a tag" in line


@pytest.mark.parametrize("task", sorted(set(SCORED) - NO_IDS))
def test_an_id_that_stands_twice(task: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    write(folder, task, twice)
    refused(task, folder, "a second time")


@pytest.mark.parametrize("task", sorted(set(SCORED) - NO_OPTIONS))
def test_an_answer_outside_the_options(task: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    write(folder, task, outside)
    line = refused(task, folder, "field '")
    assert any(value in line for value in ("'Z'", "perhaps", "POETRY", "'Those'", "[1]"))


@pytest.mark.parametrize("task", sorted(SCORED))
def test_a_missing_split(task: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    (folder / SCORED[task]).unlink()
    line = refused(task, folder, "no such file")
    assert SCORED[task] in line


@pytest.mark.parametrize(("encoding", "said"), [("utf-16", "allowed: UTF-8 text"), ("latin-1", "allowed: UTF-8 text")])
@pytest.mark.parametrize("task", sorted(SCORED))
def test_another_encoding(task: str, encoding: str, said: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    path = folder / SCORED[task]
    text = path.read_bytes().decode("utf-8-sig")
    path.write_bytes((text + "é").encode(encoding))
    refused(task, folder, said)


@pytest.mark.parametrize("task", sorted(SCORED))
def test_a_csv_where_another_form_is_wanted(task: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    (folder / SCORED[task]).write_text("id,question,answer\n1,Is it so?,yes\n")
    refused(task, folder, "line 1")


@pytest.mark.parametrize("task", sorted(SCORED))
def test_an_empty_file_has_no_row(task: str, made_up: Any) -> None:
    folder = folder_of(made_up, task)
    path = folder / SCORED[task]
    path.write_text("")
    (problem, *_) = check_file(TASKS.get(task), folder)
    assert str(folder) in problem.place
    assert problem.got in {"no row to score", "an empty file"}


@pytest.mark.parametrize(
    "task", ["medqa_5", "mednli", "medication_status", "coreference", "bioasq_blurb", "ncbi_disease", "icliniq", "medmcqa"]
)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda packed: packed[: len(packed) // 2], "a gzip file that ends too early"),
        (lambda packed: packed[:20] + bytes(8) + packed[28:], "gzip"),
        (lambda packed: b"plain text", "bytes that are not gzip"),
        (lambda packed: b"", "allowed: "),
    ],
)
def test_broken_gzip(task: str, spoil: Callable[[bytes], bytes], said: str, made_up: Any) -> None:
    source = folder_of(made_up, task) / SCORED[task]
    path = source.with_name(source.name + ".gz")
    path.write_bytes(spoil(gzip.compress(source.read_bytes() * 20)))
    (problem, *_) = check_file(TASKS.get(task), path)
    assert str(path) in problem.place
    assert said in str(problem)


@pytest.mark.parametrize("spoil", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"PAR1", lambda data: data[:-1]])
def test_broken_parquet(spoil: Callable[[bytes], bytes], tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra hub is not installed")
    from pyarrow import parquet

    path = tmp_path / "validation-00000-of-00001.parquet"
    row = {"id": "1", "question": "q", "opa": "a", "opb": "b", "opc": "c", "opd": "d", "cop": 0}
    parquet.write_table(pyarrow.Table.from_pylist([row]), path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DataError, match="not whole Parquet"):
        TASKS.get("medmcqa").items(ItemRequest(path))
    assert "not whole Parquet" in check_file(TASKS.get("medmcqa"), tmp_path)[0].got


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cop": 4}, "line 1, field 'cop': got 4; allowed: a whole number from 0 to 3"),
        ({"cop": "a"}, "line 1, field 'cop': got 'a'"),
        ({"id": None}, "line 1, field 'id': got None"),
        ({"opb": None}, "'options'"),
    ],
)
def test_a_bad_row_of_parquet_is_named(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra hub is not installed")
    from pyarrow import parquet

    path = tmp_path / "validation-00000-of-00001.parquet"
    row = {"id": "1", "question": "q", "opa": "a", "opb": "b", "opc": "c", "opd": "d", "cop": 0}
    parquet.write_table(pyarrow.Table.from_pylist([{**row, **change}]), path)
    refused("medmcqa", tmp_path, said)


def test_an_answer_and_its_letter_that_disagree(made_up: Any) -> None:
    folder = made_up("medqa_5")
    path = folder / "test.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[1]["answer_idx"] = "E"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    refused("medqa_5", folder, "line 2, field 'answer': got 'test drug 1B'; allowed: the text of option E")
