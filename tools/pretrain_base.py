"""Pre-train the embedded base model: tokenizer, documents, training, and the figures for its model card.

    python tools/pretrain_base.py --out src/bioinstruct/embedded/base

Reads only documents rendered from `embedded/knowledge` (`embedded/documents.py`). The tokenizer's merges are counted on those documents
and, with `--general-text`, on other English text beside them, so that real text does not fall into single letters; no sentence of it is
trained on or shipped. Resumes from `--out` if the script was interrupted. Needs the `local` extra.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch.nn.functional import cross_entropy
from transformers import AttentionInterface, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from bioinstruct.core.template import PAPER
from bioinstruct.embedded import documents, teacher
from bioinstruct.generate import prompt, seeds
from bioinstruct.models import attention

CONTEXT = 1024
VOCABULARY = 4096
SPECIAL = ("<|pad|>", "<|bos|>", "<|end|>", "<|user|>", "<|assistant|>")
BATCH_TOKENS = 5120
STEPS = 2450
PHASES = (
    (0, "broad", 256, 0),
    (500, "knowledge", 256, 1),
    (950, "skills", 256, 2),
    (2150, "skills", CONTEXT, 3),
)
"""From which step which mix of documents (`documents.MIXES`) is read, in rows of how many tokens, and what is added to the
seed. docs/lab_log.md says why each came."""
RATES = ((0, 0.00003), (100, 0.0025), (1400, 0.0025), (2450, 0.00002))
"""Knots of the learning rate: (step, rate)."""
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}<|assistant|> {{ message['content'] }}<|end|>"
    "{% else %}<|user|> {{ message['content'] }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WORDS = r"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
"""A number of up to three digits can be one piece, so that an age or a dose is copied in one step."""


def train_tokenizer(seed: int, general_text: Path | None) -> PreTrainedTokenizerFast:
    """Byte-level BPE over rendered documents, the prompt template's English, the teacher's wording and, if given, general text.

    Only the merges know the teacher's wording: how often its pieces stand side by side. The model reads none of it.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(WORDS), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    corpus = [text for _, text in islice(documents.stream(seed), 50_000)]
    corpus += instructions(seed, 1200)
    if general_text is not None:
        rows = [json.loads(line) for line in general_text.read_text(encoding="utf-8").splitlines()[:400]]
        corpus += [value for row in rows for value in row.values() if isinstance(value, str)]
    corpus += [PAPER.preamble(True) + PAPER.body("Answer", "text"), PAPER.preamble(False)] * 200
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=list(SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<|bos|> $A", special_tokens=[("<|bos|>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|bos|>", eos_token="<|end|>", pad_token="<|pad|>", model_max_length=CONTEXT,
        chat_template=CHAT_TEMPLATE, clean_up_tokenization_spaces=False,
    )  # fmt: skip


def instructions(seed: int, n_requests: int) -> list[str]:
    """Instructions of the teacher's replies to requests that no default run makes."""
    drawn_from = seeds.load("builtin")
    shown = [prompt.render(prompt.draw(drawn_from, number, seed, 3), 20) for number in range(n_requests)]
    return [task.instruction for number, text in enumerate(shown) for task in teacher.reply(text, prompt.derive(seed, number)).tasks]


def causal(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    scaling: float,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention in plain matrix products: on this kind of CPU a fifth more tokens a second than torch's kernel."""
    behind = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool).tril()
    return attention.masked(module, query, key, value, behind, scaling)


def rows(tokenizer: PreTrainedTokenizerFast, seed: int, mix: str, length: int) -> Iterator[list[int]]:
    """Rows of `length` ids: whole documents, each `<|bos|> text <|end|>`, first-fit from a buffer; the rest is padding."""
    stream = documents.stream(seed, mix)
    waiting: list[list[int]] = []
    while True:
        if len(waiting) < 256:
            texts = [text for _, text in islice(stream, 512)]
            waiting += [[*ids, tokenizer.eos_token_id][:length] for ids in tokenizer(texts)["input_ids"]]
        row: list[int] = []
        for ids in list(waiting[:128]):
            if len(row) + len(ids) <= length:
                row += ids
                waiting.remove(ids)
            if length - len(row) < 12:
                break
        yield row + [tokenizer.pad_token_id] * (length - len(row))


