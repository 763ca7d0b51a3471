"""What a model accepts.

OpenAI-compatible servers differ in a few fields; a small table knows the common ones, the recipe (`generate.accepts`) wins, and what a
server says in a 400 is learnt for the rest of the run.

    length       `max_tokens` or `max_completion_tokens`: how the completion cap is called
    temperature  whether a temperature may be sent (reasoning models take only their own, 1)
    seed         whether a sampling seed may be sent
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bioinstruct.core.errors import ModelError, Problem
from bioinstruct.models.base import Call

LENGTHS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True)
class Accepts:
    """The fields of a request that a model takes."""

    length: str = "max_tokens"
    temperature: bool = True
    seed: bool = True


_TABLE = (
    (re.compile(r"^(o\d|gpt-5|gpt-[6-9])"), Accepts("max_completion_tokens", temperature=False)),
    (re.compile(r"^(gpt-4\.1|gpt-4o|chatgpt-4o)"), Accepts("max_completion_tokens")),
)
"""First match counts. Anything else takes what OpenAI's first models took, as most servers do."""


_NO_TEMPERATURE = "set generate.accepts={temperature: false} and generate.temperature=1.0"


def accepts(model: str, own: Mapping[str, str | bool]) -> Accepts:
    """What the model takes by the table and the recipe's own words (checked by `problems`)."""
    known = next((found for pattern, found in _TABLE if pattern.match(model)), Accepts())
    values: dict[str, Any] = dict(own)
    return replace(known, **values)


def problems(model: str, own: Mapping[str, str | bool], temperature: float, section: str = "generate") -> list[Problem]:
    """What is wrong with the recipe's words, and with a temperature that the model would not take."""
    place, found = f"{section}.accepts", []
    for name, value in own.items():
        if name not in ("length", "temperature", "seed"):
            found.append(Problem(place, f"'{name}'", "length, temperature, seed"))
        elif name == "length" and value not in LENGTHS:
            found.append(Problem(f"{place}.length", repr(value), " or ".join(LENGTHS)))
        elif name != "length" and not isinstance(value, bool):
            found.append(Problem(f"{place}.{name}", repr(value), "true or false"))
    if not found and not accepts(model, own).temperature and temperature != 1.0:
        allowed = f"1.0, which '{model}' takes by itself (or {place}={{temperature: true}} if it does take others)"
        found.append(Problem(f"{section}.temperature", str(temperature), allowed))
    return found


def fields(call: Call, known: Accepts) -> dict[str, Any]:
    """The request's fields besides model and messages.

    Raises:
        ModelError: The model takes no temperature, and the call asks for one that is not the model's own.
    """
    if not known.temperature and call.temperature != 1.0:  # learnt from an earlier 400; else the call would have been made for it
        raise ModelError(f"{call.purpose}: got a temperature of {call.temperature}, which the model does not take; {_NO_TEMPERATURE}")
    found: dict[str, Any] = {known.length: call.max_tokens}
    if known.temperature:
        found["temperature"] = call.temperature
    if known.seed:
        found["seed"] = call.seed
    if call.schema is not None:
        found["response_format"] = {"type": "json_schema", "json_schema": {"name": "tasks", "strict": True, "schema": dict(call.schema)}}
    return found


def learn(known: Accepts, call: Call, model: str, parameter: str | None, words: str) -> tuple[Accepts, str] | None:
    """What a server's 400 teaches, with a sentence for the user; None where it is about something else.

    Raises:
        ModelError: It takes no temperature, and the call asks for one that is not the model's own.
    """
    named = parameter or next((name for name in (*LENGTHS, "temperature", "seed") if re.search(rf"\b{name}\b", words)), None)
    if named == known.length:
        other = LENGTHS[1 - LENGTHS.index(known.length)]
        return replace(known, length=other), f"model '{model}' takes no {named}; sending {other} (generate.accepts={{length: {other}}})"
    if named == "temperature" and known.temperature:
        if call.temperature != 1.0:
            raise ModelError(f"model '{model}' takes no temperature of {call.temperature}; {_NO_TEMPERATURE}. It said: {words}")
        words = f"model '{model}' takes no temperature; sending none (generate.accepts={{temperature: false}})"
        return replace(known, temperature=False), words
    if named == "seed" and known.seed:
        return replace(known, seed=False), f"model '{model}' takes no sampling seed; sending none (generate.accepts={{seed: false}})"
    return None
