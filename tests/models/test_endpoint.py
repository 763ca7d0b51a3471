from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.records import Finish
from bioinstruct.models import endpoint
from bioinstruct.models.base import Answer, Call, Failure, Headroom, PromptRefused, Reply, Trouble
from bioinstruct.models.endpoint import EndpointTeacher

KEY = "sk-secret-0123456789"
CALL = Call("generate", "0/0", "go on", 0.5, 99, 7)
GOOD = {
    "model": "served-1",
    "choices": [{"message": {"role": "assistant", "content": "4. Instruction: x"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 12,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 3},
    },
}
REPLY = Reply("4. Instruction: x", Finish.STOP, 12, 5, "served-1", cached_tokens=8, reasoning_tokens=3)


def reset(handler: Any) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
    handler.close_connection = True


def cut(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def error(message: str, code: Any = None, kind: Any = "error", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "code": code, **more}}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def test_asks_once_and_reads_the_reply(serving: Any) -> None:
    with serving((200, GOOD, {})) as asking:
        assert asking.ask(CALL) == Answer(REPLY)
    ((path, headers, body),) = asking.asked
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert body == {"model": "m", "messages": [{"role": "user", "content": "go on"}], "temperature": 0.5, "max_tokens": 99, "seed": 7}
    assert asking.said == []


@pytest.mark.parametrize(
    ("answer", "failure", "words"),
    [
        ((429, error("slow down"), {}), Failure.RATE_LIMITED, "slow down"),
        ((429, b"<html>slow</html>", {}), Failure.RATE_LIMITED, "slow"),
        ((429, error("requests per min", "rate_limit_exceeded"), {}), Failure.RATE_LIMITED, "requests per min"),
        ((500, b"oops", {}), Failure.SERVER_ERROR, "oops"),
        ((502, b"", {}), Failure.SERVER_ERROR, "502"),
        ((503, error("overloaded"), {}), Failure.SERVER_ERROR, "overloaded"),
        ((529, error("overloaded"), {}), Failure.SERVER_ERROR, "overloaded"),
        ((408, error("timeout"), {}), Failure.TIMED_OUT, "timeout"),
        ((504, error("gateway timeout"), {}), Failure.TIMED_OUT, "gateway timeout"),
        ((409, error("conflict"), {}), Failure.SERVER_ERROR, "conflict"),
        ((425, error("too early"), {}), Failure.SERVER_ERROR, "too early"),
        ((200, b"<html>gateway</html>", {}), Failure.NOT_A_REPLY, "not JSON: '<html>gateway"),
        ((200, b'{"choices": [{"mess', {}), Failure.NOT_A_REPLY, "not JSON"),
        ((200, b"\xff\xfe", {}), Failure.NOT_A_REPLY, "not JSON"),
        ((200, b"[" * 100_000, {}), Failure.NOT_A_REPLY, "not JSON"),
        ((200, {"choices": []}, {}), Failure.NOT_A_REPLY, r"without choices\[0\]"),
        ((200, {"choices": [{"message": {"content": "x"}, "finish_reason": None}]}, {}), Failure.NOT_A_REPLY, "finish_reason None"),
        (reset, Failure.DISCONNECTED, "no connection"),
        (cut, Failure.DISCONNECTED, "no connection"),
    ],
)  # fmt: skip
def test_what_may_pass_is_a_trouble_after_one_attempt(serving: Any, answer: Any, failure: Failure, words: str) -> None:
    with serving(answer) as asking:
        with pytest.raises(Trouble, match=words) as caught:
            asking.ask(CALL)
        assert len(asking.asked) == 1
    assert caught.value.failure is failure
    assert caught.value.wait is None
    assert caught.value.words.startswith("model 'm': ")
    assert asking.said == []


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, error("the prompt is too long"), "the prompt is too long"),
        (401, error(f"Incorrect API key provided: {KEY}"), "Incorrect API key"),
        (403, error("not for you"), "not for you"),
        (404, error("The model `m` does not exist", "model_not_found"), "does not exist"),
        (422, error("no such field"), "no such field"),
        (402, error("pay first"), "pay first"),
        (429, error("You exceeded your current quota", "insufficient_quota"), "exceeded your current quota"),
        (429, error("You exceeded your current quota", None, "insufficient_quota"), "exceeded your current quota"),
        (403, error("no", "billing_not_active"), "no"),
        (400, error("odd", {"a": [1]}, {"b": 2}), "odd"),
        (200, error(f"upstream said no to {KEY}"), "upstream said no"),
    ],
)
def test_what_asking_again_cannot_help_is_final_and_without_the_key(serving: Any, status: int, body: Any, words: str) -> None:
    with serving((status, body, {})) as asking:
        with pytest.raises(ModelError, match=words) as caught:
            asking.ask(CALL)
        assert len(asking.asked) == 1
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "content_filter"), (400, "context_length_exceeded"), (400, "invalid_prompt"), (422, "content_policy_violation"), (413, None)],
)
def test_a_prompt_that_is_refused_is_told_apart(serving: Any, status: int, code: str | None) -> None:
    with serving((status, error("not this one", code), {})) as asking, pytest.raises(PromptRefused, match="not this one"):
        asking.ask(CALL)


