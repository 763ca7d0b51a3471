"""Topping up to a target: generate a round, curate it against what is kept, decide whether another is needed.

    generate/rounds/000/ ──▶ curate/rounds/000/ ──▶ enough? ──▶ ... ──▶ generate/candidates.jsonl, curate/instructions.jsonl

Requests are numbered on through the rounds and curation is incremental, so the kept instructions depend on the order of the
candidates alone, not on where one round ended: a run that was interrupted or whose target was raised keeps the same ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import LimitReached, Problem, RunFolderError
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import GenerateSection, Recipe, identity
from bioinstruct.core.records import Candidate, Instruction, Origin, Rejected, StageRecord
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.curate import checking, labelling, sources
from bioinstruct.curate import run as curate
from bioinstruct.curate.contamination import Record
from bioinstruct.generate import passages
from bioinstruct.generate import run as generate
from bioinstruct.generate import seeds as seed_file
from bioinstruct.generate.requests import Requests
from bioinstruct.generate.seeds import Seed
from bioinstruct.models import batch, hub, prices, teachers
from bioinstruct.models.asking import Asker, Limits
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Pool
from bioinstruct.models.spending import price_late

FIRST_YIELD = 0.8
"""Share of the candidates that the first round is expected to keep; later rounds use what was seen."""


def likely_requests(section: GenerateSection, wanted: int, rate: float | None = None) -> int:
    """Requests that are likely to keep `wanted` instructions, and a twentieth more; `rate`: kept a request so far, None = not known."""
    each = section.tasks_per_request - section.seeds_per_request
    return math.ceil(1.05 * wanted / max(each * FIRST_YIELD if rate is None else rate, 0.5))


FILES = "generate/files.json"
"""SHA-256 of the seed and passage files that the run's requests are drawn from."""


def check_files(section: GenerateSection, folder: Path) -> None:
    """Refuse a run whose seed or passage file has changed since its first request: other requests would be asked, and paid for, anew.

    Raises:
        RunFolderError: one has.
    """
    if section.instructions is not None or not (folder / FILES).is_file():
        return
    before = json.loads((folder / FILES).read_text(encoding="utf-8"))
    changed = [name for name, digest in _files(section).items() if before.get(name, digest) != digest]
    if changed:
        got = f"a changed file ({', '.join(changed)})"
        raise RunFolderError(f"{folder}: got {got}; allowed: a new --out, --restart generate, or the file as it was")


def _files(section: GenerateSection) -> dict[str, str]:
    found = {"generate.seeds": runfolder.sha256(seed_file.path(section.seeds))}
    if section.passages is not None:
        found["generate.passages"] = runfolder.sha256(Path(section.passages))
    return found


def seed_problems(recipe: Recipe) -> list[Problem]:
    """Seeds that hold a test item, where such records are dropped: the teacher would be shown it, and write more of its kind.

    They are not left out silently, as that would change every prompt.
    """
    if recipe.generate.instructions is not None or recipe.curate.contamination != "drop":
        return []
    against = sources.load(recipe.curate, recipe.evaluate)
    allowed = "seeds without it, or curate.contamination=report"
    return [
        Problem(f"generate.seeds: {one.seed}", f"the item {one.leak.id} of {one.leak.benchmark} ({one.leak.how})", allowed)
        for one in ([] if against is None else sources.in_seeds(_texts(seed_file.load(recipe.generate.seeds)), against))
    ]


def _texts(seeds: Sequence[Seed]) -> list[tuple[str, Record]]:
    return [(seed.id, Record(seed.instruction, seed.input, seed.output)) for seed in seeds]


