"""Mixtures of instructions: which records a cell is tuned on, drawn by seed.

Every mixture of the main matrix has the same number of records, so that a difference between two of them is one of kind and not of
size; its categories have equal shares. Every cell is a draw of its own: its records depend on mixture, size and seed alone, and two
mixtures of one seed share no more than chance has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random
from typing import Literal

from bioinstruct.core.categories import BUILTIN, REST
from bioinstruct.core.errors import InputError, Problem
from bioinstruct.core.recipe import StudySection
from bioinstruct.core.records import Instruction, instruction_id

Kind = Literal["single", "pair", "all", "left_out", "general", "shuffled_within", "shuffled_across", "size", "natural"]

MAIN: tuple[Kind, ...] = ("single", "pair", "all", "left_out")
"""The main matrix; the others are controls and points of the size curve."""
WHOLE = 0
"""In `study.sizes`: the whole pool."""


@dataclass(frozen=True)
class Mixture:
    """What the cells of one row of the matrix are tuned on."""

    name: str
    """Row of the matrix and part of paths, such as `qa`, `qa+ie`, `all`, `all-qa`, `general`, `qa~within`, `pool@400`, `pool`."""
    kind: Kind
    """`single`, `pair` (of all but `other`), `all` (with `other` where there is enough) and `left_out` (all but one, where that is
    no pair or single category already) are the main matrix, of equal size; `general` and the shuffled ones are its controls, of that
    size too; `size` is a point of the size curve, drawn from the whole pool, and `natural` the whole pool."""
    categories: tuple[str, ...]
    """Categories that the records are drawn from, in the order of the recipe, `other` last; empty for `general`."""
    size: int
    """Records."""
    of: str | None = None
    """For a control: the mixture of the main matrix that it is held against."""


def count(pool: Sequence[Instruction], categories: Sequence[str] = (*BUILTIN, REST)) -> dict[str, int]:
    """Category -> records of it, in the order of `categories`.

    Raises:
        InputError: a record is of none of them.
    """
    if strange := sorted({record.category for record in pool} - set(categories)):
        raise InputError(f"instructions: got records of {', '.join(strange)}; allowed: the categories {', '.join(categories)}")
    return {name: sum(record.category == name for record in pool) for name in categories}


def measured(counts: Mapping[str, int]) -> tuple[str, ...]:
    """The categories that tasks can be of, and of which a study needs records: all but `other`."""
    return tuple(name for name in counts if name != REST)


def share(size: int, counts: Mapping[str, int]) -> int:
    """Records that each category of a mixture of all has at most, once one is left out: what `other` needs to take part."""
    return -(-size // len(measured(counts)))


def plan(section: StudySection, counts: Mapping[str, int]) -> list[Mixture]:
    """The rows of the matrix that the pool allows: main matrix, controls, size curve.

    Args:
        section: Sizes and controls.
        counts: Category -> records in the pool (`count`), `other` last.
    """
    size, main, order = section.size, measured(counts), tuple(counts)
    whole = order if counts[REST] >= share(size, counts) else main
    found = [Mixture(name, "single", (name,), size) for name in order if name in main or counts[name] >= size]
    if "pair" in section.rows:
        found += [Mixture("+".join(pair), "pair", pair, size) for pair in combinations(main, 2) if pair != whole]
    if "left_out" in section.rows:
        rests = {name: tuple(one for one in whole if one != name) for name in whole}
        # Two or fewer without `other` are a pair or a category alone, which have rows of their own.
        found += [Mixture(f"all-{name}", "left_out", rest, size) for name, rest in rests.items() if len(rest) > 2 or REST in rest]
    found.append(Mixture("all", "all", whole, size))
    if section.general is not None:
        found.append(Mixture("general", "general", (), size, "all"))
    if "shuffled" in section.rows:
        found += [Mixture(f"{name}~within", "shuffled_within", (name,), size, name) for name in main]
        found += [
            Mixture("all~within", "shuffled_within", whole, size, "all"),
            Mixture("all~across", "shuffled_across", whole, size, "all"),
        ]
    pool = sum(counts.values())
    for points in sorted(set(section.sizes) - {WHOLE}):
        found.append(Mixture(f"pool@{points}", "size", order, points))
    if WHOLE in section.sizes:
        found.append(Mixture("pool", "natural", order, pool))
    return found


def seeds(mixture: Mixture, section: StudySection) -> range:
    """The seeds that a mixture is trained with."""
    return range(section.seeds if mixture.kind in MAIN else section.side_seeds)


def problems(section: StudySection, counts: Mapping[str, int]) -> list[Problem]:
    """What the pool has too little of.

    Args:
        section: Sizes and controls.
        counts: Category -> records in the pool.
    """
    more = "fewer records a mixture, or a larger pool (generate.target)"
    found = [
        Problem("study.size", f"{section.size} with {counts[name]} records of {name} in curate/instructions.jsonl", more)
        for name in measured(counts)
        if counts[name] < section.size
    ]
    if section.size < 2 * len(counts):
        found.append(
            Problem("study.size", f"{section.size} for {len(counts)} categories", f"at least {2 * len(counts)}, two records of each")
        )
    pool = sum(counts.values())
    larger = [size for size in section.sizes if size > pool]
    return found + [Problem("study.sizes", f"{n} with {pool} records in curate/instructions.jsonl", f"0 to {pool}") for n in larger]


def left_out(section: StudySection, counts: Mapping[str, int]) -> list[str]:
    """What the pool does not allow and the study goes on without, in words."""
    others, needed, n = counts[REST], share(section.size, counts), len(measured(counts))
    if others < needed:
        rest = {2: "one alone", 3: "a pair"}.get(n, f"a mixture of the other {n - 1}")
        return [f"'other' takes no part: {others} records of it, {needed} needed; leaving one category out is then {rest}"]
    return [f"'other' has no row of its own: {others} records of it, {section.size} needed"] if others < section.size else []


def draw(mixture: Mixture, seed: int, pool: Sequence[Instruction], general: Sequence[Instruction]) -> list[Instruction]:
    """The records of a cell: the mixture's number, each once; a control's have new outputs, new ids, and the old id as parent.

    Raises:
        InputError: there are fewer records than the mixture needs.
    """
    random = Random(f"study/{mixture.name}/{mixture.size}/{seed}")
    if mixture.kind == "general":
        return _some(random, general, mixture.size, "study.general")
    if mixture.kind in ("size", "natural"):
        return _some(random, pool, mixture.size, "study.sizes")
    groups = []
    for name, share in zip(mixture.categories, _shares(mixture.size, len(mixture.categories)), strict=True):
        groups.append(_some(random, [record for record in pool if record.category == name], share, f"study.size, mixture {mixture.name}"))
    if mixture.kind == "shuffled_within":
        groups = [_shuffled(group, random) for group in groups]
    if mixture.kind == "shuffled_across":
        return _across(groups, random)
    return [record for group in groups for record in group]


def _shares(size: int, parts: int) -> list[int]:
    """`size` as equal parts; what is left over goes to the first ones."""
    return [size // parts + (number < size % parts) for number in range(parts)]


def _some(random: Random, records: Sequence[Instruction], n: int, field: str) -> list[Instruction]:
    if len(records) < n:
        raise InputError(f"{field}: got {n} to draw from {len(records)} records; allowed: at most as many as there are")
    return random.sample(list(records), n)


def _shuffled(records: Sequence[Instruction], random: Random) -> list[Instruction]:
    """Outputs permuted such that none stays at its place; drawn evenly from such permutations."""
    if len(records) < 2:
        raise InputError(f"study.size: got {len(records)} record(s) of a category to shuffle; allowed: at least 2 of each")
    places = list(range(len(records)))
    while any(place == index for index, place in enumerate(places)):  # about one draw in e has no fixed point
        random.shuffle(places)
    return [_with_output(record, records[place].output) for record, place in zip(records, places, strict=True)]


def _across(groups: Sequence[Sequence[Instruction]], random: Random) -> list[Instruction]:
    """Every record gets the output of one of another category.

    The groups stand one after the other in a ring, and outputs move on by the size of the largest: out of their own group, and not
    back into it where no group holds more than half of all.
    """
    rows = [record for group in random.sample(list(groups), len(groups)) for record in group]
    step = max(len(group) for group in groups)
    return [_with_output(record, rows[(place + step) % len(rows)].output) for place, record in enumerate(rows)]


def _with_output(record: Instruction, output: str) -> Instruction:
    return replace(record, id=instruction_id(record.instruction, record.input, output), output=output, parent=record.id)
