"""The budget's arithmetic, and random runs in which everything goes wrong, against a teacher that keeps its own bill."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from bioinstruct.core.errors import LimitReached, ModelError
from bioinstruct.core.records import Finish
from bioinstruct.models import prices, rate, spending
from bioinstruct.models.base import Answer, Call, Failure, Reply, Trouble
from bioinstruct.models.budget import Budget
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.pool import Limits, Pool
from bioinstruct.models.prices import Price
from bioinstruct.models.spending import Spent

NOTHING = Spent(0, 0.0, 0, 0.0, 0)
WORST = Charge(100, 0.5)


def test_what_is_in_flight_counts_at_its_worst() -> None:
    budget = Budget(2.0, 350, NOTHING)
    assert budget.room(WORST)
    budget.hold(WORST)
    assert budget.room(Charge(250, 1.5))
    assert not budget.room(Charge(251, 1.5))
    assert not budget.room(Charge(250, 1.6))
    budget.settle(WORST, Charge(10, 0.05))
    assert (budget.held_tokens, budget.held_usd, budget.used_tokens, budget.used_usd) == (0, 0.0, 10, 0.05)
    assert budget.room(Charge(340, 1.95))
    assert not budget.room(Charge(341, 1.0))


def test_what_is_not_known_is_taken_at_its_worst_and_what_cost_nothing_is_nothing() -> None:
    budget = Budget(None, None, NOTHING)
    for took in (Charge(None, None), Charge(10, None), Charge(None, 0.25), Charge(0, 0.0)):
        budget.hold(WORST)
        budget.settle(WORST, took)
    assert (budget.used_tokens, budget.used_usd) == (100 + 10 + 100, 0.5 + 0.5 + 0.25)
    assert (budget.held_tokens, budget.held_usd) == (0, 0.0)


def test_an_earlier_run_counts_with_what_was_doubtful() -> None:
    budget = Budget(1.0, 1000, Spent(300, 0.25, 200, 0.5, 0))
    assert (budget.used_tokens, budget.used_usd) == (500, 0.75)
    assert budget.describe() == "$0.7500 of $1 and 500 of 1000 tokens"
    assert budget.room(Charge(500, 0.25))
    assert not budget.room(Charge(501, 0.0))
    assert not budget.room(Charge(0, 0.26))


def test_a_budget_of_one_kind_does_not_look_at_the_other() -> None:
    assert Budget(None, 100, NOTHING).room(Charge(100, 1e9))
    assert Budget(1.0, None, NOTHING).room(Charge(10**9, 1.0))
    assert Budget(None, None, NOTHING).room(Charge(10**9, 1e9))
    assert Budget(1.0, None, NOTHING).room(Charge(100, None))


def test_the_error_says_what_is_spent_and_what_is_asked_for() -> None:
    error = Budget(1.0, 1000, Spent(300, 0.9, 0, 0.0, 0)).reached(WORST)
    assert isinstance(error, LimitReached)
    assert str(error) == (
        "budget: $0.9000 of $1 and 300 of 1000 tokens are spent and one more request may take $0.5000 and 100 tokens; "
        "raise budget_usd or budget_tokens and run again, or lower generate.target to finish with what is there"
    )


class Biller:
    """Does what its random numbers say and writes down what it would charge, and what a careful customer must fear to be charged."""

    name = "m"
    faults = (
        Failure.RATE_LIMITED, Failure.SERVER_ERROR, Failure.DISCONNECTED, Failure.NOT_A_REPLY, Failure.REFUSED, "hangs", "bug", "fatal",
    )  # fmt: skip

    def __init__(self, numbers: random.Random, price: Price | None) -> None:
        self.numbers, self.price = numbers, price
        self.trouble = numbers.choice([0.0, 0.1, 0.3])
        self.weights = [share * numbers.random() for share in (1, 1, 1, 1, 1, 0.2, 0.03, 0.03)]
        self.lies = numbers.choice([0.0, 0.2])
        self.tokens, self.usd = 0, 0.0
        self.events: Counter[str] = Counter()

    def bill(self, tokens: int, usd: float) -> None:
        self.tokens += tokens
        self.usd += usd

    def doubtful(self, call: Call) -> None:
        worst = prices.worst(call, self.price)
        self.bill(worst.tokens or 0, worst.usd or 0.0)

    async def ask(self, call: Call) -> Answer:
        fault = self.numbers.choices(self.faults, self.weights)[0] if self.numbers.random() < self.trouble else None
        try:
            await asyncio.sleep(10.0 if fault == "hangs" else self.numbers.choice([0.0, 0.0, 0.001]))
        except asyncio.CancelledError:
            self.doubtful(call)
            self.events["hangs"] += 1
            raise
        self.events[str(fault)] += 1
        if fault == "fatal":
            raise ModelError("the account is closed")
        if fault == "bug" or fault in (Failure.DISCONNECTED, Failure.NOT_A_REPLY):
            self.doubtful(call)
        if fault == "bug":
            raise ZeroDivisionError("oops")
        if isinstance(fault, Failure):
            raise Trouble(fault, "no", 0.0 if self.numbers.random() < 0.5 else None)
        return Answer(self.reply(call))

    def reply(self, call: Call) -> Reply:
        draw = self.numbers.randint
        prompt, output = draw(1, len(call.prompt.encode()) + 64), draw(0, call.max_tokens)
        cached, reasoning = draw(0, prompt) * draw(0, 1), draw(0, output) * draw(0, 1)
        if self.numbers.random() < self.lies:
            self.events["lies"] += 1
            self.doubtful(call)
            told = self.numbers.choice([(0, 0), (10**8, output), (prompt, call.max_tokens + 1), (prompt, 10**8)])
            return Reply("text", Finish.STOP, *told, "m", 10**8, 10**8)
        self.bill(prompt + output, 0.0 if self.price is None else self.price.of(prompt, output, cached))
        return Reply("text", Finish.STOP, prompt, output, "m", cached, reasoning)

    async def close(self) -> None:
        pass


def stopped(pool: Pool, calls: list[Call]) -> str:
    """How asking ended."""
    try:
        pool.ask(calls, lambda call, reply: "1")
    except (LimitReached, ModelError, ZeroDivisionError) as error:
        return type(error).__name__
    return "done"


ENDS: Counter[str] = Counter()
"""Over all random runs, so that a test can say that they were worth their time."""


@pytest.mark.parametrize("seed", range(100))
def test_the_limit_is_never_passed_whatever_goes_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(rate, "FIRST_RATE", 2000.0)  # refusals are to cost no time here
    monkeypatch.setattr(rate, "SLOWEST", 2000.0)
    numbers = random.Random(seed)
    price = Price(*(numbers.choice([0.0, 0.1, 2.0, 60.0]) for _ in range(3))) if seed % 5 else None
    calls = [
        Call("generate", f"0/{number}", "x" * numbers.randint(1, 2000), 1.0, numbers.randint(16, 3000), number) for number in range(40)
    ]
    worst = [prices.worst(call, price) for call in calls]
    most_tokens, most_usd = max(one.tokens or 0 for one in worst), max(one.usd or 0.0 for one in worst)
    share = numbers.uniform(0.0, 0.9)
    budget_usd = share * sum(one.usd or 0.0 for one in worst) if price is not None and numbers.random() < 0.7 else None
    budget_tokens = int(share * sum(one.tokens or 0 for one in worst)) if budget_usd is None or numbers.random() < 0.3 else None
    limits = Limits(numbers.choice([1, 2, 7, 32]), attempts=numbers.randint(1, 4), first_wait=0.001, timeout=0.02)
    teacher = Biller(numbers, price)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger._written.execute("PRAGMA synchronous = OFF")
        for _ in range(3):  # a run that stopped early goes on with the same ledger
            left = [call for call in calls if ledger.reply("generate", call.key) is None]
            with Pool(teacher, ledger, price, limits, budget_usd=budget_usd, budget_tokens=budget_tokens) as pool:
                end = stopped(pool, left)
                assert (pool.budget.held_tokens, pool.budget.held_usd) == (0, pytest.approx(0.0, abs=1e-9))
                assert pool.budget.used_tokens == teacher.tokens
                assert pool.budget.used_usd == pytest.approx(teacher.usd, rel=1e-9, abs=1e-12)
            ENDS[end] += 1
            if end != "ModelError":
                break
        ledger.close_lost()
        told = spending.spent(ledger)
        answered = spending.totals(ledger).get("generate")
    assert told.tokens + told.doubtful_tokens == teacher.tokens
    assert told.usd + told.doubtful_usd == pytest.approx(teacher.usd, rel=1e-9, abs=1e-12)
    assert budget_tokens is None or teacher.tokens <= budget_tokens
    assert budget_usd is None or teacher.usd <= budget_usd * (1 + 1e-9) + 1e-12
    assert (answered.requests if answered else 0) == teacher.events["None"]
    if end == "LimitReached":  # and no earlier than it had to
        near_tokens = budget_tokens is not None and teacher.tokens + most_tokens > budget_tokens
        assert near_tokens or (budget_usd is not None and teacher.usd + most_usd > budget_usd * (1 - 1e-9))


def test_the_random_runs_ended_in_every_way() -> None:
    if sum(ENDS.values()) < 100:
        pytest.skip("the random runs were not all made in this process")
    assert ENDS["LimitReached"] >= 30
    assert ENDS["done"] >= 5
    assert ENDS["ModelError"] + ENDS["ZeroDivisionError"] >= 1
