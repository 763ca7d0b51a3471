"""How the command line speaks to a shell: signals, exit codes, and errors as one line each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def end_as_by_hand() -> None:
    """Take SIGTERM (a scheduler's, a container's) as Ctrl-C: replies under way are waited for, and the run can go on.

    Not in a process that helps the main one of a launcher: it has nothing to put down, and may be waiting inside a library.
    """
    import signal
    import threading

    from bioinstruct.core.workers import launched

    if launched()[0] > 0:
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, interrupt)


def tell(message: str) -> None:
    """Each line of a message, marked as ours; what a file's text could do to a terminal is shown, not done."""
    for line in message.split("\n"):
        print("bioinstruct: " + "".join(_visible(line)), file=sys.stderr)


def _visible(line: str) -> Iterator[str]:
    return (character if character.isprintable() else repr(character)[1:-1] for character in line)


def usage(error: Any) -> str:
    """A sentence about arguments in the form of all others: place, what was got, what is allowed."""
    message = str(error.format_message()).rstrip(".").removeprefix("Got ")
    command = getattr(error.ctx, "command", None)
    if command is None:
        return f"arguments: got {message[:1].lower()}{message[1:]}; allowed: what --help shows"
    words = [one.metavar or one.name.upper() for one in command.params if one.param_type_name == "argument"]
    options = [one.opts[0] for one in command.params if one.param_type_name == "option"]
    allowed = ", ".join([*words, *options, "--help", *getattr(command, "commands", ())])
    return f"arguments of '{command.name}': got {message[:1].lower()}{message[1:]}; allowed: {allowed}"
