"""Multiple-choice tasks whose output is none of the options."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.core.text import normalise, rouge_words
from bioinstruct.curate.cues import FUNCTION_WORDS
from bioinstruct.curate.rules.rule import Evidence, Rule

_LONGEST_TASK = 20_000
"""Characters of a text in which options are looked for."""
_READ = 2_000
"""Characters of an output that are compared with the options."""
_FEWEST, _MOST = 3, 26
"""Options of a list that is taken as one to choose from."""
_MOST_MARKS, _MOST_LISTS = 500, 20
"""Marks of a text, and lists begun there, that are looked at."""
_ALIKE = 80.0
"""Similarity, 0 to 100, from which an option with other endings or a slip of the pen is named."""
_FEWEST_ALIKE = 4
"""Characters of the shortest texts that are compared by similarity."""
_STEM = 5
"""First letters by which a word with another ending is known again."""

_MARKER = re.compile(r"(?<![\w.])(\(?)([A-Za-z]|\d{1,2})([.):])\s")
_BULLET = re.compile(r"^[ \t]*[-*•][ \t]+(\S.*)$", re.MULTILINE)
_LISTED = re.compile(r"(?:^|\n|[.?!]\s)[^\S\n]*(?:answer\s+)?(?:options|choices|possible\s+answers)\s*:([^\n]+)(?:\n|$)", re.IGNORECASE)
_CHOOSING = re.compile(
    r"\b(?:choose|select|pick|options?|choices?|multiple[- ]choice|which\s+of|which\s+(?:one|answer|line|entry|item)"
    r"|(?:best|correct|right|single|most\s+(?:likely|appropriate))\s+(?:\w+\s)?answer|answer\s+the\s+(?:\w+\s){0,3}question)\b",
    re.IGNORECASE,
)
"""Instructions that ask for one of several given answers."""
_OTHERWISE = re.compile(
    r"\b(?:create|generate|rewrite|rephrase|paraphrase|translate|explain|sort|rank|order|summari[sz]e|classify|categori[sz]e|count|how\s+many"
    r"|number\s+of|topic|subject|specialty|difficulty|keywords?|distractors?|add|extend|write|compose|format|convert|extract|match|suggest|plan)\b",
    re.IGNORECASE,
)
"""Instructions that do something else with options."""
_OUTSIDE = re.compile(
    r"^\W*(?:yes|no|none|neither|both|all|maybe|true|false|unknown|cannot|can't|it\s+is\s+not|there\s+is\s+no|not)\b"
    r"|\b(?:none|all|both|neither|any|either)\s+of\s+(?:the|these|them)\b|\bnot\s+(?:listed|given|among)\b",
    re.IGNORECASE,
)
"""Answers that take the options as a whole."""


@dataclass(frozen=True)
class _Option:
    label: str
    """Letter or number; empty for a bullet."""
    text: str


def answer_not_an_option(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The task lists options to choose from and the output names none, by letter or by text: their number, the first ones, the output."""
    if not _CHOOSING.search(candidate.instruction) or _OTHERWISE.search(candidate.instruction):
        return None
    options = _options(candidate.input) or _options(candidate.instruction)
    answer = candidate.output[:_READ]
    if not options or _OUTSIDE.search(answer) or _labels_named(options, answer) or _text_named([option.text for option in options], answer):
        return None
    return {"options": len(options), "first": [option.text[:40] for option in options[:5]], "output": answer[:80]}


def _options(text: str) -> list[_Option]:
    """The options that a text lists: lettered, numbered and bulleted ones, else what follows "Options:"; empty where there are none."""
    text = text[:_LONGEST_TASK]
    found = _marked(text) + [_Option("", match.group(1)) for match in _BULLET.finditer(text)]
    if not found and (match := _LISTED.search(text)):
        found = [_Option("", part) for part in re.split(r"[;,/]|\bor\b", match.group(1)) if part.strip()]
    return found if _FEWEST <= len(found) <= _MOST else []


def _marked(text: str) -> list[_Option]:
    """What follows A, B, C ... or 1, 2, 3 ..., all marked alike; the longest list of a text, of equals the last, where options stand."""
    marks = list(islice(_MARKER.finditer(text), _MOST_MARKS))
    starts = [place for place, mark in enumerate(marks) if mark.group(2) in {"A", "a", "1"}]
    best: list[re.Match[str]] = []
    for start in starts[-_MOST_LISTS:]:
        chain = [marks[start]]
        for mark in marks[start + 1 :]:
            if _follows(mark, chain[-1]):
                chain.append(mark)
        if len(chain) >= max(len(best), _FEWEST):
            best = chain
    if not best:
        return []
    ends = [mark.start() for mark in best[1:]] + [len(text)]
    return [_Option(mark.group(2), text[mark.end() : end].partition("\n\n")[0].strip()) for mark, end in zip(best, ends, strict=True)]


def _follows(mark: re.Match[str], before: re.Match[str]) -> bool:
    """Whether a marker is the next one of a list: the next letter or number, with the same signs about it."""
    (opening, label, closing), (opening_before, label_before, closing_before) = mark.groups(), before.groups()
    if (opening, closing) != (opening_before, closing_before):
        return False
    if label.isdigit() or label_before.isdigit():
        return label.isdigit() and label_before.isdigit() and int(label) == int(label_before) + 1
    return ord(label) == ord(label_before) + 1


def _labels_named(options: Iterable[_Option], answer: str) -> bool:
    """Whether a label stands in the answer: as a capital or number, by itself or among others; a small letter before a sign or alone."""
    labels = {option.label for option in options} - {""}
    capitals = {label.upper() for label in labels}
    if any(len(word) <= len(labels) and capitals.issuperset(word) for word in re.findall(r"\b[A-Z]{2,}\b", answer)):
        return True
    for label in labels:
        capital = re.escape(label.upper())
        if re.search(rf"(?<![\w]){capital}(?![\w])", answer):
            return True
        if re.search(rf"(?<!\w){re.escape(label.lower())}(?:[).:]|\W*$)", answer):
            return True
    return False


def _text_named(options: Sequence[str], answer: str) -> bool:
    """Whether the answer holds an option's text or the option the answer's, but for endings and slips; half of an option's words will do.

    So will a longer word that only one option has.
    """
    given = rouge_words(answer)
    stems = {word[:_STEM] for word in given}
    contents = [_content(option) for option in options]
    counts = Counter(stem for content in contents for stem in content)
    for option, content in zip(options, contents, strict=True):
        if option.strip() and not content:
            if option.strip() in answer:
                return True
            continue
        named = content & stems
        if (
            2 * len(named) >= len(content)
            or (stems and stems <= content)
            or any(len(stem) == _STEM and counts[stem] == 1 for stem in named)
        ):
            return True
        if (
            len(answer) >= _FEWEST_ALIKE
            and len(option) >= _FEWEST_ALIKE
            and fuzz.partial_ratio(normalise(option), normalise(answer)) >= _ALIKE
        ):
            return True
    return False


def _content(option: str) -> set[str]:
    """The stems of an option's words, without function words where there are others."""
    found = rouge_words(option)
    return {word[:_STEM] for word in found if word not in FUNCTION_WORDS} or {word[:_STEM] for word in found}


RULES = (
    Rule(
        "answer_not_an_option",
        answer_not_an_option,
        True,
        "an output that is none of the three or more options that the task lists to choose from",
        "Such a record teaches to answer beside the question. An option is named by its letter or number, by its text with other case, "
        "punctuation or endings, by half of its words or a word of its own; yes, no, none and all of them pass, too.",
    ),
)
"""In the order in which they are asked."""
