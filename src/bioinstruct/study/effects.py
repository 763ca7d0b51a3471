"""What a study's scores say: gains, what any category gives and what the matching one adds, pairs and their parts, controls.

Every figure is a contrast: a weighted sum of mixtures' mean scores, less the strongest base's where it is a gain. A family's figure is the
mean of its tasks'. Trainings of two mixtures are independent draws, also where they carry the same seed number, since their records differ.
All mixtures compared here have equally many records (`study/mixtures.py`), so that no difference is one of size.

    transfer   gain: a mixture less the strongest base
    trivial    a mixture less the best trivial answerer
    split      of the category that matches a family and has its name (qa, ie, generation; NLI has none): `any` = the mean gain of the
               other single categories, `matched` = the matching category less their mean; the two add up to its gain. `over_X`: the
               matching one less category X
    pairs      `over_X`: a pair less one of its parts alone. It shows synergy where it is above both parts, interference where below both.
               `expected`: the pair less the mean of its parts, which is what half the records of each would give if gains grew in
               proportion to records. Gains that flatten out raise it too, so above expectation is not yet synergy
    left_out   `adds`: all categories less all but one; it is what that category adds to the others
    all        `over_X`: all categories less category X alone
    controls   `over_control`: a mixture less its control (general instructions, or outputs shuffled within or across categories)

Where a recipe has categories of its own, the tasks that are matched with one (`study.matched`) are a family of its name, before the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from bioinstruct.core.categories import BUILTIN, REST
from bioinstruct.core.errors import InputError
from bioinstruct.statistics.crossed import Crossed, Term, contrast
from bioinstruct.study.mixtures import Mixture
from bioinstruct.study.table import TaskScores

Table = Literal["transfer", "trivial", "split", "pairs", "left_out", "all", "controls"]
TABLES: tuple[Table, ...] = get_args(Table)

FAMILIES = ("qa", "nli", "ie", "generation")
"""Of tasks; a recipe's own categories are families, too."""
CONTROLS = ("general", "shuffled_within", "shuffled_across")


@dataclass(frozen=True)
class Contrast:
    """What is compared: mixture -> weight, and the weights of base and best trivial answerer."""

    weights: Mapping[str, float]
    base: float = 0.0
    trivial: float = 0.0


@dataclass(frozen=True)
class Effect:
    """One figure of the study."""

    table: Table
    scope: str
    """A family, or a task."""
    row: str
    """Mixture, or category that is left out."""
    what: str
    """Which contrast of the table, as the module names them."""
    estimate: Crossed
    per_task: bool = field(default=False)
    """Whether `scope` is a task; tests are corrected over the families' figures only."""


def matched(family: str, drawn: Iterable[Sequence[str]]) -> str | None:
    """The category of instructions that is of a family's kind and has its name; None where none is.

    Args:
        family: Of tasks.
        drawn: The categories that each mixture is drawn from.
    """
    known = {name for categories in drawn for name in categories}
    return family if family in (BUILTIN if known <= {*BUILTIN, REST} else known) else None


