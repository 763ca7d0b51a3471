"""Batches outlive the process that sent them: killed anywhere, found again, withdrawn. How they are asked is in test_batch.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import bioinstruct
from bioinstruct.core.errors import ModelError, RunFolderError
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.models import batch, batch_ledger, batch_results, prices
from bioinstruct.models.base import Failure
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Limits, Pool
from bioinstruct.models.spending import spent

Start = Callable[..., Any]
N = 8


class Killed(BaseException):
    """Nothing of ours catches it."""


def dying(work: Callable[..., Any], at: int, *, after: bool = False) -> Callable[..., Any]:
    """`work` that is killed at its call number `at`, before it is done or after."""
    calls = []

    def die(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == at and not after:
            raise Killed
        result = work(*arguments, **named)
        if len(calls) == at:
            raise Killed
        return result

    return die


def kill(owner: Any, name: str, at: int = 1, *, after: bool = False) -> Callable[[Any, pytest.MonkeyPatch], None]:
    """Arranges for a death at a function of a part of the pool (`server`, `ledger`), or of a module."""

    def arrange(pool: Any, patch: pytest.MonkeyPatch) -> None:
        place = getattr(pool, owner) if isinstance(owner, str) else owner
        patch.setattr(place, name, dying(getattr(place, name), at, after=after))

    return arrange


DEATHS = {
    "before anything is written": (kill(batch_ledger, "open_page"), 0),
    "while attempts are written": (kill(batch_ledger, "begin", 5), 0),
    "before the upload": (kill("server", "upload"), 0),
    "after the upload, before it is noted": (kill("server", "upload", after=True), 0),
    "after the upload is noted": (kill("server", "create"), 0),
    "after the creation, before it is noted": (kill("server", "create", after=True), 1),
    "when the creation is noted": (kill(batch_ledger, "note", 2, after=True), 1),
    "while polling": (kill("server", "look", 1), 1),
    "before the download": (kill("server", "download"), 1),
    "while storing": (kill("ledger", "keep", 2), 1),
    "in the second group": (kill("ledger", "keep", 4), 1),
    "before the batch is closed": (kill(batch_ledger, "close"), 1),
    "after the batch is closed": (kill(batch_ledger, "close", after=True), 1),
}


@pytest.mark.parametrize("name", DEATHS)
@pytest.mark.parametrize("expires", [None, 0.5])
def test_killed_anywhere_nothing_is_lost_or_asked_twice(
    desk: Start, monkeypatch: pytest.MonkeyPatch, name: str, expires: float | None
) -> None:
    made = desk(batch_seconds=0.03, batch_expires_after=expires)
    arrange, made_before = DEATHS[name]
    monkeypatch.setattr(batch_results, "GROUP", 3)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        made.ask(N, lambda pool: arrange(pool, patch))
    assert len(made.server.desk._batches) == made_before
    time.sleep(0.05)
    object.__setattr__(made.server.script, "batch_expires_after", None)
    asked = made.ask(N)
    assert asked.answered == N
    assert asked.given_up == []
    assert made.server.tally.batched == N
    assert len(made.server.desk._batches) == made_before + (0 if made_before and expires is None else 1)
    outcomes = made.outcomes()
    assert outcomes.pop("read") == N
    assert set(outcomes) <= {"unsent", "not_run"}
    assert made.rows("batches WHERE ended IS NULL") == made.rows("batched") == []
    with Ledger(made.path) as ledger:
        texts = [reply.text for number in range(N) if (reply := ledger.reply("generate", f"0/{number}"))]
        assert spent(ledger).doubtful_tokens == 0
    assert texts == [made.expected(number) for number in range(N)]


CHILD = """
import sys
from bioinstruct.models import prices
from bioinstruct.models.base import Call
from bioinstruct.models.batch import BatchPool
from bioinstruct.models.batch_server import BatchServer
from bioinstruct.models.ledger import Ledger
url, path, n, prompt = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
with Ledger(path) as ledger, BatchPool(BatchServer("m", url, "TEST_KEY"), ledger, None, poll=0.01) as pool:
    calls = [Call("generate", f"0/{k}", prompt, 1.0, 900, k, None, ("seed-1",), f'{{"seed": {k}}}') for k in range(n)]
    print("asking", flush=True)
    pool.ask(calls, lambda call, reply: print(call.key, flush=True) or "1")
