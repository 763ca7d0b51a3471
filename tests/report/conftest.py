"""Run folders without a model: real rounds with the embedded teacher, made-up trainings, and made-up answers that are really graded."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bioinstruct.core import jsonl, recipe, runfolder
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import Resolved
from bioinstruct.core.records import Completion, Finish, Instruction, Item, Ranking, Rejected, Setting, StageRecord, Verdict
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.core.template import get
from bioinstruct.curate.contamination import Leak
from bioinstruct.curate.describe import describe
from bioinstruct.curate.screen import Reported as Finding
from bioinstruct.evaluate import compare, complete, grade
from bioinstruct.evaluate.plan import place, plan
from bioinstruct.report import run
from bioinstruct.rounds import Rounds
from bioinstruct.tasks import TASKS, ItemRequest

from .studied import Studied, compared, made, studied_run

SKILL = {"base": 0.18, "tuned": 0.74, "shuffled": 0.2}
"""Share of the items that a made-up model answers with the gold."""


def tuned(folder: RunFolder, name: str, floor: float, n_steps: int = 90, n_records: int = 240) -> None:
    """A training that never took place: its log and record."""
    path = folder / "tune" if name == "ours" else folder / "tune" / "controls" / name
    random = Random(name)
    rows = []
    for step in range(1, n_steps + 1):
        loss = floor + (4.1 - floor) * math.exp(-step / 14) + random.gauss(0, 0.05)
        rows.append({"step": step, "loss": loss, "tokens": 150 + step % 7, "learning_rate": 3e-3 * min(1.0, step / 5)})
    jsonl.write(path / "train.jsonl", rows)
    counts = {"records": n_records, "trained_records": n_records - 1, "dropped": 1, "cut": 3, "altered": 0, "tokens": 31_234,
              "trained_tokens": 4_711, "steps": n_steps, "seed": 0, "threads": 2}  # fmt: skip
    versions = {"bioinstruct": "0", "torch": "2.13.0", "precision": "float32 on cpu"}
    runfolder.write_record(path, StageRecord("tune", name, {}, "0123456789abcdef", {}, {}, counts, versions, "dirty", 12.3))


def _text(item: Item, model: str, random: Random, noise: Sequence[str]) -> tuple[str, Finish]:
    if random.random() < SKILL.get(model, 0.0):
        return item.references[0], Finish.STOP
    words = item.references[0].split()
    if model == "tuned":
        return " ".join(words[: max(1, len(words) * 2 // 3)]), Finish.STOP
    return random.choice([*noise, " ".join(words[::-1])]), random.choice([Finish.STOP, Finish.LENGTH])


def evaluated(folder: RunFolder, resolved: Resolved, names: Sequence[str], items: dict[str, list[Item]], noise: Sequence[str]) -> None:
    """Answers of models that do not exist, graded and compared by the real code."""
    section = resolved.recipe.evaluate
    tasks = [TASKS.get(name) for name in names]
    adapters = {
        "tuned": "tune/adapter@0123456789abcdef",
        **{name: f"tune/controls/{name}/adapter@0" for name in resolved.recipe.tune.controls},
    }
    here = folder / "evaluate"
    settings: dict[str, list[Setting]] = {name: [] for name in names}
    for task in tasks:
        jsonl.write(grade.items_file(here, task.name), items[task.name][4:])
        jsonl.write(grade.pool_file(here, task.name), items[task.name][:4])
        jsonl.write(compare.undefined_file(here, task.name), [])
    for ask in plan(tasks, section, "paper", adapters):
        task, scored, pool = ask.task, items[ask.task.name][4:], items[ask.task.name][:4]
        random = Random(f"{task.name}/{ask.setting.model}/{ask.setting.shots}")
        for setting in ask.settings:
            path = place(here, task.name, setting)
            settings[task.name].append(setting)
            head = grade.Result(
                task.name, "1", setting, task.metric, len(scored), {}, {}, {}, setting.shots, "embedded", "", section.samples, 0
            )
            if setting.mode == "rank":
                rows = []
                for item in scored:
                    right = random.random() < 0.3 + SKILL.get(setting.model, 0.0) * 0.6
                    best = item.options.index(item.references[0]) if right else random.randrange(len(item.options))
                    lls = tuple(-1.0 if one == best else -3.0 for one in range(len(item.options)))
                    rows.append(Ranking(item.id, setting, "0" * 16, lls, (1,) * len(item.options), 40))
                jsonl.write(path / grade.RANKINGS, rows)
            elif setting is ask.setting:
                done = []
                for item in scored:
                    text, finish = _text(item, setting.model, random, noise)
                    done.append(Completion(item.id, setting, "0" * 16, 0, text, finish, 60, len(text.split())))
                jsonl.write(path / grade.COMPLETIONS, done)
            else:
                whole = list(jsonl.read(place(here, task.name, ask.setting) / grade.COMPLETIONS, Completion))
                jsonl.write(path / grade.COMPLETIONS, complete.cut(whole, setting, get("paper")))
            grade.grade(path, head, task, scored, pool)
    compare.summarise(here, settings, section.samples)
    counts = {"settings": sum(len(one) for one in settings.values())}
    record = StageRecord("evaluate", "evaluate", section.model_dump(), "fedcba9876543210", {}, {}, counts, {"bioinstruct": "0"}, None, 1.5)
    runfolder.write_record(here, record)


NOISE = ("", "The question is which drug is given. The question is which drug is given.", "### Instruction: name\n\n### Input: none")
TASK_NAMES = (
    "usmle_embedded",
    "pubmedqa_embedded",
    "nli_embedded",
    "medication_status_embedded",
    "coreference_embedded",
    "conv2note_embedded",
)
RECORDS = [
    {"instruction": text, "input": "A made-up note on a cough." * (1 + n % 3), "output": f"answer {n}"}
    for n, text in enumerate(
        [
            "Summarize the plan of the note.", "List every drug that stands in this entry.", "Why does this patient cough at night?",
            "Rewrite the advice for a child.", "Please give a short overview of what was found.", "Name the test that should come next.",
        ]
    )
] + [{"instruction": "Look at the image now.", "input": "", "output": "no"}]  # fmt: skip


@pytest.fixture(scope="session")
def quick_disk() -> Iterator[None]:
    """No waiting for the disk: these files are made to be read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


