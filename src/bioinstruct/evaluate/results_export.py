"""Every item's result under every setting as one Parquet file, with the answer and what it was read from.

Parquet rather than an inspect_ai log: that format holds one task of one model a file, keeps chat messages, and has no place for an option's
log-likelihood; a table opens in pandas, DuckDB or R, and joins over models by its column `item`. Columns, one row an item and setting:

    model adapter base                     who was asked; `adapter` is null for the base itself
    task version family mode asked shots template stop      what, and how (`Setting`)
    item group prompt_sha prompt_tokens    the item, its cluster, and its prompt
    metric value values                    the primary metric, its value in 0..1, and all values (map), model-based metrics' among them
    outcome answer gold                    what became of the text; what was read from it; what is right
    text finish output_tokens              of generated tasks, else null
    options log_likelihoods lengths        of ranked tasks, else null: texts or letters, natural logarithms (summed), tokens
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import DataError, InputError, MissingExtra
from bioinstruct.core.records import Completion, Item, Ranking, Score
from bioinstruct.evaluate import grade, lookup
from bioinstruct.evaluate.metrics import storage
from bioinstruct.evaluate.plan import option_texts


def export(evaluation: Path, file: Path) -> int:
    """Write the results of an evaluation's folder to a new Parquet file; gives back the number of rows.

    Raises:
        InputError: there is no finished setting, or the file exists.
        DataError: a file of the evaluation is missing or malformed, or its rows are not the task's items.
        MissingExtra: pyarrow is not installed.
        LimitReached: the disk is full.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("pyarrow", "hub") from None
    if file.exists():
        raise InputError(f"{file}: got something that exists; allowed: a new file")
    found = sorted(evaluation.glob(f"*/*/{grade.RESULT}"))
    if not found:
        raise InputError(f"{evaluation}: got no {grade.RESULT} below it; allowed: the folder of an evaluation")
    rows = [row for path in found for row in _rows(evaluation, path.parent)]
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, _schema(pyarrow)), sink)
    with runfolder.disk_errors(file.parent):
        runfolder.write_atomic(file, sink.getvalue().to_pybytes())
    return len(rows)


def _schema(arrow: Any) -> Any:
    text, whole, real = arrow.string(), arrow.int32(), arrow.float64()
    kinds = {
        **dict.fromkeys(("model", "adapter", "base", "task", "version", "family", "mode", "asked"), text),
        "shots": whole,
        **dict.fromkeys(("template", "stop", "item", "group", "prompt_sha"), text),
        "prompt_tokens": whole,
        "metric": text,
        "value": real,
        "values": arrow.map_(text, real),
        **dict.fromkeys(("outcome", "answer", "gold", "text", "finish"), text),
        "output_tokens": whole,
        "options": arrow.list_(text),
        "log_likelihoods": arrow.list_(real),
        "lengths": arrow.list_(whole),
    }
    return arrow.schema(list(kinds.items()))


def _rows(evaluation: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of one setting's folder."""
    head = grade.read_result(folder)
    assert head is not None  # it was just listed
    setting = head.setting
    how = {
        "model": setting.model, "adapter": setting.adapter, "base": head.base, "task": head.task, "version": head.version,
        "family": lookup.stored(evaluation, head.task).family, "mode": setting.mode, "asked": setting.asked, "shots": setting.shots,
        "template": setting.template, "stop": setting.stop, "metric": head.metric,
    }  # fmt: skip
    items = list(jsonl.read(grade.items_file(evaluation, head.task), Item))
    scores = list(jsonl.read(folder / grade.SCORES, Score))
    further = storage.read(evaluation, head.task)
    answers: Sequence[Ranking | Completion]
    if setting.mode == "rank":
        answers = list(jsonl.read(folder / grade.RANKINGS, Ranking))
    else:
        answers = list(jsonl.read(folder / grade.COMPLETIONS, Completion))
    if not [item.id for item in items] == [one.item for one in scores] == [one.item for one in answers]:
        raise DataError(folder, field="item", got="other items", allowed=f"those of {grade.items_file(evaluation, head.task)}")
    for item, score, answer in zip(items, scores, answers, strict=True):
        yield {
            **how,
            "item": item.id, "group": item.group, "prompt_sha": answer.prompt_sha, "prompt_tokens": answer.prompt_tokens,
            "value": score.values[head.metric], "values": [*score.values.items(), *storage.values(further, item, score).items()],
            "outcome": score.outcome.value, "answer": score.answer, "gold": score.gold,
            **_said(item, answer),
        }  # fmt: skip


def _said(item: Item, answer: Ranking | Completion) -> dict[str, Any]:
    if isinstance(answer, Ranking):
        options = option_texts(item, answer.setting.asked)
        return {"options": list(options), "log_likelihoods": list(answer.log_likelihoods), "lengths": list(answer.lengths)}
    return {"text": answer.text, "finish": answer.finish.value, "output_tokens": answer.output_tokens}
