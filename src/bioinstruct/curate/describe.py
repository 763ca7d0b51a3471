"""Statistics of a curated set, as plain JSON data: what the page shows, and what sets can be compared by.

    funnel      {candidates, kept, surplus, rejected, rules: [{rule, dropped, examples}], surplus_examples}:
                candidates = kept + surplus + rejected, and rejected = the sum of `dropped`
    lengths     words of instruction, input and output of the kept records; empty inputs are counted and left out of the input's figures
    categories  {category: {n, share}}
    seeds       how often each seed was shown in the requests of kept records; null where no record names its seeds
    verbs       root verbs and their objects, by rule (`curate/verbs.py`)
    diversity   opening trigrams of the instructions, and distinct n-grams of each text

Examples are the first, the middle and the last record that a rule dropped, in the order given; their texts are cut at `TEXT` characters.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bioinstruct.core.categories import BUILTIN, REST
from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Instruction, Rejected
from bioinstruct.core.text import rouge_words, words
from bioinstruct.curate import verbs
from bioinstruct.curate.excerpt import excerpt

TEXT = 300
"""Characters of each text of an example."""
FIELDS = ("instruction", "input", "output")
SAMPLE = 10_000
"""Tokens of the sample by which sets of different sizes are compared: the share of distinct n-grams falls as a set grows."""
LONGEST = 3
"""Longest n-grams that are counted."""
_MOST = 2**62
"""Keys of n-grams stay below it."""
BINS = 16
"""Most bars of a histogram before the open one."""


def describe(
    kept: Sequence[Instruction],
    rejected: Sequence[Rejected],
    surplus: Sequence[Rejected],
    rule_names: Sequence[str],
    categories: Sequence[str] = (*BUILTIN, REST),
) -> dict[str, Any]:
    """The statistics; the same records in the same order give the same data.

    Args:
        kept: What was kept, in order.
        rejected: What rules dropped, in order.
        surplus: What passed every rule beyond the target, in order.
        rule_names: All rules, in the order of the funnel; those that dropped nothing are told with 0.
        categories: All there can be, in order; likewise.

    Raises:
        InputError: a record was dropped by a rule that is not in `rule_names`.
    """
    return {
        "funnel": _funnel(len(kept), rejected, surplus, rule_names),
        "lengths": _lengths(kept),
        "categories": _categories(kept, categories),
        "seeds": _seeds(kept, [one.instruction for one in (*rejected, *surplus)]),
        "verbs": {"method": "by rule", **verbs.count(one.instruction for one in kept)},
        "diversity": {
            "opening_trigrams": _openings([one.instruction for one in kept]),
            **{field: _distinct([getattr(one, field) for one in kept]) for field in FIELDS},
        },
    }


def _funnel(n_kept: int, rejected: Sequence[Rejected], surplus: Sequence[Rejected], rule_names: Sequence[str]) -> dict[str, Any]:
    dropped: dict[str, list[Rejected]] = {rule: [] for rule in rule_names}
    for one in rejected:
        if one.verdict.rule not in dropped:
            raise InputError(f"record {one.instruction.id}: got the rule {one.verdict.rule!r}; allowed: {', '.join(dropped) or 'none'}")
        dropped[one.verdict.rule].append(one)
    return {
        "candidates": n_kept + len(rejected) + len(surplus),
        "kept": n_kept,
        "surplus": len(surplus),
        "rejected": len(rejected),
        "rules": [{"rule": rule, "dropped": len(found), "examples": _examples(found)} for rule, found in dropped.items()],
        "surplus_examples": _examples(surplus),
    }


def _examples(found: Sequence[Rejected]) -> list[dict[str, Any]]:
    """The first, the middle and the last; fewer where there are fewer. `number` is the place among them, from 1."""
    places = sorted({0, len(found) // 2, len(found) - 1}) if found else []
    return [{"number": place + 1, **_example(found[place])} for place in places]


def _example(one: Rejected) -> dict[str, Any]:
    record, origin = one.instruction, one.instruction.origin
    return {
        "id": record.id,
        "method": origin.method,
        "request": origin.request,
        "position": origin.position,
        **{field: excerpt(getattr(record, field), TEXT) for field in FIELDS},
        "evidence": {name: _shown(value) for name, value in one.verdict.evidence.items()},
    }


def _shown(value: Any) -> Any:
    """Numbers and null as they are; all else as a text, with an ellipsis where it is cut."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= TEXT else text[:TEXT] + "\u2026"


