"""Five lines to quote, made from the numbers: what was made, the three headline families, and the control.

A line claims a gain only where the interval lies above zero; else it says "not shown".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioinstruct.report.wording import (
    FAMILIES,
    NOT_SHOWN,
    SHORT,
    Estimate,
    count,
    gain,
    metric,
    plural,
    reading,
    score,
    share,
)

Line = dict[str, str]
"""{about, headline, detail}."""
HEADLINE = ("qa", "ie", "generation")


def summary(data: Mapping[str, Any]) -> list[Line]:
    """The five lines of `report.json`'s other fields; where there is only a study, a line of what was made and one of each family."""
    if data["study"] is not None and not data["comparisons"]:
        return [_made(data), *_studied(data["study"])]
    return [_made(data), *(_family(name, data["gains"][name]) for name in HEADLINE), _control(data["gains"])]


def _made(data: Mapping[str, Any]) -> Line:
    totals, source = data["totals"], data["source"]
    if totals["candidates"] is None:
        return {"about": "data", "headline": "The run folder holds no curated instructions.", "detail": ""}
    kept, candidates = totals["kept"], totals["candidates"]
    if source["file"] is not None:
        headline = f"{count(kept)} of {plural(candidates, 'record')} from a file were kept ({share(totals['kept_share'] or 0.0)})."
    else:
        headline = f"{plural(totals['requests'], 'request')} to the teacher gave {plural(candidates, 'task')}; {count(kept)} were kept."
    worst = sorted((step for step in data["funnel"] if step["dropped"]), key=lambda step: -step["dropped"])
    reasons = ", ".join(f"{count(step['dropped'])} by \u201c{step['rule'].replace('_', ' ')}\u201d" for step in worst)
    detail = f"Dropped by named rules: {reasons}." if reasons else "No rule dropped any."
    if totals["surplus"]:
        detail += f" {count(totals['surplus'])} passed every rule beyond the target."
    return {"about": "data", "headline": headline, "detail": detail}


def _family(name: str, family: Mapping[str, Any]) -> Line:
    title = FAMILIES[name]
    absolute, base, tuned = family["absolute"], family["base"], family["tuned"]
    if absolute is None or base is None or tuned is None:
        return {"about": name, "headline": f"{title}: not measured in this run.", "detail": ""}
    said = reading(absolute)
    if said == "up":
        headline = f"{title}: from {score(base['value'])} to {score(tuned['value'])}, a gain of {gain(absolute)}."
    elif said == "down":
        headline = f"{title}: from {score(base['value'])} to {score(tuned['value'])}, a loss: {gain(absolute)}."
    else:
        headline = f"{title}: a gain is not shown; {gain(absolute)}, an interval that reaches zero."
    names = " and ".join(metric(one) for one in family["metrics"])
    what = f"{family['note'][0].upper()}{family['note'][1:]}" if name == "generation" else f"Mean {names}"
    detail = f"{what}; {plural(len(family['tasks']), 'task')}, {plural(absolute['n'], 'item')}; base in its strongest form."
    if family["over_trivial"] is not None:
        detail += f" Over the best trivial answerer ({score(family['trivial']['value'])}): {_verdict(family['over_trivial'])}."
    return {"about": name, "headline": headline, "detail": detail}


def _studied(study: Mapping[str, Any]) -> list[Line]:
    """What the study says first of each family, and what of the matching category."""
    found = []
    for family in study["design"]["families"]:
        said = {one["key"]: one["text"] for one in study["conclusions"] if one["key"].split(".")[1] == family}
        if said:
            first = next(iter(said))
            matched = said.get(f"matched.{family}", "")
            found.append({"about": family, "headline": said[first], "detail": matched if first != f"matched.{family}" else ""})
    return found


def _verdict(estimate: Estimate) -> str:
    return gain(estimate) if reading(estimate) != "open" else f"{gain(estimate)}, {NOT_SHOWN}"


def _control(gains: Mapping[str, Any]) -> Line:
    found = {name: family["over_shuffled"] for name, family in gains.items() if family["over_shuffled"] is not None}
    if not found:
        detail = "How much of a gain is form and how much is content cannot be told from these numbers."
        return {"about": "control", "headline": "No control was tuned in this run.", "detail": detail}
    named: dict[str, list[str]] = {"up": [], "down": [], "open": []}
    for name, one in found.items():
        named[reading(one)].append(SHORT[name])
    parts = [
        f"{told} {_listed(named[said])}"
        for said, told in (("up", "ahead on"), ("down", "behind on"), ("open", "a difference is not shown on"))
        if named[said]
    ]
    headline = f"Against the control tuned on shuffled outputs: {'; '.join(parts)}."
    detail = f"Tuned minus control: {', '.join(f'{SHORT[name]} {gain(one)}' for name, one in found.items())}. "
    detail += "The control saw the same texts in the same form; all it lacks is that each output answers its instruction."
    return {"about": "control", "headline": headline, "detail": detail}


def _listed(names: list[str]) -> str:
    """'QA, IE and generation'."""
    return " and ".join(", ".join(names).rsplit(", ", 1))
