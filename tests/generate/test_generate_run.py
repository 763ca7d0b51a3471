from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Candidate, Finish
from bioinstruct.core.runfolder import read_record
from bioinstruct.generate import run as stage
from bioinstruct.generate import seeds
from bioinstruct.models.base import Reply
from bioinstruct.models.endpoint import EndpointTeacher
from bioinstruct.models.ledger import Ledger


class Scripted:
    """Answers with two tasks that name the sampling seed and one without output; slower for some seeds than for others."""

    name = "scripted"

    def __init__(self, fail_at: int | None = None) -> None:
        self.asked: list[tuple[list[dict[str, str]], float, int, int]] = []
        self.fail_at = fail_at
        self._lock = threading.Lock()

    def ask(self, messages: list[dict[str, str]], *, temperature: float, max_tokens: int, seed: int) -> Reply:
        with self._lock:
            self.asked.append((messages, temperature, max_tokens, seed))
            n = len(self.asked)
        if self.fail_at is not None and n >= self.fail_at:
            raise ModelError("the account is empty")
        time.sleep(seed % 5 / 500)
        text = f"4. Instruction: Name {seed}.\n4. Input: None\n4. Output: {seed}\n5. Instruction: x\n5. Input: y\n5. Output:\n"
        return Reply(text + "6. Instruction: a\n6. Input: b\n6. Output: c", Finish.LENGTH, 100, 20, "scripted-1")


def go(folder: Path, teacher: Any, section: GenerateSection | None = None, *, first: int = 0, n: int = 6, seed: int = 0) -> Any:
    with Ledger(folder / "ledger.sqlite") as ledger:
        return stage.run(
            section or GenerateSection(), seed=seed, first_request=first, n_requests=n,
            folder=folder / "generate", ledger=ledger, teacher=teacher,
        )  # fmt: skip


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
    section = GenerateSection()
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for number in range(10, 16):
            asked = stage.request(section, seeds.load("builtin"), 0, number)
            key, entry = stage.stored(ledger, asked, 0)
            assert key == f"0/{number}"
            assert entry is not None
            assert entry.prompt == asked.prompt
            assert entry.seeds == tuple(seed.id for seed in asked.shown)
            assert ([{"role": "user", "content": asked.prompt}], 1.0, 4096, asked.sampling_seed) in teacher.asked


def test_the_same_bytes_whatever_the_concurrency_and_the_order_of_arrival(tmp_path: Path) -> None:
    for concurrency in (1, 8):
        go(tmp_path / str(concurrency), Scripted(), GenerateSection(concurrency=concurrency), n=12)
    for name in ("candidates.jsonl", "unparsed.jsonl"):
        assert (tmp_path / "1" / "generate" / name).read_bytes() == (tmp_path / "8" / "generate" / name).read_bytes()


def test_a_stopped_run_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    go(tmp_path / "whole", Scripted(), n=8)
    with pytest.raises(ModelError, match="the account is empty"):
        go(tmp_path / "cut", Scripted(fail_at=4), n=8)
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
        assert ledger.totals()["generate"].requests == 4


def test_replies_without_usage_are_counted(tmp_path: Path) -> None:
    class Quiet(Scripted):
        def ask(self, messages: list[dict[str, str]], *, temperature: float, max_tokens: int, seed: int) -> Reply:
            return Reply("refused", Finish.ERROR, 0, 0, "q")

    counts = go(tmp_path, Quiet(), n=3).counts
    assert counts.pop("prompt_tokens") == counts.pop("output_tokens") == 0
    assert counts == {"requests": 3, "candidates": 0, "without_usage": 3, "unparsed.teacher_error": 3}


def test_an_instruction_file_needs_no_teacher(tmp_path: Path) -> None:
    rows = [{"instruction": "a", "input": "N/A", "output": "b"}, {"instruction": "c", "output": "d"}]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    section = GenerateSection(instructions=str(tmp_path / "rows.json"))
    record = stage.run(section, seed=0, first_request=0, n_requests=0, folder=tmp_path / "generate", ledger=None, teacher=None)
    assert record.counts == {"requests": 0, "prompt_tokens": 0, "output_tokens": 0, "candidates": 2}
    candidates = list(jsonl.read(tmp_path / "generate" / "candidates.jsonl", Candidate))
    assert candidates == [Candidate(0, 1, "a", "", "b"), Candidate(0, 2, "c", "", "d")]
    with pytest.raises(InputError, match="no ledger or no teacher"):
        stage.run(GenerateSection(), seed=0, first_request=0, n_requests=1, folder=tmp_path / "other", ledger=None, teacher=None)


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
    assert stage.check(GenerateSection(teacher="m", api_key_env="HELD_KEY")) == []


def test_the_teacher_is_the_one_that_the_section_names(monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = stage.open_teacher(GenerateSection(teacher="m", endpoint="http://127.0.0.1:8000/v1", api_key_env="ABSENT_KEY"))
    assert isinstance(teacher, EndpointTeacher)
    assert teacher.name == "m"
    teacher.close()
