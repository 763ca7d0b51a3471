"""Where a prompt's ids are those of its whole text in one piece, as other tools make them, and where they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.template import ALPACA, PAPER, Template
from bioinstruct.models.encode import Encoder

pytest.importorskip("transformers", reason="the extra 'local' is not installed")

RECORD = ("Name the drug class.", "metformin 500 mg\n\n- first line\n- second")
SHOTS = [("Is it a drug?", "aspirin", "yes"), ("Say it again.", "", "no, it is\n\nmade up")]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
"""How two families of models cut a text before they join bytes; the first ends a run of white space before its last sign."""


def trained(cut: Any, decoder: Any, alphabet: list[str]) -> Any:
    """A tokenizer that joins line breaks wherever its cutting lets it."""
    from tokenizers import Tokenizer, models, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE(unk_token="<unk>"))
    backend.pre_tokenizer = cut
    backend.decoder = decoder
    corpus = [PAPER.shots(SHOTS), PAPER.prompt(*RECORD), "a line\n\n", "another line\n\n"] * 5
    trainer = trainers.BpeTrainer(
        vocab_size=700, min_frequency=1, special_tokens=["<unk>", "<s>", "</s>"], initial_alphabet=alphabet, show_progress=False
    )
    backend.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


def byte_level(pattern: str) -> Any:
    from tokenizers import Regex, decoders, pre_tokenizers

    cut = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    return trained(cut, decoders.ByteLevel(), pre_tokenizers.ByteLevel.alphabet())


def metaspace() -> Any:
    from tokenizers import decoders, pre_tokenizers

    return trained(pre_tokenizers.Metaspace(prepend_scheme="always"), decoders.Metaspace(), [])


@pytest.mark.parametrize("pattern", [GPT2, LLAMA3], ids=["gpt2", "llama3"])
@pytest.mark.parametrize("shots", [(), SHOTS[:1], SHOTS], ids=len)
@pytest.mark.parametrize("template", [PAPER, ALPACA], ids=lambda one: one.name)
@pytest.mark.parametrize("given", ["", RECORD[1]], ids=["alone", "with input"])
def test_byte_level_prompts_have_the_ids_of_their_whole_text(pattern: str, shots: Any, template: Template, given: str) -> None:
    tokenizer = byte_level(pattern)
    assert tokenizer("x\n\n")["input_ids"][-1] == tokenizer.convert_tokens_to_ids("ĊĊ")  # line breaks are joined at a text's end
    encoder = Encoder(tokenizer, template)
    whole = template.shots(list(shots)) + template.prompt(RECORD[0], given)
    assert encoder.prompt_ids(RECORD[0], given, shots) == tokenizer(whole)["input_ids"]
    context = tokenizer(whole)["input_ids"]
    for option in ("yes", "metformin 500 mg", "A"):
        assert tokenizer(f"{whole} {option}")["input_ids"] == context + encoder.output_ids(option, end=False)


@pytest.mark.parametrize("shots", [(), SHOTS], ids=len)
def test_a_space_before_every_text_stands_once_more_before_the_instruction(shots: Any) -> None:
    tokenizer = metaspace()
    encoder = Encoder(tokenizer, PAPER)
    whole = PAPER.shots(list(shots)) + PAPER.prompt(*RECORD)
    ours, theirs = (
        "".join(tokenizer.convert_ids_to_tokens(ids)) for ids in (encoder.prompt_ids(*RECORD, shots), tokenizer(whole)["input_ids"])
    )
    before = len("▁" + PAPER.shots(list(shots)) + PAPER.preamble(True))
    assert ours == theirs[:before] + "▁" + theirs[before:]


def test_what_comes_before_the_body_is_shared_by_all_prompts_with_the_same_shots() -> None:
    encoder = Encoder(byte_level(GPT2), PAPER)
    one, other = (encoder.prompt_ids(text, "metformin", SHOTS) for text in ("Name it.", "Explain it."))
    before = encoder.tokenizer(PAPER.shots(SHOTS) + PAPER.preamble(True))["input_ids"]
    assert one[: len(before)] == other[: len(before)] == before
    assert encoder.prompt_ids("Name it.", "metformin")[: len(encoder.preamble_ids(True))] == encoder.preamble_ids(True)


@pytest.mark.real
def test_a_real_sentencepiece_tokenizer_has_one_piece_more(real: Path) -> None:
    from bioinstruct.models.local import load_tokenizer

    encoder = Encoder(load_tokenizer(real), PAPER)
    ours = encoder.prompt_ids(*RECORD, SHOTS)
    theirs = list(encoder.tokenizer(PAPER.shots(SHOTS) + PAPER.prompt(*RECORD))["input_ids"])
    place = len(ours) - len(encoder._ids(PAPER.body(*RECORD)))
    assert encoder.tokenizer.convert_ids_to_tokens(ours[place]) == "▁"
    assert ours[:place] + ours[place + 1 :] == theirs
