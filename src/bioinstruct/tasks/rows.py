"""Rows of the files that tasks are read from: JSON, JSON Lines, CSV, tab-separated, IOB and Parquet, plain or gzip-compressed.

Every reader gives back rows with typed access to their fields; what cannot be read is a `DataError` that names file, row and field.

    >>> Row(Path("a.jsonl"), "1", {"label": "yes"}, line=1).one_of("label", ("yes", "no"))
    'yes'
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import DataError, MissingExtra
from bioinstruct.core.jsonl import read_text
from bioinstruct.core.text import squeeze

SHOWN = 80
"""Characters of a bad value that an error shows."""


@dataclass(frozen=True)
class Row:
    """One row of a file, with typed access to its fields."""

    path: Path
    name: str
    """Id that is unique in the file."""
    values: Mapping[str, Any]
    line: int | None = None
    """Line in a text file (of CSV: where the row begins), or the row's number in a Parquet file; None in one JSON value."""
    split: str = ""

    def error(self, field: str, got: str, allowed: str) -> DataError:
        """A `DataError` that names the file, this row and the field."""
        shown = field if self.line is not None else f"{self.name}.{field}"
        return DataError(self.path, line=self.line, field=shown, got=got, allowed=allowed)

    def wrong(self, field: str, value: object, allowed: str) -> DataError:
        """As `error`, with the value as it stands, cut at `SHOWN` characters."""
        return self.error(field, repr(value)[:SHOWN], allowed)

    def get(self, field: str) -> Any:
        """The raw value; an absent field is a `DataError`."""
        if field not in self.values:
            raise self.error(field, "no such field", f"one of {', '.join(map(str, self.values)) or 'none'} is there")
        return self.values[field]

    def text(self, field: str) -> str:
        """A text that is not empty, its lines squeezed and its empty lines dropped."""
        value = self.get(field)
        if not isinstance(value, str):
            raise self.wrong(field, value, "a text")
        lines = [line for raw in value.splitlines() if (line := squeeze(raw))]
        if not lines:
            raise self.error(field, "an empty text", "a text that is not empty")
        return "\n".join(lines)

    def one_of(self, field: str, allowed: Sequence[str]) -> str:
        """One of the allowed texts."""
        value = self.get(field)
        if value not in allowed:
            raise self.wrong(field, value, f"one of {', '.join(allowed)}")
        return str(value)

    def index(self, field: str, below: int) -> int:
        """A whole number from 0 to `below` - 1."""
        value = self.get(field)
        if type(value) is not int or not 0 <= value < below:
            raise self.wrong(field, value, f"a whole number from 0 to {below - 1}")
        return value

    def identity(self, field: str) -> str:
        """A number or a text that is not empty, as text: what an id is made of."""
        value = self.get(field)
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            raise self.wrong(field, value, "a number or a text")
        return str(value).strip()

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts that are not empty, given as a JSON list or as a text that holds one."""
        value = self.get(field)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (RecursionError, ValueError):
                raise self.wrong(field, value, "a list of texts") from None
        if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
            raise self.wrong(field, value, "a list of texts that are not empty")
        return tuple(squeeze(part) for part in value)


def inside(path: Path, *names: str) -> Path:
    """`path` itself unless it is a folder; else the first of the files `names` (patterns) in it, or the only name, there or not.

    Raises:
        DataError: It is a folder with none of several.
    """
    if not path.is_dir():
        return path
    found = next((file for name in names for file in sorted(path.glob(name))), None)
    if found is None and len(names) > 1:
        raise DataError(path, got="a folder with no such file", allowed=f"{' or '.join(names)} in it")
    return found or path / names[0]


def text_of(path: Path) -> str:
    """The text of a UTF-8 file, decompressed where its name ends in `.gz`; `DataError` for what is no such file."""
    if path.suffix == ".gz":
        try:
            return gzip.decompress(path.read_bytes()).decode("utf-8-sig")
        except EOFError:
            raise DataError(path, got="a gzip file that ends too early", allowed="a whole gzip file") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise DataError(path, got=f"bytes that are not gzip ({error})", allowed="a gzip file") from None
        except UnicodeDecodeError as error:
            got = f"byte 0x{error.object[error.start]:02x} at offset {error.start} of the decompressed text"
            raise DataError(path, got=got, allowed="UTF-8 text") from None
        except OSError:
            pass  # missing, a folder, not allowed: said by read_text
    return read_text(path)


def json_value(path: Path) -> Any:
    """The JSON of a file; `DataError` with the line where it breaks."""
    return _parsed(text_of(path), path, None)


class _Repeated(Exception):
    """A key that an object names twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's pairs; json alone would keep the last of two with one key in silence."""
    values = dict(pairs)
    if len(values) < len(pairs):
        seen: set[str] = set()
        raise _Repeated(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return values


def _parsed(text: str, path: Path, line: int | None) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_once)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except _Repeated as error:
        raise DataError(path, line=line, field=str(error), got="a key a second time", allowed="keys that are unique") from None
    except json.JSONDecodeError as error:
        got = "an empty file" if not text.strip() else f"text that is not JSON ({error.msg})"
        raise DataError(path, line=line or error.lineno, got=got, allowed="JSON") from None
    except UnicodeEncodeError:
        raise DataError(path, line=line, got="half of a surrogate pair", allowed="Unicode text") from None
    except (RecursionError, ValueError) as error:  # values inside values without end, numbers too long
        raise DataError(path, line=line, got=f"JSON that cannot be read ({error})", allowed="JSON") from None
    return value


