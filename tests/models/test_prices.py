from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Finish
from bioinstruct.models import prices
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Charge
from bioinstruct.models.prices import FREE, Price

CALL = Call("generate", "0/0", "a prompt of forty-two bytes, or of a few more", 1.0, 100, 7)
BYTES = len(CALL.prompt) + 64
PRICE = Price(prompt=2.0, cached=0.5, output=8.0)


def reply(prompt: int, output: int, cached: int = 0, reasoning: int = 0) -> Reply:
    return Reply("text", Finish.STOP, prompt, output, "m", cached, reasoning)


def test_every_price_of_the_table_is_one() -> None:
    models = prices._table()["models"]
    assert len(models) >= 10
    for model in models:
        found = prices.find(model, {})
        assert found is not None
        assert 0 < found.cached <= found.prompt <= found.output
    datetime.date.fromisoformat(prices.dated())


def test_a_snapshot_has_the_price_of_its_model() -> None:
    assert prices.find("gpt-4o", {}) == Price(2.5, 1.25, 10.0)
    assert prices.find("gpt-4o-2024-08-06", {}) == prices.find("gpt-4o", {})
    assert prices.find("gpt-3.5-turbo-0125", {}) == prices.find("gpt-3.5-turbo", {})
    assert prices.find("gpt-4.1-mini-2025-04-14", {}) == prices.find("gpt-4.1-mini", {}) != prices.find("gpt-4.1", {})


@pytest.mark.parametrize(
    "model", ["m", "", "gpt-4o-audio", "gpt-4o-mini-tts", "ft:gpt-4o:me", "GPT-4o", "gpt-4o-2024-08", "gpt-4o-08-06-x"]
)
def test_what_is_not_known_has_no_price(model: str) -> None:
    assert prices.find(model, {}) is None


def test_the_recipe_wins_and_names_its_model_exactly() -> None:
    own = {"gpt-4o": [1.0, 2.0], "m": (3.0, 0.25, 4.0), "free": [0, 0]}
    assert prices.find("gpt-4o", own) == Price(1.0, 1.0, 2.0)  # no cached price: no discount
    assert prices.find("m", own) == Price(3.0, 0.25, 4.0)
    assert prices.find("free", own) == FREE
    assert prices.find("gpt-4o-2024-08-06", own) == Price(2.5, 1.25, 10.0)


@pytest.mark.parametrize("wrong", [[], [1.0], [1.0, 2.0, 3.0, 4.0], [1.0, -2.0], [float("nan"), 1.0], [1.0, float("inf")]])
def test_a_price_that_is_none_is_refused(wrong: list[float]) -> None:
    (problem,) = prices.problems("m", {"m": wrong, "n": [1.0, 2.0]}, None)
    assert problem.place == "prices"
    assert "for 'm'" in problem.got
    with pytest.raises(InputError, match=r"prices: got .* for 'm'; allowed: \[prompt, output\]"):
        prices.find("m", {"m": wrong})


def test_a_budget_in_dollars_needs_a_price() -> None:
    (problem,) = prices.problems("m", {}, 5.0)
    assert problem.place == "budget_usd"
    assert "prices={m: [prompt, output]}" in problem.allowed
    assert "budget_tokens" in problem.allowed
    assert prices.problems("m", {"m": [1.0, 2.0]}, 5.0) == []
    assert prices.problems("gpt-4o", {}, 5.0) == []
    assert prices.problems("m", {}, None) == []
    assert prices.problems(None, {}, 5.0) == []  # nobody is paid
    with pytest.raises(InputError, match=r"prices: got none for 'm' and a budget in dollars; allowed: prices=\{m: \[prompt, output\]\}"):
        prices.demand("m", None, 5.0)
    prices.demand("m", FREE, 5.0)
    prices.demand("m", None, None)


def test_a_request_costs_what_its_tokens_cost() -> None:
    assert PRICE.of(1_000_000, 0) == 2.0
    assert PRICE.of(0, 1_000_000) == 8.0
    assert PRICE.of(1_000_000, 500_000, 400_000) == pytest.approx(0.6 * 2.0 + 0.4 * 0.5 + 4.0)
    assert PRICE.of(10, 0, 1000) == pytest.approx(10 * 0.5e-6)  # no more can come from the cache than there is
    assert PRICE.of(1_000_000, 500_000, 400_000, route="batch") == PRICE.of(1_000_000, 500_000, 400_000) / 2


def test_the_worst_case_of_a_request() -> None:
    assert prices.worst(CALL, None) == Charge(BYTES + 100, None)
    assert prices.worst(CALL, FREE) == Charge(BYTES + 100, 0.0)
    assert prices.worst(CALL, PRICE) == Charge(BYTES + 100, pytest.approx((BYTES * 2.0 + 800.0) / 1e6))
    assert prices.worst(CALL, PRICE, route="batch").usd == prices.worst(CALL, PRICE).usd / 2  # type: ignore[operator]
    assert prices.worst(replace(CALL, prompt="ß" * 50), None).tokens == 100 + 64 + 100  # bytes, not characters
    schema: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "string"}}}
    assert prices.worst(replace(CALL, schema=schema), None).tokens == BYTES + 100 + len(repr(schema))
    dear = Price(prompt=1.0, cached=3.0, output=1.0)
    assert prices.worst(CALL, dear).usd == pytest.approx((BYTES * 3.0 + 100) / 1e6)


def test_what_a_reply_took() -> None:
    assert prices.charge(CALL, reply(20, 50, cached=10, reasoning=40), PRICE) == Charge(70, pytest.approx((20.0 + 5.0 + 400.0) / 1e6))
    assert prices.charge(CALL, reply(20, 50), None) == Charge(70, None)
    assert prices.charge(CALL, reply(20, 50), FREE) == Charge(70, 0.0)
    assert prices.charge(CALL, reply(20, 0), PRICE).tokens == 20
    assert prices.charge(CALL, reply(20, 50), PRICE, route="batch").usd == pytest.approx(220e-6)
    assert prices.charge(CALL, reply(BYTES, 100), PRICE) == prices.worst(CALL, PRICE)


@pytest.mark.parametrize("told", [(0, 0), (BYTES + 1, 0), (0, 101), (20, 101), (10**9, 10**9), (BYTES + 1, 100)])
def test_usage_that_is_not_told_or_cannot_be_is_not_known(told: tuple[int, int]) -> None:
    assert prices.charge(CALL, reply(*told), PRICE) == Charge(None, None)
    assert prices.charge(CALL, reply(*told), PRICE, route="batch") == Charge(None, None)
    assert prices.charge(CALL, reply(*told), None) == Charge(None, None)
    assert prices.charge(CALL, reply(*told), FREE) == Charge(None, 0.0)


@given(
    st.builds(Price, *[st.floats(0, 1000)] * 3), st.integers(0, 300), st.integers(0, 300), st.integers(0, 400),
    st.sampled_from(["chat", "batch"]),
)  # fmt: skip
def test_no_reply_takes_more_than_the_worst_case(price: Price, prompt: int, output: int, cached: int, route: str) -> None:
    worst, took = prices.worst(CALL, price, route=route), prices.charge(CALL, reply(prompt, output, cached), price, route=route)
    assert worst.tokens is not None
    assert worst.usd is not None
    assert (took.tokens or 0) <= worst.tokens
    assert (took.usd or 0.0) <= worst.usd * (1 + 1e-12)
