"""How a rehearsal server is to behave, as words of the command line: `latency=0.5`, `faults=0.3`, `faults={hang: 0.1}`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import yaml

from bioinstruct.core import strict_yaml
from bioinstruct.core.errors import InputError
from bioinstruct.embedded.faults import LASTING, PASSING, Script


def script(settings: Sequence[str]) -> Script:
    """The script of `NAME=VALUE` words; `faults` is a share for every fault's name, or one number that all faults divide.

    Raises:
        InputError: a word has no such form, names no setting, or has a value that is not allowed.
    """
    names = [one.name for one in dataclasses.fields(Script)]
    values: dict[str, Any] = {}
    for word in settings:
        name, separator, text = word.partition("=")
        if not separator or name not in names:
            raise InputError(f"--set: got '{word}'; allowed: NAME=VALUE with one of {', '.join(names)}")
        try:
            values[name] = strict_yaml.load(text)
        except yaml.YAMLError:
            raise InputError(f"--set: got '{word}'; allowed: {name}= and a value in YAML") from None
    faults = values.get("faults")
    if isinstance(faults, int | float) and not isinstance(faults, bool):
        every = (*PASSING, *LASTING)
        values["faults"] = dict.fromkeys(every, faults / len(every))
    elif faults is not None and not isinstance(faults, dict):
        raise InputError(f"--set: got faults={faults!r}; allowed: a share such as 0.3, or shares by name such as {{hang: 0.1, reset: 0.1}}")
    if isinstance(values.get("models"), str):
        values["models"] = (values["models"],)
    return Script(**values)
