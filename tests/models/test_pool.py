from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.progress import Silent
from bioinstruct.models import pool as pool_module
from bioinstruct.models import prices, spending
from bioinstruct.models.base import Answer, Call, Failure, Headroom, Reply, Trouble
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.live import Live
from bioinstruct.models.pool import Asked, Limits, Pool

from .conftest import ignore, later, reply

PRICE = prices.Price(1.0, 0.5, 2.0)
QUICK = Limits(first_wait=0.001)


def call(number: int) -> Call:
    return Call("generate", f"0/{number}", f"the prompt {number}", 1.0, 100, number)


def texts(ledger: Ledger) -> dict[str, str]:
    return {entry.key: entry.reply.text for entry in ledger.entries("generate")}


def outcomes(ledger: Ledger) -> list[tuple[Any, ...]]:
    return ledger.select("SELECT key, attempt, outcome FROM attempts ORDER BY id")


def all_of(n: int) -> dict[str, str]:
    return {f"0/{number}": f"the answer {number}" for number in range(n)}


@pytest.mark.parametrize("in_flight", [1, 3, 32])
def test_every_call_is_answered_whatever_the_order_of_arrival(ledger: Ledger, fake: Any, in_flight: int) -> None:
    teacher = fake(lambda one, _: later(0.002 * (7 - one.seed % 7), reply(one)))
    seen: list[str] = []
    with Pool(teacher, ledger, PRICE, Limits(in_flight)) as pool:
        asked = pool.ask((call(number) for number in range(40)), lambda one, got: seen.append(one.key) or got.text)
        assert pool.ask([], ignore) == Asked()
    assert asked == Asked(answered=40)
    assert texts(ledger) == all_of(40)
    assert sorted(seen) == sorted(texts(ledger))
    assert teacher.most <= in_flight
    assert sorted(outcomes(ledger)) == sorted((f"0/{number}", 1, "read") for number in range(40))
    assert spending.spent(ledger) == spending.Spent(1200, pytest.approx(40 * 40e-6), 0, 0.0, 0)
    assert teacher.closed


def test_no_more_than_the_asked_number_are_in_flight_and_no_fewer_where_there_is_work(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, _: later(0.01, reply(one)))
    with Pool(teacher, ledger, PRICE, Limits(6)) as pool:
        pool.ask((call(number) for number in range(60)), ignore)
    assert teacher.most == 6


def test_calls_are_taken_lazily(ledger: Ledger, fake: Any) -> None:
    taken: list[int] = []
    ahead: list[int] = []

    def calls() -> Iterator[Call]:
        for number in range(50):
            taken.append(number)
            yield call(number)

    def note(one: Call, got: Reply) -> str:
        ahead.append(len(taken) - len(ahead))
        return "1"

    with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, Limits(2)) as pool:
        assert pool.ask(calls(), note).answered == 50
    assert max(ahead) <= 12


def test_a_reply_is_on_disk_and_its_attempt_closed_before_it_counts(ledger: Ledger, fake: Any) -> None:
    found: list[Any] = []

    def look(one: Call, got: Reply) -> str:
        other = sqlite3.connect(ledger.path)  # as another process would see it
        query = "SELECT text, outcome FROM replies JOIN attempts USING (purpose, key) WHERE key = ?"
        found.append(other.execute(query, (one.key,)).fetchall() == [(got.text, "read")])
        other.close()
        return "1"

    with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, Limits(4)) as pool:
        pool.ask((call(number) for number in range(12)), look)
    assert found == [True] * 12


def test_a_request_is_on_disk_before_it_leaves(ledger: Ledger, fake: Any) -> None:
    found: list[Any] = []

    def look(one: Call, attempt: int) -> Reply:
        other = sqlite3.connect(ledger.path)
        query = "SELECT attempt, outcome, worst_tokens, worst_usd FROM attempts WHERE key = ?"
        found.append(other.execute(query, (one.key,)).fetchall())
        other.close()
        return reply(one)

    with Pool(fake(look), ledger, PRICE, QUICK) as pool:
        pool.ask([call(0)], ignore)
    worst = prices.worst(call(0), PRICE)
    assert found == [[(1, None, worst.tokens, worst.usd)]]


