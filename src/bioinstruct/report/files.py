"""Files of a run folder that hold one JSON value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bioinstruct.core.errors import DataError
from bioinstruct.core.jsonl import read_text


def read_json(path: Path) -> Any:
    """A JSON file's value; `DataError` where it is not JSON."""
    try:
        return json.loads(read_text(path))
    except ValueError as error:
        raise DataError(path, got=f"text that is not JSON ({error})", allowed="the file as its stage wrote it") from None


def read_typed(path: Path, kind: Any) -> Any:
    """A JSON file's value as `kind`, a type that pydantic knows; `DataError` names the field that does not fit."""
    value = read_json(path)
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise DataError(path, field=field, got=repr(first["input"])[:80], allowed=first["msg"]) from None
