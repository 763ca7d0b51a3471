"""What a page may hold, whatever texts were put in: our own elements, our own script, and data that nothing runs."""

from __future__ import annotations

import re
from typing import Any

from bioinstruct.report import page_browser

_DATA = re.compile(r'<script id="[a-z0-9-]+" type="application/gzip;base64">[A-Za-z0-9+/=]*</script>')


def without_scripts(html: str) -> str:
    """The page without its script and its data, each of which it may hold."""
    return _DATA.sub("", html.replace(f"<script>{page_browser.source()}</script>", "", 1))


def harmless(html: str, outline: Any) -> Any:
    """Nothing but our own elements and attributes; gives back the outline of the page without scripts."""
    bare = without_scripts(html)
    found = outline(bare)
    assert "<script" not in bare.lower()
    assert bare.count("</style>") == 1
    assert {name for name, _ in found.tags}.isdisjoint({"script", "img", "iframe", "object", "embed", "form", "input", "base"})
    assert not any(attribute.startswith("on") for _, attributes in found.tags for attribute in attributes)
    assert sum(name == "style" for name, _ in found.tags) == 1
    return found
