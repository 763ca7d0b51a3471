"""Pages from templates. Every value is escaped: records and what raters write are text, never markup."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
NEW_LINK = (
    "A link works once. Ask who runs the review for a new one: they restart it, or use: bioinstruct review ... --new-link and your name."
)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["count"] = lambda number: f"{number:,}"
    return made


def render(name: str, **values: Any) -> str:
    """The page of a template with these values."""
    return _environment().get_template(name).render(**values)


def problem(status: int, reason: str, *, way_on: bool = False) -> str:
    """A page that says what is wrong. `way_on`: with a link to the records, for who is signed in."""
    return render("problem.html", status=status, reason=reason, way_on=way_on)
