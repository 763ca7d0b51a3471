"""A chat-completions answer (JSON) becomes a `Reply` here and nowhere else, whoever gave it: a server or the embedded teacher."""

from __future__ import annotations

from typing import Any

from bioinstruct.core.errors import ModelError
from bioinstruct.core.records import Finish
from bioinstruct.core.text import squeeze
from bioinstruct.models.base import Reply

FINISH = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "eos_token": Finish.STOP,
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
    "content_filter": Finish.ERROR,
}
"""What servers call the ways a completion ends."""


class MalformedReply(ModelError):
    """The answer is not a chat completion; asking again may help."""


def reply_from(body: object, asked: str) -> Reply:
    """The reply in a chat-completions body; `asked` is the model name used where the body names none.

    A refusal or a filtered completion becomes a reply with finish ERROR whose text is the reason. A server that
    does not report its usage gives 0 prompt and 0 output tokens.

    Raises:
        MalformedReply: No choice, no message, or a finish reason that is not known.
        ModelError: The body is an error report; the message carries its words.
    """
    if not isinstance(body, dict):
        raise MalformedReply(f"model '{asked}': got {type(body).__name__}; allowed: a chat-completions object")
    if body.get("error"):
        raise ModelError(f"model '{asked}': {_words(body['error'])}")
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise MalformedReply(f"model '{asked}': got a reply without choices[0].message; allowed: a chat-completions object")
    reason = choice.get("finish_reason")
    if not isinstance(reason, str) or reason not in FINISH:
        raise MalformedReply(f"model '{asked}': got finish_reason {reason!r}; allowed: {', '.join(FINISH)}")
    text, finish = _text(message.get("content"), asked), FINISH[reason]
    refusal = message.get("refusal")
    if not text and isinstance(refusal, str) and refusal:
        text, finish = f"refused: {refusal}", Finish.ERROR
    elif finish is Finish.ERROR:
        text = f"{reason}: {text}" if text else reason
    prompt_tokens, output_tokens, cached, reasoning = usage(body.get("usage"))
    model = body.get("model")
    name = model if isinstance(model, str) and model else asked
    return Reply(whole_characters(text), finish, prompt_tokens, output_tokens, name, cached, reasoning)


def as_chat(body: object) -> object:
    """A body of `/completions` in the form of a chat completion; what is none is given back as it is."""
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(choices, list):
        return body
    return {
        **body,
        "choices": [{**one, "message": {"content": one["text"]}} if isinstance(one, dict) and "text" in one else one for one in choices],
    }


def whole_characters(text: str) -> str:
    """Text that UTF-8 can hold: halves of surrogate pairs, which JSON escapes can smuggle in, are joined or become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(content: object, asked: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in content):
        return "".join(part["text"] for part in content)
    raise MalformedReply(f"model '{asked}': got content of type {type(content).__name__}; allowed: text")


LARGEST = 2**31
"""Tokens above which a usage figure is no figure."""


def usage(told: Any) -> tuple[int, int, int, int]:
    """Prompt and output tokens, and of these the cached and the hidden ones; all 0 where the figures are none."""
    if not isinstance(told, dict):
        return 0, 0, 0, 0
    counts = _count(told.get("prompt_tokens")), _count(told.get("completion_tokens"))
    if counts[0] is None or counts[1] is None:
        return 0, 0, 0, 0
    details = told.get("prompt_tokens_details"), told.get("completion_tokens_details")
    cached = _count(details[0].get("cached_tokens")) if isinstance(details[0], dict) else None
    hidden = _count(details[1].get("reasoning_tokens")) if isinstance(details[1], dict) else None
    return counts[0], counts[1], min(cached or 0, counts[0]), min(hidden or 0, counts[1])


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST else None


def _words(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return squeeze(str(message or error))
