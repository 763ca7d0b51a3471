"""`bioinstruct report --verify`: is every number of a report what the run's evidence says?

Three questions, in this order: are the files those that their stages left (SHA-256 in the records)? Is `report.json` what comes out when
everything that can be made again is made again (`evidence.py`)? Are the page and the cards what `report.json` makes of itself?
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioinstruct import evidence
from bioinstruct.core import recipe, runfolder
from bioinstruct.core.errors import InputError
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.evidence import Gap
from bioinstruct.report import run as report
from bioinstruct.report.files import read_json
from bioinstruct.report.payload import Packed

REPORT = "report.json"
_IN_REPORT = f"{REPORT} "
SHOWN = 40
"""Most differences that are told one by one."""
TOLERANCE = 2e-6
"""Numbers of `report.json` have six decimals; the last may differ where sums are done in another order by another processor."""

FROM = {
    "summary": "the numbers below",
    "totals": "replies in ledger.sqlite, parsed again; verdicts in curate/, counted again",
    "funnel": "verdicts in curate/rejected.jsonl, counted again",
    "unparsed": "replies in ledger.sqlite, parsed again",
    "categories": "curate/instructions.jsonl",
    "lengths": "curate/instructions.jsonl",
    "verbs": "curate/instructions.jsonl",
    "diversity": "curate/instructions.jsonl",
    "seeds": "curate/instructions.jsonl, rejected.jsonl, surplus.jsonl",
    "labels": "curate/labels.jsonl",
    "checks": "curate/checks.jsonl",
    "rejected": "curate/rejected.jsonl",
    "contamination": "curate/contamination.jsonl; what was compared: sources.json, as written",
    "identifiers": "curate/identifiers.jsonl",
    "training": "tune/**/train.jsonl; records and tokens: encoded again",
    "gains": "stored answers, graded and compared again",
    "tests": "stored answers, graded and compared again",
    "tasks": "stored answers, graded again",
    "comparisons": "stored answers, graded and compared again",
    "judge": "replies in judge/judgements.jsonl and preferences.jsonl, read again",
    "study": "stored answers of study/cells/, graded again; the matrix computed again",
    "traces": "curate/instructions.jsonl, ledger.sqlite",
    "items": "evaluate/items/, stored answers, graded again",
    "browser": "evaluate/items/, stored answers, graded again",
    "cost": "ledger.sqlite",
    "recipe": "recipe.yaml",
}
"""Part of `report.json` -> what it was made from again; parts that are not here come from recipe and file names."""
TAKEN_OVER = (
    "contamination: how many items and sentences were compared, and their digests (curate/sources.json, seed_contamination.json)",
    "contamination, identifiers: records were not searched again, the findings counted are those written down",
    "stages: steps, seed, threads, lanes and processes of a training, cells of a study, versions (the stages' records)",
    "answers: no model was asked again",
)
"""What no evidence in a run folder is more basic than; said with every verification."""


@dataclass(frozen=True)
class Difference:
    """A place where report and evidence disagree."""

    place: str
    shown: str
    found: str


@dataclass
class Verified:
    """What came of it."""

    path: Path
    figures: Counter[str] = field(default_factory=Counter)
    """Part of `report.json` -> numbers compared."""
    differences: list[Difference] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    files: int = 0
    """Files whose SHA-256 was compared."""

    @property
    def holds(self) -> bool:
        """Whether nothing differs; gaps are no differences, and are told."""
        return not self.differences

    def lines(self) -> Iterator[str]:
        """A table of the parts, then what differs, what could not be made again, and what was taken over."""
        places = [one.place.removeprefix(_IN_REPORT) for one in self.differences if one.place.startswith(_IN_REPORT)]
        differing = Counter(re.split(r"[.\[]", place)[0] for place in places)
        yield f"{'part of report.json':20} {'numbers':>8} {'differ':>7}  made again from"
        for part in dict.fromkeys([*self.figures, *differing]):
            yield f"{part:20} {self.figures[part]:8,} {differing[part]:7,}  {FROM.get(part, 'recipe.yaml and the files themselves')}"
        yield f"{'in all':20} {sum(self.figures.values()):8,} {sum(differing.values()):7,}"
        yield f"files: {self.files:,} compared with the SHA-256 in their stages' records"
        for one in self.differences[:SHOWN]:
            yield f"DIFFERS {one.place}: shown {one.shown}; found {one.found}"
        if len(self.differences) > SHOWN:
            yield f"DIFFERS {len(self.differences) - SHOWN:,} further places"
        for gap in self.gaps:
            yield f"not made again: {gap.what}: {gap.why}"
        for said in TAKEN_OVER:
            yield f"taken over: {said}"
        yield f"{self.path}: " + ("every number is what the evidence says" if self.holds else f"{len(self.differences):,} places differ")


def verify(path: Path) -> Verified:
    """Hold the report of a run against the run's evidence. Nothing is written to the run folder, no model and no network is needed.

    Raises:
        InputError: there is no report, or no run.
        DataError: a file of the run cannot be read.
    """
    if not (path / REPORT).exists() or not (path / "recipe.yaml").exists():
        raise InputError(f"{path}: got no {REPORT} and recipe.yaml; allowed: the folder of a run that has a report")
    return hold(path, remake(path))


@dataclass(frozen=True)
class Remade:
    """A report's data, made from evidence again, and what could not be."""

    data: Mapping[str, Any]
    parts: tuple[Packed, ...]
    """Texts of the items, for the page."""
    gaps: tuple[Gap, ...]


