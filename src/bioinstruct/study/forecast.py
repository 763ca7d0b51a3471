"""What the cells of a study will take: from those that are done, else from assumptions that are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.records import Instruction
from bioinstruct.study.cells import Cell, Work

WORDS = 113.0
"""Of a record, instruction, input and output: the mean of 112 BioInstruct records; assumed before there is a pool."""
TOKENS_A_WORD = 1.65
"""Of the same records under LLaMA's tokenizer; assumed before any cell is done."""
ITEM_AS_RECORDS = 1.0
"""One item asked is taken to cost as much as one record trained once, before any cell is done."""
BASE_FORMS = 2.5
"""The base takes so many times as long as a tuned model: it is asked with several numbers of worked examples, which make prompts longer."""


@dataclass(frozen=True)
class Rates:
    """Speeds of a process."""

    tokens: float
    """Tokens trained a second, prompt and output, every epoch counted."""
    item: float
    """Seconds an item."""
    record: float
    """Tokens of a record."""
    measured: int
    """Cells they come from; 0 = assumed."""


def rates(cells: Sequence[Cell], shared: Work, assumed: Callable[[], float]) -> Rates:
    """Measured on the cells that are done; where there are none, `assumed` says how many tokens are trained a second."""
    tokens = records = trained = items = asked = 0.0
    measured = 0
    for cell in cells:
        record = runfolder.read_record(shared.folder(cell))
        if cell.mixture is None or record is None or record.fingerprint != shared.fingerprint(cell):
            continue
        measured += 1
        tokens += record.counts["tokens"] * shared.tuning(cell).epochs
        records += record.counts["records"] * shared.tuning(cell).epochs
        trained += record.counts["tune_milliseconds"] / 1000
        items += record.counts["items"]
        asked += record.counts["evaluate_milliseconds"] / 1000
    if not trained or not items:
        each = _words(shared) * TOKENS_A_WORD
        speed = assumed()
        return Rates(speed, ITEM_AS_RECORDS * each / speed, each, 0)
    return Rates(tokens / trained, asked / items, tokens / records, measured)


def _words(shared: Work) -> float:
    """Mean words of a record of the pool, or of one that is likely where there is none."""
    if not shared.pool.exists():
        return WORDS
    lengths = [len(f"{one.instruction} {one.input} {one.output}".split()) for one in jsonl.read(shared.pool, Instruction)]
    return sum(lengths) / len(lengths)


def seconds(cell: Cell, shared: Work, speed: Rates) -> float:
    """Seconds of a whole cell in one process."""
    asked = sum(shared.evaluate.items or _all(name, shared) for name in shared.evaluate.tasks) * speed.item
    if cell.mixture is None:
        return asked * BASE_FORMS
    return cell.records * shared.tuning(cell).epochs * speed.record / speed.tokens + asked


def _all(task: str, shared: Work) -> int:
    """Items of a task where all there are is asked for: as `evaluate.run.prepare` has stored them."""
    from bioinstruct.evaluate import grade

    path = grade.items_file(shared.room, task)
    return len(jsonl.read_text(path).splitlines()) if path.exists() else 0
