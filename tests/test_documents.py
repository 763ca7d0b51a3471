"""What the documents say is what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import recipe
from bioinstruct.core.runfolder import STAGES

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "recipes").glob("*.yaml")])
FIELD = re.compile(rf"\b((?:{'|'.join(STAGES)})\.[a-z_]+)(?==)")
"""`section.field` where a value follows."""


@pytest.fixture(scope="module")
def writer() -> Any:
    place = importlib.util.spec_from_file_location("write_reference", ROOT / "tools" / "write_reference.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("name", "maker"), [("recipe.md", "recipe_page"), ("tasks.md", "tasks_page")])
def test_the_reference_pages_are_current(name: str, maker: str, writer: Any):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == getattr(writer, maker)(), "run python tools/write_reference.py"


def test_the_readme_begins_with_install_and_run_then_install_and_test():
    blocks = re.findall(r"```(?:bash|sh|shell)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks[:2] == [
        "pip install -c constraints.txt '.[local]' && bioinstruct run\n",
        "pip install -c constraints.txt -e '.[local,hub,dev]' && pytest -n 2 --dist loadfile\n",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_fields_that_a_page_names_exist(page: Path):
    assert [name for name in FIELD.findall(page.read_text(encoding="utf-8")) if name not in recipe.kinds()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").glob("*.yaml")), ids=lambda path: path.name)
def test_the_recipes_load(path: Path):
    assert recipe.load(path).given
