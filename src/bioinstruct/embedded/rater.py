r"""The embedded teacher's other side: it answers prompts about a single record (a label, the checks), offline and by simple means.

It is there so that a run with labels and checks can be rehearsed. Its judgement is that of surface features, and its knowledge that of the
facts which the teacher may state: figures made from its replies say that the machinery works and nothing about records. Of prompts it knows
the first line, and that texts stand behind bars under their names; a task itself stands there plainly.

    >>> answer("Rate the quality of one instruction record.\n\nInstruction:\n| Name it.\n\nInput: none\n\nOutput:\n| x\n", seed=0)
    '3'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache, lru_cache

from bioinstruct.core.text import normalise, rouge_words
from bioinstruct.embedded.teacher_base import taught
from bioinstruct.embedded.world import load

LABEL = "Sort one instruction record into one of four categories."
OWN_LABEL = "Sort one instruction record into one of the categories below."
ANSWERS = "Carry out the instruction below."
SUPPORT = "Judge whether the output of one instruction record is supported by a text."
QUALITY = "Rate the quality of one instruction record."
UNKNOWN = "I cannot answer this from the tables of the embedded world."
WAVERING = 0.02
"""Share of the labels that name two categories, as real teachers do now and then."""
WORDY = 0.1
"""Share of the labels that come with a lead-in and a full stop."""
SLIPS = 0.15
"""Share of the answers that are another one than the right one."""

_TEXT = re.compile(r"^(Text|Instruction|Input|Output):\n((?:\|.*(?:\n|\Z))+)", re.MULTILINE)
_OPTION = re.compile(r"^\s*(?:[-*•]|\(?[A-Za-z][.):])\s+(.+)$", re.MULTILINE)
_MEANING = re.compile(r"^- ([a-z][a-z0-9_]*): (.+)$", re.MULTILINE)
_CLUES = {
    "ie": r"extract|list|identify|collect|gather|find|retrieve|name|pull|reconcile|copy|fill|mark|quoted?|refers?|mentions?|stand for",
    "generation": r"write|draft|compose|summar\w+|condense|explain|rephrase|rewrite|reply|advise|counsel|letter|gist|synopsis|what should",
    "other": r"sort|rank|route|assign|classify|convert|replace|remove|merge|service|urgent",
    "qa": r"which|why|does|do|is|are|can|choose|pick|select|decide|entailment|options?|question",
}
"""Words that speak for a category; the one that stands first counts."""
_LONGEST_TASK = 4000
"""Characters; no question of the embedded world is longer."""
_FULL, _HALF = 0.8, 0.4
"""Shares of an output's words that stand in a text, from which on it is supported, and partly so."""


def is_asked(prompt: str) -> bool:
    """Whether a prompt is one of those that are answered here."""
    return _by(prompt) is not None


def answer(prompt: str, seed: int) -> str:
    """The reply to a prompt, which only for tasks depends on the seed; `UNKNOWN` where there is nothing to say."""
    by = _by(prompt)
    return UNKNOWN if by is None else by(prompt, seed)


def _by(prompt: str) -> Callable[[str, int], str] | None:
    table = {LABEL: _label, OWN_LABEL: _own_label, ANSWERS: _task, SUPPORT: _support, QUALITY: _quality}
    return next((by for opening, by in table.items() if prompt.startswith(opening)), None)


def _texts(prompt: str) -> dict[str, str]:
    """The quoted texts by name; a name without a text is not there."""
    return {name.lower(): "\n".join(line[2:] for line in block.splitlines()) for name, block in _TEXT.findall(prompt)}


