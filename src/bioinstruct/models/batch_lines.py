"""The lines of a batch's files: requests as they go out, rows as they come back. Nothing is asked and nothing is stored here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from bioinstruct.core.errors import ModelError
from bioinstruct.core.text import squeeze
from bioinstruct.models import dialect
from bioinstruct.models.base import Call, Failure, Reply, Trouble
from bioinstruct.models.chat import MalformedReply, reply_from
from bioinstruct.models.endpoint import PROMPT_CODES, is_unpaid, verdict

ENDPOINT: Final = "/v1/chat/completions"
_NOT_RUN = frozenset({"batch_expired", "batch_cancelled"})
_LONGEST_NAME = 64


class Refused(Exception):
    """The server will not answer this request, however often it is asked.

    Args:
        words: The server's own.
        parameter: The field that it names, if any.
        status: Of HTTP; 0 = it said none.
        unpaid: Whether it says that the account is empty.
        about_prompt: Whether it says that this prompt is the reason (a filter, its length): it answers others.
    """

    def __init__(
        self, words: str, parameter: str | None = None, *, status: int = 0, unpaid: bool = False, about_prompt: bool = False
    ) -> None:  # fmt: skip
        super().__init__(words)
        self.words, self.parameter, self.status, self.unpaid, self.about_prompt = words, parameter, status, unpaid, about_prompt


def body(call: Call, model: str, accepts: dialect.Accepts) -> str:
    """What would be posted if it were asked alone, as JSON."""
    return json.dumps({"model": model, "messages": call.messages, **dialect.fields(call, accepts)})


def line(name: str, body: str) -> bytes:
    """A line of the input file; `name` is its custom_id."""
    return f'{{"custom_id": {json.dumps(name)}, "method": "POST", "url": "{ENDPOINT}", "body": {body}}}\n'.encode()


def length(body: str) -> int:
    """The most bytes that the line of a request can have, whatever its name."""
    return len(line("x" * _LONGEST_NAME, body))


def read(data: bytes) -> tuple[str, dict[str, Any]] | None:
    """The custom_id and the row in a line of an output or error file; None where it is none."""
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        return None
    name = row.get("custom_id") if isinstance(row, dict) else None
    return (name, row) if isinstance(name, str) else None


def was_run(row: Mapping[str, Any]) -> bool:
    """Whether the row holds a model's answer, which is billed."""
    response = row.get("response")
    return isinstance(response, dict) and response.get("status_code") == 200


def reply_in(row: Mapping[str, Any], model: str) -> Reply:
    """The reply in a row.

    Raises:
        Trouble: There is none, and asking again may help.
        Refused: There is none, and will not be.
    """
    response, error = row.get("response"), row.get("error")
    if isinstance(response, dict) and isinstance(response.get("status_code"), int):
        status, content = response["status_code"], response.get("body")
        told = content.get("error") if isinstance(content, dict) else None
        if isinstance(told, dict) and isinstance(told.get("code"), int):  # a router's way to pass on an error status
            raise _from_status(told["code"], content, model)
        if status == 200:
            try:
                return reply_from(content, model)
            except MalformedReply as malformed:
                raise Trouble(Failure.NOT_A_REPLY, str(malformed)) from None
            except ModelError as refused:
                raise Refused(str(refused), status=status) from None
        raise _from_status(status, content, model)
    code, said = _told(error, "code"), _told(error, "message")
    words = f"model '{model}': {squeeze(str(said or code or 'a row without a response'))[:400]}"
    if code in _NOT_RUN:
        raise Trouble(Failure.NOT_RUN, words)
    raise Trouble(Failure.TIMED_OUT if code == "request_timeout" else Failure.SERVER_ERROR, words)


def _from_status(status: int, content: object, model: str) -> Trouble | Refused:
    error = content.get("error") if isinstance(content, dict) else None
    code, kind, parameter = _told(error, "code"), _told(error, "type"), _told(error, "param")
    said = _told(error, "message") or (json.dumps(content) if content else "no words")
    words = f"model '{model}': Error code: {status} - {squeeze(str(said))[:400]}"
    found = verdict(status, code, kind, words)
    if isinstance(found, Trouble):
        return found
    about_prompt = status == 413 or (status in (400, 422) and code in PROMPT_CODES)
    return Refused(words, parameter, status=status, unpaid=is_unpaid(code, kind), about_prompt=about_prompt)


def _told(error: object, name: str) -> Any:
    value = error.get(name) if isinstance(error, dict) else None
    return value if isinstance(value, str) else None
