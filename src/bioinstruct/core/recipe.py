"""The recipe: one strict section a stage. Every field says its unit, its off-switch and its kind.

The kind decides what a changed value means for a run that exists (`core/runfolder.py`):
`identity` - a different run; `extendable` - more of the same, the run goes on; `execution` - how, not what.
Names of tasks and models are checked by the stage that owns them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bioinstruct.core import strict_yaml
from bioinstruct.core.errors import RecipeError
from bioinstruct.core.jsonl import read_text

Kind = Literal["identity", "extendable", "execution"]

HEADER = "# The recipe of a run, made by bioinstruct. Change a run with overrides, not here."
"""First line of every dumped recipe: it tells a run folder from any other folder with a recipe in it."""


def _field(default: Any, kind: Kind, description: str, **limits: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"kind": kind}, **limits)


class Section(BaseModel):
    """Base of all sections: unknown fields and loose types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class GenerateSection(Section):
    """Instructions from a teacher, or from a file that exists."""

    instructions: str | None = _field(
        None,
        "identity",
        "existing instruction file (JSON or JSONL with instruction, input, output; hf://datasets/OWNER/NAME/PATH for one of the hub) instead of generating; null = generate",
    )
    on_bad_row: Literal["stop", "skip"] = _field(
        "stop", "extendable", "a row of `instructions` that cannot be read: 'stop', or 'skip' it, written to unparsed.jsonl and counted"
    )
    teacher: str = _field("embedded", "identity", "'embedded' or the model name that the endpoint knows", min_length=1)
    endpoint: str | None = _field(
        None,
        "execution",
        "base URL of an OpenAI-compatible server, ending in /v1; null = the SDK's default (only for a teacher that is not embedded)",
    )
    api_key_env: str = _field("OPENAI_API_KEY", "execution", "environment variable that holds the key", min_length=1)
    provider: Literal["openai", "azure", "local"] = _field(
        "openai",
        "identity",
        "'openai' = any OpenAI-compatible endpoint; 'azure' = Azure's form of it; 'local' = a transformers model in this process, teacher = its folder or hub id",
    )
    azure_version: str | None = _field(None, "execution", "Azure's api-version, such as 2024-10-21; null = not Azure")
    accepts: dict[str, str | bool] = _field(
        {},
        "execution",
        "what the model takes, where the table is wrong: length (max_tokens or max_completion_tokens), temperature and seed (true or false)",
    )
    reply_format: Literal["list", "json"] = _field(
        "list", "identity", "'list' = the paper's numbered list; 'json' = a JSON object under a schema, for servers that enforce one"
    )
    passages: str | None = _field(
        None, "identity", "JSONL file with id and text: each request gets a passage to ground its tasks in; null = off"
    )
    seeds: str = _field("builtin", "identity", "'builtin' (the 80 seeds) or a JSONL file with id, instruction, input, output", min_length=1)
    seeds_per_request: int = _field(3, "identity", "seeds shown in one request", ge=1, le=10)
    tasks_per_request: int = _field(20, "identity", "length of the list the teacher completes, the seeds included", ge=2, le=100)
    target: int = _field(1000, "extendable", "kept instructions to reach", ge=1, le=1_000_000)
    max_requests: int = _field(1000, "extendable", "requests after which the run stops below target", ge=1, le=1_000_000)
    temperature: float = _field(1.0, "identity", "sampling temperature sent to the teacher", ge=0.0, le=2.0)
    max_tokens: int = _field(4096, "identity", "completion cap of one request, in tokens", ge=16)
    concurrency: int = _field(
        32, "execution", "most requests in flight at once; fewer are sent while the server allows no more", ge=1, le=1024
    )
    requests_per_minute: float | None = _field(None, "execution", "ceiling on requests; null = what the server allows", gt=0.0)
    tokens_per_minute: float | None = _field(
        None, "execution", "ceiling on tokens, prompt and completion; null = what the server allows", gt=0.0
    )
    attempts: int = _field(6, "execution", "tries of a request before it is given up for this run", ge=1, le=100)
    timeout: float = _field(600.0, "execution", "seconds for one attempt; a local server may take minutes for a long list", gt=0.0)
    batch: bool = _field(False, "execution", "ask through OpenAI's Batch API: half the price, up to a day; false = one by one")
    batch_poll: float = _field(30.0, "execution", "seconds between two looks at a batch", gt=0.0)


