"""Answerers that know nothing of medicine. A tuned model must beat the best of them before anything is claimed.

Each takes the items to score and the pool (items that are never scored) and gives one text an item, graded like a model's.
`majority` looks at the gold on purpose: it is the best that a constant answer can do.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Item
from bioinstruct.tasks.answers import written
from bioinstruct.tasks.base import Trivial


def _draw(item: Item, n: int) -> int:
    """A number below `n` from the item's id alone: the same for every run, process and order of items."""
    return int.from_bytes(hashlib.sha256(f"random/{item.id}".encode()).digest()[:8], "big") % n


def _most_common(values: Sequence[str]) -> str:
    """The most frequent value, the alphabetically first of equals."""
    return min(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[0]


def majority_label(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """The most common gold label of the scored items, always."""
    common = _most_common([item.references[0] for item in items]) if items else ""
    return [common] * len(items)


def majority_position(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """The option in the place where the right one most often stands."""
    places = Counter(item.options.index(item.references[0]) for item in items)
    order = sorted(places, key=lambda place: (-places[place], place))
    return [next(item.options[place] for place in (*order, 0) if place < len(item.options)) for item in items]


def random_option(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """An option at random, fixed by the item's id."""
    return [item.options[_draw(item, len(item.options))] for item in items]


def longest_option(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """The longest option: examiners tend to qualify the right one."""
    return [max(item.options, key=len) for item in items]


def copied_input(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """The input, word for word."""
    return [item.input for item in items]


def copied_words(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """Every word of the input as an active medication: what copying is worth where a list is asked for."""
    lists = []
    for item in items:
        words = dict.fromkeys(word.strip("\"'()[].,;:!?").lower() for word in item.input.split())
        lists.append(written([(word, "active") for word in words if word and not word[0].isdigit()]))
    return lists


def copied_mentions(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """Every word of the input as a mention."""
    return ["; ".join(item.input.replace(";", " ").split()) for item in items]


def fixed_example(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """The output of the first worked example, whatever is asked."""
    return [_other(item, pool)[0].references[0] for item in items]


def random_example(items: Sequence[Item], pool: Sequence[Item]) -> list[str]:
    """The output of an unscored item at random, fixed by the item's id."""
    chosen = []
    for item in items:
        others = _other(item, pool)
        chosen.append(others[_draw(item, len(others))].references[0])
    return chosen


def _other(item: Item, pool: Sequence[Item]) -> list[Item]:
    others = [other for other in pool if other.group != item.group]
    if not others:
        raise InputError(f"{item.task}: got no unscored item of another group than {item.id}'s; allowed: fewer evaluate.items")
    return others


OPTIONS = (
    Trivial("majority", majority_position),
    Trivial("random", random_option),
    Trivial("longest", longest_option),
)
LABELS = (Trivial("majority", majority_label), Trivial("random", random_option))
EXAMPLES = (
    Trivial("copy", copied_input),
    Trivial("fixed", fixed_example, needs_pool=True),
    Trivial("random", random_example, needs_pool=True),
)
SHORT = (Trivial("majority", majority_label), *EXAMPLES)
MENTIONS = (
    Trivial("majority", majority_label),
    Trivial("copy", copied_mentions),
    Trivial("fixed", fixed_example, needs_pool=True),
    Trivial("random", random_example, needs_pool=True),
)
MEDICATIONS = (
    Trivial("majority", majority_label),
    Trivial("copy", copied_words),
    Trivial("fixed", fixed_example, needs_pool=True),
    Trivial("random", random_example, needs_pool=True),
)
