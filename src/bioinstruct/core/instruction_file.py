"""Instruction files that exist: a JSON array or JSON Lines with the ecosystem's columns instruction, input, output.

    [{"instruction": "Name the drug class.", "input": "metformin", "output": "biguanide"}, ...]

Other columns may stand beside them and are ignored. Texts lose white space at their ends and are otherwise kept as they are.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from bioinstruct.core.errors import DataError
from bioinstruct.core.jsonl import read_text
from bioinstruct.core.records import Candidate

COLUMNS = ("instruction", "input", "output")
_NO_INPUT = frozenset(
    """n/a|none|not applicable|no input needed|noinput|no input|no input required|no input is needed|no input necessary|no input provided|
    no additional input|no additional input needed|no further input|no specific input|not needed|not required|none needed|none required|
    null|nil|n.a|-|\u2013|\u2014|""".replace("\n    ", "").split("|")
)
"""The five spellings found in the released file, Alpaca's mark, and others that teachers use; not "na", which may be sodium, nor "no"."""
_AROUND = " \t\r\n*_`()[]<>\"'"
"""What may stand around such a spelling."""


def no_input(text: str) -> bool:
    """Whether an input text only says that there is none; case, brackets, quotes and one final full stop do not matter."""
    return text.strip(_AROUND).removesuffix(".").rstrip(_AROUND).casefold() in _NO_INPUT


def read_instructions(path: Path | str) -> list[Candidate]:
    """The rows of an instruction file as candidates of request 0, at positions counted from 1.

    A missing input column is an empty input.

    Raises:
        DataError: Names the file, the line (for an array also the row), the field, what was got and what is allowed.
    """
    candidates = []
    for _, row in rows(path):
        if isinstance(row, DataError):
            raise row
        candidates.append(row)
    return candidates


def rows(path: Path | str) -> Iterator[tuple[int, Candidate | DataError]]:
    """Each row's number, counted from 1, with its candidate or with what is wrong with it; JSON Lines are read line by line.

    Raises:
        DataError: There is no such file, it is an array that is not JSON, or it has no rows.
    """
    path = Path(path)
    number = 0
    for number, (line, label, read) in enumerate(_array(path) if _is_array(path) else _lines(path), start=1):
        try:
            yield number, candidate(path, line, label, number, read())
        except DataError as error:
            yield number, error
    if number == 0:
        raise DataError(path, got="no rows", allowed="at least one row with instruction and output")


Row = tuple[int, str, Callable[[], Any]]
"""A row's line, what tells it apart from others on that line, and its value, or `DataError` where it has none."""


def _opened(path: Path) -> BinaryIO:
    """The file; errors as `read_text` has them."""
    try:
        return path.open("rb")
    except OSError:
        read_text(path)
        raise


def _is_array(path: Path) -> bool:
    with _opened(path) as file:
        head = file.read(3)
        while block := head.removeprefix(codecs.BOM_UTF8):
            if text := block.lstrip():
                return text.startswith(b"[")
            head = file.read(1 << 16)
    return False


def _lines(path: Path) -> Iterator[Row]:
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if data.strip():
                yield number, "", partial(_line, path, number, data)


def _line(path: Path, number: int, data: bytes) -> Any:
    try:
        return json.loads(data.decode())
    except UnicodeDecodeError as error:
        got = f"byte 0x{error.object[error.start]:02x} at offset {error.start} of the line"
        raise DataError(path, line=number, got=got, allowed="UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        allowed = "a JSON array of objects, or one JSON object a line"
        raise DataError(path, line=number, got=f"text that is not JSON ({_reason(error)})", allowed=allowed) from None


def _array(path: Path) -> Iterator[Row]:
    text = read_text(path)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise DataError(path, line=line, got=f"text that is not JSON ({_reason(error)})", allowed="a JSON array of objects") from None
    place = text.index("[") + 1
    line = 1 + text.count("\n", 0, place)
    for number in range(1, len(values) + 1):
        start = place
        while text[start] in " \t\r\n,":
            start += 1
        line += text.count("\n", place, start)
        row, place = _DECODER.raw_decode(text, start)
        yield line, f" (row {number})", partial(_same, row)
        line += text.count("\n", start, place)


def _same(value: Any) -> Any:
    return value


_DECODER = json.JSONDecoder()


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "too deep or too long a value"


def candidate(path: Path, line: int | None, label: str, number: int, row: Any) -> Candidate:
    """The candidate of one row.

    Args:
        path: The file.
        line: The row's line in it; None where it has no lines.
        label: What tells the row apart from others on its line, such as " (row 2)".
        number: The row's position.
        row: Its value.

    Raises:
        DataError: it is no object with the three columns.
    """
    if not isinstance(row, dict):
        got = f"{json.dumps(row)[:60]}{label}"
        raise DataError(path, line=line, got=got, allowed="an object with instruction, input and output")
    seen = ", ".join(repr(name) for name in list(row)[:12])
    values = {}
    for field in COLUMNS:
        if field not in row:
            alike = _misspelt(field, row)
            if field == "input" and alike is None:
                values[field] = ""
                continue
            hint = f"; rename '{alike}'" if alike else ""
            raise DataError(path, line=line, field=field, got=f"no such column among {seen}{label}", allowed=f"a text{hint}")
        values[field] = _text(path, line, label, field, row[field])
    if no_input(values["input"]):
        values["input"] = ""
    return Candidate(0, number, values["instruction"], values["input"], values["output"])


def _misspelt(field: str, row: dict[str, Any]) -> str | None:
    """A column that is probably meant to be `field` ("Input", "inputs"): ignoring it would lose its texts silently."""
    others = {name.casefold(): name for name in row if name not in COLUMNS}
    close = get_close_matches(field, others, n=1, cutoff=0.85)
    return others[close[0]] if close else None


def _text(path: Path, line: int | None, label: str, field: str, value: Any) -> str:
    allowed = "a text" if field == "input" else "a text that is not empty"
    if not isinstance(value, str):
        raise DataError(path, line=line, field=field, got=f"{json.dumps(value)[:60]}{label}", allowed=allowed)
    if field != "input" and not value.strip():
        raise DataError(path, line=line, field=field, got=f"an empty text{label}", allowed=allowed)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise DataError(path, line=line, field=field, got=f"half of a surrogate pair{label}", allowed="Unicode text")
    return value.strip()
