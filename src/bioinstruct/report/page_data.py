"""Sections on the data and the training: funnel, composition, loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioinstruct.generate.parse import REASONS
from bioinstruct.report import figures
from bioinstruct.report.drawing import figure, responsive
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import more, section, table
from bioinstruct.report.wheel import wheel
from bioinstruct.report.wording import CATEGORIES, count, plural, readable, share

Data = Mapping[str, Any]

RULES = {
    "too_short": "the instruction has too few words",
    "too_long": "the instruction has too many words",
    "keyword": "the instruction holds a word for what a text model cannot handle, such as \u201cimage\u201d",
    "output_repeats_input": "the output is the input again",
    "contamination": "the record holds an item of a task that is measured here, or of another file named",
    "novelty": "the instruction is too near to a seed or to one kept before (ROUGE-L)",
}


def funnel(data: Data) -> Markup:
    """Candidates, dropped by each rule, kept."""
    totals = data["totals"]
    if totals["candidates"] is None:
        return section("funnel", "From candidates to instructions", tag("p", "This run folder holds no curated instructions."))
    drawn = responsive("funnel-picture", lambda name, width: figures.funnel(name, width, totals, data["funnel"]))
    caption = (
        "Each bar is what is left after a rule; its dark end is what the rule dropped. The rules are asked from "
        "top to bottom, and a record is counted under the first that objects."
    )
    rows: list[list[Child]] = [
        [readable(step["rule"]), RULES.get(step["rule"], ""), count(step["dropped"]), _of(step["dropped"], totals["candidates"])]
        for step in data["funnel"]
    ]
    rows.append(["kept", "passed every rule", count(totals["kept"]), _of(totals["kept"], totals["candidates"])])
    rows.append(["surplus", "passed every rule, beyond the target", count(totals["surplus"]), _of(totals["surplus"], totals["candidates"])])
    rows.append(["candidates", "the sum of the above", count(totals["candidates"]), _of(totals["candidates"], totals["candidates"])])
    shown = table(
        "What became of every candidate", ["Outcome", "Meaning", "Records", "Share"], rows, left=2, strong=[len(rows) - 3, len(rows) - 1]
    )
    return section(
        "funnel",
        "From candidates to instructions",
        tag("p", _asked(data)),
        figure("Figure 2", drawn, caption=caption),
        shown,
        _unparsed(data),
    )


def _of(part: int, whole: int) -> str:
    return share(part / whole) if whole else "\u2013"


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


def composition(data: Data) -> Markup:
    """Categories, lengths, verbs of what was kept."""
    if data["categories"] is None or not data["totals"]["kept"]:
        return section("composition", "What the instructions are", tag("p", "This run folder holds no kept instructions."))
    return section("composition", "What the instructions are", _categories(data), _lengths(data), _verbs(data))


def _categories(data: Data) -> Markup:
    found = data["categories"]
    drawn = responsive("category-picture", lambda name, width: figures.categories(name, width, found))
    caption = (
        "Share of each category, above for this run (labelled by rules, offline), below for the paper\u2019s "
        "25,005 instructions (labelled by GPT-4). Two labellers: small differences mean nothing."
    )
    rows: list[list[Child]] = [
        [CATEGORIES[name], count(one["n"]), share(one["share"]), share(one["paper_share"])] for name, one in found.items()
    ]
    shown = table("Categories of the kept instructions", ["Category", "Records", "This run", "Paper"], rows)
    return join(tag("h3", "Categories"), figure("Figure 3", drawn, caption=caption), shown)


def _lengths(data: Data) -> Markup:
    found = data["lengths"]
    names = [name for name in ("instruction", "input", "output") if found[name] is not None]
    drawn = tag(
        "div",
        *(
            tag("div", tag("p", name.capitalize(), class_="panel-title"), figures.histogram(f"words-{name}", name, found[name]))
            for name in names
        ),
        class_="panels",
    )
    caption = (
        "How many texts (upright) have how many words (across). The last bar holds all longer ones where it is marked with a plus sign."
    )
    rows: list[list[Child]] = [
        [
            name.capitalize(),
            count(found[name]["n"]),
            count(found[name]["min"]),
            f"{found[name]['median']:g}",
            f"{found[name]['mean']:.1f}",
            count(found[name]["max"]),
        ]
        for name in names
    ]
    shown = table("Words of each text", ["Text", "Texts", "Fewest", "Median", "Mean", "Most"], rows)
    without = tag(
        "p", f"{plural(found['without_input'], 'instruction has', 'instructions have')} no input; the figures of the input leave them out."
    )
    return join(tag("h3", "Lengths"), figure("Figure 4", drawn, caption=caption), shown, without)


def _verbs(data: Data) -> Markup:
    found = data["verbs"]
    total = found["instructions"]
    told = tag(
        "p",
        f"Of {count(total)} instructions, {count(found['with_verb'])} ({share(found['with_verb'] / total)}) ask "
        f"with one of {count(found['verbs'])} verbs, "
        f"{count(found['questions'])} ({share(found['questions'] / total)}) are questions, and in "
        f"{count(found['neither'])} the rules found neither.",
    )
    if not found["top"]:
        return join(tag("h3", "Verbs and their objects"), told)
    shown_n = sum(one["n"] for one in found["top"])
    drawn = join(
        tag("div", wheel("wheel-wide", found["top"], narrow=False), class_="wide"),
        tag("div", wheel("wheel-narrow", found["top"], narrow=True), class_="narrow"),
    )
    caption = (
        f"The {len(found['top'])} most frequent root verbs (inner ring) and up to four nouns each (outer ring), "
        "like the paper\u2019s Fig. 1b; the angle is the number of instructions "
        f"({count(shown_n)} in all), gaps in the outer ring are rarer nouns or none. By rules, not by a parser: "
        "the first word of a clause that is in our list of verbs, "
        "and the last word of the noun phrase after it."
    )
    rows: list[list[Child]] = [
        [one["verb"], ", ".join(f"{noun['noun']} ({noun['n']})" for noun in one["objects"]) or "\u2013", count(one["n"])]
        for one in found["top"]
    ]
    shown = more("The same as a table", table("Root verbs and their nouns", ["Verb", "Nouns", "Instructions"], rows, left=2))
    return join(tag("h3", "Verbs and their objects"), told, figure("Figure 5", drawn, caption=caption), shown)


def training(data: Data) -> Markup:
    """Loss of ours and the controls, and what they were trained on."""
    found = data["training"]
    if found is None:
        return section("training", "Training", tag("p", "This run folder holds no training."))
    told = (
        "Only the output and its end mark are trained. A control is tuned in the same way on the same records "
        "with their outputs permuted, so that none answers its instruction."
        if len(found) > 1
        else "Only the output and its end mark are trained. No control was tuned in this run."
    )
    drawn = responsive("loss-picture", lambda name, width: figures.loss(name, width, found))
    caption = (
        "Mean cross entropy of the trained tokens (nats) at each step; the number at a line\u2019s end is the "
        "mean of its last steps. Lower is better, but only between models on the same outputs: what it is worth "
        "is in the results below."
    )
    names = {"ours": "Ours"}
    columns = ["Training", "Records", "Dropped", "Input cut", "Tokens", "Trained tokens", "Steps", "First loss", "Last loss"]
    rows: list[list[Child]] = []
    for kind, one in found.items():
        counts: list[Child] = [
            "\u2013" if one[name] is None else count(one[name])
            for name in ("trained_records", "dropped", "cut", "tokens", "trained_tokens", "steps")
        ]
        losses: list[Child] = ["\u2013" if one[name] is None else f"{one[name]:.3f}" for name in ("first_loss", "last_loss")]
        state = "" if one["finished"] else " (unfinished)"
        rows.append([names.get(kind, f"Control: {kind}") + state, *counts, *losses])
    shown = table("Trainings; tokens are those of one epoch", columns, rows)
    meaning = (
        "Dropped: instruction and output alone did not fit. Input cut: the end of the input was left out. First "
        "and last loss: means over the first and last twentieth of the steps."
    )
    return section(
        "training", "Training", tag("p", told), figure("Figure 6", drawn, caption=caption), shown, tag("p", meaning, class_="small")
    )
