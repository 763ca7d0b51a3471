from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bioinstruct.models import memory


def resident() -> int:
    """Kilobytes of memory that this process holds."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_freed_memory_goes_back() -> None:
    blocks = [bytearray(60_000) for _ in range(4_000)]  # below the size that the C library hands back by itself
    last = bytearray(60_000)
    full = resident()
    del blocks
    memory.release()
    assert full - resident() > 150_000
    assert len(last) == 60_000


def test_another_c_library_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    memory.release()
