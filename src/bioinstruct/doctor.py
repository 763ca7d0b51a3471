"""What works on this machine: interpreter, packages, accelerator, extras, the embedded base; and what a base would take here (`--base`)."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bioinstruct import __version__
from bioinstruct.core import instruction_file
from bioinstruct.core.errors import MissingExtra
from bioinstruct.core.recipe import EvaluateSection, Recipe, TuneSection
from bioinstruct.models import architecture, hub, memory_estimate
from bioinstruct.models.architecture import Architecture
from bioinstruct.models.local import ITEM_BYTES, chosen_dtype
from bioinstruct.models.memory_estimate import Tuning

EXTRAS = {
    "local": (("torch", "transformers", "peft", "accelerate", "safetensors"), "tuning, evaluation of local models"),
    "qlora": (("bitsandbytes",), "tuning on a base held in 4 bits"),
    "hub": (("huggingface_hub", "pyarrow"), "files and models of the Hugging Face hub, Parquet"),
    "scale": (("numba",), "novelty over many thousands of instructions"),
    "review": (("fastapi", "uvicorn", "jinja2", "python-multipart", "krippendorff"), "the raters' page"),
    "cluster": (("ray", "pyarrow"), "sifting on a Ray cluster"),
}

RECORD_TOKENS, TRAINED_TOKENS, PREAMBLE_TOKENS = 200, 80, 39
"""Tokens of a record with its part of the template (187 of its texts: the mean of 112 BioInstruct records under LLaMA's tokenizer), of its
output and end mark, and of the template's opening, which a row holds once."""
BIOINSTRUCT_RECORDS = 25_005
SPEED_SHARE = 0.4
"""Of the speed of matrix products that tuning is assumed to reach."""
MEASURE_SECONDS = 0.5
RUNTIME_BYTES = {"cpu": 700 * 2**20, "cuda": 2**30}
"""Taken by the interpreter and libraries on a CPU; on a GPU by its context and by what its allocator cannot use."""


def _versions(packages: tuple[str, ...]) -> tuple[list[str], list[str]]:
    found, missing = [], []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    return found, missing


def findings() -> list[str]:
    """One line a finding, in the order a newcomer needs them."""
    lines = [
        f"bioinstruct {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    ]
    for extra, (packages, use) in EXTRAS.items():
        found, missing = _versions(packages)
        if missing:
            lines.append(f"{extra} ({use}): missing {', '.join(missing)}; run: pip install 'bioinstruct[{extra}]'")
        else:
            lines.append(f"{extra} ({use}): {', '.join(found)}")
    lines.append(_accelerator())
    key = "set" if os.environ.get("OPENAI_API_KEY") else "not set (needed only for a paid teacher)"
    lines.append(f"OPENAI_API_KEY: {key}")
    free = shutil.disk_usage(".").free / 1e9
    lines.append(f"free disk here: {free:.0f} GB (the embedded run needs less than 0.1 GB)")
    if importlib.util.find_spec("torch"):
        lines.append(_tokenizer())
    return lines


def _accelerator() -> str:
    if not importlib.util.find_spec("torch"):
        return "accelerator: unknown without torch"
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name(0)
        memory = torch.cuda.get_device_properties(0).total_memory / 2**30
        return f"accelerator: {torch.cuda.device_count()} x {name}, {memory:.0f} GiB"
    return "accelerator: none; the embedded world runs on the CPU, a 7B model does not"


def _tokenizer() -> str:
    from bioinstruct.core.recipe import TuneSection
    from bioinstruct.tune.run import check

    problems = check(TuneSection())
    return "embedded base: " + ("; ".join(map(str, problems)) if problems else "found, its tokenizer survives the round trip")


def about_base(recipe: Recipe) -> list[str]:
    """What tuning and asking `tune.base` takes under a recipe, and whether this machine has it; no weights are loaded or downloaded.

    Raises:
        InputError: the base or a name in `tune.target_modules` is not usable, or the hub cannot be asked.
        MissingExtra: the extra `local` is not installed, or `hub` for a hub id.
    """
    if not importlib.util.find_spec("torch"):
        raise MissingExtra("torch", "local")
    import torch

    section = recipe.tune
    base = architecture.read(section.base)
    gpu = torch.cuda.is_available()
    how = planned(base, section, gpu)
    return [
        _sizes(base, section),
        _download(base),
        *_fitting(base, section, how, _memory(gpu), recipe.evaluate),
        _time(base, recipe, how, matrix_speed("cuda" if gpu else "cpu")),
    ]


def planned(base: Architecture, section: TuneSection, gpu: bool) -> Tuning:
    """How the recipe's section tunes this base on a GPU or on a CPU."""
    import torch

    from bioinstruct.tune import head, loss
    from bioinstruct.tune.adapter import targets
    from bioinstruct.tune.train import has_bf16

    device = torch.device("cuda" if gpu else "cpu")
    packing = loss.Packing.on(
        device, share=True, bf16=True, segmented=not gpu, row_tokens=section.row_tokens, pass_tokens=section.pass_tokens
    )
    return Tuning(
        rank=section.rank,
        targets=targets(section),
        row_tokens=packing.row_tokens,
        pass_tokens=packing.pass_tokens,
        seen_tokens=min(section.max_tokens, packing.pass_tokens),
        logits=min(head.PIECE[device.type], packing.pass_tokens * base.vocabulary),
        dropout=section.dropout > 0,
        checkpointing=section.gradient_checkpointing,
        gpu=gpu,
        bf16=gpu or has_bf16(device),
        quantized=section.quantize is not None,
    )


def matrix_speed(device: str) -> float:
    """Operations a second of bfloat16 matrix products of some size on this machine, the best of a second or so."""
    import torch

    n = 8192 if device == "cuda" else 1024
    left, right = (torch.randn(n, n, dtype=torch.bfloat16, device=device) for _ in range(2))
    best, began = float("inf"), time.perf_counter()
    while time.perf_counter() - began < MEASURE_SECONDS:
        start = time.perf_counter()
        product = left @ right
        product[0, 0].item()  # waits for a GPU
        best = min(best, time.perf_counter() - start)
    return 2.0 * n**3 / best


def _sizes(base: Architecture, section: TuneSection) -> str:
    from bioinstruct.tune.adapter import targets

    trained = base.trained(section.rank, targets(section))
    return (
        f"base {base.name}: {base.kind}, {_number(base.parameters)} parameters in {base.layers} layers; LoRA of rank {section.rank} on "
        f"{section.target_modules} trains {_number(trained)} ({100 * trained / base.parameters:.2g} %)"
    )


def _download(base: Architecture) -> str:
    if base.local:
        return f"disk: {_gib(base.stored_bytes)} of weights, already here"
    place = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    return f"disk: {_gib(base.stored_bytes)} of weights to download, unless the hub's cache has them; {_gib(free)} free there"


def _fitting(base: Architecture, section: TuneSection, how: Tuning, memory: int, evaluate: EvaluateSection) -> Iterator[str]:
    """Memory of tuning, with and without recomputed layers, and of evaluation; whether there is as much, and what to change if not."""
    kind = "GPU" if how.gpu else "machine"
    room = memory - RUNTIME_BYTES["cuda" if how.gpu else "cpu"]
    yield (
        f"tuning on the {'GPU' if how.gpu else 'CPU'} in {'bfloat16' if how.bf16 else 'float32'}, rows of {how.row_tokens} and passes of "
        f"{how.pass_tokens} tokens: {_parts(memory_estimate.tuning(base, how))}"
    )
    other = replace(how, checkpointing=not how.checkpointing)
    yield f"tuning with tune.gradient_checkpointing={str(other.checkpointing).lower()}: {_gib(_peak(base, other))}"
    dtype = chosen_dtype(evaluate.dtype, base.name, how.gpu)
    asked = answering(base, evaluate, how.gpu)
    yield f"evaluation in {dtype}: {_parts(asked)}"
    yield f"this {kind}: {_gib(memory)}, of which the interpreter and its libraries take about {_gib(memory - room)}"
    if _peak(base, how) <= room:
        yield "tuning fits"
    else:
        yield f"tuning does not fit, {_gib(_peak(base, how) - room)} too much; {_remedy(base, section, how, room)}"
    over = sum(asked.values()) - room
    if over <= 0:
        yield "evaluation fits"
    else:
        spared = sum(asked.values()) - asked["weights"]
        half = "" if dtype == "bfloat16" else ", evaluate.dtype=bfloat16 about half"
        yield f"evaluation does not fit, {_gib(over)} too much; a lower evaluate.row_tokens saves at most {_gib(spared)}{half}"


def answering(base: Architecture, section: EvaluateSection, gpu: bool) -> dict[str, int]:
    """Bytes while the base answers under the recipe's section, part by part."""
    from bioinstruct.evaluate import complete

    number = ITEM_BYTES[chosen_dtype(section.dtype, base.name, gpu)]
    kept = number if gpu else ITEM_BYTES["float32"]
    rows, affordable = section.row_tokens, complete.CACHE_BYTES // memory_estimate.cache_bytes(base, kept)
    cached = max(rows * complete.ROWS_TOKENS, min(rows * complete.MOST_ROWS_TOKENS, affordable))  # `complete.batch_tokens`
    return memory_estimate.asking(base, cached, rows, number, kept)


def _peak(base: Architecture, how: Tuning) -> int:
    return max(sum(memory_estimate.tuning(base, how).values()), memory_estimate.loading(base, how))


def _remedy(base: Architecture, section: TuneSection, how: Tuning, room: int) -> str:
    """The least change of execution fields with which tuning fits; where there is none, what is left to do."""
    step = how
    for checkpointing in sorted({how.checkpointing, True}):
        step = replace(how, checkpointing=checkpointing)
        while step.pass_tokens >= section.max_tokens:
            if _peak(base, step) <= room:
                changed = [f"tune.gradient_checkpointing={str(checkpointing).lower()}"] if checkpointing != how.checkpointing else []
                changed += [f"tune.pass_tokens={step.pass_tokens}"] if step.pass_tokens != how.pass_tokens else []
                if step.row_tokens != how.row_tokens and (how.gpu or section.row_tokens):  # else a row is a pass
                    changed += [f"tune.row_tokens={step.row_tokens}"]
                return f"{' '.join(changed)} would: {_gib(_peak(base, step))}"
            half = step.pass_tokens // 2
            step = replace(step, pass_tokens=half, row_tokens=min(step.row_tokens, half), logits=min(step.logits, half * base.vocabulary))
    least = step.pass_tokens * 2
    return f"nor would it with gradient checkpointing and passes of {least} tokens; take a smaller base, or a machine with more memory"


def _time(base: Architecture, recipe: Recipe, how: Tuning, speed: float) -> str:
    """Time of tuning from the operations that it takes and the speed just measured, with every assumption named."""
    section = recipe.tune
    found, told = _records(recipe)
    records = max(0, found - section.held_out)
    record = min(RECORD_TOKENS, section.max_tokens)
    per_row = max(1, (how.row_tokens - PREAMBLE_TOKENS) // record)
    each = record + PREAMBLE_TOKENS / (per_row if not how.dropout else 1)
    trainings = section.epochs * (1 + len(section.controls))
    tokens, trained = records * each * trainings, records * TRAINED_TOKENS * trainings
    work = memory_estimate.operations(base, tokens, trained, checkpointing=how.checkpointing)
    seconds = work / (speed * SPEED_SHARE)
    controls = f" for ours and {len(section.controls)} control" if section.controls else ""
    kept_back = f" less {section.held_out:,} held out" if section.held_out else ""
    return (
        f"time of tuning: about {_duration(seconds)}. {found:,} records ({told}){kept_back} x {section.epochs} epochs{controls}, "
        f"{each:.0f} tokens computed for each (the mean length of 112 BioInstruct records), {work:.2g} operations; matrix products ran at "
        f"{speed / 1e12:.2g} x 10^12 a second just now, and {SPEED_SHARE:.0%} of that is assumed; small bases reach less"
    )


def _records(recipe: Recipe) -> tuple[int, str]:
    """How many records are tuned on, and where the number comes from."""
    source = recipe.generate.instructions
    if source is None:
        return recipe.generate.target, "generate.target"
    if source.startswith(hub.PREFIX) or not Path(source).is_file():
        return BIOINSTRUCT_RECORDS, "of the released file, as generate.instructions is not here to be counted"
    return sum(1 for _ in instruction_file.rows(source)), "rows of generate.instructions, before curation"


def _memory(gpu: bool) -> int:
    """Bytes of memory: the first GPU's, or what this process may use of the machine's."""
    if gpu:
        import torch

        return int(torch.cuda.get_device_properties(0).total_memory)
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = Path("/sys/fs/cgroup/memory.max")  # of a container (Linux, cgroup 2)
    text = limit.read_text(encoding="utf-8").strip() if limit.is_file() else ""
    return min(whole, int(text)) if text.isdigit() else whole


def _parts(parts: dict[str, int]) -> str:
    shown = ", ".join(f"{what} {_gib(size)}" for what, size in parts.items())
    return f"{_gib(sum(parts.values()))} ({shown})"


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def _number(n: int) -> str:
    for size, name in ((10**9, "billion"), (10**6, "million")):
        if n >= size:
            return f"{n / size:.2f} {name}"
    return f"{n:,}"


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{max(seconds, 1):.0f} seconds"
