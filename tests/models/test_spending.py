from __future__ import annotations

import pytest

from bioinstruct.core.records import Finish
from bioinstruct.models import spending
from bioinstruct.models.base import BILLED_PERHAPS, Call, Failure, Reply
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.spending import Spent, Total

REPLY = Reply("text", Finish.STOP, 100, 50, "m")
WORST = Charge(1000, 0.01)


def call(key: str, purpose: str = "generate") -> Call:
    return Call(purpose, key, "p", 1.0, 100, 7)


def answer(ledger: Ledger, key: str, took: Charge, worst: Charge = WORST, purpose: str = "generate", seconds: float = 1.0) -> None:
    number = ledger.begin(call(key, purpose), 1, worst).result()
    ledger.keep(number, call(key, purpose), REPLY, took, seconds).result()


def fail(ledger: Ledger, key: str, failure: Failure, worst: Charge = WORST) -> None:
    ledger.failed(ledger.begin(call(key), 1, worst).result(), failure, "words", 1.0).result()


def test_nothing_was_spent_in_an_empty_ledger(ledger: Ledger) -> None:
    assert spending.spent(ledger) == Spent(0, 0.0, 0, 0.0, 0)
    assert spending.totals(ledger) == {}
    assert spending.failures(ledger) == {}
    assert list(spending.describe(ledger)) == ["in all: 0 tokens, $0.0000"]


def test_what_is_known_and_what_is_doubtful_are_summed_apart(ledger: Ledger) -> None:
    answer(ledger, "0/0", Charge(150, 0.002))
    answer(ledger, "0/1", Charge(None, None))  # no credible usage
    answer(ledger, "0/2", Charge(150, None), Charge(1000, None))  # no price
    answer(ledger, "l", Charge(150, 0.001), purpose="label")
    fail(ledger, "0/3", Failure.TIMED_OUT)
    fail(ledger, "0/4", Failure.DISCONNECTED, Charge(500, None))
    fail(ledger, "0/5", Failure.RATE_LIMITED)
    ledger.begin(call("0/6"), 1, WORST).result()
    found = spending.spent(ledger)
    assert (found.tokens, found.doubtful_tokens, found.unpriced) == (450, 2500, 2)
    assert found.usd == pytest.approx(0.003)
    assert found.doubtful_usd == pytest.approx(0.02)
    assert spending.under_way(ledger) == WORST


@pytest.mark.parametrize("failure", list(Failure))
def test_what_may_have_been_billed_counts_at_its_worst_and_nothing_else_does(ledger: Ledger, failure: Failure) -> None:
    fail(ledger, "0/0", failure)
    assert spending.spent(ledger) == (Spent(0, 0.0, 1000, 0.01, 0) if failure in BILLED_PERHAPS else Spent(0, 0.0, 0, 0.0, 0))


def test_a_failure_without_a_bill_is_one_that_the_server_decided_or_that_never_left() -> None:
    free = {Failure.RATE_LIMITED, Failure.SERVER_ERROR, Failure.REFUSED, Failure.UNSENT, Failure.NOT_RUN}
    assert set(Failure) - BILLED_PERHAPS == free


def test_failures_come_with_the_most_frequent_first(ledger: Ledger) -> None:
    for failure, count in ((Failure.TIMED_OUT, 1), (Failure.RATE_LIMITED, 3), (Failure.DISCONNECTED, 1)):
        for number in range(count):
            fail(ledger, f"0/{number}", failure)
    answer(ledger, "0/9", Charge(150, 0.0))
    assert list(spending.failures(ledger).items()) == [("rate_limited", 3), ("disconnected", 1), ("timed_out", 1)]


def test_the_page_tells_the_doubtful_apart(ledger: Ledger) -> None:
    answer(ledger, "0/0", Charge(150, 0.0125), seconds=1.0)
    answer(ledger, "0/1", Charge(None, None), seconds=3.0)
    answer(ledger, "l", Charge(1500, 0.5), purpose="label", seconds=0.5)
    fail(ledger, "0/2", Failure.TIMED_OUT)
    fail(ledger, "0/2", Failure.RATE_LIMITED)
    day = ledger.select("SELECT DISTINCT substr(sent, 1, 10) FROM attempts")[0][0]
    assert list(spending.describe(ledger)) == [
        "generate: 2 replies, 200 prompt tokens, 100 output tokens, 2.0 s a reply (longest 3.0 s)",
        "label: 1 replies, 100 prompt tokens, 50 output tokens, 0.5 s a reply (longest 0.5 s)",
        f"{day} generate: 4 attempts, 150 tokens, $0.0125",
        f"{day} label: 1 attempts, 1,500 tokens, $0.5000",
        "without a reply: 1 x rate_limited, 1 x timed_out",
        "in all: 1,650 tokens, $0.5125",
        "may have been billed and was never read, or came without usage: at most 2,000 tokens, $0.0200",
    ]


def test_the_page_says_what_has_no_price_and_what_is_under_way(ledger: Ledger) -> None:
    answer(ledger, "0/0", Charge(150, None), Charge(1000, None))
    ledger.begin(call("0/1"), 1, WORST).result()
    lines = list(spending.describe(ledger))
    assert "in all: 150 tokens, $0.0000 and 1 attempts of unknown price" in lines
    assert lines[-1] == "under way, or lost with a process that was killed: 1 attempts"
    assert not any("may have been billed" in line for line in lines)


def test_totals_count_replies_by_purpose(ledger: Ledger) -> None:
    answer(ledger, "0/0", Charge(150, 0.0), seconds=0.5)
    answer(ledger, "0/1", Charge(None, None), seconds=0.25)
    answer(ledger, "l", Charge(150, 0.0), purpose="label")
    fail(ledger, "0/2", Failure.TIMED_OUT)
    assert spending.totals(ledger) == {"generate": Total(2, 200, 100, 0.75), "label": Total(1, 100, 50, 1.0)}
