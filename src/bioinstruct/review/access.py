"""The gate before every page: who asks, from where, and whether the answer may be given. What is not allowed gets 403 and the reason.

1. The request's host is a loopback name, whatever the port (an SSH forward may have another): no page of another site whose name was
   pointed at this machine gets in (DNS rebinding).
2. Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`): another origin is refused, and what changes something must be
   shown to come from our own pages. It also carries a token of the session (`Session.form_token`), which only our own pages hold.
3. Without a session there is nothing but `/enter`, where a one-time token begins one. Its cookie is `HttpOnly` and `SameSite=Strict`.

Every response forbids scripts, styles and frames from elsewhere, and caching.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bioinstruct.review import rendering
from bioinstruct.review.store import Store

LARGEST_BODY = 16 * 2**20
"""Bytes of a form that are read."""
ENTER = "/enter"
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_READING = frozenset({"GET", "HEAD"})
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Session:
    """Who is signed in."""

    rater: str
    secret: str
    """The cookie's value."""

    @property
    def form_token(self) -> str:
        """What a form of this session carries, so that no other page can send one."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()

    def sent(self, token: str) -> bool:
        """Whether a form with this token comes from a page of this session."""
        return hmac.compare_digest(self.form_token.encode(), token.encode())


class Gate:
    """Lets a request through to the pages, with its session in `scope["state"]["session"]`, or answers it."""

    def __init__(self, app: ASGIApp, store: Store, cookie: str) -> None:
        self._app, self._store, self._cookie = app, store, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        session = self._session(scope)
        scope.setdefault("state", {})["session"] = session
        refused = refusal(scope["method"], scope["path"], headers, signed_in=session is not None)
        if refused is None:
            await self._app(scope, receive, guarded)
        else:
            status, reason = refused
            await HTMLResponse(rendering.problem(status, reason), status)(scope, receive, guarded)

    def _session(self, scope: Scope) -> Session | None:
        secret = Request(scope).cookies.get(self._cookie)
        rater = None if secret is None else self._store.rater_of(secret)
        return None if secret is None or rater is None else Session(rater, secret)


def refusal(method: str, path: str, headers: Mapping[str, str], *, signed_in: bool) -> tuple[int, str] | None:
    """Status and reason why a request is not let through; None where it is."""
    if not _LOOPBACK.fullmatch(headers.get("host", "")):
        return 403, "This page answers to 127.0.0.1 and localhost only."
    if _is_foreign(method, path, headers):
        return 403, "This request comes from another site. Open the page by its own address."
    if not signed_in and (path, method) != (ENTER, "GET"):
        return 403, "Nobody is signed in here. " + rendering.NEW_LINK
    if method in _READING:
        return None
    if not _is_own(headers):
        return 403, "Your browser does not say that this request comes from this page. Use a current browser."
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        return 411, "Not saved: the request does not say how long it is."
    if len(length) > 15 or int(length) > LARGEST_BODY:
        return 413, f"Not saved: the form holds {length[:15]} bytes, and {LARGEST_BODY:,} are allowed."
    return None


def _is_foreign(method: str, path: str, headers: Mapping[str, str]) -> bool:
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    # The link of the one-time token may be clicked anywhere: in a mail, in a chat.
    if site not in (None, "same-origin", "none") and (path, method) != (ENTER, "GET"):
        return True
    # A form of ours has the origin "null", as our pages send no referrer; `_is_own` then asks for more.
    return origin not in (None, "null", _own_origin(headers))


def _is_own(headers: Mapping[str, str]) -> bool:
    return headers.get("sec-fetch-site") == "same-origin" or headers.get("origin") == _own_origin(headers)


def _own_origin(headers: Mapping[str, str]) -> str:
    return f"http://{headers.get('host', '')}"
