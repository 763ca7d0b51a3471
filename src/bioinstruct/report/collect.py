"""Every number and text of the page, read from the files of a run folder; `report.json` is what comes out, the page is made of it alone.

    title, label, embedded          heading; the standing label where something is embedded, and what
    summary                         five lines made from the numbers below (`lines.py`)
    totals, funnel, unparsed        candidates = kept + surplus + sum of funnel[].dropped; what the teacher wrote and was not read
    rejected                        examples of what each rule dropped
    contamination, identifiers      what was found by benchmark and by kind, and what was done about it
    categories, lengths, verbs,     the kept instructions, as `curate/describe.py` counts them; what a teacher said of
    diversity, seeds, labels, checks  labels and answers, where it was asked
    training                        ours and each control: counts and the loss curve
    gains.<family>                  absolute, relative (or the reason why not), base, tuned, trivial, shuffled, over_trivial, over_shuffled
    tests                           the rule of the tests, and how many each family of them holds; None where there is only a study
    tasks.<task>.<model>.<setting>  metric, value, low, high, n (strict), graded_only, outcomes
    comparisons.<task>              trivial answerers, strongest base, paired gains, tests, items won and lost
    judge                           what `evaluate/judged.py` says of the marks; None without a judge
    study                           what `study.py` reads of `study/matrix.json`: sentences, transfer matrix, contrasts; None without one
    traces, items                   evidence to read
    browser                         figures of every item, and where its texts lie (`browser.py`, `payload.py`)
    cost                            replies and tokens by purpose
    recipe, stages, files           what made it, and where the evidence lies

No times and no absolute paths: the same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from bioinstruct.core import recipe
from bioinstruct.core.categories import REST, Own
from bioinstruct.core.categories import names as category_names
from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import Recipe, ReportSection, Resolved
from bioinstruct.core.records import StageRecord
from bioinstruct.core.runfolder import RunFolder, read_record
from bioinstruct.evaluate import judging
from bioinstruct.models import spending
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.teachers import is_embedded
from bioinstruct.report import beside, browser, curation, judge_words, lines, results, study, trace, training, wording
from bioinstruct.report.files import read_json

SUMMARY = "evaluate/summary.json"
FUNNEL = "curate/funnel.json"
PAPER_SHARES = {"qa": 0.228, "ie": 0.338, "generation": 0.335, "other": 0.100}
"""Of 25,005 instructions, as the paper prints them; they add up to 100.1 %."""
STAGES = ("generate", "curate", "tune", "evaluate", "study")
FILES = {
    "recipe.yaml": "every value of the recipe, and which were given",
    "ledger.sqlite": "every request and reply, with tokens",
    "generate/candidates.jsonl": "tasks read from the replies",
    "generate/unparsed.jsonl": "what could not be read, and why",
    "curate/instructions.jsonl": "the kept instructions",
    "curate/rejected.jsonl": "the dropped ones, with rule and evidence",
    "curate/surplus.jsonl": "what passed every rule beyond the target",
    "curate/statistics.json": "funnel with examples, lengths, categories, verbs and n-grams, as this page shows them",
    "curate/contamination.jsonl": "test items found in records, with the item\u2019s text",
    "curate/sources.json": "what records were compared with",
    "curate/seed_contamination.json": "test items found in seeds",
    "curate/identifiers.jsonl": "identifiers found in records: where they stand, and what was done",
    "curate/labels.jsonl": "what the labeller said of each record",
    "curate/checks.jsonl": "what was said of each record\u2019s answer",
    "tune/adapter": "the adapter, in PEFT's format",
    "tune/train.jsonl": "loss, tokens and learning rate of each step",
    "tune/controls": "the control adapters",
    "evaluate/items": "the items that were scored, and those that could not be",
    "evaluate/base": "the base's answers and scores, setting by setting",
    "evaluate/tuned": "the tuned model's",
    "evaluate/shuffled": "the control's",
    "evaluate/trivial": "the trivial answerers'",
    "evaluate/metrics": "values of the model-based metrics, and what each was",
    "evaluate/summary.json": "the comparison that this page shows",
    "judge/judgements.jsonl": "every mark of the judge with its reply",
    "judge/preferences.jsonl": "every choice of the judge between two texts",
    "judge/summary.json": "what the marks say, as this page shows it",
    "study/matrix.json": "what the study found, as this page shows it",
    "study/cells": "its trainings and their answers, a folder a cell",
    "timing.jsonl": "seconds of each stage (left out here: times differ from run to run)",
}
"""Path in the run folder -> what it holds."""


def collect(section: ReportSection, folder: RunFolder, resolved: Resolved) -> dict[str, Any]:
    """All that the page shows, as plain JSON data in a fixed order.

    Raises:
        InputError: there is neither an evaluation's summary nor a study.
        DataError: a file of the run folder cannot be read.
    """
    summary, studied = _summary(folder), study.collect(folder / "study", resolved.recipe)
    measured = list(summary["tasks"] if studied is None else summary["tasks"] or studied["design"]["tasks"])
    records = _records(folder)
    curated = curation.read(folder / "curate")
    funnel = read_json(folder / FUNNEL) if (folder / FUNNEL).exists() else None
    judge = judging.read(folder.path)
    statistics = curation.statistics(folder / "curate", curated, funnel, category_names(resolved.recipe.curate.categories))
    data: dict[str, Any] = {
        "title": section.title,
        "label": None,
        "embedded": _embedded(resolved.recipe, measured),
        "source": _source(resolved.recipe),
        "summary": [],
        **_funnel(funnel, records),
        **_described(statistics, resolved.recipe.curate.categories),
        "labeller": resolved.recipe.curate.labeller,
        "rejected": [] if statistics is None else curation.examples(statistics, curated.withheld),
        "contamination": curation.contamination(folder / "curate", curated, resolved.recipe.curate),
        "identifiers": curation.identifiers(curated, resolved.recipe.curate),
        "training": training.collect(folder.path),
        "rule": summary["rule"],
        "samples": summary["samples"],
        "level": summary["level"],
        "gains": results.gains(summary),
        "tests": summary["tests"],
        "tasks": results.tasks(summary),
        "comparisons": results.comparisons(summary, folder / "evaluate"),
        "judge": judge,
        "study": studied,
        "traces": _traces(folder, curated, funnel, resolved.recipe, section.traces),
        "items": beside.collect(folder / "evaluate", summary),
        "browser": browser.collect(folder / "evaluate", summary, judge_words.read(folder.path, judge)),
        "cost": _cost(folder / "ledger.sqlite"),
        "recipe": _recipe(resolved),
        "stages": [_stage(record) for record in records.values()],
        "files": [{"path": path, "holds": holds} for path, holds in FILES.items() if (folder / path).exists()],
    }
    if data["judge"] is not None:
        data["gains"]["generation"]["note"] = wording.JUDGED_NOTE
    data["label"] = wording.LABEL if data["embedded"]["any"] else None
    data["summary"] = lines.summary(data)
    return data


def _summary(folder: RunFolder) -> dict[str, Any]:
    """The evaluation's summary; one of no tasks where there is only a study."""
    path = folder / SUMMARY
    if not path.exists():
        if not (folder / "study" / study.MATRIX).exists():
            raise InputError(f"{folder.path}: got no {SUMMARY}; allowed: run the stage 'evaluate' first")
        return {"rule": None, "samples": None, "level": None, "families": {}, "tests": None, "tasks": {}}
    found: dict[str, Any] = read_json(path)
    if "tests" not in found:  # written before there were any
        raise InputError(f"{path}: got a summary without tests; allowed: one of this version, see 'bioinstruct evaluate --regrade'")
    return found


