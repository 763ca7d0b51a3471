"""What labels, checks and judging share: questions to a model about single things, each in the ledger under the thing's id.

A reply in the ledger is never asked for again, so that a run which was stopped goes on with what is missing, and of added things only the
new ones are asked about. A prompt whose wording changes gets another version, and with it other keys.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from bioinstruct.core.errors import ModelError
from bioinstruct.core.progress import Progress
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish
from bioinstruct.models import dialect
from bioinstruct.models.asking import Asker, leave_out, left_over
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.live import Live

Read = TypeVar("Read")

BYTES_A_TOKEN = 4.0
"""Of English text, for want of the model's tokenizer."""
_THOUGHT = re.compile(r"\A\s*<(think|thinking)>.*?</\1>", re.DOTALL | re.IGNORECASE)


class Identified(Protocol):
    """What is asked about: a record or an item."""

    @property
    def id(self) -> str:
        """Unique and stable."""
        ...


@dataclass(frozen=True)
class Manner:
    """How one kind of question is put."""

    purpose: str
    """`label`, `check` or `judge`, as in the ledger."""
    version: str
    """Of the prompt; part of every key."""
    temperature: float
    """For a teacher that takes one."""
    max_tokens: int
    """Completion cap, for a teacher that answers without thinking first."""

    def temperature_for(self, teacher: GenerateSection) -> float:
        """What is sent: a teacher that takes no temperature (by its table or `generate.accepts`) has its own, 1."""
        return self.temperature if _takes_temperature(teacher) else 1.0

    def cap_for(self, teacher: GenerateSection) -> int:
        """Completion cap in tokens; teachers that take no temperature think first, and get `generate.max_tokens` where that is more."""
        return self.max_tokens if _takes_temperature(teacher) else max(self.max_tokens, teacher.max_tokens)

    def call(self, about: Identified, prompt: str, teacher: GenerateSection, seed: int, part: str = "") -> Call:
        """The question about one thing as a teacher takes it.

        Args:
            about: What is asked about.
            prompt: The question's text.
            teacher: Who answers.
            seed: Of the run; the sampling seed follows from it and the key.
            part: Tells several questions of one kind about one thing apart.
        """
        key = "/".join(filter(None, (about.id, self.version, part)))
        sampling = int.from_bytes(hashlib.sha256(f"{seed}\0{self.purpose}\0{key}".encode()).digest()[:4], "big") >> 1
        temperature, cap = self.temperature_for(teacher), self.cap_for(teacher)
        settings = {"max_tokens": cap, "seed": sampling, "teacher": teacher.teacher, "temperature": temperature}
        found = json.dumps(settings, sort_keys=True)
        return Call(self.purpose, key, prompt, temperature, cap, sampling, sources=(about.id,), settings=found)


def _takes_temperature(teacher: GenerateSection) -> bool:
    return dialect.accepts(teacher.teacher, teacher.accepts).temperature


def quoted(**texts: str) -> str:
    """Texts under their names, each line behind a bar, so that nothing in a text can end its quotation.

    >>> print(quoted(instruction="Name it.", input=""))
    Instruction:
    | Name it.
    <BLANKLINE>
    Input: none
    """
    return "\n\n".join(f"{name.capitalize()}:{_barred(text)}" for name, text in texts.items())


def _barred(text: str) -> str:
    if not text.strip():
        return " none"
    return "".join(f"\n| {line}".rstrip() for line in text.splitlines())


def stored(ledger: Ledger, call: Call) -> tuple[Call, Reply | None]:
    """The call under the key that it has in the ledger, and its reply if there is one.

    Where the key holds a reply to something else (another teacher, another text beside the thing), the call's own ends in a digest of
    what is asked, so that neither reply is lost or mistaken.
    """
    entry = ledger.entry(call.purpose, call.key)
    if entry is not None and (entry.prompt, entry.settings) != (call.prompt, call.settings):
        digest = hashlib.sha256(f"{call.settings}\0{call.prompt}".encode()).hexdigest()[:16]
        call = replace(call, key=f"{call.key}/{digest}")
        entry = ledger.entry(call.purpose, call.key)
    return call, None if entry is None else entry.reply


def reply_to(ledger: Ledger, call: Call) -> tuple[str, Reply]:
    """Key and reply of a call that `ask_all` has asked.

    Raises:
        ModelError: It has no reply.
    """
    call, reply = stored(ledger, call)
    if reply is None:
        raise ModelError(f"{ledger.path}: got no reply to {call.purpose} '{call.key}'; allowed: calls that were asked")
    return call.key, reply


def read(reply: Reply, parse: Callable[[str], Read | None]) -> Read | None:
    """What a reply says; None where it says nothing that can be read, or was cut before its end."""
    return parse(reply.text) if reply.finish is Finish.STOP else None


def unthought(text: str) -> str:
    """A reply without what its model wrote down before it answered (`<think> ... </think>`)."""
    return _THOUGHT.sub("", text)


def ask_all(
    name: str, calls: Iterable[Call], n: int, asker: Asker, attempts: int, progress: Progress, is_read: Callable[[Call, Reply], bool]
) -> None:  # fmt: skip
    """Ask what the ledger does not hold; every call has a reply there when this returns.

    A prompt that the server refuses has one, too (finish `error`), and so has a call that it did not answer in twice `attempts` tries.

    Args:
        name: Of the work, for progress and errors.
        calls: Taken lazily; equal ones are asked once.
        n: How many there are.
        asker: Asks the teacher; its ledger holds the replies.
        attempts: Tries that a call has in one run.
        progress: Told of every reply.
        is_read: Whether a reply says what was asked, for the progress line.

    Raises:
        ModelError: The teacher failed, or calls used up their tries; replies so far are in the ledger, and running again goes on.
        LimitReached: The budget is used up, or the disk is full; likewise.
    """
    live = Live(total=n, budget=asker.budget.usd)
    progress.start(name, n, "requests")
    under_way: dict[str, Call] = {}

    def missing() -> Iterator[Call]:
        for wanted in calls:
            call, reply = stored(asker.ledger, wanted)
            if reply is not None or call.key in under_way:
                live.before += 1
                progress.advance(1)
            else:
                under_way[call.key] = call
                yield call

    def count(call: Call, reply: Reply) -> str:
        del under_way[call.key]
        return str(int(is_read(call, reply)))

    asked = asker.ask(missing(), count, live)
    given_up = [key for key in asked.given_up if not leave_out(asker, under_way[key], asked, 2 * attempts)]
    if given_up:
        raise ModelError(left_over(name, asked, len(given_up)))


@dataclass(frozen=True)
class Expected:
    """What questions would take, before any is asked."""

    calls: int
    prompt_tokens: float
    """Of all calls together, by bytes."""
    output_tokens: float
    """Likewise; what a teacher thinks before it answers is not among them."""
    max_tokens: int
    """Completion cap of one call: what it may take at worst."""


def expected(manner: Manner, n: int, bare: str, teacher: GenerateSection, *, shown: float, said: float) -> Expected:
    """What `n` questions would take.

    Args:
        manner: How they are put.
        n: How many.
        bare: Their prompt without the texts that it shows.
        teacher: Who is asked.
        shown: Tokens of the texts that one of them shows.
        said: Tokens of one reply.
    """
    return Expected(n, n * (len(bare.encode()) / BYTES_A_TOKEN + shown), n * said, manner.cap_for(teacher))
