"""The documented command that makes the API reference from the docstrings, on one room."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bioinstruct.statistics import bootstrap

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools" / "write_api_reference.py"

pytest.importorskip("pdoc", reason="pdoc is not installed (extra dev)")


def test_a_room_is_written_from_its_docstrings(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, TOOL, tmp_path / "api", "statistics"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    page = (tmp_path / "api" / "bioinstruct" / "statistics" / "bootstrap.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    said = (bootstrap.mean_of_means.__doc__ or "").split("\n")[0].partition(", ")[2].partition(";")[0]
    assert len(said) > 20
    assert said in text
    assert not (tmp_path / "api" / "bioinstruct" / "tasks.html").exists()
    for file in (tmp_path / "api").rglob("*.html"):
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//(?!pdoc\.dev)""", file.read_text(encoding="utf-8")), file


def test_an_unknown_room_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, TOOL, tmp_path / "api", "attic"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("rooms: got 'attic'; allowed: board, ")
    assert not (tmp_path / "api").exists()