def embedded_run(path: Path, n_items: int = 12) -> Resolved:
    """A run of the embedded world in small, with a control."""
    given = [f"evaluate.tasks={json.dumps(TASK_NAMES)}", "generate.target=70", "evaluate.samples=100", f"evaluate.items={n_items}",
             "curate.max_words=38", "report.title=A made-up run"]  # fmt: skip
    resolved = recipe.load(None, given)
    with RunFolder(path) as folder:
        folder.adopt(resolved)
        Rounds(resolved.recipe, folder, Silent()).run()
        tuned(folder, "ours", 0.9)
        for name in resolved.recipe.tune.controls:
            tuned(folder, name, 2.4)
        items = {name: TASKS.get(name).items(ItemRequest(n=n_items + 4, seed=1)) for name in TASK_NAMES}
        evaluated(folder, resolved, TASK_NAMES, items, NOISE)
    return resolved


def file_run(
    path: Path, records: Sequence[dict[str, str]], change: Callable[[Item], Item] = lambda item: item, noise: Sequence[str] = NOISE
) -> Resolved:
    """A run on an instruction file: no requests, no control, two tasks, families that were not measured."""
    source = path.with_name(path.name + "-source.json")
    source.write_text(json.dumps(list(records)), encoding="utf-8")
    names = ["pubmedqa_embedded", "conv2note_embedded"]
    given = [f"generate.instructions={source}", "tune.controls=[]", f"evaluate.tasks={json.dumps(names)}", "evaluate.samples=100",
             "evaluate.base_shots=[0]"]  # fmt: skip
    resolved = recipe.load(None, given)
    with RunFolder(path) as folder:
        folder.adopt(resolved)
        Rounds(resolved.recipe, folder, Silent()).run()
        tuned(folder, "ours", 1.2, 30, len(records))
        items = {name: [change(item) for item in TASKS.get(name).items(ItemRequest(n=12, seed=1))] for name in names}
        evaluated(folder, resolved, names, items, noise)
    return resolved


def report_on(path: Path, resolved: Resolved) -> tuple[dict[str, Any], str]:
    """Report on a run; gives back report.json's data and report.html."""
    with RunFolder(path) as folder:
        run.run(resolved.recipe.report, folder=folder, resolved=resolved)
    return json.loads((path / "report.json").read_text(encoding="utf-8")), (path / "report.html").read_text(encoding="utf-8")


NEW_FILES = ("statistics.json", "contamination.jsonl", "sources.json", "seed_contamination.json", "identifiers.jsonl", "labels.jsonl",
             "checks.jsonl")  # fmt: skip
"""Files of the curate folder that older runs did not write."""


