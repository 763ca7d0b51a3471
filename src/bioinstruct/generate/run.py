"""The stage: check before anything is paid for, ask a range of requests, store every reply, parse all of them in order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bioinstruct import __version__
from bioinstruct.core import instruction_file, jsonl
from bioinstruct.core.errors import DataError, InputError, MissingExtra, ModelError, Problem
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.core.recipe import GenerateSection, identity
from bioinstruct.core.records import Candidate, StageRecord
from bioinstruct.core.runfolder import disk_errors, fingerprint, intact, sha256, write_record
from bioinstruct.generate import parse, passages, seeds
from bioinstruct.generate.requests import Request, Requests, stored
from bioinstruct.models import hub, teachers
from bioinstruct.models.asking import Asker, leave_out, left_over
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.live import Live

CANDIDATES, UNPARSED = "candidates.jsonl", "unparsed.jsonl"


@dataclass(frozen=True)
class Unparsed:
    """A task, a whole reply (position None), or a row of a file, that is no candidate, and why: `parse.REASONS`, or `unreadable_row`."""

    request: int
    position: int | None
    reason: str
    excerpt: str


def check(section: GenerateSection, folder: Path | None = None) -> list[Problem]:
    """What would stop the stage, found without asking the teacher anything; `folder` is not looked at."""
    if section.instructions is not None:
        return _problem(lambda: _rows(section))
    found = _problem(lambda: seeds.load(section.seeds))
    if section.seeds_per_request >= section.tasks_per_request:
        allowed = f"fewer than generate.tasks_per_request ({section.tasks_per_request})"
        found.append(Problem("generate.seeds_per_request", str(section.seeds_per_request), allowed))
    if not found and section.seeds_per_request > (n := len(seeds.load(section.seeds))):
        found.append(Problem("generate.seeds_per_request", str(section.seeds_per_request), f"at most {n}, the number of seeds"))
    if section.passages is not None:
        found += _problem(lambda: passages.load(section.passages or ""))
        if teachers.is_embedded(section):
            found.append(Problem("generate.passages", f"'{section.passages}'", "null with the embedded teacher, which cannot read them"))
    return found + teachers.problems(section)


def _problem(read: Callable[[], object]) -> list[Problem]:
    try:
        read()
    except MissingExtra as error:
        return [Problem("generate.instructions", "a file of the hub", str(error))]
    except DataError as error:
        place = str(error).partition(": got ")[0]  # the file as it was named, line and field
        return [Problem(place, error.got, error.allowed)]
    return []


def _rows(section: GenerateSection) -> tuple[list[Candidate], list[Unparsed]]:
    """The candidates of the section's file, and its rows that cannot be read, where these are to be skipped."""
    found: list[Candidate] = []
    unreadable: list[Unparsed] = []
    for number, row in instruction_file.rows(hub.local(section.instructions or "")):
        if isinstance(row, Candidate):
            found.append(row)
        elif section.on_bad_row == "stop":
            raise row
        else:
            unreadable.append(Unparsed(0, number, "unreadable_row", str(row)))
    if not found:
        raise DataError(section.instructions or "", got="no row that can be read", allowed="at least one")
    return found, unreadable


