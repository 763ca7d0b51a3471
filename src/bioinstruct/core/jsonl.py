"""Typed JSON Lines: read, append, resume. An error names file, line, field and what was found."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bioinstruct.core.errors import DataError

Record = TypeVar("Record")


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(record: Any) -> str:
    """One line of JSON: fields in declared order, non-ASCII kept, no trailing newline."""
    value = dataclasses.asdict(record) if dataclasses.is_dataclass(record) and not isinstance(record, type) else record
    return json.dumps(value, ensure_ascii=False)


def parse(line: str, kind: type[Record], path: Path | str, number: int) -> Record:
    """Turn one line into a record of `kind`, or raise `DataError` with file, line and field."""
    try:
        record: Record = _adapter(kind).validate_json(line)  # type: ignore[arg-type]
        return record
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        got = "a line that is not JSON" if first["type"] == "json_invalid" else repr(first["input"])[:80]
        raise DataError(path, line=number, field=field, got=got, allowed=first["msg"]) from None


def read_text(path: Path | str) -> str:
    """The file's text, which must be UTF-8 (a byte-order mark is dropped); `DataError` where it is missing or is not."""
    path = Path(path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(path, got="no such file", allowed="an existing file") from None
    except IsADirectoryError:
        raise DataError(path, got="a folder", allowed="a file") from None
    except UnicodeDecodeError as error:
        got = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
        raise DataError(path, got=got, allowed="UTF-8 text") from None
    except (OSError, ValueError) as error:  # below a file, not allowed, a name too long or with a null byte
        raise DataError(path, got=getattr(error, "strerror", None) or str(error), allowed="a file that can be read") from None


def read(path: Path | str, kind: type[Record]) -> Iterator[Record]:
    """Yield the records of a JSON Lines file; blank lines are skipped."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield parse(line, kind, path, number)


def write(path: Path | str, records: Iterable[Any]) -> int:
    """Write all records at once and atomically (temporary file, then rename); gives back how many."""
    return write_lines(path, (dump(record) + "\n" for record in records))


def write_lines(path: Path | str, lines: Iterable[str]) -> int:
    """As `write`, for records that are lines already, each with its line break; they are not looked at."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".partial")
    n = 0
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(line)
            n += 1
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return n


def append(path: Path | str, records: Iterable[Any]) -> None:
    """Append records and flush them to disk before returning."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write("".join(dump(record) + "\n" for record in records))
        file.flush()
        os.fsync(file.fileno())


def resume(path: Path | str, kind: type[Record]) -> list[Record]:
    """The whole records of a file that may end in a torn line; the torn tail is cut off the file. Empty if there is no file."""
    path = Path(path)
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)
    return list(read(path, kind))
