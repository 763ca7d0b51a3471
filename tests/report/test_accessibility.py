"""The page under axe-core (https://github.com/dequelabs/axe-core), light and dark, wide and narrow, with everything unfolded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from .studied import Studied, compared, studied_run

pytestmark = pytest.mark.browser

UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
REPEATED = (
    "tbody tr:nth-of-type(n+4)",
    ".task ~ .task",
    ".family ~ .family",
    ".trace ~ .trace",
    ".item ~ .item",
    "#items > details ~ details",
    "#funnel details ~ details",
    ".sector",
)
"""What is like others before it: left out of the quick check, which else takes a minute."""
FAINT = """() => {
  const linear = (one) => one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4;
  const bright = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const paper = bright(getComputedStyle(document.body).backgroundColor);
  const contrast = (ink) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  return [...document.querySelectorAll('svg text:not(.inside)')].filter((one) => one.getClientRects().length)
    .filter((one) => contrast(bright(getComputedStyle(one).fill)) < 4.5).map((one) => one.outerHTML);
}"""
"""Texts of pictures with less contrast to the page than WCAG 2 asks for (1.4.3); axe does not look at them."""


@pytest.fixture(scope="module")
def everything(searched: Any, planted_said: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Studied:
    """A run with all that a page can show."""
    path = tmp_path_factory.mktemp("everything") / "run"
    shutil.copytree(searched.path, path)
    return studied_run(path, searched.resolved, {**planted_said, "paper": compared(planted_said)})


def unfolded(browser: Any, path: Path, width: int, scheme: str) -> Any:
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    view.goto((path / "report.html").as_uri())
    view.locator("#browser[data-drawn]").wait_for()
    view.evaluate(UNFOLD)
    return view


def findings(view: Any) -> list[str]:
    """Serious and critical findings: the rule, and the first elements that break it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed (extra 'dev')")
    found = axe.Axe().run(view).response
    assert found["testEngine"]["name"] == "axe-core"
    serious = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:5]]}" for one in serious]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_serious_is_found(browser: Any, everything: Studied, width: int, scheme: str) -> None:
    view = unfolded(browser, everything.path, width, scheme)
    assert view.evaluate(FAINT) == []
    view.evaluate("all => all.forEach(one => document.querySelectorAll(one).forEach(found => found.remove()))", REPEATED)
    assert findings(view) == []
    view.close()


def test_the_check_finds_what_is_wrong(browser: Any, everything: Studied) -> None:
    view = unfolded(browser, everything.path, 1440, "light")
    view.evaluate("document.querySelector('main').innerHTML = '<p style=\"color:#ccc\">faint</p><select></select>'")
    assert [one.split(":")[0] for one in findings(view)] == ["color-contrast", "select-name"]
    view.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_serious_is_found_on_the_whole_page(browser: Any, everything: Studied, width: int, scheme: str) -> None:
    view = unfolded(browser, everything.path, width, scheme)
    assert findings(view) == []
    view.close()
