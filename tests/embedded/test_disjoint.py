"""What base, teacher and items must not share: documents, sentences, wording, held-out facts."""

from __future__ import annotations

import re
import runpy
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from bioinstruct.core.text import ngrams, rouge_words
from bioinstruct.embedded import documents, items, teacher, world
from bioinstruct.generate import parse, prompt, seeds

BASE_SEED = 20_000
"""Seed of the pre-training text (`--seed` of tools/pretrain_base.py)."""
PRETRAINING = Path(__file__).parents[2] / "tools" / "pretrain_base.py"
TASKS = tuple(items.MAKERS)
QA = ("usmle_embedded", "medmcqa_embedded", "bioasq_embedded")


@cache
def taught(n_requests: int = 90) -> tuple[tuple[str, str, str], ...]:
    """Instruction, input and output of everything the teacher says to the default run's first requests."""
    drawn_from = seeds.load("builtin")
    found = []
    for number in range(n_requests):
        shown = prompt.draw(drawn_from, number, 0, 3)
        reply = teacher.reply(prompt.render(shown, 20), prompt.derive(0, number))
        parsed = parse.parse(reply.text, 4, 20, parse.Finish.STOP, [seed.instruction for seed in shown])
        found += [(one.instruction, one.input, one.output) for one in parsed.candidates]
    return tuple(found)


def sentences(text: str, least: int = 8) -> set[tuple[str, ...]]:
    """Sentences of at least `least` words, as tuples of lower-case words; a decimal point ends none."""
    parts = (tuple(rouge_words(part)) for part in re.split(r"(?<!\d)\.|\.(?!\d)|[?!\n]|(?<=:) ", text))
    return {part for part in parts if len(part) >= least}


def item_sentences(item_seed: int) -> set[tuple[str, ...]]:
    """Sentences of all items' documents, but for those that are a phrase of the tables as it stands (how a patient says a finding)."""
    phrases = {tuple(rouge_words(finding.lay)) for finding in world.load().findings.values()}
    return {one for task in TASKS for text in items.documents(items.make(task, 100, item_seed)) for one in sentences(text)} - phrases


@cache
def phases() -> tuple[tuple[str, int, int], ...]:
    """Mix, seed and a number of documents that is not reached, for each phase of the pre-training script."""
    script = runpy.run_path(str(PRETRAINING))
    starts = [start for start, *_ in script["PHASES"]] + [script["STEPS"]]
    shortest = 50  # mean tokens of a document are 64 or more in every mix
    return tuple(
        (mix, BASE_SEED + plus, (end - start) * script["BATCH_TOKENS"] // shortest)
        for (start, mix, _, plus), end in zip(script["PHASES"], starts[1:], strict=True)
    )


def read_by_the_base(most: int) -> set[tuple[str, ...]]:
    """Sentences of the first documents of each phase of the pre-training, `most` at most."""
    return {one for mix, seed, n in phases() for _, text in islice(documents.stream(seed, mix), min(n, most)) for one in sentences(text)}


@pytest.mark.parametrize("item_seed", [1, 2])
def test_no_sentence_of_an_item_document_is_in_the_pretraining_text(item_seed: int) -> None:
    asked = item_sentences(item_seed)
    assert len(asked) > 800
    assert not asked & read_by_the_base(8_000)


@pytest.mark.slow
def test_no_sentence_of_an_item_document_is_in_the_whole_pretraining_text() -> None:
    assert not (item_sentences(1) | item_sentences(2) | item_sentences(3)) & read_by_the_base(10**9)


def test_the_check_would_find_a_shared_sentence() -> None:
    mix, seed, _ = phases()[-1]
    text = next(text for _, text in documents.stream(seed, mix) if sentences(text))
    assert sentences(text) & read_by_the_base(200)


def test_instructions_of_teacher_and_items_share_no_eight_words() -> None:
    said = {gram for instruction, _, _ in taught() for gram in ngrams(rouge_words(instruction), 8)}
    for task in TASKS:
        for item in items.make(task, 100, 1):
            shared = said & set(ngrams(rouge_words(item.instruction), 8))
            assert not shared, f"{item.id}: {shared}"


def test_no_item_input_is_in_the_teachers_inputs() -> None:
    said = {" ".join(rouge_words(input)) for _, input, _ in taught()}
    assert not said & {" ".join(rouge_words(item.input)) for task in TASKS for item in items.make(task, 100, 1)}


def test_the_teacher_never_states_what_qa_items_ask() -> None:
    known = world.load()
    for task in taught():
        assert not known.held_out_in(" \n ".join(task)), task


@pytest.mark.parametrize("task", QA)
def test_qa_items_ask_what_is_held_out(task: str) -> None:
    known = world.load()
    for item in items.make(task, 100, 1):
        if task == "bioasq_embedded" and item.references == ("no",):
            continue  # a false pair states nothing
        text = f"{item.input} \n {' '.join(item.references)}"
        assert known.held_out_in(text), item
