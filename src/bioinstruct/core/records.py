"""The records that flow between stages. All are frozen; files hold them one a line (`core/jsonl.py`)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

CATEGORY_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")
CategoryName = Annotated[str, Field(pattern=rf"^{CATEGORY_NAME.pattern}$")]
"""A built-in `Category`, or one of a recipe's own (`core/categories.py`)."""


class Category(StrEnum):
    """The four kinds of instructions that the paper counts; a recipe may define others in their place."""

    QA = "qa"
    IE = "ie"
    GENERATION = "generation"
    OTHER = "other"


class Finish(StrEnum):
    """How a completion ended."""

    STOP = "stop"
    """The model produced its end mark (or a stop string)."""
    LENGTH = "length"
    """The token limit cut it."""
    ERROR = "error"
    """No completion could be made; the text holds the reason (for example: the prompt does not fit the context)."""


class Outcome(StrEnum):
    """What became of one item; every item has exactly one."""

    GRADED = "graded"
    UNPARSED = "unparsed"
    """The model finished, but its text holds no answer."""
    TRUNCATED = "truncated"
    """The length limit cut the text before any answer could be read."""
    FAILED = "failed"
    """The model gave nothing: an error, or a prompt that does not fit."""


@dataclass(frozen=True)
class Candidate:
    """One task parsed from a teacher's reply. Identity: (request, position)."""

    request: int
    position: int
    """The number in the teacher's list; the first new one is `seeds_per_request + 1`."""
    instruction: str
    input: str
    """Empty when the task needs none: the five spellings of "no input" become the empty string."""
    output: str


@dataclass(frozen=True)
class Origin:
    """Where an instruction came from."""

    method: str
    """`teacher`, `file` or `seed`."""
    seeds: tuple[str, ...] = ()
    """Ids of the seeds in the request, in prompt order."""
    request: int | None = None
    position: int | None = None
    """For `file`: the row, counted from 1."""
    teacher: str | None = None
    licence: str | None = None
    passage: str | None = None
    """Id of the passage that the request was grounded in."""


def instruction_id(instruction: str, input: str, output: str) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of the three texts, separated by NUL."""
    return hashlib.sha256("\0".join((instruction, input, output)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Instruction:
    """One kept (or rejected) instruction record: the ecosystem's three columns and ours beside them."""

    id: str
    instruction: str
    input: str
    output: str
    category: CategoryName
    origin: Origin
    parent: str | None = None
    """Id before masking or editing."""


@dataclass(frozen=True)
class Verdict:
    """What curation decided, and why."""

    keep: bool
    rule: str
    """Name of the rule that dropped it; `kept` or `surplus` otherwise."""
    evidence: dict[str, Any] = field(default_factory=dict)
    """What the rule saw: the keyword, the word count, the nearest neighbour and its score."""


@dataclass(frozen=True)
class Rejected:
    """A rejected candidate with its verdict, as stored in `rejected.jsonl`."""

    instruction: Instruction
    verdict: Verdict


@dataclass(frozen=True)
class Item:
    """One evaluation item."""

    id: str
    """`<task>/<number or source id>`, unique and stable."""
    task: str
    instruction: str
    input: str
    """Everything the model is shown except the instruction; options are listed by the task's `prompt`."""
    references: tuple[str, ...]
    """Perfect completions; parsed by the same parser as the model's text. For ranked tasks: the right option's text."""
    options: tuple[str, ...] = ()
    """Answer options, in the order shown; empty for free text."""
    group: str = ""
    """Article, patient or subject: clusters for intervals, and never used as a shot for one another."""


@dataclass(frozen=True)
class Setting:
    """How a model was asked. Part of every result and every path."""

    model: str
    """Name in this run: `base`, `tuned`, `shuffled` ..."""
    adapter: str | None
    """What tells the weights from others: the adapter and its digest; of a compared model its folder's digest, or its hub id."""
    mode: str
    """`rank` or `generate`."""
    asked: str
    """`letter` or `text` for ranking; `text` for generation."""
    shots: int
    template: str
    stop: str = "end"
    """`end`: only the end mark stops; `strings`: the text is also cut at the template's stop strings, as a base model needs."""

    @property
    def slug(self) -> str:
        """Path part that tells settings of one model apart, for example `rank-text-0shot`."""
        return f"{self.mode}-{self.asked}-{self.shots}shot" + ("" if self.stop == "end" else f"-{self.stop}")


@dataclass(frozen=True)
class Completion:
    """A generated text as stored: grading can be redone from it without a model."""

    item: str
    setting: Setting
    prompt_sha: str
    """First 16 hexadecimal digits of the SHA-256 of the prompt text."""
    sample: int
    text: str
    finish: Finish
    prompt_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Ranking:
    """Log-likelihoods of an item's options, in the order of `Item.options`."""

    item: str
    setting: Setting
    prompt_sha: str
    log_likelihoods: tuple[float, ...]
    """Natural logarithm, summed over the option's tokens; empty when the prompt did not fit (outcome: failed)."""
    lengths: tuple[int, ...]
    """Tokens of each option."""
    prompt_tokens: int = 0


@dataclass(frozen=True)
class Score:
    """The grade of one item under one setting."""

    item: str
    group: str
    setting: Setting
    outcome: Outcome
    values: dict[str, float]
    """Metric name to value in 0..1 (items that are not graded hold 0.0 for each metric)."""
    counts: dict[str, int]
    """True positives and the like, for corpus-level figures."""
    answer: str
    """What was read from the model's text."""
    gold: str


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval. `low` and `high` equal `value` when n is 1."""

    value: float
    low: float
    high: float
    n: int
    clusters: int


@dataclass(frozen=True)
class StageRecord:
    """Written last by a stage: without it the stage is unfinished."""

    stage: str
    name: str
    section: dict[str, Any]
    fingerprint: str
    inputs: dict[str, str]
    """File (relative to the run folder, or as given) to SHA-256."""
    outputs: dict[str, str]
    counts: dict[str, int]
    versions: dict[str, str] = field(default_factory=dict)
    git: str | None = None
    seconds: float = 0.0
