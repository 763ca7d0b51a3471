"""Token rows: several sequences that share their openings, in one forward pass. The one place for packing.

A *tree* is a tuple of segments: a preamble, below it a question, below that its options; or a preamble and one
training record. A *row* holds whole trees, one after another. A token sees its own segment up to itself and the whole
of every ancestor segment, and its position goes on from its parent's end, so that every path from root to leaf is
computed as if it stood alone:

    preamble ─┬─ question 1 ─┬─ option a
              │              └─ option b
              └─ question 2 ─── option a

Equal unlabelled roots of several trees become one segment of the row: a template's preamble is computed once a row. An opening of many
rows is computed once for all of them by `models/attention.py`, where the architecture allows it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from bioinstruct.core.errors import ModelError

if TYPE_CHECKING:
    import torch

SEGMENTED = "bioinstruct_segmented"
"""Name of the attention function of `models/segmented.py`, which takes the segments instead of a mask."""
PADDED = 32
"""Rows of a batch are padded to a multiple of this many tokens."""


@dataclass(frozen=True)
class Segment:
    """A run of token ids that hangs below another."""

    ids: tuple[int, ...]
    """At least one token."""
    parent: int | None = None
    """Index of the parent in the same row (or tree), always a smaller one; None = a root."""
    labels_from: int | None = None
    """Tokens from this offset on are trained or scored; None = none. A root's first token has nothing to predict it."""


Tree = tuple[Segment, ...]


class Targets(NamedTuple):
    """What is predicted in a row: segment after segment, token after token (`Row.label_counts` says how many of each)."""

    positions: torch.Tensor
    """Row places of the predicting tokens, int64, shape (targets,): what `logits_to_keep` takes."""
    labels: torch.Tensor
    """The ids to predict, int64, shape (targets,)."""


class Span(NamedTuple):
    """Where a segment lies in a batch of rows, and what it sees before itself."""

    row: int
    start: int
    end: int
    ancestors: tuple[int, ...]
    """Indexes of the segments above it among the batch's, from the root down."""


class RowTensors(NamedTuple):
    """Rows as a model takes them: `batch` of them, padded to one length."""

    ids: torch.Tensor
    """int64, shape (batch, tokens)."""
    positions: torch.Tensor
    """int64, shape (batch, tokens)."""
    spans: tuple[Span, ...]
    """Of all segments, row after row; what lies outside of them is padding."""
    targets: Targets
    before: int = 0
    """Tokens that stand before every row, and that all see (`models/attention.py`)."""

    @property
    def mask(self) -> torch.Tensor:
        """Made anew: bool, shape (batch, 1, tokens, before + tokens); True = may be seen."""
        import torch

        batch, tokens = self.ids.shape
        mask = torch.eye(tokens, dtype=torch.bool).repeat(batch, 1, 1, 1)  # padding sees itself: a softmax over nothing is no number
        for row in range(batch):
            first = next(number for number, span in enumerate(self.spans) if span.row == row)
            spans = [span for span in self.spans if span.row == row]
            related = torch.eye(len(spans), dtype=torch.bool)  # (segments, segments): itself or an ancestor
            for number, span in enumerate(spans):
                if span.ancestors:
                    related[number, [ancestor - first for ancestor in span.ancestors]] = True
            owner = torch.repeat_interleave(torch.arange(len(spans)), torch.tensor([span.end - span.start for span in spans]))
            # Parents come first, so "not later in the row" is causal within a segment and leaves ancestors whole.
            mask[row, 0, : len(owner), : len(owner)] = related[owner][:, owner].tril_()
        return torch.nn.functional.pad(mask, (self.before, 0), value=True).to(self.ids.device)

    def to(self, device: Any) -> RowTensors:
        """The same on `device`."""
        targets = Targets(self.targets.positions.to(device), self.targets.labels.to(device))
        return self._replace(ids=self.ids.to(device), positions=self.positions.to(device), targets=targets)


