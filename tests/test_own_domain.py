"""The commands and files of docs/own_domain.md, executed in order in an empty folder; the long run alone is marked slow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bioinstruct.tasks import own

PAGE = Path(__file__).resolve().parent.parent / "docs" / "own_domain.md"
LONG = "--out runs/daily"


def blocks() -> list[str]:
    """The fenced shell blocks of the page, in order."""
    return re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def carried_out(folder: Path, chosen: list[str]) -> Path:
    """Run blocks one after the other, each where the one before has gone; gives back the example's folder."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment |= dict.fromkeys(("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"), "1")
    environment.pop("OPENAI_API_KEY", None)
    for number, block in enumerate(chosen):
        place = folder if number == 0 else folder / "daily"
        done = subprocess.run(
            ["bash", "-e", "-c", block], cwd=place, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        assert done.returncode == 0, f"{block[:200]}\n{done.stdout}\n{done.stderr}"
    return folder / "daily"


def report(folder: Path, n: int) -> dict[str, object]:
    """The report of a run in which `n` items of each task were asked."""
    found: dict[str, object] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert {name: one["n"] for name, one in found["comparisons"].items()} == {"notices": n, "desk": n}
    assert [one["undefined"] for one in found["comparisons"].values()] == [0, 0]
    assert found["embedded"] == {"any": True, "base": True, "teacher": True, "tasks": [], "of_tasks": 2}
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
    return found


def own_kinds(run: Path) -> None:
    """The study of the page's own categories."""
    matrix = json.loads((run / "study" / "matrix.json").read_text(encoding="utf-8"))
    assert list(matrix["design"]["mixtures"]) == ["notices", "desk", "all"]
    assert set(matrix["design"]["families"]) == {"notices", "desk"}
    assert {one["reason"] for one in matrix["paper"]["beside"]} == {"not a task of the paper"}
    said = " ".join(one["text"] for one in matrix["conclusions"])
    assert "that on the tasks of 'desk' the matching category gives more or less than the others on average" in said
    found = json.loads((run / "report.json").read_text(encoding="utf-8"))
    assert list(found["categories"]) == ["notices", "desk", "other"]
    assert found["categories"]["desk"]["definition"] == "answers a guest, a customer or a neighbor"
    assert sum(one["n"] for one in found["categories"].values()) == 60
    assert found["categories"]["notices"]["n"] > 12 < found["categories"]["desk"]["n"]
    assert "paper_share" not in found["categories"]["desk"]


def test_the_page_runs_as_written_up_to_the_rehearsal(tmp_path: Path) -> None:
    short = [block for block in blocks() if LONG not in block]
    assert len(short) == len(blocks()) - 1 == 7
    folder = carried_out(tmp_path, short)
    assert len((folder / "seeds.jsonl").read_text(encoding="utf-8").splitlines()) == 12
    run = folder / "runs" / "rehearsal"
    report(run, 4)
    assert len((run / "curate" / "instructions.jsonl").read_text(encoding="utf-8").splitlines()) == 24
    compared = json.loads((run / "curate" / "sources.json").read_text(encoding="utf-8"))
    assert {name: one["items"] for name, one in compared.items()} == {"notices": 20, "desk": 20}
    assert (run / "evaluate" / "items" / "desk.yaml").read_bytes() == (folder / "desk.yaml").read_bytes()
    own_kinds(folder / "runs" / "kinds")
    card = (run / "DATASET_CARD.md").read_text(encoding="utf-8")
    assert "daily life at home and at work" in card
    assert "biomedical" not in card


@pytest.mark.slow
def test_the_page_runs_as_written_to_its_end(tmp_path: Path) -> None:
    folder = carried_out(tmp_path, [block for block in blocks() if "--out runs/rehearsal" not in block])
    found = report(folder / "runs" / "daily", 16)
    assert found["totals"]["kept"] == 240  # type: ignore[index]
    assert found["gains"]["generation"]["absolute"]["low"] > 0  # type: ignore[index]


def test_every_field_and_kind_of_a_task_file_is_on_the_page() -> None:
    told = PAGE.read_text(encoding="utf-8").partition("## Task files")[2].partition("## Categories")[0]
    rows = [name for row in re.findall(r"^\| (`[^|]+) \|", told, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(rows) == sorted([*own.Definition.model_fields, *own.KINDS])
