"""The stage: ask every model every task, store what it said, grade it, compare. Law 2: resumed, not restarted.

evaluate/items/<task>.jsonl  <task>.undefined.jsonl      what is scored; what cannot be, and why
evaluate/shots/<task>.jsonl                              items for worked examples, never scored
evaluate/<model>/<task>.<setting>/                       completions.jsonl or rankings.jsonl, scores.jsonl, result.json (last)
evaluate/trivial/<task>.<answerer>.jsonl                 scores of those who know nothing
evaluate/metrics/<metric>/<task>.jsonl  <task>.json      values of model-based metrics, where the recipe asks for any
evaluate/summary.json  record.json                       the comparison; the record, last of all
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from bioinstruct import __version__
from bioinstruct.core import jsonl, runfolder, template
from bioinstruct.core.errors import MissingExtra, Problem, raise_problems
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.records import Completion, Item, Ranking, Setting, StageRecord
from bioinstruct.core.workers import Workers
from bioinstruct.evaluate import compare, compared, complete, data_files, grade, lookup, rank, served
from bioinstruct.evaluate.adapters import identify
from bioinstruct.evaluate.metrics import entries, scoring, storage
from bioinstruct.evaluate.plan import BASE, Ask, Other, Prompt, cap, place, plan, prompts
from bioinstruct.evaluate.served import Answerer
from bioinstruct.models import hub, memory
from bioinstruct.models.base import Question
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import LocalModel, chosen_dtype
from bioinstruct.models.purse import Purse
from bioinstruct.tasks import TASKS, Task, own
from bioinstruct.tasks import check as check_task

Answer = TypeVar("Answer", Completion, Ranking)
Loader = Callable[[], tuple[LocalModel, Encoder]]

IDENTITY = ("task", "setting", "base", "prompts", "max_new_tokens", "dtype")
"""Fields of a result in which another one is another measurement."""
TOKENS_PER_ITEM = 8
"""Answers are written to disk after every `row_tokens / TOKENS_PER_ITEM` items: larger budgets fill larger batches."""


def check(section: EvaluateSection, tune: TuneSection) -> list[Problem]:
    """What would stop the stage, found without a model: tasks, their files, rows and items, and the worked examples asked for."""
    problems = compared.problems(section, tune)
    for field, values in (("tasks", section.tasks), ("base_shots", section.base_shots)):
        twice = [value for value, n in Counter(values).items() if n > 1]
        problems.extend(Problem(f"evaluate.{field}", f"{value!r} more than once", "each once") for value in twice)
    if not section.base_shots:
        problems.append(Problem("evaluate.base_shots", "[]", "at least one number, for example [0]"))
    problems.extend(Problem("evaluate.base_shots", str(k), "0 or more") for k in section.base_shots if k < 0)
    if unusable := own.problems(TASKS, section.task_files, hub.local):
        return problems + unusable
    tasks = lookup.known(section)
    problems.extend(Problem("evaluate.files", f"'{name}'", tasks.unknown(name)) for name in section.files if name not in tasks)
    shots = max([section.shots, *section.base_shots])
    for name in dict.fromkeys(section.tasks):
        if name not in tasks:
            problems.append(Problem("evaluate.tasks", f"'{name}'", tasks.unknown(name)))
        else:
            problems.extend(_task_problems(tasks.get(name), section, shots))
    return problems + entries.problems(section)


def _task_problems(task: Task, section: EvaluateSection, shots: int) -> list[Problem]:
    if task.data.embedded and section.items == 0:
        return [Problem("evaluate.items", "0", f"1 or more: the items of {task.name} are made, there is no end of them")]
    if task.data.embedded and task.name in section.files:
        return [Problem(f"evaluate.files.{task.name}", f"'{section.files[task.name]}'", "nothing: the task is embedded")]
    if unreachable := data_files.problems(task.name, section):
        return unreachable
    found = check_task(task, data_files.request(task.name, section), shots)
    # The field alone does not say which of several tasks lacks its file.
    return [Problem(f"{one.place}.{task.name}", one.got, one.allowed) if one.place == "evaluate.files" else one for one in found]


@dataclass(frozen=True)
class _Stage:
    """What all settings of a task share."""

    section: EvaluateSection
    base: str
    """Whose weights are asked: the base, or a compared model's own."""
    form: template.Template
    folder: Path
    progress: Progress
    items: list[Item]
    pool: list[Item]
    dtype: str
    """Of the models, 'auto' resolved; `SERVER` where a server answers."""
    answerer: Answerer | None
    """Who completes prompts where it is no model of this process."""


