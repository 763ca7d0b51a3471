"""What a study found, for the page: `study/matrix.json` as `study/matrix.py` describes it, read as data and checked.

base, others                  base model of the matrix; the files of further bases, which the page does not show
label                         the standing label, where the base, the teacher, the general control or a task is embedded
finished                      whether the study has written its record since, and with this matrix
totals                        mixtures, tasks (of each family, too), fewest and most seeds of a mixture
rule, level, design, tables,  as in the file; `paper` is None where it has none
power, conclusions, paper
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import FiniteFloat

from bioinstruct.core import runfolder
from bioinstruct.core.errors import DataError
from bioinstruct.core.recipe import Recipe
from bioinstruct.core.records import CategoryName
from bioinstruct.models.teachers import is_embedded
from bioinstruct.report import wording
from bioinstruct.report.files import read_typed

MATRIX = "matrix.json"
EMBEDDED = "embedded"

Family = CategoryName
"""`qa`, `nli`, `ie` or `generation`; or one of the recipe's own categories, as a family of the tasks that it is matched with."""
Kind = Literal["single", "pair", "all", "left_out", "general", "shuffled_within", "shuffled_across", "size", "natural"]


@dataclass(frozen=True)
class Estimate:
    """A contrast with its interval; the bounds, and what follows from them, are None where there is none, and `note` says why."""

    value: FiniteFloat
    low: FiniteFloat | None
    high: FiniteFloat | None
    p: FiniteFloat | None
    holm: FiniteFloat | None
    """p corrected over the families' estimates of its table; None for a task's, and without enough seeds."""
    smallest: FiniteFloat | None
    error: FiniteFloat | None
    df: FiniteFloat | None
    n: int
    clusters: int
    seeds: int
    seed_share: FiniteFloat | None
    over_seeds: bool
    note: str


@dataclass(frozen=True)
class MeasuredTask:
    """What was asked, and the mean scores."""

    family: Family
    metric: str
    n: int
    clusters: int
    base: FiniteFloat
    trivial: FiniteFloat
    scores: dict[str, FiniteFloat]


@dataclass(frozen=True)
class MeasuredFamily:
    """Means over a family's tasks."""

    metrics: tuple[str, ...]
    base: FiniteFloat
    trivial: FiniteFloat
    scores: dict[str, FiniteFloat]


@dataclass(frozen=True)
class Row:
    """A mixture: a row of the matrix."""

    kind: Kind
    categories: tuple[CategoryName, ...]
    size: int
    of: str | None
    seeds: int


@dataclass(frozen=True)
class Design:
    """What was compared."""

    tasks: dict[str, MeasuredTask]
    families: dict[Family, MeasuredFamily]
    mixtures: dict[str, Row]


@dataclass(frozen=True)
class Table:
    """Scope (a family or a task) -> row -> what -> estimate."""

    tests: int
    families: dict[Family, dict[str, dict[str, Estimate]]]
    tasks: dict[str, dict[str, dict[str, Estimate]]]


@dataclass(frozen=True)
class Planned:
    """What another design is foreseen to see."""

    seeds: int
    times_items: FiniteFloat
    smallest: FiniteFloat | None


@dataclass(frozen=True)
class Power:
    """The smallest true difference that a family's main question would have shown."""

    contrast: Literal["any", "matched"]
    share_of_repetitions: FiniteFloat
    smallest: FiniteFloat | None
    foreseen: tuple[Planned, ...]


@dataclass(frozen=True)
class Conclusion:
    """A sentence, made where the matrix was."""

    key: str
    verdict: Literal["shown", "not shown"]
    text: str


@dataclass(frozen=True)
class Published:
    """A score of ours or of the paper's, in our unit: 0 to 1, or marks of 1 to 5 of a judge."""

    model: str
    base: str | None
    trained_on: str
    value: FiniteFloat
    setting: str
    source: str
    mark: str
    disputed: bool = False
    """Whether it is one of `Paper.disagreements`."""


@dataclass(frozen=True)
class Beside:
    """Ours and the paper's scores of a task; `theirs` is empty, for the reason given, where they must not stand side by side."""

    task: str
    metric: str
    reason: str
    ours: tuple[Published, ...]
    theirs: tuple[Published, ...]


