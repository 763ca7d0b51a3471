"""Taking in what a batch that has ended holds: every row in the ledger first, then counted, and asked again where that may help."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from tempfile import TemporaryFile

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.progress import Progress
from bioinstruct.core.records import Finish
from bioinstruct.core.runfolder import disk_errors
from bioinstruct.models import batch_ledger, batch_lines, dialect, prices
from bioinstruct.models.asking import Asked
from bioinstruct.models.base import BILLED_PERHAPS, Call, Failure, Reply, Trouble
from bioinstruct.models.batch_ledger import Attempt
from bioinstruct.models.batch_server import BatchServer, State
from bioinstruct.models.budget import Budget
from bioinstruct.models.ledger import Charge, Ledger
from bioinstruct.models.live import Live

MOST_LESSONS = 4
"""Times that a model's 400 may teach us something about its fields; there are three fields."""
GROUP = 256
"""Requests or rows that are in memory, and in one commit, at once."""


@dataclass
class Batch:
    """A batch at the server."""

    label: str
    model: str
    used: dialect.Accepts
    """The fields that its requests were sent with."""
    size: int
    state: State
    looks: int = 0
    """Looks at it since it has ended."""


@dataclass
class Asking:
    """One round of asking: what is to come, and what became of the rest."""

    source: Iterator[Call]
    on_reply: Callable[[Call, Reply], str]
    live: Live
    attempts: int
    """Tries that a request has."""
    progress: Progress
    budget: Budget
    earlier: bool = False
    """Whether these are batches of an earlier run, whose calls may not be ours: replies are stored, and nothing is told or asked again."""
    asked: Asked = field(default_factory=Asked)
    again: deque[tuple[Call, int]] = field(default_factory=deque)
    """Calls to be asked again before new ones are taken, and which try that will be."""
    begun: set[tuple[str, str]] = field(default_factory=set)
    """Purpose and key of the calls taken."""
    fruitless: int = 0
    """Batches since the last reply."""
    due: float = 0.0
    """When the next batch may leave, by the monotonic clock."""

    def answered(self, call: Call, reply: Reply, took: Charge) -> None:
        """A reply is on disk."""
        if self.earlier:
            return
        self.asked.answered += 1
        self.live.reply(reply, took, self.on_reply(call, reply))
        self.live.spent = self.budget.used_usd
        self.progress.advance(1, self.live.note(), **self.live.figures())

    def missed(self, call: Call, attempt: int, failure: Failure, words: str, *, free: bool) -> None:
        """An attempt has failed; `free`: it does not count as one of the request's tries."""
        if self.earlier:
            return
        self.asked.failures[failure] += 1
        self.asked.words = words
        self.live.count(failure)
        if not free and (failure is Failure.REFUSED or attempt >= self.attempts):
            self.asked.given_up.append(call.key)
            self.live.given_up += 1
        else:
            self.again.append((call, attempt if free else attempt + 1))
            self.live.again += 1


@dataclass
class Tally:
    """What the files of one batch hold."""

    run: int = 0
    """Rows with a model's answer."""
    refused: int = 0
    """Requests that the server will not answer, however often they are asked."""
    refused_prompts: int = 0
    """Prompts that it will not answer, while it answers others: their replies say so."""
    learnt: int = 0
    """Refusals that say which field the model does not take."""
    words: str = ""
    """Of the last refusal."""
    stop: ModelError | None = None
    """Why nothing more is to be asked."""


@dataclass(frozen=True)
class _Outcome:
    """What a row says of an attempt, on its way to the disk."""

    on_disk: Future[None]
    attempt: Attempt
    call: Call
    took: Charge
    reply: Reply | None
    failure: Failure = Failure.LOST
    words: str = ""
    free: bool = False


