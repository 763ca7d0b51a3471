"""How far a second answer to a record's instruction says the same as the record's output: 0 to 1, by what kind of output it is.

1. *A verdict* (yes, no, maybe; entailment, contradiction, neutral), or an output that opens with one ("No, because ..."): 1 where the
   other answer settles on the same one, else 0. What is said besides does not count.
2. *One of the options* that the input lists, a line each, by its text or its letter: likewise.
3. *Anything else*: ROUGE-L F1. It counts words in order, so that right answers in other words score low and a wrong name in the same
   sentence costs little; where either text has no word of a to z and 0 to 9, 1 for equal texts and else 0.

1 and 2 read the answer with `tasks/answers.py`, as an evaluated model's is read.

    >>> agreement("No.", "No, the drug is safe.", "")
    Agreement(value=1.0, measure='exact')
    >>> agreement("biguanide", "It is a biguanide", "metformin").measure
    'rouge_l'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from bioinstruct.core.text import normalise, rouge_words
from bioinstruct.curate.cues import MARKER
from bioinstruct.tasks import answers
from bioinstruct.tasks.metrics import rouge_l

EXACT, ROUGE_L = "exact", "rouge_l"
VERDICTS = (("yes", "no", "maybe"), ("entailment", "contradiction", "neutral"))
_EDGE = " \"'“”‘’*.,;:!"
_LETTER_MARK = re.compile(r"\(?([a-z])[.):]\s")
_LETTER = re.compile(r"\(?([a-z])[.):]?")
_LARGEST_LIST = 26
"""A longer list of lines is no choice."""


class Agreement(NamedTuple):
    """A value from 0 to 1, and how it was measured: `exact` (only 0 or 1) or `rouge_l`."""

    value: float
    measure: str


def agreement(output: str, answer: str, input: str) -> Agreement:
    """How far `answer` says what `output` says, for a record with this input."""
    for labels in VERDICTS:
        if (verdict := _verdict(output, labels)) is not None:
            return _equal(answers.label(answer, labels) == verdict)
    options = _options(input)
    if (chosen := _chosen(output, options)) is not None:
        return _equal(answers.option(answer, list(options.values())) == chosen)
    given, said = answers.free_text(output) or output, answers.free_text(answer) or answer
    if not rouge_words(given) or not rouge_words(said):
        return _equal(normalise(given) == normalise(said))
    return Agreement(rouge_l(said, given), ROUGE_L)


def _equal(same: bool) -> Agreement:
    return Agreement(float(same), EXACT)


def _verdict(output: str, labels: tuple[str, ...]) -> str | None:
    """The verdict that an output is, or opens with."""
    found = re.match(rf"({'|'.join(labels)})(?:$|[.,;:!](?! ?\d)| [–—-] )", normalise(output).strip(_EDGE))
    return found[1] if found is not None else None


def _options(input: str) -> Mapping[str, str]:
    """Marked lines of the input that may be a choice, by letter (a = the first); empty where there are none, or their letters go astray."""
    lines = [line.strip() for line in input.splitlines() if MARKER.match(line)]
    if not 2 <= len(lines) <= _LARGEST_LIST:
        return {}
    letters = [chr(ord("a") + place) for place in range(len(lines))]
    marks = [found[1] if (found := _LETTER_MARK.match(line.casefold())) else None for line in lines]
    if any(marks) and marks != letters:
        return {}
    return dict(zip(letters, map(_unmarked, lines), strict=True))


def _unmarked(line: str) -> str:
    found = MARKER.match(line)
    return line[found.end() :] if found is not None else line


def _chosen(output: str, options: Mapping[str, str]) -> str | None:
    """The option that an output is: its text, its letter, or both; nothing else may stand beside it."""
    said = normalise(output)
    bare = normalise(_unmarked(output.strip())).strip(_EDGE)
    texts = {normalise(text).strip(_EDGE): text for text in options.values()}
    letter = _LETTER.fullmatch(said)
    return texts.get(bare) or (options.get(letter[1]) if letter is not None else None)