"""


def test_a_process_that_is_killed_with_force(desk: Start) -> None:
    made = desk(batch_seconds=0.4)
    words = [sys.executable, "-c", CHILD, made.url, str(made.path), "60", made.call(0).prompt]
    environment = {**os.environ, "PYTHONPATH": str(Path(bioinstruct.__file__).parents[1])}
    for until in ("batches", "status", "reply"):
        child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
        assert child.stdout is not None
        assert child.stdout.readline() == "asking\n"
        deadline = time.monotonic() + 10
        if until == "reply":
            child.stdout.readline()
        while until == "batches" and not made.path.exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        while until == "status" and not made.server.desk._batches and time.monotonic() < deadline:
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        assert child.wait(10) == -signal.SIGKILL
        child.stdout.close()
    asked = made.ask(60)
    assert asked.answered == 60
    assert made.server.tally.batched == 60
    assert made.outcomes()["read"] == 60
    assert set(made.outcomes()) <= {"read", "unsent"}


def test_an_interrupt_leaves_the_batch_at_the_server(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk(batch_seconds=0.1)

    def interrupt(pool: Any) -> None:
        def look(_: str) -> None:
            raise KeyboardInterrupt

        pool.server.look = look

    with pytest.raises(KeyboardInterrupt):
        made.ask(4, interrupt)
    (name,) = made.server.desk._batches
    assert made.said == [f"stopped; {name} goes on at the server: run again to take its replies"]
    assert made.ask(4).answered == 4
    assert f"{name} of an earlier run is" in made.said[1]
    assert len(made.server.desk._batches) == 1


def test_a_batch_whose_creation_was_not_answered_is_not_made_twice(desk: Start) -> None:
    made = desk()

    def deaf(pool: Any) -> None:
        client = pool.server._client.batches
        create, lost = client.with_raw_response.create, []

        def once(**asked: Any) -> Any:
            response = create(**asked)
            if not lost:
                lost.append(response)
                raise pool.server._errors.APITimeoutError(response.http_request)
            return response

        client.with_raw_response.create = once

    assert made.ask(4, deaf).answered == 4
    assert len(made.server.desk._batches) == 1


def test_a_server_that_is_away_is_waited_for_but_not_for_ever(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk()
    batches, away = type(made.server.desk), [3]

    def unreachable(work: Callable[..., Any]) -> Callable[..., Any]:
        def maybe(*arguments: Any) -> Any:
            away[0] -= 1
            if away[0] >= 0:
                raise ConnectionAbortedError  # the handler ends the connection without an answer
            return work(*arguments)

        return maybe

    for name in ("upload", "create", "batch", "content"):
        with monkeypatch.context() as patch:
            patch.setattr(batches, name, unreachable(getattr(batches, name)))
            away[0] = 3
            assert made.ask([made.call(len(made.told))]).answered == 1
    assert len(made.server.desk._batches) == 4
    with monkeypatch.context() as patch:
        patch.setattr(batches, "batch", unreachable(batches.batch))
        away[0] = 100
        with pytest.raises(ModelError, match=r"no connection .*run again"):
            made.ask([made.call(50)])
    assert made.ask([made.call(50)]).answered == 1
    assert len(made.server.desk._batches) == 5


def test_a_file_that_breaks_off_is_read_from_the_start(desk: Start) -> None:
    made = desk()

    def breaking(pool: Any) -> None:
        files, broken = pool.server._client.files.with_streaming_response, []
        content = files.content

        @contextmanager
        def once(name: str) -> Iterator[Any]:
            with content(name) as response:
                read = response.iter_bytes

                def cut(size: int) -> Iterator[bytes]:
                    yield from read(size)
                    if not broken:
                        broken.append(name)
                        raise pool.server._broken("cut")

                response.iter_bytes = cut
                yield response

        files.content = once

    assert made.ask(4, breaking).answered == 4
    assert made.outcomes() == {"read": 4}


def section(made: Any, **changes: Any) -> GenerateSection:
    return GenerateSection(
        **{"teacher": "m", "endpoint": made.url, "api_key_env": "TEST_KEY", "batch_poll": 0.01, "attempts": 3, **changes}
    )


def sent(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed when its batch is under way."""
    with monkeypatch.context() as patch, pytest.raises(Killed):
        made.ask(N, lambda pool: kill("server", "look", 1)(pool, patch))


