"""The recipe: one strict section a stage (`core/sections.py`), read from YAML and overrides, and written as resolved."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bioinstruct.core import strict_yaml
from bioinstruct.core.categories import OwnCategory
from bioinstruct.core.errors import RecipeError
from bioinstruct.core.jsonl import read_text
from bioinstruct.core.sections import (
    CurateSection,
    EvaluateSection,
    GenerateSection,
    JudgeSection,
    Kind,
    ReportSection,
    Section,
    StudySection,
    TuneSection,
    field,
)

__all__ = [
    "HEADER",
    "CurateSection",
    "EvaluateSection",
    "GenerateSection",
    "JudgeSection",
    "Kind",
    "Recipe",
    "ReportSection",
    "Resolved",
    "Section",
    "StudySection",
    "TuneSection",
    "dump",
    "flatten",
    "identity",
    "kinds",
    "load",
]

HEADER = "# The recipe of a run, made by bioinstruct. Change a run with overrides, not here."
_DEFAULT = "  # default"
"""First line of every dumped recipe: it tells a run folder from any other folder with a recipe in it."""


class Recipe(Section):
    """A whole run."""

    seed: int = field(0, "identity", "seed of everything random but the items", ge=0, le=2**32 - 1)
    threads: int = field(2, "execution", "CPU threads of torch, in all; the same bytes are promised for the same threads and workers", ge=1)
    workers: int = field(
        2, "execution", "processes that tune and evaluate side by side and divide the threads; a base over 256 MB gets one", ge=1, le=64
    )
    budget_usd: float | None = field(
        None, "extendable", "US dollars that the run's requests may take in all, a hard limit; null = none", ge=0.0
    )
    budget_tokens: int | None = field(None, "extendable", "tokens likewise, prompt and completion; null = none", ge=0)
    prices: dict[str, list[float]] = field(
        {}, "execution", "model -> [prompt, output] or [prompt, cached, output] in US dollars per million tokens, before the dated table"
    )
    generate: GenerateSection = GenerateSection()
    curate: CurateSection = CurateSection()
    tune: TuneSection = TuneSection()
    evaluate: EvaluateSection = EvaluateSection()
    judge: JudgeSection = JudgeSection()
    study: StudySection = StudySection()
    report: ReportSection = ReportSection()

    @property
    def asks_teacher(self) -> bool:
        """Whether the teacher is asked anything: for instructions, or about those of a file."""
        return self.generate.instructions is None or self.curate.labeller == "teacher" or bool(self.curate.checks)


@dataclass(frozen=True)
class Resolved:
    """A recipe with the dotted names of the fields that were given; all others are defaults."""

    recipe: Recipe
    given: frozenset[str]


def kinds() -> dict[str, Kind]:
    """Dotted field name -> kind, for all fields."""
    table: dict[str, Kind] = {}
    for name, info in Recipe.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            table.update({f"{name}.{inner}": _kind(i) for inner, i in info.annotation.model_fields.items()})
        else:
            table[name] = _kind(info)
    return table


def _kind(info: Any) -> Kind:
    return info.json_schema_extra["kind"]  # type: ignore[no-any-return]


def identity(section: Section) -> dict[str, Any]:
    """The section's fields that make a run what it is: those of kind `identity`."""
    return {name: value for name, value in section.model_dump(mode="json").items() if _kind(type(section).model_fields[name]) == "identity"}


