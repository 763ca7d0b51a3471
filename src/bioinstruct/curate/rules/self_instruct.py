"""Self-Instruct's further filters, as its published code has them, and what a text model cannot do, in narrower words."""

from __future__ import annotations

import re
import string
import unicodedata

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules.rule import Evidence, Rule, quote, quoted

_POINTED = r"(?:the|this|these|that|those)\s+(?:following\s+|attached\s+|provided\s+|given\s+)?"
_PLAYED = (
    r"(?:videos?|audio(?:\s+(?:file|clip|recording))?|(?:sound\s+)?recordings?|podcasts?|film|clips?)\b"
    r"(?!\s+(?:transcript|script|description))"
)
_SHOWN = (
    r"(?:videos?|audio|recordings?|photo(?:graph)?s?|diagrams?|figures?|screenshots?|slides?|scans?|x-?rays?|radiographs?)\b"
    r"(?!\s+(?:report|findings|description|transcript|captions?|text|legend))"
)
_DRAWN = r"(?:diagram|chart|flow\s?chart|figure|sketch|structure|pedigree|curve|plot|schematic|illustration|cartoon|timeline)\b"
_OTHER_MEDIA = re.compile(
    rf"\b(?:watch|view|transcribe|hear|play|listen\s+to)\s+{_POINTED}{_PLAYED}"
    rf"|\b(?:attached|uploaded|enclosed)\s+{_SHOWN}"
    rf"|(?:^|[.?!;]\s|\b(?:and|then)\s)(?:please\s)?(?:draw|sketch|paint)\s+(?:me\s)?(?:an?|the)\s(?:[\w-]+\s){{0,3}}{_DRAWN}"
    r"|(?:^|[.?!]\s)(?:please\s)?(?:go\s+to|visit|open|browse|click(?:\s+on)?)\s(?:[\w-]+\s){0,3}(?:websites?|links?|urls?|web\s?pages?|https?:)",
    re.IGNORECASE,
)
_ATTACHMENT = re.compile(
    r"\W*[\[<(](?:an?\s|the\s)?(?:[\w-]+\s){0,3}"
    r"(?:images?|pictures?|photo(?:graph)?s?|video|audio|recording|figure|x-?ray|scan|file|attachment)"
    r"(?:\s(?:is\s)?(?:attached|here|file|provided|inserted))?[\])>]\W*",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_ABOUT_LINKS = re.compile(r"\b(?:urls?|links?|domains?|websites?|address(?:es)?|doi|accession|identifiers?)\b", re.IGNORECASE)
_KEYWORD = re.compile(r"\b(?:files?|maps?|draw|plot|go to)\b", re.IGNORECASE)
_PROGRAM = re.compile(r"\s*write a program\b", re.IGNORECASE)
_OPENERS = "\"'`([{<_"
"""What a quotation, a bracket, a mark-up tag or a blank to be filled in begins with."""
_CLOSERS = frozenset(string.punctuation) - frozenset(_OPENERS)
_SAID = frozenset("LNS")
"""Unicode's letters, numbers and symbols: what an answer is made of."""


def other_media(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The instruction asks to watch, listen, draw or open a link, or the input is nothing but an attachment or a link: where."""
    if match := _OTHER_MEDIA.search(candidate.instruction):
        return quoted("instruction", match)
    given = candidate.input.strip()
    if _ATTACHMENT.fullmatch(given) or (_LINK.fullmatch(given) and not _ABOUT_LINKS.search(candidate.instruction)):
        return quote("input", given, candidate.input.index(given))
    return None


def self_instruct_keyword(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """A word of Self-Instruct's list that the paper left out stands in the instruction: the first one and where."""
    match = _KEYWORD.search(candidate.instruction)
    return quoted("instruction", match) if match else None


def asks_for_program(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The instruction starts with "Write a program": these words."""
    match = _PROGRAM.match(candidate.instruction)
    return quoted("instruction", match) if match else None


def starts_with_punctuation(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The instruction starts with punctuation that opens no quotation, bracket, blank or number: the sign."""
    text = candidate.instruction.lstrip()
    if not text or text[0] not in _CLOSERS or text[1:2].isdigit():
        return None
    return quote("instruction", text[0], candidate.instruction.index(text[0]))


def starts_with_non_ascii(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The instruction starts with a character beyond ASCII: the character."""
    text = candidate.instruction.lstrip()
    return None if text[:1].isascii() else quote("instruction", text[0], candidate.instruction.index(text[0]))


def empty_output(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The output holds no letter, number or symbol: what it holds."""
    if any(unicodedata.category(character)[0] in _SAID for character in candidate.output):
        return None
    return quote("output", candidate.output, 0)


def ends_with_colon(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The input or the output ends with a colon: which, and the end of its last line."""
    for field, text in (("input", candidate.input.rstrip()), ("output", candidate.output.rstrip())):
        if text.endswith(":"):
            end = text.rpartition("\n")[2].lstrip()[-60:]
            return quote(field, end, len(text) - len(end))
    return None


RULES = (
    Rule(
        "other_media",
        other_media,
        True,
        "an instruction to watch, listen, draw or open a link; an input that is nothing but an attachment or a link",
        "What Self-Instruct's longer word list is after, and what the cleaned Alpaca set took out: a text model has to make up the "
        "rest. Phrases in place of single words keep gene maps, survival plots and drawn blood.",
    ),
    Rule(
        "self_instruct_keyword",
        self_instruct_keyword,
        False,
        "an instruction with the word file(s), map(s), draw, plot or go to",
        "Self-Instruct's code, beyond the paper's words. Off: in this field one maps terms to codes, draws blood, goes to hospital and "
        "reads a patient's file. `other_media` looks for the same in phrases.",
    ),
    Rule(
        "asks_for_program",
        asks_for_program,
        False,
        "an instruction that starts with `Write a program`",
        "Self-Instruct's code: its teacher put these words before other tasks. Off: in this field a program is as likely one of exercise.",
    ),
    Rule(
        "starts_with_punctuation",
        starts_with_punctuation,
        True,
        "an instruction that starts with punctuation",
        "Self-Instruct's code: it is what is left of a list or of a cut reply. Quotation marks, brackets, blanks and signs before a "
        "number are let pass.",
    ),
    Rule(
        "starts_with_non_ascii",
        starts_with_non_ascii,
        False,
        "an instruction that starts with a character beyond ASCII",
        "Self-Instruct's code, against other languages. Off: β-blockers, µ-opioids and typographic quotation marks start good "
        "instructions; `wrong_language` looks at the text.",
    ),
    Rule(
        "empty_output",
        empty_output,
        True,
        "an output without any letter, number or symbol",
        "Self-Instruct's code drops empty outputs; a dash or three dots say as little. A plus sign, an arrow or `None` may be the answer.",
    ),
    Rule(
        "ends_with_colon",
        ends_with_colon,
        False,
        "an input or output that ends with a colon",
        "Self-Instruct's code: mostly something unfinished. Off: inputs to be completed end so, two of Self-Instruct's own 175 seeds "
        "among them; `output_cut_off` takes the outputs.",
    ),
)
"""In the order in which they are asked."""
