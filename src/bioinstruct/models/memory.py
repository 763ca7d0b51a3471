"""How the C library (glibc) deals with memory that is freed.

By default it gives large pieces back at once, and the next of the same size costs a system call and a pass over fresh pages: a training
step asks for the same sizes again and again. What it keeps lies in pieces that tensors of other sizes do not fit into: a worker that tunes
and then evaluates held twice what it used.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
"""glibc's names for what `mallopt` sets (malloc.h)."""
_DEFAULTS = {_TRIM_THRESHOLD: 128 << 10, _TOP_PAD: 128 << 10, _MMAP_MAX: 65_536}
_KEEPING = {_TRIM_THRESHOLD: (1 << 31) - 1, _TOP_PAD: 64 << 20, _MMAP_MAX: 0}


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Keep freed memory for what comes next, and hand it back at the end; nothing on other systems."""
    _set(_KEEPING)
    try:
        yield
    finally:
        _set(_DEFAULTS)
        release()


def release() -> None:
    """Hand back what is free, where the C library can (glibc); some hundredths of a second."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library, or another system
        ctypes.CDLL(None).malloc_trim(0)


def _set(options: dict[int, int]) -> None:
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        for option, value in options.items():
            library.mallopt(option, value)
