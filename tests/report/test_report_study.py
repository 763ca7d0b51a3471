"""The page's section on a study, on made-up scores of which the truth is known."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import recipe, runfolder
from bioinstruct.core.errors import DataError
from bioinstruct.core.records import StageRecord
from bioinstruct.report import study, study_wording, wording
from bioinstruct.report.page import CONTENTS, STUDY_STYLE, STYLE, contents, page
from bioinstruct.study import conclusions
from bioinstruct.study.matrix import matrix

from .studied import PLANTED, Studied, compared, made

EVIL = """<script>alert(1)</script></style><img src=x onerror=alert(1)>"'&\u202e\U0001f642"""


def shown(reported: Any, said: dict[str, Any], tmp_path: Path) -> str:
    """The page of a run with another study, without its files."""
    (tmp_path / "matrix.json").write_text(json.dumps(said), encoding="utf-8")
    html = page({**reported.data, "study": study.collect(tmp_path, reported.resolved.recipe)})
    return html[html.index('<section id="study"') : html.index('<section id="traces"')]


TABLES = ("transfer", "split", "pairs", "left_out", "all", "controls")


def estimates(said: dict[str, Any], tables: Sequence[str] = TABLES) -> list[dict[str, Any]]:
    """All estimates of families on tables that the page shows whole."""
    return [one for table in tables for rows in said[table]["families"].values() for found in rows.values() for one in found.values()]


def test_without_a_study_the_page_is_as_if_there_were_none(reported, studied, tmp_path):
    assert reported.data["study"] is None
    assert contents(reported.data) == list(CONTENTS)
    assert "study" not in re.sub(r"[^<>]*", "", reported.html)
    link = '<li><a href="#study">Study</a></li>'
    whole = page({**reported.data, "study": studied.data["study"]})
    assert whole.count(link) == 1
    section = whole[whole.index('<section id="study"') : whole.index('<section id="traces"')]
    sheet = STYLE.read_text(encoding="utf-8")
    assert sheet + STUDY_STYLE.read_text(encoding="utf-8") in whole
    rest = whole.replace(link, "").replace(section, "").replace(STUDY_STYLE.read_text(encoding="utf-8"), "")
    rest, steps = re.subn("<li><h4>Score of the study to records</h4>.*?</li>", "", rest)
    assert steps == 1
    assert rest == page(reported.data)


