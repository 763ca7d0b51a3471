"""What most commands do: stages of a recipe over its run folder, checked before anything is written."""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.errors import InputError
from bioinstruct.words import load


def stages(
    words: list[str] | None, out: Path | None, restart: str | None, names: tuple[str, ...], told: str = "auto", dry_run: bool = False
) -> None:
    """Do stages of a recipe's run, or only say what they would ask and cost (`dry_run`).

    Raises:
        InputError: something that was given cannot be used; nothing was written.
        LimitReached: a budget or target stopped the run.
    """
    from bioinstruct import display, pipeline
    from bioinstruct.core.errors import raise_problems
    from bioinstruct.core.progress import Silent
    from bioinstruct.core.runfolder import STAGES, RunFolder
    from bioinstruct.core.workers import launched

    resolved, path = load(words, out)
    rank, size = launched()
    if size > 1 and names != ("tune",):
        raise InputError(f"arguments: got {size} processes of a launcher; allowed: with 'tune' alone; start the other stages without one")
    if rank > 0:
        pipeline.Pipeline(resolved, RunFolder(path), Silent()).join_tuning()
        return
    left = STAGES[STAGES.index(names[0]) :]
    if restart is not None and restart not in left:
        raise InputError(f"--restart: got '{restart}'; allowed: {', '.join(left)}")
    if told not in display.KINDS:
        raise InputError(f"--progress: got '{told}'; allowed: {', '.join(display.KINDS)}")
    # Before a folder is made:
    RunFolder(path).check()
    raise_problems(
        [*pipeline.check(resolved.recipe, names), *pipeline.check_folder(path, resolved.recipe, names, restarted=restart == names[0])]
    )
    if dry_run:
        from bioinstruct import estimate

        if restart is None:
            RunFolder(path).refuse_drift(resolved)
        print("nothing is wrong with this recipe")
        for line in estimate.lines(resolved.recipe, path, names):
            print(line)
        return
    with RunFolder(path) as folder:
        if restart is not None:
            folder.restart(restart, resolved)
        folder.adopt(resolved)
        progress = display.choose(told)
        try:
            pipeline.Pipeline(resolved, folder, progress).run(names, checked=True)
        finally:
            progress.close()
        for line in pipeline.closing_lines(folder, names):
            print(line)


def show(words: list[str] | None, out: Path | None, n: int) -> None:
    """Print records of a run as they are trained on, trained tokens coloured."""
    from rich.console import Console

    from bioinstruct.core import jsonl
    from bioinstruct.core.records import Instruction
    from bioinstruct.tune.show import show as shown

    resolved, path = load(words, out)
    Console().print(shown(resolved.recipe.tune, list(jsonl.read(path / "curate" / "instructions.jsonl", Instruction)), n))
