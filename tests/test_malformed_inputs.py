"""What a user can give wrongly in recipes, arguments and instruction files: exit code 2 and a sentence with place, got and allowed.

Nothing is written, nothing is written over, and nobody is asked over a network. The folders that a user names: `test_malformed_folders.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Content = str | bytes | None

QUICK = ("generate.target=5", "generate.max_requests=1", "evaluate.tasks=[nli_embedded]", "evaluate.items=2")
"""A recipe whose check takes no time, to which one thing is done wrongly."""
GOOD_ROW = {"instruction": "Name the drug class.", "input": "metformin", "output": "biguanide"}
GOOD_SEED = {"id": "s1", **GOOD_ROW}


def case(name: str, words: tuple[str, ...], said: tuple[str, ...], files: dict[str, Content] | None = None, lines: int = 1) -> Any:
    """One malformed input: the command, what one line says in this order, what lies in the folder (None = a folder), and how many lines."""
    return pytest.param(words, said, files or {}, lines, id=name)


def recipe_case(name: str, text: str | bytes, *said: str, lines: int = 1) -> Any:
    return case(name, ("generate", "my.yaml", "--out", "run"), said, {"my.yaml": text}, lines)


def override_case(name: str, override: str, *said: str) -> Any:
    return case(name, ("generate", override, "--out", "run"), said)


RECIPES = [
    recipe_case("unknown section", "generat:\n  target: 5\n", "my.yaml: generat: got an unknown field", "did you mean 'generate'?", "tune"),
    recipe_case("unknown field", "generate:\n  targets: 5\n", "my.yaml: generate.targets: got an unknown field", "did you mean 'target'?"),
    recipe_case("wrong type", "generate:\n  target: many\n", "my.yaml: generate.target: got 'many'; allowed: a valid integer"),
    recipe_case("a number as text", "seed: '3'\n", "my.yaml: seed: got '3'; allowed: a valid integer"),
    recipe_case("a text as number", "generate:\n  teacher: 4\n", "my.yaml: generate.teacher: got 4; allowed: a text (in quotes"),
    recipe_case("yes for true", "curate:\n  rules: {too_short: yes}\n", "too_short: got 'yes'; allowed: a valid boolean"),
    recipe_case("out of range", "curate:\n  threshold: 1.5\n", "my.yaml: curate.threshold: got 1.5; allowed: less than or equal to 1"),
    recipe_case("not a number", "curate:\n  threshold: .nan\n", "my.yaml: curate.threshold: got nan; allowed: "),
    recipe_case("a seed too large", f"seed: {10**40}\n", "my.yaml: seed: got 1000", "allowed: less than or equal to 4294967295"),
    recipe_case("not one of", "tune:\n  template: llama\n", "my.yaml: tune.template: got 'llama'; allowed: 'paper', 'alpaca' or 'chat'"),
    recipe_case("two faults", "seed: -1\ntune:\n  rank: 0\n", "my.yaml: tune.rank: got 0; allowed: greater than or equal to 1", lines=2),
    recipe_case("a section that is a number", "tune: 7\n", "my.yaml: tune: got 7; allowed: a section with fields such as base"),
    recipe_case("a key that is a number", "generate:\n  1: 2\n", "my.yaml: generate.1: got 1; allowed: a name"),
    recipe_case("a list", "- seed\n", "my.yaml: got a list; allowed: sections seed, threads, workers, budget_usd, "),
    recipe_case("not YAML", "generate:\n  target: [5\n", "my.yaml, line 3: got ", "allowed: YAML"),
    recipe_case("a key twice", "seed: 1\nseed: 2\n", "my.yaml, line 2: got the key 'seed' a second time; allowed: YAML"),
    recipe_case("an alias", "report: &a\n  title: *a\n", "my.yaml, line 2: got the alias '*a'; allowed: YAML"),
    recipe_case(
        "an object", "seed: !!python/object:os.system x\n", "my.yaml, line 1: got could not determine a constructor", "allowed: YAML"
    ),
    recipe_case("nested without end", "[" * 5000, "my.yaml: got values inside values without end; allowed: YAML"),
    recipe_case("a number of 5,000 digits", "seed: " + "1" * 5000, "my.yaml: got a value that cannot be read", "allowed: YAML"),
    recipe_case("control characters", "\x01\x02", "my.yaml: got text that is not YAML; allowed: YAML"),
    recipe_case("not UTF-8", "title: café".encode("latin-1"), "my.yaml: got byte 0xe9 at offset 10; allowed: UTF-8 text"),
    recipe_case("UTF-16", "seed: 1".encode("utf-16"), "my.yaml: got byte 0x", "at offset 0; allowed: UTF-8 text"),
    case("a folder as recipe", ("generate", "my.yaml"), ("my.yaml: got a folder; allowed: a file",), {"my.yaml": None}),
    case("a missing recipe", ("run", "none.yaml"), ("none.yaml: got no such file; allowed: an existing file",)),
    case("a recipe below a file", ("run", "a/b.yaml"), ("a/b.yaml: got Not a directory; allowed: a file that can be read",), {"a": ""}),
    case("a recipe's name too long", ("check", "x" * 300), ("x: got File name too long; allowed: a file that can be read",)),
    case("two recipes", ("run", "a.yaml", "b.yaml"), ("arguments: got two recipes, a.yaml and b.yaml; allowed: one",)),
    case(
        "a file and a wrong override",
        ("generate", "my.yaml", "tune.rank=0"),
        ("override: tune.rank: got 0; allowed: greater than or equal to 1",),
        {"my.yaml": "seed: 1\n"},
    ),
    override_case("override without value", "generate.target", "got 'generate.target' without a value; allowed: generate.target=VALUE"),
    override_case("override without field", "=5", "override: got '=5'; allowed: section.field=value"),
    override_case(
        "override of an unknown field", "curate.treshold=1", "curate.treshold: got an unknown field", "did you mean 'threshold'?"
    ),
    override_case("override below a field", "seed.x=3", "recipe: seed: got {'x': 3}; allowed: a valid integer"),
    override_case("override that is not Unicode", "report.title=\udcff", r"recipe: report.title: got '\udcff'; allowed: a valid string"),
]

COMMANDS = [
    case("unknown command", ("genrate",), ("arguments of 'bioinstruct': got no such command 'genrate'", "allowed: ", "generate")),
    case("unknown option", ("run", "--frob"), ("arguments of 'run': got no such option: --frob", "allowed: ", "--out, --restart")),
    case("option without value", ("run", "--out"), ("arguments: got option '--out' requires an argument; allowed: what --help shows",)),
    case("option out of range", ("rehearse", "--port", "99999"), ("'rehearse': got invalid value for '--port'", "65535; allowed: --host")),
    case("option of the wrong type", ("tune", "--show", "x"), ("arguments of 'tune': got invalid value for '--show'", "allowed: ")),
    case("argument missing", ("ledger",), ("arguments of 'ledger': got missing argument 'folder'; allowed: FOLDER",)),
    case("argument too many", ("ledger", "a", "b"), ("arguments of 'ledger': got unexpected extra argument", "allowed: FOLDER")),
    case("ledger of no run", ("ledger", "."), (".: got no ledger.sqlite; allowed: the folder of a run that has generated",)),
    case("a starter of no kind", ("init", "gpu"), ("init: got 'gpu'; allowed: embedded, openai",)),
    case("a starter over a file", ("init", "--to", "a.yaml"), ("a.yaml: got a name that exists; allowed: a new name",), {"a.yaml": "mine"}),
    case("a starter below a file", ("init", "--to", "a/b.yaml"), ("a: got a name that exists; allowed: a new name",), {"a": "mine"}),
    case("show before curate", ("tune", "--show", "2"), ("instructions.jsonl: got no such file; allowed: an existing file",)),
    case(
        "tune before curate", ("tune", "--out", "run", *QUICK), ("run: got no curate/instructions.jsonl; allowed: run the stage 'curate'",)
    ),
    case(
        "evaluate before tune", ("evaluate", "--out", "run", *QUICK), ("run: got no tune/adapter; allowed: run the stage 'tune'",), lines=2
    ),
    case("report before evaluate", ("report", "--out", "run"), ("run: got no evaluate/summary.json; allowed: run the stage 'evaluate'",)),
    case("a stage of no kind", ("run", "--restart", "tuna", *QUICK), ("--restart: got 'tuna'; allowed: generate, curate, tune",)),
    case("a stage before the command", ("tune", "--restart", "curate"), ("--restart: got 'curate'; allowed: tune, evaluate, report",)),
]


def rows_case(name: str, content: Content, *said: str, file: str = "mine.json") -> Any:
    return case(f"instructions {name}", ("curate", "--instructions", file, "--out", "run"), said, {file: content})


def row(**changes: Any) -> str:
    return json.dumps([GOOD_ROW, {name: value for name, value in {**GOOD_ROW, **changes}.items() if value is not ...}], indent=1)


INSTRUCTIONS = [
    case(
        "instructions missing",
        ("curate", "--instructions", "no.json", "--out", "run"),
        ("no.json: got no such file; allowed: an existing",),
    ),
    case(
        "instructions named 123", ("curate", "--instructions", "123", "--out", "run"), ("123: got no such file; allowed: an existing file",)
    ),
    rows_case("in a folder", None, "mine.json: got a folder; allowed: a file"),
    rows_case("empty", "", "mine.json: got no rows; allowed: at least one row with instruction and output"),
    rows_case("as an empty array", "[]", "mine.json: got no rows; allowed: at least one row"),
    rows_case("not JSON", "[{]", "mine.json, line 1: got text that is not JSON", "allowed: a JSON array of objects"),
    rows_case("cut off", row()[:-9], "mine.json, line ", "got text that is not JSON", "allowed: a JSON array of objects"),
    rows_case("as an object", json.dumps({"data": [GOOD_ROW]}), "mine.json, line 1, field 'instruction': got no such column among 'data'"),
    rows_case("with a list as row", json.dumps([[1]]), "mine.json, line 1: got [1] (row 1); allowed: an object with instruction"),
    rows_case(
        "without instruction", row(instruction=...), "line 7, field 'instruction': got no such column among 'input', 'output' (row 2)"
    ),
    rows_case(
        "with an empty output", row(output="  "), "line 7, field 'output': got an empty text (row 2); allowed: a text that is not empty"
    ),
    rows_case("with a number", row(input=5), "mine.json, line 7, field 'input': got 5 (row 2); allowed: a text"),
    rows_case(
        "with a misnamed column", row(input=..., Input="x"), "line 7, field 'input': got no such column", "allowed: a text; rename 'Input'"
    ),
    rows_case(
        "with half a character", row(input="\ud800"), "line 7, field 'input': got half of a surrogate pair (row 2); allowed: Unicode"
    ),
    rows_case("not UTF-8", row(output="é").replace("\\u00e9", "é").encode("latin-1"), "mine.json: got byte 0xe9", "allowed: UTF-8 text"),
    rows_case(
        "as lines, one wrong", json.dumps(GOOD_ROW) + "\n{'a': 1}\n", "mine.jsonl, line 2: got text that is not JSON", file="mine.jsonl"
    ),
]


def seeds_case(name: str, content: Content, *said: str) -> Any:
    return case(f"seeds {name}", ("generate", "generate.seeds=s.jsonl", "--out", "run"), said, {"s.jsonl": content})


def seed(**changes: Any) -> str:
    return json.dumps(GOOD_SEED) + "\n" + json.dumps({**GOOD_SEED, "id": "s2", **changes}) + "\n"


TEACHERS = [
    case(
        "seeds missing", ("generate", "generate.seeds=s.jsonl", "--out", "run"), ("s.jsonl: got no such file; allowed: an existing file",)
    ),
    case(
        "seeds with a null byte",
        ("run", "my.yaml"),
        (r"a\x00b: got embedded null byte; allowed: a file",),
        {"my.yaml": 'generate: {seeds: "a\\0b"}'},
    ),
    seeds_case("empty", "\n", "s.jsonl: got no seeds; allowed: one JSON object a line with id, instruction, input and output"),
    seeds_case("too few", seed(), "generate.seeds_per_request: got 3; allowed: at most 2, the number of seeds"),
    seeds_case("not JSON", "{\n", "s.jsonl, line 1: got a line that is not JSON; allowed: "),
    seeds_case(
        "with a blank output", seed(output=" "), "s.jsonl, line 2, field 'output': got an empty text; allowed: a text that is not empty"
    ),
    seeds_case("with an id twice", seed(id="s1"), "s.jsonl, line 2, field 'id': got 's1', as on line 1; allowed: ids used once"),
    seeds_case("with a number", seed(input=5), "s.jsonl, line 2, field 'input': got 5; allowed: "),
    seeds_case(
        "with a heading in a text", seed(output="4. Instruction: x"), "line 2, field 'output': got ", "allowed: lines that do not look like"
    ),
    case(
        "a list that the seeds fill",
        ("generate", "generate.tasks_per_request=3", "--out", "run"),
        ("generate.seeds_per_request: got 3; allowed: fewer than generate.tasks_per_request (3)",),
    ),
    case(
        "a teacher without key",
        ("generate", "generate.teacher=gpt-4.1", "--out", "run"),
        ("generate.api_key_env: got no value in the environment variable OPENAI_API_KEY; allowed: a key in that variable",),
    ),
    case(
        "an endpoint that is no URL",
        ("generate", "generate.teacher=x", "generate.endpoint=localhost:8000", "--out", "run"),
        ("generate.endpoint: got 'localhost:8000'; allowed: an http(s) URL",),
        lines=2,
    ),
    case(
        "an endpoint with a password",
        ("generate", "generate.teacher=x", "generate.endpoint=http://a:hidden@localhost/v1", "--out", "run"),
        ("generate.endpoint: got a URL with a user name or password; allowed: an http(s) URL",),
    ),
    case(
        "an endpoint for the embedded teacher",
        ("generate", "generate.endpoint=http://127.0.0.1:1/v1", "--out", "run"),
        ("generate.endpoint: got a URL; allowed: null with the embedded teacher",),
    ),
    case(
        "fewest words above most",
        ("generate", "curate.min_words=9", "curate.max_words=8", "--out", "run"),
        ("curate.min_words: got 9; allowed: at most curate.max_words (8)",),
    ),
]

CASES = RECIPES + COMMANDS + INSTRUCTIONS + TEACHERS


@pytest.mark.parametrize(("words", "said", "files", "lines"), CASES)
def test_a_malformed_input_gets_a_sentence(words: Any, said: Any, files: Any, lines: int, attempt: Any):
    attempt(words, said, files, lines)


def test_a_password_in_an_endpoint_is_not_shown(command: Any):
    assert "hidden" not in command("generate", "generate.teacher=x", "generate.endpoint=http://a:hidden@localhost/v1").err


def test_what_a_file_name_would_do_to_a_terminal_is_shown(command: Any):
    assert command("run", "\x1b[31mred.yaml").err.startswith("bioinstruct: \\x1b[31mred.yaml: got no such file")


# Through a real process: the entry point itself adds nothing to the message.


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("generate", "generate.targt=5"),
            "bioinstruct: recipe: generate.targt: got an unknown field; allowed: did you mean 'target'? one of",
        ),
        (("curate", "--instructions", "none.json"), "bioinstruct: none.json: got no such file; allowed: an existing file\n"),
        (("run", "--frob"), "bioinstruct: arguments of 'run': got no such option: --frob"),
    ],
)
def test_a_process_ends_with_code_2_and_one_line(words: tuple[str, ...], said: str, process: Any, tmp_path: Path):
    running = process(*words)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (2, "")
    assert err.startswith(said)
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_table_is_long_enough():
    names = [case.id for case in CASES]
    assert len(names) == len(set(names)) >= 40
