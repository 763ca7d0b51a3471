"""The entries of `evaluate.metrics`: which metrics a recipe asks for, and what would stop them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from bioinstruct.core.errors import InputError, Problem
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.registry import Registry
from bioinstruct.core.sections import Section
from bioinstruct.evaluate import lookup
from bioinstruct.evaluate.metrics.base import Kind, Metric

KINDS: Registry[Kind] = Registry(
    "metric",
    {
        "concept_f1": "bioinstruct.evaluate.metrics.concepts:KIND",
        "bertscore": "bioinstruct.evaluate.metrics.bertscore:KIND",
        "bleurt": "bioinstruct.evaluate.metrics.bleurt:KIND",
        "umls_concept_f1": "bioinstruct.evaluate.metrics.umls:KIND",
    },
)
FAMILY = "generation"
"""Of the tasks that are answered with a text."""
OWN = ("metric", "name")
"""Fields of an entry that are not options of its kind."""
Written = str | Mapping[str, str | int | float | bool]
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Entry:
    """A metric that a recipe asks for."""

    name: str
    """Its figures begin with it, and its folder is called so."""
    kind: str
    options: Section
    place: str
    """The recipe's field, for messages."""

    def make(self) -> Metric:
        """The metric itself; nothing large is read."""
        return KINDS.get(self.kind).make(self.name, self.options)


def read(section: EvaluateSection) -> list[Entry]:
    """The metrics of a section without `problems`, in order.

    Raises:
        InputError: an entry cannot be read.
    """
    found = [entry(written, number) for number, written in enumerate(section.metrics)]
    wrong = [problem for one in found if not isinstance(one, Entry) for problem in one]
    if wrong:
        raise InputError("\n".join(map(str, wrong)))
    return [one for one in found if isinstance(one, Entry)]


def problems(section: EvaluateSection) -> list[Problem]:
    """What would stop the metrics, found without scoring anything. An encoder on the hub is fetched; a missing licence is told of."""
    found: list[Problem] = []
    names: list[str] = []
    for number, written in enumerate(section.metrics):
        one = entry(written, number)
        if isinstance(one, Entry):
            names.append(one.name)
            found.extend(KINDS.get(one.kind).problems(one.options, one.place))
        else:
            found.extend(one)
    twice = [name for name, n in Counter(names).items() if n > 1]
    found.extend(Problem("evaluate.metrics", f"the name '{name}' more than once", "each once; give one a `name`") for name in twice)
    if section.metrics and not found and not tasks(section):
        got = f"{len(section.metrics)} for tasks that are not answered with a text"
        found.append(Problem("evaluate.metrics", got, f"[] or a task of the family {FAMILY} among evaluate.tasks"))
    return found


def tasks(section: EvaluateSection) -> list[str]:
    """The tasks whose answers are scored: those that are answered with a text."""
    known = lookup.known(section)
    return [name for name in section.tasks if name in known and known.get(name).family == FAMILY]


def entry(written: Written, number: int) -> Entry | list[Problem]:
    """One entry as the recipe has it, or what is wrong with it."""
    place = f"evaluate.metrics.{number}"
    fields = {"metric": written} if isinstance(written, str) else dict(written)
    name = fields.get("metric")
    if not isinstance(name, str) or name not in KINDS:
        got = "an entry without 'metric'" if name is None else f"'{name}'"
        return [Problem(place, got, KINDS.unknown(str(name)))]
    kind = KINDS.get(name)
    called = fields.get("name", kind.name)
    if not isinstance(called, str) or not _NAME.fullmatch(called):
        return [Problem(place, f"the name {called!r:.60}", "lower-case letters, digits and '_', beginning with a letter")]
    try:
        options = kind.options.model_validate({key: value for key, value in fields.items() if key not in OWN})
    except ValidationError as error:
        return [_problem(place, kind, one) for one in error.errors(include_url=False)]
    return Entry(called, name, options, place)


def _problem(place: str, kind: Kind, error: object) -> Problem:
    assert isinstance(error, dict)  # as pydantic has it
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return Problem(place, f"the field '{field}'", ", ".join([*OWN, *kind.options.model_fields]))
    if error["type"] == "missing":
        return Problem(place, f"an entry without '{field}'", kind.options.model_fields[field].description or "a value")
    message = str(error["msg"]).removeprefix("Input should be ")
    return Problem(f"{place}.{field}", f"{error['input']!r:.80}", message)
