"""Attempts, group commits, and what happens when the disk says no."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, LimitReached, RunFolderError
from bioinstruct.core.records import Finish
from bioinstruct.models import spending
from bioinstruct.models.base import Call, Failure, Reply
from bioinstruct.models.ledger import Charge, Ledger

REPLY = Reply("the text", Finish.STOP, 11, 7, "m")
COLUMNS = "key, attempt, route, worst_tokens, worst_usd, outcome, words, seconds, tokens, usd"


def call(key: str, prompt: str = "the prompt") -> Call:
    return Call("generate", key, prompt, 1.0, 100, 7)


def attempts(ledger: Ledger) -> list[tuple[Any, ...]]:
    return ledger.select(f"SELECT {COLUMNS} FROM attempts ORDER BY id")


class Held:
    """Holds the thread that writes, so that what is submitted meanwhile becomes one group."""

    def __init__(self, ledger: Ledger) -> None:
        self._release, began = threading.Event(), threading.Event()

        def wait(_: object) -> None:
            began.set()
            self._release.wait(30)

        self._done = ledger.submit(wait)
        assert began.wait(30)

    def let_go(self) -> None:
        self._release.set()
        self._done.result(30)


def test_an_attempt_is_on_disk_before_its_number_is_told_and_is_closed_by_its_outcome(ledger: Ledger) -> None:
    first = ledger.begin(call("0/0"), 1, Charge(150, 0.5)).result()
    second = ledger.begin(call("0/0"), 2, Charge(150, None), route="batch").result()
    assert first != second
    with Ledger(ledger.path) as other:  # what another process would see after a power cut
        assert attempts(other) == [
            ("0/0", 1, "chat", 150, 0.5, None, None, None, None, None),
            ("0/0", 2, "batch", 150, None, None, None, None, None, None),
        ]
    ledger.failed(first, Failure.TIMED_OUT, "no reply " * 1000, 0.25).result()
    ledger.keep(second, call("0/0"), REPLY, Charge(18, 0.125), 0.75).result()
    assert attempts(ledger) == [
        ("0/0", 1, "chat", 150, 0.5, "timed_out", ("no reply " * 1000)[:2000], 0.25, None, None),
        ("0/0", 2, "batch", 150, None, "read", None, 0.75, 18, 0.125),
    ]
    assert ledger.reply("generate", "0/0") == REPLY


def test_a_reply_that_is_stored_without_an_attempt_of_its_own_costs_nothing(ledger: Ledger) -> None:
    ledger.store(call("0/0"), REPLY, 0.5)
    assert attempts(ledger) == [("0/0", 1, "chat", 18, 0.0, "read", None, 0.5, 18, 0.0)]


def test_many_threads_write_at_once(ledger: Ledger) -> None:
    numbers: list[int] = []

    def write(thread: int) -> None:
        for number in range(10):
            one = call(f"{thread}/{number}")
            attempt = ledger.begin(one, 1, Charge(100, None)).result()
            numbers.append(attempt)
            ledger.keep(attempt, one, Reply(one.key, Finish.STOP, 11, 7, "m"), Charge(18, None), 0.0).result()

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 80
    assert spending.totals(ledger)["generate"].requests == 80
    keys = [f"{thread}/{number}" for thread in range(8) for number in range(10)]
    assert sorted((entry.key, entry.reply.text) for entry in ledger.entries("generate")) == [(key, key) for key in keys]
    assert {row[5] for row in attempts(ledger)} == {"read"}


def test_what_waits_is_committed_at_once(ledger: Ledger) -> None:
    committed: list[str] = []
    held = Held(ledger)
    ledger._written.set_trace_callback(lambda statement: committed.append(statement) if statement == "COMMIT" else None)
    futures = [ledger.begin(call(f"0/{number}"), 1, Charge(1, None)) for number in range(50)]
    assert not any(future.done() for future in futures)
    held.let_go()
    assert [future.result(30) for future in futures] == list(range(1, 51))
    assert len(committed) == 2  # the one that was held, and all others
    ledger._written.set_trace_callback(None)


def test_a_second_reply_fails_alone_and_its_group_is_stored(ledger: Ledger) -> None:
    ledger.store(call("0/2"), REPLY)
    held = Held(ledger)
    begun = [ledger.begin(call(f"0/{number}"), 1, Charge(18, 0.0)) for number in range(5)]
    kept: list[Future[None]] = [
        ledger.keep(number + 2, call(f"0/{number}"), Reply(f"new {number}", Finish.STOP, 11, 7, "m"), Charge(18, 0.0), 0.0)
        for number in range(5)
    ]
    held.let_go()
    assert [future.result(30) for future in begun] == [2, 3, 4, 5, 6]
    with pytest.raises(InputError, match="second reply for generate '0/2'"):
        kept[2].result(30)
    assert [kept[number].result(30) for number in (0, 1, 3, 4)] == [None] * 4
    assert {entry.key: entry.reply.text for entry in ledger.entries("generate")} == {
        "0/0": "new 0", "0/1": "new 1", "0/2": "the text", "0/3": "new 3", "0/4": "new 4",
    }  # fmt: skip
    assert [row[5] for row in attempts(ledger)] == ["read", "read", "read", None, "read", "read"]  # paid for, and not stored: still open


def test_a_full_disk_is_a_limit_and_what_is_stored_stays(ledger: Ledger) -> None:
    ledger.store(call("0/0"), REPLY)
    pages = ledger._written.execute("PRAGMA page_count").fetchone()[0]
    ledger._written.execute(f"PRAGMA max_page_count = {pages}")
    number = ledger.begin(call("0/1"), 1, Charge(18, None)).result()
    big = Reply("x" * 100_000, Finish.STOP, 11, 7, "m")
    with pytest.raises(LimitReached, match=r"ledger\.sqlite: no space left on the disk; free some and run again"):
        ledger.keep(number, call("0/1"), big, Charge(18, None), 0.0).result()
    assert ledger.reply("generate", "0/0") == REPLY
    assert ledger.reply("generate", "0/1") is None
    assert attempts(ledger)[1][5] is None
    ledger._written.execute("PRAGMA max_page_count = 1000000")  # space was made
    ledger.keep(number, call("0/1"), big, Charge(18, None), 0.0).result()
    assert ledger.reply("generate", "0/1") == big


def test_a_full_disk_fails_the_whole_group_and_nothing_of_it_counts(ledger: Ledger) -> None:
    pages = ledger._written.execute("PRAGMA page_count").fetchone()[0]
    held = Held(ledger)
    small = ledger.begin(call("0/0"), 1, Charge(18, None))
    large = ledger.begin(call("0/1"), 1, Charge(18, None))
    kept = ledger.keep(2, call("0/1"), Reply("x" * 100_000, Finish.STOP, 1, 1, "m"), Charge(2, None), 0.0)
    ledger._written.execute(f"PRAGMA max_page_count = {pages}")
    held.let_go()
    for future in (small, large, kept):
        with pytest.raises(LimitReached, match="no space left"):
            future.result(30)
    assert attempts(ledger) == []
    assert ledger.begin(call("0/0"), 1, Charge(18, None)).result() == 1  # it goes on


def test_a_ledger_that_cannot_be_written_is_named(ledger: Ledger) -> None:
    ledger._written.execute("PRAGMA query_only = ON")
    with pytest.raises(RunFolderError, match=r"ledger\.sqlite: got attempt to write a readonly database"):
        ledger.store(call("0/0"), REPLY)


def test_a_place_that_cannot_hold_a_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="file"):
        Ledger(tmp_path / "file" / "ledger.sqlite")
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    with pytest.raises(RunFolderError, match=r"ledger\.sqlite: got unable to open database file"):
        Ledger(folder / "ledger.sqlite")


def test_a_caller_that_has_gone_does_not_undo_what_it_asked_for(ledger: Ledger) -> None:
    held = Held(ledger)
    gone = ledger.begin(call("0/0"), 1, Charge(18, None))
    other = ledger.begin(call("0/1"), 1, Charge(18, None))
    assert gone.cancel()
    held.let_go()
    assert other.result(30) == 2
    assert [row[0] for row in attempts(ledger)] == ["0/0", "0/1"]


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    futures = [ledger.begin(call(f"0/{number}"), 1, Charge(18, None)) for number in range(20)]
    ledger.close()
    assert [future.result(0) for future in futures] == list(range(1, 21))
    with Ledger(tmp_path / "ledger.sqlite") as again:
        assert len(attempts(again)) == 20