def run(
    section: EvaluateSection,
    *,
    tune: TuneSection,
    adapters: dict[str, Path],
    threads: int,
    folder: Path,
    inputs: dict[str, str],
    workers: Workers,
    purse: Purse | None = None,
) -> StageRecord:
    """Ask, grade and compare; gives back the record, which is written to `folder` last.

    What is finished is not asked again, and answers on disk are kept where prompts and adapter are still the same.

    Args:
        section: Tasks and settings.
        tune: The base and the template that the adapters were tuned with.
        adapters: Model name (`tuned`, `shuffled` ...) to its adapter's folder.
        threads: CPU threads of torch, of each process.
        folder: The stage's folder.
        inputs: File to SHA-256, for the record; the tasks' own files and the adapters are added here.
        workers: Where models are asked; told of every item.
        purse: With what servers are asked; None where no compared model has one.

    Raises:
        InputError: `check` finds problems, or an adapter's folder has no weights.
        ModelError: the model cannot be loaded or run.
        LimitReached: the disk is full.
    """
    started = time.monotonic()
    raise_problems(check(section, tune))
    labels, digests = identify(adapters, folder)
    tasks = lookup.known(section)
    others = compared.models(section, tune)
    inputs = {**inputs, **digests, **lookup.inputs(section), **{f"compare/{one.name}": one.weights for one in others}}
    inputs |= scoring.identities(section)
    expected = runfolder.fingerprint("evaluate", section.model_dump(), {**inputs, "tune": f"{tune.base} {tune.template}", **labels})
    done = runfolder.intact(folder, expected)
    if done is not None:
        return done
    with runfolder.disk_errors(folder):
        (folder / "record.json").unlink(missing_ok=True)  # the stage is unfinished until the new one stands
        data = data_files.published(section)
        for name in (name for name, state in data.items() if state == data_files.CHANGED):
            workers.say(f"{name}: not the file that its source publishes (docs/tasks.md); figures may differ from others'")
        undefined = prepare(section, folder)
        asks = plan([tasks.get(name) for name in section.tasks], section, tune.template, labels, others)
        # The longest work first, so that no process is left with it alone at the end.
        longest_first = sorted(section.tasks, key=lambda name: (tasks.get(name).mode == "rank", -tasks.get(name).max_new_tokens))
        shared: dict[str, Any] = {
            "section": section, "tune": tune, "adapters": adapters, "labels": labels, "folder": folder, "threads": threads
        }  # fmt: skip
        jobs = [{**shared, "model": model, "task": name} for model in (BASE, *adapters) for name in longest_first]
        jobs += [{**shared, "model": one.name, "task": name, "other": one} for one in others if not one.endpoint for name in longest_first]

        try:
            workers.map(ask, jobs)
            if purse is not None:
                served.ask_all([one for one in others if one.endpoint], longest_first, purse, partial(ask, **shared))
        finally:
            _load.cache_clear()  # where they were asked in this process
        settings = {name: [one for ask in asks if ask.task.name == name for one in ask.settings] for name in section.tasks}
        scoring.run(section, settings, folder, threads, workers)
        compare.summarise(folder, settings, section.samples)
        record = StageRecord(
            stage="evaluate",
            name=folder.name,
            section=section.model_dump(),
            fingerprint=expected,
            inputs=inputs,
            outputs={name: runfolder.sha256(folder / name) for name in _outputs(section, folder, settings)},
            counts=_counts(folder, settings) | {"undefined": undefined},
            versions={"bioinstruct": __version__, **{name: version(name) for name in ("torch", "transformers", "peft")}, **data},
            seconds=round(time.monotonic() - started, 3),
        )
        runfolder.write_record(folder, record)
    return record


def prepare(section: EvaluateSection, folder: Path) -> int:
    """Collect and store the items of all tasks, and own tasks' definitions; gives back the number of items that cannot be scored."""
    undefined = 0
    tasks = lookup.known(section)
    lookup.store(section, folder)
    for name in section.tasks:
        collection = tasks.get(name).collect(data_files.request(name, section))
        undefined += len(collection.undefined)
        jsonl.write(grade.items_file(folder, name), collection.items)
        jsonl.write(grade.pool_file(folder, name), collection.pool)
        jsonl.write(compare.undefined_file(folder, name), [{"item": item, "reason": why} for item, why in collection.undefined.items()])
    return undefined


