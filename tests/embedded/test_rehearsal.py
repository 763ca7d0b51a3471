"""The rehearsal server: a teacher with the limits and faults of a paid one, the same in every run, that nothing can bring down."""

from __future__ import annotations

import http.client
import json
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import openai
import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.embedded import faults as faults_module
from bioinstruct.embedded import teacher
from bioinstruct.embedded.faults import LASTING, PASSING, Refused, Script, answer_time, compose, lasting_fault, passing_fault, read_request
from bioinstruct.embedded.rehearsal import Tally

from .conftest import CHAT, PROMPT, WHOLE, Client, ask, expected, serving


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"faults": {"thunder": 0.1}}, "script.faults: got 'thunder'; allowed: rate_limited"),
        ({"faults": {"hang": 1.5}}, "script.faults.hang: got 1.5; allowed: a share"),
        ({"faults": {"hang": 0.6, "reset": 0.6}}, "script.faults: got 1.2; allowed: shares with a sum"),
        ({"latency": -1.0}, "script.latency: got -1.0"),
        ({"spread": float("nan")}, "script.spread: got nan"),
        ({"requests_per_second": 0}, "script.requests_per_second: got 0"),
        ({"at_once": 0}, "script.at_once: got 0"),
        ({"balance": True}, "script.balance: got True"),
        ({"reasoning": None}, "script.reasoning: got None"),
        ({"batch_expires_after": 1.0}, "script.batch_expires_after: got 1.0"),
        ({"models": ("",)}, "script.models: got"),
        ({"seed": "x"}, "script.seed: got 'x'"),
    ],
)
def test_a_script_out_of_range_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        Script(**values)
    assert words in str(caught.value)


def test_all_problems_are_told_at_once_and_no_key_is() -> None:
    with pytest.raises(InputError) as caught:
        Script(latency=-1, at_once=-1, key="se cret")
    assert len(str(caught.value).splitlines()) == 3
    assert "cret" not in str(caught.value)


def test_ten_tenths_are_one() -> None:
    assert Script(faults=dict.fromkeys((*PASSING, "empty", "refusal", "truncated"), 0.1)).seed == 0


def test_shares_hold_and_draws_are_independent() -> None:
    script = Script(faults={"rate_limited": 0.1, "hang": 0.2, "truncated": 0.3})
    names = [str(number) for number in range(4000)]
    passing = [passing_fault(script, name, 0) for name in names]
    lasting = [lasting_fault(script, name) for name in names]
    for fault, share, drawn in (("rate_limited", 0.1, passing), ("hang", 0.2, passing), ("truncated", 0.3, lasting)):
        assert abs(drawn.count(fault) / len(names) - share) < 0.03
    both = sum(one is not None and other is not None for one, other in zip(passing, lasting, strict=True))
    assert abs(both / len(names) - 0.09) < 0.02
    assert [passing_fault(Script(seed=1, faults=script.faults), name, 0) for name in names] != passing


def test_a_share_of_one_is_always_met() -> None:
    script = Script(faults={"server_error": 1.0})
    assert all(passing_fault(script, str(number), number) == "server_error" for number in range(500))


def test_answer_times_are_lognormal_around_their_median() -> None:
    script = Script(latency=2.0, spread=0.5)
    times = sorted(answer_time(script, str(number), 0) for number in range(2001))
    assert abs(times[1000] - 2.0) < 0.15
    assert abs(times[1682] / 2.0 - 1.65) < 0.2  # one sigma: e to the 0.5
    assert answer_time(Script(latency=2.0), "x", 0) == 2.0


@pytest.mark.parametrize(
    ("fault", "status", "after"),
    [("rate_limited", 429, None), ("rate_limited_after", 429, "0.25"), ("server_error", 500, None), ("unavailable", 503, "0.25")],
)
def test_errors_that_pass(fault: str, status: int, after: str | None) -> None:
    with serving(faults={fault: 1.0}, retry_after=0.25) as client:
        got = client.chat()
        assert (got.status, got.headers["Retry-After"]) == (status, after)
        assert got.error["message"]
        assert client.server.tally.faults == {fault: 1}
        assert client.server.tally.by_status == {str(status): 1}