def remake(path: Path) -> Remade:
    """What `report.json` should hold. Raises as `verify` does."""
    resolved = recipe.stored(path / "recipe.yaml")
    with tempfile.TemporaryDirectory(prefix="bioinstruct-verify-") as scratch:
        gaps = evidence.again(path, Path(scratch), resolved.recipe)
        data, parts = report.compose(resolved.recipe.report, RunFolder(scratch), resolved)
        return Remade(data, tuple(parts), tuple(gaps))


def hold(path: Path, remade: Remade) -> Verified:
    """Hold a run's report against what it should be, its files against their digests, its page and cards against its report."""
    shown, found = read_json(path / REPORT), Verified(path)
    found.gaps = [gap for gap in remade.gaps if not gap.fault]
    found.differences += [Difference(gap.what, "one for one", gap.why) for gap in remade.gaps if gap.fault]
    found.differences += _files(path, found)
    for part in dict.fromkeys([*shown, *remade.data]):
        found.differences += _compare(f"{_IN_REPORT}{part}", shown.get(part), remade.data.get(part), part, found.figures)
    found.differences += _texts(path, shown, remade.parts)
    return found


def _files(path: Path, found: Verified) -> Iterator[Difference]:
    """Files that are not as the stage left them that wrote them."""
    for place in sorted(path.rglob("record.json")):
        record = runfolder.read_record(place.parent)
        assert record is not None  # it was just listed
        for name, digest in record.outputs.items():
            file = (path if record.stage == "report" else place.parent) / name
            found.files += 1
            there = runfolder.sha256(file) if file.exists() else "no such file"
            if there != digest:
                yield Difference(file.relative_to(path).as_posix(), digest[:16], there[:16])


def _compare(place: str, shown: Any, remade: Any, part: str, figures: Counter[str]) -> Iterator[Difference]:
    """Every leaf of two JSON values; numbers of what is shown are counted."""
    if isinstance(shown, Mapping) and isinstance(remade, Mapping):
        for name in dict.fromkeys([*shown, *remade]):
            yield from _compare(f"{place}.{name}", shown.get(name), remade.get(name), part, figures)
    elif isinstance(shown, list) and isinstance(remade, list):
        if len(shown) != len(remade):
            yield Difference(place, f"{len(shown)} entries", f"{len(remade)} entries")
        for number, (one, other) in enumerate(zip(shown, remade, strict=False)):
            yield from _compare(f"{place}[{number}]", one, other, part, figures)
    else:
        figures[part] += _is_number(shown)
        if not _same(shown, remade):
            yield Difference(place, _told(shown), _told(remade))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(shown: Any, remade: Any) -> bool:
    if (isinstance(shown, float) and _is_number(remade)) or (isinstance(remade, float) and _is_number(shown)):
        return math.isclose(shown, remade, rel_tol=0.0, abs_tol=TOLERANCE)
    return type(shown) is type(remade) and bool(shown == remade)


def _told(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)[:80]


def _texts(path: Path, shown: Mapping[str, Any], parts: Sequence[Packed]) -> Iterator[Difference]:
    """Page, cards and what lies beside the page: made of `report.json` and the items' texts alone."""
    try:
        made = report.shown(shown, parts)
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:  # of a report.json that was changed by hand
        yield Difference("report.html", "a page", f"{REPORT} from which none can be made ({type(error).__name__}: {error})")
        return
    for name, text in made.items():
        if not (path / name).exists():
            yield Difference(name, "no such file", f"what {REPORT} makes")
            continue
        there, wanted = (path / name).read_text(encoding="utf-8").splitlines(), text.splitlines()
        if there != wanted:
            line = next((n for n, pair in enumerate(zip(there, wanted, strict=False)) if pair[0] != pair[1]), min(len(there), len(wanted)))
            yield Difference(f"{name} line {line + 1}", *(_around(there, wanted, line)))


def _around(there: list[str], wanted: list[str], line: int) -> tuple[str, str]:
    """The two lines from a little before where they part."""
    one, other = (lines[line] if line < len(lines) else "" for lines in (there, wanted))
    start = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other)))
    begin = max(0, start - 30)
    return repr(one[begin : begin + 80]), repr(other[begin : begin + 80])
