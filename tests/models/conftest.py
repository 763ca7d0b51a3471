"""Checkpoints for the tests of this folder: a tiny random one made here, and the real one beside the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CORPUS = [
    "Below is an instruction that describes a task, paired with an input that provides further context.",
    "Write a response that appropriately completes the request.",
    "### Instruction:\nName the drug class of metformin.\n\n### Input:\nmetformin 500 mg\n\n### Output: biguanide",
    "Premise: the patient takes aspirin daily. Hypothesis: the patient takes no drugs. contradiction entailment neutral",
    "yes no maybe the dose is 81 mg per day (active); (discontinued); (neither)",
]


def byte_level(pad: str | None = None, added: tuple[str, ...] = (), merges: int = 120) -> Any:
    """A byte-level BPE tokenizer trained on a few sentences, with `<s>` before every text and `</s>` as its end."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", *([pad] if pad and pad not in ("<s>", "</s>") else []), *added]
    trainer = trainers.BpeTrainer(
        vocab_size=256 + merges, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    backend.train_from_iterator(CORPUS, trainer)
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token=pad, additional_special_tokens=list(added)
    )


def tiny_model(vocabulary: int, **changes: Any) -> Any:
    """A random two-layer LLaMA with grouped queries, whose weights are large enough for clear decisions."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    settings = {
        "vocab_size": vocabulary, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 192, "initializer_range": 0.25, "bos_token_id": 0, "eos_token_id": 1,
    }  # fmt: skip
    torch.manual_seed(7)
    return LlamaForCausalLM(LlamaConfig(**{**settings, **changes})).eval()


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    return byte_level()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, tokenizer: Any) -> Path:
    """Folder of the tiny checkpoint in transformers format."""
    from bioinstruct.models.checkpoint import quiet

    folder = tmp_path_factory.mktemp("tiny")
    with quiet():
        tiny_model(len(tokenizer)).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def real() -> Path:
    """Folder of the real checkpoint stories260K."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "stories260K"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: the public data is not beside the checkout")
    return folder


@pytest.fixture
def make_tokenizer() -> Any:
    return byte_level


@pytest.fixture
def make_model() -> Any:
    return tiny_model
