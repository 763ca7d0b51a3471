from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.models.pool import run_all


def ignore(key: object, result: object) -> None:
    pass


def test_results_come_in_the_order_of_submission() -> None:
    def job(number: int) -> Callable[[], int]:
        def call() -> int:
            time.sleep(0.002 * (7 - number % 7))
            return number * number

        return call

    seen: list[int] = []
    results = list(run_all(((n, job(n)) for n in range(30)), 5, lambda key, _: seen.append(key)))
    assert results == [(n, n * n) for n in range(30)]
    assert sorted(seen) == list(range(30))


def test_no_more_than_the_asked_number_run_at_once() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def call() -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
        return 0

    assert len(list(run_all(((n, call) for n in range(20)), 3, ignore))) == 20
    assert most == 3


def test_jobs_are_taken_lazily() -> None:
    taken = 0

    def jobs() -> Iterator[tuple[int, Callable[[], int]]]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield number, lambda: 1

    results = run_all(jobs(), 2, ignore)
    assert next(results) == (0, 1)
    assert taken < 50
    results.close()  # type: ignore[attr-defined]


def test_the_first_error_stops_new_jobs_and_lets_those_under_way_finish() -> None:
    started: list[int] = []
    done: list[int] = []

    def job(number: int) -> Callable[[], int]:
        def call() -> int:
            started.append(number)
            if number == 1:
                raise ModelError("no key")
            time.sleep(0.05)
            return number

        return call

    with pytest.raises(ModelError, match="no key"):
        list(run_all(((n, job(n)) for n in range(100)), 2, lambda key, _: done.append(key)))
    assert len(started) < 10
    assert sorted(done) == sorted(set(started) - {1})  # what was paid for is seen
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ask")]


def test_an_error_of_the_source_stops_cleanly() -> None:
    def jobs() -> Iterator[tuple[int, Callable[[], int]]]:
        yield 0, lambda: 1
        raise InputError("no seeds")

    with pytest.raises(InputError, match="no seeds"):
        list(run_all(jobs(), 2, ignore))


def test_nothing_to_do_and_a_wrong_number() -> None:
    assert list(run_all([], 2, ignore)) == []
    with pytest.raises(InputError, match="got 0"):
        list(run_all([(0, lambda: 1)], 0, ignore))
