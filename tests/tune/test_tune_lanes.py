"""Records of a step side by side in lanes: loss and gradients of one lane, the same bytes each time, errors that surface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bioinstruct.core.errors import ModelError  # noqa: E402
from bioinstruct.core.progress import Silent  # noqa: E402
from bioinstruct.core.recipe import TuneSection  # noqa: E402
from bioinstruct.core.records import Instruction, StageRecord  # noqa: E402
from bioinstruct.models import last_layer, segmented  # noqa: E402
from bioinstruct.models.local import LocalModel  # noqa: E402
from bioinstruct.tune import adapter, fused, head, lanes, loss, shares, train  # noqa: E402
from bioinstruct.tune import run as tune  # noqa: E402
from bioinstruct.tune.data import Example, encode  # noqa: E402
from bioinstruct.tune.lanes import Lanes  # noqa: E402
from bioinstruct.tune.loss import Packing, backward, trained_tokens  # noqa: E402


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Four, on however many cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def examples(records: list[Instruction], encoder: Any) -> list[Example]:
    return encode(records, encoder, 1024).examples


def build(architecture: str, build_base: Any, folder: Path) -> Any:
    """A model with LoRA whose matrices are all felt."""
    if architecture == "llama":
        base = LocalModel.load(build_base(folder), device="cpu").model
    else:
        from transformers import AutoConfig, AutoModelForCausalLM

        sizes = {"vocab_size": 420, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
                 "num_key_value_heads": 2, "head_dim": 8, "pad_token_id": 1, "sliding_window": None}  # fmt: skip
        torch.manual_seed(11)
        base = AutoModelForCausalLM.from_config(AutoConfig.for_model(architecture, **sizes)).eval()
    tuned = adapter.attach(base, TuneSection(rank=4), 0)
    with torch.no_grad():
        for name, weight in adapter.weights(tuned).items():
            if "lora_B" in name:
                weight.normal_(0.0, 0.1)
    return tuned


def taken(weights: list[Any]) -> list[Any]:
    found = [weight.grad for weight in weights]
    for weight in weights:
        weight.grad = None
    return found


@pytest.mark.parametrize("architecture", ["llama", "mistral", "qwen3", "gemma"])
@pytest.mark.parametrize("how", ["by segments", "under a mask", "computed again"])
def test_lanes_give_the_loss_and_gradients_of_one(
    tmp_path: Path, build_base: Any, examples: list[Example], architecture: str, how: str
) -> None:
    tuned = build(architecture, build_base, tmp_path)
    model, weights = tuned.get_base_model(), list(adapter.weights(tuned).values())
    assert last_layer.use(model)
    segments = how == "by segments"
    if segments:
        assert segmented.use(model)
    if how == "computed again":
        adapter.recompute(model)
    packing = Packing.on(torch.device("cpu"), share=True, bf16=False, segmented=segments, through=head.find(model, torch.float32))
    n_trained = trained_tokens(examples)
    expected = backward(model, examples, packing, n_trained)
    alone = taken(weights)
    with fused.fused(tuned), Lanes(model, weights, 4) as four:
        assert four.fit(examples, packing)
        found = [(four.backward(examples, packing, n_trained), taken(weights)) for _ in range(3)]
        assert torch.get_num_threads() == 4
    for value, gradients in found:
        assert value == found[0][0] == pytest.approx(expected, rel=1e-5)
        for gradient, first, single in zip(gradients, found[0][1], alone, strict=True):
            assert torch.equal(gradient, first)
            scale = single.abs().max().item()
            assert scale > 0
            assert (gradient - single).abs().max().item() <= 1e-4 * scale


def test_gradients_are_added_to_what_is_there(base: Path, examples: list[Example]) -> None:
    tuned = adapter.attach(LocalModel.load(base, device="cpu").model, TuneSection(rank=4), 0)
    model, weights = tuned.get_base_model(), list(adapter.weights(tuned).values())
    packing = Packing(share=True, row_tokens=400, pass_tokens=800, bf16=False)
    with Lanes(model, weights, 2) as two:
        two.backward(examples, packing, 100)
        once = [gradient.clone() for gradient in taken(weights)]
        for _ in range(2):
            two.backward(examples, packing, 100)
    for twice, gradient in zip(taken(weights), once, strict=True):
        torch.testing.assert_close(twice, 2 * gradient)


def test_a_lane_has_modules_of_its_own_over_the_same_weights(base: Path) -> None:
    model = adapter.attach(LocalModel.load(base, device="cpu").model, TuneSection(rank=4), 0).get_base_model()
    twin = lanes._twin(model)
    ours, theirs = dict(model.named_parameters()), dict(twin.named_parameters())
    assert ours.keys() == theirs.keys()
    assert all(theirs[name] is weight for name, weight in ours.items())
    assert not {id(module) for module in model.modules()} & {id(module) for module in twin.modules()}


@pytest.mark.parametrize("failing", ["its own lane", "another"])
def test_an_error_in_a_lane_comes_out_when_all_have_ended(
    base: Path, examples: list[Example], monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    tuned = adapter.attach(LocalModel.load(base, device="cpu").model, TuneSection(rank=4), 0)
    model, weights = tuned.get_base_model(), list(adapter.weights(tuned).values())
    real, ended = loss.gradients, []

    def gradients(lane: Any, *rest: Any) -> Any:
        if (lane is model) == (failing == "its own lane"):
            raise torch.OutOfMemoryError("out of memory")
        found = real(lane, *rest)
        ended.append(lane)
        return found

    monkeypatch.setattr(loss, "gradients", gradients)
    with Lanes(model, weights, 2) as two:
        with pytest.raises(torch.OutOfMemoryError):
            two.backward(examples, Packing(share=True, row_tokens=400, pass_tokens=800, bf16=False), 100)
        assert len(ended) == 1
        assert torch.get_num_threads() == 4
    assert all(weight.grad is None for weight in weights)


def test_examples_that_are_too_few_or_too_long_do_not_fit(base: Path, examples: list[Example]) -> None:
    tuned = adapter.attach(LocalModel.load(base, device="cpu").model, TuneSection(rank=4), 0)
    model, weights = tuned.get_base_model(), list(adapter.weights(tuned).values())
    longest = max(example.n_tokens for example in examples)

    def packing(tokens: int) -> Packing:
        return Packing(share=True, row_tokens=tokens, pass_tokens=tokens, bf16=False)

    with Lanes(model, weights, 2) as two, Lanes(model, weights, 1) as one:
        assert two.fit(examples, packing(2 * longest))
        assert not two.fit(examples, packing(2 * longest - 1))
        assert two.fit(examples[:2], packing(2 * longest))
        assert not two.fit(examples[:1], packing(2 * longest))
        assert not two.fit([], packing(2 * longest))
        assert not one.fit(examples, packing(2 * longest))


def test_lanes_divide_the_threads_and_are_worth_their_tokens() -> None:
    tokens = lanes.TOKENS
    assert [lanes.number(n * tokens, 2) for n in (0, 0.5, 1, 1.9, 2, 100)] == [1, 1, 1, 1, 2, 2]
    assert [lanes.number(n * tokens, 6) for n in (1, 2, 3, 5, 6, 100)] == [1, 2, 3, 3, 6, 6]
    assert lanes.number(100 * tokens, 1) == 1


def test_items_are_dealt_whole_in_order_and_about_equally() -> None:
    weights = [float(7 * number % 23 + 1) for number in range(40)]
    for n in (1, 2, 3, 8):
        parts = shares.dealt(range(40), weights, n)
        assert sorted(item for part in parts for item in part) == list(range(40))
        assert all(part == sorted(part) for part in parts)
        loads = [sum(weights[item] for item in part) for part in parts]
        assert max(loads) - min(loads) <= max(weights)
    assert shares.dealt("ab", [1.0, 2.0], 3) == [["b"], ["a"], []]


def test_work_counts_the_output_layer_at_trained_tokens(base: Path, examples: list[Example]) -> None:
    """The base's output layer is its embedding too: a pass of a token through the layers reads neither."""
    model = LocalModel.load(base, device="cpu").model
    layers = sum(weight.numel() for name, weight in model.named_parameters() if "embed" not in name)
    vocabulary, hidden = model.get_output_embeddings().weight.shape
    cost = shares.work(model)
    for example in examples:
        assert cost(example) == pytest.approx(example.n_tokens + len(example.trained) * vocabulary * hidden / layers)


