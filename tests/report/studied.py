"""Studies on made-up scores of which the truth is known, and runs with such a study and their page."""

from __future__ import annotations

import json
import runpy
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bioinstruct.core.runfolder import RunFolder
from bioinstruct.report import run
from bioinstruct.study import published
from bioinstruct.study.matrix import matrix
from bioinstruct.study.mixtures import Mixture

CATEGORIES = ("qa", "ie", "generation", "other")
CURVE = (
    Mixture("pool@40", "size", CATEGORIES, 40),
    Mixture("pool@80", "size", CATEGORIES, 80),
    Mixture("pool", "natural", CATEGORIES, 900),
)


PLANTED = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "study" / "planted.py")))
"""The made-up studies of the study's own tests."""
MIXTURES = (*PLANTED.MIXTURES, *CURVE)


def made(mixtures: Any = MIXTURES, **changes: Any) -> dict[str, Any]:
    """A matrix in which a pair is below both of its parts on QA, and size helps."""
    gains = {family: {**PLANTED.gains(family), "pool@40": 0.0, "pool@80": 0.1, "pool": 0.2} for family in PLANTED.TASKS}
    gains["qa"]["ie+generation"] = -0.1
    return matrix(PLANTED.scores(gains, mixtures, **{"noise": 0.2, "seed_sd": 0.01, **changes}), mixtures)


def compared(said):
    """What the paper has beside a matrix."""
    return published.comparison(said, "a base of ours", {task: f"setting of {task}" for task in said["design"]["tasks"]})


@dataclass(frozen=True)
class Studied:
    """A run with a study and its report."""

    path: Path
    said: dict[str, Any]
    data: dict[str, Any]
    html: str

    @property
    def section(self) -> str:
        """The section's HTML."""
        return self.html[self.html.index('<section id="study"') : self.html.index('<section id="traces"')]


def studied_run(path: Path, resolved: Any, said: dict[str, Any]) -> Studied:
    """A run with a study, and its report."""
    (path / "study").mkdir(exist_ok=True)
    (path / "study/matrix.json").write_text(json.dumps(said), encoding="utf-8")
    with RunFolder(path) as folder:
        run.run(resolved.recipe.report, folder=folder, resolved=resolved)
    data = json.loads((path / "report.json").read_text(encoding="utf-8"))
    return Studied(path, said, data, (path / "report.html").read_text(encoding="utf-8"))
