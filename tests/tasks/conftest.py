"""Made-up rows of the shapes that the loaders read, and the public data beside the checkout where it is there."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def mirage(folder: Path) -> Path:
    def choice(number: int) -> dict[str, Any]:
        options = {letter: f"drug {number}{letter}" for letter in "ABCD"}
        return {"question": f"Which drug helps in case {number}?", "options": options, "answer": "ABCD"[number % 4]}

    parts: dict[str, Any] = {part: {f"{part}-{n}": choice(n) for n in range(8)} for part in ("medqa", "medmcqa", "mmlu")}
    parts["bioasq"] = {
        f"q{n}": {"question": f"Is claim {n} true?", "options": {"A": "yes", "B": "no"}, "answer": "AB"[n % 2], "PMID": [100 + n // 2, 900]}
        for n in range(8)
    }
    path = folder / "benchmark.json"
    path.write_text(json.dumps(parts), encoding="utf-8")
    return path


def pubmedqa(folder: Path) -> Path:
    labels = ["yes", "no", "maybe", "yes", "no", "yes"]
    rows = {
        str(700 + n): {
            "QUESTION": f"Does it help {n}?",
            "CONTEXTS": ["We asked.", f"{n} of 9 did."],
            "final_decision": label,
            "LONG_ANSWER": "secret",
        }
        for n, label in enumerate(labels)
    }
    (folder / "ori_pqal.json").write_text(json.dumps(rows), encoding="utf-8")
    truth = {str(700 + n): labels[n] for n in (4, 1, 2)}
    (folder / "test_ground_truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder


def mts_dialog(folder: Path) -> Path:
    files = (("Validation", "ValidationSet", 4), ("Training", "TrainingSet", 5), ("Test", "TestSet-1-MEDIQA-Chat-2023", 3))
    for name, file_name, n in files:
        with (folder / f"MTS-Dialog-{file_name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["ID", "section_header", "section_text", "dialogue"])
            for number in range(n):
                dialogue = f'Doctor: Any pain? \r\nPatient: Yes, for {number + 2} days,\n\n it is "{name}".'
                writer.writerow([number, ["CC", "FAM/SOCHX"][number % 2], f"{name} pain for {number + 2} days.", dialogue])
    return folder


def mednli(folder: Path) -> Path:
    labels = ("entailment", "contradiction", "neutral")
    for name, n in (("test", 6), ("train", 3)):
        rows = [
            {"gold_label": labels[k % 3], "sentence1": f"{name} premise {k // 3}", "sentence2": f"claim {k}", "pairID": f"{name}{k}"}
            for k in range(n)
        ]
        lines(folder / f"mli_{name}_v1.jsonl", rows)
    return folder


def medication_status(folder: Path) -> Path:
    def row(index: int, dose: str) -> dict[str, Any]:
        return {
            "index": index,
            "snippet": f"Stopped Drugazol {dose}, takes placebine daily. Allergic to nonamycin.",
            "active_medications": ["placebine"],
            "discontinued_medications": json.dumps([f"Drugazol {dose}"]),
            "neither_medications": [],
        }

    lines(folder / "test.jsonl", [row(n, f"{n + 1} mg") for n in range(3)])
    nothing = {"index": 9, "snippet": "No complaints.", "active_medications": [], "discontinued_medications": [], "neither_medications": []}
    lines(folder / "dev.jsonl", [nothing, row(10, "5 mg")])
    return folder


def coreference(folder: Path) -> Path:
    def row(index: int) -> dict[str, Any]:
        snippet = f"The left stent {index} was placed. It works."
        return {"index": index, "snippet": snippet, "expression": "It", "antecedents": [f"The left stent {index}", "the stent"]}

    lines(folder / "test.jsonl", [row(n) for n in range(3)])
    lines(folder / "dev.jsonl", [row(n) for n in range(3, 5)])
    return folder


def medqa_5(folder: Path) -> Path:
    for split, n in (("test", 4), ("train", 5)):
        rows = []
        for number in range(n):
            options = {letter: f"{split} drug {number}{letter}" for letter in "ABCDE"}
            letter = "ABCDE"[number % 5]
            question = f"Which {split} drug helps in case {number}?"
            rows.append({"question": question, "answer": options[letter], "options": options, "meta_info": "step1", "answer_idx": letter})
        lines(folder / f"{split}.jsonl", rows)
    return folder


def bioasq_blurb(folder: Path) -> Path:
    for split, n in (("test", 4), ("train", 5)):
        rows = [f"{split}{k}_000\tIs {split} claim {k // 2} true?\tIn study {k} it was.\t{('yes', 'no')[k % 2]}\n" for k in range(n)]
        (folder / f"{split}.tsv").write_text("".join(rows), encoding="utf-8")
    return folder


def ncbi_disease(folder: Path) -> Path:
    for split, n in (("test", 4), ("train", 5)):
        text = ""
        for number in range(n):
            words = [f"Case{number}", "of", split, "cancer", "and", "A", "-", "T", ",", "no", "mumps", "."]
            tags = ["O", "O", "B-Disease", "I-Disease", "O", "B-Disease", "I-Disease", "I-Disease", "O", "O", "B-Disease", "O"]
            tags = tags if number else ["O"] * len(tags)
            text += "".join(f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True)) + "\n"
        (folder / f"{split}.tsv").write_text(text, encoding="utf-8")
    return folder


def icliniq(folder: Path) -> Path:
    rows = [
        {"input": f"Hello doctor, my knee {n} hurts.", "answer_icliniq": f"Rest the knee for {n} days.", "answer_chatgpt": "x"}
        for n in range(6)
    ]
    path = folder / "iCliniq.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


MAKERS = {
    "medqa_4": mirage,
    "medqa_5": medqa_5,
    "medmcqa": mirage,
    "mmlu_med": mirage,
    "bioasq_mirage": mirage,
    "bioasq_blurb": bioasq_blurb,
    "pubmedqa": pubmedqa,
    "pubmedqa_1000": pubmedqa,
    "pubmedqa_closed": pubmedqa,
    "ncbi_disease": ncbi_disease,
    "conv2note": mts_dialog,
    "conv2note_test": mts_dialog,
    "mednli": mednli,
    "medication_status": medication_status,
    "coreference": coreference,
    "icliniq": icliniq,
}


@pytest.fixture
def made_up(tmp_path: Path) -> Any:
    """Task name -> path of made-up data of its shape."""

    def make(task: str) -> Path:
        folder = tmp_path / task
        folder.mkdir()
        return MAKERS[task](folder)

    return make


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"the public data is not at {SHARED}")
    return SHARED