def test_on_reply_is_told_one_at_a_time_and_not_in_the_callers_thread(ledger: Ledger, fake: Any) -> None:
    threads: set[str] = set()
    with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, QUICK) as pool:
        pool.ask((call(number) for number in range(20)), lambda *_: threads.add(threading.current_thread().name) or "1")
    assert threads == {"ask"}
    assert not [thread for thread in threading.enumerate() if thread.name == "ask"]


@pytest.mark.parametrize("failure", [one for one in Failure if one not in (Failure.REFUSED, Failure.LOST, Failure.UNSENT, Failure.NOT_RUN)])
def test_what_may_pass_is_asked_again(ledger: Ledger, fake: Any, failure: Failure) -> None:
    teacher = fake(lambda one, attempt: Trouble(failure, f"words {attempt}") if attempt < 3 else reply(one))
    live = Live()
    with Pool(teacher, ledger, PRICE, QUICK) as pool:
        asked = pool.ask([call(0)], ignore, live)
    assert asked == Asked(1, [], {failure: 2}, "words 2")  # type: ignore[arg-type]
    assert outcomes(ledger) == [("0/0", 1, failure), ("0/0", 2, failure), ("0/0", 3, "read")]
    assert ledger.select("SELECT words FROM attempts") == [("words 1",), ("words 2",), (None,)]
    assert (live.again, live.replies, live.given_up) == (2, 1, 0)


def test_waits_grow_and_what_the_server_asks_for_comes_first(fake: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, int]] = []
    monkeypatch.setattr(pool_module, "backoff", lambda first, failed: asked.append((first, failed)) or 0.0)
    teacher = fake(lambda one, attempt: Trouble(Failure.SERVER_ERROR, "no", 0.001 if attempt == 2 else None) if attempt < 5 else reply(one))
    with Pool(teacher, ledger, PRICE, Limits(first_wait=0.5)) as pool:
        assert pool.ask([call(0)], ignore).answered == 1
    assert asked == [(0.5, 1), (0.5, 3), (0.5, 4)]


def test_backoff_doubles_is_jittered_and_has_an_end() -> None:
    for failed, longest in ((1, 1.0), (2, 2.0), (5, 16.0), (7, 60.0), (99, 60.0)):
        waits = [pool_module.backoff(1.0, failed) for _ in range(200)]
        assert longest / 2 <= min(waits) < 0.6 * longest
        assert 0.9 * longest < max(waits) <= longest


def test_a_call_that_used_up_its_tries_is_given_up_and_told(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.SERVER_ERROR, "still down") if one.seed in (2, 5) else reply(one))
    with Pool(teacher, ledger, PRICE, Limits(4, attempts=3, first_wait=0.001)) as pool:
        asked = pool.ask((call(number) for number in range(8)), ignore)
        assert (asked.answered, sorted(asked.given_up), asked.words) == (6, ["0/2", "0/5"], "still down")
        assert asked.failures == {Failure.SERVER_ERROR: 6}
        assert {key: attempt for key, attempt in teacher.asked if key in ("0/2", "0/5")} == {"0/2": 3, "0/5": 3}
        teacher.script = lambda one, attempt: reply(one)
        assert pool.ask([call(2), call(5)], ignore) == Asked(answered=2)  # another day
    assert texts(ledger) == all_of(8)


def test_requests_that_are_given_up_in_a_row_stop_it(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: reply(one) if one.seed < 2 else Trouble(Failure.DISCONNECTED, "nobody there"))
    words = r"nobody there \(5 requests in a row were given up; replies so far are kept, run again\)"
    with Pool(teacher, ledger, PRICE, Limits(1, attempts=2, first_wait=0.001)) as pool, pytest.raises(ModelError, match=words):
        pool.ask((call(number) for number in range(1000)), ignore)
    assert texts(ledger) == all_of(2)
    assert len(teacher.asked) <= 2 + 2 * (pool_module.HOPELESS + 5)


