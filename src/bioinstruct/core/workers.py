"""Processes that do work side by side: two small models on two cores go faster next to each other than one after the other.

    >>> with Workers(1, Silent()) as workers:  # one: in this process
    ...     workers.map(work, [{"number": 1}, {"number": 2}])  # doctest: +SKIP

A job is a function of a module with picklable keyword arguments; it gets a `Progress` as `progress` and says in it how far it is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from types import TracebackType
from typing import Any, TypeVar

from bioinstruct.core.errors import ModelError
from bioinstruct.core.progress import Figure, Progress

T = TypeVar("T")

_channel: Any = None  # of a worker process: the queue to the process that draws
_ENDED = None


def launched() -> tuple[int, int]:
    """Rank of this process and number of those that torchrun or `accelerate launch` started; (0, 1) without them."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


class Workers:
    """`count` processes, started when the first jobs come; a context manager that ends them.

    Jobs begin in the order given, each in the next free process. With one process they run here, one after the other.

    Args:
        count: Processes.
        progress: Told what the jobs say; jobs that run at the same time get a branch of it each.
    """

    def __init__(self, count: int, progress: Progress) -> None:
        self.count = count
        self._progress = progress
        self._executor: ProcessPoolExecutor | None = None
        self._queue: Any = None
        self._listener: threading.Thread | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._executor is None:
            return
        if kind is not None:  # what still runs is of no use: it would be waited for, and go on writing
            for process in multiprocessing.active_children():
                process.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._queue.put(_ENDED)
        assert self._listener is not None
        self._listener.join()
        self._queue.close()
        self._executor = None

    def say(self, text: str) -> None:
        """One line for the reader."""
        self._progress.say(text)

    def map(self, function: Callable[..., T], jobs: Sequence[Mapping[str, Any]]) -> list[T]:
        """What `function(**job, progress=...)` gives back for each job, in order.

        Raises:
            ModelError: a process was ended from outside (for want of memory, mostly).
            Exception: what a job raised, the first in time; the other processes are ended with the context.
        """
        if self.count == 1:
            return [function(**job, progress=self._progress) for job in jobs]
        self._progress.finish()  # what was told of before is over
        executor = self._started()
        futures: list[Future[T]] = [executor.submit(_work, function, dict(job)) for job in jobs]
        # The executor looks for ended processes among those that stood when a job was last submitted: not the one started for that job.
        executor.submit(os.getpid)
        try:
            for done in as_completed(futures):
                done.result()
            return [future.result() for future in futures]
        except BrokenProcessPool:
            raise ModelError(
                "a worker process was ended from outside (too little memory?); run again to go on, with workers=1 if it happens again"
            ) from None

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            self._queue = context.SimpleQueue()
            self._listener = threading.Thread(target=_listen, args=(self._queue, self._progress), daemon=True)
            self._listener.start()
            self._executor = ProcessPoolExecutor(self.count, context, _prepare, (self._queue,))
        return self._executor


class _Relay:
    """The `Progress` of a job in another process: every call is sent to where it is drawn."""

    def start(self, label: str, total: int | None, unit: str) -> None:
        _channel.put((os.getpid(), "start", (label, total, unit)))

    def advance(self, n: int = 1, note: str = "", **figures: Figure) -> None:
        _channel.put((os.getpid(), "advance", (n, note)))

    def say(self, text: str) -> None:
        _channel.put((os.getpid(), "say", (text,)))

    def branch(self) -> Progress:
        return self

    def finish(self) -> None:
        _channel.put((os.getpid(), "finish", ()))


def _work(function: Callable[..., T], job: dict[str, Any]) -> T:
    relay = _Relay()
    try:
        return function(**job, progress=relay)
    finally:
        relay.finish()


def _prepare(queue: Any) -> None:
    """Of a new process: an interrupt is the parent's affair, and without the parent there is nothing to work for."""
    global _channel
    _channel = queue
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _listen(queue: Any, progress: Progress) -> None:
    """Hand on what the jobs say, each process's to a branch of its own."""
    branches: dict[int, Progress] = {}
    while (message := queue.get()) is not _ENDED:
        process, name, arguments = message
        if process not in branches:
            branches[process] = progress.branch()
        getattr(branches[process], name)(*arguments)
