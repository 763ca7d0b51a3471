"""Sections on curation: what was dropped and why, test items in the training records, identifiers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct.curate.describe import TEXT
from bioinstruct.curate.rules import RULES
from bioinstruct.curate.screen import CONTAMINATION
from bioinstruct.generate.parse import REASONS
from bioinstruct.report import figures
from bioinstruct.report.curation import ACTIONS, PAIRS
from bioinstruct.report.drawing import figure, responsive
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import coded, facts, listed, more, note, outside, section, table
from bioinstruct.report.wording import count, plural, readable, share

Data = Mapping[str, Any]
DROPPED, LEAKS, IDENTIFIERS = "What was dropped, and why", "Test items in the training records", "Identifiers"
"""Titles of the sections."""
NONE = "\u2013"
MEANINGS = {name: rule.drops for name, rule in RULES.items()} | {
    "too_short": "the instruction has too few words",
    "too_long": "the instruction has too many words",
    "keyword": "the instruction holds a word for what a text model cannot handle, such as \u201cimage\u201d",
    "contamination": "the record holds an item of a task that is measured here, or of another file named",
    "identifier": "the record holds an identifier of a person",
    "duplicate": "the whole record equals one before",
    "near_duplicate": "the whole record has much the same words as one before",
    "similar": "the whole record means much the same as one before, by the encoder named in the recipe",
    "novelty": "the instruction is too near to a seed or to one kept before (ROUGE-L)",
}
"""What each step of the funnel drops."""
ABSENT = "Not recorded by this run."
NO_DE_IDENTIFICATION = (
    "This is no de-identification: what these finders do not know, or do not see, stands in the records as it did. "
    "A record in which an identifier was found is not quoted on this page."
)


def dropped(data: Data) -> Markup:
    """Candidates, dropped by each rule with examples, kept."""
    totals = data["totals"]
    if totals["candidates"] is None:
        return section("funnel", DROPPED, tag("p", "This run folder holds no curated instructions."))
    acted = [step for step in data["funnel"] if step["dropped"]]
    drawn = responsive("funnel-picture", lambda name, width: figures.funnel(name, width, totals, acted))
    caption = (
        "Each bar is what is left after a rule; its dark end is what the rule dropped. The rules are asked from "
        "top to bottom, and a record is counted under the first that objects. "
        "Rules that dropped nothing, or are off, stand in the table only."
    )
    return section(
        "funnel",
        DROPPED,
        tag("p", _asked(data)),
        figure(drawn, caption=caption),
        _outcomes(data),
        _unparsed(data),
        _rules(data),
    )


def _outcomes(data: Data) -> Markup:
    totals = data["totals"]
    rows: list[list[Child]] = [
        [readable(step["rule"]), coded(MEANINGS.get(step["rule"], "")), count(step["dropped"]), _shown(step["share"])]
        for step in data["funnel"]
    ]
    rows.append(["kept", "passed every rule", count(totals["kept"]), _shown(totals["kept_share"])])
    rows.append(["surplus", "passed every rule, beyond the target", count(totals["surplus"]), _shown(totals["surplus_share"])])
    rows.append(["candidates", "the sum of the above", count(totals["candidates"]), _shown(1.0)])
    return table(
        "What became of every candidate", ["Outcome", "Meaning", "Records", "Share"], rows, left=2, strong=[len(rows) - 3, len(rows) - 1]
    )


def _shown(part: float | None) -> str:
    return NONE if part is None else share(part)


def _asked(data: Data) -> str:
    totals, source, cost = data["totals"], data["source"], data["cost"]["by_purpose"].get("generate")
    if source["file"] is not None:
        return (
            f"The {plural(totals['candidates'], 'candidate')} are the rows of an instruction file, {source['file']}; no teacher was asked."
        )
    text = (
        f"{plural(totals['requests'] or 0, 'request')}, each with {source['seeds_per_request']} seeds, went to the "
        f"teacher \u201c{source['teacher']}\u201d."
    )
    if cost is not None:
        text += (
            f" The ledger holds {plural(cost['replies'], 'reply', 'replies')}: {count(cost['prompt_tokens'])} prompt "
            f"tokens and {count(cost['output_tokens'])} output tokens, {_dollars(data['cost']['usd'])}."
        )
    return text


def _dollars(usd: float | None) -> str:
    return "at a price that is not known here" if usd is None else f"${usd:,.4f}" if usd else "free of charge"


def _unparsed(data: Data) -> Markup | None:
    if not data["unparsed"]:
        return None
    rows: list[list[Child]] = [[readable(one["reason"]), REASONS.get(one["reason"], ""), count(one["n"])] for one in data["unparsed"]]
    lead = f"{plural(data['totals']['unparsed'], 'task or reply', 'tasks or replies')} could not be read and never became a candidate"
    return more(lead, table("What could not be read in the replies", ["Reason", "Meaning", "Count"], rows, left=2))


def _rules(data: Data) -> Markup:
    """Examples of every rule that dropped anything."""
    heading = tag("h3", "Examples of every rule")
    if not data["rejected"]:
        return join(heading, tag("p", "No rule dropped a record."))
    lead = (
        "Chosen by rule, not by taste: the first record that a rule dropped, the middle one and the last. Texts are cut at "
        f"{TEXT} characters; those in frames are quoted as they were stored."
    )
    return join(heading, tag("p", lead), *(_rule(step, data["contamination"]["findings"]) for step in data["rejected"]))


def _rule(step: Mapping[str, Any], n_leaks: int) -> Markup:
    title = join(tag("strong", readable(step["rule"])), f" ({plural(step['dropped'], 'record')})")
    if step["rule"] == CONTAMINATION and n_leaks:
        return more(title, tag("p", "Shown beside the test items: ", tag("a", LEAKS, href="#contamination"), "."))
    return more(title, *(_example(one, step["dropped"]) for one in step["examples"]))


def _example(one: Mapping[str, Any], n: int) -> Markup:
    place = f"row {one['position']}" if one["method"] == "file" else f"request {one['request']}, task {one['position']}"
    heading = tag("h4", f"{count(one['number'])} of {count(n)}: ", tag("code", one["id"]), tag("span", f" {place}", class_="why"))
    if "withheld" in one:
        return tag("article", heading, _withheld(one["withheld"]), class_="item")
    evidence = [tag("li", readable(name), ": ", _evidence(value)) for name, value in one["evidence"].items()]
    saw = join(tag("p", "What the rule saw:"), tag("ul", *evidence)) if evidence else None
    record = facts(*((name.capitalize(), outside(one[name])) for name in ("instruction", "input", "output")))
    return tag("article", heading, saw, record, class_="item")


def _evidence(value: Any) -> Markup:
    return tag("span", value if isinstance(value, str) else json.dumps(value), class_="evidence", dir="auto")


def _withheld(kinds: Sequence[str]) -> Markup:
    return tag("p", "Not quoted: an identifier was found in it (", listed(readable(kind) for kind in kinds), ").", class_="empty")


def contamination(data: Data) -> Markup:
    """Test items in records, by benchmark and pair by pair; in seeds, too."""
    found = data["contamination"]
    if found["state"] == "off":
        shown: list[Child] = [tag("p", "Not looked for in this run (curate.contamination=off).")]
    elif found["state"] == "absent":
        shown = [tag("p", ABSENT)]
    else:
        shown = [_compared(found), *(_pairs(one) for one in found["benchmarks"] if one["findings"])]
    return section("contamination", LEAKS, note(data["label"]), *shown, _seeds(data))


def _compared(found: Mapping[str, Any]) -> Markup:
    how = (
        "Records were compared with the items of each task that is measured here and with the rows of the files named. Exact: the same "
        "letters and digits in the same order, or a question with its options in any order. N-gram: many of an item\u2019s 5-word "
        "sequences stand in the record. Paraphrase: the words of both are nearly the same (ROUGE-L). An item told in other words is not "
        "seen."
    )
    if found["findings"]:
        said = (
            f"{plural(found['findings'], 'record holds', 'records hold')} a test item: {count(found['dropped'])} dropped, "
            f"{count(found['reported'])} only reported."
        )
    else:
        said = "No test item was found in any record."
    if not found["benchmarks"]:
        return join(tag("p", how), tag("p", tag("strong", said)))
    kinds = list(dict.fromkeys(name for one in found["benchmarks"] for name in one["how"]))
    columns = [
        "Task or file",
        "Items compared",
        "Items found",
        "Records",
        *(kind.capitalize() for kind in kinds),
        "Dropped",
        "Only reported",
    ]
    rows: list[list[Child]] = [
        [
            one["benchmark"],
            NONE if one["items"] is None else count(one["items"]),
            count(one["items_found"]),
            count(one["findings"]),
            *(count(one["how"].get(kind, 0)) for kind in kinds),
            count(one["dropped"]),
            count(one["reported"]),
        ]
        for one in found["benchmarks"]
    ]
    unknown = any(one["items"] is None for one in found["benchmarks"])
    missing = tag("p", "How many items were compared was not recorded where there is a dash.", class_="small") if unknown else None
    return join(tag("p", how), tag("p", tag("strong", said)), table("Records that hold a test item", columns, rows), missing)


def _pairs(one: Mapping[str, Any]) -> Markup:
    """The first pairs of a benchmark."""
    title = join(tag("strong", tag("bdi", one["benchmark"])), f" ({plural(one['findings'], 'pair')})")
    return more(title, *(_pair(pair) for pair in one["pairs"]), _further(one, "contamination.jsonl"))


def _further(one: Mapping[str, Any], file: str) -> Markup:
    cut = f"Texts are cut at {TEXT} characters, the record\u2019s or the seed\u2019s around what the two share."
    rest = one["findings"] - len(one["pairs"])
    return tag("p", f"The first {PAIRS} are shown, and {count(rest)} further in curate/{file}. {cut}" if rest else cut, class_="small")


def _pair(pair: Mapping[str, Any]) -> Markup:
    done = "dropped" if pair["outcome"] == "dropped" else "only reported"
    if pair["text"] is not None:
        text = outside(pair["text"])
    elif pair["withheld"]:
        text = _withheld(pair["withheld"])
    else:
        text = tag("p", "The record does not stand in this folder.", class_="empty")
    title = join("Record ", tag("code", pair["record"]), "" if pair["field"] is None else f", its {pair['field']}")
    heading = tag("h3", _score(pair), tag("span", f" {done}", class_="why"))
    return _sides(heading, title, text, pair)


def _score(pair: Mapping[str, Any]) -> str:
    how: str = pair["how"]
    return how.capitalize() + ("" if how == "exact" else f" {pair['score']:.2f}")


def _sides(heading: Markup, title: Child, text: Markup, pair: Mapping[str, Any]) -> Markup:
    """Ours beside the item's text."""
    ours = tag("div", tag("h4", title), text, class_="answer tuned")
    theirs = tag("div", tag("h4", "Item ", tag("code", pair["item"])), outside(pair["part"]), class_="answer gold")
    return tag("article", heading, tag("div", ours, theirs, class_="answers"), class_="item")


