"""The embedded teachers in process: the same chat-completions protocol as a server, without the server."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from bioinstruct.embedded import general_chat, teacher
from bioinstruct.models.base import Answer, Call
from bioinstruct.models.chat import reply_from

TEACHERS: Mapping[str, ModuleType] = {"embedded": teacher, "embedded-general": general_chat}
"""Value of `generate.teacher` -> the module whose `chat` answers: the biomedical teacher, and that of everyday tasks."""


class EmbeddedTeacher:
    """Answers from tables that ship with the package; a pure function of messages and seed. `name` is one of `TEACHERS`."""

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
        return Answer(reply_from(TEACHERS[self.name].chat(request), self.name))

    async def close(self) -> None:
        """Nothing to end."""