@lru_cache(maxsize=1)
def _load(
    base: str, form: str, adapter: Path | None, threads: int, dtype: str, compared_as: str | None = None
) -> tuple[LocalModel, Encoder]:
    """The model and its encoder: loaded when first needed (a run that only has to grade needs none), and kept for the next task."""
    try:
        import torch
    except ImportError:
        raise MissingExtra("torch", "local") from None
    torch.set_num_threads(threads)  # before the adapter is merged: sums differ with their number
    if compared_as is not None:
        return compared.load(compared_as, base, form, dtype)
    model = LocalModel.load(base, adapter, dtype=dtype)
    return model, Encoder(model.tokenizer, template.get(form))


def ask(
    section: EvaluateSection,
    *,
    tune: TuneSection,
    adapters: Mapping[str, Path],
    labels: Mapping[str, str],
    folder: Path,
    threads: int,
    model: str,
    task: str,
    progress: Progress,
    load: Loader | None = None,
    other: Other | None = None,
    answerer: Answerer | None = None,
) -> None:
    """Ask one model one task in all its settings, from the items in `folder` (`prepare`), and grade what it says.

    Args:
        section: The stage's settings.
        tune: The base, and the template of the prompts.
        adapters: Model name to its adapter's folder.
        labels: Model name to what its settings say of the adapter.
        folder: The stage's.
        threads: CPU threads of torch.
        model: `base`, a name among `adapters`, or that of `other`.
        task: Its name.
        progress: Told of every item.
        load: Gives the model and its encoder when they are first needed; None = from the base's folder, each time another is asked.
        other: The model that ours are compared with, where it is that which is asked.
        answerer: Who answers for it, where a server does.
    """
    items, pool = list(jsonl.read(grade.items_file(folder, task), Item)), list(jsonl.read(grade.pool_file(folder, task), Item))
    base, form = (tune.base, tune.template) if other is None else (other.model, other.template)
    dtype = chosen_dtype(section.dtype, base) if answerer is None else grade.SERVER
    stage = _Stage(section, base, template.get(form), folder, progress, items, pool, dtype, answerer)
    load = load or partial(_load, base, form, adapters.get(model), threads, dtype, None if other is None else other.name)
    for one in plan([lookup.stored(folder, task)], section, tune.template, labels, [] if other is None else [other]):
        if one.setting.model != model:
            continue
        asked = prompts(one.task, items, pool, one.setting.shots, stage.form)
        heads = {setting: _head(stage, one.task, setting, asked) for setting in one.settings}
        if all(_is_current(stage, one.task, setting, head) for setting, head in heads.items()):
            continue
        _answer(stage, one, asked, heads[one.setting], load)
        for setting, head in heads.items():
            grade.grade(place(folder, task, setting), head, one.task, items, pool)


def _head(stage: _Stage, task: Task, setting: Setting, asked: Sequence[Prompt]) -> grade.Result:
    """What a finished result of this setting says before anything is graded."""
    return grade.Result(
        task=task.name,
        version=task.version,
        setting=setting,
        metric=task.metric,
        n=len(asked),
        outcomes={},
        estimates={},
        counts={},
        examples=setting.shots,
        base=stage.base,
        prompts=hashlib.sha256("".join(prompt.sha for prompt in asked).encode()).hexdigest(),
        samples=stage.section.samples,
        seed=grade.SEED,
        max_new_tokens=cap(task, setting, stage.section) if setting.mode == "generate" else None,
        dtype=stage.dtype,
    )


def _is_current(stage: _Stage, task: Task, setting: Setting, head: grade.Result) -> bool:
    """Whether the setting's folder holds the result that would be made again; one made otherwise is told of and forgotten."""
    folder = place(stage.folder, task.name, setting)
    found = grade.read_result(folder)
    if found is None:
        return False
    differing = [name for name in IDENTITY if getattr(found, name) != getattr(head, name)]
    if differing:
        stage.progress.say(f"{setting.model}/{folder.name}: another {', '.join(differing)} than before, asked again")
        for name in (grade.RESULT, grade.SCORES, grade.COMPLETIONS, grade.RANKINGS):
            (folder / name).unlink(missing_ok=True)
        return False
    same = (found.version, found.n, found.samples, found.seed) == (head.version, head.n, head.samples, head.seed)
    return same and (folder / grade.SCORES).exists()


