"""The category of an instruction by rule: QA, information extraction (IE), generation or other. Works offline.

The cues, in the order in which they are asked:

1. *Answer forms*: `yes`, `no`, `maybe`, or one of `entailment`, `contradiction`, `neutral` -> QA; one of the labels that the instruction
   lists ("routine, urgent or emergency") -> other; a bare quantity that had to be worked out from those of the input -> other.
2. *Shape asked for*: JSON, triples, labelled fields -> IE, whatever the verb ("summarize ... as labeled fields").
3. *Work on the given material that is neither extraction nor new text*: sorting, ranking, routing, de-identifying, replacing, merging,
   unit conversion, finding faults, classifying, scheduling -> other.
4. *Entries with remarks in brackets* about things in the text, such as `aspirin (active); heparin (discontinued)` -> IE.
5. *A running text of a length that is asked for* ("in two sentences") -> generation.
6. *Imperatives*, by their leading verb in the first sentence that has one, after a lead-in such as "Given the note," or "Could you":
   extracting verbs (extract, retrieve, fill in ...) -> IE; finding verbs (list, identify, name ...) -> IE when there is a text to find in
   and the output is taken from it, else QA; reshaping verbs (convert, turn ... into) -> IE when the output is taken from the text,
   else generation; giving verbs (give, provide) -> generation for a text (a summary, an overview), else as finding verbs; writing
   verbs (write, summarize, draft ...) -> generation; explaining verbs -> generation, but QA when they govern a question ("explain
   how the drug causes ...") that has no audience ("to the patient"); answering verbs (interpret, estimate, answer ...) -> QA.
7. *Questions*: asked for a wording ("how would you explain ...") -> generation; asked what a text says ("does the note mention
   ...") or answered with words of the text -> IE; all others -> QA.
8. Without any cue: an output in the words of the input -> IE, a short one -> QA, else generation.

An output that is one of the options listed in the input is a choice, never an extraction. The words and patterns are in `cues.py`.

It is a rule of thumb, measured against the categories of the built-in seeds (`tests/curate/test_categories.py`). The cues were written
with these seeds in view, so that figure is an upper bound for other records.

    >>> label("Extract every drug from the note.", "Takes metformin and aspirin.", "metformin; aspirin")
    <Category.IE: 'ie'>
"""

from __future__ import annotations

import re

from bioinstruct.core.records import Category
from bioinstruct.core.text import normalise, rouge_words, squeeze
from bioinstruct.curate.cues import (
    ANSWERING,
    AUDIENCE,
    BARE_ANSWERS,
    ENTRY,
    EVERY,
    EXPLAINING,
    EXTRACTING,
    FINDING,
    FUNCTION_WORDS,
    GIVING,
    GOVERNED,
    KNOWN,
    LEAD_IN,
    LISTED_LABELS,
    MARKER,
    OTHER,
    OTHER_WORK,
    POLITE,
    QUANTITY,
    QUESTION_START,
    REMARKED,
    RESHAPING,
    SAYS,
    SENTENCE_END,
    SHAPE,
    TEXT_GIVEN,
    TEXT_LENGTH,
    WORDING,
)

_TEXT_WORDS = 12
"""From this many words on, an input is a text to find things in and not just a topic."""
_TAKEN, _TAKEN_QUESTION = 0.6, 0.75
"""Share of the output that stands in the input, from which on the output is taken from it."""
_RUNNING = 12
"""From this many words on, an output for which a length was asked is a running text."""
_SHORT = 25
"""Up to this many words, an output without other cues is an answer."""


def label(instruction: str, input: str, output: str) -> Category:
    """The category of a record, by the cues of the module's docstring, asked in their order."""
    asked = squeeze(instruction).lower()
    answer = normalise(output).rstrip(".")
    if answer in BARE_ANSWERS:
        return Category.QA
    if _is_listed_label(asked, answer) or _is_worked_out(input, output):
        return Category.OTHER
    if SHAPE.search(asked):
        return Category.IE
    verb, task = _leading(asked)
    if verb in OTHER or OTHER_WORK.search(asked):
        return Category.OTHER
    has_text = len(input.split()) >= _TEXT_WORDS
    taken = 0.0 if _picks_option(input, output) else _share_taken(input, output)
    if has_text and taken >= _TAKEN and REMARKED.fullmatch(output.strip()):
        return Category.IE
    if TEXT_LENGTH.search(asked) and len(output.split()) >= _RUNNING:
        return Category.GENERATION
    if verb is not None:
        return _imperative(task, verb, has_text, taken)
    if task.endswith("?") or QUESTION_START.match(task):
        if WORDING.search(task):
            return Category.GENERATION
        says = SAYS.search(task) is not None
        return Category.IE if has_text and taken >= (_TAKEN if says else _TAKEN_QUESTION) else Category.QA
    if has_text and taken >= _TAKEN_QUESTION:
        return Category.IE
    return Category.QA if len(output.split()) <= _SHORT else Category.GENERATION