@dataclass(frozen=True)
class Row:
    """Segments that go through the model together, parents before children.

    Raises:
        ValueError: a segment is empty, its parent does not come before it, or its label offset cannot be predicted.
    """

    segments: tuple[Segment, ...]
    origins: tuple[tuple[int, int], ...] = ()
    """For each segment the (tree, index in the tree) that `pack` took it from; a merged root: the first such tree."""

    def __post_init__(self) -> None:
        for index, segment in enumerate(self.segments):
            if not segment.ids:
                raise ValueError(f"segment {index}: got no tokens; allowed: at least one")
            if segment.parent is not None and not 0 <= segment.parent < index:
                raise ValueError(f"segment {index}: got parent {segment.parent}; allowed: a segment before it")
            first = 1 if segment.parent is None else 0
            if segment.labels_from is not None and not first <= segment.labels_from <= len(segment.ids):
                raise ValueError(f"segment {index}: got labels_from {segment.labels_from}; allowed: {first} to {len(segment.ids)}")

    @property
    def n_tokens(self) -> int:
        """Tokens in the row."""
        return sum(len(segment.ids) for segment in self.segments)

    def label_counts(self) -> list[int]:
        """Number of targets of each segment, in the order in which `targets` holds them."""
        return [0 if s.labels_from is None else len(s.ids) - s.labels_from for s in self.segments]

    def tensors(self) -> RowTensors:
        """Ids, positions, segments and targets, on the CPU."""
        import torch

        spans: list[Span] = []
        positions: list[int] = []
        places: list[int] = []
        labels: list[int] = []
        place = 0
        for segment in self.segments:
            before, depth = -1, 0
            ancestors: tuple[int, ...] = ()
            if segment.parent is not None:
                parent = spans[segment.parent]
                before, depth, ancestors = parent.end - 1, positions[parent.end - 1] + 1, (*parent.ancestors, segment.parent)
            end = place + len(segment.ids)
            spans.append(Span(0, place, end, ancestors))
            positions.extend(range(depth, depth + len(segment.ids)))
            if segment.labels_from is not None:
                places.extend([before, *range(place, end - 1)][segment.labels_from :])
                labels.extend(segment.ids[segment.labels_from :])
            place = end
        return RowTensors(
            torch.tensor([token for segment in self.segments for token in segment.ids], dtype=torch.int64)[None],
            torch.tensor(positions, dtype=torch.int64)[None],
            tuple(spans),
            Targets(torch.tensor(places, dtype=torch.int64), torch.tensor(labels, dtype=torch.int64)),
        )


@dataclass
class _Bundle:
    """Trees that stay together, and their tokens once a shared root is counted once."""

    trees: list[int]
    n_tokens: int


def pack(trees: Sequence[Sequence[Segment]], budget: int) -> list[Row]:
    """Rows of at most `budget` tokens that hold every tree whole and once; best fit, largest first, deterministic.

    Trees with an equal unlabelled root are brought together and share it. A tree larger than the budget is a row of its
    own. Rows are in the order of their first tree, and a row's trees are in the order given.

    Raises:
        ValueError: a tree is empty, or one of its segments is malformed (see `Row`).
    """
    sharing: dict[tuple[int, ...], list[int]] = {}
    bundles: list[_Bundle] = []
    for index, tree in enumerate(trees):
        if not tree:
            raise ValueError(f"tree {index}: got no segments; allowed: at least one")
        if len(tree) > 1 and tree[0].labels_from is None:
            sharing.setdefault(tree[0].ids, []).append(index)
        else:
            bundles.append(_Bundle([index], _size(tree)))
    for root, members in sharing.items():
        whole = [_Bundle([index], _size(trees[index]) - len(root)) for index in members]
        for bin_ in _best_fit(whole, budget - len(root)):
            bundles.append(_Bundle([b.trees[0] for b in bin_], sum(b.n_tokens for b in bin_) + len(root)))
    bundles.sort(key=lambda bundle: min(bundle.trees))
    rows = [sorted(index for bundle in bin_ for index in bundle.trees) for bin_ in _best_fit(bundles, budget)]
    return [_row(trees, members) for members in sorted(rows)]


