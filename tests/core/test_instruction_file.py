from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import DataError
from bioinstruct.core.instruction_file import no_input, read_instructions, rows
from bioinstruct.core.records import Candidate

ROW = {"instruction": "Name it.", "input": "metformin", "output": "biguanide"}
REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "bioinstruct_112.json"


def save(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_array_and_lines_give_the_same_rows(tmp_path: Path) -> None:
    rows = [ROW, {"output": "b ", "instruction": " a", "source": {"x": 1}}, {**ROW, "input": "N/A."}]
    expected = [
        Candidate(0, 1, "Name it.", "metformin", "biguanide"),
        Candidate(0, 2, "a", "", "b"),
        Candidate(0, 3, "Name it.", "", "biguanide"),
    ]
    assert read_instructions(save(tmp_path / "a.json", json.dumps(rows, indent=2))) == expected
    assert read_instructions(save(tmp_path / "b.json", json.dumps(rows))) == expected
    assert read_instructions(save(tmp_path / "c.jsonl", "\n\n".join(map(json.dumps, rows)))) == expected
    assert read_instructions(save(tmp_path / "d.jsonl", b"\xef\xbb\xbf" + "\r\n".join(map(json.dumps, rows)).encode())) == expected


@pytest.mark.parametrize(
    "text",
    [
        *["", "  ", "N/A", "n/a.", "None", "none.", "NONE", "Not applicable", "not applicable.", "No input needed.", "<noinput>"],
        *["No input", "(none)", "[No input]", "'N/A'", "-", "\u2014", "N.A.", "*None*", "No additional input needed."],
    ],
)
def test_spellings_of_no_input(text: str) -> None:
    assert no_input(text)


@pytest.mark.parametrize(
    "text", ["None of these", "N/A (see above)", "no", "Na", "0", "--", "Not applicable to him", "no input needed here", ".."]
)
def test_texts_that_are_inputs(text: str) -> None:
    assert not no_input(text)


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ROW.items() if key != name}


MALFORMED: list[tuple[str | bytes, list[str]]] = [
    ("", ["got no rows"]),
    ("[]", ["got no rows"]),
    ("\n \n", ["got no rows"]),
    ("instruction,input,output\n", ["line 1", "not JSON"]),
    ('{"data": [' + json.dumps(ROW) + "]}", ["line 1, field 'instruction'", "no such column among 'data'"]),
    (json.dumps(ROW, indent=1), ["line 1", "not JSON", "one JSON object a line"]),
    (json.dumps(ROW) + "\n" + json.dumps(ROW)[:-5], ["line 2", "not JSON"]),
    (json.dumps([ROW])[:-1], ["not JSON", "a JSON array"]),
    (json.dumps([ROW]) + "x", ["line 1", "not JSON"]),
    (b'{"instruction": "\xff"}', ["line 1", "byte 0xff", "UTF-8"]),
    (json.dumps([ROW, 5]), ["line 1: got 5 (row 2)", "an object"]),
    (json.dumps([ROW, None]), ["got null (row 2)"]),
    (json.dumps(ROW) + "\n[1]", ["line 2: got [1]"]),
    (json.dumps([ROW, _without("output")], indent=1), ["line 7, field 'output'", "'instruction', 'input' (row 2)"]),
    (json.dumps(_without("instruction")), ["field 'instruction'", "no such column"]),
    (json.dumps({**ROW, "instruction": " "}), ["field 'instruction': got an empty text"]),
    (json.dumps({**ROW, "output": ""}), ["field 'output': got an empty text"]),
    (json.dumps({**ROW, "output": None}), ["field 'output': got null"]),
    (json.dumps({**ROW, "output": ["a", "b"]}), ['field \'output\': got ["a", "b"]']),
    (json.dumps({**ROW, "input": 120}), ["field 'input': got 120"]),
    (json.dumps({**ROW, "input": None}), ["field 'input': got null"]),
    (json.dumps({**_without("input"), "Input": "metformin"}), ["field 'input'", "rename 'Input'"]),
    (json.dumps({**_without("input"), "inputs": "metformin"}), ["field 'input'", "rename 'inputs'"]),
    (json.dumps({**_without("output"), "Output": "x"}), ["field 'output'", "rename 'Output'"]),
    (json.dumps({**ROW, "output": "\ud800"}), ["field 'output'", "surrogate"]),
    ("[" * 100_000, ["not JSON"]),
    ("9" * 5000, ["line 1", "not JSON"]),
]


@pytest.mark.parametrize(("text", "parts"), MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_files_are_named(tmp_path: Path, text: str | bytes, parts: list[str]) -> None:
    path = save(tmp_path / "rows.json", text)
    with pytest.raises(DataError) as caught:
        read_instructions(path)
    for part in [str(path), *parts]:
        assert part in str(caught.value)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_instructions(tmp_path / "none.json")
    with pytest.raises(DataError, match="got a folder"):
        read_instructions(tmp_path)


@pytest.mark.real
def test_genuine_records() -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL} is not there")
    rows = json.loads(REAL.read_text(encoding="utf-8"))
    candidates = read_instructions(REAL)
    assert [candidate.position for candidate in candidates] == list(range(1, 113))
    assert [candidate.output for candidate in candidates] == [row["output"].strip() for row in rows]
    spelt = [row["input"] for row, candidate in zip(rows, candidates, strict=True) if candidate.input == ""]
    assert set(spelt) == {"", "N/A", "None", "Not applicable", "No input needed"}


def test_rows_go_on_after_one_that_cannot_be_read(tmp_path: Path) -> None:
    lines = [json.dumps(ROW).encode(), b"{", b"\xff\xfe", b"", json.dumps({**ROW, "output": 1}).encode(), json.dumps(ROW).encode()]
    found = list(rows(save(tmp_path / "rows.jsonl", b"\n".join(lines))))
    assert [number for number, _ in found] == [1, 2, 3, 4, 5]
    assert [isinstance(row, DataError) for _, row in found] == [False, True, True, True, False]
    assert [row.line for _, row in found if isinstance(row, DataError)] == [2, 3, 5]
    assert isinstance(found[-1][1], Candidate)
    assert found[-1][1].position == 5


def test_rows_of_an_array_go_on_too(tmp_path: Path) -> None:
    found = list(rows(save(tmp_path / "rows.json", json.dumps([ROW, 5, ROW], indent=1))))
    assert [isinstance(row, DataError) for _, row in found] == [False, True, False]


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    path = save(tmp_path / "rows.jsonl", json.dumps(ROW) + "\n" + "x" * 100)
    reading = rows(path)
    assert isinstance(next(reading)[1], Candidate)
    assert isinstance(next(reading)[1], DataError)
