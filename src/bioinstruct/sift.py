"""The command `sift`: shards and a recipe in, what is kept of them out (`curate/sift.py`), here or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bioinstruct import display
from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import Resolved
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.core.workers import Workers
from bioinstruct.curate import sift as stage


def sift(resolved: Resolved, shards: Sequence[Path], out: Path, ray: str | None, told: str) -> Iterator[str]:
    """Sift `shards` into the run folder `out`; gives back lines that say what became of the rows.

    Args:
        resolved: The recipe: `curate`, `evaluate` (whose tasks must not be trained on), `workers` and `generate.on_bad_row` are used.
        shards: Files and folders.
        out: A new run folder, or the one of an interrupted sift of the same shards.
        ray: None = processes of this machine; else as `curate.cluster.Cluster` has it.
        told: How progress is shown, one of `display.KINDS`.

    Raises:
        InputError: something that was given cannot be used.
    """
    if told not in display.KINDS:
        raise InputError(f"--progress: got '{told}'; allowed: {', '.join(display.KINDS)}")
    recipe = resolved.recipe
    found = stage.find_shards(shards)
    stage.check(recipe.curate, recipe.evaluate)
    with RunFolder(out) as folder, ExitStack() as stack:
        folder.adopt(resolved)
        progress = display.choose(told)
        stack.callback(progress.close)
        mapper: stage.Mapper
        if ray is None:
            mapper = stack.enter_context(Workers(min(recipe.workers, len(found)), progress))
        else:
            from bioinstruct.curate.cluster import Cluster

            mapper = stack.enter_context(Cluster(ray, recipe.workers, progress))
        record = stage.run(
            recipe.curate,
            recipe.evaluate,
            found,
            skip=recipe.generate.on_bad_row == "skip",
            folder=folder / "sift",
            mapper=mapper,
            progress=progress,
        )
    counts = record.counts
    dropped = {name.removeprefix("dropped."): n for name, n in counts.items() if name.startswith("dropped.") and n}
    yield f"{counts['rows']:,} rows: {counts['kept']:,} kept, {sum(dropped.values()):,} dropped, {counts['bad_rows']:,} that cannot be read"
    for rule, n in dropped.items():
        yield f"  {rule}: {n:,}"
    yield f"kept rows: {out / 'sift'}/*/kept.*"
