"""What the judge said of each item's answers, as the browser of items shows it.

of an answerer    values: mean mark of each answer over criteria and repeats, None where nothing was read; outcomes: what became of it
of a task         pairs: the two answerers that the judge chose between, and what came of each item
with the texts    the judge's replies, in their order
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.records import Setting
from bioinstruct.evaluate import judged, judging, pairwise
from bioinstruct.evaluate.judge import Judgement
from bioinstruct.evaluate.pairwise import Preference

Pair = tuple[Preference, Preference]


@dataclass(frozen=True)
class Words:
    """All that a judge said of a run's texts."""

    marks: Mapping[tuple[str, Setting], Sequence[Judgement]]
    """(item, answerer) -> its marks, in the order of the repeats."""
    pairs: Mapping[str, Pair]
    """Item -> the choice in both orders, the tuned model's text first and second; empty where no pairs were asked about."""
    strongest: Mapping[str, str]
    """Task -> the slug of the base's strongest setting by the marks."""

    def of(self, items: Sequence[str], setting: Setting) -> list[Sequence[Judgement]] | None:
        """The marks of an answerer's texts, item by item; None where the judge was not asked about them."""
        found = [self.marks.get((item, setting)) for item in items]
        return None if None in found else [one for one in found if one is not None]

    def pairs_of(self, items: Sequence[str]) -> list[Pair] | None:
        """The choices for the items of a task; None where there are none."""
        found = [self.pairs.get(item) for item in items]
        return None if not found or None in found else [one for one in found if one is not None]


def read(folder: Path, summary: Mapping[str, Any] | None) -> Words | None:
    """What the judge said; `folder` is the run's, `summary` the judge's, which is None where its words stand for nothing."""
    if summary is None:
        return None
    marks: defaultdict[tuple[str, Setting], list[Judgement]] = defaultdict(list)
    for one in jsonl.read(folder / judging.FOLDER / judging.JUDGEMENTS, Judgement):
        marks[one.item, one.setting].append(one)
    choices = list(jsonl.read(folder / judging.FOLDER / judging.PREFERENCES, Preference))
    pairs = {one.item: (one, other) for one, other in zip(choices[::2], choices[1::2], strict=True)}
    strongest = {name: task["strongest_base"]["slug"] for name, task in summary["tasks"].items() if task["strongest_base"] is not None}
    return Words(dict(marks), pairs, strongest)


def figures(marks: Sequence[Sequence[Judgement]]) -> dict[str, Any]:
    """Of one answerer's texts, item by item."""
    gathered = [judged.marks_of(some) for some in marks]
    return {
        "values": [one.value for one in gathered],
        "outcomes": [one.outcome.value for one in gathered],
        "characters": [[len(one.reply) for one in some] for some in marks],
    }


def pair_figures(pairs: Sequence[Pair], asked: Sequence[Setting]) -> dict[str, Any]:
    """Which answerers (by their place in `asked`) the judge chose between, and what came of each item."""
    one = pairs[0][0]
    return {
        "tuned": asked.index(one.tuned),
        "base": asked.index(one.base),
        "results": [pairwise.result(pair) for pair in pairs],
        "characters": [[len(said.reply) for said in pair] for pair in pairs],
    }


def replies(said: Sequence[Judgement] | Pair) -> list[str]:
    """The judge's replies as they came; an empty text where nothing was asked or answered."""
    return [one.reply for one in said]
