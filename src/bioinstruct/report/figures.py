"""The pictures of the data and of the training, as inline SVG: funnel, categories, lengths, loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bioinstruct.report.drawing import Scale, bar, label, line, picture, ruled, ticks
from bioinstruct.report.markup import Child, Markup, tag
from bioinstruct.report.wording import category, count, readable, share

ROW = 34
NAMES = {"ours": "tuned", "shuffled": "shuffled"}
"""Training -> the colour role of its model."""


def funnel(name: str, width: int, totals: Mapping[str, int], steps: Sequence[Mapping[str, Any]]) -> Markup:
    """Candidates, what is left after each rule and what it dropped, and what was kept."""
    narrow = width < 600
    left, right = (0, 0) if narrow else (190, 150)
    row = 52 if narrow else ROW
    scale = Scale(0, max(1, totals["candidates"]), left, width - right)
    parts: list[Child] = []

    def put(place: int, title: str, solid: int, solid_class: str, tail: int, tail_class: str, note: str, strong: bool = False) -> None:
        y = place * row + (18 if narrow else 4)
        parts.append(label(0, y - 5 if narrow else y + 17, title, "strong" if strong else ""))
        parts.append(bar(scale(0), y, scale(solid) - scale(0), 22, solid_class))
        if tail:
            parts.append(bar(scale(solid), y, scale(solid + tail) - scale(solid), 22, tail_class))
        x, anchor = (width, "end") if narrow else (scale(solid + tail) + 8, "start")
        parts.append(label(x, y - 5 if narrow else y + 16, note, "value", anchor))

    left_over = totals["candidates"]
    put(0, "Candidates", left_over, "fill neutral", 0, "", count(left_over), True)
    for place, step in enumerate(steps, start=1):
        left_over -= step["dropped"]
        title = ("\u2212 " if step["dropped"] else "") + readable(step["rule"])
        put(place, title, left_over, "fill faint", step["dropped"], "fill dropped", f"{count(step['dropped'])} dropped")
    note = f"{count(totals['kept'])} kept" + (f" + {count(totals['surplus'])} surplus" if totals["surplus"] else "")
    put(len(steps) + 1, "Kept", totals["kept"], "fill kept", totals["surplus"], "fill surplus", note, True)
    dropped = "; ".join(f"{readable(step['rule'])} {count(step['dropped'])}" for step in steps)
    description = f"{count(totals['candidates'])} candidates. Dropped: {dropped}. {note}."
    return picture(name, width, (len(steps) + 2) * row + 4, "From candidates to kept instructions", description, *parts)


def categories(name: str, width: int, found: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Shares of the categories, this run's above the paper's where that counts the same ones."""
    narrow = width < 600
    left, right = (0, 64) if narrow else (190, 70)
    beside = all("paper_share" in one for one in found.values())
    top = max([0.4, *(max(one["share"], one.get("paper_share", 0.0)) for one in found.values())])
    scale = Scale(0, top, left, width - right)
    row = (78 if narrow else 60) - (0 if beside else 24)
    parts: list[Child] = []
    for place, (kind, one) in enumerate(found.items()):
        y = place * row + (22 if narrow else 6)
        parts.append(label(0, y - 6 if narrow else y + (25 if beside else 15), category(kind), "strong"))
        bars = [(0, one["share"], "fill tuned", "this run")]
        if beside:
            bars.append((24, one["paper_share"], "fill paper", "paper"))
        for offset, part, class_, who in bars:
            parts.append(bar(scale(0), y + offset, scale(part) - scale(0), 20, class_))
            parts.append(label(scale(part) + 7, y + offset + 15, share(part), "value"))
            if beside and place == 0 and scale(part) - scale(0) > 70:
                inside = "inside" if class_ == "fill tuned" else "on-paper"
                parts.append(label(scale(0) + 8, y + offset + 14.5, who, inside))
    paper = {key: f", paper {share(one['paper_share'])}" if beside else "" for key, one in found.items()}
    said = "; ".join(f"{category(key)} {share(one['share'])}{paper[key]}" for key, one in found.items())
    title = "Categories of the kept instructions" + (" beside the paper's" if beside else "")
    return picture(name, width, len(found) * row + 6, title, said + ".", *parts)


