"""How large the page is and how soon its items can be looked through: a run with N made-up items in M models, opened from a file link in Chromium.

    python benchmarks/page.py [--items 10000] [--models 3] [--opens 5] [--keep FOLDER]

Items: those of four embedded tasks (two ranked, two written), their inputs lengthened with made-up words of Zipf's frequencies to 150 to 6,000 characters, all
lengths between equally likely on a logarithmic scale (abstracts and consultations of the real tasks lie in this range); written answers have 40 to 1,200
characters. They are graded, compared and reported by the real code. Such text packs worse than language does.

Printed: MB of report.html, of the files beside it and of report.json; seconds from the start of the navigation until the first items are drawn (median and worst of
the opens, each in a fresh browser context), and until another page of items is drawn whose texts lie within the page, and beside it. Needs the extra 'dev' and Chromium.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bioinstruct.core import jsonl, recipe, runfolder
from bioinstruct.core.records import Completion, Finish, Item, Ranking, Setting, StageRecord
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.evaluate import compare, grade
from bioinstruct.evaluate.plan import place
from bioinstruct.report import run
from bioinstruct.tasks import TASKS, ItemRequest

NAMES = ("usmle_embedded", "pubmedqa_embedded", "medication_status_embedded", "conv2note_embedded")
INPUT, ANSWER = (150, 6000), (40, 1200)
"""Fewest and most characters."""
MODELS = ("base", "tuned", "shuffled")
POOL = 4
SAMPLES = 100
WATCH = """new MutationObserver((_, watch) => {
  if (document.querySelector('#browser[data-drawn]')) { watch.disconnect(); requestAnimationFrame(() => { window.drawnAfter = performance.now(); }); }
}).observe(document, {subtree: true, attributes: true, childList: true});"""


class Words:
    """Made-up words, the n-th of which is n times rarer than the first."""

    def __init__(self, dice: Random, n: int = 20_000) -> None:
        syllables = [a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "in", "os")]
        self.dice, self.words = dice, ["".join(dice.choices(syllables, k=dice.choice((1, 2, 2, 3, 4)))) for _ in range(n)]
        self.weights = list(accumulate(1 / place for place in range(1, n + 1)))

    def text(self, limits: tuple[int, int]) -> str:
        """A text of a length between limits, in characters."""
        length = round(math.exp(self.dice.uniform(*map(math.log, limits))))
        return " ".join(self.dice.choices(self.words, cum_weights=self.weights, k=length // 4 + 1))[:length]


def evaluated(folder: Path, n: int, models: Sequence[str]) -> None:
    """An evaluation that never took place, graded and compared."""
    words = Words(Random(0))
    settings: dict[str, list[Setting]] = {}
    for name in NAMES:
        task = TASKS.get(name)
        known = [
            replace(item, input=f"{item.input}\n{words.text(INPUT)}") for item in task.items(ItemRequest(n=n // len(NAMES) + POOL, seed=1))
        ]
        items, pool = known[POOL:], known[:POOL]
        jsonl.write(grade.items_file(folder, name), items)
        jsonl.write(grade.pool_file(folder, name), pool)
        jsonl.write(compare.undefined_file(folder, name), [])
        settings[name] = [Setting(model, None if model == "base" else f"tune/{model}@0", task.mode, "text", 0, "paper") for model in models]
        for setting in settings[name]:
            answered(folder, setting, items, words)
            head = grade.Result(name, "1", setting, task.metric, len(items), {}, {}, {}, 0, "embedded", "", SAMPLES, 0)
            grade.grade(place(folder, name, setting), head, task, items, pool)
    compare.summarise(folder, settings, SAMPLES)
    counts = {"settings": sum(map(len, settings.values()))}
    runfolder.write_record(folder, StageRecord("evaluate", "evaluate", {}, "0" * 16, {}, {}, counts, {}, None, 0.0))


def answered(folder: Path, setting: Setting, items: Sequence[Item], words: Words) -> None:
    """Answers to all items, half of them right."""
    path = place(folder, items[0].task, setting)
    if setting.mode == "rank":
        chosen = [item.options.index(item.references[0]) if words.dice.random() < 0.5 else 0 for item in items]
        liked = [
            tuple(-1.0 if place == best else -3.0 for place in range(len(item.options))) for item, best in zip(items, chosen, strict=True)
        ]
        rows: list[Any] = [Ranking(item.id, setting, "0" * 16, one, (1,) * len(one), 40) for item, one in zip(items, liked, strict=True)]
        jsonl.write(path / grade.RANKINGS, rows)
        return
    texts = [item.references[0] if words.dice.random() < 0.5 else words.text(ANSWER) for item in items]
    jsonl.write(
        path / grade.COMPLETIONS,
        [Completion(item.id, setting, "0" * 16, 0, text, Finish.STOP, 60, 60) for item, text in zip(items, texts, strict=True)],
    )


def made(path: Path, n: int, models: Sequence[str]) -> dict[str, Any]:
    """The run folder and its report; gives back the browser's part of `report.json`."""
    resolved = recipe.load(None, ["report.title=Many items"])
    with RunFolder(path) as folder:
        folder.adopt(resolved)
        evaluated(folder / "evaluate", n, models)
        began = time.monotonic()
        data, _ = run.compose(resolved.recipe.report, folder, resolved)
        run.run(resolved.recipe.report, folder=folder, resolved=resolved)
        print(f"report written in {(time.monotonic() - began) / 2:.1f} s")
    found: dict[str, Any] = data["browser"]
    return found


