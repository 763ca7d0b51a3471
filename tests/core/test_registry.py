from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.registry import Registry
from bioinstruct.core.template import PAPER


def table() -> Registry[object]:
    return Registry("template", {"paper": "bioinstruct.core.template:PAPER", "broken": "bioinstruct.core.template:MISSING"})


def test_a_name_gives_the_thing():
    assert table().get("paper") is PAPER
    assert list(table()) == ["paper", "broken"]
    assert "paper" in table()
    assert "papers" not in table()


def test_a_duplicate_is_refused():
    with pytest.raises(InputError, match=r"template 'paper' is already registered as bioinstruct\.core\.template:PAPER"):
        table().register("paper", "elsewhere:THING")


def test_an_unknown_name_lists_what_there_is_and_the_closest():
    with pytest.raises(InputError, match=r"template: got 'papre'; allowed: did you mean 'paper'\? one of: paper, broken"):
        table().get("papre")
    with pytest.raises(InputError, match="template: got 'zzz'; allowed: one of: paper, broken"):
        table().get("zzz")


def test_a_target_that_is_not_there_is_an_error_of_the_program():
    with pytest.raises(AttributeError, match="MISSING"):
        table().get("broken")


def test_registering_imports_nothing():
    code = (
        "import sys; from bioinstruct.core.registry import Registry; "
        "Registry('x', {'a': 'bioinstruct.core.template:PAPER'}); print('bioinstruct.core.template' in sys.modules)"
    )
    source = str(Path(__file__).parents[2] / "src")
    environment = {**os.environ, "PYTHONPATH": source}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "False"