class CurateSection(Section):
    """The paper's four filters and the category label."""

    novelty: Literal["paper", "self-instruct", "off"] = _field(
        "paper", "identity", "'paper' drops at ROUGE-L >= threshold, 'self-instruct' above it, 'off' keeps all"
    )
    threshold: float = _field(0.7, "identity", "ROUGE-L F1 to the seeds and to every kept instruction", gt=0.0, le=1.0)
    min_words: int = _field(3, "identity", "fewest words of an instruction; 0 = off", ge=0)
    max_words: int = _field(150, "identity", "most words of an instruction", ge=1)
    keywords: list[str] = _field(
        ["image", "images", "picture", "pictures", "graph", "graphs"],
        "identity",
        "instructions with one of these words are dropped; [] = off",
    )
    rules: dict[str, bool] = _field(
        {}, "identity", "rule -> true or false, where that differs from the rule's default (docs/rules.md); too_short: false = off"
    )
    language: str | None = _field("en", "identity", "ISO 639-1 code that the rule wrong_language keeps; null = off")
    contamination: Literal["drop", "report", "off"] = _field(
        "drop",
        "identity",
        "records that hold an item of evaluate.tasks or a row of `against`: 'drop', 'report' only, or 'off' = not looked for",
    )
    against: list[str] = _field([], "identity", "further files (JSON, JSON Lines or text) with what must not be trained on")
    identifiers: Literal["report", "mask", "drop", "off"] = _field(
        "report",
        "identity",
        "records with an identifier (docs/identifiers.md): 'report' only, 'mask' it, 'drop' the record, or 'off' = not looked for",
    )
    finders: list[Literal["patterns", "presidio", "openmed"]] = _field(
        ["patterns"], "identity", "who looks for identifiers: 'patterns' offline; 'presidio' and 'openmed' are packages of their own"
    )
    near_duplicates: float | None = _field(
        None,
        "identity",
        "Jaccard similarity of whole records from which the later one is dropped; null = off",
        ge=0.1,
        le=1.0,
    )
    embedder: str | None = _field(
        None, "identity", "folder or hub id of an encoder that compares whole records by meaning (extra local); null = off", min_length=1
    )
    similarity: float = _field(0.95, "identity", "cosine of the embedder's vectors from which the later record is dropped", gt=0.0, le=1.0)
    labeller: Literal["rules", "teacher"] = _field(
        "rules", "identity", "who gives kept records their category: 'rules' offline, or generate.teacher, one request a record"
    )
    checks: list[Literal["answers", "support", "quality"]] = _field(
        [], "identity", "what generate.teacher is asked about each kept record (docs/curation.md); nothing is dropped; [] = off"
    )
    check_answers: int = _field(3, "identity", "independent answers that the check 'answers' compares with the output", ge=1, le=20)


class TuneSection(Section):
    """LoRA on a causal language model."""

    base: str = _field("embedded", "identity", "'embedded', a folder in transformers format, or a hub id", min_length=1)
    template: Literal["paper", "alpaca", "chat"] = _field("paper", "identity", "prompt form, for training and evaluation alike")
    rank: int = _field(16, "identity", "LoRA rank", ge=1, le=1024)
    alpha: int = _field(32, "identity", "LoRA alpha (scale = alpha / rank)", ge=1)
    dropout: float = _field(0.0, "identity", "LoRA dropout; 0 = off", ge=0.0, lt=1.0)
    target_modules: str = _field("all-linear", "identity", "'all-linear' or module names joined by commas", min_length=1)
    learning_rate: float = _field(3e-3, "identity", "peak of the cosine schedule", gt=0.0, le=1.0)
    warmup: float = _field(0.05, "identity", "share of the optimizer steps for linear warm-up; 0 = off", ge=0.0, lt=1.0)
    epochs: int = _field(3, "identity", "passes over the instructions", ge=1, le=100)
    examples_per_step: int = _field(16, "identity", "records per optimizer step", ge=1)
    max_tokens: int = _field(1024, "identity", "longest record, prompt and output; longer ones lose the end of their input, counted", ge=32)
    controls: list[Literal["shuffled"]] = _field(
        ["shuffled"], "extendable", "control adapters tuned beside ours: outputs shuffled among records; [] = off"
    )


