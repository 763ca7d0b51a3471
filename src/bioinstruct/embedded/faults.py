"""What a rehearsal server does wrong on purpose, and what it answers: a pure function of the script and the request.

Faults are of two kinds, drawn from hashes of (script seed, the request's seed and messages) and therefore the same in every run,
in whatever order requests come:

- *Passing* faults (`PASSING`) are drawn for every attempt anew, with the number of earlier attempts at this very request in the hash:
  asking again helps sooner or later, unless their shares add up to 1.
- *Lasting* faults (`LASTING`) change what is read. They are drawn without the number of attempts: a request that is answered with a
  truncated text is answered with that text whenever it is answered, whatever attempts came before.

Both draws are independent: a passing share is of all attempts, a lasting one of all different requests.

    >>> Script(faults={"server_error": 0.5}).seed
    0
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from bioinstruct.core.errors import InputError, Problem, raise_problems
from bioinstruct.embedded import rater, teacher

PASSING = ("rate_limited", "rate_limited_after", "server_error", "unavailable", "hang", "reset", "invalid_json")
LASTING = ("truncated", "wrong_usage", "refusal", "empty")
DECLINED = "I am sorry, but this is a request that I must decline."
"""The text of the fault `refusal`."""
LONGEST_LIST = 1_000
"""Tasks in one list; a prompt that states more is refused, since its text would be written to the end before any cap cuts it."""

_WORD = re.compile(r"\S+")
_STATED = re.compile(r"\blist of (\d+)\b", re.IGNORECASE)
_NOTHING = object()
_WRONG_USAGES: tuple[object, ...] = (
    _NOTHING,
    None,
    {},
    {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
    {"prompt_tokens": -1, "completion_tokens": -40, "total_tokens": -41},
    {"prompt_tokens": "some", "completion_tokens": "many", "total_tokens": "lots"},
    {"prompt_tokens": 10**18, "completion_tokens": 10**18, "total_tokens": 2 * 10**18},
)


@dataclass(frozen=True)
class Script:
    """How the server behaves; the default is a quick and faultless one that wants no key.

    Raises:
        InputError: A value is out of range; lists every one that is.
    """

    seed: int = 0
    """Draws the faults and the answer times; another seed gives other requests the same shares of faults."""
    latency: float = 0.0
    """Median seconds from a request to its answer. Refusals come at once, but for `server_error`."""
    spread: float = 0.0
    """Sigma of the lognormal answer time; 0 = all answers take `latency`."""
    faults: Mapping[str, float] = field(default_factory=dict)
    """Name (of `PASSING` or `LASTING`) -> share of the chat requests, 0 to 1; together at most 1.

    `rate_limited`: 429. `rate_limited_after`: 429 with Retry-After. `server_error`: 500. `unavailable`: 503 with Retry-After.
    `hang`: no answer. `reset`: half an answer, then a connection reset. `invalid_json`: 200 and a body that is no JSON.
    `truncated`: a text cut in the middle, finish_reason "length". `wrong_usage`: a good text whose usage is absurd or missing.
    `refusal`: a refusal in place of a text. `empty`: an empty text.
    """
    retry_after: float = 0.1
    """Seconds in Retry-After where a fault or `at_once` sends it. A fraction is sent as one, though the standard knows whole seconds."""
    hang_seconds: float = 30.0
    """Seconds after which a hanging connection is closed without an answer, unless the client goes away before."""
    requests_per_second: float | None = None
    """Chat requests let through per second in the long run, above that 429; None = any number. A token bucket, full at the start."""
    burst: float = 1.0
    """Size of that bucket in seconds of `requests_per_second`; it never holds less than one request."""
    announce: bool = True
    """Whether the limits speak: Retry-After on their 429, and OpenAI's x-ratelimit-*-requests headers where there is a rate."""
    at_once: int | None = None
    """Most chat requests handled at the same time, above that 429; None = any number."""
    key: str | None = None
    """The key that requests must carry, as `Authorization: Bearer KEY` or `api-key: KEY`; None = none is needed."""
    balance: int | None = None
    """Completion tokens (hidden ones count) after which every request gets 429 `insufficient_quota`; None = no end.

    What is being answered when it runs out is still answered, so that the sum ends somewhat above.
    """
    models: tuple[str, ...] = ()
    """Known model names, echoed in answers; another gets 404. Empty = every name is taken, and answers name the embedded teacher."""
    reasoning: int = 0
    """Hidden tokens before every text, billed as completion tokens. Above 0, `max_tokens` and other temperatures than 1 are refused."""
    batch_seconds: float = 0.0
    """Seconds from the creation of a batch to its end; its requests are done evenly in between, or as fast as they can be."""
    batch_expires_after: float | None = None
    """Share of a batch's requests, 0 to below 1, that are done when it expires; None = batches are completed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "faults", dict(self.faults))
        object.__setattr__(self, "models", tuple(self.models))
        raise_problems(self._problems())

    def _problems(self) -> list[Problem]:
        found: list[Problem] = []

        def demand(name: str, value: object, sound: bool, allowed: str) -> None:
            if not sound:
                found.append(Problem(f"script.{name}", repr(value), allowed))

        demand("seed", self.seed, _whole(self.seed), "a whole number")
        for name in ("latency", "spread", "retry_after", "hang_seconds", "burst", "batch_seconds"):
            value = getattr(self, name)
            demand(name, value, _number(value) and value >= 0, "a number from 0")
        for name in self.faults:
            share = self.faults[name]
            demand(f"faults.{name}", share, _number(share) and 0 <= share <= 1, "a share from 0 to 1")
            demand("faults", name, name in PASSING + LASTING, ", ".join(PASSING + LASTING))
        if not found:  # a sum of what is no share says nothing; 1e-9 is for ten times 0.1
            demand("faults", sum(self.faults.values()), sum(self.faults.values()) <= 1 + 1e-9, "shares with a sum of at most 1")
        rate, share_done = self.requests_per_second, self.batch_expires_after
        demand("requests_per_second", rate, rate is None or (_number(rate) and rate > 0), "a number above 0, or none")
        demand("batch_expires_after", share_done, share_done is None or (_number(share_done) and 0 <= share_done < 1), "a share below 1")
        for name, least in (("at_once", 1), ("balance", 0), ("reasoning", 0)):
            value = getattr(self, name)
            none = value is None and name != "reasoning"
            demand(name, value, none or (_whole(value) and value >= least), f"a whole number from {least}")
        good = all(isinstance(name, str) and name.strip() for name in self.models)
        demand("models", self.models, good, "names that are not empty")
        if self.key is not None and not (self.key and self.key.isascii() and self.key.isprintable() and " " not in self.key):
            found.append(Problem("script.key", "a text that no header can carry", "printable ASCII without spaces"))  # never shows the key
        return found


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Refused(Exception):
    """An answer that is an error: its HTTP status, OpenAI's error object and headers beyond the usual ones."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, dict(headers or {})
        self.content: dict[str, Any] = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True)
