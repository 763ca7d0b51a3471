"""The evaluation items of the embedded world: made on the spot, in wording that owes nothing to the teacher's.

    make("bioasq_embedded", n=100, seed=1)  ->  100 items; the first 50 are make("bioasq_embedded", 50, 1)

Closed-book questions ask facts that the teacher may never state (`world.Fact.held_out`). Texts to be read carry names and
numbers drawn at random for each item, so that they can have been in nothing that a model has read (`documents`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Item
from bioinstruct.embedded.items_drawing import Slot
from bioinstruct.embedded.items_generation import consultation, letter
from bioinstruct.embedded.items_ie import medications, references
from bioinstruct.embedded.items_qa import closed, one_line, vignette
from bioinstruct.embedded.items_reading import abstract, statements

MAKERS: dict[str, Callable[[Slot], Item]] = {
    "usmle_embedded": vignette,
    "medmcqa_embedded": one_line,
    "pubmedqa_embedded": abstract,
    "bioasq_embedded": closed,
    "nli_embedded": statements,
    "medication_status_embedded": medications,
    "coreference_embedded": references,
    "conv2note_embedded": consultation,
    "patient_answer_embedded": letter,
}
"""Task to the function that makes its item for a place in the series."""

_FACT_TASKS = frozenset({"medmcqa_embedded", "bioasq_embedded"})
_ATTEMPTS = 200


def make(task: str, n: int, seed: int) -> list[Item]:
    """The first `n` items of the series that `task` and `seed` define; their inputs all differ.

    Raises:
        InputError: an unknown task, a negative `n`, or more items than the world has different inputs for.
    """
    if task not in MAKERS:
        raise InputError(f"task: got '{task}'; allowed: {', '.join(MAKERS)}")
    if n < 0:
        raise InputError(f"n: got {n}; allowed: 0 or more")
    items: list[Item] = []
    inputs: set[str] = set()
    for number in range(n):
        for attempt in range(_ATTEMPTS):
            item = MAKERS[task](Slot(task, seed, number, attempt))
            if item.input not in inputs:
                break
        else:
            raise InputError(f"n: got {n}; allowed: at most {number} for {task} with seed {seed}, where the different inputs run out")
        inputs.add(item.input)
        items.append(item)
    return items


def documents(items: Iterable[Item]) -> list[str]:
    """The made-up texts among the items' inputs (cases, abstracts, chart texts, dialogues, letters), in order.

    None of them may occur in what a model was trained on. One-line fact questions hold no text of their own and are left out.
    """
    return [item.input for item in items if item.task not in _FACT_TASKS]
