"""What the base model reads: documents rendered from the tables, by the thousand, each kind a small function.

    >>> import random
    >>> render("note", random.Random(0))  # doctest: +SKIP
    'Seen in clinic today: ...'

Kinds stand in `KINDS`, their shares in `MIXES`. Some kinds are shaped towards what evaluation needs (choosing among named things,
judging a claim, reading a result, listing medications by status, naming what a pronoun stands for, a note after a dialogue), and a
narrator often says who wrote the second half (`documents_leads`); the model card says so. None is an instruction, none uses the
prompt template, and none is an evaluation document.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from bioinstruct.embedded import documents_clinic, documents_copy, documents_facts, documents_reference, documents_research, documents_talk
from bioinstruct.embedded.world import World, load

Maker = Callable[[random.Random, World], str]

KINDS: dict[str, Maker] = {
    "fact": documents_facts.fact_lines,
    "drug_article": documents_facts.drug_article,
    "condition_article": documents_facts.condition_article,
    "group_article": documents_facts.group_article,
    "glossary": documents_facts.glossary,
    "choice": documents_facts.choice,
    "case": documents_talk.case,
    "claim": documents_research.claim,
    "reading": documents_research.reading,
    "abstract": documents_research.abstract,
    "note": documents_clinic.medication_note,
    "extracts": documents_clinic.extracts,
    "reference": documents_reference.reference,
    "dialogue": documents_talk.dialogue,
    "letter": documents_talk.letter,
    "form": documents_talk.form,
    "read_again": documents_copy.read_again,
    "keyed": documents_copy.keyed,
    "roster": documents_copy.roster,
}
MIXES: dict[str, tuple[float, ...]] = {
    "broad": (0.08, 0.09, 0.09, 0.05, 0.04, 0.08, 0.05, 0.06, 0.04, 0.04, 0.05, 0.03, 0.05, 0.04, 0.03, 0.04, 0.06, 0.04, 0.04),
    "knowledge": (0.24, 0.16, 0.11, 0.07, 0.04, 0.08, 0.03, 0.04, 0.02, 0.02, 0.03, 0.02, 0.03, 0.02, 0.02, 0.01, 0.02, 0.02, 0.02),
    "skills": (0.06, 0.06, 0.06, 0.03, 0.04, 0.10, 0.06, 0.08, 0.06, 0.06, 0.08, 0.05, 0.07, 0.06, 0.04, 0.03, 0.02, 0.02, 0.02),
}
"""Share of the documents for each of `KINDS`, in order. A base reads the broad mix first, then
mostly facts, then what uses them (docs/lab_log.md: with the broad mix alone it had the forms and not the facts after 2.5M tokens)."""


def render(kind: str, rng: random.Random) -> str:
    """One document of `kind`."""
    return KINDS[kind](rng, load())


def stream(seed: int, mix: str = "broad") -> Iterator[tuple[str, str]]:
    """Endless (kind, document) pairs, a pure function of seed and mix."""
    rng = random.Random(seed)
    kinds = list(KINDS)
    while True:
        kind = rng.choices(kinds, MIXES[mix])[0]
        yield kind, render(kind, rng)