class Asked:
    """A chat request that can be answered. Equal ones have equal answers."""

    messages: str
    """The messages as JSON with sorted keys."""
    seed: int | None
    cap: int | None
    """Most completion tokens; None = no cap."""
    structured: bool
    """Whether the text is to be a JSON object."""
    model: str
    """The name to be echoed."""

    @property
    def identity(self) -> str:
        """What the faults depend on: a digest of seed and messages, as hexadecimal digits."""
        return hashlib.sha256(f"{self.seed}\0{self.messages}".encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """A chat completion: its bytes, the true number of tokens (whatever its usage says), and the lasting fault it has, if any."""

    data: bytes
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    fault: str | None


def read_request(body: Any, script: Script, deployment: str | None = None) -> Asked:
    """Check the body of a chat request; `deployment` is a model that the address names, which then counts.

    Raises:
        Refused: 400 for what no server could answer or this one does not, 404 for an unknown model.
    """
    if not isinstance(body, dict):
        raise Refused(400, "body: got no JSON object; allowed: a chat-completions request")
    model = deployment if deployment is not None else body.get("model")
    if script.models:
        if not isinstance(model, str):
            raise Refused(400, f"model: got {_short(model)}; allowed: the name of a model", param="model")
        if model not in script.models:
            known = ", ".join(script.models)
            raise Refused(404, f"model: got {_short(model)}; allowed: {known}", code="model_not_found", param="model")
    for name, allowed in (("stream", (None, False)), ("n", (None, 1))):
        if body.get(name) not in allowed:
            raise Refused(400, f"{name}: got {_short(body[name])}; allowed: {json.dumps(allowed[1])}", param=name, code="unsupported_value")
    messages = body.get("messages")
    final = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(final, dict) or not isinstance(final.get("content"), str):
        allowed_messages = "a list whose last entry has a text 'content'"
        raise Refused(400, f"messages: got {_short(messages)}; allowed: {allowed_messages}", param="messages")
    seed = body.get("seed")
    if seed is not None and not (_whole(seed) and abs(seed) < 2**63):
        raise Refused(400, f"seed: got {_short(seed)}; allowed: a whole number of 64 bits", param="seed")
    name = "max_tokens" if body.get("max_completion_tokens") is None else "max_completion_tokens"
    cap = body.get(name)
    if script.reasoning:
        _refuse_for_reasoning(body)
    if cap is not None and not (_whole(cap) and cap >= 1):
        raise Refused(400, f"{name}: got {_short(cap)}; allowed: a whole number from 1", param=name)
    return Asked(json.dumps(messages, sort_keys=True), seed, cap, _structured(body), str(model) if script.models else teacher.NAME)


def _refuse_for_reasoning(body: Mapping[str, Any]) -> None:
    if body.get("max_tokens") is not None:
        words = "Unsupported parameter: this model does not take 'max_tokens'. Use 'max_completion_tokens' instead."
        raise Refused(400, words, code="unsupported_parameter", param="max_tokens")
    temperature = body.get("temperature")
    if temperature is not None and temperature != 1:
        words = f"Unsupported value: 'temperature' cannot be {_short(temperature)} with this model, which takes the default (1) only."
        raise Refused(400, words, code="unsupported_value", param="temperature")


def _structured(body: Mapping[str, Any]) -> bool:
    """Whether a JSON object is asked for, by a schema or without one."""
    asked = body.get("response_format")
    if asked is None or asked == {"type": "text"} or asked == {"type": "json_object"}:
        return asked == {"type": "json_object"}
    schema = asked.get("json_schema") if isinstance(asked, dict) and asked.get("type") == "json_schema" else None
    if not isinstance(schema, dict) or not isinstance(schema.get("name"), str):
        allowed = 'an object of type "text" or "json_object", or of type "json_schema" with a json_schema that has a name'
        raise Refused(400, f"response_format: got {_short(asked)}; allowed: {allowed}", param="response_format")
    return True


def _short(value: object) -> str:
    """A value from outside as JSON of at most 80 characters: it may hold anything, of any length."""
    return json.dumps(value)[:80]


def _draw(script: Script, *parts: object) -> float:
    """A number from 0 to below 1 that depends on the script's seed and the parts alone."""
    digest = hashlib.sha256("\0".join(map(str, (script.seed, *parts))).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53  # 53 bits: with more, a draw could round up to 1


def _pick(script: Script, names: tuple[str, ...], draw: float) -> str | None:
    for name in names:
        draw -= script.faults.get(name, 0.0)
        if draw < 0:
            return name
    return None


def passing_fault(script: Script, identity: str, attempt: int) -> str | None:
    """Fault of `PASSING` that attempt 0, 1, 2 ... at a request meets, if any; `identity` is `Asked.identity`."""
    return _pick(script, PASSING, _draw(script, "passing", identity, attempt))


def lasting_fault(script: Script, identity: str) -> str | None:
    """Fault of `LASTING` that the answer to a request has, if any."""
    return _pick(script, LASTING, _draw(script, "lasting", identity))


def answer_time(script: Script, identity: str, attempt: int) -> float:
    """Seconds that this attempt takes."""
    if not script.latency or not script.spread:
        return script.latency
    middle = min(max(_draw(script, "latency", identity, attempt), 1e-9), 1 - 1e-9)  # the ends are infinite
    return script.latency * math.exp(script.spread * NormalDist().inv_cdf(middle))


def broken_body(script: Script, identity: str, data: bytes) -> tuple[str, bytes]:
    """Content type and body of the fault `invalid_json`: a gateway's page, half an answer, or nothing."""
    page = b"<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"
    forms = (("text/html", page), ("application/json", data[: len(data) // 2]), ("application/json", b""))
    return forms[int(_draw(script, "broken", identity) * len(forms))]


def compose(script: Script, asked: Asked) -> Answer:
    """The answer to a request, with its lasting fault if it has one; tokens are white-space words.

    Raises:
        Refused: 400 for messages with text that is no Unicode, or that ask for a list of more than `LONGEST_LIST` tasks.
    """
    messages, identity = json.loads(asked.messages), asked.identity
    # What a question about a record quotes is no list that is asked for.
    stated = None if rater.is_asked(messages[-1]["content"]) else _STATED.search(messages[-1]["content"])
    if stated and (len(stated[1]) > 9 or int(stated[1]) > LONGEST_LIST):
        raise Refused(400, f"messages: got a list of {stated[1][:12]} tasks; allowed: at most {LONGEST_LIST}", param="messages")
    try:
        content = teacher.chat({"messages": messages, "seed": asked.seed})
    except ValueError as error:  # half of a surrogate pair cannot be hashed
        raise Refused(400, str(error), param="messages") from None
    choice, fault = content["choices"][0], lasting_fault(script, identity)
    text, finish, declined = choice["message"]["content"], choice["finish_reason"], None
    if asked.structured:
        text, finish, declined = _as_object(messages[-1]["content"], asked.seed or 0)
    if fault == "refusal":
        declined = DECLINED
    if declined is not None:
        text, finish = declined, "stop"
    elif fault == "empty":
        text, finish = "", "stop"
    elif fault == "truncated":
        words = len(_WORD.findall(text))
        text, finish = _cut(text, max(1, int(words * (0.25 + _draw(script, "cut", identity) / 2)))), "length"
    hidden = script.reasoning if asked.cap is None else min(script.reasoning, asked.cap)
    room = None if asked.cap is None else asked.cap - hidden
    if room is not None and len(_WORD.findall(text)) > room:
        text, finish = _cut(text, room), "length"
    choice["message"] = {"role": "assistant", "content": text}
    if declined is not None:
        choice["message"] = {"role": "assistant", "content": None, "refusal": text}
    choice["finish_reason"] = finish
    prompt_tokens, said = content["usage"]["prompt_tokens"], hidden + len(_WORD.findall(text))
    usage: dict[str, Any] = {"prompt_tokens": prompt_tokens, "completion_tokens": said, "total_tokens": prompt_tokens + said}
    if script.reasoning:
        usage["completion_tokens_details"] = {"reasoning_tokens": hidden}
    content |= {"model": asked.model, "usage": usage}
    if asked.cap is not None or asked.structured:  # other answers than the plain one have names of their own
        content["id"] += f"-{asked.cap or 0}{'-object' if asked.structured else ''}"
    if fault == "wrong_usage":
        content["usage"] = _WRONG_USAGES[int(_draw(script, "usage", identity) * len(_WRONG_USAGES))]
        if content["usage"] is _NOTHING:
            del content["usage"]
    return Answer(json.dumps(content).encode(), prompt_tokens, said, hidden, fault)


def _cut(text: str, words: int) -> str:
    """The first words of a text, with the white space between them; it must have more."""
    places = [match.end() for match in _WORD.finditer(text)]
    return text[: places[words - 1]] if words else ""


def _as_object(prompt_text: str, seed: int) -> tuple[str, str, str | None]:
    """The teacher's tasks as a JSON object, its finish reason, and the words of a refusal where the prompt asks for no tasks."""
    try:
        made = teacher.reply(prompt_text, seed)
    except InputError:
        return "", "stop", teacher.REFUSAL
    tasks = [{"instruction": task.instruction, "input": task.input, "output": task.output} for task in made.tasks]
    text = json.dumps({"tasks": tasks}, ensure_ascii=False)
    if not made.cut:
        return text, "stop", None
    return text[: -(len(json.dumps(tasks[-1], ensure_ascii=False)) // 2)], "length", None
