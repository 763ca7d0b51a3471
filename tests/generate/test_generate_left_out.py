"""A request that a server never answers, though it answers others, does not hold a run up for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import ModelError
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish
from bioinstruct.embedded import teacher
from bioinstruct.generate import run as generate
from bioinstruct.models import prices
from bioinstruct.models.asking import Limits
from bioinstruct.models.base import Answer, Call, Failure, Reply, Trouble
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Pool

SECTION = GenerateSection(teacher="m", endpoint="http://127.0.0.1:1/v1", attempts=2)


class Stubborn:
    """Answers all requests but number 1."""

    name = "m"

    async def ask(self, call: Call) -> Answer:
        if call.key == "0/1":
            raise Trouble(Failure.SERVER_ERROR, "this one breaks me")
        return Answer(Reply(teacher.reply(call.prompt, call.seed).text, Finish.STOP, 5, 5, "m"))

    async def close(self) -> None:
        pass


def once(folder: Path) -> dict[str, int]:
    with Ledger(folder / "ledger.sqlite") as ledger, Pool(Stubborn(), ledger, prices.FREE, Limits(attempts=2, first_wait=0.001)) as pool:
        return generate.run(SECTION, seed=0, first_request=0, n_requests=4, folder=folder / "round", pool=pool).counts


def test_it_is_asked_again_by_the_next_run_and_then_left_out_and_counted(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"1 requests got no reply within their tries .*this one breaks me.*3 others were answered"):
        once(tmp_path)
    counts = once(tmp_path)
    assert counts["requests"] == 4
    assert counts["unparsed.teacher_error"] == 1
    (unparsed,) = [one for one in jsonl.read(tmp_path / "round" / "unparsed.jsonl", generate.Unparsed) if one.reason == "teacher_error"]
    assert unparsed.request == 1
    assert unparsed.excerpt == "unanswered: no reply in 4 attempts; the last words: this one breaks me"
    assert once(tmp_path) == counts
