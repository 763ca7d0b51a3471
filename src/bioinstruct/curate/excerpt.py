"""Long texts shown short, and said to be."""

from __future__ import annotations

from typing import Any

LIMIT = 600
"""Characters of a text that are shown."""


def excerpt(text: str, limit: int = LIMIT) -> dict[str, Any]:
    """{text, characters, cut}: the first `limit` characters, how long the whole is, and whether that is more."""
    return {"text": text[:limit], "characters": len(text), "cut": len(text) > limit}
