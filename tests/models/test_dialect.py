from __future__ import annotations

from typing import Any

import pytest

from bioinstruct.core.errors import ModelError
from bioinstruct.models import dialect
from bioinstruct.models.base import Call
from bioinstruct.models.dialect import Accepts

CALL = Call("generate", "0/0", "go on", 1.0, 99, 7)
REASONING = Accepts("max_completion_tokens", temperature=False)
NEWER = Accepts("max_completion_tokens")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("o1", REASONING),
        ("o3-mini", REASONING),
        ("o4-mini-2025-04-16", REASONING),
        ("gpt-5", REASONING),
        ("gpt-5.4-nano", REASONING),
        ("gpt-4o", NEWER),
        ("gpt-4o-mini-2024-07-18", NEWER),
        ("gpt-4.1", NEWER),
        ("gpt-4", Accepts()),
        ("gpt-4-turbo", Accepts()),
        ("gpt-3.5-turbo", Accepts()),
        ("meta-llama/Llama-3.3-70B-Instruct", Accepts()),
        ("openai/gpt-5", Accepts()),  # another's server: it is asked as others are, and a 400 teaches
        ("olmo", Accepts()),
        ("embedded-teacher", Accepts()),
    ],
)
def test_the_table_knows_the_common_models(model: str, expected: Accepts) -> None:
    assert dialect.accepts(model, {}) == expected


def test_the_recipe_wins_field_by_field() -> None:
    assert dialect.accepts("gpt-5", {"temperature": True}) == Accepts("max_completion_tokens", temperature=True)
    assert dialect.accepts("gpt-5", {"length": "max_tokens", "seed": False}) == Accepts("max_tokens", False, False)


def test_the_fields_that_are_sent() -> None:
    assert dialect.fields(CALL, Accepts()) == {"max_tokens": 99, "temperature": 1.0, "seed": 7}
    assert dialect.fields(CALL, REASONING) == {"max_completion_tokens": 99, "seed": 7}
    assert dialect.fields(CALL, Accepts(temperature=False, seed=False)) == {"max_tokens": 99}


@pytest.mark.parametrize(
    ("own", "temperature", "place", "got"),
    [
        ({"lenght": "max_tokens"}, 1.0, "generate.accepts", "'lenght'"),
        ({"length": "max_new_tokens"}, 1.0, "generate.accepts.length", "'max_new_tokens'"),
        ({"length": True}, 1.0, "generate.accepts.length", "True"),
        ({"temperature": "no"}, 1.0, "generate.accepts.temperature", "'no'"),
        ({"seed": "false"}, 1.0, "generate.accepts.seed", "'false'"),
        ({}, 0.7, "generate.temperature", "0.7"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_asked(own: Any, temperature: float, place: str, got: str) -> None:
    (problem,) = dialect.problems("gpt-5", own, temperature)
    assert (problem.place, problem.got) == (place, got)


def test_what_works_is_no_problem() -> None:
    assert dialect.problems("gpt-5", {}, 1.0) == []
    assert dialect.problems("gpt-5", {"temperature": True}, 0.7) == []
    assert dialect.problems("gpt-4o", {}, 0.7) == []
    assert [one.place for one in dialect.problems("m", {"temperature": False}, 0.0, "judge")] == ["judge.temperature"]


@pytest.mark.parametrize(
    ("known", "parameter", "words", "expected"),
    [
        (Accepts(), "max_tokens", "", NEWER),
        (Accepts(), None, "'max_tokens' is not supported", NEWER),
        (NEWER, "max_completion_tokens", "", Accepts()),
        (NEWER, None, "unknown field max_completion_tokens", Accepts()),
        (Accepts(), "temperature", "", Accepts(temperature=False)),
        (Accepts(), None, "Unsupported value: temperature", Accepts(temperature=False)),
        (Accepts(), "seed", "", Accepts(seed=False)),
        (Accepts(), None, "extra field: seed.", Accepts(seed=False)),
        (Accepts(), "messages", "the seed of all evil", None),
        (Accepts(), None, "the prompt is too long", None),
        (Accepts(), None, "seeds are not supported", None),
        (Accepts(seed=False), "seed", "", None),
        (REASONING, "temperature", "", None),
        (Accepts(), "max_completion_tokens", "never sent", None),
    ],
)
def test_a_400_teaches(known: Accepts, parameter: str | None, words: str, expected: Accepts | None) -> None:
    learnt = dialect.learn(known, CALL, "m", parameter, words)
    if expected is None:
        assert learnt is None
    else:
        assert learnt is not None
        assert learnt[0] == expected
        assert "model 'm' takes no" in learnt[1]
        assert "generate.accepts={" in learnt[1]


@pytest.mark.parametrize(("temperature", "said"), [(0.0, "0.0"), (0.7, "0.7"), (2.0, "2.0")])
def test_a_temperature_of_ones_own_is_not_given_up(temperature: float, said: str) -> None:
    call = Call("generate", "0/0", "go on", temperature, 99, 7)
    way = r"set generate\.accepts={temperature: false} and generate\.temperature=1\.0"
    with pytest.raises(ModelError, match=rf"takes no temperature of {said}; {way}\. It said: only 1"):
        dialect.learn(Accepts(), call, "m", "temperature", "only 1")


def test_a_temperature_is_not_left_out_silently_once_the_model_is_known_to_take_none() -> None:
    known = Accepts(temperature=False)
    assert "temperature" not in dialect.fields(Call("generate", "0/0", "go on", 1.0, 99, 7), known)
    with pytest.raises(ModelError, match=r"label: got a temperature of 0\.0.*generate\.accepts"):
        dialect.fields(Call("label", "a/label-1", "go on", 0.0, 99, 7), known)