def test_a_study_that_is_taken_away_leaves_the_same_bytes(studied, reported, report, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(studied.path, path)
    shutil.rmtree(path / "study")
    report(path, reported.resolved)
    for name in ("report.json", "report.html"):
        assert (path / name).read_bytes() == (reported.path / name).read_bytes()
    assert (studied.path / "DATASET_CARD.md").read_bytes() == (reported.path / "DATASET_CARD.md").read_bytes()


def test_the_section_stands_after_the_results_and_in_the_contents(studied, outline):
    titles = [text for level, text in outline(studied.html).headings if level == 2]
    assert titles == [title for _, title in contents(studied.data)]
    assert titles[titles.index("Study") - 1] == "Tests"


def test_report_json_holds_the_matrix_as_it_is(studied):
    for field, value in studied.said.items():
        if field not in ("trivial", "paper"):
            assert studied.data["study"][field] == value, field
    record = runfolder.read_record(studied.path / "report")
    assert record is not None
    assert record.inputs["study/matrix.json"] == runfolder.sha256(studied.path / "study/matrix.json")


def test_sentences_come_first_and_are_those_of_the_matrix(studied, outline):
    text = outline(studied.section).text
    for one in studied.said["conclusions"]:
        bare = one["text"].removeprefix("Not shown: ")
        assert f"{one['verdict']} {bare[0].upper()}{bare[1:]}" in text
        assert text.index(bare[1:]) < text.index("Trained on")
    assert "Interference: at equal size" in text or "interference: at equal size" in text


def test_every_cell_of_the_matrix_holds_value_interval_and_items(studied, outline):
    table = studied.section[studied.section.index('<table class="transfer"') :].split("</table>")[0]
    cells = re.findall(r'<td class="(.*?)">(.*?)</td>', table)
    families = list(studied.said["design"]["families"])
    rows = [name for _, kinds in study_wording.GROUPS for name, row in studied.said["design"]["mixtures"].items() if row["kind"] in kinds]
    wanted = [(row, family) for row in rows for family in families]
    assert len(cells) == len(wanted)
    for (row, family), (classes, inside) in zip(wanted, cells, strict=True):
        one, text = studied.said["transfer"]["families"][family][row]["gain"], outline(inside).text
        assert text.startswith(study_wording.points(one["value"]))
        assert study_wording.spread(one) in text
        assert f"n {one['n']}" in text
        assert ("not shown" in text) == (conclusions.reading(one) == "not shown")
        assert ("heat up-" in classes) == (one["value"] > 0)
        assert ("matched" in text) == ("own" in classes.split()) == (row == family)
    assert all(attributes["scope"] in {"row", "col", "rowgroup"} for name, attributes in outline(table).tags if name == "th")


def test_every_estimate_stands_in_a_table_with_its_tests(studied, outline):
    text = outline(studied.section).text
    for one in estimates(studied.said):
        assert f"{study_wording.points(one['value'])}{study_wording.spread(one)}" in text
    for one in estimates(studied.said, TABLES[1:]):
        figures = study_wording.probability(one["p"]) + study_wording.probability(one["holm"]) + study_wording.size(one["smallest"])
        assert f"{study_wording.spread(one)}{figures}" in text


def numbers(value: Any) -> set[str]:
    """Every number of JSON data as it may read on the page, those within texts, too."""
    if isinstance(value, dict):
        return {one for key, inner in value.items() for one in numbers(inner) | numbers(key)}
    if isinstance(value, list):
        return {one for inner in value for one in numbers(inner)}
    if isinstance(value, str):
        return set(re.findall(r"\d+(?:\.\d+)?", value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return set()
    points = study_wording.points(value).lstrip("+\u2212")
    return {points, f"{value:,}", f"{abs(value):g}", f"{100 * value:.1f}", f"{100 * value:g}", f"{value:.3f}", f"{value:.2f}"}


def test_every_number_on_the_page_is_in_report_json(studied, outline):
    html = re.sub(r"<svg.*?</svg>", "", studied.section, flags=re.DOTALL)
    text = outline(re.sub(r"</?(?:td|th|li|p|h\d|span|summary|strong|caption)[^>]*>", " ", html)).text
    found = set(re.findall(r"\d[\d,]*(?:\.\d+)?", text))
    of_ours = {"8", "9", "10", "11", "12", "13", "0", "1", "2", "5", "100", "0.001", "0.05"}
    """Numbers of figures and columns, ends of scales, and the smallest p that is told."""
    assert {one.rstrip(",") for one in found} - numbers(studied.data["study"]) - of_ours == set()


def test_figures_are_numbered_by_the_page_that_has_them(studied):
    assert studied.html.count("<figcaption>") == studied.html.count('<figure class="figure">') == 13
    assert "counter-increment: figure" in studied.html
    assert 'content: "Figure " counter(figure)' in studied.html
    assert not re.search(r"<figcaption>[^<]*Figure \d", studied.html)
    assert studied.section.count('<div class="panel">') == 4 * 6


def test_what_a_study_lacks_is_left_out(reported, tmp_path, outline):
    few = PLANTED.MIXTURES[:3]
    html = shown(reported, matrix(PLANTED.scores({"qa": PLANTED.gains("qa")}, few), few), tmp_path)
    heads = [text for level, text in outline(html).headings if level == 3]
    assert heads == [
        "What it shows",
        "Transfer matrix",
        "Gains of each mixture",
        "What any category gives, and what the matching one adds",
        "The paper beside it",
        "What the design could have seen",
    ]
    assert "holds no comparison with the paper" in html
    assert html.count("<figcaption>") == 2


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_readings_are_those_that_the_sentences_are_made_from(seeds):
    said = made(PLANTED.MIXTURES, seeds=seeds)
    broken = copy.deepcopy(said)
    for one in estimates(broken):
        one.update(low=None, high=None, over_seeds=False)
    for one in estimates(said) + estimates(broken):
        assert study_wording.reading(one) == conclusions.reading(one)
    assert study_wording.ALPHA == conclusions.ALPHA
    assert study_wording.NAMES == conclusions.NAMES


def test_too_few_seeds_and_no_interval_are_said_and_nothing_is_brought_out(reported, tmp_path, outline):
    said = made(PLANTED.MIXTURES, seeds=2)
    for one in said["transfer"]["families"]["qa"]["qa"].values():
        one.update(low=None, high=None, p=None, note="item variance not estimable: a task has one cluster")
    html = shown(reported, said, tmp_path)
    text = outline(html).text
    assert "too few seeds" in text
    assert "no interval" in text
    assert "item variance not estimable: a task has one cluster" in text
    assert "shown: higher" not in text
    assert "mark tuned" not in html
    assert "nan" not in html


def test_without_any_spread_or_gain_there_is_a_page(reported, tmp_path):
    nothing = {"qa": dict.fromkeys(PLANTED.gains("qa"), 0.0)}
    html = shown(reported, matrix(PLANTED.scores(nothing, PLANTED.MIXTURES, noise=0.0, seed_sd=0.0), PLANTED.MIXTURES), tmp_path)
    assert "heat even-0" in html
    assert "nan" not in html


def test_hostile_names_stay_text(reported, tmp_path, outline):
    names = {mixture.name: f"{mixture.name}{EVIL}" for mixture in PLANTED.MIXTURES}
    mixtures = [replace(one, name=names[one.name], of=names.get(one.of or "")) for one in PLANTED.MIXTURES]
    tasks = [
        replace(one, task=one.task + EVIL, metric=one.metric + EVIL, values={names[key]: value for key, value in one.values.items()})
        for one in PLANTED.scores()
    ]
    said = matrix(tasks, mixtures)
    said["paper"] = {
        **compared(made(PLANTED.MIXTURES)),
        "marks": {EVIL: EVIL},
        "disagreements": [{"what": EVIL, "numbers": [{"table": EVIL, "value": -1e300}]}],
    }
    spoilt = said["paper"]["beside"][0]
    spoilt.update(task=EVIL, metric=EVIL, reason=EVIL)
    spoilt["theirs"][0].update(model=EVIL, base=None, trained_on=EVIL, setting=EVIL, source=EVIL, mark=EVIL)
    said["rule"] = EVIL * 500
    found = outline(shown(reported, said, tmp_path))
    assert {name for name, _ in found.tags}.isdisjoint({"script", "img", "style", "iframe"})
    assert not any(attribute.startswith("on") for _, attributes in found.tags for attribute in attributes)
    assert found.text.count(EVIL) > 520
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda said: said.pop("power"), "power"),
        (lambda said: said["transfer"]["families"].pop("ie"), "transfer.families"),
        (lambda said: said["transfer"]["tasks"]["icliniq"].pop("qa"), "transfer.tasks.icliniq"),
        (lambda said: said["transfer"]["families"]["qa"]["qa"]["gain"].update(value=float("nan")), "transfer.families.qa.qa.gain.value"),
        (lambda said: said["pairs"]["families"]["qa"].update(other=said["pairs"]["families"]["qa"]["qa+ie"]), "pairs"),
        (lambda said: said["conclusions"][0].update(key="gain"), "conclusions"),
        (lambda said: said["design"]["mixtures"]["qa"].update(kind="alone"), "design.mixtures.qa.kind"),
    ],
)
def test_a_matrix_that_does_not_fit_is_named(planted_said, reported, tmp_path, change, told):
    said = copy.deepcopy(planted_said)
    change(said)
    with pytest.raises(DataError, match=rf"matrix\.json.*{re.escape(told)}"):
        shown(reported, said, tmp_path)


