"""How to follow any score of the page down to the seeds: which file says what, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioinstruct.report import page_browser
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.wording import plural

Data = Mapping[str, Any]


def lineage(data: Data) -> Markup:
    """The steps, each with its files, as far as this run has them."""
    steps = [tag("li", tag("h4", title), tag("p", *told)) for title, told in _steps(data)]
    return join(tag("h3", "From any score to the seeds", id="lineage"), tag("ol", *steps, class_="steps"))


def _steps(data: Data) -> list[tuple[str, tuple[Child, ...]]]:
    answered: list[tuple[str, tuple[Child, ...]]] = (
        [("Score to items", _items(data)), ("Item to answer", _answer())] if data["tasks"] else []
    )
    if data["training"] is not None:
        answered += [("Answer to adapter", _adapter(data)), ("Adapter to records", _records(data))]
    if data["study"] is not None:
        answered.append(("Score of the study to records", _cell()))
    return [*answered, ("Record to seeds", _file() if data["source"]["file"] is not None else _reply())]


def _items(data: Data) -> tuple[Child, ...]:
    found: Child = (" ", tag("a", "All items", href="#browser"), " shows them.") if page_browser.there(data) else None
    return (
        "A score is a mean over items. ",
        tag("code", "evaluate/MODEL/TASK.SETTING/scores.jsonl"),
        " has a line for each, in the order of ",
        tag("code", "evaluate/items/TASK.jsonl"),
        ".",
        found,
    )


def _answer() -> tuple[Child, ...]:
    return (
        "It was read from the same line of ",
        tag("code", "completions.jsonl"),
        " (what the model wrote) or ",
        tag("code", "rankings.jsonl"),
        " (the likelihood of every option) beside it. Both hold the SHA-256 of the prompt.",
    )


def _adapter(data: Data) -> tuple[Child, ...]:
    """The adapters that answered, by what their answers say."""
    named = [one["adapter"] for task in data["browser"]["tasks"].values() for one in task["answerers"] if one["model"] == "tuned"]
    used: Child = None if not named else (" The tuned model\u2019s: ", tag("code", named[0]), ".")
    return (
        "Each line names the adapter that was in use by the digest of its weights.",
        used,
        " Its training is in ",
        tag("a", "Training", href="#training"),
        ".",
    )


def _records(data: Data) -> tuple[Child, ...]:
    kept = data["totals"]["kept"]
    number = "the records" if kept is None else plural(kept, "record")
    return (
        f"It was tuned on {number} of ",
        tag("code", "curate/instructions.jsonl"),
        "; its stage record holds that file\u2019s SHA-256. A control had the same records, with their outputs permuted.",
    )


def _cell() -> tuple[Child, ...]:
    return (
        "A mixture\u2019s figures are of its cells, one a seed. ",
        tag("code", "study/cells/BASE/MIXTURE.nRECORDS.sSEED/"),
        " holds the records that a cell was tuned on, its training in ",
        tag("code", "tune"),
        ", and answers and scores of each task as above in ",
        tag("code", "TASK.SETTING"),
        "; ",
        tag("code", "items"),
        " beside the cells what was asked.",
    )


def _reply() -> tuple[Child, ...]:
    return (
        "A record\u2019s ",
        tag("code", "origin"),
        " names its request, its place in the reply, and the seeds that the request showed. Prompt and raw reply are the row of ",
        tag("code", "ledger.sqlite"),
        ", table ",
        tag("code", "replies"),
        ", with purpose ",
        tag("code", "generate"),
        " and key ",
        tag("code", "SEED/REQUEST"),
        ", with the recipe\u2019s seed; a request that was asked anew has a longer key.",
    )


def _file() -> tuple[Child, ...]:
    return ("A record\u2019s ", tag("code", "origin"), " names its row in the instruction file; there were no requests and no seeds.")
