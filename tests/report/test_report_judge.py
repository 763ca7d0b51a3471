"""The judge on the page: its section, what stands without one, and that its figures are recomputed from its replies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct import evidence, pipeline
from bioinstruct.core import recipe
from bioinstruct.core.progress import Silent
from bioinstruct.evaluate import judging

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
    assert judging.check(resolved.recipe.judge, resolved.recipe.evaluate, pipeline.means(resolved.recipe)) == []
    judging.run(resolved.recipe.judge, pipeline.means(resolved.recipe), folder=path, progress=Silent())
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
