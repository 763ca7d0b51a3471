"""Tasks of the user's own: a YAML file says how the rows of a table become items, and which of the gradings here grades them.

    kind: choice                     # what is answered, and with it how it is graded: `KINDS`
    family: qa
    data: tools.csv                  # beside this file: JSON Lines, JSON, CSV, TSV or Parquet; or hf://datasets/OWNER/NAME/PATH
    instruction: Which of the listed things does the job?
    input: "{job}"                   # {name} stands for the row's value in the column of that name
    options: [a, b, c, d]            # columns; or one column that holds a list
    answer: right                    # a column

The file's name is the task's: `tools.yaml` defines the task `tools`. What comes of it is a `Task` like any other, under the same laws:
gold goes through the parser and must reach 1.0, an item for which it does not is left out and counted, and instructions are searched for
its items. An evaluation keeps a copy beside its items, so that grading again and the page need nothing but the run's folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bioinstruct.core import strict_yaml
from bioinstruct.core.errors import DataError, InputError, Problem
from bioinstruct.core.jsonl import read_text
from bioinstruct.core.records import Finish, Item
from bioinstruct.core.registry import Registry
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access
from bioinstruct.tasks.base import Family, Grade, ItemRequest, Loaded, Task, Trivial
from bioinstruct.tasks.own_rows import Items, Pattern, table
from bioinstruct.tasks.sources import Files, problem_of

Local = Callable[[str], Path]
"""Name of a data file, as it stands in a definition -> where it lies; of a file of the hub, after it was fetched (`models/hub.local`)."""

SUFFIX = ".yaml"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_EMBEDDED = "_embedded"
NEEDS = "the table that the task's definition names under 'data'"


@dataclass(frozen=True)
class Kind:
    """What answers are, and all that follows from it."""

    grade: Callable[[Item, str, Finish], Grade]
    metrics: tuple[str, ...]
    """The primary first."""
    extraction: str
    trivial: tuple[Trivial, ...]
    max_new_tokens: int
    """Cap of a generated answer, unless the definition has another."""
    ranked: bool = False
    """Whether the answer is one of listed options, which can be ranked by likelihood."""


KINDS = {
    "choice": Kind(grading.option, grading.ACCURACY, grading.OPTION_READ, trivial.OPTIONS, 64, ranked=True),
    "label": Kind(grading.label, grading.ACCURACY, grading.LABEL_READ, trivial.LABELS, 16, ranked=True),
    "short": Kind(grading.short, grading.SHORT, grading.SPAN_READ, trivial.SHORT, 48),
    "list": Kind(grading.names, grading.SETS, grading.MENTIONS_READ, trivial.MENTIONS, 96),
    "text": Kind(grading.text, grading.ROUGE, grading.TEXT_READ, trivial.EXAMPLES, 256),
}
"""`choice`: one of the item's own options; `label`: one of the task's labels; `short`: one expression; `list`: expressions of the
input, as a set; `text`: a running text."""


class Definition(BaseModel):
    """The fields of a task's file. Texts in which `{name}` stands for a column's value: `instruction` and `input`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    kind: Literal["choice", "label", "short", "list", "text"]
    family: Family
    data: str = Field(min_length=1)
    examples: str | None = Field(None, min_length=1)
    """A second table, for worked examples; None = items that are not scored."""
    instruction: str = Field(min_length=1)
    input: str = Field(min_length=1)
    options: str | list[str] | None = None
    labels: list[str] | None = Field(None, min_length=2)
    answer: str = Field(min_length=1)
    answer_as: Literal["text", "letter", "index"] = "text"
    """How the answer's column names an option or label; `index` counts from 0."""
    id: str | None = None
    """Column that tells rows apart; None = their number."""
    group: str | None = None
    """Column of what belongs together; None = each row stands alone."""
    mode: Literal["rank", "generate"] | None = None
    metric: Literal["exact_match", "f1"] | None = None
    """The primary one of a short answer; the other kinds have one that is theirs."""
    chance: float | None = Field(None, ge=0.0, le=1.0)
    max_new_tokens: int | None = Field(None, ge=1)
    version: int | str = "1"
    description: str = ""
    source: str = ""
    licence: str = "not stated"


