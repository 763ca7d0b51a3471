"""Rows of a table of the user's own, and the items that they become (`own.py` says what the fields mean)."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Item
from bioinstruct.core.text import squeeze
from bioinstruct.tasks.rows import Row, csv_rows, json_array_rows, jsonl_rows, parquet_rows

READERS: Mapping[str, Callable[[Path, str], list[Row]]] = {
    ".jsonl": jsonl_rows,
    ".json": lambda path, split: json_array_rows(path),
    ".csv": lambda path, split: csv_rows(path, None, (), split),
    ".tsv": lambda path, split: csv_rows(path, None, (), split, delimiter="\t"),
    ".parquet": parquet_rows,
}
"""End of a file's name -> reader of its rows; text files may be gzip-compressed (`.gz`)."""


def table(path: Path, split: str = "") -> list[Row]:
    """The rows of a table, named by their number.

    Raises:
        DataError: it is none of `READERS`, or cannot be read.
        MissingExtra: Parquet without pyarrow.
    """
    reader = READERS.get(Path(path.name.removesuffix(".gz")).suffix.lower())
    if reader is None:
        raise DataError(path, got="a file of an unknown kind", allowed=f"a name that ends in {', '.join(READERS)}")
    return reader(path, split)


@dataclass(frozen=True)
class Pattern:
    """A text in which `{name}` stands for the row's value in a column; a brace itself is written twice."""

    parts: tuple[tuple[str, str | None], ...]
    """Text, and the column whose value follows it (None: none does)."""

    @classmethod
    def read(cls, text: str, path: Path, field: str) -> Pattern:
        """The pattern of a text; `DataError` for `path` and `field` where its braces do not pair, or hold more than a name."""
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError as error:
            raise DataError(
                path, field=field, got=f"{text[:60]!r} ({error})", allowed="{column}; a brace itself is written twice"
            ) from None
        for _, column, form, conversion in parts:
            if column == "" or form or conversion:
                raise DataError(path, field=field, got=repr(text)[:80], allowed="{column} with nothing but the column's name in it")
        return cls(tuple((before, column) for before, column, _, _ in parts))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names."""
        return tuple(column for _, column in self.parts if column is not None)

    def fill(self, row: Row) -> str:
        """The text of a row; `DataError` where a column is not there or holds no text."""
        return "".join(before + ("" if column is None else cell(row, column)) for before, column in self.parts)


def cell(row: Row, column: str) -> str:
    """A text or a number as text; `DataError` for all else, and for an empty one."""
    value = row.get(column)
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return str(value) if number else row.text(column)


def cells(row: Row, column: str) -> tuple[str, ...]:
    """The texts of a column that holds a list, or the one text that it holds."""
    return row.texts(column) if isinstance(row.get(column), list) else (cell(row, column),)


@dataclass(frozen=True)
class Items:
    """Row -> item of a task of the user's own."""

    task: str
    kind: str
    path: Path
    """The definition."""
    columns: Mapping[str, Any]
    """Its fields `instruction`, `input`, `options`, `labels`, `answer`, `answer_as`, `id` and `group`."""

    def __call__(self, row: Row) -> Item:
        """The item of a row.

        Raises:
            DataError: names the table, the row and the column.
        """
        instruction = Pattern.read(self.columns["instruction"], self.path, "instruction").fill(row)
        shown = Pattern.read(self.columns["input"], self.path, "input").fill(row)
        options = self._options(row)
        name = row.name if self.columns["id"] is None else cell(row, self.columns["id"])
        name = f"{row.split}-{name}" if row.split else name
        group = name if self.columns["group"] is None else cell(row, self.columns["group"])
        return Item(f"{self.task}/{name}", self.task, instruction, shown, self._references(row, options), options, group)

    def _options(self, row: Row) -> tuple[str, ...]:
        chosen = self.columns["options"]
        if self.columns["labels"] is not None:
            return tuple(self.columns["labels"])
        if chosen is None:
            return ()
        if isinstance(chosen, str):
            found = row.texts(chosen)
            if len(found) < 2:
                raise row.wrong(chosen, list(found), "a list of two or more texts")
            return found
        return tuple(squeeze(cell(row, column)) for column in chosen)

    def _references(self, row: Row, options: tuple[str, ...]) -> tuple[str, ...]:
        column = self.columns["answer"]
        if self.kind == "list":
            return ("; ".join(row.get(column)) or "none",) if self._is_list(row, column) else (cell(row, column),)
        if not options:
            return cells(row, column)
        return (self._chosen(row, column, options),)

    def _is_list(self, row: Row, column: str) -> bool:
        value = row.get(column)
        return isinstance(value, list) and (not value or bool(row.texts(column)))

    def _chosen(self, row: Row, column: str, options: tuple[str, ...]) -> str:
        """The option that the answer's column names by its text, its letter or its index."""
        given = squeeze(cell(row, column))
        how = self.columns["answer_as"]
        names = {
            "text": options,
            "letter": tuple(string.ascii_uppercase[: len(options)]),
            "index": tuple(str(number) for number in range(len(options))),
        }[how]
        if given not in names:
            raise row.wrong(column, row.get(column), f"one of {', '.join(names)}")
        return options[names.index(given)]
