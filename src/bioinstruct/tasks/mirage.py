"""What the multiple-choice parts of MIRAGE's `benchmark.json` share: {part: {id: {question, options, answer, PMID?}}}.

Worked examples are items of the same part that are not scored, for the file has one split.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bioinstruct.core.records import Item
from bioinstruct.core.text import squeeze
from bioinstruct.tasks.sources import Files, Row, inside, json_object_rows

LICENCE_NOTICE = "MIRAGE's files carry a public-domain notice"


def part(name: str, item: Callable[[Row], Item]) -> Files:
    """The part called `name` of a `benchmark.json`, given as the file or as its folder."""

    def scored(path: Path) -> list[Row]:
        return json_object_rows(inside(path, "benchmark.json"), name)

    return Files(f"MIRAGE's benchmark.json (its part '{name}'), or the folder with it", scored, item)


def choice(row: Row) -> tuple[str, tuple[str, ...], str]:
    """(question, option texts in order, right option's text) of a row; `DataError` where the answer is no option's letter."""
    options = row.get("options")
    if not isinstance(options, dict) or len(options) < 2 or not all(isinstance(text, str) and text.strip() for text in options.values()):
        raise row.error("options", repr(options)[:80], "an object of at least two letters, each with a text that is not empty")
    texts = {letter: squeeze(text) for letter, text in options.items()}
    return row.text("question"), tuple(texts.values()), texts[row.one_of("answer", tuple(texts))]


def choice_item(task: str, instruction: str) -> Callable[[Row], Item]:
    """Row -> item of a task whose every question stands alone."""

    def item(row: Row) -> Item:
        question, options, answer = choice(row)
        return Item(f"{task}/{row.name}", task, instruction, question, (answer,), options, row.name)

    return item
