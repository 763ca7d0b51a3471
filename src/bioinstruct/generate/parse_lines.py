"""A reply as lines that `parse.py` can read: what models put around and between numbered tasks is brought into the list's own form."""

from __future__ import annotations

import re

_THINKING = re.compile(r"^\s*<think(?:ing)?>(.*?)</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
"""A reasoning model's thoughts, served with the answer."""
_INVISIBLE = re.compile("^[\ufeff\u200b\u200e\u200f\u2060]+")
_TOGETHER = re.compile(
    r"(?<=\S)[ \t]+(?=[*_]{0,3}(\d{1,3})[.)][ \t]*[*_]{0,3}(instruction|input|output)[*_]{0,3}[ \t]*[:：])", re.IGNORECASE
)
"""A numbered heading in the middle of a line: two fields, or two tasks, run together."""
_WORD = re.compile(r"\w")
_LABEL = re.compile(r"^[ \t>#*_-]*(?:(?:task|example|item|instruction)[ \t]*)?#?(\d{1,3})[ \t]*[.:)]?[*_]*[ \t]*$", re.IGNORECASE)
"""A line with a task's number alone: "### Task 5", "5.", "**Task 5:**"."""
_NUMBERLESS = re.compile(r"^([ \t>#*_-]*)(instructions?\b[*_]*[ \t]*[:：].*)$", re.IGNORECASE)


def lines(reply: str) -> list[str]:
    """The reply's lines, ready for reading: no thoughts, no invisible marks, joined fields apart, numbers on their headings."""
    text = reply.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    thinking = _THINKING.match(text)
    if thinking is not None:
        text = text[thinking.end() :]
    found: list[str] = []
    for line in text.split("\n"):
        found.extend(_apart(_INVISIBLE.sub("", line)))
    return _numbered(found)


def _apart(line: str) -> list[str]:
    """One line, or several where numbered headings follow words within it."""
    parts: list[str] = []
    start = 0
    for match in _TOGETHER.finditer(line):
        if _WORD.search(line, start, match.start()):
            parts.append(line[start : match.start()])
            start = match.end()
    return [*parts, line[start:]]


def _numbered(found: list[str]) -> list[str]:
    """Labels ("Task 5") before a heading without a number become its number; a reply whose headings have numbers is left as it is."""
    made = list(found)
    for place, line in enumerate(found):
        heading = _NUMBERLESS.match(line)
        if heading is None:
            continue
        before = place - 1
        while before >= 0 and not found[before].strip():
            before -= 1
        label = _LABEL.match(found[before]) if before >= 0 else None
        if label is not None:
            made[place], made[before] = f"{heading[1]}{label[1]}. {heading[2]}", ""
    return made
