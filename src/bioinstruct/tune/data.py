"""Instructions become training examples: encoded once, cut to the length limit, ordered by seed.

A prompt is the very ids that evaluation sends (`Encoder.prompt_ids`); the trained part is the output and its end mark,
appended as ids. An example is kept as two runs of ids, the template's preamble and the rest, so that the examples of a step
can share one preamble (`Example.tree`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Instruction, instruction_id
from bioinstruct.models.encode import Encoder
from bioinstruct.models.rows import Segment, Tree

_WORD_END = re.compile(r"(?<=\S)(?=\s|$)")


@dataclass(frozen=True)
class Example:
    """One record as token ids."""

    id: str
    """Id of the instruction."""
    preamble: tuple[int, ...]
    """The opening that all records with (or without) an input share; empty for a chat template."""
    body: tuple[int, ...]
    """The rest of the prompt, the output and the end mark."""
    labels_from: int
    """Offset in `body` of the first trained token: the output's."""
    cut: bool
    """Whether the input lost its end."""

    @property
    def n_tokens(self) -> int:
        """Tokens of prompt and output."""
        return len(self.preamble) + len(self.body)

    @property
    def trained(self) -> tuple[int, ...]:
        """The ids that are trained: the output's and the end mark."""
        return self.body[self.labels_from :]

    def tree(self, share: bool) -> Tree:
        """The example for `rows.pack`: below a preamble that can be shared, or in one piece."""
        if share and self.preamble:
            return (Segment(self.preamble), Segment(self.body, 0, self.labels_from))
        return (Segment(self.preamble + self.body, None, len(self.preamble) + self.labels_from),)


@dataclass(frozen=True)
class Encoded:
    """All examples, and what became of the records that are not among them."""

    examples: tuple[Example, ...]
    dropped: tuple[str, ...]
    """Ids of records whose instruction and output leave no room for any input within the limit."""
    altered: tuple[str, ...]
    """Ids of examples whose output reads back from its ids as another text (white space aside); they are trained all the same."""

    def counts(self) -> dict[str, int]:
        """Counts for the stage record: `records` = `trained_records` + `dropped`; tokens are those of one epoch, unpacked."""
        return {
            "records": len(self.examples) + len(self.dropped),
            "trained_records": len(self.examples),
            "dropped": len(self.dropped),
            "cut": sum(example.cut for example in self.examples),
            "altered": len(self.altered),
            "tokens": sum(example.n_tokens for example in self.examples),
            "trained_tokens": sum(len(example.trained) for example in self.examples),
        }


def encode(instructions: Sequence[Instruction], encoder: Encoder, limit: int) -> Encoded:
    """Examples of at most `limit` tokens, in the order given.

    A longer record loses whole words from the end of its input, but never its output, its marker or all of its input;
    one that still does not fit is dropped and counted.
    """
    preambles = {has_input: tuple(encoder.preamble_ids(has_input)) for has_input in (False, True)}
    examples: list[Example] = []
    dropped: list[str] = []
    altered: list[str] = []
    for record in instructions:
        output = encoder.output_ids(record.output)
        fitted = _fit(record, encoder, limit - len(output))
        if fitted is None:
            dropped.append(record.id)
            continue
        prompt, cut = fitted
        preamble = preambles[bool(record.input)]
        if tuple(prompt[: len(preamble)]) != preamble:
            raise AssertionError(f"record {record.id}: its prompt does not begin with the preamble")  # Encoder's promise
        examples.append(Example(record.id, preamble, (*prompt[len(preamble) :], *output), len(prompt) - len(preamble), cut))
        if encoder.decode(output[:-1]).split() != record.output.split():
            altered.append(record.id)
    return Encoded(tuple(examples), tuple(dropped), tuple(altered))


def _fit(record: Instruction, encoder: Encoder, room: int) -> tuple[list[int], bool] | None:
    """Prompt ids within `room` tokens and whether the input was cut; None where no word of the input fits."""
    prompt = encoder.prompt_ids(record.instruction, record.input)
    if len(prompt) <= room:
        return prompt, False
    # An input that is empty would be another prompt form, so at least one word stays.
    ends = [match.start() for match in _WORD_END.finditer(record.input)]
    fitting: list[int] | None = None
    low, high = 0, len(ends) - 1  # ends[:low] are known to fit, ends[high:] not
    while low < high:
        middle = (low + high) // 2
        prompt = encoder.prompt_ids(record.instruction, record.input[: ends[middle]])
        if len(prompt) <= room:
            fitting, low = prompt, middle + 1
        else:
            high = middle
    return None if fitting is None else (fitting, True)


def shuffled(instructions: Sequence[Instruction], seed: int) -> list[Instruction]:
    """The control's records: outputs permuted so that none stays at its place; instructions and inputs stay.

    The permutation is drawn evenly from those without a fixed point. Records get the id of their new texts and the old id
    as parent.

    Raises:
        InputError: there are fewer than two records.
    """
    n = len(instructions)
    if n < 2:
        raise InputError(f"tune.controls: got 'shuffled' for {n} record(s); allowed: at least 2 records, or []")
    random = Random(f"shuffled/{seed}")
    places = list(range(n))
    while any(place == index for index, place in enumerate(places)):  # about one draw in e has no fixed point
        random.shuffle(places)
    return [_with_output(record, instructions[place].output) for record, place in zip(instructions, places, strict=True)]


def _with_output(record: Instruction, output: str) -> Instruction:
    return replace(record, id=instruction_id(record.instruction, record.input, output), output=output, parent=record.id)


@dataclass(frozen=True)
class Order:
    """Which examples make which optimizer step: a pure function of the seed, so no random state has to be stored."""

    n_examples: int
    examples_per_step: int
    epochs: int
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps of one epoch; its last one may hold fewer examples."""
        return -(-self.n_examples // self.examples_per_step)

    @property
    def n_steps(self) -> int:
        """Optimizer steps of the whole training."""
        return self.epochs * self.steps_per_epoch

    def epoch(self, number: int) -> list[int]:
        """The examples of epoch `number` (from 0) in training order."""
        places = list(range(self.n_examples))
        Random(f"order/{self.seed}/{number}").shuffle(places)
        return places

    def step(self, number: int) -> list[int]:
        """The examples of step `number` (from 0)."""
        epoch, within = divmod(number, self.steps_per_epoch)
        start = within * self.examples_per_step
        return self.epoch(epoch)[start : start + self.examples_per_step]
