"""Sections on what was kept and on the training: categories, lengths, verbs, variety, labels and checks; loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bioinstruct.curate.describe import FIELDS, SAMPLE
from bioinstruct.report import figures
from bioinstruct.report.drawing import figure, responsive
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import more, section, table
from bioinstruct.report.wheel import wheel
from bioinstruct.report.wording import category, count, labeller, plural, readable, share

Data = Mapping[str, Any]
NONE = "\u2013"


def composition(data: Data) -> Markup:
    """Categories, lengths, verbs and variety of what was kept, and what a teacher said of its labels and answers."""
    if data["categories"] is None or not data["totals"]["kept"]:
        return section("composition", "What the instructions are", tag("p", "This run folder holds no kept instructions."))
    shown = (_categories(data), _lengths(data), _verbs(data), _variety(data), _said(data))
    return section("composition", "What the instructions are", *shown)


def _categories(data: Data) -> Markup:
    found = data["categories"]
    drawn = responsive("category-picture", lambda name, width: figures.categories(name, width, found))
    title = "Categories of the kept instructions"
    if any("definition" in one for one in found.values()):  # the recipe's own; the paper counts others
        caption = f"Share of each of this run\u2019s own categories (labelled by {labeller(data['labeller'])})."
        own: list[list[Child]] = [
            [category(name), tag("span", one["definition"], dir="auto"), count(one["n"]), share(one["share"])]
            for name, one in found.items()
        ]
        shown = table(title, ["Category", "What belongs to it", "Records", "This run"], own, left=2)
        return join(tag("h3", "Categories"), figure(drawn, caption=caption), shown)
    caption = (
        f"Share of each category, above for this run (labelled by {labeller(data['labeller'])}), below for the paper\u2019s "
        "25,005 instructions (labelled by GPT-4). Two labellers: small differences mean nothing."
    )
    rows: list[list[Child]] = [
        [category(name), count(one["n"]), share(one["share"]), share(one["paper_share"])] for name, one in found.items()
    ]
    shown = table(title, ["Category", "Records", "This run", "Paper"], rows)
    return join(tag("h3", "Categories"), figure(drawn, caption=caption), shown)


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
            count(found[name]["p5"]),
            f"{found[name]['median']:g}",
            f"{found[name]['mean']:.1f}",
            count(found[name]["p95"]),
            count(found[name]["max"]),
        ]
        for name in names
    ]
    shown = table("Words of each text", ["Text", "Texts", "Fewest", "5th percentile", "Median", "Mean", "95th percentile", "Most"], rows)
    without = tag(
        "p",
        f"{plural(found['without_input'], 'instruction has', 'instructions have')} no input ({share(found['share_without_input'])}); "
        "the figures of the input leave them out.",
    )
    return join(tag("h3", "Lengths"), figure(drawn, caption=caption), shown, without)


def _verbs(data: Data) -> Markup:
    found = data["verbs"]
    total = found["instructions"]
    told = tag(
        "p",
        f"Of {count(total)} instructions, {count(found['with_verb'])} ({share(found['share_with_verb'] or 0.0)}) ask "
        f"with one of {count(found['verbs'])} verbs, "
        f"{count(found['questions'])} ({share(found['share_questions'] or 0.0)}) are questions, and in "
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
        [one["verb"], ", ".join(f"{noun['noun']} ({noun['n']})" for noun in one["objects"]) or NONE, count(one["n"])]
        for one in found["top"]
    ]
    shown = more("The same as a table", table("Root verbs and their nouns", ["Verb", "Nouns", "Instructions"], rows, left=2))
    return join(tag("h3", "Verbs and their objects"), told, figure(drawn, caption=caption), shown)


def _variety(data: Data) -> Markup:
    """Distinct n-grams and openings, and how evenly the seeds were shown."""
    found = data["diversity"]
    rows: list[list[Child]] = []
    for field in FIELDS:
        rows.append([field.capitalize(), "all of it", *_distinct(found[field])])
        if found[field]["sample"] is not None:
            rows.append([field.capitalize(), "its beginning", *_distinct(found[field]["sample"])])
    columns = ["Text", "Part", "Tokens", "Distinct words", "Distinct pairs", "Distinct triples"]
    shown = table("Distinct n-grams, as a share of all n-grams (distinct-1, -2, -3) and their number", columns, rows, left=2)
    openings, seeds = found["opening_trigrams"], data["seeds"]
    told = (
        f"{plural(openings['texts'], 'instruction')} of three words or more, with {plural(openings['distinct'], 'different opening')} of "
        "three words. Shares fall as a set grows: compare sets of different sizes by their beginning, the first "
        f"{count(SAMPLE)} tokens, where there are so many."
    )
    if seeds is not None:
        told += (
            f" Each of {plural(seeds['seeds'], 'seed')} was shown in the requests of {count(seeds['min'])} to "
            f"{plural(seeds['max'], 'kept record')} (median {seeds['median']:g})."
        )
    return join(tag("h3", "Variety"), tag("p", told), shown)


def _distinct(found: Mapping[str, Any]) -> list[Child]:
    cells: list[Child] = [count(found["tokens"])]
    for one in found["ngrams"].values():
        cells.append(NONE if one["ratio"] is None else f"{share(one['ratio'])} ({count(one['distinct'])})")
    return cells


def _said(data: Data) -> Markup | None:
    """What the labeller and the checks counted; nothing where neither was asked."""
    told = [(title, data[name]) for name, title in (("labels", "Labels"), ("checks", "Checks of answers")) if data[name]]
    if not told:
        return None
    tables = [table(title, ["What", "Value"], [[name, _figure(value)] for name, value in _flat(found)]) for title, found in told]
    return join(tag("h3", "Labels and checks"), tag("p", "As this run counted them; none is a person\u2019s judgement."), *tables)


def _flat(found: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values, those within others under both names."""
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{readable(name)}: ")
        else:
            yield before + readable(name), value


def _figure(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NONE if value is None else str(value)
    return count(value) if isinstance(value, int) else f"{value:.3f}"


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
            NONE if one[name] is None else count(one[name])
            for name in ("trained_records", "dropped", "cut", "tokens", "trained_tokens", "steps")
        ]
        losses: list[Child] = [NONE if one[name] is None else f"{one[name]:.3f}" for name in ("first_loss", "last_loss")]
        state = "" if one["finished"] else " (unfinished)"
        rows.append([names.get(kind, f"Control: {kind}") + state, *counts, *losses])
    shown = table("Trainings; tokens are those of one epoch", columns, rows)
    meaning = (
        "Dropped: instruction and output alone did not fit. Input cut: the end of the input was left out. First "
        "and last loss: means over the first and last twentieth of the steps."
    )
    return section("training", "Training", tag("p", told), figure(drawn, caption=caption), shown, tag("p", meaning, class_="small"))
