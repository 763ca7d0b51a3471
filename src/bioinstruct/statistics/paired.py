"""Tests of significance for two systems on the same items: mid-p McNemar, and Holm's correction for several tests.

>>> mcnemar([True, True, True, False], [False, False, True, False])
McNemar(only_first=2, only_second=0, p=0.25)
>>> holm([0.01, 0.04, 0.03])
[0.03, 0.06, 0.06]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioinstruct.core.errors import InputError


@dataclass(frozen=True)
class McNemar:
    """Outcome of a mid-p McNemar test."""

    only_first: int
    """Items that only the first system has right."""
    only_second: int
    """Items that only the second system has right."""
    p: float
    """Two-sided mid-p value; 1.0 where the systems never differ."""


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """Two-sided mid-p McNemar test of whether two systems are right equally often, item by item.

    The binomial sum is taken in integers, so that the value is right to the last digit for any number of items.

    Raises:
        InputError: the two do not have the same number of items.
    """
    if len(first) != len(second):
        raise InputError(f"mcnemar: got {len(first)} and {len(second)} items; allowed: the same items for both systems")
    only_first = sum(a and not b for a, b in zip(first, second, strict=True))
    only_second = sum(b and not a for a, b in zip(first, second, strict=True))
    return McNemar(only_first, only_second, _mid_p(only_first, only_second))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given; each at most 1.

    Raises:
        InputError: a value lies outside 0..1.
    """
    for p in p_values:
        if not 0.0 <= p <= 1.0:
            raise InputError(f"holm: got {p}; allowed: p-values from 0 to 1")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def _mid_p(one: int, other: int) -> float:
    """`2 P(X < k) + P(X = k)` for k the smaller count and X binomial with one half: twice the tail with half its last term."""
    n, k = one + other, min(one, other)
    term, below = 1, 0  # n over i, and the sum of these for i < k
    for i in range(k):
        below += term
        term = term * (n - i) // (i + 1)
    return float((2 * below + term) / (1 << n))
