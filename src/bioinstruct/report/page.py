"""The page: one HTML file made of `report.json`'s data, and of the texts of its items; nothing is loaded from elsewhere.

Its one script shows items; without it the page lacks nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bioinstruct import __version__
from bioinstruct.report import (
    forest,
    page_browser,
    page_curation,
    page_data,
    page_evidence,
    page_judge,
    page_results,
    page_study,
    page_tests,
)
from bioinstruct.report.drawing import figure, responsive
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import note, section
from bioinstruct.report.payload import Packed
from bioinstruct.report.wording import count, plural

Data = Mapping[str, Any]
STYLE, STUDY_STYLE = Path(__file__).with_name("style.css"), Path(__file__).with_name("study.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Whatever slipped through: the browser runs no script but our own and loads nothing."""
CONTENTS = (
    ("summary", "In five lines"),
    ("funnel", page_curation.DROPPED),
    ("contamination", page_curation.LEAKS),
    ("identifiers", page_curation.IDENTIFIERS),
    ("composition", "What the instructions are"),
    ("training", "Training"),
    ("results", "Results"),
    ("tests", page_tests.TITLE),
    ("traces", "From seed to verdict"),
    ("items", "Items side by side"),
    ("recipe", "Recipe and evidence"),
)
SECTIONS: Mapping[str, Callable[[Data], Markup]] = {
    "funnel": page_curation.dropped,
    "contamination": page_curation.contamination,
    "identifiers": page_curation.identifiers,
    "composition": page_data.composition,
    "training": page_data.training,
    "results": page_results.results,
    "tests": page_tests.tests,
    "judge": page_judge.judge,
    "study": lambda data: page_study.study(data["study"]),
    "traces": page_evidence.traces,
    "items": page_evidence.items,
    "recipe": page_evidence.recipe,
}
"""What draws each section but the summary."""
JUDGE, STUDY = ("judge", page_judge.TITLE), ("study", page_study.TITLE)
"""Stand after results and tests, where there is a judge or a study."""
OF_A_RUN = ("training", "results", "tests", "items")
"""Left out where there is only a study."""


def page(data: Data, parts: Sequence[Packed] = ()) -> str:
    """The whole document; one of a run without a study says nothing of studies, and one of a study alone nothing of a run's results.

    Args:
        data: `report.json`'s value.
        parts: The texts of all items, as `data["browser"]["parts"]` lists them; those without a file become part of the page.
    """
    listed, looked_through = contents(data), page_browser.there(data)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=f"{POLICY}; {page_browser.policy()}" if looked_through else POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"bioinstruct {__version__}"),
        tag("title", data["title"]),
        tag("link", rel="icon", href="data:,"),
        style(STYLE, *([] if data["study"] is None else [STUDY_STYLE]), *([page_browser.STYLE] if looked_through else [])),
    )
    banner = None if data["label"] is None else tag("aside", tag("p", data["label"]), class_="banner", aria_label="Standing label")
    main = tag(
        "main",
        _summary(data),
        *(SECTIONS[name](data) for name, _ in listed if name in SECTIONS),
        id="main",
    )
    links = [tag("li", tag("a", title, href=f"#{name}")) for name, title in listed]
    listing = tag(
        "nav", tag("p", "On this page", class_="toc-title", id="toc-title"), tag("ol", *links), class_="toc", aria_labelledby="toc-title"
    )
    foot = tag(
        "footer",
        tag(
            "p", f"Made by bioinstruct {__version__} from the files of a run folder. Every number on this page is in report.json beside it."
        ),
    )
    skip = tag("a", "Skip to the content", href="#main", class_="skip")
    body = tag("body", skip, banner, _header(data), tag("div", listing, main, class_="layout"), foot, page_browser.scripts(data, parts))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def contents(data: Data) -> list[tuple[str, str]]:
    """The sections that the page has: name and title."""
    left_out = OF_A_RUN if _only_study(data) else ()
    listed = [("summary", _short(data)), *(one for one in CONTENTS[1:] if one[0] not in left_out)]
    further = [*([JUDGE] if data["judge"] is not None else []), *([STUDY] if data["study"] is not None else [])]
    place = [name for name, _ in listed].index("traces")
    listed[place:place] = further
    return listed


def _short(data: Data) -> str:
    """Title of the summary."""
    return CONTENTS[0][1] if len(data["summary"]) == 5 else "In short"


def _only_study(data: Data) -> bool:
    return data["study"] is not None and not data["comparisons"]


def style(*sheets: Path) -> Markup:
    """Style sheets as one element; they are files of this package, and hold no end tag."""
    text = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    if "</" in text:
        raise ValueError(f"{', '.join(sheet.name for sheet in sheets)}: got '</'; allowed: CSS alone")
    return Markup(f"<style>\n{text}</style>")


def _header(data: Data) -> Markup:
    totals, embedded = data["totals"], data["embedded"]
    source = data["source"]
    told: list[str] = []
    if totals["kept"] is not None:
        told.append(
            f"{plural(totals['kept'], 'instruction')} "
            + ("from a file" if source["file"] is not None else f"from the teacher \u201c{source['teacher']}\u201d")
        )
    if data["training"] is not None:
        told.append(f"a LoRA adapter on the base \u201c{source['base']}\u201d")
    if not _only_study(data):
        told.append(f"{plural(len(data['comparisons']), 'task')}, {plural(sum(one['n'] for one in data['comparisons'].values()), 'item')}")
    else:
        totals = data["study"]["totals"]
        told.append(f"a study of {plural(totals['mixtures'], 'mixture')} on {plural(totals['tasks'], 'task')}")
    parts: list[Child] = [
        tag("p", "Report of a study" if _only_study(data) else "Report of a run", class_="kicker"),
        tag("h1", data["title"]),
        tag("p", "; ".join(told) + ".", class_="lead"),
    ]
    if embedded["any"]:
        which = [name for name, there in (("the base model", embedded["base"]), ("the teacher", embedded["teacher"])) if there]
        if embedded["tasks"]:
            which.append(f"{count(len(embedded['tasks']))} of {plural(embedded['of_tasks'], 'task')}")
        parts.append(tag("p", f"Embedded in this run: {', '.join(which)}.", class_="small"))
    return tag("header", *parts, class_="masthead")


def _summary(data: Data) -> Markup:
    lines = [
        tag("li", tag("p", one["headline"], class_="headline"), tag("p", one["detail"], class_="detail") if one["detail"] else None)
        for one in data["summary"]
    ]
    families = page_results.measured(data)
    drawn: Child = None
    if families:
        roles = [role for role, _ in forest.MARKS if any(one[role] is not None for one in families.values())]
        shown = join(
            forest.legend(roles, any(one["chance"] is not None for one in families.values())),
            responsive("headline-picture", lambda name, width: forest.headline(name, width, families)),
        )
        caption = (
            "Mean score of each family, 0 to 100, with 95\u00a0% intervals. The line runs from the base, in the "
            "strongest form of each task, to the tuned model; below it the control and the best trivial answerer."
        )
        drawn = figure(shown, caption=caption)
    return section("summary", _short(data), note(data["label"]), tag("ol", *lines, class_="lines"), drawn)
