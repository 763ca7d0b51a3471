"""The run folder: names, lock, stage records written last, fingerprints, and the check for a drifted recipe."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bioinstruct.core import jsonl, recipe
from bioinstruct.core.errors import InputError, LimitReached, RunFolderError
from bioinstruct.core.records import StageRecord

STAGES = ("generate", "curate", "tune", "evaluate", "report")
"""What the command `run` does, in order."""
SECTIONS = ("generate", "curate", "tune", "evaluate", "study", "report")
"""All stages that have a section in a recipe and a folder in a run, in the order in which they build on one another."""
_STAGE = {"judge": "evaluate"}
"""Section without a stage of its own -> the stage that it is part of."""


def write_atomic(path: Path, data: str | bytes) -> None:
    """Write a whole file or nothing: temporary file in the same folder, flush to disk, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".partial")
    with temporary.open("wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes; of a folder: of its files' names and digests, in order."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return hashlib.sha256("".join(f"{file.relative_to(path)} {sha256(file)}\n" for file in files).encode()).hexdigest()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def fingerprint(stage: str, section: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """What a stage's result depends on: its identity and extendable fields, and the digests of its inputs."""
    kinds = recipe.kinds()
    kept = {name: value for name, value in section.items() if kinds.get(f"{stage}.{name}", "identity") != "execution"}
    text = json.dumps([stage, kept, dict(sorted(inputs.items()))], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Drift:
    """A field whose value differs from the one the run folder was made with."""

    field: str
    old: Any
    new: Any


class RunFolder:
    """One run on disk. Use as a context manager: it holds the lock as long as it is open."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock: IO[str] | None = None

    def __enter__(self) -> RunFolder:
        self.check()  # before anything is written, the lock included
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / ".lock").open("w")
        except OSError as error:
            raise RunFolderError(f"{self.path}: got {error.strerror}; allowed: a folder that can be written") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise RunFolderError(
                f"{self.path}: got a run that another process is working on; allowed: wait for it, or another --out"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def adopt(self, resolved: recipe.Resolved) -> None:
        """Store the resolved recipe, or check it against the stored one.

        Raises:
            RunFolderError: an identity field changed; shows each and the three ways on.
        """
        self.refuse_drift(resolved)
        with disk_errors(self.path):
            write_atomic(self.path / "recipe.yaml", recipe.dump(resolved))

    def refuse_drift(self, resolved: recipe.Resolved) -> None:
        """Check the recipe against the stored one, where there is one; raises as `adopt` does and writes nothing."""
        self._refuse_drift(resolved, len(SECTIONS))

    def _refuse_drift(self, resolved: recipe.Resolved, before: int) -> None:
        """Raise `RunFolderError` where an identity field of a stage before number `before`, or of the whole run, has changed.

        A study can be added to any run: until it has begun there is nothing that its settings could be changed under.
        """
        if not (self.path / "recipe.yaml").exists():
            return
        kinds, drifts = recipe.kinds(), dict[str, int]()
        for drift in self.drift(resolved):
            section, separator, _ = drift.field.partition(".")
            number = SECTIONS.index(_STAGE.get(section, section)) if separator else 0  # a field of the whole run is the first stage's
            if kinds[drift.field] == "identity" and number < before and (section != "study" or (self.path / section).exists()):
                drifts[f"{drift.field} was {drift.old!r}, now {drift.new!r}"] = number
        if drifts:
            shown, stage = "; ".join(drifts), SECTIONS[min(drifts.values())]
            raise RunFolderError(f"{self.path}: got a changed recipe ({shown}); allowed: a new --out, --restart {stage}, or the old value")

    def check(self) -> None:
        """Write nothing, and say whether this can be a run's folder.

        Raises:
            RunFolderError: it is a file, a folder of somebody else, or a name that the system refuses.
            DataError: its recipe.yaml cannot be read.
        """
        try:
            foreign = self._foreign()
        except OSError as error:
            foreign = error.strerror
        if foreign is not None:
            raise RunFolderError(f"{self.path}: got {foreign}; allowed: the folder of a run, an empty or a new one")

    def _foreign(self) -> str | None:
        """What makes the path none of ours; None where there is nothing, an empty folder, or a run's."""
        if not self.path.is_dir():
            return "a file" if self.path.exists() else None
        stored = self.path / "recipe.yaml"
        if not stored.exists():
            others = sorted(entry.name for entry in self.path.iterdir() if entry.name not in {".lock", "recipe.yaml.partial"})
            return f"a folder with {others[0]!r} and no recipe.yaml" if others else None
        if not jsonl.read_text(stored).startswith(recipe.HEADER):
            return "a folder with a recipe.yaml that no run has written"
        return None

    def drift(self, resolved: recipe.Resolved) -> list[Drift]:
        """Fields that differ from the stored recipe."""
        old = dict(recipe.flatten(recipe.load(self.path / "recipe.yaml").recipe.model_dump()))
        new = dict(recipe.flatten(resolved.recipe.model_dump()))
        return [Drift(name, old[name], value) for name, value in new.items() if old[name] != value]

    def restart(self, stage: str, resolved: recipe.Resolved) -> None:
        """Forget `stage` and all after it, and take the new recipe. The ledger is kept: what was paid for is never lost.

        Raises:
            InputError: there is no such stage.
            RunFolderError: an identity field of an earlier stage, which is kept, has changed; nothing was forgotten.
        """
        if stage not in SECTIONS:
            raise InputError(f"--restart: got '{stage}'; allowed: {', '.join(SECTIONS)}")
        self._refuse_drift(resolved, SECTIONS.index(stage))
        for name in SECTIONS[SECTIONS.index(stage) :]:
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in ("report.html", "report.json", "DATASET_CARD.md", "MODEL_CARD.md"):
            (self.path / name).unlink(missing_ok=True)
        write_atomic(self.path / "recipe.yaml", recipe.dump(resolved))

    def digests(self, files: Sequence[str]) -> dict[str, str]:
        """SHA-256 of files (or folders) named relative to the run folder."""
        return {name: sha256(self.path / name) for name in files}


def read_record(folder: Path) -> StageRecord | None:
    """The stage record in `folder`; None where the stage is unfinished."""
    path = folder / "record.json"
    if not path.exists():
        return None
    return jsonl.parse(jsonl.read_text(path), StageRecord, path, 1)


def finished(folder: Path, expected: str) -> StageRecord | None:
    """The stage record if it is there and its fingerprint is the expected one."""
    record = read_record(folder)
    return record if record is not None and record.fingerprint == expected else None


def intact(folder: Path, expected: str) -> StageRecord | None:
    """The record of a finished stage whose outputs still lie there as they were written: nothing is left to do."""
    record = finished(folder, expected)
    return record if record is not None and whole(folder, record) else None


def whole(folder: Path, record: StageRecord) -> bool:
    """Whether all outputs of a record lie in `folder` as they were written."""
    return all((folder / name).exists() and sha256(folder / name) == digest for name, digest in record.outputs.items())


def write_record(folder: Path, record: StageRecord) -> None:
    """Write `record.json`, the last act of a stage."""
    write_atomic(folder / "record.json", json.dumps(json.loads(jsonl.dump(record)), indent=1, ensure_ascii=False) + "\n")


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn a full disk into a sentence: what is written stays, and running again goes on."""
    try:
        yield
    except OSError as error:
        if error.errno in (28, 122):  # ENOSPC, EDQUOT
            raise LimitReached(f"{folder}: no space left on the disk; free some and run again, the run goes on") from error
        raise
