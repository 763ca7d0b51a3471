"""The section of the judge: its marks of every answerer's texts, how steady they are, its choices between two texts, people beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioinstruct.report.markup import Child, Markup, tag
from bioinstruct.report.parts import listed, more, note, section, table
from bioinstruct.report.wording import NONE, asked, count, model, plural, share

Data = Mapping[str, Any]
TITLE = "What the judge says"
CRITERIA = ("coherence", "completeness", "naturalness")
OUTCOMES = {
    "marked": "marked",
    "unparsed": "replied in another form than asked for",
    "given_up": "refused, or never answered",
    "no_text": "there is no text, for its prompt did not fit",
}
RESULTS = {
    "tuned": "tuned preferred in both orders",
    "base": "base preferred in both orders",
    "tie": "a tie in both orders",
    "first_twice": "the first text chosen in both orders",
    "second_twice": "the second text chosen in both orders",
    "tie_once": "a tie in one order",
    "same_text": "both wrote the same",
    "left_out": "not chosen from in both orders",
}


def judge(data: Data) -> Markup:
    """All of it, in a run that has a judge."""
    found = data["judge"]
    of = found["outcomes"]
    names = listed(found["models"]) if found["models"] else "unnamed"
    lead = tag(
        "p",
        f"{plural(found['judgements'], 'mark')} asked for: {count(of['marked'])} read, {count(of['unparsed'])} in another form than asked "
        f"for, {count(of['given_up'])} refused or never answered; {count(of['no_text'])} texts do not exist because their prompt did not "
        f"fit. Judge: ",
        tag("bdi", found["judge"]),
        " (its server says: ",
        names,
        f"); prompt {found['prompt']}, {plural(found['repeats'], 'mark')} a text, temperature {found['temperature']:g}.",
    )
    parts = [_tasks(found), _gains(found), _spread(found), _pairwise(found["pairwise"]), _human(found["human"])]
    return section("judge", TITLE, note(data["label"]), lead, *parts, tag("p", found["rule"], class_="small"))


def mark(value: float) -> str:
    """3.214 -> '3.21'."""
    return f"{value:.2f}"


def _spread_of(one: Mapping[str, Any]) -> str:
    return f"{mark(one['low'])} to {mark(one['high'])}"


def _signed(value: float) -> str:
    shown = f"{abs(value):.2f}"
    return shown if shown == "0.00" else ("+" if value > 0 else "\u2212") + shown


def _tasks(found: Data) -> Markup:
    rows: list[list[Child]] = []
    for name, task in found["tasks"].items():
        for one in task["settings"]:
            mean, texts = one["estimate"], one["texts"]
            rows.append(
                [
                    name,
                    model(one["model"]),
                    asked({name: one["setting"][name] for name in ("shots", "stop")}),
                    NONE if mean is None else mark(mean["value"]),
                    NONE if mean is None else _spread_of(mean),
                    *(NONE if (mean_of := one["criteria"][each]) is None else mark(mean_of["value"]) for each in CRITERIA),
                    *(count(texts[outcome]) for outcome in ("marked", "unparsed", "given_up", "no_text")),
                ]
            )
    columns = ["Task", "Who", "Asked", "Mean", "95 % interval", *(each.capitalize() for each in CRITERIA)]
    columns += ["Marked", "Unparsed", "Given up", "No text"]
    low, high = found["scale"]
    return table(f"Marks from {low} to {high}, by task and answerer", columns, rows, left=3, class_="scores")


def _gains(found: Data) -> Markup | None:
    family = found["family"]
    shown = {
        "the strongest base": family["gains"]["base"]["absolute"],
        "the best trivial answerer": family["gains"]["trivial"],
        "the shuffled control": family["gains"]["shuffled"],
    }
    rows: list[list[Child]] = [
        [name, _signed(one["value"]), f"{_signed(one['low'])} to {_signed(one['high'])}", count(one["n"])]
        for name, one in shown.items()
        if one is not None
    ]
    if not rows:
        return None
    return table(
        "Tuned against others, by the mean of the marks", ["Against", "Difference", "95 % interval", "Items"], rows, class_="gains"
    )


def _spread(found: Data) -> Markup | None:
    spread = found["spread"]
    rows: list[list[Child]] = [
        [each, mark(one["sd"]), share(one["equal"]), count(one["widest"])] for each in CRITERIA if (one := spread[each]) is not None
    ]
    if not rows:
        return tag("p", "Every text has one readable mark at most, so nothing can be said of how steady the judge is.")
    caption = f"How far the marks of one text lie apart: {plural(spread['texts'], 'text')} with two or more"
    return more("How steady the judge is", table(caption, ["Criterion", "Mean sd", "All the same", "Widest"], rows))


def _pairwise(found: Data | None) -> Markup | None:
    if found is None:
        return None
    rows: list[list[Child]] = [[RESULTS[name], count(n)] for name, n in found["results"].items()]
    said: list[Child] = []
    if (preferred := found["tuned_preferred"]) is not None:
        said.append(f"The tuned model\u2019s text is preferred in {share(preferred['value'])} of the pairs, a tie counting as half ")
        said.append(f"[{share(preferred['low'])} to {share(preferred['high'])}]. ")
    if (bias := found["position_bias"]) is not None:
        said.append(f"Position bias: {_signed(bias['value'])} [{_signed(bias['low'])} to {_signed(bias['high'])}]; ")
        said.append("0 is a judge who does not mind the order, +1 one who always chooses the first text.")
    caption = f"{plural(found['pairs'], 'pair')} of tuned and strongest base, each asked in both orders (prompt {found['prompt']})"
    return tag("div", table(caption, ["What was chosen", "Pairs"], rows), tag("p", *said) if said else None)


def _human(found: Data | None) -> Markup | None:
    if found is None:
        return None
    rows: list[list[Child]] = []
    for each in CRITERIA:
        one = found["criteria"][each]
        if one["n"] == 0:
            continue
        difference = one["judge_less_people"]
        rows.append(
            [
                each,
                count(one["n"]),
                _signed(difference["value"]),
                f"{_signed(difference['low'])} to {_signed(difference['high'])}",
                NONE if one["spearman"] is None else f"{one['spearman']:.2f}",
                share(one["same"]["value"]),
                share(one["near"]["value"]),
                NONE if one["alpha"] is None else f"{one['alpha']['value']:.2f}",
                NONE if one["people"] is None else f"{one['people']['value']:.2f}",
            ]
        )
    caption = (
        f"The judge beside {plural(found['raters'], 'person', 'people')}: {plural(found['texts'], 'text')}; "
        f"{plural(found['rows_without_a_judged_text'], 'row')} of the file without a judged text"
    )
    columns = [
        "Criterion",
        "Texts",
        "Judge less people",
        "95 % interval",
        "Spearman",
        "Same",
        "One apart at most",
        "Alpha",
        "People\u2019s alpha",
    ]
    return table(caption, columns, rows)
