from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.records import Finish
from bioinstruct.models import endpoint
from bioinstruct.models.base import Reply
from bioinstruct.models.chat import MalformedReply, reply_from
from bioinstruct.models.endpoint import EndpointTeacher

KEY = "sk-secret-0123456789"
GOOD = {
    "model": "served-1",
    "choices": [{"message": {"role": "assistant", "content": "4. Instruction: x"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 5},
}
MESSAGES = [{"role": "user", "content": "go on"}]
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization"), body))
        answers = self.server.answers
        answers[min(len(self.server.asked), len(answers)) - 1](self)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[tuple[str, str | None, dict[str, Any]]] = []


def say(status: int, body: Any, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def reset(handler: Handler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
    handler.close_connection = True


def error(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "code": code}}


@contextmanager
def serving(*answers: Answer) -> Iterator[tuple[Server, EndpointTeacher, list[float]]]:
    server = Server(list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    waits: list[float] = []
    teacher = EndpointTeacher("m", f"http://127.0.0.1:{server.server_address[1]}/v1", "TEST_KEY", timeout=5.0, sleep=waits.append)
    try:
        yield server, teacher, waits
    finally:
        teacher.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # must not be used for a server on this machine
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def ask(teacher: EndpointTeacher) -> Reply:
    return teacher.ask(MESSAGES, temperature=0.5, max_tokens=99, seed=7)


def test_asks_once_and_reads_the_reply() -> None:
    with serving(say(200, GOOD)) as (server, teacher, waits):
        assert ask(teacher) == Reply("4. Instruction: x", Finish.STOP, 12, 5, "served-1")
    path, authorization, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert authorization == f"Bearer {KEY}"
    assert body == {"model": "m", "messages": MESSAGES, "temperature": 0.5, "max_tokens": 99, "seed": 7}
    assert waits == []


@pytest.mark.parametrize(
    "fault",
    [
        say(429, error("slow down")),
        say(500, b"oops"),
        say(503, error("overloaded")),
        say(529, error("overloaded")),
        say(408, error("timeout")),
        say(200, b"<html>gateway</html>"),
        say(200, b'{"choices": [{"mess'),
        say(200, b"\xff\xfe"),
        say(200, {"choices": []}),
        say(200, {"choices": [{"message": {"content": "x"}, "finish_reason": None}]}),
        reset,
    ],
)
def test_passing_faults_are_asked_again(fault: Answer) -> None:
    with serving(fault, fault, say(200, GOOD)) as (server, teacher, waits):
        assert ask(teacher).text == "4. Instruction: x"
        assert len(server.asked) == 3
    assert len(waits) == 2
    assert all(0.5 <= wait <= 2.0 for wait in waits)


def test_the_server_says_how_long_to_wait() -> None:
    slow = say(429, error("slow down"), Retry_After="7")
    past = say(429, error("slow down"), Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")
    odd = say(429, error("slow down"), Retry_After="soon")
    with serving(slow, past, odd, say(200, GOOD)) as (_, teacher, waits):
        ask(teacher)
    assert waits[:2] == [7.0, 0.0]
    assert 2.0 <= waits[2] <= 4.0


def test_a_wait_that_is_too_long_stops() -> None:
    with serving(say(429, error("daily limit"), Retry_After="86400")) as (server, teacher, waits):
        with pytest.raises(ModelError, match=r"daily limit.*asks to wait 86400 seconds"):
            ask(teacher)
        assert len(server.asked) == 1
    assert waits == []


def test_attempts_are_bounded_and_so_are_the_waits() -> None:
    with serving(say(500, error("still down"))) as (server, teacher, waits):
        with pytest.raises(ModelError, match=r"still down.*gave up after 6 attempts"):
            ask(teacher)
        assert len(server.asked) == 6
    assert len(waits) == 5
    assert sum(waits) <= 31.0


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, error("unsupported parameter: seed"), "unsupported parameter"),
        (401, error(f"Incorrect API key provided: {KEY}"), "Incorrect API key"),
        (403, error("not for you"), "not for you"),
        (404, error("The model `m` does not exist", "model_not_found"), "does not exist"),
        (429, error("You exceeded your current quota", "insufficient_quota"), "exceeded your current quota"),
        (200, error(f"upstream said no to {KEY}"), "upstream said no"),
    ],
)
def test_what_asking_again_cannot_help_stops_at_once_without_the_key(status: int, body: Any, words: str) -> None:
    with serving(say(status, body)) as (server, teacher, waits):
        with pytest.raises(ModelError, match=words) as caught:
            ask(teacher)
        assert len(server.asked) == 1
    assert waits == []
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    teacher = EndpointTeacher("m", f"http://127.0.0.1:{port}/v1", "TEST_KEY", attempts=2, sleep=lambda _: None)
    with pytest.raises(ModelError, match=r"no connection .*refused.*gave up after 2 attempts"):
        ask(teacher)
    teacher.close()


def test_a_server_that_says_nothing_times_out() -> None:
    release = threading.Event()

    def silent(handler: Handler) -> None:
        release.wait(5)
        handler.close_connection = True

    with serving(silent) as (server, _, _):
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        teacher = EndpointTeacher("m", url, "TEST_KEY", attempts=1, timeout=0.2, sleep=lambda _: None)
        with pytest.raises(ModelError, match=r"timed out .*1 attempt;"):
            ask(teacher)
        release.set()
        teacher.close()


def test_key_and_endpoint_are_checked_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODD_KEY", f"{KEY}\n")
    assert endpoint.problems("http://localhost:8000/v1", "ABSENT_KEY") == []
    assert endpoint.problems("https://example.org/v1", "TEST_KEY") == []
    (absent,) = endpoint.problems("https://example.org/v1", "ABSENT_KEY")
    assert "ABSENT_KEY" in str(absent)
    (odd,) = endpoint.problems("http://localhost:8000/v1", "ODD_KEY")
    assert KEY not in str(odd)
    for wrong in ("localhost:8000", "ftp://localhost/v1", "http://", "http://localhost:99999/v1", "http://loc alhost/v1", ""):
        assert [problem.place for problem in endpoint.problems(wrong, "TEST_KEY")] == ["generate.endpoint"], wrong
    (secret,) = endpoint.problems("http://me:hunter2@localhost/v1", "TEST_KEY")
    assert "hunter2" not in str(secret)
    with pytest.raises(InputError, match="ABSENT_KEY"):
        EndpointTeacher("m", "https://example.org/v1", "ABSENT_KEY")


def test_the_same_conversion_serves_all_chat_completions() -> None:
    def body(content: Any, reason: str, **more: Any) -> dict[str, Any]:
        return {"choices": [{"message": {"content": content, **more}, "finish_reason": reason}]}

    assert reply_from(body("x", "length"), "m") == Reply("x", Finish.LENGTH, 0, 0, "m")
    assert reply_from(body(None, "length"), "m").text == ""
    assert reply_from(body([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "stop"), "m").text == "ab"
    assert reply_from(body(None, "stop", refusal="I will not"), "m") == Reply("refused: I will not", Finish.ERROR, 0, 0, "m")
    assert reply_from(body(None, "content_filter"), "m") == Reply("content_filter", Finish.ERROR, 0, 0, "m")
    assert reply_from(body("a\ud800b \ud83d\ude00", "stop"), "m").text == "a\ufffdb 😀"
    for wrong in ([], body(3, "stop"), body("x", "dunno"), {"choices": [{}]}, {"choices": "no"}):
        with pytest.raises(MalformedReply, match="allowed"):
            reply_from(wrong, "m")
