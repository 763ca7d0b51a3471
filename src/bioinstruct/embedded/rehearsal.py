"""What a rehearsal server does with chat requests, apart from HTTP: its limits, its attempts, its balance, and the tally of it all."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bioinstruct.embedded.faults import PASSING, Answer, Asked, Refused, Script, answer_time, compose, passing_fault, read_request

REMEMBERED = 2_048
"""Answers kept to be sent again."""
LONGEST_TALLY = 86_400
"""Seconds in `Tally.per_second`; later requests count for the last."""


class Tally:
    """What chat requests a server had and how they ended. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock, self._start, self._now = threading.Lock(), time.monotonic(), 0
        self.requests = 0
        """Chat requests, refused ones too; those of batches are not among them, nor in `by_status` and `per_second`."""
        self.answered = 0
        """Chat requests that got a whole completion."""
        self.batched = 0
        """Requests of batches that got one."""
        self.by_status: dict[str, int] = {}
        """HTTP status -> requests; `hang` and `reset` have none."""
        self.faults: dict[str, int] = {}
        """Name -> how often it was met, in batches too."""
        self.output_tokens = 0
        """Completion tokens of all completions, as billed; those lost by `reset` and `invalid_json` are not."""
        self.max_at_once = 0
        """Most chat requests that were being handled at the same time."""
        self.per_second: list[int] = []
        """Requests by whole second since the start."""

    def begin(self) -> None:
        """Count a chat request that has come."""
        second = min(int(time.monotonic() - self._start), LONGEST_TALLY - 1)
        with self._lock:
            self.requests += 1
            self._now += 1
            self.max_at_once = max(self.max_at_once, self._now)
            self.per_second.extend([0] * (second + 1 - len(self.per_second)))
            self.per_second[second] += 1

    def end(self, status: int | None) -> None:
        """Count it as ended; None where no status was sent."""
        with self._lock:
            self._now -= 1
            if status is not None:
                self.by_status[str(status)] = self.by_status.get(str(status), 0) + 1

    def completed(self, *, batched: bool) -> None:
        """Count a completion."""
        with self._lock:
            self.batched += batched
            self.answered += not batched

    def fault(self, name: str) -> None:
        """Count a fault."""
        with self._lock:
            self.faults[name] = self.faults.get(name, 0) + 1

    def bill(self, tokens: int) -> None:
        """Count completion tokens."""
        with self._lock:
            self.output_tokens += tokens

    def snapshot(self) -> dict[str, Any]:
        """The figures at this moment by name, as `GET /rehearsal` gives them."""
        with self._lock:
            figures = {name: value for name, value in vars(self).items() if not name.startswith("_")}
            return {name: value.copy() if isinstance(value, dict | list) else value for name, value in figures.items()}


class Limiter:
    """A token bucket: `rate` requests per second in the long run, and up to `rate * burst` (at least 1) at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._lock, self._rate, self._size = threading.Lock(), rate, max(1.0, rate * burst)
        self._tokens, self._at = self._size, time.monotonic()

    def take(self) -> tuple[float, dict[str, str]]:
        """Seconds until a request would be let through (0 = it is, and counts), and OpenAI's headers.

        As OpenAI does, the limit is told per minute; `remaining` is what would be let through now, `reset` when all is there again.
        """
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
            self._at = now
            wait = max(0.0, (1 - self._tokens) / self._rate)
            if not wait:
                self._tokens -= 1
            tokens = self._tokens
        return wait, {
            "x-ratelimit-limit-requests": str(max(1, round(self._rate * 60))),
            "x-ratelimit-remaining-requests": str(int(tokens)),
            "x-ratelimit-reset-requests": _duration((self._size - tokens) / self._rate),
        }


def _seconds(value: float) -> str:
    """Seconds as Retry-After has them, rounded up to milliseconds so that coming back then is not too early."""
    return f"{math.ceil(value * 1000) / 1000:.3f}".rstrip("0").rstrip(".")


def _duration(value: float) -> str:
    """Seconds in the form of OpenAI's headers: 17ms, 8.64s, 6m0s."""
    milliseconds = math.ceil(value * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes}m{_seconds(rest / 1000)}s" if minutes else f"{_seconds(rest / 1000)}s"


@dataclass(frozen=True)
class Plan:
    """How an attempt goes: the fault it meets, seconds until its end, and its answer or error."""

    fault: str | None
    wait: float
    result: Answer | Refused


