"""Ways in which asking ends early: what was paid for is kept, and what may have been billed is counted."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, LimitReached, ModelError
from bioinstruct.core.progress import Silent
from bioinstruct.core.records import Finish
from bioinstruct.models import pool as pool_module
from bioinstruct.models import prices, spending
from bioinstruct.models.base import Call, Failure, Reply, Trouble
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.pool import Asked, Limits, Pool

from .conftest import ignore, later, reply

PRICE = prices.Price(1.0, 0.5, 2.0)


def call(number: int) -> Call:
    return Call("generate", f"0/{number:02d}", "the prompt", 1.0, 100, number)


WORST = prices.worst(call(0), PRICE)
TOKENS, USD = WORST.tokens or 0, WORST.usd or 0.0


def calls(n: int) -> Iterator[Call]:
    return (call(number) for number in range(n))


def keys(ledger: Ledger) -> list[str]:
    return sorted(entry.key for entry in ledger.entries("generate"))


def test_what_will_not_heal_stops_at_once_and_replies_under_way_are_kept(ledger: Ledger, fake: Any) -> None:
    def script(one: Call, attempt: int) -> Any:
        return later(0.02, ModelError("the account is empty")) if one.seed == 1 else later(0.2, reply(one))

    teacher = fake(script)
    with Pool(teacher, ledger, PRICE, Limits(4)) as pool, pytest.raises(ModelError, match="the account is empty"):
        pool.ask(calls(100), ignore)
    assert [key for key, _ in teacher.asked] == ["0/00", "0/01", "0/02", "0/03"]
    assert keys(ledger) == ["0/00", "0/02", "0/03"]
    assert spending.failures(ledger).get("refused") == 1
    assert ledger.select("SELECT count(*) FROM attempts WHERE outcome IS NULL") == [(0,)]
    assert spending.spent(ledger) == spending.Spent(90, pytest.approx(120e-6), 0, 0.0, 0)


def test_an_error_of_our_own_stops_it_too_and_its_request_may_have_been_billed(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, _: later(0.01, ZeroDivisionError("oops")) if one.seed == 1 else later(0.1, reply(one)))
    with Pool(teacher, ledger, PRICE, Limits(4)) as pool:
        with pytest.raises(ZeroDivisionError, match="oops"):
            pool.ask(calls(50), ignore)
        assert pool.budget.used_tokens == TOKENS + 30 * len(keys(ledger))
        assert pool.control.in_flight == pool.control.preparing == 0
    assert keys(ledger) == ["0/00", "0/02", "0/03"]
    assert ledger.close_lost() == 1


@pytest.mark.parametrize("after", [0, 3, 12])
def test_an_error_of_the_source_lets_replies_under_way_come_in(ledger: Ledger, fake: Any, after: int) -> None:
    def source() -> Iterator[Call]:
        yield from calls(after)
        raise InputError("no seeds")

    teacher = fake(lambda one, _: later(0.03 * (one.seed + 1) if one.seed < 4 else 0.4, reply(one)))
    with Pool(teacher, ledger, PRICE, Limits(8)) as pool:
        with pytest.raises(InputError, match="no seeds"):
            pool.ask(source(), ignore)
        assert pool.budget.held_tokens == pool.control.in_flight == pool.control.preparing == 0
    assert keys(ledger) == sorted(key for key, _ in teacher.asked)
    assert (len(keys(ledger)) > 4) is (after == 12)  # some were still in flight
    assert ledger.close_lost() == 0


def test_an_error_of_the_caller_stops_it_and_the_reply_is_kept(ledger: Ledger, fake: Any) -> None:
    def refuse(one: Call, got: Reply) -> str:
        raise InputError("cannot count this")

    teacher = fake(lambda one, _: reply(one))
    with Pool(teacher, ledger, PRICE, Limits(1)) as pool, pytest.raises(InputError, match="cannot count this"):
        pool.ask(calls(50), refuse)
    assert 1 <= len(keys(ledger)) <= 3
    assert len(keys(ledger)) == len(teacher.asked)


@pytest.mark.parametrize("n", [1, 50])
def test_a_server_that_asks_for_more_than_minutes_is_not_waited_for(ledger: Ledger, fake: Any, n: int) -> None:
    """Also where nothing else is left to be asked."""
    teacher = fake(lambda one, _: Trouble(Failure.RATE_LIMITED, "daily limit", 86400.0) if one.seed == 0 else reply(one))
    words = r"daily limit; asks to wait 86400 seconds; replies so far are kept, run again then"
    with Pool(teacher, ledger, PRICE, Limits(1)) as pool, pytest.raises(ModelError, match=words):
        pool.ask(calls(n), ignore)
    assert len(teacher.asked) <= 2


def test_a_full_disk_stops_it_and_what_is_stored_stays(ledger: Ledger, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "DISK_WAIT", 0.01)

    def fill(one: Call, got: Reply) -> str:
        if one.seed == 2:
            pages = ledger._written.execute("PRAGMA page_count").fetchone()[0]
            ledger._written.execute(f"PRAGMA max_page_count = {pages}")
        return "1"

    def script(one: Call, attempt: int) -> Reply:
        return Reply("x" * 50_000 if one.seed > 2 else "x", Finish.STOP, 20, 10, "m")

    teacher = fake(script)
    with Pool(teacher, ledger, PRICE, Limits(1)) as pool, pytest.raises(LimitReached, match="no space left on the disk"):
        pool.ask(calls(50), fill)
    assert keys(ledger)[:3] == ["0/00", "0/01", "0/02"]
    assert len(teacher.asked) <= 6


# The budget

SPENT = {"tokens": 30, "usd": 40e-6}


@pytest.mark.parametrize("in_flight", [1, 8])
@pytest.mark.parametrize(("n", "kind"), [(1, "tokens"), (13, "tokens"), (1, "usd"), (13, "usd")])
def test_a_limit_is_reached_and_never_passed(ledger: Ledger, fake: Any, in_flight: int, n: int, kind: str) -> None:
    """So many requests as leave room for the worst case of the last one, whatever the number in flight."""
    limit = (n - 1) * SPENT[kind] + (TOKENS if kind == "tokens" else USD) + 1e-9
    budget = {"budget_tokens": int(limit)} if kind == "tokens" else {"budget_usd": limit}
    teacher = fake(lambda one, _: later(0.005, reply(one)))
    most: list[float] = []
    with Pool(teacher, ledger, PRICE, Limits(in_flight), **budget) as pool:

        def watch(one: Call, got: Reply) -> str:
            budget = pool.budget
            most.append(budget.used_tokens + budget.held_tokens if kind == "tokens" else budget.used_usd + budget.held_usd)
            return "1"

        with pytest.raises(LimitReached, match=r"budget: .* are spent and one more request may take .*; raise budget_usd or budget_tokens"):
            pool.ask(calls(1000), watch)
    assert len(keys(ledger)) == len(teacher.asked) == n
    assert max(most) <= limit + 1e-12
    with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, Limits(in_flight), **budget) as pool:  # the next run knows
        with pytest.raises(LimitReached):
            pool.ask([call(999)], ignore)
        assert pool.ask([], ignore) == Asked()
    assert len(keys(ledger)) == n


def test_a_reply_without_credible_usage_counts_at_its_worst(ledger: Ledger, fake: Any) -> None:
    told = [(0, 0), (10**9, 10), (20, 101)]
    teacher = fake(lambda one, _: reply(one, told[one.seed % 3]))
    with Pool(teacher, ledger, PRICE, Limits(4), budget_tokens=6 * TOKENS + 5) as pool, pytest.raises(LimitReached):
        pool.ask(calls(100), ignore)
    assert len(teacher.asked) == 6
    assert spending.spent(ledger) == spending.Spent(0, 0.0, 6 * TOKENS, pytest.approx(6 * USD), 0)


@pytest.mark.parametrize(
    ("failure", "counted"), [(Failure.TIMED_OUT, 1), (Failure.DISCONNECTED, 1), (Failure.NOT_A_REPLY, 1), (Failure.SERVER_ERROR, 0)]
)
def test_an_attempt_that_may_have_been_billed_counts_at_its_worst(ledger: Ledger, fake: Any, failure: Failure, counted: int) -> None:
    teacher = fake(lambda one, attempt: Trouble(failure, "no") if attempt < 3 else reply(one))
    with Pool(teacher, ledger, PRICE, Limits(1, first_wait=0.001), budget_usd=1.0) as pool:
        pool.ask([call(0)], ignore)
        assert pool.budget.used_usd == pytest.approx(40e-6 + 2 * counted * USD)
        assert pool.budget.held_usd == pytest.approx(0.0)
    assert spending.spent(ledger).doubtful_tokens == 2 * counted * TOKENS


def test_attempts_of_a_process_that_was_killed_count_at_their_worst_in_the_next(tmp_path: Path, fake: Any) -> None:
    program = (
        "import asyncio, os, sys\n"
        "from bioinstruct.core.records import Finish\n"
        "from bioinstruct.models import prices\n"
        "from bioinstruct.models.base import Answer, Call, Reply\n"
        "from bioinstruct.models.ledger import Ledger\n"
        "from bioinstruct.models.pool import Limits, Pool\n"
        "class Teacher:\n"
        "    name = 'm'\n"
        "    asked = 0\n"
        "    async def ask(self, call):\n"
        "        self.asked += 1\n"
        "        if self.asked == 7:\n"
        "            os._exit(9)\n"
        "        await asyncio.sleep(0 if call.seed < 3 else 60)\n"
        "        return Answer(Reply('text', Finish.STOP, 20, 10, 'm'))\n"
        "calls = (Call('generate', f'0/{n:02d}', 'the prompt', 1.0, 100, n) for n in range(50))\n"
        "pool = Pool(Teacher(), Ledger(sys.argv[1]), prices.Price(1.0, 0.5, 2.0), Limits(4))\n"
        "pool.ask(calls, lambda call, reply: '1')\n"
    )
    path = tmp_path / "ledger.sqlite"
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60).returncode == 9
    with Ledger(path) as ledger:
        open_ = ledger.select("SELECT count(*) FROM attempts WHERE outcome IS NULL")[0][0]
        assert open_ >= 4  # those in flight, and perhaps one that was written down
        with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, Limits(4), budget_tokens=10**6) as pool:
            assert pool.budget.used_tokens == 90 + open_ * TOKENS
            assert pool.ask((call(number) for number in range(3, 8)), ignore).answered == 5
            assert pool.budget.used_tokens == 90 + open_ * TOKENS + 150
        assert spending.failures(ledger) == {"lost": open_}
        assert spending.spent(ledger) == spending.Spent(240, pytest.approx(320e-6), open_ * TOKENS, pytest.approx(open_ * USD), 0)
    assert Charge(TOKENS, USD) == WORST


# Ctrl-C


class Told(Silent):
    """Runs a function when it is told something."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.said: list[str] = []
        self.then = then

    def say(self, text: str) -> None:
        self.said.append(text)
        self.then()


