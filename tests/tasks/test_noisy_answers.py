"""Texts as models write them, and what a person reads in them: `noisy_answers.jsonl`, one a line, written for this test.

`answer` is the option or label, the medications as [name, status], the mentions, or the expression; null (for an expression "") where a
person would not say what the answer is, so that it counts as unparsed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.tasks import answers

ROWS = [json.loads(line) for line in (Path(__file__).parent / "noisy_answers.jsonl").read_text(encoding="utf-8").splitlines()]


def read(row: dict[str, Any]) -> object:
    match row["kind"]:
        case "option":
            return answers.option(row["text"], row["options"])
        case "label":
            return answers.label(row["text"], row["options"])
        case "medications":
            found = answers.mentions(row["text"])
            return None if found is None else [list(pair) for pair in found]
        case "mentions":
            return answers.names(row["text"], row["passage"])
        case kind:
            assert kind == "span"
            return answers.span(row["text"])


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row['kind']}" for number, row in enumerate(ROWS, start=1)])
def test_it_is_read_as_a_person_would(row: dict[str, Any]) -> None:
    assert read(row) == row["answer"], row["text"]


def test_the_table_is_large_and_holds_each_text_once() -> None:
    assert len(ROWS) >= 120
    assert len({(row["kind"], tuple(row.get("options", ())), row["text"]) for row in ROWS}) == len(ROWS)
    assert all(row["answer"] in (None, *row["options"]) for row in ROWS if "options" in row)
