"""Any OpenAI-compatible server as a teacher. The key comes from the environment and is never part of a text that we make.

Passing troubles (429, 5xx, time-outs, broken connections, answers that are not JSON) are told apart from what asking again cannot help
(a wrong key, an unknown model, an empty account), which stops everything at once with the server's own words.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bioinstruct.core.errors import InputError, ModelError, Problem
from bioinstruct.core.text import squeeze
from bioinstruct.models import dialect, likelihood
from bioinstruct.models.base import Answer, Call, Failure, Headroom, PromptRefused, Reply, Trouble
from bioinstruct.models.chat import MalformedReply, as_chat, reply_from

if TYPE_CHECKING:
    import openai

LONGEST_PAUSE = 120.0
"""Seconds: what a rate-limit header may hold us up for; only `Retry-After` may ask for more."""
TIMEOUT = 600.0
"""Seconds for one request; a local server may take minutes for a long list."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_PASSING = frozenset({409, 425})
PROMPT_CODES = frozenset(
    {"content_filter", "content_policy_violation", "invalid_prompt", "context_length_exceeded", "string_above_max_length"}
)
"""Codes of a 400 or 422 that is about one prompt."""
_TOO_LATE = frozenset({408, 504})
"""A gateway gave up waiting; who it waited for may have worked, and charge for it."""
_UNPAID = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


def address(endpoint: str | None) -> str | None:
    """The base URL that is meant: the recipe's, else the SDK's own environment variable, else None (the SDK's default)."""
    return endpoint or os.environ.get("OPENAI_BASE_URL") or None


def is_local(endpoint: str | None) -> bool:
    """Whether the endpoint is on this machine; such servers need no key."""
    try:
        return urlsplit(address(endpoint) or "").hostname in _LOCAL
    except ValueError:
        return False


def problems(endpoint: str | None, api_key_env: str, section: str = "generate") -> list[Problem]:
    """What is wrong with a section's endpoint and its key, before anything is asked; no key is ever shown."""
    found = []
    meant = endpoint if endpoint is not None else address(None)
    if meant is not None and (got := _address_problem(meant)):
        allowed = "an http(s) URL such as http://127.0.0.1:8000/v1, without a user name, a password or a query"
        found.append(Problem(f"{section}.endpoint" if endpoint is not None else "OPENAI_BASE_URL", got, allowed))
    place = f"{section}.api_key_env"
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", api_key_env):
        found.append(Problem(place, "what is no variable's name (a key?)", "the name of the environment variable that holds the key"))
        return found
    key = os.environ.get(api_key_env, "")
    if not key and not is_local(endpoint):
        got = f"no value in the environment variable {api_key_env}"
        found.append(Problem(place, got, "a key in that variable, or an endpoint on this machine"))
    elif not key.isascii() or not key.isprintable() or " " in key:
        found.append(Problem(place, f"white space or non-ASCII characters in the value of {api_key_env}", "the key alone"))
    return found


def _address_problem(endpoint: str) -> str | None:
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        return f"a URL that cannot be read ({error})"
    if parts.username is not None or parts.password is not None:
        return "a URL with a user name or password"
    if parts.query or parts.fragment:
        return "a URL with a query"  # it may hold a key, and is stored
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or any(character.isspace() for character in endpoint):
        return repr(endpoint)
    return None


