"""The stage: check before anything is paid for, ask a range of requests, store every reply, parse all of them in order."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bioinstruct import __version__
from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError, InputError, Problem
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Candidate, StageRecord
from bioinstruct.core.runfolder import disk_errors, fingerprint, intact, sha256, write_record
from bioinstruct.generate import files, parse, prompt, seeds
from bioinstruct.models import endpoint
from bioinstruct.models.base import Reply, Teacher
from bioinstruct.models.ledger import Entry, Ledger
from bioinstruct.models.pool import run_all

PURPOSE = "generate"
CANDIDATES, UNPARSED = "candidates.jsonl", "unparsed.jsonl"


@dataclass(frozen=True)
class Unparsed:
    """A task, or a whole reply (position None), that is no candidate, and why: `parse.REASONS`."""

    request: int
    position: int | None
    reason: str
    excerpt: str


@dataclass(frozen=True)
class Request:
    """One request as it is sent: a pure function of section, seeds and (run seed, number)."""

    number: int
    shown: tuple[seeds.Seed, ...]
    prompt: str
    sampling_seed: int
    settings: str
    """Teacher, temperature, cap and sampling seed as canonical JSON: with the prompt, all that the reply depends on."""


def check(section: GenerateSection, folder: Path | None = None) -> list[Problem]:
    """What would stop the stage, found without asking the teacher anything; `folder` is not looked at."""
    if section.instructions is not None:
        return _problem(lambda: files.read_instructions(Path(section.instructions or "")))
    found = _problem(lambda: seeds.load(section.seeds))
    if section.seeds_per_request >= section.tasks_per_request:
        allowed = f"fewer than generate.tasks_per_request ({section.tasks_per_request})"
        found.append(Problem("generate.seeds_per_request", str(section.seeds_per_request), allowed))
    if not found and section.seeds_per_request > (n := len(seeds.load(section.seeds))):
        found.append(Problem("generate.seeds_per_request", str(section.seeds_per_request), f"at most {n}, the number of seeds"))
    if section.teacher != "embedded":
        found.extend(endpoint.problems(section.endpoint, section.api_key_env))
    elif section.endpoint is not None:
        allowed = "null with the embedded teacher, or generate.teacher = a model name that the endpoint knows"
        found.append(Problem("generate.endpoint", "a URL", allowed))
    return found


def _problem(read: Callable[[], object]) -> list[Problem]:
    try:
        read()
    except DataError as error:
        place = str(error.path) + (f", line {error.line}" if error.line else "") + (f", field '{error.field}'" if error.field else "")
        return [Problem(place, error.got, error.allowed)]
    return []


def open_teacher(section: GenerateSection) -> Teacher:
    """The teacher that the section names; raises `InputError` where its endpoint or key cannot be used."""
    if section.teacher == "embedded":
        from bioinstruct.models.embedded import EmbeddedTeacher  # here: its tables are read only where they are asked

        return EmbeddedTeacher()
    return endpoint.EndpointTeacher(section.teacher, section.endpoint, section.api_key_env)


def request(section: GenerateSection, drawn_from: list[seeds.Seed], seed: int, number: int) -> Request:
    """Request `number` of a run with this seed."""
    shown = prompt.draw(drawn_from, number, seed, section.seeds_per_request)
    sampling_seed = prompt.derive(seed, number)
    settings = {
        "max_tokens": section.max_tokens,
        "seed": sampling_seed,
        "teacher": section.teacher,
        "temperature": section.temperature,
    }
    text = prompt.render(shown, section.tasks_per_request)
    return Request(number, tuple(shown), text, sampling_seed, json.dumps(settings, sort_keys=True))


def stored(ledger: Ledger, asked: Request, seed: int) -> tuple[str, Entry | None]:
    """The ledger's key for a request, and its entry if it was asked before.

    The key is `<seed>/<number>`. Where that one holds a reply to something else (the run was restarted with another
    teacher, temperature or seed file), the key ends in a digest of what is asked, so that neither reply is lost or mistaken.
    """
    key = f"{seed}/{asked.number}"
    entry = ledger.entry(PURPOSE, key)
    if entry is not None and (entry.prompt, entry.settings) != (asked.prompt, asked.settings):
        key = f"{key}/{_digest(asked)}"
        entry = ledger.entry(PURPOSE, key)
    return key, entry


def _digest(asked: Request) -> str:
    return hashlib.sha256(f"{asked.settings}\0{asked.prompt}".encode()).hexdigest()[:16]


def run(
    section: GenerateSection,
    *,
    seed: int,
    first_request: int,
    n_requests: int,
    folder: Path,
    ledger: Ledger | None,
    teacher: Teacher | None,
    progress: Progress | None = None,
) -> StageRecord:
    """Ask requests [first_request, first_request + n_requests) and write candidates.jsonl, unparsed.jsonl and record.json.

    A reply in the ledger is not asked again; the files' bytes depend on the replies alone, not on `section.concurrency`.
    Where `section.instructions` names a file, its rows are the candidates and nothing is asked (ledger and teacher may be None).

    Raises:
        InputError: The section, the seeds or the file cannot be used.
        ModelError: The teacher failed; the replies so far are in the ledger, and running again goes on.
        LimitReached: The disk is full.
    """
    started = time.monotonic()
    progress = progress or Silent()
    source = Path(section.instructions) if section.instructions is not None else seeds.path(section.seeds)
    jsonl.read_text(source)  # a missing file is the user's to know before it is hashed
    inputs = {section.instructions or section.seeds: sha256(source)}
    expected = _fingerprint(section, inputs, seed, first_request, n_requests)
    done = intact(folder, expected)
    if done is not None:
        return done
    with disk_errors(folder):
        (folder / "record.json").unlink(missing_ok=True)
        if section.instructions is not None:
            candidates, unparsed = files.read_instructions(source), list[Unparsed]()
            counts = {"requests": 0, "prompt_tokens": 0, "output_tokens": 0}
        else:
            if ledger is None or teacher is None:
                raise InputError("generate: got no ledger or no teacher; allowed: both, unless generate.instructions names a file")
            numbers = range(first_request, first_request + n_requests)
            candidates, unparsed, counts = _ask_all(section, seed, numbers, ledger, teacher, progress)
        jsonl.write(folder / CANDIDATES, candidates)
        jsonl.write(folder / UNPARSED, unparsed)
        reasons = Counter(f"unparsed.{one.reason}" for one in unparsed)
        record = StageRecord(
            stage="generate",
            name=folder.name,
            section=section.model_dump(),
            fingerprint=expected,
            inputs=inputs,
            outputs={name: sha256(folder / name) for name in (CANDIDATES, UNPARSED)},
            counts={**counts, "candidates": len(candidates), **dict(sorted(reasons.items()))},
            versions={"bioinstruct": __version__},
            seconds=time.monotonic() - started,
        )
        write_record(folder, record)
    return record


def _fingerprint(section: GenerateSection, inputs: dict[str, str], seed: int, first_request: int, n_requests: int) -> str:
    """What this range of requests depends on; how many instructions the run wants in the end is not part of it."""
    kept = {name: value for name, value in section.model_dump().items() if name not in {"target", "max_requests"}}
    return fingerprint("generate", kept, {**inputs, "requests": f"{seed}/{first_request}+{n_requests}"})


def _ask_all(
    section: GenerateSection, seed: int, numbers: range, ledger: Ledger, teacher: Teacher, progress: Progress
) -> tuple[list[Candidate], list[Unparsed], dict[str, int]]:
    drawn_from = seeds.load(section.seeds)
    progress.start("generate", len(numbers), "requests")

    def jobs() -> Iterator[tuple[Request, Callable[[], Reply]]]:
        for number in numbers:
            asked = request(section, drawn_from, seed, number)
            key, entry = stored(ledger, asked, seed)
            yield asked, _job(section, asked, key, entry, ledger, teacher)

    candidates: list[Candidate] = []
    unparsed: list[Unparsed] = []
    counts = Counter(requests=0, prompt_tokens=0, output_tokens=0)
    for asked, reply in run_all(jobs(), section.concurrency, lambda _, reply: progress.advance(1, reply.finish.value)):
        instructions = [one.instruction for one in asked.shown]
        parsed = parse.parse(reply.text, len(instructions) + 1, section.tasks_per_request, reply.finish, instructions)
        candidates.extend(Candidate(asked.number, *task) for task in parsed.candidates)
        unparsed.extend(Unparsed(asked.number, *trouble) for trouble in parsed.problems)
        counts.update(requests=1, prompt_tokens=reply.prompt_tokens, output_tokens=reply.output_tokens)
        if reply.prompt_tokens == 0 and reply.output_tokens == 0:
            counts["without_usage"] += 1  # the server did not say; never taken for free of charge
    return candidates, unparsed, dict(counts)


def _job(section: GenerateSection, asked: Request, key: str, entry: Entry | None, ledger: Ledger, teacher: Teacher) -> Callable[[], Reply]:
    """Ask and store in one go, so that no reply is on its way to being counted without being on disk."""

    def ask() -> Reply:
        started = time.monotonic()
        messages = [{"role": "user", "content": asked.prompt}]
        reply = teacher.ask(messages, temperature=section.temperature, max_tokens=section.max_tokens, seed=asked.sampling_seed)
        shown = tuple(seed.id for seed in asked.shown)
        ledger.store(PURPOSE, key, asked.prompt, reply, shown, time.monotonic() - started, settings=asked.settings)
        return reply

    if entry is None:
        return ask
    reply = entry.reply
    return lambda: reply
