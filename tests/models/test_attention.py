"""Masked attention in plain matrix products: the model's own logits, or not taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bioinstruct.models import attention, rows  # noqa: E402
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
        assert attention.use_masked(model)
        got = rows.logits(model, tensors)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


def test_a_stack_gives_what_its_rows_give_alone(model: Any) -> None:
    with torch.no_grad():
        alone = torch.cat([rows.logits(model, row.tensors()) for row in ROWS])
        together = rows.logits(model, rows.stack(ROWS))
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_a_model_that_cannot_be_switched_is_left_as_it_is(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model.config._attn_implementation

    def wrong(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, scaling: float, **_: Any) -> tuple[Any, None]:
        return value.transpose(1, 2).repeat(1, 1, query.shape[1] // key.shape[1], 1).contiguous(), None

    monkeypatch.setattr(attention, "masked", wrong)
    assert not attention.use_masked(model)
    assert model.config._attn_implementation == before
