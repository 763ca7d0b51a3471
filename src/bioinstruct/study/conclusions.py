"""The study's conclusions as sentences, made from `matrix.json` and from nothing else.

A direction is claimed only where the interval leaves zero out, holds the variance between trainings, and the test stands after Holm's
correction. Everything else reads "Not shown", with what the design could have shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bioinstruct.study.effects import matched

Reading = Literal["higher", "lower", "not shown", "too few seeds", "no interval"]
Verdict = Literal["shown", "not shown"]

ALPHA = 0.05
"""A corrected p above it shows nothing."""
NAMES = {"qa": "QA", "nli": "NLI", "ie": "IE", "generation": "generation", "other": "other"}
CONTROLS = {
    "general": "general instructions",
    "shuffled_within": "the same instructions with outputs shuffled within each category",
    "shuffled_across": "the same instructions with outputs shuffled across categories",
}


@dataclass(frozen=True)
class Conclusion:
    """One sentence."""

    key: str
    """Question and family, such as `matched.qa`."""
    verdict: Verdict
    """`shown` where any direction is claimed."""
    text: str


def measured(family: str) -> str:
    """A family of tasks in a sentence; one of a recipe's own categories is that of the tasks matched with it."""
    return NAMES.get(family, f"the tasks of '{family}'")


def named(category: str) -> str:
    """A category of instructions in a sentence."""
    return NAMES.get(category, f"'{category}'")


def reading(estimate: Mapping[str, Any]) -> Reading:
    """What may be said of an estimate of `matrix.json`."""
    if estimate["low"] is None:
        return "no interval"
    if not estimate["over_seeds"]:
        return "too few seeds"
    if estimate["holm"] is None or estimate["holm"] > ALPHA:
        return "not shown"
    if estimate["low"] > 0.0:
        return "higher"
    return "lower" if estimate["high"] < 0.0 else "not shown"


def conclusions(matrix: Mapping[str, Any]) -> list[Conclusion]:
    """All sentences, family by family, in the order of the questions; a question whose mixtures are not in the study has none."""
    found = [one for family in matrix["design"]["families"] for one in _family(matrix, family)]
    return [replace(one, text=one.text[:1].upper() + one.text[1:]) for one in found]  # some begin with a category's name


def _family(matrix: Mapping[str, Any], family: str) -> Iterator[Conclusion]:
    category = matched(family, [mixture["categories"] for mixture in matrix["design"]["mixtures"].values()])
    split = matrix["split"]["families"].get(family, {}).get(category or "none")
    single = _single(matrix, category)
    if category is not None and single is not None:
        yield _gain(matrix, family, category, single)
    if split is not None:
        yield _any(family, category, split["any"])
        if category is not None:
            yield _matched(family, split["matched"])
            yield _best(f"best.{family}", f"{named(category)} instructions", f"the best single category for {measured(family)}", split)
    if pairs := matrix["pairs"]["families"].get(family):
        yield _pairs(family, pairs, matrix["design"]["mixtures"])
    if left_out := matrix["left_out"]["families"].get(family):
        yield _left_out(family, left_out)
    for row in matrix["all"]["families"].get(family, {}).values():
        yield _best(f"all.{family}", "All categories together", f"better for {measured(family)} than each category alone", row)
    for name, found in matrix["controls"]["families"].get(family, {}).items():
        yield _control(family, name, matrix["design"]["mixtures"][name], found["over_control"])


def _single(matrix: Mapping[str, Any], category: str | None) -> str | None:
    """The mixture of one category alone."""
    for name, mixture in matrix["design"]["mixtures"].items():
        if mixture["kind"] == "single" and mixture["categories"] == [category]:
            return str(name)
    return None


def _gain(matrix: Mapping[str, Any], family: str, category: str, single: str) -> Conclusion:
    estimate = matrix["transfer"]["families"][family][single]["gain"]
    subject = f"{named(category)} instructions"
    return _directed(
        f"gain.{family}",
        estimate,
        higher=f"{subject} raise {measured(family)} over the strongest base",
        lower=f"{subject} lower {measured(family)} below the strongest base",
        neither=f"that {subject} change {measured(family)} against the strongest base",
    )


def _any(family: str, category: str | None, estimate: Mapping[str, Any]) -> Conclusion:
    subject = "instructions of one category" if category is None else "instructions of a category that does not match"
    return _directed(
        f"any.{family}",
        estimate,
        higher=f"On average {subject} raise {measured(family)} over the strongest base",
        lower=f"On average {subject} lower {measured(family)} below the strongest base",
        neither=f"that {subject} change {measured(family)} on average",
    )


def _matched(family: str, estimate: Mapping[str, Any]) -> Conclusion:
    return _directed(
        f"matched.{family}",
        estimate,
        higher=f"On {measured(family)} the matching category adds to what the others give on average",
        lower=f"On {measured(family)} the matching category gives less than the others on average",
        neither=f"that on {measured(family)} the matching category gives more or less than the others on average",
    )


