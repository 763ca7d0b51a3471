"""Sections to check the numbers by: traces, items side by side, the recipe and the files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bioinstruct.report import page_browser
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.page_lineage import lineage
from bioinstruct.report.parts import facts, more, note, outside, section, table
from bioinstruct.report.wording import category, count, metric, plural, readable, score

Data = Mapping[str, Any]


def traces(data: Data) -> Markup:
    """Kept instructions back to their requests."""
    kept = [_trace(number, one) for number, one in enumerate(data["traces"], start=1)]
    lead = (
        "Examples of kept records, chosen by rule, not by taste: from evenly spaced places of the kept file the next record of each "
        "category in turn. All text in frames is quoted as it was stored."
    )
    shown = [tag("p", lead), *kept] if kept else [tag("p", "No record is shown here.")]
    return section("traces", "From seed to verdict", *shown, lineage(data))


def _trace(number: int, one: Mapping[str, Any]) -> Markup:
    record = facts(*((name.capitalize(), outside(one[name])) for name in ("instruction", "input", "output")))
    if one["method"] == "file":
        origin: Child = tag("p", f"Row {one['position']} of the instruction file.")
        reply: Child = None
    else:
        named = [
            tag(
                "li",
                tag("code", seed["id"]),
                ": " if seed["instruction"] else "",
                tag("span", seed["instruction"]["text"], dir="auto") if seed["instruction"] else None,
            )
            for seed in one["seeds"]
        ]
        origin = join(
            tag(
                "p",
                (
                    f"Request {one['request']}, task {one['position']} of its list, to the teacher "
                    f"\u201c{one['teacher']}\u201d. It was shown these seeds:"
                ),
            ),
            tag("ol", *named, class_="seeds"),
        )
        reply = _reply(one["reply"])
    verdict = (
        f"Kept: no rule objected ({', '.join(readable(rule) for rule in one['passed'])}). Labelled \u201c{category(one['category'])}\u201d."
    )
    steps = [
        tag("li", tag("h4", "Origin"), origin),
        tag("li", tag("h4", "Raw reply"), reply) if reply is not None else None,
        tag("li", tag("h4", "Record"), record),
        tag("li", tag("h4", "Verdict"), tag("p", verdict)),
    ]
    return tag("article", tag("h3", f"Trace {number}: ", tag("code", one["id"])), tag("ol", *steps, class_="steps"), class_="trace")


def _reply(found: Mapping[str, Any] | None) -> Child:
    if found is None:
        return tag("p", "The ledger holds no reply for this request and these settings.")
    where = (
        f"from character {count(found['from'])} of {count(found['characters'])}"
        if found["verbatim"]
        else "its beginning; the task does not stand in it word for word"
    )
    told = (
        f"Ledger entry generate {found['key']}, model {found['model']}, ended by {found['finish']}, "
        f"{count(found['prompt_tokens'])} + {count(found['output_tokens'])} tokens; {where}:"
    )
    return join(tag("p", told), outside(found["excerpt"]))


def items(data: Data) -> Markup:
    """Items of each task with base and tuned answers side by side."""
    lead = (
        "Three items of each task, chosen by rule: the first, the first on which the tuned model scored higher, "
        "and the first on which the base did; the next ones where there is none."
    )
    shown = []
    for number, (name, found) in enumerate(data["items"].items()):
        task = data["comparisons"][name]
        inside = [_item(one, task["metric"]) for one in found]
        shown.append(more(join(tag("strong", name), f" ({plural(len(found), 'item')})"), note(data["label"]), *inside, open_=number == 0))
    return section("items", "Items side by side", tag("p", lead), *shown, page_browser.browser(data))


def _item(one: Mapping[str, Any], name: str) -> Markup:
    answers: list[Child] = []
    for who, answer in one["answers"].items():
        title = {"base": "Base, strongest form", "tuned": "Tuned"}[who]
        said = f"{answer['outcome']}; {metric(name)} {score(answer['value'])}"
        answers.append(
            tag(
                "div",
                tag("h4", title),
                outside(answer, "(no text)"),
                tag("p", said, class_="outcome"),
                class_=f"answer {who}",
            )
        )
    gold = [outside(one["gold"])]
    if one["further_references"]:
        gold.append(tag("p", f"and {plural(one['further_references'], 'further reference')}", class_="cut"))
    answers.append(tag("div", tag("h4", "Gold"), *gold, class_="answer gold"))
    asked = facts(("Instruction", outside(one["instruction"])), ("Input", outside(one["input"])))
    heading = tag("h3", tag("code", one["item"]), " ", tag("span", one["why"], class_="why"))
    return tag("article", heading, asked, tag("div", *answers, class_="answers"), class_="item")


def recipe(data: Data) -> Markup:
    """Every value, the stages with their versions, and the files."""
    rows: list[list[Child]] = [
        [tag("code", one["field"]), _value(one["value"]), "given" if one["given"] else "default"] for one in data["recipe"]
    ]
    given = [number for number, one in enumerate(data["recipe"]) if one["given"]]
    values = table("Every value of the recipe", ["Field", "Value", "From"], rows, left=3, strong=given, class_="recipe")
    stages: list[list[Child]] = []
    for one in data["stages"]:
        versions = ", ".join(f"{package} {version}" for package, version in one["versions"].items()) or "\u2013"
        stages.append(
            [one["stage"] + (f" ({one['name']})" if one["name"] != one["stage"] else ""), tag("code", one["fingerprint"]), versions]
        )
    made = table("Finished stages", ["Stage", "Fingerprint", "Versions"], stages, left=3)
    kept = table(
        "Where the evidence lies, in the run folder",
        ["Path", "What it holds"],
        [[tag("code", one["path"]), one["holds"]] for one in data["files"]],
        left=2,
    )
    told = (
        f"{plural(len(given), 'value was', 'values were')} given; all others are defaults. Of absolute paths only "
        "the last part is shown. Two runs with the same fingerprint had the same settings and the same inputs."
    )
    return section("recipe", "Recipe and evidence", tag("p", told), more("All values", values), made, kept)


def _value(value: Any) -> Markup:
    return tag("code", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), class_="value-text")
