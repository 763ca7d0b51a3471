"""Templates and the texts made from them, with the place of every identifier.

>>> example = next(examples("develop", draws=1, seed=0))  # doctest: +SKIP
>>> [(example.text[span.start : span.end], span.kind) for span in example.gold]  # doctest: +SKIP
[('03/14/2011', 'date')]
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.jsonl import read_text
from identifier_templates.slots import KINDS, makers, value
from identifier_templates.values import FOLDER, PARTS, Draw

HEADER = "kind\tgenre\ttemplate"
GENRES = (
    "note", "discharge", "referral", "dialogue", "portal", "research", "billing",
    "radiology", "registration", "cover", "mail", "dictation", "table", "message",
)  # fmt: skip
"""Kinds of text; `cover` is a fax cover sheet, `portal` a message to the clinic, `message` a piece of one between systems (HL7, FHIR, X12, logs)."""
NONE = "none"
"""Kind of the templates without an identifier."""
NEUTRAL = "city"
_SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


@dataclass(frozen=True)
class Template:
    r"""One line of a part. `id` is part and line number; `text` has slots `{kind}` or `{kind.format}`, `\n` for a line break, `\t` for a tab."""

    id: str
    kind: str
    genre: str
    text: str

    @property
    def slots(self) -> list[tuple[str, str]]:
        """Kind and format ("" where none is named) of every slot, in order."""
        return [(found[1], found[2] or "") for found in _SLOT.finditer(self.text)]


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is an identifier of `kind`."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Example:
    """A filled template. `gold` are its identifiers in order; `neutral` what counts neither when found nor when not (cities)."""

    template: Template
    text: str
    gold: tuple[Span, ...]
    neutral: tuple[Span, ...]


def read(part: str) -> list[Template]:
    """The templates of `part`, in file order. Lines before the header that begin with `# ` say what the file is.

    Raises:
        InputError: an unknown part.
        DataError: a line that has not three columns, an unknown kind, genre or slot, a slot where there may be none, or none of its own kind.
    """
    if part not in PARTS:
        raise InputError(f"part: got '{part}'; allowed: {', '.join(PARTS)}")
    path = FOLDER / f"{part}.tsv"
    lines = read_text(path).rstrip("\n").split("\n")
    place = next((place for place, line in enumerate(lines) if not line.startswith("# ")), 0)
    if lines[place] != HEADER:
        raise DataError(path, line=place + 1, got=repr(lines[place]), allowed=repr(HEADER))
    return [_parse(line, part, number) for number, line in enumerate(lines[place + 1 :], start=place + 2)]


def _parse(line: str, part: str, number: int) -> Template:
    path, columns = FOLDER / f"{part}.tsv", line.split("\t")
    if len(columns) != 3:
        raise DataError(path, line=number, got=f"{len(columns)} columns", allowed="3")
    kind, genre, text = columns
    if kind not in (*KINDS, NONE):
        raise DataError(path, line=number, field="kind", got=kind, allowed=", ".join((*KINDS, NONE)))
    if genre not in GENRES:
        raise DataError(path, line=number, field="genre", got=genre, allowed=", ".join(GENRES))
    template = Template(f"{part}:{number}", kind, genre, text)
    slots = template.slots
    if unknown := [f"{{{one}.{form}}}" for one, form in slots if form not in makers(part).get(one, {})]:
        raise DataError(path, line=number, field="template", got=unknown[0], allowed=f"slots that {part} has a maker for")
    if re.search(r"[{}]", _SLOT.sub("", text)):
        raise DataError(path, line=number, field="template", got="a brace outside a slot", allowed="braces of slots only")
    wrong = bool(slots) if kind == NONE else kind not in {one for one, _ in slots}
    if wrong:
        allowed = "no slot" if kind == NONE else f"at least one slot of kind {kind}"
        raise DataError(path, line=number, field="template", got=f"{len(slots)} slots", allowed=allowed)
    return template


def fill(template: Template, draw: Draw) -> Example:
    """`template` with every slot filled from `draw`, and where the values stand."""
    made, spans, length, done = [], [], 0, 0
    for slot in _SLOT.finditer(template.text):
        before = _unescaped(template.text[done : slot.start()])
        filled = value(slot[1], slot[2] or "", draw)
        start = length + len(before)
        spans.append(Span(start, start + len(filled), slot[1]))
        made += [before, filled]
        length, done = start + len(filled), slot.end()
    text = "".join(made) + _unescaped(template.text[done:])
    gold = tuple(span for span in spans if span.kind != NEUTRAL)
    return Example(template, text, gold, tuple(span for span in spans if span.kind == NEUTRAL))


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")


def examples(part: str, draws: int, seed: int) -> Iterator[Example]:
    """`draws` texts of every template of `part` (one of each without slots), a pure function of the template's text and `seed`."""
    for template in read(part):
        for number in range(draws if template.slots else 1):
            yield fill(template, Draw(random.Random(f"{seed}|{number}|{template.text}"), part))
