"""A server that answers every chat request with the same seventeen tasks, and counts: cheap, so that clients are measured and not it.

python canned_server.py PORT LATENCY AT_ONCE      (AT_ONCE 0 = any number; above it 429)
GET /tally gives {"answered": n, "refused": n, "most_at_once": n, "per_bin": [...]} since the first request, and begins anew
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

TASKS = "\n".join(
    f"{n}. Instruction: Name the class of drug number {n} in this note and say what it is taken for.\n"
    f"{n}. Input: The patient takes metformin 500 mg twice a day and lisinopril 10 mg in the morning; blood pressure was 132/84.\n"
    f"{n}. Output: Metformin is a biguanide taken for type 2 diabetes."
    for n in range(4, 21)
)
BODY = {
    "id": "canned",
    "object": "chat.completion",
    "created": 0,
    "model": "canned",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": TASKS}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 700, "completion_tokens": 1100, "total_tokens": 1800},
}


def _response(status: str, body: object) -> bytes:
    data = json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


BIN = 0.025
"""Seconds of one bin of the tally."""
GOOD, REFUSED = (
    _response("200 OK", BODY),
    _response("429 Too Many Requests", {"error": {"message": "too many at once", "type": "requests"}}),
)


class Tally:
    """What was answered since the first request."""

    def __init__(self) -> None:
        self.began = 0.0
        self.answered = self.refused = self.now = self.most = 0
        self.per_bin: list[int] = []

    def answer(self) -> None:
        self.answered += 1
        self.now -= 1
        place = int((time.monotonic() - self.began) / BIN)
        self.per_bin += [0] * (place + 1 - len(self.per_bin))
        self.per_bin[place] += 1


class Connection(asyncio.Protocol):
    """One client's connection."""

    tally = Tally()
    latency, at_once = 0.0, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.read = transport, b""

    def data_received(self, data: bytes) -> None:
        self.read += data
        while b"\r\n\r\n" in self.read:
            head, _, rest = self.read.partition(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
            if len(rest) < length:
                return
            self.read = rest[length:]
            self.request(head)

    def request(self, head: bytes) -> None:
        tally = Connection.tally
        if head.startswith(b"GET /tally"):
            told = {
                "answered": tally.answered,
                "refused": tally.refused,
                "most_at_once": tally.most,
                "per_bin": tally.per_bin,
            }
            self.transport.write(_response("200 OK", told))  # type: ignore[attr-defined]
            Connection.tally = Tally()
            return
        tally.began = tally.began or time.monotonic()
        if self.at_once and tally.now >= self.at_once:
            tally.refused += 1
            self.transport.write(REFUSED)  # type: ignore[attr-defined]
            return
        tally.now += 1
        tally.most = max(tally.most, tally.now)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.answer, tally)
        else:
            self.answer(tally)

    def answer(self, tally: Tally) -> None:
        tally.answer()
        if not self.transport.is_closing():
            self.transport.write(GOOD)  # type: ignore[attr-defined]


async def main() -> None:
    Connection.latency, Connection.at_once = float(sys.argv[2]), int(sys.argv[3])
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", int(sys.argv[1]), backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
