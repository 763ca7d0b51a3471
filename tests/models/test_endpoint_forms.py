"""What a server teaches with a 400, Azure's form of an endpoint, and proxies."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bioinstruct.core.errors import ModelError
from bioinstruct.models.base import Call, Failure, Trouble
from bioinstruct.models.endpoint import EndpointTeacher

KEY = "sk-secret-0123456789"
CALL = Call("generate", "0/0", "go on", 1.0, 99, 7)
GOOD = {"model": "served-1", "choices": [{"message": {"content": "4. Instruction: x"}, "finish_reason": "stop"}]}
NOT_A_FIELD = "Unsupported parameter: '{0}' is not supported with this model."


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    for name in ("OPENAI_BASE_URL", "OPENAI_API_VERSION", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def refusal(field: str, param: str | None = None, words: str = NOT_A_FIELD) -> tuple[int, dict[str, Any], dict[str, str]]:
    return 400, {"error": {"message": words.format(field), "type": "invalid_request_error", "param": param, "code": None}}, {}


def learn(asking: Any, call: Call = CALL) -> Trouble:
    with pytest.raises(Trouble) as caught:
        asking.ask(call)
    assert caught.value.failure is Failure.REFUSED
    assert caught.value.wait == 0.0
    return caught.value


@pytest.mark.parametrize("param", [None, "max_tokens"])
def test_a_400_teaches_how_the_completion_cap_is_called(serving: Any, param: str | None) -> None:
    with serving(refusal("max_tokens", param), (200, GOOD, {})) as asking:
        assert "'max_tokens' is not supported" in learn(asking).words
        assert asking.ask(CALL).reply.text == "4. Instruction: x"
        asking.ask(CALL)
    bodies = [body for _, _, body in asking.asked]
    assert [body.get("max_tokens") for body in bodies] == [99, None, None]
    assert [body.get("max_completion_tokens") for body in bodies] == [None, 99, 99]
    assert asking.said == [
        "model 'm' takes no max_tokens; sending max_completion_tokens (generate.accepts={length: max_completion_tokens})"
    ]


def test_a_400_teaches_the_old_name_of_the_cap(serving: Any) -> None:
    old = {"length": "max_completion_tokens"}
    with serving(refusal("max_completion_tokens", words="Unrecognized: {0}"), (200, GOOD, {}), accepts=old) as asking:
        learn(asking)
        asking.ask(CALL)
    assert asking.asked[1][2]["max_tokens"] == 99
    assert "max_completion_tokens" not in asking.asked[1][2]


def test_a_400_teaches_that_no_seed_and_no_temperature_are_taken(serving: Any) -> None:
    temperature = "Unsupported value: '{0}' does not support 0.5 with this model. Only the default (1) value is supported."
    with serving(refusal("seed"), refusal("temperature", "temperature", temperature), (200, GOOD, {})) as asking:
        learn(asking)
        learn(asking)
        asking.ask(CALL)
    assert [sorted(body) for _, _, body in asking.asked] == [
        ["max_tokens", "messages", "model", "seed", "temperature"],
        ["max_tokens", "messages", "model", "temperature"],
        ["max_tokens", "messages", "model"],
    ]
    assert asking.said == [
        "model 'm' takes no sampling seed; sending none (generate.accepts={seed: false})",
        "model 'm' takes no temperature; sending none (generate.accepts={temperature: false})",
    ]


def test_a_temperature_that_is_not_taken_is_never_dropped_in_silence(serving: Any) -> None:
    with serving(refusal("temperature", "temperature")) as asking:
        with pytest.raises(ModelError, match=r"takes no temperature of 0\.5; set generate\.accepts=.* and generate\.temperature=1\.0"):
            asking.ask(replace(CALL, temperature=0.5))
        assert len(asking.asked) == 1
    assert asking.said == []


def test_a_cap_that_is_refused_under_both_names_ends_it(serving: Any) -> None:
    """A cap that is too large is refused with the same field name as a field that is not known."""
    large = refusal("max_tokens", "max_tokens", "{0} is too large: 99. This model supports at most 50 completion tokens.")
    with serving(large, refusal("max_completion_tokens", "max_completion_tokens"), large) as asking:
        learn(asking)
        with pytest.raises(ModelError, match=r"'max_completion_tokens' is not supported.*at most 50 completion tokens"):
            asking.ask(CALL)
        assert len(asking.asked) == 2


def test_a_field_that_was_given_up_cannot_be_taught_again(serving: Any) -> None:
    with serving(refusal("seed")) as asking:
        learn(asking)
        with pytest.raises(ModelError, match="'seed' is not supported"):
            asking.ask(CALL)


def test_what_was_learnt_from_one_call_is_no_reason_to_stop_another(serving: Any) -> None:
    """Both have left with `max_tokens` when the first answer comes: neither toggles the other's lesson back."""
    both = threading.Barrier(2)

    def together(handler: Any) -> None:
        both.wait(10)
        status, body, _ = refusal("max_tokens")
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    with serving(together, together, (200, GOOD, {})) as asking:

        async def two() -> list[Any]:
            calls = CALL, replace(CALL, key="0/1")
            return await asyncio.gather(*(asking.teacher.ask(call) for call in calls), return_exceptions=True)

        troubles = asking._loop.run_until_complete(two())
        assert [type(trouble) for trouble in troubles] == [Trouble, Trouble]
        asking.ask(CALL)
    assert asking.asked[2][2]["max_completion_tokens"] == 99
    assert len(asking.said) == 1