def _control(family: str, name: str, mixture: Mapping[str, Any], estimate: Mapping[str, Any]) -> Conclusion:
    whole, control = mixture["of"], CONTROLS[mixture["kind"]]
    return _directed(
        f"control.{family}.{name}",
        estimate,
        higher=f"On {measured(family)} '{whole}' is better than {control}",
        lower=f"On {measured(family)} '{whole}' is worse than {control}",
        neither=f"that on {measured(family)} '{whole}' differs from {control}",
    )


def _best(key: str, subject: str, predicate: str, row: Mapping[str, Any]) -> Conclusion:
    """Best of several: shown only where it is shown against each; a shown defeat is told."""
    against = {what.removeprefix("over_"): one for what, one in row.items() if what.startswith("over_")}
    readings = {category: reading(one) for category, one in against.items()}
    told = "; ".join(f"over {named(category)} {_interval(one)}" for category, one in against.items())
    if all(found == "higher" for found in readings.values()):
        return Conclusion(key, "shown", f"{subject} are {predicate}: {told}.")
    if beaten := [category for category, found in readings.items() if found == "lower"]:
        names = " and ".join(named(category) for category in beaten)
        return Conclusion(key, "shown", f"{subject} are not {predicate}: {names} instructions alone are better ({told}).")
    return Conclusion(key, "not shown", f"Not shown: that {_lowered(subject)} are {predicate} ({told}{_why(list(against.values()))}).")


def _pairs(family: str, pairs: Mapping[str, Any], mixtures: Mapping[str, Any]) -> Conclusion:
    """Synergy where a pair is shown above both parts, interference where below both."""
    claims = []
    for name, row in pairs.items():
        parts = {category: row[f"over_{category}"] for category in mixtures[name]["categories"]}
        told = ", ".join(f"over {named(category)} {_interval(one)}" for category, one in parts.items())
        found = {reading(one) for one in parts.values()}
        if found == {"higher"}:
            claims.append(f"synergy: at equal size '{name}' is better than both of its parts ({told})")
        elif found == {"lower"}:
            claims.append(f"interference: at equal size '{name}' is worse than both of its parts ({told})")
    if claims:
        return Conclusion(f"pairs.{family}", "shown", f"On {measured(family)}, {'; '.join(claims)}.")
    against = [one for row in pairs.values() for what, one in row.items() if what.startswith("over_")]
    names = ", ".join(f"'{name}'" for name in pairs)
    return Conclusion(
        f"pairs.{family}",
        "not shown",
        f"Not shown: that any pair ({names}) is better, or worse, than both of its parts on {measured(family)}{_why(against)}.",
    )


def _left_out(family: str, rows: Mapping[str, Any]) -> Conclusion:
    verbs = {"higher": "add to the others", "lower": "take from what the others give"}
    claims = [
        f"{named(category)} instructions {verbs[found]} ({_interval(row['adds'])})"
        for category, row in rows.items()
        if (found := reading(row["adds"])) in verbs
    ]
    if claims:
        return Conclusion(f"left_out.{family}", "shown", f"On {measured(family)}, {'; '.join(claims)}.")
    why = _why([row["adds"] for row in rows.values()])
    return Conclusion(f"left_out.{family}", "not shown", f"Not shown: that leaving out any one category changes {measured(family)}{why}.")


def _directed(key: str, estimate: Mapping[str, Any], *, higher: str, lower: str, neither: str) -> Conclusion:
    """A sentence on one estimate."""
    found = reading(estimate)
    if found in ("higher", "lower"):
        return Conclusion(key, "shown", f"{higher if found == 'higher' else lower}: {_interval(estimate)}.")
    return Conclusion(key, "not shown", f"Not shown: {neither} ({_interval(estimate)}{_why([estimate])}).")


def _why(estimates: Sequence[Mapping[str, Any]]) -> str:
    """Why nothing is shown: no seed variance, a test lost to the correction, and the smallest difference that could have been seen."""
    readings = {reading(one) for one in estimates}
    if readings & {"too few seeds", "no interval"}:
        return "; " + "; ".join(dict.fromkeys(one["note"] for one in estimates if one["note"]))
    seen = max(one["smallest"] for one in estimates)
    lost = [one["holm"] for one in estimates if one["holm"] > ALPHA and (one["low"] > 0.0 or one["high"] < 0.0)]
    corrected = f"; corrected for several tests p is {max(lost):.3f}" if lost else ""
    return f"{corrected}; a true difference of {_number(seen).lstrip('+')} points would be seen in four of five repetitions"


def _interval(estimate: Mapping[str, Any]) -> str:
    """'+4.2 points [+1.1, +7.3]'."""
    if estimate["low"] is None:
        return f"{_number(estimate['value'])} points, no interval"
    return f"{_number(estimate['value'])} points [{_number(estimate['low'])}, {_number(estimate['high'])}]"


def _number(value: float) -> str:
    """In points with a sign and one decimal, and more where it would read as zero and is not."""
    digits = next((few for few in (1, 2, 3) if float(f"{100 * value:.{few}f}") != 0.0), 4)
    return "0.0" if value == 0.0 else f"{100 * value:+.{digits}f}".replace("-", "\u2212")


def _lowered(text: str) -> str:
    return text.replace("All ", "all ", 1)
