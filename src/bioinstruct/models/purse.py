"""What a run may spend on models that it asks: its ledger, prices and budget, and the way to ask one with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioinstruct.core.progress import Progress
from bioinstruct.models import prices
from bioinstruct.models.asking import Limits
from bioinstruct.models.base import Teacher
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Pool
from bioinstruct.models.spending import price_late


@dataclass(frozen=True)
class Purse:
    """Of one run."""

    ledger: Path
    prices: Mapping[str, Sequence[float]]
    """Model -> US dollars, as the recipe has them."""
    budget_usd: float | None
    """Of the whole run; None = no limit."""
    budget_tokens: int | None
    progress: Progress

    @contextmanager
    def asking(self, name: str, teacher: Teacher, limits: Limits, *, free: bool = False) -> Iterator[Pool]:
        """A pool that asks `teacher`, whose price is that of the model `name`, or nothing.

        Raises:
            InputError: there is a budget in dollars and no price.
        """
        with Ledger(self.ledger) as ledger:
            price = prices.FREE if free else prices.find(name, self.prices)
            if price is not None and not free:
                price_late(ledger, name, price)  # of replies that came before there was a price
            usd, tokens = self.budget_usd, self.budget_tokens
            with Pool(teacher, ledger, price, limits, budget_usd=usd, budget_tokens=tokens, progress=self.progress) as pool:
                yield pool
