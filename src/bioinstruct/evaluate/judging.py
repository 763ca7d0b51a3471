"""The step after the generated tasks are answered: a judge marks every text of a run, through the run's ledger and budget.

    evaluate/*/<task>.<setting>/completions.jsonl ──▶ judge/judgements.jsonl ──▶ judge/preferences.jsonl ──▶ judge/summary.json

Nothing below `evaluate/` changes by it. Raw replies are in the ledger before anything counts them; a run that was stopped asks for what is
missing. Equal texts for one item are marked once, whoever wrote them. `record.json` is written last, and `read` gives figures only where it
stands and the texts are still those that were judged. Judged are the base in every form, the tuned model, the controls and the trivial
answerers, on all tasks of the family `generation`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioinstruct import __version__
from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import DataError, Problem
from bioinstruct.core.recipe import EvaluateSection, JudgeSection, TuneSection
from bioinstruct.core.records import Completion, Finish, Item, Setting, StageRecord
from bioinstruct.evaluate import compare, data_files, grade, human_scores, judge, judged, lookup, pairwise, trivial
from bioinstruct.evaluate.judge import Judgement, Text, Work
from bioinstruct.evaluate.judged import Marked
from bioinstruct.evaluate.pairwise import Pair, Preference
from bioinstruct.evaluate.plan import TUNED, place
from bioinstruct.models import dialect, endpoint, prices, questions, teachers
from bioinstruct.models.asking import Limits
from bioinstruct.models.pool import Pool
from bioinstruct.models.purse import Purse
from bioinstruct.models.teachers import is_embedded
from bioinstruct.tasks import TASKS, Task

FOLDER = "judge"
"""Of a run."""
JUDGEMENTS, PREFERENCES, SUMMARY = "judgements.jsonl", "preferences.jsonl", "summary.json"
PEOPLE = "human_scores.jsonl"
"""A copy of `judge.human_scores`, so that the run folder holds all that its figures are made of."""
TOKENS_OF_INPUT = 200.0
"""Of an instruction and its input, for want of items: MTS-Dialog's dialogues have 100 words in the mean."""


def check(
    section: JudgeSection, evaluate: EvaluateSection, known: Mapping[str, Sequence[float]], budget_usd: float | None
) -> list[Problem]:
    """What would stop the judging, found without asking anything; nothing where there is no judge. `known` are the recipe's prices."""
    if section.model is None:
        return []
    found: list[Problem] = []
    if is_embedded(judge.teacher(section)):
        found.append(
            Problem("judge.model", f"'{section.model}', which is a program and no judge", "a model's name, as its endpoint knows it")
        )
    else:
        found += endpoint.problems(section.endpoint, section.api_key_env, FOLDER)
        found += dialect.problems(section.model, section.accepts, section.temperature, FOLDER)
        found += prices.problems(section.model, known, budget_usd)
    if not generated(evaluate):
        tasks = ", ".join(name for name in TASKS if TASKS.get(name).family == compare.GENERATION)
        found.append(Problem("judge.model", f"'{section.model}' and no task that it could judge", f"evaluate.tasks with one of {tasks}"))
    if section.human_scores is not None:
        found += _human_problems(Path(section.human_scores))
    return found


def _human_problems(path: Path) -> list[Problem]:
    try:
        import krippendorff  # noqa: F401  # what the comparison needs, before anything is paid for
    except ImportError:
        return [Problem("judge.human_scores", "no package 'krippendorff'", "pip install 'bioinstruct[review]', or null")]
    try:
        human_scores.load(path)
    except DataError as error:
        where = f"judge.human_scores: {error.path}" + (f", line {error.line}" if error.line is not None else "")
        return [Problem(where + (f", field '{error.field}'" if error.field else ""), error.got, error.allowed)]
    return []


def generated(evaluate: EvaluateSection) -> list[Task]:
    """The tasks of the recipe whose texts a judge marks."""
    known = lookup.known(evaluate)
    tasks = [known.get(name) for name in evaluate.tasks if name in known]
    return [task for task in tasks if task.family == compare.GENERATION and task.mode == "generate"]


def forget(folder: Path) -> None:
    """Have a former judge's figures in a run's folder stand for nothing; its files stay, and its replies in the ledger."""
    (folder / FOLDER / "record.json").unlink(missing_ok=True)


