"""What the pictures, the heat and the words of a study's section are made of."""

from __future__ import annotations

import re

import pytest

from bioinstruct.report import heatmap, study_pictures, study_wording
from bioinstruct.report.page import STUDY_STYLE, STYLE

ROWS = {
    "qa+generation": {"kind": "pair", "categories": ("qa", "generation"), "size": 9, "of": None},
    "all": {"kind": "all", "categories": ("qa", "ie", "generation"), "size": 9, "of": None},
    "all-qa": {"kind": "left_out", "categories": ("ie", "generation"), "size": 9, "of": None},
    "general": {"kind": "general", "categories": (), "size": 9, "of": "all"},
    "all~within": {"kind": "shuffled_within", "categories": ("qa", "ie", "generation"), "size": 9, "of": "all"},
    "pool@40": {"kind": "size", "categories": ("qa", "ie", "generation", "other"), "size": 40, "of": None},
}


def test_names_and_numbers_read_well():
    named = {name: study_wording.mixture(row, ROWS) for name, row in ROWS.items()}
    assert named["qa+generation"] == "QA + generation"
    assert named["all~within"] == "All, outputs shuffled within"
    assert named["all-qa"] == "All but QA"
    assert named["pool@40"] == "40 of the pool"
    assert study_wording.over_control(ROWS["general"], ROWS) == "All over general instructions"
    assert [study_wording.points(value) for value in (0.0, 0.123, -0.1, 0.00003)] == ["0.0", "+12.3", "\u221210.0", "+0.003"]
    assert [study_wording.probability(p) for p in (None, 0.0, 0.0123)] == ["\u2013", "< 0.001", "0.012"]
    assert [heatmap.step(value, 0.5) for value in (0.0, 0.001, 0.1, 0.11, 0.5, -0.5, 0.7)] == [0, 1, 1, 2, 5, -5, 5]
    assert heatmap.step(0.0, 0.0) == 0


def test_one_size_is_a_curve_of_one_point():
    gain = {"value": 0.2, "low": None, "high": None, "holm": None, "over_seeds": False}
    text = str(study_pictures.sizes({"qa": [(900, gain)]}))
    assert "900 records" in text
    assert "nan" not in text


@pytest.mark.parametrize(("scheme", "ink"), [(0, "#1b2126"), (1, "#e8e8e2")], ids=["light", "dark"])
def test_cells_are_legible_on_every_colour(scheme, ink):
    assert f"--ink: {ink}" in STYLE.read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", STUDY_STYLE.read_text(encoding="utf-8"), re.DOTALL)[scheme]
    colours = re.findall(r"--((?:up|down)-\d): (#[0-9a-f]{6});", block)
    assert len(colours) == 2 * heatmap.STEPS
    assert len({colour for _, colour in colours}) == len(colours)
    for name, colour in colours:
        low, high = sorted((luminance(colour), luminance(ink)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, name


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
