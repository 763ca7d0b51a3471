"""How long work reports itself. Stages call this; only the command line draws anything."""

from __future__ import annotations

from typing import Protocol

Figure = float | int | str | None


class Progress(Protocol):
    """A sink for progress."""

    def start(self, label: str, total: int | None, unit: str) -> None:
        """Begin a piece of work of `total` units (None: unknown); ends the piece before it."""

    def advance(self, n: int = 1, note: str = "", **figures: Figure) -> None:
        """`n` more units are done; `note` is shown beside the bar, `figures` say the same to machines."""

    def say(self, text: str) -> None:
        """One line for the reader."""

    def branch(self) -> Progress:
        """A sink for work that goes on at the same time as other work; shown in the same place."""

    def finish(self) -> None:
        """End the current piece of work; there may be more."""


class Silent:
    """Says nothing: for tests and library use."""

    def start(self, label: str, total: int | None, unit: str) -> None:
        """Ignore."""

    def advance(self, n: int = 1, note: str = "", **figures: Figure) -> None:
        """Ignore."""

    def say(self, text: str) -> None:
        """Ignore."""

    def branch(self) -> Progress:
        """Itself."""
        return self

    def finish(self) -> None:
        """Ignore."""