def portable(value: Any) -> Any:
    """A recipe's value without absolute paths, of which the last part stays: the page must not differ with where a run lies."""
    if isinstance(value, dict):
        return {key: portable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [portable(inner) for inner in value]
    if isinstance(value, str) and (PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute()):
        return "\u2026/" + PureWindowsPath(value).name
    return value


def _records(folder: RunFolder) -> dict[str, StageRecord]:
    """Path of each stage's folder -> its record, of those that are finished; rounds are within `generate` and `curate`."""
    names = [name for stage in STAGES for name in (stage, *(_controls(folder) if stage == "tune" else ()))]
    found = {name: read_record(folder / name) for name in names}
    return {name: record for name, record in found.items() if record is not None}


def _controls(folder: RunFolder) -> list[str]:
    return [path.relative_to(folder.path).as_posix() for path in training.controls(folder.path)]


def _embedded(recipe: Recipe, measured: Sequence[str]) -> dict[str, Any]:
    """Which parts of the run are of the embedded world; `measured` are its tasks."""
    tasks = [name for name in measured if name.endswith("_embedded")]
    base = recipe.tune.base == "embedded"
    teacher = recipe.generate.instructions is None and is_embedded(recipe.generate)
    return {"any": base or teacher or bool(tasks), "base": base, "teacher": teacher, "tasks": tasks, "of_tasks": len(measured)}


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


def _funnel(found: dict[str, Any] | None, records: dict[str, StageRecord]) -> dict[str, Any]:
    """Totals, the funnel, and what of the teacher's replies could not be read; `found` is `funnel.json`'s value."""
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
            **{f"{name}_share": None if found is None else _share(found[name], found["candidates"]) for name in ("kept", "surplus")},
        },
        "funnel": [] if found is None else [{**step, "share": _share(step["dropped"], found["candidates"])} for step in found["funnel"]],
        "unparsed": [{"reason": reason, "n": n} for reason, n in unparsed.items()],
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _described(statistics: dict[str, Any] | None, own: Own) -> dict[str, Any]:
    """The statistics of the kept records; all None where nothing was curated, `labels` and `checks` where nobody was asked."""
    names = ("categories", "lengths", "verbs", "diversity", "seeds", "labels", "checks")
    if statistics is None:
        return dict.fromkeys(names)
    meanings = {one.name: one.definition for one in own} | {REST: "none of these"}
    categories = {
        name: one | ({"definition": meanings[name]} if own else {"paper_share": PAPER_SHARES[name]})
        for name, one in statistics["categories"].items()
    }
    verbs = statistics["verbs"]
    shares = {f"share_{name}": _share(verbs[name], verbs["instructions"]) for name in ("with_verb", "questions")}
    return {name: statistics.get(name) for name in names} | {"categories": categories, "verbs": {**verbs, **shares}}


def _traces(folder: RunFolder, curated: curation.Curated, funnel: dict[str, Any] | None, chosen: Recipe, n: int) -> list[dict[str, Any]]:
    """Traces of records that may be quoted."""
    quotable = [one for one in curated.kept or () if one.id not in curated.withheld]
    rules = [] if funnel is None else [step["rule"] for step in funnel["funnel"]]
    return trace.traces(folder.path, quotable, chosen, n, rules)


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
