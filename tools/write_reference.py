"""Write docs/recipe.md and docs/tasks.md from the code; `--check` only says whether they are current (exit code 1 if not).

python tools/write_reference.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bioinstruct.core.recipe import Recipe, Section
from bioinstruct.tasks import TASKS, Task
from bioinstruct.tasks.sources import Files

DOCS = Path(__file__).resolve().parent.parent / "docs"


def recipe_page() -> str:
    """One table a section: field, default, kind, meaning."""
    lines = [
        "# Recipe fields",
        "",
        "Made from `src/bioinstruct/core/sections.py` by `tools/write_reference.py`. A recipe is YAML with these sections and holds only what differs from",
        "the defaults. Kinds: a changed *identity* field is another run; an *extendable* one (a higher target, more tasks) goes on with the run that is there;",
        "an *execution* field changes how, not what.",
        "",
    ]
    plain = {name: info for name, info in Recipe.model_fields.items() if not _section(info.annotation)}
    lines += ["## (top level)", "", *_table(plain)]
    for name, info in Recipe.model_fields.items():
        section = _section(info.annotation)
        if section is not None:
            lines += ["", f"## {name}", "", (section.__doc__ or "").strip(), "", *_table(section.model_fields)]
    return "\n".join(lines) + "\n"


def _section(annotation: object) -> type[Section] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, Section) else None


def _table(fields: dict) -> list[str]:
    rows = ["| field | default | kind | meaning |", "|---|---|---|---|"]
    for name, info in fields.items():
        default = json.dumps(info.default)
        rows.append(f"| `{name}` | `{default}` | {info.json_schema_extra['kind']} | {info.description} |")
    return rows


TASKS_HEAD = """# Tasks

Made from `src/bioinstruct/tasks/` by `tools/write_reference.py`. Each variant has its own name and its own number of items; results of two variants
are never mixed, and a file of one variant is refused by the other where the two can be told apart (`medqa_4` and `medqa_5` by their options).

**Data.** Tasks whose name ends in `_embedded` need no file. For the others name a file or folder under `evaluate.files`; nothing is fetched unasked, and no
row comes with the package. Files may be gzip-compressed (`.gz`); Parquet needs the extra `hub`. Loading scripts of the hub no longer run, so a copy is a raw
or converted file of it, here by its address. A checksum is that of the file which our tests read, every item of it; a revision is the commit to ask for,
whose form is known from its card and tested on made-up rows of the same shape; where neither is known it says "not pinned". A row that cannot be used is
named by file, row and field before any model is asked.

A file of the hub may be named by its address, `hf://datasets/OWNER/NAME/PATH` or `hf://datasets/OWNER/NAME@REVISION/PATH`: it is fetched once into the hub's
own cache (extra `hub`). An address names one file; a task whose worked examples come from a second one then takes them from items that are not scored, or
needs the folder. Where a checksum is given below, the file is compared with it: `evaluate/record.json` says under `versions`, as `data TASK/FILE`,
`as published` or `not as published`, and so does the page. Another file is told of and not refused: figures from it are the user's own.

**Asking.** *rank*: the option with the highest log-likelihood after the prompt is the answer; labels (the same options for every item) and letters by the
sum over their tokens, options in words of their own by the mean. *generate*: the model writes, the parser (`tasks/answers.py`) reads. The gold of every item
goes through the same parser and must reach 1.0; an item for which it does not is undefined: left out and counted. An answer that cannot be read counts as 0
(strict); the share of them, and the mean over those that could be read, stand beside it.

**Prompts.** The template (`tune.template`) puts the instruction and the input into its form. Options are listed below the question, one a line after a dash.
A worked example is never of the item's own group and never scored. The paper reports no prompt of its evaluation; these are ours.

