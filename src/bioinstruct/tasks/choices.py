"""Questions with answers to choose from, in the shapes that their sources give them; each becomes one shape.

That shape is a row of `question`, `options` (letter -> text, in order) and `answer` (a letter), as MIRAGE's `benchmark.json` has it:
{part: {id: {question, options, answer, PMID?}}}. A converter checks what its source says twice (answer and its letter), so that
swapped columns are found.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bioinstruct.core.records import Item
from bioinstruct.core.text import squeeze
from bioinstruct.tasks.access import Copy
from bioinstruct.tasks.rows import Row, inside, json_object_rows, jsonl_rows, parquet_rows

LICENCE_NOTICE = "MIRAGE's files carry a public-domain notice"
MIRAGE = Copy("https://github.com/Teddy-XiongGZ/MIRAGE", ("benchmark.json",))
BENCHMARK = "benchmark.json"


def part(name: str) -> Callable[[Path], list[Row]]:
    """Reader of the part called `name` of MIRAGE's file, given as the file or as its folder."""
    return lambda path: json_object_rows(inside(path, BENCHMARK), name)


def choice(row: Row, number: int | None = None) -> tuple[str, tuple[str, ...], str]:
    """(question, option texts in order, right option's text) of a row.

    Raises:
        DataError: The answer is no option's letter, or there are not `number` options (None: at least two).
    """
    options = row.get("options")
    if not isinstance(options, dict) or len(options) < 2 or not all(isinstance(text, str) and text.strip() for text in options.values()):
        raise row.wrong("options", options, "an object of at least two letters, each with a text that is not empty")
    if number is not None and len(options) != number:
        raise row.error("options", f"{len(options)} options", f"{number}: a variant with another number is a task of its own")
    texts = {letter: squeeze(text) for letter, text in options.items()}
    return row.text("question"), tuple(texts.values()), texts[row.one_of("answer", tuple(texts))]


def choice_item(task: str, instruction: str, number: int) -> Callable[[Row], Item]:
    """Row -> item of a task whose every question stands alone and has `number` options."""

    def item(row: Row) -> Item:
        question, options, answer = choice(row, number)
        name = f"{row.split}-{row.name}" if row.split else row.name
        return Item(f"{task}/{name}", task, instruction, question, (answer,), options, name)

    return item


def usmle_rows(path: Path, split: str) -> list[Row]:
    """Rows of MedQA's JSON Lines: `question`, `options` (letter -> text), `answer` (a text) and `answer_idx` (its letter)."""
    return [_from_usmle(row) for row in jsonl_rows(path, split)]


def _from_usmle(row: Row) -> Row:
    letter, options = row.get("answer_idx"), row.get("options")
    if isinstance(options, dict) and letter in options and options[letter] != row.get("answer"):
        raise row.wrong("answer", row.get("answer"), f"the text of option {letter}, which answer_idx names")
    if isinstance(options, dict) and letter not in options:
        raise row.wrong("answer_idx", letter, f"one of {', '.join(options)}")
    return replace(row, values={**row.values, "answer": letter})


def medmcqa_rows(path: Path, split: str) -> list[Row]:
    """Rows of the hub's Parquet of MedMCQA: `id`, `question`, `opa` to `opd` and `cop`, the right one's number from 0."""
    rows = []
    for row in parquet_rows(path, split):
        texts = {letter: row.get(f"op{letter.lower()}") for letter in "ABCD"}
        answer = "ABCD"[row.index("cop", 4)]
        rows.append(replace(row, name=row.identity("id"), values={**row.values, "options": texts, "answer": answer}, split=""))
    return rows


def mmlu_rows(path: Path, split: str) -> list[Row]:
    """Rows of the hub's Parquet of one MMLU subject: `question`, `subject`, `choices` and `answer`, the right one's number from 0."""
    rows = []
    for row in parquet_rows(path, split):
        options = dict(zip(string.ascii_uppercase, row.texts("choices"), strict=False))
        answer = string.ascii_uppercase[row.index("answer", len(options))]
        rows.append(replace(row, name=f"{row.text('subject')}-{row.name}", values={**row.values, "options": options, "answer": answer}))
    return rows
