"""What the words after a command say: a recipe, overrides of its fields, and with them a run folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bioinstruct.core.errors import InputError

if TYPE_CHECKING:
    from bioinstruct.core.recipe import Resolved


def with_field(words: Sequence[str] | None, field: str, value: object) -> list[str]:
    """The words and, where there is a value, an override that is read as exactly this text, whatever YAML makes of it."""
    return [*(words or []), *([f"{field}={json.dumps(str(value))}"] if value is not None else [])]


def load(words: Sequence[str] | None, out: Path | None) -> tuple[Resolved, Path]:
    """The resolved recipe, and its run folder's path: `out`, or runs/<recipe name>.

    Raises:
        InputError: there are two recipes, or a field without a value.
        RecipeError: the recipe or an override cannot be used.
    """
    from bioinstruct.core import recipe

    names = [word for word in words or [] if "=" not in word]
    if len(names) > 1:
        raise InputError(
            f"arguments: got two recipes, {names[0]} and {names[1]}; allowed: one, and overrides of the form section.field=value"
        )
    if names and names[0].split(".")[0] in recipe.Recipe.model_fields and not Path(names[0]).exists():
        raise InputError(f"arguments: got '{names[0]}' without a value; allowed: {names[0]}=VALUE, or an existing recipe")
    resolved = recipe.load(names[0] if names else None, [word for word in words or [] if "=" in word])
    return resolved, out or Path("runs") / (Path(names[0]).stem if names else "embedded")
