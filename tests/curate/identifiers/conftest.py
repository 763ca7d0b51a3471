"""Marked texts: «...» is an identifier of the kind that is tested."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bioinstruct.curate.identifiers import find


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    text, spans, begin = "", [], 0
    for piece in re.split("([«»])", marked):
        if piece == "«":
            begin = len(text)
        elif piece == "»":
            spans.append((begin, len(text)))
        else:
            text += piece
    return text, spans


@pytest.fixture
def finds() -> Callable[[str, str], None]:
    """Checks that of one kind the marked values are found, with their exact places, and no other."""

    def check(kind: str, marked: str) -> None:
        text, spans = _unmarked(marked)
        assert [text[one.start : one.end] for one in find(text) if one.kind == kind] == [text[start:end] for start, end in spans]
        assert [(one.start, one.end) for one in find(text) if one.kind == kind] == spans

    return check


@pytest.fixture
def finds_nothing() -> Callable[[str], None]:
    """Checks that a text holds no identifier of any kind."""

    def check(text: str) -> None:
        assert [(one.kind, text[one.start : one.end]) for one in find(text)] == []

    return check