def read(path: Path | str, local: Local = Path) -> Task:
    """The task that a file defines; its data are read when items are asked for.

    Args:
        path: The definition.
        local: Where a data file lies; those that are named relatively lie beside the definition.

    Raises:
        DataError: names the file, the field, what was got and what is allowed.
    """
    path = Path(path)
    name = name_of(path)
    if not path.name.endswith(SUFFIX) or not _NAME.fullmatch(name) or name.endswith(_EMBEDDED):
        allowed = f"a name of a-z, 0-9 and _ that begins with a letter, does not end in {_EMBEDDED}, and ends in {SUFFIX}"
        raise DataError(path, got="a name that cannot be a task's", allowed=allowed)
    return _task(name, _definition(path), path, local)


def name_of(path: Path) -> str:
    """The name of the task that a file defines."""
    return path.name.removesuffix(SUFFIX)


def known(builtin: Registry[Task], files: Sequence[str], local: Local) -> Registry[Task]:
    """The built-in tasks, and those that `files` define.

    Raises:
        DataError: a file cannot be used.
        InputError: two tasks have one name.
    """
    found = builtin
    for file in files:
        task = read(file, local)
        found = found.extended(task.name, task)
    return found


def problems(builtin: Registry[Task], files: Sequence[str], local: Local) -> list[Problem]:
    """Why `known` would fail; empty where it would not."""
    found: list[Problem] = []
    whole = builtin
    for file in files:
        try:
            task = read(file, local)
            if task.name in whole:
                found.append(Problem("evaluate.task_files", f"'{file}'", f"a name other than '{task.name}', which is a task already"))
            else:
                whole = whole.extended(task.name, task)
        except DataError as error:
            found.append(problem_of(error))
    return found


def tables(path: Path, local: Local) -> dict[str, Path]:
    """The data files of a definition: name as it stands there -> where it lies; raises like `read`, and what `local` raises."""
    definition = _definition(path)
    return {name: _place(name, path, local) for name in (definition.data, definition.examples) if name is not None}


def _place(name: str, definition: Path, local: Local) -> Path:
    return local(name) if "://" in name else definition.parent / name


def _definition(path: Path) -> Definition:
    try:
        values = strict_yaml.load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        got = getattr(error, "problem", None) or "text that is not YAML"
        raise DataError(path, line=mark.line + 1 if mark else None, got=got, allowed="YAML") from None
    if not isinstance(values, dict):
        raise DataError(path, got=type(values).__name__, allowed=f"fields such as {', '.join(list(Definition.model_fields)[:3])}")
    try:
        found = Definition.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise DataError(path, field=field, got="an unknown field", allowed=f"one of {', '.join(Definition.model_fields)}") from None
        if first["type"] == "missing":
            raise DataError(path, field=field, got="no such field", allowed="a value: it has no default") from None
        raise DataError(path, field=field, got=repr(first["input"])[:80], allowed=first["msg"]) from None
    _check(found, path)
    return found


_CHOICES = {
    "options": ("choice", "two or more columns, each once; or the name of one column that holds a list"),
    "labels": ("label", "two or more labels, each once"),
}
"""Field with what can be chosen -> the kind that has it, and what it must be."""


