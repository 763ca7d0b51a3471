"""Models put beside ours: which entries there are, what is wrong with one, and how they are asked, stored and compared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, template
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.records import Completion, Ranking, Score
from bioinstruct.evaluate import compared, grade, lm_eval_export
from bioinstruct.evaluate import run as stage
from bioinstruct.evaluate.plan import prompts
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import LocalModel

from .conftest import NOTE, checkpoint

FORMS = ("alpaca", "medalpaca", "asclepius")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another checkpoint than the base: the same sizes with a longer context."""
    return checkpoint(tmp_path_factory.mktemp("other"), context=640)


@pytest.fixture(scope="module")
def beside(section: EvaluateSection, other: Path) -> EvaluateSection:
    entries: list[Any] = [f"alpacare-7b={other}", {"name": "theirs", "model": str(other), "template": "asclepius"}]
    return section.model_copy(update={"tasks": ["colour", "note"], "compare": entries})


@pytest.fixture(scope="module")
def done(evaluate: Any, beside: EvaluateSection, made_up: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("compared") / "evaluate"
    evaluate(folder, beside)
    return folder


def wrong(*entries: Any, **tune: Any) -> list[tuple[str, str]]:
    section = EvaluateSection(tasks=["colour"], compare=list(entries))
    return [(one.place, one.got) for one in compared.problems(section, TuneSection(**tune))]


def test_every_named_model_has_a_form_and_a_hub_id():
    names = list(compared.NAMED)
    assert wrong(*names) == []
    assert [(one.name, one.weights) for one in compared.models(EvaluateSection(compare=names), TuneSection())] == [
        (name, f"hub:{one.model}") for name, one in compared.NAMED.items()
    ]
    assert {one.template for one in compared.NAMED.values()} <= set(template.TEMPLATES)


def test_the_documents_table_is_that_of_the_code():
    page = (Path(__file__).parents[2] / "docs" / "compare.md").read_text(encoding="utf-8")
    rows = [f"| `{name}` | {one.model} | `{one.template}` | {one.licence} | {one.source} |" for name, one in compared.NAMED.items()]
    assert "\n".join(rows) in page


def test_the_instruct_model_is_that_of_the_bases_publisher():
    section = EvaluateSection(compare=["instruct"])
    (one,) = compared.models(section, TuneSection(base="meta-llama/Llama-2-7b-hf"))
    assert (one.name, one.model, one.template) == ("instruct", "meta-llama/Llama-2-7b-chat-hf", "chat")
    assert "is not known here" in wrong("instruct")[0][1]
    assert wrong("instruct=org/name") == []


def test_what_is_wrong_with_an_entry_is_said_before_anything_runs(other: Path, tmp_path: Path) -> None:
    whole = {"name": "a", "model": str(other), "template": "paper"}
    assert wrong("gpt-x") == [("evaluate.compare.0", "'gpt-x'")]
    assert wrong(f"mine={other}") == [("evaluate.compare.0", "'mine' without a template")]
    assert wrong({"name": "a", "model": str(other)}) == [("evaluate.compare.0", "an entry without 'template'")]
    assert wrong({**whole, "shots": "3"}) == [("evaluate.compare.0", "the field 'shots'")]
    assert wrong({**whole, "template": "vicuna"}) == [("evaluate.compare.0", "the template 'vicuna'")]
    assert wrong(whole, whole) == [("evaluate.compare", "the name 'a' more than once")]
    for name in ("base", "tuned", "trivial", "items", "shots", "shuffled"):
        assert wrong({**whole, "name": name}) == [("evaluate.compare.0", f"the name '{name}'")]
    for name in ("../x", "A", "a b", ".", "a/b", "ä"):
        assert wrong({**whole, "name": name}) == [("evaluate.compare.0", f"the name {name!r}")]
    assert wrong({**whole, "model": str(tmp_path / "absent")})[0][0] == "evaluate.compare.0"
    assert wrong({**whole, "template": "chat"})[0][1].endswith("whose tokenizer has none")
    assert "without config.json" in wrong(whole, {**whole, "name": "b", "model": str(tmp_path)})[0][1]
    section = EvaluateSection(tasks=["colour"], compare=["gpt-x"])
    assert "evaluate.compare.0" in {one.place for one in stage.check(section, TuneSection())}


def test_each_is_asked_in_its_own_form_and_named_in_its_results(done: Path, other: Path) -> None:
    for name, form in (("alpacare-7b", "alpaca"), ("theirs", "asclepius")):
        for folder in (done / name / "colour.rank-text-0shot", done / name / "note.generate-text-0shot"):
            result = grade.read_result(folder)
            assert result is not None
            assert (result.setting.model, result.setting.template, result.base) == (name, form, str(other))
            assert str(result.setting.adapter).startswith(f"{other.name}@")
        assert (done / name / "note.generate-text-0shot-strings" / "result.json").exists()


def test_a_chat_model_is_asked_in_its_own_chat_template(
    other: Path, tmp_path: Path, evaluate: Any, beside: EvaluateSection, bytes_of: Any
) -> None:
    from transformers import AutoTokenizer

    folder = shutil.copytree(other, tmp_path / "chatty")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    turns = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{{ '</s>' if m.role == 'assistant' }}{% endfor %}"
    tokenizer.chat_template = turns + "{% if add_generation_prompt %}[assistant] {% endif %}"
    tokenizer.save_pretrained(folder)
    entry: Any = {"name": "chatty", "model": str(folder), "template": "chat"}
    evaluate(tmp_path / "evaluate", beside.model_copy(update={"tasks": ["note"], "compare": [entry]}))
    (first, *_) = jsonl.read(tmp_path / "evaluate/chatty/note.generate-text-0shot/completions.jsonl", Completion)
    asked = "[user] Write a note.\n\n### Input:\nwords about 0[assistant] "
    assert first.prompt_tokens == len(tokenizer(asked, add_special_tokens=False)["input_ids"])


def test_its_answers_are_those_of_the_model_alone_on_the_whole_prompt(done: Path, other: Path) -> None:
    model = LocalModel.load(other)
    encoder = Encoder(model.tokenizer, template.ASCLEPIUS, whole=True)
    items = list(jsonl.read(grade.items_file(done, "note"), stage.Item))
    stored = list(jsonl.read(done / "theirs" / "note.generate-text-0shot" / "completions.jsonl", Completion))
    for prompt, one in zip(prompts(NOTE, items, [], 0, template.ASCLEPIUS), stored, strict=True):
        ids = model.tokenizer(template.ASCLEPIUS.prompt(prompt.instruction, prompt.input))["input_ids"]
        (alone,) = model.generate([ids], 10, encoder.end_id, 4096)
        assert (one.text, one.prompt_tokens, one.prompt_sha) == (alone.text, len(ids), prompt.sha)


def test_summary_and_record_hold_the_gain_over_each(done: Path, original: Path) -> None:
    summary = json.loads((done / "summary.json").read_text())
    task = summary["tasks"]["colour"]
    assert list(task["compared"]) == ["alpacare-7b", "theirs"]
    tuned, theirs = (
        [one.values["accuracy"] for one in jsonl.read(done / who / "colour.rank-text-0shot" / "scores.jsonl", Score)]
        for who in ("tuned", "theirs")
    )
    gain = task["compared"]["theirs"]["gain"]
    assert gain["value"] == pytest.approx((sum(tuned) - sum(theirs)) / 7, abs=1e-6)
    assert gain["low"] <= gain["value"] <= gain["high"]
    assert task["compared"]["theirs"]["slug"] == "rank-text-0shot"
    assert {one["model"] for one in task["settings"]} == {"base", "tuned", "shuffled", "alpacare-7b", "theirs"}
    assert summary["families"]["qa"]["compared"]["theirs"]["gain"]["n"] == 7
    before = json.loads((original / "summary.json").read_text())
    assert all("compared" not in one for one in (*before["tasks"].values(), *before["families"].values()))


def test_ours_are_as_they_are_without_others(done: Path, original: Path) -> None:
    for folder in ("base/colour.rank-text-1shot", "tuned/note.generate-text-0shot"):
        for path in (original / folder).iterdir():
            assert (done / folder / path.name).read_bytes() == path.read_bytes()


def test_an_exported_task_has_our_prompts(done: Path, tmp_path: Path) -> None:
    lm_eval_export.write(done, tmp_path / "exported")
    lines = (tmp_path / "exported/bioinstruct_note_generate_text_0shot.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["prompt"].endswith("### Output:") for line in lines)


def test_a_further_model_goes_on_and_nothing_else_is_asked_again(
    done: Path, tmp_path: Path, evaluate: Any, beside: EvaluateSection, bytes_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(done, tmp_path / "evaluate")
    asked: list[str] = []
    real = stage._answer
    monkeypatch.setattr(stage, "_answer", lambda *given: (asked.append(given[1].setting.model), real(*given)))
    more = beside.model_copy(update={"compare": [*beside.compare, {**beside.compare[1], "name": "third", "template": "medalpaca"}]})
    evaluate(folder, more)
    assert set(asked) == {"third"}
    again = bytes_of(folder)
    evaluate(folder, more)
    assert (set(asked), bytes_of(folder)) == ({"third"}, again)


def test_other_weights_are_asked_again(done: Path, tmp_path: Path, evaluate: Any, beside: EvaluateSection, base: Path) -> None:
    folder = shutil.copytree(done, tmp_path / "evaluate")
    name = "alpacare-7b/colour.rank-text-0shot"
    before = (folder / name / "result.json").read_text()
    evaluate(folder, beside.model_copy(update={"compare": [f"alpacare-7b={base}"]}))
    assert (folder / name / "result.json").read_text() != before
    (first, *_) = jsonl.read(folder / name / "rankings.jsonl", Ranking)
    assert str(first.setting.adapter).startswith(f"{base.name}@")


@pytest.mark.parametrize("form", FORMS)
def test_forms_render_untrusted_text_as_text(form: str) -> None:
    text = template.get(form).prompt("{input} {0} {marker}", "{instruction}")
    assert "{input} {0} {marker}" in text
    assert "{instruction}" in text


def test_the_forms_of_published_models():
    assert template.MEDALPACA.prompt("Name it.", "metformin") == template.ALPACA.prompt("Name it.", "metformin") + "\n"
    assert template.ASCLEPIUS.prompt("Name it.", "A note.").endswith(
        "[Discharge Summary Begin]\nA note.\n[Discharge Summary End]\n\n[Instruction Begin]\nName it.\n[Instruction End] \n"
    )
    shown = template.ASCLEPIUS.shots([("Name it.", "A note.", "yes")])
    assert shown == template.ASCLEPIUS.prompt("Name it.", "A note.") + "yes\n\n"