class EvaluateSection(Section):
    """Tasks, and how they are asked."""

    tasks: list[str] = _field(
        [
            "usmle_embedded",
            "medmcqa_embedded",
            "pubmedqa_embedded",
            "bioasq_embedded",
            "nli_embedded",
            "medication_status_embedded",
            "coreference_embedded",
            "conv2note_embedded",
            "patient_answer_embedded",
        ],
        "extendable",
        "task names (docs/tasks.md)",
        min_length=1,
    )
    items: int = _field(100, "identity", "items per task; 0 = all there are (embedded tasks need a number)", ge=0)
    item_seed: int = _field(1, "identity", "seed of the embedded items and of sampling real ones", ge=0, le=2**32 - 1)
    files: dict[str, str] = _field({}, "extendable", "task name -> file or folder of its data, for tasks that are not embedded")
    shots: int = _field(0, "identity", "worked examples shown to the tuned model", ge=0, le=32)
    base_shots: list[int] = _field([0, 1], "identity", "numbers of worked examples for the base; its best form is the one compared with")
    max_new_tokens: int = _field(96, "identity", "cap for generated answers, in tokens (a task may ask for less)", ge=1)
    row_tokens: int = _field(
        1024, "execution", "token budget of one forward pass when ranking; generation uses as many rows as fit", ge=128
    )
    samples: int = _field(2000, "identity", "bootstrap samples for intervals", ge=100)


class ReportSection(Section):
    """The page."""

    title: str = _field("BioInstruct", "execution", "heading of the page", min_length=1)
    traces: int = _field(3, "execution", "instructions traced from seed to verdict", ge=0, le=50)


class Recipe(Section):
    """A whole run."""

    seed: int = _field(0, "identity", "seed of everything random but the items", ge=0, le=2**32 - 1)
    threads: int = _field(
        2, "execution", "CPU threads of torch, in all; the same bytes are promised for the same threads and workers", ge=1
    )
    workers: int = _field(
        2, "execution", "processes that tune and evaluate side by side and divide the threads; a base over 256 MB gets one", ge=1, le=64
    )
    budget_usd: float | None = _field(
        None, "extendable", "US dollars that the run's requests may take in all, a hard limit; null = none", ge=0.0
    )
    budget_tokens: int | None = _field(None, "extendable", "tokens likewise, prompt and completion; null = none", ge=0)
    prices: dict[str, list[float]] = _field(
        {}, "execution", "model -> [prompt, output] or [prompt, cached, output] in US dollars per million tokens, before the dated table"
    )
    generate: GenerateSection = GenerateSection()
    curate: CurateSection = CurateSection()
    tune: TuneSection = TuneSection()
    evaluate: EvaluateSection = EvaluateSection()
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
        allowed: list[str] = list(Recipe.model_fields)
        if len(names) > 1 and names[0] in Recipe.model_fields:
            allowed = list(Recipe.model_fields[names[0]].annotation.model_fields)  # type: ignore[union-attr]
        close = difflib.get_close_matches(names[-1], allowed, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        return f"{place}: got an unknown field; allowed: {hint}one of {', '.join(allowed)}"
    return f"{place}: got {error['input']!r:.80}; allowed: {_expectation(names, error)}"


def _expectation(names: list[str], error: Any) -> str:
    if error["type"] == "model_type":
        return f"a section with fields such as {', '.join(list(Recipe.model_fields[names[0]].annotation.model_fields)[:3])}"  # type: ignore[union-attr]
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
    return f"{name}: {strict_yaml.dump(value)}" + ("" if given else "  # default")
