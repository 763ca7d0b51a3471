"""Asking through OpenAI's Batch API: half the price, an answer within a day, and what `Pool` promises.

    calls ──▶ budget has room? ──▶ attempts on disk ──▶ file ──▶ batch ──▶ polled ──▶ replies on disk ──▶ the caller counts them

A batch outlives us. Its label is on disk before the first request is, and the server has it in the batch's metadata, so that a killed run
finds at its next start what is under way: open batches are polled first, and only what they did not answer is asked.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from bioinstruct.core.errors import InputError, ModelError, RunFolderError
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.runfolder import disk_errors
from bioinstruct.models import batch_ledger, batch_lines, dialect, prices, teachers
from bioinstruct.models.asking import Asked, Limits, backoff
from bioinstruct.models.base import Call, Failure, Reply
from bioinstruct.models.batch_ledger import Page
from bioinstruct.models.batch_results import GROUP, Asking, Batch, Reader, Tally
from bioinstruct.models.batch_server import BatchServer, State, Unanswered, Unknown, Unreached
from bioinstruct.models.budget import Budget
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.live import Live
from bioinstruct.models.spending import spent, under_way

MOST_REQUESTS, MOST_BYTES = 50_000, 190_000_000
"""Of a batch. OpenAI takes as many requests, and 200 MB."""
_LONGEST_SETTLING = 5.0
"""Seconds before a batch that is not in the server's list is looked for once more."""
_LOOKS = 5
"""Looks at a batch that has ended and whose output file is not there yet."""


