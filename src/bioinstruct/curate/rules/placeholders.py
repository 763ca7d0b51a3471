"""Texts that hold a placeholder where content should be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules.rule import Evidence, Rule, is_given, quoted

_ORDER = (
    r"(?:insert|enter|paste|fill\s+in|specify|replace\s+with|provide\s+(?:a|an|the|your)|describe\s+(?:the|your)|add\s+(?:a|an|the|your))"
)
_ORDERED = re.compile(rf"\[{_ORDER}\b[^\[\]\n]{{0,80}}\]|<{_ORDER}\s[^<>\n]{{0,80}}>|\{{{_ORDER}[\s_][^{{}}\n]{{0,60}}\}}", re.IGNORECASE)
"""[insert abstract], <enter the dose>, {insert_name}."""
_BRACES = re.compile(r"(?<![\w\\}])\{\{\s?[A-Za-z][A-Za-z _.-]{0,40}\}\}")
"""{{topic}}."""
_PARTY = r"(?:patient|doctor|physician|clinician|provider|nurse|hospital|clinic|recipient|sender|person|author|my|full|first|last)"
_DETAIL = r"(?:name|address|phone(?:\s+number)?|date\s+of\s+birth|contact\s+(?:information|details)|signature|e-?mail(?:\s+address)?)"
_SUBJECT = r"(?:drug|medication|medicine|disease|condition|diagnosis|symptom|gene|protein|topic|procedure|treatment)"
_NAMED = re.compile(
    rf"\[(?:your\s[\w ]{{1,40}}|{_PARTY}(?:['’]s)?\s{_DETAIL}|(?:name|title)\s+of\s+(?:the\s+)?\w+|{_SUBJECT}\s+(?:name|[A-Z1-9]|here)"
    r"|(?:date|time|name|text|address)\s+here)\]"
    rf"|<(?:your[\s_][\w ]{{1,40}}|{_PARTY}(?:['’]s)?[\s_]{_DETAIL}|{_SUBJECT}[\s_]name)>",
    re.IGNORECASE,
)
"""[Your Name], <patient name>, [drug name]."""
_FILLER = re.compile(
    r"\blorem ipsum\b|(?-i:\bTODO\b)|\b(?:text|content|abstract|article|data|input|output|answer) (?:goes|to be inserted) here\b",
    re.IGNORECASE,
)
_CROSSES = re.compile(r"\W*x{3,}\W*", re.IGNORECASE)
_BRACKETS = frozenset("[<{")
_FILLER_WORDS = ("lorem", "todo", " here")
_BRACKETED = re.compile(r"\[[^\[\]\n]*\]|<[^<>\n]*>|\{[^{}\n]*\}")
_ON_PURPOSE = re.compile(
    r"\b(?:blanks?|placeholders?|templates?|mask\w*|redact\w*|anonymi\w+|de-?identif\w+|pseudonym\w*|fill|missing|brackets?|tokens?|cloze|forms?"
    r"|variables?|replac\w+|substitut\w+|insert\w*|todo|scrub\w*|markup|jinja|latex|code|regex)\b",
    re.IGNORECASE,
)
"""Tasks about placeholders, or whose output is to be filled in."""
_WRITTEN_TO = re.compile(
    r"\b(?:letters?|e-?mails?|messages?|certificates?|scripts?|consent|invitations?|notices?|sample|example)\b", re.IGNORECASE
)
"""Tasks about texts in which an unknown name may stand as one."""


def placeholder(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """A field holds a placeholder that the task is not about: the first one, and where.

    De-identification marks, such as [NAME] or [**Hospital1**], and what the task itself holds are none.
    """
    if match := _CROSSES.fullmatch(candidate.input):
        return _unless_on_purpose(candidate, quoted("input", match))
    fields = {"instruction": candidate.instruction, "input": candidate.input, "output": candidate.output}
    for field, text in fields.items():
        for match in _placeholders(text):
            named = match.re is _NAMED and _WRITTEN_TO.search(candidate.instruction)
            if not named and not _is_mark(match.group()) and not (field == "output" and is_given(match.group(), candidate)):
                return _unless_on_purpose(candidate, quoted(field, match))
    return None


def _placeholders(text: str) -> Iterator[re.Match[str]]:
    """The first match of each pattern."""
    patterns = [] if _BRACKETS.isdisjoint(text) else [_ORDERED, _BRACES, _NAMED]
    lower = text.lower()
    if any(word in lower for word in _FILLER_WORDS):
        patterns.append(_FILLER)
    return (match for pattern in patterns if (match := pattern.search(text)))


def _unless_on_purpose(candidate: Candidate, evidence: Evidence) -> Evidence | None:
    return None if _ON_PURPOSE.search(_BRACKETED.sub(" ", candidate.instruction)) else evidence


def _is_mark(found: str) -> bool:
    """In capitals throughout, as de-identification marks are."""
    return found.startswith(("[", "<")) and found.isupper()


RULES = (
    Rule(
        "placeholder",
        placeholder,
        True,
        "a placeholder in any field, such as `[insert text]`, `<patient name>`, `{{topic}}`, `Lorem ipsum` or `TODO`",
        "BioInstruct's own prompt forbids placeholders: such a record is a form and not an example. Tasks about blanks, masks, forms "
        "or de-identification are left alone, and so are de-identification marks and names in letters.",
    ),
)
"""In the order in which they are asked."""
