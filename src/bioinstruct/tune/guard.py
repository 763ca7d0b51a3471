"""What must hold before and after encoding, so that no training teaches a model the wrong thing without a word.

`problems` looks at the recipe and the base's configuration and tokenizer, never at its weights; `inspect` looks at every
encoded record.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bioinstruct.core import template
from bioinstruct.core.errors import InputError, Problem
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction
from bioinstruct.core.workers import launched
from bioinstruct.models import local, quantized
from bioinstruct.models.checkpoint import vocabulary_problems
from bioinstruct.models.encode import Encoder, declared_ends
from bioinstruct.tune import tracking
from bioinstruct.tune.data import Encoded, Example, encode

_PACKAGES = ("torch", "transformers", "peft", "accelerate", "safetensors")


def problems(section: TuneSection) -> list[Problem]:
    """What is wrong with a tune section and its base; a base that is a hub id gets its small files looked up."""
    missing = [package for package in _PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        return [Problem("tune", f"an installation without {', '.join(missing)}", "pip install 'bioinstruct[local]'")]
    found = local.problems(section.base)
    if found:
        return found
    try:
        config = _config(section.base)
        context = local.context_of(config)
        encoder = Encoder(local.load_tokenizer(section.base), template.get(section.template))
    except InputError as error:
        return list(_from_error(error))
    return [
        *_setting_problems(section),
        *tracking.problems(section.trackers),
        *_vocabulary_problems(section.base, encoder, config),
        *encoder.round_trip_problems(),
        *_end_problems(encoder),
        *_length_problems(encoder, section.max_tokens, context),
        *_target_problems(section, config),
    ]


def context(base: str) -> int:
    """Positions of the base's context, read from its configuration.

    Raises:
        InputError: the base or its configuration cannot be used.
    """
    return local.context_of(_config(base))


def limit(section: TuneSection, context: int) -> int:
    """Most tokens of a record: `tune.max_tokens`, and never more than the model's context."""
    return min(section.max_tokens, context)


def counts(section: TuneSection, instructions: Sequence[Instruction]) -> dict[str, int]:
    """What a training's record counts of these records, found with the base's tokenizer and without its weights.

    Raises:
        InputError: the base, its tokenizer or a record cannot be used.
        MissingExtra: the extra `local` is not installed.
    """
    encoder = Encoder(local.load_tokenizer(section.base), template.get(section.template))
    return encode(instructions, encoder, limit(section, context(section.base))).counts()


def inspect(encoded: Encoded, encoder: Encoder) -> None:
    """Check every encoded record: something is trained, its end mark is trained last, and BOS is not doubled.

    Raises:
        InputError: shows the first record that fails, or says that no record fits.
    """
    if not encoded.examples:
        n = len(encoded.dropped)
        raise InputError(f"tune.max_tokens: got no record that fits ({n} dropped); allowed: a higher limit, or shorter records")
    bos = encoder.tokenizer.bos_token_id
    for example in encoded.examples:
        if len(example.trained) < 2:
            raise _offending(example, encoder, "no trained tokens before the end mark", "an output that gives at least one token")
        if example.trained[-1] != encoder.end_id or encoder.end_id in example.trained[:-1]:
            raise _offending(example, encoder, "an end mark that is not the last trained token alone", "an output followed by one end mark")
        if bos is not None and (*example.preamble, *example.body[: example.labels_from]).count(bos) > 1:
            raise _offending(example, encoder, "a prompt with a doubled beginning-of-text token", "at most one")


def _offending(example: Example, encoder: Encoder, got: str, allowed: str) -> InputError:
    prompt = encoder.tokenizer.decode([*example.preamble, *example.body[: example.labels_from]])
    trained = encoder.tokenizer.decode(list(example.trained))
    return InputError(f"record {example.id}: got {got}; allowed: {allowed}\nprompt: ...{prompt[-200:]!r}\ntrained: {trained[:200]!r}")


def _config(base: str) -> Any:
    from transformers import AutoConfig

    from bioinstruct.models.checkpoint import loading, quiet

    place = local.resolve(base)
    with quiet(), loading(place):
        return AutoConfig.from_pretrained(str(place), trust_remote_code=False, local_files_only=isinstance(place, Path))


