"""Models beside ours that a server answers for: what it is asked, what is kept, that nothing is asked twice, and what is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.errors import InputError, LimitReached, ModelError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.records import Completion, Finish, Ranking
from bioinstruct.embedded.faults import Script
from bioinstruct.embedded.server import serve
from bioinstruct.evaluate import compared, grade
from bioinstruct.evaluate.served import PURPOSE, outstanding
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.purse import Purse


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))  # type: ignore[attr-defined]
        status, content = self.server.answer(self.path, body)  # type: ignore[attr-defined]
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def choice(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Says the first option of the prompt, or a note."""
    prompt = body["prompt"] if path.endswith("/v1/completions") else body["messages"][0]["content"]
    listed = [line.removeprefix("- ") for line in prompt.splitlines() if line.startswith("- ")]
    said = f" The answer is {listed[0]}." if listed else " a note about words\n\nand more"
    told = {"text": said} if path.endswith("/v1/completions") else {"message": {"role": "assistant", "content": said}}
    usage = {"prompt_tokens": 20, "completion_tokens": 6, "total_tokens": 26}
    return 200, {"model": "theirs", "choices": [{"index": 0, "finish_reason": "stop", **told}], "usage": usage}


@pytest.fixture
def server() -> Iterator[Any]:
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.asked, made.answer, made.daemon_threads = [], choice, True
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def entry(port: int, **changes: str) -> dict[str, str]:
    return {"name": "theirs", "model": "m", "endpoint": f"http://127.0.0.1:{port}/v1", "template": "chat", **changes}


@pytest.fixture
def ask(evaluate: Any, section: EvaluateSection, tmp_path: Path) -> Callable[..., Path]:
    """Evaluate with served models beside ours, which are left out; gives back the folder."""

    def ask(*entries: dict[str, str], money: Any = (None, None), **changes: Any) -> Path:
        chosen = section.model_copy(update={"tasks": ["colour", "note"], "compare": list(entries), "base_shots": [0], **changes})
        purse = Purse(tmp_path / "ledger.sqlite", {}, *money, Silent())
        evaluate(tmp_path / "evaluate", chosen, adapters={}, purse=purse)
        return tmp_path / "evaluate"

    return ask


def completions(folder: Path, name: str) -> list[Completion]:
    return list(jsonl.read(folder / "theirs" / name / "completions.jsonl", Completion))


def test_tasks_are_asked_as_written_answers_and_say_so(server: Any, ask: Callable[..., Path]) -> None:
    folder = ask(entry(server.server_port))
    assert {path for path, _ in server.asked} == {"/v1/chat/completions"}
    assert len(server.asked) == 14
    assert all((body["temperature"], body["max_tokens"], body["model"]) == (0.0, 10, "m") for _, body in server.asked)
    texts = [body["messages"] for _, body in server.asked]
    assert [{"role": "user", "content": "Write a note.\n\n### Input:\nwords about 0"}] in texts
    result = grade.read_result(folder / "theirs" / "colour.generate-text-0shot")
    assert result is not None
    assert (result.setting.mode, result.setting.adapter, result.dtype, result.base) == ("generate", "server:m", "server", "m")
    assert result.outcomes["graded"] == 7
    assert result.estimates["accuracy"].value == pytest.approx(3 / 7)  # the gold is the first option of items 0, 3 and 6
    assert [one.text for one in completions(folder, "note.generate-text-0shot-strings")] == ["a note about words"] * 7
    assert completions(folder, "note.generate-text-0shot")[0].output_tokens == 6
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["tasks"]["colour"]["compared"]["theirs"]["mean"]["value"] == pytest.approx(3 / 7, abs=1e-6)


def test_a_plain_form_goes_as_it_is(server: Any, ask: Callable[..., Path]) -> None:
    ask(entry(server.server_port, template="paper"), shots=1)
    assert {path for path, _ in server.asked} == {"/v1/completions"}
    assert all(body["prompt"].endswith("### Output:") and body["prompt"].count("### Output:") == 2 for _, body in server.asked)


def test_nothing_is_asked_twice(server: Any, ask: Callable[..., Path], tmp_path: Path, bytes_of: Any) -> None:
    folder = ask(entry(server.server_port))
    before = bytes_of(folder)
    for path in (folder / "theirs").rglob("*"):
        if path.is_file():
            path.unlink()
    (folder / "record.json").unlink()
    ask(entry(server.server_port))
    assert (len(server.asked), bytes_of(folder)) == (14, before)
    ask(entry(server.server_port), max_new_tokens=11)
    assert len(server.asked) == 28
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert {one.settings for one in ledger.entries(PURPOSE)} == {
            json.dumps({"form": "chat", "max_tokens": cap, "model": "m", "temperature": 0.0}, sort_keys=True) for cap in (10, 11)
        }


