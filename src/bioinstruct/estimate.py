"""What a run would ask and cost, said before anything is asked: calls, tokens and dollars, with the assumptions beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from bioinstruct.core.recipe import Recipe
from bioinstruct.generate.requests import PURPOSE, Requests
from bioinstruct.models import prices, teachers
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.spending import spent, totals
from bioinstruct.rounds import FIRST_YIELD

BYTES_A_TOKEN = 4.0
"""Of English prompt text, for want of the teacher's tokenizer."""
TOKENS_A_TASK = 110.0
"""Of a reply, for want of one: the released BioInstruct records take about 100 to 120 each."""
_SAMPLE = 20


def lines(recipe: Recipe, folder: Path) -> Iterator[str]:
    """Sentences for `--dry-run`; replies that the run's ledger holds already tell what the rest will be like."""
    section = recipe.generate
    if section.instructions is not None:
        yield f"generate: nothing is asked, the instructions come from {section.instructions}"
        return
    each = section.tasks_per_request - section.seeds_per_request
    calls = min(math.ceil(1.05 * section.target / (each * FIRST_YIELD)), section.max_requests)
    if calls == section.max_requests and section.max_requests * each * FIRST_YIELD < section.target:
        yield f"generate: generate.max_requests ({section.max_requests}) is likely to stop the run below its target; raise it"
    requests = Requests(section, recipe.seed)
    sample = [requests.call(requests.request(number), "") for number in range(min(_SAMPLE, calls))]
    prompt = sum(len(call.prompt.encode()) for call in sample) / len(sample) / BYTES_A_TOKEN
    output, seen = min(each * TOKENS_A_TASK, section.max_tokens), 0
    usd = doubtful = 0.0
    if (folder / "ledger.sqlite").exists():
        with Ledger(folder / "ledger.sqlite") as ledger:
            before = totals(ledger).get(PURPOSE)
            if before is not None and before.output_tokens:
                seen = before.requests
                prompt, output = before.prompt_tokens / seen, before.output_tokens / seen
            usd, doubtful = spent(ledger).usd, spent(ledger).doubtful_usd
    left = max(0, calls - seen)
    yield (
        f"generate: about {calls} requests to '{section.teacher}' for {section.target} kept instructions"
        + (f", {seen} of them answered before" if seen else "")
        + f" (assumed: {each} tasks a request, {FIRST_YIELD:.0%} of them kept; failed attempts come on top)"
    )
    basis = (
        f"as in the {seen} replies so far" if seen else f"assumed: {BYTES_A_TOKEN:g} bytes a prompt token, {TOKENS_A_TASK:g} tokens a task"
    )
    yield f"tokens: about {left * prompt:,.0f} prompt and {left * output:,.0f} completion tokens still to come ({basis})"
    paid = teachers.paid(section)
    if paid is None:
        yield "cost: none, the teacher runs in this process"
        return
    price = prices.find(paid, recipe.prices)
    if price is None:
        yield f"cost: not known, there is no price for '{paid}' in the recipe (`prices`) or in the table of {prices.dated()}"
        return
    route = "batch" if section.batch else "chat"
    expected = left * price.of(round(prompt), round(output), route=route)
    worst = max(prices.worst(call, price, route=route).usd or 0.0 for call in sample)
    origin = "the recipe" if paid in recipe.prices else f"the table of {prices.dated()}"
    yield (
        f"cost: about ${expected:.2f} still to come at ${price.prompt:g} and ${price.output:g} a million prompt and completion tokens "
        f"({origin}{', half of it in batches' if section.batch else ''}); at worst ${left * worst:.2f}, if every completion fills its cap"
    )
    if usd or doubtful:
        yield f"spent so far: ${usd:.4f}" + (f", and at most ${doubtful:.4f} that may have been billed unread" if doubtful else "")
    if recipe.budget_usd is not None:
        yield f"budget: ${recipe.budget_usd:g}; the run stops within ${worst:.4f} of it, one request's worst case"