def histogram(name: str, title: str, found: Mapping[str, Any]) -> Markup:
    """How many texts have how many words."""
    width, height, left, bottom = 270, 170, 34, 136
    bins = found["histogram"]
    marks = ticks(0, max(one["n"] for one in bins), 4)
    up = Scale(0, marks[-1], bottom, 14)
    step = (width - left - 6) / len(bins)
    parts: list[Child] = [ruled(up, marks, left, width - 6, lambda value: count(int(value)) if value == int(value) else "")]
    every = -(-len(bins) // 5)
    for place, one in enumerate(bins):
        x = left + place * step
        if one["n"]:
            top = min(up(one["n"]), bottom - 1)
            hint = f"{one['from']} or more words" if one["to"] is None else f"{one['from']} to {one['to'] - 1} words"
            rect = tag(
                "rect",
                tag("title", f"{hint}: {count(one['n'])}"),
                x=x + 0.6,
                y=top,
                width=step - 1.2,
                height=bottom - top,
                class_="fill tuned",
            )
            parts.append(rect)
        if one["to"] is None:
            parts.append(label(x + step / 2, bottom + 16, f"{one['from']}+", "tick", "middle"))
        elif place % every == 0 and (place + 1 < len(bins) - 1 or bins[-1]["to"] is not None):
            parts.append(label(x, bottom + 16, str(one["from"]), "tick", "middle"))
    parts.append(label((left + width) / 2, height - 1, "words", "tick", "middle"))
    description = f"{count(found['n'])} texts of {found['min']} to {found['max']} words, half of them up to {found['median']:g}."
    return picture(name, width, height, f"Words of each {title}", description, *parts)


def loss(name: str, width: int, trainings: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Loss by optimizer step, a line for each training with its name at the end."""
    narrow = width < 600
    height, left, right, top = (230, 34, 108, 12) if narrow else (310, 44, 120, 14)
    bottom = height - 40
    points = [point for one in trainings.values() for point in one["curve"]]
    marks = ticks(0, max([0.1, *(point["loss"] for point in points)]), 5)
    up = Scale(0, marks[-1], bottom, top)
    steps = max([2, *(point["step"] for point in points)])
    along = Scale(1, steps, left, width - right)
    across = [value for value in ticks(0, steps, 4 if narrow else 8) if 1 <= value <= steps and value == int(value)]
    parts: list[Child] = [ruled(up, marks, left, width - right, lambda value: f"{value:g}")]
    parts += [label(along(value), bottom + 17, count(int(value)), "tick", "middle") for value in across]
    parts.append(line(left, bottom, width - right, bottom, "axis"))
    parts.append(label((left + width - right) / 2, height - 6, "optimizer step", "tick", "middle"))
    ends: list[float] = []
    described = []
    for kind, one in sorted(trainings.items(), key=lambda pair: pair[1]["curve"][-1]["loss"] if pair[1]["curve"] else 0.0):
        if not one["curve"]:
            continue
        role = NAMES.get(kind, "base")
        path = "M" + "L".join(f"{along(point['step']):.1f} {up(point['loss']):.1f}" for point in one["curve"])
        parts.append(tag("path", d=path, class_=f"curve {role}"))
        y = up(one["last_loss"])
        while any(abs(y - other) < 16 for other in ends):
            y -= 2
        ends.append(y)
        parts.append(label(width - right + 8, y + 4, f"{kind} {one['last_loss']:.2f}", f"value ink-{role}"))
        described.append(f"{kind}: from {one['first_loss']:.2f} to {one['last_loss']:.2f} in {one['steps']} steps")
    return picture(name, width, height, "Training loss", "; ".join(described) + ".", *parts)
