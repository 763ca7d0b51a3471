"""Two short cards in Markdown, made from the numbers of `report.json`: one for the data set, one for the adapter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bioinstruct.report.wording import CATEGORIES, FAMILIES, count, gain, interval, labeller, plural, readable, reading, score, share

Data = Mapping[str, Any]
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$-])")


def plain(text: object) -> str:
    """A text from outside for one line of Markdown: characters that mean something there are escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split())).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")


def dataset(data: Data) -> str:
    """The data set's card."""
    totals, source = data["totals"], data["source"]
    lines = [f"# {plain(data['title'])}: instructions", ""]
    lines += _label(data)
    if totals["candidates"] is None:
        return "\n".join([*lines, "This run holds no curated instructions.", ""])
    if source["file"] is not None:
        lines.append(f"{plural(totals['kept'], 'record')} kept of {count(totals['candidates'])} in the file {plain(source['file'])}.")
    else:
        lines.append(
            f"{plural(totals['kept'], 'record')} kept of {plural(totals['candidates'], 'candidate')}, written by the "
            f"teacher {plain(source['teacher'])} "
            f"in {plural(totals['requests'] or 0, 'request')} of {source['seeds_per_request']} seeds each (seeds: "
            f"{plain(source['seeds'])})."
        )
    lines += ["", "File: `curate/instructions.jsonl`, with `instruction`, `input`, `output`, and our columns beside them.", ""]
    lines += ["| dropped by | records |", "|---|---:|"]
    lines += [f"| {plain(readable(step['rule']))} | {count(step['dropped'])} |" for step in data["funnel"]]
    lines += [f"| beyond the target | {count(totals['surplus'])} |", ""]
    lines += [f"| category (labelled by {plain(labeller(data['labeller']))}) | records | share | paper |", "|---|---:|---:|---:|"]
    for name, one in data["categories"].items():
        lines.append(f"| {CATEGORIES[name]} | {count(one['n'])} | {share(one['share'])} | {share(one['paper_share'])} |")
    lines += ["", "## Limits", ""]
    lines += [
        _answers(data),
        _contamination(data["contamination"]),
        _identifiers(data["identifiers"]),
        "- Categories are a rule of thumb. A licence is not stated by this run: look at the teacher's terms or at the file's source.",
        "- Not for use in the care of patients.",
        "",
    ]
    return "\n".join(lines)


def _answers(data: Data) -> str:
    if data["checks"]:
        return "- Answers were checked by a model (see the report), not by a clinician."
    return "- No answer was checked for being right, by a clinician or otherwise."


def _contamination(found: Mapping[str, Any]) -> str:
    if found["state"] != "searched":
        return "- No comparison with test items is recorded."
    if not found["findings"]:
        return "- Compared with test items; none was found. An item told in other words would not have been."
    return (
        f"- Compared with test items: {plural(found['findings'], 'record holds', 'records hold')} one, {count(found['dropped'])} of them "
        f"dropped, {count(found['reported'])} only reported. An item told in other words is not found."
    )


def _identifiers(found: Mapping[str, Any]) -> str:
    if found["state"] != "searched":
        return "- No search for personal data is recorded."
    actions = found["actions"]
    return (
        f"- Searched for identifiers of persons: {plural(found['records'], 'record')} with one or more; {count(actions['dropped'])} "
        f"dropped, {count(actions['masked'])} masked, {count(actions['reported'])} only reported. This is no de-identification."
    )


def model(data: Data) -> str:
    """The adapter's card."""
    source = data["source"]
    lines = [f"# {plain(data['title'])}: adapter", "", *_label(data)]
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
        "- Not for use in the care of patients.",
        "",
    ]
    return "\n".join(lines)


def _label(data: Data) -> list[str]:
    return [] if data["label"] is None else [f"> **{data['label']}.**", ""]


def _score(estimate: Mapping[str, Any] | None) -> str:
    return "\u2013" if estimate is None else f"{score(estimate['value'])} ({interval(estimate)})"
