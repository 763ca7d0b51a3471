"""What no client should send to the rehearsal server is refused, and never brings it down."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from bioinstruct.embedded.batches import read_form
from bioinstruct.embedded.server import LARGEST_BODY, RehearsalServer, serve

from .conftest import CHAT, Client, ask, serving


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("", b"x"),
        ("application/json", b"{}"),
        ("multipart/form-data", b"--b--"),
        ("multipart/form-data; boundary=", b"----"),
        ("multipart/form-data; boundary=" + "b" * 71, b"x"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"--b"),
        ("multipart/form-data; boundary=b", b"--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\nno head\r\n--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\ncontent\r\n--b--"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; filename="x"\r\n\r\ny\r\n--b--'),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nnever ends'),
        ("multipart/form-data; boundary=b", b'--b\r\nX: y\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 100 + b"--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"A" * 100_000 + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--b--'),
        ("multipart/form-data; boundary=b", b"\r\n--b" * 50_000),
        ("multipart/form-data; boundary=\xe9", b"\x00\xff" * 1000),
        ("multipart/form-data" + "; x=y" * 5_000, b"x"),
    ],
)
def test_hostile_forms(plain: Client, content_type: str, data: bytes) -> None:
    got = plain.send("POST", "/v1/files", data, {"Content-Type": content_type})
    assert got.status == 400
    assert got.error["message"]
    assert plain.chat().status == 200


def test_forms_that_are_no_batch(plain: Client) -> None:
    assert plain.upload(b"{}", purpose="assistants").status == 400
    assert plain.upload(b"").status == 400
    assert plain.upload(b"{}", filename="a.txt").status == 400
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    only = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--'
    assert plain.send("POST", "/v1/files", only, head).error["param"] == "file"


def test_forms_are_read_as_written() -> None:
    head = b'content-disposition: form-data; filename="name=x.jsonl"; name=file\r\nX: y\r\n\r\n'
    data = b"before\r\n--a b\r\n" + head + b"\r\n1\r\n\r\n--a b--\r\nafter"
    parts = read_form('Multipart/Form-Data; charset=x; boundary="a b"', data)
    assert {name: (part.data, part.filename) for name, part in parts.items()} == {"file": (b"\r\n1\r\n", "name=x.jsonl")}


HOSTILE: list[Any] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"\xff\xfe",
    b"[" * 200_000,
    b'{"messages": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"seed": ' + b"9" * 6000 + b"}",
    {},
    {"messages": []},
    {"messages": {}},
    {"messages": [1]},
    {"messages": [{"content": None}]},
    {"messages": [{"content": "\ud800"}]},
    ask(seed=2**63),
    ask(seed="x"),
    ask(seed=True),
    ask(max_tokens=0),
    ask(max_tokens=-1),
    ask(max_tokens=1.5),
    ask(max_tokens=True),
    ask(max_completion_tokens="many"),
    ask(stream=True),
    ask(stream="yes"),
    ask(n=2),
    ask(response_format="json"),
    ask(response_format={"type": "xml"}),
    ask(response_format={"type": "json_schema"}),
    ask(response_format={"type": "json_schema", "json_schema": {"name": 3}}),
    ask(messages=[{"content": "List of 999999999999 tasks:\n1. Output: x"}]),
    ask(messages=[{"content": f"List of {'9' * 6000} tasks:\n1. Output: x"}]),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies(plain: Client, body: Any) -> None:
    got = plain.send("POST", CHAT, body)
    assert (got.status, got.error["type"]) == (400, "invalid_request_error")
    assert plain.chat().status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", CHAT, 405, "POST"),
        ("DELETE", CHAT, 405, "POST"),
        ("POST", "/v1/models", 405, "GET"),
        ("PUT", "/v1/files", 405, "POST"),
        ("PATCH", "/v1/files/x", 405, "GET, DELETE"),
        ("OPTIONS", "/v1/batches", 405, "GET, POST"),
        ("HEAD", "/rehearsal", 405, "GET"),
        ("GET", "/", 404, None),
        ("GET", "//[", 404, None),
        ("GET", "/v1/files//content", 404, None),
        ("POST", "/v1/chat/completions/", 404, None),
        ("POST", "/openai/deployments/a/b/chat/completions?api-version=1", 404, None),
        ("GET", "/" + "x" * 60_000, 404, None),
        ("GET", "/" + "x" * 70_000, 414, None),
        ("BREW", "/v1/models", 501, None),
    ],
)
def test_places_and_methods(plain: Client, method: str, path: str, status: int, allow: str | None) -> None:
    got = plain.send(method, path, b"{}")
    assert (got.status, got.headers["Allow"]) == (status, allow)
    assert plain.chat().status == 200


def raw(server: RehearsalServer, data: bytes, *, end: bool = False) -> bytes:
    """What a server sends back to these bytes until it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as connection:
        connection.sendall(data)
        if end:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: x\r\n", b"411"),
        (b"Content-Length: -1\r\n", b"411"),
        (b"Content-Length: \xb2\r\n", b"411"),
        (b"", b"411"),
        (b"Transfer-Encoding: chunked\r\n", b"411"),
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"411"),
        (b"Content-Length: %d\r\n" % (LARGEST_BODY + 1), b"413"),
        (b"Content-Length: " + b"9" * 6000 + b"\r\n", b"413"),
    ],
)
def test_lengths(plain: Client, head: bytes, status: bytes) -> None:
    received = raw(plain.server, b"POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (CHAT.encode(), head), end=True)
    assert received.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close" in received
    assert plain.chat().status == 200


def test_a_body_that_is_too_large_is_answered_though_it_is_sent(plain: Client) -> None:
    got = plain.send("POST", CHAT, b"x" * (LARGEST_BODY + 1))
    assert got.status == 413
    assert plain.chat().status == 200


@pytest.mark.parametrize(
    "data", [b"\x00\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"\x16\x03\x01\n"]
)
def test_no_http(plain: Client, data: bytes) -> None:
    assert b'"error"' in raw(plain.server, data)
    assert plain.chat().status == 200


def test_clients_that_go_away_leave_no_trace(capfd: pytest.CaptureFixture[str]) -> None:
    with serving(latency=0.05) as client:
        body = json.dumps(ask()).encode()
        request = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (CHAT.encode(), len(body), body)
        abrupt = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        for data in (b"", request[:10], request[:100], request, request * 3):
            for options in (None, abrupt):
                with socket.create_connection(("127.0.0.1", client.server.server_port), timeout=5) as connection:
                    connection.sendall(data)
                    if options:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, options)
        time.sleep(0.3)
        assert client.chat().status == 200
    assert capfd.readouterr() == ("", "")


def test_requests_may_follow_one_another_on_a_connection(plain: Client) -> None:
    body = json.dumps(ask()).encode()
    request = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (CHAT.encode(), len(body), body)
    assert raw(plain.server, request * 5, end=True).count(b"HTTP/1.1 200 OK") == 5


def test_a_port_that_is_taken_is_an_error(plain: Client) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(port=plain.server.server_port)
