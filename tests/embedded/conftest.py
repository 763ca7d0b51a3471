"""A client of the rehearsal server, and a prompt for it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bioinstruct.embedded import teacher
from bioinstruct.embedded.faults import Script
from bioinstruct.embedded.server import RehearsalServer, serve

CHAT = "/v1/chat/completions"
PROMPT = "Come up with biomedical tasks.\nList of 4 tasks:\n" + "".join(
    f"{n}. Instruction: Example {n}\n{n}. Input: x\n{n}. Output: y\n" for n in (1, 2)
)
WHOLE = [seed for seed in range(60) if not teacher.reply(PROMPT, seed).cut]
"""Seeds whose replies the teacher itself does not cut."""


def ask(seed: int = WHOLE[0], **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": PROMPT}], "seed": seed, **more}


@dataclass
class Got:
    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def text(self) -> Any:
        return self.json["choices"][0]["message"]["content"]

    @property
    def error(self) -> Any:
        return self.json["error"]


class Client:
    """One connection to a server, opened again where it was closed."""

    def __init__(self, server: RehearsalServer) -> None:
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Got:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body)
        self.connection.request(method, path, data, dict(headers or {}))
        with self.connection.getresponse() as response:
            return Got(response.status, response.headers, response.read())

    def chat(self, seed: int = WHOLE[0], headers: Mapping[str, str] | None = None, path: str = CHAT, **more: Any) -> Got:
        return self.send("POST", path, ask(seed, **more), headers)

    def upload(self, data: bytes, purpose: str = "batch", filename: str = "in.jsonl") -> Got:
        fields = f'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n--b\r\n'
        fields += f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: application/jsonl\r\n\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return self.send("POST", "/v1/files", fields.encode() + data + b"\r\n--b--\r\n", headers)

    def create(self, file: str, **more: Any) -> Got:
        asked = {"input_file_id": file, "endpoint": CHAT, "completion_window": "24h", **more}
        return self.send("POST", "/v1/batches", asked)

    def until(self, batch: str, *statuses: str) -> dict[str, Any]:
        for _ in range(2000):
            told: dict[str, Any] = self.send("GET", f"/v1/batches/{batch}").json
            if told["status"] in statuses:
                return told
            time.sleep(0.005)
        raise AssertionError(told)

    def rows(self, file: str | None) -> list[dict[str, Any]]:
        assert file is not None
        return [json.loads(line) for line in self.send("GET", f"/v1/files/{file}/content").data.splitlines()]

    def batch(self, lines: list[Any], **more: Any) -> dict[str, Any]:
        """The object of a new batch of these lines."""
        data = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
        made: dict[str, Any] = self.create(self.upload(data).json["id"], **more).json
        return made


@contextmanager
def serving(**script: Any) -> Iterator[Client]:
    server = serve(script=Script(**script))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    client = Client(server)
    try:
        yield client
    finally:
        client.connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def plain() -> Iterator[Client]:
    with serving() as client:
        yield client


def expected(seed: int = WHOLE[0]) -> Any:
    return teacher.chat(ask(seed))["choices"][0]["message"]["content"]
