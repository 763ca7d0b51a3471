from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioinstruct.core import template
from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Category, Instruction, Origin
from bioinstruct.models.encode import Encoder
from bioinstruct.models.local import load_tokenizer
from bioinstruct.tune import guard
from bioinstruct.tune.data import Order, encode, shuffled


def test_an_example_is_the_evaluation_prompt_then_output_then_end_mark(encoder: Any, records: list[Instruction]) -> None:
    encoded = encode(records, encoder, 1024)
    assert len(encoded.examples) == len(records)
    for record, example in zip(records, encoded.examples, strict=True):
        prompt = [*example.preamble, *example.body[: example.labels_from]]
        assert prompt == encoder.prompt_ids(record.instruction, record.input)
        assert list(example.trained) == encoder.output_ids(record.output)
        assert example.trained[-1] == encoder.end_id
        assert encoder.decode(example.trained) == record.output


def test_trees_hold_the_same_tokens_shared_or_not(encoder: Any, records: list[Instruction]) -> None:
    for example in encode(records, encoder, 1024).examples:
        root, leaf = example.tree(True)
        (alone,) = example.tree(False)
        assert root.ids + leaf.ids == alone.ids
        assert root.labels_from is None
        assert alone.ids[alone.labels_from :] == leaf.ids[leaf.labels_from :] == example.trained


def test_a_long_record_loses_whole_words_from_the_end_of_its_input(encoder: Any, make_record: Any) -> None:
    words = [f"word{number}" for number in range(200)]
    record = make_record("Summarize.", " ".join(words), "Many words.")
    limit = 300
    (example,) = encode([record], encoder, limit).examples
    assert example.cut
    assert limit - 10 <= example.n_tokens <= limit
    assert example.trained == tuple(encoder.output_ids("Many words."))
    prompt = encoder.decode([*example.preamble, *example.body[: example.labels_from]])
    assert prompt.endswith("### Output:")
    kept = prompt.split("### Input:\n")[1].removesuffix("\n\n### Output:").split()
    assert kept == words[: len(kept)]


def test_what_does_not_fit_is_dropped_and_counted(encoder: Any, make_record: Any, records: list[Instruction]) -> None:
    long = [
        make_record("Summarize.", "short input", "long " * 400),
        make_record("word " * 400, "", "No input to cut."),
        make_record("Read.", "x" * 2000, "An input of one word."),
    ]
    encoded = encode([*records, *long], encoder, 200)
    counts = encoded.counts()
    assert encoded.dropped == tuple(record.id for record in long)
    assert counts["records"] == counts["trained_records"] + counts["dropped"] == len(records) + 3
    assert counts["cut"] == 0
    assert counts["trained_tokens"] == sum(len(encoder.output_ids(record.output)) for record in records)


@given(st.integers(2, 60), st.integers(0, 10_000))
def test_the_control_permutes_outputs_without_a_fixed_point(n: int, seed: int) -> None:
    before = [Instruction(f"id{k}", f"do {k}", "x", f"output {k}", Category.OTHER, Origin("seed")) for k in range(n)]
    after = shuffled(before, seed)
    assert Counter(record.output for record in after) == Counter(record.output for record in before)
    assert all(new.output != old.output for new, old in zip(after, before, strict=True))
    assert [(new.instruction, new.input, new.parent) for new in after] == [(old.instruction, old.input, old.id) for old in before]
    assert after == shuffled(before, seed)


def test_every_derangement_of_three_comes_up(make_record: Any) -> None:
    rows = [make_record("Say it.", "", str(number)) for number in range(3)]
    seen = Counter(tuple(record.output for record in shuffled(rows, seed)) for seed in range(200))
    assert set(seen) == {("1", "2", "0"), ("2", "0", "1")}
    assert min(seen.values()) > 60


def test_one_record_cannot_be_shuffled(make_record: Any) -> None:
    with pytest.raises(InputError, match="at least 2 records"):
        shuffled([make_record("a", "b", "c")], 0)


@given(st.integers(1, 50), st.integers(1, 20), st.integers(1, 4), st.integers(0, 99))
def test_steps_cover_every_example_once_an_epoch(n: int, per_step: int, epochs: int, seed: int) -> None:
    order = Order(n, per_step, epochs, seed)
    steps = [order.step(number) for number in range(order.n_steps)]
    assert all(1 <= len(step) <= per_step for step in steps)
    for epoch in range(epochs):
        mine = steps[epoch * order.steps_per_epoch : (epoch + 1) * order.steps_per_epoch]
        assert sorted(index for step in mine for index in step) == list(range(n))


def test_the_order_depends_on_seed_and_epoch() -> None:
    orders = {tuple(Order(30, 5, 3, seed).epoch(epoch)) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9
    assert Order(30, 5, 3, 1).epoch(2) == Order(30, 7, 9, 1).epoch(2)


CHAT_TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{% if m['role'] == 'assistant' %}</s>{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def test_a_chat_template_trains_its_end_of_turn_and_shares_nothing(base: Path, records: list[Instruction]) -> None:
    tokenizer = load_tokenizer(base)
    tokenizer.chat_template = CHAT_TEMPLATE
    encoder = Encoder(tokenizer, template.CHAT)
    encoded = encode(records, encoder, 1024)
    guard.inspect(encoded, encoder)
    for record, example in zip(records, encoded.examples, strict=True):
        (segment,) = example.tree(True)
        assert example.preamble == ()
        assert list(segment.ids[: segment.labels_from]) == encoder.prompt_ids(record.instruction, record.input)
        assert list(example.trained) == encoder.output_ids(record.output)
