"""Items that are answered from the text alone: study abstracts (yes, no, maybe) and pairs of chart statements."""

from __future__ import annotations

import random
from collections.abc import Callable

from bioinstruct.core.records import Item
from bioinstruct.embedded import items_wording_reading as wording
from bioinstruct.embedded.items_drawing import Slot, an, common_conditions, complaints, first_upper, home_drugs, person
from bioinstruct.embedded.items_wording import MONTHS, WEEKDAYS
from bioinstruct.embedded.world import load

ANSWERS = ("yes", "no", "maybe")
LABELS = ("entailment", "neutral", "contradiction")


def abstract(slot: Slot) -> Item:
    """A research question and an abstract of three to five sentences without a conclusion (`pubmedqa_embedded`)."""
    rng = slot.generator()
    answer = slot.turn("answer", ("yes",) * 8 + ("no",) * 7 + ("maybe",) * 5)
    kind = slot.turn("kind", tuple(wording.STUDY_QUESTIONS))
    aim, method, aside = (rng.choice(bank[kind]) for bank in (wording.STUDY_AIMS, wording.STUDY_METHODS, wording.STUDY_ASIDES))
    result = rng.choice(wording.STUDY_RESULTS[kind][answer])
    sentences = rng.choice(([aim, method, result], [method, aside, result], [aim, method, aside, result], [aim, method, result, aside]))
    fields = _study(rng, kind)
    question = rng.choice(wording.STUDY_QUESTIONS[kind]).format(**fields)
    text = f"Question: {question}\nAbstract: {' '.join(sentences).format(**fields)}"
    return Item(slot.id, slot.task, slot.instruction(rng), text, (answer,), ANSWERS, slot.id)


def _study(rng: random.Random, kind: str) -> dict[str, str]:
    """Names drawn at random (so nothing known helps) and numbers that are in keeping with any result."""
    arm, control = rng.sample([drug.name for drug in home_drugs()], 2)
    condition, other = rng.sample([c.name for c in common_conditions()], 2)
    outcome, side = rng.sample([f.name for f in complaints()], 2)
    test = rng.choice(list(load().tests))
    n = rng.randint(60, 480)
    low, little, above, even = rng.randint(11, 29), rng.randint(4, 14) / 10, rng.randint(18, 34) / 10, rng.randint(94, 106) / 100
    high, big, below = low + rng.randint(17, 34), little + rng.randint(21, 39) / 10, rng.randint(32, 58) / 100
    good, poor, area_good, area_poor = rng.randint(79, 93), rng.randint(45, 55), rng.randint(80, 91) / 100, rng.randint(48, 54) / 100
    few = rng.randint(9, 19)
    names = {
        "arm": arm, "control": "placebo" if kind == "placebo" else control, "condition": condition, "other": other,
        "outcome": outcome, "test": test, "side": side,
    }  # fmt: skip
    numbers = {
        "n": n if kind != "risk" else n * 31, "cases": n, "sites": rng.randint(3, 14), "weeks": rng.choice((12, 16, 24, 26, 52)),
        "years": rng.randint(3, 9), "early": rng.choice((2, 4, 6)), "low": low, "high": high, "low_more": low + 7,
        "low_near": low + rng.choice((-1, 1)), "high_near": high + rng.choice((-1, 1)), "little": little, "big": f"{big:.1f}",
        "bigger": f"{big + (big - little):.1f}", "little_near": f"{little + 0.1:.1f}", "p_small": f"0.0{rng.randint(11, 39)}",
        "p_large": f"0.{rng.randint(34, 92)}", "p_border": f"0.0{rng.randint(6, 9)}", "below": below,
        "below_low": f"{below - 0.16:.2f}", "below_high": f"{below + 0.24:.2f}", "above": above, "above_low": f"{above - 0.5:.1f}",
        "above_high": f"{above + 0.8:.1f}", "even": even, "even_low": f"{even - 0.2:.2f}", "even_high": f"{even + 0.24:.2f}",
        "good": good, "good_too": good - 4, "poor": poor, "poor_too": poor - 2, "area_good": area_good,
        "area_good_low": f"{area_good - 0.07:.2f}", "area_good_high": f"{area_good + 0.06:.2f}", "area_poor": area_poor,
        "area_poor_low": f"{area_poor - 0.09:.2f}", "area_poor_high": f"{area_poor + 0.09:.2f}", "few": few,
        "lost": rng.randint(26, 41), "minor": rng.randint(3, 8), "minor_too": rng.randint(3, 8), "mean_age": rng.randint(44, 69),
        "women": rng.randint(39, 61),
    }  # fmt: skip
    firsts = {f"{name}_first": first_upper(names[name]) for name in names}
    return names | firsts | {name: str(number) for name, number in numbers.items()}