def _size(tree: Sequence[Segment]) -> int:
    return sum(len(segment.ids) for segment in tree)


def _best_fit(bundles: Sequence[_Bundle], budget: int) -> list[list[_Bundle]]:
    """Bins within the budget: the largest first, each into the fullest bin that still has room."""
    bins: list[list[_Bundle]] = []
    rooms: list[tuple[int, int]] = []  # (free tokens, bin), sorted
    for bundle in sorted(bundles, key=lambda item: -item.n_tokens):
        place = bisect_left(rooms, (bundle.n_tokens, -1))
        if place < len(rooms):
            room, number = rooms.pop(place)
            bins[number].append(bundle)
        else:
            room, number = budget, len(bins)
            bins.append([bundle])
        insort(rooms, (room - bundle.n_tokens, number))
    return bins


def _row(trees: Sequence[Sequence[Segment]], members: Iterable[int]) -> Row:
    segments: list[Segment] = []
    origins: list[tuple[int, int]] = []
    roots: dict[tuple[int, ...], int] = {}
    for index in members:
        moved: list[int] = []  # where the tree's segments lie in the row
        for number, segment in enumerate(trees[index]):
            shareable = number == 0 and len(trees[index]) > 1 and segment.labels_from is None
            if shareable and segment.ids in roots:
                moved.append(roots[segment.ids])
                continue
            if segment.parent is not None and not 0 <= segment.parent < number:
                raise ValueError(f"tree {index}, segment {number}: got parent {segment.parent}; allowed: a segment before it")
            if shareable:
                roots[segment.ids] = len(segments)
            moved.append(len(segments))
            parent = None if segment.parent is None else moved[segment.parent]
            segments.append(Segment(segment.ids, parent, segment.labels_from))
            origins.append((index, number))
    return Row(tuple(segments), tuple(origins))