def test_a_400_about_something_else_is_final(serving: Any) -> None:
    with serving(refusal("messages", "messages")) as asking, pytest.raises(ModelError, match="'messages' is not supported"):
        asking.ask(CALL)


def test_the_table_and_the_recipe_are_obeyed_from_the_first_request_on(serving: Any) -> None:
    with serving((200, GOOD, {}), name="gpt-5-mini") as asking:
        asking.ask(CALL)
    assert asking.asked[0][2] == {
        "model": "gpt-5-mini", "messages": [{"role": "user", "content": "go on"}], "max_completion_tokens": 99, "seed": 7,
    }  # fmt: skip
    with serving((200, GOOD, {}), name="gpt-5-mini", accepts={"length": "max_tokens", "temperature": True, "seed": False}) as asking:
        asking.ask(CALL)
    assert asking.asked[0][2] == {
        "model": "gpt-5-mini", "messages": [{"role": "user", "content": "go on"}], "max_tokens": 99, "temperature": 1.0,
    }  # fmt: skip


def test_a_schema_is_sent_in_the_strict_form(serving: Any) -> None:
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    with serving((200, GOOD, {})) as asking:
        asking.ask(replace(CALL, schema=schema))
    assert asking.asked[0][2]["response_format"] == {
        "type": "json_schema", "json_schema": {"name": "tasks", "strict": True, "schema": schema},
    }  # fmt: skip


def test_azure_is_asked_in_its_own_form(serving: Any) -> None:
    with serving((200, GOOD, {}), name="my-deployment", azure_version="2024-10-21", path="") as asking:
        assert asking.ask(CALL).reply.text == "4. Instruction: x"
    ((path, headers, body),) = asking.asked
    assert path == "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21"
    assert headers["api-key"] == KEY
    assert "authorization" not in headers
    assert body["max_tokens"] == 99


def test_azure_never_shows_the_key(serving: Any) -> None:
    body = {"error": {"code": "401", "message": f"Access denied due to invalid subscription key {KEY}."}}
    with (
        serving((401, body, {}), azure_version="2024-10-21", path="") as asking,
        pytest.raises(ModelError, match="Access denied") as caught,
    ):
        asking.ask(CALL)
    assert KEY not in str(caught.value)


def test_the_proxy_of_the_environment_is_ignored_for_a_server_on_this_machine(serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    with serving((200, GOOD, {})) as asking:
        assert asking.ask(CALL).reply.text == "4. Instruction: x"


def test_the_proxy_of_the_environment_is_used_for_the_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.path)
            data = json.dumps(GOOD).encode()
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_address[1]}")

    async def once() -> str:
        teacher = EndpointTeacher("m", "http://teacher.invalid/v1", "TEST_KEY", timeout=10.0)
        try:
            return (await teacher.ask(CALL)).reply.text
        finally:
            await teacher.close()

    try:
        assert asyncio.run(once()) == "4. Instruction: x"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert seen == ["http://teacher.invalid/v1/chat/completions"]
