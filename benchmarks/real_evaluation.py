"""Ask two small models, untuned, the real tasks whose files lie in one folder; prints Markdown for docs/real_evaluation.md.

    python benchmarks/real_evaluation.py --out FOLDER [--data ../shared/data] [--items 0] [--workers 2]

The embedded base and stories260K (a LLaMA of 260 thousand parameters that has read children's stories, 512 tokens of context) know nothing of
medicine: chance is the expected answer, and what this measures is the way there. Killed, it goes on with the same folder.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from bioinstruct.core import jsonl
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.records import Completion, Finish
from bioinstruct.core.workers import Workers
from bioinstruct.evaluate import grade, run
from bioinstruct.evaluate.plan import BASE

FILES = {
    "pubmedqa": "pubmedqa",
    "pubmedqa_closed": "pubmedqa",
    "medqa_4": "mirage/benchmark.json",
    "medmcqa": "mirage/benchmark.json",
    "mmlu_med": "mirage/benchmark.json",
    "bioasq_mirage": "mirage/benchmark.json",
    "conv2note": "mts_dialog",
}
STORIES = "stories260k"
MODELS = {BASE: "embedded base", STORIES: "stories260K"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--items", type=int, default=0, help="of each task; 0 = all")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    section = EvaluateSection(
        tasks=list(FILES),
        files={task: str(given.data / place) for task, place in FILES.items()},
        items=given.items,
        base_shots=[0],  # MIRAGE has no items but those that are scored
        compare=[{"name": STORIES, "model": str(given.data / "stories260K"), "template": "paper"}],
    )
    began = time.monotonic()
    with Workers(given.workers, Silent()) as workers:
        run.run(section, tune=TuneSection(), adapters={}, threads=1, folder=given.out, inputs={}, workers=workers)
    summary = json.loads((given.out / "summary.json").read_text())
    for model, name in MODELS.items():
        print(
            f"\n### {name}\n\n| task | asked | n | chance | best trivial | score | did not fit | cut off | not read |\n" + "|---" * 9 + "|"
        )
        for task in FILES:
            told = summary["tasks"][task]
            for setting in told["settings"]:
                if setting["model"] == model:
                    print(row(given.out, task, told, setting))
    undefined = {task: summary["tasks"][task]["undefined"] for task in FILES if summary["tasks"][task]["undefined"]}
    print(f"\nItems that cannot be scored: {undefined or 'none'}. {time.monotonic() - began:.0f} s.")


def row(folder: Path, task: str, told: dict[str, Any], setting: dict[str, Any]) -> str:
    """One line of the table: points of 100, with the item bootstrap's 95 % interval."""
    one, became = setting["estimate"], setting["outcomes"]
    trivial = told["trivial"][told["best_trivial"]["name"]]["value"]
    chance = "" if told["chance"] is None else f"{100 * told['chance']:.1f}"
    own = folder / setting["model"] / f"{task}.{setting['slug']}"
    score = f"{100 * one['value']:.1f} [{100 * one['low']:.1f}, {100 * one['high']:.1f}]"
    fitting = f"{became['failed']} | {cut_off(own)} | {became['unparsed'] + became['truncated']}"
    return f"| `{task}` ({told['metric']}) | {setting['slug']} | {told['n']} | {chance} | {100 * trivial:.1f} | {score} | {fitting} |"


def cut_off(folder: Path) -> int:
    """Texts that the length limit ended, whether or not they could be graded; none of what was ranked."""
    path = folder / grade.COMPLETIONS
    return sum(one.finish is Finish.LENGTH for one in jsonl.read(path, Completion)) if path.exists() else 0


if __name__ == "__main__":
    main()