@pytest.mark.parametrize(("code", "failure"), [(429, Failure.RATE_LIMITED), (502, Failure.SERVER_ERROR), (504, Failure.TIMED_OUT)])
def test_an_error_status_within_a_good_answer(serving: Any, code: int, failure: Failure) -> None:
    with serving((200, {"error": {"message": "upstream", "code": code}}, {})) as asking, pytest.raises(Trouble, match="upstream") as caught:
        asking.ask(CALL)
    assert caught.value.failure is failure


@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize("form", [b'{"error": {"message": "%s"}}', b"%s"])
def test_no_part_of_the_key_is_left_where_a_long_message_is_cut(serving: Any, status: int, form: bytes) -> None:
    lengths = [*range(40, 90, 3), *range(240, 420, 3)]
    with serving(*((status, form % (b"x" * length + b" " + KEY.encode()), {}) for length in lengths)) as asking:
        for length in lengths:
            with pytest.raises((ModelError, Trouble), match="x" * 30) as caught:
                asking.ask(CALL)
            assert KEY[:3] not in str(caught.value), length


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.25"}, 0.25),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "86400"}, 86400.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 -0000"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": ""}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "Retry-After": "2"}, 1.5),
        ({"retry-after-ms": "soon", "Retry-After": "2"}, 2.0),
    ],
)
def test_the_server_says_how_long_to_wait(serving: Any, status: int, headers: dict[str, str], wait: float | None) -> None:
    with serving((status, error("slow down"), headers)) as asking, pytest.raises(Trouble) as caught:
        asking.ask(CALL)
    assert caught.value.wait == wait


