"""What a request costs. Prices come from the recipe or from the dated table beside this file; what is in neither has no price."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from bioinstruct.core.errors import InputError, Problem
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Charge

BATCH_SHARE = 0.5
"""Price of a request in a batch, as a share of the normal one (OpenAI's Batch API)."""
_MILLION = 1e6
_ALLOWED = "[prompt, output] or [prompt, cached, output] in US dollars per million tokens"
_EXTRA_TOKENS = 64
"""What a chat template and a server's own framing add to a prompt, at most."""
_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4})$")
"""A dated snapshot of a model has the model's price."""


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    prompt: float
    cached: float
    """For prompt tokens that the server had in its cache."""
    output: float

    def of(self, prompt_tokens: int, output_tokens: int, cached_tokens: int = 0, *, route: str = "chat") -> float:
        """US dollars; `cached_tokens` are part of the prompt tokens."""
        fresh = prompt_tokens - min(cached_tokens, prompt_tokens)
        usd = (fresh * self.prompt + min(cached_tokens, prompt_tokens) * self.cached + output_tokens * self.output) / _MILLION
        return usd * (BATCH_SHARE if route == "batch" else 1.0)


FREE = Price(0.0, 0.0, 0.0)
"""Of what runs on this machine in our own process."""


def find(model: str, own: Mapping[str, Sequence[float]]) -> Price | None:
    """The price of a model: the recipe's (`own`: prompt and output, or prompt, cached and output), else the table's; None = not known.

    Raises:
        InputError: the recipe's price is not two or three numbers of at least 0.
    """
    if model in own:
        numbers = own[model]
        if not _is_price(numbers):
            raise InputError(f"prices: got {list(numbers)} for '{model}'; allowed: {_ALLOWED}")
        return Price(numbers[0], numbers[-2] if len(numbers) == 3 else numbers[0], numbers[-1])
    models = _table()["models"]
    found = models.get(model) or models.get(_SNAPSHOT.sub("", model))
    return Price(*found) if found else None


def problems(teacher: str | None, own: Mapping[str, Sequence[float]], budget_usd: float | None) -> list[Problem]:
    """What is wrong with the recipe's prices, and a budget in dollars for a teacher without a price (`teacher` None = nobody is paid)."""
    if wrong := [model for model in own if not _is_price(own[model])]:
        return [Problem("prices", f"{list(own[model])} for '{model}'", _ALLOWED) for model in wrong]
    if teacher is not None and budget_usd is not None and find(teacher, own) is None:
        allowed = f"prices={{{teacher}: [prompt, output]}} in US dollars per million tokens, or budget_tokens instead"
        return [Problem("budget_usd", f"{budget_usd:g} and no price for '{teacher}' (table of {dated()})", allowed)]
    return []


def demand(model: str, price: Price | None, budget_usd: float | None) -> None:
    """Refuse a budget in dollars for a model without a price: it could not be kept.

    Raises:
        InputError: There is the one and not the other.
    """
    if budget_usd is not None and price is None:
        raise InputError(f"prices: got none for '{model}' and a budget in dollars; allowed: prices={{{model}: [prompt, output]}}")


def dated() -> str:
    """The day of the table."""
    return str(_table()["dated"])


def _is_price(numbers: Sequence[float]) -> bool:
    return len(numbers) in (2, 3) and all(0 <= number < float("inf") for number in numbers)


@cache
def _table() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(resources.files("bioinstruct.models").joinpath("prices.yaml").read_text(encoding="utf-8"))
    return loaded


def worst(call: Call, price: Price | None, *, route: str = "chat") -> Charge:
    """The most that a request can take: no tokenizer makes more tokens than bytes, and the completion has a cap."""
    prompt = _longest_prompt(call)
    if price is None:
        return Charge(prompt + call.max_tokens, None)
    cached = prompt if price.cached > price.prompt else 0
    return Charge(prompt + call.max_tokens, price.of(prompt, call.max_tokens, cached, route=route))


def charge(call: Call, reply: Reply, price: Price | None, *, route: str = "chat") -> Charge:
    """What a reply took. Where the server tells no usage, or more than the request can have taken, it is not known."""
    if not reply.tells_usage or reply.prompt_tokens > _longest_prompt(call) or reply.output_tokens > call.max_tokens:
        return Charge(None, 0.0 if price == FREE else None)
    usd = None if price is None else price.of(reply.prompt_tokens, reply.output_tokens, reply.cached_tokens, route=route)
    return Charge(reply.prompt_tokens + reply.output_tokens, usd)


def _longest_prompt(call: Call) -> int:
    """Tokens that the prompt can have at most."""
    return len(call.prompt.encode()) + _EXTRA_TOKENS + (len(repr(call.schema)) if call.schema is not None else 0)
