"""People's marks of texts, from a file, beside the judge's: how near the judge comes to them.

A row of the file holds the item's id, the text that was marked, who marked it, and the three marks. Rows are matched by item and text, so
that a mark never stands for a text that was written later; rows without a judged text are counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.evaluate.judge import CRITERIA, HIGHEST, LOWEST, digest
from bioinstruct.statistics import agreement, bootstrap

NEAR = 1
"""Marks that lie no further apart are near."""


@dataclass(frozen=True)
class HumanScore:
    """One person's marks of one text."""

    item: str
    """The item's id, as in `evaluate/items/`."""
    text: str
    """What was marked; white space around it does not count."""
    rater: str
    coherence: int
    completeness: int
    naturalness: int


Texts = Mapping[tuple[str, str], Mapping[str, float]]
"""(item, digest of the text) to criterion to the mean of the judge's marks."""


def load(path: Path | str) -> list[HumanScore]:
    """All rows of the file.

    Raises:
        DataError: A row has another form, a mark that is none, or marks a text that its rater has marked before; names line and field.
    """
    found: list[HumanScore] = []
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(jsonl.read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        one = jsonl.parse(line, HumanScore, path, number)
        for criterion in CRITERIA:
            if not LOWEST <= (mark := getattr(one, criterion)) <= HIGHEST:
                raise DataError(path, line=number, field=criterion, got=str(mark), allowed=f"a whole number from {LOWEST} to {HIGHEST}")
        key = (one.item, digest(one.text), one.rater)
        if key in seen:
            raise DataError(path, line=number, field="rater", got=f"'{one.rater}' for this text again", allowed="one row a rater and text")
        seen.add(key)
        found.append(one)
    if not found:
        raise DataError(path, got="no rows", allowed="one JSON object a line with item, text, rater and the three marks")
    return found


def summary(scores: Sequence[HumanScore], judged: Texts, groups: Mapping[str, str], samples: int, seed: int) -> dict[str, Any]:
    """How judge and people agree, for JSON; a text's marks are the means over its raters, and over the judge's repeats.

    Args:
        scores: Of the file.
        judged: The judge's marks.
        groups: Item to what is resampled with it.
        samples: Bootstrap samples.
        seed: Of the draws.

    Of each criterion: `n` texts, `judge_less_people` with its interval, `spearman` (None where one side has a single value), `same` and
    `near` (shares of texts whose rounded marks are equal, or at most one apart), and `alpha`, Krippendorff's for ordinal marks, of judge
    and people; `people` is the raters' own, likewise. None = not defined.

    Raises:
        MissingExtra: The package `krippendorff` is not installed.
    """
    by_text: dict[tuple[str, str], list[HumanScore]] = {}
    for one in scores:
        by_text.setdefault((one.item, digest(one.text)), []).append(one)
    matched = [key for key in by_text if key in judged]
    rows_matched = sum(len(by_text[key]) for key in matched)
    return {
        "rows": len(scores),
        "rows_without_a_judged_text": len(scores) - rows_matched,
        "raters": len({one.rater for one in scores}),
        "texts": len(matched),
        "criteria": {name: _criterion(name, [(key, by_text[key]) for key in matched], judged, groups, samples, seed) for name in CRITERIA},
    }


def _criterion(
    name: str, rated: Sequence[tuple[tuple[str, str], list[HumanScore]]], judged: Texts, groups: Mapping[str, str], samples: int, seed: int
) -> dict[str, Any]:  # fmt: skip
    if not rated:
        return {"n": 0}
    people = [sum(getattr(one, name) for one in rows) / len(rows) for _, rows in rated]
    judge = [judged[key][name] for key, _ in rated]
    apart = [abs(_rounded(one) - _rounded(other)) for one, other in zip(people, judge, strict=True)]
    differences = [one - other for one, other in zip(judge, people, strict=True)]
    pairs = [[str(_rounded(one)), str(_rounded(other))] for one, other in zip(people, judge, strict=True)]
    alphas = (
        agreement.alpha(pairs, samples, seed, "ordinal"),
        agreement.alpha([[str(getattr(one, name)) for one in rows] for _, rows in rated], samples, seed, "ordinal"),
    )
    return {
        "n": len(rated),
        "judge_less_people": asdict(bootstrap.mean(differences, [groups[key[0]] for key, _ in rated], samples, seed)),
        "spearman": _spearman(people, judge),
        "same": asdict(agreement.proportion(sum(one == 0 for one in apart), len(apart))),
        "near": asdict(agreement.proportion(sum(one <= NEAR for one in apart), len(apart))),
        "alpha": None if alphas[0] is None else asdict(alphas[0].estimate),
        "people": None if alphas[1] is None else asdict(alphas[1].estimate),
    }


def _rounded(mark: float) -> int:
    """To the nearest whole mark, halves up."""
    return math.floor(mark + 0.5)


def _spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Rank correlation, ties at their mean rank; None where it is not defined."""
    from scipy.stats import spearmanr  # here: it takes a third of a second

    return float(spearmanr(one, other).statistic) if len(set(one)) > 1 and len(set(other)) > 1 else None
