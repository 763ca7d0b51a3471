"""How likely a server finds a text that goes on after a prompt: the form that lm-eval asks `/completions` in, too.

The server is sent prompt and continuation as one text and asked to give it back with the log-probability of each of its tokens (`echo`
and `logprobs`), and one token more, since many write at least one. vLLM does so; hosted chat models do not. What counts is the
continuation's own tokens: where the tokenizer joins its first characters with the prompt's last ones there is no such likelihood, and
that is said.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from bioinstruct.core.errors import ModelError
from bioinstruct.core.records import Finish
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.chat import MalformedReply, usage

FIELDS: Mapping[str, Any] = {"echo": True, "logprobs": 1}
"""Of a request, beside model, prompt and a cap of one token."""
_ALLOWED = "the text that was sent, and the log-probability of each of its tokens (`echo` and `logprobs` of /completions, as vLLM has them)"


def reply_from(body: object, call: Call, asked: str) -> Reply:
    """The reply in a body of `/completions`: its text is JSON, the log-probabilities of the continuation's tokens.

    Args:
        body: What the server sent.
        call: The request; its last `continuation` characters are what is judged.
        asked: The model's name, used where the body names none.

    Raises:
        MalformedReply: it is no completion; asking again may help.
        ModelError: the server does not give back what it was sent, gives no log-probabilities, or has no token that begins where the
            continuation begins.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(body, dict) or not isinstance(choice, dict) or not isinstance(choice.get("text"), str):
        raise MalformedReply(f"model '{asked}': got a reply without choices[0].text; allowed: a completion")
    start = choice["text"].find(call.prompt)
    if start < 0:
        raise ModelError(f"model '{asked}': got a reply that does not repeat the prompt; allowed: {_ALLOWED}")
    told = choice.get("logprobs")
    offsets, values = (told.get("text_offset"), told.get("token_logprobs")) if isinstance(told, dict) else (None, None)
    if not isinstance(offsets, list) or not isinstance(values, list) or not offsets or len(offsets) != len(values):
        raise ModelError(f"model '{asked}': got a reply without log-probabilities; allowed: {_ALLOWED}")
    end = start + len(call.prompt)
    begin = end - call.continuation
    found = [value for offset, value in zip(offsets, values, strict=True) if begin <= offset < end]
    if begin not in offsets:
        there = call.prompt[-call.continuation - 8 :][:16]
        raise ModelError(
            f"model '{asked}': no token begins where the option does, in {there!r}; allowed: another template, or rank: written"
        )
    if not all(isinstance(value, int | float) and not isinstance(value, bool) and value <= 0 and math.isfinite(value) for value in found):
        raise ModelError(f"model '{asked}': got log-probabilities that are none; allowed: {_ALLOWED}")
    prompt_tokens, output_tokens, cached, hidden = usage(body.get("usage"))
    model = body.get("model")
    name = model if isinstance(model, str) and model else asked
    return Reply(json.dumps(found), Finish.STOP, prompt_tokens, output_tokens, name, cached, hidden)


def read(reply: Reply) -> list[float] | None:
    """The log-probabilities in such a reply, one a token; None where the server would not answer (its prompt was too long, say)."""
    return None if reply.finish is Finish.ERROR else [float(value) for value in json.loads(reply.text)]
