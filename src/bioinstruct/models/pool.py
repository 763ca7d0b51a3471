"""All asking of a run: concurrency, rate, retries, budget and ledger come together here and nowhere else.

    calls ──▶ rate allows? ──▶ budget has room? ──▶ attempt on disk ──▶ teacher ──▶ reply on disk ──▶ the caller counts it

One event loop in a thread of its own does the asking; `ask` blocks until its calls are done. Every attempt ends in one outcome. Troubles
that may pass are asked again, with growing, jittered waits, a bounded number of times; what will not heal stops everything at once.
However it ends, replies under way are waited for: they are paid for.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from bioinstruct.core.errors import LimitReached, ModelError
from bioinstruct.core.progress import Progress, Silent
from bioinstruct.core.records import Finish
from bioinstruct.models import prices
from bioinstruct.models.asking import Asked, Limits, backoff
from bioinstruct.models.base import BILLED_PERHAPS, Answer, Call, Failure, PromptRefused, Reply, Teacher, Trouble
from bioinstruct.models.budget import Budget
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.live import Live
from bioinstruct.models.rate import Control
from bioinstruct.models.spending import spent, under_way

LONGEST_ASKED = 600.0
"""Seconds: a server that asks to be left alone for longer is not waited for."""
HOPELESS = 5
"""Requests that are given up in a row, with no reply between them, after which no more are sent."""
FAILING = 8
"""Attempts without a reply in a row, after which only those that failed are tried again, and no new request leaves."""
NONSENSE = 3
"""Answers that are no replies after which all stops, where there never was a reply: the address is not that of an API."""
DISK_WAIT, DISK_TRIES = 2.0, 30
"""Seconds between tries to store a reply on a full disk, and how many."""
TICK = 1.0
"""Seconds between two progress lines while nothing arrives."""
_TYPICAL_SHARE = 0.5
"""Of a request's worst case that it is taken to need of a tokens-a-minute ceiling, until replies tell better."""


@dataclass(order=True)
class _Pending:
    due: float
    order: int
    call: Call = field(compare=False)
    attempt: int = field(compare=False, default=1)