def configuration(tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    """LLaMA architecture, about 6 million parameters."""
    return LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=256, intermediate_size=768, num_hidden_layers=6, num_attention_heads=4, num_key_value_heads=4,
        max_position_embeddings=CONTEXT, tie_word_embeddings=True, rms_norm_eps=1e-5, initializer_range=0.03,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


def optimizer(model: LlamaForCausalLM, rate: float) -> torch.optim.Optimizer:
    """AdamW, without weight decay on norms and embeddings. Muon was tried: its step cost half the passes here."""
    decayed = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    plain = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True)


def rate_at(step: int) -> float:
    """Learning rate of a step: straight lines between the knots of `RATES`."""
    for (before, low), (after, high) in pairwise(RATES):
        if step < after:
            return low + (high - low) * (step - before) / (after - before)
    return RATES[-1][1]


def phase_at(step: int) -> tuple[int, int]:
    """Number of the phase that a step belongs to, and its row length in tokens."""
    number = max(number for number, (begins, *_) in enumerate(PHASES) if begins <= step)
    return number, PHASES[number][2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--general-text", type=Path)
    parser.add_argument("--stop-after", type=int, default=0, help="steps to run now; 0 = all (to try things)")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(arguments.seed - 1, arguments.general_text)
    tokenizer.save_pretrained(arguments.out)
    AttentionInterface.register("causal", causal)
    model = LlamaForCausalLM(configuration(tokenizer))
    model.set_attn_implementation("causal")
    model.train()
    adamw = optimizer(model, rate_at(0))
    sources = [rows(tokenizer, arguments.seed + plus, mix, length) for _, mix, length, plus in PHASES]
    checkpoint = arguments.out / "training.pt"
    start = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        start = state["step"]
        model.load_state_dict(state["model"])
        adamw.load_state_dict(state["optimizer"])
    began, seen, smooth = time.time(), 0, 0.0
    for step in range(STEPS):
        phase, length = phase_at(step)
        if step < start and phase != phase_at(start)[0]:
            continue  # streams are independent: only the current one has to be read up to where it was
        ids = torch.tensor([next(sources[phase]) for _ in range(BATCH_TOKENS // length)])
        if step < start:
            continue
        for group in adamw.param_groups:
            group["lr"] = rate_at(step)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(input_ids=ids, use_cache=False).logits
        targets = ids[:, 1:].masked_fill(ids[:, 1:] == tokenizer.pad_token_id, -100)
        loss = cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten(), ignore_index=-100)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adamw.step()
        adamw.zero_grad(set_to_none=True)
        seen += ids.numel()
        smooth = loss.item() if not smooth else 0.97 * smooth + 0.03 * loss.item()
        if step % 20 == 0 or step == STEPS - 1:
            print(f"step {step}/{STEPS} loss {smooth:.3f} {seen / (time.time() - began):.0f} tokens/s", flush=True)
        if step % 100 == 99 or step == STEPS - 1:
            temporary = checkpoint.with_suffix(".partial")
            torch.save({"step": step + 1, "model": model.state_dict(), "optimizer": adamw.state_dict()}, temporary)
            temporary.replace(checkpoint)
        if arguments.stop_after and step + 1 - start >= arguments.stop_after:
            return
    save(model, tokenizer, arguments.out)
    checkpoint.unlink()
    print(f"saved to {arguments.out} after {time.time() - began:.0f} s; loss {smooth:.3f}; perplexity {math.exp(smooth):.2f}")


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """The model in bfloat16 safetensors with its configuration."""
    model = model.to(torch.bfloat16)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.generation_config.bos_token_id = tokenizer.bos_token_id
    model.save_pretrained(out, safe_serialization=True)


if __name__ == "__main__":
    main()