def families(drawn: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """All families that tasks can be of, in the order of the tables; argument as of `matched`."""
    known = dict.fromkeys(name for categories in drawn for name in categories)
    return *(name for name in known if name not in (*FAMILIES, REST)), *FAMILIES


def gain(mixture: str) -> Contrast:
    """A mixture over the strongest base."""
    return Contrast({mixture: 1.0}, base=-1.0)


def difference(mixture: str, other: str) -> Contrast:
    """A mixture over another."""
    return over_mean(mixture, [other])


def over_mean(mixture: str, others: Sequence[str]) -> Contrast:
    """A mixture over the mean of others, each weighing the same."""
    return Contrast({mixture: 1.0, **dict.fromkeys(others, -1.0 / len(others))})


def mean_gain(mixtures: Sequence[str]) -> Contrast:
    """The mean of several mixtures over the strongest base."""
    return Contrast(dict.fromkeys(mixtures, 1.0 / len(mixtures)), base=-1.0)


def measure(tasks: Sequence[TaskScores], asked: Contrast) -> Crossed:
    """The contrast's mean over tasks with its interval over items and seeds.

    Raises:
        InputError: A task lacks a mixture, or values that do not fit (see `statistics.crossed.contrast`).
    """
    for task in tasks:
        if missing := [name for name in asked.weights if name not in task.values]:
            raise InputError(f"study, task {task.task}: got no scores of {', '.join(missing)}; allowed: those of every mixture compared")
    terms = [Term(weight, [task.values[name] for task in tasks]) for name, weight in asked.weights.items()]
    fixed = [asked.base * task.base + asked.trivial * task.trivial for task in tasks]
    return contrast(terms, fixed, [task.groups for task in tasks])


def effects(tasks: Sequence[TaskScores], mixtures: Sequence[Mixture]) -> list[Effect]:
    """Every figure of the study, families before tasks, in the order of the tables above.

    Args:
        tasks: The scores; each holds every mixture.
        mixtures: The rows of the matrix. A table whose mixtures are not there is left out.

    Raises:
        InputError: No tasks, an unknown family, a name twice, or scores that do not fit.
    """
    _check(tasks, mixtures)
    drawn = [mixture.categories for mixture in mixtures]
    scopes = [(family, [task for task in tasks if task.family == family], False) for family in families(drawn)]
    scopes += [(task.task, [task], True) for task in tasks]
    found = [
        Effect(table, scope, row, what, measure(members, asked), per_task)
        for scope, members, per_task in scopes
        if members
        for table, row, what, asked in contrasts(members[0].family, mixtures)
    ]
    return sorted(found, key=lambda effect: (TABLES.index(effect.table), effect.per_task))


def contrasts(family: str, mixtures: Sequence[Mixture]) -> Iterator[tuple[Table, str, str, Contrast]]:
    """(table, row, what, contrast) of all that can be compared on a family's tasks."""
    singles = {mixture.categories[0]: mixture.name for mixture in mixtures if mixture.kind == "single"}
    for mixture in mixtures:
        yield "transfer", mixture.name, "gain", gain(mixture.name)
        yield "trivial", mixture.name, "over_trivial", Contrast({mixture.name: 1.0}, trivial=-1.0)
        if mixture.kind == "pair" and all(part in singles for part in mixture.categories):
            parts = {part: singles[part] for part in mixture.categories}
            for part, name in parts.items():
                yield "pairs", mixture.name, f"over_{part}", difference(mixture.name, name)
            yield "pairs", mixture.name, "expected", over_mean(mixture.name, list(parts.values()))
        if mixture.kind in CONTROLS and mixture.of is not None:
            yield "controls", mixture.name, "over_control", difference(mixture.of, mixture.name)
    yield from _split(matched(family, [mixture.categories for mixture in mixtures]), singles)
    yield from _all(mixtures, singles)


def _split(own: str | None, singles: Mapping[str, str]) -> Iterator[tuple[Table, str, str, Contrast]]:
    """The gain of a single category taken apart; without a matching category (`own`) there is only what any gives."""
    unmatched = {category: name for category, name in singles.items() if category != own}
    if not unmatched or (own is not None and own not in singles):
        return
    row = own or "none"
    yield "split", row, "any", mean_gain(list(unmatched.values()))
    if own is None:
        return
    yield "split", row, "matched", over_mean(singles[own], list(unmatched.values()))
    for category, name in unmatched.items():
        yield "split", row, f"over_{category}", difference(singles[own], name)


def _all(mixtures: Sequence[Mixture], singles: Mapping[str, str]) -> Iterator[tuple[Table, str, str, Contrast]]:
    """All categories against all but one, and against each alone."""
    whole = next((mixture for mixture in mixtures if mixture.kind == "all"), None)
    if whole is None:
        return
    without = {
        frozenset(mixture.categories): mixture.name for mixture in mixtures if mixture.kind in {"left_out", "pair"} and mixture.categories
    }
    for category in whole.categories:
        if (name := without.get(frozenset(whole.categories) - {category})) is not None:
            yield "left_out", category, "adds", difference(whole.name, name)
    for category, name in singles.items():
        yield "all", whole.name, f"over_{category}", difference(whole.name, name)


def _check(tasks: Sequence[TaskScores], mixtures: Sequence[Mixture]) -> None:
    names, found = [mixture.name for mixture in mixtures], [task.task for task in tasks]
    for what, given in (("tasks", found), ("mixtures", names)):
        if not given or len(set(given)) < len(given):
            raise InputError(f"study: got {what} {', '.join(given) or '(none)'}; allowed: at least one, each once")
    allowed = families(mixture.categories for mixture in mixtures)
    for task in tasks:
        if task.family not in allowed:
            raise InputError(f"study, task {task.task}: got family '{task.family}'; allowed: {', '.join(allowed)}")
    known = set(names)
    for mixture in mixtures:
        if mixture.kind in CONTROLS and mixture.of not in known:
            raise InputError(f"study, mixture {mixture.name}: got '{mixture.of}' to hold it against; allowed: {', '.join(names)}")
