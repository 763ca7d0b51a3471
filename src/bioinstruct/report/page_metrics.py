"""Model-based metrics of a task, under its primary one: each answerer's mean, what the tuned model gained, and what the metric was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct.report.markup import Child, Markup, tag
from bioinstruct.report.parts import table
from bioinstruct.report.wording import NONE, count, interval, metric, model, points, score, spread

PAPER = {
    "bertscore": "BERTScore (evaluate.metrics does not ask for it)",
    "bleurt": "BLEURT (needs a checkpoint)",
    "umls_concept_f1": "UMLS Concept-F1 (needs a licence)",
}
"""The paper's own metrics of written answers, by what their identity calls them, and why one may be missing."""
SHOWN = ("model", "layer", "lexicon", "quickumls", "transformers")
"""Of an identity what is for readers; all of it is in report.json."""
COLUMNS = ["Who", "Mean", "95 % interval", "Items", "Tuned gained", "95 % interval", "Left out", "Empty", "Cut"]
ORDER = ("tuned", "base", "shuffled", "trivial")


def metrics(name: str, task: Mapping[str, Any]) -> list[Markup]:
    """The tables of a task; none where no metric was asked for."""
    found = task.get("model_metrics", {})
    if not found:
        return []
    ran = {one["identity"]["metric"] for one in found.values()}
    absent = [why for kind, why in PAPER.items() if kind not in ran]
    told = "Beside the primary metric, which alone decides what is compared and tested:"
    missing = tag("p", f"Not run: {'; '.join(absent)}. See docs/metrics.md.", class_="small") if absent else None
    shown = [table(_caption(name, one), COLUMNS, _rows(one)) for one in found.values()]
    return [one for one in (tag("p", told), *shown, missing) if one is not None]


def _caption(name: str, one: Mapping[str, Any]) -> str:
    identity = one["identity"]
    what = [f"{field} {identity[field]}" for field in SHOWN if field in identity]
    what += [word for field, word in (("idf", "idf"), ("baseline", "rescaled")) if identity.get(field)]
    return f"{name}: {metric(one['figure'])} ({', '.join(what)})"


def _rows(one: Mapping[str, Any]) -> Sequence[Sequence[Child]]:
    names = [*(who for who in ORDER if who in one["means"]), *(who for who in one["means"] if who not in ORDER)]
    return [[model(who), *_mean(one["means"][who]), *_gain(one["gains"].get(who)), *_befell(one["counts"][who])] for who in names]


def _befell(counts: Mapping[str, int]) -> list[str]:
    return [count(counts.get(what, 0)) for what in ("undefined", "empty", "cut")]


def _mean(estimate: Mapping[str, Any] | None) -> tuple[str, str, str]:
    return (NONE, NONE, NONE) if estimate is None else (score(estimate["value"]), interval(estimate), count(estimate["n"]))


def _gain(estimate: Mapping[str, Any] | None) -> tuple[str, str]:
    return (NONE, NONE) if estimate is None else (points(estimate["value"]), spread(estimate))