def withdraw(made: Any, ledger: Ledger, **changes: Any) -> None:
    batch.withdraw(section(made, **changes), ledger, None, Limits(attempts=2, first_wait=0.01), made.progress)


def test_what_is_under_way_counts_against_every_budget(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk(batch_seconds=30)
    sent(made, monkeypatch)
    worst = prices.worst(made.call(0), prices.Price(2.0, 2.0, 8.0), route="batch")

    class Nobody:
        name = "m"

        async def close(self) -> None:
            pass

    with Ledger(made.path) as ledger:
        with Pool(Nobody(), ledger, None, budget_tokens=10**6) as pool:  # type: ignore[arg-type]
            assert pool.budget.held_tokens == N * worst.tokens
        with made.pool(ledger, budget_usd=1.0) as pool:
            assert pool.budget.held_usd == pytest.approx(N * worst.usd)
    assert made.outcomes() == {"None": N}


def test_a_run_that_asks_one_by_one_cancels_first(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk(batch_seconds=0.8)
    sent(made, monkeypatch)
    while made.server.tally.batched < 2:
        time.sleep(0.005)
    with Ledger(made.path) as ledger:
        withdraw(made, ledger)
        withdraw(made, ledger)
        assert batch_ledger.pages(ledger) == []
    (told,) = (one.told["status"] for one in made.server.desk._batches.values())
    assert told == "cancelled"
    done = made.server.tally.batched
    assert made.outcomes() == {"read": done, "not_run": N - done}
    assert 2 <= done < N


def test_a_batch_that_the_server_has_not_got_is_given_up_on_request_only(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk()
    sent(made, monkeypatch)
    made.server.desk._batches.clear()
    for _ in range(2):
        with pytest.raises(ModelError, match=r"No batch found .*generate.batch=false"):
            made.ask(N)
    assert made.outcomes() == {"None": N}
    with Ledger(made.path) as ledger:
        withdraw(made, ledger)
        assert spent(ledger).doubtful_tokens == N * (prices.worst(made.call(0), None).tokens or 0)
    assert made.outcomes() == {Failure.LOST.value: N}
    assert any("given up" in words for words in made.said)


def test_an_open_batch_elsewhere_is_not_forgotten(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    made, other = desk(), desk()
    sent(made, monkeypatch)
    with pytest.raises(RunFolderError, match=rf"open at {made.url}; allowed: that endpoint"):
        made.ask(N, endpoint=other.url)
    with Ledger(made.path) as ledger, pytest.raises(RunFolderError, match="open at"):
        withdraw(made, ledger, teacher="embedded", endpoint=None)
    assert made.ask(N, name="other-model").answered == N
    with Ledger(made.path) as ledger:
        found = spent(ledger)
    assert found.usd == 0.0
    assert found.doubtful_usd == pytest.approx(N * (prices.worst(made.call(0), prices.Price(2.0, 2.0, 8.0), route="batch").usd or 0))


def test_a_run_in_batches_keeps_the_same_instructions(desk: Start, tmp_path: Path) -> None:
    from bioinstruct.core import recipe, runfolder
    from bioinstruct.rounds import Rounds

    made = desk(batch_expires_after=0.0)
    given = ["generate.teacher=m", f"generate.endpoint={made.url}", "generate.api_key_env=TEST_KEY", "generate.target=6"]
    given += ["generate.batch_poll=0.01", "prices={m: [2, 8]}", "budget_usd=5"]

    def run(name: str, *more: str) -> Path:
        resolved = recipe.load(overrides=[*given, *more])
        with runfolder.RunFolder(tmp_path / name) as folder:
            folder.adopt(resolved)
            Rounds(resolved.recipe, folder, made.progress).run()
        return tmp_path / name

    with pytest.raises(ModelError, match=r"got no reply within their tries .*not_run"):
        run("batches", "generate.batch=true", "generate.attempts=1")
    object.__setattr__(made.server.script, "batch_expires_after", None)
    paths = run("batches", "generate.batch=true"), run("alone")
    for name in ("generate/candidates.jsonl", "curate/instructions.jsonl"):
        texts = [(path / name).read_text() for path in paths]
        assert texts[0] == texts[1] != ""
    assert made.server.tally.batched == made.server.tally.answered > 0
