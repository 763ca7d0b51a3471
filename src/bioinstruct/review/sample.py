"""What is looked at: the records of a run or of any instruction file, a stratified sample of them, and each rater's own order.

All is a function of the records and the seed. Draws are orders by a digest, so that they change with no version of any library.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bioinstruct.core import instruction_file, jsonl
from bioinstruct.core.categories import Own, names
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.records import Candidate, Instruction, Origin, instruction_id
from bioinstruct.core.runfolder import sha256
from bioinstruct.curate.own_categories import Labeller, labeller


class LabelledBy(StrEnum):
    """Who gave the labels that people are compared with."""

    COLUMN = "column"
    """The file, in its column `category`."""
    RULES = "rules"
    """The offline labeller (`curate/own_categories.labeller`), as the file has no such column."""


@dataclass(frozen=True)
class Pool:
    """All records of a file."""

    path: Path
    sha256: str
    labelled_by: LabelledBy
    records: tuple[Instruction, ...]
    """One a row of the file, in its order; the same three texts twice are the same id twice."""

    @property
    def distinct(self) -> dict[str, Instruction]:
        """The first record of each id."""
        found: dict[str, Instruction] = {}
        for record in self.records:
            found.setdefault(record.id, record)
        return found


def read(path: Path, own: Own = ()) -> Pool:
    """The records of an instruction file: our own, or any with the columns instruction, input, output and perhaps category.

    Where no row has a category, the offline labeller gives one.

    Args:
        path: The file.
        own: Categories of the recipe that it was made with; empty = the built-in ones.

    Raises:
        DataError: A row cannot be read, has an unknown category, has none where others do, or an id that is not that of its texts.
    """
    candidates = instruction_file.read_instructions(path)
    rows = list(zip(candidates, _values(path), strict=True))
    labelled = {value.get("category") is not None for _, value in rows}
    if len(labelled) > 1:
        number = next(candidate.position for candidate, value in rows if value.get("category") is None)
        raise DataError(path, field="category", got=f"none in row {number}", allowed="a category in every row, or in none")
    if True in labelled:
        read_rows = tuple(_labelled(path, candidate, value, names(own)) for candidate, value in rows)
        return Pool(path, sha256(path), LabelledBy.COLUMN, read_rows)
    label = labeller(own)
    return Pool(path, sha256(path), LabelledBy.RULES, tuple(_unlabelled(candidate, label) for candidate, _ in rows))


def _values(path: Path) -> list[dict[str, Any]]:
    """The rows with all their columns, of a file that `read_instructions` has found to be sound."""
    text = jsonl.read_text(path)
    if text.lstrip().startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def _labelled(path: Path, candidate: Candidate, value: dict[str, Any], known: Sequence[str]) -> Instruction:
    category = str(value["category"]).strip().casefold()
    if category not in known:
        got = f"{json.dumps(value['category'], ensure_ascii=False)[:60]} in row {candidate.position}"
        raise DataError(path, field="category", got=got, allowed=", ".join(known))
    if isinstance(value.get("origin"), dict) and "id" in value:
        record = jsonl.parse(json.dumps(value), Instruction, path, candidate.position)
        if record.id != instruction_id(record.instruction, record.input, record.output):
            got = f"'{record.id}', which is not that of the texts (row {candidate.position})"
            raise DataError(path, field="id", got=got, allowed="the id that bioinstruct wrote, with the texts that it wrote")
        return record
    return _record(candidate, category)


def _unlabelled(candidate: Candidate, label: Labeller) -> Instruction:
    return _record(candidate, label(candidate.instruction, candidate.input, candidate.output))


def _record(candidate: Candidate, category: str) -> Instruction:
    texts = candidate.instruction, candidate.input, candidate.output
    return Instruction(instruction_id(*texts), *texts, category=category, origin=Origin("file", position=candidate.position))


def draw(records: Mapping[str, Instruction], n: int, seed: int) -> list[str]:
    """Ids of `n` records (all, where there are no more), in the order of the file, shared out over the machine's labels.

    Each label gets its share of `n`, and at least one record.

    Raises:
        InputError: `n` is less than the number of labels.
    """
    sizes = Counter(record.category for record in records.values())
    if n < len(sizes):
        raise InputError(f"--n: got {n}; allowed: at least {len(sizes)}, one for each label in the file")
    drawn: set[str] = set()
    for label, k in allot(sizes, min(n, len(records))).items():
        stratum = (record.id for record in records.values() if record.category == label)
        drawn.update(_shuffled(stratum, f"{seed}\0sample")[:k])
    return [id for id in records if id in drawn]


def allot(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Records to draw of each label: `n` in all, in proportion to `sizes`, at least one each (largest remainders)."""
    total = sum(sizes.values())
    quotas = {label: n * size / total for label, size in sizes.items()}
    taken = {label: max(1, int(quota)) for label, quota in quotas.items()}
    # How far each is behind its quota; the order of the labels decides between equals.
    while (missing := n - sum(taken.values())) != 0:
        step = 1 if missing > 0 else -1
        free = [label for label in sorted(sizes) if (taken[label] < sizes[label] if step > 0 else taken[label] > 1)]
        chosen = max(free, key=lambda label: step * (quotas[label] - taken[label]))
        taken[chosen] += step
    return taken


def order(ids: Iterable[str], rater: str, seed: int) -> list[str]:
    """The ids in a rater's own order, which tells nothing of labels or of the file's order."""
    return _shuffled(ids, f"{seed}\0{rater}")


def _shuffled(ids: Iterable[str], salt: str) -> list[str]:
    return sorted(ids, key=lambda id: hashlib.sha256(f"{salt}\0{id}".encode()).digest())


def strata(records: Mapping[str, Instruction], drawn: Sequence[str], categories: Sequence[str]) -> dict[str, dict[str, int]]:
    """Of each of the categories as a label: how many records have it, and how many of these were drawn."""
    have = Counter(record.category for record in records.values())
    taken = Counter(records[id].category for id in drawn)
    return {label: {"records": have[label], "drawn": taken[label]} for label in categories}
