"""Models put beside ours (`evaluate.compare`): which they are, what they are asked with, and what is wrong with an entry.

An entry is a name of `NAMED`, `NAME=PLACE` (the weights of a named model from a folder or another hub id), or a mapping:

    compare:
      - medalpaca-7b
      - alpacare-7b=../weights/alpacare
      - {name: ours-last-year, model: ../merged, template: paper}
      - {name: served, model: our-adapter, endpoint: "http://127.0.0.1:8000/v1", template: paper}

Every one is asked the same items as the tuned model, greedily, with as many worked examples, in the prompt form that it was trained with.
The facts of the named models, and where they come from, are in docs/compare.md.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bioinstruct.core import runfolder, template
from bioinstruct.core.errors import InputError, Problem
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.evaluate.plan import Other
from bioinstruct.models import checkpoint, dialect, endpoint
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import LocalModel

FIELDS = ("name", "model", "template")
SERVED_FIELDS = (*FIELDS, "endpoint", "api_key_env", "rank")
"""Of a model that a server answers for (`served.py`); all but the first three and the endpoint may be left out."""
_FILES = frozenset({".safetensors", ".json", ".model", ".txt", ".jinja"})
"""Of a folder's files those that decide what a model says: weights, configuration, tokenizer, chat template."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
RESERVED = frozenset({"base", "tuned", "trivial", "items", "shots", "metrics"})
"""Names of a run's own models and folders; those of the controls are reserved, too."""
WRITTEN, LOGPROBS = "written", "logprobs"
INSTRUCT = "instruct"
"""The entry that stands for the instruct model that the base's publisher made of it."""


@dataclass(frozen=True)
class Model:
    """A model beside ours."""

    name: str
    """In this run: the folder of its results, and how the page calls it."""
    model: str
    """Folder in transformers format, or hub id."""
    template: str
    """Name of its prompt form (`core/template.py`)."""
    endpoint: str | None = None
    """Base URL of the server that answers for it; None = it is loaded here."""
    api_key_env: str = "OPENAI_API_KEY"
    rank: str = WRITTEN
    """How the server is asked to choose: an answer is written, or options are compared by the log-probabilities it gives."""


@dataclass(frozen=True)
class Published:
    """A published model, as its authors ask it."""

    model: str
    template: str
    licence: str
    """As its hub page says."""
    source: str
    """Where its prompt form is from."""


NAMED = {
    "alpacare-7b": Published("xz97/AlpaCare-llama1-7b", "alpaca", "CC BY-NC 4.0", "its repository's README: Alpaca's prompt"),
    "alpacare-llama2-7b": Published("xz97/AlpaCare-llama2-7b", "alpaca", "CC BY-NC 4.0", "its repository's README: Alpaca's prompt"),
    "alpacare-llama2-13b": Published("xz97/AlpaCare-llama2-13b", "alpaca", "not read", "its repository's README: Alpaca's prompt"),
    "chatdoctor": Published(
        "zl111/ChatDoctor", "alpaca", "not read", "the code of Asclepius's evaluation; its own demo (chat.py) is a dialogue"
    ),
    "medalpaca-7b": Published(
        "medalpaca/medalpaca-7b",
        "medalpaca",
        "cc",
        "prompt_templates/medalpaca.json of its repository: Alpaca's with a line break at the end",
    ),
    "medalpaca-13b": Published("medalpaca/medalpaca-13b", "medalpaca", "cc", "as medalpaca-7b"),
    "pmc-llama-7b": Published(
        "chaoyi-wu/PMC_LLAMA_7B", "alpaca", "Apache-2.0", "none of its own: papers only, no instructions; Alpaca's stands in"
    ),
    "pmc-llama-13b": Published("axiong/PMC_LLaMA_13B", "alpaca", "OpenRAIL", "its repository's README: Alpaca's prompt"),
    "asclepius-7b": Published("starmpcc/Asclepius-7B", "asclepius", "not read", "its README"),
    "asclepius-llama2-7b": Published("starmpcc/Asclepius-Llama2-7B", "asclepius", "CC BY-NC 4.0", "the README of Asclepius-7B"),
    "asclepius-llama2-13b": Published("starmpcc/Asclepius-Llama2-13B", "asclepius", "not read", "the README of Asclepius-7B"),
}
"""Name of an entry -> the published model."""
INSTRUCT_OF = {
    "meta-llama/Llama-2-7b-hf": "meta-llama/Llama-2-7b-chat-hf",
    "meta-llama/Llama-2-13b-hf": "meta-llama/Llama-2-13b-chat-hf",
    "meta-llama/Llama-3.1-8B": "meta-llama/Llama-3.1-8B-Instruct",
    "meta-llama/Llama-3.2-1B": "meta-llama/Llama-3.2-1B-Instruct",
    "meta-llama/Llama-3.2-3B": "meta-llama/Llama-3.2-3B-Instruct",
    "Qwen/Qwen2.5-0.5B": "Qwen/Qwen2.5-0.5B-Instruct",
    "Qwen/Qwen2.5-3B": "Qwen/Qwen2.5-3B-Instruct",
    "Qwen/Qwen2.5-7B": "Qwen/Qwen2.5-7B-Instruct",
    "google/gemma-2-2b": "google/gemma-2-2b-it",
    "google/gemma-2-9b": "google/gemma-2-9b-it",
    "HuggingFaceTB/SmolLM2-135M": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "HuggingFaceTB/SmolLM2-360M": "HuggingFaceTB/SmolLM2-360M-Instruct",
    "HuggingFaceTB/SmolLM2-1.7B": "HuggingFaceTB/SmolLM2-1.7B-Instruct",
}
"""Base -> its publisher's instruct model, which is asked in its own chat template."""


