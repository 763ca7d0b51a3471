"""The command: one form of one run, into a new folder, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from bioinstruct.core.errors import InputError, MissingExtra
from bioinstruct.core.runfolder import disk_errors
from bioinstruct.report.export.source import Source

Writer = Callable[[Source, Path], Iterator[str]]

KINDS = {
    "alpaca-json": "records:alpaca",
    "sharegpt": "records:sharegpt",
    "parquet": "records:parquet",
    "llama-factory": "trainers:llama_factory",
    "axolotl": "trainers:axolotl",
    "trl": "trainers:trl",
    "lm-eval": "evaluation:lm_eval",
    "results": "evaluation:results",
    "hub": "hub:write",
}
"""What can be written, and what of this package writes it."""


def check(kind: str) -> None:
    """Raise `InputError` for a kind that there is not."""
    if kind not in KINDS:
        raise InputError(f"export: got '{kind}'; allowed: {', '.join(KINDS)}")


def export(kind: str, run: Path, to: Path, repository: str | None = None, push: bool = False) -> list[str]:
    """Write one form of a run into the new folder `to`; gives back a line for each file to look at.

    Args:
        kind: One of `KINDS`.
        run: The run folder.
        to: A new folder. With `push` also one that was made before: then it is pushed as it lies there.
        repository: OWNER/NAME on the hub, for `push`.
        push: Whether the hub's form is uploaded; otherwise nothing leaves this machine.

    Raises:
        InputError: an unknown kind, a folder that is no run's or exists already, a base that cannot be used, or a repository that exists.
        MissingExtra: the form needs an extra that is not installed.
        DataError: a file of the run cannot be read.
    """
    check(kind)
    if kind != "hub":
        if push or repository is not None:
            raise InputError(f"export: got --push or --repo for '{kind}'; allowed: with 'hub'")
        return _write(kind, run, to)
    from bioinstruct.report.export import hub

    told = [] if push and to.is_dir() else _write(kind, run, to)
    if push:
        return [*told, *hub.push(to, repository)]
    return [*told, f"nothing was pushed: read the cards in {to}, then run this command again with --repo OWNER/NAME --push"]


def _write(kind: str, run: Path, to: Path) -> list[str]:
    source = Source.read(run)
    if to.exists():
        raise InputError(f"{to}: got a name that exists; allowed: a new one (--to)")
    partial = to.with_name(to.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with disk_errors(to.parent):
            partial.mkdir(parents=True)
            told = [line.replace(str(partial), str(to)) for line in _writer(kind)(source, partial)]
            partial.rename(to)
    except OSError as error:
        raise InputError(f"{to}: got {error.strerror or error}; allowed: a folder that can be written (--to)") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return told


def _writer(kind: str) -> Writer:
    module, _, name = KINDS[kind].partition(":")
    try:
        found: Writer = getattr(import_module(f"bioinstruct.report.export.{module}"), name)
    except ImportError as error:
        if error.name is None or error.name.startswith("bioinstruct"):
            raise
        raise MissingExtra(error.name, "local") from None
    return found