def batches(packed: Sequence[Row], pass_tokens: int) -> Iterator[list[Row]]:
    """Rows of like length together, as many as fit into `pass_tokens` once padded; at least one."""
    batch: list[Row] = []
    for row in sorted(packed, key=lambda one: -one.n_tokens):  # the first of a batch is its longest
        if batch and batch[0].n_tokens * (len(batch) + 1) > pass_tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def stack(rows: Sequence[Row], multiple: int = PADDED) -> RowTensors:
    """Several rows as one batch, padded on the right; target positions count through the rows one after another.

    Padding goes to the next multiple of `multiple`: a CPU library keeps compiled code for every shape it meets, megabytes for each.
    """
    import torch

    each = [row.tensors() for row in rows]
    longest = -(-max(one.ids.shape[1] for one in each) // multiple) * multiple
    ids = torch.zeros(len(each), longest, dtype=torch.int64)
    positions = torch.zeros(len(each), longest, dtype=torch.int64)
    spans: list[Span] = []
    places = []
    for number, one in enumerate(each):
        n = one.ids.shape[1]
        ids[number, :n], positions[number, :n] = one.ids[0], one.positions[0]
        first = len(spans)
        spans.extend(Span(number, span.start, span.end, tuple(first + ancestor for ancestor in span.ancestors)) for span in one.spans)
        places.append(one.targets.positions + number * longest)
    targets = Targets(torch.cat(places), torch.cat([one.targets.labels for one in each]))
    return RowTensors(ids, positions, tuple(spans), targets)


def tolerance(model: Any, expected: torch.Tensor) -> float:
    """How far logits may be from these in the model's precision and still be the same."""
    import torch

    return (1e-4 if model.dtype == torch.float32 else 5e-2) * (1.0 + expected.abs().max().item())


def log_likelihoods(model: Any, tensors: RowTensors, cache: Any = None) -> torch.Tensor:
    """Natural logarithm of each label's probability, float32, shape (targets,); a place that predicts several labels is computed once."""
    import torch

    places, which = torch.unique(tensors.targets.positions, return_inverse=True)
    found = logits(model, tensors._replace(targets=Targets(places, places)), cache)
    return torch.log_softmax(found, -1, dtype=torch.float32)[which, tensors.targets.labels]


def logits(model: Any, tensors: RowTensors, cache: Any = None) -> torch.Tensor:
    """The model's logits at the predicting tokens, shape (targets, vocabulary), in the model's own precision.

    Only these positions go through the output layer, and through most of the last layer (`models/last_layer.py`): a hook hands it just
    them, and whatever the model does to its logits afterwards (a scale, a soft cap) it does to these. Gradients flow where they are on.

    Args:
        model: A transformers model for causal language modelling.
        tensors: Rows.
        cache: transformers' cache with what stands before every row, which `tensors` say is seen; None = nothing does.
    """
    from bioinstruct.models import last_layer

    chosen = tensors.targets.positions

    def choose(_: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return (inputs[0].flatten(0, 1)[chosen][None], *inputs[1:])

    with last_layer.only_at(model, chosen, tensors.ids.numel()):
        hook = model.get_output_embeddings().register_forward_pre_hook(choose)
        try:
            output = model(
                input_ids=tensors.ids, position_ids=tensors.positions, past_key_values=cache, use_cache=cache is not None,
                **seen(model, tensors),
            )  # fmt: skip
        finally:
            hook.remove()
    return output.logits[0]  # type: ignore[no-any-return]


def seen(model: Any, tensors: RowTensors) -> dict[str, Any]:
    """Arguments that tell this model's attention what each token sees: a mask, true or (for transformers' "eager" form) to be added."""
    import torch

    kind = model.config._attn_implementation
    if kind == SEGMENTED:
        # Of four dimensions, so that transformers makes none of its own.
        return {"attention_mask": torch.ones(1, 1, 1, 1, dtype=torch.bool, device=tensors.ids.device), "spans": tensors.spans}
    mask = tensors.mask
    if kind == "eager":
        mask = torch.zeros(mask.shape, dtype=model.dtype, device=mask.device).masked_fill_(~mask, torch.finfo(model.dtype).min)
    return {"attention_mask": mask}


def verify(model: Any) -> None:
    """Check on a dozen tokens that this architecture computes a packed row as it computes its paths alone.

    Raises:
        ModelError: it does not (it ignores the mask or the positions given, or is not causal).
    """
    import torch

    vocabulary: int = model.get_input_embeddings().weight.shape[0]
    device = model.get_input_embeddings().weight.device
    tree = [
        Segment(tuple(token % vocabulary for token in ids), parent, labels_from)
        for ids, parent, labels_from in (((5, 6, 7), None, None), ((8, 9), 0, 0), ((10, 11), 1, 0), ((12,), 1, 0), ((9, 8, 13), 0, 0))
    ]
    paths = [(0, 1), (0, 1, 2), (0, 1, 3), (0, 4)]
    row = Row(tuple(tree))
    with torch.no_grad():
        packed = torch.split(logits(model, row.tensors().to(device)).float(), row.label_counts())
        for path in paths:
            alone = [token for index in path for token in tree[index].ids]
            n = len(tree[path[-1]].ids)
            output = model(input_ids=torch.tensor([alone], device=device), use_cache=False)
            expected = output.logits[0, -n - 1 : -1].float()
            gap = (packed[path[-1]] - expected).abs().max().item()
            if not gap <= tolerance(model, expected):
                raise ModelError(
                    f"{type(model).__name__}: got logits that differ by {gap:.3g} between a packed row and the same tokens alone; "
                    "allowed: a causal decoder that follows position ids and a 4-D attention mask"
                )
