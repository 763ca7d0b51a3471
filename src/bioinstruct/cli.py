"""The commands. Each imports its stage inside its handler, so that `--help` is quick and the base install needs no torch.

Exit codes: 0 done; 1 the work failed; 2 the input is wrong; 3 stopped at a limit, running again with a higher one goes on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bioinstruct import __version__
from bioinstruct.core.errors import BioinstructError, InputError
from bioinstruct.shell import INTERRUPTED, end_as_by_hand, tell, usage
from bioinstruct.staging import show, stages
from bioinstruct.words import load, with_field

app = typer.Typer(
    name="bioinstruct",
    help="Biomedical instruction tuning, from 80 seeds to a page of evidence.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[RECIPE] [SECTION.FIELD=VALUE]...", help="A YAML recipe (without one: the embedded default) and overrides."),
]
Out = Annotated[Path | None, typer.Option("--out", help="Run folder; runs/<recipe name> when left out.")]
Told = Annotated[str, typer.Option("--progress", help="auto, plain (lines) or json (one JSON object a line, on standard error).")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only check, and say what would be asked and what it would cost.")]
OnBadRow = Annotated[
    str | None, typer.Option("--on-bad-row", help="stop (the default) at a row that cannot be read, or skip it, written down and counted.")
]
Ray = Annotated[str | None, typer.Option("--ray", help="Share the work out through Ray: 'local', 'auto' or an address.")]
Restart = Annotated[str | None, typer.Option("--restart", help="Forget this stage and all after it, and take the recipe as it is now.")]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Biomedical instruction tuning, from 80 seeds to a page of evidence."""
    if version:
        print(f"bioinstruct {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(2)


@app.command()
def run(words: Words = None, out: Out = None, restart: Restart = None, progress: Told = "auto", dry_run: DryRun = False) -> None:
    """All stages: generate, curate, tune, evaluate, report."""
    from bioinstruct.core.runfolder import STAGES

    stages(words, out, restart, STAGES, progress, dry_run)


@app.command()
def check(words: Words = None) -> None:
    """Check a recipe and everything it names, without doing or paying for anything."""
    from bioinstruct import pipeline
    from bioinstruct.core.errors import raise_problems

    resolved, _ = load(words, None)
    raise_problems(pipeline.check(resolved.recipe))
    print("nothing is wrong with this recipe")


@app.command()
def generate(words: Words = None, out: Out = None, restart: Restart = None, progress: Told = "auto", dry_run: DryRun = False) -> None:
    """Ask the teacher (or read a file) and curate, in rounds, until the target is kept."""
    stages(words, out, restart, ("generate", "curate"), progress, dry_run)


@app.command()
def curate(
    words: Words = None,
    out: Out = None,
    restart: Restart = None,
    instructions: Annotated[str | None, typer.Option("--instructions", help="Instruction file (JSON or JSONL) to curate.")] = None,
    on_bad_row: OnBadRow = None,
) -> None:
    """Curate what was generated, or an instruction file of your own."""
    words = with_field(with_field(words, "generate.instructions", instructions), "generate.on_bad_row", on_bad_row)
    stages(words, out, restart, ("generate", "curate"))


@app.command()
def sift(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="SHARD... [RECIPE] [SECTION.FIELD=VALUE]...", help="Files or folders of files (.jsonl, .json, .parquet)."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Where the results go.")] = Path("runs") / "sift",
    on_bad_row: OnBadRow = None,
    ray: Ray = None,
    progress: Told = "auto",
) -> None:
    """Rules, test items, identifiers and duplicates over instruction files of any size (no novelty, no teacher)."""
    from bioinstruct.sift import sift as work

    shards = [Path(word) for word in words or [] if _is_shard(word)]
    resolved, _ = load(with_field([word for word in words or [] if not _is_shard(word)], "generate.on_bad_row", on_bad_row), None)
    for line in work(resolved, shards, out, ray, progress):
        print(line)


@app.command()
def tune(
    words: Words = None,
    out: Out = None,
    restart: Restart = None,
    n_shown: Annotated[int, typer.Option("--show", help="Only print this many records with their trained tokens coloured.", min=0)] = 0,
) -> None:
    """Tune LoRA adapters (ours and the controls) on the kept instructions of the run."""
    if n_shown:
        show(words, out, n_shown)
    else:
        stages(words, out, restart, ("tune",))


@app.command()
def merge(
    folder: Annotated[Path, typer.Argument(help="A run folder that has tuned.")],
    to: Annotated[Path | None, typer.Option("--to", help="A new folder; RUN/tune/merged when left out.")] = None,
    control: Annotated[str | None, typer.Option("--control", help="A control's adapter instead of ours.")] = None,
    dtype: Annotated[str | None, typer.Option("--dtype", help="float32, bfloat16 or float16; as the base is stored when left out.")] = None,
) -> None:
    """Merge a run's adapter into its base, and check that the result gives the same logits."""
    from bioinstruct.core import jsonl, recipe
    from bioinstruct.core.records import Instruction
    from bioinstruct.tune.merge import merge as work

    adapter = folder / "tune" / ("adapter" if control is None else f"controls/{control}/adapter")
    if not adapter.is_dir() or not (folder / "recipe.yaml").is_file():
        raise InputError(f"{folder}: got no {adapter.relative_to(folder)} and recipe.yaml; allowed: the folder of a run that has tuned")
    section = recipe.load(folder / "recipe.yaml").recipe.tune
    instructions = list(jsonl.read(folder / "curate" / "instructions.jsonl", Instruction))
    merged = work(section, adapter, to or folder / "tune" / "merged", instructions, dtype)
    print(
        f"merged: {merged.folder} ({merged.dtype}); logits within {merged.gap:.1g} of base and adapter on {merged.prompts} prompts, "
        f"the same greedy text on {merged.same_texts}"
    )


@app.command()
def evaluate(
    words: Words = None,
    out: Out = None,
    restart: Restart = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Only grade and compare again from the stored answers; without a model.")
    ] = False,
) -> None:
    """Ask base, tuned and control models all tasks, grade and compare."""
    if regrade:
        from bioinstruct import pipeline

        print(pipeline.regrade(load(words, out)[1]))
    else:
        stages(words, out, restart, ("evaluate",))


