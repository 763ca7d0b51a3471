"""A tiny random base and a dozen records for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.records import Category, Instruction, Origin, instruction_id

ROWS = [
    ("Name the drug class.", "metformin 500 mg", "biguanide"),
    ("Is the drug safe in pregnancy? Answer yes, no or maybe.", "isotretinoin", "no"),
    ("Give the usual dose.", "aspirin for the heart", "81 mg per day"),
    ("What does BMI stand for?", "", "body mass index"),
    ("Say whether the hypothesis follows.", "Premise: the patient takes aspirin. Hypothesis: no drugs.", "contradiction"),
    ("List the medications with their status.", "She stopped warfarin and takes apixaban.", "warfarin (discontinued); apixaban (active)"),
    ("Explain in one sentence why the heart beats faster in fever.", "", "Heat speeds up the pacemaker cells."),
    ("Simplify the sentence for a patient.", "Hypertension was noted.", "Your blood pressure was high."),
]


def record(instruction: str, input: str, output: str) -> Instruction:
    return Instruction(instruction_id(instruction, input, output), instruction, input, output, Category.OTHER, Origin("seed"))


@pytest.fixture
def records() -> list[Instruction]:
    return [record(*row) for row in ROWS]


@pytest.fixture
def make_record() -> Any:
    return record


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    opening = "Below is an instruction that describes a task. Write a response that appropriately completes the request."
    backend.train_from_iterator([opening] * 3 + [" ".join(row) for row in ROWS], trainer)
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>")


def make_base(folder: Path, **changes: Any) -> Path:
    """A two-layer LLaMA in transformers format."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from bioinstruct.models.checkpoint import quiet

    tokenizer = _tokenizer()
    settings = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 512, "initializer_range": 0.2, "bos_token_id": 0, "eos_token_id": 1,
        "tie_word_embeddings": True,
    }  # fmt: skip
    torch.manual_seed(7)
    with quiet():
        LlamaForCausalLM(LlamaConfig(**{**settings, **changes})).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def build_base() -> Any:
    return make_base


@pytest.fixture(scope="session")
def encoder(base: Path) -> Any:
    from bioinstruct.core import template
    from bioinstruct.models.encode import Encoder
    from bioinstruct.models.local import load_tokenizer

    return Encoder(load_tokenizer(base), template.PAPER)
