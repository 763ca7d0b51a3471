"""Cells on a Ray cluster: what `core.workers.Workers` does on one machine (extra `cluster`).

Every cell takes one GPU where the cluster has any, else one CPU. Machines read and write the same paths, and share nothing else.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bioinstruct.core.errors import BioinstructError, ModelError
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.curate.cluster import Cluster


class Machines(Cluster):
    """A connection to Ray for cells; use as a context manager.

    Args:
        address: "local" starts Ray on this machine; otherwise the address of a cluster that runs, or "auto".
        cpus: Of a local one: how many cells are done at once where there is no GPU.
        progress: Told of every cell that is done.

    Raises:
        MissingExtra: Ray is not installed.
        InputError: there is no cluster at the address.
    """

    def __init__(self, address: str, cpus: int, progress: Progress) -> None:
        super().__init__(address, cpus, progress)
        gpus = float(self._ray.cluster_resources().get("GPU", 0.0))
        self._needs = {"num_cpus": 0, "num_gpus": 1} if gpus >= 1 else {"num_cpus": 1}

    def map(self, function: Callable[..., Any], jobs: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What `function(**job, progress=...)` gives back for each job, in order; jobs begin in that order.

        Raises:
            BioinstructError: what a job raised, the first in time; the others are ended.
            ModelError: Ray could not do a job.
        """
        remote = self._ray.remote(**self._needs, max_calls=0)(_done)
        waiting = {remote.remote(function, dict(job)): number for number, job in enumerate(jobs)}
        results: dict[int, Any] = {}
        try:
            while waiting:
                (ready,), _ = self._ray.wait(list(waiting), num_returns=1)
                result, error = self._ray.get(ready)
                if error:
                    raise pickle.loads(error)  # our own worker's error, not data from outside
                results[waiting.pop(ready)] = result
                self._progress.start(f"{result} done", None, "")
        except self._ray.exceptions.RayError as error:
            raise ModelError(f"ray: {str(error).strip().splitlines()[-1][:300]}; what was done is kept, run again to go on") from None
        finally:
            for left in waiting:
                self._ray.cancel(left, force=True)
        return [results[number] for number in range(len(jobs))]


def _done(function: Callable[..., Any], job: Mapping[str, Any]) -> tuple[Any, bytes]:
    """A job's result, or its error as bytes: Ray would wrap it in one of its own."""
    try:
        return function(**job, progress=Silent()), b""
    except BioinstructError as error:
        return None, pickle.dumps(error)
