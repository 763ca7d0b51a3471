"""A research question and the abstract that was written about it: yes, no or maybe. Three tasks over the 1,000 expert-labelled questions.

`pubmedqa`         question and abstract, the 500 of the official test split; the other 500 serve as worked examples
`pubmedqa_1000`    question and abstract, all 1,000, as the paper's scores imply; there is no split left for worked examples
`pubmedqa_closed`  the question alone (closed book), the same 500; MIRAGE's and BLURB's tables must not be read as one

Data: a folder with `ori_pqal.json` ({PMID: {QUESTION, CONTEXTS, final_decision, ...}}) or the hub's `pqa_labeled` Parquet, and, but for
`pubmedqa_1000`, `test_ground_truth.json` ({PMID: label}), which names the 500. The abstract's conclusion (LONG_ANSWER) is the answer in
other words and is never shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.rows import Row, inside, json_object_rows, json_value, parquet_rows
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, EMBEDDED_SPLIT, Embedded, Files

INSTRUCTION = (
    "Does the study described in this abstract answer its question with yes, no or maybe? Reply with one of these three words alone."
)
CLOSED = "Answer this biomedical research question from what is known with yes, no or maybe. Reply with one of these three words alone."
PAPER = "PubMedQA, zero-shot accuracy; n = 1,000 (all expert-labelled items) fits the printed scores; prompt not reported"
SOURCE = "PubMedQA, the expert-labelled questions (PQA-L; Jin et al. 2019)"
LABELS = ("yes", "no", "maybe")
QUESTIONS, TRUTH, LABELED = "ori_pqal.json", "test_ground_truth.json", "train-*.parquet"
ONE = f"PubMedQA's {QUESTIONS}, the hub's pqa_labeled Parquet, or the folder with one of them"
BOTH = f"the folder with PubMedQA's {QUESTIONS} (or the hub's pqa_labeled Parquet) and {TRUTH}"
ACCESS = Access(
    (
        Copy(
            "https://github.com/pubmedqa/pubmedqa (data)",
            (QUESTIONS, TRUTH),
            sha256={
                QUESTIONS: "8b3276be8942ebbd77f3ddcda12c1749bf0e490045a736fd8438ee40cf37a41d",
                TRUTH: "939fe566f09017d13b1ca64d2ddfee0bc2374b366048152997669cccedc44d51",
            },
        ),
        Copy("hf://datasets/qiaojin/PubMedQA", (f"pqa_labeled/{LABELED}",), "9eff5a36d26c00629c31ce02210eacb543d1ae19"),
    )
)


def _questions(path: Path) -> list[Row]:
    file = inside(path, QUESTIONS, LABELED)
    return [_from_hub(row) for row in parquet_rows(file)] if file.suffix == ".parquet" else json_object_rows(file)


def _from_hub(row: Row) -> Row:
    context = row.get("context")
    if not isinstance(context, dict) or "contexts" not in context:
        raise row.wrong("context", context, "an object with 'contexts'")
    values = {"QUESTION": row.get("question"), "CONTEXTS": context["contexts"], "final_decision": row.get("final_decision")}
    return replace(row, name=row.identity("pubid"), values=values)


def _test_ids(path: Path) -> dict[str, str]:
    if not path.is_dir():
        got = "a file" if path.exists() else "no such folder"
        raise DataError(path, got=got, allowed=f"a folder with {QUESTIONS} and {TRUTH}")
    ids = json_value(path / TRUTH)
    if not isinstance(ids, dict):
        raise DataError(path / TRUTH, got=type(ids).__name__, allowed="an object of PMID -> label")
    return ids


def _scored(path: Path) -> list[Row]:
    truth = _test_ids(path)
    rows = {row.name: row for row in _questions(path)}
    for pmid, decision in truth.items():
        if pmid not in rows:
            raise DataError(path / TRUTH, field=pmid, got=f"an id that {QUESTIONS} lacks", allowed="its ids")
        if rows[pmid].get("final_decision") != decision:
            raise rows[pmid].wrong("final_decision", rows[pmid].get("final_decision"), f"'{decision}', as in {TRUTH}")
    return [row for row in rows.values() if row.name in truth]


def _training(path: Path) -> list[Row] | None:
    truth = _test_ids(path)
    return [row for row in _questions(path) if row.name not in truth]


def _item(task: str, closed: bool = False) -> Callable[[Row], Item]:
    def item(row: Row) -> Item:
        answer = row.one_of("final_decision", LABELS)
        question = row.text("QUESTION")
        if closed:
            return Item(f"{task}/{row.name}", task, CLOSED, question, (answer,), LABELS, f"PMID {row.name}")
        shown = f"Question: {question}\nAbstract: {' '.join(row.texts('CONTEXTS'))}"
        return Item(f"{task}/{row.name}", task, INSTRUCTION, shown, (answer,), LABELS, f"PMID {row.name}")

    return item


PUBMEDQA_EMBEDDED = Task(
    name="pubmedqa_embedded",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=8,
    source=EMBEDDED_SOURCE,
    split=EMBEDDED_SPLIT,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=0,
    description="A made-up abstract without its conclusion; answered yes, no or maybe.",
    data=Embedded("pubmedqa_embedded"),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)

PUBMEDQA = Task(
    name="pubmedqa",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=8,
    source=SOURCE,
    split="the official test split (500), with abstracts; worked examples from the other 500",
    n=500,
    instruction=INSTRUCTION,
    licence="MIT",
    version="1",
    paper_setting=f"{PAPER}; the official test split has 500",
    paper_shots=0,
    description="A research question and its abstract without the conclusion; answered yes, no or maybe.",
    data=Files(
        BOTH,
        ACCESS,
        _scored,
        _item("pubmedqa"),
        _training,
    ),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)

PUBMEDQA_1000 = Task(
    name="pubmedqa_1000",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=8,
    source=SOURCE,
    split="all 1,000, with abstracts; worked examples are items that are not scored, so none where all are",
    n=1000,
    instruction=INSTRUCTION,
    licence="MIT",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="The same with all 1,000 expert-labelled questions scored.",
    data=Files(
        f"PubMedQA's {QUESTIONS}, the hub's pqa_labeled Parquet, or the folder with one of them", ACCESS, _questions, _item("pubmedqa_1000")
    ),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)

PUBMEDQA_CLOSED = Task(
    name="pubmedqa_closed",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=8,
    source=SOURCE,
    split="the official test split (500), without abstracts; worked examples from the other 500",
    n=500,
    instruction=CLOSED,
    licence="MIT",
    version="1",
    paper_setting=f"not measured in the paper, which shows no sign of a closed-book run; {PAPER}",
    paper_shots=0,
    description="A research question alone, closed book; answered yes, no or maybe.",
    data=Files(
        BOTH,
        ACCESS,
        _scored,
        _item("pubmedqa_closed", closed=True),
        _training,
    ),
    prompt=prompts.plain,
    grade=grading.label,
    extraction=grading.LABEL_READ,
    trivial=trivial.LABELS,
)
