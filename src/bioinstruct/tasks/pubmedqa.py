"""A research question and the abstract that was written about it: yes, no or maybe.

Data: a folder with `ori_pqal.json` ({PMID: {QUESTION, CONTEXTS, final_decision, ...}}) and `test_ground_truth.json`
({PMID: label}), which names the 500 items that are scored; the other 500 serve as worked examples. The abstract's
conclusion (LONG_ANSWER) is the answer in other words and is not shown.
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.sources import EMBEDDED_LICENCE, EMBEDDED_SOURCE, Embedded, Files, Row, json_object_rows, json_value

INSTRUCTION = (
    "Does the study described in this abstract answer its question with yes, no or maybe? Reply with one of these three words alone."
)
PAPER = "PubMedQA, zero-shot accuracy; n = 1,000 (all expert-labelled items) fits the printed scores; prompt not reported"
LABELS = ("yes", "no", "maybe")


def _test_ids(path: Path) -> dict[str, str]:
    if not path.is_dir():
        got = "a file" if path.exists() else "no such folder"
        raise DataError(path, got=got, allowed="a folder with ori_pqal.json and test_ground_truth.json")
    truth = path / "test_ground_truth.json"
    ids = json_value(truth)
    if not isinstance(ids, dict):
        raise DataError(truth, got=type(ids).__name__, allowed="an object of PMID -> label")
    return ids


def _scored(path: Path) -> list[Row]:
    truth = _test_ids(path)
    rows = {row.name: row for row in json_object_rows(path / "ori_pqal.json")}
    for pmid, decision in truth.items():
        if pmid not in rows:
            raise DataError(path / "test_ground_truth.json", field=pmid, got="an id that ori_pqal.json lacks", allowed="its ids")
        if rows[pmid].get("final_decision") != decision:
            raise rows[pmid].error("final_decision", repr(rows[pmid].get("final_decision")), f"'{decision}', as in test_ground_truth.json")
    return [row for row in rows.values() if row.name in truth]


def _training(path: Path) -> list[Row] | None:
    truth = _test_ids(path)
    return [row for row in json_object_rows(path / "ori_pqal.json") if row.name not in truth]


def _item(row: Row) -> Item:
    answer = row.one_of("final_decision", LABELS)
    shown = f"Question: {row.text('QUESTION')}\nAbstract: {' '.join(row.texts('CONTEXTS'))}"
    return Item(f"pubmedqa/{row.name}", "pubmedqa", INSTRUCTION, shown, (answer,), LABELS, f"PMID {row.name}")


PUBMEDQA_EMBEDDED = Task(
    name="pubmedqa_embedded",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=8,
    source=EMBEDDED_SOURCE,
    licence=EMBEDDED_LICENCE,
    version="1",
    paper_setting=f"stands for {PAPER}",
    paper_shots=0,
    description="A made-up abstract without its conclusion; answered yes, no or maybe.",
    data=Embedded("pubmedqa_embedded"),
    prompt=prompts.plain,
    grade=grading.label,
    trivial=trivial.LABELS,
)

PUBMEDQA = Task(
    name="pubmedqa",
    family="qa",
    mode="rank",
    metric="accuracy",
    chance=1 / 3,
    max_new_tokens=8,
    source="PubMedQA, expert-labelled: the official 500 test items with abstracts (Jin et al. 2019); worked examples from the other 500",
    licence="MIT",
    version="1",
    paper_setting=PAPER,
    paper_shots=0,
    description="A research question and its abstract without the conclusion; answered yes, no or maybe.",
    data=Files("the folder with PubMedQA's ori_pqal.json and test_ground_truth.json", _scored, _item, _training),
    prompt=prompts.plain,
    grade=grading.label,
    trivial=trivial.LABELS,
)
