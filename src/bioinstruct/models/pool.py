"""All concurrency of asking: many jobs at once, results in the order of submission."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from bioinstruct.core.errors import InputError

Key = TypeVar("Key")
Result = TypeVar("Result")

_AHEAD = 4
"""Jobs taken per worker: enough that a slow first job does not starve the others, few enough that memory stays flat."""


def run_all(
    jobs: Iterable[tuple[Key, Callable[[], Result]]], concurrency: int, on_done: Callable[[Key, Result], None]
) -> Iterator[tuple[Key, Result]]:
    """Yield (key, result) in the order of `jobs`, running up to `concurrency` at once in threads.

    `on_done` is called in the caller's thread as soon as a job is seen to be done, in order of completion. `jobs` is
    taken lazily. After the first error nothing new is started, jobs under way are let finish (and seen by `on_done`),
    and that error is raised; the same when the caller stops early.

    Raises:
        InputError: `concurrency` is below 1.
    """
    if concurrency < 1:
        raise InputError(f"concurrency: got {concurrency}; allowed: 1 or more")
    waiting: deque[tuple[Key, Future[Result]]] = deque()
    unseen: dict[Future[Result], Key] = {}
    executor = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="ask")
    source = iter(jobs)
    exhausted = False
    try:
        while True:
            while not exhausted and len(waiting) < concurrency * _AHEAD:
                job = next(source, None)
                if job is None:
                    exhausted = True
                    break
                key, call = job
                future = executor.submit(call)
                waiting.append((key, future))
                unseen[future] = key
            if not waiting:
                return
            if not waiting[0][1].done() or waiting[0][1] in unseen:
                _see(wait(unseen, return_when=FIRST_COMPLETED).done, unseen, on_done)
            while waiting and waiting[0][1].done() and waiting[0][1] not in unseen:
                key, future = waiting.popleft()
                yield key, future.result()
    finally:
        for _, future in waiting:
            future.cancel()
        executor.shutdown(wait=True)
        for future in [future for future in unseen if not future.cancelled() and future.exception() is None]:
            on_done(unseen.pop(future), future.result())


def _see(done: set[Future[Result]], unseen: dict[Future[Result], Key], on_done: Callable[[Key, Result], None]) -> None:
    """Report what is done in order of submission; raise the first error after the good ones are reported."""
    ordered = [future for future in unseen if future in done]
    failed: BaseException | None = None
    for future in ordered:
        key = unseen.pop(future)
        error = future.exception()
        if error is None:
            on_done(key, future.result())
        else:
            failed = failed or error
    if failed is not None:
        raise failed
