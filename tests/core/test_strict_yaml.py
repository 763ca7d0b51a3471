from __future__ import annotations

import pytest
import yaml

from bioinstruct.core import strict_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("true", True),
        ("3e-4", 3e-4),
        ("1e5", 1e5),
        ("010", 10),
        ("-5", -5),
        ("0x10", "0x10"),
        ("1:30", "1:30"),
        ("2024-13-45", "2024-13-45"),
        ("", None),
        ("~", None),
        (".inf", float("inf")),
        ("'3'", "3"),
        ("[a, 'b: c']", ["a", "b: c"]),
        ("<<", "<<"),
    ],
)
def test_words_are_read_as_yaml_1_2_has_them(text: str, value: object):
    read = strict_yaml.load(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    "value",
    ["off", "1e5", "010", "null", "", "~", "true", "3", "a: b", "# x", "<<", "ü # 1", "x\ny", "\x07", "-", 1e-5, 1e20, [], {}, None],
)
def test_what_is_dumped_is_read_again(value: object):
    assert strict_yaml.load(strict_yaml.dump(value)) == value
    assert strict_yaml.load(f"section:\n  field: {strict_yaml.dump(value)}  # default\n") == {"section": {"field": value}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "the key 'a' a second time"),
        ("a: &x 1\nb: *x", "the alias '*x'"),
        ("[" * 5000, "values inside values without end"),
        ("1" * 5000, "a value that cannot be read (Exceeds the limit"),
        ("!!timestamp 2024-99-99", "a value that cannot be read (month must be in 1..12)"),
        ("!!python/name:os.system x", "could not determine a constructor"),
    ],
)
def test_what_hides_a_value_is_an_error(text: str, problem: str):
    with pytest.raises(yaml.YAMLError) as caught:
        strict_yaml.load(text)
    assert str(caught.value.problem).startswith(problem)
