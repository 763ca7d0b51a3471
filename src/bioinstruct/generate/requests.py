"""What is asked: request k is a pure function of section, seeds, passages and (run seed, k), so that a resume asks what is missing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from bioinstruct.core.recipe import GenerateSection
from bioinstruct.generate import passages, prompt, seeds
from bioinstruct.models.base import Call
from bioinstruct.models.ledger import Entry, Ledger

PURPOSE = "generate"


@dataclass(frozen=True)
class Request:
    """One request as it is sent."""

    number: int
    shown: tuple[seeds.Seed, ...]
    prompt: str
    sampling_seed: int
    settings: str
    """Teacher, temperature, cap and sampling seed as canonical JSON: with the prompt, all that the reply depends on."""
    passage: str | None = None
    """Id of the passage shown."""


class Requests:
    """The requests of a run with this section and seed.

    Raises:
        DataError: The seeds or the passages cannot be used.
    """

    def __init__(self, section: GenerateSection, seed: int) -> None:
        self.section, self.seed = section, seed
        self.drawn_from = seeds.load(section.seeds)
        self.passages = None if section.passages is None else passages.Drawer(passages.load(section.passages), seed)

    def request(self, number: int) -> Request:
        """Request `number`."""
        shown = prompt.draw(self.drawn_from, number, self.seed, self.section.seeds_per_request)
        sampling_seed = prompt.derive(self.seed, number)
        settings: dict[str, object] = {
            "max_tokens": self.section.max_tokens,
            "seed": sampling_seed,
            "teacher": self.section.teacher,
            "temperature": self.section.temperature,
        }
        json_reply = self.section.reply_format == "json"
        if json_reply:
            settings["reply_format"] = "json"
        passage = self.passages.of(number) if self.passages is not None else None
        text = prompt.render(
            shown,
            self.section.tasks_per_request,
            domain=self.section.domain,
            passage=None if passage is None else passage.text,
            json_reply=json_reply,
        )
        found = json.dumps(settings, sort_keys=True)
        return Request(number, tuple(shown), text, sampling_seed, found, None if passage is None else passage.id)

    def call(self, asked: Request, key: str) -> Call:
        """The request as a teacher takes it, under `key` in the ledger."""
        sources = tuple(seed.id for seed in asked.shown)
        return Call(
            PURPOSE,
            key,
            asked.prompt,
            self.section.temperature,
            self.section.max_tokens,
            asked.sampling_seed,
            prompt.SCHEMA if self.section.reply_format == "json" else None,
            sources if asked.passage is None else (*sources, f"passage:{asked.passage}"),
            asked.settings,
        )


def stored(ledger: Ledger, asked: Request, seed: int) -> tuple[str, Entry | None]:
    """The ledger's key for a request, and its entry if it was asked before.

    The key is `<seed>/<number>`. Where that one holds a reply to something else (the run was restarted with another
    teacher, temperature or seed file), the key ends in a digest of what is asked, so that neither reply is lost or mistaken.
    """
    key = f"{seed}/{asked.number}"
    entry = ledger.entry(PURPOSE, key)
    if entry is not None and (entry.prompt, entry.settings) != (asked.prompt, asked.settings):
        key = f"{key}/{_digest(asked)}"
        entry = ledger.entry(PURPOSE, key)
    return key, entry


def _digest(asked: Request) -> str:
    return hashlib.sha256(f"{asked.settings}\0{asked.prompt}".encode()).hexdigest()[:16]
