from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import ModelError
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish
from bioinstruct.embedded import teacher as embedded
from bioinstruct.generate import run as stage
from bioinstruct.generate import seeds
from bioinstruct.generate.parse import parse
from bioinstruct.models.embedded import EmbeddedTeacher
from bioinstruct.models.ledger import Ledger

SECTION = GenerateSection()
ASKED = stage.request(SECTION, seeds.load("builtin"), 0, 0)
MESSAGES = [{"role": "user", "content": ASKED.prompt}]


def test_it_goes_on_with_the_list_and_its_reply_is_read_whole() -> None:
    teacher = EmbeddedTeacher()
    reply = teacher.ask(MESSAGES, temperature=1.0, max_tokens=4096, seed=ASKED.sampling_seed)
    assert reply == teacher.ask(MESSAGES, temperature=1.0, max_tokens=4096, seed=ASKED.sampling_seed)
    assert reply.text == embedded.answer(ASKED.prompt, ASKED.sampling_seed)
    assert reply.prompt_tokens > 0
    assert reply.output_tokens > 0
    parsed = parse(reply.text, 4, 20, reply.finish, [seed.instruction for seed in ASKED.shown])
    found = [task.position for task in parsed.candidates] + [trouble.position for trouble in parsed.problems]
    assert sorted(position or 0 for position in found) == list(range(4, 21))
    assert len(parsed.candidates) >= 16


def test_the_cap_cuts_and_the_cut_is_told() -> None:
    reply = EmbeddedTeacher().ask(MESSAGES, temperature=1.0, max_tokens=40, seed=1)
    assert reply.finish is Finish.LENGTH
    assert reply.output_tokens <= 40


def test_an_error_report_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def chat(request: dict[str, Any]) -> dict[str, Any]:
        return {"error": {"message": "no list in the prompt"}}

    monkeypatch.setattr(embedded, "chat", chat)
    with pytest.raises(ModelError, match="no list in the prompt"):
        EmbeddedTeacher().ask(MESSAGES, temperature=1.0, max_tokens=40, seed=1)


def test_the_stage_runs_on_it(tmp_path: Path) -> None:
    teacher = stage.open_teacher(SECTION)
    assert isinstance(teacher, EmbeddedTeacher)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        record = stage.run(SECTION, seed=0, first_request=0, n_requests=4, folder=tmp_path / "generate", ledger=ledger, teacher=teacher)
    unparsed = {name: n for name, n in record.counts.items() if name.startswith("unparsed.")}
    assert record.counts["candidates"] + sum(unparsed.values()) == 4 * 17
    assert sum(unparsed.values()) <= 4  # it cuts some of its replies on purpose
