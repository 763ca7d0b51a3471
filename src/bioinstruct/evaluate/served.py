"""Models beside ours that a server answers for: any OpenAI-compatible one, vLLM's with its adapters as model names among them.

Every item is one request, at temperature 0, through the run's pool and ledger (purpose `evaluate`): what was answered is never asked again,
the run's budget holds, and a run that was stopped goes on. With the form `chat` the server puts its own chat template around the prompt
(`/chat/completions`); with any other the prompt goes as it is (`/completions`).

A ranked task is asked as a question whose answer is written, since many servers do not give the likelihood of given options: its setting
says so (mode `generate`), and it is graded by the parser that reads every written answer. Where an entry says `rank: logprobs`, each
option is one request for the log-probabilities of its tokens (`models/likelihood.py`), and the choice is made as for a model loaded here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bioinstruct.core import template
from bioinstruct.core.errors import ModelError
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.records import Completion, Ranking, Setting
from bioinstruct.core.template import Template
from bioinstruct.evaluate import compared, data_files, lookup
from bioinstruct.evaluate.plan import Other, Prompt, cap, option_texts, plan, prompts
from bioinstruct.evaluate.rank import DECIMALS
from bioinstruct.models import asking, likelihood
from bioinstruct.models.asking import Asker, Limits
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.endpoint import EndpointTeacher
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.live import Live
from bioinstruct.models.purse import Purse

PURPOSE = "evaluate"
"""Of the requests, in the ledger."""


class Answerer(Protocol):
    """Who answers for a model that is not loaded here."""

    def complete(self, asked: Sequence[Prompt], setting: Setting, cap: int) -> list[Completion]:
        """One completion a prompt, of at most `cap` tokens."""
        ...

    def rank(self, asked: Sequence[Prompt], setting: Setting) -> list[Ranking]:
        """One ranking a prompt; without log-likelihoods where the server would not take it."""
        ...


def ask_all(others: Sequence[Other], tasks: Sequence[str], purse: Purse, ask: Callable[..., None]) -> None:
    """Have every model asked every task through an `Answerer` of its own.

    Args:
        others: The models, each with an endpoint.
        tasks: Names, in the order to be asked in.
        purse: With what they are asked.
        ask: `evaluate.run.ask` with all that is the same for them.

    Raises:
        InputError: an endpoint or key cannot be used, or there is a budget in dollars and no price.
        ModelError: a server will not answer, or requests used up their tries; replies so far are in the ledger.
        LimitReached: the budget is used up, or the disk is full; likewise.
    """
    for other in others:
        plain, limits = not template.get(other.template).chat, Limits()
        teacher = EndpointTeacher(other.model, other.endpoint, other.api_key_env, plain=plain, say=purse.progress.say)
        with purse.asking(other.model, teacher, limits) as pool:
            for task in tasks:
                ask(model=other.name, task=task, progress=purse.progress, other=other, answerer=_Server(other, pool, limits))


def outstanding(section: EvaluateSection, tune: TuneSection, path: Path) -> Iterator[tuple[Other, list[Call]]]:
    """Every model that a server answers for, and the requests about it that a run's ledger (`path`) has no reply to: what a run would ask.

    Raises:
        DataError: a task's file cannot be read.
    """
    others, known = compared.served(section, tune), lookup.known(section)
    tasks = [known.get(name) for name in section.tasks] if others else []
    collected = {task.name: task.collect(data_files.request(task.name, section)) for task in tasks}
    for other in others:
        asking = _Questions(other)
        wanted: dict[str, Call] = {}
        for ask in plan(tasks, section, tune.template, {}, [other]):
            if ask.setting.model == other.name:
                found = collected[ask.task.name]
                asked = prompts(ask.task, found.items, found.pool, ask.setting.shots, template.get(other.template))
                if ask.setting.mode == "rank":
                    calls = asking.about_options(asked, ask.setting)
                else:
                    calls = asking.about_items(asked, cap(ask.task, ask.setting, section))
                wanted |= {call.key: call for call in calls}
        yield other, _unanswered(list(wanted.values()), path)


def _unanswered(calls: list[Call], path: Path) -> list[Call]:
    if not path.exists():
        return calls
    with Ledger(path) as ledger:
        return [call for call in calls if ledger.reply(PURPOSE, call.key) is None]


@dataclass(frozen=True)
class _Questions:
    """The requests about one model's answers."""

    other: Other

    @property
    def _form(self) -> Template:
        return template.get(self.other.template)

    def about_items(self, asked: Sequence[Prompt], cap: int) -> list[Call]:
        """One a prompt, for an answer of at most `cap` tokens."""
        return [self._call(prompt, self._text(prompt), cap) for prompt in asked]

    def about_options(self, asked: Sequence[Prompt], setting: Setting) -> list[Call]:
        """One an option, prompt after prompt, for its tokens' log-probabilities."""
        calls = []
        for prompt in asked:
            for option in option_texts(prompt.item, setting.asked):
                ending = self._form.lead + option.strip()
                calls.append(self._call(prompt, self._text(prompt) + ending, 1, continuation=len(ending)))
        return calls

    def _call(self, prompt: Prompt, text: str, cap: int, continuation: int = 0) -> Call:
        form = "likelihood" if continuation else "chat" if self._form.chat else "text"
        told = {"form": form, "max_tokens": cap, "model": self.other.model, "temperature": 0.0}
        if continuation:
            told["continuation"] = continuation
        settings = json.dumps(told, sort_keys=True)
        key = hashlib.sha256(f"{settings}\0{text}".encode()).hexdigest()[:32]
        name = f"{self.other.model}/{key}"
        return Call(PURPOSE, name, text, 0.0, cap, 0, sources=(prompt.item.id,), settings=settings, continuation=continuation)

    def _text(self, prompt: Prompt) -> str:
        if self._form.chat:
            return self._form.body(prompt.instruction, prompt.input).strip()
        return self._form.shots(list(prompt.shots)) + self._form.prompt(prompt.instruction, prompt.input)


