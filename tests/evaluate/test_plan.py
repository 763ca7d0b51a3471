from __future__ import annotations

import hashlib

from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.core.template import PAPER
from bioinstruct.evaluate.plan import option_texts, plan, prompts
from bioinstruct.tasks import ItemRequest

from .conftest import COLOUR, NOTE


def test_the_base_is_asked_in_every_form_and_the_others_once() -> None:
    section = EvaluateSection(tasks=["colour", "note"], base_shots=[0, 2], shots=1)
    asks = plan([COLOUR, NOTE], section, "paper", {"tuned": "tune/adapter@1", "shuffled": "tune/shuffled@2"})
    shown = [(ask.setting.model, ask.task.name, ask.setting.slug, ask.derived.slug if ask.derived else None) for ask in asks]
    assert shown == [
        ("base", "colour", "rank-text-0shot", None),
        ("base", "colour", "rank-text-2shot", None),
        ("base", "note", "generate-text-0shot", "generate-text-0shot-strings"),
        ("base", "note", "generate-text-2shot", "generate-text-2shot-strings"),
        ("tuned", "colour", "rank-text-1shot", None),
        ("tuned", "note", "generate-text-1shot", None),
        ("shuffled", "colour", "rank-text-1shot", None),
        ("shuffled", "note", "generate-text-1shot", None),
    ]
    assert [ask.setting.adapter for ask in asks[3:5]] == [None, "tune/adapter@1"]


def test_prompts_hold_worked_examples_that_are_never_scored() -> None:
    collection = COLOUR.collect(ItemRequest(n=3))
    made = prompts(COLOUR, collection.items, collection.pool, 2, PAPER)
    assert [prompt.item for prompt in made] == collection.items
    instruction, text = COLOUR.prompt(collection.items[0])
    rendered = PAPER.shots(list(made[0].shots)) + PAPER.prompt(instruction, text)
    assert made[0].sha == hashlib.sha256(rendered.encode()).hexdigest()[:16]
    assert len({prompt.sha for prompt in made}) == 3
    assert not {shot[1] for prompt in made for shot in prompt.shots} & {prompt.input for prompt in made}
    assert prompts(COLOUR, collection.items, collection.pool, 0, PAPER)[0].shots == ()


def test_options_are_asked_as_texts_or_letters() -> None:
    (item,) = COLOUR.collect(ItemRequest(n=1)).items
    assert option_texts(item, "text") == item.options
    assert option_texts(item, "letter") == ("A", "B", "C", "D")
