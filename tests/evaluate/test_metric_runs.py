"""The second pass: what an evaluation holds with model-based metrics, that nothing is scored twice, and what it is without them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, recipe, runfolder
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.records import Item, Score
from bioinstruct.evaluate import compare, grade, regrade, results_export
from bioinstruct.evaluate.metrics import entries, scoring, storage
from bioinstruct.evaluate.metrics.bertscore import BertScore, Options
from bioinstruct.tasks import grading

from . import encoders

TASK = "note"
FIGURES = ("concept_f1", "concept_precision", "concept_recall", "encoded_f1", "encoded_precision", "encoded_recall")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encoders.bert(tmp_path_factory.mktemp("bert") / "bert")


@pytest.fixture(scope="module")
def asking(bert: Path, section: EvaluateSection) -> EvaluateSection:
    """The section with two metrics."""
    return section.model_copy(
        update={"metrics": ["concept_f1", {"metric": "bertscore", "name": "encoded", "model": str(bert), "layer": 2}]}
    )


@pytest.fixture(scope="module")
def scored(original: Path, asking: EvaluateSection, evaluate: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished evaluation of `original`, gone on with under two metrics; to be read only."""
    folder = Path(shutil.copytree(original, tmp_path_factory.mktemp("scored") / "evaluate"))
    evaluate(folder, asking)
    return folder


@pytest.fixture
def copy(scored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scored, tmp_path / "copy" / "evaluate"))


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an answer was scored")

    monkeypatch.setattr(BertScore, "score", refuse)


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return found


def test_the_answers_are_not_asked_again_and_all_else_stays(original: Path, scored: Path, bytes_of: Any) -> None:
    before, after = bytes_of(original), bytes_of(scored)
    new = {name for name in after if name not in before}
    assert new == {f"metrics/{name}/{TASK}.{kind}" for name in ("concept", "encoded") for kind in ("json", "jsonl")}
    assert [name for name in before if after[name] != before[name]] == ["summary.json"]
    record = runfolder.read_record(scored)
    assert record is not None
    assert record.outputs.keys() | {"record.json"} == {path.relative_to(scored).as_posix() for path in scored.rglob("*.json*")}
    assert json.loads(record.inputs["metrics/encoded"])["layer"] == 2


def test_the_summary_holds_figures_beside_the_primary_and_paired_gains(original: Path, scored: Path) -> None:
    before, after = summary(original), summary(scored)
    assert after["families"] == before["families"]
    assert after["tests"] == before["tests"]
    assert after["tasks"]["colour"] == before["tasks"]["colour"]
    was, task = before["tasks"][TASK], after["tasks"][TASK]
    items = list(jsonl.read(grade.items_file(scored, TASK), Item))
    for old, new in zip(was["settings"], task["settings"], strict=True):
        assert {name: value for name, value in new["metrics"].items() if name not in FIGURES} == old["metrics"]
        assert new["estimate"] == old["estimate"]
        shown = new["metrics"]["encoded_f1"]
        assert shown["n"] == len(items)
        assert shown["low"] <= shown["value"] <= shown["high"]
        assert "concept_f1" not in new["metrics"], "no reference of these items names a concept"
        assert new["model_metrics"]["concept"]["undefined"] == len(items)
    extra = task["model_metrics"]["encoded"]
    assert extra["figure"] == "encoded_f1"
    assert extra["identity"]["model"] == "bert"
    assert set(extra["means"]) == {"tuned", "base", "trivial", "shuffled"}
    assert set(extra["gains"]) == {"base", "trivial", "shuffled"}
    for who, gain in extra["gains"].items():
        assert gain["value"] == pytest.approx(extra["means"]["tuned"]["value"] - extra["means"][who]["value"], abs=2e-6)
    assert task["model_metrics"]["concept"]["gains"] == {"base": None, "trivial": None, "shuffled": None}
    assert task["model_metrics"]["concept"]["counts"]["tuned"]["undefined"] == len(items)
    slug = task["strongest_base"]["slug"]
    (strongest,) = [one for one in task["settings"] if (one["model"], one["slug"]) == ("base", slug)]
    assert extra["means"]["base"] == strongest["metrics"]["encoded_f1"], "who is compared is chosen by the primary metric"


def test_a_value_is_that_of_the_answer_as_it_was_read(scored: Path, bert: Path) -> None:
    metric = BertScore("encoded", Options(model=str(bert), layer=2))
    (stored,) = [one for one in storage.read(scored, TASK) if one.head.metric == "encoded"]
    items = list(jsonl.read(grade.items_file(scored, TASK), Item))
    for path in scored.glob(f"*/{TASK}.*/scores.jsonl"):
        for item, one in zip(items, jsonl.read(path, Score), strict=True):
            pair = storage.pair(item, one)
            (alone,) = metric.score([pair], [])
            assert stored.value(pair).values == pytest.approx(alone.values, abs=1e-6)
            assert stored.value(pair).counts == alone.counts == ({} if one.answer else {"empty": 1})
    with pytest.raises(DataError, match="no value for an answer"):
        stored.value(storage.Pair("never given", ("a",)))


@pytest.mark.usefixtures("no_encoder")
def test_nothing_is_scored_twice(copy: Path, scored: Path, asking: EvaluateSection, evaluate: Any, bytes_of: Any) -> None:
    evaluate(copy, asking)
    (copy / "record.json").unlink()
    storage.head_file(copy, "encoded", TASK).unlink()  # values are on disk
    evaluate(copy, asking)
    assert bytes_of(copy) == bytes_of(scored)


