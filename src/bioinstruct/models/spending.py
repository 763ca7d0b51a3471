"""What a run has asked, what it took and what went wrong: sums over the ledger, and its `bioinstruct ledger` page in words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from bioinstruct.models.base import BILLED_PERHAPS
from bioinstruct.models.ledger import READ, Charge, Ledger
from bioinstruct.models.prices import Price

_PERHAPS = ", ".join(sorted(f"'{failure.value}'" for failure in BILLED_PERHAPS))
_COUNTED = f"(outcome = '{READ}' OR outcome IN ({_PERHAPS}))"
"""Attempts that took something, or may have."""
_SUMS = f"""
    coalesce(sum(CASE WHEN {_COUNTED} THEN tokens END), 0), coalesce(sum(CASE WHEN {_COUNTED} THEN usd END), 0.0),
    coalesce(sum(CASE WHEN {_COUNTED} AND tokens IS NULL THEN worst_tokens END), 0),
    coalesce(sum(CASE WHEN {_COUNTED} AND usd IS NULL THEN worst_usd END), 0.0),
    coalesce(sum({_COUNTED} AND usd IS NULL AND worst_usd IS NULL), 0)
"""


@dataclass(frozen=True)
class Spent:
    """Sums over attempts that are closed."""

    tokens: int
    """Told by the server."""
    usd: float
    """Of replies whose usage and price are known."""
    doubtful_tokens: int
    """At most: attempts that may have been billed though nothing was read, and replies without (credible) usage."""
    doubtful_usd: float
    """The same in dollars, of attempts whose price is known."""
    unpriced: int
    """Replies and doubtful attempts whose price is not known."""


@dataclass(frozen=True)
class Total:
    """Sums over the stored replies of one purpose."""

    requests: int
    prompt_tokens: int
    output_tokens: int
    seconds: float


def spent(ledger: Ledger) -> Spent:
    """What the ledger's closed attempts took."""
    return Spent(*ledger.select(f"SELECT {_SUMS} FROM attempts")[0])


def under_way(ledger: Ledger) -> Charge:
    """The most that open attempts can take. Once lost ones are closed, these are the requests of batches at a server."""
    query = "SELECT coalesce(sum(worst_tokens), 0), coalesce(sum(worst_usd), 0.0) FROM attempts WHERE outcome IS NULL"
    return Charge(*ledger.select(query)[0])


def price_late(ledger: Ledger, teacher: str, price: Price) -> None:
    """Price what this teacher was asked before its price was known: replies by their tokens, doubtful attempts at the dearer rate."""
    named = f'%"teacher": {json.dumps(teacher)}%'
    replies = (
        "SELECT a.id, a.route, r.prompt_tokens, r.output_tokens, r.cached_tokens FROM attempts a JOIN replies r"
        f" ON r.purpose = a.purpose AND r.key = a.key WHERE a.outcome = '{READ}'"
        " AND a.usd IS NULL AND a.tokens IS NOT NULL AND r.settings LIKE ?"
    )
    known = [
        (price.of(prompt, output, cached, route=route), number)
        for number, route, prompt, output, cached in ledger.select(replies, (named,))
    ]
    doubtful = "SELECT id, route, worst_tokens FROM attempts WHERE usd IS NULL AND worst_usd IS NULL"
    dearest = Price(*[max(price.prompt, price.cached, price.output)] * 3)
    worst = [(dearest.of(tokens, 0, route=route), number) for number, route, tokens in ledger.select(doubtful)]

    def work(database: sqlite3.Connection) -> None:
        database.executemany("UPDATE attempts SET usd = ? WHERE id = ?", known)
        database.executemany("UPDATE attempts SET worst_usd = ? WHERE id = ? AND usd IS NULL", worst)

    ledger.submit(work).result()


def totals(ledger: Ledger) -> dict[str, Total]:
    """Purpose -> sums over its replies, in alphabetical order; empty for an empty ledger."""
    sums = "count(*), sum(prompt_tokens), sum(output_tokens), sum(seconds)"
    return {row[0]: Total(*row[1:]) for row in ledger.select(f"SELECT purpose, {sums} FROM replies GROUP BY purpose ORDER BY purpose")}


def failures(ledger: Ledger) -> dict[str, int]:
    """Outcome of attempts without a reply -> how many, the most frequent first."""
    query = f"SELECT outcome, count(*) FROM attempts WHERE outcome IS NOT NULL AND outcome != '{READ}' GROUP BY outcome ORDER BY 2 DESC, 1"
    return dict(ledger.select(query))


def describe(ledger: Ledger) -> Iterator[str]:
    """Lines for people: totals, rates, failures, cost by purpose and day, and apart from these what may have been billed unread."""
    for purpose, total in totals(ledger).items():
        query = "SELECT count(*), avg(seconds), max(seconds) FROM attempts WHERE purpose = ? AND outcome = ?"
        _, mean, longest = ledger.select(query, (purpose, READ))[0]
        yield (
            f"{purpose}: {total.requests} replies, {total.prompt_tokens:,} prompt tokens, {total.output_tokens:,} output tokens, "
            f"{mean or 0:.1f} s a reply (longest {longest or 0:.1f} s)"
        )
    query = f"SELECT purpose, substr(sent, 1, 10), count(*), {_SUMS} FROM attempts GROUP BY 1, 2 ORDER BY 2, 1"
    for purpose, day, attempts, *sums in ledger.select(query):
        yield f"{day} {purpose}: {attempts} attempts, {_cost(Spent(*sums))}"
    if lost := failures(ledger):
        yield "without a reply: " + ", ".join(f"{count} x {outcome}" for outcome, count in lost.items())
    whole = spent(ledger)
    yield f"in all: {_cost(whole)}"
    if whole.doubtful_tokens:
        yield (
            f"may have been billed and was never read, or came without usage: at most {whole.doubtful_tokens:,} tokens"
            + (f", ${whole.doubtful_usd:.4f}" if whole.doubtful_usd else "")
        )
    if open_ := ledger.select("SELECT count(*) FROM attempts WHERE outcome IS NULL")[0][0]:
        yield f"under way, or lost with a process that was killed: {open_} attempts"


def _cost(one: Spent) -> str:
    price = f"${one.usd:.4f}" + (f" and {one.unpriced} attempts of unknown price" if one.unpriced else "")
    return f"{one.tokens:,} tokens, {price}"
