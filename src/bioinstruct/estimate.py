"""What a run would ask and cost, said before anything is asked: calls, tokens and dollars, with the assumptions beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioinstruct.core import instruction_file
from bioinstruct.core.recipe import Recipe
from bioinstruct.curate import checking, labelling
from bioinstruct.evaluate import judging, served
from bioinstruct.generate.requests import PURPOSE, Requests
from bioinstruct.models import hub, prices, teachers
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.questions import Expected
from bioinstruct.models.spending import spent, totals
from bioinstruct.rounds import FIRST_YIELD, likely_requests

BYTES_A_TOKEN = 4.0
"""Of English prompt text, for want of the teacher's tokenizer."""
TOKENS_A_TASK = 110.0
"""Of a reply, for want of one: the released BioInstruct records take about 100 to 120 each."""
_SAMPLE = 20


@dataclass(frozen=True)
class _Asked:
    """Requests of one kind that are still to come."""

    calls: int
    prompt_tokens: float
    """Of all of them together."""
    output_tokens: float
    worst_prompt: float
    """Of one: the most tokens that its prompt can have."""
    worst_output: int


def lines(recipe: Recipe, folder: Path, stages: Sequence[str]) -> Iterator[str]:
    """Sentences for `--dry-run` of these stages; replies that the run's ledger holds already tell what the rest will be like.

    Raises:
        DataError: a task's file cannot be read.
    """
    singles: list[float] = []
    """Dollars that one request of each kind takes at worst."""
    if {"generate", "curate"} & set(stages):
        yield from _instructions(recipe, folder, singles)
    if "evaluate" in stages:
        yield from _compared(recipe, folder, singles)
        yield from _judged(recipe, singles)
    yield from _spent(recipe, folder, singles)


def _instructions(recipe: Recipe, folder: Path, singles: list[float]) -> Iterator[str]:
    """What the teacher is asked for: instructions, labels, checks."""
    section, asked = recipe.generate, list[_Asked]()
    if section.instructions is not None:
        yield f"generate: nothing is asked, the instructions come from {section.instructions}"
        n = sum(1 for _ in instruction_file.rows(hub.local(section.instructions))) if recipe.asks_teacher else 0
    else:
        generated, told = _generation(recipe, folder)
        asked.append(generated)
        yield from told
        n = section.target
    if recipe.asks_teacher:
        for what, one in _about_records(recipe, n):
            asked.append(one)
            yield (
                f"{what}: at most {one.calls} requests about {n} records, about {one.prompt_tokens:,.0f} prompt "
                f"and {one.output_tokens:,.0f} completion tokens"
            )
        paid, route = teachers.paid(section), "batch" if section.batch else "chat"
        singles += _singles(recipe, paid, asked, route)
        yield from _cost(recipe, paid, asked, route)


def _compared(recipe: Recipe, folder: Path, singles: list[float]) -> Iterator[str]:
    """The models beside ours that servers answer for: their requests are known, prompts and all."""
    for other, calls in served.outstanding(recipe.evaluate, recipe.tune, folder / "ledger.sqlite"):
        prompts = sum(len(call.prompt.encode()) for call in calls) / BYTES_A_TOKEN
        worst = max(((prices.worst(call, None).tokens or 0) - call.max_tokens for call in calls), default=0)
        caps = [call.max_tokens for call in calls]
        asked = [_Asked(len(calls), prompts, sum(caps), worst, max(caps, default=0))]
        yield (
            f"evaluate, model '{other.name}': {len(calls)} requests to '{other.model}' still to come, about {prompts:,.0f} prompt and at "
            f"most {sum(caps):,} completion tokens"
        )
        singles += _singles(recipe, other.model, asked, "chat")
        yield from _cost(recipe, other.model, asked, "chat")


def _judged(recipe: Recipe, singles: list[float]) -> Iterator[str]:
    """What the judge is asked."""
    asked: list[_Asked] = []
    for what, found in judging.expected(recipe.judge, recipe.evaluate, recipe.tune).items():
        asked.append(_whole(found))
        yield (
            f"judge, {what}: at most {found.calls} requests to '{recipe.judge.model}' once the tasks are answered, about "
            f"{found.prompt_tokens:,.0f} prompt and {found.output_tokens:,.0f} completion tokens"
        )
    if asked:
        singles += _singles(recipe, recipe.judge.model, asked, "chat")
        yield from _cost(recipe, recipe.judge.model, asked, "chat")


def _whole(found: Expected) -> _Asked:
    longest = BYTES_A_TOKEN * found.prompt_tokens / max(found.calls, 1)  # no token is shorter than a byte
    return _Asked(found.calls, found.prompt_tokens, found.output_tokens, longest, found.max_tokens)