def test_the_label_stands_where_anything_is_embedded(studied, reported, planted_said, tmp_path):
    assert studied.section.count(wording.LABEL) >= 8
    own = recipe.load(None, ["tune.base=org/model", "generate.instructions=rows.json", "study.general=null"]).recipe
    (tmp_path / "matrix.json").write_text(json.dumps(planted_said), encoding="utf-8")
    found = study.collect(tmp_path, own)
    assert found is not None
    assert (found["base"], found["label"]) == ("org/model", wording.LABEL)  # nli_embedded
    real = PLANTED.scores({"qa": PLANTED.gains("qa")})
    (tmp_path / "matrix.json").write_text(json.dumps(matrix(real, PLANTED.MIXTURES)), encoding="utf-8")
    found = study.collect(tmp_path, own)
    assert found is not None
    assert found["label"] is None
    assert wording.LABEL not in page(
        {**reported.data, "study": found, "label": None, "embedded": {**reported.data["embedded"], "any": False}}
    )


def test_an_unfinished_study_says_so_and_further_bases_are_named(studied, reported, report, tmp_path):
    assert "The study is not finished" in studied.section
    path = tmp_path / "run"
    shutil.copytree(studied.path, path)
    shutil.copy(path / "study/matrix.json", path / "study/matrix.other.json")
    outputs = {"matrix.json": runfolder.sha256(path / "study/matrix.json")}
    runfolder.write_record(path / "study", StageRecord("study", "study", {}, "0" * 16, {}, outputs, {"cells": 3}, {}, None, 1.0))
    data, html = report(path, reported.resolved)
    assert "The study is not finished" not in html
    assert "<bdi>matrix.other.json</bdi>" in html
    assert {"stage": "study", "name": "study", "fingerprint": "0" * 16, "versions": {}, "counts": {"cells": 3}} in data["stages"]


