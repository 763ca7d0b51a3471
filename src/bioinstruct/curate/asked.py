"""What labels and checks share beside the questions themselves (`models/questions.py`): what came together, and means over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bioinstruct.core.records import Instruction
from bioinstruct.statistics import bootstrap

SAMPLES = 1000
"""Bootstrap samples of the intervals."""
TOKENS_A_RECORD = 110.0
"""Instruction, input and output together, for want of records: those of the released BioInstruct take about 100 to 120."""


def group(record: Instruction) -> str:
    """What came together with a record, and is resampled with it: its passage, else its request, else the record alone."""
    origin = record.origin
    if origin.passage is not None:
        return f"passage/{origin.passage}"
    return f"record/{record.id}" if origin.request is None else f"request/{origin.request}"


def mean(values: Sequence[float], groups: Sequence[str], samples: int, seed: int) -> dict[str, Any] | None:
    """Mean with its 95 % bootstrap interval over groups, n and the number of groups, for JSON; None where there are no values."""
    return asdict(bootstrap.mean(values, groups, samples, seed)) if values else None