@app.command()
def study(
    words: Words = None,
    out: Out = None,
    restart: Restart = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only list the cells: what is done, and time and memory of the rest.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="The smaller list of cells of docs/study.md, apart from the full study.")] = False,
    ray: Ray = None,
    progress: Told = "auto",
) -> None:
    """Which instructions help which task: tune and measure one mixture beside the other, and write the transfer matrix."""
    from bioinstruct.studies import Asked
    from bioinstruct.studies import study as work

    for line in work(*load(words, out), Asked(plan, quick, ray, restart, progress)):
        print(line)


@app.command()
def report(
    words: Words = None,
    out: Out = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing: recompute every number of the report from the run's evidence, and compare.")
    ] = False,
) -> None:
    """Write the page of a run, or hold a page that is written against the run's evidence."""
    if not verify:
        stages(words, out, None, ("report",))
        return
    from bioinstruct.verify import verify as work

    found = work(load(words, out)[1])
    for line in found.lines():
        print(line)
    if not found.holds:
        raise typer.Exit(1)


@app.command()
def review(
    source: Annotated[Path, typer.Argument(metavar="RUN|FILE", help="A run folder that has curated, or an instruction file.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder in which review/ is kept; the run folder when left out.")] = None,
    raters: Annotated[str | None, typer.Option("--raters", help="Names to add, with commas; three for a new review.")] = None,
    n: Annotated[int | None, typer.Option("--n", help="Records to look at, shared out over the labels; 1000 for a new review.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of the sample and the raters' orders; 0 for a new review.", min=0)] = None,
    port: Annotated[int, typer.Option("--port", help="0 = that of the last time, or any free port.", min=0, max=65535)] = 0,
    host: Annotated[str, typer.Option("--host", help="Only 127.0.0.1; others come through SSH (docs/review.md).")] = "127.0.0.1",
    new_link: Annotated[
        str | None, typer.Option("--new-link", metavar="RATER", help="Only print another link to the running server.")
    ] = None,
    summary: Annotated[bool, typer.Option("--report", help="Only tell what the answers say, and write the corrected file.")] = False,
) -> None:
    """Serve a page on which people label, accept, edit or reject a sample of the records; or tell what they said (--report)."""
    from bioinstruct.review import run as stage

    if new_link is not None:
        print(stage.new_link(source, new_link, out))
    elif summary:
        for line in stage.summarise(source, out):
            print(line)
    else:
        stage.serve(source, out, None if raters is None else raters.split(","), n, seed, port, host)


