"""`bioinstruct review`: serve the raters' page, make another link to it, or tell what the answers say. See docs/review.md."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.categories import names
from bioinstruct.core.errors import InputError, MissingExtra
from bioinstruct.core.records import Instruction
from bioinstruct.core.runfolder import write_atomic
from bioinstruct.review import folder, results, sample, tables, wording
from bioinstruct.review.folder import Place, Review

RATERS = ("rater1", "rater2", "rater3")
"""Who rates where nobody is named: three, as in the paper."""
REPORT, TABLE, CORRECTED = "report.json", "answers.csv", "corrected.jsonl"
Say = Callable[[str], None]


def serve(
    source: Path,
    out: Path | None = None,
    raters: Sequence[str] | None = None,
    n: int | None = None,
    seed: int | None = None,
    port: int = 0,
    host: str = "127.0.0.1",
    say: Say | None = None,
) -> None:
    """Serve the page until Ctrl-C or SIGTERM; every answer is on disk when the page says that it is saved.

    Args:
        source: A run folder that has curated, or an instruction file.
        out: Folder in which `review/` is kept; the run folder when left out.
        raters: Names to add; who was there stays. Three for a new review when left out.
        n: Records to look at; 1,000, or what the review was begun with.
        seed: Of the sample and the raters' orders; 0, or what the review was begun with.
        port: 0 = that of the last time, else any.
        host: Only 127.0.0.1 is allowed.
        say: Takes each line for the terminal, where they go when left out; the first lines hold a one-time link for each rater.

    Raises:
        InputError: Something given cannot be used, the records have changed, or another server holds the review.
        MissingExtra: The extra `review` is not installed.
    """
    _need("fastapi", "uvicorn", "jinja2", "python_multipart", "krippendorff")
    from bioinstruct.review import pages, server

    if host != server.LOOPBACK:
        allowed = f"{server.LOOPBACK}; raters on other machines come through SSH (docs/review.md)"
        raise InputError(f"review: got --host {host}; allowed: {allowed}")
    tell = say or _print
    where = folder.place(source, out)
    names = None if raters is None else folder.rater_names(raters)
    with folder.opened(where, n, seed) as review, folder.held(where.folder) as lock:
        review.store.add_raters(folder.added(review.store.raters(), names, RATERS))
        with server.listen(port, folder.port_of_last(lock)) as listening:
            chosen = int(listening.getsockname()[1])
            folder.tell_port(lock, chosen)
            for line in _opening_lines(where, review, chosen):
                tell(line)
            with suppress(KeyboardInterrupt):  # uvicorn ends in good order, and then passes the signal on
                server.server(pages.create(review)).run(sockets=[listening])
        tell("stopped; every answer is saved. The same command goes on, with --report it tells what the answers say")


def new_link(source: Path, rater: str, out: Path | None = None) -> str:
    """Another one-time link to the server that runs; when it is opened, the rater's earlier link and browser are signed out.

    Raises:
        InputError: No server runs on this review, or it has no such rater.
    """
    where = folder.place(source, out)
    with folder.existing(where) as review:
        known = review.store.raters()
        if rater not in known:
            raise InputError(f"--new-link: got '{rater}'; allowed: {', '.join(known)}")
        return _link(review, rater, folder.port_of_running(where.folder))


def summarise(source: Path, out: Path | None = None) -> list[str]:
    """Write `report.json`, `answers.csv` and `corrected.jsonl` into the review's folder; gives back lines for the terminal.

    It may be asked for at any time, also while the page is served: it then tells what was saved so far.

    Raises:
        InputError: There is no review, or its records have changed.
        MissingExtra: The extra `review` is not installed.
    """
    _need("krippendorff")
    where = folder.place(source, out)
    with folder.existing(where) as review:
        records = results.judged(review.sample, review.store.answers())
        found = results.figures(records, review.store.raters(), review.drawing.seed, names(review.own))
        report = {"sample": _drawn(review), **found}
        corrected = _corrected(review.pool.records, records)
        write_atomic(where.folder / REPORT, json.dumps(report, indent=1, ensure_ascii=False) + "\n")
        write_atomic(where.folder / TABLE, tables.table(records))
        jsonl.write(where.folder / CORRECTED, corrected)
    return [*wording.lines(report), f"wrote {REPORT}, {TABLE} and {CORRECTED} ({len(corrected):,} records) in {where.folder}"]


def _drawn(review: Review) -> dict[str, Any]:
    return {
        "records": len(review.pool.records),
        "drawn": len(review.sample),
        "seed": review.drawing.seed,
        "sha256": review.drawing.sha256,
        "labelled_by": review.drawing.labelled_by.value,
        "strata": sample.strata({**review.pool.distinct, **review.sample}, list(review.sample), names(review.own)),
    }


def _corrected(rows: Sequence[Instruction], records: Sequence[results.Judged]) -> list[Instruction]:
    """All rows of the file, those of the sample as the raters want them; a record that stands there twice is corrected twice."""
    fates = {one.record.id: one.corrected for one in records}
    return [kept for row in rows if (kept := fates.get(row.id, row)) is not None]


def _opening_lines(where: Place, review: Review, port: int) -> list[str]:
    n = len(review.sample)
    lines = [f"{n:,} of {len(review.pool.records):,} records of {where.instructions}; answers are kept in {where.folder}"]
    for rater in review.store.raters():
        lines.append(f"{rater} ({len(review.store.completed(rater)):,} of {n:,} answered): {_link(review, rater, port)}")
    lines.append("each link works once; a new one: the same command with --new-link RATER")
    lines.append(f"raters on other machines: ssh -N -L {port}:127.0.0.1:{port} THIS_MACHINE, then the link; Ctrl-C stops")
    return lines


def _link(review: Review, rater: str, port: int) -> str:
    return f"http://127.0.0.1:{port}/enter?token={review.store.new_token(rater)}"


def _print(line: str) -> None:
    print(line, flush=True)  # the links must be seen where the output goes into a file, too


def _need(*packages: str) -> None:
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package.replace("_", "-"), "review")
