"""All items looked through in a real browser, from a file link."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from typing import Any

import pytest

from bioinstruct.report import browser as all_items
from bioinstruct.report import payload
from bioinstruct.report.page import page

pytestmark = pytest.mark.browser
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\U0001f642 \u202eאבג\u0007 {{x}} ${y}"


def opened(browser: Any, path: Any, **settings: Any) -> tuple[Any, list[str]]:
    said: list[str] = []
    view = browser.new_page(viewport={"width": 1280, "height": 900}, **settings)
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    view.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    view.goto((path / "report.html").as_uri())
    if settings.get("java_script_enabled", True):
        view.locator("#browser[data-drawn]").wait_for()
    return view, said


def drawn(view: Any, action: Any) -> None:
    """Do something that changes the list, and wait until it has changed."""
    before = int(view.locator("#browser").get_attribute("data-drawn"))
    action()
    view.locator(f'#browser[data-drawn="{before + 1}"]').wait_for()


def test_items_by_task_and_outcome(browser: Any, reported: Any) -> None:
    view, said = opened(browser, reported.path)
    task = reported.data["browser"]["tasks"]["conv2note_embedded"]
    base, tuned = (one["values"] for one in task["answerers"][:2])
    higher = [place for place in range(len(base)) if tuned[place] > base[place]]
    drawn(view, lambda: view.locator("#browser-task").select_option("conv2note_embedded"))
    assert view.locator("#browser-told").inner_text() == "Items 1 to 10 of 12 items; page 1 of 2."
    assert view.locator("#browser-list h4 code").all_inner_texts() == task["items"][:10]
    drawn(view, lambda: view.locator("#browser-show").select_option("higher"))
    assert view.locator("#browser-list h4 code").all_inner_texts() == [task["items"][place] for place in higher[:10]]
    first = view.locator("#browser-list .answer.tuned .outcome").first.inner_text()
    assert first == f"{task['answerers'][1]['outcomes'][higher[0]]}; ROUGE-L {100 * tuned[higher[0]]:.1f}"
    drawn(view, lambda: view.locator("#browser-left").select_option("2"))
    assert view.locator("#browser-list .answer.other h5").first.inner_text() == "Shuffled control, no example"
    drawn(view, lambda: view.locator("#browser-right").select_option("2"))
    assert view.locator("#browser-show option").count() == 5  # of one model there is nothing to compare
    assert said == []
    view.close()


def test_paging_by_keyboard(browser: Any, reported: Any) -> None:
    view, said = opened(browser, reported.path)
    following = view.locator("#browser-more button").last
    following.focus()
    drawn(view, lambda: view.keyboard.press("Enter"))
    assert view.locator("#browser-told").inner_text() == "Items 11 to 12 of 12 items; page 2 of 2."
    view.locator("#browser-told:focus").wait_for()
    assert following.is_disabled()
    drawn(view, lambda: view.locator("#browser-more button").first.click())
    assert view.locator("#browser-list article").count() == 10
    assert said == []
    view.close()


def test_from_a_score_to_the_seeds(browser: Any, reported: Any) -> None:
    view, said = opened(browser, reported.path)
    drawn(view, lambda: view.locator("a[data-items-of=nli_embedded]").click())
    assert view.url.endswith("#browser")
    assert view.locator("#browser-task").input_value() == "nli_embedded"
    first = view.locator("#browser-list article").first
    first.locator("summary").click()
    told = first.locator(".origin").inner_text()
    assert "evaluate/items/nli_embedded.jsonl, line 1." in told
    assert "evaluate/tuned/nli_embedded.rank-text-0shot/scores.jsonl, line 1, read from evaluate/tuned" in told
    assert "adapter tune/adapter@0123456789abcdef" in told
    first.locator(".origin a").click()
    assert view.url.endswith("#lineage")
    steps = view.locator("#lineage + .steps > li h4").all_inner_texts()
    assert steps == ["Score to items", "Item to answer", "Answer to adapter", "Adapter to records", "Record to seeds"]
    assert said == []
    view.close()


def test_files_beside_the_page(browser: Any, reported: Any, report: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a folder #1 with ünusual signs & more"
    shutil.copytree(reported.path, path)
    monkeypatch.setattr(payload, "MOST", len(page(reported.data).encode()) + 3_000)
    monkeypatch.setattr(all_items, "PART", 4)
    data, _ = report(path, reported.resolved)
    assert data["browser"]["parts"][-1]["file"] is not None
    view, said = opened(browser, path)
    drawn(view, lambda: view.locator("#browser-task").select_option("conv2note_embedded"))
    drawn(view, lambda: view.locator("#browser-tools button").last.click())
    assert view.locator("#browser-list h4 code").all_inner_texts() == data["browser"]["tasks"]["conv2note_embedded"]["items"][10:]
    assert said == []
    shutil.rmtree(path / payload.FOLDER)
    view.reload()
    view.locator("#browser[data-drawn]").wait_for()
    drawn(view, lambda: view.locator("#browser-task").select_option("conv2note_embedded"))
    assert "It belongs beside this page: keep its folder with it." in view.locator("#browser-list .problem").inner_text()
    view.close()


def test_hostile_items_stay_texts(browser: Any, make_file_run: Any, report: Any, tmp_path: Any) -> None:
    def change(item: Any) -> Any:
        texts = {"id": item.id + EVIL, "instruction": EVIL, "input": EVIL + item.input + "אבג " * 25_000}
        return replace(item, **texts) if item.options else replace(item, **texts, references=(EVIL + item.references[0],))

    records = [{"instruction": f"Summarize the note {n}.", "input": "A cough.", "output": "yes"} for n in range(3)]
    resolved = make_file_run(tmp_path / "run", records, change, [EVIL])
    _, html = report(tmp_path / "run", resolved)
    assert len(html) < 1_000_000
    view, said = opened(browser, tmp_path / "run")
    drawn(view, lambda: view.locator("#browser-task").select_option("conv2note_embedded"))
    for summary in view.locator("#browser-list summary").all():
        summary.click()
    shown = view.locator("#browser-list article").first
    assert shown.locator(".text").first.text_content() == EVIL.replace("\u0007", "\ufffd")
    assert "of 100," in shown.locator(".cut").first.inner_text()
    assert view.locator("#browser-list :is(script, img)").count() == 0
    assert view.evaluate("document.documentElement.scrollWidth") <= 1280
    assert said == []
    view.close()


def test_hostile_names_stay_texts(browser: Any, reported: Any, tmp_path: Any) -> None:
    """Of tasks, models, settings, metrics and files, wherever they come from."""
    summary = json.loads((reported.path / "evaluate/summary.json").read_text(encoding="utf-8"))
    parts = payload.place(payload.packed(all_items.parts(reported.path / "evaluate", summary)), payload.MOST)
    found = copy.deepcopy(reported.data["browser"])
    for task in found["tasks"].values():
        task.update(metric=EVIL, items_file=EVIL, items=[f"{name}{EVIL}" for name in task["items"]])
        for one in task["answerers"]:
            one.update(model=one["model"] + EVIL, adapter=EVIL, answers_file=EVIL, scores_file=EVIL)
    found["tasks"] = {name + EVIL: task for name, task in found["tasks"].items()}
    found["parts"] = [{**one, "task": one["task"] + EVIL} for one in found["parts"]]
    (tmp_path / "report.html").write_text(page({**reported.data, "browser": found}, parts), encoding="utf-8")
    view, said = opened(browser, tmp_path)
    drawn(view, lambda: view.locator("#browser-left").select_option("2"))
    assert EVIL.replace("\u0007", "") in view.locator("#browser-task").text_content().replace("\u0007", "")
    assert view.locator("#browser :is(script, img)").count() == 0
    assert view.locator("#browser-list article").count() == 10
    assert said == []
    view.close()


def test_without_scripts_the_page_says_so(browser: Any, reported: Any) -> None:
    view, _ = opened(browser, reported.path, java_script_enabled=False)
    assert "where the browser runs this page\u2019s own script" in view.locator("#browser-closed").inner_text()
    assert not view.locator("#browser-tools").is_visible()
    assert view.locator("#items article").count() == 18
    view.close()
