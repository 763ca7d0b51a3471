"""What a user can give wrongly as a task's data, a base model or a run folder: exit code 2, a sentence, and everything left as it is."""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bioinstruct

Content = str | bytes | None

QUICK = ("generate.target=5", "generate.max_requests=1", "evaluate.tasks=[nli_embedded]", "evaluate.items=2")
"""A recipe whose check takes no time, to which one thing is done wrongly."""
EMBEDDED = Path(bioinstruct.__file__).parent / "embedded" / "base"


def case(name: str, words: tuple[str, ...], said: tuple[str, ...], files: dict[str, Content] | None = None, lines: int = 1) -> Any:
    """One malformed input: the command, what one line says in this order, what lies in the folder (None = a folder), and how many lines."""
    return pytest.param(words, said, files or {}, lines, id=name)


def task_case(name: str, task: str, said: tuple[str, ...], content: Content = ..., file: str = "data", lines: int = 1) -> Any:  # type: ignore[assignment]
    named = file if file.endswith(".json") and "/" not in file else "data"
    given = () if content is ... else (f"evaluate.files={{{task}: {named}}}",)
    words = ("run", "--out", "run", *QUICK, f"evaluate.tasks=[{task}]", *given)
    return case(f"task {name}", words, said, {} if content is ... else {file: content}, lines)


CHOICE = {"question": "Which?", "options": {"A": "w", "B": "x", "C": "y", "D": "z"}, "answer": "A"}
TASKS = [
    task_case("unknown", "medqa4", ("evaluate.tasks: got 'medqa4'; allowed: did you mean 'medqa_4'? one of: ",)),
    task_case("without file", "medqa_4", ("evaluate.files.medqa_4: got no file; allowed: MIRAGE's benchmark.json",)),
    task_case("with a missing file", "medqa_4", ("data: got no such file; allowed: an existing file",), "", "other"),
    task_case("with an empty file", "medqa_4", ("data: got no row to score; allowed: at least one",), ""),
    task_case(
        "with another file's part",
        "medqa_4",
        ("data.json, field 'medqa': got no such part; allowed: an object with the part 'medqa'",),
        "{}",
        "data.json",
    ),
    task_case("with nothing in the part", "medqa_4", ("data.json: got no row", "allowed: at least one"), '{"medqa": {}}', "data.json"),
    task_case(
        "with a letter that is no option",
        "medqa_4",
        ("data.json, field 'q1.answer': got 'E'; allowed: one of A, B, C, D",),
        json.dumps({"medqa": {"q0": CHOICE, "q1": {**CHOICE, "answer": "E"}}}),
        "data.json",
    ),
    task_case(
        "with a missing column",
        "icliniq",
        ("data, field '1.answer_icliniq': got no such field; allowed: one of input is there",),
        '[{"input": "x"}]',
    ),
    task_case("with a file for a folder", "pubmedqa", ("data: got a file; allowed: a folder with ori_pqal.json",), "{}"),
    task_case(
        "with half of its folder",
        "pubmedqa",
        ("data: got a folder with no such file; allowed: ori_pqal.json or ",),
        "{}",
        "data/test_ground_truth.json",
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
    case(
        "task with no items",
        ("run", "--out", "run", *QUICK, "evaluate.items=0"),
        ("evaluate.items: got 0; allowed: 1 or more: the items of nli_embedded",),
    ),
    case(
        "task twice",
        ("run", *QUICK, "evaluate.tasks=[nli_embedded, nli_embedded]"),
        ("evaluate.tasks: got 'nli_embedded' more than once; allowed: each once",),
    ),
    case("task with no shots", ("run", *QUICK, "evaluate.base_shots=[]"), ("evaluate.base_shots: got []; allowed: at least one number",)),
    case(
        "task with a file's unknown name",
        ("run", *QUICK, "evaluate.files={mednil: x}"),
        ("evaluate.files: got 'mednil'; allowed: did you mean 'mednli'?",),
    ),
    case("no title", ("run", *QUICK, "report.title=' '"), ("report.title: got ' '; allowed: a text that is not blank",)),
]


@pytest.mark.parametrize(("words", "said", "files", "lines"), TASKS)
def test_malformed_data_of_a_task_get_a_sentence(words: Any, said: Any, files: Any, lines: int, attempt: Any):
    attempt(words, said, files, lines)


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
def test_a_base_that_is_none_gets_a_sentence(changes: dict[str, Any], overrides: Any, said: Any, command: Any, tmp_path: Path, expect: Any):
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
def test_a_base_that_is_not_there_is_not_looked_up_on_a_hub(
    base: str, files: Any, what: str, command: Any, tmp_path: Path, expect: Any, arrange: Any
):
    pytest.importorskip("torch")
    arrange(files)
    expect(
        command("run", "--out", "run", *QUICK, f"tune.base={base}"),
        (f"tune.base: got '{base}' (", what, "allowed: 'embedded', a folder in"),
    )
    assert not (tmp_path / "run").exists()


def test_targets_that_are_no_layers_get_a_sentence(command: Any, expect: Any):
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
    (
        "a newer ledger",
        newer,
        (*GENERATE, "generate.target=50"),
        ("run/ledger.sqlite: got a ledger of version 99; allowed: up to version 2",),
    ),
    ("a newer ledger, shown", newer, ("ledger", "run"), ("run/ledger.sqlite: got a ledger of version 99; allowed: up to version 2",)),
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
def test_a_run_folder_that_does_not_fit_is_left_as_it_is(
    damage: Any, words: Any, said: Any, command: Any, run: Path, bytes_below: Any, expect: Any
):
    damage(run)
    before = bytes_below(run)
    expect(command(*words), said)
    assert bytes_below(run) == before


def test_a_locked_run_folder_is_left_as_it_is(command: Any, run: Path, bytes_below: Any, expect: Any):
    before = bytes_below(run)
    with (run / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        expect(command(*GENERATE), ("run: got a run that another process is working on; allowed: wait for it, or another --out",))
    assert bytes_below(run) == before


@pytest.mark.parametrize("more", [(), ("--restart", "generate")], ids=["plain", "restart"])
def test_a_foreign_folder_is_left_as_it_is(
    more: tuple[str, ...], command: Any, tmp_path: Path, bytes_below: Any, expect: Any, arrange: Any
):
    arrange({"run/generate/mine.py": "mine", "run/report.html": "mine"})
    before = bytes_below(tmp_path)
    expect(command(*GENERATE, *more), ("run: got a folder with 'generate' and no recipe.yaml; allowed: the folder of a run",))
    assert bytes_below(tmp_path) == before


@pytest.mark.parametrize(
    ("out", "what"), [("run", "a file"), ("run/below", "Not a directory"), ("x" * 300, "File name too long")], ids=["file", "below", "long"]
)
def test_an_out_that_cannot_be_a_folder(out: str, what: str, command: Any, tmp_path: Path, expect: Any):
    (tmp_path / "run").write_text("mine")
    expect(command("generate", "--out", out, *GENERATE[3:]), (f"{out}: got {what}; allowed: ",))
    assert (tmp_path / "run").read_text() == "mine"
