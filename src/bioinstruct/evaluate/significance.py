"""The table of tests: on each task the tuned model against what it must beat, with Holm's correction over the tasks of each comparison.

    summary["tests"]                              the rule, and how many tests each family of them holds
    summary["tasks"][task]["tests"][other]        strict and graded_only; None where one of the two was not asked

Each reading holds the difference with its interval, the test, `p` and `adjusted`, McNemar's exact value and counts, the items on which
either is higher, and the smallest difference that the sample could have shown (`statistics/item_level.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bioinstruct.core.records import Score
from bioinstruct.statistics import item_level
from bioinstruct.statistics.item_level import Comparison, Difference

OTHERS = ("base", "trivial", "shuffled")
RULE = (
    "On each task the tuned model is tested once against the strongest base, once against the best trivial answerer and once against the "
    "shuffled control: right and wrong answers by McNemar's test (mid-p, the exact value beside it; items of one cluster go together), "
    "graded ones by Student's t of the clusters' differences. Holm's correction runs over the tasks of one comparison: each of the three "
    "is a family of tests of its own, and so is each reading. Strict counts an item without a grade as 0; graded-only leaves out the items "
    "that either of the two has no grade for. The smallest difference is the true one that a sample of this size and spread shows in four "
    "of five repetitions, before the correction. Base and trivial answerer are the best of several on the same items, which errs against "
    "the tuned model."
)


def against(
    tuned: Sequence[Score] | None, others: Mapping[str, Sequence[Score]], metric: str, samples: int, seed: int
) -> dict[str, Comparison]:
    """The tuned model less each of the others; nothing where the tuned model was not asked.

    Raises:
        InputError: scores are not of the same items in the same order.
    """
    if tuned is None:
        return {}
    return {name: item_level.compare(tuned, other, metric, samples, seed) for name, other in others.items()}


def table(found: Mapping[str, Mapping[str, Comparison]]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Correct the tests of all tasks.

    Args:
        found: Task name to the comparisons made on it.

    Returns:
        The rule with the number of tests in each family, and task name to other to strict and graded-only.
    """
    shown: dict[str, dict[str, Any]] = {task: dict.fromkeys(OTHERS) for task in found}
    sizes: dict[str, dict[str, int]] = {}
    for other in OTHERS:
        corrected = item_level.correct({task: those[other] for task, those in found.items() if other in those})
        for task, comparison in corrected.items():
            shown[task][other] = asdict(comparison)
        sizes[other] = {
            "strict": _tests([one.strict for one in corrected.values()]),
            "graded_only": _tests([one.graded_only for one in corrected.values()]),
        }
    return {"rule": RULE, "sizes": sizes}, shown


def _tests(differences: Sequence[Difference | None]) -> int:
    return sum(one is not None and one.adjusted is not None for one in differences)
