"""What a template of each part may have for slots.

>>> value("licence", "npi", Draw(random.Random(0), "develop"))  # doctest: +SKIP
'1497284658'
"""

from __future__ import annotations

from functools import cache

from bioinstruct.core.errors import InputError
from identifier_templates.values import MAKERS, PARTS, Draw, Maker
from identifier_templates.values_fourth import FOURTH
from identifier_templates.values_second import SECOND
from identifier_templates.values_third import THIRD

KINDS = tuple(kind for kind in MAKERS if kind != "city")
"""Kinds that are counted. A city is an identifier too, but no finder by patterns is asked for it: found or not, it counts for nothing."""
FURTHER = {"held_out_second": SECOND, "held_out_third": THIRD, "held_out_fourth": FOURTH}
"""Makers that only one part has."""


@cache
def makers(part: str) -> dict[str, dict[str, Maker]]:
    """Kind -> format -> maker for the templates of `part`: those that all parts have, and its own where it has any."""
    if part not in PARTS:
        raise InputError(f"part: got '{part}'; allowed: {', '.join(PARTS)}")
    further = FURTHER.get(part, {})
    return {kind: forms | further.get(kind, {}) for kind, forms in MAKERS.items()}


def value(kind: str, form: str, draw: Draw) -> str:
    """A value of `kind` written as `form`. Raises `InputError` for a kind or format that the part of `draw` does not have."""
    allowed = makers(draw.part)
    if form not in allowed.get(kind, {}):
        known = ", ".join(sorted(f"{one}.{form}".rstrip(".") for one, forms in allowed.items() for form in forms))
        raise InputError(f"slot: got '{kind}.{form}'; allowed: {known}")
    return allowed[kind][form](draw)
