"""Batches whose rows share an opening, lie in room made ahead and leave early: the text of each prompt alone, for any architecture."""

from __future__ import annotations

import random
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra 'local' is not installed")

from bioinstruct.models import decode  # noqa: E402
from bioinstruct.models.checkpoint import quiet  # noqa: E402
from bioinstruct.models.local import LocalModel  # noqa: E402

PAD = 0
OPENING = [7, 8, 9, 10, 11, 12] * 4
SIZES = {"vocab_size": 60, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": None, "initializer_range": 0.25}
LLAMA = {
    **SIZES, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 128,
}  # fmt: skip
ARCHITECTURES: dict[str, tuple[dict[str, Any], bool | None]] = {
    "Llama": (LLAMA, True),
    "Qwen2": (LLAMA, True),
    "Mistral": ({**LLAMA, "sliding_window": 64}, False),
    "Gemma2": ({**LLAMA, "head_dim": 8, "sliding_window": 64}, False),
    "GPT2": ({**SIZES, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128}, True),
    "OPT": ({**LLAMA, "ffn_dim": 48, "word_embed_proj_dim": 32, "init_std": 0.25}, None),
    "GPTNeoX": (LLAMA, True),
    "Bloom": ({**SIZES, "hidden_size": 32, "n_layer": 2, "n_head": 4}, None),
    "Mpt": ({**SIZES, "d_model": 32, "n_layers": 2, "n_heads": 4, "max_seq_len": 128}, None),
}
"""Class name to its configuration's fields, and whether `greedy` fits it; None = either, as long as the text is right."""


def made(name: str) -> Any:
    import transformers

    torch.manual_seed(5)
    fields, _ = ARCHITECTURES[name]
    with quiet():
        return transformers.AutoModelForCausalLM.from_config(getattr(transformers, f"{name}Config")(**fields)).eval()


def asked(n: int, opening: list[int], seed: int = 0) -> list[list[int]]:
    rng = random.Random(seed)
    return [opening + [rng.randrange(3, 60) for _ in range(rng.randint(1, 20))] for _ in range(n)]


def cut(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end)] if end in ids else ids


def alone(model: Any, prompt: list[int], limit: int, end: int) -> list[int]:
    """Greedy ids of one prompt, each from a pass over everything before it."""
    ids = list(prompt)
    with torch.no_grad():
        while len(ids) < len(prompt) + limit and (len(ids) == len(prompt) or ids[-1] != end):
            ids.append(int(model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].argmax()))
    return cut(ids[len(prompt) :], end)


@contextmanager
def passes(model: Any) -> Iterator[list[tuple[int, int]]]:
    """Shapes (rows, tokens) of the passes through a model."""
    seen: list[tuple[int, int]] = []
    hook = model.get_input_embeddings().register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))
    try:
        yield seen
    finally:
        hook.remove()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_writes_what_it_writes_alone(name: str, tokenizer: Any) -> None:
    model = made(name)
    expected = ARCHITECTURES[name][1]
    with quiet():
        fits = decode.fits(model, PAD)
        assert expected is None or fits == expected
        prompts = asked(7, OPENING)
        free = alone(model, prompts[0], 14, -1)
        end = free[5]  # some rows end, at different places
        texts = [alone(model, prompt, 14, end) for prompt in prompts]
        assert [cut(ids, end) for ids in decode.plain(model, prompts, 14, end, PAD)] == texts
        if fits:
            assert [cut(ids, end) for ids in decode.greedy(model, prompts, 14, end, PAD)] == texts
        if not hasattr(model.config, "max_position_embeddings"):
            model.config.max_position_embeddings = 128
        local = LocalModel(model, tokenizer)
        assert [list(found.ids) for found in local.generate(prompts, 14, end, 120)] == texts
        assert local._decoding_fits == fits


@pytest.mark.parametrize("opening", [[], OPENING[:5], OPENING])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_any_opening_and_any_number_of_rows(opening: list[int], n: int) -> None:
    model = made("Llama")
    prompts = asked(n, opening, seed=n)
    end = alone(model, prompts[-1], 12, -1)[3]
    assert [cut(ids, end) for ids in decode.greedy(model, prompts, 12, end, PAD)] == [alone(model, one, 12, end) for one in prompts]
    twice = [prompts[0]] * 3
    assert [cut(ids, end) for ids in decode.greedy(model, twice, 12, end, PAD)] == [alone(model, prompts[0], 12, end)] * 3


def test_the_opening_is_computed_once_and_ended_rows_leave() -> None:
    model = made("Llama")
    prompts = asked(8, OPENING)
    end = alone(model, prompts[0], 30, -1)[2]
    lengths = [len(alone(model, prompt, 30, end)) for prompt in prompts]
    assert len(set(lengths)) > 2, "the prompts should end at different places"
    with passes(model) as seen:
        decode.greedy(model, prompts, 30, end, PAD)
    assert seen[0] == (1, len(OPENING))
    assert seen[1] == (8, max(map(len, prompts)) - len(OPENING))
    rows = [shape[0] for shape in seen[1:]]
    assert rows == sorted(rows, reverse=True)
    assert rows[-1] < 8
    assert all(shape[1] == 1 for shape in seen[2:])
    # Whenever a pass begins, fewer than one in GONE of its rows have ended.
    for step, width in enumerate(rows[1:], 1):
        assert width - sum(length >= step for length in lengths) < width / decode.GONE