def test_a_reset_comes_after_half_an_answer() -> None:
    with serving(faults={"reset": 1.0}) as client:
        with pytest.raises(ConnectionResetError):
            client.chat()
        client.connection.close()
        body = json.dumps(ask()).encode()
        with socket.create_connection(("127.0.0.1", client.server.server_port), timeout=5) as raw:
            raw.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (CHAT.encode(), len(body), body))
            parts: list[bytes] = []
            with pytest.raises(ConnectionResetError):
                parts.extend(iter(lambda: raw.recv(65536), b""))
        assert b"".join(parts)[:17] in (b"", b"HTTP/1.1 200 OK\r\n")
        figures = client.server.tally.snapshot()
        assert (figures["answered"], figures["output_tokens"], figures["by_status"]) == (0, 0, {})


def test_a_hanging_request_is_closed_without_an_answer() -> None:
    with serving(faults={"hang": 1.0}, hang_seconds=0.1) as client:
        began = time.monotonic()
        with pytest.raises(http.client.RemoteDisconnected):
            client.chat()
        assert 0.09 < time.monotonic() - began < 2


def test_a_hanging_request_ends_when_its_client_goes() -> None:
    with serving(faults={"hang": 1.0}, at_once=1) as client:
        body = json.dumps(ask()).encode()
        client.connection.request("POST", CHAT, body)
        other = Client(client.server)
        while not client.server.tally.faults:
            time.sleep(0.002)
        assert other.chat().status == 429
        client.connection.close()
        began = time.monotonic()
        with closing(other.connection):
            while client.server.rehearsal.at_once:
                assert time.monotonic() - began < 5
                time.sleep(0.002)


def test_closing_waits_for_no_hanging_request() -> None:
    with serving(faults={"hang": 1.0}) as client:
        client.connection.request("POST", CHAT, json.dumps(ask()))
        while not client.server.tally.faults:
            time.sleep(0.002)
        began = time.monotonic()
        client.server.server_close()
        assert time.monotonic() - began < 0.5
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            client.connection.getresponse()


def test_invalid_json_takes_several_forms() -> None:
    with serving(faults={"invalid_json": 1.0}) as client:
        kinds = set()
        for seed in range(12):
            got = client.chat(seed)
            assert got.status == 200
            kinds.add((got.headers["Content-Type"], bool(got.data)))
            with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
                json.loads(got.data)
        assert kinds == {("text/html", True), ("application/json", True), ("application/json", False)}


def test_a_truncated_text_is_cut_in_the_middle() -> None:
    with serving(faults={"truncated": 1.0}) as client:
        for seed in WHOLE[:5]:
            choice = client.chat(seed).json["choices"][0]
            assert choice["finish_reason"] == "length"
            share = len(choice["message"]["content"]) / len(expected(seed))
            assert 0.15 < share < 0.85
            assert expected(seed).startswith(choice["message"]["content"])


def test_refusal_and_empty() -> None:
    with serving(faults={"refusal": 1.0}) as client:
        message = client.chat().json["choices"][0]["message"]
        assert message == {"role": "assistant", "content": None, "refusal": faults_module.DECLINED}
    with serving(faults={"empty": 1.0}) as client:
        got = client.chat()
        assert (got.text, got.json["usage"]["completion_tokens"]) == ("", 0)


def test_usage_is_wrong_in_every_way_and_the_text_is_good() -> None:
    with serving(faults={"wrong_usage": 1.0}) as client:
        usages = set()
        for seed in WHOLE[:40]:
            got = client.chat(seed)
            assert got.text == expected(seed)
            usages.add(json.dumps(got.json.get("usage", "missing")))
        assert len(usages) == 7
        assert client.server.tally.output_tokens == sum(len(expected(seed).split()) for seed in WHOLE[:40])