class _Server:
    """Answers of one model behind a server."""

    def __init__(self, other: Other, asker: Asker, limits: Limits) -> None:
        self._other, self._asker, self._limits = other, asker, limits
        self._questions = _Questions(other)

    def complete(self, asked: Sequence[Prompt], setting: Setting, cap: int) -> list[Completion]:
        found = self._replies(self._questions.about_items(asked, cap))
        return [_completion(prompt, setting, reply) for prompt, reply in zip(asked, found, strict=True)]

    def rank(self, asked: Sequence[Prompt], setting: Setting) -> list[Ranking]:
        found = iter(self._replies(self._questions.about_options(asked, setting)))
        return [_ranking(prompt, setting, [next(found) for _ in prompt.item.options]) for prompt in asked]

    def _replies(self, calls: Sequence[Call]) -> list[Reply]:
        self._ask({call.key: call for call in calls})  # equal prompts are asked once
        found = [self._asker.ledger.reply(PURPOSE, call.key) for call in calls]
        assert all(found)  # every call has one once it was asked
        return [reply for reply in found if reply is not None]

    def _ask(self, calls: Mapping[str, Call]) -> None:
        live = Live(total=len(calls), budget=self._asker.budget.usd)

        def missing() -> Iterator[Call]:
            for call in calls.values():
                if self._asker.ledger.reply(PURPOSE, call.key) is None:
                    yield call
                else:
                    live.before += 1

        asked = self._asker.ask(missing(), lambda call, reply: reply.finish.value, live)
        tries = 2 * self._limits.attempts
        given_up = [key for key in asked.given_up if not asking.leave_out(self._asker, calls[key], asked, tries)]
        if given_up:
            raise ModelError(asking.left_over(f"evaluate.compare, model '{self._other.name}'", asked, len(given_up)))


def _completion(prompt: Prompt, setting: Setting, reply: Reply) -> Completion:
    return Completion(
        item=prompt.item.id,
        setting=setting,
        prompt_sha=prompt.sha,
        sample=0,
        text=reply.text.strip(),
        finish=reply.finish,
        prompt_tokens=reply.prompt_tokens,
        output_tokens=reply.output_tokens,
    )


def _ranking(prompt: Prompt, setting: Setting, replies: Sequence[Reply]) -> Ranking:
    values = [likelihood.read(reply) for reply in replies]
    told = [one for one in values if one is not None] if None not in values else []
    return Ranking(
        item=prompt.item.id,
        setting=setting,
        prompt_sha=prompt.sha,
        log_likelihoods=tuple(round(sum(one), DECIMALS) for one in told),
        lengths=tuple(len(one) for one in told),
        prompt_tokens=max(0, replies[0].prompt_tokens - len(told[0])) if told else 0,
    )
