"""Where items come from: the embedded world, or files of the user's. An error names file, row and field.

A real task gives two readers (its scored rows, its training rows where the data has such a split) and one function from
row to item; everything else - sampling, pools, undefined items - is `base.Task.collect`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import DataError, InputError, Problem
from bioinstruct.core.jsonl import read_text
from bioinstruct.core.records import Item
from bioinstruct.core.text import squeeze
from bioinstruct.tasks.base import POOL_ITEMS, SHOWN_PROBLEMS, ItemRequest, Loaded

POOL_SEED_OFFSET = 10_000

EMBEDDED_SOURCE = "the embedded made-up world; worked examples are made with the item seed + 10,000"
EMBEDDED_LICENCE = "Apache-2.0, made with the package"


@dataclass(frozen=True)
class Row:
    """One row of a file, with typed access to its fields."""

    path: Path
    name: str
    """Id that is unique in the file."""
    values: Mapping[str, Any]
    line: int | None = None
    """Line in a JSON Lines file, or where a CSV row begins."""
    split: str = ""

    def error(self, field: str, got: str, allowed: str) -> DataError:
        """A `DataError` that names the file, this row and the field."""
        shown = field if self.line is not None else f"{self.name}.{field}"
        return DataError(self.path, line=self.line, field=shown, got=got, allowed=allowed)

    def get(self, field: str) -> Any:
        """The raw value; an absent field is a `DataError`."""
        if field not in self.values:
            raise self.error(field, "no such field", f"one of {', '.join(map(str, self.values)) or 'none'} is there")
        return self.values[field]

    def text(self, field: str) -> str:
        """A text that is not empty, its lines squeezed and its empty lines dropped."""
        value = self.get(field)
        if not isinstance(value, str):
            raise self.error(field, repr(value)[:80], "a text")
        lines = [line for raw in value.splitlines() if (line := squeeze(raw))]
        if not lines:
            raise self.error(field, "an empty text", "a text that is not empty")
        return "\n".join(lines)

    def one_of(self, field: str, allowed: Sequence[str]) -> str:
        """One of the allowed texts."""
        value = self.get(field)
        if value not in allowed:
            raise self.error(field, repr(value)[:80], f"one of {', '.join(allowed)}")
        return str(value)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts that are not empty, given as a JSON list or as a text that holds one."""
        value = self.get(field)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (RecursionError, ValueError):
                raise self.error(field, repr(value)[:80], "a list of texts") from None
        if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
            raise self.error(field, repr(value)[:80], "a list of texts that are not empty")
        return tuple(squeeze(part) for part in value)


def json_value(path: Path) -> Any:
    """The JSON of a file; `DataError` with the line where it breaks."""
    return _parsed(read_text(path), path, None)


def _parsed(text: str, path: Path, line: int | None) -> Any:
    try:
        value = json.loads(text)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise DataError(path, line=line or error.lineno, got=f"text that is not JSON ({error.msg})", allowed="JSON") from None
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
        raise DataError(path, field=shown, got=repr(values)[:80], allowed="an object")
    return Row(path, name, values)


def jsonl_rows(path: Path, split: str = "") -> list[Row]:
    """Rows of a JSON Lines file, named by their line."""
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        values = _parsed(line, path, number)
        if not isinstance(values, dict):
            raise DataError(path, line=number, got=repr(values)[:80], allowed="an object")
        rows.append(Row(path, str(number), values, number, split))
    return rows


def csv_rows(path: Path, id_field: str, fields: Sequence[str], split: str = "") -> list[Row]:
    """Rows of a CSV file with a header, named by `id_field`; line breaks inside quoted fields are kept."""
    text = read_text(path)
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    rows = []
    start = 1
    try:
        missing = [field for field in (id_field, *fields) if field not in (reader.fieldnames or ())]
        if missing:
            raise DataError(path, line=1, field=missing[0], got=f"the columns {reader.fieldnames}", allowed="a column of that name")
        start = reader.line_num + 1
        for values in reader:
            # A short row has None for what is missing, a long one a list under the key None.
            if None in values or None in values.values():
                raise DataError(path, line=start, got="a row of another length than the header", allowed="one value a column")
            rows.append(Row(path, values[id_field], values, start, split))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(path, line=start, got=f"text that is not CSV ({error})", allowed="CSV") from None
    return rows


