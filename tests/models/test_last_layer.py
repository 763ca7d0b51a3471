"""The last layer is computed only where something is read, for every architecture that allows it, and nothing changes by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from bioinstruct.models import attention, decode, last_layer, rows  # noqa: E402
from bioinstruct.models.checkpoint import quiet  # noqa: E402

SIZES = {
    "vocab_size": 60, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 128, "initializer_range": 0.25, "bos_token_id": 0,
    "eos_token_id": 1, "pad_token_id": None,
}  # fmt: skip
GPT2 = {"vocab_size": 60, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128}
ARCHITECTURES: dict[str, tuple[dict[str, Any], bool]] = {
    "llama": (SIZES, True),
    "mistral": ({**SIZES, "sliding_window": None}, True),
    "qwen2": (SIZES, True),
    "qwen3": (SIZES, True),
    "gemma": (SIZES, True),
    "gemma2": ({**SIZES, "sliding_window": 64}, True),
    "gemma3_text": ({**SIZES, "sliding_window": 64}, True),
    "mixtral": ({**SIZES, "num_local_experts": 4, "num_experts_per_tok": 2}, True),
    "gpt2": (GPT2, False),
    "gpt_neox": (SIZES, False),
}
"""Model type -> fields of its configuration, and whether its last layer is narrowed."""
ROW = rows.Row(
    (
        rows.Segment((5, 6, 7, 8)),
        rows.Segment((9, 10, 11, 12), 0, 2),
        rows.Segment((13, 14, 15), 0, 0),
        rows.Segment((16, 17), 0, 0),  # predicted by the same token as the segment before
    )
)


def made(name: str) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(7)
    with quiet():
        return AutoModelForCausalLM.from_config(AutoConfig.for_model(name, **ARCHITECTURES[name][0])).eval()


@contextmanager
def counted(model: Any) -> Iterator[list[int]]:
    """How many tokens the last feed-forward part takes, call by call."""
    seen: list[int] = []
    part = last_layer.find(model).mlp
    plain = part.forward
    part.forward = lambda states: (seen.append(states.shape[0] * states.shape[1]), plain(states))[1]
    try:
        yield seen
    finally:
        del part.forward


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_logits_and_gradients_stay(name: str) -> None:
    model = made(name)
    allowed = ARCHITECTURES[name][1]
    assert last_layer.use(model) is allowed
    tensors = rows.stack([ROW, ROW])

    def measured() -> tuple[Any, Any]:
        model.zero_grad()
        found = rows.logits(model, tensors)
        torch.nn.functional.cross_entropy(found, tensors.targets.labels).backward()
        return found.detach(), {key: weight.grad for key, weight in model.named_parameters() if weight.grad is not None}

    found, gradients = measured()
    if allowed:
        with counted(model) as seen:
            measured()
        assert seen == [32]  # of 2 x 32 tokens, 2 x 6 of which are read
    last_layer._narrowed.discard(model)
    expected, plain = measured()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert gradients.keys() == plain.keys()
    for key, gradient in plain.items():
        torch.testing.assert_close(gradients[key], gradient, rtol=1e-3, atol=1e-5 * gradient.abs().max().item() + 1e-7)


def test_a_part_that_looks_at_other_tokens_is_left_whole() -> None:
    model = made("llama")
    part = last_layer.find(model).mlp
    plain = part.forward
    part.forward = lambda states: plain(states) + states.mean(1, keepdim=True)
    assert last_layer.use(model) is False
    with counted(model) as seen:
        rows.logits(model, ROW.tensors())
    assert seen == [ROW.n_tokens]


def test_where_most_tokens_are_read_all_are_computed() -> None:
    model = made("llama")
    assert last_layer.use(model)
    for n_read, n_computed in ((54, 60), (32, 32), (33, 60), (0, 0)):
        row = rows.Row((rows.Segment(tuple(n % 50 + 3 for n in range(60)), None, 60 - n_read),))
        with counted(model) as seen:
            rows.logits(model, row.tensors())
        assert seen == [n_computed]


def test_a_prefix_and_a_prompt_that_is_continued_need_one_token_of_the_last_layer() -> None:
    model = made("llama")
    assert last_layer.use(model)
    with counted(model) as seen:
        attention.Prefix(model, [5, 6, 7, 8, 9])
    assert seen == [1]
    prompts = [[5, 6, 7, 8], [9, 10], [11, 12, 13]]
    with counted(model) as seen:
        found = decode.greedy(model, prompts, 4, 2, 0)
    assert seen[:2] == [3, 3]  # the prompts of 3 x 4 places, then a token each
    with torch.no_grad():
        for prompt, ids in zip(prompts, found, strict=True):
            whole = model(input_ids=torch.tensor([[*prompt, *ids]]), use_cache=False).logits[0, len(prompt) - 1 : -1]
            assert whole.argmax(-1).tolist() == ids
