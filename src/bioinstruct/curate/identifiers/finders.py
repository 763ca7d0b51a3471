"""Which finders there are, what would stop them, and all that are named as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bioinstruct.core.errors import Problem, raise_problems
from bioinstruct.curate.identifiers import openmed, patterns, presidio
from bioinstruct.curate.identifiers.found import Finder, Found, without_overlaps

_FINDERS: dict[str, tuple[Callable[[], list[Problem]], Callable[[], Finder]]] = {
    patterns.NAME: (list, patterns.PatternFinder),
    presidio.NAME: (presidio.problems, presidio.PresidioFinder),
    openmed.NAME: (openmed.problems, openmed.OpenMedFinder),
}
"""Name -> what would stop it, and how it is opened."""


class Identifiers:
    """Several finders as one."""

    def __init__(self, members: Sequence[Finder]) -> None:
        self._members = tuple(members)

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """The identifiers of each text by their start, none overlapping another.

        Where findings overlap, the longest stays, and of two as long that of the finder named first.
        """
        by_finder = [member.find(texts) for member in self._members]
        return [
            without_overlaps((rank, found) for rank, results in enumerate(by_finder) for found in results[place])
            for place in range(len(texts))
        ]


def problems(names: Sequence[str]) -> list[Problem]:
    """What would stop `finders(names)`: unknown or repeated names, packages and models that are not installed. Loads none of them.

    Whether openmed's model can be had shows only when it is loaded.
    """
    place, allowed = "curate.finders", f"one or more of {', '.join(_FINDERS)}, each once"
    if not names or len(set(names)) < len(names) or not set(names) <= set(_FINDERS):
        return [Problem(place, f"[{', '.join(names)}]", allowed)]
    return [problem for name in names for problem in _FINDERS[name][0]()]


def finders(names: Sequence[str]) -> Identifiers:
    """Open the finders named, in the order in which they win.

    Raises:
        InputError: One is unknown, or a package or a model of one is missing; the message says what to install.
    """
    raise_problems(problems(names))
    return Identifiers([_FINDERS[name][1]() for name in names])