def interrupt() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def test_ctrl_c_waits_for_the_replies_under_way_and_sends_nothing_more(ledger: Ledger, fake: Any) -> None:
    def script(one: Call, attempt: int) -> Any:
        if one.seed == 3:
            interrupt()
        return later(0.5, reply(one))

    teacher, progress = fake(script), Told()
    with Pool(teacher, ledger, PRICE, Limits(4), progress=progress) as pool:
        with pytest.raises(KeyboardInterrupt):
            pool.ask(calls(100), ignore)
        assert pool.budget.held_tokens == 0
    assert keys(ledger) == sorted(key for key, _ in teacher.asked) == ["0/00", "0/01", "0/02", "0/03"]
    assert progress.said == ["stopping: 4 replies under way are waited for; Ctrl-C again leaves them"]
    assert spending.spent(ledger).doubtful_tokens == 0
    assert ledger.close_lost() == 0
    with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, Limits(4)) as pool:
        assert pool.ask((call(number) for number in range(4, 10)), ignore).answered == 6


def test_ctrl_c_while_all_wait_for_another_try_ends_it(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.SERVER_ERROR, "down"))
    timer = threading.Timer(0.5, interrupt)
    with Pool(teacher, ledger, PRICE, Limits(4, first_wait=60.0)) as pool:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            pool.ask(calls(2), ignore)
    timer.join()
    assert len(teacher.asked) == 2


def test_a_second_ctrl_c_leaves_the_replies_under_way_and_they_count_at_their_worst(ledger: Ledger, fake: Any) -> None:
    async def hang(one: Call) -> Reply:
        if one.seed == 3:
            interrupt()
        try:
            return await later(600.0, reply(one))
        finally:
            await asyncio.sleep(0.1)  # as a client has connections to end

    timer = threading.Timer(0.5, interrupt)
    teacher, progress = fake(lambda one, _: hang(one)), Told(timer.start)
    with Pool(teacher, ledger, PRICE, Limits(4), progress=progress) as pool, pytest.raises(KeyboardInterrupt):
        pool.ask(calls(100), ignore)
    timer.join()
    assert not [thread for thread in threading.enumerate() if thread.name == "ask"]
    assert teacher.flying == 0  # no task was left behind
    with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, Limits(4), budget_tokens=10**6) as pool:
        assert pool.budget.used_tokens == 4 * TOKENS
        assert pool.ask(calls(6), ignore).answered == 6
    assert spending.failures(ledger)["lost"] == 4
