"""What the answers say: how right the machine's labels are, how far the raters agree, and what becomes of each record.

Pure functions of a sample and its answers. Every record of the sample ends in one `Fate`; the counts add up to the sample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from bioinstruct.core.categories import names
from bioinstruct.core.records import Estimate, Instruction, instruction_id
from bioinstruct.review.store import Answer, Decision
from bioinstruct.statistics import agreement

SAMPLES = 2000
"""Bootstrap samples of alpha's interval."""
PAPER = {"accuracy": 0.873, "alpha": 0.83, "n": 1000, "raters": 3}
"""What the BioInstruct paper reports of its own labels (GPT-4's), records and raters; not told beside other categories than its four."""


class Fate(StrEnum):
    """What becomes of a record of the sample."""

    ACCEPTED = "accepted"
    """Judged by somebody, and neither edited nor rejected by the rules below; stays as it is."""
    EDITED = "edited"
    """All who edited it wrote the same; that is a new record, whose parent is the old one."""
    REJECTED = "rejected"
    """More than half of those who judged it reject it; left out."""
    CONFLICT = "conflict"
    """Different edits; stays as it is, and is listed."""
    UNJUDGED = "unjudged"
    """Nobody has accepted, edited or rejected it; stays as it is."""


@dataclass(frozen=True)
class Judged:
    """A record of the sample with all that was said of it."""

    record: Instruction
    """Its category is the machine's."""
    answers: tuple[Answer, ...]

    @property
    def labels(self) -> list[str]:
        """The raters' categories."""
        return [answer.category for answer in self.answers if answer.category is not None]

    @property
    def majority(self) -> str | None:
        """The category that more than half of at least two raters gave."""
        return agreement.majority(self.labels)

    @property
    def fate(self) -> Fate:
        """What becomes of it."""
        decisions = [answer.decision for answer in self.answers if answer.decision is not None]
        if not decisions:
            return Fate.UNJUDGED
        if 2 * decisions.count(Decision.REJECT) > len(decisions):
            return Fate.REJECTED
        edits = self._edits()
        return Fate.CONFLICT if len(edits) > 1 else Fate.EDITED if edits else Fate.ACCEPTED

    @property
    def corrected(self) -> Instruction | None:
        """The record with the raters' majority category, where there is one, and their edit; None where it is rejected."""
        if self.fate is Fate.REJECTED:
            return None
        record = replace(self.record, category=self.majority or self.record.category)
        if self.fate is not Fate.EDITED:
            return record
        (texts,) = self._edits()
        return replace(record, id=instruction_id(*texts), instruction=texts[0], input=texts[1], output=texts[2], parent=record.id)

    def _edits(self) -> set[tuple[str, str, str]]:
        edits = (answer.edited for answer in self.answers if answer.decision is Decision.EDIT)
        return {(edit.instruction, edit.input, edit.output) for edit in edits if edit is not None}


def judged(sample: Mapping[str, Instruction], answers: Sequence[Answer]) -> list[Judged]:
    """Each record of the sample with its answers, in the order of the sample."""
    by_record: dict[str, list[Answer]] = {id: [] for id in sample}
    for answer in answers:
        by_record[answer.record].append(answer)
    return [Judged(record, tuple(by_record[id])) for id, record in sample.items()]


def figures(records: Sequence[Judged], raters: Sequence[str], seed: int, categories: Sequence[str]) -> dict[str, Any]:
    """All numbers of the report, as JSON; `categories` are all that there are to choose from, in order."""
    majorities = [(one.record.category, one.majority) for one in records if one.majority is not None]
    several = sum(len(one.labels) > 1 for one in records)
    right = sum(machine == people for machine, people in majorities)
    alpha = agreement.alpha([one.labels for one in records], SAMPLES, seed)
    return {
        "accuracy": _estimate(agreement.proportion(right, len(majorities)) if majorities else None),
        "left_out": {"fewer_than_two_raters": len(records) - several, "no_majority": several - len(majorities)},
        "confusion": confusion(majorities, categories),
        "alpha": None if alpha is None else {**asdict(alpha.estimate), "undefined_draws": alpha.undefined_draws},
        "paper": PAPER if tuple(categories) == names(()) else None,
        "raters": {rater: _rater(rater, records, categories) for rater in raters},
        "fates": {fate.value: sum(one.fate is fate for one in records) for fate in Fate},
        "rejected_by_some": sum(_is_disputed(one) for one in records),
        "relabelled": sum(one.fate is not Fate.REJECTED and one.majority not in (None, one.record.category) for one in records),
        "conflicts": [one.record.id for one in records if one.fate is Fate.CONFLICT],
    }


def confusion(pairs: Sequence[tuple[str, str | None]], categories: Sequence[str]) -> dict[str, dict[str, int]]:
    """How often the machine's label (first key) met the raters' majority (second key)."""
    counts = Counter(pairs)
    return {machine: {people: counts[machine, people] for people in categories} for machine in categories}


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else asdict(estimate)


def _rater(rater: str, records: Sequence[Judged], categories: Sequence[str]) -> dict[str, Any]:
    answers = [answer for one in records for answer in one.answers if answer.rater == rater]
    labels = Counter(answer.category for answer in answers)
    decisions = Counter(answer.decision for answer in answers)
    return {
        "answered": sum(answer.complete for answer in answers),
        "labelled": len(answers) - labels[None],
        "categories": {category: labels[category] for category in categories},
        "decisions": {decision.value: decisions[decision] for decision in Decision},
    }


def _is_disputed(one: Judged) -> bool:
    """Somebody rejects it, and no majority does."""
    return one.fate is not Fate.REJECTED and any(answer.decision is Decision.REJECT for answer in one.answers)
