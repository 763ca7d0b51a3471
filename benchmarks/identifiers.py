"""Recall and precision of the finder of identifiers, measured on templates; and what it flags in the embedded world, where there is nothing to find.

    python benchmarks/identifiers.py [--part PART] [--n 40] [--seed 0] [--misses 20] [--show-held-out] [--json FILE]
    python benchmarks/identifiers.py --embedded [--misses 20]

PART is develop, held_out, held_out_second, held_out_third or held_out_fourth.
Each template (benchmarks/identifier_templates/) is filled `n` times with identifiers drawn from `seed`, so where each one stands is known. The
templates were written without sight of the finder. The held-out parts are for measuring, each to be run once before anybody looks at its misses; all
but those in `HELD_OUT` have been looked at since and are known, like `develop` (docs/identifiers.md has their figures from before that). Of a part
in `HELD_OUT` no example is printed unless `--show-held-out` is given, and whoever then changes the finder has that part held out no longer. A figure
says how well these sentences are covered. It does not say that a text is free of identifiers.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from identifier_templates.scoring import FOUND_AS, Failure, Find, Scores, Share, Tally, score
from identifier_templates.slots import KINDS
from identifier_templates.templates import examples
from identifier_templates.values import HELD_OUT, PARTS

from bioinstruct.core.errors import InputError
from bioinstruct.embedded import documents, items, world

CONTEXT = 40
"""Characters shown on either side of an example."""
DOCUMENTS, ITEMS = 2000, 200
"""Embedded documents, and items of each embedded task."""


def finder() -> Find:
    """The finder under measurement. Raises `InputError` where it is not installed."""
    try:
        from bioinstruct.curate.identifiers import find
    except ImportError as error:
        raise InputError(f"finder: got '{error}'; allowed: a bioinstruct with bioinstruct.curate.identifiers.find") from None
    return find


def measured(scores: Scores) -> dict[str, Any]:
    """All figures as plain values; kinds without an identifier here and without a finding are left out."""
    return {"kinds": {kind: _figures(scores.kinds[kind]) for kind in _order(scores)}, "negatives": _negatives(scores)}


def _order(scores: Scores) -> list[str]:
    return [kind for kind in KINDS if kind in scores.kinds] + sorted(set(scores.kinds) - set(KINDS))


def _figures(tally: Tally) -> dict[str, Any]:
    shares = ("recall", "lenient_recall", "recall_as_any", "precision", "lenient_precision")
    figures: dict[str, Any] = {name: None if (one := getattr(tally, name)) is None else asdict(one) for name in shares}
    figures |= {verdict: tally.count(verdict) for verdict in ("right", "lenient", "confused", "false")}
    right = tally.count("right")
    return figures | {
        "confused_with": dict(sorted(tally.confused_with.items())),
        "surplus_characters": round(tally.surplus / right, 2) if right else None,
    }


def _negatives(scores: Scores) -> dict[str, Any]:
    total = sum(scores.false_in_sentences.values())
    rate = round(100 * total / scores.sentences, 1) if scores.sentences else None
    return {"sentences": scores.sentences, "false": total, "per_100": rate, "kinds": dict(sorted(scores.false_in_sentences.items()))}


def table(scores: Scores) -> str:
    """The Markdown table for the docs."""
    lines = [
        "| kind | identifiers (templates) | recall [95 %] | lenient | as any kind | found | precision [95 %] | lenient | confused with | false | surplus |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind in _order(scores):
        tally = scores.kinds[kind]
        lenient = kind in ("phone", "fax")
        recall = tally.recall
        right = tally.count("right")
        cells = [
            f"`{kind}`",
            f"{recall.n} ({recall.clusters})" if recall else "0",
            _with_interval(recall),
            _percent(tally.lenient_recall) if lenient else "",
            _percent(tally.recall_as_any),
            f"as `{FOUND_AS[kind]}`" if kind in FOUND_AS else str(len(tally.judged)),
            _with_interval(tally.precision),
            _percent(tally.lenient_precision) if lenient else "",
            ", ".join(f"{other} {n}" for other, n in tally.confused_with.most_common()),
            str(tally.count("false")),
            f"{tally.surplus / right:.1f}" if right else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    negatives = _negatives(scores)
    kinds = ", ".join(f"{kind} {n}" for kind, n in negatives["kinds"].items())
    summary = (
        f"Sentences without an identifier: {negatives['sentences']}; false spans: {negatives['false']}, {negatives['per_100']} per 100"
    )
    return "\n".join([*lines, "", summary + (f" ({kinds})" if kinds else "") + "."])


def _with_interval(of: Share | None) -> str:
    return "" if of is None else f"{of.value:.3f} [{of.low:.2f}, {of.high:.2f}]"


def _percent(of: Share | None) -> str:
    return "" if of is None else f"{of.value:.3f}"


def told(failures: list[Failure], most: int) -> Iterator[str]:
    """Up to `most` failures as lines: one of each template and kind, then a second of each, and so on."""
    turns: Counter[tuple[str, str, str]] = Counter()
    ranked = []
    for one in failures:
        key = one.what, one.kind, one.example.template.id
        ranked.append((turns[key], one))
        turns[key] += 1
    for turn, one in sorted(ranked, key=lambda pair: pair[0])[:most]:
        times = turns[one.what, one.kind, one.example.template.id]
        place = f"{one.example.template.id}, {turn + 1} of {times}"
        yield f"    {one.what} {one.kind} ({place}): {excerpt(one.example.text, one.start, one.end)}"


def excerpt(text: str, start: int, end: int) -> str:
    """`text[start:end]` in double brackets with what stands around it, on one line."""
    around = f"{text[max(0, start - CONTEXT) : start]}[[{text[start:end]}]]{text[end : end + CONTEXT]}"
    return around.replace("\n", "\\n")


def embedded_texts() -> Iterator[tuple[str, str]]:
    """(source, text) of all that the embedded world holds or writes: its tables, documents, evaluation items and teacher's records."""
    for path in sorted(world.FOLDER.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            for cell in line.split("\t"):
                yield "tables", cell
    stream = documents.stream(0)
    for _ in range(DOCUMENTS):
        yield "documents", next(stream)[1]
    for kind in documents.KINDS:  # every kind, whatever its share in the mix
        for number in range(20):
            yield "documents", documents.render(kind, random.Random(f"{kind}|{number}"))
    for task in items.MAKERS:
        for item in items.make(task, ITEMS, seed=5):
            yield "items", "\n".join((item.instruction, item.input, *item.options, *item.references))
    yield from (("teacher", text) for text in _teacher_records())


def _teacher_records() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        words = ["generate", "--out", str(out), "generate.target=300"]
        subprocess.run([sys.executable, "-m", "bioinstruct.cli", *words], check=True, capture_output=True)
        rows = (out / "generate" / "candidates.jsonl").read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, rows):
        yield "\n".join((row["instruction"], row["input"], row["output"]))