def _lengths(kept: Sequence[Instruction]) -> dict[str, Any]:
    counts = {field: [len(words(getattr(one, field))) for one in kept] for field in FIELDS}
    inputs = [n for n in counts["input"] if n]
    without = len(kept) - len(inputs)
    figures = {field: _distribution(values) for field, values in {**counts, "input": inputs}.items()}
    return {**figures, "without_input": without, "share_without_input": _ratio(without, len(kept))}


def _distribution(values: Sequence[int]) -> dict[str, Any] | None:
    """Figures of a list of counts, and a histogram whose last bin is open; None of nothing.

    `p5` and `p95` are the smallest values that at least 5 % and 95 % of the values do not exceed.
    """
    if not values:
        return None
    ordered, n = sorted(values), len(values)
    return {
        "n": n,
        "min": ordered[0],
        "p5": ordered[-(-n * 5 // 100) - 1],
        "median": _median(ordered),
        "mean": round(sum(values) / n, 6),
        "p95": ordered[-(-n * 95 // 100) - 1],
        "max": ordered[-1],
        "histogram": _histogram(ordered),
    }


def _median(ordered: Sequence[int]) -> float:
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _histogram(ordered: Sequence[int]) -> list[dict[str, int | None]]:
    """Bins of one round width, {from, to, n} with `to` left out; values beyond the common ones share the last, whose `to` is None."""
    common = ordered[min(len(ordered) - 1, int(0.98 * len(ordered)))]
    width = next(step for power in range(9) for step in (10**power, 2 * 10**power, 5 * 10**power) if common < step * BINS)
    edge = (common // width + 1) * width
    starts = [*range(0, edge, width), *([edge] if ordered[-1] >= edge else [])]
    counts = Counter(min(value // width, len(starts) - 1) for value in ordered)
    return [{"from": start, "to": start + width if start < edge else None, "n": counts[place]} for place, start in enumerate(starts)]


def _categories(kept: Sequence[Instruction], order: Sequence[str]) -> dict[str, Any]:
    counts = Counter(one.category for one in kept)
    return {name: {"n": counts[name], "share": _ratio(counts[name], len(kept)) or 0.0} for name in order}


def _seeds(kept: Sequence[Instruction], others: Sequence[Instruction]) -> dict[str, Any] | None:
    """`seeds` is how many there are in the requests of any candidate; min, median and max are of their showings with kept records."""
    known = {seed for one in (*kept, *others) for seed in one.origin.seeds}
    if not known:
        return None
    shown = Counter(seed for one in kept for seed in set(one.origin.seeds))
    ordered = sorted(shown[seed] for seed in known)
    return {"seeds": len(known), "showings": shown.total(), "min": ordered[0], "median": _median(ordered), "max": ordered[-1]}


def _openings(instructions: Sequence[str]) -> dict[str, Any]:
    """How many different three words instructions begin with; those with fewer words are left out of `texts`."""
    openings = [tuple(opening) for text in instructions if len(opening := rouge_words(text)[:3]) == 3]
    different = len(set(openings))
    return {"texts": len(openings), "distinct": different, "ratio": _ratio(different, len(openings))}


def _distinct(texts: Sequence[str]) -> dict[str, Any]:
    """Distinct n-grams of all tokens and of the first `SAMPLE`, which is None where there are not so many.

    Tokens are those of `rouge_words`; no n-gram reaches from one text into the next.
    """
    numbers: dict[str, int] = {}
    tokens = [[numbers.setdefault(word, len(numbers)) for word in rouge_words(text)] for text in texts]
    sizes = [len(one) for one in tokens]
    ids = np.fromiter((number for one in tokens for number in one), np.int64, sum(sizes))
    owners = np.repeat(np.arange(len(sizes)), sizes)
    sample = _grams(ids[:SAMPLE], owners[:SAMPLE], len(numbers)) if len(ids) >= SAMPLE else None
    return {**_grams(ids, owners, len(numbers)), "sample": sample}


def _grams(ids: npt.NDArray[np.int64], owners: npt.NDArray[np.int64], n_words: int) -> dict[str, Any]:
    """{tokens, ngrams: {n: {ngrams, distinct, ratio}}}; `owners` tells each token's text. Exact: keys are numbers, not hashes."""
    keys, counts = ids, {}
    for n in range(1, LONGEST + 1):
        if n > 1:
            if n_words**n > _MOST:  # ranks in their place, of which there are no more than tokens
                keys = np.unique(keys, return_inverse=True)[1]
            keys = keys[:-1] * n_words + ids[n - 1 :]
        inside = keys[owners[: len(keys)] == owners[n - 1 :]]
        different = len(np.unique(inside))
        counts[str(n)] = {"ngrams": len(inside), "distinct": different, "ratio": _ratio(different, len(inside))}
    return {"tokens": len(ids), "ngrams": counts}


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