def test_what_would_be_asked_is_known_before_and_what_is_left_after(
    server: Any, section: EvaluateSection, ask: Callable[..., Path], tmp_path: Path
) -> None:
    for left, entries in ((14, [entry(server.server_port)]), (35, [entry(server.server_port, template="paper", rank="logprobs")])):
        chosen = section.model_copy(update={"tasks": ["colour", "note"], "compare": entries, "base_shots": [0]})
        ((other, calls),) = outstanding(chosen, TuneSection(), tmp_path / "ledger.sqlite")
        assert (other.name, len(calls)) == ("theirs", left)
    chosen = section.model_copy(update={"tasks": ["colour", "note"], "compare": [entry(server.server_port)], "base_shots": [0]})
    ((_, calls),) = outstanding(chosen, TuneSection(), tmp_path / "ledger.sqlite")
    ask(entry(server.server_port))
    assert sorted(call.prompt for call in calls) == sorted(body["messages"][0]["content"] for _, body in server.asked)
    assert [len(calls) for _, calls in outstanding(chosen, TuneSection(), tmp_path / "ledger.sqlite")] == [0]
    longer = chosen.model_copy(update={"max_new_tokens": 11})
    assert [len(calls) for _, calls in outstanding(longer, TuneSection(), tmp_path / "ledger.sqlite")] == [14]


