"""Reviews over made-up records, served on a real socket of the loopback, and a client that says what browsers say."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bioinstruct.review import folder
from bioinstruct.review.folder import Review

LABELS = ("qa", "ie", "generation", "other")
RATERS = ("ada", "ben", "cleo")
Row = dict[str, Any]


def row(number: int, **other: Any) -> Row:
    """A record whose texts hold its number."""
    texts = {"instruction": f"Name drug {number}.", "input": f"note {number}" if number % 2 else "", "output": f"drug {number}"}
    return {**texts, "category": LABELS[number % 4], **other}


@dataclass(frozen=True)
class Page:
    """A response that was read."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Client:
    """A rater's browser without JavaScript, but for what a test makes it say otherwise."""

    port: int
    cookie: str | None = None
    form_token: str = ""
    host: str = ""
    own: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    def ask(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str | None] | None = None) -> Page:
        """Send one request; a header that is None is left out."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        said: dict[str, str | None] = {"Host": self.host or f"127.0.0.1:{self.port}", **self.own}
        if self.cookie:
            said["Cookie"] = self.cookie
        if method == "POST":
            said |= {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/x-www-form-urlencoded"}
        said |= headers or {}
        try:
            connection.request(method, path, body, {name: value for name, value in said.items() if value is not None})
            return self._read(connection.getresponse())
        finally:
            connection.close()

    def _read(self, response: HTTPResponse) -> Page:
        page = Page(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode())
        if "set-cookie" in page.headers:
            self.cookie = page.headers["set-cookie"].partition(";")[0]
        if found := re.search('name="form_token" value="([0-9a-f]+)"', page.text):
            self.form_token = found[1]
        return page

    def get(self, path: str, **headers: str | None) -> Page:
        """Look at a page; `hx_request="true"` is the header HX-Request."""
        return self.ask("GET", path, headers=_named(headers))

    def answer(self, record: str, *, form_token: str | None = None, headers: Mapping[str, str | None] | None = None, **fields: str) -> Page:
        """Send a form."""
        token = self.form_token if form_token is None else form_token
        return self.ask("POST", "/answer", urlencode({"form_token": token, "record": record, **fields}), headers)


def _named(headers: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class Served:
    """A review that is being served."""

    review: Review
    port: int
    where: folder.Place

    def link(self, rater: str) -> str:
        """Path and query of a new one-time link."""
        return f"/enter?token={self.review.store.new_token(rater)}"

    def client(self, rater: str) -> Client:
        """A browser in which this rater is signed in and has looked at the first record."""
        client = Client(self.port)
        assert client.get(self.link(rater)).status == 200
        assert client.get("/record/1").status == 200
        return client

    def ids(self, rater: str) -> list[str]:
        """The sample in a rater's order."""
        from bioinstruct.review import sample

        return sample.order(self.review.sample, rater, self.review.drawing.seed)


Begin = Callable[..., Served]


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    return path


@pytest.fixture
def instructions(tmp_path: Path) -> Callable[[Sequence[Row]], Path]:
    """Writes rows to a file of the test's folder."""
    return lambda rows: write_rows(tmp_path / "mine.jsonl", rows)


@pytest.fixture(scope="module")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begin]:
    """Serves a review of the given rows in a thread of its own: `begin(rows, n=10)`."""
    for package in ("fastapi", "uvicorn", "jinja2", "python_multipart"):
        pytest.importorskip(package, reason=f"{package} is not installed (extra 'review')")
    from bioinstruct.review import pages, server

    with ExitStack() as stack:
        running: list[tuple[Any, threading.Thread]] = []

        def serve(rows: Sequence[Row], n: int = 1000, seed: int = 0) -> Served:
            place = tmp_path_factory.mktemp("review")
            where = folder.place(write_rows(place / "mine.jsonl", rows), place)
            review = stack.enter_context(folder.opened(where, n, seed))
            review.store.add_raters(RATERS)
            listening = stack.enter_context(server.listen(0, 0))
            made = server.server(pages.create(review))
            thread = threading.Thread(target=made.run, kwargs={"sockets": [listening]})
            running.append((made, thread))
            thread.start()
            return Served(review, int(listening.getsockname()[1]), where)

        yield serve
        while not all(made.started for made, _ in running):
            time.sleep(0.005)
        for made, _ in running:
            made.should_exit = True
        for _, thread in running:
            thread.join()
