from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Finish
from bioinstruct.generate import prompt, seeds
from bioinstruct.generate.parse import opens_task, parse

GOLDEN = Path(__file__).parents[1] / "golden" / "generation_prompt.txt"
SEEDS = seeds.load("builtin")


def test_the_prompt_is_the_golden_one() -> None:
    assert prompt.render(prompt.draw(SEEDS, 0, 0, 3), 20) == GOLDEN.read_text(encoding="utf-8")


def test_the_list_begins_with_the_seeds_and_is_ready_for_the_next_number() -> None:
    shown = prompt.draw(SEEDS, 5, 1, 2)
    text = prompt.render(shown, 9)
    head, _, listed = text.partition("List of 9 tasks:\n")
    assert "Go on with number 3" in head
    assert [f"\n{number}. " in head for number in range(1, 10)] == [True] * 8 + [False]  # eight requirements
    first = f"1. Instruction: {shown[0].instruction}\n1. Input: {shown[0].input}\n1. Output: {shown[0].output}\n"
    assert listed.startswith(f"{first}2. Instruction: ")
    assert listed.endswith(f"2. Output: {shown[1].output}\n")
    assert sum(opens_task(line) for line in text.split("\n")) == 2


def test_a_list_without_room_is_refused() -> None:
    with pytest.raises(InputError, match=r"got 3; allowed: 1 to 2"):
        prompt.render(SEEDS[:3], 3)
    with pytest.raises(InputError, match="seeds_per_request"):
        prompt.render([], 3)


def test_drawing_is_a_pure_function_of_seed_and_request() -> None:
    once = [[seed.id for seed in prompt.draw(SEEDS, request, 0, 3)] for request in range(50)]
    again = [[seed.id for seed in prompt.draw(SEEDS[::-1], request, 0, 3)] for request in reversed(range(50))]
    assert once == again[::-1]
    assert once[0] == ["seed-35", "seed-37", "seed-49"]  # these very seeds, for ever
    assert once != [[seed.id for seed in prompt.draw(SEEDS, request, 1, 3)] for request in range(50)]
    assert all(len(set(ids)) == 3 for ids in once)


def test_drawing_is_uniform() -> None:
    counts = Counter(seed.id for request in range(2000) for seed in prompt.draw(SEEDS, request, 0, 3))
    assert len(counts) == 80
    assert 40 <= min(counts.values()) <= max(counts.values()) <= 115  # 75 expected, standard deviation 8.5


def test_more_seeds_than_there_are_is_refused() -> None:
    with pytest.raises(InputError, match=r"got 4; allowed: 1 to 2"):
        prompt.draw(SEEDS[:2], 0, 0, 4)


def test_derived_seeds_differ_and_fit_into_31_bits() -> None:
    derived = [prompt.derive(seed, request) for seed in range(3) for request in range(100)]
    assert len(set(derived)) == 300
    assert all(0 <= value < 2**31 for value in derived)


def test_a_passage_comes_before_the_list_with_a_requirement_of_its_own() -> None:
    shown = prompt.draw(SEEDS, 0, 0, 3)
    plain, grounded = prompt.render(shown, 20), prompt.render(shown, 20, passage="\n The passage.\nIts second line. \n")
    assert plain == GOLDEN.read_text(encoding="utf-8")
    head, _, listed = grounded.partition("List of 20 tasks:\n")
    assert head.endswith("\nPassage:\nThe passage.\nIts second line.\n\n")
    assert "\n9. " in head
    assert "the passage below alone" in head
    assert "passage" not in plain
    assert listed == plain.partition("List of 20 tasks:\n")[2]
    assert grounded.startswith(plain[: plain.index("\nGo on with")])
    assert sum(opens_task(line) for line in grounded.split("\n")) == 3


def test_a_passage_with_braces_is_left_as_it_is() -> None:
    passage = "The set {a, b} and {0} and {n} and a % sign."
    assert f"\nPassage:\n{passage}\n" in prompt.render(SEEDS[:1], 5, passage=passage)


def test_a_json_reply_is_asked_for_in_words_and_by_its_schema() -> None:
    shown = prompt.draw(SEEDS, 0, 0, 3)
    plain, asked = prompt.render(shown, 20), prompt.render(shown, 20, json_reply=True)
    head, _, listed = asked.partition("List of 20 tasks:\n")
    assert "Go on with number 4. Answer with one JSON object and nothing else" in head
    assert "Write nothing but the list" not in asked
    assert listed == plain.partition("List of 20 tasks:\n")[2]
    task = prompt.SCHEMA["properties"]["tasks"]["items"]
    assert all(f'"{name}"' in head for name in ("tasks", *task["properties"]))
    assert list(task["properties"]) == task["required"] == ["instruction", "input", "output"]


def objects(schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema's objects, itself included."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "object":
            yield schema
        for inner in schema.values():
            yield from objects(inner)


def test_the_schema_is_within_the_strict_subset() -> None:
    found = list(objects(prompt.SCHEMA))
    assert len(found) == 2
    for one in found:
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])
    assert json.loads(json.dumps(prompt.SCHEMA)) == prompt.SCHEMA


def test_what_the_schema_allows_is_read() -> None:
    tasks = [{"instruction": f"Name {number}.", "input": "", "output": str(number)} for number in (4, 5)]
    parsed = parse(json.dumps({"tasks": tasks}), 4, 20, Finish.STOP, [])
    assert [tuple(candidate) for candidate in parsed.candidates] == [(4, "Name 4.", "", "4"), (5, "Name 5.", "", "5")]
