"""The rehearsal server's limits: rate, number at once, key, balance, models."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from bioinstruct.embedded.rehearsal import Limiter

from .conftest import CHAT, WHOLE, Client, ask, expected, serving


def test_a_token_bucket() -> None:
    limiter = Limiter(1.0, 5.0)
    waits = [limiter.take()[0] for _ in range(8)]
    assert waits[:5] == [0.0] * 5
    assert all(0 < wait <= 1 for wait in waits[5:])
    quick = Limiter(100.0, 0.0)
    while not (wait := quick.take()[0]):
        pass
    time.sleep(wait)
    assert quick.take()[0] == 0.0
    assert Limiter(0.5, 1.0).take()[0] == 0.0  # never less than one
    slow = Limiter(0.01, 0.0)
    headers = slow.take()[1]
    assert headers == {
        "x-ratelimit-limit-requests": "1",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m40s",
    }
    assert 99 < slow.take()[0] <= 100


def test_the_rate_is_kept_and_told() -> None:
    with serving(requests_per_second=2, burst=1.5) as client:
        statuses = [client.chat() for _ in range(5)]
        assert [got.status for got in statuses] == [200, 200, 200, 429, 429]
        assert statuses[0].headers["x-ratelimit-limit-requests"] == "120"
        assert [got.headers["x-ratelimit-remaining-requests"] for got in statuses] == ["2", "1", "0", "0", "0"]
        assert statuses[0].headers["x-ratelimit-reset-requests"] == "500ms"
        assert statuses[3].error["code"] == "rate_limit_exceeded"
        assert statuses[4].headers["x-ratelimit-reset-requests"].startswith("1.")
        time.sleep(float(statuses[4].headers["Retry-After"]))
        assert client.chat().status == 200


def test_a_silent_limit() -> None:
    with serving(requests_per_second=0.1, announce=False) as client:
        assert [client.chat().status, client.chat().status] == [200, 429]
        assert not {name for name in client.chat().headers if name.lower().startswith(("retry", "x-rate"))}


def test_at_once() -> None:
    with serving(at_once=3, latency=0.4) as client, ThreadPoolExecutor(6) as pool:

        def one(seed: int) -> Any:
            own = Client(client.server)
            with closing(own.connection):
                return own.chat(seed)

        got = list(pool.map(one, [WHOLE[0]] * 6))
        assert sorted(one.status for one in got) == [200] * 3 + [429] * 3
        assert {one.headers["Retry-After"] for one in got if one.status == 429} == {"0.1"}
        assert one(WHOLE[0]).status == 200


def test_128_connections_at_once() -> None:
    with serving(latency=0.7) as client:
        assert client.chat().status == 200
        connections = [Client(client.server) for _ in range(128)]
        body = json.dumps(ask())
        began = time.monotonic()
        for one in connections:
            one.connection.request("POST", CHAT, body)
        for one in connections:
            with closing(one.connection), one.connection.getresponse() as response:
                assert response.status == 200
                response.read()
        assert time.monotonic() - began < 3
        assert client.server.tally.max_at_once == 128


def test_a_key_in_both_forms() -> None:
    with serving(key="sk-1") as client:
        for headers in (
            {},
            {"Authorization": "Bearer sk-2"},
            {"Authorization": "sk-1"},
            {"api-key": "sk"},
            {"Authorization": "Bearer \xe9"},
        ):
            got = client.chat(headers=headers)
            assert (got.status, got.error["type"], got.error["code"]) == (401, "invalid_request_error", "invalid_api_key")
            assert "sk-" not in got.error["message"]
        for headers in ({"Authorization": "Bearer sk-1"}, {"api-key": "sk-1"}):
            assert client.chat(headers=headers).status == 200
        assert client.send("GET", "/v1/models").status == 401
        assert client.send("GET", "/rehearsal").json["by_status"] == {"401": 5, "200": 2}


def test_a_balance_runs_out() -> None:
    words = len(expected().split())
    with serving(balance=words + 1) as client:
        got = [client.chat() for _ in range(3)]
        assert [one.status for one in got] == [200, 200, 429]
        assert got[2].error["code"] == got[2].error["type"] == "insufficient_quota"
        assert client.server.tally.output_tokens == 2 * words
    with serving(balance=0) as client:
        assert client.chat().status == 429


def test_models() -> None:
    with serving(models=("a", "b")) as client:
        assert [one["id"] for one in client.send("GET", "/v1/models").json["data"]] == ["a", "b"]
        assert client.chat(model="b").json["model"] == "b"
        got = client.chat(model="c")
        assert (got.status, got.error["code"]) == (404, "model_not_found")
        assert client.chat(model=None).status == 400
        assert client.chat(model=["a"]).status == 400


def test_azure_names_the_model_in_the_address() -> None:
    with serving(models=("my model",), key="k") as client:
        path = "/openai/deployments/my%20model/chat/completions"
        got = client.chat(path=f"{path}?api-version=2024-10-21", headers={"api-key": "k"}, model="ignored")
        assert (got.status, got.json["model"], got.text) == (200, "my model", expected())
        assert client.chat(path=path, headers={"api-key": "k"}).status == 404
        assert client.chat(path="/openai/deployments/x/chat/completions?api-version=1", headers={"api-key": "k"}).status == 404


def test_the_server_is_quick(plain: Client) -> None:
    def rate() -> float:
        began = time.perf_counter()
        for _ in range(100):
            assert plain.chat().status == 200
        return 100 / (time.perf_counter() - began)

    assert max(rate() for _ in range(4)) > 300
