from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import InputError, LimitReached, ModelError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Candidate, Finish
from bioinstruct.core.runfolder import read_record
from bioinstruct.generate import run as stage
from bioinstruct.generate.requests import Requests, stored
from bioinstruct.models import spending, teachers
from bioinstruct.models.base import Answer, Call, Failure, Reply, Trouble
from bioinstruct.models.embedded import EmbeddedTeacher
from bioinstruct.models.endpoint import EndpointTeacher
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Limits, Pool

HELD = {"teacher": "gpt", "api_key_env": "HELD_KEY"}
AZURE = {**HELD, "provider": "azure", "endpoint": "https://me.openai.azure.com", "azure_version": "2024-10-21"}


class Scripted:
    """Answers with two tasks that name the sampling seed and one without output; slower for some seeds than for others."""

    name = "scripted"

    def __init__(self, fail_at: int | None = None, failure: Exception | None = None) -> None:
        self.asked: list[Call] = []
        self.fail_at, self.failure = fail_at, failure or ModelError("the account is empty")

    async def ask(self, call: Call) -> Answer:
        self.asked.append(call)
        if self.fail_at is not None and len(self.asked) >= self.fail_at:
            raise self.failure
        await asyncio.sleep(call.seed % 5 / 500)
        return Answer(self.reply(call))

    def reply(self, call: Call) -> Reply:
        text = f"4. Instruction: Name {call.seed}.\n4. Input: None\n4. Output: {call.seed}\n5. Instruction: x\n5. Input: y\n5. Output:\n"
        return Reply(text + "6. Instruction: a\n6. Input: b\n6. Output: c", Finish.LENGTH, 100, 20, "scripted-1")

    async def close(self) -> None:
        pass


def go(
    folder: Path, teacher: Any, section: GenerateSection | None = None, *, first: int = 0, n: int = 6, seed: int = 0, in_flight: int = 4,
    attempts: int = 2, **more: Any,
) -> Any:  # fmt: skip
    pool_settings = {name: more.pop(name) for name in list(more) if name.startswith("budget")} | {"progress": more.get("progress")}
    limits = Limits(in_flight, attempts=attempts, first_wait=0.001)
    with Ledger(folder / "ledger.sqlite") as ledger, Pool(teacher, ledger, None, limits, **pool_settings) as pool:
        return stage.run(
            section or GenerateSection(), seed=seed, first_request=first, n_requests=n, folder=folder / "generate", pool=pool, **more
        )


def test_everything_is_counted_and_traced(tmp_path: Path) -> None:
    teacher = Scripted()
    record = go(tmp_path, teacher, first=10, n=6)
    candidates = list(jsonl.read(tmp_path / "generate" / "candidates.jsonl", Candidate))
    unparsed = list(jsonl.read(tmp_path / "generate" / "unparsed.jsonl", stage.Unparsed))
    assert [(one.request, one.position, one.input) for one in candidates] == [(request, 4, "") for request in range(10, 16)]
    assert [(one.request, one.position, one.reason) for one in unparsed[:2]] == [(10, 5, "empty_output"), (10, 6, "truncated")]
    assert record.counts == {
        "requests": 6, "candidates": 6, "unparsed.empty_output": 6, "unparsed.truncated": 6, "prompt_tokens": 600, "output_tokens": 120,
    }  # fmt: skip
    assert read_record(tmp_path / "generate") == record
    assert set(record.outputs) == {"candidates.jsonl", "unparsed.jsonl"}
    requests = Requests(GenerateSection(), 0)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for number in range(10, 16):
            asked = requests.request(number)
            key, entry = stored(ledger, asked, 0)
            assert key == f"0/{number}"
            assert entry is not None
            assert (entry.prompt, entry.settings) == (asked.prompt, asked.settings)
            assert entry.seeds == tuple(seed.id for seed in asked.shown)
            assert requests.call(asked, key) in teacher.asked
    first = next(call for call in teacher.asked if call.key == "0/10")
    assert (first.temperature, first.max_tokens, first.schema, first.purpose) == (1.0, 4096, None, "generate")
    assert first.messages == [{"role": "user", "content": first.prompt}]