def _check(one: Definition, path: Path) -> None:
    """What fields say of one another."""

    def refuse(field: str, got: str, allowed: str) -> None:
        raise DataError(path, field=field, got=got, allowed=allowed)

    kind = KINDS[one.kind]
    for field, (owner, wanted) in _CHOICES.items():
        value = getattr(one, field)
        if value is None and one.kind == owner:
            refuse(field, "no such field", wanted)
        if value is not None and one.kind != owner:
            refuse(field, repr(value)[:80], f"none with kind '{one.kind}'")
        if isinstance(value, list) and len(set(value)) < max(2, len(value)):
            refuse(field, repr(value)[:80], wanted)
    if not kind.ranked:
        for field in ("mode", "chance"):
            if getattr(one, field) not in (None, "generate"):
                refuse(field, repr(getattr(one, field)), f"none with kind '{one.kind}', whose answers are written")
        if one.answer_as != "text":
            refuse("answer_as", repr(one.answer_as), f"'text' with kind '{one.kind}'")
    if one.metric is not None and one.kind != "short":
        refuse("metric", repr(one.metric), f"none with kind '{one.kind}', whose primary metric is {kind.metrics[0]}")
    if (one.family == "generation") != (one.kind == "text"):
        refuse("family", repr(one.family), "'generation' with kind 'text', and with no other")
    if one.kind == "choice" and isinstance(one.options, str) and one.chance is None:
        refuse("chance", "no such field", "what a blind guess gets, such as 0.25 for four options, where a column holds the list of them")
    lacking = [label for label in one.labels or () if label.casefold() not in one.instruction.casefold()]
    if lacking:
        refuse("instruction", f"a text without the label '{lacking[0]}'", "a text that names every label")
    for field in ("instruction", "input"):
        Pattern.read(getattr(one, field), path, field)
    if not Pattern.read(one.input, path, "input").columns:
        refuse("input", repr(one.input)[:80], "a text with at least one {column}")


def _task(name: str, one: Definition, path: Path, local: Local) -> Task:
    kind = KINDS[one.kind]
    return Task(
        name=name,
        family=one.family,
        mode=one.mode or ("rank" if kind.ranked else "generate"),
        metric=one.metric or kind.metrics[0],
        metrics=tuple(dict.fromkeys((one.metric or kind.metrics[0], *kind.metrics))),
        chance=_chance(one),
        max_new_tokens=one.max_new_tokens or kind.max_new_tokens,
        source=one.source or f"the table {one.data}",
        split=f"{one.data}; worked examples from {one.examples or 'items that are not scored'}",
        licence=one.licence,
        version=str(one.version),
        paper_setting="not measured in the paper",
        paper_shots=0,
        description=one.description or f"A task of the user's own ({one.kind}).",
        instruction="" if Pattern.read(one.instruction, path, "instruction").columns else one.instruction,
        data=Own(one, path, local, Items(name, one.kind, path, _columns(one))),
        prompt=prompts.listed if one.kind == "choice" else prompts.plain,
        grade=kind.grade,
        extraction=kind.extraction,
        trivial=kind.trivial,
    )


def _columns(one: Definition) -> dict[str, Any]:
    return one.model_dump(include={"instruction", "input", "options", "labels", "answer", "answer_as", "id", "group"})


def _chance(one: Definition) -> float | None:
    several = one.labels or (one.options if isinstance(one.options, list) else None)
    return one.chance if one.chance is not None or several is None else 1 / len(several)


@dataclass(frozen=True)
class Own:
    """Items from the table that a definition names."""

    definition: Definition
    path: Path
    local: Local
    items: Items
    embedded: bool = False

    def _files(self) -> tuple[Path, Files]:
        """Where the scored rows lie, and how they are read."""
        examples = self.definition.examples

        def training(_: Path) -> Any:
            return None if examples is None else table(_place(examples, self.path, self.local), "examples")

        return _place(self.definition.data, self.path, self.local), Files(NEEDS, Access(()), table, self.items, training)

    def load(self, request: ItemRequest) -> Loaded:
        """All items; raises `InputError` where the recipe names a file, `DataError` at the first bad row."""
        if request.file is not None:
            raise InputError(f"evaluate.files: got '{request.file}'; allowed: nothing, {self.path} names the table")
        place, files = self._files()
        return files.load(replace(request, file=place))

    def problems(self, file: Path | None) -> list[Problem]:
        """Everything wrong with the rows, at most `SHOWN_PROBLEMS`; a file in the recipe is a problem."""
        if file is not None:
            return [Problem("evaluate.files", f"'{file}'", f"nothing: {self.path} names the table")]
        try:
            place, files = self._files()
            return files.problems(place)
        except DataError as error:
            return [problem_of(error)]
        except InputError as error:  # an extra that is not installed
            return [Problem(str(self.path), f"'{self.definition.data}'", str(error))]
