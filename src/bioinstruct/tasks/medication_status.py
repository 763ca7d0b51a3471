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
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.answers import STATUSES, written
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.rows import Row
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files, splits

INSTRUCTION = (
    "List the medications that this note mentions, in order, each followed in brackets by active, discontinued, or neither if "
    "it is neither in use nor stopped. Separate them by semicolons; write none if there is no medication."
)
PAPER = (
    "CASI medication status, one-shot; F1 of medications (mean over snippets) and conditional accuracy; "
    "100 test snippets; prompt not reported"
)

ACCESS = Access(
    (Copy("hf://datasets/mitclinicalml/clinical-ie", ("the files of its task 'medication status', written out as JSON Lines",)),),
    (
        "accept the terms of the CASI data set (conservancy.umn.edu/handle/11299/137703), which the snippets are from",
        "read the page mitclinicalml/clinical-ie of the hub and download its files",
        "write its rows as JSON Lines with the fields that this task reads (see docs/tasks.md)",
    ),
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
    group = f"{row.split}-{row.identity('index')}"
    return Item(f"medication_status/{group}", "medication_status", INSTRUCTION, note, (written(order),), (), group)


MEDICATION_STATUS_EMBEDDED = Task(
    name="medication_status_embedded",
    family="ie",
    mode="generate",
    metric="f1",
    metrics=grading.MEDICATIONS,
    micro=grading.MEDICATIONS_MICRO,
    chance=None,
    max_new_tokens=96,
    source=EMBEDDED_SOURCE,
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="2",
    paper_setting=f"stands for {PAPER}",
    paper_shots=1,
    description="A short made-up note; answered `name (status); name (status)`, or `none`.",
    data=Embedded("medication_status_embedded"),
    prompt=prompts.plain,
    grade=grading.medications,
    extraction=grading.MEDICATIONS_READ,
    trivial=trivial.MEDICATIONS,
)

MEDICATION_STATUS = Task(
    name="medication_status",
    family="ie",
    mode="generate",
    metric="f1",
    metrics=grading.MEDICATIONS,
    micro=grading.MEDICATIONS_MICRO,
    chance=None,
    max_new_tokens=192,
    source="snippets of clinical notes (CASI, Moon et al. 2014), re-annotated by Agrawal et al. 2022",
    split="test (100); worked examples from the development split (5) where its file is there, else unscored items of the test split",
    n=100,
    instruction=INSTRUCTION,
    licence="CASI's terms of use (University of Minnesota); annotations as their authors state",
    version="2",
    paper_setting=PAPER,
    paper_shots=1,
    description="A snippet of a clinical note; answered with its medications and their statuses.",
    data=Files("a JSONL file of snippets with medications, or the folder with test.jsonl and dev.jsonl", ACCESS, _scored, _item, _training),
    prompt=prompts.plain,
    grade=grading.medications,
    extraction=grading.MEDICATIONS_READ,
    trivial=trivial.MEDICATIONS,
)
