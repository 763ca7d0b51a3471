"""The embedded teacher in process: the same chat-completions protocol as a server, without the server."""

from __future__ import annotations

from bioinstruct.embedded import teacher
from bioinstruct.models.base import Answer, Call
from bioinstruct.models.chat import reply_from


class EmbeddedTeacher:
    """Answers from the small made-up world; a pure function of messages and seed."""

    name = "embedded"

    async def ask(self, call: Call) -> Answer:
        """Answer as the embedded teacher does; raises `ModelError` where it reports an error."""
        request = {
            "model": self.name,
            "messages": call.messages,
            "temperature": call.temperature,
            "max_tokens": call.max_tokens,
            "seed": call.seed,
        }
        return Answer(reply_from(teacher.chat(request), self.name))

    async def close(self) -> None:
        """Nothing to end."""