def _draw(*parts: object) -> float:
    """A number from 0 to below 1 that depends on the parts alone."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _label(prompt: str, _: int) -> str:
    instruction = normalise(_texts(prompt).get("instruction", ""))
    places = {name: found.start() for name, clues in _CLUES.items() if (found := re.search(rf"\b(?:{clues})\b", instruction))}
    first = min(places, key=places.__getitem__, default="qa" if instruction.endswith("?") else "generation")
    draw = _draw("label", prompt)
    if draw < WAVERING:
        return "qa or ie"
    return f"Category: {first.upper()}." if draw < WAVERING + WORDY else first


def _own_label(prompt: str, _: int) -> str:
    """The category whose name and meaning share most words with the record's instruction and input; the last one where none does."""
    texts = _texts(prompt)
    given = set(rouge_words(f"{texts.get('instruction', '')} {texts.get('input', '')}"))
    meanings = _MEANING.findall(prompt.partition("Below is the record.")[0])
    shared = {name: len({word for word in rouge_words(f"{name} {meaning}") if len(word) > 3} & given) for name, meaning in meanings}
    return max(shared, key=shared.__getitem__) if any(shared.values()) else next(reversed(shared), UNKNOWN)


def _support(prompt: str, _: int) -> str:
    texts = _texts(prompt)
    said, given = set(rouge_words(texts.get("output", ""))), set(rouge_words(texts.get("text", "")))
    share = len(said & given) / len(said) if said else 0.0
    return "yes" if share >= _FULL else "partly" if share >= _HALF else "no"


def _quality(prompt: str, _: int) -> str:
    texts = _texts(prompt)
    instruction, input, output = (texts.get(name, "") for name in ("instruction", "input", "output"))
    flaws = (
        len(instruction.split()) < 6,
        not instruction.rstrip().endswith((".", "?", "!")),
        not input and re.search(r"\b(below|text|note|entry|passage|following)\b", instruction) is not None,
        not input and len(output.split()) < 2,
        normalise(output) == normalise(input),
        len(output.split()) > 120,
    )
    return str(max(1, 5 - sum(flaws)))


def _task(prompt: str, seed: int) -> str:
    """The answer to a question of the embedded world that the teacher may answer; it slips now and then."""
    found, others = _known(prompt.partition("Instruction:\n")[2])
    if found is None:
        return UNKNOWN
    wrong = [option for option in others if option != found]
    slips = wrong and _draw("slip", seed, prompt) < SLIPS
    return wrong[int(_draw("which", seed, prompt) * len(wrong))] if slips else found


@lru_cache(maxsize=64)
def _known(task: str) -> tuple[str | None, tuple[str, ...]]:
    """The right answer to a task, None where it is not known, and all that it can be."""
    if len(task) > _LONGEST_TASK:
        return None, ()
    options = tuple(option.strip() for option in _OPTION.findall(task))
    return (_choice(task, options), options) if options else (_verdict(task), ("yes", "no"))


@cache
def _stated() -> frozenset[tuple[str, str]]:
    """Pairs of names that a fact links which the teacher may state."""
    return frozenset((subject, thing) for (_, subject), things in taught().stated.items() for thing in things)


def _linked(one: str, other: str, pairs: frozenset[tuple[str, str]]) -> bool:
    return (one, other) in pairs or (other, one) in pairs


def _choice(task: str, options: tuple[str, ...]) -> str | None:
    """The one option that a fact links to something which the question names; None where there is none, or several."""
    named, pairs = set(load().mentions(_OPTION.sub("", task))), _stated()
    of_options = {option: set(load().mentions(option)) for option in options}
    fitting = [option for option, names in of_options.items() if any(_linked(one, other, pairs) for one in named for other in names)]
    return fitting[0] if len(fitting) == 1 else None


def _verdict(task: str) -> str | None:
    """Whether a fact links the two things that a closed question names; None for other questions, and where only a held-out fact does."""
    named = list(dict.fromkeys(load().mentions(task)))
    if len(named) != 2 or not re.search(r"\b(yes|no)\b", task.lower()) or _linked(named[0], named[1], load().held_out_pairs):
        return None
    return "yes" if _linked(named[0], named[1], _stated()) else "no"
