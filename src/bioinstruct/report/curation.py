"""What curation found, for the page: statistics of the kept set, examples of what each rule dropped, test items, identifiers.

Files of newer runs are read where they are there; what an older run did not write is told as "absent", not as nothing found.
A record in which an identifier was found is not quoted: its examples hold `withheld`, the kinds found, and no text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Instruction, Rejected
from bioinstruct.curate.describe import FIELDS, TEXT, describe
from bioinstruct.curate.excerpt import excerpt
from bioinstruct.curate.run import LEAKS, MARKS, STATISTICS, SURPLUS
from bioinstruct.curate.screen import CONTAMINATION, DONE, Marked, Reported
from bioinstruct.curate.sources import SeedLeak
from bioinstruct.report.files import read_json, read_typed

SOURCES, SEEDS = "sources.json", "seed_contamination.json"
"""Files of the curate folder that tell what was compared."""
HOW = ("exact", "n-gram", "paraphrase")
"""How a test item is found, in the order of strength."""
ACTIONS = tuple(DONE.values())
"""What is done about an identifier."""
PAIRS = 5
"""Most pairs that are shown of a benchmark, and of the seeds."""
LEAD = 60
"""Characters that are shown before what a record shares with an item."""
_WORD = re.compile("[A-Za-z0-9]+")


@dataclass(frozen=True)
class Compared:
    """What a benchmark was compared by: a value of `sources.json`."""

    items: int
    parts: int
    sha256: str


@dataclass(frozen=True)
class SeedLeaks:
    """`seed_contamination.json`."""

    seeds: int
    sources: int
    findings: tuple[SeedLeak, ...]


@dataclass(frozen=True)
class Curated:
    """The records of a curate folder; what is absent is None or empty."""

    kept: Sequence[Instruction] | None
    rejected: Sequence[Rejected]
    surplus: Sequence[Rejected]
    leaks: Sequence[Reported] | None
    marked: Sequence[Marked] | None

    @cached_property
    def withheld(self) -> dict[str, list[str]]:
        """Id of each record in which identifiers were found, before masking, too -> their kinds."""
        found = {one.record: sorted({span.kind for span in one.found}) for one in self.marked or ()}
        for record in self.all():
            if record.parent in found:
                found.setdefault(record.id, found[record.parent])
            elif record.id in found and record.parent is not None:
                found.setdefault(record.parent, found[record.id])
        return found

    def all(self) -> Iterable[Instruction]:
        """Every record: kept, rejected, surplus."""
        yield from self.kept or ()
        yield from (one.instruction for one in (*self.rejected, *self.surplus))


def read(folder: Path) -> Curated:
    """The records of a curate folder.

    Raises:
        DataError: a file cannot be read.
    """
    return Curated(
        _rows(folder / "instructions.jsonl", Instruction),
        _rows(folder / "rejected.jsonl", Rejected) or (),
        _rows(folder / "surplus.jsonl", Rejected) or (),
        _rows(folder / LEAKS, Reported),
        _rows(folder / MARKS, Marked),
    )


def _rows(path: Path, kind: type[Any]) -> list[Any] | None:
    return list(jsonl.read(path, kind)) if path.exists() else None


def statistics(folder: Path, found: Curated, funnel: Mapping[str, Any] | None, categories: Sequence[str]) -> dict[str, Any] | None:
    """What `describe` says: as the run wrote it, or computed here for a run that did not; None where nothing was curated.

    Raises:
        DataError: the file's counts are not those of `funnel`, which is `funnel.json`'s value, or its categories not the recipe's.
    """
    if funnel is None or found.kept is None:
        return None
    path = folder / STATISTICS
    if not path.exists():
        return describe(found.kept, found.rejected, found.surplus, [step["rule"] for step in funnel["funnel"]], categories)
    written: dict[str, Any] = read_json(path)
    counted = [[step["rule"], step["dropped"]] for step in written["funnel"]["rules"]]
    if counted != [[step["rule"], step["dropped"]] for step in funnel["funnel"]] or written["funnel"]["kept"] != funnel["kept"]:
        raise DataError(path, got="other counts than funnel.json has", allowed="the file that was written with it")
    if list(written["categories"]) != list(categories):
        raise DataError(path, field="categories", got=", ".join(written["categories"]), allowed=", ".join(categories))
    return written


def examples(written: Mapping[str, Any], withheld: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Each rule that dropped anything with its examples, in the order of the funnel, and what stands beyond the target."""
    funnel = written["funnel"]
    steps = [*funnel["rules"], {"rule": SURPLUS, "dropped": funnel["surplus"], "examples": funnel["surplus_examples"]}]
    return [{**step, "examples": [_quotable(one, withheld) for one in step["examples"]]} for step in steps if step["dropped"]]


