"""Repositories of the Hugging Face hub: the data set and the adapter, each with its card, made in a folder and pushed only when asked to.

    DIR/dataset/  README.md  croissant.json  data/train-00000-of-00001.parquet
    DIR/adapter/  README.md  adapter_model.safetensors  adapter_config.json

What is pushed is what lies in the folder, so that a card can be read and completed in between. New repositories are private, and one that
exists is never written to.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import InputError, MissingExtra
from bioinstruct.core.jsonl import read_text
from bioinstruct.core.runfolder import sha256, write_atomic
from bioinstruct.report import cards, croissant
from bioinstruct.report.export.records import write_parquet
from bioinstruct.report.export.source import Source

DATA = "data/train-00000-of-00001.parquet"
PARTS = {"dataset": "dataset", "adapter": "model"}
"""Folder -> the hub's kind of repository."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def write(source: Source, to: Path) -> Iterator[str]:
    """Both folders (the adapter's where the run has tuned), made of the run and its report.

    Raises:
        InputError: the run has no report.
        MissingExtra: pyarrow is not installed.
    """
    file = source.folder / "report.json"
    if not file.is_file():
        raise InputError(f"{source.folder}: got no report.json; allowed: a run with a report (bioinstruct report)")
    data = json.loads(read_text(file))
    licences = {record.origin.licence for record in source.records}
    licence = next(iter(licences)) if len(licences) == 1 else None
    dataset = to / "dataset"
    (dataset / DATA).parent.mkdir(parents=True)
    write_parquet(source, dataset / DATA)
    described = croissant.describe(data, DATA, sha256(dataset / DATA), (dataset / DATA).stat().st_size, licence)
    write_atomic(dataset / "README.md", cards.dataset(data, DATA, licence))
    write_atomic(dataset / "croissant.json", described)
    yield f"{dataset}: {len(source.records):,} records, licence {licence or 'unknown (complete README.md)'}"
    reported = data["identifiers"].get("actions", {}).get("reported", 0)
    if reported:
        yield f"{dataset}: {reported:,} records hold what looks like an identifier; read curate/identifiers.jsonl before you push"
    adapter = source.folder / "tune" / "adapter"
    if adapter.is_dir():
        shutil.copytree(adapter, to / "adapter", ignore=shutil.ignore_patterns("README.md", ".*"))
        write_atomic(to / "adapter" / "README.md", cards.model(data))
        yield f"{to / 'adapter'}: the adapter for {source.recipe.tune.base}"


def push(folder: Path, repository: str | None) -> list[str]:
    """Make new private repositories of what `write` has made, and upload it; both have the same name on the hub.

    Raises:
        InputError: the folder or the name is not usable, a repository of this name exists, or the hub refuses.
        MissingExtra: huggingface_hub is not installed.
    """
    if repository is None or not _NAME.fullmatch(repository):
        raise InputError(f"--repo: got {repository!r}; allowed: OWNER/NAME")
    parts = {part: kind for part, kind in PARTS.items() if (folder / part / "README.md").is_file()}
    if not parts:
        raise InputError(f"{folder}: got no dataset/README.md; allowed: a folder made by bioinstruct export hub")
    try:
        from huggingface_hub import HfApi
    except ImportError:
        raise MissingExtra("huggingface_hub", "hub") from None
    api = HfApi()
    try:
        for kind in parts.values():
            if api.repo_exists(repository, repo_type=kind):
                raise InputError(f"--repo: got {repository}, a {kind} that exists; allowed: a new name (nothing is written over)")
        return [_upload(api, folder / part, repository, kind) for part, kind in parts.items()]
    except (OSError, ValueError) as error:  # the hub's own errors and the network's
        if isinstance(error, InputError):
            raise
        words = " ".join(str(error).split())[:200]
        raise InputError(
            f"--repo: got {repository} ({type(error).__name__}: {words}); allowed: a name that this account may make"
        ) from None


def _upload(api: Any, folder: Path, repository: str, kind: str) -> str:
    made = api.create_repo(repository, repo_type=kind, private=True, exist_ok=False)
    api.upload_folder(repo_id=repository, repo_type=kind, folder_path=folder, commit_message="Upload with bioinstruct export hub")
    return f"pushed {folder} to {made} (private)"
