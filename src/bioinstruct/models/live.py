"""What asking looks like while it goes on: the progress line's words, and the same as figures for machines."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field

from bioinstruct.models.base import Failure, Reply
from bioinstruct.models.ledger import Charge


@dataclass
class Live:
    """Counts of one piece of asking."""

    total: int = 0
    """Requests to ask in all; 0 = not known."""
    before: int = 0
    """Of these, answered in an earlier run."""
    kept: int | None = None
    """Records kept by curation so far, in a pipeline."""
    budget: float | None = None
    """US dollars."""
    replies: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    unpriced: int = 0
    """Replies whose price is not known."""
    spent: float = 0.0
    """US dollars of the whole run, doubtful requests at their worst."""
    again: int = 0
    """Attempts that had to be made again."""
    given_up: int = 0
    in_flight: int = 0
    paused: float = 0.0
    """Seconds that the server has asked to be left alone for."""
    rate: float = math.inf
    """Requests a second that the server has been found to allow."""
    parsed: int = 0
    """Records read in the replies."""
    failures: Counter[Failure] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def reply(self, reply: Reply, took: Charge, word: str) -> None:
        """Count a reply; `word`: the number of records in it, or another word about it."""
        self.replies += 1
        self.prompt_tokens += reply.prompt_tokens
        self.output_tokens += reply.output_tokens
        self.usd += took.usd or 0.0
        self.unpriced += took.usd is None
        self.parsed += int(word) if word.isdecimal() else 0

    def count(self, failure: Failure) -> None:
        """Count an attempt without a reply."""
        self.failures[failure] += 1

    def expected(self) -> float | None:
        """US dollars of all requests, by the mean of those answered; None where nothing tells."""
        if not self.total or not self.replies or self.unpriced:
            return None
        return self.usd / self.replies * (self.total - self.before)

    def note(self) -> str:
        """For people, beside the bar."""
        parts = [f"{self.parsed} parsed"]
        if self.kept:
            parts.append(f"{self.kept} kept before")
        parts.append(f"{self.prompt_tokens + self.output_tokens:,} tokens")
        if self.usd > 0:
            expected = self.expected()
            parts.append(f"${self.usd:.2f}" + (f" of about ${expected:.2f}" if expected is not None else ""))
        parts.append(f"{self.in_flight} in flight")
        if self.paused > 1.0:
            parts.append(f"paused {self.paused:.0f} s as the server asks")
        if self.rate < math.inf:
            parts.append(f"at most {self.rate:.1f}/s")
        refused = self.failures[Failure.RATE_LIMITED]
        if self.failures:
            parts.append(f"{refused} x 429, {sum(self.failures.values()) - refused} other failures, {self.again} asked again")
        if self.given_up:
            parts.append(f"{self.given_up} given up")
        return ", ".join(parts)

    def figures(self) -> dict[str, float | int | None]:
        """For machines."""
        seconds = time.monotonic() - self.began
        return {
            "replies": self.replies,
            "parsed": self.parsed,
            "kept": self.kept,
            "replies_per_second": round(self.replies / seconds, 3) if seconds > 0 else None,
            "prompt_tokens": self.prompt_tokens,
            "output_tokens": self.output_tokens,
            "usd": round(self.usd, 6) if not self.unpriced else None,
            "usd_expected": None if (expected := self.expected()) is None else round(expected, 6),
            "usd_spent_at_most": round(self.spent, 6),
            "in_flight": self.in_flight,
            "allowed_per_second": None if self.rate == math.inf else round(self.rate, 3),
            "refused": self.failures[Failure.RATE_LIMITED],
            "failed": sum(self.failures.values()) - self.failures[Failure.RATE_LIMITED],
            "asked_again": self.again,
            "given_up": self.given_up,
            "paused_seconds": round(self.paused, 1),
        }
