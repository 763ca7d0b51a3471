"""Two cards in Markdown, made from the numbers of `report.json`: one for the data set, one for the adapter.

Each begins with the hub's metadata (https://huggingface.co/docs/hub/datasets-cards, .../model-cards), so that it can be a repository's
README.md. A licence is never guessed: where the records state none, the metadata say `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from bioinstruct.report.wording import FAMILIES, category, count, gain, interval, labeller, plural, readable, reading, score, share

Data = Mapping[str, Any]
_NOT_FOR = "Not for use in the care of patients."
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**18, "1M<n<10M"))
"""The hub's names for sizes, each with the first that is too large for it."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$-])")


def own_domain(data: Data) -> str | None:
    """What the tasks are from, where the recipe names another domain than biomedicine; None for biomedicine."""
    named = next(one for one in data["recipe"] if one["field"] == "generate.domain")
    return str(named["value"]) if named["given"] and data["source"]["file"] is None else None


def intended(data: Data, shown: Callable[[object], str] = lambda text: one_line(text)) -> str:
    """What the records are for; `shown` makes the domain's name harmless."""
    domain = own_domain(data)
    text = "biomedical text" if domain is None else f"text from {shown(domain)}"
    return f"Instruction tuning of language models for research on {text}, and research on how such data are made."


def keywords(data: Data) -> list[str]:
    """The first of the tags: the domain, where it is biomedicine."""
    return ["biomedical"] if own_domain(data) is None else []


