"""What the summary shows of the model-based metrics, beside the task's own; never the primary one.

    tasks.<task>.settings[].metrics.<figure>           mean over the items with its interval, among the task's other metrics
    tasks.<task>.settings[].model_metrics.<metric>     answers without a word, texts cut, items left out, where there are any
    tasks.<task>.model_metrics.<metric>                what it was; mean of each, and tuned less each other, on its first figure

Who is compared, and in which form, is as with the primary metric: nothing is chosen by these figures. They are not among the tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bioinstruct.core.records import Estimate, Item, Score
from bioinstruct.evaluate.metrics import storage
from bioinstruct.evaluate.metrics.base import Value
from bioinstruct.evaluate.metrics.storage import Stored
from bioinstruct.evaluate.plan import TUNED
from bioinstruct.statistics import bootstrap


def estimates(stored: Sequence[Stored], items: Sequence[Item], scores: Sequence[Score], samples: int, seed: int) -> dict[str, Any]:
    """Figure to its mean over the items on which it says something, of all metrics; a figure that has none is left out."""
    found: dict[str, Any] = {}
    for one in stored:
        values = _values(one, items, scores)
        for figure in one.head.figures:
            if (estimate := _mean(items, values, figure, samples, seed)) is not None:
                found[figure] = asdict(estimate)
    return found


def counts(stored: Sequence[Stored], items: Sequence[Item], scores: Sequence[Score]) -> dict[str, dict[str, int]]:
    """Metric to what befell the answers, of that which befell any."""
    return {one.head.metric: _sums(_values(one, items, scores)) for one in stored}


def of_task(
    stored: Sequence[Stored],
    items: Sequence[Item],
    tuned: Sequence[Score] | None,
    others: Mapping[str, Sequence[Score]],
    samples: int,
    seed: int,
) -> dict[str, Any]:
    """What is added to a task; nothing where no metric was asked for.

    Args:
        stored: The task's metrics.
        items: Its items.
        tuned: The tuned model's scores; None where it was not asked.
        others: Who it is compared with, each in the form that the primary metric chose.
        samples: Bootstrap samples.
        seed: Of the bootstrap.
    """
    return {"model_metrics": {one.head.metric: _against(one, items, tuned, others, samples, seed) for one in stored}} if stored else {}


def _against(
    one: Stored, items: Sequence[Item], tuned: Sequence[Score] | None, others: Mapping[str, Sequence[Score]], samples: int, seed: int
) -> dict[str, Any]:
    figure = one.head.figures[0]
    scored = {**({} if tuned is None else {TUNED: tuned}), **others}
    values = {who: _values(one, items, scores) for who, scores in scored.items()}
    means = {who: _mean(items, held, figure, samples, seed) for who, held in values.items()}
    befell = {who: _sums(held) for who, held in values.items()}
    ours = values.pop(TUNED, None)
    return {
        "identity": one.head.identity,
        "figure": figure,
        "means": {who: None if mean is None else asdict(mean) for who, mean in means.items()},
        "counts": befell,
        "gains": {} if ours is None else {who: _gain(items, ours, other, figure, samples, seed) for who, other in values.items()},
    }


def _gain(
    items: Sequence[Item], ours: Sequence[Value], other: Sequence[Value], figure: str, samples: int, seed: int
) -> dict[str, Any] | None:
    """Ours less the other, paired; None where the metric says nothing of any item. Whether it does is a matter of the references alone."""
    held = [place for place, value in enumerate(ours) if figure in value.values]
    if not held:
        return None
    first, second = ([values[place].values[figure] for place in held] for values in (ours, other))
    return asdict(bootstrap.paired_difference(first, second, [items[place].group for place in held], samples, seed))


def _sums(values: Sequence[Value]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for value in values:
        total.update(value.counts)
    return dict(sorted(total.items()))


def _values(one: Stored, items: Sequence[Item], scores: Sequence[Score]) -> list[Value]:
    return [one.value(storage.pair(item, score)) for item, score in zip(items, scores, strict=True)]


def _mean(items: Sequence[Item], values: Sequence[Value], figure: str, samples: int, seed: int) -> Estimate | None:
    held = [(value.values[figure], item.group) for item, value in zip(items, values, strict=True) if figure in value.values]
    return bootstrap.mean([value for value, _ in held], [group for _, group in held], samples, seed) if held else None