class Rounds:
    """The rounds of one run."""

    def __init__(self, recipe: Recipe, folder: RunFolder, progress: Progress) -> None:
        self.recipe, self.folder, self.progress = recipe, folder, progress
        self.section = recipe.generate
        self.requests = Requests(self.section, recipe.seed) if self.section.instructions is None else None
        self.asked = 0
        self.kept: list[Instruction] = []
        self.repeated: list[Instruction] = []

    def run(self) -> None:
        """Do rounds until `generate.target` instructions are kept, then join them.

        Raises:
            LimitReached: `generate.max_requests` were asked and fewer were kept; what is there is joined all the same.
        """
        if self._joined():
            self.progress.say(f"instructions: {runfolder.read_record(self.folder / 'curate').counts['kept']} kept, done before")  # type: ignore[union-attr]
            return
        made: list[Path] = []
        curated: list[Path] = []
        if self.requests is not None:
            check_files(self.section, self.folder.path)
            runfolder.write_atomic(self.folder / FILES, json.dumps(_files(self.section), indent=1) + "\n")
        with self._pool() as pool:
            while True:
                number = f"{len(made):03d}"
                made.append(self.folder / "generate" / "rounds" / number)
                curated.append(self.folder / "curate" / "rounds" / number)
                n = self._size(made[-1])
                record = generate.run(
                    self.section,
                    seed=self.recipe.seed,
                    first_request=self.asked,
                    n_requests=n,
                    folder=made[-1],
                    pool=pool,
                    progress=self.progress,
                    kept=len(self.kept),
                )
                self.asked += n
                self._curate(made[-1], curated[-1], record)
                if self.requests is None or len(self.kept) >= self.section.target or self.asked >= self.section.max_requests:
                    break
            self._join(made, curated, pool)
        if self.section.instructions is None and len(self.kept) < self.section.target:
            raise LimitReached(
                f"{self.folder.path}: {len(self.kept)} of {self.section.target} instructions kept after {self.asked} requests; "
                f"raise generate.max_requests (now {self.section.max_requests}) or lower generate.target, and run again: the run goes on"
            )

    @contextmanager
    def _pool(self) -> Iterator[Asker | None]:
        """Who asks the teacher, with the run's ledger and budget; None where nothing is asked."""
        if not self.recipe.asks_teacher:
            yield None
            return
        with Ledger(self.folder / "ledger.sqlite") as ledger:
            free = teachers.is_free(self.section)
            price = prices.FREE if free else prices.find(self.section.teacher, self.recipe.prices)
            limits = Limits(
                self.section.concurrency,
                self.section.requests_per_minute,
                self.section.tokens_per_minute,
                self.section.attempts,
                self.section.timeout,
            )
            if self.section.provider == "local" and not teachers.is_embedded(self.section):
                limits = Limits(in_flight=1, timeout=None)  # one request after the other, as long as each takes
            if price is not None and not free:
                price_late(ledger, self.section.teacher, price)
            usd, tokens = self.recipe.budget_usd, self.recipe.budget_tokens
            if self.section.batch:
                with batch.open_pool(
                    self.section, ledger, price, limits, budget_usd=usd, budget_tokens=tokens, progress=self.progress
                ) as batches:  # fmt: skip
                    yield batches
                return
            batch.withdraw(self.section, ledger, price, limits, self.progress)
            teacher = teachers.open_teacher(self.section, self.progress.say)
            with Pool(teacher, ledger, price, limits, budget_usd=usd, budget_tokens=tokens, progress=self.progress) as pool:
                yield pool

    def _size(self, folder: Path) -> int:
        """Requests of the round: those of the round that is there, else as many as are likely to reach the target."""
        if (record := runfolder.read_record(folder)) is not None:
            return record.counts["requests"]
        if self.section.instructions is not None:
            return 0
        rate = len(self.kept) / self.asked if self.asked else None
        wanted = likely_requests(self.section, self.section.target - len(self.kept), rate)
        return max(1, min(wanted, self.section.max_requests - self.asked))

    @cached_property
    def against(self) -> sources.Against | None:
        """What must not be trained on; None where it is not looked for."""
        return sources.load(self.recipe.curate, self.recipe.evaluate)

    def _curate(self, made: Path, folder: Path, record: StageRecord) -> None:
        inputs = {f"generate/rounds/{made.name}/{name}": digest for name, digest in record.outputs.items()}
        inputs["kept before"] = str(len(self.kept))
        inputs["against"] = "" if self.against is None else self.against.digest
        expected = runfolder.fingerprint("curate", self.recipe.curate.model_dump(), inputs)
        if runfolder.intact(folder, expected) is None:
            curate.run(
                self.recipe.curate,
                list(jsonl.read(made / "candidates.jsonl", Candidate)),
                seeds=[] if self.requests is None else [(seed.id, seed.instruction) for seed in self.requests.drawn_from],
                before=self.kept,
                repeated=self.repeated,
                origins=self._origin,
                folder=folder,
                inputs=inputs,
                progress=self.progress,
                against=None if self.against is None else self.against.contamination,
            )
        self.kept += jsonl.read(folder / curate.KEPT, Instruction)
        self.repeated += [one.instruction for one in jsonl.read(folder / curate.REJECTED, Rejected) if one.verdict.rule == curate.NOVELTY]

    def _tell_sources(self) -> None:
        """Write down what was compared: how many items of what, and what was found in the seeds."""
        benchmarks = {} if self.against is None else self.against.benchmarks
        tables: dict[str, Any] = {"sources.json": benchmarks}
        if self.requests is not None and self.against is not None:
            found = sources.in_seeds(_texts(self.requests.drawn_from), self.against)
            n = {"seeds": len(self.requests.drawn_from), "sources": len(self.against.contamination.sources)}
            tables["seed_contamination.json"] = {**n, "findings": [asdict(one) for one in found]}
        for name, table in tables.items():
            runfolder.write_atomic(self.folder / "curate" / name, json.dumps(table, indent=1, ensure_ascii=False) + "\n")

    def _origin(self, candidate: Candidate) -> Origin:
        if self.requests is None:
            return Origin("file", position=candidate.position)
        asked = self.requests.request(candidate.request)
        shown = tuple(seed.id for seed in asked.shown)
        return Origin("teacher", shown, candidate.request, candidate.position, self.section.teacher, passage=asked.passage)

    def _expected(self) -> dict[str, str]:
        """What the joined set depends on, as stage inputs."""
        path = hub.local(self.section.instructions) if self.section.instructions is not None else seed_file.path(self.section.seeds)
        found = {"source": runfolder.sha256(path), "seed": str(self.recipe.seed), "target": str(self.section.target)}
        if self.requests is not None and self.section.passages is not None:
            found["passages"] = runfolder.sha256(Path(self.section.passages))
        found["against"] = "" if self.against is None else self.against.digest
        return {**found, "generate": repr(sorted(identity(self.section).items()))}

    def _fingerprint(self) -> str:
        return runfolder.fingerprint("generate", {"curate": self.recipe.curate.model_dump()}, self._expected())

    def _joined(self) -> bool:
        curated = runfolder.read_record(self.folder / "curate")
        if runfolder.intact(self.folder / "generate", self._fingerprint()) is None or curated is None:
            return False
        return runfolder.whole(self.folder / "curate", curated)

    def _about(self, kept: list[Instruction], pool: Asker) -> curate.About:
        """What the teacher says about the records that are kept in the end."""
        section, seed = self.recipe.curate, self.recipe.seed
        files: dict[str, Sequence[Any]] = {}
        summaries: dict[str, Any] = {}
        if section.labeller == "teacher":
            labels = labelling.run(section, kept, pool, self.section, seed, self.progress)
            kept = labelling.labelled(kept, labels)
            files[labelling.LABELS], summaries["labels"] = labels, labelling.summary(labels, self.section, own=section.categories)
        if section.checks:
            texts = {} if self.section.passages is None else {one.id: one.text for one in passages.load(self.section.passages)}
            checks = checking.run(section, kept, texts, pool, self.section, seed, self.progress)
            files[checking.CHECKS], summaries["checks"] = checks, checking.summary(checks, self.section)
        return curate.About(kept, files, summaries)

    def _join(self, made: list[Path], curated: list[Path], pool: Asker | None) -> None:
        """One candidates.jsonl, one instructions.jsonl, and the records of both stages."""
        target = None if self.section.instructions is not None else self.section.target
        folder = self.folder / "generate"
        for name, kind in (("candidates.jsonl", Candidate), ("unparsed.jsonl", generate.Unparsed)):
            jsonl.write(folder / name, (row for path in made for row in jsonl.read(path / name, kind)))
        counts: dict[str, int] = {}
        for path in made:
            record = runfolder.read_record(path)
            assert record is not None  # written by generate.run
            for name, count in record.counts.items():
                counts[name] = counts.get(name, 0) + count
        self._tell_sources()
        ask = curate.About if pool is None else partial(self._about, pool=pool)
        curate.merge(curated, target, self.folder / "curate", ask)
        short = target is not None and len(self.kept) < target
        joined = StageRecord(
            stage="generate",
            name="generate",
            section=self.section.model_dump(),
            # A run that fell short is not done: the next one, with more requests allowed, goes on.
            fingerprint="short of target" if short else self._fingerprint(),
            inputs={f"rounds/{path.name}/candidates.jsonl": runfolder.sha256(path / "candidates.jsonl") for path in made},
            outputs={name: runfolder.sha256(folder / name) for name in ("candidates.jsonl", "unparsed.jsonl")},
            counts=counts,
        )
        runfolder.write_record(folder, joined)
