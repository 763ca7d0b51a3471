"""THE parser: a model's text becomes an answer here and nowhere else; gold goes through the same functions.

The rules never guess. What is tried, in this order, is: the whole first line; what follows "the answer is"; what the text
opens with; the only answer that the text names. A text that names several and settles on none has no answer.

    >>> option("**Answer: B**", ["insulin", "metformin"])
    'metformin'
    >>> label("Yes, because the trial was positive.", ["yes", "no"])
    'yes'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

from bioinstruct.core.text import normalise, rouge_words, squeeze
from bioinstruct.tasks.unwrap import bare, plain

_EDGE = " \t\n\"'“”„‘’«»*.,;:!"
_NO_ZERO = re.compile(r"(?<![\w.,])\.(?=\d)")
"""The point of ".5 mg", which must not be taken for an edge."""
_BULLET = re.compile(r"^\s*(?:[-*•–]\s+|\d{1,2}[.)]\s+)")
_CLAIM = re.compile(
    r"\b(?:answer|ans|response|output|label|relation(?:ship)?|choice|option|respuesta|antwort|réponse|risposta|resposta)(?:\s+corr\w+)?"
    r"\s*(?:\bis\b|\bwould be\b|\bshould be\b|\b(?:es|ist|est)\b|[:=]|(?<=\bans)\.)\s*:?\s*",
    re.I,
)
_FINAL = re.compile(r"\bfinal answer\s*(?:\bis\b|[:=])?\s*", re.I)
_NAMED_LETTER = re.compile(r"\b(?:option|choice|answer)\s+(?=\(?[A-Za-z]\b)", re.I)
_CHOSEN_LETTER = re.compile(r"\b(?:[Ii]t is|choose|pick|select|go with|opt for|[Cc]orrect)\s*:?\s+(?=\(?[A-Z]\)?\s*(?:$|[.,;\n]))")
_OTHER_LETTER = re.compile(r"\b[Nn]ot\s+\(?[A-Z]\)?\s*(?:,|;|,?\s*but)\s*(?:rather\s+)?(?=\(?[A-Z]\b)")
_PRAISED_LETTER = re.compile(r"(?:^|[.;!\n]\s*|\b[Oo]ption\s+)\(?([A-Z])\)?\s+(?:is|would be)\s+(?:the\s+)?(?:correct|right|best|answer)\b")
_RETRACTED = re.compile(
    r"\b(?:wait(?=\s*[,.!–—-])|correction(?=\s*:)|scratch that|that(?: is|'s) (?:wrong|incorrect|not right))\b[\s.,;:!-]*", re.I
)
_REASON = r"(?:because|since|as it|which|due to|is (?:the )?(?:correct|right|best|most|answer))\b"
_CLOSED = re.compile(rf"\s*(?:$|⏎|[.,;:!)\]\"'”’](?!\d)|[–—-]\s|\(|{_REASON})")
"""What may follow an answer that a text opens with, for the opening to count as the answer."""
_LETTER_MARK = re.compile(r"^\s*[(\[]?([A-Za-z])(?:[)\]:]|\.(?!\w))[)\].:]*\s*")
_LETTER_ALONE = re.compile(rf"^\s*[(\[]?([A-Za-z])[)\]]?\s*(?:$|\n|\.\s|\.$|[–—-]\s|,?\s*{_REASON})", re.I)
_REFUSED = re.compile(
    r"^\W*(?:(?:i am|i'm|i’m) (?:sorry|unable|not able)|sorry\b|i (?:cannot|can't|can’t|do not|don't|don’t) |as an ai\b)", re.I
)
_DENIED = re.compile(r"\b(?:not|nor|neither|than|instead of|unlike|except|excluding|without|isn't|no)\s+(?:an?\s+|the\s+)?$", re.I)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")


def _key(text: str) -> str:
    return _NO_ZERO.sub("0.", normalise(bare(text))).strip(_EDGE)


def _compact(text: str) -> str:
    """The key without white space and accents: how an answer reads that differs from its option in these alone."""
    apart = unicodedata.normalize("NFKD", _key(text))
    return "".join(char for char in apart if not char.isspace() and not unicodedata.combining(char))


def _line(text: str) -> str:
    """The first line that is not empty, without a bullet."""
    return _BULLET.sub("", next((line for line in text.split("\n") if line.strip()), ""))


def _places(text: str) -> Iterator[str]:
    """Where the text claims its answer, most explicit first: the last "final answer", the first "the answer is", the start."""
    finals = list(_FINAL.finditer(text))
    if finals:
        yield text[finals[-1].end() :]
    for pattern in (_CLAIM, _NAMED_LETTER, _CHOSEN_LETTER, _OTHER_LETTER):
        if claim := pattern.search(text):
            yield text[claim.end() :]
    yield text


def _after(text: str) -> str:
    """A place as it reads from its first word: no bullet, quote or article."""
    return re.sub(r"^(?:the|an?)\s+(?=\w)", "", _BULLET.sub("", text).lstrip(_EDGE + "-("), flags=re.I)


# --- options -------------------------------------------------------------------------------------------------------------


def option(text: str, options: Sequence[str]) -> str | None:
    """The option that the text settles on, by its text or by its letter (A = first); None when it settles on none.

    Where letter and text disagree the text counts, for the prompts list texts.
    """
    for choice in options:
        if squeeze(text) == squeeze(choice):
            return choice
    own = plain(text)
    if (changed := list(_RETRACTED.finditer(own))) and (found := _option(own[changed[-1].end() :], options)):
        return found
    return _option(own, options)


def _option(own: str, options: Sequence[str]) -> str | None:
    own = _NO_ZERO.sub("0.", own)
    keys: dict[str, str] = {}
    for choice in options:
        keys.setdefault(_key(choice), choice)
    line = _line(own)
    alone = keys.get(_key(line)) or keys.get(_key(_LETTER_MARK.sub("", line))) or _letter(line, options, alone=True)
    several = _several_lines(own, keys)
    if alone is not None and not several:
        return alone
    same = [choice for choice in options if _compact(choice) and _compact(choice) == _compact(line)]
    if len(same) == 1 and not several:
        return same[0]
    for place in _places(own):
        if several and place == own:
            return None
        stated = _opening(place, keys) or _opening(_LETTER_MARK.sub("", place.lstrip(_EDGE)), keys) or _letter(place, options)
        if stated is not None:
            return stated
        if place != own and (named := _only_named(_first_sentence(place), keys)):
            return named
    praised = {found.group(1) for found in _PRAISED_LETTER.finditer(own)}
    if len(praised) == 1:
        return _letter(praised.pop(), options)
    return _only_named(_first_sentence(own), keys) or _only_named(own, keys)


def _several_lines(text: str, keys: Mapping[str, str]) -> bool:
    """Whether the text opens with several answers, one a line: the list given back, which settles on none."""
    lines = (_key(_BULLET.sub("", line)) for line in text.split("\n") if line.strip())
    return len(set(takewhile(keys.__contains__, lines))) > 1


def _first_sentence(text: str) -> str:
    return _SENTENCE_END.split(text.strip(), maxsplit=1)[0]


def _letter(place: str, options: Sequence[str], alone: bool = False) -> str | None:
    """The option of a letter at the start: "B", "(b)", "B.", "B) ...", "B because"; not the article, not "B cells"."""
    start = place.lstrip(_EDGE)
    found = _LETTER_ALONE.match(start) or (None if alone else _LETTER_MARK.match(start))
    if alone and found and start[found.end() :].strip(_EDGE):
        return None
    number = ord(found.group(1).upper()) - ord("A") if found else -1
    return options[number] if 0 <= number < len(options) else None


def _opening(place: str, keys: Mapping[str, str]) -> str | None:
    """The longest option that the place opens with, if nothing but punctuation or a reason follows."""
    opening = normalise(_after(place).replace("\n", " ⏎ "))
    for key in sorted(keys, key=len, reverse=True):
        start = re.sub(r"^(?:the|an?)\s+(?=\w)", "", key)
        if start and opening.startswith(start) and _CLOSED.match(opening[len(start) :]):
            return keys[key]
    return None


def _only_named(text: str, keys: Mapping[str, str]) -> str | None:
    """The one option that the text names as whole words, not counting those it denies; None when there are none or several."""
    rest = normalise(text)
    named: set[str] = set()
    for key in sorted(keys, key=len, reverse=True):
        # A one-letter option would be found in any prose.
        if len(key) < 2:
            continue
        inside_number = r"(?<![.,])" if key[0].isdigit() else ""
        pattern = re.compile(rf"(?<![\w-])(?<!\d[.,]){inside_number}{re.escape(key)}(?![\w%]|-\w|[.,]\d)")
        if any(not _DENIED.search(rest[: found.start()]) for found in pattern.finditer(rest)):
            named.add(keys[key])
        rest = pattern.sub(lambda found: "\0" * len(found.group()), rest)
    return named.pop() if len(named) == 1 else None


# --- labels --------------------------------------------------------------------------------------------------------------

_INFLECTED = {"entailment": r"entail(?:ment|s|ed)?", "contradiction": r"contradict(?:ion|s|ed|ory)?"}
_SHORT = {"yes", "no", "maybe"}
_AGAINST = r"\b(?:but|however|although|though|yet|then again)\b[^.\n]*?\b(?:{})(?=[\"'”’)]*\s*(?:[.!;]|\n|$))"
"""A second answer at the end of a clause that turns against the first."""
_NO_AS_ANSWER = r"no(?=\s*(?:$|[.,;:!)\"'–—\n-])|\s+(?:because|since|as|it|they|this|that|the|these|there|he|she|we|i)\b)"


def label(text: str, labels: Sequence[str]) -> str | None:
    """The label that the text settles on; None when it names none, or several.

    "no" counts as an answer only where it is not the article of a noun ("no evidence").
    """
    own = plain(text)
    exact = {_key(name): name for name in labels}
    if _several_lines(own, exact):
        return None
    if (key := _key(_line(own))) in exact:
        return exact[key]
    forms = {name: _NO_AS_ANSWER if name == "no" else rf"{_INFLECTED.get(name, re.escape(name))}\b" for name in labels}
    any_label = "|".join(re.escape(name) for name in labels)
    # The labels given back: "yes/no", "yes or no", "yes, no or maybe", but not "yes, no doubt".
    several = re.compile(rf"\s*(?:(?:/|\||\bor\b|\band\b)\s*(?:{any_label})\b|,\s*(?:{any_label})\s*(?:$|,|/|\bor\b|\band\b))", re.I)
    for place in _places(own):
        start = _after(place)
        for name, form in forms.items():
            if found := re.match(form, start, re.I):
                rest = start[found.end() :]
                others = "|".join(re.escape(other) for other in labels if other != name)
                return None if several.match(rest) or re.search(_AGAINST.format(others), rest, re.I) else name
    return _only_label(own, forms)


def _only_label(text: str, forms: Mapping[str, str]) -> str | None:
    named = set()
    for name, form in forms.items():
        # In running text a short label is an answer only at a sentence's end.
        pattern = rf"\b{name}(?=[\"'”’)]*\s*(?:[.!;]|\n|$))" if name in _SHORT else rf"\b{form}"
        if any(not _DENIED.search(text[: found.start()]) for found in re.finditer(pattern, text, re.I)):
            named.add(name)
    return named.pop() if len(named) == 1 else None


# --- medication lists ----------------------------------------------------------------------------------------------------

STATUSES = ("active", "discontinued", "neither")
_STATUS = r"(?<!\bnot )(?<!\blonger )\b(active|discontinued|neither)\b"
_NOTHING = re.compile(r"^(?:none|n/a|(?:there (?:are|were|is) )?no medications?|none (?:are )?mentioned)\b[^;()]*$", re.I)
_MENTIONS_NONE = re.compile(r"^(?:the|this) (?:\w+ ){1,4}(?:no|not (?:\w+ )?any) (?:medications?|drugs?)\b[^;():]{0,40}$", re.I)
_NO_NAME = {"none", "n/a", "nil", "nothing"}
_NEXT_STATUS = re.compile(rf";\s*(?={_STATUS}[^;:()]{{0,20}}:)", re.I)
_HEADING = re.compile(r"^[^;()]{0,60}:\s*$")
_OF_STATUS = re.compile(rf"^{_STATUS}(?:\s+(?:medications?|drugs?|meds))?\s*:\s*(.*)$", re.I)
_PAIR = re.compile(
    r"^(.+?)\s*(?::|=|,|->|\s[-–—]|\bis\b|\bare\b|\bwas\b|\bhas been\b)\s*"
    rf"(?:currently\s+|now\s+|still\s+|status:?\s+)?{_STATUS}",
    re.I,
)
_LIST_LABEL = re.compile(r"^(?:answer|output|medications?)\s*:\s*", re.I)
MOST_NAME_WORDS = 5
"""A longer piece without a status is prose, not a name."""


def mentions(text: str) -> list[tuple[str, str]] | None:
    """(name, status) of each medication listed, in order; [] for "none"; None when the text holds no list.

    Reads `name (status)`, `"name" (status)`, `name: status`, `name - status` and `status: name, name`, one a line or
    separated by semicolons, with bullets or numbers or without. Names are normalised and lose their dose (from the first
    number on). A name without one of the three statuses has the status "". Later repeats of a pair are dropped.
    """
    found: list[tuple[str, str]] = []
    heading = ""
    own = plain(text)
    if _REFUSED.match(own):
        return None
    for part in (part for line in own.split("\n") for part in _status_groups(line)):
        content = _BULLET.sub("", _LIST_LABEL.sub("", part.strip())).strip()
        if not content:
            continue
        if not found and (_NOTHING.match(content.strip(_EDGE)) or _MENTIONS_NONE.match(content.strip(_EDGE))):
            return []
        if group := _OF_STATUS.match(content):
            heading = group.group(1).lower()
            found += [(_name(name), heading) for name in re.split(r"[,;]", group.group(2))]
        elif _HEADING.match(content):
            heading = ""
        else:
            found += _pairs(content, heading)
    named = list(dict.fromkeys(pair for pair in found if pair[0]))
    kept = [pair for pair in named if pair[0] not in _NO_NAME]
    return kept if kept or named else None


def _status_groups(line: str) -> list[str]:
    """The line, cut where a further "status:" begins."""
    cuts = [0, *(found.end() for found in _NEXT_STATUS.finditer(line)), len(line)]
    return [line[start:end] for start, end in pairwise(cuts)]


def _pairs(content: str, heading: str) -> Iterator[tuple[str, str]]:
    for piece in re.split(r";|(?<=\))\s*(?:,|\band\b)\s*", content):
        piece = _BULLET.sub("", piece).strip(" .,")
        if bracket := re.search(rf"\([^()]*{_STATUS}[^()]*\)", piece, re.I):
            yield _name(piece.split("(")[0]), bracket.group(1).lower()
        elif pair := _PAIR.match(piece):
            yield _name(pair.group(1)), pair.group(2).lower()
        else:
            for name in piece.split(","):
                if 0 < len(name.split()) <= MOST_NAME_WORDS:
                    yield _name(name.split("(")[0]), heading


def _name(text: str) -> str:
    words = normalise(text).strip(_EDGE + "()-").split()
    dose = next((place for place, word in enumerate(words) if place and word[0].isdigit()), len(words))
    return " ".join(words[:dose]).strip(_EDGE)


def written(pairs: Sequence[tuple[str, str]]) -> str:
    """The canonical form of a medication list, which `mentions` reads back: `name (status); ...`, or `none`."""
    return "; ".join(f"{name} ({status})" if status else name for name, status in pairs) or "none"


# --- lists of mentions --------------------------------------------------------------------------------------------------

_NO_MENTION = re.compile(r"^(?:none|n/a|nil|no (?:such )?(?:diseases?|mentions?)|there (?:are|is) no(?:ne)?)\b[^;]{0,60}$", re.I)
_MENTION_LABEL = re.compile(r"^(?:the\s+)?(?:answer|output|diseases?|mentions?)(?:\s+mentioned)?(?:\s+(?:is|are))?\s*:\s*", re.I)
MOST_MENTION_WORDS = 12
"""A longer piece that the passage does not hold is prose, not a mention."""


def names(text: str, passage: str) -> list[str] | None:
    """The mentions of `passage` that the text lists, in order and with repeats; [] for "none"; None when the text holds no list.

    They stand one a line or between semicolons, with bullets, numbers and quotes or without. A piece that the passage does not hold
    is taken apart at commas and "and"; what is then still not held is kept (it is a wrong mention), unless it is prose.
    """
    held = squeeze(passage).casefold()
    own = plain(text)
    if _REFUSED.match(own):
        return None
    lines = [_BULLET.sub("", line).strip() for line in own.split("\n")]
    lines = [line for line in (_MENTION_LABEL.sub("", line).strip() for line in lines) if line.strip(_EDGE)]
    if lines and _NO_MENTION.match(lines[0].strip(_EDGE)):
        return []
    found: list[str] = []
    for piece in (piece for line in lines for piece in line.split(";")):
        piece = _trimmed(piece, held)
        parts = [piece] if piece.casefold() in held else [_trimmed(part, held) for part in re.split(r",|\band\b", piece)]
        found += [part for part in parts if part and (part.casefold() in held or len(part.split()) <= MOST_MENTION_WORDS)]
    return found or None


def _trimmed(piece: str, held: str) -> str:
    """The piece without edges that are not of the passage: quotes, a final stop, a colon."""
    piece = squeeze(piece)
    return piece if piece.casefold() in held else piece.strip(_EDGE)


# --- spans and free text -------------------------------------------------------------------------------------------------

_REFERS = re.compile(r"\b(?:refers?(?:\s+back)?\s+to|stands\s+for|antecedent(?:\s+of\s+.{1,40}?)?\s*(?:\bis\b|:))\s*", re.I)
_LABEL = re.compile(r"^(?:the\s+)?(?:final\s+)?(?:answer|output|response)\s*(?:\bis\b\s*:?|:)\s*", re.I)


def span(text: str) -> str:
    """The expression that the text gives: its first line without a lead-in, quotes or final stop; "" when there is none."""
    line = squeeze(_line(plain(text)))
    if _REFUSED.match(line):
        return ""
    line = _LABEL.sub("", line)
    if refers := _REFERS.search(line):
        line = line[refers.end() :]
    line = line.strip().rstrip(".;,").strip('"“”‘’*').strip()
    return line if rouge_words(line) else ""


def free_text(text: str) -> str:
    """The text itself, trimmed and without a code fence or an "Output:" label; "" when it holds no word.

    What a model rambles on about afterwards is kept: it is part of what the reader would get.
    """
    trimmed = re.sub(r"^```\w*\n?|\n?```$", "", text.strip()).strip()
    trimmed = re.sub(r"^(?:output|answer|response)\s*:\s*", "", trimmed, flags=re.I)
    return trimmed if rouge_words(trimmed) else ""
