"""The exceptions of bioinstruct. Every one is shown by the command line as a sentence; a traceback only with `--debug`.

BioinstructError                    exit code 1: the work failed
├── ModelError (RuntimeError)       a model or server did not do what it must
├── InputError (ValueError)         exit code 2: something the user gave is wrong
│   ├── RecipeError                 a recipe field or override
│   ├── DataError                   a row or file: names file, line, field, what was got, what is allowed
│   ├── RunFolderError              the run folder is locked, foreign, or its recipe has drifted
│   └── MissingExtra (ImportError)  an optional dependency is not installed
└── LimitReached                    exit code 3: a budget or limit; running again with a higher one goes on
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class BioinstructError(Exception):
    """Base of all errors that bioinstruct raises on purpose."""

    exit_code = 1


class ModelError(BioinstructError, RuntimeError):
    """A model or an endpoint failed; the message carries its own words."""


class InputError(BioinstructError, ValueError):
    """Something the user gave is wrong; nothing was paid for and nothing was written."""

    exit_code = 2


class RecipeError(InputError):
    """A field of the recipe or an override is unknown, mistyped or out of range."""


class DataError(InputError):
    """A file or one of its rows cannot be used.

    The message reads `FILE, line N, field 'F': got G; allowed: A`, leaving out what does not apply.
    """

    def __init__(self, path: Path | str, *, got: str, allowed: str, line: int | None = None, field: str | None = None) -> None:
        place = str(path) + (f", line {line}" if line is not None else "") + (f", field '{field}'" if field else "")
        super().__init__(f"{place}: got {got}; allowed: {allowed}")
        self.path, self.line, self.field, self.got, self.allowed = Path(path), line, field, got, allowed

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the keyword arguments when the error crosses a process boundary."""
        return (_rebuild_data_error, (str(self.path), self.got, self.allowed, self.line, self.field))


def _rebuild_data_error(path: str, got: str, allowed: str, line: int | None, field: str | None) -> DataError:
    return DataError(path, got=got, allowed=allowed, line=line, field=field)


class RunFolderError(InputError):
    """The run folder is in use, is not ours, or was made by a different recipe."""


class MissingExtra(InputError, ImportError):
    """An optional dependency is not installed; the message names the pip command."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"'{package}' is not installed; run: pip install 'bioinstruct[{extra}]'")
        self._asked = package, extra

    def __reduce__(self) -> tuple[object, ...]:
        """Keep both arguments when the error crosses a process boundary."""
        return (MissingExtra, self._asked)


class LimitReached(BioinstructError):
    """A budget or limit was reached; what is done is kept, and running again with a higher limit goes on."""

    exit_code = 3


@dataclass(frozen=True)
class Problem:
    """One thing that a stage's `check()` found wrong before any work was done.

    `place` is a recipe field or a file with its line; `got` and `allowed` say what is there and what would do.
    """

    place: str
    got: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.place}: got {self.got}; allowed: {self.allowed}"


def raise_problems(problems: Sequence[Problem]) -> None:
    """Raise one `InputError` that lists every problem on a line of its own; do nothing when there is none."""
    if problems:
        raise InputError("\n".join(str(problem) for problem in problems))
