"""A prefix before all rows: the model's own logits, or not taken."""

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


def test_a_stack_gives_what_its_rows_give_alone(model: Any) -> None:
    with torch.no_grad():
        alone = torch.cat([rows.logits(model, row.tensors()) for row in ROWS])
        together = rows.logits(model, rows.stack(ROWS))
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("length", [1, 7, 40])
def test_rows_behind_a_prefix_are_as_with_it_in_every_row(model: Any, length: int) -> None:
    opening = tuple(3 + n % 50 for n in range(length))
    behind = [
        Row((Segment((7, 8, 9)), Segment((4, 3), 0, 0), Segment((5,), 0, 0), Segment((6, 2, 3), 1, 1))),
        Row((Segment((11,)), Segment((12, 13), 0, 0), Segment((9, 8)), Segment((4,), 2, 0), Segment((5,), 2, 0))),
    ]
    whole = [
        Row((Segment(opening), *(Segment(one.ids, 0 if one.parent is None else one.parent + 1, one.labels_from) for one in row.segments)))
        for row in behind
    ]
    assert attention.can_prefix(model)
    with torch.no_grad():
        prefix = attention.Prefix(model, opening)
        for _ in range(2):  # a pass leaves nothing behind
            found = prefix.log_likelihoods(rows.stack(behind))
            torch.testing.assert_close(found, rows.log_likelihoods(model, rows.stack(whole)), rtol=1e-5, atol=1e-5)


def test_log_likelihoods_are_those_of_the_logits(model: Any) -> None:
    tensors = rows.stack(ROWS)
    with torch.no_grad():
        expected = -torch.nn.functional.cross_entropy(rows.logits(model, tensors), tensors.targets.labels, reduction="none")
        torch.testing.assert_close(rows.log_likelihoods(model, tensors), expected)


def test_an_architecture_with_a_window_or_a_wrong_cache_gets_no_prefix(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: Any, keys: Any, values: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        held, kept = (part.expand(keys.shape[0], -1, -1, -1) * 0.5 for part in (self.keys, self.values))
        return torch.cat([held, keys], -2), torch.cat([kept, values], -2)

    with monkeypatch.context() as patch:
        patch.setattr(attention._HeldLayer, "update", forgetful)
        assert not attention.can_prefix(model)
    assert attention.can_prefix(model)
    monkeypatch.setattr(type(model), "_supports_default_dynamic_cache", lambda self: False)
    assert not attention.can_prefix(model)
