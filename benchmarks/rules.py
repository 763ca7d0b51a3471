"""How many rows of a file each rule of curation would drop, each rule asked on its own, with examples to look at.

    python benchmarks/rules.py FILE... [--field instruction=question --field output=answer] [--rule NAME] [--examples 3] [--rows 5000] [--json FILE]

FILE: JSON or JSON Lines. A row's texts are in instruction, input and output, or in the columns that --field names; Self-Instruct's seeds hold them
in `instances`. Rules that are off by default are asked, too. --rule: one rule only; --examples 0: none; --rows: the first so many of each file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bioinstruct.core.instruction_file import no_input
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules import RULES


def rows(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text(encoding="utf-8-sig")
    values = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines() if line.strip()]
    for row in values:
        for instance in row.get("instances", [{}]):
            yield {**row, **instance}


def candidates(path: Path, columns: dict[str, str]) -> Iterator[Candidate]:
    for number, row in enumerate(rows(path), start=1):
        instruction, given, output = (str(row.get(columns.get(field, field), "")).strip() for field in ("instruction", "input", "output"))
        yield Candidate(0, number, instruction, "" if no_input(given) else given, output)


def shown(candidate: Candidate) -> str:
    texts = {"instruction": candidate.instruction, "input": candidate.input, "output": candidate.output}
    short = {field: text if len(text) <= 160 else f"{text[:80]} ... {text[-75:]}" for field, text in texts.items() if text}
    return " | ".join(f"{field}: {text}" for field, text in short.items()).replace("\n", "\\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--field", action="append", default=[], metavar="FIELD=COLUMN")
    parser.add_argument("--rule", choices=list(RULES))
    parser.add_argument("--examples", type=int, default=3)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    columns = dict(entry.split("=", 1) for entry in arguments.field)
    section, report = CurateSection(), []
    for path in arguments.files:
        found = list(islice(candidates(path, columns), arguments.rows))
        print(f"{path.name}: {len(found)} rows")
        for name, rule in RULES.items():
            if arguments.rule not in (None, name):
                continue
            started = time.perf_counter()
            hits = [(one, evidence) for one in found if (evidence := rule.find(one, section)) is not None]
            cost = (time.perf_counter() - started) / max(len(found), 1)
            print(
                f"  {name:24} {'on ' if rule.default else 'off'} {len(hits):6} {100 * len(hits) / max(len(found), 1):7.3f} % {1e6 * cost:8.1f} us/row"
            )
            for one, evidence in hits[: arguments.examples]:
                print(f"      row {one.position}: {json.dumps(evidence, ensure_ascii=False)}\n        {shown(one)}")
            report.append({"file": path.name, "rows": len(found), "rule": name, "default": rule.default, "hits": len(hits)})
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