class EndpointTeacher:
    """A model behind an OpenAI-compatible server, or behind Azure's form of one. One attempt a call: who asks again is `pool.py`.

    With `plain` a prompt goes to `/completions` as it is, and the server puts no chat template around it.

    Raises:
        InputError: The endpoint is no http(s) URL, or there is no usable key in the environment.
    """

    def __init__(
        self,
        name: str,
        endpoint: str | None,
        api_key_env: str,
        *,
        azure_version: str | None = None,
        accepts: Mapping[str, str | bool] = MappingProxyType({}),
        plain: bool = False,
        timeout: float = TIMEOUT,
        connections: int = 1024,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        found = problems(endpoint, api_key_env)
        if found:
            raise InputError("\n".join(str(problem) for problem in found))
        import httpx2
        import openai  # here: they take most of a second, and `--help` needs none of them

        self.name = name
        self.accepts = dialect.accepts(name, accepts)
        self._say, self._errors, self._plain = say, openai, plain
        self._refused: dict[str, str] = {}  # name of the completion cap -> the server's words against it
        self._key = os.environ.get(api_key_env, "")
        local = is_local(endpoint)
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        # A proxy of the environment is meant for the outside, never for a server on this machine.
        http_client = openai.DefaultAioHttpClient(trust_env=not local, timeout=timeout, limits=limits)
        shared: dict[str, Any] = {"max_retries": 0, "timeout": timeout, "http_client": http_client}
        self._client: openai.AsyncOpenAI
        if azure_version is not None:
            self._client = openai.AsyncAzureOpenAI(
                azure_endpoint=str(address(endpoint)), api_key=self._key or "none", api_version=azure_version, **shared
            )
        else:
            self._client = openai.AsyncOpenAI(api_key=self._key or "none", base_url=endpoint, **shared)

    async def close(self) -> None:
        """End the connections."""
        await self._client.close()

    async def ask(self, call: Call) -> Answer:
        """Ask once.

        Raises:
            PromptRefused: The server will not answer this prompt.
            Trouble: No reply this time; what the server learnt us about its fields is used at the next attempt.
            ModelError: The server will not answer; carries its words, never the key.
        """
        used = self.accepts
        shared = {"model": self.name, **dialect.fields(call, used)}
        try:
            response: Any
            if call.continuation:
                response = await self._client.completions.with_raw_response.create(prompt=call.prompt, **shared, **likelihood.FIELDS)
            elif self._plain:
                response = await self._client.completions.with_raw_response.create(prompt=call.prompt, **shared)
            else:
                request = {"messages": call.messages, **shared}
                response = await self._client.chat.completions.with_raw_response.create(**request)
        except self._errors.APIConnectionError as error:
            if _never_connected(error):
                words = f"model '{self.name}': no connection ({self._hide(squeeze(str(_first_cause(error))))[:300]})"
                raise Trouble(Failure.UNSENT, words) from None
            if _timed_out(error):
                raise Trouble(Failure.TIMED_OUT, f"model '{self.name}': the request timed out") from None
            words = f"model '{self.name}': no connection ({self._hide(squeeze(str(error.__cause__ or error)))[:300]})"
            raise Trouble(Failure.DISCONNECTED, words) from None
        except self._errors.APIStatusError as error:
            raise self._refusal(error, call, used) from None
        try:
            reply = self._read(response.http_response.content, call)
        except MalformedReply as error:
            raise Trouble(Failure.NOT_A_REPLY, self._hide(str(error))[:400]) from None
        except ModelError as error:
            raise ModelError(self._hide(str(error))[:400]) from None
        return Answer(reply, _headroom(response.headers))

    def _read(self, body: bytes, call: Call) -> Reply:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            excerpt = self._hide(squeeze(body.decode("utf-8", "replace")))[:80]
            raise MalformedReply(f"model '{self.name}': got a reply that is not JSON: {excerpt!r}") from None
        told = value.get("error") if isinstance(value, dict) else None
        if isinstance(told, dict) and isinstance(told.get("code"), int):  # a router's way to pass on an error status
            words = f"model '{self.name}': {self._hide(squeeze(str(told.get('message') or told)))[:400]}"
            raise verdict(told["code"], told["code"], told.get("type"), words)
        if call.continuation and not told:
            return likelihood.reply_from(value, call, self.name)
        return reply_from(as_chat(value) if self._plain else value, self.name)

    def _refusal(self, error: Any, call: Call, used: dialect.Accepts) -> Exception:
        """What to do about an answer with an error status."""
        words = f"model '{self.name}': {self._hide(_said(error))[:400]}"
        wait = asked_wait(error.response.headers)
        if error.status_code == 400 and not is_unpaid(error.code, error.type):
            if self.accepts != used:
                return Trouble(Failure.REFUSED, words, 0.0)  # learnt meanwhile, from another call
            try:
                learnt = dialect.learn(self.accepts, call, self.name, error.param, words)
            except ModelError as refused:
                return refused
            if learnt is not None and learnt[0].length in self._refused:
                return ModelError(f"{words}; before: {self._refused[learnt[0].length]}")  # it takes neither: not for ever in turn
            if learnt is not None:
                if learnt[0].length != used.length:
                    self._refused[used.length] = words
                self.accepts = learnt[0]
                self._say(learnt[1])
                return Trouble(Failure.REFUSED, words, 0.0)
        if error.status_code == 413 or (error.status_code in (400, 422) and str(error.code) in PROMPT_CODES):
            return PromptRefused(words)
        return verdict(error.status_code, error.code, error.type, words, wait)

    def _hide(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, down to the first cause."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _first_cause(error: BaseException) -> BaseException:
    return list(_causes(error))[-1]


def _never_connected(error: BaseException) -> bool:
    """Whether nothing can have been sent: no such host, nobody listening, no certificate, no file descriptor left."""
    return any(type(one).__name__.startswith("ClientConnector") for one in _causes(error))


def _timed_out(error: BaseException) -> bool:
    """Whether time was the reason: the SDK's other transport calls a connection that was refused or broken a time-out, too."""
    return "Timeout" in type(_first_cause(error)).__name__


def _said(error: Any) -> str:
    """The server's words in one line; the SDK's own text leaves out a body in which it finds no message."""
    text = squeeze(str(error))
    return text if error.body is None or not re.fullmatch(r"Error code: \d+", text) else squeeze(f"{text} - {error.body}")


def is_unpaid(code: object, kind: object) -> bool:
    """Whether an error's code and type say that the account is empty."""
    return str(code) in _UNPAID or str(kind) in _UNPAID


def verdict(status: int, code: object, kind: object, words: str, wait: float | None = None) -> Trouble | ModelError:
    """What an error status means: `Trouble` for what may pass, `ModelError` for what asking again cannot help."""
    if is_unpaid(code, kind):
        return ModelError(words)
    if status == 429:
        return Trouble(Failure.RATE_LIMITED, words, wait)
    if status in _TOO_LATE:
        return Trouble(Failure.TIMED_OUT, words, wait)
    if status in _PASSING or status >= 500:
        return Trouble(Failure.SERVER_ERROR, words, wait)
    return ModelError(words)


def asked_wait(headers: Any) -> float | None:
    """Seconds that a Retry-After header asks for (a number or a date); None where there is none that can be read."""
    text = headers.get("retry-after")
    if (milliseconds := headers.get("retry-after-ms", "")).isdecimal():
        return float(milliseconds) / 1000.0
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return max(0.0, seconds) if seconds < float("inf") else None


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _headroom(headers: Any) -> tuple[Headroom, ...]:
    """The rate-limit headers of OpenAI and those who follow it: what is left, and when there is more."""
    found = []
    for kind in ("requests", "tokens"):
        left, reset = headers.get(f"x-ratelimit-remaining-{kind}", ""), headers.get(f"x-ratelimit-reset-{kind}", "")
        parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", reset)
        if left.isdecimal() and parts:
            found.append(Headroom(int(left), min(LONGEST_PAUSE, sum(float(number) * _UNITS[unit or "s"] for number, unit in parts))))
    return tuple(found)
