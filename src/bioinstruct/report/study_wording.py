"""How a study's figures read on the page: points that do not round to zero, what may be said of an estimate, names of mixtures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bioinstruct.report.wording import Estimate, count, readable

Reading = Literal["higher", "lower", "not shown", "too few seeds", "no interval"]
Rows = Mapping[str, Mapping[str, Any]]
"""Mixture -> {kind, categories, size, of, seeds}."""

ALPHA = 0.05
"""A corrected p above it shows nothing."""
NAMES = {"qa": "QA", "nli": "NLI", "ie": "IE", "generation": "generation", "other": "other"}
SHUFFLED = {"shuffled_within": "outputs shuffled within", "shuffled_across": "outputs shuffled across"}
GROUPS = (
    ("Main matrix: equally many records", ("single", "pair", "left_out", "all")),
    ("Controls, of the same size", ("general", "shuffled_within", "shuffled_across")),
    ("Drawn from the whole pool, by size", ("size", "natural")),
)
"""Groups of rows, and the kinds of mixtures that each holds."""
NONE = "\u2013"


def named(name: str) -> str:
    """A category within a line: 'QA'; of a recipe's own, 'desk talk' for `desk_talk`."""
    return NAMES.get(name, readable(name))


def reading(estimate: Estimate) -> Reading:
    """What may be said of a family's estimate: a direction only where its interval, its seeds and its corrected test allow it."""
    if estimate["low"] is None:
        return "no interval"
    if not estimate["over_seeds"]:
        return "too few seeds"
    if estimate["holm"] is None or estimate["holm"] > ALPHA:
        return "not shown"
    if estimate["low"] > 0.0:
        return "higher"
    return "lower" if estimate["high"] < 0.0 else "not shown"


def told(estimate: Estimate) -> str:
    """The reading in words."""
    words = {"higher": "shown: higher", "lower": "shown: lower"}
    found = reading(estimate)
    return words.get(found, found)


def points(value: float) -> str:
    """'+3.1'; more decimals where it would read as zero and is not."""
    digits = next((few for few in (1, 2, 3) if float(f"{100 * value:.{few}f}") != 0.0), 4)
    return "0.0" if value == 0.0 else f"{100 * value:+.{digits}f}".replace("-", "\u2212")


def size(value: float | None) -> str:
    """A difference without a sign, in points; a dash where there is none."""
    return NONE if value is None else points(value).lstrip("+")


def spread(estimate: Estimate) -> str:
    """'+1.0 to +5.2'."""
    return "no interval" if estimate["low"] is None else f"{points(estimate['low'])} to {points(estimate['high'])}"


def probability(p: float | None) -> str:
    """'0.013'; a dash where there is none."""
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def mixture(row: Mapping[str, Any], rows: Rows) -> str:
    """A mixture's name for readers: 'QA', 'QA + IE', 'All but QA', 'All, outputs shuffled within'."""
    kind, names = row["kind"], [named(name) for name in row["categories"]]
    if kind == "all":
        return "All categories"
    if kind == "left_out":
        return f"All but {named(missing)}" if (missing := _missing(row, rows)) else _first_upper(" + ".join(names))
    if kind == "general":
        return "General instructions"
    if kind in SHUFFLED:
        return f"{_whole(row, rows)}, {SHUFFLED[kind]}"
    if kind in ("size", "natural"):
        return f"{count(row['size'])} of the pool" if kind == "size" else "The whole pool"
    return _first_upper(" + ".join(names))


def over_control(row: Mapping[str, Any], rows: Rows) -> str:
    """'QA over outputs shuffled within', of a control's row."""
    control = SHUFFLED.get(row["kind"], "general instructions")
    return f"{_whole(row, rows)} over {control}"


def _whole(row: Mapping[str, Any], rows: Rows) -> str:
    """What a control is held against, in short."""
    whole = rows.get(row["of"])
    if whole is None:
        return _first_upper(" + ".join(named(name) for name in row["categories"]))
    return "All" if whole["kind"] == "all" else mixture(whole, rows)


def _missing(row: Mapping[str, Any], rows: Rows) -> str | None:
    """The category that all have and this one has not."""
    whole = next((one["categories"] for one in rows.values() if one["kind"] == "all"), ())
    missing = [name for name in whole if name not in row["categories"]]
    return missing[0] if len(missing) == 1 else None


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
