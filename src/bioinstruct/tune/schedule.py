"""The learning rate of each step."""

from __future__ import annotations

import math

SCHEDULES = ("cosine", "linear", "constant")


def learning_rate(step: int, n_steps: int, peak: float, warmup: float, schedule: str = "cosine") -> float:
    """The rate of step `step` (from 0): linear up to `peak` over the share `warmup`, then as the schedule says.

    'cosine' and 'linear' are zero just after the last step; 'constant' stays at `peak`.
    """
    n_warmup = round(n_steps * warmup)
    if step < n_warmup:
        return peak * (step + 1) / (n_warmup + 1)
    gone = (step - n_warmup) / (n_steps - n_warmup)
    if schedule == "cosine":
        return peak * 0.5 * (1.0 + math.cos(math.pi * gone))
    return peak * (1.0 - gone) if schedule == "linear" else peak
