from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bioinstruct.core.errors import InputError
from bioinstruct.statistics.crossed import Crossed, Term, contrast
from bioinstruct.statistics.power import foreseen, smallest_difference


def draw(generator: np.random.Generator, effect: float, seeds: int = 5, items: int = 50) -> Crossed:
    values = effect + 0.05 * generator.standard_normal((seeds, 1)) + 0.3 * generator.standard_normal((seeds, items))
    values += 0.2 * generator.standard_normal(items)
    return contrast([Term(1.0, [values])], [np.zeros(items)], [[""] * items])


def test_a_true_difference_of_that_size_is_shown_in_four_of_five():
    generator = np.random.default_rng(0)
    sizes = [smallest_difference(draw(generator, 0.0)) for _ in range(200)]
    shown = sum(draw(generator, float(np.median(sizes))).low > 0 for _ in range(400)) / 400
    assert 0.72 <= shown <= 0.88


def test_it_is_more_than_half_the_interval():
    found = draw(np.random.default_rng(1), 0.1)
    assert smallest_difference(found) > found.value - found.low


def test_more_items_and_more_seeds_let_it_see_less():
    found = draw(np.random.default_rng(2), 0.1)
    assert found.seed_variance > 0
    now = foreseen(found, 5, 1)
    assert foreseen(found, 5, 4) < now
    assert foreseen(found, 20, 1) < now
    assert foreseen(found, 20, 4) < min(foreseen(found, 5, 4), foreseen(found, 20, 1))
    assert now == pytest.approx(smallest_difference(found), rel=0.25)


def test_with_endless_items_only_the_number_of_trainings_counts():
    found = draw(np.random.default_rng(2), 0.1, seeds=5)
    error = np.sqrt(found.seed_variance * 5 / 20)
    expected = (stats.t.ppf(0.975, 19) + stats.t.ppf(0.8, 19)) * error
    assert foreseen(found, 20, 1e9) == pytest.approx(expected, rel=1e-3)


def test_nothing_is_foreseen_where_the_seeds_variance_is_unknown():
    found = contrast([Term(1.0, [np.random.default_rng(3).random((1, 20))])], [np.zeros(20)], [[""] * 20])
    assert smallest_difference(found) is None
    assert foreseen(found, 5, 1) is None


def test_where_nothing_varies_everything_is_seen():
    found = contrast([Term(1.0, [np.ones((3, 20))])], [np.zeros(20)], [[""] * 20])
    assert (smallest_difference(found), foreseen(found, 3, 1)) == (0.0, 0.0)


@pytest.mark.parametrize(("seeds", "items"), [(2, 1), (5, 0)])
def test_impossible_designs_are_named(seeds, items):
    with pytest.raises(InputError, match="allowed: at least 3, and more than 0"):
        foreseen(draw(np.random.default_rng(4), 0.1), seeds, items)
