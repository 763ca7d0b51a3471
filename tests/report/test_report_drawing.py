from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import bioinstruct.report
from bioinstruct.report import figures, forest, training, wheel
from bioinstruct.report.drawing import Scale, ticks
from bioinstruct.report.markup import tag

STYLE = Path(bioinstruct.report.__file__).with_name("style.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.13, 0.9), (0, 37), (0, 1200), (-0.5, 0.02), (0, 0), (2.1, 2.2)])
def test_ticks_are_few_and_cover_the_values(low, high):
    found = ticks(low, high)
    assert 2 <= len(found) <= 8
    assert found[0] <= low
    assert found[-1] >= high
    steps = {round(b - a, 9) for a, b in pairwise(found)}
    assert len(steps) == 1


def test_a_scale_keeps_within_its_ends():
    scale = Scale(0, 10, 100, 200)
    assert [scale(value) for value in (-5, 0, 5, 10, 20)] == [100, 100, 150, 200, 200]


def test_a_long_training_is_shown_as_means_of_runs():
    steps = [training.Step(number, float(number % 2), 10 if number % 2 else 30, 1e-3) for number in range(1, 1001)]
    found = training.curve(steps)
    assert len(found) <= training.POINTS
    assert found[-1]["step"] == 1000
    assert found[0]["loss"] == pytest.approx(0.4 if len(steps) // training.POINTS % 2 else 0.25, abs=0.2)


def test_pictures_have_title_and_description_and_finite_numbers():
    estimate = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 3}
    one = {"n": 0, "share": 0.0, "paper_share": 0.3}
    drawn = [
        figures.funnel("f", 860, {"candidates": 0, "kept": 0, "surplus": 0}, [{"rule": "novelty", "dropped": 0}]),
        figures.categories("c", 358, {"qa": one}),
        figures.histogram("h", "input", {"n": 1, "min": 0, "max": 1, "median": 1.0, "histogram": [{"from": 0, "to": 1, "n": 1}]}),
        figures.loss("l", 860, {"ours": {"curve": [{"step": 1, "loss": 0.0}], "steps": 1, "first_loss": 0.0, "last_loss": 0.0}}),
        wheel.wheel("w", [{"verb": "list", "n": 4, "objects": [{"noun": "drug", "n": 4}]}], narrow=False),
        forest.headline("g", 358, {"qa": {"base": estimate, "tuned": estimate, "shuffled": None, "trivial": None, "chance": None}}),
    ]
    for picture in drawn:
        text = str(picture)
        identity = re.search(r'aria-labelledby="(\S+)-title \1-desc"', text)
        assert identity, text[:200]
        assert f'<title id="{identity.group(1)}-title">' in text
        assert f'<desc id="{identity.group(1)}-desc">' in text
        assert "nan" not in text
        assert "inf" not in text
    assert str(forest.track(estimate, "tuned", 0.25)).startswith("<svg")
    assert str(tag("g")) == "<g></g>"


def luminance(colour: str) -> float:
    parts = (
        [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] if len(colour) == 7 else [int(digit * 2, 16) / 255 for digit in colour[1:]]
    )
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_from_the_paper(scheme):
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", blocks[scheme]))
    for name in ("ink", "soft", "tuned", "shuffled", "trivial", "link"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    assert contrast(colours["soft"], colours["panel"]) >= 4.5
    assert contrast(colours["note-ink"], colours["note-back"]) >= 4.5
    assert contrast(colours["inside"], colours["tuned"]) >= 4.5
    assert contrast(colours["base"], colours["paper"]) >= 3