def run(folder: Path, base: Path, records: list[Instruction], *, progress: Any = None, threads: int = 2, **changes: Any) -> StageRecord:
    settings = {"base": str(base), "rank": 4, "epochs": 3, "examples_per_step": 4, "learning_rate": 1e-2, **changes}
    return tune.run(
        TuneSection(**settings), records, seed=3, threads=threads, folder=folder, control=None, inputs={}, progress=progress or Silent()
    )


@pytest.fixture
def small_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "TOKENS", 50)


@pytest.mark.usefixtures("small_lanes")
def test_a_training_in_lanes_killed_and_resumed_gives_the_same_bytes(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = run(tmp_path / "straight", base, records)
    assert (straight.counts["lanes"], straight.counts["threads"]) == (2, 2)
    monkeypatch.setattr(train, "CHECKPOINT_SECONDS", 0.0)

    class Killed(Exception): ...

    class Killer(Silent):
        def advance(self, n: int = 1, note: str = "", **figures: Any) -> None:
            steps.append(n)
            if len(steps) == 3:
                raise Killed

    steps: list[int] = []
    with pytest.raises(Killed):
        run(tmp_path / "killed", base, records, progress=Killer())
    assert run(tmp_path / "killed", base, records).outputs == straight.outputs


@pytest.mark.usefixtures("small_lanes")
def test_lanes_train_as_one_does(tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "has_bf16", lambda device: False)
    used: list[int] = []
    real = Lanes.backward
    monkeypatch.setattr(Lanes, "backward", lambda self, *rest: (used.append(self.count), real(self, *rest))[1])
    in_lanes = run(tmp_path / "two", base, records, threads=2)
    assert used == [2] * in_lanes.counts["steps"]
    single = run(tmp_path / "one", base, records, threads=1)
    assert (in_lanes.counts["lanes"], single.counts["lanes"]) == (2, 1)
    assert used == [2] * in_lanes.counts["steps"]
    log = [(tmp_path / name / "train.jsonl").read_text().splitlines() for name in ("one", "two")]
    losses = [[json.loads(line)["loss"] for line in rows] for rows in log]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)


@pytest.mark.usefixtures("small_lanes")
def test_under_dropout_there_is_one_lane(tmp_path: Path, base: Path, records: list[Instruction]) -> None:
    assert run(tmp_path, base, records, dropout=0.1).counts["lanes"] == 1


@pytest.mark.usefixtures("small_lanes")
def test_memory_that_is_full_in_a_lane_halves_the_passes_or_says_what_to_try(
    tmp_path: Path, base: Path, records: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loss.gradients

    def full(model: Any, weights: Any, examples: Any, packing: Packing, n_trained: int) -> Any:
        if packing.pass_tokens > 300:
            raise torch.OutOfMemoryError("out of memory")
        return real(model, weights, examples, packing, n_trained)

    expected = run(tmp_path / "room", base, records, pass_tokens=512)
    monkeypatch.setattr(loss, "gradients", full)
    assert run(tmp_path / "full", base, records, on_out_of_memory="halve").outputs == expected.outputs
    with pytest.raises(ModelError, match=r"out of memory with 2048 tokens a pass; try tune\.pass_tokens=1024"):
        run(tmp_path / "stop", base, records)
