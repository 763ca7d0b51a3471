"""OpenAI's files and batches as a few verbs. Passing troubles are waited out here, a bounded number of times.

Making a batch is the one thing that must not be done twice: where an answer to it was lost, the server's list is searched for the label
before it is asked for again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.text import squeeze
from bioinstruct.models import endpoint as endpoints
from bioinstruct.models.asking import Limits, backoff
from bioinstruct.models.base import Failure, Trouble
from bioinstruct.models.batch_lines import ENDPOINT
from bioinstruct.models.pool import LONGEST_ASKED

if TYPE_CHECKING:
    import openai

Result = TypeVar("Result")

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
"""Statuses that a batch does not leave."""
_LABEL = "bioinstruct"
"""Name of our label in a batch's metadata."""
_WINDOW: Final = "24h"
_MOST_LISTED = 100
_MOST_WORDS = 3
_BLOCK = 1 << 20


class Unknown(ModelError):
    """The server knows no such batch, file or address (404)."""


class Unanswered(ModelError):
    """The tries are used up, and whether the server did what it was asked is not known."""


class Unreached(ModelError):
    """The tries are used up, and no connection was made in any: the server was asked for nothing."""


@dataclass(frozen=True)
class State:
    """A batch as the server told it."""

    id: str
    status: str
    label: str | None
    completed: int = 0
    """Requests that got an answer."""
    failed: int = 0
    output_file: str | None = None
    error_file: str | None = None
    words: str = ""
    """Why it failed."""
    too_much: bool = False
    """Whether it failed because more is waiting in the account's queue than is allowed."""
    seconds: float = 0.0
    """From its creation to its end."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will be done; the files are there."""
        return self.status in ENDED


