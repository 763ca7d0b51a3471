from __future__ import annotations

import copy
import pickle

import pytest

from bioinstruct.core import errors
from bioinstruct.core.errors import DataError, InputError, LimitReached, MissingExtra, ModelError, Problem, raise_problems


@pytest.mark.parametrize(
    ("kind", "parents", "exit_code"),
    [
        (errors.BioinstructError, (Exception,), 1),
        (ModelError, (errors.BioinstructError, RuntimeError), 1),
        (InputError, (errors.BioinstructError, ValueError), 2),
        (errors.RecipeError, (InputError,), 2),
        (DataError, (InputError,), 2),
        (errors.RunFolderError, (InputError,), 2),
        (MissingExtra, (InputError, ImportError), 2),
        (LimitReached, (errors.BioinstructError,), 3),
    ],
)
def test_tree_and_exit_codes(kind, parents, exit_code):
    assert all(issubclass(kind, parent) for parent in parents)
    assert kind.exit_code == exit_code


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({}, "a.jsonl: got nothing; allowed: a row"),
        ({"line": 3}, "a.jsonl, line 3: got nothing; allowed: a row"),
        ({"field": "input"}, "a.jsonl, field 'input': got nothing; allowed: a row"),
        ({"line": 3, "field": "input"}, "a.jsonl, line 3, field 'input': got nothing; allowed: a row"),
    ],
)
def test_data_error_names_file_line_and_field(place, message):
    assert str(DataError("a.jsonl", got="nothing", allowed="a row", **place)) == message


@pytest.mark.parametrize("across", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_data_error_crosses_a_process_boundary(across):
    error = across(DataError("a.jsonl", got="nothing", allowed="a row", line=3, field="input"))
    assert isinstance(error, DataError)
    assert str(error) == "a.jsonl, line 3, field 'input': got nothing; allowed: a row"
    assert (error.line, error.field, error.path.name) == (3, "input", "a.jsonl")


def test_missing_extra_names_the_command():
    assert str(MissingExtra("torch", "local")) == "'torch' is not installed; run: pip install 'bioinstruct[local]'"


def test_problems_are_raised_together_one_a_line():
    problems = [Problem("curate.min_words", "200", "at most 150"), Problem("evaluate.tasks[0]", "'x'", "a task")]
    with pytest.raises(InputError) as caught:
        raise_problems(problems)
    assert str(caught.value) == "curate.min_words: got 200; allowed: at most 150\nevaluate.tasks[0]: got 'x'; allowed: a task"


def test_no_problem_is_no_error():
    raise_problems([])