def run(
    section: GenerateSection,
    *,
    seed: int,
    first_request: int,
    n_requests: int,
    folder: Path,
    pool: Asker | None,
    progress: Progress | None = None,
    kept: int | None = None,
) -> StageRecord:
    """Ask requests [first_request, first_request + n_requests) and write candidates.jsonl, unparsed.jsonl and record.json.

    A reply in the ledger is not asked again; the files' bytes depend on the replies alone, not on the order in which they came.
    Where `section.instructions` names a file, its rows are the candidates and nothing is asked (pool may be None).

    Args:
        section: The recipe's section.
        seed: Of the run.
        first_request: Number of the first request.
        n_requests: How many.
        folder: Where the files go.
        pool: Asks the teacher; its ledger holds the replies.
        progress: Told of every reply.
        kept: Records kept by curation before, for the progress line.

    Raises:
        InputError: The section, the seeds or the file cannot be used.
        ModelError: The teacher failed, or requests used up their tries; replies so far are in the ledger, and running again goes on.
        LimitReached: The budget is used up, or the disk is full.
    """
    started = time.monotonic()
    progress = progress or Silent()
    source = hub.local(section.instructions) if section.instructions is not None else seeds.path(section.seeds)
    jsonl.read_text(source)  # a missing file is the user's to know before it is hashed
    inputs = {section.instructions or section.seeds: sha256(source)}
    if section.instructions is None and section.passages is not None:
        inputs[section.passages] = sha256(Path(section.passages))
    expected = fingerprint("generate", identity(section), {**inputs, "requests": f"{seed}/{first_request}+{n_requests}"})
    done = intact(folder, expected)
    if done is not None:
        return done
    with disk_errors(folder):
        (folder / "record.json").unlink(missing_ok=True)
        if section.instructions is not None:
            rows, unreadable = _rows(section)
            jsonl.write(folder / CANDIDATES, rows)
            jsonl.write(folder / UNPARSED, unreadable)
            counts = Counter(requests=0, prompt_tokens=0, output_tokens=0, candidates=len(rows))
            counts.update(f"unparsed.{one.reason}" for one in unreadable)
        else:
            if pool is None:
                raise InputError("generate: got no pool; allowed: one, unless generate.instructions names a file")
            numbers = range(first_request, first_request + n_requests)
            requests = Requests(section, seed)
            _ask_all(requests, numbers, pool, progress, kept)
            counts = parse_stored(requests, numbers, pool.ledger, folder)
        record = StageRecord(
            stage="generate",
            name=folder.name,
            section=section.model_dump(),
            fingerprint=expected,
            inputs=inputs,
            outputs={name: sha256(folder / name) for name in (CANDIDATES, UNPARSED)},
            counts=dict(counts),
            versions={"bioinstruct": __version__},
            seconds=time.monotonic() - started,
        )
        write_record(folder, record)
    return record


def _ask_all(requests: Requests, numbers: range, pool: Asker, progress: Progress, kept: int | None) -> None:
    """Ask what the ledger does not hold."""
    live = Live(total=len(numbers), kept=kept, budget=pool.budget.usd)
    progress.start("generate", len(numbers), "requests")

    open_: dict[str, Request] = {}  # those that are being asked

    def missing() -> Iterator[Call]:
        for number in numbers:
            asked = requests.request(number)
            key, entry = stored(pool.ledger, asked, requests.seed)
            if entry is None:
                open_[key] = asked
                yield requests.call(asked, key)
            else:
                live.before += 1
                progress.advance(1)

    def count(call: Call, reply: Reply) -> str:
        return str(len(_parsed(open_.pop(call.key), reply, requests.section).candidates))

    asked = pool.ask(missing(), count, live)
    given_up = [key for key in asked.given_up if not leave_out(pool, requests.call(open_[key], key), asked, 2 * requests.section.attempts)]
    if given_up:
        raise ModelError(left_over("generate", asked, len(given_up)))


def _parsed(asked: Request, reply: Reply, section: GenerateSection) -> parse.Parsed:
    instructions = [one.instruction for one in asked.shown]
    return parse.parse(reply.text, len(instructions) + 1, section.tasks_per_request, reply.finish, instructions)


def parse_stored(requests: Requests, numbers: range, ledger: Ledger, folder: Path) -> Counter[str]:
    """Parse every stored reply in the order of requests; candidates and what is none go to their files as they come.

    Raises:
        InputError: a request has no reply.
    """
    counts = Counter(requests=0, prompt_tokens=0, output_tokens=0, candidates=0)
    unparsed: list[Unparsed] = []

    def candidates() -> Iterator[Candidate]:
        for number in numbers:
            asked = requests.request(number)
            _, entry = stored(ledger, asked, requests.seed)
            if entry is None:
                raise InputError(f"ledger: got no reply to request {number}; allowed: one to each")
            reply = entry.reply
            parsed = _parsed(asked, reply, requests.section)
            unparsed.extend(Unparsed(number, *trouble) for trouble in parsed.problems)
            counts.update(
                requests=1, prompt_tokens=reply.prompt_tokens, output_tokens=reply.output_tokens, candidates=len(parsed.candidates)
            )
            if not reply.tells_usage:
                counts["without_usage"] += 1  # never taken for free of charge
            yield from (Candidate(number, *task) for task in parsed.candidates)

    jsonl.write(folder / CANDIDATES, candidates())
    jsonl.write(folder / UNPARSED, unparsed)
    counts.update(f"unparsed.{one.reason}" for one in unparsed)
    return counts
