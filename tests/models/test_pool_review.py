"""What a hostile user found: money that was never spent, prompts that block a run, addresses that are none."""

from __future__ import annotations

from typing import Any

import pytest

from bioinstruct.core.errors import LimitReached, ModelError
from bioinstruct.core.records import Finish
from bioinstruct.models import pool as pool_module
from bioinstruct.models.asking import Limits
from bioinstruct.models.base import Call, Failure, PromptRefused, Trouble
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.pool import Pool
from bioinstruct.models.prices import Price
from bioinstruct.models.spending import price_late, spent

from .conftest import ignore, later, reply

PRICE = Price(2.0, 0.5, 8.0)
QUICK = Limits(in_flight=16, first_wait=0.001)


def call(number: int) -> Call:
    settings = '{"max_tokens": 100, "seed": 1, "teacher": "m", "temperature": 1.0}'
    return Call("generate", f"0/{number}", f"the prompt {number}", 1.0, 100, number, settings=settings)


def test_a_server_that_was_never_reached_costs_nothing(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.UNSENT, "no connection"))
    with Pool(teacher, ledger, PRICE, QUICK, budget_usd=1.0) as pool:
        with pytest.raises(ModelError, match=r"no connection .*given up"):
            pool.ask((call(number) for number in range(500)), ignore)
        assert pool.budget.used_usd == 0.0
    assert spent(ledger).doubtful_usd == 0.0


def test_while_nothing_answers_no_new_request_leaves(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.TIMED_OUT, "slow"))
    with Pool(teacher, ledger, PRICE, Limits(in_flight=4, first_wait=0.001)) as pool, pytest.raises(ModelError):
        pool.ask((call(number) for number in range(500)), ignore)
    assert len({key for key, _ in teacher.asked}) <= pool_module.FAILING + 8


def test_a_prompt_that_is_refused_is_an_outcome_and_does_not_stop_the_others(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: PromptRefused("filtered") if one.seed == 3 else reply(one))
    with Pool(teacher, ledger, PRICE, Limits(1)) as pool:
        asked = pool.ask((call(number) for number in range(6)), ignore)
    assert asked.answered == 6
    stored = ledger.reply("generate", "0/3")
    assert stored is not None
    assert (stored.text, stored.finish) == ("refused: filtered", Finish.ERROR)
    assert spent(ledger).usd == pytest.approx(5 * PRICE.of(20, 10))
    assert spent(ledger).doubtful_usd == 0.0


def test_a_teacher_that_refuses_the_first_prompt_stops(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: PromptRefused("too long"))
    with Pool(teacher, ledger, PRICE, Limits(1)) as pool, pytest.raises(ModelError, match="too long"):
        pool.ask((call(number) for number in range(6)), ignore)
    assert ledger.select("SELECT count(*) FROM replies") == [(0,)]


def test_an_address_that_is_no_api_is_told_after_a_few(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.NOT_A_REPLY, "got <html>"))
    with (
        Pool(teacher, ledger, PRICE, Limits(1, first_wait=0.001)) as pool,
        pytest.raises(ModelError, match="is the endpoint's address right"),
    ):
        pool.ask((call(number) for number in range(50)), ignore)
    # The place of the last one is free before it is counted, so that on a busy machine one more may have left.
    assert pool_module.NONSENSE <= len(teacher.asked) <= pool_module.NONSENSE + 1


def test_one_failure_that_is_no_refusal_leaves_slow_start_alone(ledger: Ledger, fake: Any) -> None:
    teacher = fake(lambda one, attempt: Trouble(Failure.SERVER_ERROR, "oops", 0.0) if (one.seed, attempt) == (0, 1) else reply(one))
    with Pool(teacher, ledger, PRICE, Limits(64, first_wait=0.001)) as pool:
        pool.ask((call(number) for number in range(80)), ignore)
        assert pool.control.window == 64


def test_a_reply_that_was_read_waits_for_room_on_the_disk(ledger: Ledger, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "DISK_WAIT", 0.01)
    keep, turns = ledger.keep, [0]

    def full(*arguments: Any) -> Any:
        future = keep(*arguments) if turns[0] >= 3 else ledger.submit(lambda _: (_ for _ in ()).throw(LimitReached("no space left")))
        turns[0] += 1
        return future

    monkeypatch.setattr(ledger, "keep", full)
    with Pool(fake(lambda one, attempt: reply(one)), ledger, PRICE, Limits(1)) as pool, pytest.raises(LimitReached, match="no space left"):
        pool.ask((call(number) for number in range(50)), ignore)
    assert ledger.reply("generate", "0/0") == reply(call(0))


def test_what_was_asked_before_there_was_a_price_is_priced(ledger: Ledger) -> None:
    number = ledger.begin(call(1), 1, Charge(200, None)).result()
    ledger.keep(number, call(1), reply(call(1)), Charge(30, None), 0.1).result()
    number = ledger.begin(call(2), 1, Charge(200, None)).result()
    ledger.failed(number, Failure.TIMED_OUT, "slow", 1.0).result()
    assert spent(ledger).unpriced == 2
    price_late(ledger, "m", PRICE)
    whole = spent(ledger)
    assert (whole.unpriced, whole.usd) == (0, pytest.approx(PRICE.of(20, 10)))
    assert whole.doubtful_usd == pytest.approx(200 * 8.0 / 1e6)


def test_progress_is_told_while_nothing_arrives(ledger: Ledger, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "TICK", 0.01)
    told: list[dict[str, Any]] = []

    class Watch:
        def advance(self, n: int = 1, note: str = "", **figures: Any) -> None:
            told.append(figures)

        def say(self, text: str) -> None:
            pass

    with Pool(fake(lambda one, attempt: later(0.7, reply(one))), ledger, PRICE, Limits(1), progress=Watch()) as pool:  # type: ignore[arg-type]
        pool.ask([call(0)], ignore)
    assert sum(figures["replies"] == 0 for figures in told) >= 2
