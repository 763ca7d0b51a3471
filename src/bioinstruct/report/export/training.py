"""What other trainers are given: the records that ours trains on as texts, and the same settings under a neutral name.

Ours appends token ids (`models/encode.py`); other trainers tokenize texts, each in its own way. So the texts are tokenized here once more
in that way, and NOTES.md says for how many records the ids and the trained part would be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioinstruct.core import template
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction
from bioinstruct.models import local
from bioinstruct.models.encode import Encoder
from bioinstruct.report.export.source import Source
from bioinstruct.tune import data, guard, held_out

MOST_ROWS = 4
"""Records that go through another trainer's model at once; the rest of an optimizer step is accumulated."""


@dataclass(frozen=True)
class Example:
    """A record as a trainer of texts needs it."""

    record: Instruction
    opening: str
    """Special tokens before the prompt, as text: BOS, or nothing."""
    preamble: str
    body: str
    """The rest of the prompt. Both are empty for a chat template."""
    completion: str
    """The output with the space before it, where the tokenizer does not put one there by itself."""
    end: str
    """The end mark as text."""
    ids: tuple[int, ...]
    """The ids that ours trains on, the end mark included."""
    trained: int
    """How many of them are trained, counted from the end."""

    @property
    def prompt(self) -> str:
        """The prompt's text without special tokens."""
        return self.preamble + self.body


Tokenized = tuple[list[int], int]
"""Ids, and how many are trained."""


@dataclass(frozen=True)
class Training:
    """Everything of a tuning that another trainer is told."""

    section: TuneSection
    seed: int
    base: str
    """The base's hub id or folder; the embedded one by its folder."""
    chat: bool
    examples: tuple[Example, ...]
    kept_back: tuple[Example, ...]
    """The very records that ours measures its held-out loss on."""
    dropped: int
    cut: int
    max_tokens: int
    tokenizer: Any

    @classmethod
    def of(cls, source: Source) -> Training:
        """Encode the run's records as the tune stage does.

        Raises:
            InputError: the base or its tokenizer is not usable.
            MissingExtra: the extra `local` is not installed.
        """
        section = source.recipe.tune
        encoder = Encoder(local.load_tokenizer(section.base), template.get(section.template))
        limit = guard.limit(section, guard.context(section.base))
        encoded = data.encode(source.records, encoder, limit)
        guard.inspect(encoded, encoder)
        examples, kept_back = held_out.split(encoded.examples, section.held_out, source.recipe.seed)
        by_id = {record.id: record for record in source.records}
        form = _Form(encoder)
        place = local.resolve(section.base)
        return cls(
            section=section,
            seed=source.recipe.seed,
            base=str(place) if isinstance(place, Path) else place,
            chat=encoder.template.chat,
            examples=tuple(form.example(by_id[one.id], one) for one in examples),
            kept_back=tuple(form.example(by_id[one.id], one) for one in kept_back),
            dropped=len(encoded.dropped),
            cut=sum(one.cut for one in encoded.examples),
            max_tokens=limit,
            tokenizer=encoder.tokenizer,
        )

    @property
    def rows(self) -> int:
        """Records that go through the model at once."""
        return max(n for n in range(1, MOST_ROWS + 1) if self.section.examples_per_step % n == 0)

    @property
    def accumulated(self) -> int:
        """Passes that make an optimizer step on one device."""
        return self.section.examples_per_step // self.rows

    @property
    def warmup_steps(self) -> int:
        """Optimizer steps of the linear warm-up."""
        return round(self.order.n_steps * self.section.warmup)

    @property
    def order(self) -> data.Order:
        """Our own order of the records."""
        return data.Order(len(self.examples), self.section.examples_per_step, self.section.epochs, self.seed)

    @property
    def schedule(self) -> str:
        """The schedule's name in transformers."""
        return "constant_with_warmup" if self.section.schedule == "constant" else self.section.schedule

    @property
    def measured_every(self) -> int:
        """Optimizer steps between two measurements of the held-out loss."""
        return self.section.held_out_every or self.order.steps_per_epoch

    @property
    def targets(self) -> list[str]:
        """Names of the layers that LoRA is put on; ['all-linear'] for all."""
        return [name.strip() for name in self.section.target_modules.split(",") if name.strip()]

    def agreement(self, tool: str, tokenize: Callable[[Any, Example], Tokenized]) -> str:
        """For how many records a tool's way of tokenizing gives our ids and our trained part; a line for NOTES.md."""
        if self.chat:
            return f"{tool} renders the tokenizer's chat template itself; its ids were not compared with ours"
        examples = (*self.examples, *self.kept_back)
        other = [one.record.id for one in examples if tokenize(self.tokenizer, one) != (list(one.ids), one.trained)]
        if not other:
            return f"tokenized as {tool} does it, all {len(examples):,} records give the ids and the trained part that ours has"
        return (
            f"tokenized as {tool} does it, {len(other):,} of {len(examples):,} records give other ids or another trained part than ours "
            f"(first {other[0]}): cut inputs, tokens that merge across the pieces that ours encodes apart, or marks written in a text"
        )

    def common_notes(self) -> list[str]:
        """What no other trainer takes over as it is."""
        step = self.section.examples_per_step
        lines = [
            f"order: the trainer shuffles the records in its own way; ours is drawn from seed {self.seed}",
            f"packing is off here, so that a step holds {step} records on one device ({self.rows} at once, {self.accumulated} passes); on "
            "more devices divide the passes. Ours packs rows and shares the template's opening, which changes no loss without dropout",
            "warm-up: transformers begins at a rate of 0 in the first step, ours at one part; both reach the peak after "
            f"{self.warmup_steps} steps",
            "LoRA's first weights are drawn in another way, so that two adapters are alike only in what they do",
        ]
        if self.dropped:
            lines.append(f"{self.dropped:,} records that do not fit tune.max_tokens are left out, as ours does")
        if self.cut:
            lines.append(
                f"{self.cut:,} records are longer than {self.max_tokens} tokens: ours takes words from the end of their input and keeps "
                "the output; this trainer drops them or cuts their end"
            )
        if self.section.patience is not None:
            lines.append(f"early stopping: ours stops after {self.section.patience} measurements without a better held-out loss")
        if self.section.base == "embedded":
            lines.append("the base is the small embedded one, named by its folder on this machine")
        return lines

    def messages(self, example: Example) -> tuple[dict[str, str], dict[str, str]]:
        """The user's and the assistant's turn for a chat template."""
        asked = template.get(self.section.template).body(example.record.instruction, example.record.input).strip()
        return {"role": "user", "content": asked}, {"role": "assistant", "content": example.record.output.strip()}