@dataclass(frozen=True)
class Number:
    """One of two numbers of the paper that should be the same, in the paper's own unit."""

    table: str
    value: FiniteFloat


@dataclass(frozen=True)
class Disagreement:
    """Where the paper disagrees with itself."""

    what: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Paper:
    """The paper beside the study."""

    marks: dict[str, str]
    """How sure a number is: letter -> its meaning."""
    beside: tuple[Beside, ...]
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True)
class Matrix:
    """`matrix.json`."""

    rule: str
    level: FiniteFloat
    seeds_needed: int
    design: Design
    transfer: Table
    split: Table
    pairs: Table
    left_out: Table
    all: Table
    controls: Table
    power: dict[Family, Power]
    conclusions: tuple[Conclusion, ...]
    paper: Paper | None = None


def collect(folder: Path, recipe: Recipe) -> dict[str, Any] | None:
    """What the page shows of a study, as plain JSON data; None where there is no matrix.

    Args:
        folder: The study's.
        recipe: The run's, which names the bases.

    Raises:
        DataError: the matrix cannot be read, or its parts do not fit each other.
    """
    path = folder / MATRIX
    if not path.exists():
        return None
    matrix: Matrix = read_typed(path, Matrix)
    _check(path, matrix)
    base = (recipe.study.bases or [recipe.tune.base])[0]
    record = runfolder.read_record(folder)
    return {
        "base": Path(base).name if Path(base).is_absolute() else base,
        "others": sorted(one.name for one in folder.glob("matrix.*.json")),
        "label": wording.LABEL if _embedded(matrix, recipe, base) else None,
        "finished": record is not None and record.outputs.get(MATRIX) == runfolder.sha256(path),
        "totals": _totals(matrix.design),
        **asdict(matrix),
    }


def _totals(design: Design) -> dict[str, Any]:
    seeds = [row.seeds for row in design.mixtures.values()]
    families = {name: sum(task.family == name for task in design.tasks.values()) for name in design.families}
    return {
        "mixtures": len(design.mixtures),
        "tasks": len(design.tasks),
        "family_tasks": families,
        "fewest_seeds": min(seeds),
        "most_seeds": max(seeds),
    }


def _embedded(matrix: Matrix, recipe: Recipe, base: str) -> bool:
    taught = recipe.generate.instructions is None and is_embedded(recipe.generate)
    general = recipe.study.general == EMBEDDED and any(row.kind == "general" for row in matrix.design.mixtures.values())
    return taught or general or base == EMBEDDED or any(name.endswith("_embedded") for name in matrix.design.tasks)


def _check(path: Path, matrix: Matrix) -> None:
    """Every figure that the page looks up by name is there."""
    for field, got, allowed in _misfits(matrix):
        raise DataError(path, field=field, got=got, allowed=allowed)


def _misfits(matrix: Matrix) -> Iterator[tuple[str, str, str]]:
    design, rows = matrix.design, list(matrix.design.mixtures)
    if not rows or not design.families or not design.tasks:
        yield "design", "no mixtures, families or tasks", "at least one of each"
    drawn = {name for row in design.mixtures.values() for name in row.categories}
    for field, given in (("design.families", design.families), ("design.tasks", {task.family for task in design.tasks.values()})):
        if unknown := sorted(set(given) - {*wording.FAMILIES, *drawn}):
            yield field, ", ".join(unknown), f"{', '.join(wording.FAMILIES)}, or a category of the mixtures"
    for field, wanted, scopes in (
        ("transfer.families", list(design.families), matrix.transfer.families),
        ("transfer.tasks", list(design.tasks), matrix.transfer.tasks),
    ):
        if list(scopes) != wanted:
            yield field, ", ".join(scopes), "those of the design, in its order"
        for scope, found in scopes.items():
            if list(found) != rows or any("gain" not in one for one in found.values()):
                yield f"{field}.{scope}", ", ".join(found), "a gain of every mixture of the design, in its order"
    for name, table in (("pairs", matrix.pairs), ("controls", matrix.controls)):
        if unknown := [row for found in table.families.values() for row in found if row not in rows]:
            yield name, ", ".join(unknown), "mixtures of the design"
    if unknown := [one.key for one in matrix.conclusions if one.key.split(".")[1:2] == [] or one.key.split(".")[1] not in design.families]:
        yield "conclusions", ", ".join(unknown), "keys of a question and a family of the design"