def models(section: EvaluateSection, tune: TuneSection) -> list[Other]:
    """The models of `evaluate.compare`, in order, of a section without `problems`. Their weights are read for a digest."""
    return [_other(one) for one in _models(section, tune)]


def places(section: EvaluateSection, tune: TuneSection) -> list[str]:
    """Folders and hub ids of the models of `evaluate.compare` that are loaded here, of a section without `problems`."""
    return [one.model for one in _models(section, tune) if one.endpoint is None]


def served(section: EvaluateSection, tune: TuneSection) -> list[Other]:
    """The models of `evaluate.compare` that servers answer for, of a section without `problems`; nothing is read or asked."""
    return [_other(one) for one in _models(section, tune) if one.endpoint is not None]


def _models(section: EvaluateSection, tune: TuneSection) -> list[Model]:
    found = [_read(entry, number, tune) for number, entry in enumerate(section.compare)]
    return [one for one in found if isinstance(one, Model)]


def _other(one: Model) -> Other:
    ranks = one.endpoint is None or one.rank == LOGPROBS
    return Other(one.name, _weights(one), one.template, one.model, one.endpoint, one.api_key_env, ranks)


def problems(section: EvaluateSection, tune: TuneSection) -> list[Problem]:
    """What is wrong with the entries, found without loading or asking any model: names, fields, prompt forms, and folders."""
    found: list[Problem] = []
    read: list[Model] = []
    for number, entry in enumerate(section.compare):
        one = _read(entry, number, tune)
        if isinstance(one, Model):
            read.append(one)
            place = f"evaluate.compare.{number}"
            found.extend(_problems(one, place, tune))
            found.extend(_loading_problems(one, place) if one.endpoint is None else _serving_problems(one, place, section))
        else:
            found.extend(one)
    twice = [name for name, n in Counter(one.name for one in read).items() if n > 1]
    found.extend(Problem("evaluate.compare", f"the name '{name}' more than once", "each once") for name in twice)
    return found


def _read(entry: str | Mapping[str, str], number: int, tune: TuneSection) -> Model | list[Problem]:
    place = f"evaluate.compare.{number}"
    if isinstance(entry, str):
        name, given, model = entry.partition("=")
        published = _published(name, tune, given=bool(given))
        if isinstance(published, Problem):
            return [Problem(place, published.got, published.allowed)]
        return Model(name, model if given else published.model, published.template)
    allowed = ", ".join(SERVED_FIELDS)
    known = SERVED_FIELDS if "endpoint" in entry else FIELDS
    strange = [Problem(place, f"the field '{field}'", allowed) for field in entry if field not in known]
    missing = [Problem(place, f"an entry without '{field}'", allowed) for field in FIELDS if not entry.get(field)]
    return strange + missing or Model(**entry)


