"""The embedded teacher behind an OpenAI-compatible address, for rehearsing everything that speaks HTTP. Loopback by default."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bioinstruct.core.errors import InputError
from bioinstruct.embedded import teacher

LARGEST_BODY = 4 * 2**20
"""Bytes of a request body that are read; a larger one is refused."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """`GET /v1/models`: the one model."""
        if self.path.split("?")[0] != "/v1/models":
            self._refuse(404, f"no such path: {self.path}")
            return
        self._send(200, {"object": "list", "data": [{"id": teacher.NAME, "object": "model", "created": 0, "owned_by": "bioinstruct"}]})

    def do_POST(self) -> None:
        """`POST /v1/chat/completions`: one completion; streams are refused."""
        if self.path.split("?")[0] != "/v1/chat/completions":
            self._refuse(404, f"no such path: {self.path}")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._refuse(411, "a Content-Length header is needed")
            return
        if int(length) > LARGEST_BODY:
            self._refuse(413, f"the body has {length} bytes; allowed: {LARGEST_BODY}")
            return
        try:
            request = json.loads(self.rfile.read(int(length)))
            if not isinstance(request, dict):
                raise InputError("body: got no JSON object; allowed: a chat-completions request")
            if request.get("stream"):
                raise InputError("stream: got true; allowed: false")
            answer = teacher.chat(request)
        except ValueError as error:  # JSON, UTF-8 and input errors are all of this kind
            self._refuse(400, str(error))
            return
        self._send(200, answer)

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True  # what was not read of the body must not be taken for the next request
        self._send(status, {"error": {"message": message, "type": "invalid_request_error", "code": None, "param": None}})

    def _send(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the caller's log is the place for it."""


def serve(host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """A bound server; call `serve_forever()` on it. Port 0 takes a free one, told by `server_address`."""
    return ThreadingHTTPServer((host, port), _Handler)