def states(rows: int, tokens: int, seed: int) -> tuple[Any, Any]:
    torch.manual_seed(seed)
    return torch.randn(rows, 2, tokens, 4), torch.randn(rows, 2, tokens, 4)


def test_a_roomy_layer_holds_what_a_plain_one_holds() -> None:
    from transformers.cache_utils import DynamicLayer

    roomy, usual = decode.RoomyLayer(12), DynamicLayer()

    def both(rows: int, tokens: int, seed: int) -> None:
        for got, expected in zip(roomy.update(*states(rows, tokens, seed)), usual.update(*states(rows, tokens, seed)), strict=True):
            assert torch.equal(got, expected)
        assert roomy.get_seq_length() == usual.get_seq_length()

    both(1, 3, 0)
    for layer in (roomy, usual):
        layer.batch_repeat_interleave(6)
    both(6, 4, 1)
    start = roomy.keys.data_ptr()
    both(6, 1, 2)
    for indices in ([0, 5, 2, 4], [0, 1, 3], [2, 0]):  # the last one is in its own way, and is moved
        kept = torch.tensor(indices)
        for layer in (roomy, usual):
            layer.batch_select_indices(kept)
        assert (roomy.keys.data_ptr() == start) == (indices != [2, 0])
        assert torch.equal(roomy.keys, usual.keys)
        assert torch.equal(roomy.values, usual.values)
    both(2, 1, 3)
    for layer in (roomy, usual):
        layer.reorder_cache(torch.tensor([1, 0]))
    both(2, 9, 4)  # beyond the room
    for layer in (roomy, usual):
        layer.crop(-2)
    both(2, 1, 5)
    for layer in (roomy, usual):
        layer.reset()
    both(3, 2, 6)


def test_rows_close_up_with_the_fewest_moves() -> None:
    assert decode._closed_up([False, True, False, True, False]) == [0, 4, 2]
    assert decode._closed_up([False, False]) == [0, 1]
    assert decode._closed_up([True, True]) == []


def test_a_model_that_counts_places_instead_of_positions_is_told_apart(tiny: Path) -> None:
    local = LocalModel.load(tiny, device="cpu")
    prompts = asked(5, OPENING)
    expected = local.generate(prompts, 8, 1, 1000)
    assert local._decoding_fits

    class Counting:
        """Puts the column's number in place of the position given, where there is a cache."""

        def __call__(self, _: Any, arguments: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
            cache, ids = named.get("past_key_values"), named["input_ids"]
            held = cache.get_seq_length() if cache is not None else 0
            return arguments, {**named, "position_ids": torch.arange(held, held + ids.shape[1])[None]}

    other = LocalModel.load(tiny, device="cpu")
    other.model.register_forward_pre_hook(Counting(), with_kwargs=True)
    assert not decode.fits(other.model, PAD)
    # Rotations are relative: with padding on the left only, the count gives the same text.
    assert other.generate(prompts, 8, 1, 1000) == expected


@pytest.mark.parametrize(("heads", "queries", "masked"), [(2, 1, True), (4, 1, True), (4, 1, False), (4, 3, True)])
def test_attending_is_torchs_attention_also_of_grouped_heads(heads: int, queries: int, masked: bool) -> None:
    generator = torch.Generator().manual_seed(1)
    query = torch.randn(3, heads, queries, 8, generator=generator)
    key, value = (torch.randn(3, 2, 6, 8, generator=generator) for _ in range(2))
    mask = torch.ones(3, 1, queries, 6, dtype=torch.bool)
    mask[1, :, :, :4] = False
    repeated = (states.repeat_interleave(heads // 2, 1) for states in (key, value))
    expected = torch.nn.functional.scaled_dot_product_attention(query, *repeated, attn_mask=mask if masked else None, scale=0.3)
    module = types.SimpleNamespace(num_key_value_groups=heads // 2, is_causal=True)
    found, _ = decode.attend(module, query, key, value, mask if masked else None, 0.3, dropout=0.0)
    torch.testing.assert_close(found, expected.transpose(1, 2))
    halved, _ = decode.attend(module, query.bfloat16(), key, value, mask if masked else None, 0.3, dropout=0.0)
    assert halved.dtype is torch.bfloat16  # computed in the keys' precision, given back in the query's


def test_the_models_own_attention_is_back_after_a_batch(tiny: Path) -> None:
    model = LocalModel.load(tiny, device="cpu")
    model.generate([[5, 6, 7], [5, 6]], 3, 1, 100)
    assert model._decoding_fits
    assert model.model.config._attn_implementation == "sdpa"
