"""What the base model reads: documents rendered from the tables, by the thousand, each kind a small function.

    >>> import random
    >>> render("note", random.Random(0))  # doctest: +SKIP
    'Seen in clinic today: ...'

Kinds and their shares stand in `KINDS`. Some kinds are shaped towards what evaluation needs (choosing among named things,
judging a claim, reading a result, listing medications by status, naming what a pronoun stands for, a note after a dialogue);
the model card says so. None is an instruction, none uses the prompt template, and none is an evaluation document.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from bioinstruct.embedded import documents_clinic, documents_facts, documents_research, documents_talk
from bioinstruct.embedded.world import World, load

Maker = Callable[[random.Random, World], str]

KINDS: dict[str, tuple[float, Maker]] = {
    "fact": (0.10, documents_facts.fact_lines),
    "drug_article": (0.11, documents_facts.drug_article),
    "condition_article": (0.11, documents_facts.condition_article),
    "group_article": (0.06, documents_facts.group_article),
    "glossary": (0.04, documents_facts.glossary),
    "choice": (0.11, documents_facts.choice),
    "case": (0.06, documents_talk.case),
    "claim": (0.08, documents_research.claim),
    "reading": (0.05, documents_research.reading),
    "abstract": (0.06, documents_research.abstract),
    "note": (0.06, documents_clinic.medication_note),
    "reference": (0.05, documents_clinic.reference),
    "dialogue": (0.04, documents_talk.dialogue),
    "letter": (0.04, documents_talk.letter),
    "form": (0.03, documents_talk.form),
}
"""Kind -> (share of the documents, maker). The shares add up to 1."""


def render(kind: str, rng: random.Random) -> str:
    """One document of `kind`."""
    return KINDS[kind][1](rng, load())


def stream(seed: int) -> Iterator[tuple[str, str]]:
    """Endless (kind, document) pairs, a pure function of the seed."""
    rng = random.Random(seed)
    kinds = list(KINDS)
    weights = [KINDS[kind][0] for kind in kinds]
    while True:
        kind = rng.choices(kinds, weights)[0]
        yield kind, render(kind, rng)
