"""Records of random ids, as long as BioInstruct's, and LLaMA-2-7B's shape with random weights: for `tune_gpu.py` and its peer.

Nothing is downloaded, and nothing but transformers and torch is needed, so that a peer's environment can make the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

CELL = 32
LENGTHS = {
    (0, 0): 2, (0, 1): 8, (0, 2): 6, (0, 3): 10, (0, 5): 2, (0, 6): 1, (0, 7): 1, (1, 0): 5, (1, 1): 12, (1, 2): 5, (1, 3): 1, (1, 4): 1,
    (2, 0): 3, (2, 1): 6, (2, 2): 1, (2, 4): 1, (2, 6): 1, (3, 0): 2, (3, 1): 3, (3, 2): 3, (4, 1): 3, (4, 2): 1, (5, 0): 1, (5, 2): 3,
    (5, 3): 1, (5, 4): 1, (6, 1): 2, (6, 2): 2, (6, 3): 4, (6, 4): 1, (7, 2): 4, (7, 3): 4, (7, 5): 1, (8, 3): 2, (8, 4): 2, (9, 1): 1,
    (9, 2): 1, (10, 2): 1, (10, 4): 1, (10, 5): 1, (12, 0): 1,
}  # fmt: skip
"""(tokens of instruction and input // 32, tokens of output // 32) -> records: counted over 112 BioInstruct records under LLaMA's tokenizer."""
PREAMBLE, FORM = 39, 13
"""Tokens of the template's opening with BOS, and of its further parts with the end mark."""


@dataclass(frozen=True)
class Shape:
    """A LLaMA architecture with an output layer of its own."""

    name: str
    vocabulary: int
    hidden: int
    inner: int
    layers: int
    heads: int

    @property
    def body(self) -> int:
        """Parameters of the linear layers in the blocks: what a token is multiplied with."""
        return self.layers * (4 * self.hidden**2 + 3 * self.hidden * self.inner)

    @property
    def head(self) -> int:
        """Parameters of the output layer."""
        return self.vocabulary * self.hidden


LLAMA_2_7B = Shape("LLaMA-2-7B", 32_000, 4096, 11_008, 32, 32)
TINY = Shape("tiny", 512, 64, 160, 2, 4)


@dataclass(frozen=True)
class Record:
    """A record as ids."""

    preamble: tuple[int, ...]
    """The same for all."""
    body: tuple[int, ...]
    """The rest of the prompt, the output and the end mark."""
    trained: int
    """How many of its last ids are trained."""

    @property
    def ids(self) -> tuple[int, ...]:
        """All of them."""
        return self.preamble + self.body


def make_records(n: int, shape: Shape, seed: int = 0) -> list[Record]:
    """`n` records with lengths drawn from `LENGTHS`, evenly within a cell, and ids drawn evenly; the same seed gives the same records."""
    dice = random.Random(f"records/{seed}")
    cells = list(LENGTHS)
    weights = list(accumulate(LENGTHS.values()))
    preamble = tuple(3 + dice.randrange(shape.vocabulary - 3) for _ in range(PREAMBLE))
    made = []
    for asked, answered in dice.choices(cells, cum_weights=weights, k=n):
        output = answered * CELL + dice.randrange(CELL) + 1
        prompt = asked * CELL + dice.randrange(CELL) + FORM - 1
        ids = (3 + dice.randrange(shape.vocabulary - 3) for _ in range(prompt + output))
        made.append(Record(preamble, (*ids, 1), output + 1))
    return made


def make_model(shape: Shape, device: str, attention: str) -> Any:
    """Random weights in bfloat16 on the device, never on the CPU in between."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.inner, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, max_position_embeddings=4096, tie_word_embeddings=False, bos_token_id=0, eos_token_id=1,
        pad_token_id=2, attn_implementation=attention,
    )  # fmt: skip
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            return LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(before)


def operations(shape: Shape, tokens: int, trained: int) -> float:
    """4 x parameters x tokens: forward, and backward to activations alone; the output layer by the positions that have a label."""
    return 4.0 * (shape.body * tokens + shape.head * trained)
