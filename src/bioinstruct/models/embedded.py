"""The embedded teachers in process: the same chat-completions protocol as a server, without the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bioinstruct.embedded import general_chat, teacher
from bioinstruct.models.base import Answer, Call
from bioinstruct.models.chat import reply_from

CHATS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"embedded": teacher.chat, "embedded-general": general_chat.chat}
"""Value of `generate.teacher` -> what answers: the biomedical teacher, and that of everyday tasks."""


class EmbeddedTeacher:
    """Answers from tables that ship with the package; a pure function of messages and seed. `name` is one of `CHATS`."""

    def __init__(self, name: str = "embedded") -> None:
        self.name = name

    async def ask(self, call: Call) -> Answer:
        """Answer as the embedded teacher does; raises `ModelError` where it reports an error."""
        request = {
            "model": self.name,
            "messages": call.messages,
            "temperature": call.temperature,
            "max_tokens": call.max_tokens,
            "seed": call.seed,
        }
        return Answer(reply_from(CHATS[self.name](request), self.name))

    async def close(self) -> None:
        """Nothing to end."""
