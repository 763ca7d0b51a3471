"""One parser for what a teacher says about a record: one of a few words, or a whole number. It never guesses.

The first line must be the answer and nothing else, but for a lead-in ("Category:"), quotes, brackets and marks around it, and the same
answer under its other name. Lines after it may explain, and may not name another answer. Anything else has no answer.

    >>> word("**Category: IE**", {"ie": ("ie", "information extraction"), "qa": ("qa",)})
    'ie'
    >>> number("Score: 4/5", 1, 5)
    4
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from bioinstruct.core.text import squeeze
from bioinstruct.models.questions import unthought

_MARKUP = re.compile(r"\\boxed|\\text(?:bf|rm)?\b|\*\*|__|```\w*|[`$#{}]")
_AROUND = " \"'“”‘’*_([<>)]"
_LEAD = re.compile(
    r"(?:(?:the|my|final|best|overall) ){0,3}"
    r"(?:category|class|type|label|score|rating|quality|grade|verdict|support|supported|answer)(?: (?:score|rating|category|label))?"
    r"[\"'*_ ]*(?:is\b:?|=|:|- |– |— |$|(?= ))"
)
_LEADS = 2
"""Lead-ins that may follow one another: "Answer: Category: IE"."""
_LONGEST_LINE = 200
"""Characters; no answer takes more."""


def word(text: str, names: Mapping[str, Sequence[str]]) -> str | None:
    """The one of `names` (answer to its spellings, in lower case) that a reply settles on; None where it settles on none."""
    spelled = {spelling: answer for answer, spellings in names.items() for spelling in spellings}
    any_of = "|".join(re.escape(spelling) for spelling in sorted(spelled, key=len, reverse=True))
    named_alone = re.compile(rf"({any_of})(?:[ /:=(–—-]+({any_of}))?")
    said, rest = _said(text, named_alone)
    found = named_alone.fullmatch(said)
    if found is None:
        return None
    named = {spelled[one] for one in found.groups() if one} | {spelled[one] for one in re.findall(rf"(?<!\w)({any_of})(?!\w)", rest)}
    return named.pop() if len(named) == 1 else None


def number(text: str, low: int, high: int) -> int | None:
    """The whole number from `low` to `high` (of one digit) that a reply settles on, also as "4/5"; None where it settles on none."""
    said, rest = _said(text)
    found = re.fullmatch(rf"([{low}-{high}])(?: ?(?:/|out of|of) ?{high})?(?: (?:points?|stars?))?", said)
    return int(found[1]) if found is not None and not re.search(r"\d", rest) else None


def _said(text: str, answer: re.Pattern[str] | None = None) -> tuple[str, str]:
    """What the first line with words says, and all lines after it: folded, without markup, lead-ins and what stands around the answer.

    What matches `answer` is no lead-in, as an answer may have the name of one ("support").
    """
    plain = _MARKUP.sub("", unicodedata.normalize("NFKC", unthought(text)).casefold())
    lines = [line for line in map(squeeze, plain.splitlines()) if line]
    for place, line in enumerate(lines):
        if len(line) > _LONGEST_LINE:
            break
        if said := _bare(line, answer):
            return said, "\n".join(lines[place + 1 :])
    return "", ""


def _bare(line: str, answer: re.Pattern[str] | None) -> str:
    said = line.rstrip(_AROUND + ".!,;:")
    for _ in range(_LEADS + 1):
        said = said.lstrip(_AROUND).removeprefix("- ").removeprefix("• ").lstrip(_AROUND)
        lead = _LEAD.match(said)
        if lead is None or (answer is not None and answer.fullmatch(said)):
            break
        said = said[lead.end() :]
    return said.strip()
