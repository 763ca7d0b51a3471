"""The section on a study: its sentences first, then the numbers that they are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bioinstruct.report import heatmap, page_paper, study_pictures
from bioinstruct.report.drawing import figure
from bioinstruct.report.markup import Child, Markup, join, tag
from bioinstruct.report.parts import facts, listed, more, note, section, table
from bioinstruct.report.study_pictures import Named
from bioinstruct.report.study_wording import ALPHA, mixture, named, over_control, points, probability, size, spread, told
from bioinstruct.report.wording import FAMILIES, count, metric, plural, score, share
from bioinstruct.report.wording import family as family_name

Study = Mapping[str, Any]
Rows = Mapping[str, Mapping[str, Any]]
"""Row of a table -> what -> estimate, of one family."""

TITLE = "Study"
ASKED = {"matched": "what the matching category adds", "any": "what any category gives"}


def study(found: Study) -> Markup:
    """The whole section."""
    numbers = (_transfer(found), *_contrasts(found), _sizes(found))
    parts = (_intro(found), _sentences(found), *numbers, page_paper.beside(found), _design(found))
    return section("study", TITLE, note(found["label"]), *parts)


def _intro(found: Study) -> Markup:
    totals = found["totals"]
    low, high = totals["fewest_seeds"], totals["most_seeds"]
    seeds = plural(low, "seed") if low == high else f"{low} to {high} seeds"
    asked = (
        f"Which instructions help which task? {plural(totals['mixtures'], 'mixture')} of instructions, each trained with {seeds}, "
        f"measured on {plural(totals['tasks'], 'task')}."
    )
    state = (
        None
        if found["finished"]
        else tag("p", "The study is not finished, or another one was begun: these are the figures of its last matrix.")
    )
    others = None
    if found["others"]:
        others = tag("p", "The matrices of further base models lie in the folder study: ", listed(found["others"]), ".", class_="small")
    return join(tag("p", asked), facts(("Base model", tag("bdi", found["base"]))), state, others)


def _sentences(found: Study) -> Markup:
    """The conclusions as they stand in the matrix, family by family."""
    families: dict[str, list[Any]] = {}
    for one in found["conclusions"]:
        families.setdefault(one["key"].split(".")[1], []).append(one)
    said: list[Child] = []
    for family, sentences in families.items():
        controls = [one for one in sentences if one["key"].startswith("control.")]
        others = [one for one in sentences if one not in controls]
        said += [tag("h4", family_name(family)), _list(others) if others else None]
        if controls:
            said.append(more(f"{family_name(family)} against controls", _list(controls)))
    empty = None if said else tag("p", "No question that this study asks has an answer in words.")
    return join(tag("h3", "What it shows"), *said, empty, tag("p", found["rule"], class_="small"))


def _list(sentences: list[Any]) -> Markup:
    lines = []
    for one in sentences:
        verdict = tag("span", one["verdict"], class_="reading up" if one["verdict"] == "shown" else "reading open")
        lines.append(tag("li", verdict, " ", _upper(one["text"].removeprefix("Not shown: "))))
    return tag("ul", *lines, class_="said")


def _percent(level: float) -> str:
    return f"{100 * level:g}\u00a0%"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _transfer(found: Study) -> Markup:
    told_ = (
        f"Points of 100 over the strongest base, with {_percent(found['level'])} intervals over items and training seeds, and the number "
        "of items. The colour repeats the value: blue above zero, orange below it, stronger the farther. Bold is shown to differ from "
        "zero; what is not says why. A frame marks the category that matches the family."
    )
    single = more("The same for each task (single tasks are not tested one by one)", heatmap.tasks(found))
    return join(tag("h3", "Transfer matrix"), tag("p", told_), heatmap.legend(found), heatmap.families(found), note(found["label"]), single)


def _contrasts(found: Study) -> Iterator[Markup]:
    """What the estimates compare, a figure and a table each; what the study did not hold is left out."""
    rows = found["design"]["mixtures"]
    titles = {
        "gains": ("Gains of each mixture", "Points over the strongest base, of the mixtures of equal size."),
        "split": (
            "What any category gives, and what the matching one adds",
            "The mean gain of the single categories that are not the family\u2019s own, and what its own has more; the two add up to the "
            "gain of its own." + _unmatched(found),
        ),
        "pairs": (
            "Pairs against their parts",
            "At equal size: a pair less each of its parts, and less the mean of both. Synergy is a pair above both parts, interference one "
            "below both. Gains that flatten out with size put every pair above the mean of its parts, which is therefore no synergy.",
        ),
        "all": (
            "All categories against fewer",
            "At equal size: all categories less all but one, which is what that one adds to the others, and less each alone.",
        ),
        "controls": (
            "Controls",
            "A mixture less its control of the same size: general instructions, or the same ones with outputs shuffled within each "
            "category or across them. What a control gives, too, is owed to form and not to content.",
        ),
    }
    makers: dict[str, Callable[[str], Named]] = {
        "gains": lambda family: [
            (mixture(rows[name], rows), one["gain"])
            for name, one in found["transfer"]["families"][family].items()
            if rows[name]["kind"] not in ("size", "natural")
        ],
        "split": lambda family: list(_split(found["split"]["families"].get(family, {}))),
        "pairs": lambda family: list(_pairs(found["pairs"]["families"].get(family, {}), rows)),
        "all": lambda family: list(_all(found, family)),
        "controls": lambda family: [
            (over_control(rows[name], rows), one["over_control"]) for name, one in found["controls"]["families"].get(family, {}).items()
        ],
    }
    for name, (title, text) in titles.items():
        panels = {family: makers[name](family) for family in found["design"]["families"]}
        if any(panels.values()):
            yield _contrast(found, f"study-{name}", title, text, panels)


def _unmatched(found: Study) -> str:
    """Which families have no category of their own."""
    if all(name in FAMILIES for name in found["design"]["families"]):
        return " NLI has no category of its own."
    return " Families under a general name have no category of their own: the recipe matches their tasks with none."


def _split(rows: Rows) -> Iterator[tuple[str, Any]]:
    for row, one in rows.items():
        own = None if row == "none" else named(row)
        for what, estimate in one.items():
            if what == "any":
                yield ("Any other category gives" if own else "Any category gives"), estimate
            elif what == "matched":
                yield f"{_upper(str(own))} adds to that", estimate
            else:
                yield f"{_upper(str(own))} over {_category(what)}", estimate


def _pairs(pairs: Rows, rows: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, one in pairs.items():
        for what, estimate in one.items():
            yield f"{mixture(rows[name], rows)} over {'the mean' if what == 'expected' else _category(what)}", estimate


def _all(found: Study, family: str) -> Iterator[tuple[str, Any]]:
    for category, one in found["left_out"]["families"].get(family, {}).items():
        yield f"All over all but {named(category)}", one["adds"]
    for one in found["all"]["families"].get(family, {}).values():
        for what, estimate in one.items():
            yield f"All over {_category(what)} alone", estimate


def _category(what: str) -> str:
    """'over_qa' -> 'QA'."""
    return named(what.removeprefix("over_"))


def _contrast(found: Study, name: str, title: str, text: str, panels: Mapping[str, Named]) -> Markup:
    caption = (
        f"{title}: points, with {_percent(found['level'])} intervals over items and training seeds. A filled mark with bold words is "
        "shown to differ from zero, a hollow one is not; a mark without a line has no interval."
    )
    columns = ["Compared", "Points", "Interval", "p", "p, Holm", "Could be seen", "From seeds", "Items", "Seeds", "Reading"]
    tables: list[Child] = []
    for family, rows in panels.items():
        cells: list[list[Child]] = [[what, *_figures(estimate)] for what, estimate in rows]
        tables.append(
            table(f"{family_name(family)}: {title[0].lower()}{title[1:]}, in points", columns, cells, class_="gains") if cells else None
        )
    meaning = (
        "p, Holm: corrected over the families\u2019 figures of all of its kind. Could be seen: the true difference that would be shown "
        "in four of five repetitions, before that correction. From seeds: the share of the squared error that only more trainings "
        "would lower."
    )
    drawn = figure(study_pictures.forests(name, title, panels), caption=caption)
    shown = more(f"The same as tables, with tests: {title[0].lower()}{title[1:]}", *tables, tag("p", meaning, class_="small"))
    return join(tag("h3", title), tag("p", text), drawn, shown, note(found["label"]))


def _figures(one: Mapping[str, Any]) -> list[Child]:
    seeds = "\u2013" if one["seed_share"] is None else share(one["seed_share"])
    said = told(one) if not one["note"] else f"{told(one)}: {one['note']}"
    tests: list[Child] = [probability(one["p"]), probability(one["holm"]), size(one["smallest"]), seeds]
    return [points(one["value"]), spread(one), *tests, count(one["n"]), count(one["seeds"]), said]


def _sizes(found: Study) -> Markup | None:
    """Gains by number of records, of what was drawn from the whole pool."""
    rows = {name: row for name, row in found["design"]["mixtures"].items() if row["kind"] in ("size", "natural")}
    if not rows:
        return None
    order = sorted(rows, key=lambda name: rows[name]["size"])
    cells = found["transfer"]["families"]
    panels = {family: [(rows[name]["size"], cells[family][name]["gain"]) for name in order] for family in found["design"]["families"]}
    caption = (
        f"Points gained over the strongest base by number of records drawn from the whole pool, with {_percent(found['level'])} intervals. "
        "A filled mark is shown to differ from zero, a hollow one is not."
    )
    text = "These keep the pool\u2019s own shares of categories, where the mixtures above take equal shares; the two are not compared."
    columns = ["Records", "Family", "Points", "Interval", "Items", "Seeds", "Reading"]
    shown: list[list[Child]] = [
        [count(n), family_name(family), points(one["value"]), spread(one), count(one["n"]), count(one["seeds"]), told(one)]
        for family, points_ in panels.items()
        for n, one in points_
    ]
    drawn = figure(study_pictures.sizes(panels), caption=caption)
    same = more(
        "The same as a table: gains by number of records", table("Gains by number of records", columns, shown, left=2, class_="gains")
    )
    return join(tag("h3", "Number of records"), tag("p", text), drawn, same, note(found["label"]))


def _design(found: Study) -> Markup:
    """What was measured, and what difference it could have shown."""
    design, power = found["design"], found["power"]
    text = (
        "The true difference that would be shown in four of five repetitions, in points, before correction for several tests: by this "
        "design, and foreseen for others with as many items, or more of them. An effect below it may well be there and yet not be shown."
    )
    plans = list(dict.fromkeys((one["seeds"], one["times_items"]) for found_ in power.values() for one in found_["foreseen"]))
    columns = ["Family", "Asked", "This design", *(f"{seeds} seeds, {_times(times)}" for seeds, times in plans)]
    rows: list[list[Child]] = []
    for family, one in power.items():
        foreseen = {(plan["seeds"], plan["times_items"]): plan["smallest"] for plan in one["foreseen"]}
        rows.append([family_name(family), ASKED[one["contrast"]], size(one["smallest"]), *(size(foreseen.get(plan)) for plan in plans)])
    seen = (
        table("Smallest differences that are seen", columns, rows, left=2) if rows else tag("p", "No question of this study has a power.")
    )
    tasks: list[list[Child]] = [
        [tag("bdi", name), family_name(one["family"]), tag("bdi", metric(one["metric"])), count(one["n"]), count(one["clusters"]),
         score(one["base"]), score(one["trivial"])]
        for name, one in design["tasks"].items()
    ]  # fmt: skip
    names = ["Task", "Family", "Metric", "Items", "Clusters", "Strongest base", "Best trivial answerer"]
    asked = table("Tasks, items and what the untuned score", names, tasks, left=3)
    needed = tag(
        "p",
        f"An interval over seeds needs {found['seeds_needed']} of them; with fewer it is over items alone, and nothing is claimed. "
        f"Shown means a corrected p of at most {ALPHA:g}. The seeds of each mixture stand in the transfer matrix.",
        class_="small",
    )
    return join(tag("h3", "What the design could have seen"), tag("p", text), seen, asked, needed)


def _times(times: float) -> str:
    return "these items" if times == 1 else f"{times:g} times the items"
