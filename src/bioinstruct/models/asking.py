"""How a teacher may be asked, what became of it, and who does it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from bioinstruct.core.errors import InputError
from bioinstruct.models.base import Call, Failure, Reply
from bioinstruct.models.budget import Budget
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.live import Live

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds: backoff doubles from the first to the longest."""


@dataclass(frozen=True)
class Limits:
    """How a teacher may be asked."""

    in_flight: int = 32
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    attempts: int = 6
    """Tries a request has before it is given up."""
    timeout: float | None = 600.0
    """Seconds for one attempt; None = as long as it takes."""
    first_wait: float = FIRST_WAIT
    """Seconds before the second try; doubles with each."""

    def __post_init__(self) -> None:
        if self.in_flight < 1 or self.attempts < 1:
            raise InputError(f"limits: got {self.in_flight} in flight and {self.attempts} attempts; allowed: 1 or more")


@dataclass
class Asked:
    """What became of the calls of one `ask`: each is answered, given up, or not sent."""

    answered: int = 0
    given_up: list[str] = field(default_factory=list)
    """Keys of calls that used up their tries; they are asked again on the next run."""
    failures: Counter[Failure] = field(default_factory=Counter)
    """Attempts without a reply, by what happened."""
    words: str = ""
    """Of the last failure."""


class Asker(Protocol):
    """Whoever asks a run's teacher, one by one (`Pool`) or in batches (`batch.BatchPool`)."""

    ledger: Ledger
    budget: Budget

    def ask(self, calls: Iterable[Call], on_reply: Callable[[Call, Reply], str], live: Live | None = None) -> Asked:
        """Ask all calls; blocks until each is answered or given up. See `Pool.ask`."""
        ...


def backoff(first_wait: float, failed: int) -> float:
    """Seconds to wait after so many failures in a row: doubling up to a minute, and jittered."""
    return float(min(LONGEST_WAIT, first_wait * 2 ** (failed - 1)) * random.uniform(0.5, 1.0))