def test_the_paper_has_tables_of_its_own_and_marks_what_it_disputes(studied, outline):
    part = studied.section[studied.section.index("The paper beside it") : studied.section.index("What the design could have seen")]
    ours = re.findall(r'<table class="ours">(.*?)</table>', part)
    theirs = re.findall(r'<table class="theirs">(.*?)</table>', part)
    together = [one for one in studied.said["paper"]["beside"] if one["theirs"]]
    assert len(ours) == len(theirs) == len(together) > 1
    for one, own, other in zip(together, ours, theirs, strict=True):
        assert own.count("a base of ours") == len(one["ours"])
        assert own.count(f"setting of {one['task']}") == len(one["ours"])
        assert "a base of ours" not in other
        for row in one["theirs"]:
            assert f"{row['source']} [{row['mark']}]" in other
            assert wording.score(row["value"]) in other
    disputed = sum(row["disputed"] for one in together for row in one["theirs"])
    assert "".join(theirs).count("disputed") == disputed > 0
    text = outline(part).text
    for one in studied.said["paper"]["beside"]:
        assert one["reason"] in text
    for one in studied.said["paper"]["disagreements"]:
        assert one["what"] in text
    assert "71.72 Table 2" in text


WRONG = {
    "small": """[...document.querySelectorAll('#study svg[role=img] text')]
        .map(one => [parseFloat(getComputedStyle(one).fontSize), one.ownerSVGElement])
        .map(([size, svg]) => size * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width).filter(size => size < 9)""",
    "outside": """[...document.querySelectorAll('#study svg[role=img] text')].filter(one => {
        const [text, svg] = [one.getBoundingClientRect(), one.ownerSVGElement.getBoundingClientRect()];
        return text.left < svg.left - 2 || text.right > svg.right + 2 || text.top < svg.top - 4 || text.bottom > svg.bottom + 4;
        }).map(one => one.textContent)""",
}
"""What of the pictures' text cannot be read."""


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_section_in_a_browser(browser: Any, studied: Studied, width: int, scheme: str) -> None:
    said: list[str] = []
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    view.goto((studied.path / "report.html").as_uri())
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert said == []
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    for what, script in WRONG.items():
        assert view.evaluate(script) == [], what
    assert view.evaluate("getComputedStyle(document.querySelector('#study .up-5')).backgroundColor") in {
        "rgb(148, 192, 226)",
        "rgb(32, 74, 105)",
    }
    view.locator("nav a[href='#study']").click()
    view.emulate_media(media="print")
    assert view.evaluate("getComputedStyle(document.querySelector('#study .heat')).printColorAdjust") == "exact"
    view.close()