def test_the_server_names_a_time(serving: Any) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with serving((429, error("slow down"), {"Retry-After": then})) as asking, pytest.raises(Trouble) as caught:
        asking.ask(CALL)
    assert caught.value.wait is not None
    assert 3000 < caught.value.wait <= 3600


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, ()),
        ({"remaining-requests": "59", "reset-requests": "1s"}, (Headroom(59, 1.0),)),
        (
            {"remaining-requests": "0", "reset-requests": "1m30.5s", "remaining-tokens": "149984", "reset-tokens": "6ms"},
            (Headroom(0, 90.5), Headroom(149984, 0.006)),
        ),
        ({"remaining-tokens": "0", "reset-tokens": "2"}, (Headroom(0, 2.0),)),
        ({"remaining-tokens": "0", "reset-tokens": "1d2h"}, (Headroom(0, endpoint.LONGEST_PAUSE),)),
        ({"remaining-requests": "many", "reset-requests": "1s"}, ()),
        ({"remaining-requests": "-1", "reset-requests": "1s"}, ()),
        ({"remaining-requests": "5", "reset-requests": "soon"}, ()),
        ({"remaining-requests": "5"}, ()),
        ({"reset-requests": "1s"}, ()),
    ],
)
def test_rate_limit_headers_are_read(serving: Any, headers: dict[str, str], expected: tuple[Headroom, ...]) -> None:
    with serving((200, GOOD, {f"x-ratelimit-{name}": value for name, value in headers.items()})) as asking:
        headroom = asking.ask(CALL).headroom
    assert [one.left for one in headroom] == [one.left for one in expected]
    assert [one.reset for one in headroom] == pytest.approx([one.reset for one in expected])


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def once() -> None:
        teacher = EndpointTeacher("m", f"http://127.0.0.1:{port}/v1", "TEST_KEY")
        try:
            await teacher.ask(CALL)
        finally:
            await teacher.close()

    with pytest.raises(Trouble, match=r"no connection \(.*(refused|failed)") as caught:
        asyncio.run(once())
    assert caught.value.failure is Failure.UNSENT  # nothing left, so nothing was billed


def test_a_server_that_says_nothing_times_out(serving: Any) -> None:
    release = threading.Event()

    def silent(handler: Any) -> None:
        release.wait(20)
        handler.close_connection = True

    with serving(silent, timeout=0.2) as asking:
        with pytest.raises(Trouble, match=r"model 'm': the request timed out") as caught:
            asking.ask(CALL)
        release.set()
    assert caught.value.failure is Failure.TIMED_OUT


def test_key_and_endpoint_are_checked_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODD_KEY", f"{KEY}\n")
    assert endpoint.problems("http://localhost:8000/v1", "ABSENT_KEY") == []
    assert endpoint.problems("https://example.org/v1", "TEST_KEY") == []
    (absent,) = endpoint.problems("https://example.org/v1", "ABSENT_KEY")
    assert "ABSENT_KEY" in str(absent)
    for value in (f"{KEY}\n", f"{KEY} x", f"{KEY}é"):
        monkeypatch.setenv("ODD_KEY", value)
        (odd,) = endpoint.problems("http://localhost:8000/v1", "ODD_KEY")
        assert KEY not in str(odd)
        with pytest.raises(InputError, match="ODD_KEY") as caught:
            EndpointTeacher("m", "http://localhost:8000/v1", "ODD_KEY")
        assert not re.search(re.escape(KEY), str(caught.value))
    for wrong in ("localhost:8000", "ftp://localhost/v1", "http://", "http://localhost:99999/v1", "http://loc alhost/v1", ""):
        assert [problem.place for problem in endpoint.problems(wrong, "TEST_KEY")] == ["generate.endpoint"], wrong
    (secret,) = endpoint.problems("http://me:hunter2@localhost/v1", "TEST_KEY")
    assert "hunter2" not in str(secret)
    with pytest.raises(InputError, match="ABSENT_KEY"):
        EndpointTeacher("m", "https://example.org/v1", "ABSENT_KEY")


@pytest.mark.parametrize("name", ["sk-secret-0123", "", "1KEY", "A KEY"])
def test_a_key_in_place_of_its_variable_is_not_shown(name: str) -> None:
    (problem,) = endpoint.problems("https://example.org/v1", name)
    assert problem.place == "generate.api_key_env"
    assert "sk-secret" not in str(problem)


def test_an_address_with_a_query_or_a_bad_one_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = endpoint.problems("http://127.0.0.1:1/v1?api_key=sk-secret", "TEST_KEY")
    assert problem.got == "a URL with a query"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:pw@127.0.0.1:1/v1")
    (problem,) = endpoint.problems(None, "TEST_KEY")
    assert problem.place == "OPENAI_BASE_URL"
    assert "pw" not in problem.got
