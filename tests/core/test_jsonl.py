from __future__ import annotations

import json

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Candidate, Category, Instruction, Origin, Rejected, Setting, Verdict

ROWS = [Candidate(0, 4, "Name the drug.", "", "aspirin"), Candidate(0, 5, "Ä, é und 心臓\u2028?", "a\nb", "x")]


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "deep" / "rows.jsonl"
    assert jsonl.write(path, ROWS) == 2
    assert list(jsonl.read(path, Candidate)) == ROWS
    assert path.read_text(encoding="utf-8").count("\n") == 2
    assert not list(path.parent.glob("*.partial"))


def test_lines_go_to_the_disk_as_they_come_and_all_or_none(tmp_path):
    path = tmp_path / "deep" / "rows.jsonl"

    def lines(n):
        for number in range(n):
            assert not path.exists()
            yield f"{number}\n"
        if n == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jsonl.write_lines(path, lines(3))
    assert not path.exists()
    assert jsonl.write_lines(path, lines(2)) == 2
    assert path.read_bytes() == b"0\n1\n"
    assert not list(path.parent.glob("*.partial"))


def test_nested_records_and_enumerations_survive(tmp_path):
    origin = Origin("teacher", ("s1", "s2"), 3, 4, "embedded")
    record = Rejected(Instruction("0" * 16, "a", "", "b", Category.IE, origin), Verdict(False, "novelty", {"score": 0.75, "id": "s1"}))
    jsonl.write(tmp_path / "rows.jsonl", [record])
    assert list(jsonl.read(tmp_path / "rows.jsonl", Rejected)) == [record]
    assert json.loads((tmp_path / "rows.jsonl").read_text())["instruction"]["category"] == "ie"


def test_a_line_keeps_the_declared_order_and_letters():
    assert jsonl.dump(Setting("base", None, "rank", "text", 0, "paper")) == (
        '{"model": "base", "adapter": null, "mode": "rank", "asked": "text", "shots": 0, "template": "paper", "stop": "end"}'
    )
    assert jsonl.dump({"ü": 1}) == '{"ü": 1}'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"request": 0', "line 1: got a line that is not JSON; allowed: Invalid JSON"),
        ('\n{"request": "no"}', "line 2, field 'request': got 'no'; allowed: Input should be a valid integer"),
        ('{"request": 0, "position": 1, "instruction": "a", "input": ""}', "line 1, field 'output': got "),
        ("[1]", "line 1: got [1]; allowed: Input should be "),
    ],
)
def test_an_unusable_line_is_named(tmp_path, content, reason):
    path = tmp_path / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        list(jsonl.read(path, Candidate))
    assert str(caught.value).startswith(f"{path}, {reason}")


def test_blank_lines_and_a_byte_order_mark_are_skipped(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + f"\n{jsonl.dump(ROWS[0])}\r\n  \n".encode())
    assert list(jsonl.read(path, Candidate)) == ROWS[:1]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "got no such file; allowed: an existing file"),
        (lambda path: path.mkdir(), "got a folder; allowed: a file"),
        (lambda path: path.write_bytes(b"ab\xff"), "got byte 0xff at offset 2; allowed: UTF-8 text"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path, make, reason):
    path = tmp_path / "rows.jsonl"
    make(path)
    with pytest.raises(DataError) as caught:
        jsonl.read_text(path)
    assert str(caught.value) == f"{path}: {reason}"


def test_append_adds_and_resume_cuts_a_torn_tail(tmp_path):
    path = tmp_path / "new" / "rows.jsonl"
    assert jsonl.resume(path, Candidate) == []
    jsonl.append(path, ROWS[:1])
    jsonl.append(path, ROWS[1:])
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"request": 1, "posi')
    assert jsonl.resume(path, Candidate) == ROWS
    assert path.read_bytes() == whole


def test_resume_of_nothing_but_a_torn_line(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"requ')
    assert jsonl.resume(path, Candidate) == []
    assert path.read_bytes() == b""


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "rows.jsonl"
    jsonl.write(path, ROWS)

    def rows():
        yield ROWS[0]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        jsonl.write(path, rows())
    assert list(jsonl.read(path, Candidate)) == ROWS
