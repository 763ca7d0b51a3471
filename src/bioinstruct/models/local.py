"""A causal language model on this machine, with or without an adapter: it completes prompts and ranks options.

    >>> model = LocalModel.load("embedded")  # doctest: +SKIP
    >>> model.generate([encoder.prompt_ids("Name the drug class.", "metformin")], 16, encoder.end_id, 2048)  # doctest: +SKIP

Weights are read from safetensors only, remote code is never run, and attention is torch's `sdpa` where the architecture allows it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from bioinstruct.core.errors import InputError, MissingExtra, ModelError, raise_problems
from bioinstruct.core.records import Finish
from bioinstruct.models import quantized, rows
from bioinstruct.models.base import Generated, Question
from bioinstruct.models.checkpoint import (
    EMBEDDED,
    adapter_problems,
    load_tokenizer,
    loading,
    problems,
    quiet,
    resolve,
    sentence,
    vocabulary_problems,
)
from bioinstruct.models.encode import declared_ends, decode

__all__ = ["LocalModel", "load_tokenizer", "problems", "resolve"]

DTYPES = ("float32", "bfloat16", "float16")
ITEM_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
SHORT_ROW, SHARED_ROWS = 384, 8
"""A ranked row holds the first number of tokens, or so many times its shared opening: sharing pays, and attention costs."""
LEAST_PREFIX = 16
"""Tokens of a shared opening from which it is computed once for all rows, rather than in every row."""
PREFIX_SHARE = 3
"""A row behind such an opening holds one question, or one token for every so many of the opening, which its tokens look at together."""
PADDED = 16
"""Rows behind an opening are padded to a multiple of this many tokens: they are short."""


class LocalModel:
    """A loaded model with its tokenizer. Made by `load`."""

    tokenizer: Any
    """The base's transformers tokenizer."""
    model: Any
    """The transformers model, in evaluation mode; LoRA is merged in float32 and stands beside the weights otherwise."""
    context: int
    """Most positions that a prompt and its output may take together."""
    end_ids: tuple[int, ...]
    """Ids that the checkpoint declares as ends of a text."""
    cache_bytes: int
    """Bytes that keys and values of one token take."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        from transformers import GenerationConfig

        from bioinstruct.models import last_layer

        self.model = model.eval()
        self.tokenizer = tokenizer
        self.context = context_of(model.config)
        self.end_ids = declared_ends(tokenizer)
        # Continuing on a CPU keeps them in float32 (`models/decode.py`).
        self.cache_bytes = _cache_bytes(model.config, 4 if model.device.type == "cpu" else model.dtype.itemsize)
        # What a checkpoint suggests (sampling, penalties, lengths) must not leak into greedy generation.
        self.model.generation_config = GenerationConfig()
        if not getattr(model, "is_quantized", False):  # 4 bits are tried once they are in the mode that training needs (`load`)
            last_layer.use(self.model)
        self._prefix_fits: bool | None = None  # not known before rows have been verified
        self._decoding_fits: bool | None = None

    @classmethod
    def load(
        cls, base: str | Path, adapter: Path | None = None, dtype: str = "float32", device: str | None = None, merge: bool | None = None,
        quantize: Literal["nf4"] | None = None,
    ) -> LocalModel:  # fmt: skip
        """Load a base ('embedded', a folder or a hub id) and, where given, a LoRA adapter's folder.

        Args:
            base: What `tune.base` holds.
            adapter: Folder in PEFT's format; None = the base as it is.
            dtype: 'float32', 'bfloat16' or 'float16'.
            device: A torch device; None = the first GPU, or the CPU where there is none.
            merge: Whether LoRA is merged into the weights; None = in float32, where merging does not round.
            quantize: 'nf4' holds the base's linear layers in 4 bits (`models/quantized.py`); None = as `dtype` says.

        Raises:
            InputError: the base, adapter or dtype is not usable; nothing was downloaded for something that is not a hub id.
            ModelError: the weights do not fit the configuration, or the adapter does not fit the base.
            MissingExtra: the extra `local` is not installed, or `qlora` for a base in 4 bits.
        """
        if dtype not in DTYPES:
            raise InputError(f"dtype: got '{dtype}'; allowed: {', '.join(DTYPES)}")
        place = resolve(base)
        if adapter is not None:
            raise_problems(adapter_problems(Path(adapter)))
        try:
            import torch
            from transformers import AutoModelForCausalLM

            from bioinstruct.models import last_layer
        except ImportError as error:
            raise MissingExtra(error.name or "torch", "local") from None
        tokenizer = load_tokenizer(base)
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        with quiet(), loading(place):
            held = {} if quantize is None else quantized.nf4(device)
            model, report = AutoModelForCausalLM.from_pretrained(
                str(place),
                dtype=getattr(torch, dtype),
                attn_implementation=None,  # torch's sdpa, and written out where an architecture has none (Gemma 2's soft cap)
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=isinstance(place, Path),
                output_loading_info=True,
                **held,
            )
        absent = sorted([*report["missing_keys"], *(str(key) for key in report["mismatched_keys"])])
        if absent:
            raise ModelError(f"{place}: got weights without {absent[0]} ({len(absent)} missing); allowed: all that config.json asks for")
        raise_problems(list(vocabulary_problems(place, tokenizer, model.get_input_embeddings().weight.shape[0])))
        if adapter is not None:
            model = with_adapter(model, Path(adapter), dtype == "float32" if merge is None else merge)
        loaded = cls(model if held else model.to(device), tokenizer)
        if held:
            quantized.verify(model, str(base))
            quantized.differentiable(model)
            last_layer.use(model)
        return loaded

    def generate(self, prompts: Sequence[Sequence[int]], max_new_tokens: int, end_id: int, batch_tokens: int) -> list[Generated]:
        """Greedy completions of prompts (token ids), in the order given; batching does not change them (float32).

        A prompt that leaves no room in the context gives no ids, the reason as its text, and `Finish.ERROR`; one that
        leaves less room than `max_new_tokens` gets what there is.

        Args:
            prompts: Token ids, not empty.
            max_new_tokens: Most new tokens of each, the end mark included.
            end_id: The end mark; it is not among the ids given back.
            batch_tokens: Most tokens of a batch's prompts, padding included; a longer prompt is a batch of its own.

        Raises:
            InputError: a prompt is empty, or `max_new_tokens` is below 1.
        """
        if max_new_tokens < 1:
            raise InputError(f"max_new_tokens: got {max_new_tokens}; allowed: 1 or more")
        results: dict[int, Generated] = {}
        limits: dict[int, int] = {}
        for number, prompt in enumerate(prompts):
            if not prompt:
                raise InputError(f"prompt {number}: got no tokens; allowed: at least one")
            limit = min(max_new_tokens, self.context - len(prompt))
            if limit < 1:
                results[number] = Generated((), f"prompt of {len(prompt)} tokens does not fit the context of {self.context}", Finish.ERROR)
            else:
                limits[number] = limit
        lengths = {number: len(prompts[number]) for number in limits}
        with quiet(), _memory():
            for batch in _batches(lengths, limits, batch_tokens):
                new = self._continue([prompts[number] for number in batch], limits[batch[0]], end_id)
                for number, ids in zip(batch, new, strict=True):
                    ended = end_id in ids
                    ids = ids[: ids.index(end_id)] if ended else ids
                    results[number] = Generated(tuple(ids), decode(self.tokenizer, ids), Finish.STOP if ended else Finish.LENGTH)
        return [results[number] for number in range(len(prompts))]

    def rank(self, questions: Sequence[Question], row_tokens: int) -> list[tuple[float, ...]]:
        """Log-likelihood of each option of each question (natural logarithm, summed over the option's tokens).

        An opening that questions share is computed once for all of them, and a question's prompt once for its options. Questions are
        packed into rows, and rows into passes of at most `row_tokens` tokens; a question is never split, so a larger one is a pass
        of its own. A question that does not fit the context with its longest option gives an empty tuple.

        Where the architecture cannot go on from kept keys and values, the opening is computed once a row. Rows are then short where it
        is short: attention grows with their square.

        Raises:
            InputError: a prompt or an option has no tokens, or `shared` is out of range.
            ModelError: the model gives numbers that are not finite, or its architecture cannot compute packed rows.
        """
        from bioinstruct.models import attention

        for number, question in enumerate(questions):
            if not question.prompt or not question.options or not all(question.options):
                raise InputError(f"question {number}: got a prompt or an option without tokens; allowed: at least one token each")
            if not 0 <= question.shared <= len(question.prompt):
                raise InputError(f"question {number}: got shared {question.shared}; allowed: 0 to {len(question.prompt)}")
        fitting = [n for n, q in enumerate(questions) if len(q.prompt) + max(map(len, q.options)) <= self.context]
        results: list[tuple[float, ...]] = [() for _ in questions]
        if fitting and self._prefix_fits is None:
            rows.verify(self.model)
            self._prefix_fits = attention.can_prefix(self.model)
        for opening, members in _by_opening(questions, fitting, bool(self._prefix_fits)).items():
            trees = [_tree(questions[number], len(opening)) for number in members]
            shared = max(questions[number].shared for number in members)
            longest = len(opening) // PREFIX_SHARE if opening else max(SHORT_ROW, SHARED_ROWS * shared)
            for number, found in zip(members, self._rank_behind(opening, trees, min(longest, row_tokens), row_tokens), strict=True):
                if not all(map(math.isfinite, found)):
                    raise ModelError(f"question {number}: got log-likelihoods {found}; allowed: finite numbers (diverged weights?)")
                results[number] = found
        return results

    def _rank_behind(
        self, opening: Sequence[int], trees: Sequence[rows.Tree], row_tokens: int, pass_tokens: int
    ) -> list[tuple[float, ...]]:
        """Log-likelihoods of each tree's labelled segments, where the trees go on after `opening`; it may be empty."""
        import torch

        from bioinstruct.models import attention

        sums: list[list[float]] = [[] for _ in trees]
        with torch.no_grad(), _memory():
            score = attention.Prefix(self.model, opening).log_likelihoods if opening else partial(rows.log_likelihoods, self.model)
            for batch in rows.batches(rows.pack(trees, row_tokens), pass_tokens):
                values = score(rows.stack(batch, PADDED if opening else rows.PADDED).to(self.model.device)).tolist()
                start = 0
                for row in batch:
                    for (tree, _), count in zip(row.origins, row.label_counts(), strict=True):
                        if count:
                            sums[tree].append(math.fsum(values[start : start + count]))
                            start += count
        return [tuple(found) for found in sums]

    def _continue(self, prompts: Sequence[Sequence[int]], limit: int, end_id: int) -> list[list[int]]:
        """New ids of each prompt: at most `limit`, whatever stands after the end mark included."""
        from bioinstruct.models import decode

        pad = self.tokenizer.pad_token_id
        pad = end_id if pad is None else pad
        if self._decoding_fits is None:
            self._decoding_fits = decode.fits(self.model, pad)
        continued = decode.greedy if self._decoding_fits else decode.plain
        return continued(self.model, prompts, limit, end_id, pad)


def chosen_dtype(asked: str, base: str | Path, gpu: bool | None = None) -> str:
    """The precision in which a base is asked under `evaluate.dtype`.

    'auto' is float32 on a CPU, and bfloat16 on a GPU, in which 7 billion parameters take 13 GiB instead of 25; the embedded base is small
    and gives the same answers on either in float32.

    Args:
        asked: 'auto', or a precision, which is given back as it is.
        base: 'embedded', a folder or a hub id.
        gpu: Whether there is a GPU; None = look.

    Raises:
        MissingExtra: torch has to be asked and is not installed.
    """
    if asked != "auto":
        return asked
    if base == EMBEDDED:
        return "float32"
    if gpu is None:
        try:
            import torch
        except ImportError:
            raise MissingExtra("torch", "local") from None
        gpu = torch.cuda.is_available()
    return "bfloat16" if gpu else "float32"


def context_of(config: Any) -> int:
    """Positions within which a model of this configuration attends to everything before, with one and the same rotation.

    A sliding window that is shorter than the context bounds it: a packed row's mask has no window.

    Raises:
        InputError: the configuration does not say how many positions there are.
    """
    config = config.get_text_config()
    positions = getattr(config, "max_position_embeddings", None)
    if not isinstance(positions, int):
        raise InputError(f"tune.base: got a {config.model_type} configuration without max_position_embeddings; allowed: one that has it")
    bounds = [positions]
    window = getattr(config, "sliding_window", None)
    if isinstance(window, int) and window > 0 and getattr(config, "use_sliding_window", True):
        bounds.append(window)
    rope = getattr(config, "rope_parameters", None) or {}
    if rope.get("rope_type") == "longrope":  # another rotation beyond this length, for the whole row
        bounds.append(int(rope.get("original_max_position_embeddings") or positions))
    return min(bounds)


def _cache_bytes(config: Any, itemsize: int) -> int:
    """Bytes of keys and values a token, in all layers; where a configuration does not say, those of full attention."""
    config = config.get_text_config()
    heads = getattr(config, "num_attention_heads", None) or 1  # an architecture without heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    return 2 * int(config.num_hidden_layers) * int(getattr(config, "num_key_value_heads", None) or heads) * int(size) * itemsize


def _by_opening(questions: Sequence[Question], numbers: Sequence[int], prefixed: bool) -> dict[tuple[int, ...], list[int]]:
    """Opening -> the questions to rank behind it; under the empty one those whose opening is not worth a pass, or cannot have one."""
    found: dict[tuple[int, ...], list[int]] = {}
    for number in numbers:
        question = questions[number]
        # A prompt's last token predicts the options' first ones, so that it belongs to the row.
        found.setdefault(question.prompt[: min(question.shared, len(question.prompt) - 1)], []).append(number)
    kept = {opening: members for opening, members in found.items() if prefixed and len(members) > 1 and len(opening) >= LEAST_PREFIX}
    rest = sorted(number for opening, members in found.items() if opening not in kept for number in members)
    return kept | ({(): rest} if rest else {})


def _tree(question: Question, start: int) -> rows.Tree:
    """The prompt from `start` on (the rest of the shared opening, then what is the question's own), then the options."""
    stem: list[rows.Segment] = []
    for ids in (question.prompt[start : question.shared], question.prompt[max(start, question.shared) :]):
        if ids:
            stem.append(rows.Segment(tuple(ids), len(stem) - 1 if stem else None))
    return (*stem, *(rows.Segment(tuple(option), len(stem) - 1, 0) for option in question.options))


def _batches(lengths: dict[int, int], limits: dict[int, int], batch_tokens: int) -> Iterator[list[int]]:
    """Prompt numbers of each batch, longest first. All of a batch have the same limit, so none runs past the context."""
    batch: list[int] = []
    for number in sorted(lengths, key=lambda n: (limits[n], -lengths[n], n)):
        if batch and (limits[number] != limits[batch[0]] or (len(batch) + 1) * lengths[batch[0]] > batch_tokens):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def with_adapter(model: Any, adapter: Path, merge: bool) -> Any:
    """The model with LoRA weights: merged in, or injected beside the weights where merging would round them.

    Raises:
        ModelError: the adapter was not tuned on this base.
        MissingExtra: peft is not installed.
    """
    try:
        with quiet():
            from peft import PeftModel, get_peft_model_state_dict
    except ImportError:
        raise MissingExtra("peft", "local") from None
    from safetensors import safe_open

    with safe_open(str(adapter / "adapter_model.safetensors"), framework="pt") as file:
        stored = set(file.keys())
    try:
        with quiet(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Found missing adapter keys")  # an error of our own below
            tuned = PeftModel.from_pretrained(model, str(adapter), is_trainable=False)
        wanted = set(get_peft_model_state_dict(tuned, save_embedding_layers=False))
        stray = sorted(wanted ^ stored)
        if stray:
            raise ModelError(
                f"adapter {adapter}: got weights that differ from what its config asks of this base, first in {stray[0]}; "
                "allowed: an adapter that was tuned on this base"
            )
        return tuned.merge_and_unload(safe_merge=True) if merge else tuned.get_base_model()
    except ModelError:
        raise
    except Exception as error:  # peft raises many kinds, all of them about this adapter and this base
        raise ModelError(f"adapter {adapter}: {type(error).__name__}: {sentence(error)}") from error


@contextmanager
def _memory() -> Iterator[None]:
    """Turn a full GPU into a sentence that names the field to lower."""
    import torch

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise ModelError("out of GPU memory; lower evaluate.row_tokens and run again") from error
