from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish
from bioinstruct.models import local_teacher, prices, teachers
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.checkpoint import resolve
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.local_teacher import LocalTeacher
from bioinstruct.models.pool import Limits, Pool

BASE = str(resolve("embedded"))
CALL = Call("generate", "0/0", "List of tasks:\n1. Instruction: Name the drug class.\n", 1.0, 16, 7)


@pytest.fixture(scope="module")
def ask() -> Iterator[Any]:
    """Asks one teacher, whose weights are loaded once."""
    loop = asyncio.new_event_loop()
    teacher = LocalTeacher(BASE)
    yield lambda *calls: loop.run_until_complete(_all(teacher, calls))
    loop.run_until_complete(teacher.close())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


async def _all(teacher: LocalTeacher, calls: tuple[Call, ...]) -> list[Reply]:
    return [answer.reply for answer in await asyncio.gather(*map(teacher.ask, calls))]


def test_the_same_seed_gives_the_same_text_and_another_seed_another(ask: Any) -> None:
    first, again, other = ask(CALL, replace(CALL, key="0/1"), replace(CALL, seed=8))
    assert first == again
    assert first.text != other.text
    assert first.model == Path(BASE).name
    assert first.finish is Finish.LENGTH
    assert first.output_tokens == 16
    assert 1 < first.prompt_tokens <= len(CALL.prompt) + 64
    assert (first.cached_tokens, first.reasoning_tokens) == (0, 0)
    assert not first.text.startswith("List of tasks")  # the prompt is no part of it


def test_sampling_leaves_the_random_numbers_of_others_alone(ask: Any) -> None:
    import torch

    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    ask(CALL)
    assert torch.equal(torch.rand(4), expected)


def test_temperature_zero_is_greedy(ask: Any) -> None:
    cold = replace(CALL, temperature=0.0)
    first, other = ask(cold, replace(cold, seed=8))
    assert first.text == other.text
    assert any(reply.text != first.text for reply in ask(*(replace(CALL, seed=seed, temperature=2.0) for seed in range(3))))


def test_a_completion_that_ends_by_itself_says_so_and_does_not_show_its_end_mark(tiny: Path) -> None:
    """The tiny model is random: one token in some hundreds is the end mark."""
    calls = tuple(replace(CALL, prompt="Name it.", max_tokens=40, seed=seed) for seed in range(25))
    replies = asyncio.run(_all(LocalTeacher(str(tiny)), calls))
    ended = [reply for reply in replies if reply.finish is Finish.STOP]
    cut = [reply for reply in replies if reply.finish is Finish.LENGTH]
    assert len(ended) + len(cut) == 25
    assert ended
    assert cut
    assert all(1 <= reply.output_tokens <= 40 for reply in ended)
    assert all(reply.output_tokens == 40 for reply in cut)
    assert not any("</s>" in reply.text for reply in replies)


def test_a_chat_template_is_used_where_there_is_one(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "chat"
    shutil.copytree(tiny, folder)
    (folder / "chat_template.jinja").write_text("{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %} [assistant]")
    call = replace(CALL, prompt="Name it.", max_tokens=2)
    (plain,), (chat,) = (asyncio.run(_all(LocalTeacher(str(one)), (call,))) for one in (tiny, folder))
    assert chat.prompt_tokens > plain.prompt_tokens + 5


def test_a_prompt_that_fills_the_context_is_an_error_and_no_crash(ask: Any) -> None:
    (reply,) = ask(replace(CALL, prompt="metformin 500 mg " * 2000))
    assert reply.finish is Finish.ERROR
    assert "the prompt takes" in reply.text
    assert reply.output_tokens == 0


def test_the_pool_asks_it_as_any_other(tmp_path: Path) -> None:
    teacher = teachers.open_teacher(GenerateSection(teacher=BASE, provider="local"))
    assert isinstance(teacher, LocalTeacher)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        with Pool(teacher, ledger, prices.FREE, Limits(3), budget_usd=0.0) as pool:
            asked = pool.ask((replace(CALL, key=f"0/{number}", max_tokens=4) for number in range(3)), lambda call, reply: "1")
        assert asked.answered == 3
        assert len({entry.reply.text for entry in ledger.entries("generate")}) == 1


def test_what_cannot_be_a_local_teacher_is_found_before_weights_are_loaded(tmp_path: Path) -> None:
    def found(**fields: Any) -> list[str]:
        return [problem.place for problem in local_teacher.problems(GenerateSection(**{"teacher": BASE, "provider": "local", **fields}))]

    assert found() == []
    assert set(found(teacher=str(tmp_path))) == {"generate.teacher"}
    assert found(teacher=str(tmp_path / "nowhere")) == ["generate.teacher"]
    assert found(endpoint="http://localhost:1/v1") == ["generate.endpoint"]
    assert found(azure_version="2024-10-21") == ["generate.azure_version"]
    assert found(batch=True) == ["generate.batch"]
    assert found(reply_format="json") == ["generate.reply_format"]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (problem,) = local_teacher.problems(GenerateSection(teacher=BASE, provider="local"))
    assert "bioinstruct[local]" in problem.allowed


def test_a_base_that_is_none_stops_at_the_first_request(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"config\.json"):
        asyncio.run(LocalTeacher(str(tmp_path)).ask(CALL))