def found_in(path: Path, noise: str = "") -> None:
    """What curation might have found in a run, made up: seven test items in kept records, one in a dropped one, identifiers, summaries.

    Args:
        path: The run; its curate folder is written to.
        noise: Added to every text that could come from outside.
    """
    here = path / "curate"
    kept = list(jsonl.read(here / "instructions.jsonl", Instruction))
    rejected = list(jsonl.read(here / "rejected.jsonl", Rejected))
    surplus = list(jsonl.read(here / "surplus.jsonl", Rejected))
    place = next(number for number, one in enumerate(rejected) if one.verdict.rule == "novelty")
    leaks = [
        Finding(one.id, Leak("pubmedqa_embedded", f"item/{number % 5}{noise}", "n-gram", 0.5 + number / 20, one.output[:300] + noise))
        for number, one in enumerate(kept[:7])
    ]
    taken = rejected[place].instruction
    leaks.append(Finding(taken.id, Leak(f"mine.jsonl{noise}", "17", "exact", 1.0, taken.instruction + noise)))
    rejected[place] = Rejected(taken, Verdict(False, "contamination", {"benchmark": "mine.jsonl", "part": taken.instruction + noise}))
    jsonl.write(here / "contamination.jsonl", leaks)
    jsonl.write(here / "rejected.jsonl", rejected)
    found = {name: {"items": 12, "parts": 40, "sha256": "ab" * 32} for name in TASK_NAMES}
    write_json(here / "sources.json", {**found, f"mine.jsonl{noise}": {"items": 20_345, "parts": 30_000, "sha256": "cd" * 32}})
    leak = {"benchmark": "nli_embedded", "id": f"nli/3{noise}", "how": "paraphrase", "score": 0.8462, "part": f"Cough for days.{noise}"}
    text = f"Is it long?{' It is.' * 60}\nCough for days and nights.{noise}"
    findings = [{"seed": f"seed-{number}{noise}", "text": text, "leak": leak} for number in range(6)]
    write_json(here / "seed_contamination.json", {"seeds": 80, "sources": 20_417, "findings": findings})
    span = {"field": "input", "start": 0, "end": 4, "kind": f"date{noise}", "finder": f"patterns{noise}"}
    named = {**span, "kind": f"person_name{noise}", "finder": "presidio"}
    rows = [
        {"record": kept[0].id, "action": "masked", "found": [span, span, named]},
        {"record": kept[1].id, "action": "masked", "found": [named]},
        {"record": (rejected[:place] + rejected[place + 1 :])[-1].instruction.id, "action": "dropped", "found": [span]},
    ]
    jsonl.write(here / "identifiers.jsonl", rows)
    dropped = Counter(one.verdict.rule for one in rejected)
    funnel = json.loads((here / "funnel.json").read_text(encoding="utf-8"))
    funnel["funnel"] = [{"rule": step["rule"], "dropped": dropped[step["rule"]]} for step in funnel["funnel"]]
    write_json(here / "funnel.json", funnel)
    written = describe(kept, rejected, surplus, [step["rule"] for step in funnel["funnel"]])
    written["labels"] = {"asked": 65, "agreement_with_rules": 0.8125, f"unread{noise}": 0}
    written["checks"] = {"answers": {"asked": 195, "agreement": 0.7, "model": f"teacher{noise}"}}
    write_json(here / "statistics.json", written)


def write_json(path: Path, value: Any) -> None:
    """A JSON file as stages write them."""
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Reported:
    """A run with its report."""

    path: Path
    resolved: Resolved
    data: dict[str, Any]
    html: str


@pytest.fixture(scope="session")
def reported(quick_disk: None, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A whole embedded run; not to be changed."""
    path = tmp_path_factory.mktemp("embedded") / "run"
    resolved = embedded_run(path)
    return Reported(path, resolved, *report_on(path, resolved))


@pytest.fixture(scope="session")
def from_file(quick_disk: None, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run on an instruction file; not to be changed."""
    path = tmp_path_factory.mktemp("file") / "run"
    resolved = file_run(path, RECORDS)
    return Reported(path, resolved, *report_on(path, resolved))


@pytest.fixture(scope="session")
def older(reported: Reported, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run of a time when curation wrote no statistics and looked for nothing; not to be changed."""
    path = tmp_path_factory.mktemp("older") / "run"
    shutil.copytree(reported.path, path)
    for name in NEW_FILES:
        (path / "curate" / name).unlink(missing_ok=True)
    return Reported(path, reported.resolved, *report_on(path, reported.resolved))


@pytest.fixture(scope="session")
def searched(reported: Reported, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run in which curation found what `found_in` makes up; not to be changed."""
    path = tmp_path_factory.mktemp("searched") / "run"
    shutil.copytree(reported.path, path)
    found_in(path)
    return Reported(path, reported.resolved, *report_on(path, reported.resolved))


@pytest.fixture(scope="session")
def planted_said() -> dict[str, Any]:
    """`matrix.json` of a made-up study; not to be changed."""
    return made()


@pytest.fixture(scope="session")
def studied(reported: Any, planted_said: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Studied:
    """The embedded run with a study; not to be changed."""
    said = {**planted_said, "paper": compared(planted_said)}
    path = tmp_path_factory.mktemp("studied") / "run"
    shutil.copytree(reported.path, path)
    return studied_run(path, reported.resolved, said)


@pytest.fixture
def make_findings() -> Callable[..., None]:
    """`found_in`."""
    return found_in


@pytest.fixture
def make_file_run(quick_disk: None) -> Callable[..., Resolved]:
    """`file_run`."""
    return file_run


@pytest.fixture
def report() -> Callable[[Path, Resolved], tuple[dict[str, Any], str]]:
    """`report_on`."""
    return report_on


class Outline(HTMLParser):
    """What a page is made of: start tags with their attributes, headings, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a heading."""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.text += data
        if self._open:
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)


@pytest.fixture(scope="session")
def outline() -> type[Outline]:
    """`Outline`."""
    return Outline
