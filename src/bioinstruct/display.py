"""Progress for people: a bar with rate and time left on a terminal, plain lines where there is none."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from bioinstruct.core.progress import Figure

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

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

    def advance(self, n: int = 1, note: str = "", **_: Figure) -> None:
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

    def branch(self) -> Plain:
        """Lines among these, for work at the same time."""
        return Plain(self.out)

    def finish(self) -> None:
        """Close the current piece with its time."""
        if self.label:
            note = f", {self.note}" if self.note else ""
            self.say(f"  {self.label}: done in {time.monotonic() - self.began:.1f} s{note}")
            self.label = ""

    def close(self) -> None:
        """End the last piece."""
        self.finish()

    def say(self, text: str) -> None:
        """One line."""
        print(text, file=self.out, flush=True)


class Bar:
    """One bar after the other within a display that may hold others."""

    def __init__(self, shown: RichProgress) -> None:
        self.progress = shown
        self.task: TaskID | None = None
        self.began = 0.0

    def start(self, label: str, total: int | None, unit: str) -> None:
        """Complete the bar before it and add a new one."""
        self.finish()
        self.began = time.monotonic()
        self.task = self.progress.add_task(label, total=total, rate="", note="")

    def advance(self, n: int = 1, note: str = "", **_: Figure) -> None:
        """Move the bar."""
        if self.task is not None:
            shown: dict[str, Any] = {"note": note} if note else {}
            self.progress.advance(self.task, n)
            done = self.progress.tasks[self.task].completed
            rate = done / max(time.monotonic() - self.began, 1e-6)
            self.progress.update(self.task, rate=f"{rate:.1f}/s", **shown)

    def finish(self) -> None:
        """Complete the bar."""
        if self.task is not None:
            task = self.progress.tasks[self.task]
            self.progress.update(self.task, total=task.total or 1, completed=task.total or 1)
            self.task = None

    def say(self, text: str) -> None:
        """One line above the bars."""
        self.progress.console.print(text, markup=False, highlight=False)

    def branch(self) -> Bar:
        """A bar beside this one."""
        return Bar(self.progress)


class Bars(Bar):
    """A display of rich progress bars, one a piece of work."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        super().__init__(
            RichProgress(
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
        )
        self.progress.start()

    def close(self) -> None:
        """Stop drawing."""
        self.finish()
        self.progress.stop()


class Lines:
    """One JSON object a line, for machines: `start` and `finish` of each piece of work, its `progress` once a second, and `say`."""

    EVERY = 1.0

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.label: str | None = None
        self.total: int | None = None
        self.done, self.began, self.told = 0, 0.0, 0.0
        self.last: dict[str, Figure] = {}

    def start(self, label: str, total: int | None, unit: str) -> None:
        """End the piece before it and begin a new one."""
        self.finish()
        self.label, self.total, self.done, self.last = label, total, 0, {}
        self.began = self.told = time.monotonic()
        self._write("start", total=total, unit=unit)

    def advance(self, n: int = 1, note: str = "", **figures: Figure) -> None:
        """Count, and write a line when a second has passed since the last."""
        self.done += n
        self.last = {"note": note, **figures}
        now = time.monotonic()
        if now - self.told >= self.EVERY:
            self.told = now
            self._write("progress", **self._state(now))

    def _state(self, now: float) -> dict[str, Figure]:
        seconds = now - self.began
        rate = self.done / seconds if seconds > 0 else 0.0
        left = (self.total - self.done) / rate if self.total and rate else None
        return {"done": self.done, "total": self.total, "seconds": round(seconds, 3), "seconds_left": left and round(left, 1), **self.last}

    def branch(self) -> Lines:
        """Lines among these, for work at the same time."""
        return Lines(self.out)

    def finish(self) -> None:
        """Close the current piece with its last figures."""
        if self.label is not None:
            self._write("finish", **self._state(time.monotonic()))
            self.label = None

    def close(self) -> None:
        """End the last piece."""
        self.finish()

    def say(self, text: str) -> None:
        """One line for the reader."""
        self._write("say", text=text)

    def _write(self, event: str, **values: Figure) -> None:
        print(json.dumps({"event": event, "work": self.label, **values}, ensure_ascii=False), file=self.out, flush=True)


KINDS = ("auto", "plain", "json")


def choose(kind: str = "auto") -> Plain | Bars | Lines:
    """`json` and `plain` lines; `auto`: bars where standard error is a terminal, plain lines elsewhere."""
    if kind == "json":
        return Lines()
    return Bars() if kind == "auto" and sys.stderr.isatty() else Plain()
