"""The commands of docs/tour.md, executed in order in an empty folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def blocks() -> list[str]:
    """The fenced shell blocks of the tour."""
    return re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "tour.md").read_text(encoding="utf-8"), re.DOTALL)


def test_every_command_of_the_tour_works(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    assert len(blocks()) >= 8
    for block in blocks():
        done = subprocess.run(["bash", "-e", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    report = json.loads((tmp_path / "runs/tour/report.json").read_text(encoding="utf-8"))
    assert report["gains"]["qa"]["absolute"]["n"] == 24
    assert "<html" in (tmp_path / "runs/tour/report.html").read_text(encoding="utf-8")
    kept = (tmp_path / "runs/tour/curate/instructions.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(kept) == 80
