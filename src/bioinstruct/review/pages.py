"""The raters' pages. A response holds the records' texts and what this rater has answered: no label of the machine, no answer of others.

    GET  /enter?token=...      begins a session         GET /               on to what is next
    GET  /record/PLACE         one record               GET /next?after=K   the next one without a whole answer
    POST /answer               saves, and goes on       GET /done           nothing is left

A request by htmx gets the part of the page that changes; one without it the whole page, so that all works without JavaScript, too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from bioinstruct.core.records import Instruction
from bioinstruct.review import guide, judging, rendering, sample
from bioinstruct.review.access import ENTER, Gate, Session
from bioinstruct.review.folder import Review
from bioinstruct.review.store import SESSION_SECONDS, Answer


@dataclass(frozen=True)
class Desk:
    """A rater's way through the sample: an order of their own, places counted from 1."""

    review: Review
    session: Session
    ids: list[str]
    """The sample in this rater's order, which is drawn from the ids alone: it must not depend on labels or the file's order."""

    def next_place(self, after: int) -> int | None:
        """The first place behind `after`, going round, whose record is not answered in full; None where all are."""
        done, n = self.review.store.completed(self.session.rater), len(self.ids)
        places = ((after + step) % n for step in range(n))
        return next((place + 1 for place in places if self.ids[place] not in done), None)

    def at(self, place: int) -> Instruction:
        """The record at a place."""
        if not 1 <= place <= len(self.ids):
            raise HTTPException(404, f"There is no record {place}; there are {len(self.ids):,}.")
        return self.review.sample[self.ids[place - 1]]

    def values(self, place: int, said: str = "") -> dict[str, Any]:
        """What a record's page shows."""
        record, rater = self.at(place), self.session.rater
        return {
            "record": record,
            "answer": self.review.store.answer(rater, record.id),
            "place": place,
            "n": len(self.review.sample),
            "n_done": len(self.review.store.completed(rater)),
            "rater": rater,
            "form_token": self.session.form_token,
            "choices": guide.choices(self.review.own),
            "said": said,
        }


def cookie_name(review: Review) -> str:
    """The session's cookie; two reviews on one machine have two, as browsers do not tell ports apart."""
    return f"bioinstruct_review_{review.drawing.review}"


def create(review: Review) -> ASGIApp:
    """The application behind its gate."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=rendering.HERE / "static"))
    _add_entrance(app, review)
    _add_records(app, review)
    app.add_exception_handler(HTTPException, _problem)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(sqlite3.Error, _not_saved)
    return Gate(app, review.store, cookie_name(review))


def _add_entrance(app: FastAPI, review: Review) -> None:
    @app.get(ENTER)
    def enter(request: Request, token: str = "") -> Response:
        spent = review.store.spend(token)
        if spent is None:
            # A reload of the first page comes here: who is signed in has a way on.
            signed_in = request.state.session is not None
            reason = "This link was used already, or it is not one of this review's. " + rendering.NEW_LINK
            return HTMLResponse(rendering.problem(403, reason, way_on=signed_in), 403)
        rater, secret = spent
        # A page and no redirect: where the link was clicked on another site, browsers keep a strict cookie back until the next click.
        page = rendering.render("welcome.html", rater=rater, n=len(review.sample), choices=guide.choices(review.own))
        response = HTMLResponse(page)
        response.set_cookie(cookie_name(review), secret, max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict")
        return response


def _add_records(app: FastAPI, review: Review) -> None:
    @cache
    def order(rater: str) -> list[str]:
        return sample.order(review.sample, rater, review.drawing.seed)

    def desk(request: Request) -> Desk:
        session: Session = request.state.session
        return Desk(review, session, order(session.rater))

    @app.get("/")
    def start(request: Request) -> Response:
        return _onwards(request, desk(request), 0)

    @app.get("/next")
    def following(request: Request, after: int = 0) -> Response:
        return _onwards(request, desk(request), after)

    @app.get("/record/{place}")
    def record(request: Request, place: int, saved: int = 0) -> Response:
        here = desk(request)
        said = f"Saved: record {saved}." if 1 <= saved <= len(review.sample) else ""
        return _record_page(request, here, place, said)

    @app.get("/done")
    def done(request: Request) -> Response:
        return _done_page(request, desk(request))

    @app.post("/answer")
    def answer(
        request: Request,
        form_token: Annotated[str, Form()] = "",
        record: Annotated[str, Form()] = "",
        category: Annotated[str, Form()] = "",
        decision: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        instruction: Annotated[str, Form()] = "",
        input: Annotated[str, Form()] = "",
        output: Annotated[str, Form()] = "",
    ) -> Response:
        here = desk(request)
        if not here.session.sent(form_token):
            raise HTTPException(403, "Not saved: the form does not come from a page of this session. Load the page again.")
        if record not in review.sample:
            raise HTTPException(422, "Not saved: there is no such record in this review.")
        original = review.sample[record]
        try:
            change = judging.change(original, category, decision, reason, (instruction, input, output), guide.choices(review.own))
        except judging.Unusable as error:
            raise HTTPException(422, f"Not saved: {error}") from None
        before, after = review.store.save(here.session.rater, record, change)
        return _after_saving(request, here, before, after)


def _after_saving(request: Request, desk: Desk, before: Answer, after: Answer) -> Response:
    """On to what is next once a record is answered in full; one that already was is being changed, and stays."""
    place = desk.ids.index(after.record) + 1
    goes_on = after.complete and not before.complete
    target = desk.next_place(place) if goes_on else place
    if not _by_htmx(request):
        return RedirectResponse("/done" if target is None else f"/record/{target}?saved={place}", 303)
    said = f"Saved: {judging.spoken(after, guide.choices(desk.review.own))}, record {place}."
    return _done_page(request, desk, said) if target is None else _record_page(request, desk, target, said)


def _onwards(request: Request, desk: Desk, after: int) -> Response:
    place = desk.next_place(after)
    if not _by_htmx(request):
        return RedirectResponse("/done" if place is None else f"/record/{place}", 303)
    return _done_page(request, desk) if place is None else _record_page(request, desk, place)


def _record_page(request: Request, desk: Desk, place: int, said: str = "") -> Response:
    return _page(request, "record.html", f"/record/{place}", desk.values(place, said))


def _done_page(request: Request, desk: Desk, said: str = "") -> Response:
    n, n_done = len(desk.review.sample), len(desk.review.store.completed(desk.session.rater))
    values = {"rater": desk.session.rater, "n": n, "n_done": n_done, "choices": guide.choices(desk.review.own), "said": said}
    return _page(request, "done.html", "/done", values)


def _page(request: Request, template: str, address: str, values: Mapping[str, Any]) -> Response:
    part = _by_htmx(request)
    text = rendering.render(template, **values, layout="part.html" if part else "whole.html")
    return HTMLResponse(text, headers={"HX-Replace-Url": address} if part else {})


def _by_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


async def _problem(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    return HTMLResponse(rendering.problem(status, detail, way_on=status != 403), status)


async def _misread(_: Request, __: Exception) -> Response:
    return HTMLResponse(rendering.problem(422, "The address or the form is not one of this page's.", way_on=True), 422)


async def _not_saved(_: Request, error: Exception) -> Response:
    reason = f"Not saved: the answers' file cannot be used ({error}). What was saved before is safe. Tell who runs the review."
    return HTMLResponse(rendering.problem(503, reason), 503)
