"""Every number and text of the page, read from the files of a run folder; `report.json` is what comes out, the page is made of it alone.

    title, label, embedded          heading; the standing label where something is embedded, and what
    summary                         five lines made from the numbers below (`lines.py`)
    totals, funnel, unparsed        candidates = kept + surplus + sum of funnel[].dropped; what the teacher wrote and was not read
    categories, lengths, verbs      the kept instructions
    training                        ours and each control: counts and the loss curve
    gains.<family>                  absolute, relative (or the reason why not), base, tuned, trivial, shuffled, over_trivial, over_shuffled
    tasks.<task>.<model>.<setting>  metric, value, low, high, n, outcomes
    comparisons.<task>              trivial answerers, strongest base, paired gains, items won and lost
    traces, rejected, items         evidence to read
    cost                            replies and tokens by purpose
    recipe, stages, files           what made it, and where the evidence lies

No times and no absolute paths: the same run gives the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from bioinstruct.core import jsonl, recipe
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.recipe import Recipe, ReportSection, Resolved
from bioinstruct.core.records import Category, Instruction, StageRecord
from bioinstruct.core.runfolder import RunFolder, read_record
from bioinstruct.core.text import words
from bioinstruct.models import spending
from bioinstruct.models.ledger import Ledger
from bioinstruct.report import beside, lines, results, trace, training, verbs, wording

SUMMARY = "evaluate/summary.json"
PAPER_SHARES = {"qa": 0.228, "ie": 0.338, "generation": 0.335, "other": 0.100}
"""Of 25,005 instructions, as the paper prints them; they add up to 100.1 %."""
BINS = 16
"""Most bars of a histogram before the open one."""
STAGES = ("generate", "curate", "tune", "evaluate")
FILES = {
    "recipe.yaml": "every value of the recipe, and which were given",
    "ledger.sqlite": "every request and reply, with tokens",
    "generate/candidates.jsonl": "tasks read from the replies",
    "generate/unparsed.jsonl": "what could not be read, and why",
    "curate/instructions.jsonl": "the kept instructions",
    "curate/rejected.jsonl": "the dropped ones, with rule and evidence",
    "curate/surplus.jsonl": "what passed every rule beyond the target",
    "tune/adapter": "the adapter, in PEFT's format",
    "tune/train.jsonl": "loss, tokens and learning rate of each step",
    "tune/controls": "the control adapters",
    "evaluate/items": "the items that were scored, and those that could not be",
    "evaluate/base": "the base's answers and scores, setting by setting",
    "evaluate/tuned": "the tuned model's",
    "evaluate/shuffled": "the control's",
    "evaluate/trivial": "the trivial answerers'",
    "evaluate/summary.json": "the comparison that this page shows",
    "timing.jsonl": "seconds of each stage (left out here: times differ from run to run)",
}
"""Path in the run folder -> what it holds."""


def collect(section: ReportSection, folder: RunFolder, resolved: Resolved) -> dict[str, Any]:
    """All that the page shows, as plain JSON data in a fixed order.

    Raises:
        InputError: the evaluation's summary is missing.
        DataError: a file of the run folder cannot be read.
    """
    if not (folder / SUMMARY).exists():
        raise InputError(f"{folder.path}: got no {SUMMARY}; allowed: run the stage 'evaluate' first")
    summary = read_json(folder / SUMMARY)
    kept = _instructions(folder)
    records = _records(folder)
    data: dict[str, Any] = {
        "title": section.title,
        "label": None,
        "embedded": _embedded(resolved.recipe, summary),
        "source": _source(resolved.recipe),
        "summary": [],
        **_funnel(folder, records),
        "categories": _categories(kept),
        "lengths": lengths(kept),
        "verbs": None if kept is None else verbs.count(one.instruction for one in kept),
        "training": training.collect(folder.path),
        "rule": summary["rule"],
        "samples": summary["samples"],
        "level": summary["level"],
        "gains": results.gains(summary),
        "tasks": results.tasks(summary),
        "comparisons": results.comparisons(summary, folder / "evaluate"),
        "traces": trace.traces(folder.path, kept or [], resolved.recipe, section.traces),
        "rejected": trace.rejected(folder.path),
        "items": beside.collect(folder / "evaluate", summary),
        "cost": _cost(folder / "ledger.sqlite"),
        "recipe": _recipe(resolved),
        "stages": [_stage(record) for record in records.values()],
        "files": [{"path": path, "holds": holds} for path, holds in FILES.items() if (folder / path).exists()],
    }
    data["label"] = wording.LABEL if data["embedded"]["any"] else None
    data["summary"] = lines.summary(data)
    return data


def read_json(path: Path) -> Any:
    """A JSON file's value; `DataError` where it is not JSON."""
    try:
        return json.loads(jsonl.read_text(path))
    except ValueError as error:
        raise DataError(path, got=f"text that is not JSON ({error})", allowed="the file as its stage wrote it") from None


