"""How numbers and names read on the page: scores on a scale of 0 to 100, gains in points of it, counts with separators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

FAMILIES = {
    "qa": "Question answering",
    "nli": "Inference (NLI)",
    "ie": "Information extraction",
    "generation": "Generation",
}
SHORT = {"qa": "QA", "nli": "NLI", "ie": "IE", "generation": "generation"}
CATEGORIES = {"qa": "Question answering", "ie": "Information extraction", "generation": "Generation", "other": "Other"}
METRICS = {
    "accuracy": "accuracy",
    "f1": "F1",
    "f1_status": "F1 with status",
    "precision": "precision",
    "recall": "recall",
    "conditional_accuracy": "conditional accuracy",
    "exact_match": "exact match",
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "f1_relaxed": "F1 of overlapping mentions",
    "bertscore_f1": "BERTScore F1",
    "bertscore_precision": "BERTScore precision",
    "bertscore_recall": "BERTScore recall",
    "bleurt": "BLEURT",
    "concept_f1": "Concept-F1 by the embedded lexicon, not UMLS",
    "concept_precision": "concept precision by the embedded lexicon",
    "concept_recall": "concept recall by the embedded lexicon",
    "umls_concept_f1": "UMLS Concept-F1",
    "umls_concept_precision": "UMLS concept precision",
    "umls_concept_recall": "UMLS concept recall",
    "micro_f1": "F1, micro-averaged",
    "micro_precision": "precision, micro-averaged",
    "micro_recall": "recall, micro-averaged",
    "micro_f1_relaxed": "F1 of overlapping mentions, micro-averaged",
    "micro_conditional_accuracy": "conditional accuracy, micro-averaged",
}
MODELS = {"base": "Base", "tuned": "Tuned", "shuffled": "Shuffled control", "trivial": "Trivial answerer"}
PROCEDURES = {"mcnemar": "McNemar", "t": "Student\u2019s t"}
LABELLERS = {"rules": "rules, offline", "teacher": "the teacher"}
LABEL = "Embedded made-up world: teacher and test share an author; not reviewed by a clinician; says nothing about real models"
"""Stands at the top and beside every result where the base, the teacher or a task is embedded."""
GENERATION_NOTE = "mean ROUGE-L; not the paper's metric: no judge was configured"
JUDGED_NOTE = "mean ROUGE-L; the judge's marks have a section of their own"
NONE = "\u2013"
"""In a table: there is no such figure."""
NOT_SHOWN = "not shown: the interval reaches zero"

Estimate = Mapping[str, Any]
"""{value, low, high, n}, as in `report.json`."""
Reading = Literal["up", "down", "open"]


def count(n: int) -> str:
    """1234 -> '1,234'."""
    return f"{n:,}"


def plural(n: int, noun: str, many: str | None = None) -> str:
    """A count with its noun: '1 task', '4 tasks'."""
    return f"{count(n)} {noun if n == 1 else many or noun + 's'}"


def share(part: float) -> str:
    """0.338 -> '33.8 %'."""
    return f"{100 * part:.1f}\u00a0%"


def score(value: float) -> str:
    """0.412 -> '41.2'."""
    return f"{100 * value:.1f}"


def points(value: float) -> str:
    """0.031 -> '+3.1'; a true minus sign for losses, none for zero."""
    shown = f"{100 * abs(value):.1f}"
    if shown == "0.0":
        return shown
    return ("+" if value > 0 else "\u2212") + shown


def interval(estimate: Estimate) -> str:
    """'36.0 to 46.4', of a score."""
    return f"{score(estimate['low'])} to {score(estimate['high'])}"


def gain(estimate: Estimate) -> str:
    """'+3.1 points [+1.0 to +5.2]', of a difference, in one line."""
    return f"{points(estimate['value'])} points [{spread(estimate)}]".replace(" ", "\u00a0")


def spread(estimate: Estimate) -> str:
    """'+1.0 to +5.2', of a difference."""
    return f"{points(estimate['low'])} to {points(estimate['high'])}"


def reading(estimate: Estimate) -> Reading:
    """What a difference's interval says: above zero, below it, or neither."""
    if estimate["low"] > 0:
        return "up"
    return "down" if estimate["high"] < 0 else "open"


def probability(p: float | None) -> str:
    """0.0312 -> '0.031', 0.0001 -> '< 0.001', None -> a dash."""
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def asked(setting: Mapping[str, Any]) -> str:
    """How a model was asked, by the setting's `shots`, `stop` and, where it is not the task's, `mode`: '1 example, cut at stops'."""
    text = plural(setting["shots"], "example") if setting["shots"] else "no example"
    text += ", answer written" if "mode" in setting else ""  # by a server, where the others' options are ranked
    return text + (", cut at stops" if setting["stop"] == "strings" else "")


def metric(name: str) -> str:
    """A metric's name for readers; one that is not known stays as it is."""
    return METRICS.get(name, name)


def model(name: str) -> str:
    """A model's name for readers; one that is not known stays as it is."""
    return MODELS.get(name, name)


def procedure(name: str) -> str:
    """A test's name for readers; one that is not known stays as it is."""
    return PROCEDURES.get(name, name)


def labeller(name: str) -> str:
    """Who gave the categories; one that is not known stays as it is."""
    return LABELLERS.get(name, name)


def readable(name: str) -> str:
    """`too_short` -> 'too short'."""
    return name.replace("_", " ")


def category(name: str) -> str:
    """A category of instructions for readers, as a heading: 'Question answering'; of a recipe's own, 'Desk talk' for `desk_talk`."""
    return CATEGORIES.get(name, readable(name).capitalize())


def family(name: str) -> str:
    """A family of tasks likewise; the tasks matched with one of a recipe's own categories are a family of its name."""
    return FAMILIES.get(name, readable(name).capitalize())
