"""A process beside this one that is given tasks, so that ours and a peer can take turns without starting anew each time (Linux)."""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

RESULT = "RESULT "
"""Begins a line that a worker answers with."""


class Worker:
    """A process that does what it is told to, one line of JSON each way; between two tasks it sleeps.

    Args:
        command: What is started.
        folder: Its home, and where its complaints go.
        environment: Its variables, beside PATH and HOME.
    """

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.command, self.log = command, folder / "stderr.txt"
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
        with self.log.open("w") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            )  # fmt: skip

    def ask(self, told: dict[str, Any]) -> dict[str, Any]:
        """Hand over a task and wait for what came of it; other lines that libraries print are passed over.

        `others` in the answer: how many cores were busy with something else meanwhile.
        """
        began, before = time.monotonic(), self._others()
        with suppress(BrokenPipeError):  # it has ended; why is in its log
            print(json.dumps(told), file=self.process.stdin, flush=True)
        for line in self.process.stdout or ():
            if line.startswith(RESULT):
                found: dict[str, Any] = json.loads(line.removeprefix(RESULT))
                return {**found, "others": (self._others() - before) / (time.monotonic() - began)}
        raise SystemExit(f"{' '.join(self.command)} ended:\n{self.log.read_text()[-3000:]}")

    def _others(self) -> float:
        """Seconds of all cores that went to anything but this process, since the system started (Linux)."""
        user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
        own = sum(map(int, Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
        return (user + nice + system + sum(interrupts) - own) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
