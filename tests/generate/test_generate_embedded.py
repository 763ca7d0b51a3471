from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import ModelError
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish
from bioinstruct.embedded import teacher as embedded
from bioinstruct.generate import run as stage
from bioinstruct.generate.parse import parse
from bioinstruct.generate.requests import Requests
from bioinstruct.models import prices, spending, teachers
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.embedded import EmbeddedTeacher
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Pool

SECTION = GenerateSection()
REQUESTS = Requests(SECTION, 0)
ASKED = REQUESTS.request(0)
CALL = REQUESTS.call(ASKED, "0/0")


def ask(call: Call) -> Reply:
    return asyncio.run(EmbeddedTeacher().ask(call)).reply


def test_it_goes_on_with_the_list_and_its_reply_is_read_whole() -> None:
    reply = ask(CALL)
    assert reply == ask(CALL)
    assert reply.text == embedded.answer(ASKED.prompt, ASKED.sampling_seed)
    assert reply.text != ask(replace(CALL, seed=CALL.seed + 1)).text
    parsed = parse(reply.text, 4, 20, reply.finish, [seed.instruction for seed in ASKED.shown])
    found = [task.position for task in parsed.candidates] + [trouble.position for trouble in parsed.problems]
    assert sorted(position or 0 for position in found) == list(range(4, 21))
    assert len(parsed.candidates) >= 16


def test_its_usage_is_credible() -> None:
    took = prices.charge(CALL, ask(CALL), prices.Price(1.0, 1.0, 1.0))
    assert took.tokens is not None
    assert 100 < took.tokens < (prices.worst(CALL, None).tokens or 0)


def test_the_cap_cuts_and_the_cut_is_told() -> None:
    reply = ask(replace(CALL, max_tokens=40))
    assert reply.finish is Finish.LENGTH
    assert 0 < reply.output_tokens <= 40
    assert ask(CALL).text.startswith(reply.text[:20])


def test_an_error_report_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def chat(request: dict[str, Any]) -> dict[str, Any]:
        return {"error": {"message": "no list in the prompt"}}

    monkeypatch.setattr(embedded, "chat", chat)
    with pytest.raises(ModelError, match="no list in the prompt"):
        ask(CALL)


def test_the_stage_runs_on_it_and_it_costs_nothing(tmp_path: Path) -> None:
    teacher = teachers.open_teacher(SECTION)
    assert isinstance(teacher, EmbeddedTeacher)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        with Pool(teacher, ledger, prices.FREE, budget_usd=0.0) as pool:
            record = stage.run(SECTION, seed=0, first_request=0, n_requests=4, folder=tmp_path / "generate", pool=pool)
        spent = spending.spent(ledger)
    unparsed = {name: n for name, n in record.counts.items() if name.startswith("unparsed.")}
    assert record.counts["candidates"] + sum(unparsed.values()) == 4 * 17
    assert sum(unparsed.values()) <= 4  # it cuts some of its replies on purpose
    assert spent == spending.Spent(record.counts["prompt_tokens"] + record.counts["output_tokens"], 0.0, 0, 0.0, 0)