def _imperative(task: str, verb: str, has_text: bool, taken: float) -> Category:
    """The category of a task that starts with a known verb."""
    if verb in EXTRACTING:
        return Category.IE
    if verb in RESHAPING:
        return Category.IE if has_text and taken >= _TAKEN and not AUDIENCE.search(task) else Category.GENERATION
    if verb in GIVING and TEXT_GIVEN.match(task):
        return Category.GENERATION
    if verb in FINDING or verb in GIVING:
        return Category.IE if has_text and (taken >= _TAKEN or EVERY.search(task)) else Category.QA
    if verb in EXPLAINING and GOVERNED.match(task) and not AUDIENCE.search(task):
        return Category.QA
    return Category.QA if verb in ANSWERING else Category.GENERATION


def _leading(asked: str) -> tuple[str | None, str]:
    """The leading verb and the text from it on, or None and the question, of the first sentence that holds either."""
    sentences = [part for part in SENTENCE_END.split(asked) if part]
    for sentence in sentences:
        task = POLITE.sub("", sentence)
        if (first := _first_word(task)) in KNOWN:
            return first, task
        if task.endswith("?") and not LEAD_IN.match(task):
            # "A reader cannot follow the codes; what are their full forms?"
            return None, task.rpartition("; ")[2] if QUESTION_START.match(task.rpartition("; ")[2]) else task
        found = _after_lead_in(task)
        if found is not None:
            return found
    return None, POLITE.sub("", asked)


def _after_lead_in(task: str) -> tuple[str | None, str] | None:
    """As `_leading`, for one sentence that opens with a lead-in; None where nothing follows it."""
    if not LEAD_IN.match(task):
        return None
    for boundary in (r"[,;:]\s+", r"\b(?:and|to)\s+"):  # the clause after a comma first: "given the note and record, list ..."
        for match in re.finditer(boundary, task):
            clause = POLITE.sub("", task[match.end() :].removeprefix("and ").removeprefix("then "))
            if (first := _first_word(clause)) in KNOWN:
                return first, clause
            if QUESTION_START.match(clause):
                return None, clause
    return (None, task) if task.endswith("?") else None


def _first_word(text: str) -> str:
    match = re.match(r"[a-z-]+", text)
    return match.group().replace("-", "") if match else ""


def _is_listed_label(asked: str, answer: str) -> bool:
    """The answer is one of the labels that the instruction lists."""
    if not answer or len(answer.split()) > 3:
        return False
    lists = (found.group(found.lastindex or 0) for found in LISTED_LABELS.finditer(asked))
    return any(answer in {part.strip(" '\"") for part in re.split(r",| or | and ", listed)} for listed in lists)


def _is_worked_out(input: str, output: str) -> bool:
    """The output is a bare quantity that is none of the two or more of the input."""
    quantity = QUANTITY.fullmatch(output.strip())
    given = re.findall(r"\d+(?:\.\d+)?", input)
    return quantity is not None and len(given) >= 2 and quantity.group(1) not in given


def _share_taken(input: str, output: str) -> float:
    """How much of the output stands in the input, 0..1: of its content words or, where its entries carry remarks, of the entries.

    An entry `head (remark)` or `key: value` counts when either side stands there whole, as the rest is in the model's words.
    """
    given = set(rouge_words(input))
    content = _content(output)
    share = sum(word in given for word in content) / len(content) if content else 0.0
    entries = [match for entry in re.split(r"[;\n]", MARKER.sub("", output)) if (match := ENTRY.fullmatch(entry.strip()))]
    sides = [[side for text in entry.groups() if text and (side := _content(text))] for entry in entries]
    sides = [pair for pair in sides if pair]
    return max(share, sum(any(given.issuperset(side) for side in pair) for pair in sides) / len(sides)) if sides else share


def _content(text: str) -> list[str]:
    return [word for word in rouge_words(text) if word not in FUNCTION_WORDS]


def _picks_option(input: str, output: str) -> bool:
    """The output is one of at least two marked lines of the input: a choice among options, not an extraction."""
    options = {normalise(MARKER.sub("", line)) for line in input.splitlines() if MARKER.match(line)}
    return len(options) > 1 and normalise(MARKER.sub("", output)) in options
