"""Jobs on a Ray cluster: what `core.workers.Workers` does on one machine (extra `cluster`).

Machines read and write the same paths: shards, task files and the run folder must lie where all of them see them.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from bioinstruct.core.errors import BioinstructError, InputError, MissingExtra, ModelError
from bioinstruct.core.progress import Progress, Silent

LOCAL = "local"
REACH = 10.0
"""Seconds to wait for a cluster's port."""


class Cluster:
    """A connection to Ray; use as a context manager.

    Args:
        address: "local" starts Ray on this machine; otherwise the address of a cluster that runs, or "auto".
        cpus: Of a local one: how many jobs run at once.
        progress: Told of every job that is done.

    Raises:
        MissingExtra: Ray is not installed.
        InputError: there is no cluster at the address.
    """

    def __init__(self, address: str, cpus: int, progress: Progress) -> None:
        _reach(address)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing about a run leaves the machine
        try:
            import ray
            import ray.data
        except ImportError:
            raise MissingExtra("ray", "cluster") from None
        self._ray: Any = ray
        self._progress = progress
        here: dict[str, Any] = {"num_cpus": cpus, "include_dashboard": False} if address == LOCAL else {}
        try:
            ray.init(address=address, log_to_driver=False, **here)
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            raise InputError(
                f"--ray: got {address} ({str(error)[:120]}); allowed: '{LOCAL}', 'auto' or the address of a Ray cluster"
            ) from None
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ray.shutdown()

    def map(self, function: Callable[..., Any], jobs: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What `function(**job, progress=...)` gives back for each job, in order; it must be JSON.

        Raises:
            BioinstructError: what a job raised, the first in order.
            ModelError: Ray could not do a job.
        """

        def done(row: dict[str, Any]) -> dict[str, Any]:
            number = int(row["number"])
            try:
                result = function(**jobs[number], progress=Silent())
            except BioinstructError as error:
                return {"number": number, "result": "", "error": pickle.dumps(error)}
            return {"number": number, "result": json.dumps(result), "error": b""}

        numbers = self._ray.data.from_items([{"number": number} for number in range(len(jobs))], override_num_blocks=len(jobs))
        try:
            rows = sorted(numbers.map(done).iter_rows(), key=lambda row: int(row["number"]))
        except self._ray.exceptions.RayError as error:
            raise ModelError(f"ray: {str(error).strip().splitlines()[-1][:300]}; what was done is kept, run again to go on") from None
        for row in rows:
            if row["error"]:
                raise pickle.loads(row["error"])  # our own worker's error, not data from outside
        self._progress.advance(len(rows))
        return [json.loads(row["result"]) for row in rows]


def _reach(address: str) -> None:
    """Refuse an address at which nobody listens: Ray itself goes on trying for minutes."""
    if address in (LOCAL, "auto"):
        return
    found = re.fullmatch(r"(?:ray://)?([\w.-]+):(\d{1,5})", address)
    if found is None:
        raise _refused(address, "no HOST:PORT")
    try:
        socket.create_connection((found[1], int(found[2])), timeout=REACH).close()
    except (OSError, OverflowError) as error:
        raise _refused(address, str(error)) from None


def _refused(address: str, words: str) -> InputError:
    return InputError(f"--ray: got '{address}' ({words[:120]}); allowed: '{LOCAL}', 'auto' or the address of a Ray cluster")