def json_object_rows(path: Path, part: str | None = None) -> list[Row]:
    """Rows of a JSON object of id -> row, or of such an object inside it under `part`."""
    value = json_value(path)
    if part is not None:
        if not isinstance(value, dict) or part not in value:
            raise DataError(path, field=part, got="no such part", allowed=f"an object with the part '{part}'")
        value = value[part]
    if not isinstance(value, dict):
        raise DataError(path, field=part, got=type(value).__name__, allowed="an object of id -> row")
    return [_row(path, key, row, prefix=part) for key, row in value.items()]


def json_array_rows(path: Path) -> list[Row]:
    """Rows of a JSON array of objects, named by their number from 1."""
    value = json_value(path)
    if not isinstance(value, list):
        raise DataError(path, got=type(value).__name__, allowed="an array of objects")
    return [_row(path, str(number), row, prefix="row") for number, row in enumerate(value, start=1)]


def _row(path: Path, name: str, values: Any, prefix: str | None = None) -> Row:
    if not isinstance(values, dict):
        shown = f"{prefix}.{name}" if prefix else name
        raise DataError(path, field=shown, got=repr(values)[:SHOWN], allowed="an object")
    return Row(path, name, values)


def jsonl_rows(path: Path, split: str = "") -> list[Row]:
    """Rows of a JSON Lines file, named by their line."""
    rows = []
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        if not line.strip():
            continue
        values = _parsed(line, path, number)
        if not isinstance(values, dict):
            raise DataError(path, line=number, got=repr(values)[:SHOWN], allowed="an object")
        rows.append(Row(path, str(number), values, number, split))
    return rows


def csv_rows(path: Path, id_field: str | None, fields: Sequence[str], split: str = "", delimiter: str = ",") -> list[Row]:
    """Rows of a CSV file with a header, named by `id_field` (None: by their number from 1); line breaks inside quoted fields are kept."""
    reader = csv.DictReader(text_of(path).splitlines(keepends=True), strict=True, delimiter=delimiter)
    rows: list[Row] = []
    start = 1
    try:
        columns = list(reader.fieldnames or ())  # reads the header
        if missing := [field for field in (id_field, *fields) if field is not None and field not in columns]:
            got = f"the columns {columns}" if columns else "an empty file"
            raise DataError(path, line=1, field=missing[0], got=got[:SHOWN], allowed="a column of that name")
        if twice := [field for field in columns if columns.count(field) > 1]:
            raise DataError(path, line=1, field=twice[0], got="a column a second time", allowed="columns whose names are unique")
        start = reader.line_num + 1
        for values in reader:
            # A short row has None for what is missing, a long one a list under the key None.
            if None in values or None in values.values():
                raise DataError(path, line=start, got="a row of another length than the header", allowed="one value a column")
            rows.append(Row(path, values[id_field] if id_field else str(len(rows) + 1), values, start, split))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(path, line=start, got=f"text that is not CSV ({error})", allowed="CSV") from None
    return rows


def tab_rows(path: Path, fields: Sequence[str], split: str = "") -> list[Row]:
    """Rows of a tab-separated file without a header or quoting: one value for each of `fields`, the first being the row's name."""
    rows = []
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        if not line.strip():
            continue
        values = line.split("\t")
        if len(values) != len(fields):
            raise DataError(path, line=number, got=f"{len(values)} values", allowed=f"{len(fields)} separated by tabs: {', '.join(fields)}")
        rows.append(Row(path, values[0].strip(), dict(zip(fields, values, strict=True)), number, split))
    return rows


def tagged_rows(path: Path, split: str = "") -> list[Row]:
    """Sentences of an IOB file (a word, a tab and a tag a line; an empty line after each sentence), named by their number from 1.

    A row's values are `tokens` and `tags`, two lists of one length; its line is that of the first word.
    """
    rows: list[Row] = []
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*text_of(path).splitlines(), ""], start=1):
        if not line.strip():
            if tokens:
                rows.append(Row(path, str(len(rows) + 1), {"tokens": tokens, "tags": tags}, number - len(tokens), split))
                tokens, tags = [], []
            continue
        values = line.split("\t")
        if len(values) != 2 or not all(value.strip() for value in values):
            raise DataError(path, line=number, got=repr(line)[:SHOWN], allowed="a word, a tab and a tag")
        tokens.append(values[0].strip())
        tags.append(values[1].strip())
    return rows


def parquet_rows(path: Path, split: str = "") -> list[Row]:
    """Rows of a Parquet file, named by their number from 1 (extra `hub`)."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("pyarrow", "hub") from None
    if not path.is_file():
        raise DataError(path, got="a folder" if path.is_dir() else "no such file", allowed="a Parquet file")
    try:
        table = parquet.read_table(path, partitioning=None).to_pylist()
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        words = " ".join(str(error).split())[:SHOWN]
        raise DataError(path, got=f"a file that is not whole Parquet ({words})", allowed="a Parquet file") from None
    return [Row(path, str(number), values, number, split) for number, values in enumerate(table, start=1)]
