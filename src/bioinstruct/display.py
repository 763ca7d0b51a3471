"""Progress for people: a bar with rate and time left on a terminal, plain lines where there is none."""

from __future__ import annotations

import sys
import time
from typing import TextIO

PLAIN_EVERY = 10.0
"""Seconds between two plain lines of one piece of work."""


class Plain:
    """Lines for logs: at the start, every ten seconds, and at the end of each piece of work."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.label, self.total, self.unit = "", 0, ""
        self.done, self.began, self.told = 0, 0.0, 0.0
        self.note = ""

    def start(self, label: str, total: int | None, unit: str) -> None:
        """End the piece before it and begin a new one."""
        self.finish()
        self.label, self.total, self.unit = label, total or 0, unit
        self.done, self.note = 0, ""
        self.began = self.told = time.monotonic()
        self.say(label + (f": {self.total} {unit}" if self.total else ""))

    def advance(self, n: int = 1, note: str = "") -> None:
        """Count, and write a line when ten seconds have passed since the last."""
        self.done += n
        self.note = note or self.note
        now = time.monotonic()
        if now - self.told >= PLAIN_EVERY:
            self.told = now
            rate = self.done / (now - self.began)
            left = f", {(self.total - self.done) / rate:.0f} s left" if self.total and rate else ""
            self.say(
                f"  {self.label}: {self.done}/{self.total or '?'} {self.unit}, {rate:.1f}/s{left}" + (f", {self.note}" if self.note else "")
            )

    def finish(self) -> None:
        """Close the current piece with its time."""
        if self.label:
            note = f", {self.note}" if self.note else ""
            self.say(f"  {self.label}: done in {time.monotonic() - self.began:.1f} s{note}")
            self.label = ""

    def say(self, text: str) -> None:
        """One line."""
        print(text, file=self.out, flush=True)


class Bars:
    """A rich progress bar a piece of work."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.progress = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description:<34}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:>12}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
            console=Console(stderr=True),
        )
        self.progress.start()
        self.task: object = None
        self.unit = ""
        self.began = 0.0

    def start(self, label: str, total: int | None, unit: str) -> None:
        """Complete the bar before it and add a new one."""
        self._complete()
        self.unit, self.began = unit, time.monotonic()
        self.task = self.progress.add_task(label, total=total, rate="", note="")

    def advance(self, n: int = 1, note: str = "") -> None:
        """Move the bar."""
        if self.task is not None:
            shown = {"note": note} if note else {}
            self.progress.advance(self.task, n)  # type: ignore[arg-type]
            done = self.progress.tasks[self.task].completed  # type: ignore[call-overload]
            rate = done / max(time.monotonic() - self.began, 1e-6)
            self.progress.update(self.task, rate=f"{rate:.1f}/s", **shown)  # type: ignore[arg-type]

    def finish(self) -> None:
        """Stop drawing."""
        self._complete()
        self.progress.stop()

    def _complete(self) -> None:
        if self.task is not None:
            task = self.progress.tasks[self.task]  # type: ignore[call-overload]
            self.progress.update(self.task, total=task.total or 1, completed=task.total or 1)  # type: ignore[arg-type]
            self.task = None

    def say(self, text: str) -> None:
        """One line above the bars."""
        self.progress.console.print(text, markup=False, highlight=False)


def choose() -> Plain | Bars:
    """Bars where standard error is a terminal, plain lines elsewhere."""
    return Bars() if sys.stderr.isatty() else Plain()
