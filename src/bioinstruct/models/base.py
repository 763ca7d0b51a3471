"""What every model of the project gives back, and what a teacher must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bioinstruct.core.records import Finish


@dataclass(frozen=True)
class Reply:
    """One reply of a teacher: its text, why it ended and what the request cost in tokens."""

    text: str
    finish: Finish
    prompt_tokens: int
    output_tokens: int
    model: str


class Teacher(Protocol):
    """Anything that answers chat messages; the name identifies it in records."""

    name: str

    def ask(self, messages: list[dict[str, str]], *, temperature: float, max_tokens: int, seed: int) -> Reply:
        """Return one reply to the messages.

        Raises:
            ModelError: The teacher cannot answer.
        """
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
