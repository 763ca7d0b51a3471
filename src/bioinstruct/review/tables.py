"""The answers as a table for spreadsheets, `answers.csv`: one row a rater and record."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from bioinstruct.core.records import instruction_id
from bioinstruct.review.results import Judged
from bioinstruct.review.store import Answer

COLUMNS = (
    "record", "rater", "machine_label", "category", "decision", "reason",
    "edited_id", "edited_instruction", "edited_input", "edited_output", "answered_at",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a value begins that a spreadsheet would run, or that hides one that it would."""


def table(records: Sequence[Judged]) -> str:
    """CSV with a header, in the order of the sample and of the raters' names.

    A value that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)  # else a lone carriage return would end a row
    writer.writerow(COLUMNS)
    for one in records:
        for answer in one.answers:
            writer.writerow([_harmless(value) for value in _row(one, answer)])
    return text.getvalue()


def _row(one: Judged, answer: Answer) -> tuple[str, ...]:
    edited = answer.edited
    texts = (
        ("", "", "", "") if edited is None else (instruction_id(edited.instruction, edited.input, edited.output), *vars(edited).values())
    )
    return (
        one.record.id,
        answer.rater,
        one.record.category,
        answer.category or "",
        answer.decision or "",
        answer.reason,
        *texts,
        answer.at,
    )


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
