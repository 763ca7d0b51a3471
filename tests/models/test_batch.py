"""Asking in batches: replies, prices, limits and what goes wrong at the server. What a kill leaves is in test_batch_resumed.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, LimitReached, ModelError
from bioinstruct.embedded import batches
from bioinstruct.models import batch, batch_lines, prices
from bioinstruct.models.base import Failure, Trouble
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.spending import spent

Start = Callable[..., Any]
PRICE = prices.Price(2.0, 2.0, 8.0)


def worst_of(desk: Any, number: int = 0) -> Charge:
    return prices.worst(desk.call(number), PRICE, route="batch")


def test_all_are_answered_as_they_would_be_one_by_one(desk: Start) -> None:
    from bioinstruct.models.endpoint import EndpointTeacher

    made = desk()
    asked = made.ask(12)
    assert (asked.answered, asked.given_up, dict(asked.failures)) == (12, [], {})
    assert sorted(made.told) == sorted(made.call(number).key for number in range(12))
    assert made.outcomes() == {"read": 12}
    assert made.rows("batches", "status, ended IS NOT NULL") == [("completed", 1)]
    assert made.rows("batched") == []

    async def one_by_one() -> list[Any]:
        teacher = EndpointTeacher("m", made.url, "TEST_KEY")
        try:
            return [(await teacher.ask(made.call(number))).reply for number in range(12)]
        finally:
            await teacher.close()

    with Ledger(made.path) as ledger:
        assert [ledger.reply("generate", f"0/{number}") for number in range(12)] == asyncio.run(one_by_one())
        entry = ledger.entry("generate", "0/3")
    assert entry is not None
    assert (entry.prompt, entry.seeds, entry.settings) == (made.call(3).prompt, ("seed-1",), '{"seed": 3}')


def test_an_answered_call_is_not_asked_again(desk: Start) -> None:
    made = desk()
    made.ask(5)
    asked = made.ask(8)
    assert asked.answered == 8
    assert made.server.tally.batched == 8
    assert len(made.told) == 13
    with pytest.raises(InputError, match="another request '0/1'"):
        made.ask([made.call(1, settings="{}")])
    with pytest.raises(InputError, match="got it twice"):
        made.ask([made.call(20), made.call(20)])
    made.ask([])
    assert made.outcomes() == {"read": 8, "unsent": 1}
    assert len(made.rows("batches")) == 3


def test_it_costs_half(desk: Start) -> None:
    made = desk()
    made.ask(6)
    with Ledger(made.path) as ledger:
        replies = [ledger.reply("generate", f"0/{number}") for number in range(6)]
        took = spent(ledger)
    whole = sum(PRICE.of(reply.prompt_tokens, reply.output_tokens) for reply in replies if reply)
    assert took.usd == pytest.approx(whole / 2)
    assert (took.doubtful_tokens, took.unpriced) == (0, 0)
    assert made.rows("attempts", "DISTINCT route, worst_usd") == [("batch", worst_of(made).usd)]
    assert made.server.tally.output_tokens == sum(reply.output_tokens for reply in replies if reply)


def test_files_are_not_longer_than_allowed(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk()
    monkeypatch.setattr(batch, "MOST_REQUESTS", 5)
    assert made.ask(12).answered == 12
    assert [count for (count,) in made.rows("attempts GROUP BY batch ORDER BY min(id)", "count(*)")] == [5, 5, 2]
    assert len({file.told["id"] for file in made.server.desk._files.values() if file.told["purpose"] == "batch"}) == 3
    other = desk()
    line = batch_lines.length(batch_lines.body(made.call(0), "m", batch.dialect.accepts("m", {})))
    monkeypatch.setattr(batch, "MOST_BYTES", 3 * line + 20)
    assert other.ask(7).answered == 7
    assert [count for (count,) in other.rows("attempts GROUP BY batch ORDER BY min(id)", "count(*)")] == [3, 3, 1]
    assert all(len(file.data) <= 3 * line + 20 for file in other.server.desk._files.values() if file.told["purpose"] == "batch")
    monkeypatch.setattr(batch, "MOST_BYTES", line - 1)
    with pytest.raises(InputError, match="in a batch"):
        other.ask([other.call(99)])


def test_a_budget_is_never_passed(desk: Start) -> None:
    made = desk()
    each = worst_of(made)
    made.ask(1)
    took = made.rows("attempts", "usd, tokens")[0]
    most: list[float] = []

    def watch(pool: Any) -> None:
        hold = pool.budget.hold
        pool.budget.hold = lambda worst: (hold(worst), most.append(pool.budget.used_usd + pool.budget.held_usd))

    usd = 4.5 * each.usd + took[0]
    with pytest.raises(LimitReached, match=r"budget: \$0\.\d+ of \$"):
        made.ask(200, watch, budget_usd=usd)
    assert usd - each.usd < sum(row[0] for row in made.rows("attempts", "usd")) <= usd
    assert max(most) <= usd
    assert made.outcomes() == {"read": made.server.tally.batched}
    assert len(made.rows("batches")) >= 3
    before = made.server.tally.batched
    with pytest.raises(LimitReached):
        made.ask(200, budget_usd=usd)
    assert made.server.tally.batched == before
    with pytest.raises(LimitReached, match="raise budget_usd or budget_tokens"):
        made.ask(200, budget_tokens=sum(row[0] for row in made.rows("attempts", "tokens")) + 2 * each.tokens)
    assert made.ask(200).answered == 200


def test_an_expired_batch_is_kept_as_far_as_it_came(desk: Start) -> None:
    made = desk(batch_expires_after=0.4)

    def heal(pool: Any) -> None:
        take = pool.reader.take

        def once(one: Any, asking: Any) -> Any:
            made.server.desk._script = replace(made.server.script, batch_expires_after=None)
            return take(one, asking)

        pool.reader.take = once

    asked = made.ask(10, heal)
    assert (asked.answered, asked.given_up, dict(asked.failures)) == (10, [], {Failure.NOT_RUN: 6})
    assert "did not" not in asked.words
    assert "completion window" in asked.words
    assert made.server.tally.batched == 10
    assert made.rows("batches ORDER BY rowid", "status") == [("expired",), ("completed",)]
    assert made.rows("attempts WHERE outcome != 'read' AND usd IS NOT NULL") == []
    assert made.rows("attempts WHERE attempt = 2", "count(*)") == [(6,)]
    with Ledger(made.path) as ledger:
        assert spent(ledger).doubtful_tokens == 0


def test_tries_are_bounded(desk: Start) -> None:
    made = desk(batch_expires_after=0.0)
    asked = made.ask(3, attempts=2)
    assert (asked.answered, sorted(asked.given_up)) == (0, ["0/0", "0/1", "0/2"])
    assert made.outcomes() == {"not_run": 6}


def test_faults_within_rows_are_asked_again(desk: Start) -> None:
    shares = {"rate_limited": 0.1, "server_error": 0.1, "unavailable": 0.1, "hang": 0.1, "invalid_json": 0.05, "wrong_usage": 0.2}
    made = desk(faults=shares)
    asked = made.ask(60, attempts=12)
    assert asked.answered == 60
    assert made.server.tally.batched == 60
    assert set(asked.failures) == {Failure.RATE_LIMITED, Failure.SERVER_ERROR, Failure.TIMED_OUT}
    outcomes = made.outcomes()
    assert outcomes == {"read": 60, **{failure.value: count for failure, count in asked.failures.items()}}
    unknown = made.rows("attempts WHERE outcome = 'read' AND usd IS NULL", "count(*)")[0][0]
    assert unknown > 0
    with Ledger(made.path) as ledger:
        worst = sum(worst_of(made).tokens for _ in range(unknown + asked.failures[Failure.TIMED_OUT]))
        assert spent(ledger).doubtful_tokens == worst


def test_a_file_that_fails_stops_all(desk: Start) -> None:
    made = desk(models=("other",))
    with pytest.raises(ModelError, match=r"the batch failed: line 1: There is no such model.; line 2: .*; and 3 more$"):
        made.ask(6)
    assert made.outcomes() == {"not_run": 6}
    assert made.rows("batches", "status, ended IS NOT NULL") == [("failed", 1)]
    with Ledger(made.path) as ledger:
        assert spent(ledger).doubtful_tokens == spent(ledger).tokens == 0


def test_a_full_queue_is_asked_for_less(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk(batch_seconds=0.05)
    read, refused = batches.read_lines, []

    def crowded(data: bytes, models: tuple[str, ...] = ()) -> Any:
        waiting = sum(
            one.told["request_counts"]["total"] for one in made.server.desk._batches.values() if one.told["status"] == "in_progress"
        )
        if len(data.splitlines()) + waiting > 5:
            refused.append(len(data.splitlines()))
            words = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached for m.", "param": None, "line": None}
            return [], [words]
        return read(data, models)

    monkeypatch.setattr(batches, "read_lines", crowded)
    assert made.ask(16, attempts=1).answered == 16
    assert refused[:2] == [16, 8]
    assert len(refused) == 3
    assert any("Enqueued token limit reached for m.; asking less at once" in words for words in made.said)
    monkeypatch.setattr(batches, "read_lines", lambda *_: ([], [{"code": "token_limit_exceeded", "message": "full", "line": None}]))
    with pytest.raises(ModelError, match="full"):
        made.ask([made.call(99), made.call(98)])
    assert set(made.outcomes()) == {"read", "rate_limited"}


def test_what_a_model_does_not_take_is_learnt(desk: Start) -> None:
    made = desk(reasoning=20)
    asked = made.ask(4, attempts=1)
    assert asked.answered == 4
    assert made.outcomes() == {"read": 4, "refused": 4}
    assert [words for words in made.said if "max_completion_tokens" in words] == made.said
    other = desk(reasoning=20)
    with pytest.raises(ModelError, match=r"set generate\.accepts=.* and generate\.temperature=1\.0"):
        other.ask([other.call(number, temperature=0.5) for number in range(3)], accepts=batch.dialect.Accepts("max_completion_tokens"))
    assert other.outcomes() == {"refused": 3}


def test_refusals_do_not_go_round_for_ever(desk: Start) -> None:
    made = desk()
    bad = [made.call(number, max_tokens=0) for number in range(3)]
    with pytest.raises(ModelError, match="max_tokens"):
        made.ask(bad)
    assert len(made.rows("batches")) <= 6
    other = desk()
    huge = other.call(50)
    asked = other.ask([replace(huge, prompt="List of 99999 tasks:"), *(other.call(number) for number in range(3))])
    assert (asked.answered, asked.given_up, dict(asked.failures)) == (3, ["0/50"], {Failure.REFUSED: 1})


def test_an_empty_account_stops_all_and_keeps_what_came(desk: Start) -> None:
    made = desk(balance=300)
    with pytest.raises(ModelError, match="balance is spent"):
        made.ask(10)
    assert made.outcomes()["read"] == made.server.tally.batched > 0
    assert len(made.rows("batches")) == 1


@pytest.mark.parametrize(("status", "words"), [(401, "Incorrect API key"), (404, "needs OpenAI's /v1/files")])
def test_a_wrong_key_or_address_is_told_at_once(desk: Start, monkeypatch: pytest.MonkeyPatch, status: int, words: str) -> None:
    made = desk(key="sk-right")
    settings = {"endpoint": made.url.replace("/v1", "/v7")} if status == 404 else {}
    with pytest.raises(ModelError, match=words) as caught:
        made.ask(3, **settings)
    assert "sk-test" not in str(caught.value)
    assert made.outcomes() == {"unsent": 3}
    assert all(b"sk-test" not in path.read_bytes() for path in made.path.parent.iterdir())
    monkeypatch.setenv("TEST_KEY", "sk-right")
    assert made.ask(3).answered == 3
    assert all(b"sk-right" not in path.read_bytes() for path in made.path.parent.iterdir())


def garble(rows: list[Any]) -> bytes:
    rows[0]["response"]["body"]["choices"] = []
    rows[2]["custom_id"] = "r1-foreign"
    lines = [json.dumps(row).encode() for row in rows]
    return b"\n".join([*lines[:1], b"<html>", *lines[2:], b'{"custom_id": 7}', b"[" * 50_000, b""])


def test_rows_that_cannot_be_read_count_as_billed(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk()
    content, first = batches.BatchDesk.content, []

    def spoilt(self: Any, name: str) -> bytes:
        data = content(self, name)
        first.append(name)
        return garble([json.loads(line) for line in data.splitlines()]) if len(first) == 1 else data

    monkeypatch.setattr(batches.BatchDesk, "content", spoilt)
    asked = made.ask(6)
    assert (asked.answered, dict(asked.failures)) == (6, {Failure.NOT_A_REPLY: 3})
    with Ledger(made.path) as ledger:
        assert spent(ledger).doubtful_tokens == 3 * worst_of(made).tokens


@pytest.mark.parametrize(
    ("row", "failure"),
    [
        ({"error": {"code": "batch_cancelled", "message": "m"}}, Failure.NOT_RUN),
        ({"response": None, "error": {"code": "request_timeout"}}, Failure.TIMED_OUT),
        ({"response": {"status_code": "200"}, "error": None}, Failure.SERVER_ERROR),
        ({"response": [], "error": "x"}, Failure.SERVER_ERROR),
        ({}, Failure.SERVER_ERROR),
        ({"response": {"status_code": 200, "body": "text"}}, Failure.NOT_A_REPLY),
        ({"response": {"status_code": 429, "body": {"error": {"code": "rate_limit_exceeded"}}}}, Failure.RATE_LIMITED),
        ({"response": {"status_code": 502, "body": "<html>"}}, Failure.SERVER_ERROR),
        ({"response": {"status_code": 400, "body": {"error": {"message": "no", "param": 7}}}}, None),
        ({"response": {"status_code": 429, "body": {"error": {"type": "insufficient_quota"}}}}, None),
        ({"response": {"status_code": 200, "body": {"error": {"message": "odd"}}}}, None),
    ],
)
def test_what_a_row_says(row: Any, failure: Failure | None) -> None:
    with pytest.raises(Trouble if failure else batch_lines.Refused) as caught:
        batch_lines.reply_in(row, "m")
    assert getattr(caught.value, "failure", None) is failure


def test_lines_are_json_whatever_the_text(tmp_path: Path) -> None:
    from bioinstruct.models.base import Call

    call = Call("generate", 'k"\n', "\ud800 ÿ\u2028\n", 0.5, 10, 7, {"type": "object"})
    accepts = batch.dialect.Accepts()
    line = batch_lines.line("r1", body := batch_lines.body(call, "m", accepts))
    assert line.count(b"\n") == 1
    assert json.loads(line)["body"] == {"model": "m", "messages": call.messages, **batch.dialect.fields(call, accepts)}
    assert batch_lines.length(body) - len(line) == 62
