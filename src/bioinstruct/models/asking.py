"""How a teacher may be asked, what became of it, and who does it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Finish
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


def leave_out(asker: Asker, call: Call, asked: Asked, attempts: int) -> bool:
    """Whether a request that the server has not answered in so many attempts, while it answers others, is left out.

    Its reply in the ledger is then an error (finish `error`) that says so: it is counted, and not asked again.
    """
    query = "SELECT count(*) FROM attempts WHERE purpose = ? AND key = ?"
    made = asker.ledger.select(query, (call.purpose, call.key))[0][0]
    others = asker.ledger.select("SELECT count(*) FROM replies")[0][0]
    if made < attempts or others == 0:
        return False
    words = f"unanswered: no reply in {made} attempts; the last words: {asked.words}"
    asker.ledger.store(call, Reply(words, Finish.ERROR, 0, 0, "none"))
    return True


def left_over(name: str, asked: Asked, n: int) -> str:
    """The sentence for `n` requests of `name` that used up their tries."""
    kinds = ", ".join(f"{count} x {failure.value}" for failure, count in asked.failures.most_common())
    return (
        f"{name}: {n} requests got no reply within their tries ({kinds}; the last words: {asked.words}); "
        f"{asked.answered} others were answered and are kept, run again to ask for the missing ones"
    )


def backoff(first_wait: float, failed: int) -> float:
    """Seconds to wait after so many failures in a row: doubling up to a minute, and jittered."""
    return float(min(LONGEST_WAIT, first_wait * 2 ** (failed - 1)) * random.uniform(0.5, 1.0))
