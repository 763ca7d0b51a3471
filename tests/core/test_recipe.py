from __future__ import annotations

import pytest

from bioinstruct.core import recipe
from bioinstruct.core.errors import DataError, RecipeError


def test_the_default_is_the_embedded_run():
    resolved = recipe.load()
    assert resolved.recipe == recipe.Recipe()
    assert resolved.given == frozenset()
    assert (resolved.recipe.generate.teacher, resolved.recipe.tune.base) == ("embedded", "embedded")


def test_every_field_has_a_kind_and_a_description():
    kinds = recipe.kinds()
    assert set(kinds.values()) == {"identity", "extendable", "execution"}
    assert kinds["generate.target"] == "extendable"
    assert kinds["threads"] == "execution"
    for section in recipe.Recipe.model_fields.values():
        fields = getattr(section.annotation, "model_fields", {"": section})
        assert all(field.description for field in fields.values())


def test_a_file_and_overrides_in_this_order(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("seed: 3\ncurate:\n  threshold: 0.5\n  keywords: []\ntune:\n", encoding="utf-8")
    resolved = recipe.load(path, ["curate.threshold=0.6", "tune.learning_rate=1e-4", "generate.teacher=gpt-x"])
    assert (resolved.recipe.seed, resolved.recipe.curate.threshold, resolved.recipe.curate.keywords) == (3, 0.6, [])
    assert (resolved.recipe.tune.learning_rate, resolved.recipe.generate.teacher) == (1e-4, "gpt-x")
    assert resolved.given == {"seed", "curate.threshold", "curate.keywords", "tune.learning_rate", "generate.teacher"}


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("curate.treshold=0.5", "recipe: curate.treshold: got an unknown field; allowed: did you mean 'threshold'? one of novelty"),
        ("curat.threshold=0.5", "recipe: curat: got an unknown field; allowed: did you mean 'curate'? one of seed, threads, workers"),
        ("curate.threshold=1.5", "recipe: curate.threshold: got 1.5; allowed: less than or equal to 1"),
        ("curate.novelty=none", "recipe: curate.novelty: got 'none'; allowed: 'paper', 'self-instruct' or 'off'"),
        ("curate.min_words=3.5", "recipe: curate.min_words: got 3.5; allowed: a valid integer"),
        ("curate.min_words='3'", "recipe: curate.min_words: got '3'; allowed: a valid integer"),
        ("curate.min_words", "override: got 'curate.min_words'; allowed: section.field=value"),
        ("=3", "override: got '=3'; allowed: section.field=value"),
        ("seed.x=3", "recipe: seed: got {'x': 3}; allowed: a valid integer"),
    ],
)
def test_a_wrong_override_is_named(override, reason):
    with pytest.raises(RecipeError) as caught:
        recipe.load(None, [override])
    assert str(caught.value).startswith(reason)


def test_an_override_cannot_go_below_a_value():
    with pytest.raises(RecipeError, match="'seed' is no section"):
        recipe.load(None, ["seed=3", "seed.x=3"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("curate: [", "line 1: got "),
        ("- a\n", "got a list; allowed: sections seed, threads, workers, budget_usd"),
        ("1: 2\n", "got the key 1; allowed: sections "),
        ("curate: 5\n", "curate: got 5; allowed: "),
    ],
)
def test_a_wrong_file_is_named(tmp_path, content, reason):
    path = tmp_path / "recipe.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        recipe.load(path)
    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.yaml: got no such file; allowed: an existing file"):
        recipe.load(tmp_path / "none.yaml")


def test_several_faults_are_shown_together():
    with pytest.raises(RecipeError) as caught:
        recipe.load(None, ["curate.threshold=2", "tune.rank=0"])
    assert [line.split(": got")[0] for line in str(caught.value).splitlines()] == ["recipe: curate.threshold", "recipe: tune.rank"]


def test_a_dumped_recipe_is_the_same_recipe_and_marks_defaults(tmp_path):
    resolved = recipe.load(None, ["curate.keywords=[image, 'a: b']", "evaluate.files={medqa_4: x.jsonl}", "report.title='ü # 1'"])
    text = recipe.dump(resolved)
    assert "  keywords: [image, 'a: b']\n" in text
    assert "  threshold: 0.7  # default\n" in text
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    assert recipe.load(tmp_path / "recipe.yaml").recipe == resolved.recipe


def test_a_recipe_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        recipe.Recipe().seed = 3
