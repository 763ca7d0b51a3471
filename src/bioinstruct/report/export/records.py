"""The kept records as files that other tools read: Alpaca's JSON, ShareGPT's, and Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import MissingExtra
from bioinstruct.core.runfolder import write_atomic
from bioinstruct.report.export.source import Source, columns, notes

_LEFT_OUT = "category, origin and id of each record stay in the run folder (curate/instructions.jsonl)"
_NO_FORM = "the prompt's form (tune.template), its end mark and the order of training are not part of this format"


def alpaca(source: Source, to: Path) -> Iterator[str]:
    """`data.json`: a list of {instruction, input, output}, as Alpaca's own file."""
    rows = [{"instruction": one.instruction, "input": one.input, "output": one.output} for one in source.records]
    yield _json(to / "data.json", rows)
    yield _notes(to, "Alpaca JSON", [_LEFT_OUT, _NO_FORM])


def sharegpt(source: Source, to: Path) -> Iterator[str]:
    """`data.json`: a list of {id, conversations: [{from: human, value}, {from: gpt, value}]}."""
    rows = []
    for one in source.records:
        asked = f"{one.instruction}\n\n{one.input}" if one.input else one.instruction
        turns = [{"from": "human", "value": asked}, {"from": "gpt", "value": one.output}]
        rows.append({"id": one.id, "conversations": turns})
    yield _json(to / "data.json", rows)
    joined = "instruction and input are one turn, with an empty line between them; they cannot be told apart again for certain"
    yield _notes(to, "ShareGPT JSON", [joined, _LEFT_OUT, _NO_FORM])


def parquet(source: Source, to: Path) -> Iterator[str]:
    """`data.parquet`: a row a record with all columns; pandas, DuckDB, datasets and the hub's viewer read it.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    write_parquet(source, to / "data.parquet")
    yield f"{to / 'data.parquet'}: {len(source.records):,} rows"
    yield _notes(to, "Parquet", ["nothing of the records is left out", _NO_FORM])


def write_parquet(source: Source, path: Path) -> None:
    """All columns of the records as Parquet; the same records give the same bytes with the same pyarrow.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("pyarrow", "hub") from None
    text, number = pyarrow.string(), pyarrow.int64()
    kinds = {"seeds": pyarrow.list_(text), "request": number, "position": number}
    rows = [columns(one) for one in source.records]
    schema = pyarrow.schema([(name, kinds.get(name, text)) for name in rows[0]])
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), path)


def _json(path: Path, rows: list[dict[str, Any]]) -> str:
    write_atomic(path, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return f"{path}: {len(rows):,} records"


def _notes(to: Path, title: str, lines: list[str]) -> str:
    write_atomic(to / "NOTES.md", notes(title, lines))
    return f"{to / 'NOTES.md'}: what could not be carried over"