def _answer(stage: _Stage, ask: Ask, asked: Sequence[Prompt], head: grade.Result, load: Loader) -> None:
    """Bring the answers of a setting, and of the one derived from it, to disk."""
    folder = place(stage.folder, ask.task.name, ask.setting)
    grade.begin(folder, head.dtype)
    row_tokens = stage.section.row_tokens
    if ask.setting.mode == "rank":
        known: list[Question] = []  # of all prompts, made once where a model is needed at all

        def rank_some(start: int, end: int) -> list[Ranking]:
            if stage.answerer is not None:
                return stage.answerer.rank(asked[start:end], ask.setting)
            model, encoder = load()
            if not known:
                known.extend(rank.questions(encoder, asked, ask.setting))
            return rank.rank(model, known[start:end], asked[start:end], ask.setting, row_tokens)

        _extend(stage, folder / grade.RANKINGS, Ranking, ask.setting, asked, rank_some)
        return

    def complete_some(start: int, end: int) -> list[Completion]:
        assert head.max_new_tokens is not None  # the task is generated
        cap = head.max_new_tokens
        if stage.answerer is not None:
            return stage.answerer.complete(asked[start:end], ask.setting, cap)
        model, encoder = load()
        return complete.complete(model, encoder, asked[start:end], ask.setting, max_new_tokens=cap, row_tokens=row_tokens)

    completions = _extend(stage, folder / grade.COMPLETIONS, Completion, ask.setting, asked, complete_some)
    if ask.derived is not None:
        target = place(stage.folder, ask.task.name, ask.derived) / grade.COMPLETIONS
        jsonl.write(target, complete.cut(completions, ask.derived, stage.form))


def _extend(
    stage: _Stage,
    path: Path,
    kind: type[Answer],
    setting: Setting,
    asked: Sequence[Prompt],
    answer: Callable[[int, int], list[Answer]],
) -> list[Answer]:
    """All answers of a setting: those on disk, and the missing ones, asked in portions that are each written at once.

    Only whole portions of what is on disk are kept, so that batches, and with them the bytes, are those of a run in one go.
    """
    portion = max(1, stage.section.row_tokens // TOKENS_PER_ITEM)
    stored = jsonl.resume(path, kind)
    fits = 0
    for one, prompt in zip(stored, asked, strict=False):
        if (one.item, one.setting, one.prompt_sha) != (prompt.item.id, setting, prompt.sha):
            break
        fits += 1
    kept = stored[: fits if fits == len(asked) else fits // portion * portion]
    if len(kept) != len(stored):
        jsonl.write(path, kept)
    stage.progress.start(f"{setting.model} {path.parent.name}", len(asked), "items")
    stage.progress.advance(len(kept))
    while len(kept) < len(asked):
        end = min(len(asked), len(kept) + portion)
        more = answer(len(kept), end)
        jsonl.append(path, more)
        memory.release()
        kept.extend(more)
        stage.progress.advance(len(more))
    return kept


def _outputs(section: EvaluateSection, folder: Path, settings: Mapping[str, Sequence[Setting]]) -> list[str]:
    """The stage's files, relative to its folder."""
    found = [compare.SUMMARY]
    for task, asked in settings.items():
        paths = [grade.items_file(folder, task), compare.undefined_file(folder, task), grade.pool_file(folder, task)]
        paths.extend(path for path in [lookup.definition(folder, task)] if path.exists())
        paths.extend(compare.trivial_file(folder, task, trivial.name) for trivial in lookup.stored(folder, task).trivial)
        for setting in asked:
            answers = grade.RANKINGS if setting.mode == "rank" else grade.COMPLETIONS
            paths.extend(place(folder, task, setting) / name for name in (answers, grade.SCORES, grade.RESULT))
        found.extend(path.relative_to(folder).as_posix() for path in paths)
    metrics = [one.name for one in entries.read(section)]
    return found + [path.relative_to(folder).as_posix() for path in storage.outputs(folder, metrics, entries.tasks(section))]


def _counts(folder: Path, settings: Mapping[str, Sequence[Setting]]) -> dict[str, int]:
    """Items asked over all settings and what became of them: items = graded + unparsed + truncated + failed."""
    counts: Counter[str] = Counter()
    for task, asked in settings.items():
        for setting in asked:
            result = grade.read_result(place(folder, task, setting))
            assert result is not None  # the summary has read it
            counts.update({"settings": 1, "items": result.n, **result.outcomes})
    return dict(counts)