def run(section: JudgeSection, purse: Purse, seed: int, *, folder: Path) -> StageRecord:
    """Judge what the run has generated; gives back the record.

    Args:
        section: Of the recipe; with a judge.
        purse: With what it is asked; its progress is told of every reply.
        seed: Of the run.
        folder: The run's, whose evaluation is finished and which this process has locked.

    Raises:
        ModelError: The judge failed, or requests used up their tries; running again goes on.
        LimitReached: The budget is used up, or the disk is full; likewise.
    """
    own, evaluated = folder / FOLDER, folder / "evaluate"
    started = time.monotonic()
    inputs = _inputs(evaluated)
    if section.human_scores is not None:
        inputs["human_scores"] = runfolder.sha256(Path(section.human_scores))
    versions = {
        "prompts": f"{judge.PROMPT_VERSION} {pairwise.PROMPT_VERSION}",
        "seed": str(seed),
        "samples": str(_samples(evaluated)),
    }
    expected = runfolder.fingerprint(FOLDER, section.model_dump(), inputs | versions)
    if (done := runfolder.intact(own, expected)) is not None:
        return done
    with runfolder.disk_errors(folder):
        forget(folder)
        works = collect(evaluated)
        with _asking(section, purse) as pool:
            judgements = judge.mark(section, works, pool, seed, purse.progress)
            marked = judged.gather(works, judgements)
            preferences = pairwise.prefer(section, _pairs(works, marked), pool, seed, purse.progress) if section.pairwise else []
        jsonl.write(own / JUDGEMENTS, judgements)
        jsonl.write(own / PREFERENCES, preferences)
        (own / PEOPLE).unlink(missing_ok=True)
        if section.human_scores is not None:
            jsonl.write(own / PEOPLE, human_scores.load(section.human_scores))
        summary = _summary(section, evaluated, marked, judgements, preferences)
        grade.write_json(own / SUMMARY, summary)
        record = StageRecord(
            stage=FOLDER,
            name=FOLDER,
            section=section.model_dump(),
            fingerprint=expected,
            inputs=inputs,
            outputs={name: runfolder.sha256(own / name) for name in (JUDGEMENTS, PREFERENCES, PEOPLE, SUMMARY) if (own / name).exists()},
            counts={"judgements": len(judgements), **summary["outcomes"], "preferences": len(preferences)},
            versions={"bioinstruct": __version__},
            seconds=round(time.monotonic() - started, 3),
        )
        runfolder.write_record(own, record)
    return record


def again(section: JudgeSection, folder: Path) -> None:
    """Write the summary of a judging that is done once more, from the replies beside its marks and choices; nothing is asked.

    Raises:
        DataError: a file is missing, or its marks are of other texts than the evaluation's.
    """
    own = folder / FOLDER
    judgements = [judge.reread(one) for one in jsonl.read(own / JUDGEMENTS, Judgement)]
    preferences = [pairwise.reread(one) for one in jsonl.read(own / PREFERENCES, Preference)]
    works = collect(folder / "evaluate")
    marks = {(one.item, one.setting, one.text) for one in judgements}
    if any((text.item.id, text.setting, text.digest) not in marks for work in works for texts in work.texts for text in texts):
        raise DataError(own / JUDGEMENTS, got="no mark of a text of the evaluation", allowed="one of each")
    marked = judged.gather(works, judgements)
    grade.write_json(own / SUMMARY, _summary(section, folder / "evaluate", marked, judgements, preferences))
    record = runfolder.read_record(own)
    if record is not None:
        outputs = {name: runfolder.sha256(own / name) for name in record.outputs}
        runfolder.write_record(own, replace(record, outputs=outputs, inputs={**record.inputs, **_inputs(folder / "evaluate")}))


def read(folder: Path) -> dict[str, Any] | None:
    """The summary in a run's folder; None where no judge was configured, or its work is unfinished or of texts that are no more."""
    record = runfolder.read_record(folder / FOLDER)
    if record is None or not runfolder.whole(folder / FOLDER, record) or runfolder.read_record(folder / "evaluate") is None:
        return None
    now = _inputs(folder / "evaluate")
    if now != {name: sha for name, sha in record.inputs.items() if name != "human_scores"}:
        return None
    found: dict[str, Any] = json.loads(jsonl.read_text(folder / FOLDER / SUMMARY))
    return found


def _samples(evaluated: Path) -> int:
    """Bootstrap samples: as many as the evaluation's."""
    return int(json.loads(jsonl.read_text(evaluated / compare.SUMMARY))["samples"])


def _settings(evaluated: Path) -> dict[str, list[Setting]]:
    """Task to the settings that were asked, of the tasks that a judge marks."""
    tasks = json.loads(jsonl.read_text(evaluated / compare.SUMMARY))["tasks"]
    return {
        name: [Setting(**shown["setting"]) for shown in task["settings"]]
        for name, task in tasks.items()
        if task["family"] == compare.GENERATION and task["mode"] == "generate"
    }


def _inputs(evaluated: Path) -> dict[str, str]:
    """The files that texts and items come from, relative to the run's folder, to SHA-256."""
    paths: list[Path] = []
    for name, settings in _settings(evaluated).items():
        paths += [grade.items_file(evaluated, name), grade.pool_file(evaluated, name)]
        paths += [place(evaluated, name, setting) / grade.COMPLETIONS for setting in settings]
    return {path.relative_to(evaluated.parent).as_posix(): runfolder.sha256(path) for path in paths}


