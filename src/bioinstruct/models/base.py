"""What every model of the project gives back, and what a teacher must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bioinstruct.core.records import Finish


@dataclass(frozen=True)
class Reply:
    """One reply of a teacher: its text, why it ended and what the request cost in tokens."""

    text: str
    finish: Finish
    prompt_tokens: int
    """0 with 0 output tokens: the server did not say."""
    output_tokens: int
    """Hidden reasoning tokens included, as they are billed."""
    model: str
    cached_tokens: int = 0
    """Of the prompt tokens, those the server read from its cache at a lower price."""
    reasoning_tokens: int = 0
    """Of the output tokens, those that are not in the text."""

    @property
    def tells_usage(self) -> bool:
        """Whether the server said how many tokens the request took."""
        return self.prompt_tokens > 0 or self.output_tokens > 0


@dataclass(frozen=True)
class Call:
    """One request to a teacher, and its place in the ledger (purpose and key)."""

    purpose: str
    """generate, label, check or judge."""
    key: str
    prompt: str
    """The user's message."""
    temperature: float
    max_tokens: int
    """Completion cap, hidden reasoning included."""
    seed: int
    """Sampling seed, as far as the teacher has one."""
    schema: Mapping[str, Any] | None = None
    """JSON schema that the reply must follow; None = plain text."""
    sources: tuple[str, ...] = ()
    """Where it comes from: ids of seeds, or of an item."""
    settings: str = ""
    """What else the reply depends on (teacher, temperature ...), as canonical JSON."""
    continuation: int = 0
    """Where not 0: no text is asked for, but how likely the prompt's last so many characters are after the others (`likelihood.py`)."""

    @property
    def messages(self) -> list[dict[str, str]]:
        """The chat messages."""
        return [{"role": "user", "content": self.prompt}]


class Failure(StrEnum):
    """Why one attempt gave no reply. Asking again may help with all but `REFUSED`."""

    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    TIMED_OUT = "timed_out"
    DISCONNECTED = "disconnected"
    NOT_A_REPLY = "not_a_reply"
    """An answer came, but no chat completion can be read in it."""
    REFUSED = "refused"
    """The server will not answer this, however often it is asked."""
    UNSENT = "unsent"
    """It was written down and did not leave, or never reached the server."""
    LOST = "lost"
    """We were killed, or stopped waiting, before the answer was on disk."""
    NOT_RUN = "not_run"
    """Its batch ended (expired, cancelled, refused as a whole) before its turn came."""


BILLED_PERHAPS = frozenset({Failure.TIMED_OUT, Failure.DISCONNECTED, Failure.NOT_A_REPLY, Failure.LOST})
"""After these a server may have worked, and charge for it."""


class Trouble(Exception):
    """An attempt without a reply that may be made again.

    Args:
        failure: What happened.
        words: The server's own, or ours where it said nothing; never a key.
        wait: Seconds that the server asks to be left alone; None = it did not say.
    """

    def __init__(self, failure: Failure, words: str, wait: float | None = None) -> None:
        super().__init__(words)
        self.failure, self.words, self.wait = failure, words, wait


class PromptRefused(Exception):
    """The server answers other requests and will not answer this prompt (a filter, its length): asking again is of no use.

    Args:
        words: The server's own.
    """

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Headroom:
    """What a server says is left of a rate limit."""

    left: int
    """Requests, or tokens."""
    reset: float
    """Seconds until there is more."""


@dataclass(frozen=True)
class Answer:
    """A reply, and what the server said about its limits (requests, tokens)."""

    reply: Reply
    headroom: tuple[Headroom, ...] = field(default=())


class Teacher(Protocol):
    """Anything that answers chat messages; the name identifies it in records."""

    name: str

    async def ask(self, call: Call) -> Answer:
        """Make one attempt.

        Raises:
            Trouble: No reply this time.
            ModelError: There will be none, however often it is asked; carries the server's words.
        """
        ...

    async def close(self) -> None:
        """End its connections."""
        ...


@dataclass(frozen=True)
class Generated:
    """One completion of a local model: its token ids without the prompt, their text and why it ended."""

    ids: tuple[int, ...]
    text: str
    finish: Finish


@dataclass(frozen=True)
class Question:
    """One question to rank options for, as token ids.

    The first `shared` ids of `prompt` are equal for many questions (the template's preamble;
    0 = nothing is shared), so that one pass can compute them once.
    """

    prompt: tuple[int, ...]
    shared: int
    options: tuple[tuple[int, ...], ...]
