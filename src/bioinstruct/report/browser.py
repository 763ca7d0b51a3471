"""Every item with what each model made of it, for the page's browser: the figures here, the texts in parts (`payload.py`).

limit                    characters of a text that the browser shows
tasks.<task>             metric; ids and file of the items; characters of instruction, input and gold; further references; answerers
  answerers[]            model, setting, files of its answers and scores; value, outcome and characters of each answer
    judge                with a judge: its mark of each answer (`judge_words.py`)
  pairs                  with a judge of pairs: whom it chose between, and what came of each item
parts[]                  task, first and last item, bytes, and the script file beside the page; None = within the page
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.records import Item, Score, Setting
from bioinstruct.evaluate import grade, lookup
from bioinstruct.evaluate.judge import Judgement
from bioinstruct.evaluate.plan import BASE, place
from bioinstruct.report import judge_words, results
from bioinstruct.report.judge_words import Words
from bioinstruct.report.markup import legible

LIMIT = 2_000
"""Characters of a text that the browser shows."""
PART = 250
"""Items of a part: few enough to be unpacked at once, enough to be packed well."""

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Consecutive items of a task with their texts; `first` and `last` count from 1."""

    task: str
    first: int
    last: int
    texts: dict[str, Any]
    """instruction, input, gold: a text an item; answers: the same for each answerer of the task; with a judge its replies about them."""


@dataclass(frozen=True)
class _Answerer:
    """A model in one setting: its scores and its texts, in the order of the items."""

    setting: Setting
    scores: Sequence[Score]
    texts: Sequence[str]
    marks: Sequence[Sequence[Judgement]] | None
    """The judge's, item by item; None where it was not asked about them."""


@dataclass(frozen=True)
class _Read:
    """A task's items and answers, whole."""

    ids: Sequence[str]
    shown: Mapping[str, Sequence[str]]
    """Instruction, input and gold of each item."""
    further: Sequence[int]
    """References of each item beyond the gold that is shown."""
    answerers: Sequence[_Answerer]
    pairs: Sequence[judge_words.Pair] | None


def collect(folder: Path, summary: Summary, words: Words | None = None) -> dict[str, Any]:
    """The figures of every item; `folder` is the evaluation's, `words` what a judge said of its texts."""
    tasks = {name: _figures(name, _read(folder, name, task, words), task) for name, task in summary["tasks"].items()}
    return {"limit": LIMIT, "tasks": tasks}


def parts(folder: Path, summary: Summary, words: Words | None = None) -> Iterator[Part]:
    """The texts of every item, cut to `LIMIT` characters, task after task."""
    for name, task in summary["tasks"].items():
        read = _read(folder, name, task, words)
        for start in range(0, len(read.ids), PART):
            stop = min(start + PART, len(read.ids))
            texts: dict[str, Any] = {kind: _cut(whole[start:stop]) for kind, whole in read.shown.items()}
            texts["answers"] = [_cut(one.texts[start:stop]) for one in read.answerers]
            if any(one.marks is not None for one in read.answerers):
                texts["marks"] = [None if one.marks is None else _replies(one.marks[start:stop]) for one in read.answerers]
            if read.pairs is not None:
                texts["pairs"] = _replies(read.pairs[start:stop])
            yield Part(name, start + 1, stop, texts)


def _read(folder: Path, name: str, summary: Summary, words: Words | None) -> _Read:
    task, items = lookup.stored(folder, name), list(jsonl.read(grade.items_file(folder, name), Item))
    prompts = [task.prompt(item) for item in items]
    shown = {
        "instruction": [instruction for instruction, _ in prompts],
        "input": [input for _, input in prompts],
        "gold": [item.references[0] for item in items],
    }
    further = [len(item.references) - 1 for item in items]
    ids = [item.id for item in items]
    answerers = [_answerer(folder, name, setting, ids, words) for setting in _asked(name, summary, words)]
    return _Read(ids, shown, further, answerers, None if words is None else words.pairs_of(ids))


def _asked(name: str, summary: Summary, words: Words | None) -> list[Setting]:
    """The settings to show: the strongest base's, by the metric and by the judge's marks, and all of the other models."""
    strongest = {None if summary["strongest_base"] is None else summary["strongest_base"]["slug"]}
    if words is not None:
        strongest.add(words.strongest.get(name))
    return [Setting(**one["setting"]) for one in summary["settings"] if one["model"] != BASE or one["slug"] in strongest]


def _answerer(folder: Path, name: str, setting: Setting, items: Sequence[str], words: Words | None) -> _Answerer:
    scores = results.scores(folder, name, setting)
    texts = results.texts(folder, name, setting, scores)
    return _Answerer(setting, scores, texts, None if words is None else words.of(items, setting))


def _figures(name: str, read: _Read, summary: Summary) -> dict[str, Any]:
    metric = summary["metric"]
    return {
        "metric": metric,
        "items": list(read.ids),
        "items_file": f"evaluate/{grade.ITEMS}/{name}.jsonl",
        "characters": {kind: [len(text) for text in whole] for kind, whole in read.shown.items()},
        "further_references": list(read.further),
        "answerers": [_answers(name, one, summary) for one in read.answerers],
        **({} if read.pairs is None else {"pairs": judge_words.pair_figures(read.pairs, [one.setting for one in read.answerers])}),
    }


def _answers(name: str, one: _Answerer, summary: Summary) -> dict[str, Any]:
    setting, here = one.setting, place(Path("evaluate"), name, one.setting).as_posix()
    return {
        "model": setting.model,
        "setting": setting.slug,
        "shots": setting.shots,
        "stop": setting.stop,
        **({"mode": setting.mode} if setting.mode != summary["mode"] else {}),
        "adapter": setting.adapter,
        "answers_file": f"{here}/{grade.RANKINGS if setting.mode == 'rank' else grade.COMPLETIONS}",
        "scores_file": f"{here}/{grade.SCORES}",
        "values": [score.values[summary["metric"]] for score in one.scores],
        "outcomes": [score.outcome.value for score in one.scores],
        "characters": [len(text) for text in one.texts],
        **({} if one.marks is None else {"judge": judge_words.figures(one.marks)}),
    }


def _cut(texts: Sequence[str]) -> list[str]:
    return [legible(text[:LIMIT]) for text in texts]


def _replies(said: Sequence[Sequence[Judgement] | judge_words.Pair]) -> list[list[str]]:
    """The judge's replies, item by item."""
    return [_cut(judge_words.replies(one)) for one in said]