def plain(text: object) -> str:
    """A text from outside for one line of Markdown: characters that mean something there are escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split())).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")


def one_line(text: object) -> str:
    """A text from outside for a field of metadata: one line, without the characters that begin a tag."""
    return " ".join(re.sub(r"[<>]", " ", str(text)).split())


def dataset(data: Data, file: str = "curate/instructions.jsonl", licence: str | None = None) -> str:
    """The data set's card.

    Args:
        data: `report.json`'s value.
        file: Where the records lie, seen from the card.
        licence: The one licence that all records state; None = unknown.
    """
    totals = data["totals"]
    lines = [_front(_dataset_metadata(data, file, licence)), f"# {plain(data['title'])}: instructions", ""]
    lines += _label(data)
    if totals["candidates"] is None:
        return "\n".join([*lines, "This run holds no curated instructions.", ""])
    lines += [made(data, plain), "", f"File: `{file}`, with `instruction`, `input`, `output`, and our columns beside them.", ""]
    lines += ["## Intended use", "", f"{intended(data, plain)} {_NOT_FOR}", "", "## Composition", ""]
    lines += ["| dropped by | records |", "|---|---:|"]
    lines += [f"| {plain(readable(step['rule']))} | {count(step['dropped'])} |" for step in data["funnel"]]
    lines += [f"| beyond the target | {count(totals['surplus'])} |", ""]
    lines += _composition(data)
    lines += ["", "## Sources and licences", "", *_sources(data, licence), "", "## Limits", ""]
    lines += [*(f"- {limit}" for limit in [*limits(data), identifiers(data["identifiers"])]), f"- {_NOT_FOR}", ""]
    return "\n".join(lines)


def _composition(data: Data) -> list[str]:
    """The table of categories: beside the paper's shares, or with the meanings of the recipe's own."""
    found = data["categories"]
    own = any("definition" in one for one in found.values())
    last, rule = ("what belongs to it", "---") if own else ("paper", "---:")
    lines = [f"| category (labelled by {plain(labeller(data['labeller']))}) | records | share | {last} |", f"|---|---:|---:|{rule}|"]
    for name, one in found.items():
        beside = plain(one["definition"]) if own else share(one["paper_share"])
        lines.append(f"| {category(name)} | {count(one['n'])} | {share(one['share'])} | {beside} |")
    return lines


def made(data: Data, shown: Callable[[object], str] = one_line) -> str:
    """How many records were kept of how many, and who wrote them; `shown` makes names from outside harmless."""
    totals, source = data["totals"], data["source"]
    if totals["candidates"] is None:
        return "This run holds no curated instructions."
    if source["file"] is not None:
        return f"{plural(totals['kept'], 'record')} kept of {count(totals['candidates'])} in the file {shown(source['file'])}."
    return (
        f"{plural(totals['kept'], 'record')} kept of {plural(totals['candidates'], 'candidate')}, written by the teacher "
        f"{shown(source['teacher'])} in {plural(totals['requests'] or 0, 'request')} of {source['seeds_per_request']} seeds each (seeds: "
        f"{shown(source['seeds'])})."
    )


def limits(data: Data) -> list[str]:
    """What the records were not checked for, a sentence or two each."""
    return [
        _answers(data),
        _contamination(data["contamination"]),
        "Categories are a rule of thumb.",
        "English only, and as one-sided as the teacher and the seeds, or the file, are; no group of people was looked at apart.",
    ]


def _sources(data: Data, licence: str | None) -> list[str]:
    source = data["source"]
    if licence is not None:
        stated = f"All records state the licence {plain(licence)}."
    else:
        stated = "A licence is not stated by this run: look at the teacher's terms or at the file's source."
    if source["file"] is not None:
        return [f"- Records: the file {plain(source['file'])}.", f"- {stated}"]
    seeds = "the 80 that ship with bioinstruct (Apache-2.0)" if source["seeds"] == "builtin" else plain(source["seeds"])
    return [f"- Records: the teacher {plain(source['teacher'])}.", f"- Seeds: {seeds}.", f"- {stated}"]


def _dataset_metadata(data: Data, file: str, licence: str | None) -> dict[str, Any]:
    kept = data["totals"]["kept"] or 0
    return {
        "pretty_name": one_line(data["title"]),
        "language": ["en"],
        "license": one_line(licence or "unknown"),
        "task_categories": ["text-generation", "question-answering", "summarization"],
        "size_categories": [next(name for most, name in _SIZES if kept < most)],
        "tags": [*keywords(data), "instruction-tuning", *([] if data["source"]["file"] else ["synthetic"])],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": file}]}],
    }


def _model_metadata(data: Data) -> dict[str, Any]:
    base = str(data["source"]["base"])
    return {
        "language": ["en"],
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        **({"base_model": base, "base_model_relation": "adapter"} if _HUB_ID.fullmatch(base) else {}),
        "tags": [*keywords(data), "lora", "instruction-tuning"],
        "model-index": [{"name": one_line(data["title"]), "results": _results(data)}],
    }


def _results(data: Data) -> list[dict[str, Any]]:
    """The tuned model's score on each task and setting, 0 to 100, in the form of the hub's model-index."""
    return [
        {
            "task": {"type": "text-generation"},
            "dataset": {"name": one_line(f"{task} ({setting})"), "type": one_line(task)},
            "metrics": [
                {
                    "type": one_line(one["metric"]),
                    "value": round(100 * one["value"], 1),
                    "name": one_line(f"{one['metric']}, {one['n']} items"),
                }
            ],
        }
        for task, models in data["tasks"].items()
        for setting, one in models.get("tuned", {}).items()
        if one["value"] is not None
    ]


def _front(metadata: Mapping[str, Any]) -> str:
    return f"---\n{yaml.safe_dump(dict(metadata), sort_keys=False, allow_unicode=True, width=140)}---\n"


def _answers(data: Data) -> str:
    if data["checks"]:
        return "Answers were checked by a model (see the report), not by a clinician."
    return "No answer was checked for being right, by a clinician or otherwise."


def _contamination(found: Mapping[str, Any]) -> str:
    if found["state"] != "searched":
        return "No comparison with test items is recorded."
    if not found["findings"]:
        return "Compared with test items; none was found. An item told in other words would not have been."
    return (
        f"Compared with test items: {plural(found['findings'], 'record holds', 'records hold')} one, {count(found['dropped'])} of them "
        f"dropped, {count(found['reported'])} only reported. An item told in other words is not found."
    )


def identifiers(found: Mapping[str, Any]) -> str:
    """What was looked for and done about identifiers of persons."""
    if found["state"] != "searched":
        return "No search for personal data is recorded."
    actions = found["actions"]
    return (
        f"Searched for identifiers of persons: {plural(found['records'], 'record')} with one or more; {count(actions['dropped'])} "
        f"dropped, {count(actions['masked'])} masked, {count(actions['reported'])} only reported. This is no de-identification."
    )


def model(data: Data) -> str:
    """The adapter's card."""
    source = data["source"]
    lines = [_front(_model_metadata(data)), f"# {plain(data['title'])}: adapter", "", *_label(data)]
    values = {one["field"]: one["value"] for one in data["recipe"]}
    lines.append(
        f"LoRA adapter (rank {values['tune.rank']}, alpha {values['tune.alpha']}) for the base {plain(source['base'])}, prompt form "
        f"{plain(values['tune.template'])}; `tune/adapter`, in PEFT's format."
    )
    ours = (data["training"] or {}).get("ours")
    if ours is not None and ours["first_loss"] is not None:
        trained = (
            ""
            if ours["trained_records"] is None
            else f"{plural(ours['trained_records'], 'record')}, {count(ours['trained_tokens'])} trained tokens an epoch, "
        )
        lines += ["", f"Trained on {trained}{plural(ours['steps'], 'step')}; loss {ours['first_loss']:.3f} to {ours['last_loss']:.3f}."]
    lines += ["", "## Intended use", "", f"Research on instruction tuning, with exactly this base and prompt form. {_NOT_FOR}"]
    lines += ["", "## Training data", "", made(data, plain)]
    lines += ["The records have a card of their own. The base's licence holds for what is made with the adapter."]
    lines += ["", "## Results", "", "Scores 0 to 100 with 95 % intervals; gains in points over the base in its strongest form.", ""]
    lines += ["| | base | tuned | gain | control | best trivial | items |", "|---|---|---|---|---|---|---:|"]
    for name, one in data["gains"].items():
        if one["absolute"] is None:
            lines.append(f"| {FAMILIES[name]} | not measured | | | | | |")
            continue
        figures = [_score(one[role]) for role in ("base", "tuned")]
        gained = gain(one["absolute"]) + ("" if reading(one["absolute"]) != "open" else " (not shown)")
        others = [_score(one[role]) for role in ("shuffled", "trivial")]
        lines.append(f"| {FAMILIES[name]} | {' | '.join([*figures, gained, *others])} | {count(one['absolute']['n'])} |")
    notes = [f"- {FAMILIES[name]}: {one['note']}." for name, one in data["gains"].items() if one["note"] and one["absolute"] is not None]
    lines += ["", *notes, f"- {data['rule']}", "", "## Limits", ""]
    lines += [
        "- Measured on the tasks above and nothing else: not on safety, bias, other languages or harder questions.",
        f"- {_NOT_FOR}",
        "",
    ]
    return "\n".join(lines)


def _label(data: Data) -> list[str]:
    return [] if data["label"] is None else [f"> **{data['label']}.**", ""]


def _score(estimate: Mapping[str, Any] | None) -> str:
    return "\u2013" if estimate is None else f"{score(estimate['value'])} ({interval(estimate)})"
