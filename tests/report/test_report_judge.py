"""The judge on the page: its section, what stands without one, and that its figures are recomputed from its replies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from bioinstruct import evidence
from bioinstruct.core import jsonl, recipe
from bioinstruct.core.progress import Silent
from bioinstruct.evaluate import judging
from bioinstruct.evaluate.judge import Judgement
from bioinstruct.evaluate.pairwise import Preference
from bioinstruct.models.purse import Purse

from .test_accessibility import UNFOLD, findings
from .test_browser_items import drawn, opened

MARKS = "Coherence: {}\nCompleteness: {}\nNaturalness: {}"


def strict(prompt: str, body: dict[str, Any]) -> tuple[int, str]:
    """Marks by the length of what it is shown; has no patience with hostile text, and a preference for the first of two."""
    if "first, second or tie" in prompt:
        return 200, "first" if body["seed"] % 3 else "tie"
    n = len(prompt)
    return 200, MARKS.format(1 + n % 5, 1 + n // 7 % 5, 1 + (n + body["seed"]) % 5) if body["seed"] % 17 else "<script>5</script>"


@pytest.fixture
def judged(reported: Any, critic: Callable[..., Any], tmp_path: Path, report: Callable[..., Any]) -> tuple[Path, Any, dict[str, Any], str]:
    path = tmp_path / "run"
    shutil.copytree(reported.path, path)
    words = ["judge.model=<b>critic</b>", f"judge.endpoint=http://127.0.0.1:{critic(strict).server_port}/v1", "judge.pairwise=true"]
    given = [f"{name}={json.dumps(value)}" for name, value in recipe.flatten(reported.resolved.recipe.model_dump(mode="json"))]
    resolved = recipe.load(None, [*(one for one in given if not one.startswith("judge.")), *words])
    assert judging.check(resolved.recipe.judge, resolved.recipe.evaluate, {}, None) == []
    judging.run(resolved.recipe.judge, Purse(path / "ledger.sqlite", {}, None, None, Silent()), resolved.recipe.seed, folder=path)
    return path, resolved, *report(path, resolved)


def test_the_page_has_a_section_of_the_judge(judged: Any, reported: Any, outline: Any) -> None:
    path, _, data, html = judged
    found = data["judge"]
    assert found == judging.read(path)
    assert 'href="#judge"' in html
    text = outline(html).text
    assert "What the judge says" in text
    assert "<b>critic</b>" in text
    assert "<b>critic" not in html
    assert "<script" not in html.split("</style>")[1].split("<section")[0]
    tuned = next(one for one in found["tasks"]["conv2note_embedded"]["settings"] if one["model"] == "tuned")
    assert f"{tuned['estimate']['value']:.2f}" in text
    assert f"{found['outcomes']['unparsed']:,} in another form than asked for" in text
    assert "Position bias: " in text
    assert found["outcomes"]["unparsed"] > 0
    assert "no judge was configured" not in text
    assert data["gains"]["generation"]["absolute"] == reported.data["gains"]["generation"]["absolute"]  # ROUGE-L stays what it is
    assert reported.data["judge"] is None
    assert "no judge was configured" in outline(reported.html).text
    assert 'href="#judge"' not in reported.html


def test_its_figures_are_made_again_from_its_replies(judged: Any, tmp_path: Path) -> None:
    path, resolved, data, _ = judged
    again = tmp_path / "again"
    assert [gap.what for gap in evidence.again(path, again, resolved.recipe) if gap.what.startswith("judge")] == []
    assert judging.read(again) == data["judge"]
    rows = (path / "judge" / judging.JUDGEMENTS).read_text()
    (path / "judge" / judging.JUDGEMENTS).write_text(rows.replace("Coherence: 1", "Coherence: 5"))
    evidence.again(path, tmp_path / "third", resolved.recipe)
    assert judging.read(tmp_path / "third") != data["judge"]


TASK = "conv2note_embedded"


def of_tuned(path: Path) -> dict[str, list[Judgement]]:
    """Item to the marks of the tuned model's text."""
    found: dict[str, list[Judgement]] = {}
    for one in jsonl.read(path / "judge" / judging.JUDGEMENTS, Judgement):
        if one.setting.model == "tuned":
            found.setdefault(one.item, []).append(one)
    return found