**Token ids.** A prompt is encoded in two parts: worked examples and preamble, then everything from the instruction on; an option's ids follow. The first part
is computed once for all prompts that share it. Byte-level tokenizers (GPT-2's and LLaMA-3's ways of cutting are tested) give the same ids for the text in
one piece, which is what lm-eval encodes, with and without worked examples. Those in the manner of SentencePiece (`stories260K` is tested) put a space
before every text, and so one more before the instruction; the base is tuned and asked alike.

**Your own.** A YAML file makes a task of a table of yours, under the same laws: [own domain](own_domain.md#task-files).

**Chance** is what a blind guess gets in the mean. The table's best trivial answerer (named for each task) is what a claim must beat.
"""


def tasks_page() -> str:
    """A table of all tasks, then one section a task."""
    lines = [TASKS_HEAD, "| task | n | mode | metric | chance | data | the paper's own |", "|---|---|---|---|---|---|---|"]
    for name in TASKS:
        task = TASKS.get(name)
        n = "as asked" if task.data.embedded else "not published" if task.n is None else f"{task.n:,}"
        own = {True: "a stand-in"}.get(
            task.data.embedded, "no" if "not measured" in task.paper_setting or "another set" in task.paper_setting else "yes"
        )
        lines.append(f"| [{name}](#{name}) | {n} | {task.mode} | {task.metric} | {_chance(task)} | {_getting(task)} | {own} |")
    for name in TASKS:
        lines += ["", *_task(TASKS.get(name))]
    return "\n".join(lines) + "\n"


def _chance(task: Task) -> str:
    return "none" if task.chance is None else f"{task.chance:.3f}".rstrip("0")


def _getting(task: Task) -> str:
    if not isinstance(task.data, Files):
        return "made here"
    return "after the steps below" if task.data.access.credentialed else "free to fetch"


def _task(task: Task) -> list[str]:
    further = [metric for metric in (*task.metrics, *task.micro) if metric != task.metric]
    lines = [
        f"## {task.name}",
        "",
        task.description,
        "",
        f"- source: {task.source}",
        f"- split: {task.split}",
        f"- asked: {task.mode}{' by ' + task.asked if task.mode == 'rank' else f', at most {task.max_new_tokens} tokens'}; family {task.family}",
        f"- instruction: {'worded in several ways' if not task.instruction else _quoted(task.instruction)}",
        f"- read from a generated text: {task.extraction}",
        f"- primary metric: {task.metric}" + (f"; beside it {', '.join(further)}" if further else ""),
        f"- chance: {_chance(task)}; trivial answerers: {', '.join(trivial.name for trivial in task.trivial)}",
        f"- the paper's setting: {task.paper_setting} ({task.paper_shots} worked example{'' if task.paper_shots == 1 else 's'})",
        f"- licence: {task.licence}",
        f"- version: {task.version}",
    ]
    if isinstance(task.data, Files):
        lines.append(f"- file: {task.data.needs}")
        for copy in task.data.access.copies:
            lines.append(f"- from: {copy.place}: {', '.join(f'`{file}`' for file in copy.files)}; {copy.pinned}")
        if task.data.access.steps:
            lines += ["- before that:", *(f"    {number}. {step}" for number, step in enumerate(task.data.access.steps, start=1))]
        if fields := _fields(task):
            lines.append(f"- {fields}")
    return lines


def _quoted(text: str) -> str:
    return f'"{text}"'


def _fields(task: Task) -> str:
    """The paragraph on fields in the docstring of the task's module, where it has one."""
    paragraphs = (sys.modules[task.data.item.__module__].__doc__ or "").split("\n\n") if isinstance(task.data, Files) else []
    found = next((one for one in paragraphs if "Fields:" in one), "")
    return "fields: " + " ".join(found.split("Fields:")[1].split()) if found else ""


def main() -> int:
    pages = {DOCS / "recipe.md": recipe_page(), DOCS / "tasks.md": tasks_page()}
    if "--check" in sys.argv:
        stale = [path.name for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
        print("\n".join(f"docs/{name} is not current: run python tools/write_reference.py" for name in stale) or "current")
        return bool(stale)
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