class BatchPool:
    """Asks one model for one run in batches; use as a context manager. The ledger must be held by this process alone.

    Args:
        server: Who is asked.
        ledger: Where attempts and replies go, and where open batches are found.
        price: Of the model, asked one by one; None = not known.
        limits: Tries that a request has, and the first wait; the rest is for who asks one by one.
        accepts: What the model takes; None = what is known of it.
        poll: Seconds between two looks at what is under way.
        budget_usd: Dollars that the whole run may take, whatever the purpose; None = no limit.
        budget_tokens: Tokens likewise.
        progress: Told of replies and of how batches get on.

    Raises:
        InputError: There is a budget in dollars and no price.
    """

    def __init__(
        self, server: BatchServer, ledger: Ledger, price: prices.Price | None, limits: Limits | None = None, *,
        accepts: dialect.Accepts | None = None, poll: float = 30.0, budget_usd: float | None = None, budget_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        prices.demand(server.name, price, budget_usd)
        self.server, self.ledger, self.price, self.limits = server, ledger, price, limits or Limits()
        self.poll, self.progress = poll, progress or Silent()
        ledger.close_lost()
        self.budget = Budget(budget_usd, budget_tokens, spent(ledger))
        self.budget.hold(under_way(ledger))
        self.reader = Reader(server, ledger, price, self.budget, accepts or dialect.accepts(server.name, {}), self.progress.say)
        self._flying: list[Batch] = []
        self._most, self._most_flying = MOST_REQUESTS, math.inf
        self._withdrawing = False

    def __enter__(self) -> BatchPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections; batches go on at the server."""
        self.server.close()

    def ask(self, calls: Iterable[Call], on_reply: Callable[[Call, Reply], str], live: Live | None = None) -> Asked:
        """Ask all calls; blocks until each is answered or given up, for up to a day a batch.

        Batches of an earlier run are waited for before the first call is taken, so that `calls` may leave out what they answered.

        Args:
            calls: Taken lazily.
            on_reply: Told of each reply to a call once it is on disk, in the order of arrival; gives back a word about it.
            live: Counts for the progress line.

        Raises:
            ModelError: The server will not answer; replies so far are kept, and what is under way is found by the next run.
            LimitReached: The budget has no room for another request, or the disk is full.
            RunFolderError: A batch is open at another endpoint.
            KeyboardInterrupt: What is under way goes on at the server.
        """
        live = live or Live()
        asking = Asking(iter(calls), on_reply, live, self.limits.attempts, self.progress, self.budget)
        with self._telling_what_goes_on():
            self._finish_earlier(live)
            while True:
                self._send_all(asking)
                if self._flying:
                    self._look(asking)
                elif (wait := asking.due - time.monotonic()) > 0:
                    time.sleep(wait)
                else:
                    return asking.asked

    def withdraw(self) -> None:
        """Cancel what is open at the server and keep what is done; what the server has not got any more is given up. Raises as `ask`."""
        self._withdrawing = True
        with self._telling_what_goes_on():
            self._finish_earlier(Live())

    @contextmanager
    def _telling_what_goes_on(self) -> Iterator[None]:
        try:
            yield
        except (KeyboardInterrupt, Exception):
            if self._flying:
                names = ", ".join(batch.state.id for batch in self._flying)
                self.progress.say(f"stopped; {names} goes on at the server: run again to take its replies")
            raise

    # What an earlier run has left

    def _finish_earlier(self, live: Live) -> None:
        """Find the open batches of the ledger at the server and wait for them; what never got there is closed."""
        earlier = Asking(iter(()), lambda *_: "", live, self.limits.attempts, self.progress, self.budget, earlier=True)
        self._flying = []
        for page in batch_ledger.pages(self.ledger):
            if page.endpoint != self.server.address:
                name = page.server_id or page.label
                raise RunFolderError(f"{self.ledger.path}: got a batch ({name}) that is open at {page.endpoint}; allowed: that endpoint")
            try:
                state = self._find(page)
                if state is not None and self._withdrawing:
                    state = self.server.cancel(state.id)
            except Unknown as error:
                self._lost(page.label, error)
                continue
            if state is None:
                self.reader.close(page.label, "unsent", Failure.UNSENT, "the process ended before there was a batch")
                continue
            batch_ledger.note(self.ledger, page.label, state.status, server_id=state.id).result()
            size = len(batch_ledger.waiting(self.ledger, page.label))
            self._flying.append(Batch(page.label, page.model, self.reader.accepts, size, state))
            status = state.status.replace("_", " ")
            self.progress.say(f"{state.id} of an earlier run is {status} at the server: its replies are taken first")
        while self._flying:
            self._look(earlier)

    def _find(self, page: Page) -> State | None:
        if page.server_id is not None:
            return self.server.look(page.server_id)
        if page.status == batch_ledger.PREPARING:
            return None
        found = self.server.find(page.label)
        if found is None:  # it may be too new for the list
            time.sleep(min(self.poll, _LONGEST_SETTLING))
            found = self.server.find(page.label)
        return found

    def _lost(self, label: str, error: Unknown) -> None:
        """The server knows nothing of a batch, or of its files."""
        if not self._withdrawing:
            allowed = "the key of the project that made the batch, or generate.batch=false, which gives it up and asks one by one"
            raise ModelError(f"{error}; allowed: {allowed}")
        self.progress.say(f"{error}: given up, and counted as billed in full")
        self.reader.close(label, "lost", Failure.LOST, str(error))

    # Sending

    def _send_all(self, asking: Asking) -> None:
        """Send batches as long as there are calls and the budget has room."""
        while len(self._flying) < self._most_flying and time.monotonic() >= asking.due:
            batch = self._send(asking)
            if batch is None:
                return
            self._flying.append(batch)

    def _send(self, asking: Asking) -> Batch | None:
        """Send one batch; None where nothing is left to ask, or the budget has no room before others are settled."""
        label, folder = uuid.uuid4().hex, self.ledger.path.parent
        with disk_errors(folder), TemporaryFile(dir=folder) as file:
            size = self._prepare(asking, label, file)
            if not size:
                return None
            state = self._hand_over(file, label)
        batch_ledger.note(self.ledger, label, state.status, server_id=state.id).result()
        return Batch(label, self.server.name, self.reader.accepts, size, state)

    def _hand_over(self, file: IO[bytes], label: str) -> State:
        """Have the server make a batch of the file; where there is none, its requests end as unsent."""
        uploaded = False
        try:
            file_id = self.server.upload(file, label)
            uploaded = True
            batch_ledger.note(self.ledger, label, batch_ledger.UPLOADED, file_id=file_id).result()
            return self.server.create(file_id, label)
        except ModelError as error:
            unanswered = isinstance(error, Unanswered)
            if unanswered and uploaded:  # there may be a batch: the next run finds out
                raise
            self.reader.close(label, "unsent" if unanswered or isinstance(error, Unreached) else "refused", Failure.UNSENT, str(error))
            raise

    def _prepare(self, asking: Asking, label: str, file: IO[bytes]) -> int:
        """Write calls to the ledger and to the file, as many as one batch and the budget take; gives their number."""
        size = written = 0
        group: list[tuple[Future[str], str]] = []

        def flush() -> None:
            for name, body in group:
                file.write(batch_lines.line(name.result(), body))
            group.clear()

        while size < self._most and (pending := self._next(asking)) is not None:
            call, attempt = pending
            body = batch_lines.body(call, self.server.name, self.reader.accepts)
            written += (length := batch_lines.length(body))
            if length > MOST_BYTES:
                raise InputError(f"request '{call.key}': got {length} bytes; allowed: {MOST_BYTES} in a batch")
            worst = prices.worst(call, self.price, route="batch")
            room = self.budget.room(worst)
            if not room and not size and not self._flying:
                raise self.budget.reached(worst)
            if not room or written > MOST_BYTES:
                asking.again.appendleft(pending)
                break
            if not size:
                batch_ledger.open_page(self.ledger, label, self.server.address, self.server.name).result()
            self.budget.hold(worst)
            group.append((batch_ledger.begin(self.ledger, label, call, attempt, worst), body))
            size += 1
            if len(group) == GROUP:
                flush()
        flush()
        return size

    def _next(self, asking: Asking) -> tuple[Call, int] | None:
        """The next call to be asked, and which try it is; None = there is none left."""
        if asking.again:
            return asking.again.popleft()
        for call in asking.source:
            if (call.purpose, call.key) in asking.begun:
                raise InputError(f"request '{call.key}': got it twice; allowed: one call with a key")
            entry = self.ledger.entry(call.purpose, call.key)
            if entry is None:
                asking.begun.add((call.purpose, call.key))
                return call, 1
            if (entry.prompt, entry.settings) != (call.prompt, call.settings):
                raise InputError(f"{self.ledger.path}: got a reply to another request '{call.key}'; allowed: another key")
            asking.answered(call, entry.reply, Charge(0, 0.0))  # by a batch of an earlier run
        return None

    # Waiting

    def _look(self, asking: Asking) -> None:
        """Wait a while, look at every batch, and take in those that have ended."""
        time.sleep(self.poll)
        for batch in list(self._flying):
            try:
                batch.state = state = self.server.look(batch.state.id)
                if not state.ended:
                    continue
                if state.completed and state.output_file is None and batch.looks < _LOOKS:
                    batch.looks += 1
                    continue
                tally = self.reader.take(batch, asking)
            except Unknown as error:
                self._flying.remove(batch)
                self._lost(batch.label, error)
            else:
                self._flying.remove(batch)
                self._judge(batch, asking, tally)
        if self._flying:
            live, states = asking.live, [batch.state for batch in self._flying]
            live.in_flight = sum(batch.size for batch in self._flying)
            done = sum(state.completed + state.failed for state in states)
            statuses = ", ".join(sorted({state.status.replace("_", " ") for state in states}))
            batches = "1 batch" if len(states) == 1 else f"{len(states)} batches"
            self.progress.advance(0, f"{done:,} of {live.in_flight:,} done in {batches} ({statuses})", **live.figures())
        else:
            asking.live.in_flight = 0

    def _judge(self, batch: Batch, asking: Asking, tally: Tally) -> None:
        """What follows from a batch that has been taken in: nothing more is asked, or less at once, or not at once."""
        state, words = batch.state, f"model '{batch.model}': the batch failed: {batch.state.words}"
        if batch.model != self.server.name or self._withdrawing:
            return
        if state.too_much and (self._flying or batch.size > 1):
            if self._flying:
                self._most_flying = len(self._flying)
            else:
                self._most = batch.size // 2
            self.progress.say(f"{words}; asking less at once")
        elif state.status == "failed":
            raise ModelError(words)
        if tally.stop is not None:
            raise tally.stop
        if tally.refused and not tally.run:
            raise ModelError(tally.words)
        asking.fruitless = 0 if tally.run or tally.learnt or tally.refused_prompts else asking.fruitless + 1
        asking.due = time.monotonic() + (backoff(self.limits.first_wait, asking.fruitless) if asking.fruitless else 0.0)


def open_pool(
    section: GenerateSection, ledger: Ledger, price: prices.Price | None, limits: Limits, *,
    budget_usd: float | None = None, budget_tokens: int | None = None, progress: Progress | None = None,
) -> BatchPool:  # fmt: skip
    """Who asks the section's teacher in batches; see `BatchPool`.

    Raises:
        InputError: Its endpoint or key cannot be used, or there is a budget in dollars and no price.
    """
    return BatchPool(
        BatchServer(section.teacher, section.endpoint, section.api_key_env, limits),
        ledger,
        price,
        limits,
        accepts=dialect.accepts(section.teacher, section.accepts),
        poll=section.batch_poll,
        budget_usd=budget_usd,
        budget_tokens=budget_tokens,
        progress=progress,
    )


def withdraw(section: GenerateSection, ledger: Ledger, price: prices.Price | None, limits: Limits, progress: Progress) -> None:
    """Before a section asks one by one: cancel the batches that an earlier run has left open, and keep what they have done.

    Raises:
        RunFolderError: There are some, and the section's teacher is not at their server.
        ModelError: The server would not answer.
    """
    if not (open_ := batch_ledger.pages(ledger)):
        return
    if teachers.is_embedded(section) or section.provider != "openai":
        names = ", ".join(page.server_id or page.label for page in open_)
        raise RunFolderError(
            f"{ledger.path}: got batches that are open at {open_[0].endpoint} ({names}); allowed: teacher '{open_[0].model}' there until "
            "they have ended, or another --out"
        )
    with open_pool(section, ledger, price, limits, progress=progress) as pool:
        pool.withdraw()