class BatchServer:
    """The batches of one model at one server; close it after use.

    Args:
        name: The model.
        endpoint: Base URL; None = OpenAI's, or that of the environment.
        api_key_env: Variable of the environment that holds the key.
        limits: `attempts`, `first_wait` and `timeout` count, for each exchange with the server.

    Raises:
        InputError: The endpoint is no http(s) URL, or there is no usable key in the environment.
    """

    def __init__(self, name: str, endpoint: str | None, api_key_env: str, limits: Limits | None = None) -> None:
        if found := endpoints.problems(endpoint, api_key_env):
            raise InputError("\n".join(str(problem) for problem in found))
        import httpx2
        import openai  # here: they take most of a second

        self.name, self.limits = name, limits or Limits()
        self._errors, self._broken = openai, httpx2.HTTPError
        self._never_connected = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
        self._key = os.environ.get(api_key_env, "")
        http_client = openai.DefaultHttpxClient(trust_env=not endpoints.is_local(endpoint), timeout=self.limits.timeout)
        self._client: openai.OpenAI = openai.OpenAI(
            api_key=self._key or "none", base_url=endpoint, max_retries=0, timeout=self.limits.timeout, http_client=http_client
        )
        parts = urlsplit(str(self._client.base_url))
        self.address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def upload(self, file: IO[bytes], name: str) -> str:
        """Send a file of requests; gives its id. A batch comes of it by `create` alone, so that a failure here leaves nothing behind.

        Raises:
            ModelError: The server has not got it, or has not said so.
        """

        def once() -> str:
            file.seek(0)
            found = self._told(self._client.files.with_raw_response.create(file=(f"{name}.jsonl", file), purpose="batch"))
            return str(found["id"])

        try:
            return self._try(once)
        except Unknown as error:
            raise ModelError(f"{error} (generate.batch needs OpenAI's /v1/files and /v1/batches; false asks one by one)") from None

    def create(self, file_id: str, label: str) -> State:
        """Make a batch of an uploaded file.

        Raises:
            Unanswered: Whether there is a batch is not known; `find` may tell later.
            ModelError: The server refused, or was never reached (`Unreached`); there is none.
        """
        tried = False

        def once() -> State:
            nonlocal tried
            if tried and (found := self._find(label)) is not None:
                return found
            tried = True
            metadata = {_LABEL: label}
            made = self._client.batches.with_raw_response.create(
                input_file_id=file_id, endpoint=ENDPOINT, completion_window=_WINDOW, metadata=metadata
            )
            return self._state(self._told(made))

        return self._try(once)

    def find(self, label: str) -> State | None:
        """The batch with this label among all that the account has."""
        return self._try(lambda: self._find(label))

    def look(self, id: str) -> State:
        """How the batch is getting on; `Unknown` where there is none."""
        return self._try(lambda: self._state(self._told(self._client.batches.with_raw_response.retrieve(id))))

    def cancel(self, id: str) -> State:
        """Have the server stop the batch; one that has ended stays as it is."""

        def once() -> State:
            state = self._state(self._told(self._client.batches.with_raw_response.retrieve(id)))
            if state.ended or state.status == "cancelling":
                return state
            return self._state(self._told(self._client.batches.with_raw_response.cancel(id)))

        return self._try(once)

    def download(self, file_id: str, into: IO[bytes]) -> None:
        """Write a file of the server's into `into`, whole, and rewind it."""

        def once() -> None:
            into.seek(0)
            into.truncate()
            with self._client.files.with_streaming_response.content(file_id) as response:
                for block in response.iter_bytes(_BLOCK):
                    into.write(block)
            into.seek(0)

        self._try(once)

    def hide(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self._key, "***") if self._key else text

    def _find(self, label: str) -> State | None:
        after: dict[str, Any] = {}
        while True:
            page = self._told(self._client.batches.with_raw_response.list(limit=_MOST_LISTED, **after), wanted="data")
            states = [self._state(one) for one in page["data"]]
            if found := next((state for state in states if state.label == label), None):
                return found
            if not page.get("has_more") or not states or after.get("after") == states[-1].id:
                return None
            after = {"after": states[-1].id}

    def _try(self, once: Callable[[], Result]) -> Result:
        failed, reached = 0, False
        while True:
            try:
                with self._explained():
                    return once()
            except Trouble as trouble:
                failed += 1
                reached = reached or trouble.failure is not Failure.UNSENT
                if failed >= self.limits.attempts or (trouble.wait or 0.0) > LONGEST_ASKED:
                    words = f"{trouble.words} (replies so far are kept, run again)"
                    raise (Unanswered(words) if reached else Unreached(words)) from None
                time.sleep(trouble.wait if trouble.wait is not None else backoff(self.limits.first_wait, failed))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the SDK's errors into ours."""
        try:
            yield
        except (self._errors.APIConnectionError, self._broken) as error:  # the latter while a file was streamed
            raise self._cut(error) from None
        except self._errors.APIStatusError as error:
            words = self.hide(f"model '{self.name}': {squeeze(str(error))[:400]}")
            found = endpoints.verdict(error.status_code, error.code, error.type, words, endpoints.asked_wait(error.response.headers))
            raise (Unknown(words) if error.status_code == 404 else found) from None

    def _cut(self, error: BaseException) -> Trouble:
        cause = error.__cause__ or error
        unsent = isinstance(cause, self._never_connected)
        if isinstance(error, self._errors.APITimeoutError) and not unsent:
            return Trouble(Failure.TIMED_OUT, f"model '{self.name}': the request timed out")
        words = self.hide(f"model '{self.name}': no connection ({squeeze(str(cause))[:300] or type(cause).__name__})")
        return Trouble(Failure.UNSENT if unsent else Failure.DISCONNECTED, words)

    def _told(self, response: Any, wanted: str = "id") -> dict[str, Any]:
        """The object in an answer; `Trouble` where it is none."""
        content = response.http_response.content
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or not isinstance(value.get(wanted), list if wanted == "data" else str):
            excerpt = squeeze(content.decode("utf-8", "replace"))[:80]
            raise Trouble(Failure.SERVER_ERROR, self.hide(f"model '{self.name}': got {excerpt!r}; allowed: an object with '{wanted}'"))
        return value

    def _state(self, told: Any) -> State:
        if not isinstance(told, dict) or not isinstance(told.get("id"), str):
            raise Trouble(Failure.SERVER_ERROR, f"model '{self.name}': got a batch without an id")
        counts, metadata, errors = (_object(told.get(name)) for name in ("request_counts", "metadata", "errors"))
        status, label = str(told.get("status")), metadata.get(_LABEL)
        listed = errors.get("data")
        problems = [_object(one) for one in listed] if isinstance(listed, list) else []
        words = "; ".join(_problem(one) for one in problems[:_MOST_WORDS])
        if len(problems) > _MOST_WORDS:
            words += f"; and {len(problems) - _MOST_WORDS} more"
        began, ended = _count(told.get("created_at")), _count(told.get(f"{status}_at"))
        return State(
            id=told["id"],
            status=status,
            label=label if isinstance(label, str) else None,
            completed=_count(counts.get("completed")),
            failed=_count(counts.get("failed")),
            output_file=_name(told.get("output_file_id")),
            error_file=_name(told.get("error_file_id")),
            words=self.hide(words or "no words"),
            too_much=any(one.get("code") == "token_limit_exceeded" for one in problems),
            seconds=float(max(0, ended - began)) if began and ended else 0.0,
        )


def _problem(error: Mapping[str, Any]) -> str:
    line = error.get("line")
    words = squeeze(str(error.get("message") or error.get("code")))[:300]
    return f"line {line}: {words}" if line is not None else words


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