def opened(browser: Browser, path: Path) -> tuple[Page, float]:
    """The page in a fresh context, and the seconds until its items were drawn."""
    view = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    view.add_init_script(WATCH)
    view.goto((path / "report.html").as_uri(), wait_until="commit")
    view.locator("#browser[data-drawn]").wait_for()
    return view, view.evaluate(
        "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.drawnAfter))))"
    ) / 1000


def turned(view: Page, task: str, pages: int) -> float:
    """Seconds from a click on Next to the items drawn, so many pages into a task."""
    view.evaluate(
        "(task) => { const one = document.querySelector('#browser-task'); one.value = task; one.dispatchEvent(new Event('change')); }", task
    )
    view.locator("#browser-list code", has_text=f"{task}/").first.wait_for()
    seconds: float = view.evaluate(
        """async (pages) => {
          const [root, button] = [document.querySelector('#browser'), document.querySelector('#browser-tools button:last-of-type')];
          let took = 0;
          for (let page = 0; page < pages; page += 1) {
            const began = performance.now();
            const drawn = new Promise((resolve) => new MutationObserver((_, watch) => { watch.disconnect(); resolve(); }).observe(root, {attributes: true}));
            button.click();
            await drawn;
            took = performance.now() - began;
          }
          return took / 1000;
        }""",
        pages,
    )
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--models", type=int, default=3)
    parser.add_argument("--opens", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="leave the run in this folder")
    asked = parser.parse_args()
    models = [*MODELS, *(f"other-{number}" for number in range(4, asked.models + 1))][: asked.models]
    path = asked.keep or Path(tempfile.mkdtemp()) / "run"
    found = made(path, asked.items, models)
    beside = sorted(path.glob("report/items/*.js"))
    size = [(path / name).stat().st_size / 1e6 for name in ("report.html", "report.json")]
    print(
        f"{sum(len(task['items']) for task in found['tasks'].values()):,} items in {len(models)} models, texts in {len(found['parts'])} parts"
    )
    print(
        f"report.html {size[0]:.2f} MB; beside it {len(beside)} files, {sum(one.stat().st_size for one in beside) / 1e6:.2f} MB; report.json {size[1]:.2f} MB"
    )
    with sync_playwright() as started:
        executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = started.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        times = []
        for _ in range(asked.opens):
            view, seconds = opened(browser, path)
            times.append(seconds)
            view.context.close()
        print(f"opened: median {statistics.median(times):.2f} s, worst {max(times):.2f} s of {asked.opens}")
        view, _ = opened(browser, path)
        for where, parts in (
            ("within", [one for one in found["parts"] if one["file"] is None]),
            ("beside", [one for one in found["parts"] if one["file"]]),
        ):
            if parts:  # ten items a page: the first page of this part is new to the browser
                last = parts[-1]
                print(
                    f"another page of items, its texts {where} the page: {turned(view, last['task'], max(1, (last['first'] - 1) // 10)):.2f} s"
                )
        browser.close()


if __name__ == "__main__":
    main()