def _quotable(example: Mapping[str, Any], withheld: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    named = [example["id"], *(value for value in example["evidence"].values() if isinstance(value, str))]  # a neighbour's id, too
    kinds = next((withheld[name] for name in named if name in withheld), None)
    if kinds is None:
        return dict(example)
    return {**{key: value for key, value in example.items() if key not in (*FIELDS, "evidence")}, "withheld": list(kinds)}


def contamination(folder: Path, found: Curated, section: CurateSection) -> dict[str, Any]:
    """Findings by benchmark with their pairs; `state` is `searched`, `off` or `absent` (an older run)."""
    compared: dict[str, Compared] = _optional(folder / SOURCES, dict[str, Compared]) or {}
    dropped = {one.instruction.id for one in found.rejected if one.verdict.rule == CONTAMINATION}
    names = list(dict.fromkeys([*compared, *(one.leak.benchmark for one in found.leaks or ())]))
    records = {one.parent: one for one in found.all() if one.parent is not None} | {one.id: one for one in found.all()}
    benchmarks: list[dict[str, Any]] = []
    for name in names:
        leaks = [one for one in found.leaks or () if one.leak.benchmark == name]
        n_dropped = sum(one.record in dropped for one in leaks)
        benchmarks.append(
            {
                "benchmark": name,
                "items": compared[name].items if name in compared else None,
                "sha256": compared[name].sha256 if name in compared else None,
                "findings": len(leaks),
                "how": _counted((one.leak.how for one in leaks), HOW),
                "items_found": len({one.leak.id for one in leaks}),
                "dropped": n_dropped,
                "reported": len(leaks) - n_dropped,
                "pairs": [_pair(one, records.get(one.record), one.record in dropped, found.withheld) for one in leaks[:PAIRS]],
            }
        )
    state = "off" if section.contamination == "off" else "absent" if found.leaks is None else "searched"
    totals = {key: sum(one[key] for one in benchmarks) for key in ("findings", "dropped", "reported")}
    return {"state": state, "mode": section.contamination, **totals, "benchmarks": benchmarks, "seeds": _seeds(folder / SEEDS)}


def _counted(names: Iterable[str], order: Collection[str]) -> dict[str, int]:
    """Counts of names: those of `order` even where they are 0, then all others."""
    counts = Counter(names)
    return {name: counts[name] for name in [*order, *sorted(set(counts) - set(order))]}


def _pair(one: Reported, record: Instruction | None, dropped: bool, withheld: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Both sides of a finding; the record's is None where its text is withheld or not in the folder."""
    leak = one.leak
    sides: dict[str, Any] = {"field": None, "text": None}
    if record is not None and one.record not in withheld:
        field, start = shared(record, leak.part)
        sides = {"field": field, "text": _window(getattr(record, field), start)}
    return {
        "record": one.record,
        "item": leak.id,
        "how": leak.how,
        "score": leak.score,
        "outcome": "dropped" if dropped else "reported",
        "part": excerpt(leak.part, TEXT),
        **sides,
        "withheld": list(withheld.get(one.record, ())),
    }


def shared(record: Instruction, part: str) -> tuple[str, int]:
    """The field of a record with the longest run of words that stands in `part`, too, and the character at which the run begins."""
    runs = {field: _longest_run(getattr(record, field), part) for field in FIELDS}
    field = max(FIELDS, key=lambda name: runs[name][0])
    return field, runs[field][1]


def _longest_run(text: str, part: str) -> tuple[int, int]:
    """Words in the longest run of words of `text` that stands in `part`, too, and the character at which it begins; 0, 0 for none."""
    places = list(_WORD.finditer(text))
    wanted = [word.lower() for word in _WORD.findall(part)]
    match = SequenceMatcher(None, [place.group().lower() for place in places], wanted, autojunk=False).find_longest_match()
    return (match.size, places[match.a].start()) if match.size else (0, 0)


def _window(text: str, start: int) -> dict[str, Any]:
    """At most `TEXT` characters with what begins at `start` among them, as `excerpt` gives them, and `from` where they begin."""
    begin = max(0, min(start - LEAD, len(text) - TEXT))
    return {"text": text[begin : begin + TEXT], "characters": len(text), "cut": len(text) > TEXT, "from": begin}


def _seeds(path: Path) -> dict[str, Any] | None:
    """Test items in seeds; None where the run did not look."""
    found: SeedLeaks | None = _optional(path, SeedLeaks)
    if found is None:
        return None
    pairs = [
        {
            "seed": one.seed,
            "benchmark": one.leak.benchmark,
            "item": one.leak.id,
            "how": one.leak.how,
            "score": one.leak.score,
            "part": excerpt(one.leak.part, TEXT),
            "text": _window(one.text, _longest_run(one.text, one.leak.part)[1]),
        }
        for one in found.findings[:PAIRS]
    ]
    return {"seeds": found.seeds, "sources": found.sources, "findings": len(found.findings), "pairs": pairs}


def identifiers(found: Curated, section: CurateSection) -> dict[str, Any]:
    """Identifiers by kind: how often they stand, in how many records, what was done about these, who found them."""
    kinds: dict[str, dict[str, Any]] = {}
    for one in found.marked or ():
        for kind in sorted({span.kind for span in one.found}):
            row = kinds.setdefault(kind, {"kind": kind, "found": 0, "records": 0, **dict.fromkeys(ACTIONS, 0), "finders": {}})
            row["records"] += 1
            row[one.action] += 1
        for span in one.found:
            row = kinds[span.kind]
            row["found"] += 1
            row["finders"][span.finder] = row["finders"].get(span.finder, 0) + 1
    state = "off" if section.identifiers == "off" else "absent" if found.marked is None else "searched"
    return {
        "state": state,
        "mode": section.identifiers,
        "finders": list(section.finders),
        "records": len(found.marked or ()),
        "actions": _counted((one.action for one in found.marked or ()), ACTIONS),
        "found": sum(row["found"] for row in kinds.values()),
        "kinds": [{**kinds[kind], "finders": dict(sorted(kinds[kind]["finders"].items()))} for kind in sorted(kinds)],
    }


def _optional(path: Path, kind: Any) -> Any:
    return read_typed(path, kind) if path.exists() else None
