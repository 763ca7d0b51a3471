"""Packed rows must be exactly what their paths are alone."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.core.errors import ModelError
from bioinstruct.models.rows import Row, Segment, logits, pack, verify

torch = pytest.importorskip("torch", reason="the extra 'local' is not installed")

ROOT = Segment((1, 2, 3))
ROW = Row((ROOT, Segment((4, 5), 0, 0), Segment((6,), 1, 0), Segment((7, 8), 1, 1), Segment((9,), 0, None), Segment((2, 4), None, 1)))
"""Two trees: a root with two children, the first of which has two leaves; and a lone record."""


def path(row: Row, index: int) -> list[int]:
    """Segment numbers from the root to `index`."""
    parent = row.segments[index].parent
    return [*(path(row, parent) if parent is not None else []), index]


def random_row(seed: int, vocabulary: int, n_segments: int = 12) -> Row:
    rng = random.Random(seed)
    segments: list[Segment] = []
    for number in range(n_segments):
        parent = rng.choice([None, *range(number)]) if number else None
        ids = tuple(rng.randrange(vocabulary) for _ in range(rng.randint(1, 9)))
        segments.append(Segment(ids, parent, rng.choice([None, 1, 1, len(ids)] if parent is None else [None, 0, 0, len(ids)])))
    return Row(tuple(segments))


def assert_exact(model: Any, row: Row) -> None:
    """Logits of all labelled tokens, and the hidden states of all tokens, equal those of each path alone."""
    tensors = row.tensors()
    decoder = model.model
    with torch.no_grad():
        output = decoder(input_ids=tensors.ids, position_ids=tensors.positions, attention_mask=tensors.mask, use_cache=False)
        packed = logits(model, tensors).split(row.label_counts())
        hidden = output.last_hidden_state[0].split([len(segment.ids) for segment in row.segments])
        for index, segment in enumerate(row.segments):
            ids = [token for number in path(row, index) for token in row.segments[number].ids]
            alone = decoder(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]
            torch.testing.assert_close(hidden[index], alone[-len(segment.ids) :], rtol=1e-4, atol=1e-5)
            if segment.labels_from is not None and (count := row.label_counts()[index]):
                torch.testing.assert_close(packed[index], model.lm_head(alone)[-count - 1 : -1], rtol=1e-4, atol=1e-4)


def test_tensors_of_a_small_row_by_hand() -> None:
    tensors = ROW.tensors()
    ids, positions, mask, targets = tensors.ids, tensors.positions, tensors.mask, tensors.targets
    assert ids.tolist() == [[1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 4]]
    assert positions.tolist() == [[0, 1, 2, 3, 4, 5, 5, 6, 3, 0, 1]]
    assert mask.shape == (1, 1, 11, 11)
    assert mask.dtype == torch.bool
    seen = [[place for place in range(11) if mask[0, 0, token, place]] for token in range(11)]
    assert seen[4] == [0, 1, 2, 3, 4]
    assert seen[5] == [0, 1, 2, 3, 4, 5]
    assert seen[7] == [0, 1, 2, 3, 4, 6, 7]
    assert seen[8] == [0, 1, 2, 8]
    assert seen[10] == [9, 10]
    # The first token of a segment is predicted by the last of its parent.
    assert list(zip(targets.positions.tolist(), targets.labels.tolist(), strict=True)) == [(2, 4), (3, 5), (4, 6), (6, 8), (9, 4)]
    assert ROW.label_counts() == [0, 2, 1, 1, 0, 1]
    assert ROW.n_tokens == 11


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ((Segment(()),), "no tokens"),
        ((Segment((1,), 0),), "parent 0"),
        ((Segment((1,)), Segment((1,), 2)), "parent 2"),
        ((Segment((1,)), Segment((1,), -1)), "parent -1"),
        ((Segment((1, 2), None, 0),), "labels_from 0; allowed: 1 to 2"),
        ((Segment((1, 2)), Segment((1,), 0, 2)), "labels_from 2; allowed: 0 to 1"),
    ],
)
def test_malformed_rows_are_refused(segments: tuple[Segment, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Row(segments)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("key_value_heads", [1, 2, 4])
def test_rows_are_exact(make_model: Any, seed: int, key_value_heads: int) -> None:
    assert_exact(make_model(60, num_key_value_heads=key_value_heads), random_row(seed, 60))


@pytest.mark.real
def test_rows_are_exact_on_a_real_checkpoint(real: Path) -> None:
    from bioinstruct.models.local import LocalModel

    assert_exact(LocalModel.load(real, device="cpu").model, random_row(0, 512, 40))


def test_gradients_equal_those_of_single_records(make_model: Any) -> None:
    preamble, records = (3, 4, 5, 6), [((7, 8, 9, 10), 2), ((11, 12), 1), ((13, 14, 15), 1)]
    trees = [(Segment(preamble), Segment(ids, 0, start)) for ids, start in records]
    [row] = pack(trees, 100)
    assert row.n_tokens == 4 + 9
    packed, single = make_model(60), make_model(60)
    tensors = row.tensors()
    torch.nn.functional.cross_entropy(logits(packed, tensors), tensors.targets.labels, reduction="sum").backward()
    for ids, start in records:
        whole = torch.tensor([[*preamble, *ids]])
        labels = whole[0, len(preamble) + start :]
        output = single(input_ids=whole).logits[0, -len(labels) - 1 : -1]
        torch.nn.functional.cross_entropy(output, labels, reduction="sum").backward()
    for (name, one), (_, other) in zip(packed.named_parameters(), single.named_parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-4, msg=name)


def test_a_row_without_labels_has_no_targets() -> None:
    targets = Row((Segment((1, 2)),)).tensors().targets
    assert targets.positions.shape == targets.labels.shape == (0,)
    assert targets.positions.dtype == torch.int64


def test_verify_accepts_a_causal_model_and_refuses_one_that_ignores_the_mask(make_model: Any) -> None:
    model = make_model(60)
    verify(model)
    forward = model.forward
    model.forward = lambda attention_mask=None, **rest: forward(**rest)
    with pytest.raises(ModelError, match="packed row"):
        verify(model)


def test_pack_shares_equal_roots_and_keeps_order() -> None:
    trees = [(Segment((1, 2, 3)), Segment((10 + n,), 0, 0), Segment((20, 20), 1, 0)) for n in range(4)]
    [row] = pack(trees, 15)
    assert row.n_tokens == 3 + 4 * 3
    assert row.origins == ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2))
    assert [segment.parent for segment in row.segments] == [None, 0, 1, 0, 3, 0, 5, 0, 7]


def test_pack_does_not_share_labelled_or_lone_roots() -> None:
    lone, labelled = (Segment((1, 2, 3), None, 1),), (Segment((1, 2, 3), None, 2), Segment((4,), 0, 0))
    assert [row.n_tokens for row in pack([lone, lone, labelled, labelled], 100)] == [14]


def test_pack_puts_an_oversize_tree_alone_and_is_best_fit() -> None:
    sizes = [4, 30, 6, 5, 5]
    rows = pack([(Segment(tuple(range(size))),) for size in sizes], 10)
    assert [[tree for tree, _ in row.origins] for row in rows] == [[0, 2], [1], [3, 4]]


def test_pack_refuses_what_is_empty_or_malformed() -> None:
    assert pack([], 10) == []
    with pytest.raises(ValueError, match="tree 1: got no segments"):
        pack([(Segment((1,)),), ()], 10)
    with pytest.raises(ValueError, match="tree 0, segment 1: got parent 1"):
        pack([(Segment((1,)), Segment((2,), 1))], 10)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_pack_keeps_every_tree_whole_once_and_within_the_budget(data: st.DataObject) -> None:
    roots = [(1,), (1, 2), (5, 6, 7)]
    trees: list[tuple[Segment, ...]] = []
    for _ in range(data.draw(st.integers(0, 14))):
        tree = [Segment(data.draw(st.sampled_from(roots)), None, data.draw(st.sampled_from([None, None, 1])))]
        for number in range(data.draw(st.integers(0, 3))):
            ids = tuple(data.draw(st.lists(st.integers(10, 20), min_size=1, max_size=6)))
            tree.append(Segment(ids, data.draw(st.integers(0, number)), data.draw(st.sampled_from([None, 0]))))
        trees.append(tuple(tree))
    budget = data.draw(st.integers(8, 40))
    rows = pack(trees, budget)
    assert rows == pack(trees, budget)
    found: dict[tuple[int, int], tuple[list[tuple[int, ...]], int | None]] = {}
    for row in rows:
        owners = {tree for tree, _ in row.origins}
        assert row.n_tokens <= budget or len(owners) == 1
        assert [tree for tree, _ in row.origins] == sorted(tree for tree, _ in row.origins)
        for index, origin in enumerate(row.origins):
            assert origin not in found
            found[origin] = ([row.segments[number].ids for number in path(row, index)], row.segments[index].labels_from)
    assert all(a.origins[0] < b.origins[0] for a, b in pairwise(rows))
    for number, tree in enumerate(trees):
        for index, segment in enumerate(tree):
            wanted = [tree[place].ids for place in path(Row(tree), index)], segment.labels_from
            if index or (number, 0) in found:
                assert found[number, index] == wanted
