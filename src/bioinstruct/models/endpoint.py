"""Any OpenAI-compatible server as a teacher. The key comes from the environment and is never part of a text that we make.

Passing troubles (429, 5xx, time-outs, broken connections, answers that are not JSON) are asked again a bounded number of
times; what asking again cannot help (a wrong key, an unknown model, an empty account) stops at once with the server's words.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from bioinstruct.core.errors import InputError, ModelError, Problem
from bioinstruct.core.text import squeeze
from bioinstruct.models.base import Reply
from bioinstruct.models.chat import MalformedReply, reply_from

ATTEMPTS = 6
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds: backoff doubles from the first; a server that asks for more than the longest is not waited for."""
TIMEOUT = 600.0
"""Seconds for one request; a local server may take minutes for a long list."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_PASSING = frozenset({408, 409, 425, 429})
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
    if endpoint is not None and (got := _address_problem(endpoint)):
        allowed = "an http(s) URL such as http://127.0.0.1:8000/v1, without a user name or password"
        found.append(Problem(f"{section}.endpoint", got, allowed))
    key = os.environ.get(api_key_env, "")
    place = f"{section}.api_key_env"
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
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or any(character.isspace() for character in endpoint):
        return repr(endpoint)
    return None


class EndpointTeacher:
    """A model behind an OpenAI-compatible server. Safe to use from many threads; `close()` ends its connections.

    Raises:
        InputError: The endpoint is no http(s) URL, or there is no usable key in the environment.
    """

    def __init__(
        self,
        name: str,
        endpoint: str | None,
        api_key_env: str,
        *,
        attempts: int = ATTEMPTS,
        timeout: float = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        found = problems(endpoint, api_key_env)
        if found:
            raise InputError("\n".join(str(problem) for problem in found))
        import openai  # here: it takes most of a second, and `--help` needs none of it

        self.name = name
        self._attempts, self._sleep = attempts, sleep
        self._key = os.environ.get(api_key_env, "")
        local = is_local(endpoint)
        self._client = openai.OpenAI(
            api_key=self._key or "none",
            base_url=endpoint,
            max_retries=0,
            timeout=timeout,
            # A proxy of the environment is meant for the outside, never for a server on this machine.
            http_client=openai.DefaultHttpxClient(trust_env=False, timeout=timeout) if local else None,
        )
        self._errors: Any = openai

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def ask(self, messages: list[dict[str, str]], *, temperature: float, max_tokens: int, seed: int) -> Reply:
        """Return the server's reply, after as many attempts as it takes and is allowed.

        Raises:
            ModelError: The server refused, or the last attempt failed too; carries the server's words, never the key.
        """
        request = {"model": self.name, "messages": messages, "temperature": temperature, "max_tokens": max_tokens, "seed": seed}
        for attempt in range(1, self._attempts + 1):
            trouble: Exception
            try:
                return self._once(request)
            except (MalformedReply, self._errors.APIConnectionError) as error:
                trouble, wait = error, None
            except self._errors.APIStatusError as error:
                trouble, wait = error, _asked_wait(error.response.headers)
                if not _passing(error):
                    raise ModelError(self._explain(error)) from None
            except ModelError as error:
                raise ModelError(self._hide(str(error))) from None
            if attempt == self._attempts or (wait is not None and wait > LONGEST_WAIT):
                why = f"gave up after {attempt} attempt{'s' if attempt > 1 else ''}"
                if wait is not None and wait > LONGEST_WAIT:
                    why = f"asks to wait {wait:.0f} seconds"
                raise ModelError(f"{self._explain(trouble)} ({why}; replies so far are kept, run again to go on)") from None
            self._sleep(_backoff(attempt) if wait is None else wait)
        raise AssertionError("attempts must be at least 1")

    def _once(self, request: dict[str, Any]) -> Reply:
        response = self._client.chat.completions.with_raw_response.create(**request)
        body = response.http_response.content
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            excerpt = squeeze(body.decode("utf-8", "replace"))[:80]
            raise MalformedReply(f"model '{self.name}': got a reply that is not JSON: {excerpt!r}") from None
        return reply_from(value, self.name)

    def _explain(self, error: Exception) -> str:
        if isinstance(error, MalformedReply):
            return self._hide(str(error))
        if isinstance(error, self._errors.APITimeoutError):
            words = "the request timed out"
        elif isinstance(error, self._errors.APIConnectionError):
            words = f"no connection ({error.__cause__ or error})"
        else:
            words = str(error)
        return self._hide(f"model '{self.name}': {squeeze(words)[:400]}")

    def _hide(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def _passing(error: Any) -> bool:
    """Whether asking again may help."""
    if error.code in _UNPAID or error.type in _UNPAID:
        return False
    return error.status_code in _PASSING or error.status_code >= 500


def _asked_wait(headers: Any) -> float | None:
    """Seconds that a Retry-After header asks for (a number or a date); None where there is none that can be read."""
    text = headers.get("retry-after")
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


def _backoff(attempt: int) -> float:
    """Seconds before the next attempt: doubling, and jittered so that many requests do not come back at once."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0))