def test_every_item_has_the_judges_words(judged: Any, reported: Any) -> None:
    path, _, data, _ = judged
    task = data["browser"]["tasks"][TASK]
    tuned = next(one for one in task["answerers"] if one["model"] == "tuned")
    marks = of_tuned(path)
    assert list(marks) == task["items"]
    for value, outcome, some in zip(tuned["judge"]["values"], tuned["judge"]["outcomes"], marks.values(), strict=True):
        read = [sum(one.criteria.values()) / 3 for one in some if one.criteria]
        assert outcome == ("marked" if read else "unparsed")
        assert value == (pytest.approx(fmean(read), abs=1e-5) if read else None)
    assert {len(some) for some in marks.values()} == {data["judge"]["repeats"]} == {3}
    held = [value for value in tuned["judge"]["values"] if value is not None]
    shown = next(one for one in data["judge"]["tasks"][TASK]["settings"] if one["model"] == "tuned")
    assert sum(held) / len(held) == pytest.approx(shown["estimate"]["value"], abs=1e-5)
    counts = data["judge"]["pairwise"]["results"]
    assert {name: task["pairs"]["results"].count(name) for name in counts} == counts
    assert all(
        "judge" not in one for name in data["browser"]["tasks"] for one in data["browser"]["tasks"][name]["answerers"] if name != TASK
    )
    assert "judge" not in json.dumps(reported.data["browser"])


@pytest.mark.browser
def test_the_judges_words_in_the_browser(browser: Any, judged: Any) -> None:
    path, _, data, _ = judged
    task = data["browser"]["tasks"][TASK]
    base, tuned = (task["answerers"][task["pairs"][who]] for who in ("base", "tuned"))
    view, said = opened(browser, path)
    drawn(view, lambda: view.locator("#browser-task").select_option(TASK))
    for side, who in (("left", "base"), ("right", "tuned")):
        if view.locator(f"#browser-{side}").input_value() != str(task["pairs"][who]):
            drawn(view, lambda side=side, who=who: view.locator(f"#browser-{side}").select_option(str(task["pairs"][who])))
    for summary in view.locator("#browser-list summary").all():
        summary.click()
    marks = list(of_tuned(path).values())
    choices = [one.reply for one in jsonl.read(path / "judge" / judging.PREFERENCES, Preference)]
    for place, article in enumerate(view.locator("#browser-list article").all()):
        words = article.locator(".answer.tuned .judge")
        mean, outcome = tuned["judge"]["values"][place], tuned["judge"]["outcomes"][place]
        title = f"Judge: {mean:.2f} of 5" if outcome == "marked" else "Judge: replied in another form than asked for"
        assert words.locator("summary").inner_text() == title
        assert words.locator(".text").all_text_contents() == [one.reply for one in marks[place]]
        chosen = [one for one in choices[2 * place : 2 * place + 2] if one]
        assert article.locator(".answers + .judge .text").all_text_contents() == chosen
    pairs = list(zip(base["judge"]["values"], tuned["judge"]["values"], strict=True))
    better = [place for place, (mine, theirs) in enumerate(pairs) if mine is not None and theirs is not None and theirs > mine]
    drawn(view, lambda: view.locator("#browser-show").select_option("better"))
    assert view.locator("#browser-list h4 code").all_inner_texts() == [task["items"][place] for place in better[:10]]
    others = "#browser-list article ~ article, main > section:not(:has(#browser)):not(#judge)"
    view.evaluate(f"document.querySelectorAll('{others}').forEach(one => one.remove())")
    view.evaluate(UNFOLD)
    assert findings(view) == []
    drawn(view, lambda: view.locator("#browser-task").select_option("nli_embedded"))
    assert view.locator("#browser-list .judge").count() == 0
    assert view.locator("#browser :is(script, img)").count() == 0
    assert said == []
    view.close()
