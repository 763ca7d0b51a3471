"""The page on a socket of the loopback, until it is stopped."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from bioinstruct.core.errors import InputError

LOOPBACK = "127.0.0.1"
_LINGER = 3
"""Seconds that open connections get when the server stops; what was saved is saved in any case."""


def listen(port: int, last_port: int) -> socket.socket:
    """A socket of the loopback that listens.

    Args:
        port: 0 = that of the last time where it is free, so that open pages and SSH forwards go on; else any.
        last_port: 0 = none.

    Raises:
        InputError: The port is taken.
    """
    for choice in [port] if port else [last_port, 0]:
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((LOOPBACK, choice))
        except OSError as error:
            opened.close()
            reason = error.strerror
        else:
            opened.listen()
            return opened
    raise InputError(f"review: got --port {port} ({reason}); allowed: a port that is free (0 = any)")


def server(app: ASGIApp) -> uvicorn.Server:
    """A server that keeps no log, as its addresses hold tokens, and believes no headers of proxies."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_LINGER,
        )
    )
