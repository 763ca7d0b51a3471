"""All that curation asks of records but novelty, block after block: rules, test items, identifiers, duplicates.

    candidates ──look──▶ rules ▶ contamination ▶ identifiers ▶ fingerprints ──settle──▶ duplicates

`look` takes each record by itself: blocks may be looked at in any order, by several processes or machines. `settle` goes through them in
order, because a duplicate is a duplicate of something that came before. How records are cut into blocks changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from bioinstruct.core import categories
from bioinstruct.core.errors import Problem
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate, Instruction, Origin, instruction_id
from bioinstruct.curate import identifiers, meaning, rules
from bioinstruct.curate.contamination import Contamination, Leak, Record
from bioinstruct.curate.duplicates import Duplicates, Fingerprint, Prints
from bioinstruct.curate.meaning import Encoder
from bioinstruct.curate.own_categories import Labeller, labeller

CONTAMINATION, IDENTIFIER = "contamination", "identifier"
DUPLICATES = ("duplicate", "near_duplicate", "similar")
"""Names of the rules that compare with records before: equal, much the same words, much the same meaning."""
NAMES = (*rules.RULES, CONTAMINATION, IDENTIFIER, *DUPLICATES)
"""All rules of a screen, in order."""
FIELDS = ("instruction", "input", "output")
Action = Literal["reported", "masked", "dropped"]
"""What is done about a record with identifiers."""
DONE: dict[str, Action] = {"report": "reported", "mask": "masked", "drop": "dropped"}
"""Value of `curate.identifiers` -> what is done."""

Objection = tuple[str, dict[str, Any]]
"""The rule that drops a record, and what it saw."""


@dataclass(frozen=True)
class Located:
    """One identifier in a record."""

    field: str
    start: int
    """Offsets in characters, in the text before masking."""
    end: int
    kind: str
    finder: str


@dataclass(frozen=True)
class Marked:
    """A record with identifiers, as stored in `identifiers.jsonl`."""

    record: str
    """Its id before masking."""
    action: Action
    found: tuple[Located, ...]


@dataclass(frozen=True)
class Reported:
    """One finding of a test item in a record, as stored in `contamination.jsonl`."""

    record: str
    """The record's id, kept or not."""
    leak: Leak


@dataclass(frozen=True)
class Looked:
    """What a screen makes of one candidate."""

    record: Instruction
    """As it goes on: masked, where that is asked for."""
    objection: Objection | None = None
    leak: Reported | None = None
    marked: Marked | None = None
    fingerprint: Fingerprint | None = None
    """None where it is dropped."""


def problems(section: CurateSection) -> list[Problem]:
    """What would stop a screen of this section, found without loading a model."""
    found = rules.problems(section, elsewhere=DUPLICATES[:1])
    found += categories.problems(section.categories, by_rules=section.labeller == "rules")
    if section.identifiers != "off":
        found += identifiers.problems(section.finders)
    if section.embedder is not None:
        found += meaning.problems(section.embedder)
    return found


def duplicates(section: CurateSection) -> Duplicates:
    """What finds duplicates as the section has it; nothing stands in it yet."""
    similar = None if section.embedder is None else section.similarity
    return Duplicates(exact=section.rules.get("duplicate", True), near=section.near_duplicates, similar=similar)


class Screen:
    """The screen of one section.

    Args:
        section: What to drop.
        against: What must not be trained on; None = nothing is.

    Raises:
        InputError: a finder or the embedder cannot be had.
    """

    def __init__(self, section: CurateSection, against: Contamination | None) -> None:
        self.section = section
        self._against = against if section.contamination != "off" else None
        self._finders = identifiers.finders(section.finders) if section.identifiers != "off" else None
        self._prints = Prints(section.near_duplicates is not None, None if section.embedder is None else Encoder(section.embedder))
        self._duplicates = duplicates(section)
        self._label = labeller(section.categories)

    def look(self, candidates: Sequence[Candidate], origins: Callable[[Candidate], Origin]) -> list[Looked]:
        """Everything about each candidate that does not depend on the others."""
        looked = [Looked(_instruction(one, origins(one), self._label), rules.judge(one, self.section)) for one in candidates]
        looked = self._contaminated(looked)
        looked = self._identified(looked)
        standing = [place for place, one in enumerate(looked) if one.objection is None]
        prints = self._prints.of([_texts(looked[place].record) for place in standing])
        for place, fingerprint in zip(standing, prints, strict=True):
            looked[place] = replace(looked[place], fingerprint=fingerprint)
        return looked

    def settle(self, looked: Sequence[Looked]) -> list[Looked]:
        """The same, those dropped that are duplicates of one before; call it for every block, in order."""
        standing = [one for one in looked if one.objection is None]
        prints = [one.fingerprint for one in standing if one.fingerprint is not None]
        found = iter(self._duplicates.screen(prints, [one.record.id for one in standing]))
        settled = []
        for one in looked:
            twin = next(found) if one.objection is None else None
            settled.append(one if twin is None else replace(one, objection=(twin.how, {"of": twin.of, "score": twin.score})))
        return settled

    def remember(self, records: Sequence[Instruction]) -> None:
        """Take in records that earlier blocks have let pass."""
        self._duplicates.remember(self._prints.of([_texts(one) for one in records]), [one.id for one in records])

    def _contaminated(self, looked: Sequence[Looked]) -> list[Looked]:
        if self._against is None:
            return list(looked)
        leaks = iter(self._against.find(_texts(one.record) for one in looked if one.objection is None))
        found = []
        for one in looked:
            leak = next(leaks) if one.objection is None else None
            if leak is not None:
                objection = (CONTAMINATION, asdict(leak)) if self.section.contamination == "drop" else None
                one = replace(one, objection=objection, leak=Reported(one.record.id, leak))
            found.append(one)
        return found

    def _identified(self, looked: Sequence[Looked]) -> list[Looked]:
        if self._finders is None:
            return list(looked)
        standing = [one for one in looked if one.objection is None]
        found = iter(self._finders.find([getattr(one.record, field) for one in standing for field in FIELDS]))
        return [one if one.objection is not None else self._mark(one, [next(found) for _ in FIELDS]) for one in looked]

    def _mark(self, one: Looked, found: Sequence[Sequence[identifiers.Found]]) -> Looked:
        located = tuple(
            Located(field, span.start, span.end, span.kind, span.finder)
            for field, spans in zip(FIELDS, found, strict=True)
            for span in spans
        )
        if not located:
            return one
        marked = Marked(one.record.id, DONE[self.section.identifiers], located)
        if self.section.identifiers == "drop":
            kinds = dict(sorted(Counter(span.kind for span in located).items()))
            return replace(one, marked=marked, objection=(IDENTIFIER, {"kinds": kinds}))
        if self.section.identifiers == "mask":
            return replace(one, marked=marked, record=_masked(one.record, found))
        return replace(one, marked=marked)


def _instruction(candidate: Candidate, origin: Origin, label: Labeller) -> Instruction:
    texts = (candidate.instruction, candidate.input, candidate.output)
    return Instruction(instruction_id(*texts), *texts, category=label(*texts), origin=origin)


def _masked(record: Instruction, found: Sequence[Sequence[identifiers.Found]]) -> Instruction:
    instruction, input, output = (identifiers.mask(text, spans) for text, spans in zip(_texts(record), found, strict=True))
    masked = instruction_id(instruction, input, output)
    return replace(record, id=masked, instruction=instruction, input=input, output=output, parent=record.id)


def _texts(record: Instruction) -> Record:
    return Record(record.instruction, record.input, record.output)
