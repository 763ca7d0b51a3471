"""The live table of a study's cells: a row a mixture, a column a seed, above the bars of what is being done. Without a terminal: lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bioinstruct.core.progress import Figure, Progress
from bioinstruct.display import Bar, Lines, Plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType
    from rich.progress import Progress as RichProgress
    from rich.table import Table

WAITING, TUNING, ASKED, DONE = "·", "tuning", "asked", "done"


class States:
    """What becomes of the cells, and how long the rest is likely to take.

    Args:
        likely: Cell to be done -> seconds that it is likely to take.
        processes: Cells that are done at once.
    """

    def __init__(self, likely: Mapping[str, float], processes: int) -> None:
        self.of = dict.fromkeys(likely, WAITING)
        self._likely, self._processes = likely, max(1, processes)
        self._began: dict[str, float] = {}
        self._start = time.monotonic()

    def note(self, name: str, what: str) -> None:
        """A cell begins a piece of work; `done` is its last."""
        self._began.setdefault(name, time.monotonic())
        self.of[name] = {"tune": TUNING, "done": DONE}.get(what, ASKED)

    def told(self, name: str) -> str:
        """A line about a cell that has just been done."""
        seconds = time.monotonic() - self._began[name]
        n = list(self.of.values()).count(DONE)
        took = f" in {seconds:.0f} s" if seconds >= 1 else ""
        return f"cell {name}: done{took}, {n} of {len(self.of)}, about {self.left() / 60:.0f} min left"

    def left(self) -> float:
        """Seconds that the rest is likely to take: as foretold, corrected by what the finished ones took."""
        done = sum(self._likely[name] for name, state in self.of.items() if state == DONE)
        rest = sum(self._likely.values()) - done
        return rest * ((time.monotonic() - self._start) / done if done else 1.0 / self._processes)


class Board:
    """A `Progress` that knows cells by the first word of a label: `qa.n160.s0 tune`, `qa.n160.s0 <task>`, `qa.n160.s0 done`.

    Args:
        states: Of the cells.
        inner: Where everything is shown otherwise.
        pieces: Whether the pieces of work within a cell are shown there, too.
        close: Ends the display.
    """

    def __init__(self, states: States, inner: Progress, pieces: bool, close: Callable[[], None]) -> None:
        self.states = states
        self._inner, self._pieces, self._close = inner, pieces, close
        self._within = False

    def start(self, label: str, total: int | None, unit: str) -> None:
        """Begin a piece of work, or, at the end of a cell, say how far the study is."""
        name, _, what = label.partition(" ")
        self._within = name in self.states.of
        if self._within:
            self.states.note(name, what)
        if self._within and what == "done":
            self._inner.finish()
            self._inner.say(self.states.told(name))
        elif self._shown():
            self._inner.start(label, total, unit)

    def _shown(self) -> bool:
        return self._pieces or not self._within

    def advance(self, n: int = 1, note: str = "", **figures: Figure) -> None:
        """Hand on what is shown."""
        if self._shown():
            self._inner.advance(n, note, **figures)

    def say(self, text: str) -> None:
        """One line."""
        self._inner.say(text)

    def branch(self) -> Board:
        """The same cells, over a branch of the display."""
        return Board(self.states, self._inner.branch(), self._pieces, self._close)

    def finish(self) -> None:
        """End the current piece of work."""
        self._inner.finish()

    def close(self) -> None:
        """Stop drawing."""
        self._inner.finish()
        self._close()


def choose(kind: str, states: States) -> Board:
    """As `display.choose` has it: `json` and `plain` lines (of whole cells); `auto`: the table where standard error is a terminal."""
    if kind == "json":
        return Board(states, Lines(), True, lambda: None)
    if kind == "auto" and sys.stderr.isatty():
        drawn = _drawn(states)
        drawn.start()
        return Board(states, Bar(drawn), True, drawn.stop)
    return Board(states, Plain(), False, lambda: None)


def _drawn(states: States) -> RichProgress:
    """Bars of what is being done, below the table; rich asks for both whenever it draws."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    class Cells(Progress):
        def get_renderables(self) -> Iterable[RenderableType]:
            yield table(states)
            yield self.make_tasks_table([task for task in self.tasks if not task.finished])

    columns = (SpinnerColumn(), TextColumn("{task.description:<44}"), BarColumn(bar_width=24), MofNCompleteColumn())
    rate, note = TextColumn("{task.fields[rate]:>12}"), TextColumn("{task.fields[note]}", style="dim", markup=False)
    return Cells(*columns, rate, TimeElapsedColumn(), note, console=Console(stderr=True))


def table(states: States) -> Table:
    """A row a mixture and a column a seed, as the cells' names have them."""
    from rich.table import Table

    rows: dict[str, dict[str, str]] = {}
    for name, state in states.of.items():
        mixture, _, seed = name.rpartition(".s")
        rows.setdefault(mixture or name, {})[seed if mixture else "0"] = state
    seeds = sorted({seed for row in rows.values() for seed in row}, key=int)
    done = list(states.of.values()).count(DONE)
    made = Table(
        "mixture", *(f"seed {seed}" for seed in seeds), title=f"{done} of {len(states.of)} cells, {states.left() / 60:.0f} min left"
    )
    for mixture, row in rows.items():
        made.add_row(mixture, *(row.get(seed, "") for seed in seeds))
    return made
