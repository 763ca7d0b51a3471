"""What is drawn, in which order, and from which files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioinstruct.core import jsonl
from bioinstruct.core.errors import DataError, InputError
from bioinstruct.core.records import Category, Instruction, Origin, instruction_id
from bioinstruct.curate import categories
from bioinstruct.review import sample
from bioinstruct.review.sample import LabelledBy

from .conftest import row


def records(sizes: dict[str, int]) -> dict[str, Instruction]:
    labels = [Category(label) for label, size in sizes.items() for _ in range(size)]
    made = [(instruction_id(f"task {number}", "", "x"), label) for number, label in enumerate(labels)]
    return {id: Instruction(id, f"task {number}", "", "x", label, Origin("file")) for number, (id, label) in enumerate(made)}


def drawn_labels(pool: dict[str, Instruction], ids: list[str]) -> dict[str, int]:
    return dict(Counter(pool[id].category.value for id in ids))


def test_each_label_gets_its_share_and_at_least_one():
    pool = records({"qa": 600, "ie": 300, "generation": 99, "other": 1})
    assert drawn_labels(pool, sample.draw(pool, 100, 0)) == {"qa": 60, "ie": 30, "generation": 9, "other": 1}


@given(st.dictionaries(st.sampled_from(list(Category)), st.integers(1, 400), min_size=1), st.integers(4, 2000))
def test_the_shares_add_up_and_none_is_empty_or_too_large(sizes, n):
    n = min(n, sum(sizes.values()))
    if n < len(sizes):
        return
    taken = sample.allot(sizes, n)
    assert sum(taken.values()) == n
    assert all(1 <= taken[label] <= size for label, size in sizes.items())
    spread = max(abs(taken[label] - n * size / sum(sizes.values())) for label, size in sizes.items())
    assert spread <= len(sizes)


def test_the_draw_is_the_seeds_and_does_not_hang_on_the_order_of_rows():
    pool = records({"qa": 100, "ie": 100})
    first = sample.draw(pool, 40, 0)
    assert first == sample.draw(pool, 40, 0)
    assert first == [id for id in pool if id in set(first)]  # in the order of the file
    turned = dict(reversed(pool.items()))
    assert set(sample.draw(turned, 40, 0)) == set(first)
    assert set(sample.draw(pool, 40, 1)) != set(first)


def test_all_are_taken_where_there_are_no_more():
    pool = records({"qa": 3, "other": 2})
    assert sample.draw(pool, 1000, 0) == list(pool)


def test_fewer_than_one_a_label_are_refused():
    with pytest.raises(InputError, match="--n: got 1; allowed: at least 2"):
        sample.draw(records({"qa": 5, "ie": 5}), 1, 0)


def test_raters_have_orders_of_their_own_that_hang_on_ids_alone():
    ids = list(records({"qa": 50}))
    orders = {rater: sample.order(ids, rater, 0) for rater in ("ada", "ben")}
    assert all(sorted(one) == sorted(ids) for one in orders.values())
    assert len({*map(tuple, orders.values()), tuple(ids), tuple(sample.order(ids, "ada", 1))}) == 4
    assert sample.order(reversed(ids), "ada", 0) == orders["ada"]


def test_a_json_array_and_json_lines_are_the_same_records(tmp_path):
    rows = [row(0, category="QA"), row(1, category=" ie "), row(2)]
    (tmp_path / "a.json").write_text(json.dumps(rows, indent=1))
    (tmp_path / "b.jsonl").write_text("\n" + "\n\n".join(map(json.dumps, rows)))
    first, second = sample.read(tmp_path / "a.json"), sample.read(tmp_path / "b.jsonl")
    assert first.records == second.records
    assert [record.category for record in first.records] == ["qa", "ie", "generation"]
    assert first.labelled_by is LabelledBy.COLUMN
    assert first.records[1].origin == Origin("file", position=2)


def test_without_a_category_the_offline_labeller_gives_one(instructions):
    rows = [{"instruction": "Extract every drug.", "input": "Takes aspirin.", "output": "aspirin", "category": None}, row(1)]
    rows[1].pop("category")
    pool = sample.read(instructions(rows))
    assert pool.labelled_by is LabelledBy.RULES
    texts = [(record.instruction, record.input, record.output) for record in pool.records]
    assert [record.category for record in pool.records] == [categories.label(*one) for one in texts]


def test_our_own_records_keep_what_they_are(tmp_path):
    made = Instruction(instruction_id("Do.", " kept ", "x"), "Do.", " kept ", "x", Category.IE, Origin("teacher", ("s1",), 3, 2), "0" * 16)
    jsonl.write(tmp_path / "own.jsonl", [made])
    assert sample.read(tmp_path / "own.jsonl").records == (made,)


def test_the_same_texts_twice_are_one_record_to_look_at(instructions):
    pool = sample.read(instructions([row(1), row(2), row(1)]))
    assert (len(pool.records), len(pool.distinct)) == (3, 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row(0), {**row(1), "category": None}], "field 'category': got none in row 2; allowed: a category in every row, or in none"),
        ([row(0), row(1, category="summary")], "field 'category': got \"summary\" in row 2; allowed: qa, ie, generation, other"),
        ([row(0, category=["qa"])], "field 'category': got [\"qa\"] in row 1"),
        ([{"instruction": "x"}], "field 'output'"),
        ([{**asdict(next(iter(records({"qa": 1}).values()))), "output": "changed"}], "field 'id': got"),
        ([{**asdict(next(iter(records({"qa": 1}).values()))), "category": "poem"}], "field 'category'"),
    ],
)
def test_rows_that_cannot_be_used_are_named(rows, said, instructions):
    with pytest.raises(DataError) as caught:
        sample.read(instructions(rows))
    assert said in str(caught.value)


def test_strata_tell_what_there_is_and_what_was_drawn():
    pool = records({"qa": 3, "other": 1})
    assert sample.strata(pool, list(pool)[:2], tuple(Category)) == {
        "qa": {"records": 3, "drawn": 2},
        "ie": {"records": 0, "drawn": 0},
        "generation": {"records": 0, "drawn": 0},
        "other": {"records": 1, "drawn": 0},
    }