def test_the_same_bytes_whatever_the_concurrency_and_the_order_of_arrival(tmp_path: Path) -> None:
    for in_flight in (1, 8):
        go(tmp_path / str(in_flight), Scripted(), n=12, in_flight=in_flight)
    for name in ("candidates.jsonl", "unparsed.jsonl"):
        assert (tmp_path / "1" / "generate" / name).read_bytes() == (tmp_path / "8" / "generate" / name).read_bytes()


def test_a_stopped_run_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    go(tmp_path / "whole", Scripted(), n=8)
    with pytest.raises(ModelError, match="the account is empty"):
        go(tmp_path / "cut", Scripted(fail_at=4), n=8, in_flight=1)
    assert not (tmp_path / "cut" / "generate" / "record.json").exists()
    teacher = Scripted()
    record = go(tmp_path / "cut", teacher, n=8)
    assert len(teacher.asked) == 5
    assert record.counts["requests"] == 8
    for name in ("candidates.jsonl", "unparsed.jsonl"):
        assert (tmp_path / "whole" / "generate" / name).read_bytes() == (tmp_path / "cut" / "generate" / name).read_bytes()


def test_a_finished_range_is_not_done_again_unless_its_files_changed(tmp_path: Path) -> None:
    record = go(tmp_path, Scripted())
    teacher = Scripted()
    assert go(tmp_path, teacher, GenerateSection(target=9999, concurrency=1)) == record
    (tmp_path / "generate" / "candidates.jsonl").write_text("")
    assert go(tmp_path, teacher).outputs == record.outputs
    assert teacher.asked == []  # the ledger has it all


def test_replies_to_other_questions_are_neither_reused_nor_lost(tmp_path: Path) -> None:
    go(tmp_path, Scripted(), n=2)
    other = GenerateSection(temperature=0.5)
    teacher = Scripted()
    go(tmp_path, teacher, other, n=2)
    assert len(teacher.asked) == 2
    go(tmp_path, teacher, n=2)
    go(tmp_path, teacher, other, n=2)
    assert len(teacher.asked) == 2
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert spending.totals(ledger)["generate"].requests == 4


def test_replies_without_usage_are_counted(tmp_path: Path) -> None:
    class Quiet(Scripted):
        def reply(self, call: Call) -> Reply:
            return Reply("refused", Finish.ERROR, 0, 0, "q")

    counts = go(tmp_path, Quiet(), n=3).counts
    assert counts.pop("prompt_tokens") == counts.pop("output_tokens") == 0
    assert counts == {"requests": 3, "candidates": 0, "without_usage": 3, "unparsed.teacher_error": 3}


def test_requests_that_used_up_their_tries_are_told_and_asked_again_by_the_next_run(tmp_path: Path) -> None:
    class Down(Scripted):
        async def ask(self, call: Call) -> Answer:
            if call.key in ("0/1", "0/4"):
                raise Trouble(Failure.SERVER_ERROR, "model 'm': overloaded")
            return await super().ask(call)

    words = (
        r"generate: 2 requests got no reply within their tries \(4 x server_error; the last words: model 'm': overloaded\); "
        r"4 others were answered and are kept, run again to ask for the missing ones"
    )
    with pytest.raises(ModelError, match=words):
        go(tmp_path, Down())
    assert read_record(tmp_path / "generate") is None
    teacher = Scripted()
    assert go(tmp_path, teacher).counts["requests"] == 6
    assert sorted(call.key for call in teacher.asked) == ["0/1", "0/4"]