class Reader:
    """Reads the files of batches of one model; knows what the model takes, which refusals may teach.

    Args:
        server: Where the files are.
        ledger: Where replies go.
        price: Of the model, asked one by one.
        budget: Of the run.
        accepts: What the model takes.
        say: Told what was learnt.
    """

    def __init__(
        self, server: BatchServer, ledger: Ledger, price: prices.Price | None, budget: Budget, accepts: dialect.Accepts,
        say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.server, self.ledger, self.price, self.budget = server, ledger, price, budget
        self.accepts = accepts
        self._say, self._lessons = say, 0

    def take(self, batch: Batch, asking: Asking) -> Tally:
        """Store what the batch has, and close it.

        Raises:
            Unknown: The server has not got its files any more; the batch is still open.
            LimitReached: The disk is full; likewise.
        """
        state, tally = batch.state, Tally()
        waiting = batch_ledger.waiting(self.ledger, batch.label)
        folder = self.ledger.path.parent
        for file_id in filter(None, (state.output_file, state.error_file)):
            with disk_errors(folder), TemporaryFile(dir=folder) as file:
                self.server.download(file_id, file)
                while lines := list(islice(file, GROUP)):
                    self._store(lines, waiting, batch, asking, tally)
        failure, words = self._rest(batch, tally)
        attempts = list(waiting.values())
        for first in range(0, 0 if asking.earlier else len(attempts), GROUP):
            group = attempts[first : first + GROUP]
            calls = batch_ledger.calls(self.ledger, [attempt.number for attempt in group])
            for attempt in group:
                asking.missed(calls[attempt.number], attempt.attempt, failure, words, free=state.too_much)
        self.close(batch.label, state.status, failure, words)
        return tally

    def close(self, label: str, status: str, failure: Failure, words: str) -> None:
        """End a batch whose remaining attempts have this outcome."""
        waiting = batch_ledger.waiting(self.ledger, label)
        batch_ledger.close(self.ledger, label, status, failure, words).result()
        for attempt in waiting.values():
            self.budget.settle(attempt.worst, _taken(failure))

    def _rest(self, batch: Batch, tally: Tally) -> tuple[Failure, str]:
        """What became of the requests that have no row."""
        state = batch.state
        if tally.run < state.completed:  # the server has billed more answers than can be read
            return Failure.NOT_A_REPLY, f"model '{batch.model}': {state.completed} answers were told, and {tally.run} can be read"
        if state.status == "failed":
            words = f"model '{batch.model}': the batch failed: {state.words}"
            return Failure.RATE_LIMITED if state.too_much else Failure.NOT_RUN, words
        return Failure.NOT_RUN, f"model '{batch.model}': the batch ended as '{state.status}' without this request"

    def _store(
        self, lines: Sequence[bytes], waiting: dict[str, Attempt], batch: Batch, asking: Asking, tally: Tally
    ) -> None:  # fmt: skip
        """Put a group of rows on disk, then count them; requests that have an outcome already are passed over."""
        found = [pair for line in lines if (pair := batch_lines.read(line)) is not None]
        tally.run += sum(batch_lines.was_run(row) for _, row in found)
        rows = [(waiting.pop(name), row) for name, row in found if name in waiting]
        calls = batch_ledger.calls(self.ledger, [attempt.number for attempt, _ in rows])
        for outcome in [self._outcome(attempt, calls[attempt.number], row, batch, tally) for attempt, row in rows]:
            call, took, words = outcome.call, outcome.took, outcome.words
            reply = outcome.reply
            try:
                outcome.on_disk.result()
            except InputError as error:  # there is a reply to it already
                reply, took, words = None, Charge(None, None), str(error)
                self.ledger.failed(outcome.attempt.number, outcome.failure, words, batch.state.seconds).result()
            self.budget.settle(outcome.attempt.worst, took)
            if reply is not None:
                asking.answered(call, reply, took)
            else:
                asking.missed(call, outcome.attempt.attempt, outcome.failure, words, free=outcome.free)

    def _outcome(self, attempt: Attempt, call: Call, row: dict[str, object], batch: Batch, tally: Tally) -> _Outcome:
        seconds = batch.state.seconds
        try:
            reply = batch_lines.reply_in(row, batch.model)
        except Trouble as trouble:
            words = self.server.hide(trouble.words)
            on_disk = self.ledger.failed(attempt.number, trouble.failure, words, seconds)
            return _Outcome(on_disk, attempt, call, _taken(trouble.failure), None, trouble.failure, words)
        except batch_lines.Refused as refused:
            return self._refused(attempt, call, refused, batch, tally)
        took = prices.charge(call, reply, self.price, route="batch")
        if batch.model != self.server.name:
            took = Charge(took.tokens, None)  # its price is not known here, only the most that it can have cost
        return _Outcome(self.ledger.keep(attempt.number, call, reply, took, seconds), attempt, call, took, reply)

    def _refused(self, attempt: Attempt, call: Call, refused: batch_lines.Refused, batch: Batch, tally: Tally) -> _Outcome:
        """What becomes of a request that the server will not answer; a prompt that it alone will not answer has a reply that says so."""
        words, seconds, took = self.server.hide(refused.words), batch.state.seconds, _taken(Failure.REFUSED)
        learnt = self._learns(batch, call, refused, words, tally)
        if refused.about_prompt and not learnt and tally.stop is None and self._answers_others(tally):
            tally.refused_prompts += 1
            reply = Reply(f"refused: {words}", Finish.ERROR, 0, 0, batch.model)
            return _Outcome(self.ledger.keep(attempt.number, call, reply, took, seconds), attempt, call, took, reply, Failure.REFUSED)
        if not learnt:
            tally.refused += 1
            tally.words = words
        on_disk = self.ledger.failed(attempt.number, Failure.REFUSED, words, seconds)
        return _Outcome(on_disk, attempt, call, took, None, Failure.REFUSED, words, free=learnt)

    def _answers_others(self, tally: Tally) -> bool:
        """Whether the server has ever answered a prompt of this run; else it perhaps takes none of ours at all."""
        return tally.run > 0 or bool(self.ledger.select("SELECT 1 FROM replies LIMIT 1"))

    def _learns(self, batch: Batch, call: Call, refused: batch_lines.Refused, words: str, tally: Tally) -> bool:
        """Whether asking once more, otherwise, may help."""
        if batch.model != self.server.name:
            return False
        if refused.unpaid:
            tally.stop = ModelError(words)
            return False
        if refused.status == 400:
            if self.accepts == batch.used and self._lessons < MOST_LESSONS:
                try:
                    lesson = dialect.learn(self.accepts, call, batch.model, refused.parameter, words)
                except ModelError as error:
                    tally.stop = error
                    return False
                if lesson is not None:
                    self._lessons += 1
                    self.accepts = lesson[0]
                    self._say(lesson[1])
            if self.accepts != batch.used:
                tally.learnt += 1
                return True
        return False


def _taken(failure: Failure) -> Charge:
    return Charge(None, None) if failure in BILLED_PERHAPS else Charge(0, 0.0)
