"""The report in lines for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def lines(report: Mapping[str, Any]) -> list[str]:
    """What `report.json` says, a line a fact; beside the paper's numbers, where there are any, of other records and raters."""
    sample, paper = report["sample"], report["paper"]
    theirs = ("", "") if paper is None else (f" (the paper, of its own labels: {paper['accuracy']:.1%})", f" (the paper: {paper['alpha']})")
    told = [f"{sample['drawn']:,} of {sample['records']:,} records drawn; machine's labels: {_LABELLED_BY[sample['labelled_by']]}"]
    told += [f"{rater}: {_rater(one)}" for rater, one in report["raters"].items()]
    told.append(f"machine's label against the majority: {_accuracy(report)}{theirs[0]}")
    told.append(f"Krippendorff's alpha of the categories: {_alpha(report['alpha'])}{theirs[1]}")
    told += _confusion(report["confusion"])
    told.append("records: " + _counts(report["fates"]) + f"; category changed: {report['relabelled']:,}")
    if report["rejected_by_some"]:
        told.append(f"rejected by some, kept for want of a majority: {report['rejected_by_some']:,}")
    if report["conflicts"]:
        told.append(f"different edits, kept unedited: {', '.join(report['conflicts'])}")
    return told


_LABELLED_BY = {"column": "the file's", "rules": "the offline labeller's, as the file has none"}


def _rater(one: Mapping[str, Any]) -> str:
    return f"{one['answered']:,} answered ({_counts(one['categories'])}; {_counts(one['decisions'])})"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _accuracy(report: Mapping[str, Any]) -> str:
    found, left_out = report["accuracy"], report["left_out"]
    out = f"left out: {left_out['fewer_than_two_raters']:,} with fewer than two raters, {left_out['no_majority']:,} without a majority"
    if found is None:
        return f"not known; {out}"
    return f"{found['value']:.1%}, 95 % interval {found['low']:.1%} to {found['high']:.1%}, n = {found['n']:,}; {out}"


def _alpha(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "not defined: two labels or more on a record, and two different labels in all, are needed"
    undefined = f", {found['undefined_draws']:,} resamples undefined" if found["undefined_draws"] else ""
    return f"{found['value']:.3f}, 95 % interval {found['low']:.3f} to {found['high']:.3f}, n = {found['n']:,}{undefined}"


def _confusion(table: Mapping[str, Mapping[str, int]]) -> list[str]:
    if not any(sum(row.values()) for row in table.values()):
        return []
    heading = "machine \\ people " + "".join(f"{name:>12}" for name in table)
    return [heading, *(f"{machine:<17}" + "".join(f"{count:>12,}" for count in row.values()) for machine, row in table.items())]
