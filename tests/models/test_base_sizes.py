"""Sizes of a base from headers alone: against the weights themselves, and against what peft really trains."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import TuneSection
from bioinstruct.models import architecture

torch = pytest.importorskip("torch")


def llama(hidden: int, inner: int, layers: int, heads: int, vocabulary: int) -> architecture.Architecture:
    """Sizes of a LLaMA without weights."""
    block = {
        **{f"self_attn.{name}_proj": (hidden, hidden) for name in "qkvo"},
        **{f"mlp.{name}_proj": (inner, hidden) for name in ("gate", "up")},
        "mlp.down_proj": (hidden, inner),
        "input_layernorm": (hidden,),
        "post_attention_layernorm": (hidden,),
    }
    shapes: dict[str, tuple[int, ...]] = {f"model.layers.{n}.{name}.weight": shape for n in range(layers) for name, shape in block.items()}
    shapes |= {"model.embed_tokens.weight": (vocabulary, hidden), "lm_head.weight": (vocabulary, hidden), "model.norm.weight": (hidden,)}
    config = {"model_type": "llama", "hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": layers,
              "num_attention_heads": heads, "vocab_size": vocabulary}  # fmt: skip
    return architecture.describe("shapes", config, shapes, 2 * sum(map(prod, shapes.values())))


def test_llama_2_7b_has_its_known_sizes():
    base = llama(4096, 11_008, 32, 32, 32_000)
    assert base.parameters == 6_738_415_616
    assert base.trained(16, "all-linear") == 39_976_960
    assert base.trained(8, ["q_proj", "v_proj"]) == 4_194_304
    assert (base.head, base.tied, base.key_heads, base.head_size) == (131_072_000, False, 32, 128)


@pytest.mark.parametrize("targets", ["all-linear", "q_proj,v_proj", "down_proj"])
def test_the_embedded_base_as_it_is_loaded_and_tuned(targets: str):
    from bioinstruct.models.local import LocalModel
    from bioinstruct.tune import adapter

    base = architecture.read("embedded")
    model = LocalModel.load("embedded").model
    assert base.parameters == sum(weight.numel() for weight in model.parameters())
    assert base.tied
    assert base.stored_bytes == 2 * base.parameters + base.stored_bytes % (2 * base.parameters)  # bfloat16 and a header
    assert (base.layers, base.hidden, base.vocabulary) == (6, 256, 4096)
    section = TuneSection(rank=4, target_modules=targets)
    tuned = adapter.attach(model, section, 0)
    trained = sum(weight.numel() for weight in tuned.parameters() if weight.requires_grad)
    assert base.trained(4, adapter.targets(section)) == trained


def test_gpt_2_in_its_own_names_and_its_own_order_of_sizes():
    shapes = {"wte.weight": (50, 8), "wpe.weight": (16, 8), "h.0.attn.c_attn.weight": (8, 24), "h.0.attn.c_attn.bias": (24,)}
    config = {"model_type": "gpt2", "n_embd": 8, "n_layer": 1, "n_head": 2, "vocab_size": 50}
    base = architecture.describe("tiny", config, shapes, 0)
    assert base.linear == {"h.0.attn.c_attn": (8, 24)}
    assert (base.inner, base.head_size, base.embedding, base.parameters) == (32, 4, 400, 400 + 128 + 192 + 24)


def test_what_is_missing_is_said():
    with pytest.raises(InputError, match="without hidden_size"):
        architecture.describe("x", {"model_type": "llama"}, {"model.embed_tokens.weight": (4, 4)}, 0)
    config = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1, "vocab_size": 4}
    with pytest.raises(InputError, match="no embedding of a known name"):
        architecture.describe("x", config, {"a.weight": (4, 4)}, 0)
    with pytest.raises(InputError, match="got nowhere; allowed: 'all-linear' or some of down_proj, gate_proj"):
        llama(8, 16, 1, 2, 50).trained(4, ["nowhere"])


def test_weights_in_several_files_are_counted_once_each(tmp_path: Path):
    from safetensors.torch import save_file

    config = {"model_type": "llama", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1, "vocab_size": 6}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    save_file({"model.embed_tokens.weight": torch.zeros(6, 4)}, tmp_path / "a.safetensors")
    save_file({"model.layers.0.mlp.up_proj.weight": torch.zeros(8, 4)}, tmp_path / "b.safetensors")
    names = {"model.embed_tokens.weight": "a.safetensors", "model.layers.0.mlp.up_proj.weight": "b.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}), encoding="utf-8")
    base = architecture.read(str(tmp_path))
    assert (base.parameters, base.computed, base.linear) == (56, 32, {"model.layers.0.mlp.up_proj": (4, 8)})
    assert base.stored_bytes == sum((tmp_path / name).stat().st_size for name in ("a.safetensors", "b.safetensors"))


def test_a_hub_id_is_asked_for_headers_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    hub = pytest.importorskip("huggingface_hub")
    from types import SimpleNamespace

    config = {"model_type": "llama", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1, "vocab_size": 6}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    asked: list[str] = []

    def download(repository: str, name: str) -> str:
        asked.append(f"{repository}/{name}")
        return str(file)

    tensors = {"model.embed_tokens.weight": SimpleNamespace(shape=[6, 4], dtype="BF16")}
    monkeypatch.setattr(hub, "hf_hub_download", download)
    monkeypatch.setattr(
        hub, "get_safetensors_metadata", lambda _: SimpleNamespace(files_metadata={"model.safetensors": SimpleNamespace(tensors=tensors)})
    )
    base = architecture.read("somebody/model")
    assert asked == ["somebody/model/config.json"]
    assert (base.parameters, base.stored_bytes, base.local) == (24, 48, False)


def test_offline_a_hub_id_is_one_clear_line(monkeypatch: pytest.MonkeyPatch):
    hub = pytest.importorskip("huggingface_hub")

    def refuse(*_: object) -> None:
        raise ConnectionError("offline mode\nis enabled")

    monkeypatch.setattr(hub, "hf_hub_download", refuse)
    with pytest.raises(
        InputError, match=r"got 'somebody/model' \(ConnectionError: offline mode is enabled\); allowed: a folder, or a hub id"
    ):
        architecture.read("somebody/model")
