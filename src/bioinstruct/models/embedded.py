"""The embedded teacher in process: the same chat-completions protocol as a server, without the server."""

from __future__ import annotations

from bioinstruct.embedded import teacher
from bioinstruct.models.base import Reply
from bioinstruct.models.chat import reply_from


class EmbeddedTeacher:
    """Answers from the small made-up world; a pure function of messages and seed."""

    name = "embedded"

    def ask(self, messages: list[dict[str, str]], *, temperature: float, max_tokens: int, seed: int) -> Reply:
        """Return the embedded teacher's reply; raises `ModelError` where it reports an error."""
        request = {"model": self.name, "messages": messages, "temperature": temperature, "max_tokens": max_tokens, "seed": seed}
        return reply_from(teacher.chat(request), self.name)