def _seeds(data: Data) -> Markup | None:
    """Test items in the seeds; nothing where there were no seeds."""
    if data["source"]["file"] is not None or data["contamination"]["state"] == "off":
        return None
    heading, found = tag("h3", "In the seeds"), data["contamination"]["seeds"]
    if found is None:
        return join(heading, tag("p", ABSENT))
    told = f"{plural(found['seeds'], 'seed was', 'seeds were')} compared with {plural(found['sources'], 'item')} in the same way: "
    if not found["findings"]:
        return join(heading, tag("p", told + "no test item was found in any."))
    shown = [_seed(pair) for pair in found["pairs"]]
    summary = join(tag("strong", "seeds"), f" ({plural(found['findings'], 'pair')})")
    told += f"{plural(found['findings'], 'holds', 'hold')} a test item."
    return join(heading, tag("p", told), more(summary, *shown, _further(found, "seed_contamination.json")))


def _seed(pair: Mapping[str, Any]) -> Markup:
    heading = tag("h4", _score(pair), " ", tag("bdi", pair["benchmark"], class_="why"))
    return _sides(heading, join("Seed ", tag("code", pair["seed"])), outside(pair["text"]), pair)


def identifiers(data: Data) -> Markup:
    """Identifiers by kind, and what was done about them."""
    found = data["identifiers"]
    if found["state"] == "off":
        return section("identifiers", IDENTIFIERS, tag("p", "Not looked for in this run (curate.identifiers=off)."))
    if found["state"] == "absent":
        return section("identifiers", IDENTIFIERS, tag("p", ABSENT))
    told = f"Records were searched for what names or points to a person, with: {', '.join(found['finders'])}. "
    limits = tag("p", NO_DE_IDENTIFICATION)
    if not found["records"]:
        return section("identifiers", IDENTIFIERS, tag("p", told, tag("strong", "None was found.")), limits)
    actions = found["actions"]
    done = ", ".join(f"{count(actions[action])} {_done(action)}" for action in ACTIONS if actions[action])
    said = f"{count(found['found'])} found in {plural(found['records'], 'record')}: {done}."
    columns = ["Kind", "Found", "Records", *(_done(action).capitalize() for action in ACTIONS), "Found by"]
    rows: list[list[Child]] = [
        [
            readable(one["kind"]),
            count(one["found"]),
            count(one["records"]),
            *(count(one[action]) for action in ACTIONS),
            listed(f"{name} ({count(n)})" for name, n in one["finders"].items()),
        ]
        for one in found["kinds"]
    ]
    rows.append(["any kind", count(found["found"]), count(found["records"]), *(count(actions[action]) for action in ACTIONS), ""])
    shown = table("Identifiers by kind; a record with several kinds stands in several rows", columns, rows, strong=[len(rows) - 1])
    return section("identifiers", IDENTIFIERS, tag("p", told, tag("strong", said)), shown, limits)


def _done(action: str) -> str:
    return "only reported" if action == "reported" else action