def flatten(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted names and values of a recipe's nested dictionary, one level deep."""
    plain = kinds()
    for name, value in values.items():
        if isinstance(value, dict) and name in Recipe.model_fields and name not in plain:
            yield from ((f"{name}.{inner}", item) for inner, item in value.items())
        else:
            yield name, value


def load(path: Path | str | None = None, overrides: Sequence[str] = ()) -> Resolved:
    """Read a YAML recipe (None: the embedded default), apply `section.field=value` overrides, and check every field.

    Raises:
        RecipeError: names the file or override, the field, what was got and what is allowed.
        DataError: the file is missing or not UTF-8.
    """
    values: dict[str, Any] = {}
    if path is not None:
        values = _read_yaml(Path(path))
    for override in overrides:
        _apply(values, override)
    overridden = {override.partition("=")[0] for override in overrides}
    try:
        recipe = Recipe.model_validate(values)
    except ValidationError as error:
        lines = []
        for item in error.errors(include_url=False):
            names = [str(part) for part in item["loc"]]
            given_here = any(".".join(names[:length]) in overridden for length in range(1, len(names) + 1))
            lines.append(_explain("recipe" if path is None else "override" if given_here else str(path), names, item))
        raise RecipeError("\n".join(lines)) from None
    return Resolved(recipe, frozenset(name for name, _ in flatten(values)))


def stored(path: Path | str) -> Resolved:
    """The recipe of a run, as `dump` wrote it: with the fields that were given.

    Raises:
        RecipeError: it is none that a run has written, or was changed into one that cannot be.
        DataError: the file is missing or not UTF-8.
    """
    header, *lines = read_text(path).splitlines() or [""]
    if header != HEADER:
        raise RecipeError(f"{path}: got a recipe that no run has written; allowed: the recipe.yaml of a run folder")
    given, section = set[str](), ""
    for line in lines:
        name, _, value = line.strip().partition(":")
        if not line.startswith(" "):
            section = "" if value else f"{name}."
        if value and not line.endswith(_DEFAULT):
            given.add(f"{section}{name}" if line.startswith(" ") else name)
    return Resolved(load(path).recipe, frozenset(given))


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = strict_yaml.load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "text that is not YAML"
        raise RecipeError(f"{path}{line}: got {problem}; allowed: YAML with one section a stage") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise RecipeError(f"{path}: got a {type(values).__name__}; allowed: sections {', '.join(Recipe.model_fields)}")
    if strange := [key for key in values if not isinstance(key, str)]:
        raise RecipeError(f"{path}: got the key {strange[0]!r}; allowed: sections {', '.join(Recipe.model_fields)}")
    for name, value in list(values.items()):
        if value is None and name in Recipe.model_fields and name not in kinds():
            values[name] = {}  # a section header with nothing under it
    return values


def _apply(values: dict[str, Any], override: str) -> None:
    name, separator, text = override.partition("=")
    if not separator or not name:
        raise RecipeError(f"override: got '{override}'; allowed: section.field=value")
    try:
        value = strict_yaml.load(text)
    except yaml.YAMLError:
        value = text
    *sections, field = name.split(".")
    place = values
    for section in sections:
        inner = place.setdefault(section, {})
        if not isinstance(inner, dict):
            raise RecipeError(f"override: got '{override}'; allowed: section.field=value, and '{section}' is no section")
        place = inner
    place[field] = value


def _explain(origin: str, names: list[str], error: Any) -> str:
    place = f"{origin}: {'.'.join(names)}"
    if error["type"] == "extra_forbidden":
        allowed = _fields_at(names[:-1])
        close = difflib.get_close_matches(names[-1], allowed, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        return f"{place}: got an unknown field; allowed: {hint}one of {', '.join(allowed)}"
    if error["type"] == "missing":
        return f"{place}: got no such field; allowed: a value: it has no default"
    return f"{place}: got {error['input']!r:.80}; allowed: {_expectation(names, error)}"


def _fields_at(names: list[str]) -> list[str]:
    """Fields of the recipe, of the section, or of the category in a section, that `names` lead to."""
    if names[:2] == ["curate", "categories"]:
        return list(OwnCategory.model_fields)
    if names and names[0] in Recipe.model_fields:
        return list(Recipe.model_fields[names[0]].annotation.model_fields)  # type: ignore[union-attr]
    return list(Recipe.model_fields)


def _expectation(names: list[str], error: Any) -> str:
    if error["type"] == "model_type":
        return f"a section with fields such as {', '.join(_fields_at(names)[:3])}"
    if error["type"] == "invalid_key":
        return "a name"
    if error["type"] == "string_type":
        return "a text (in quotes where YAML reads something else)"
    message: str = error["msg"]
    for opening in ("Input should be ", "Value should "):
        message = message.removeprefix(opening)
    return message


def dump(resolved: Resolved) -> str:
    """The recipe as YAML with every value, and `# default` beside those that were not given; its first line is `HEADER`."""
    lines: list[str] = [HEADER]
    for name, value in resolved.recipe.model_dump().items():
        if isinstance(value, dict) and name in Recipe.model_fields and name not in kinds():
            lines.append(f"{name}:")
            lines.extend("  " + _line(inner, item, f"{name}.{inner}" in resolved.given) for inner, item in value.items())
        else:
            lines.append(_line(name, value, name in resolved.given))
    return "\n".join(lines) + "\n"


def _line(name: str, value: Any, given: bool) -> str:
    return f"{name}: {strict_yaml.dump(value)}" + ("" if given else _DEFAULT)
