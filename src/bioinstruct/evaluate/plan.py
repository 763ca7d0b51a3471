"""What is asked: which model, which task, in which setting, and the prompts of a task under a setting.

The base is asked with every number of worked examples in `base_shots`; its completions are graded twice, as they stand and
cut at the template's stop strings, because a base model does not know the end mark. Tuned models are asked once. Models that ours are
compared with (`compared.py`) are asked with as many worked examples as the tuned one, and graded twice like the base, which favours them.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.records import Item, Setting
from bioinstruct.core.template import Template
from bioinstruct.tasks import Task

BASE = "base"
TUNED = "tuned"
SHUFFLED = "shuffled"

Shot = tuple[str, str, str]


@dataclass(frozen=True)
class Ask:
    """One task asked of one model in one setting."""

    task: Task
    setting: Setting
    derived: Setting | None = None
    """Setting that grades the same completions again (stop strings); None where there is none."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The setting asked, and the derived one where there is one."""
        return (self.setting,) if self.derived is None else (self.setting, self.derived)


@dataclass(frozen=True)
class Other:
    """A model that ours are compared with."""

    name: str
    weights: str
    """What tells them from others: a digest, or the hub id."""
    template: str
    """Name of its prompt form."""
    model: str
    """Where they are: a folder or a hub id; or what the server calls the model."""
    endpoint: str | None = None
    """Base URL of the server that answers for it; None = it is loaded here."""
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable with the server's key."""
    ranks: bool = True
    """Whether options are ranked by their likelihood; else the choice is written."""


@dataclass(frozen=True)
class Prompt:
    """An item as it is put to a model: everything but the token ids."""

    item: Item
    instruction: str
    input: str
    shots: tuple[Shot, ...]
    sha: str
    """First 16 hexadecimal digits of the SHA-256 of the rendered text, worked examples included; no tokenizer has a say in it."""


def plan(
    tasks: Sequence[Task], section: EvaluateSection, template: str, adapters: Mapping[str, str], others: Sequence[Other] = ()
) -> list[Ask]:
    """All asks: the base first, then the models of `adapters` (model name -> what identifies the adapter), then `others`, task by task."""
    asks: list[Ask] = []
    for task in tasks:
        for shots in section.base_shots:
            asked = _setting(task, BASE, None, shots, template)
            derived = _setting(task, BASE, None, shots, template, "strings") if task.mode == "generate" else None
            asks.append(Ask(task, asked, derived))
    for model, adapter in adapters.items():
        asks.extend(Ask(task, _setting(task, model, adapter, section.shots, template)) for task in tasks)
    for other in others:
        for task in tasks:
            asked = _setting(task, other.name, other.weights, section.shots, other.template)
            if not other.ranks:
                asked = replace(asked, mode="generate", asked="text")
            derived = replace(asked, stop="strings") if asked.mode == "generate" else None
            asks.append(Ask(task, asked, derived))
    return asks


def _setting(task: Task, model: str, adapter: str | None, shots: int, template: str, stop: str = "end") -> Setting:
    asked = task.asked if task.mode == "rank" else "text"
    return Setting(model=model, adapter=adapter, mode=task.mode, asked=asked, shots=shots, template=template, stop=stop)


def place(folder: Path, task: str, setting: Setting) -> Path:
    """The folder of a setting's results below the stage's."""
    return folder / setting.model / f"{task}.{setting.slug}"


def cap(task: Task, setting: Setting, section: EvaluateSection) -> int:
    """The most new tokens that an answer may have, where it is written."""
    if setting.mode == task.mode:
        return min(section.max_new_tokens, task.max_new_tokens)
    return section.max_new_tokens  # a choice that is written may be a sentence


def prompts(task: Task, items: Sequence[Item], pool: Sequence[Item], shots: int, template: Template) -> list[Prompt]:
    """The prompts of all items, in order. Raises `InputError` where the pool is too small for the worked examples."""
    made = []
    for item in items:
        instruction, input = task.prompt(item)
        examples = tuple(task.shots(item, pool, shots)) if shots else ()
        text = template.shots(list(examples)) + template.prompt(instruction, input)
        made.append(Prompt(item, instruction, input, examples, hashlib.sha256(text.encode()).hexdigest()[:16]))
    return made


def option_texts(item: Item, asked: str) -> tuple[str, ...]:
    """What is ranked for an item: its options' texts, or their letters in the order shown."""
    return item.options if asked == "text" else tuple(string.ascii_uppercase[: len(item.options)])