def _published(name: str, tune: TuneSection, *, given: bool) -> Published | Problem:
    """The published model of a name; or what is wrong with it, its place left open. `given`: its weights are named, too."""
    if name == INSTRUCT:
        if given:
            return Published("", "chat", "", "")
        if tune.base not in INSTRUCT_OF:
            got = f"'{INSTRUCT}' for the base '{tune.base}', whose publisher's instruct model is not known here"
            return Problem("", got, f"{INSTRUCT}=FOLDER-OR-HUB-ID")
        return Published(INSTRUCT_OF[tune.base], "chat", "", "")
    if name in NAMED:
        return NAMED[name]
    if given:
        return Problem(
            "", f"'{name}' without a template", f"{{name: {name}, model: ..., template: one of {', '.join(template.TEMPLATES)}}}"
        )
    return Problem("", f"'{name}'", f"{INSTRUCT}, {', '.join(NAMED)}, or {{name, model, template}}")


def _problems(one: Model, place: str, tune: TuneSection) -> list[Problem]:
    found = []
    if one.name in RESERVED | {"shuffled", *tune.controls}:
        found.append(Problem(place, f"the name '{one.name}'", "another: it is one of this run's own models or folders"))
    elif not _NAME.fullmatch(one.name):
        found.append(Problem(place, f"the name {one.name!r:.60}", "lower-case letters, digits, '.', '_' and '-'"))
    if one.template not in template.TEMPLATES:
        found.append(Problem(place, f"the template '{one.template}'", ", ".join(template.TEMPLATES)))
    return found


def _serving_problems(one: Model, place: str, section: EvaluateSection) -> list[Problem]:
    found = endpoint.problems(one.endpoint, one.api_key_env, place)
    if not dialect.accepts(one.model, {}).temperature:
        found.append(Problem(place, f"'{one.model}', which takes no temperature", "a model that answers greedily, at temperature 0"))
    if one.rank not in (WRITTEN, LOGPROBS):
        found.append(Problem(f"{place}.rank", f"'{one.rank}'", f"{WRITTEN} or {LOGPROBS}"))
    if one.rank == LOGPROBS and one.template in template.TEMPLATES and template.get(one.template).chat:
        got = f"the template '{one.template}' with rank: {LOGPROBS}"
        found.append(Problem(place, got, "a form of plain text: a server's own chat template hides where an option begins"))
    if one.template == "chat" and section.shots:
        found.append(Problem(place, f"the template 'chat' at a server with evaluate.shots={section.shots}", "0, or a form of plain text"))
    return found


def _loading_problems(one: Model, place: str) -> list[Problem]:
    found = [Problem(place, wrong.got, wrong.allowed) for wrong in checkpoint.problems(one.model)]
    if not found and one.template == "chat" and not _has_chat_template(one.model):
        others = ", ".join(name for name, form in template.TEMPLATES.items() if not form.chat)
        found.append(Problem(place, f"the template 'chat' for {one.model}, whose tokenizer has none", others))
    return found


def _has_chat_template(model: str) -> bool:
    """Whether a folder's tokenizer has a chat template; a hub id's is not looked up."""
    place = checkpoint.resolve(model)
    if isinstance(place, str) or (place / "chat_template.jinja").is_file():
        return True
    return bool((checkpoint.read_json(place / "tokenizer_config.json") or {}).get("chat_template"))


def _weights(one: Model) -> str:
    """What tells a model's weights and tokenizer from others: a digest of the folder's files, the hub id, or the server's name for it."""
    if one.endpoint is not None:
        return f"server:{one.model}"
    place = checkpoint.resolve(one.model)
    if isinstance(place, str):
        return f"hub:{place}"
    files = sorted(path for path in place.iterdir() if path.suffix in _FILES)
    digests = "".join(f"{path.name} {runfolder.sha256(path)}\n" for path in files)
    return f"{place.name}@{hashlib.sha256(digests.encode()).hexdigest()[:16]}"


def load(name: str, model: str, form: str, dtype: str) -> tuple[LocalModel, Encoder]:
    """The model and its encoder, which tokenizes a prompt in one piece.

    Raises:
        InputError: it cannot be loaded, or has no such prompt form; names the entry.
        ModelError: its weights do not fit.
        MissingExtra: the extra `local` is not installed.
    """
    try:
        found = LocalModel.load(model, dtype=dtype)
        return found, Encoder(found.tokenizer, template.get(form), whole=True)
    except InputError as error:
        raise InputError(f"evaluate.compare, model '{name}': {error}") from error
