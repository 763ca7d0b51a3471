"""Memory that a process has freed, handed back to the system.

glibc keeps it for later, in pieces that tensors of other sizes do not fit into: a worker that tunes and then evaluates held twice
what it used.
"""

from __future__ import annotations

import contextlib
import ctypes


def release() -> None:
    """Hand back what is free, where the C library can (glibc); some hundredths of a second."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library, or another system
        ctypes.CDLL(None).malloc_trim(0)