def collect(evaluated: Path) -> list[Work]:
    """Every text that an evaluation has generated, and the trivial answerers', by task.

    Raises:
        DataError: A file is missing, or does not hold one text for each item, in order.
    """
    works = []
    for name, settings in _settings(evaluated).items():
        task = lookup.stored(evaluated, name)
        items, pool = (list(jsonl.read(path(evaluated, name), Item)) for path in (grade.items_file, grade.pool_file))
        if not items:
            continue
        texts = [_texts(place(evaluated, name, setting) / grade.COMPLETIONS, setting, items) for setting in settings]
        for one in task.trivial:
            said = zip(items, one.answer(items, pool), strict=True)
            texts.append(tuple(Text(item, trivial.setting(one.name), text, Finish.STOP) for item, text in said))
        works.append(Work(task, tuple(items), tuple(texts)))
    return works


def _texts(path: Path, setting: Setting, items: Sequence[Item]) -> tuple[Text, ...]:
    completions = list(jsonl.read(path, Completion))
    if [one.item for one in completions] != [item.id for item in items]:
        raise DataError(path, field="item", got="other items", allowed=f"the {len(items)} of the task, in their order")
    return tuple(Text(item, setting, one.text, one.finish) for item, one in zip(items, completions, strict=True))


def _pairs(works: Sequence[Work], marked: Sequence[Marked]) -> list[Pair]:
    """The tuned model's text beside the strongest base's by the marks, item by item; none of a task where one of them is missing."""
    pairs: list[Pair] = []
    for work, one in zip(works, marked, strict=True):
        base = judged.strongest_base(one)
        by_setting = {texts[0].setting: texts for texts in work.texts}
        tuned = next((texts for setting, texts in by_setting.items() if setting.model == TUNED), None)
        if base is not None and tuned is not None:
            pairs += [Pair(work.task, mine, theirs) for mine, theirs in zip(tuned, by_setting[base], strict=True)]
    return pairs


def _summary(
    section: JudgeSection, evaluated: Path, marked: Sequence[Marked], judgements: Sequence[Judgement], preferences: Sequence[Preference]
) -> dict[str, Any]:  # fmt: skip
    samples = _samples(evaluated)
    models = [name for name in (*(one.model for one in judgements), *(one.model for one in preferences)) if name]
    found = judged.summarise(section, marked, judgements, models, samples, grade.SEED)
    found["pairwise"] = pairwise.summary(preferences, samples, grade.SEED) if section.pairwise else None
    found["human"] = None
    if section.human_scores is not None:
        scores = human_scores.load(evaluated.parent / FOLDER / PEOPLE)
        groups = {one.item: one.group for one in judgements}
        found["human"] = human_scores.summary(scores, judged.by_text(judgements), groups, samples, grade.SEED)
    return found


def _asking(section: JudgeSection, purse: Purse) -> AbstractContextManager[Pool]:
    """Who asks the judge."""
    asked = judge.teacher(section)
    limits = Limits(section.concurrency, section.requests_per_minute, section.tokens_per_minute, section.attempts, section.timeout)
    return purse.asking(asked.teacher, teachers.open_teacher(asked, purse.progress.say), limits, free=teachers.is_free(asked))


def _items(task: Task, evaluate: EvaluateSection) -> int:
    """Items that a task will have: as many as are asked for, and never more than there are."""
    if task.data.embedded:
        return evaluate.items
    there = task.n if task.n is not None else len(task.collect(data_files.request(task.name, evaluate)).items)
    return min(there, evaluate.items or there)


def expected(section: JudgeSection, evaluate: EvaluateSection, tune: TuneSection) -> dict[str, questions.Expected]:
    """What judging would take at most, by kind of question; nothing where there is no judge. Equal texts are marked once, and take less.

    Texts are taken to fill their cap of new tokens, which few do.
    """
    found: dict[str, questions.Expected] = {}
    if section.model is None or not (tasks := generated(evaluate)):
        return found
    asked = judge.teacher(section)
    items = {task.name: _items(task, evaluate) for task in tasks}
    said = {task.name: min(task.max_new_tokens, evaluate.max_new_tokens) for task in tasks}
    answerers = {
        task.name: 2 * (len(evaluate.base_shots) + len(evaluate.compare)) + 1 + len(tune.controls) + len(task.trivial) for task in tasks
    }
    texts = {name: items[name] * answerers[name] for name in items}
    shown = TOKENS_OF_INPUT + sum(texts[name] * said[name] for name in items) / max(1, sum(texts.values()))
    n = section.repeats * sum(texts.values())
    found["marks"] = questions.expected(judge.manner(section), n, judge.bare(), asked, shown=shown, said=judge.TOKENS_SAID)
    if section.pairwise:
        shown = TOKENS_OF_INPUT + 2 * sum(items[name] * said[name] for name in items) / max(1, sum(items.values()))
        n = 2 * sum(items.values())
        found["pairs"] = questions.expected(pairwise.manner(section), n, pairwise.bare(), asked, shown=shown, said=pairwise.TOKENS_SAID)
    return found
