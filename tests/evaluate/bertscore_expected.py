"""Write bertscore_expected.json: what the package bert_score says of the pairs below, by the encoders of `encoders.py`.

    pip install bert_score==0.3.13 'transformers<5'    (with a newer transformers it fails on empty texts, and forgets RoBERTa's space)
    python tests/evaluate/bertscore_expected.py

Made with bert_score 0.3.13, transformers 4.57.1, torch 2.13.0, in float32 on a CPU.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".json")
LONG = "the patient denies chills and takes lisinopril daily ; " * 8
PAIRS: list[tuple[str, list[str]]] = [
    ("the patient has hypertension", ["the patient has a history of hypertension ."]),
    ("no known drug allergies .", ["no known drug allergies ."]),
    ("Takes 10 mg LISINOPRIL, daily", ["takes lisinopril 10 mg daily", "the patient takes lisinopril ."]),
    ("x", ["follow up in two weeks"]),
    ("", ["denies fever"]),
    ("   ", ["denies fever , chills"]),
    ("  fever \n and chills ", ["denies fever , chills", "no fever", "fever"]),
    (LONG, ["the patient takes lisinopril ."]),
    ("chills", [LONG]),
    ("naïve zebra \U0001f9a0 q", ["weight loss ; weight loss"]),
]
BASELINE = "LAYER,P,R,F\n0,0.1,0.1,0.1\n1,0.2,0.25,0.22\n2,0.61,0.58,0.6\n3,0.7,0.7,0.7\n"
CASES: list[dict[str, Any]] = [
    {"encoder": encoder, "layer": layer, "idf": idf, "baseline": rescaled}
    for encoder in ("bert", "roberta")
    for layer, idf, rescaled in ((3, False, False), (2, False, False), (2, True, False), (2, False, True))
]


def asked(case: dict[str, Any], folder: Path, baseline: Path) -> list[list[float]]:
    """Precision, recall and F1 of each pair, as the installed bert_score gives them."""
    from bert_score import BERTScorer

    answers, references = [answer for answer, _ in PAIRS], [found for _, found in PAIRS]
    scorer = BERTScorer(
        model_type=str(folder), num_layers=case["layer"], nthreads=0, idf=case["idf"], device="cpu",
        idf_sents=[one for found in references for one in found] if case["idf"] else None,
        lang="en", rescale_with_baseline=case["baseline"], baseline_path=str(baseline) if case["baseline"] else None,
    )  # fmt: skip
    return [[float(value) for value in row] for row in zip(*scorer.score(answers, references, batch_size=len(answers)), strict=True)]


def main() -> None:
    """Write the file."""
    sys.path.insert(0, str(Path(__file__).parent))
    import encoders

    with tempfile.TemporaryDirectory() as place:
        baseline = Path(place) / "baseline.csv"
        baseline.write_text(BASELINE)
        folders = {name: getattr(encoders, name)(Path(place) / name) for name in ("bert", "roberta")}
        made = [{**case, "scores": asked(case, folders[case["encoder"]], baseline)} for case in CASES]
    FILE.write_text("[\n" + ",\n".join(json.dumps(one) for one in made) + "\n]\n")


if __name__ == "__main__":
    main()