def statements(slot: Slot) -> Item:
    """A premise and a hypothesis (`nli_embedded`).

    Within a kind every label has the same hypotheses, and the same premises but for some neutral ones (those that leave out
    a side or a date, or speak of a relative), so that neither of the two alone tells much.
    """
    rng = slot.generator()
    kind, label = slot.turn("kind", tuple((kind, label) for kind in PAIRS for label in LABELS))
    premise, hypothesis, fields = PAIRS[kind](rng, label)
    dates = {"year": str(rng.randint(2009, 2024)), "month": rng.choice(MONTHS), "weekday": rng.choice(WEEKDAYS)}
    fields = person(rng).words | dates | fields
    fields |= {f"{name}_first": first_upper(value) for name, value in fields.items()}
    text = f"Premise: {premise.format(**fields)}\nHypothesis: {hypothesis.format(**fields)}"
    return Item(slot.id, slot.task, slot.instruction(rng), text, (label,), LABELS, slot.id)


Pair = tuple[str, str, dict[str, str]]


def _history(rng: random.Random, label: str) -> Pair:
    """Lay name against clinical name; neutral: another's illness, or another illness."""
    condition, other = rng.sample([c for c in common_conditions() if c.lay_name != c.name], 2)
    claim = rng.random() < 0.5
    if label == "neutral":
        premises = rng.choice((wording.HAD_OPEN, wording.HAD, wording.HAD_NOT, wording.HAD, wording.HAD_NOT))
        named = condition if premises is wording.HAD_OPEN else other
    else:
        premises = wording.HAD if claim == (label == "entailment") else wording.HAD_NOT
        named = condition
    hypotheses = wording.HISTORY if claim else wording.NO_HISTORY
    return rng.choice(premises), rng.choice(hypotheses), {"lay": named.lay_name, "condition": condition.name}


def _findings(rng: random.Random, label: str) -> Pair:
    """Findings stated to be present or absent."""
    present, absent, open_ = rng.sample([f.name for f in complaints()], 3)
    claim = rng.random() < 0.5
    finding = open_ if label == "neutral" else present if claim == (label == "entailment") else absent
    hypotheses = wording.PRESENT if claim else wording.ABSENT
    return rng.choice(wording.REPORTS), rng.choice(hypotheses), {"present": present, "absent": absent, "finding": finding}


def _measures(rng: random.Random, label: str) -> Pair:
    """Left or right; above or below a number."""
    if rng.random() < 0.5:
        side, other_side = rng.sample(("left", "right"), 2)
        part, other_part = rng.sample(wording.PARTS, 2)
        unsided = label == "neutral" and rng.random() < 0.3
        premise = rng.choice(wording.UNSIDED if unsided else wording.SIDED)
        claim = rng.choice(wording.SIDE_CLAIMS)
        claimed = other_side if label == "contradiction" else side
        claimed_part = other_part if label == "neutral" and not unsided else part
        return premise, claim, {"side": side, "part": part, "claimed": claimed, "claimed_part": claimed_part}
    (vital, unit, threshold, least, most), other = rng.sample(wording.VITALS, 2)
    off = rng.choice((-1, 1)) * rng.randint(least, most)
    relation = "above" if (off > 0) == (label != "contradiction") else "below"
    measured = other if label == "neutral" else (vital, unit, threshold, least, most)
    value = measured[2] + (rng.choice((-1, 1)) * rng.randint(measured[3], measured[4]) if label == "neutral" else off)
    premise = rng.choice(wording.MEASURED).replace("{vital}", measured[0]).replace("{unit}", measured[1])
    return premise, rng.choice(wording.CLAIMED), {
        "vital": vital, "unit": unit, "value": str(value), "relation": relation, "threshold": str(threshold),
    }  # fmt: skip


def _classes(rng: random.Random, label: str) -> Pair:
    """A drug in the premise, its class in the hypothesis."""
    stopped, kept = rng.sample(home_drugs(), 2)
    while kept.drug_class == stopped.drug_class:
        kept = rng.choice(home_drugs())
    claim = rng.random() < 0.5
    if label == "neutral":
        named = rng.choice([name for name in load().classes if name not in (stopped.drug_class, kept.drug_class)])
    else:
        named = kept.drug_class if claim == (label == "entailment") else stopped.drug_class
    hypotheses = wording.STILL_ON if claim else wording.OFF
    return rng.choice(wording.CHANGED), rng.choice(hypotheses), {"stopped": stopped.name, "kept": kept.name, "a_class": an(named)}


def _times(rng: random.Random, label: str) -> Pair:
    """Which of two findings came first."""
    first, second, third = rng.sample([f.name for f in complaints()], 3)
    unit, smaller = rng.choice((("months", "weeks"), ("weeks", "days"), ("years", "months")))
    longer, shorter = f"{rng.randint(2, 9)} {unit}", f"{rng.randint(2, 6)} {smaller}"
    undated = label == "neutral" and rng.random() < 0.3
    premise = rng.choice(wording.ONSET_OPEN if undated else wording.ONSETS)
    one, two = (second, first) if label == "contradiction" else (first, second)
    if label == "neutral":
        one, two = rng.sample((first, second) if undated else (rng.choice((first, second)), third), 2)
    return premise, rng.choice(wording.ORDERS), {
        "first": first, "second": second, "longer": longer, "shorter": shorter, "one": one, "two": two,
    }  # fmt: skip


PAIRS: dict[str, Callable[[random.Random, str], Pair]] = {
    "history": _history,
    "finding": _findings,
    "measure": _measures,
    "class": _classes,
    "time": _times,
}
"""Kind of statement pair to the function that draws one with a given label: premise, hypothesis, and what fills them."""
