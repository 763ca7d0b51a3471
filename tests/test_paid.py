"""A teacher that costs money, from the command line: the dry run, the budget, the progress for machines, the ledger's words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct import cli
from bioinstruct.core.errors import InputError
from bioinstruct.embedded.faults import LASTING, PASSING, Script
from bioinstruct.embedded.server import RehearsalServer
from bioinstruct.embedded.settings import script
from bioinstruct.models.ledger import Ledger

Run = Callable[..., tuple[int, str, str]]
PRICE = "prices={embedded-teacher: [2, 8]}"


@pytest.fixture
def server(rehearse: Callable[[Script], RehearsalServer]) -> RehearsalServer:
    return rehearse(Script(key="sk-paid-42"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, server: RehearsalServer) -> Run:
    """`run("generate", ...)` against the server; exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-paid-42")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    teacher = ["generate.teacher=embedded-teacher", f"generate.endpoint=http://127.0.0.1:{server.server_address[1]}/v1"]

    def command(name: str, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["bioinstruct", name, *words, *(teacher if name in ("generate", "run") else [])])
        capsys.readouterr()
        code: Any = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code
        printed = capsys.readouterr()
        assert "sk-paid-42" not in printed.out + printed.err
        return code, printed.out, printed.err

    return command


def test_a_dry_run_says_what_to_expect_and_asks_nothing(run: Run, server: RehearsalServer, tmp_path: Path) -> None:
    code, out, _ = run("generate", "--out", "paid", "--dry-run", PRICE, "budget_usd=3", "generate.target=100")
    assert code == 0
    assert "about 8 requests to 'embedded-teacher' for 100 kept instructions" in out
    assert "assumed: 17 tasks a request, 80% of them kept" in out
    assert "at $2 and $8 a million prompt and completion tokens (the recipe)" in out
    assert "budget: $3" in out
    assert server.tally.snapshot()["requests"] == 0
    assert not (tmp_path / "paid").exists()


def test_a_dry_run_counts_the_models_beside_ours(run: Run, server: RehearsalServer) -> None:
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    beside = json.dumps([{"name": "theirs", "model": "their-model", "endpoint": url, "template": "chat"}])
    prices = json.dumps({"embedded-teacher": [2, 8], "their-model": [1, 4]})
    words = [f"evaluate.compare={beside}", f"prices={prices}", "budget_usd=9", "evaluate.items=10"]
    tasks = ["evaluate.tasks=[usmle_embedded, conv2note_embedded]"]
    code, out, _ = run("run", "--out", "paid", "--dry-run", *words, *tasks)
    assert code == 0
    assert "evaluate, model 'theirs': 20 requests to 'their-model' still to come" in out
    assert "still to come at $1 and $4 a million prompt and completion tokens (the recipe)" in out
    assert out.count("budget: $9") == 1
    assert "their-model" not in run("generate", "--out", "paid", "--dry-run", *words, *tasks)[1]
    assert server.tally.snapshot()["requests"] == 0


def test_a_dry_run_without_a_price_says_so(run: Run) -> None:
    _, out, _ = run("generate", "--dry-run")
    assert "cost: not known, there is no price for 'embedded-teacher'" in out


def test_a_budget_in_dollars_needs_a_price(run: Run, server: RehearsalServer) -> None:
    code, _, err = run("generate", "budget_usd=3")
    assert code == 2
    assert "budget_usd: got 3 and no price for 'embedded-teacher'" in err
    assert server.tally.snapshot()["requests"] == 0


def test_the_budget_stops_the_run_and_a_higher_one_goes_on(run: Run, server: RehearsalServer) -> None:
    code, _, err = run("generate", "--out", "paid", PRICE, "generate.target=120", "budget_usd=0.06", "generate.concurrency=3")
    assert code == 3
    assert "raise budget_usd or budget_tokens and run again" in err
    first = server.tally.snapshot()["requests"]
    _, out, _ = run("ledger", "paid")
    spent = float(out.split("in all: ")[1].split("$")[1].split()[0])
    assert 0 < spent <= 0.06
    code, out, _ = run("generate", "--out", "paid", "--dry-run", PRICE, "generate.target=120", "budget_usd=1")
    assert f"{first} of them answered before" in out
    assert f"as in the {first} replies so far" in out
    code, _, _ = run("generate", "--out", "paid", PRICE, "generate.target=120", "budget_usd=1")
    assert code == 0
    _, out, _ = run("ledger", "paid")
    assert f"{server.tally.snapshot()['requests']} replies" in out  # nothing was asked twice


