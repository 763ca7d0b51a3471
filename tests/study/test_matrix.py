from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bioinstruct.study import effects
from bioinstruct.study.matrix import matrix

from .planted import LEVEL, MIXTURES, TRIVIAL, gains, scores


@pytest.fixture(scope="module")
def said():
    return matrix(scores(), MIXTURES)


def estimates(said):
    """(table, families or tasks, scope, row, what, estimate) of every estimate."""
    for table in effects.TABLES:
        for kind in ("families", "tasks"):
            for scope, rows in said[table][kind].items():
                for row, found in rows.items():
                    for what, estimate in found.items():
                        yield table, kind, scope, row, what, estimate


def test_the_same_scores_give_the_same_bytes(said):
    text = json.dumps(said, allow_nan=False)
    assert json.dumps(matrix(scores(), MIXTURES), allow_nan=False) == text
    assert json.loads(text) == said


def test_every_figure_is_there_with_its_interval_and_n(said):
    found = effects.effects(scores(), MIXTURES)
    written = {(table, kind == "tasks", scope, row, what): one for table, kind, scope, row, what, one in estimates(said)}
    assert len(written) == len(found)
    for effect in found:
        one = written[effect.table, effect.per_task, effect.scope, effect.row, effect.what]
        assert [one["value"], one["low"], one["high"]] == pytest.approx(
            [effect.estimate.value, effect.estimate.low, effect.estimate.high], abs=1e-6
        )
        assert (one["n"], one["seeds"], one["over_seeds"]) == (effect.estimate.n, 5, True)
        assert 0.0 <= one["seed_share"] <= 1.0
        assert one["smallest"] > one["high"] - one["value"]


def test_the_design_says_what_was_compared(said):
    assert said["design"]["mixtures"]["general"] == {"kind": "general", "categories": [], "size": 400, "of": "all", "seeds": 5}
    coreference = said["design"]["tasks"]["coreference"]
    assert (coreference["family"], coreference["metric"], coreference["n"], coreference["clusters"]) == ("ie", "f1", 60, 60)
    ie = said["design"]["families"]["ie"]
    assert ie["base"] == pytest.approx(LEVEL, abs=0.02)
    assert ie["trivial"] == TRIVIAL
    assert ie["scores"]["ie"] - ie["base"] == pytest.approx(said["transfer"]["families"]["ie"]["ie"]["gain"]["value"], abs=2e-6)


def test_tests_are_corrected_over_the_families_of_a_table_and_in_the_transfer_table_of_a_kind_of_row(said):
    kinds = {mixture.name: mixture.kind for mixture in MIXTURES}
    for table in effects.TABLES:
        families = [(row, one) for name, kind, _, row, _, one in estimates(said) if name == table and kind == "families"]
        assert said[table]["tests"] == len(families)
        for question in set(kinds.values()) if table == "transfer" else {""}:
            asked = [one for row, one in families if table != "transfer" or kinds[row] == question]
            smallest = min(asked, key=lambda one: one["p"])
            assert smallest["holm"] == pytest.approx(min(1.0, len(asked) * smallest["p"]), abs=1e-5)
            assert all(one["holm"] >= one["p"] for one in asked)
    assert {one["holm"] for _, kind, *_, one in estimates(said) if kind == "tasks"} == {None}


def test_too_few_seeds_are_not_tested_and_say_so():
    said = matrix(scores(seeds=2), MIXTURES)
    for table, kind, *_, one in estimates(said):
        assert (one["holm"], one["seed_share"], one["smallest"], one["over_seeds"]) == (None, None, None, False), (table, kind)
        assert one["note"].startswith("seed variance not estimable: 2 of the 3 seeds needed")
    assert {said[table]["tests"] for table in effects.TABLES} == {0}


def test_one_mixture_with_few_seeds_leaves_the_others_tested():
    tasks = [replace(task, values={**task.values, "general": task.values["general"][:1]}) for task in scores()]
    said = matrix(tasks, MIXTURES)
    assert said["transfer"]["families"]["qa"]["general"]["gain"]["holm"] is None
    assert said["controls"]["families"]["qa"]["general"]["over_control"]["over_seeds"] is False
    assert said["controls"]["families"]["qa"]["all~within"]["over_control"]["holm"] is not None
    assert said["design"]["mixtures"]["general"]["seeds"] == 1


def test_power_is_told_for_each_family_and_falls_with_seeds_and_items(said):
    assert {family: one["contrast"] for family, one in said["power"].items()} == {
        "qa": "matched",
        "nli": "any",
        "ie": "matched",
        "generation": "matched",
    }
    for one in said["power"].values():
        found = {(plan["seeds"], plan["times_items"]): plan["smallest"] for plan in one["foreseen"]}
        assert found[20, 4] < found[5, 1]
        assert one["smallest"] > 0


def test_a_task_in_one_cluster_has_no_interval_and_no_crash():
    tasks = [replace(task, groups=("one",) * len(task.items)) if task.task == "coreference" else task for task in scores()]
    said = matrix(tasks, MIXTURES)
    gain = said["transfer"]["families"]["ie"]["ie"]["gain"]
    assert (gain["low"], gain["p"], gain["holm"], gain["over_seeds"]) == (None, None, None, False)
    assert gain["note"] == "item variance not estimable: a task has one cluster"
    assert said["transfer"]["families"]["qa"]["qa"]["gain"]["low"] > 0


def test_scores_without_any_spread_can_be_written():
    said = matrix(scores({"qa": gains("qa")}, noise=0.0, seed_sd=0.0), MIXTURES)
    json.dumps(said, allow_nan=False)
    gain = said["transfer"]["families"]["qa"]["qa"]["gain"]
    assert (gain["low"], gain["high"], gain["smallest"], gain["seed_share"]) == (0.3, 0.3, 0.0, 0.0)