@app.command()
def init(
    kind: Annotated[
        str, typer.Argument(help="embedded, openai, local-server, bioinstruct-file, paper-7b, paper-13b, single-24gb or cpu")
    ] = "embedded",
    to: Annotated[Path, typer.Option("--to", help="Where to write it.")] = Path("recipe.yaml"),
) -> None:
    """Write a commented recipe to start from."""
    from bioinstruct.starters import write

    write(kind, to)
    print(f"wrote {to}; check it with: bioinstruct check {to}")


@app.command()
def ledger(folder: Annotated[Path, typer.Argument(help="A run folder.")]) -> None:
    """What a run has asked, what it took and cost, and what went wrong."""
    from bioinstruct.models.ledger import Ledger
    from bioinstruct.models.spending import describe

    if not (folder / "ledger.sqlite").exists():
        raise InputError(f"{folder}: got no ledger.sqlite; allowed: the folder of a run that has generated")
    with Ledger(folder / "ledger.sqlite") as book:
        for line in describe(book):
            print(line)


@app.command()
def rehearse(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 = any free port.", min=0, max=65535)] = 8808,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="How it behaves: latency=0.5, faults=0.3, key=secret ... (docs/paid.md)."),
    ] = None,
) -> None:
    """Serve the embedded teacher as an OpenAI-compatible endpoint with faults on request, to practise on before paying."""
    from bioinstruct.embedded.server import serve
    from bioinstruct.embedded.settings import script

    behaviour = script(settings or [])
    try:
        server = serve(host, port, behaviour)
    except OSError as error:
        allowed = "an address of this machine and a port that is free (0 = any)"
        raise InputError(f"rehearse: got --host {host} --port {port} ({error.strerror}); allowed: {allowed}") from None
    place = f"http://{host}:{server.server_address[1]}/v1"
    use = f"generate.teacher=embedded-teacher generate.endpoint={place}"
    print(f"serving the embedded teacher at {place}; use {use}; Ctrl-C stops", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


@app.command()
def doctor(
    words: Words = None,
    base: Annotated[str | None, typer.Option("--base", help="Say what tuning and evaluating this base takes, before it is loaded.")] = None,
) -> None:
    """What works here, and what to install for the rest; or what a base takes here (--base, or a recipe)."""
    from bioinstruct.doctor import about_base, findings

    asked = bool(words) or base is not None
    for line in about_base(load(with_field(words, "tune.base", base), None)[0].recipe) if asked else findings():
        print(line)


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="alpaca-json, sharegpt, parquet, llama-factory, axolotl, trl, lm-eval or hub")],
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder that has curated.")],
    to: Annotated[Path, typer.Option("--to", help="A new folder.")],
    repo: Annotated[str | None, typer.Option("--repo", metavar="OWNER/NAME", help="Of the hub, for --push.")] = None,
    push: Annotated[bool, typer.Option("--push", help="Upload what hub has made in --to; without it nothing leaves this machine.")] = False,
) -> None:
    """Write a run's records, training settings or hub repositories in the form of other tools."""
    from bioinstruct.report.export.run import export as work

    for line in work(kind, folder, to, repo, push):
        print(line)


def _is_shard(word: str) -> bool:
    """Whether a word names a file or folder of rows; an override never does, unless there is such a file."""
    path = Path(word)
    return path.suffix not in (".yaml", ".yml") and (path.exists() or "=" not in word)


def main() -> None:
    """Run the command line; errors of ours become one line and an exit code."""
    debug = "--debug" in sys.argv[1:2]
    end_as_by_hand()
    try:
        # The code of a typer.Exit, or of an interrupt; None for a command that came to its end.
        stopped = app(prog_name="bioinstruct", standalone_mode=False)
    except BioinstructError as error:
        if debug:
            raise
        tell(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    except Exception as error:
        if debug:
            raise
        if hasattr(error, "format_message"):  # typer's own errors about arguments
            tell(usage(error))
            sys.exit(2)
        if isinstance(error, OSError):
            tell(f"{error.filename or 'system'}: {error.strerror or error}; what was done is kept, run the same command again to go on")
            sys.exit(1)
        tell(f"{type(error).__name__}: {error} (this is a bug; run with: bioinstruct --debug ...)")
        sys.exit(1)
    if stopped == INTERRUPTED:
        tell("interrupted; run the same command again to go on")
    if stopped:
        sys.exit(stopped)


if __name__ == "__main__":
    main()
