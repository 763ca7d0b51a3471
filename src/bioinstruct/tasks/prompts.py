"""How an item is shown: as it stands, or with its options listed below the question."""

from __future__ import annotations

from bioinstruct.core.records import Item


def plain(item: Item) -> tuple[str, str]:
    """(instruction, input) as they stand; the instruction of a label task states the labels."""
    return item.instruction, item.input


def listed(item: Item) -> tuple[str, str]:
    """(instruction, input) with the options below the question, one a line after a dash."""
    return item.instruction, "\n".join([item.input, *(f"- {option}" for option in item.options)]).strip()
