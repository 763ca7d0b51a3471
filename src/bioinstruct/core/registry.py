"""A table of name -> "module:attribute", resolved on first use. No import side effects; a duplicate raises."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator
from typing import Generic, TypeVar, cast

from bioinstruct.core.errors import InputError

Value = TypeVar("Value")


class Registry(Generic[Value]):
    """Names of one kind of thing (tasks, templates ...), each pointing to where it is defined."""

    def __init__(self, kind: str, table: dict[str, str] | None = None) -> None:
        self.kind = kind
        self._table: dict[str, str] = {}
        self._made: dict[str, Value] = {}
        for name, target in (table or {}).items():
            self.register(name, target)

    def register(self, name: str, target: str) -> None:
        """Add `name` for `target` ("package.module:attribute"); a name that exists raises `InputError`."""
        if name in self._table:
            raise InputError(f"{self.kind} '{name}' is already registered as {self._table[name]}")
        self._table[name] = target

    def extended(self, name: str, value: Value) -> Registry[Value]:
        """This registry and one thing more, which was made elsewhere; a name that exists raises `InputError`. This one stays as it is."""
        whole: Registry[Value] = Registry(self.kind, self._table)
        whole._made.update(self._made)
        whole.register(name, "")
        whole._made[name] = value
        return whole

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def unknown(self, name: str) -> str:
        """Say what is allowed instead of `name`, the closest first."""
        close = difflib.get_close_matches(name, self._table, n=1)
        hint = f"did you mean '{close[0]}'? one of: " if close else "one of: "
        return hint + ", ".join(self._table)

    def get(self, name: str) -> Value:
        """Import and give back the thing; an unknown name raises `InputError` that lists the known ones."""
        if name not in self._table:
            raise InputError(f"{self.kind}: got '{name}'; allowed: {self.unknown(name)}")
        if name in self._made:
            return self._made[name]
        module, _, attribute = self._table[name].partition(":")
        return cast(Value, getattr(importlib.import_module(module), attribute))
