"""What becomes of a request in a batch has the same name as where it is asked alone: refused prompts, servers that are never reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import ModelError
from bioinstruct.core.records import Finish
from bioinstruct.embedded import batches
from bioinstruct.embedded.faults import Refused
from bioinstruct.models import batch_lines, batch_server
from bioinstruct.models.base import Failure, Trouble
from bioinstruct.models.endpoint import EndpointTeacher
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Limits, Pool
from bioinstruct.models.spending import spent

Start = Callable[..., Any]
NOWHERE = "http://127.0.0.1:1/v1"


def refuse(made: Any, *seeds: int, status: int = 400, code: str = "content_filter") -> None:
    """Have the server refuse the prompts of these requests, in batches and alone."""
    plan = made.server.rehearsal.plan

    def choosy(asked: Any) -> Any:
        if asked.seed in seeds:
            raise Refused(status, "not this one, says sk-test-0123456789", code=code)
        return plan(asked)

    made.server.rehearsal.plan = choosy


def replies(path: Path) -> list[tuple[Any, ...]]:
    """Key, text before the server's words, and cost of every reply."""
    with Ledger(path) as ledger:
        found = [(one.key, one.reply) for one in ledger.entries("generate")]
    return sorted((key, one.text.partition(": model")[0], one.finish, one.prompt_tokens, one.output_tokens) for key, one in found)


@pytest.mark.parametrize(("status", "code"), [(400, "content_filter"), (422, "invalid_prompt"), (413, "too_large")])
def test_a_refused_prompt_is_a_reply_as_where_it_is_asked_alone(desk: Start, tmp_path: Path, status: int, code: str) -> None:
    made = desk()
    refuse(made, 2, 5, status=status, code=code)
    asked = made.ask(6)
    assert (asked.answered, asked.given_up, dict(asked.failures)) == (6, [], {})
    assert made.outcomes() == {"read": 6}
    alone = tmp_path / "alone.sqlite"
    teacher = EndpointTeacher("m", made.url, "TEST_KEY")
    with Ledger(alone) as ledger, Pool(teacher, ledger, None, Limits(in_flight=1)) as pool:
        assert pool.ask([made.call(number) for number in range(6)], lambda call, reply: "1").answered == 6
    assert replies(made.path) == replies(alone)
    assert ("0/5", "refused", Finish.ERROR, 0, 0) in replies(made.path)
    with Ledger(made.path) as ledger:
        assert "not this one, says ***" in ledger.reply("generate", "0/5").text  # type: ignore[union-attr]
        assert spent(ledger).doubtful_tokens == 0
    assert made.rows("attempts WHERE id = 6", "tokens, usd") == [(0, 0.0)]
    assert made.ask(6).answered == 6  # from the ledger
    assert len(made.rows("attempts")) == 6


def test_a_batch_of_refused_prompts_alone_stops_nothing_once_others_were_answered(desk: Start) -> None:
    made = desk()
    refuse(made, 7, 8)
    made.ask(2)
    asked = made.ask([made.call(7), made.call(8)])
    assert (asked.answered, asked.given_up) == (2, [])
    assert made.outcomes() == {"read": 4}


def test_where_every_prompt_is_refused_the_server_takes_none_of_ours(desk: Start) -> None:
    made = desk()
    refuse(made, *range(3))
    with pytest.raises(ModelError, match="not this one"):
        made.ask(3)
    assert made.outcomes() == {"refused": 3}
    assert made.rows("replies") == []


def test_an_error_status_that_a_router_passes_on_counts_as_one() -> None:
    body = {"error": {"code": 429, "message": "slow down"}}
    with pytest.raises(Trouble, match="slow down") as caught:
        batch_lines.reply_in({"response": {"status_code": 200, "body": body}}, "m")
    assert caught.value.failure is Failure.RATE_LIMITED


def test_what_never_reached_the_server_is_unsent_and_leaves_no_batch_open(desk: Start) -> None:
    made = desk()
    with pytest.raises(batch_server.Unreached, match=r"no connection .*run again"):
        made.ask(3, endpoint=NOWHERE)
    assert made.outcomes() == {"unsent": 3}
    assert made.rows("batches", "status, endpoint, ended IS NOT NULL") == [("unsent", NOWHERE, 1)]
    assert made.rows("batched") == []
    with Ledger(made.path) as ledger:
        assert spent(ledger).doubtful_tokens == 0
    assert made.ask(3).answered == 3  # at the right address, which an open batch elsewhere would forbid


def test_a_batch_that_cannot_have_been_made_is_closed(desk: Start) -> None:
    made = desk()

    def gone_after_the_upload(pool: Any) -> None:
        upload = pool.server.upload

        def once(*arguments: Any) -> str:
            name: str = upload(*arguments)
            pool.server._client = pool.server._client.with_options(base_url=NOWHERE)
            return name

        pool.server.upload = once

    with pytest.raises(batch_server.Unreached):
        made.ask(3, gone_after_the_upload)
    assert made.outcomes() == {"unsent": 3}
    assert made.rows("batches", "status, file_id IS NOT NULL, ended IS NOT NULL") == [("unsent", 1, 1)]


@pytest.mark.parametrize(("verb", "outcome", "n_open"), [("upload", "unsent", 0), ("create", "None", 1)])
def test_without_an_answer_only_a_batch_that_may_be_there_stays_open(
    desk: Start, monkeypatch: pytest.MonkeyPatch, verb: str, outcome: str, n_open: int
) -> None:
    made = desk()

    def cut(*_: Any) -> None:
        raise ConnectionAbortedError  # the handler ends the connection without an answer

    with monkeypatch.context() as patch:
        patch.setattr(batches.BatchDesk, verb, cut)
        with pytest.raises(batch_server.Unanswered):
            made.ask(3)
    assert made.outcomes() == {outcome: 3}
    assert len(made.rows("batches WHERE ended IS NULL")) == n_open
    assert made.ask(3).answered == 3
    assert made.outcomes() == {"read": 3, "unsent": 3}
