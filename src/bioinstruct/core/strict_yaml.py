"""YAML as people mean it: the core schema of YAML 1.2, in which `off` is a word and `3e-4` a number.

Keys that occur twice and aliases are errors: the first hides a value, and no recipe needs the second.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_CORE_SCHEMA = (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789"),
)
"""Kind of a plain word, how it is written, and its possible first characters (an empty word is null)."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own form

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, f"the alias '*{event.anchor}'", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"the key '{key.value}' a second time", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_decimal(self, node: Any) -> int:
        return int(self.construct_scalar(node))


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _name, _pattern, _first in _CORE_SCHEMA:
    for _dialect in (_Loader, _Dumper):
        _dialect.add_implicit_resolver(
            f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), [*_first, *([""] if _name == "null" else [])]
        )
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_decimal)


def load(text: str) -> Any:
    """The value that a YAML text stands for.

    Raises:
        yaml.YAMLError: not YAML, a key twice, an alias, too deep, or a number too long.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except RecursionError:
        raise yaml.MarkedYAMLError(problem="values inside values without end") from None
    except ValueError as error:
        raise yaml.MarkedYAMLError(problem=f"a value that cannot be read ({str(error).partition(';')[0]})") from None


def dump(value: Any) -> str:
    """A value as one line of YAML that `load` reads as the same value."""
    text: str = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, width=10**9, allow_unicode=True)
    return text.removesuffix("\n...\n").strip()