def test_progress_for_machines(run: Run) -> None:
    code, _, err = run("generate", "--out", "paid", PRICE, "generate.target=30", "--progress", "json")
    assert code == 0
    rows = [json.loads(line) for line in err.splitlines()]
    end = next(row for row in rows if row["event"] == "finish" and row["work"] == "generate")
    assert end["replies"] == end["done"] == end["total"]
    assert end["parsed"] > 0
    assert end["usd"] > 0
    assert end["refused"] == end["given_up"] == 0


def test_an_unknown_kind_of_progress(run: Run) -> None:
    code, _, err = run("generate", "--progress", "loud")
    assert (code, err) == (2, "bioinstruct: --progress: got 'loud'; allowed: auto, plain, json\n")


def test_a_wrong_key_stops_at_once_with_the_servers_words(run: Run, server: RehearsalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-77")
    code, _, err = run("generate", "--out", "paid", "generate.target=30", "generate.concurrency=2")
    assert code == 1
    assert "401" in err
    assert "sk-wrong-77" not in err
    assert server.tally.snapshot()["requests"] <= 3


def test_json_replies_are_read(run: Run, tmp_path: Path) -> None:
    code, _, err = run("generate", "--out", "paid", "generate.target=40", "generate.reply_format=json")
    assert code == 0, err
    rows = [json.loads(line) for line in (tmp_path / "paid" / "generate" / "candidates.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["position"] for row in rows if row["request"] == 0} == set(range(4, 21))
    with Ledger(tmp_path / "paid" / "ledger.sqlite") as ledger:
        entry = next(ledger.entries("generate"))
    assert list(json.loads(entry.reply.text)) == ["tasks"]
    assert "JSON object" in entry.prompt


def test_passages_stand_in_the_origin(run: Run, tmp_path: Path) -> None:
    passages = tmp_path / "passages.jsonl"
    passages.write_text("".join(json.dumps({"id": f"p{n}", "text": f"Fact number {n}."}) + "\n" for n in range(3)), encoding="utf-8")
    code, _, err = run("generate", "--out", "paid", "generate.target=40", f"generate.passages={passages}")
    assert code == 0, err
    rows = [json.loads(line) for line in (tmp_path / "paid" / "curate" / "instructions.jsonl").read_text(encoding="utf-8").splitlines()]
    by_request = {row["origin"]["request"]: row["origin"]["passage"] for row in rows}
    assert sorted(by_request[number] for number in range(3)) == ["p0", "p1", "p2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["latency"], "--set: got 'latency'; allowed: NAME=VALUE"),
        (["speed=3"], "--set: got 'speed=3'; allowed: NAME=VALUE"),
        (["faults=lots"], "--set: got faults='lots'"),
        (["faults={fire: 0.1}"], "got 'fire'; allowed: rate_limited"),
        (["latency=-1"], "script.latency: got -1"),
        (["latency=[1"], "--set: got 'latency=[1'"),
    ],
)
def test_settings_of_a_rehearsal_that_are_none(words: list[str], said: str) -> None:
    with pytest.raises(InputError) as error:
        script(words)
    assert said in str(error.value)


def test_one_share_is_divided_among_all_faults() -> None:
    made = script(["faults=0.22", "models=gpt-x", "latency=0.5"])
    assert dict(made.faults) == pytest.approx(dict.fromkeys((*PASSING, *LASTING), 0.02))
    assert made.models == ("gpt-x",)


def test_an_edited_passages_file_is_refused_before_anything_is_asked_again(run: Run, server: RehearsalServer, tmp_path: Path) -> None:
    passages = tmp_path / "passages.jsonl"
    passages.write_text(json.dumps({"id": "p0", "text": "A fact."}) + "\n", encoding="utf-8")
    words = ("generate", "--out", "paid", "generate.target=40", f"generate.passages={passages}")
    assert run(*words)[0] == 0
    asked = server.tally.snapshot()["requests"]
    with passages.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "p1", "text": "Another."}) + "\n")
    code, _, err = run(*words)
    assert code == 2
    assert "got a changed file (generate.passages); allowed: a new --out, --restart generate, or the file as it was" in err
    assert run(*words, "--dry-run")[0] == 2
    assert server.tally.snapshot()["requests"] == asked
    assert run(*words, "--restart", "generate")[0] == 0


def test_a_dry_run_sees_a_changed_recipe(run: Run) -> None:
    assert run("generate", "--out", "paid", "generate.target=40")[0] == 0
    code, _, err = run("generate", "--out", "paid", "generate.target=40", "generate.temperature=0.5", "--dry-run")
    assert code == 2
    assert "got a changed recipe" in err