def inside(path: Path, name: str) -> Path:
    """`path` itself when it is a file, else the file `name` in the folder."""
    return path / name if path.is_dir() else path


def splits(scored: str, training: str) -> tuple[Callable[[Path], list[Row]], Callable[[Path], list[Row] | None]]:
    """Readers of JSON Lines data: a folder with two files of these names, or one file, which then has no training split."""

    def read_scored(path: Path) -> list[Row]:
        return jsonl_rows(inside(path, scored), "test")

    def read_training(path: Path) -> list[Row] | None:
        return jsonl_rows(path / training, "train") if path.is_dir() and (path / training).exists() else None

    return read_scored, read_training


def no_training(path: Path) -> list[Row] | None:
    """For data with one split: worked examples are the items that are not scored."""
    return None


@dataclass(frozen=True)
class Files:
    """Items from a file or folder that the user names in `evaluate.files`."""

    needs: str
    """What the file or folder is, in words."""
    scored: Callable[[Path], list[Row]]
    item: Callable[[Row], Item]
    training: Callable[[Path], list[Row] | None] = no_training
    embedded: bool = False

    def load(self, request: ItemRequest) -> Loaded:
        """All items; raises `InputError` without a file, `DataError` at the first bad row or id that occurs twice."""
        if request.file is None:
            raise InputError(f"evaluate.files: got no file; allowed: {self.needs}")
        training = self.training(request.file)
        seen: set[str] = set()
        scored = [self._once(row, seen) for row in self.scored(request.file)]
        return Loaded(scored, None if training is None else [self._once(row, seen) for row in training])

    def _once(self, row: Row, seen: set[str]) -> Item:
        item = self.item(row)
        if item.id in seen:
            raise row.error("id", f"{item.id} a second time", "ids that are unique")
        seen.add(item.id)
        return item

    def problems(self, file: Path | None) -> list[Problem]:
        """Everything wrong with the file's rows, at most `SHOWN_PROBLEMS`."""
        if file is None:
            return [Problem("evaluate.files", "no file", self.needs)]
        found: list[Problem] = []
        rows: list[Row] = []
        try:
            rows = [*self.scored(file), *(self.training(file) or ())]
        except DataError as error:
            return [_problem(error)]
        except OSError as error:  # a name that the system refuses
            return [Problem(str(file), error.strerror or "a name that cannot be read", self.needs)]
        seen: set[str] = set()
        for row_error in self._row_errors(rows, seen):
            found.append(_problem(row_error))
            if len(found) == SHOWN_PROBLEMS:
                break
        if not rows:
            found.append(Problem(str(file), "no row", "at least one"))
        return found

    def _row_errors(self, rows: Sequence[Row], seen: set[str]) -> Iterator[DataError]:
        for row in rows:
            try:
                self._once(row, seen)
            except DataError as error:
                yield error


def _problem(error: DataError) -> Problem:
    line = f", line {error.line}" if error.line is not None else ""
    field = f", field '{error.field}'" if error.field else ""
    return Problem(f"{error.path}{line}{field}", error.got, error.allowed)


@dataclass(frozen=True)
class Embedded:
    """Items made from the embedded world: they need a number and take no file."""

    task: str
    embedded: bool = True

    def load(self, request: ItemRequest) -> Loaded:
        """`n` items and `POOL_ITEMS` more of another seed; raises `InputError` for a file or for n = 0."""
        from bioinstruct.embedded import items

        if request.file is not None:
            raise InputError(f"evaluate.files.{self.task}: got '{request.file}'; allowed: no file, the items are embedded")
        if request.n <= 0:
            raise InputError(f"evaluate.items: got {request.n}; allowed: 1 or more for the embedded task {self.task}")
        scored = items.make(self.task, request.n, request.seed)
        return Loaded(scored, items.make(self.task, POOL_ITEMS, request.seed + POOL_SEED_OFFSET))

    def problems(self, file: Path | None) -> list[Problem]:
        """A file is a problem."""
        return [] if file is None else [Problem(f"evaluate.files.{self.task}", str(file), "no file, the items are embedded")]