def test_killed_on_the_way_it_goes_on(
    copy: Path, scored: Path, asking: EvaluateSection, evaluate: Any, bytes_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "record.json").unlink()
    storage.head_file(copy, "encoded", TASK).unlink()
    path = storage.rows_file(copy, "encoded", TASK)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])  # some rows and a torn one
    monkeypatch.setattr(scoring, "PORTION_PAIRS", 3)
    times: list[int] = []
    score = BertScore.score
    monkeypatch.setattr(BertScore, "score", lambda self, pairs, references: times.append(len(pairs)) or score(self, pairs, references))
    evaluate(copy, asking)
    assert bytes_of(copy) == bytes_of(scored)
    assert 0 < sum(times) < len(whole.splitlines())
    assert max(times) <= 3


@pytest.mark.usefixtures("no_encoder")
def test_regrading_needs_no_encoder(copy: Path, scored: Path, bytes_of: Any, bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bioinstruct.models.text_encoder.fetched", lambda *_: pytest.fail("the encoder was looked for"))
    for path in copy.glob("*/*/scores.jsonl"):
        path.unlink()
    regrade.regrade(copy)
    assert bytes_of(copy) == bytes_of(scored)


@pytest.mark.usefixtures("no_encoder")
def test_an_answer_that_is_read_otherwise_is_told_of_when_regrading(copy: Path) -> None:
    path = next(copy.glob(f"tuned/{TASK}.*/completions.jsonl"))
    rows = path.read_text().splitlines()
    path.write_text("\n".join([json.dumps({**json.loads(rows[0]), "text": "quite another note"}), *rows[1:]]) + "\n")
    with pytest.raises(InputError, match="encoded: got 1 answers of note that are read otherwise than before"):
        regrade.regrade(copy)


def test_another_encoder_is_told_of_and_scored_again(
    copy: Path, asking: EvaluateSection, evaluate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Silent, "say", lambda self, text: said.append(text))
    before = summary(copy)["tasks"][TASK]["model_metrics"]["encoded"]
    changed = asking.model_copy(update={"metrics": [{**asking.metrics[1], "layer": 1}]})
    evaluate(copy, changed)
    assert said == [f"encoded/{TASK}: another layer than before, scored again"]
    after = summary(copy)["tasks"][TASK]["model_metrics"]
    assert set(after) == {"encoded"}, "what is no longer asked for is gone"
    assert after["encoded"]["means"] != before["means"]
    assert sorted(path.name for path in (copy / "metrics").iterdir()) == ["encoded"]


def test_without_metrics_all_is_as_before(copy: Path, original: Path, section: EvaluateSection, evaluate: Any, bytes_of: Any) -> None:
    evaluate(copy, section)
    assert bytes_of(copy) == bytes_of(original)


def test_the_order_and_the_portions_change_no_byte(
    scored: Path, tmp_path: Path, asking: EvaluateSection, evaluate: Any, monkeypatch: pytest.MonkeyPatch, original: Path, bytes_of: Any
) -> None:
    monkeypatch.setattr(scoring, "PORTION_CHARACTERS", 60)
    folder = Path(shutil.copytree(original, tmp_path / "evaluate"))
    evaluate(folder, asking)
    assert bytes_of(folder) == bytes_of(scored)


def test_what_is_exported_holds_the_figures(scored: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    results_export.export(scored, tmp_path / "results.parquet")
    rows = [row for row in parquet.read_table(tmp_path / "results.parquet").to_pylist() if row["task"] == TASK]
    assert {name for row in rows for name, _ in row["values"]} == {*grading.ROUGE, "encoded_f1", "encoded_precision", "encoded_recall"}


def told(*metrics: Any, tasks: tuple[str, ...] = (TASK,)) -> list[str]:
    return [str(one) for one in entries.problems(EvaluateSection(tasks=list(tasks), metrics=list(metrics)))]


def test_entries_that_cannot_be_are_refused(evaluate: Any, section: EvaluateSection, tmp_path: Path) -> None:
    assert told("concept_f1", {"metric": "concept_f1", "name": "again"}) == []
    (line,) = told("bertscor")
    assert line.startswith("evaluate.metrics.0: got 'bertscor'; allowed: did you mean 'bertscore'?")
    (line,) = told({"name": "x"})
    assert line.startswith("evaluate.metrics.0: got an entry without 'metric'")
    (line,) = told("concept_f1", "concept_f1")
    assert line == "evaluate.metrics: got the name 'concept' more than once; allowed: each once; give one a `name`"
    (line,) = told({"metric": "concept_f1", "name": "../x"})
    assert line.startswith("evaluate.metrics.0: got the name '../x'")
    (line,) = told({"metric": "concept_f1", "model": "x"})
    assert line == "evaluate.metrics.0: got the field 'model'; allowed: metric, name"
    (line,) = told("concept_f1", tasks=("colour", "truth"))
    assert line.startswith("evaluate.metrics: got 1 for tasks that are not answered with a text")
    with pytest.raises(InputError, match="did you mean 'bertscore'"):
        evaluate(tmp_path / "evaluate", section.model_copy(update={"metrics": ["bertscor"]}))
    assert not (tmp_path / "evaluate").exists()


def test_a_compared_model_may_not_take_the_folder() -> None:
    from bioinstruct.evaluate.compared import RESERVED

    assert storage.FOLDER in RESERVED


def test_stored_settings_are_those_of_the_summary(scored: Path) -> None:
    assert [one.slug for one in compare.stored_settings(scored)[TASK]] == [
        one["slug"] for one in summary(scored)["tasks"][TASK]["settings"]
    ]


def test_the_recipe_that_shows_it_can_be_run() -> None:
    section = recipe.load(Path(__file__).parents[2] / "recipes" / "generation-metrics.yaml").recipe.evaluate
    assert [one.name for one in entries.read(section)] == ["concept"]
    assert entries.problems(section) == []
