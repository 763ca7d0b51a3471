"""The rehearsal server: the embedded teacher behind an OpenAI-compatible address, with a paid teacher's limits and faults on request.

A recipe is tried on it before anything is paid for. Which faults there are, and which requests meet them, is in `faults.py`; limits and
tally are in `rehearsal.py`, files and batches in `batches.py`; here are addresses and connections. All state is in memory. Loopback by
default.

    /v1/chat/completions    /openai/deployments/NAME/chat/completions?api-version=...    /v1/models
    /v1/files  /v1/files/ID  /v1/files/ID/content    /v1/batches  /v1/batches/ID  /v1/batches/ID/cancel
    /rehearsal              what was asked so far, for tests; needs no key
"""

from __future__ import annotations

import hmac
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qsl, unquote

from bioinstruct.embedded import teacher
from bioinstruct.embedded.batches import LARGEST_FILE, BatchDesk
from bioinstruct.embedded.faults import Refused, Script, broken_body, read_request
from bioinstruct.embedded.rehearsal import Rehearsal, Tally

LARGEST_BODY = 4 * 2**20
"""Bytes of a request body that are read; a larger one is refused."""
LARGEST_UPLOAD = LARGEST_FILE + 2**16
"""Bytes of an upload, which holds a file and what is around it."""
_LINGER = 2.0
"""Seconds for which the rest of a refused body is taken, so that the refusal can be read."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RehearsalServer
    _counted = _aborted = False
    _limits: Mapping[str, str] = {}

    def setup(self) -> None:
        """Take the connection."""
        super().setup()
        self.server.keep(self.connection)

    def finish(self) -> None:
        """Let it go; an aborted one is closed here, before the server could end it in good order."""
        self.server.drop(self.connection)
        super().finish()
        if self._aborted:
            self.connection.close()

    def _route(self) -> None:
        path, _, query = self.path.partition("?")
        found = next(((match, methods) for pattern, methods in _PLACES if (match := pattern.fullmatch(path))), None)
        self._limits = {}
        try:
            data = self._read(LARGEST_UPLOAD if path == "/v1/files" else LARGEST_BODY, needed=not path.endswith("/cancel"))
            if data is None:
                return
            self._counted = found is not None and path.endswith("/chat/completions") and self.command == "POST"
            if self._counted:
                self.server.tally.begin()
            if found is None:
                raise Refused(404, f"no such path: {path[:200]}")
            match, methods = found
            if self.command not in methods:
                allowed = ", ".join(methods)
                raise Refused(405, f"{path[:200]}: got {self.command}; allowed: {allowed}", headers={"Allow": allowed})
            if path != "/rehearsal":
                self._check_key()
            methods[self.command](self, match[1] if match.groups() else query, data)
        except Refused as refused:
            self._send(refused.status, json.dumps(refused.content).encode(), headers=refused.headers)
        except RecursionError:
            self._send(400, json.dumps(Refused(400, "body: got JSON that is nested too deeply").content).encode())
        finally:
            if self._counted:
                self._end(None)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = _route

    def _read(self, most: int, *, needed: bool) -> bytes | None:
        """The body; None when the client has gone. `needed`: whether a POST must tell how long it is."""
        length = self.headers.get("Content-Length")
        if length is None and (self.command != "POST" or not needed) and "Transfer-Encoding" not in self.headers:
            return b""
        if length is None or not (length.isascii() and length.isdecimal()) or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # where this body ends is not known, so neither is where the next request begins
            raise Refused(411, "a Content-Length header is needed")
        if len(length) > 15 or int(length) > most:
            self.close_connection = True
            refused = Refused(413, f"body: got {length[:20]} bytes; allowed: {most}")
            self._send(413, json.dumps(refused.content).encode())
            self._discard()
            return None
        data = self.rfile.read(int(length))
        if len(data) < int(length):
            self.close_connection = True
            return None
        return data

    def _discard(self) -> None:
        """Take what still comes: a connection closed over unread bytes is reset, and the client would not see the refusal."""
        deadline = time.monotonic() + _LINGER
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER)
            while time.monotonic() < deadline and self.connection.recv(2**16):
                pass

    def _check_key(self) -> None:
        key = self.server.script.key
        if key is None:
            return
        scheme, _, bearer = self.headers.get("Authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else self.headers.get("api-key", "")
        if not hmac.compare_digest(given.encode(), key.encode()):
            raise Refused(401, "Incorrect API key provided, or none.", code="invalid_api_key")

    def parsed(self, data: bytes) -> Any:
        """The JSON value of a body; `Refused` where there is none."""
        try:
            return json.loads(data)
        except ValueError as error:  # text that is not Unicode too
            raise Refused(400, f"body: got no JSON ({error}); allowed: a JSON object") from None

    def chat(self, deployment: str | None, data: bytes) -> None:
        """Answer a chat request, or do not, as the script has it."""
        began, rehearsal = time.monotonic(), self.server.rehearsal
        asked = read_request(self.parsed(data), self.server.script, deployment)
        with rehearsal.admitted() as self._limits:
            plan = rehearsal.plan(asked)
            if plan.fault == "hang":
                self._hang()
                return
            if self.server.stopping.wait(max(0.0, began + plan.wait - time.monotonic())):
                self.close_connection = True
                return
        if isinstance(plan.result, Refused):
            raise plan.result
        if plan.fault == "reset":
            self._reset(plan.result.data)
        elif plan.fault == "invalid_json":
            kind, body = broken_body(self.server.script, asked.identity, plan.result.data)
            self._send(200, body, kind=kind)
        else:
            rehearsal.tally.completed(batched=False)
            self._send(200, plan.result.data)

    def _hang(self) -> None:
        """Wait until the client has gone or the time is over, then leave without an answer."""
        self.close_connection = True
        seconds = self.server.script.hang_seconds
        began = time.monotonic()
        with suppress(OSError):
            self.connection.settimeout(max(seconds, 0.001))
            if self.connection.recv(1, socket.MSG_PEEK):  # it has sent more, and still waits
                self.server.stopping.wait(max(0.0, began + seconds - time.monotonic()))

    def _reset(self, data: bytes) -> None:
        self._end(None)
        self.wfile.write(self._head(200, "application/json", len(data), {}) + data[: len(data) // 2])
        # To linger for no time makes the closing a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = self._aborted = True

    def _end(self, status: int | None) -> None:
        self._counted = False
        self.server.tally.end(status)

    def _send(self, status: int, data: bytes, *, kind: str = "application/json", headers: Mapping[str, str] | None = None) -> None:
        if self._counted:  # before the bytes: a client that has them may look at the tally at once
            self._end(status)
        head = self._head(status, kind, len(data), {**self._limits, **(headers or {})})
        self.wfile.write(head if self.command == "HEAD" else head + data)

    def _head(self, status: int, kind: str, length: int, headers: Mapping[str, str]) -> bytes:
        phrase = HTTPStatus(status).phrase
        lines = [f"HTTP/1.1 {status} {phrase}", f"Content-Type: {kind}", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Connection: close"] if self.close_connection else []
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def reply(self, content: dict[str, Any] | bytes) -> None:
        """Send an object as JSON, or a file's bytes."""
        if isinstance(content, bytes):
            self._send(200, content, kind="application/octet-stream")
        else:
            self._send(200, json.dumps(content).encode())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what cannot be read as HTTP in the form of all other errors."""
        self.close_connection = True
        self._send(code, json.dumps(Refused(code, message or HTTPStatus(code).phrase).content).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the caller's log is the place for it."""

    def models(self) -> dict[str, Any]:
        """The known models in the form of `GET /v1/models`."""
        names = self.server.script.models or (teacher.NAME,)
        return {"object": "list", "data": [{"id": name, "object": "model", "created": 0, "owned_by": "bioinstruct"} for name in names]}

    def azure(self, name: str, data: bytes) -> None:
        """Answer under Azure's address, where the deployment is the model and a version must be named."""
        if "api-version" not in dict(parse_qsl(self.path.partition("?")[2])):
            raise Refused(404, "Resource not found: the address has no api-version", code="404")
        self.chat(unquote(name), data)


