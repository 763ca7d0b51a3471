"""docs/tuning.md names a test for every known pain; each must exist."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "tuning.md"


def test_every_pain_of_the_page_has_its_tests() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "`test_" in line]
    defined = set(re.findall(r"^def (test_\w+)\(", "\n".join(file.read_text() for file in HERE.glob("test_*.py")), re.MULTILINE))
    assert len(rows) == 10
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named
        assert not set(named) - defined, row