def test_a_budget_that_is_used_up_stops_the_stage_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    with pytest.raises(LimitReached, match=r"budget: \d+ of 10000 tokens are spent"):
        go(tmp_path, Scripted(), n=50, budget_tokens=10_000)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        done = spending.totals(ledger)["generate"].requests
    assert 0 < done < 50
    teacher = Scripted()
    assert go(tmp_path, teacher, n=50, budget_tokens=1_000_000).counts["requests"] == 50
    assert len(teacher.asked) == 50 - done


def test_the_progress_counts_what_was_answered_before_and_tells_what_is_parsed(tmp_path: Path) -> None:
    class Told(Silent):
        def __init__(self) -> None:
            self.started: list[Any] = []
            self.done = 0
            self.notes: list[str] = []
            self.figures: dict[str, Any] = {}

        def start(self, label: str, total: int | None, unit: str) -> None:
            self.started.append((label, total, unit))

        def advance(self, n: int = 1, note: str = "", **figures: Any) -> None:
            self.done += n
            self.notes += [note] if note else []
            self.figures = figures or self.figures

    go(tmp_path, Scripted(), n=2)
    told = Told()
    go(tmp_path, Scripted(), n=6, progress=told, kept=5)
    assert told.started == [("generate", 6, "requests")]
    assert told.done == 6
    assert len(told.notes) == 4
    assert told.notes[-1].startswith("4 parsed, 5 kept before, 480 tokens, ")
    assert (told.figures["replies"], told.figures["parsed"], told.figures["kept"]) == (4, 4, 5)


def test_replies_in_json_are_asked_for_under_a_schema_and_read(tmp_path: Path) -> None:
    class Json(Scripted):
        def reply(self, call: Call) -> Reply:
            assert call.schema is not None
            tasks = [{"instruction": f"Name {number}.", "input": "", "output": str(call.seed)} for number in range(2)]
            return Reply(json.dumps({"tasks": tasks}), Finish.STOP, 100, 20, "m")

    section = GenerateSection(teacher="m", endpoint="http://localhost:1/v1", reply_format="json")
    record = go(tmp_path, Json(), section, n=3)
    assert record.counts == {"requests": 3, "prompt_tokens": 300, "output_tokens": 60, "candidates": 6}
    candidates = list(jsonl.read(tmp_path / "generate" / "candidates.jsonl", Candidate))
    assert [(one.request, one.position) for one in candidates] == [(request, position) for request in range(3) for position in (4, 5)]
    listed = Scripted()
    go(tmp_path, listed, section.model_copy(update={"reply_format": "list"}), n=3)
    assert len(listed.asked) == 3  # another question
    assert [call.schema for call in listed.asked] == [None] * 3


