"""The raters' page in a real browser: three raters at once, by key and by mouse; hostile records; another site; narrow and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bioinstruct.core import jsonl
from bioinstruct.core.records import Instruction, instruction_id
from bioinstruct.review import run

from .conftest import RATERS, Served, row

pytestmark = pytest.mark.browser
pytest.importorskip("krippendorff", reason="krippendorff is not installed (extra 'review')")


def expect(locator: Any) -> Any:
    from playwright.sync_api import expect as until

    return until(locator)


@pytest.fixture
def enter(browser: Any) -> Iterator[Any]:
    """`enter(served, "ada")`: the rater's page in a browser of their own; what is wrong in it is gathered in `page.complaints`."""
    contexts = []

    def open_page(served: Served, rater: str, **settings: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.accept()))
        page.on("request", lambda request: None if f":{served.port}/" in request.url else page.complaints.append(request.url))
        page.goto(f"http://127.0.0.1:{served.port}{served.link(rater)}")
        expect(page.locator("h1")).to_have_text(f"Welcome, {rater}")
        page.get_by_role("link", name="Begin").press("Enter")
        expect(page.locator("#record h1")).to_be_visible()
        if settings.get("java_script_enabled", True):
            page.locator("[data-scripted]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


def press(page: Any, *keys: str) -> None:
    """Press keys, each once the page is ready for it: what is pressed before is for a record that nobody has read yet."""
    for key in keys:
        page.locator("[data-scripted] body:not([data-busy])").wait_for()
        page.keyboard.press(key)


def at(page: Any, place: int) -> None:
    expect(page.locator("#record h1")).to_contain_text(f"Record {place} ")


def test_three_raters_at_once(begin, enter):
    served = begin([row(number) for number in range(5)])
    pages = {rater: enter(served, rater) for rater in RATERS}
    records = served.review.sample
    for place in range(1, 6):
        for rater, page in pages.items():  # all three are on the same place of their own orders
            at(page, place)
            record = records[served.ids(rater)[place - 1]]
            assert page.locator(".text").first.inner_text() == record.instruction
            expect(page.locator("#progress")).to_have_text(f"{place - 1} of 5 answered")
            category = page.locator(f"[value={record.category}]")
            if rater == "cleo":
                category.click()
            else:
                press(page, category.get_attribute("data-key"))
            expect(page.locator("#said")).to_contain_text(f"record {place}.")
            expect(category).to_have_attribute("aria-pressed", "true")
        for rater, page in pages.items():
            decide(page, rater, place)
            said = {"ada": "edited", "ben": "rejected"}.get(rater, "accepted") if place == 2 else "accepted"
            expect(page.locator("#said")).to_contain_text(f"{said}, record {place}.")
    for page in pages.values():
        expect(page.locator("h1")).to_have_text("All 5 records are answered")
        assert page.url.endswith("/done")
        assert page.complaints == []
    check_results(served)


def decide(page: Any, rater: str, place: int) -> None:
    """Accepts, but for the second record, which ada edits and ben rejects, each by key; cleo has a mouse."""
    if place != 2 or rater == "cleo":
        if rater == "cleo":
            page.get_by_role("button", name="Accept").click()
        else:
            press(page, "a")
    elif rater == "ada":
        press(page, "e")
        expect(page.locator("#edit-instruction")).to_be_focused()
        press(page, "Control+End")
        page.keyboard.type(" 1 2 a n.\nTwo lines 💊")  # keys of answers are letters here
        press(page, "Control+Enter")
    else:
        press(page, "r")
        expect(page.locator("#reason")).to_be_focused()
        page.keyboard.type("annual <b>dose</b>")
        press(page, "Enter")


def check_results(served: Served) -> None:
    edited, rejected = served.ids("ada")[1], served.ids("ben")[1]
    answers = {(answer.rater, answer.record): answer for answer in served.review.store.answers()}
    assert len(answers) == 15
    assert all(answer.category == served.review.sample[record].category for (_, record), answer in answers.items())
    assert answers["ben", rejected].reason == "annual <b>dose</b>"
    new = served.review.sample[edited].instruction + " 1 2 a n.\nTwo lines 💊"
    assert answers["ada", edited].edited.instruction == new
    lines = run.summarise(served.where.instructions, served.where.folder.parent)
    assert any("100.0%" in line and "n = 5" in line for line in lines)
    corrected = {record.id: record for record in jsonl.read(served.where.folder / "corrected.jsonl", Instruction)}
    old = served.review.sample[edited]
    assert corrected[instruction_id(new, old.input, old.output)].parent == edited


def test_keys_move_open_and_close(begin, enter):
    served = begin([row(number) for number in range(4)])
    page = enter(served, "ada")
    press(page, "?")
    expect(page.locator("#help .keys")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#help .keys")).to_be_hidden()
    for key, place in (("n", 2), ("u", 1), ("2", 1), ("a", 2), ("n", 3), ("Backspace", 2), ("u", 1)):
        press(page, key)
        at(page, place)
    assert page.evaluate("document.activeElement.tagName") == "H1"  # a reader starts at the new record
    assert page.title() == "Record 1 of 4 · bioinstruct review"
    assert page.url.endswith("/record/1")
    press(page, "e", "Escape", "r", "Escape")
    expect(page.locator("#edit")).to_be_hidden()
    expect(page.locator("#reason")).to_be_hidden()
    press(page, "Control+a")  # the browser's own
    press(page, "4")
    expect(page.locator("#said")).to_contain_text("Other, accepted, record 1.")
    assert page.complaints == []


def test_fast_keys_answer_the_record_that_was_read_and_no_other(begin, enter):
    served = begin([row(number) for number in range(4)])
    page = enter(served, "ada")
    page.evaluate("for (const key of '2a2a2a') document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))")
    at(page, 2)
    press(page, "1")
    expect(page.locator("#said")).to_contain_text("Question answering, record 2.")
    for _ in range(4):  # held down: repeats, also over the next record
        page.locator("body:not([data-busy])").wait_for()
        page.keyboard.down("a")
        at(page, 3)
    page.keyboard.up("a")
    press(page, "n")
    at(page, 4)
    first, second, *_ = served.ids("ada")
    answers = {answer.record: (answer.category, answer.decision) for answer in served.review.store.answers()}
    assert answers == {first: ("ie", "accept"), second: ("qa", "accept")}


def test_an_edit_that_is_not_saved_is_not_lost_by_another_answer(begin, enter):
    served = begin([row(number) for number in range(2)])
    page = enter(served, "ada")
    press(page, "e")
    page.locator("#edit-output").fill("better")
    for act in (lambda: page.locator("#category-1").click(), lambda: page.locator("#next").click(), lambda: press(page, "Escape")):
        act()
        expect(page.locator("#said")).to_have_text("Your edit is not saved. Save it with Ctrl Enter, or throw it away.")
        assert page.locator("#edit-output").input_value() == "better"
    assert served.review.store.answers() == []
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("#edit")).to_be_hidden()
    press(page, "1")
    expect(page.locator("#said")).to_contain_text("Saved: Question answering")
    press(page, "e")
    press(page, "Control+Enter")
    expect(page.locator("#said")).to_contain_text("nothing was changed")
    expect(page.locator("#said")).to_have_attribute("data-wrong", "")


def test_what_did_not_reach_the_server_is_not_called_saved(begin, enter):
    served = begin([row(number) for number in range(2)])
    page = enter(served, "ada")
    page.context.set_offline(True)
    press(page, "1")
    expect(page.locator("#said")).to_contain_text("NOT saved: the server does not answer.")
    expect(page.locator("#category-1")).to_have_attribute("aria-pressed", "false")
    page.context.set_offline(False)
    press(page, "1")
    expect(page.locator("#said")).to_contain_text("Saved: Question answering")
    served.client("ada")  # a new link was opened elsewhere: this browser is signed out
    press(page, "a")
    expect(page.locator("#said")).to_contain_text("Nobody is signed in here.")
    assert served.review.store.answer("ada", served.ids("ada")[0]).decision is None


HACK = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"


def test_a_record_with_script_tags_shows_as_text(begin, enter):
    served = begin([row(0, instruction=HACK, input="</textarea>" + HACK, output="<hx-partial hx-target=body>" + HACK + "x" * 100_000)])
    page = enter(served, "ada")
    shown = page.locator(".text").all_inner_texts()
    assert shown == [HACK, "</textarea>" + HACK, "<hx-partial hx-target=body>" + HACK + "x" * 100_000]
    press(page, "1")  # by htmx, too
    expect(page.locator("#said")).to_contain_text("Saved")
    assert page.locator(".text").all_inner_texts() == shown
    press(page, "e")
    assert page.locator("#edit-input").input_value() == "</textarea>" + HACK
    page.locator("#edit-instruction").fill(HACK + "!")
    press(page, "Control+Enter")
    expect(page.locator("h1")).to_contain_text("All 1 records")
    assert page.title() == "1 of 1 · bioinstruct review"
    assert page.complaints == []


SEND = """([url, body]) => fetch(url, {method: "POST", body, mode: "no-cors", credentials: "include",
    headers: {"Content-Type": "application/x-www-form-urlencoded"}}).catch(() => "blocked").then(() => "tried")"""


def test_another_site_cannot_answer_in_a_raters_name(begin, enter):
    """A page elsewhere that even knows the form's token sends it, by script and by form."""
    served = begin([row(number) for number in range(2)])
    page = enter(served, "ada")
    token = page.locator("[name=form_token]").first.input_value()
    address = f"http://127.0.0.1:{served.port}/answer"
    fields = {"form_token": token, "record": served.ids("ada")[0], "category": "qa"}
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    evil = f'<form method="post" action="{address}">{inputs}<button>go</button></form>'
    for site in ("http://evil.example/", "http://127.0.0.1:1/"):
        page.context.route(site, lambda route: route.fulfill(body=evil, content_type="text/html"))
        page.goto(site)
        body = "&".join(f"{name}={value}" for name, value in fields.items())
        page.evaluate(SEND, [address, body])
        with page.expect_response(address) as answered:
            page.get_by_role("button").click()
        assert answered.value.status == 403
    assert served.review.store.answers() == []


def test_it_works_without_javascript(begin, enter):
    served = begin([row(number) for number in range(2)])
    page = enter(served, "ben", java_script_enabled=False)
    page.locator("#category-2").click()
    expect(page.locator("#said")).to_have_text("Saved: record 1.")
    page.locator("#edit summary").click()
    page.locator("#edit-output").fill("by hand")
    page.get_by_role("button", name="Save the edit").click()
    at(page, 2)
    page.locator("#back").click()
    at(page, 1)
    page.locator("#next").click()
    page.locator("#category-4").click()
    page.locator("#open-reject").click()
    page.locator("#reason").fill("why not")
    page.locator("#reason").press("Enter")
    expect(page.locator("h1")).to_have_text("All 2 records are answered")
    first, second = (served.review.store.answer("ben", record) for record in served.ids("ben"))
    assert (first.category, first.edited.output) == ("ie", "by hand")
    assert (second.category, second.decision, second.reason) == ("other", "reject", "why not")


LONG = {"instruction": "w" * 300 + " اشرح 💊", "input": "line\n" * 200}


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_and_the_buttons_are_in_reach(begin, enter, width):
    served = begin([row(0, **LONG)])
    page = enter(served, "ada", viewport={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.locator(".judge button:visible, .judge .button:visible").all():
        box = button.bounding_box()
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844  # without scrolling, below a long text
    for key in ("e", "Escape", "r", "Escape", "?"):
        press(page, key)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_light_and_dark(begin, enter):
    served = begin([row(0)])
    page = enter(served, "ada")
    brightness = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
        brightness[scheme] = [sum(int(part) for part in colour[4:-1].split(",")) for colour in colours]
    assert brightness["light"][0] > 700 > 200 > brightness["light"][1]
    assert brightness["dark"][0] < 200 < 600 < brightness["dark"][1]
