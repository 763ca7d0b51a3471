"""From stored completions and log-likelihoods to scores and `result.json`; no model is needed, so it can be done again.

The chosen option of a ranking: labels (the same options for every item of the task) and letters are compared by their
summed log-likelihood, which is the probability of the label; options in words of their own by the mean over their
tokens, so that a long option is not worse for being long. Of equals the first is chosen. The choice's text is then
graded by the task as if the model had written it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.records import Completion, Estimate, Finish, Item, Outcome, Ranking, Score, Setting
from bioinstruct.evaluate import lookup
from bioinstruct.statistics import bootstrap
from bioinstruct.tasks import Task, metrics

COMPLETIONS, RANKINGS, SCORES, RESULT = "completions.jsonl", "rankings.jsonl", "scores.jsonl", "result.json"
PRECISION = "precision.json"
"""Stands beside answers in another precision than `FLOAT32` from the first of them on, before there is a result."""
FLOAT32 = "float32"
SERVER = "server"
"""Stands for the precision where a server answered, which does not tell it."""
ITEMS, POOL = lookup.ITEMS, "shots"
SEED = 0
"""Seed of every bootstrap of this stage."""
DECIMALS = 6
"""To which numbers in results and summaries are rounded."""

Normalisation = Literal["sum", "mean"]


@dataclass(frozen=True)
class Result:
    """The head of a setting's folder, written last: what was measured, on how many items, and what became of them."""

    task: str
    version: str
    """Of the task."""
    setting: Setting
    metric: str
    """The primary metric."""
    n: int
    outcomes: dict[str, int]
    """Outcome to items; the four add up to `n`."""
    estimates: dict[str, Estimate]
    """Metric to mean, the primary first (a conditional metric counts only the items that have it), then corpus-level figures."""
    counts: dict[str, int]
    """Sums of the scores' counts, for corpus-level figures."""
    examples: int
    """Worked examples in each prompt."""
    base: str
    """The base model, as the recipe names it."""
    prompts: str
    """SHA-256 over the prompts' digests, in order."""
    samples: int
    """Bootstrap samples."""
    seed: int
    """Seed of the bootstrap."""
    max_new_tokens: int | None = None
    """Cap of generated answers; None when ranking."""
    normalisation: Normalisation | None = None
    """How options were compared; None when generating."""
    dtype: str = FLOAT32
    """Precision of the model; left out of the file where it is this one."""


def rounded(value: Any) -> Any:
    """Nested data with every float rounded to `DECIMALS`, and without negative zeros."""
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    return value


