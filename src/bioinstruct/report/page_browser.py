"""The browser of all items: its controls, the packed figures and texts, and the script that reads them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioinstruct.report import page_judge
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import more, table
from bioinstruct.report.payload import Packed, pack
from bioinstruct.report.wording import asked, count, metric, model, plural

Data = Mapping[str, Any]
SCRIPT = Path(__file__).with_name("browser.js")
STYLE = Path(__file__).with_name("browser.css")
TITLE = "All items"
CLOSED = "Here all items can be looked through, by task and by outcome, where the browser runs this page\u2019s own script."


def there(data: Data) -> bool:
    """Whether there are items to look through."""
    return any(task["items"] and task["answerers"] for task in data["browser"]["tasks"].values())


def source() -> str:
    """The script, as it stands in the page."""
    text = SCRIPT.read_text(encoding="utf-8")
    if "</" in text or "<!--" in text:
        raise ValueError(f"{SCRIPT.name}: got '</' or '<!--'; allowed: JavaScript without them, so that it ends where it ends")
    return text


def policy() -> str:
    """What the browser may run: this one script, and the files beside the page that it loads."""
    digest = base64.b64encode(hashlib.sha256(source().encode("utf-8")).digest()).decode("ascii")
    return f"script-src 'sha256-{digest}' 'strict-dynamic'"


def browser(data: Data) -> Markup | None:
    """The controls and the empty list; the script fills it."""
    if not there(data):
        return None
    lead = tag(
        "p",
        "Two answerers side by side, every item that they were scored on. Of each text the first "
        f"{plural(data['browser']['limit'], 'character')} are shown; where that is not all of it, the item says so, and the run folder "
        "holds the whole. ",
        _where(data["browser"]["parts"]),
    )
    tools = tag(
        "div",
        *(_choice(name, title) for name, title in (("task", "Task"), ("left", "Left"), ("right", "Right"), ("show", "Show"))),
        tag("div", _step(-1), _step(1), tag("p", id="browser-told", role="status", tabindex="-1"), class_="pager"),
        id="browser-tools",
        class_="tools",
        role="group",
        aria_label="Which items to show",
        hidden=True,
    )
    below = tag("div", _step(-1), _step(1), id="browser-more", class_="pager", role="group", aria_label="Other pages of items", hidden=True)
    closed, items = tag("p", CLOSED, id="browser-closed", class_="empty"), tag("div", id="browser-list")
    shown = (tag("h3", TITLE, id="browser-heading"), lead, closed, tools, items, below, _parts(data["browser"]["parts"]))
    return tag("section", *shown, id="browser", aria_labelledby="browser-heading")


def scripts(data: Data, parts: Sequence[Packed]) -> Markup | None:
    """Figures and texts as blocks of data, then the script; for the end of the page."""
    if not there(data):
        return None
    blocks: list[Child] = [_block("browser-figures", pack(_figures(data)))]
    blocks += [_block(f"part-{number}", one.text) for number, one in enumerate(parts) if one.file is None]
    return join(*blocks, Markup(f"<script>{source()}</script>"))


def _block(name: str, text: str) -> Markup:
    """Base64 in a script element of a type that no browser runs."""
    return tag("script", text, id=name, type="application/gzip;base64")


def _figures(data: Data) -> dict[str, Any]:
    """The figures as the script reads them: `report.json`'s, with names for readers."""
    found = data["browser"]
    tasks = {
        name: {
            **task,
            "metric": metric(task["metric"]),
            "answerers": [{**one, "name": f"{model(one['model'])}, {asked(one)}"} for one in task["answerers"]],
        }
        for name, task in found["tasks"].items()
        if task["items"] and task["answerers"]
    }
    return {"limit": found["limit"], "tasks": tasks, "parts": found["parts"], **_judge(data["judge"])}


def _judge(found: Data | None) -> dict[str, Any]:
    """The judge's scale and the words for what became of texts and pairs; nothing without one."""
    if found is None:
        return {}
    return {"judge": {"highest": found["scale"][1], "outcomes": page_judge.OUTCOMES, "results": page_judge.RESULTS}}


def _choice(name: str, title: str) -> Markup:
    return tag("label", title, tag("select", id=f"browser-{name}", autocomplete="off"))


def _step(step: int) -> Markup:
    return tag("button", "Previous" if step < 0 else "Next", type="button", data_step=str(step), disabled=True)


def _where(parts: Sequence[Mapping[str, Any]]) -> str:
    """How many items' texts lie where, in a sentence."""
    inside = sum(one["last"] - one["first"] + 1 for one in parts if one["file"] is None)
    outside = [one for one in parts if one["file"] is not None]
    if not outside:
        return f"The texts of all {plural(inside, 'item')} lie within this page."
    away = sum(one["last"] - one["first"] + 1 for one in outside)
    return (
        f"The texts of {plural(inside, 'item')} lie within this page, those of {count(away)} in {plural(len(outside), 'file')} of the "
        "folder report/items beside it: keep that folder with the page."
    )


def _parts(parts: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Which items lie where; nothing where all lie within the page."""
    if all(one["file"] is None for one in parts):
        return None
    rows: list[list[Child]] = [
        [
            one["task"],
            f"{count(one['first'])} to {count(one['last'])}",
            "this page" if one["file"] is None else tag("code", one["file"]),
            f"{one['bytes'] / 1e6:.2f}",
        ]
        for one in parts
    ]
    return more("Which items lie where", table("Texts of the items", ["Task", "Items", "Where", "MB"], rows, left=3))
