"""The processes that tune one adapter together, as torchrun or `accelerate launch` start them; mostly there is one.

Each holds the whole base and computes a share of every step's examples. The gradients of the LoRA weights, a small part of the model, are
summed once a step; then each process takes the same step. There is no wrapper around the model, so processes may make any number of passes,
also none. Only the main one (rank 0) writes; all read the run folder, which must be the same for all.
"""

from __future__ import annotations

import atexit
import gc
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from bioinstruct.tune.shares import dealt

if TYPE_CHECKING:
    from accelerate import PartialState

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """This process among those that tune together."""

    rank: int
    size: int
    device: torch.device
    local_size: int = 1
    """Processes on this machine."""

    @property
    def main(self) -> bool:
        """Whether this process writes and tells."""
        return self.rank == 0

    def share(self, items: Sequence[T], weights: Sequence[float]) -> list[T]:
        """This process's part of `items`, such that the parts' weights are about equal."""
        return dealt(items, weights, self.size)[self.rank]

    def add(self, tensors: Iterable[torch.Tensor | None]) -> None:
        """Replace each tensor by its sum over all processes; in one message. Those that are None everywhere stay out of it."""
        if self.size == 1:
            return
        given = [tensor for tensor in tensors if tensor is not None]
        flat = torch.cat([tensor.reshape(-1).float() for tensor in given])
        torch.distributed.all_reduce(flat)
        for tensor, part in zip(given, torch.split(flat, [tensor.numel() for tensor in given]), strict=True):
            tensor.copy_(part.view_as(tensor))

    def total(self, *values: float) -> list[float]:
        """Sums over all processes."""
        sums = torch.tensor(values, dtype=torch.float64, device=self.device if self.device.type == "cuda" else "cpu")
        if self.size > 1:
            torch.distributed.all_reduce(sums)
        return [float(value) for value in sums]

    def most(self, value: int) -> int:
        """The largest of all processes' values."""
        if self.size == 1:
            return value
        largest = torch.tensor(value, device=self.device)
        torch.distributed.all_reduce(largest, torch.distributed.ReduceOp.MAX)
        return int(largest)

    def shard(self, model: Any) -> None:
        """Share the frozen weights of the model's layers out (FSDP2): each process keeps a part and gathers a layer as it is needed.

        What is trained stays whole in every process, and so do the embeddings and the output layer. All processes must then make the same
        number of passes.
        """
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard
        from transformers.modeling_layers import GradientCheckpointingLayer

        mesh = init_device_mesh(self.device.type, (self.size,))
        trained = {parameter for parameter in model.parameters() if parameter.requires_grad}
        for layer in [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]:
            fully_shard(layer, mesh=mesh, ignored_params=trained)
        model.to(self.device)

    def agree(self, value: T) -> T:
        """The main process's value; what the others hand in is passed over."""
        if self.size == 1:
            return value
        told: list[Any] = [value]
        torch.distributed.broadcast_object_list(told, src=0)
        return told[0]  # type: ignore[no-any-return]


def _leave(state: PartialState) -> None:
    """End the group.

    FSDP keeps gloo's threads alive past it, and one that lets go of its last tensor while the interpreter is being taken down aborts a
    process whose work is done: what can be freed is freed first, and the threads get a moment to fall idle.
    """
    gc.collect()
    state.destroy_process_group()
    time.sleep(0.2)


@cache
def join() -> World:
    """The world that the environment describes; started once a process, ended with it.

    `WORLD_SIZE` and what goes with it are set by torchrun and `accelerate launch`; without them there is one process, on the first
    GPU or the CPU.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return World(0, 1, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    from accelerate import PartialState

    state = PartialState(cpu=not torch.cuda.is_available())
    atexit.register(_leave, state)
    return World(state.process_index, state.num_processes, state.device, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
