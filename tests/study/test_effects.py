from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.study import effects
from bioinstruct.study.mixtures import Mixture

from .planted import LEVEL, MIXTURES, SIZE, TRIVIAL, gains, scores

OTHER = (
    *MIXTURES[:3],
    Mixture("other", "single", ("other",), SIZE),
    Mixture("all", "all", ("qa", "ie", "generation", "other"), SIZE),
    *(
        Mixture(f"all-{left}", "left_out", tuple(one for one in ("qa", "ie", "generation", "other") if one != left), SIZE)
        for left in ("qa", "ie", "generation", "other")
    ),
)


def exact(planted=None, mixtures=MIXTURES):
    """Every figure without noise: (table, scope, row, what) -> value."""
    found = effects.effects(scores(planted, mixtures, noise=0.0, seed_sd=0.0), mixtures)
    return {(one.table, one.scope, one.row, one.what): one.estimate.value for one in found}


def test_every_mixture_is_held_against_base_and_trivial_on_every_family_and_task():
    found = exact()
    for family in ("qa", "nli", "ie", "generation"):
        for mixture in MIXTURES:
            gain = gains(family)[mixture.name]
            assert found["transfer", family, mixture.name, "gain"] == pytest.approx(gain)
            assert found["trivial", family, mixture.name, "over_trivial"] == pytest.approx(LEVEL + gain - TRIVIAL)
    assert found["transfer", "coreference", "qa", "gain"] == pytest.approx(0.2)


def test_a_gain_is_what_any_category_gives_and_what_the_matching_one_adds():
    found = exact({"ie": {**gains("ie"), "qa": 0.12, "ie": 0.3, "generation": 0.2}})
    assert found["split", "ie", "ie", "any"] == pytest.approx(0.16)
    assert found["split", "ie", "ie", "matched"] == pytest.approx(0.14)
    assert found["split", "ie", "ie", "any"] + found["split", "ie", "ie", "matched"] == pytest.approx(found["transfer", "ie", "ie", "gain"])
    assert found["split", "ie", "ie", "over_qa"] == pytest.approx(0.18)
    assert found["split", "ie", "ie", "over_generation"] == pytest.approx(0.10)
    assert ("split", "ie", "ie", "over_ie") not in found


def test_nli_has_no_matching_category():
    found = exact({"nli": {**gains("nli"), "qa": 0.1, "ie": 0.2, "generation": 0.3}})
    assert found["split", "nli", "none", "any"] == pytest.approx(0.2)
    assert [key for key in found if key[0] == "split"] == [("split", "nli", "none", "any"), ("split", "nli_embedded", "none", "any")]


def test_pairs_against_each_part_and_the_mean_of_their_parts():
    found = exact({"qa": {**gains("qa"), "qa": 0.3, "ie": 0.1, "qa+ie": 0.35}})
    assert found["pairs", "qa", "qa+ie", "over_qa"] == pytest.approx(0.05)
    assert found["pairs", "qa", "qa+ie", "over_ie"] == pytest.approx(0.25)
    assert found["pairs", "qa", "qa+ie", "expected"] == pytest.approx(0.15)


def test_leaving_out_one_of_three_is_the_pair_of_the_others():
    found = exact({"qa": {**gains("qa"), "all": 0.3, "ie+generation": 0.1}})
    assert found["left_out", "qa", "qa", "adds"] == pytest.approx(0.2)
    assert {key[2] for key in found if key[0] == "left_out"} == {"qa", "ie", "generation"}


def test_leaving_out_one_of_four():
    planted = {mixture.name: 0.1 for mixture in OTHER} | {"all": 0.3, "all-other": 0.25, "other": 0.0}
    found = exact({"qa": planted}, OTHER)
    assert found["left_out", "qa", "other", "adds"] == pytest.approx(0.05)
    assert found["left_out", "qa", "qa", "adds"] == pytest.approx(0.2)
    assert found["all", "qa", "all", "over_other"] == pytest.approx(0.3)
    assert found["split", "qa", "qa", "any"] == pytest.approx(0.2 / 3)  # `other` is one of those that do not match


def test_controls_are_held_against_their_mixture():
    found = exact()
    assert found["controls", "qa", "general", "over_control"] == pytest.approx(0.2)
    assert found["controls", "qa", "all~within", "over_control"] == pytest.approx(0.25)
    assert found["controls", "qa", "all~across", "over_control"] == pytest.approx(0.3)


def test_tables_whose_mixtures_are_not_there_are_left_out():
    found = exact({"qa": gains("qa")}, MIXTURES[1:2])
    assert {key[0] for key in found} == {"transfer", "trivial"}  # no matching category was trained: nothing to split


def test_families_come_first_and_weigh_tasks_the_same():
    tasks = scores({"qa": gains("qa")}, noise=0.0, seed_sd=0.0)
    small = replace(
        tasks[1],
        items=tasks[1].items[:10],
        groups=tasks[1].groups[:10],
        base=tasks[1].base[:10],
        trivial=tasks[1].trivial[:10],
        values={name: values[:, :10] + 0.2 for name, values in tasks[1].values.items()},
    )
    found = effects.effects([tasks[0], small], MIXTURES)
    gain = next(one for one in found if one.table == "transfer")
    assert (gain.scope, gain.per_task, gain.estimate.n) == ("qa", False, 70)
    assert gain.estimate.value == pytest.approx(0.4)
    tables = [effects.TABLES.index(one.table) for one in found]
    assert tables == sorted(tables)


def test_seeds_of_two_mixtures_are_independent_draws():
    """Row s of two mixtures varying together does not narrow their difference."""
    tasks = scores({"qa": gains("qa")}, noise=0.01, seed_sd=0.0)
    common = 0.1 * np.random.default_rng(0).standard_normal((5, 1))
    moved = [replace(task, values={name: values + common for name, values in task.values.items()}) for task in tasks]
    narrow, wide = (effects.measure(given, effects.difference("qa", "ie")) for given in (tasks, moved))
    assert narrow.value == pytest.approx(wide.value)
    assert wide.error > 5 * narrow.error


@pytest.mark.parametrize(
    ("tasks", "mixtures", "reason"),
    [
        ([], MIXTURES, "got tasks (none); allowed: at least one, each once"),
        (scores(), [], "got mixtures (none); allowed: at least one, each once"),
        (scores()[:1] * 2, MIXTURES, "got tasks medmcqa, medmcqa; allowed: at least one, each once"),
        (scores(), [*MIXTURES, MIXTURES[0]], "each once"),
        ([replace(scores()[0], family="poetry")], MIXTURES, "task medmcqa: got family 'poetry'; allowed: qa, nli, ie, generation"),
        ([replace(scores()[0], values={})], MIXTURES, "task medmcqa: got no scores of qa; allowed: those of every mixture compared"),
        (scores(), [MIXTURES[7]], "mixture general: got 'all' to hold it against; allowed: general"),
    ],
)
def test_what_cannot_be_compared_is_named(tasks, mixtures, reason):
    with pytest.raises(InputError) as caught:
        effects.effects(tasks, mixtures)
    assert reason in str(caught.value)
