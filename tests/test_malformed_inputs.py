"""What a user can give wrongly: each gets exit code 2 and a sentence with place, what was got and what is allowed.

Nothing is written, nothing is written over, and nobody is asked over a network.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.models.checkpoint import resolve

EMBEDDED = Path(resolve("embedded"))

QUICK = ("generate.target=5", "generate.max_requests=1", "evaluate.tasks=[nli_embedded]", "evaluate.items=2")
"""A recipe whose check takes no time, to which one thing is done wrongly."""
GOOD_ROW = {"instruction": "Name the drug class.", "input": "metformin", "output": "biguanide"}
GOOD_SEED = {"id": "s1", **GOOD_ROW}

Content = str | bytes | None


@dataclass(frozen=True)
class Case:
    """One malformed input."""

    name: str
    words: tuple[str, ...]
    said: tuple[str, ...]
    """Place, got and allowed, in this order in one line."""
    files: dict[str, Content] = field(default_factory=dict)
    """What lies in the working folder; None = a folder."""
    lines: int = 1
    """Problems there are, one a line."""


def recipe_case(name: str, text: str | bytes, *said: str, lines: int = 1) -> Case:
    return Case(name, ("generate", "my.yaml", "--out", "run"), said, {"my.yaml": text}, lines)


def override_case(name: str, override: str, *said: str) -> Case:
    return Case(name, ("generate", override, "--out", "run"), said)


RECIPES = [
    recipe_case("unknown section", "generat:\n  target: 5\n", "my.yaml: generat: got an unknown field", "did you mean 'generate'?", "tune"),
    recipe_case("unknown field", "generate:\n  targets: 5\n", "my.yaml: generate.targets: got an unknown field", "did you mean 'target'?"),
    recipe_case("wrong type", "generate:\n  target: many\n", "my.yaml: generate.target: got 'many'; allowed: a valid integer"),
    recipe_case("a number as text", "seed: '3'\n", "my.yaml: seed: got '3'; allowed: a valid integer"),
    recipe_case("a text as number", "generate:\n  teacher: 4\n", "my.yaml: generate.teacher: got 4; allowed: a text (in quotes"),
    recipe_case("yes for true", "curate:\n  output_repeats_input: yes\n", "output_repeats_input: got 'yes'; allowed: a valid boolean"),
    recipe_case("out of range", "curate:\n  threshold: 1.5\n", "my.yaml: curate.threshold: got 1.5; allowed: less than or equal to 1"),
    recipe_case("not a number", "curate:\n  threshold: .nan\n", "my.yaml: curate.threshold: got nan; allowed: "),
    recipe_case("a seed too large", f"seed: {10**40}\n", "my.yaml: seed: got 1000", "allowed: less than or equal to 4294967295"),
    recipe_case("not one of", "tune:\n  template: llama\n", "my.yaml: tune.template: got 'llama'; allowed: 'paper', 'alpaca' or 'chat'"),
    recipe_case("two faults", "seed: -1\ntune:\n  rank: 0\n", "my.yaml: tune.rank: got 0; allowed: greater than or equal to 1", lines=2),
    recipe_case("a section that is a number", "tune: 7\n", "my.yaml: tune: got 7; allowed: a section with fields such as base"),
    recipe_case("a key that is a number", "generate:\n  1: 2\n", "my.yaml: generate.1: got 1; allowed: a name"),
    recipe_case("a list", "- seed\n", "my.yaml: got a list; allowed: sections seed, threads, generate"),
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
    Case("a folder as recipe", ("generate", "my.yaml"), ("my.yaml: got a folder; allowed: a file",), {"my.yaml": None}),
    Case("a missing recipe", ("run", "none.yaml"), ("none.yaml: got no such file; allowed: an existing file",)),
    Case("a recipe below a file", ("run", "a/b.yaml"), ("a/b.yaml: got Not a directory; allowed: a file that can be read",), {"a": ""}),
    Case("a recipe's name too long", ("check", "x" * 300), ("x: got File name too long; allowed: a file that can be read",)),
    Case("two recipes", ("run", "a.yaml", "b.yaml"), ("arguments: got two recipes, a.yaml and b.yaml; allowed: one",)),
    Case(
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
    Case("unknown command", ("genrate",), ("arguments of 'bioinstruct': got no such command 'genrate'", "allowed: ", "generate")),
    Case("unknown option", ("run", "--frob"), ("arguments of 'run': got no such option: --frob", "allowed: ", "--out, --restart")),
    Case("option without value", ("run", "--out"), ("arguments of 'run': got option '--out' requires an argument; allowed: ",)),
    Case("option out of range", ("rehearse", "--port", "99999"), ("'rehearse': got invalid value for '--port'", "65535; allowed: --host")),
    Case("option of the wrong type", ("tune", "--show", "x"), ("arguments of 'tune': got invalid value for '--show'", "allowed: ")),
    Case("argument missing", ("ledger",), ("arguments of 'ledger': got missing argument 'folder'; allowed: FOLDER",)),
    Case("argument too many", ("ledger", "a", "b"), ("arguments of 'ledger': got unexpected extra argument", "allowed: FOLDER")),
    Case("ledger of no run", ("ledger", "."), (".: got no ledger.sqlite; allowed: the folder of a run that has generated",)),
    Case("a starter of no kind", ("init", "gpu"), ("init: got 'gpu'; allowed: embedded, openai",)),
    Case("a starter over a file", ("init", "--to", "a.yaml"), ("a.yaml: got a name that exists; allowed: a new name",), {"a.yaml": "mine"}),
    Case("a starter below a file", ("init", "--to", "a/b.yaml"), ("a: got a name that exists; allowed: a new name",), {"a": "mine"}),
    Case("show before curate", ("tune", "--show", "2"), ("instructions.jsonl: got no such file; allowed: an existing file",)),
    Case(
        "tune before curate", ("tune", "--out", "run", *QUICK), ("run: got no curate/instructions.jsonl; allowed: run the stage 'curate'",)
    ),
    Case(
        "evaluate before tune", ("evaluate", "--out", "run", *QUICK), ("run: got no tune/adapter; allowed: run the stage 'tune'",), lines=2
    ),
    Case("report before evaluate", ("report", "--out", "run"), ("run: got no evaluate/summary.json; allowed: run the stage 'evaluate'",)),
    Case("a stage of no kind", ("run", "--restart", "tuna", *QUICK), ("--restart: got 'tuna'; allowed: generate, curate, tune",)),
    Case("a stage before the command", ("tune", "--restart", "curate"), ("--restart: got 'curate'; allowed: tune, evaluate, report",)),
]


def rows_case(name: str, content: Content, *said: str, file: str = "mine.json") -> Case:
    return Case(f"instructions {name}", ("curate", "--instructions", file, "--out", "run"), said, {file: content})


def row(**changes: Any) -> str:
    return json.dumps([GOOD_ROW, {name: value for name, value in {**GOOD_ROW, **changes}.items() if value is not ...}], indent=1)


INSTRUCTIONS = [
    Case(
        "instructions missing",
        ("curate", "--instructions", "no.json", "--out", "run"),
        ("no.json: got no such file; allowed: an existing",),
    ),
    Case(
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


def seeds_case(name: str, content: Content, *said: str) -> Case:
    return Case(f"seeds {name}", ("generate", "generate.seeds=s.jsonl", "--out", "run"), said, {"s.jsonl": content})


def seed(**changes: Any) -> str:
    return json.dumps(GOOD_SEED) + "\n" + json.dumps({**GOOD_SEED, "id": "s2", **changes}) + "\n"


TEACHERS = [
    Case(
        "seeds missing", ("generate", "generate.seeds=s.jsonl", "--out", "run"), ("s.jsonl: got no such file; allowed: an existing file",)
    ),
    Case(
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
    Case(
        "a list that the seeds fill",
        ("generate", "generate.tasks_per_request=3", "--out", "run"),
        ("generate.seeds_per_request: got 3; allowed: fewer than generate.tasks_per_request (3)",),
    ),
    Case(
        "a teacher without key",
        ("generate", "generate.teacher=gpt-4.1", "--out", "run"),
        ("generate.api_key_env: got no value in the environment variable OPENAI_API_KEY; allowed: a key in that variable",),
    ),
    Case(
        "an endpoint that is no URL",
        ("generate", "generate.teacher=x", "generate.endpoint=localhost:8000", "--out", "run"),
        ("generate.endpoint: got 'localhost:8000'; allowed: an http(s) URL",),
        lines=2,
    ),
    Case(
        "an endpoint with a password",
        ("generate", "generate.teacher=x", "generate.endpoint=http://a:hidden@localhost/v1", "--out", "run"),
        ("generate.endpoint: got a URL with a user name or password; allowed: an http(s) URL",),
    ),
    Case(
        "an endpoint for the embedded teacher",
        ("generate", "generate.endpoint=http://127.0.0.1:1/v1", "--out", "run"),
        ("generate.endpoint: got a URL; allowed: null with the embedded teacher",),
    ),
    Case(
        "fewest words above most",
        ("generate", "curate.min_words=9", "curate.max_words=8", "--out", "run"),
        ("curate.min_words: got 9; allowed: at most curate.max_words (8)",),
    ),
]


def task_case(name: str, task: str, said: tuple[str, ...], content: Content = ..., file: str = "data", lines: int = 1) -> Case:  # type: ignore[assignment]
    given = () if content is ... else (f"evaluate.files={{{task}: data}}",)
    words = ("run", "--out", "run", *QUICK, f"evaluate.tasks=[{task}]", *given)
    return Case(f"task {name}", words, said, {} if content is ... else {file: content}, lines)


CHOICE = {"question": "Which?", "options": {"A": "x", "B": "y"}, "answer": "A"}
TASKS = [
    task_case("unknown", "medqa4", ("evaluate.tasks: got 'medqa4'; allowed: did you mean 'medqa_4'? one of: ",)),
    task_case("without file", "medqa_4", ("evaluate.files.medqa_4: got no file; allowed: MIRAGE's benchmark.json",)),
    task_case("with a missing file", "medqa_4", ("data: got no such file; allowed: an existing file",), "", "other"),
    task_case("with an empty file", "medqa_4", ("data, line 1: got text that is not JSON", "allowed: JSON"), ""),
    task_case(
        "with another file's part", "medqa_4", ("data, field 'medqa': got no such part; allowed: an object with the part 'medqa'",), "{}"
    ),
    task_case("with nothing in the part", "medqa_4", ("data: got no row; allowed: at least one",), '{"medqa": {}}'),
    task_case(
        "with a letter that is no option",
        "medqa_4",
        ("data, field 'q1.answer': got 'E'; allowed: one of A, B",),
        json.dumps({"medqa": {"q0": CHOICE, "q1": {**CHOICE, "answer": "E"}}}),
    ),
    task_case(
        "with a missing column",
        "icliniq",
        ("data, field '1.answer_icliniq': got no such field; allowed: one of input is there",),
        '[{"input": "x"}]',
    ),
    task_case("with a file for a folder", "pubmedqa", ("data: got a file; allowed: a folder with ori_pqal.json",), "{}"),
    task_case(
        "with half of its folder", "pubmedqa", ("data/ori_pqal.json: got no such file; allowed: ",), "{}", "data/test_ground_truth.json"
    ),
    task_case(
        "with wrong columns",
        "conv2note",
        ("ValidationSet.csv, line 1, field 'ID': got the columns ['a', 'b']",),
        "a,b\n",
        "data/MTS-Dialog-ValidationSet.csv",
    ),
    task_case(
        "with a file for a folder of tables", "conv2note", ("data/MTS-Dialog-ValidationSet.csv: got Not a directory; allowed: ",), ""
    ),
    task_case("with lines that are not JSON", "mednli", ("data, line 2: got text that is not JSON", "allowed: JSON"), "{}\n{\n"),
    task_case("with too deep JSON", "icliniq", ("data: got JSON that cannot be read", "allowed: JSON"), "[" * 100_000),
    task_case(
        "that is embedded with a file",
        "nli_embedded",
        ("evaluate.files.nli_embedded: got 'data'; allowed: nothing: the task is embedded",),
        "",
    ),
    Case(
        "task with no items",
        ("run", "--out", "run", *QUICK, "evaluate.items=0"),
        ("evaluate.items: got 0; allowed: 1 or more: the items of nli_embedded",),
    ),
    Case(
        "task twice",
        ("run", *QUICK, "evaluate.tasks=[nli_embedded, nli_embedded]"),
        ("evaluate.tasks: got 'nli_embedded' more than once; allowed: each once",),
    ),
    Case("task with no shots", ("run", *QUICK, "evaluate.base_shots=[]"), ("evaluate.base_shots: got []; allowed: at least one number",)),
    Case(
        "task with a file's unknown name",
        ("run", *QUICK, "evaluate.files={mednil: x}"),
        ("evaluate.files: got 'mednil'; allowed: did you mean 'mednli'?",),
    ),
    Case("no title", ("run", *QUICK, "report.title=' '"), ("report.title: got ' '; allowed: a text that is not blank",)),
]

CASES = RECIPES + COMMANDS + INSTRUCTIONS + TEACHERS + TASKS


def expect(outcome: Any, said: tuple[str, ...], lines: int = 1) -> None:
    """Exit code 2 and so many marked lines, one of which says these words in this order."""
    assert outcome.code == 2, outcome
    shown = outcome.err.splitlines()
    assert "Traceback" not in outcome.err
    assert all(line.startswith("bioinstruct: ") for line in shown), outcome.err
    assert len(shown) == lines, outcome.err
    assert any(_in_order(line, said) for line in shown), (said, outcome.err)


def _in_order(line: str, said: tuple[str, ...]) -> bool:
    place = 0
    for words in said:
        found = line.find(words, place)
        if found < 0:
            return False
        place = found + len(words)
    return True


def arrange(folder: Path, files: dict[str, Content]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_malformed_input_gets_a_sentence(case: Case, command: Any, tmp_path: Path, bytes_below: Any):
    arrange(tmp_path, case.files)
    before = bytes_below(tmp_path)
    expect(command(*case.words), case.said, case.lines)
    assert bytes_below(tmp_path) == before
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "runs").exists()


def test_a_password_in_an_endpoint_is_not_shown(command: Any):
    assert "hidden" not in command("generate", "generate.teacher=x", "generate.endpoint=http://a:hidden@localhost/v1").err


def test_what_a_file_name_would_do_to_a_terminal_is_shown(command: Any):
    assert command("run", "\x1b[31mred.yaml").err.startswith("bioinstruct: \\x1b[31mred.yaml: got no such file")


BERT = '{"model_type": "bert", "architectures": ["BertForMaskedLM"]}'
CUT = EMBEDDED.joinpath("model.safetensors").read_bytes()[:100_000] if (EMBEDDED / "model.safetensors").is_file() else b""
BASES: list[tuple[str, dict[str, Content], tuple[str, ...], tuple[str, ...]]] = [
    # name, changed files (None = left out), overrides, what is said
    ("without config", {"config.json": None}, (), ("tune.base: got base without config.json; allowed: a folder in transformers format",)),
    (
        "with a config that is not JSON",
        {"config.json": "{"},
        (),
        ("got base/config.json that is not a JSON object; allowed: the model's conf",),
    ),
    ("with an empty config", {"config.json": "{}"}, (), ("tune.base: got 'base', which cannot be loaded (Unrecognized model", "allowed: ")),
    (
        "with a config of wrong types",
        {"config.json": {"hidden_size": "x"}},
        (),
        ("cannot be loaded", "'hidden_size'", "allowed: 'embedded'"),
    ),  # type: ignore[dict-item]
    ("with a text for a list", {"config.json": {"architectures": "L"}}, (), ("with the architectures 'L'; allowed: a list with one name",)),  # type: ignore[dict-item]
    ("that is an encoder", {"config.json": BERT}, (), ("the architecture BertForMaskedLM; allowed: a causal language model",)),
    (
        "with pickled weights",
        {"model.safetensors": None, "pytorch_model.bin": b"x"},
        (),
        ("base with pytorch_model.bin and no safetensors; allowed: ",),
    ),
    (
        "with cut weights",
        {"model.safetensors": CUT},
        (),
        ("got base/model.safetensors: 100000 bytes instead of ", "allowed: a whole safetensors"),
    ),
    (
        "with a pointer for weights",
        {"model.safetensors": "version https://git-lfs"},
        (),
        ("a Git LFS pointer instead of the weights; allowed: ",),
    ),
    ("without tokenizer", {"tokenizer.json": None}, (), ("tune.base: got base without a tokenizer; allowed: one of tokenizer.json",)),
    (
        "with an empty tokenizer",
        {"tokenizer.json": "{}"},
        (),
        ("got 'base', which cannot be loaded (KeyError: 'added_tokens'); allowed: ",),
    ),
    (
        "with a wrong end mark",
        {"generation_config.json": '{"eos_token_id": "x"}'},
        (),
        ("got the eos_token_id 'x'; allowed: a token's number",),
    ),
    (
        "without chat template",
        {"chat_template.jinja": None},
        ("tune.template=chat",),
        ("tune.template: got 'chat' for a base", "allowed: 'paper'"),
    ),
    (
        "with a broken chat template",
        {"chat_template.jinja": "{% if"},
        ("tune.template=chat",),
        ("tune.template: got a chat template that fails", "allowed: "),
    ),
]


@pytest.mark.parametrize(("changes", "overrides", "said"), [case[1:] for case in BASES], ids=[case[0] for case in BASES])
def test_a_base_that_is_none_gets_a_sentence(changes: dict[str, Any], overrides: Any, said: Any, command: Any, tmp_path: Path):
    pytest.importorskip("torch")
    (tmp_path / "base").mkdir()
    for file in EMBEDDED.iterdir():
        if file.name not in changes:
            (tmp_path / "base" / file.name).symlink_to(file)
    for name, content in changes.items():
        if isinstance(content, dict):
            content = json.dumps({**json.loads((EMBEDDED / name).read_text(encoding="utf-8")), **content})
        if content is not None:
            (tmp_path / "base" / name).write_bytes(content.encode() if isinstance(content, str) else content)
    expect(command("run", "--out", "run", *QUICK, "tune.base=base", *overrides), said)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("base", "files", "what"),
    [
        ("none", {}, "no such folder"),
        ("./org/model", {}, "no such folder"),
        ("org/model", {"org/model": ""}, "a file"),
        ("org/model", {"org": None}, "no such folder"),
        ("a/b/c", {}, "no such folder"),
        ("~nobody-of-that-name/x", {}, "home directory"),
        ("x" * 300, {}, "File name too long"),
    ],
)
def test_a_base_that_is_not_there_is_not_looked_up_on_a_hub(base: str, files: Any, what: str, command: Any, tmp_path: Path):
    pytest.importorskip("torch")
    arrange(tmp_path, files)
    expect(
        command("run", "--out", "run", *QUICK, f"tune.base={base}"),
        (f"tune.base: got '{base}' (", what, "allowed: 'embedded', a folder in"),
    )
    assert not (tmp_path / "run").exists()


def test_targets_that_are_no_layers_get_a_sentence(command: Any):
    pytest.importorskip("torch")
    said = ("tune.target_modules: got 'q_prj', which is no linear layer of this base; allowed: 'all-linear' or some of", "q_proj")
    expect(command("run", *QUICK, "tune.target_modules=q_prj"), said)


# Run folders.

GENERATE = ("generate", "--out", "run", "generate.target=5", "generate.max_requests=1")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder in which five instructions are kept."""
    from bioinstruct.core import recipe
    from bioinstruct.core.progress import Silent
    from bioinstruct.core.runfolder import RunFolder
    from bioinstruct.pipeline import Pipeline

    path = tmp_path_factory.mktemp("finished") / "run"
    resolved = recipe.load(None, GENERATE[3:])
    with RunFolder(path) as folder:
        folder.adopt(resolved)
        Pipeline(resolved, folder, Silent()).run(("generate", "curate"))
    return path


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def newer(run: Path) -> None:
    with sqlite3.connect(run / "ledger.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


def foreign_database(run: Path) -> None:
    (run / "ledger.sqlite").unlink()
    with sqlite3.connect(run / "ledger.sqlite") as database:
        database.execute("CREATE TABLE patients (name TEXT)")
    database.close()


def writes(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda run: (run / name).write_bytes(content) and None


def keeps(_: Path) -> None:
    pass


RUNS: list[tuple[str, Callable[[Path], None], tuple[str, ...], tuple[str, ...]]] = [
    # name, what is done to the run folder, the command, what is said
    (
        "another identity",
        keeps,
        (*GENERATE, "curate.threshold=0.5"),
        ("run: got a changed recipe (curate.threshold was 0.7, now 0.5); allowed: a new --out, --restart curate, or the old value",),
    ),
    (
        "another seed",
        keeps,
        (*GENERATE, "seed=1", "tune.rank=8"),
        ("seed was 0, now 1", "tune.rank was 16, now 8", "--restart generate, or"),
    ),
    (
        "another seed, restarted late",
        keeps,
        (*GENERATE, "seed=1", "--restart", "curate"),
        ("(seed was 0, now 1); allowed: a new --out, --restart generate",),
    ),
    ("an unknown stage", keeps, (*GENERATE, "--restart", "tuna"), ("--restart: got 'tuna'; allowed: generate, curate",)),
    ("a newer ledger", newer, (*GENERATE, "generate.target=50"), ("run/ledger.sqlite: got a ledger of version 99; allowed: version 1",)),
    ("a newer ledger, shown", newer, ("ledger", "run"), ("run/ledger.sqlite: got a ledger of version 99; allowed: version 1",)),
    ("another program's database", foreign_database, GENERATE, ("run/ledger.sqlite: got another program's database; allowed: a ledger",)),
    (
        "a ledger of noise",
        writes("ledger.sqlite", b"noise" * 500),
        GENERATE,
        ("run/ledger.sqlite: got file is not a database; allowed: a ledger file",),
    ),
    (
        "a recipe of the user's",
        writes("recipe.yaml", b"seed: 3\n"),
        GENERATE,
        ("run: got a folder with a recipe.yaml that no run has written; allowed: ",),
    ),
    ("an empty recipe", writes("recipe.yaml", b""), GENERATE, ("run: got a folder with a recipe.yaml that no run has written; allowed: ",)),
    (
        "a recipe of noise",
        writes("recipe.yaml", b"\xff\xfe"),
        GENERATE,
        ("run/recipe.yaml: got byte 0xff at offset 0; allowed: UTF-8 text",),
    ),
    (
        "a recipe of another version",
        lambda run: append(run, "novel: 1\n"),
        GENERATE,
        ("run/recipe.yaml: novel: got an unknown field; allowed: ",),
    ),
    ("a recipe that is cut", lambda run: cut(run / "recipe.yaml"), GENERATE, ("run/recipe.yaml, line ", "got ", "allowed: YAML")),
    (
        "a record that is cut",
        lambda run: cut(run / "generate" / "record.json"),
        GENERATE,
        ("run/generate/record.json, line 1: got a line that is not JSON",),
    ),
]


def append(run: Path, text: str) -> None:
    with (run / "recipe.yaml").open("a", encoding="utf-8") as file:
        file.write(text)


def cut(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[") + 1] if "[" in text else text[:40], encoding="utf-8")


@pytest.mark.parametrize(("damage", "words", "said"), [case[1:] for case in RUNS], ids=[case[0] for case in RUNS])
def test_a_run_folder_that_does_not_fit_is_left_as_it_is(damage: Any, words: Any, said: Any, command: Any, run: Path, bytes_below: Any):
    damage(run)
    before = bytes_below(run)
    expect(command(*words), said)
    assert bytes_below(run) == before


def test_a_locked_run_folder_is_left_as_it_is(command: Any, run: Path, bytes_below: Any):
    before = bytes_below(run)
    with (run / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        expect(command(*GENERATE), ("run: got a run that another process is working on; allowed: wait for it, or another --out",))
    assert bytes_below(run) == before


@pytest.mark.parametrize("more", [(), ("--restart", "generate")], ids=["plain", "restart"])
def test_a_foreign_folder_is_left_as_it_is(more: tuple[str, ...], command: Any, tmp_path: Path, bytes_below: Any):
    arrange(tmp_path, {"run/generate/mine.py": "mine", "run/report.html": "mine"})
    before = bytes_below(tmp_path)
    expect(command(*GENERATE, *more), ("run: got a folder with 'generate' and no recipe.yaml; allowed: the folder of a run",))
    assert bytes_below(tmp_path) == before


@pytest.mark.parametrize(
    ("out", "what"), [("run", "a file"), ("run/below", "Not a directory"), ("x" * 300, "File name too long")], ids=["file", "below", "long"]
)
def test_an_out_that_cannot_be_a_folder(out: str, what: str, command: Any, tmp_path: Path):
    (tmp_path / "run").write_text("mine")
    expect(command("generate", "--out", out, *GENERATE[3:]), (f"{out}: got {what}; allowed: ",))
    assert (tmp_path / "run").read_text() == "mine"


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
    names = [case.name for case in CASES] + [case[0] for case in BASES] + [case[0] for case in RUNS]
    assert len(names) == len(set(names)) >= 40
