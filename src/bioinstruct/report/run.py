"""The stage: read the run folder, write report.json, report.html, DATASET_CARD.md and MODEL_CARD.md.

It takes a second and depends on nothing outside the folder, so it is always done anew; `report/record.json` is written last.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct import __version__
from bioinstruct.core import runfolder
from bioinstruct.core.errors import Problem, raise_problems
from bioinstruct.core.recipe import ReportSection, Resolved
from bioinstruct.core.records import StageRecord
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.evaluate.grade import rounded
from bioinstruct.report import browser, cards, judge_words, payload
from bioinstruct.report.collect import SUMMARY, collect
from bioinstruct.report.files import read_json
from bioinstruct.report.page import page

CURATED = (
    "funnel.json",
    "instructions.jsonl",
    "rejected.jsonl",
    "surplus.jsonl",
    "statistics.json",
    "contamination.jsonl",
    "sources.json",
    "seed_contamination.json",
    "identifiers.jsonl",
)
INPUTS = (*(f"curate/{name}" for name in CURATED), "tune/train.jsonl", SUMMARY, "judge/summary.json", "study/matrix.json")


def check(section: ReportSection) -> list[Problem]:
    """What is wrong with the section before any work is done; empty when nothing is."""
    if not section.title.strip():
        return [Problem("report.title", repr(section.title), "a text that is not blank")]
    return []


def run(section: ReportSection, *, folder: RunFolder, resolved: Resolved) -> StageRecord:
    """Write the page and what goes with it; gives back the record.

    The files hold no times and no absolute paths: the same run gives the same bytes. Texts of items that the page has no room for
    are written to script files in `report/items`. A run with a study and no evaluation has no model card.

    Args:
        section: Title and number of traces.
        folder: The run; only its files are read, and nothing else is.
        resolved: The recipe, and which fields were given.

    Raises:
        InputError: `check` finds problems, or there is neither a finished evaluation nor a study.
        DataError: a file of the run folder cannot be read.
    """
    raise_problems(check(section))
    started = time.monotonic()
    data, parts = compose(section, folder, resolved)
    texts = {"report.json": json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n", **shown(data, parts)}
    with runfolder.disk_errors(folder.path):
        (folder / "report/record.json").unlink(missing_ok=True)
        shutil.rmtree(folder / payload.FOLDER, ignore_errors=True)
        (folder / "MODEL_CARD.md").unlink(missing_ok=True)
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            runfolder.write_atomic(path, text)
        inputs = folder.digests([name for name in INPUTS if (folder / name).exists()])
        record = StageRecord(
            stage="report",
            name="report",
            section=section.model_dump(),
            fingerprint=runfolder.fingerprint("report", section.model_dump(), inputs),
            inputs=inputs,
            outputs=folder.digests(list(texts)),
            counts={"tasks": len(data["comparisons"]), "traces": len(data["traces"])},
            versions={"bioinstruct": __version__},
            seconds=round(time.monotonic() - started, 3),
        )
        runfolder.write_record(folder / "report", record)
    return record


def shown(data: Mapping[str, Any], parts: Sequence[payload.Packed]) -> dict[str, str]:
    """Path -> text of all files but `report.json` itself: what that and the texts of the items make."""
    return {
        "report.html": page(data, parts),
        "DATASET_CARD.md": cards.dataset(data),
        **({"MODEL_CARD.md": cards.model(data)} if data["comparisons"] else {}),
        **payload.beside(parts),
    }


def compose(section: ReportSection, folder: RunFolder, resolved: Resolved) -> tuple[dict[str, Any], list[payload.Packed]]:
    """`report.json`'s value, and the texts of all items, placed within the page or beside it so that the page stays below its limit."""
    data = rounded(collect(section, folder, resolved))
    summary = read_json(folder / SUMMARY) if data["comparisons"] else {"tasks": {}}
    parts = payload.packed(browser.parts(folder / "evaluate", summary, judge_words.read(folder.path, data["judge"])))
    data["browser"]["parts"] = [one.described() for one in parts]
    parts = payload.place(parts, payload.MOST - len(page(data).encode("utf-8")))
    data["browser"]["parts"] = [one.described() for one in parts]
    return data, parts
