from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import StudySection
from bioinstruct.core.records import Instruction
from bioinstruct.study import mixtures
from bioinstruct.study.mixtures import Mixture

PLENTY = {"qa": 300, "ie": 300, "generation": 300, "other": 300}


def names(section: StudySection, counts: dict[str, int]) -> list[str]:
    return [one.name for one in mixtures.plan(section, counts)]


def section(**changes: Any) -> StudySection:
    return StudySection(**{"size": 12, "sizes": [20, 0], **changes})


def mixture(pool: list[Instruction], name: str, **changes: Any) -> Mixture:
    return next(one for one in mixtures.plan(section(**changes), mixtures.count(pool)) if one.name == name)


MAIN = ["qa", "ie", "generation", "other", "qa+ie", "qa+generation", "ie+generation"]
LEFT_OUT = ["all-qa", "all-ie", "all-generation", "all-other"]
CONTROLS = ["general", "qa~within", "ie~within", "generation~within", "all~within", "all~across"]


def test_the_rows_of_a_plentiful_pool_and_their_sizes():
    rows = mixtures.plan(section(), PLENTY)
    assert [one.name for one in rows] == [*MAIN, *LEFT_OUT, "all", *CONTROLS, "pool@20", "pool"]
    assert {one.size for one in rows if one.kind not in ("size", "natural")} == {12}
    assert [one.size for one in rows[-2:]] == [20, 1200]
    assert {one.name: one.of for one in rows if one.of} == {
        "general": "all", "qa~within": "qa", "ie~within": "ie", "generation~within": "generation", "all~within": "all", "all~across": "all",
    }  # fmt: skip
    assert next(one.categories for one in rows if one.name == "all-ie") == ("qa", "generation", "other")


def test_other_takes_part_where_there_is_enough_of_it():
    few = {**PLENTY, "other": 4}  # a third of the size, as leaving one out asks of it
    assert "other" not in names(section(), few)
    assert set(LEFT_OUT) <= set(names(section(), few))
    assert "no row of its own: 4 records" in mixtures.left_out(section(), few)[0]
    fewer = {**PLENTY, "other": 3}
    assert not set(LEFT_OUT) & set(names(section(), fewer))
    assert next(one for one in mixtures.plan(section(), fewer) if one.name == "all").categories == ("qa", "ie", "generation")
    assert "takes no part: 3 records of it, 4 needed" in mixtures.left_out(section(), fewer)[0]
    assert mixtures.left_out(section(), PLENTY) == []


def test_rows_that_are_not_asked_for_are_not_there():
    assert names(section(rows=[], general=None, sizes=[]), PLENTY) == ["qa", "ie", "generation", "other", "all"]


def test_controls_and_curve_have_a_number_of_seeds_of_their_own():
    rows = {one.name: one for one in mixtures.plan(section(seeds=5, side_seeds=2), PLENTY)}
    assert [len(mixtures.seeds(rows[name], section(seeds=5, side_seeds=2))) for name in ("qa", "all~across", "pool@20", "pool")] == [
        5,
        2,
        2,
        2,
    ]


def test_every_draw_has_the_mixtures_size_and_equal_shares(pool: list[Instruction]):
    for one in mixtures.plan(section(), mixtures.count(pool)):
        drawn = mixtures.draw(one, 7, pool, pool[:20])
        assert len({record.id for record in drawn}) == len(drawn) == one.size, one.name
        if one.kind in ("single", "pair", "all", "left_out", "shuffled_within"):
            shares = Counter(str(record.category) for record in drawn)
            assert tuple(shares) == one.categories
            assert max(shares.values()) - min(shares.values()) <= 1
    assert sorted(one.id for one in mixtures.draw(mixture(pool, "pool"), 1, pool, [])) == sorted(one.id for one in pool)


def test_a_draw_is_its_seeds_alone(pool: list[Instruction]):
    one, other = mixture(pool, "qa"), mixture(pool, "qa+ie")
    assert mixtures.draw(one, 3, pool, []) == mixtures.draw(one, 3, pool, [])
    assert mixtures.draw(one, 3, pool, []) != mixtures.draw(one, 4, pool, [])
    shared = {record.id for record in mixtures.draw(one, 3, pool, [])} & {record.id for record in mixtures.draw(other, 3, pool, [])}
    assert len(shared) < 6  # of the pair's six, those that chance draws for both


def test_outputs_are_shuffled_within_categories_or_across_them(pool: list[Instruction]):
    home = {record.output: str(record.category) for record in pool}
    own = {(record.instruction, record.output) for record in pool}
    for name in ("qa~within", "all~within"):
        for record in mixtures.draw(mixture(pool, name), 5, pool, []):
            assert home[record.output] == record.category
            assert (record.instruction, record.output) not in own
    for seed in range(5):
        drawn = mixtures.draw(mixture(pool, "all~across"), seed, pool, [])
        assert all(home[record.output] != record.category for record in drawn)
        assert len({record.output for record in drawn}) == 12
        assert {record.parent for record in drawn} <= {record.id for record in pool}


def test_the_general_control_is_drawn_from_its_own_records(pool: list[Instruction]):
    general = pool[:15]
    assert {one.id for one in mixtures.draw(mixture(pool, "general"), 0, pool, general)} <= {one.id for one in general}
    with pytest.raises(InputError, match=r"study\.general: got 12 to draw from 4 records"):
        mixtures.draw(mixture(pool, "general"), 0, pool, pool[:4])


def test_a_pool_that_is_too_small_is_named():
    found = [str(one) for one in mixtures.problems(section(sizes=[20, 99]), {"qa": 11, "ie": 30, "generation": 30, "other": 0})]
    assert len(found) == 2
    assert "12 with 11 records of qa in curate/instructions.jsonl" in found[0]
    assert "99 with 71 records" in found[1]
    with pytest.raises(InputError, match=r"study\.size, mixture qa: got 12 to draw from 0 records"):
        mixtures.draw(Mixture("qa", "single", ("qa",), 12), 0, [], [])
