"""Write docs/recipe.md and docs/tasks.md from the code; `--check` only says whether they are current (exit code 1 if not).

python tools/write_reference.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bioinstruct.core.recipe import Recipe, Section
from bioinstruct.tasks import TASKS

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


def tasks_page() -> str:
    """One section a task."""
    lines = [
        "# Tasks",
        "",
        "Made from `src/bioinstruct/tasks/` by `tools/write_reference.py`. Each variant has its own name; results of two variants are never mixed.",
        "Tasks whose name ends in `_embedded` need no file; for the others name one under `evaluate.files`.",
    ]
    for name in TASKS:
        task = TASKS.get(name)
        lines += [
            "",
            f"## {name}",
            "",
            task.description,
            "",
            f"- family {task.family}; mode {task.mode} ({task.asked}); primary metric {task.metric}; chance {task.chance}; version {task.version}",
            f"- source: {task.source}",
            f"- licence: {task.licence}",
            f"- the paper's setting: {task.paper_setting}",
        ]
    return "\n".join(lines) + "\n"


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
