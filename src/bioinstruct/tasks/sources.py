"""Where items come from: the embedded world, or files of the user's. An error names file, row and field.

A real task gives two readers (its scored rows, its training rows where the data has such a split) and one function from
row to item; everything else - sampling, pools, undefined items - is `base.Task.collect`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioinstruct.core.errors import DataError, InputError, Problem
from bioinstruct.core.records import Item
from bioinstruct.tasks.access import Access
from bioinstruct.tasks.base import POOL_ITEMS, SHOWN_PROBLEMS, ItemRequest, Loaded
from bioinstruct.tasks.rows import Row, inside, jsonl_rows

POOL_SEED_OFFSET = 10_000

EMBEDDED_SOURCE = "the embedded made-up world"
EMBEDDED_SPLIT = "as many items as asked for, made with the item seed; worked examples are made with the item seed + 10,000"
EMBEDDED_LICENCE = "Apache-2.0, made with the package"


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
    access: Access
    """Where it can be had."""
    scored: Callable[[Path], list[Row]]
    item: Callable[[Row], Item]
    training: Callable[[Path], list[Row] | None] = no_training
    embedded: bool = False

    def load(self, request: ItemRequest) -> Loaded:
        """All items; raises `InputError` without a file, `DataError` at the first bad row or id that occurs twice."""
        if request.file is None:
            raise InputError(f"evaluate.files: got no file; allowed: {self.needs}{self.access.refusal}")
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
            return [Problem("evaluate.files", "no file", f"{self.needs}{self.access.refusal}")]
        found: list[Problem] = []
        scored: list[Row] = []
        try:
            scored = self.scored(file)
            rows = [*scored, *(self.training(file) or ())]
        except DataError as error:
            return [problem_of(error)]
        except OSError as error:  # a name that the system refuses
            return [Problem(str(file), error.strerror or "a name that cannot be read", self.needs)]
        seen: set[str] = set()
        for row_error in self._row_errors(rows, seen):
            found.append(problem_of(row_error))
            if len(found) == SHOWN_PROBLEMS:
                break
        if not scored:
            found.append(Problem(str(file), "no row to score", "at least one"))
        return found

    def _row_errors(self, rows: Sequence[Row], seen: set[str]) -> Iterator[DataError]:
        for row in rows:
            try:
                self._once(row, seen)
            except DataError as error:
                yield error


def problem_of(error: DataError) -> Problem:
    """An error in a file as a problem: its place is the file, with line and field."""
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