def flagged(find: Find, most: int) -> tuple[list[str], dict[str, Any]]:
    """What `find` reports in the embedded world: lines to print (a Markdown table, then up to `most` examples a kind) and the counts.

    One example of each stretch that is flagged, the rarest stretches first: a pattern's false finds are seldom its common ones.
    """
    texts: Counter[str] = Counter()
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    shown: defaultdict[str, Counter[str]] = defaultdict(Counter)
    where: dict[tuple[str, str], str] = {}
    for source, text in embedded_texts():
        texts[source] += 1
        for span in find(text):
            stretch = text[span.start : span.end]
            counts[source][span.kind] += 1
            shown[span.kind][stretch] += 1
            where.setdefault((span.kind, stretch), f"({source}) {excerpt(text, span.start, span.end)}")
    lines = ["| source | texts | spans | by kind |", "|---|---|---|---|"]
    for source, n in texts.items():
        kinds = ", ".join(f"{kind} {times}" for kind, times in counts[source].most_common())
        lines.append(f"| {source} | {n} | {counts[source].total()} | {kinds or 'none'} |")
    for kind, seen in sorted(shown.items()):
        lines += ["", f"{kind}: {seen.total()} spans, {len(seen)} different"]
        rarest = sorted(seen.items(), key=lambda pair: pair[1])[:most]
        lines += [f"    {where[kind, stretch]} ({times} of this)" for stretch, times in rarest]
    return lines, {source: {"texts": n, "spans": dict(counts[source])} for source, n in texts.items()}


def at_least(low: int) -> Any:
    def number(word: str) -> int:
        if int(word) < low:
            raise argparse.ArgumentTypeError(f"got {word}; allowed: {low} or more")
        return int(word)

    return number


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, default="develop")
    parser.add_argument("--n", type=at_least(1), default=40, help="texts of each template with slots")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--misses", type=at_least(0), default=20, help="examples printed (with --embedded: of each kind)")
    parser.add_argument(
        "--show-held-out", action="store_true", help="print examples of held-out parts too, which then are held out no longer"
    )
    parser.add_argument("--embedded", action="store_true", help="instead: what is flagged in the embedded world")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(words)
    try:
        find = finder()
    except InputError as error:
        parser.exit(2, f"{error}\n")
    if options.embedded:
        lines, figures = flagged(find, options.misses)
        print("\n".join(lines))
    else:
        scores = score(examples(options.part, options.n, options.seed), find)
        figures = {"part": options.part, "standing": PARTS[options.part], "n": options.n, "seed": options.seed, **measured(scores)}
        print(
            f"Measured on templates: {options.part} ({PARTS[options.part]}), {options.n} texts a template, seed {options.seed}\n\n{table(scores)}"
        )
        if options.part not in HELD_OUT or options.show_held_out:
            print("\n" + "\n".join(told(scores.failures, options.misses)))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