class Rehearsal:
    """Answers chat requests as the script has it; knows no HTTP. Safe to use from many threads."""

    def __init__(self, script: Script, tally: Tally) -> None:
        self.script, self.tally = script, tally
        self._lock, self._attempts = threading.Lock(), dict[str, int]()
        self.at_once = 0
        """Requests that hold a place at this moment."""
        self._counting = any(script.faults.get(name) for name in PASSING) or script.spread > 0
        self._limiter = None if script.requests_per_second is None else Limiter(script.requests_per_second, script.burst)
        self._compose = lru_cache(maxsize=REMEMBERED)(lambda asked: compose(script, asked))

    @contextmanager
    def admitted(self) -> Iterator[dict[str, str]]:
        """Hold a place among the requests handled at once; gives the headers about the rate.

        A request that is turned away here meets no fault and does not count as an attempt, since being here depends on the time.

        Raises:
            Refused: 429: there is no place, or the rate is too high.
        """
        with self._lock:
            if self.script.at_once is not None and self.at_once >= self.script.at_once:
                raise self._too_many(f"requests at once: got more than {self.script.at_once}", self.script.retry_after, {})
            self.at_once += 1
        try:
            wait, headers = self._limiter.take() if self._limiter else (0.0, {})
            if wait:
                raise self._too_many("requests per second: got too many", wait, headers)
            yield headers if self.script.announce else {}
        finally:
            with self._lock:
                self.at_once -= 1

    def _too_many(self, what: str, wait: float, headers: Mapping[str, str]) -> Refused:
        told = {**headers, "Retry-After": _seconds(wait)} if self.script.announce else {}
        return Refused(429, f"Rate limit reached: {what}. Try again later.", code="rate_limit_exceeded", kind="requests", headers=told)

    def plan(self, asked: Asked) -> Plan:
        """Draw what becomes of the next attempt at a request, and bill it if it ends in a completion.

        Raises:
            Refused: 429 where the balance is spent, 400 where the messages cannot be answered.
        """
        script = self.script
        if script.balance is not None and self.tally.output_tokens >= script.balance:
            raise Refused(
                429, "You exceeded your current quota: the balance is spent.", code="insufficient_quota", kind="insufficient_quota"
            )
        identity, attempt = asked.identity, 0
        if self._counting:
            with self._lock:
                attempt = self._attempts.get(identity, 0)
                self._attempts[identity] = attempt + 1
        fault, wait = passing_fault(script, identity, attempt), answer_time(script, identity, attempt)
        result: Answer | Refused | None = self._trouble(fault)
        if result is None:
            result = self._compose(asked)
            if fault is None:  # a gateway's fault loses what was written; nothing is billed for it
                fault = result.fault
                self.tally.bill(result.completion_tokens)
        if fault is not None:
            self.tally.fault(fault)
        immediate = isinstance(result, Refused) and result.status != 500
        return Plan(fault, 0.0 if immediate else wait, result)

    def _trouble(self, fault: str | None) -> Refused | None:
        """The error that a fault is, if it is one."""
        after = {"Retry-After": _seconds(self.script.retry_after)}
        match fault:
            case "rate_limited" | "rate_limited_after":
                headers = after if fault == "rate_limited_after" else {}
                return Refused(429, "Rate limit reached. Try again later.", code="rate_limit_exceeded", kind="requests", headers=headers)
            case "server_error":
                return Refused(500, "The server had an error while it processed the request.", kind="server_error")
            case "unavailable":
                return Refused(503, "The server is overloaded. Try again later.", kind="server_error", headers=after)
            case "hang":  # seen as an error in batches only
                return Refused(408, "The call to the model timed out.", code="request_timeout", kind="server_error")
        return None

    def ask(self, body: Any) -> Answer:
        """Answer one request of a batch at once, without the limits of rate and number.

        Raises:
            Refused: Any error, passing faults among them; 408 stands for one that timed out.
        """
        plan = self.plan(read_request(body, self.script))
        if isinstance(plan.result, Refused):
            raise plan.result
        if plan.fault in PASSING:  # no connection that could break: what is left is the server's error
            raise Refused(500, "The server had an error while it processed the request.", kind="server_error")
        self.tally.completed(batched=True)
        return plan.result