def _generation(recipe: Recipe, folder: Path) -> tuple[_Asked, list[str]]:
    """The requests for instructions, and sentences about them."""
    section, told = recipe.generate, list[str]()
    each = section.tasks_per_request - section.seeds_per_request
    calls = min(likely_requests(section, section.target), section.max_requests)
    if calls == section.max_requests and section.max_requests * each * FIRST_YIELD < section.target:
        told.append(f"generate: generate.max_requests ({section.max_requests}) is likely to stop the run below its target; raise it")
    requests = Requests(section, recipe.seed)
    sample = [requests.call(requests.request(number), "") for number in range(min(_SAMPLE, calls))]
    prompt = sum(len(call.prompt.encode()) for call in sample) / len(sample) / BYTES_A_TOKEN
    output, seen = min(each * TOKENS_A_TASK, section.max_tokens), 0
    if (folder / "ledger.sqlite").exists():
        with Ledger(folder / "ledger.sqlite") as ledger:
            before = totals(ledger).get(PURPOSE)
        if before is not None and before.output_tokens:
            seen = before.requests
            prompt, output = before.prompt_tokens / seen, before.output_tokens / seen
    left = max(0, calls - seen)
    told.append(
        f"generate: about {calls} requests to '{section.teacher}' for {section.target} kept instructions"
        + (f", {seen} of them answered before" if seen else "")
        + f" (assumed: {each} tasks a request, {FIRST_YIELD:.0%} of them kept; failed attempts come on top)"
    )
    basis = (
        f"as in the {seen} replies so far" if seen else f"assumed: {BYTES_A_TOKEN:g} bytes a prompt token, {TOKENS_A_TASK:g} tokens a task"
    )
    told.append(f"tokens: about {left * prompt:,.0f} prompt and {left * output:,.0f} completion tokens still to come ({basis})")
    worst = max((prices.worst(call, None).tokens or 0) - call.max_tokens for call in sample)
    return _Asked(left, left * prompt, left * output, worst, section.max_tokens), told


def _about_records(recipe: Recipe, n: int) -> Iterator[tuple[str, _Asked]]:
    """The requests about kept records, of which there are at most `n`: labels and checks."""
    expected = {"labels": labelling.calls(recipe.curate, n, recipe.generate)}
    expected |= {f"check '{name}'": found for name, found in checking.calls(recipe.curate, n, recipe.generate).items()}
    for what, found in expected.items():
        if found is not None:
            yield what, _whole(found)


def _singles(recipe: Recipe, paid: str | None, asked: list[_Asked], route: str) -> list[float]:
    """Dollars that one request of each kind takes at worst; none where that is not known."""
    price = None if paid is None else prices.find(paid, recipe.prices)
    return [] if price is None else [price.of(round(one.worst_prompt), one.worst_output, route=route) for one in asked]


def _cost(recipe: Recipe, paid: str | None, asked: list[_Asked], route: str) -> Iterator[str]:
    if paid is None:
        yield "cost: none, the teacher runs in this process"
        return
    price = prices.find(paid, recipe.prices)
    if price is None:
        yield f"cost: not known, there is no price for '{paid}' in the recipe (`prices`) or in the table of {prices.dated()}"
        return
    expected = sum(price.of(round(one.prompt_tokens), round(one.output_tokens), route=route) for one in asked)
    worst = sum(one.calls * usd for one, usd in zip(asked, _singles(recipe, paid, asked, route), strict=True))
    origin = "the recipe" if paid in recipe.prices else f"the table of {prices.dated()}"
    yield (
        f"cost: about ${expected:.2f} still to come at ${price.prompt:g} and ${price.output:g} a million prompt and completion tokens "
        f"({origin}{', half of it in batches' if route == 'batch' else ''}); at worst ${worst:.2f}, if every completion fills its cap"
    )


def _spent(recipe: Recipe, folder: Path, singles: list[float]) -> Iterator[str]:
    """What was spent, and the budget; nothing where no price is known."""
    if not singles:
        return
    if (folder / "ledger.sqlite").exists():
        with Ledger(folder / "ledger.sqlite") as ledger:
            before = spent(ledger)
        if before.usd or before.doubtful_usd:
            doubtful = f", and at most ${before.doubtful_usd:.4f} that may have been billed unread" if before.doubtful_usd else ""
            yield f"spent so far: ${before.usd:.4f}{doubtful}"
    if recipe.budget_usd is not None:
        yield f"budget: ${recipe.budget_usd:g}; the run stops within ${max(singles):.4f} of it, one request's worst case"