class Pool:
    """Asks one teacher for one run; use as a context manager. The ledger must be held by this process alone.

    Args:
        teacher: Who is asked.
        ledger: Where attempts and replies go.
        price: Of the teacher; None = not known.
        limits: How it may be asked.
        budget_usd: Dollars that the whole run may take, whatever the purpose; None = no limit.
        budget_tokens: Tokens likewise.
        progress: Told of replies.

    Raises:
        InputError: There is a budget in dollars and no price.
    """

    def __init__(
        self, teacher: Teacher, ledger: Ledger, price: prices.Price | None, limits: Limits | None = None, *,
        budget_usd: float | None = None, budget_tokens: int | None = None, progress: Progress | None = None,
    ) -> None:  # fmt: skip
        prices.demand(teacher.name, price, budget_usd)
        self.teacher, self.ledger, self.price, self.limits = teacher, ledger, price, limits or Limits()
        self.progress = progress or Silent()
        ledger.close_lost()
        self.budget = Budget(budget_usd, budget_tokens, spent(ledger))
        self.budget.hold(under_way(ledger))
        self.control = Control(self.limits.in_flight, self.limits.requests_per_minute, self.limits.tokens_per_minute)
        self._stop: Exception | None = None
        self._stopping = False
        self._typical = _TYPICAL_SHARE
        self._ever_read = bool(ledger.select("SELECT 1 FROM replies LIMIT 1"))
        self._nonsense = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ask", daemon=True)
        self._thread.start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the teacher's connections and the loop."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def ask(self, calls: Iterable[Call], on_reply: Callable[[Call, Reply], str], live: Live | None = None) -> Asked:
        """Ask all calls; blocks until each is answered or given up.

        Args:
            calls: Taken lazily.
            on_reply: Told of each reply once it is on disk, in the order of arrival, one at a time, in the loop's thread;
                gives back a word about it for the progress line.
            live: Counts for the progress line.

        Raises:
            ModelError: The server will not answer; nothing more was sent.
            LimitReached: The budget has no room for another request, or the disk is full.
            KeyboardInterrupt: After replies under way have been waited for; a second interrupt leaves them.
        """
        self._stop, self._stopping = None, False
        live = live or Live()
        task = self._run(self._ask_all(iter(calls), on_reply, live))
        try:
            return task.result()
        except KeyboardInterrupt:
            self._stopping = True
            if self.control.in_flight:
                self.progress.say(f"stopping: {self.control.in_flight} replies under way are waited for; Ctrl-C again leaves them")
            try:
                task.result()
            except KeyboardInterrupt:
                task.cancel()
                raise
            raise

    async def _end(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}  # none, but after a second Ctrl-C
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.teacher.close()

    def _run(self, work: Coroutine[Any, Any, Asked]) -> Future[Asked]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _ask_all(self, source: Iterator[Call], on_reply: Callable[[Call, Reply], str], live: Live) -> Asked:
        asked = Asked()
        changed = asyncio.Event()
        waiting: list[_Pending] = []
        flying: set[asyncio.Task[None]] = set()
        order = 0
        row = 0  # requests given up since the last reply
        failing = 0  # attempts without a reply since the last one
        ticked = self._loop.time()

        def settle(pending: _Pending, trouble: Trouble | None) -> None:
            nonlocal row, failing
            if trouble is None:
                row = failing = 0
                return
            failing += trouble.failure not in (Failure.REFUSED, Failure.RATE_LIMITED)
            asked.failures[trouble.failure] += 1
            asked.words = trouble.words
            if trouble.wait is not None and trouble.wait > LONGEST_ASKED:
                wait = f"asks to wait {trouble.wait:.0f} seconds; replies so far are kept, run again then"
                self._stop = self._stop or ModelError(f"{trouble.words}; {wait}")
                return
            if trouble.failure is Failure.NOT_A_REPLY and not self._ever_read:
                self._nonsense += 1
                if self._nonsense >= NONSENSE:
                    self._stop = self._stop or ModelError(f"{trouble.words} (is the endpoint's address right? nothing else was sent)")
                    return
            learnt = trouble.failure is Failure.REFUSED
            if pending.attempt >= self.limits.attempts and not learnt:
                asked.given_up.append(pending.call.key)
                row += 1
                live.given_up += 1
                if row >= HOPELESS:
                    self._stop = ModelError(
                        f"{trouble.words} ({HOPELESS} requests in a row were given up; replies so far are kept, run again)"
                    )
                return
            live.again += 1
            pending.attempt += 0 if learnt else 1
            pending.due = self._loop.time() + (trouble.wait if trouble.wait is not None else self._backoff(pending.attempt - 1))
            heapq.heappush(waiting, pending)

        async def fly(pending: _Pending, worst: Charge) -> None:
            try:
                settle(pending, await self._attempt(pending, worst, on_reply, live, asked, changed))
            except Exception as error:
                self._stop = self._stop or error

        def landed(task: asyncio.Task[None]) -> None:
            flying.discard(task)
            changed.set()  # after it is gone from `flying`, which is looked at next

        exhausted = False
        while self._goes_on():
            changed.clear()
            now = self._loop.time()
            pending = heapq.heappop(waiting) if waiting and waiting[0].due <= now else None
            if now - ticked >= TICK:
                ticked = now
                self._tick(live)
            if pending is None and not exhausted and failing < FAILING and len(waiting) <= 4 * self.limits.in_flight:
                try:
                    call = next(source, None)
                except Exception as error:  # the caller's; replies under way are waited for all the same
                    self._stop = error
                    break
                exhausted = call is None
                if call is not None:
                    order += 1
                    pending = _Pending(now, order, call)
            if pending is None:
                if not flying and not waiting:
                    if failing < FAILING or exhausted:
                        break
                    failing = 0  # all that failed were given up: go on with new ones
                    continue
                await self._until(changed, waiting[0].due - now if waiting else math.inf)
                continue
            if not await self._may_leave(pending, changed, flying):
                continue
            worst = prices.worst(pending.call, self.price)
            self.budget.hold(worst)
            self.control.turn(self._loop.time(), self._typical * (worst.tokens or 0))
            task = self._loop.create_task(fly(pending, worst))
            flying.add(task)
            task.add_done_callback(landed)
            live.in_flight = self.control.in_flight
        if flying:
            await asyncio.gather(*flying)
        if self._stop is not None:
            raise self._stop
        return asked

    async def _may_leave(self, pending: _Pending, changed: asyncio.Event, flying: set[asyncio.Task[None]]) -> bool:
        """Wait until rate and budget allow the request; False where it is not to be sent any more."""
        worst = prices.worst(pending.call, self.price)
        while self._goes_on():
            now = self._loop.time()
            changed.clear()
            if (seconds := self.control.wait(now)) > 0:
                await self._until(changed, seconds)
            elif self.budget.room(worst):
                return True
            elif flying:  # what is in flight may turn out cheaper than feared
                await self._until(changed, math.inf)
            else:
                self._stop = self.budget.reached(worst)
        return False

    async def _until(self, changed: asyncio.Event, seconds: float) -> None:
        """Until something has changed, but not longer than `seconds`, nor so long that an interrupt goes unseen."""
        try:
            await asyncio.wait_for(changed.wait(), min(max(seconds, 0.0), 0.2))
        except TimeoutError:
            return

    async def _attempt(
        self, pending: _Pending, worst: Charge, on_reply: Callable[[Call, Reply], str], live: Live, asked: Asked, changed: asyncio.Event
    ) -> Trouble | None:  # fmt: skip
        """One request: on disk before it leaves, its outcome on disk before it counts."""
        call, took = pending.call, Charge(0, 0.0)
        try:
            number = await self._place(pending, worst, changed)
            if number is None:
                return None
            began = self._loop.time()
            took = Charge(None, None)  # from here on it may be billed
            try:
                answer = await self._answer(call, began)
            except PromptRefused as error:
                took = Charge(0, 0.0)
                if not self._ever_read:  # perhaps it takes no prompt of ours at all
                    await asyncio.wrap_future(self.ledger.failed(number, Failure.REFUSED, error.words, self._loop.time() - began))
                    raise ModelError(error.words) from None
                answer = Answer(Reply(f"refused: {error.words}", Finish.ERROR, 0, 0, self.teacher.name))
            except (Trouble, ModelError) as error:
                failure = error.failure if isinstance(error, Trouble) else Failure.REFUSED
                took = took if failure in BILLED_PERHAPS else Charge(0, 0.0)
                live.count(failure)
                await asyncio.wrap_future(self.ledger.failed(number, failure, str(error), self._loop.time() - began))
                if isinstance(error, ModelError):
                    raise
                return error
            else:
                took = prices.charge(call, answer.reply, self.price)
                self._tell_answer(answer, worst, took, began)
            changed.set()  # its place is free, whatever is still to be written
            await self._keep(number, call, answer.reply, took, self._loop.time() - began)
            self._ever_read = True
            live.reply(answer.reply, took, on_reply(call, answer.reply))
            asked.answered += 1
            self._tick(live, 1)
            return None
        finally:
            self.budget.settle(worst, took)

    async def _keep(self, number: int, call: Call, reply: Reply, took: Charge, seconds: float) -> None:
        """Store the reply; where the disk is full, send nothing more and try for a minute: it is paid for."""
        for turn in range(DISK_TRIES):
            try:
                await asyncio.wrap_future(self.ledger.keep(number, call, reply, took, seconds))
                return
            except LimitReached as error:
                if self._stop is None:
                    self._stop = error
                    self.progress.say(f"{error}; replies that were read wait for {DISK_WAIT * DISK_TRIES:.0f} seconds")
                if turn == DISK_TRIES - 1:
                    raise
            await asyncio.sleep(DISK_WAIT)

    def _tick(self, live: Live, n: int = 0) -> None:
        """Tell how it goes."""
        now = self._loop.time()
        live.rate, live.in_flight, live.paused = self.control.pace.now(now), self.control.in_flight, self.control.paused(now)
        live.spent = self.budget.used_usd
        self.progress.advance(n, live.note(), **live.figures())

    async def _place(self, pending: _Pending, worst: Charge, changed: asyncio.Event) -> int | None:
        """Write the request down and wait for its place; its number in the ledger, or None where all is to stop meanwhile."""
        try:
            number = await asyncio.wrap_future(self.ledger.begin(pending.call, pending.attempt, worst))
            while not self.control.has_place(self._loop.time()) and self._goes_on():
                await self._until(changed, math.inf)
        except BaseException:
            self.control.given_back()
            raise
        if not self._goes_on():
            self.control.given_back()
            await asyncio.wrap_future(self.ledger.failed(number, Failure.UNSENT, "stopped before it left", 0.0))
            return None
        self.control.sent()
        return number

    async def _answer(self, call: Call, began: float) -> Answer:
        """Ask the teacher once; troubles are told to the rate control."""
        try:
            return await asyncio.wait_for(self.teacher.ask(call), self.limits.timeout)
        except TimeoutError:
            self.control.failed(self._loop.time(), None)
            words = f"model '{self.teacher.name}': no reply within {self.limits.timeout:g} seconds"
            raise Trouble(Failure.TIMED_OUT, words) from None
        except Trouble as trouble:
            self._tell_control(trouble, began)
            raise
        except PromptRefused:
            self.control.failed(self._loop.time(), None)
            raise
        except BaseException:
            self.control.failed(self._loop.time(), None)
            raise

    def _goes_on(self) -> bool:
        return self._stop is None and not self._stopping

    def _tell_control(self, trouble: Trouble, began: float) -> None:
        now = self._loop.time()
        if trouble.failure is Failure.RATE_LIMITED:
            self.control.refused(now, began, trouble.wait)
        else:
            self.control.failed(now, trouble.wait if trouble.failure is not Failure.REFUSED else None)

    def _tell_answer(self, answer: Answer, worst: Charge, took: Charge, began: float) -> None:
        expected = self._typical * (worst.tokens or 0)
        actual = worst.tokens or 0 if took.tokens is None else took.tokens
        self.control.answered(self._loop.time(), began, expected - actual, answer.headroom)
        if worst.tokens:
            self._typical = 0.9 * self._typical + 0.1 * actual / worst.tokens

    def _backoff(self, failed: int) -> float:
        """Seconds before the next try: doubling, and jittered so that many requests do not come back at once."""
        return backoff(self.limits.first_wait, failed)
