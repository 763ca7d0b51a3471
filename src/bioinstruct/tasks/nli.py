"""Whether a statement follows from another: entailment, contradiction or neutral. Shown apart from the QA mean, as in the paper.

Data of `mednli`: MedNLI's own JSON Lines (`gold_label`, `sentence1`, `sentence2`, `pairID`), one file, or the folder with
`mli_test_v1.jsonl` (scored) and `mli_train_v1.jsonl` (worked examples). It needs credentials and does not come with us.
"""

from __future__ import annotations

import hashlib

from bioinstruct.core.records import Item
from bioinstruct.core.text import squeeze
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.rows import Row
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files, splits

INSTRUCTION = (
    "Decide how the hypothesis relates to the premise: entailment if it must be true, contradiction if it cannot be true, "
    "neutral if it may or may not be. Reply with one of these three words alone."
)
PAPER = "MedNLI, zero-shot accuracy; the 1,422 test items fit the printed scores; shown with QA and left out of its mean"
LABELS = ("entailment", "contradiction", "neutral")

ACCESS = Access(
    (Copy("https://physionet.org/content/mednli/1.0.0", ("mli_test_v1.jsonl", "mli_train_v1.jsonl")),),
    (
        "become a credentialed user of PhysioNet",
        "complete the CITI training 'Data or Specimens Only Research'",
        "sign the data use agreement on physionet.org/content/mednli",
        "download the two files; they may not be passed on, nor sent to a model of others without their agreement",
    ),
)

_scored, _training = splits("mli_test_v1.jsonl", "mli_train_v1.jsonl")


def _item(row: Row) -> Item:
    answer = row.one_of("gold_label", LABELS)
    premise, hypothesis = squeeze(row.text("sentence1")), squeeze(row.text("sentence2"))
    # Three hypotheses were written for each premise: they are one cluster, and never worked examples for one another.
    group = hashlib.sha256(premise.encode()).hexdigest()[:16]
    name = f"mednli/{row.text('pairID')}"
    return Item(name, "mednli", INSTRUCTION, f"Premise: {premise}\nHypothesis: {hypothesis}", (answer,), LABELS, group)


NLI_EMBEDDED = Task(
    name="nli_embedded",
    family="nli",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=12,
    source=EMBEDDED_SOURCE,
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=0,
    description="Two made-up statements; answered entailment, contradiction or neutral.",
    data=Embedded("nli_embedded"),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)

MEDNLI = Task(
    name="mednli",
    family="nli",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=12,
    source="MedNLI (Romanov and Shivade 2018; version 1.0.0 on PhysioNet): sentences of MIMIC-III notes",
    split="test (1,422); worked examples from the training split (11,232) where its file is there, else unscored items of the test split",
    n=1422,
    instruction=INSTRUCTION,
    licence="PhysioNet Credentialed Health Data Use Agreement 1.5.0",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="A sentence of a clinical note and a hypothesis by a clinician; answered entailment, contradiction or neutral.",
    data=Files("MedNLI's mli_test_v1.jsonl, or the folder with it and mli_train_v1.jsonl", ACCESS, _scored, _item, _training),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)