def _from_error(error: InputError) -> Iterator[Problem]:
    """The problems in an error's sentences, `place: got G; allowed: A`."""
    for line in str(error).splitlines():
        place, _, rest = line.partition(": got ")
        got, _, allowed = rest.partition("; allowed: ")
        yield Problem(place, got, allowed) if rest else Problem("tune.base", line, "a base that can be loaded")


def _setting_problems(section: TuneSection) -> Iterator[Problem]:
    """Fields that ask for what is not there: a held-out loss, other processes, a package."""
    if section.shard and launched()[1] == 1:
        yield Problem("tune.shard", "true in a single process", "torchrun or accelerate launch with several (docs/tuning.md), or false")
    if section.shard and section.on_out_of_memory == "halve":
        yield Problem("tune.on_out_of_memory", "'halve' with tune.shard", "'stop': the processes make their passes together")
    if section.quantize and section.shard:
        yield Problem("tune.quantize", f"'{section.quantize}' with tune.shard", "null: layers in 4 bits are not shared out")
    if section.quantize and not quantized.installed():
        yield Problem("tune.quantize", f"'{section.quantize}' without {quantized.PACKAGE}", f"pip install 'bioinstruct[{quantized.EXTRA}]'")
    if section.held_out:
        return
    if section.keep == "best":
        yield Problem("tune.keep", "'best' without a held-out loss", "tune.held_out above 0, or 'last'")
    if section.patience is not None:
        yield Problem("tune.patience", f"{section.patience} without a held-out loss", "tune.held_out above 0, or null")


def _vocabulary_problems(base: str, encoder: Encoder, config: Any) -> Iterator[Problem]:
    """As loading the weights would find, but before anything is paid for."""
    size = getattr(config.get_text_config(), "vocab_size", None)
    if isinstance(size, int):
        yield from vocabulary_problems(local.resolve(base), encoder.tokenizer, size)


def _end_problems(encoder: Encoder) -> Iterator[Problem]:
    mark = encoder.tokenizer.convert_ids_to_tokens(encoder.end_id)
    if encoder.end_id not in declared_ends(encoder.tokenizer):
        yield Problem("tune.base", f"'{mark}' as end mark, which the checkpoint does not declare as one", "a declared eos_token")
    if encoder.output_ids("yes")[-1:] != [encoder.end_id] or encoder.end_id in encoder.output_ids("yes", end=False):
        yield Problem("tune.base", f"an output that does not end in one '{mark}'", "an output followed by one end mark")


def _length_problems(encoder: Encoder, max_tokens: int, context: int) -> Iterator[Problem]:
    needed = len(encoder.prompt_ids("Answer.", "yes")) + len(encoder.output_ids("yes"))
    for place, value, allowed in (("tune.max_tokens", max_tokens, "more"), ("tune.base", context, "a base with a longer context")):
        if needed > value:
            what = f"{value} tokens" if place == "tune.max_tokens" else f"a context of {value} tokens"
            yield Problem(place, f"{what}, where the template with one word each takes {needed}", allowed)


def _target_problems(section: TuneSection, config: Any) -> Iterator[Problem]:
    """Target names that are in no module of the architecture, or in one that LoRA must not touch."""
    import torch
    from transformers import AutoModelForCausalLM

    from bioinstruct.models.checkpoint import quiet
    from bioinstruct.tune.adapter import targets

    names = targets(section)
    if names == "all-linear":
        return
    with torch.device("meta"), quiet():
        model = AutoModelForCausalLM.from_config(config)
    linear = {name for name, module in model.named_modules() if type(module).__name__ in ("Linear", "Conv1D")}
    allowed = "'all-linear' or some of " + ", ".join(sorted({name.rpartition(".")[2] for name in linear}))
    head = model.get_output_embeddings()
    tied = head is not None and head.weight is model.get_input_embeddings().weight
    for name in names:
        matches = {full for full in linear if full == name or full.endswith(f".{name}")}
        if not matches:
            yield Problem("tune.target_modules", f"'{name}', which is no linear layer of this base", allowed)
        elif tied and any(model.get_submodule(full) is head for full in matches):
            yield Problem("tune.target_modules", f"'{name}', whose weight is also the embedding", f"{allowed}, without it")
    if not names:
        yield Problem("tune.target_modules", f"'{section.target_modules}'", allowed)
