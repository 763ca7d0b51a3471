"""Files and batches of the rehearsal server, by the field names and statuses of OpenAI's protocol. Everything is kept in memory.

A batch is worked through by a thread of its own: validating, in_progress, finalizing, completed; or failed, where a line of its file
cannot be used; expired, after the share of the script; cancelling and cancelled. What was done before an end is always in the output
file, and every other request is in the error file. Rows come in an order of their own, as they do from real servers, never in that of
the input.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bioinstruct.embedded.faults import Answer, Refused, Script

LARGEST_FILE = 200_000_000
"""Bytes of an uploaded file."""
MOST_REQUESTS = 50_000
"""Lines of a batch's file."""
ENDPOINT, WINDOW = "/v1/chat/completions", "24h"
_DAY = 86_400
_MOST_PARTS = 16
_LONGEST_PART_HEAD = 8_192
_MOST_ERRORS = 100
"""Errors listed in a failed batch."""
_MOST_LISTED = 100

_BOUNDARY = re.compile(r"""multipart/form-data\s*;.*?\bboundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))""", re.IGNORECASE | re.DOTALL)
_FIELD = re.compile(rb"""[;\s]name=(?:"([^"]*)"|([^\s;"]+))""", re.IGNORECASE)
_FILENAME = re.compile(rb"""[;\s]filename=(?:"([^"]*)"|([^\s;"]+))""", re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition\s*:(.*)$", re.IGNORECASE | re.MULTILINE)
_ENDED = ("completed", "failed", "expired", "cancelled")
_LATER = (
    *("model", "errors", "output_file_id", "error_file_id", "usage", "in_progress_at", "finalizing_at"),
    *("completed_at", "failed_at", "expired_at", "cancelling_at", "cancelled_at"),
)
"""Fields of a batch that are null at first."""
_REASONS = {
    "batch_expired": "The completion window of the batch ended before this request was done.",
    "batch_cancelled": "The batch was cancelled before this request was done.",
}


@dataclass(frozen=True)
class Part:
    """A field of a form: its bytes, and the file name where it is a file."""

    data: bytes
    filename: str | None


def read_form(content_type: str, data: bytes) -> dict[str, Part]:
    """The parts of a multipart/form-data body by name; the first of a name counts.

    Raises:
        Refused: 400: it is no such body, is cut, or has more than 16 parts.
    """
    found = _BOUNDARY.match(content_type.strip())
    if not found:
        raise Refused(400, f"Content-Type: got {content_type[:80]!r}; allowed: multipart/form-data with a boundary")
    delimiter = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
    pieces = (b"\r\n" + data).split(delimiter, _MOST_PARTS + 1)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Refused(400, f"body: got {len(pieces) - 1} boundaries and no last one; allowed: at most {_MOST_PARTS} parts and an end")
    parts: dict[str, Part] = {}
    for piece in pieces[1:-1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        disposition = _DISPOSITION.search(head[:_LONGEST_PART_HEAD].replace(b"\r", b""))
        name = _FIELD.search(disposition[1]) if disposition else None
        if not blank or not disposition or not name:
            raise Refused(400, "body: got a part without a Content-Disposition that names it; allowed: parts of a form")
        filename = _FILENAME.search(disposition[1])
        told = (filename[1] or filename[2] or b"").decode("utf-8", "replace") if filename else None
        parts.setdefault((name[1] or name[2] or b"").decode("utf-8", "replace"), Part(content, told))
    return parts


@dataclass
class _File:
    data: bytes
    told: dict[str, Any]


@dataclass(frozen=True)
class _Line:
    custom_id: str
    body: dict[str, Any]


@dataclass
class _Batch:
    told: dict[str, Any]
    data: bytes
    done: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[dict[str, Any]] = field(default_factory=list)
    halt: threading.Event = field(default_factory=threading.Event)
    ending: bool = False
    """Whether its files are being written: too late to be cancelled."""


class BatchDesk:
    """Takes files and works through batches; `ask` answers one request or raises `Refused`. Safe to use from many threads."""

    def __init__(self, ask: Callable[[Any], Answer], script: Script) -> None:
        self._ask, self._script = ask, script
        self._lock, self._closed = threading.Lock(), False
        self._files: dict[str, _File] = {}
        self._batches: dict[str, _Batch] = {}

    def close(self) -> None:
        """Leave all batches as they are; does not wait for their threads."""
        self._closed = True
        with self._lock:
            for batch in self._batches.values():
                batch.halt.set()

    def upload(self, content_type: str, data: bytes) -> dict[str, Any]:
        """Keep the file of a form, and give back its object.

        Raises:
            Refused: 400: no form, another purpose, no file, or one that is empty or not named *.jsonl; 413: too large a file.
        """
        form = read_form(content_type, data)
        purpose, file = form.get("purpose"), form.get("file")
        if purpose is None or purpose.data != b"batch":
            got = "nothing" if purpose is None else repr(purpose.data[:40].decode("utf-8", "replace"))
            raise Refused(400, f"purpose: got {got}; allowed: batch", param="purpose")
        if file is None or not file.data:
            raise Refused(400, f"file: got {'nothing' if file is None else 'an empty file'}; allowed: a JSON Lines file", param="file")
        if not (file.filename or "").endswith(".jsonl"):
            raise Refused(400, f"file: got the name {(file.filename or '')[:80]!r}; allowed: a name that ends with .jsonl", param="file")
        if len(file.data) > LARGEST_FILE:
            raise Refused(413, f"file: got {len(file.data)} bytes; allowed: {LARGEST_FILE}", param="file")
        with self._lock:
            return dict(self._keep(file.data, file.filename or "", "batch"))

    def _keep(self, data: bytes, filename: str, purpose: str) -> dict[str, Any]:
        told: dict[str, Any] = {"id": f"file-{uuid.uuid4().hex[:24]}", "object": "file", "bytes": len(data), "filename": filename}
        told |= {"created_at": int(time.time()), "expires_at": None, "purpose": purpose, "status": "processed", "status_details": None}
        self._files[told["id"]] = _File(data, told)
        return told

    def _file(self, name: str) -> _File:
        """The caller holds the lock."""
        if name not in self._files:
            raise Refused(404, f"No such File object: {name[:80]}", param="id")
        return self._files[name]

    def file(self, name: str) -> dict[str, Any]:
        """The object of a file; 404 where there is none."""
        with self._lock:
            return dict(self._file(name).told)

    def content(self, name: str) -> bytes:
        """The bytes of a file; 404 where there is none."""
        with self._lock:
            return self._file(name).data

    def delete(self, name: str) -> dict[str, Any]:
        """Forget a file; a batch that was made of it goes on. 404 where there is none."""
        with self._lock:
            self._file(name)
            del self._files[name]
        return {"id": name, "object": "file", "deleted": True}

    def create(self, asked: Any) -> dict[str, Any]:
        """Start a batch and give back its object, which is still being validated.

        Raises:
            Refused: 400: a field is missing or has another value than this server knows; 404: no such file.
        """
        if not isinstance(asked, dict):
            raise Refused(400, "body: got no JSON object; allowed: input_file_id, endpoint, completion_window and metadata")
        for name, allowed in (("endpoint", ENDPOINT), ("completion_window", WINDOW)):
            if asked.get(name) != allowed:
                raise Refused(400, f"{name}: got {json.dumps(asked.get(name))[:80]}; allowed: {allowed}", param=name)
        if not isinstance(asked.get("input_file_id"), str):
            raise Refused(400, "input_file_id: got no text; allowed: the id of an uploaded file", param="input_file_id")
        metadata = asked.get("metadata")
        if metadata is not None and not _sound_metadata(metadata):
            words = "at most 16 texts of up to 512 characters, under names of up to 64"
            raise Refused(400, f"metadata: got {json.dumps(metadata)[:80]}; allowed: {words}", param="metadata")
        now = int(time.time())
        told: dict[str, Any] = {"id": f"batch_{uuid.uuid4().hex[:24]}", "object": "batch", "endpoint": ENDPOINT}
        told |= {"input_file_id": asked["input_file_id"], "completion_window": WINDOW, "status": "validating", "metadata": metadata}
        told |= dict.fromkeys(_LATER) | {"created_at": now, "expires_at": now + _DAY}
        told["request_counts"] = {"total": 0, "completed": 0, "failed": 0}
        with self._lock:
            file = self._file(told["input_file_id"])
            if file.told["purpose"] != "batch":
                raise Refused(400, f"input_file_id: got a file for {file.told['purpose']}; allowed: batch", param="input_file_id")
            batch = self._batches[told["id"]] = _Batch(told, file.data)
            first = _copy(told)
        threading.Thread(target=self._work, args=(batch,), daemon=True).start()
        return first

    def batch(self, name: str) -> dict[str, Any]:
        """The object of a batch; 404 where there is none."""
        with self._lock:
            return _copy(self._batch(name).told)

    def _batch(self, name: str) -> _Batch:
        """The caller holds the lock."""
        if name not in self._batches:
            raise Refused(404, f"No batch found with id: {name[:80]}", param="batch_id")
        return self._batches[name]

    def listed(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Batches, newest first: `limit` (20) of them that come after the one named by `after`. 400 for another limit than 1 to 100."""
        limit = query.get("limit", "20")
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= _MOST_LISTED):
            raise Refused(400, f"limit: got {limit[:20]!r}; allowed: 1 to {_MOST_LISTED}", param="limit")
        with self._lock:
            names = list(reversed(self._batches))
            if "after" in query:
                self._batch(query["after"])
                names = names[names.index(query["after"]) + 1 :]
            data = [_copy(self._batches[name].told) for name in names[: int(limit)]]
        ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
        return {"object": "list", "data": data, **ends, "has_more": len(names) > len(data)}

    def cancel(self, name: str) -> dict[str, Any]:
        """Stop a batch after the request it is at, and give back its object. 404 where there is none, 409 where it has ended."""
        with self._lock:
            batch = self._batch(name)
            status = batch.told["status"]
            if status in _ENDED or batch.ending:
                raise Refused(409, f"Cannot cancel a batch with status '{status}'.")
            if status != "cancelling":
                batch.told |= {"status": "cancelling", "cancelling_at": int(time.time())}
                batch.halt.set()
            return _copy(batch.told)

    def _work(self, batch: _Batch) -> None:
        began = time.monotonic()
        lines, errors = read_lines(batch.data, self._script.models)
        batch.data = b""
        with self._lock:
            if errors:
                batch.told |= {"status": "failed", "failed_at": int(time.time()), "errors": {"object": "list", "data": errors}}
                return
            batch.told["request_counts"]["total"] = len(lines)
            batch.told["model"] = lines[0].body.get("model")
            batch.told["usage"] = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
            batch.told["usage"] |= {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
            if not batch.halt.is_set():
                batch.told |= {"status": "in_progress", "in_progress_at": int(time.time())}
        share = self._script.batch_expires_after
        last = len(lines) if share is None else int(len(lines) * share)
        for number, line in enumerate(lines[:last]):
            due = began + self._script.batch_seconds * (number + 1) / len(lines)
            if batch.halt.wait(max(0.0, due - time.monotonic())):
                break
            self._answer(batch, line)
        if not self._closed:
            self._finish(batch, lines, "completed" if share is None else "expired")

    def _answer(self, batch: _Batch, line: _Line) -> None:
        """Ask one request and keep its row."""
        answer: Answer | None = None
        try:
            answer = self._ask(line.body)
            status, content = 200, json.loads(answer.data)
        except Refused as refused:
            status, content = refused.status, refused.content
        except RecursionError:
            status, content = 400, Refused(400, "body: got JSON that is nested too deeply").content
        row = _row(line, None, None)
        if status == 408:  # a time-out is no answer of the model's
            row["error"] = {"code": content["error"]["code"], "message": content["error"]["message"]}
        else:
            row["response"] = {"status_code": status, "request_id": uuid.uuid4().hex, "body": content}
        with self._lock:
            (batch.done if answer else batch.wrong).append(row)
            batch.told["request_counts"]["completed" if answer else "failed"] += 1
            if answer:
                usage = batch.told["usage"]
                usage["input_tokens"] += answer.prompt_tokens
                usage["output_tokens"] += answer.completion_tokens
                usage["output_tokens_details"]["reasoning_tokens"] += answer.reasoning_tokens
                usage["total_tokens"] += answer.prompt_tokens + answer.completion_tokens

    def _finish(self, batch: _Batch, lines: list[_Line], end: str) -> None:
        """Write the files and give the batch its last status; what was left undone is in the error file but in no count."""
        told = batch.told
        with self._lock:
            batch.ending = True
            if told["status"] == "cancelling":
                end = "cancelled"
            elif end == "completed":
                told |= {"status": "finalizing", "finalizing_at": int(time.time())}
            done = len(batch.done) + len(batch.wrong)
            code = "batch_cancelled" if end == "cancelled" else "batch_expired"
        error = {"code": code, "message": _REASONS[code]}
        wrong = batch.wrong + [_row(line, None, error) for line in lines[done:]]
        files = [("output", _rows(batch.done)), ("error", _rows(wrong))]
        with self._lock:
            for name, data in files:
                if data:
                    told[f"{name}_file_id"] = self._keep(data, f"{told['id']}_{name}.jsonl", "batch_output")["id"]
            told |= {"status": end, f"{end}_at": int(time.time())}
            batch.done, batch.wrong = [], []


def read_lines(data: bytes, models: tuple[str, ...] = ()) -> tuple[list[_Line], list[dict[str, Any]]]:
    """The requests of a batch's file, and what is wrong with its lines (from 1), as `errors.data` of a batch has it."""
    rows = data.rstrip(b"\r\n").split(b"\n")
    errors: list[dict[str, Any]] = []
    if not data.strip() or len(rows) > MOST_REQUESTS:
        code, words = (
            ("empty_file", "The file has no request.") if not data.strip() else ("too_many_tasks", f"At most {MOST_REQUESTS} lines.")
        )
        return [], [{"code": code, "message": words, "param": None, "line": None}]
    lines: list[_Line] = []
    seen: set[str] = set()
    first: Any = None
    for number, row in enumerate(rows, start=1):
        try:
            value = json.loads(row)
        except (ValueError, RecursionError):
            value = None
        wrong = _wrong(value, seen)
        if wrong is None:
            lines.append(_Line(value["custom_id"], value["body"]))
            seen.add(value["custom_id"])
            model = value["body"].get("model")
            first = model if len(lines) == 1 else first
            if model != first:
                wrong = "mismatched_model", "body.model", "All requests of a batch must name the same model."
            elif models and model not in models:
                wrong = "model_not_found", "body.model", "There is no such model."
        if wrong is not None:
            errors.append({"code": wrong[0], "message": wrong[2], "param": wrong[1], "line": number})
    return lines, errors[:_MOST_ERRORS]


def _wrong(value: Any, seen: set[str]) -> tuple[str, str | None, str] | None:
    """Code, parameter and words for a line that is no request; None for a good one."""
    if not isinstance(value, dict):
        return "invalid_json_line", None, "This line is no JSON object."
    custom_id = value.get("custom_id")
    if not isinstance(custom_id, str) or not custom_id:
        return "missing_required_parameter", "custom_id", "A request needs a custom_id."
    if custom_id in seen:
        return "duplicate_custom_id", "custom_id", "An earlier request of the batch has this custom_id."
    if value.get("method") != "POST":
        return "invalid_method", "method", "The method must be POST."
    if value.get("url") != ENDPOINT:
        return "mismatched_url", "url", f"The url must be the batch's endpoint, {ENDPOINT}."
    if not isinstance(value.get("body"), dict):
        return "missing_required_parameter", "body", "A request needs a body."
    return None


def _row(line: _Line, response: dict[str, Any] | None, error: dict[str, Any] | None) -> dict[str, Any]:
    return {"id": f"batch_req_{uuid.uuid4().hex[:24]}", "custom_id": line.custom_id, "response": response, "error": error}


def _rows(rows: list[dict[str, Any]]) -> bytes:
    """A file of rows, ordered by a digest of their names: in no order that a reader could rely on, and the same in every run."""
    shuffled = sorted(rows, key=lambda row: hashlib.sha256(json.dumps(row["custom_id"]).encode()).digest())
    return b"".join(json.dumps(row).encode() + b"\n" for row in shuffled)


def _sound_metadata(value: object) -> bool:
    if not isinstance(value, dict) or len(value) > 16:
        return False
    return all(len(name) <= 64 and isinstance(text, str) and len(text) <= 512 for name, text in value.items())


def _copy(told: dict[str, Any]) -> dict[str, Any]:
    """A copy that stays as it is while the batch goes on."""
    copied: dict[str, Any] = json.loads(json.dumps(told))
    return copied