def test_a_run_that_a_server_broke_off_goes_on(server: Any, ask: Callable[..., Path], bytes_of: Any, tmp_path: Path) -> None:
    def refusing(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return (401, {"error": {"message": "no such key", "code": "invalid_api_key"}}) if len(server.asked) > 5 else choice(path, body)

    server.answer = refusing
    with pytest.raises(ModelError, match="no such key"):
        ask(entry(server.server_port))
    server.answer, before = choice, len(server.asked)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        kept = len(list(ledger.entries(PURPOSE)))
    assert kept > 0
    folder = ask(entry(server.server_port))
    assert len(server.asked) == before + 14 - kept
    assert len(completions(folder, "note.generate-text-0shot")) == 7


def test_the_budget_of_the_run_holds(server: Any, ask: Callable[..., Path]) -> None:
    with pytest.raises(LimitReached, match="budget"):
        ask(entry(server.server_port), money=(None, 300))
    assert 0 < len(server.asked) < 14
    with pytest.raises(InputError, match="prices: got none for 'm'"):
        ask(entry(server.server_port), money=(1.0, None))


def test_a_refused_prompt_fails_and_is_counted(server: Any, ask: Callable[..., Path]) -> None:
    def picky(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if "words about 3" in body["messages"][0]["content"]:
            return 400, {"error": {"message": "too long", "code": "context_length_exceeded"}}
        return choice(path, body)

    ask(entry(server.server_port), items=2)  # before any reply a refusal might mean that the server takes no prompt of ours at all
    server.answer = picky
    made = completions(ask(entry(server.server_port)), "note.generate-text-0shot")
    assert [one.finish for one in made] == [Finish.ERROR if number == 3 else Finish.STOP for number in range(7)]
    assert "too long" in made[3].text


def test_the_rehearsal_server_with_faults(ask: Callable[..., Path]) -> None:
    rehearsal = serve(script=Script(faults={"rate_limited_after": 0.4}, retry_after=0.01))
    thread = threading.Thread(target=rehearsal.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        folder = ask(entry(rehearsal.server_port, model="embedded-teacher"), items=3)
    finally:
        rehearsal.shutdown()
        thread.join()
        rehearsal.server_close()
    assert all(one.text.startswith("I continue numbered lists") for one in completions(folder, "note.generate-text-0shot"))


def test_what_is_wrong_with_a_served_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def wrong(shots: int = 0, **changes: Any) -> list[tuple[str, str]]:
        section = EvaluateSection(tasks=["colour"], compare=[entry(8000, **changes)], shots=shots)
        return [(one.place, one.got) for one in compared.problems(section, TuneSection())]

    assert wrong() == []
    assert [one.model for one in compared.served(EvaluateSection(compare=[entry(8000)]), TuneSection())] == ["m"]
    assert compared.places(EvaluateSection(compare=[entry(8000)]), TuneSection()) == []
    assert wrong(endpoint="ftp://x")[0] == ("evaluate.compare.0.endpoint", "'ftp://x'")
    assert wrong(endpoint="https://api.example.org/v1")[0][0] == "evaluate.compare.0.api_key_env"
    assert wrong(api_key_env="sk-1234")[0] == ("evaluate.compare.0.api_key_env", "what is no variable's name (a key?)")
    assert wrong(model="o3")[0][1] == "'o3', which takes no temperature"
    assert wrong(shots=1)[0][1] == "the template 'chat' at a server with evaluate.shots=1"
    assert wrong(shots=1, template="paper") == []
    assert wrong(name="tuned")[0][1] == "the name 'tuned'"
    assert replace(compared.models(EvaluateSection(compare=[entry(8000)]), TuneSection())[0], endpoint=None).weights == "server:m"


def likely(base: Path, bos: str = "") -> Callable[..., tuple[int, dict[str, Any]]]:
    """What a server with the small base's weights says of a text: itself, the log-probability of each token, and one token more."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)

    def answer(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert (path, body["echo"], body["logprobs"], body["max_tokens"]) == ("/v1/completions", True, 1, 1)
        read = tokenizer(body["prompt"], return_offsets_mapping=True)
        ids = torch.tensor([read["input_ids"]])
        with torch.no_grad():
            found = model(ids).logits.log_softmax(-1)[0]
        given = found[:-1].gather(1, ids[0, 1:, None])[:, 0].tolist()
        offsets = [0, *(len(bos) + start for start, _ in read["offset_mapping"][1:]), len(bos + body["prompt"])]
        told = {"text_offset": offsets, "token_logprobs": [None, *given, -0.5]}
        usage = {"prompt_tokens": ids.numel(), "completion_tokens": 1}
        return 200, {"choices": [{"text": f"{bos}{body['prompt']}!", "finish_reason": "length", "logprobs": told}], "usage": usage}

    return answer


@pytest.mark.parametrize(("shots", "bos"), [(0, ""), (2, "<s>")])
def test_a_server_with_log_probabilities_ranks_as_the_weights_do_here(
    server: Any, ask: Callable[..., Path], base: Path, shots: int, bos: str
) -> None:
    server.answer = likely(base, bos)
    served = entry(server.server_port, template="paper", rank="logprobs")
    here = {"name": "here", "model": str(base), "template": "paper"}
    folder = ask(served, here, tasks=["colour", "truth"], shots=shots)
    for task, how in (("colour", "text"), ("truth", "text")):
        name = f"{task}.rank-{how}-{shots}shot/rankings.jsonl"
        theirs, ours = (list(jsonl.read(folder / model / name, Ranking)) for model in ("theirs", "here"))
        assert len(theirs) == 7
        for one, other in zip(theirs, ours, strict=True):
            assert one.log_likelihoods == pytest.approx(other.log_likelihoods, abs=1e-4)
            assert (one.lengths, one.prompt_tokens, one.prompt_sha) == (other.lengths, other.prompt_tokens, other.prompt_sha)
    asked = len(server.asked)
    assert asked == 7 * 4 + 7 * 3
    (folder / "record.json").unlink()
    for path in (folder / "theirs").rglob("*.jsonl"):
        path.unlink()
    ask(served, here, tasks=["colour", "truth"], shots=shots)
    assert len(server.asked) == asked


def test_an_option_that_the_server_refuses_leaves_its_item_unranked(server: Any, ask: Callable[..., Path], base: Path) -> None:
    answer = likely(base)

    def picky(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body["prompt"].endswith(" shade 3"):
            return 400, {"error": {"message": "too long", "code": "context_length_exceeded"}}
        return answer(path, body)

    served = entry(server.server_port, template="paper", rank="logprobs")
    server.answer = answer
    ask(served, tasks=["colour"], items=2)  # before any reply a refusal might mean that the server takes no prompt of ours at all
    server.answer = picky
    folder = ask(served, tasks=["colour"])
    found = list(jsonl.read(folder / "theirs" / "colour.rank-text-0shot" / "rankings.jsonl", Ranking))
    assert [len(one.log_likelihoods) for one in found] == [4, 4, 4, 0, 4, 4, 4]
    result = grade.read_result(folder / "theirs" / "colour.rank-text-0shot")
    assert result is not None
    assert (result.outcomes["failed"], result.outcomes["graded"]) == (1, 6)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"text": "{prompt}", "logprobs": None}, "without log-probabilities"),
        ({"text": "{prompt}", "logprobs": {"text_offset": [0], "token_logprobs": []}}, "without log-probabilities"),
        ({"text": "only what it wrote", "logprobs": {}}, "does not repeat the prompt"),
        (
            {"text": "{prompt}", "logprobs": {"text_offset": [0, 1], "token_logprobs": [None, -1.0]}},
            "no token begins where the option does",
        ),
        ({"text": "{prompt}", "logprobs": {"text_offset": "begin", "token_logprobs": [None, 0.5]}}, "log-probabilities that are none"),
    ],
)
def test_a_server_without_usable_log_probabilities_stops_the_run(
    server: Any, ask: Callable[..., Path], choice: dict[str, Any], words: str
) -> None:
    def answer(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        made = json.loads(json.dumps(choice).replace("{prompt}", json.dumps(body["prompt"])[1:-1]))
        if made["logprobs"] and made["logprobs"].get("text_offset") == "begin":
            made["logprobs"]["text_offset"] = [0, body["prompt"].rindex("### Output:") + len("### Output:")]
        return 200, {"choices": [made | {"finish_reason": "length"}]}

    server.answer = answer
    with pytest.raises(ModelError, match=words):
        ask(entry(server.server_port, template="paper", rank="logprobs"), tasks=["colour"])


def test_what_is_wrong_with_a_ranked_entry() -> None:
    section = EvaluateSection(tasks=["colour"], compare=[entry(8000, rank="logprobs"), entry(8000, name="b", rank="perhaps")])
    assert [(one.place, one.got) for one in compared.problems(section, TuneSection())] == [
        ("evaluate.compare.0", "the template 'chat' with rank: logprobs"),
        ("evaluate.compare.1.rank", "'perhaps'"),
    ]