def portable(value: Any) -> Any:
    """A recipe's value without absolute paths, of which the last part stays: the page must not differ with where a run lies."""
    if isinstance(value, dict):
        return {key: portable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [portable(inner) for inner in value]
    if isinstance(value, str) and (PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute()):
        return "\u2026/" + PureWindowsPath(value).name
    return value


def _instructions(folder: RunFolder) -> list[Instruction] | None:
    path = folder / "curate/instructions.jsonl"
    return list(jsonl.read(path, Instruction)) if path.exists() else None


def _records(folder: RunFolder) -> dict[str, StageRecord]:
    """Path of each stage's folder -> its record, of those that are finished; rounds are within `generate` and `curate`."""
    names = [name for stage in STAGES for name in (stage, *(_controls(folder) if stage == "tune" else ()))]
    found = {name: read_record(folder / name) for name in names}
    return {name: record for name, record in found.items() if record is not None}


def _controls(folder: RunFolder) -> list[str]:
    return [path.relative_to(folder.path).as_posix() for path in training.controls(folder.path)]


def _embedded(recipe: Recipe, summary: dict[str, Any]) -> dict[str, Any]:
    """Which parts of the run are of the embedded world."""
    tasks = [name for name in summary["tasks"] if name.endswith("_embedded")]
    base = recipe.tune.base == "embedded"
    teacher = recipe.generate.instructions is None and recipe.generate.teacher == "embedded"
    return {"any": base or teacher or bool(tasks), "base": base, "teacher": teacher, "tasks": tasks, "of_tasks": len(summary["tasks"])}


def _source(recipe: Recipe) -> dict[str, Any]:
    """Where the candidates came from, and on what was tuned."""
    section = recipe.generate
    return {
        "file": None if section.instructions is None else portable(section.instructions),
        "teacher": None if section.instructions is not None else section.teacher,
        "base": portable(recipe.tune.base),
        "seeds": None if section.instructions is not None else portable(section.seeds),
        "seeds_per_request": section.seeds_per_request,
    }


def _funnel(folder: RunFolder, records: dict[str, StageRecord]) -> dict[str, Any]:
    """Totals, the funnel, and what of the teacher's replies could not be read."""
    path = folder / "curate/funnel.json"
    found = read_json(path) if path.exists() else None
    counts = records["generate"].counts if "generate" in records else {}
    unparsed = {name.removeprefix("unparsed."): n for name, n in sorted(counts.items()) if name.startswith("unparsed.")}
    return {
        "totals": {
            "requests": counts.get("requests"),
            "unparsed": sum(unparsed.values()),
            "candidates": None if found is None else found["candidates"],
            "rejected": None if found is None else sum(step["dropped"] for step in found["funnel"]),
            "kept": None if found is None else found["kept"],
            "surplus": None if found is None else found["surplus"],
        },
        "funnel": [] if found is None else found["funnel"],
        "unparsed": [{"reason": reason, "n": n} for reason, n in unparsed.items()],
    }


def _categories(kept: list[Instruction] | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    counts = Counter(one.category for one in kept)
    return {
        category.value: {
            "n": counts[category],
            "share": counts[category] / len(kept) if kept else 0.0,
            "paper_share": PAPER_SHARES[category.value],
        }
        for category in (Category.QA, Category.IE, Category.GENERATION, Category.OTHER)
    }


def lengths(kept: list[Instruction] | None) -> dict[str, Any] | None:
    """Words of instruction, input and output; inputs that are empty are counted and left out of the input's figures."""
    if kept is None:
        return None
    counts = {field: [len(words(getattr(one, field))) for one in kept] for field in ("instruction", "input", "output")}
    inputs = [n for n in counts["input"] if n]
    shown = {name: _distribution(values) for name, values in {**counts, "input": inputs}.items()}
    return {**shown, "without_input": len(counts["input"]) - len(inputs)}


def _distribution(values: list[int]) -> dict[str, Any] | None:
    """Figures of a list of counts, and a histogram whose last bin is open; None of nothing."""
    if not values:
        return None
    ordered, n = sorted(values), len(values)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    common = ordered[min(n - 1, int(0.98 * n))]
    width = next(step for power in range(9) for step in (10**power, 2 * 10**power, 5 * 10**power) if common < step * BINS)
    edge = (common // width + 1) * width
    bins = [{"from": start, "to": start + width, "n": 0} for start in range(0, edge, width)]
    bins += [{"from": edge, "to": None, "n": 0}] if ordered[-1] >= edge else []
    for value in values:
        bins[min(value // width, len(bins) - 1)]["n"] += 1
    return {"n": n, "min": ordered[0], "median": middle, "mean": sum(values) / n, "max": ordered[-1], "histogram": bins}


def _cost(path: Path) -> dict[str, Any]:
    """Replies and tokens by purpose, and the dollars of the replies that were read; None where a price is not known."""
    purposes: dict[str, Any] = {}
    usd: float | None = None
    if path.exists():
        with Ledger(path) as ledger:
            for purpose, total in spending.totals(ledger).items():
                tokens = {"prompt_tokens": total.prompt_tokens, "output_tokens": total.output_tokens}
                purposes[purpose] = {"replies": total.requests, **tokens}
            whole = spending.spent(ledger)
            usd = None if whole.unpriced else round(whole.usd, 6)
    return {"by_purpose": purposes, "usd": usd}


def _recipe(resolved: Resolved) -> list[dict[str, Any]]:
    values = recipe.flatten(resolved.recipe.model_dump(mode="json"))
    return [{"field": name, "value": portable(value), "given": name in resolved.given} for name, value in values]


def _stage(record: StageRecord) -> dict[str, Any]:
    return {
        "stage": record.stage,
        "name": record.name,
        "fingerprint": record.fingerprint,
        "versions": dict(sorted(record.versions.items())),
        "counts": record.counts,
    }
