"""Bases with random weights and records of random words, made without downloads: for benchmarks of tuning.

A record's instruction, input and output are as many tokens long as those of records of Alpaca 52k are under LLaMA's tokenizer (`record_lengths.json`), the
template's preamble is as long as there, and word frequencies follow Zipf's law. The same arguments give the same files.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from itertools import accumulate, product
from pathlib import Path
from typing import Any

LONGEST = 460
"""Tokens of instruction, input and output; with the template they fit a row of 512."""
SPLIT = {
    "###": ("", "##"), " Instruction": ("Inst", "ruction"), " appropriately": ("appropri", "ately"), " completes": ("comple", "tes"),
    " paired": ("pa", "ired"),
}  # fmt: skip
"""Words of the template that LLaMA's tokenizer takes apart, so that the preamble is as long here as there: 29 tokens, 39 with an input."""


@dataclass(frozen=True)
class Shape:
    """A LLaMA architecture; embedding and output layer are one."""

    name: str
    vocabulary: int
    hidden: int
    inner: int
    layers: int
    heads: int

    @property
    def head_share(self) -> float:
        """Of the output layer in the matrix work."""
        body = self.layers * (4 * self.hidden**2 + 3 * self.hidden * self.inner)
        return self.vocabulary * self.hidden / (self.vocabulary * self.hidden + body)


def make_tokenizer(vocabulary: int) -> tuple[Any, list[str]]:
    """A byte-level BPE tokenizer and the made-up words that are one token after a space."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    from bioinstruct.core import template

    syllables = ["".join(one) for one in product("bdfgklmnprst", "aeiou", "lnrs")]
    words = [first + second for first in syllables[: 10 if vocabulary < 10_000 else None] for second in syllables]
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<s>", "</s>", "<pad>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    opening = " ".join(template.PAPER.prompt("", text) for text in ("", " "))
    for word, halves in SPLIT.items():
        opening = opening.replace(word, f" {halves[0]}\n{halves[1]}\n")
    backend.train_from_iterator([opening] * 100 + [" " + " ".join(words)], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    known = [word for word in words if len(backend.encode(" " + word, add_special_tokens=False)) == 1]
    if len(tokenizer) != vocabulary or len(known) < vocabulary / 4:
        raise SystemExit(f"tokenizer: got {len(tokenizer)} tokens and {len(known)} words for a vocabulary of {vocabulary}")
    random.Random(0).shuffle(known)
    return tokenizer, known


def make_base(shape: Shape, tokenizer: Any, folder: Path) -> None:
    """Random weights in transformers' format."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from bioinstruct.models.checkpoint import quiet

    config = LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.inner, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, max_position_embeddings=2048, tie_word_embeddings=True, bos_token_id=0, eos_token_id=1,
        pad_token_id=2,
    )  # fmt: skip
    torch.manual_seed(0)
    with quiet():
        LlamaForCausalLM(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def make_records(n: int, words: list[str], data: Path, seed: str) -> list[dict[str, str]]:
    """`n` records of drawn lengths; prompt and completion are the template's text."""
    from bioinstruct.core import template

    rows = json.loads((data / "record_lengths.json").read_text(encoding="utf-8"))["alpaca_9k"]
    dice = random.Random(seed)
    fitting = sorted((row for row in rows if sum(row) <= LONGEST), key=sum)
    # One length from each of `n` equal parts, so that few records have the mean of all.
    lengths = [fitting[int((place + dice.random()) * len(fitting) / n)] for place in range(n)]
    dice.shuffle(lengths)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))

    def text(tokens: int, starts_line: bool) -> str:
        # Without a space before it a word takes about two tokens.
        drawn = dice.choices(words, cum_weights=weights, k=max(1, tokens - 1 if starts_line else tokens))
        return " ".join(drawn) if tokens else ""

    made = []
    for drawn_lengths in lengths:
        instruction, input, output = (text(tokens, place < 2) for place, tokens in enumerate(drawn_lengths))
        output = output or words[0]
        prompt = template.PAPER.prompt(instruction, input)
        made.append({"instruction": instruction, "input": input, "output": output, "prompt": prompt, "completion": " " + output})
    return made