def write_json(path: Path, value: Any) -> None:
    """Write rounded data as indented JSON, whole or not at all."""
    runfolder.write_atomic(path, json.dumps(rounded(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_result(folder: Path) -> Result | None:
    """The result in a setting's folder; None where it is unfinished."""
    path = folder / RESULT
    return jsonl.parse(jsonl.read_text(path), Result, path, 1) if path.exists() else None


def precision(folder: Path) -> str:
    """The precision in which the answers in a setting's folder were made, finished or not."""
    path = folder / PRECISION
    return str(json.loads(jsonl.read_text(path))["dtype"]) if path.exists() else FLOAT32


def begin(folder: Path, dtype: str) -> None:
    """Have a setting's folder hold answers in this precision only: those in another are forgotten."""
    if precision(folder) != dtype:
        for name in (RESULT, SCORES, COMPLETIONS, RANKINGS, PRECISION):
            (folder / name).unlink(missing_ok=True)
    if dtype != FLOAT32:
        write_json(folder / PRECISION, {"dtype": dtype})


def items_file(folder: Path, task: str) -> Path:
    """Where the scored items of a task are stored below the stage's folder."""
    return folder / ITEMS / f"{task}.jsonl"


def pool_file(folder: Path, task: str) -> Path:
    """Where the items for worked examples are stored."""
    return folder / POOL / f"{task}.jsonl"


def normalisation(task: Task, items: Sequence[Item], pool: Sequence[Item]) -> Normalisation:
    """How the task's options are compared (see the module): over all items known, so that one item does not decide it."""
    known = {frozenset(item.options) for item in (*items, *pool)}
    return "sum" if task.asked == "letter" or len(known) == 1 else "mean"


def choose(ranking: Ranking, how: Normalisation) -> int | None:
    """Index of the chosen option, the first of equals; None where the prompt did not fit."""
    values = ranking.log_likelihoods
    if not values:
        return None
    if how == "mean":
        values = tuple(value / length for value, length in zip(values, ranking.lengths, strict=True))
    return max(range(len(values)), key=values.__getitem__)


def score(task: Task, item: Item, setting: Setting, text: str, finish: Finish) -> Score:
    """The score of one text."""
    grade = task.grade(item, text, finish)
    return Score(item.id, item.group, setting, grade.outcome, grade.values, grade.counts, grade.answer, grade.gold)


def score_rankings(task: Task, items: Sequence[Item], rankings: Sequence[Ranking], how: Normalisation) -> list[Score]:
    """One score a ranking: the chosen option's text as the model's. Where letters were ranked, too: an option may itself read 'b'."""
    scores = []
    for item, ranking in zip(items, rankings, strict=True):
        chosen = choose(ranking, how)
        text = "" if chosen is None else item.options[chosen]
        finish = Finish.ERROR if chosen is None else Finish.STOP
        scores.append(score(task, item, ranking.setting, text, finish))
    return scores


def score_completions(task: Task, items: Sequence[Item], completions: Sequence[Completion]) -> list[Score]:
    """One score a completion."""
    return [score(task, item, one.setting, one.text, one.finish) for item, one in zip(items, completions, strict=True)]


def outcomes(scores: Sequence[Score]) -> dict[str, int]:
    """Outcome to number of scores, all four named."""
    found = Counter(one.outcome for one in scores)
    return {outcome.value: found[outcome] for outcome in Outcome}


def estimates(scores: Sequence[Score], metrics: Sequence[str], samples: int, seed: int) -> dict[str, Estimate]:
    """Metric to its mean over the scores that hold it; a metric that none holds is left out."""
    found = {}
    for metric in metrics:
        held = [one for one in scores if metric in one.values]
        if held:
            found[metric] = bootstrap.mean([one.values[metric] for one in held], [one.group for one in held], samples, seed)
    return found


def micro(scores: Sequence[Score], names: Sequence[str], samples: int, seed: int) -> dict[str, Estimate]:
    """Corpus-level figure to its value over all items, with an interval from resampled clusters; a text without a grade found nothing.

    `n` counts the items that have a part in it: of precision those in which something was predicted. A figure without any is left out.
    """
    found = {}
    for name in names:
        held = [(one.group, share) for one in scores if (share := metrics.micro(one.counts)[name]).whole]
        if held:
            values, weights = [share.part / share.whole for _, share in held], [share.whole for _, share in held]
            found[name] = bootstrap.weighted_mean(values, weights, [group for group, _ in held], samples, seed)
    return found


def write(folder: Path, head: Result, task: Task, scores: Sequence[Score]) -> Result:
    """Write `scores.jsonl`, then `result.json` with what the scores say; the other fields are those of `head`."""
    sums: Counter[str] = Counter()
    for one in scores:
        sums.update(one.counts)
    result = replace(
        head,
        version=task.version,
        metric=task.metric,
        n=len(scores),
        outcomes=outcomes(scores),
        estimates=estimates(scores, task.metrics, head.samples, head.seed) | micro(scores, task.micro, head.samples, head.seed),
        counts=dict(sorted(sums.items())),
    )
    jsonl.write(folder / SCORES, scores)
    shown = asdict(result)
    if result.dtype == FLOAT32:
        del shown["dtype"]
    write_json(folder / RESULT, shown)
    return result


def grade(folder: Path, head: Result, task: Task, items: Sequence[Item], pool: Sequence[Item]) -> Result:
    """Grade what a setting's folder holds.

    Raises:
        DataError: its completions or rankings are not one for each item, in order.
    """
    if head.setting.mode == "rank":
        rankings = list(jsonl.read(folder / RANKINGS, Ranking))
        _same(folder / RANKINGS, [one.item for one in rankings], items)
        how = normalisation(task, items, pool)
        return write(folder, replace(head, normalisation=how), task, score_rankings(task, items, rankings, how))
    completions = list(jsonl.read(folder / COMPLETIONS, Completion))
    _same(folder / COMPLETIONS, [one.item for one in completions], items)
    return write(folder, head, task, score_completions(task, items, completions))


def _same(path: Path, found: Sequence[str], items: Sequence[Item]) -> None:
    wanted = [item.id for item in items]
    if list(found) != wanted:
        line = next((n for n, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), min(len(found), len(wanted)))
        got = found[line] if line < len(found) else "the end of the file"
        allowed = wanted[line] if line < len(wanted) else "the end of the file"
        raise DataError(path, line=line + 1, field="item", got=got, allowed=allowed)


def regrade(folder: Path) -> None:
    """Grade every finished setting of an evaluation again, from its files alone; `compare.refresh` then renews the summary.

    Raises:
        InputError: a result is of a task that is not known.
        DataError: a file is missing, or does not hold one row for each item.
    """
    found = sorted(folder.glob(f"*/*/{RESULT}"))
    if not found:
        raise InputError(f"{folder}: got no {RESULT} below it; allowed: the folder of an evaluation")
    for path in found:
        head = read_result(path.parent)
        assert head is not None  # it was just listed
        items = list(jsonl.read(items_file(folder, head.task), Item))
        pool = list(jsonl.read(pool_file(folder, head.task), Item))
        grade(path.parent, head, lookup.stored(folder, head.task), items, pool)