def test_another_set_of_passages_is_another_question(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("".join(json.dumps({"id": str(number), "text": f"Passage {number}."}) + "\n" for number in range(3)))
    section = GenerateSection(teacher="m", endpoint="http://localhost:1/v1", passages=str(path))
    first, again, changed = Scripted(), Scripted(), Scripted()
    record = go(tmp_path, first, section, n=3)
    assert set(record.inputs) == {"builtin", str(path)}
    assert {call.sources[-1] for call in first.asked} == {"passage:0", "passage:1", "passage:2"}
    go(tmp_path, again, section, n=3)
    assert again.asked == []
    path.write_text(path.read_text().replace("Passage 1.", "Another text."))
    go(tmp_path, changed, section, n=3)
    assert [call.sources[-1] for call in changed.asked] == ["passage:1"]


def test_an_instruction_file_needs_no_teacher(tmp_path: Path) -> None:
    rows = [{"instruction": "a", "input": "N/A", "output": "b"}, {"instruction": "c", "output": "d"}]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    section = GenerateSection(instructions=str(tmp_path / "rows.json"))
    record = stage.run(section, seed=0, first_request=0, n_requests=0, folder=tmp_path / "generate", pool=None)
    assert record.counts == {"requests": 0, "prompt_tokens": 0, "output_tokens": 0, "candidates": 2}
    candidates = list(jsonl.read(tmp_path / "generate" / "candidates.jsonl", Candidate))
    assert candidates == [Candidate(0, 1, "a", "", "b"), Candidate(0, 2, "c", "", "d")]
    with pytest.raises(InputError, match="got no pool"):
        stage.run(GenerateSection(), seed=0, first_request=0, n_requests=1, folder=tmp_path / "other", pool=None)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"instructions": "nowhere.json"}, "nowhere.json"),
        ({"seeds": "nowhere.jsonl"}, "nowhere.jsonl"),
        ({"tasks_per_request": 3}, "generate.seeds_per_request"),
        ({"teacher": "gpt"}, "generate.api_key_env"),
        ({"teacher": "gpt", "endpoint": "https://example.org/v1"}, "generate.api_key_env"),
        ({"teacher": "gpt", "endpoint": "example.org", "api_key_env": "HELD_KEY"}, "generate.endpoint"),
        ({"endpoint": "http://localhost:1/v1"}, "generate.endpoint"),
        ({"provider": "azure"}, "generate.provider"),
        ({"batch": True}, "generate.batch"),
        ({**HELD, "provider": "azure", "endpoint": "https://me.openai.azure.com"}, "generate.azure_version"),
        ({**HELD, "provider": "azure", "azure_version": "2024-10-21"}, "generate.endpoint"),
        ({**AZURE, "batch": True}, "generate.batch"),
        ({**HELD, "azure_version": "2024-10-21"}, "generate.azure_version"),
        ({**HELD, "accepts": {"length": "words"}}, "generate.accepts.length"),
        ({**HELD, "teacher": "gpt-5", "temperature": 0.7}, "generate.temperature"),
        ({**HELD, "passages": "nowhere.jsonl"}, "nowhere.jsonl"),
        ({"teacher": "nowhere", "provider": "local"}, "generate.teacher"),
    ],
)
def test_check_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], place: str) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("HELD_KEY", "sk-1")
    assert [problem.place for problem in stage.check(GenerateSection(**fields))] == [place]


def test_check_finds_too_few_seeds_and_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "seeds.jsonl"
    row = {"id": "a", "instruction": "b", "input": "c", "output": "d"}
    path.write_text(json.dumps(row) + "\n")
    (problem,) = stage.check(GenerateSection(seeds=str(path)))
    assert str(problem) == "generate.seeds_per_request: got 3; allowed: at most 1, the number of seeds"
    path.write_text(json.dumps({**row, "output": ""}) + "\n")
    (problem,) = stage.check(GenerateSection(seeds=str(path)))
    assert problem.place == f"{path}, line 1, field 'output'"


def test_check_passes_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELD_KEY", "sk-1")
    assert stage.check(GenerateSection()) == []
    assert stage.check(GenerateSection(teacher="m", endpoint="http://127.0.0.1:8000/v1", api_key_env="ABSENT_KEY")) == []
    assert stage.check(GenerateSection(**HELD)) == []  # type: ignore[arg-type]
    assert stage.check(GenerateSection(**AZURE)) == []  # type: ignore[arg-type]
    assert stage.check(GenerateSection(**HELD, batch=True, reply_format="json", accepts={"seed": False})) == []  # type: ignore[arg-type]


def test_the_teacher_is_the_one_that_the_section_names() -> None:
    here = {"teacher": "m", "endpoint": "http://127.0.0.1:8000/v1", "api_key_env": "ABSENT_KEY"}
    assert isinstance(teachers.open_teacher(GenerateSection()), EmbeddedTeacher)
    teacher = teachers.open_teacher(GenerateSection(**here, accepts={"seed": False}))
    assert isinstance(teacher, EndpointTeacher)
    assert (teacher.name, teacher.accepts.seed) == ("m", False)
    asyncio.run(teacher.close())
    assert teachers.paid(GenerateSection(**here)) == "m"
    assert teachers.paid(GenerateSection()) is None
    assert teachers.paid(GenerateSection(teacher="a/b", provider="local")) is None