class _Form:
    """Texts of records, given how their tokenizer treats openings, spaces and the end mark."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        tokenizer = encoder.tokenizer
        self._end = str(tokenizer.convert_ids_to_tokens(encoder.end_id))
        if encoder.template.chat:
            self._opening, self._lead = "", ""
            return
        preamble = plain_ids(tokenizer, encoder.template.preamble(True))
        special = encoder.preamble_ids(True)[: -len(preamble)]
        self._opening = "".join(tokenizer.convert_ids_to_tokens(special))
        self._lead = " " if encoder.output_ids("yes", end=False) == plain_ids(tokenizer, " yes") else ""

    def example(self, record: Instruction, encoded: data.Example) -> Example:
        form = self._encoder.template
        return Example(
            record=record,
            opening=self._opening,
            preamble="" if form.chat else form.preamble(bool(record.input)),
            body="" if form.chat else form.body(record.instruction, record.input),
            completion=self._lead + record.output.strip(),
            end=self._end,
            ids=(*encoded.preamble, *encoded.body),
            trained=len(encoded.trained),
        )


def plain_ids(tokenizer: Any, text: str) -> list[int]:
    """Ids of a text with nothing added; special tokens written in it are read as such, as other trainers do."""
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def in_pieces(tokenizer: Any, pieces: Sequence[tuple[bool, str]]) -> Tokenized:
    """Ids of pieces of text tokenized one by one; True = trained, which must be the last ones."""
    ids: list[int] = []
    trained = 0
    for is_trained, text in pieces:
        found = plain_ids(tokenizer, text)
        ids += found
        trained += len(found) if is_trained else 0
    return ids, trained
