"""Medications of a note and whether each is active, discontinued, or neither.

Data of `medication_status`: JSON Lines of the re-annotated CASI snippets (Agrawal et al. 2022), one file, or a folder with
`test.jsonl` (100, scored) and `dev.jsonl` (5, worked examples). Fields: `index` (id), `snippet` (text), and
`active_medications`, `discontinued_medications`, `neither_medications`: lists of names as they stand in the snippet, each
a JSON list or a text that holds one. The data needs an agreement and does not come with us.

The primary metric is F1 of the set of names of one item, averaged over items, as the paper's figures imply. That alone is
half won by copying; `f1_status` (names with their statuses) and conditional accuracy stand beside it.
"""

from __future__ import annotations

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.answers import STATUSES, written
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, Embedded, Files, Row, splits

INSTRUCTION = (
    "List the medications that this note mentions, in order, each followed in brackets by active, discontinued, or neither if "
    "it is neither in use nor stopped. Separate them by semicolons; write none if there is no medication."
)
PAPER = (
    "CASI medication status, one-shot; F1 of medications (mean over snippets) and conditional accuracy; "
    "100 test snippets; prompt not reported"
)

_scored, _training = splits("test.jsonl", "dev.jsonl")


def _item(row: Row) -> Item:
    note = row.text("snippet")
    lowered = note.lower()
    pairs = [(name, status) for status in STATUSES for name in row.texts(f"{status}_medications")]
    for name, status in pairs:
        if ";" in name or "(" in name:
            raise row.error(f"{status}_medications", repr(name), "names without semicolons and brackets")
    order = sorted(pairs, key=lambda pair: lowered.find(pair[0].lower()) % (len(note) + 1))
    index = row.get("index")
    if not isinstance(index, str | int) or isinstance(index, bool):
        raise row.error("index", repr(index)[:80], "a number or a text")
    group = f"{row.split}-{index}"
    return Item(f"medication_status/{group}", "medication_status", INSTRUCTION, note, (written(order),), (), group)


MEDICATION_STATUS_EMBEDDED = Task(
    name="medication_status_embedded",
    family="ie",
    mode="generate",
    metric="f1",
    metrics=grading.MEDICATIONS,
    chance=None,
    max_new_tokens=96,
    source=EMBEDDED_SOURCE,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=1,
    description="A short made-up note; answered `name (status); name (status)`, or `none`.",
    data=Embedded("medication_status_embedded"),
    prompt=prompts.plain,
    grade=grading.medications,
    trivial=trivial.MEDICATIONS,
)

MEDICATION_STATUS = Task(
    name="medication_status",
    family="ie",
    mode="generate",
    metric="f1",
    metrics=grading.MEDICATIONS,
    chance=None,
    max_new_tokens=192,
    source="CASI snippets re-annotated by Agrawal et al. 2022: the 100 of test.jsonl, worked examples from dev.jsonl",
    licence="CASI's terms of use (University of Minnesota); annotations as their authors state",
    version="1",
    paper_setting=PAPER,
    paper_shots=1,
    description="A snippet of a clinical note; answered with its medications and their statuses.",
    data=Files("a JSONL file of snippets with medications, or the folder with test.jsonl and dev.jsonl", _scored, _item, _training),
    prompt=prompts.plain,
    grade=grading.medications,
    trivial=trivial.MEDICATIONS,
)
