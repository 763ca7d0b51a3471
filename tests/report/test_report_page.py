from __future__ import annotations

import copy
import re
from dataclasses import replace
from itertools import pairwise

from bioinstruct.report import cards, wording
from bioinstruct.report.page import CONTENTS, page

from .harmless import harmless

EVIL = """<script>alert(1)</script></style><img src=x onerror=alert(1)>"'&\u202e"""


def test_the_page_stands_alone(reported, from_file, outline):
    for one in (reported, from_file):
        found = harmless(one.html, outline)
        for name, attributes in found.tags:
            for attribute in ("src", "href", "xlink:href", "srcset"):
                value = attributes.get(attribute)
                assert value is None or value.startswith("#") or value == "data:,", (name, value)
        style = one.html.split("<style>")[1].split("</style>")[0]
        assert "url(" not in style
        assert "@import" not in style
        assert "default-src &#x27;none&#x27;" in one.html


def test_headings_landmarks_and_references(reported, from_file, outline):
    for one in (reported, from_file):
        found = outline(one.html)
        levels = [level for level, _ in found.headings]
        assert levels.count(1) == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))
        assert [text for level, text in found.headings if level == 2] == [title for _, title in CONTENTS]
        names = [name for name, _ in found.tags]
        for landmark in ("header", "nav", "main", "footer"):
            assert names.count(landmark) == 1
        ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        for _, attributes in found.tags:
            for reference in (attributes.get("aria-labelledby") or "").split():
                assert reference in ids
            if (attributes.get("href") or "").startswith("#"):
                assert attributes["href"][1:] in ids


def test_tables_and_pictures_are_labelled(reported, outline):
    found = outline(reported.html)
    assert reported.html.count("<table") == reported.html.count("<caption>")
    assert all(attributes.get("scope") in {"row", "col"} for name, attributes in found.tags if name == "th")
    for name, attributes in found.tags:
        if name == "svg":
            assert attributes.get("aria-hidden") == "true" or (attributes.get("role") == "img" and attributes.get("aria-labelledby"))
    regions = [attributes["aria-label"] for _, attributes in found.tags if attributes.get("role") == "region"]
    assert len(regions) == len(set(regions))
    assert reported.html.count("<figure") == reported.html.count("<figcaption>") == 7


def test_the_label_stands_at_the_top_and_beside_every_result(reported, outline):
    label = reported.data["label"]
    assert reported.html.index(label) < reported.html.index("<h1>")
    sections = re.findall(r'<section aria-labelledby="family-|<section [^>]*class="family"', reported.html)
    tasks = reported.html.count('class="task"')
    assert len(sections) == 4
    assert tasks == 6 + reported.html.count('<text class="task"')
    assert reported.html.count(label) >= 1 + 1 + 1 + 4 + 6 + 6


def test_numbers_of_the_json_stand_on_the_page(reported, outline):
    text = outline(reported.html).text.replace("\u00a0", " ")
    for family in reported.data["gains"].values():
        for who in ("base", "tuned", "shuffled", "trivial"):
            assert f"{100 * family[who]['value']:.1f}" in text
            assert f"{100 * family[who]['low']:.1f} to {100 * family[who]['high']:.1f}" in text
    for line in reported.data["summary"]:
        assert line["headline"].replace("\u00a0", " ") in text
    assert "Mean ROUGE-L; not the paper's metric: no judge was configured" in text
    assert reported.data["rule"] in text


def test_models_beside_ours_stand_on_the_page(reported, outline):
    data = copy.deepcopy(reported.data)
    gain = {"value": -0.123, "low": -0.2, "high": -0.046, "n": 7, "clusters": 7}
    one = {"mean": {"value": 0.587, "low": 0.5, "high": 0.6, "n": 7, "clusters": 7}, "gain": gain}
    data["gains"]["qa"]["compared"] = {"medalpaca-7b": one}
    name = data["gains"]["qa"]["tasks"][0]
    data["comparisons"][name]["compared"] = {"medalpaca-7b": {**one, "slug": "x"}}
    settings = data["tasks"][name]
    settings["medalpaca-7b"] = {"x": {**next(iter(settings["tuned"].values())), "mode": "generate"}}
    text = outline(page(data)).text.replace("\u00a0", " ")
    assert "no example, answer written" in text
    assert "medalpaca-7b" not in outline(reported.html).text
    assert "over medalpaca-7b" in text
    assert "58.7" in text
    assert "\u221212.3 points [\u221220.0 to \u22124.6] over medalpaca-7b" in text


def test_no_label_where_nothing_is_embedded(reported):
    data = {**reported.data, "label": None, "embedded": {"any": False, "base": False, "teacher": False, "tasks": [], "of_tasks": 6}}
    html = page(data)
    assert wording.LABEL not in html
    assert 'class="banner"' not in html
    assert wording.LABEL not in cards.dataset(data) + cards.model(data)


def test_texts_from_outside_are_escaped(make_file_run, report, tmp_path, outline):
    records = [
        {"instruction": f"Summarize {EVIL} note {n * 'very '}", "input": f"in {EVIL}", "output": f"out {EVIL} {n}"} for n in range(3)
    ]
    records.append({"instruction": f"Look at the image {EVIL}", "input": "", "output": EVIL})

    def change(item):
        texts = {"id": item.id + EVIL, "instruction": EVIL, "input": item.input + EVIL}
        return replace(item, **texts) if item.options else replace(item, **texts, references=(item.references[0] + EVIL,))

    resolved = make_file_run(tmp_path / "run", records, change, [EVIL])
    parts = resolved.recipe
    evil = parts.model_copy(
        update={
            "report": parts.report.model_copy(update={"title": EVIL}),
            "tune": parts.tune.model_copy(update={"base": EVIL}),
            "generate": parts.generate.model_copy(update={"api_key_env": EVIL}),
            "curate": parts.curate.model_copy(update={"keywords": [EVIL]}),
        }
    )
    _, html = report(tmp_path / "run", replace(resolved, recipe=evil))
    found = harmless(html, outline)
    assert found.text.count(EVIL) >= 12
    for name in ("DATASET_CARD.md", "MODEL_CARD.md"):
        card = (tmp_path / "run" / name).read_text(encoding="utf-8")
        assert "<script" not in card
        assert "<img" not in card


def test_every_text_of_the_data_is_escaped(searched, outline):
    """Whatever the field: texts of the JSON are changed one and all, but for names that lead to other parts of it."""
    names = {"category", "mode", "method", "stop", "strongest_base", "best_trivial", "family", "tasks", "passed", "why", "state"}

    def spoil(value, key=""):
        if isinstance(value, dict):
            return {inner: spoil(one, inner) for inner, one in value.items()}
        if isinstance(value, list):
            return [spoil(one, key) for one in value]
        return value + EVIL if isinstance(value, str) and key not in names else value

    html = page(spoil(copy.deepcopy(searched.data)))
    found = harmless(html, outline)
    assert found.text.count("alert(1)") > 300


def test_cards_hold_the_numbers(reported, from_file):
    dataset = (reported.path / "DATASET_CARD.md").read_text(encoding="utf-8")
    model = (reported.path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert reported.data["label"] in dataset
    assert reported.data["label"] in model
    assert "| Question answering |" in model
    assert f"{reported.data['totals']['kept']} records kept" in dataset
    assert "no judge was configured" in model
    other = cards.model(from_file.data)
    assert "| Information extraction | not measured |" in other
    assert cards.plain("a*b_c <x> & [y](z)\n# w") == r"a\*b\_c &lt;x&gt; &amp; \[y\]\(z\) \# w"
