"""The table of a study's cells, and what it says where there is no terminal."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from bioinstruct import board
from bioinstruct.display import Lines, Plain

LIKELY = {"base": 20.0, "qa.n8.s0": 10.0, "qa.n8.s1": 10.0, "pool@20.n20.s0": 40.0}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A clock that is set by hand."""
    now = [0.0]
    monkeypatch.setattr(board.time, "monotonic", lambda: now[0])
    return now


def test_a_line_for_every_cell_and_none_for_its_pieces(clock: Any) -> None:
    out = io.StringIO()
    shown = board.Board(board.States(LIKELY, 2), Plain(out), False, lambda: None)
    one, two = shown.branch(), shown.branch()
    one.start("base colour.rank-text-0shot", 5, "items")
    two.start("qa.n8.s0 tune", 9, "step")
    assert shown.states.of["qa.n8.s0"] == board.TUNING
    two.advance(9)
    two.start("qa.n8.s0 colour.rank-text-0shot", 5, "items")
    assert shown.states.of["qa.n8.s0"] == board.ASKED
    clock[0] = 30.0
    two.start("qa.n8.s0 done", None, "")
    one.say("a word of its own")
    assert out.getvalue() == "cell qa.n8.s0: done in 30 s, 1 of 4, about 4 min left\na word of its own\n"
    one.start("base done", None, "")
    assert out.getvalue().splitlines()[-1] == "cell base: done in 30 s, 2 of 4, about 1 min left"


def test_time_left_is_as_foretold_until_a_cell_is_done(clock: Any) -> None:
    states = board.States(LIKELY, 2)
    assert states.left() == 40.0
    states.note("base", "colour.rank-text-0shot")
    clock[0] = 10.0
    assert states.left() == 40.0
    states.note("base", "done")
    assert states.left() == 60.0 * 10.0 / 20.0
    for name in LIKELY:
        states.note(name, "done")
    assert states.left() == 0.0


def test_other_work_is_shown_as_ever() -> None:
    out = io.StringIO()
    shown = board.Board(board.States(LIKELY, 1), Plain(out), False, lambda: None)
    shown.start("curate", 3, "candidates")
    assert out.getvalue() == "curate: 3 candidates\n"


def test_machines_are_told_of_every_piece() -> None:
    out = io.StringIO()
    shown = board.Board(board.States(LIKELY, 1), Lines(out), True, lambda: None)
    shown.start("qa.n8.s0 tune", 9, "step")
    shown.start("qa.n8.s0 done", None, "")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["start", "finish", "say"]


def test_the_table_has_a_row_a_mixture_and_a_column_a_seed() -> None:
    from rich.console import Console

    states = board.States({**LIKELY, "other-base/qa.n8.s0": 5.0}, 1)
    states.note("qa.n8.s1", "tune")
    states.note("qa.n8.s0", "done")
    console = Console(file=io.StringIO(), width=80)
    console.print(board.table(states))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert "1 of 5 cells" in lines[0]
    rows = {cells[0]: cells[1:] for line in lines if len(cells := line.replace("│", " ").replace("┃", " ").split()) > 1}
    assert rows["qa.n8"] == [board.DONE, board.TUNING]
    assert rows["pool@20.n20"] == [board.WAITING]
    assert rows["other-base/qa.n8"] == [board.WAITING]


def test_a_terminal_gets_the_table_and_the_bars_of_what_is_being_done() -> None:
    states = board.States(LIKELY, 1)
    drawn = board._drawn(states)
    drawn.add_task("qa.n8.s0 tune", total=2, rate="", note="")
    drawn.advance(drawn.add_task("base colour", total=1, rate="", note=""))
    table, bars = drawn.get_renderables()
    assert (table.row_count, bars.row_count) == (3, 1)  # type: ignore[union-attr]


@pytest.mark.parametrize(("kind", "inner"), [("plain", Plain), ("json", Lines)])
def test_the_kinds_of_display(kind: str, inner: type) -> None:
    shown = board.choose(kind, board.States(LIKELY, 1))
    assert isinstance(shown._inner, inner)
    shown.close()