def trail(client: Client, seed: int) -> tuple[list[object], Any]:
    """Outcomes of asking until an answer can be read, and that answer's choice."""
    met: list[object] = []
    for _ in range(60):
        try:
            got = client.chat(seed)
            if got.status == 200:
                return met, got.json["choices"][0]
            met.append(got.status)
        except ValueError:
            met.append("json")
        except (OSError, http.client.HTTPException):
            client.connection.close()
            met.append("gone")
    raise AssertionError(met)


def test_faults_depend_on_no_order_and_answers_on_no_fault() -> None:
    passing = dict.fromkeys(PASSING, 0.08)
    lasting = dict.fromkeys(LASTING, 0.1)
    seeds = list(range(24))

    def run(seeds: list[int], threads: int, **script: Any) -> dict[int, Any]:
        with serving(hang_seconds=0.02, **script) as client, ThreadPoolExecutor(threads) as pool:

            def one(seed: int) -> Any:
                own = Client(client.server)
                with closing(own.connection):
                    return trail(own, seed)

            return dict(zip(seeds, pool.map(one, seeds), strict=True))

    mixed = random.Random(1).sample(seeds, len(seeds))
    first = run(seeds, 1, faults=passing | lasting)
    second = run(mixed, 8, faults=passing | lasting)
    assert first == second
    assert len({str(step) for met, _ in first.values() for step in met}) >= 4
    undisturbed = run(seeds, 1, faults=lasting)
    assert {seed: choice for seed, (_, choice) in undisturbed.items()} == {seed: choice for seed, (_, choice) in first.items()}
    harmless = run(seeds, 4, faults=passing)
    assert all(choice["message"]["content"] == expected(seed) for seed, (_, choice) in harmless.items())


def test_equal_requests_have_equal_identities() -> None:
    script = Script()
    one = read_request(ask(), script)
    assert one == read_request({**ask(), "messages": [{"content": PROMPT, "role": "user"}], "user": "me"}, script)
    assert one.identity != read_request(ask(seed=WHOLE[1]), script).identity
    assert one.identity == read_request(ask(max_tokens=5), script).identity
    assert compose(script, one) == compose(script, one)
    with pytest.raises(Refused):
        read_request(None, script)


def test_the_default_is_the_teacher_as_it_is(plain: Client) -> None:
    assert plain.chat().json == teacher.chat(ask())
    assert plain.chat().json == teacher.chat(ask())  # and again, from what was kept
    got = plain.chat(max_tokens=7).json
    assert got["choices"] == teacher.chat(ask(max_tokens=7))["choices"]
    assert got["usage"] == teacher.chat(ask(max_tokens=7))["usage"]
    assert plain.chat(max_completion_tokens=7).json == got
    assert got["id"] != plain.chat(max_tokens=8).json["id"]


def test_reasoning_is_billed_and_cut_first() -> None:
    words = len(expected().split())
    with serving(reasoning=20) as client:
        for cap, hidden, said in (
            (None, 20, words),
            (words + 20, 20, words),
            (words + 19, 20, words - 1),
            (25, 20, 5),
            (20, 20, 0),
            (8, 8, 0),
        ):
            got = client.chat(max_completion_tokens=cap)
            usage = got.json["usage"]
            assert usage["completion_tokens"] == hidden + said
            assert usage["completion_tokens_details"] == {"reasoning_tokens": hidden}
            assert usage["total_tokens"] == usage["prompt_tokens"] + hidden + said
            assert got.text == " ".join(got.text.split(" ")) == expected()[: len(got.text)]
            assert len(got.text.split()) == said
            assert got.json["choices"][0]["finish_reason"] == ("stop" if said == words else "length")


