"""The page in a real browser: from a file link, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest

from bioinstruct.report.page import CONTENTS

pytestmark = pytest.mark.browser


def opened(browser: Any, reported: Any, width: int, scheme: str = "light") -> tuple[Any, list[str]]:
    said: list[str] = []
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    view.goto((reported.path / "report.html").as_uri())
    return view, said


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_the_page_opens_without_errors_and_fits(browser: Any, reported: Any, width: int) -> None:
    view, said = opened(browser, reported, width)
    assert said == []
    assert view.locator("h1").inner_text() == "A made-up run"
    assert view.locator("h2").all_inner_texts() == [title for _, title in CONTENTS]
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    shown = view.locator("svg[role=img]:visible")
    assert shown.count() == 11  # 1 headline, 1 funnel, 1 categories, 3 lengths, 1 wheel, 1 loss, 3 gains: of two widths one is shown
    small = view.evaluate(
        """[...document.querySelectorAll('svg[role=img] text')].filter(one => one.getClientRects().length)
        .map(one => [parseFloat(getComputedStyle(one).fontSize), one.ownerSVGElement])
        .map(([size, svg]) => size * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)
        .filter(size => size < 9).length"""
    )
    assert small == 0
    outside = view.evaluate(
        """[...document.querySelectorAll('svg[role=img] text')].filter(one => one.getClientRects().length).filter(one => {
          const [text, svg] = [one.getBoundingClientRect(), one.ownerSVGElement.getBoundingClientRect()];
          return text.left < svg.left - 2 || text.right > svg.right + 2 || text.top < svg.top - 4 || text.bottom > svg.bottom + 4;
        }).map(one => one.textContent)"""
    )
    assert outside == []
    view.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_what_curation_found_fits(browser: Any, searched: Any, width: int) -> None:
    view, said = opened(browser, searched, width)
    assert said == []
    assert view.locator("#contamination details").count() == 3
    for place in range(3):
        view.locator("#contamination summary").nth(place).click()
    assert view.locator("#contamination .answer:visible").count() == 22  # two sides of 5 + 1 pairs and of 5 seeds
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    view.locator("#funnel a[href='#contamination']").click()
    assert view.url.endswith("#contamination")
    view.close()


def test_light_and_dark(browser: Any, reported: Any) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        view, _ = opened(browser, reported, 1280, scheme)
        colours = view.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
        brightness[scheme] = [sum(int(part) for part in colour[4:-1].split(",")) for colour in colours]
        view.close()
    assert brightness["light"][0] > 700 > 200 > brightness["light"][1]
    assert brightness["dark"][0] < 200 < 600 < brightness["dark"][1]


def test_the_keyboard_finds_the_content(browser: Any, reported: Any) -> None:
    view, _ = opened(browser, reported, 1280)
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.textContent") == "Skip to the content"
    view.keyboard.press("Enter")
    assert view.url.endswith("#main")
    summary = view.locator("#items summary").nth(1)
    summary.focus()
    view.keyboard.press("Enter")
    assert view.locator("#items details").nth(1).get_attribute("open") is not None
    view.close()


def test_it_prints(browser: Any, studied: Any) -> None:
    """On A4 no table is cut off at the right, and a dark screen prints dark on light."""
    view, _ = opened(browser, studied, 703, "dark")
    view.emulate_media(media="print")
    assert not view.locator("nav").is_visible()
    assert not view.locator("#browser-tools").is_visible()
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    wide = view.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"
    )
    assert wide == []
    ink = view.evaluate("getComputedStyle(document.body).color.match(/[0-9]+/g).slice(0, 3).map(Number)")
    assert sum(ink) < 200
    assert view.pdf(format="A4").startswith(b"%PDF")
    view.close()
