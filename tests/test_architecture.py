"""The laws of the house, read from the sources: who imports whom, how long files are, what the base install needs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "bioinstruct"
WRITTEN = {".py", ".html", ".js", ".css", ".md", ".yaml", ".yml", ".toml", ".sh", ".txt", ".tsv", ".jsonl"}

LAYERS = [
    {"core"},
    {"embedded"},
    {"models", "tasks", "statistics"},
    {"generate", "curate", "tune", "evaluate"},
    {"study", "report", "review"},
    {
        "pipeline",
        "rounds",
        "sift",
        "estimate",
        "starters",
        "doctor",
        "display",
        "shell",
        "studies",
        "board",
        "words",
        "staging",
        "evidence",
        "verify",
    },
    {"cli", "__main__"},
    {"__init__"},
]
LAYER = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}
LOOSE = LAYER["pipeline"]
"""From here on there are no rooms but single modules, which may import one another."""
HEAVY = {"torch", "transformers", "peft", "accelerate", "safetensors", "tokenizers"}
HEAVY_ROOMS = {"tune", "evaluate"}
MODELS_WITH_TORCH = "attention checkpoint decode encode last_layer local local_teacher quantized rows segmented text_encoder"
HEAVY_MODULES = {f"bioinstruct.models.{name}" for name in MODELS_WITH_TORCH.split()} | {
    "bioinstruct.doctor", "bioinstruct.curate.meaning", "bioinstruct.study.host", "bioinstruct.studies",
}  # fmt: skip
TARGET = re.compile(r"(bioinstruct(?:\.\w+)*):\w+")
"""How a registry names where a thing is."""


def python_files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def module_name(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """First part below the package: the room that a module stands in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, wherever it stands, and of what its registries point to."""
    module = module_name(file)
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := TARGET.fullmatch(node.value)):
            yield node.lineno, match.group(1)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = node.args[0] if node.args else None
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield node.lineno, name.value


def own(name: str) -> str | None:
    """The room that an imported name of ours is in; None for what is not ours. `from bioinstruct import __version__` is in no room."""
    parts = name.split(".")
    if parts[0] != "bioinstruct" or parts[1:] == ["__version__"]:
        return None
    return parts[1] if len(parts) > 1 and parts[1] in LAYER else "__init__"


def forbidden(importer: str, imported: str) -> str | None:
    """Why a room may not import another; None where it may."""
    if importer == imported:
        return None
    above, below = LAYER[importer], LAYER[imported]
    if below > above:
        return f"'{importer}' lies below '{imported}'"
    if below == above and imported != "statistics" and above < LOOSE:
        return f"'{importer}' and '{imported}' lie in one layer"
    return None


def test_every_room_has_a_layer():
    rooms = {entry.stem for entry in PACKAGE.iterdir() if entry.suffix == ".py" or (entry.is_dir() and any(entry.glob("*.py")))}
    assert rooms <= set(LAYER)


def test_imports_go_down_only():
    broken = [
        f"{file.relative_to(ROOT)}:{line}: {name}: {reason}"
        for file in python_files("src")
        for line, name in imports(file)
        if (imported := own(name)) and (reason := forbidden(room(module_name(file)), imported))
    ]
    assert not broken, "\n".join(broken)


def test_core_imports_only_the_standard_library_pydantic_and_yaml():
    allowed = sys.stdlib_module_names | {"pydantic", "yaml", "bioinstruct"}
    broken = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in sorted((PACKAGE / "core").rglob("*.py"))
        for line, name in imports(file)
        if name.split(".")[0] not in allowed
    ]
    assert not broken, "\n".join(broken)


def test_heavy_libraries_are_imported_in_their_rooms_only():
    broken = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in python_files("src")
        for line, name in imports(file)
        if name.split(".")[0] in HEAVY and room(module_name(file)) not in HEAVY_ROOMS and module_name(file) not in HEAVY_MODULES
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("importer", "imported", "reason"),
    [
        ("core", "embedded", "'core' lies below 'embedded'"),
        ("tasks", "generate", "'tasks' lies below 'generate'"),
        ("generate", "curate", "'generate' and 'curate' lie in one layer"),
        ("models", "tasks", "'models' and 'tasks' lie in one layer"),
        ("embedded", "statistics", "'embedded' lies below 'statistics'"),
        ("curate", "__init__", "'curate' lies below '__init__'"),
        ("tasks", "statistics", None),
        ("pipeline", "cli", "'pipeline' lies below 'cli'"),
        ("cli", "pipeline", None),
        ("pipeline", "rounds", None),
        ("report", "core", None),
        ("tune", "models", None),
    ],
)
def test_the_law_itself(importer, imported, reason):
    assert forbidden(importer, imported) == reason


def test_imports_are_found_wherever_they_stand(tmp_path, monkeypatch):
    file = tmp_path / "bioinstruct" / "curate" / "sample.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "import os.path\nfrom . import rules\nfrom ..core import text\nTABLE = {'a': 'bioinstruct.tasks.medqa:TASK'}\n"
        "def inner():\n    from bioinstruct.models import base\n    import_module('torch')\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    assert sorted(name for _, name in imports(file)) == [
        "bioinstruct.core.text",
        "bioinstruct.curate.rules",
        "bioinstruct.models.base",
        "bioinstruct.tasks.medqa",
        "os.path",
        "torch",
    ]


def test_no_file_is_longer_than_four_hundred_lines():
    files = [file for folder in ("src", "tests", "tools") for file in sorted((ROOT / folder).rglob("*")) if file.suffix in WRITTEN]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_modules_are_named_for_what_they_hold():
    vague = {"utils", "util", "helpers", "helper", "misc", "manager", "common"}
    found = [
        str(file.relative_to(ROOT))
        for file in python_files("src", "tests", "tools", "benchmarks")
        if vague & {part.removeprefix("test_") for part in (*file.relative_to(ROOT).parts[:-1], file.stem)}
    ]
    assert found == []


def without_docstring(body: list[ast.stmt], path: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            overload = any(ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in node.decorator_list)
            if not ast.get_docstring(node) and not overload:
                yield f"{path}:{node.lineno}: {node.name}"
            if isinstance(node, ast.ClassDef):
                yield from without_docstring(node.body, path)


def test_public_names_say_what_they_are():
    missing = []
    for file in python_files("src"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        path = str(file.relative_to(ROOT))
        missing += [] if ast.get_docstring(tree) else [f"{path}: the module"]
        missing += without_docstring(tree.body, path)
    assert not missing, "\n".join(missing)


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter of its own that finds this source tree."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)


BASE_INSTALL = [
    "generate.run",
    "curate.run",
    "tasks",
    "statistics",
    "report.run",
    "pipeline",
    "cli",
    "models.base",
    "models.endpoint",
    "models.ledger",
    "models.embedded",
    "models.pool",
    "doctor",
    "rounds",
    "starters",
    "sift",
    "review.run",
    "curate.sift",
]


def exists(name: str) -> bool:
    path = PACKAGE.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_the_base_install_needs_no_torch():
    names = [f"bioinstruct.{name}" for name in BASE_INSTALL if exists(name)]
    blocked = f"import sys\nfor name in {sorted(HEAVY)!r}: sys.modules[name] = None\n"
    done = python(blocked + "\n".join(f"import {name}" for name in ["bioinstruct", *names]))
    assert done.returncode == 0, done.stderr


def test_importing_the_package_takes_under_150_milliseconds():
    code = "import time; start = time.perf_counter(); import bioinstruct; print(time.perf_counter() - start)"
    seconds = [float(python(code).stdout) for _ in range(3)]
    assert min(seconds) < 0.150, f"best of {seconds}"
