"""A hard limit on dollars and tokens: what is in flight is counted at its worst case, so that the total cannot pass it."""

from __future__ import annotations

from bioinstruct.core.errors import LimitReached
from bioinstruct.models.ledger import Charge
from bioinstruct.models.spending import Spent


class Budget:
    """What may still be spent; one for a run, whatever the purpose. Not safe for threads: it belongs to the pool's loop."""

    def __init__(self, usd: float | None, tokens: int | None, before: Spent) -> None:
        self.usd, self.tokens = usd, tokens
        self.used_usd = before.usd + before.doubtful_usd
        self.used_tokens = before.tokens + before.doubtful_tokens
        self.held_usd = 0.0
        self.held_tokens = 0

    def room(self, worst: Charge) -> bool:
        """Whether a request that takes `worst` at most fits beside what is spent and what is in flight."""
        if self.tokens is not None and self.used_tokens + self.held_tokens + (worst.tokens or 0) > self.tokens:
            return False
        return self.usd is None or self.used_usd + self.held_usd + (worst.usd or 0.0) <= self.usd

    def hold(self, worst: Charge) -> None:
        """A request leaves."""
        self.held_usd += worst.usd or 0.0
        self.held_tokens += worst.tokens or 0

    def settle(self, worst: Charge, took: Charge) -> None:
        """A request is over; what is not known of it is taken at its worst."""
        self.held_usd -= worst.usd or 0.0
        self.held_tokens -= worst.tokens or 0
        self.used_usd += (worst.usd or 0.0) if took.usd is None else took.usd
        self.used_tokens += (worst.tokens or 0) if took.tokens is None else took.tokens

    def describe(self) -> str:
        """What is spent of what, for people."""
        parts = [f"${self.used_usd:.4f} of ${self.usd:g}"] if self.usd is not None else []
        parts += [f"{self.used_tokens} of {self.tokens} tokens"] if self.tokens is not None else []
        return " and ".join(parts)

    def reached(self, worst: Charge) -> LimitReached:
        """The error for a request that has no room, to be raised."""
        most = f"${worst.usd:.4f} and {worst.tokens}" if worst.usd else str(worst.tokens)
        words = f"budget: {self.describe()} are spent and one more request may take {most} tokens"
        return LimitReached(
            f"{words}; raise budget_usd or budget_tokens and run again, or lower generate.target to finish with what is there"
        )