def test_a_reply_between_those_that_are_given_up_goes_on(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: reply(one) if one.seed % 4 == 0 else Trouble(Failure.NOT_A_REPLY, "html"))
    with Pool(teacher, ledger, PRICE, Limits(1, attempts=1)) as pool:
        asked = pool.ask((call(number) for number in range(32)), ignore)
    assert (asked.answered, len(asked.given_up)) == (8, 24)


def test_an_attempt_that_taught_something_is_no_try(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.REFUSED, "no such field", 0.0) if attempt <= 3 else reply(one))
    with Pool(teacher, ledger, PRICE, Limits(1, attempts=1)) as pool:
        assert pool.ask([call(0)], ignore).answered == 1
    assert spending.failures(ledger) == {"refused": 3}
    assert spending.spent(ledger).tokens == 30


def test_a_request_that_takes_too_long_is_left_and_asked_again(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: later(30.0 if attempt == 1 else 0.0, reply(one)))
    with Pool(teacher, ledger, PRICE, Limits(4, timeout=0.05, first_wait=0.001)) as pool:
        asked = pool.ask([call(0), call(1)], ignore)
    assert asked == Asked(2, [], {Failure.TIMED_OUT: 2}, "model 'm': no reply within 0.05 seconds")  # type: ignore[arg-type]
    worst = prices.worst(call(0), PRICE)
    assert spending.spent(ledger).doubtful_tokens == 2 * (worst.tokens or 0)  # the server may have gone on


def test_refusals_for_being_too_fast_slow_it_down_and_nothing_is_lost(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.RATE_LIMITED, "slow", 0.05) if attempt == 1 and one.seed % 9 == 8 else reply(one))
    live = Live()
    with Pool(teacher, ledger, PRICE, Limits(8, first_wait=0.001)) as pool:
        assert pool.ask((call(number) for number in range(18)), ignore, live).answered == 18
        assert pool.control.pace.rate is not None
    assert texts(ledger) == all_of(18)
    assert live.rate < float("inf")
    assert live.failures == {Failure.RATE_LIMITED: 2}


def test_what_the_server_says_is_left_holds_the_next_request_back(ledger: Ledger, fake: Any) -> None:
    times: list[float] = []

    def answer(one: Call, attempt: int) -> Answer:
        times.append(asyncio.get_running_loop().time())
        return Answer(reply(one), (Headroom(0, 0.3),) if one.seed == 0 else ())

    with Pool(fake(answer), ledger, PRICE, Limits(1)) as pool:
        pool.ask([call(0), call(1), call(2)], ignore)
    assert times[1] - times[0] >= 0.29


def test_the_progress_is_told_of_every_reply(ledger: Ledger, fake: Any) -> None:
    told: list[dict[str, Any]] = []

    class Told(Silent):
        def advance(self, n: int = 1, note: str = "", **figures: Any) -> None:
            told.append({"n": n, "note": note, **figures})

    live = Live(total=10, budget=1.0)
    with Pool(fake(lambda one, _: reply(one)), ledger, PRICE, QUICK, budget_usd=1.0, progress=Told()) as pool:
        pool.ask((call(number) for number in range(10)), lambda *_: "3", live)
    assert [one["n"] for one in told] == [1] * 10
    assert (told[-1]["replies"], told[-1]["parsed"], told[-1]["prompt_tokens"], told[-1]["output_tokens"]) == (10, 30, 200, 100)
    assert told[-1]["usd"] == told[-1]["usd_expected"] == pytest.approx(10 * 40e-6)
    assert told[-1]["note"].startswith("30 parsed, 300 tokens, $0.00 of about $0.00, ")


def test_a_pool_that_cannot_ask_is_refused(ledger: Ledger, fake: Any) -> None:
    for limits in ({"in_flight": 0}, {"attempts": 0}):
        with pytest.raises(InputError, match=r"got .* attempts; allowed: 1 or more"):
            Limits(**limits)
    with pytest.raises(InputError, match="prices: got none for 'm' and a budget in dollars"):
        Pool(fake(lambda one, _: reply(one)), ledger, None, budget_usd=1.0)
    assert not [thread for thread in threading.enumerate() if thread.name == "ask"]
