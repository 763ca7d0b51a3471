r"""What models wrap an answer in - markup, tags, JSON, tables, the next prompt - taken off, so that `answers` reads plain lines.

>>> plain('```json\n{"answer": "B"}\n```')
'B'
>>> plain("| drug | status |\n|---|---|\n| aspirin | active |")
'aspirin: active'
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_FENCE = re.compile(r"```\w*")
_MARKUP = re.compile(r"\\boxed|\\text(?:bf|rm)?\b|\\[()\[\]]|\*\*|__|`|\$|[{}]|\*(?=\S)|(?<=\S)\*")
_TAG = re.compile(
    r"</?(?:answer|final|response|output|s|b|i|u|p|br|em|strong|span|eos|bos|pad|unk|(?:start|end)_of_turn)\s*/?>|<\|\w+\|>|\[/?INST\]",
    re.I,
)
_THOUGHT = re.compile(r"^.*</think>", re.S)
_NEXT_PROMPT = re.compile(r"\n\s*(?:#{2,}\s|Below is an instruction\b)")
_HEADING = re.compile(r"^\s*#{1,6}\s*(?:the\s+)?(?:final\s+)?(?:answer|response|output)\s*:?\s*\n", re.I)
_RULE = re.compile(r"^[\s|:-]+$")
_ANSWER_KEYS = ("answer", "final_answer", "option", "choice", "label", "response", "output", "result", "antecedent")
_NAME_KEYS = ("medication", "drug", "name", "mention", "disease")


def plain(text: str) -> str:
    """The model's own text up to the next prompt that it makes up, NFKC, its lines kept, without what is only form."""
    text = _THOUGHT.sub("", unicodedata.normalize("NFKC", text))
    unfenced = _FENCE.sub("", text).strip()
    value = _json(unfenced)
    if value is not None:
        text = value
    lines = _rows(_HEADING.sub("", text.lstrip()).split("\n"))
    return _own(_MARKUP.sub("", _TAG.sub("", _FENCE.sub("", "\n".join(lines)))).strip())


def bare(text: str) -> str:
    """One line of text without markup and tags, for comparing; nothing is cut off it."""
    return _MARKUP.sub("", _TAG.sub("", unicodedata.normalize("NFKC", text))).strip()


def _own(text: str) -> str:
    found = _NEXT_PROMPT.search(text)
    return text[: found.start()] if found and text[: found.start()].strip() else text


def _json(text: str) -> str | None:
    """What the JSON object or array at the start of the text says, as lines; None where there is none, or it says nothing of the kind."""
    if text[:1] not in ("{", "["):
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return _said(value)


def _said(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [_said(part) for part in value]
        return "none" if not value else None if None in parts else "\n".join(part for part in parts if part is not None)
    if not isinstance(value, dict):
        return None
    keys = {str(key).lower(): inner for key, inner in value.items()}
    for key in _ANSWER_KEYS:
        if key in keys:
            return _said(keys[key])
    name = next((keys[key] for key in _NAME_KEYS if isinstance(keys.get(key), str)), None)
    if name is not None:
        return f"{name} ({keys['status']})" if isinstance(keys.get("status"), str) else name
    if value and all(isinstance(inner, str) for inner in value.values()):
        return "\n".join(f"{key}: {inner}" for key, inner in value.items())
    return None


def _rows(lines: list[str]) -> list[str]:
    """Lines with the rows of a Markdown table as `cell: cell`, its head and rule left out."""
    found: list[str] = []
    for line in lines:
        row = line.strip()
        if not (row.startswith("|") and row.endswith("|") and row.count("|") > 2):
            found.append(line)
        elif _RULE.match(row):
            del found[-1:]
        else:
            found.append(": ".join(cell.strip() for cell in row.strip("|").split("|")))
    return found