def test_reasoning_models_refuse_what_they_do_not_take() -> None:
    with serving(reasoning=5) as client:
        got = client.chat(max_tokens=50)
        assert (got.status, got.error["code"], got.error["param"]) == (400, "unsupported_parameter", "max_tokens")
        assert "max_completion_tokens" in got.error["message"]
        got = client.chat(temperature=0.7)
        assert (got.status, got.error["code"], got.error["param"]) == (400, "unsupported_value", "temperature")
        assert client.chat(temperature=1).status == client.chat(temperature=1.0, max_tokens=None).status == 200


SCHEMA = {"type": "json_schema", "json_schema": {"name": "tasks", "schema": {}}}


def test_a_schema_gets_the_same_tasks_as_an_object(plain: Client) -> None:
    got = plain.chat(response_format=SCHEMA)
    tasks = teacher.reply(PROMPT, WHOLE[0]).tasks
    assert json.loads(got.text) == {"tasks": [{"instruction": t.instruction, "input": t.input, "output": t.output} for t in tasks]}
    assert got.json["choices"][0]["finish_reason"] == "stop"
    assert got.json["usage"]["completion_tokens"] == len(got.text.split())
    assert plain.chat(response_format={"type": "text"}).json == plain.chat().json
    capped = plain.chat(response_format=SCHEMA, max_tokens=9)
    assert (capped.json["choices"][0]["finish_reason"], capped.json["usage"]["completion_tokens"]) == ("length", 9)


def test_a_cut_reply_is_a_cut_object(plain: Client) -> None:
    seed = next(seed for seed in range(500) if teacher.reply(PROMPT, seed).cut)
    got = plain.chat(seed, response_format=SCHEMA)
    assert got.json["choices"][0]["finish_reason"] == "length"
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(got.text)


def test_no_tasks_can_be_made_an_object_of(plain: Client) -> None:
    messages = [{"role": "user", "content": "hello"}]
    assert plain.chat(messages=messages).text == teacher.REFUSAL
    message = plain.chat(messages=messages, response_format=SCHEMA).json["choices"][0]["message"]
    assert message == {"role": "assistant", "content": None, "refusal": teacher.REFUSAL}


def test_the_tally(plain: Client) -> None:
    plain.chat()
    plain.chat(stream=True)
    figures = plain.send("GET", "/rehearsal").json
    assert figures == plain.server.tally.snapshot()
    assert set(figures) == {"requests", "answered", "batched", "by_status", "faults", "output_tokens", "max_at_once", "per_second"}
    assert (figures["requests"], figures["answered"], figures["by_status"]) == (2, 1, {"200": 1, "400": 1})
    assert (figures["output_tokens"], figures["max_at_once"], sum(figures["per_second"])) == (len(expected().split()), 1, 2)
    assert Tally().snapshot()["per_second"] == []


def test_the_official_client() -> None:
    with serving(key="k", faults={"rate_limited_after": 0.4}, retry_after=0.01) as client:
        http_client = openai.DefaultHttpxClient(trust_env=False)
        url = f"http://127.0.0.1:{client.server.server_port}"
        with openai.OpenAI(api_key="k", base_url=f"{url}/v1", http_client=http_client, max_retries=20) as official:
            made = official.chat.completions.create(**ask())
            assert made.choices[0].message.content == expected()
            data = json.dumps({"custom_id": "1", "method": "POST", "url": CHAT, "body": ask(WHOLE[1])}).encode()
            file = official.files.create(file=("a.jsonl", data), purpose="batch")
            assert official.files.retrieve(file.id).bytes == len(data)
            assert official.files.content(file.id).content == data
            batch = official.batches.create(input_file_id=file.id, endpoint=CHAT, completion_window="24h", metadata={"run": "r"})
            while batch.status != "completed":
                batch = official.batches.retrieve(batch.id)
            assert batch.metadata == {"run": "r"}
            assert batch.request_counts is not None
            assert batch.request_counts.total == 1
            assert [one.id for one in official.batches.list(limit=1)] == [batch.id]
            assert official.files.delete(file.id).deleted