_Act = Callable[[_Handler, str, bytes], None]
"""What a place does with the id in its path (or its query where there is none) and the body."""
_NAME = "([^/]+)"
_PLACES: tuple[tuple[re.Pattern[str], Mapping[str, _Act]], ...] = tuple(
    (re.compile(pattern), methods)
    for pattern, methods in (
        ("/v1/chat/completions", {"POST": lambda at, _, data: at.chat(None, data)}),
        (f"/openai/deployments/{_NAME}/chat/completions", {"POST": lambda at, name, data: at.azure(name, data)}),
        (
            "/v1/files",
            {"POST": lambda at, _, data: at.reply(at.server.desk.upload(at.headers.get("Content-Type", ""), data))},
        ),
        (
            f"/v1/files/{_NAME}",
            {
                "GET": lambda at, name, _: at.reply(at.server.desk.file(name)),
                "DELETE": lambda at, name, _: at.reply(at.server.desk.delete(name)),
            },
        ),
        (f"/v1/files/{_NAME}/content", {"GET": lambda at, name, _: at.reply(at.server.desk.content(name))}),
        (
            "/v1/batches",
            {
                "GET": lambda at, query, _: at.reply(at.server.desk.listed(dict(parse_qsl(query)))),
                "POST": lambda at, _, data: at.reply(at.server.desk.create(at.parsed(data))),
            },
        ),
        (f"/v1/batches/{_NAME}", {"GET": lambda at, name, _: at.reply(at.server.desk.batch(name))}),
        (f"/v1/batches/{_NAME}/cancel", {"POST": lambda at, name, _: at.reply(at.server.desk.cancel(name))}),
        ("/v1/models", {"GET": lambda at, *_: at.reply(at.models())}),
        ("/rehearsal", {"GET": lambda at, *_: at.reply(at.server.tally.snapshot())}),
    )
)


class RehearsalServer(ThreadingHTTPServer):
    """A bound server; call `serve_forever()` on it, and look at `tally` for what it was asked.

    `server_close()` ends all connections and waits for none.
    """

    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], script: Script) -> None:
        self.script, self.tally, self.stopping = script, Tally(), threading.Event()
        self.rehearsal = Rehearsal(script, self.tally)
        self.desk = BatchDesk(self.rehearsal.ask, script)
        self._lock, self._connections = threading.Lock(), set[socket.socket]()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without looking up the host's name, which could leave this machine."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def keep(self, connection: socket.socket) -> None:
        """Note a connection, so that it can be ended."""
        with self._lock:
            self._connections.add(connection)
        if self.stopping.is_set():
            _end(connection)

    def drop(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)

    def server_close(self) -> None:
        """Stop listening and end every connection and batch."""
        self.stopping.set()
        super().server_close()
        self.desk.close()
        with self._lock:
            for connection in self._connections:
                _end(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away, and of connections that we have ended; print what else went wrong."""
        if not isinstance(sys.exception(), ConnectionError) and not self.stopping.is_set():
            super().handle_error(request, client_address)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


_FAULTLESS = Script()


def serve(host: str = "127.0.0.1", port: int = 0, script: Script = _FAULTLESS) -> RehearsalServer:
    """A bound server that behaves as `script` says. Port 0 takes a free one, told by `server_port`; OSError where it cannot be bound."""
    return RehearsalServer((host, port), script)
