"""Where a task's data can be had: copies with what pins them, and the steps to those that are not handed out freely.

Nothing here is fetched. A copy without a revision or checksum is not pinned, and says so: none is made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Copy:
    """One place that the data can be had from."""

    place: str
    """`hf://datasets/OWNER/NAME` of the Hugging Face hub, or an address."""
    files: tuple[str, ...]
    """Files of it that the task reads, or patterns of their names."""
    revision: str | None = None
    """Commit to ask for; what it holds is known from its card and not read by the tests. None: not pinned."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    """File to the SHA-256 of the one that the tests read; a file that is absent here is not pinned."""

    @property
    def pinned(self) -> str:
        """What pins it, in words."""
        parts = [f"revision {self.revision}"] if self.revision else []
        parts += [f"{name} sha256 {digest}" for name, digest in self.sha256.items()]
        return "; ".join(parts) or "not pinned"


@dataclass(frozen=True)
class Access:
    """How to get the data of a task."""

    copies: tuple[Copy, ...]
    steps: tuple[str, ...] = ()
    """What must be done first, in order, where a copy cannot simply be fetched."""

    @property
    def credentialed(self) -> bool:
        """Whether something must be agreed to or applied for."""
        return bool(self.steps)

    @property
    def refusal(self) -> str:
        """What one who has no file is told beside what the file is; empty where any copy can be fetched."""
        steps = "; ".join(f"({number}) {step}" for number, step in enumerate(self.steps, start=1))
        return f"; it does not come with us: {steps}" if steps else ""

    def published(self, path: Path) -> dict[str, bool]:
        """File name to whether it `matches`, of the pinned files that `path` is or, being a folder, holds; empty where there is none."""
        names = sorted({name for copy in self.copies for name in copy.sha256})
        files = [path / name for name in names if (path / name).is_file()] if path.is_dir() else [path]
        return {file.name: same for file in files if (same := self.matches(file)) is not None}

    def matches(self, path: Path) -> bool | None:
        """Whether a file is the one that is pinned under its name; None where no copy pins it."""
        known = {copy.sha256[path.name] for copy in self.copies if path.name in copy.sha256}
        return hashlib.sha256(path.read_bytes()).hexdigest() in known if known else None
