"""Attention by segments: the model's own logits and gradients, or not taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from bioinstruct.models import rows, segmented  # noqa: E402
from bioinstruct.models.local import LocalModel  # noqa: E402
from bioinstruct.models.rows import Row, Segment  # noqa: E402

ROWS = [
    Row((Segment((5, 6)), Segment((7, 8, 9), 0, 0), Segment((4, 3), 0, 1))),
    Row((Segment((9, 3, 4, 8, 7, 6, 5), None, 2),)),
]


@pytest.fixture
def model(tiny: Path) -> Any:
    """The tiny checkpoint, loaded anew: the tests switch its attention."""
    return LocalModel.load(str(tiny)).model


def test_it_gives_the_models_own_logits(model: Any) -> None:
    tensors = rows.stack(ROWS)
    with torch.no_grad():
        expected = rows.logits(model, tensors)
        assert segmented.use(model)
        got = rows.logits(model, tensors)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


def test_a_model_that_cannot_be_switched_is_left_as_it_is(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model.config._attn_implementation

    def wrong(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, scaling: float, **_: Any) -> tuple[Any, None]:
        return value.transpose(1, 2).repeat(1, 1, query.shape[1] // key.shape[1], 1).contiguous(), None

    monkeypatch.setattr(segmented, "attend", wrong)
    assert not segmented.use(model)
    assert model.config._attn_implementation == before


def written_out(query: Any, key: Any, value: Any, mask: Any, scaling: float) -> Any:
    """Attention under a mask, as its definition has it, shape (batch, tokens, heads, head size)."""
    scores = (query @ key.transpose(2, 3)) * scaling
    return (torch.softmax(scores.masked_fill(~mask, float("-inf")), -1) @ value).transpose(1, 2)


@st.composite
def row(draw: Any) -> Row:
    """A forest of a few segments."""
    segments = []
    for number in range(draw(st.integers(1, 5))):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        segments.append(Segment(tuple(range(1, 1 + draw(st.integers(1, 40)))), parent))
    return Row(tuple(segments))


@settings(max_examples=40)
@given(st.lists(row(), min_size=1, max_size=3), st.sampled_from([1, 2]))
def test_outputs_and_gradients_are_those_of_attention_under_the_mask(drawn: list[Row], key_heads: int) -> None:
    torch.manual_seed(0)
    tensors = rows.stack(drawn)
    batch, tokens = tensors.ids.shape
    inside = torch.zeros(batch, tokens, 1, 1, dtype=torch.float64)
    for span in tensors.spans:
        inside[span.row, span.start : span.end] = 1.0
    states = [torch.randn(batch, heads, tokens, 8, dtype=torch.float64, requires_grad=True) for heads in (2, key_heads, key_heads)]
    weights = torch.randn(batch, tokens, 2, 8, dtype=torch.float64) * inside
    found, _ = segmented.attend(None, *states, None, 0.3, spans=tensors.spans)
    assert not (found * (1 - inside)).any()
    gradients = torch.autograd.grad((found * weights).sum(), states)
    query, key, value = (one.repeat_interleave(2 // one.shape[1], 1) for one in states)
    expected = written_out(query, key, value, tensors.mask, 0.3)
    torch.testing.assert_close(found * inside, expected * inside, rtol=1e-6, atol=1e-6)
    for got, wanted in zip(gradients, torch.autograd.grad((expected * weights).sum(), states), strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-6)  # gradients are added up in float32


def test_padding_has_few_lengths_and_wastes_at_most_half() -> None:
    lengths = {segmented._padded(n) for n in range(1, 2049)}
    assert sorted(lengths) == [32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048]
    assert all(n <= segmented._padded(n) <= max(32, 1.5 * n) for n in range(1, 2049))
