from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bioinstruct.core.records import Category
from bioinstruct.curate.categories import label

SEEDS = Path(__file__).parents[2] / "src" / "bioinstruct" / "generate" / "seeds.jsonl"
NOTE = "Mrs. Field was admitted with chest pain. She takes aspirin and atorvastatin; warfarin was stopped last year after a bleed."
OPTIONS = "A man with type 2 diabetes needs a first drug and has no kidney disease.\n- metformin\n- insulin\n- aspirin"
LETTERED = "A man with type 2 diabetes needs a first drug.\nA) Metformin\nB) Insulin\nC) Aspirin"

CASES = [
    # questions
    ("What is the first-line drug for type 2 diabetes?", "", "metformin", "qa"),
    ("Is hypertension a finding of preeclampsia?", "", "yes", "qa"),
    ("Which drug fits best?", OPTIONS, "metformin", "qa"),
    ("Select the right answer.", LETTERED, "A) Metformin", "qa"),
    ("Explain how statins lower cholesterol.", "", "They block HMG-CoA reductase.", "qa"),
    ("Given the history below, what is the most likely diagnosis?", NOTE, "Unstable angina, as the pain came at rest.", "qa"),
    ("Identify the main causes of a common digestive disorder.", "Irritable bowel syndrome", "The causes are not fully understood.", "qa"),
    ("Does the hypothesis follow? Answer entailment, contradiction or neutral.", NOTE, "Neutral.", "qa"),
    ("Reply to this question as a tutor would.", "Is aspirin an antiplatelet drug?", "yes", "qa"),
    ("You are a nurse. What is the likely cause?", NOTE, "A clot in a coronary artery.", "qa"),
    # extraction
    ("Imagine yourself as a pharmacist. Build an inventory of drugs.", NOTE, "aspirin (active); warfarin (discontinued)", "ie"),
    (
        "What are the age and the sex in this entry?",
        "A man of 28 came as planned after we had ordered a smear.",
        "age: 28; sex: man",
        "ie",
    ),
    ("Extract all medications.", NOTE, "aspirin; atorvastatin; warfarin", "ie"),
    ("Which medicines does the note mention?", NOTE, "aspirin, atorvastatin, warfarin", "ie"),
    ("Label the medications with their status.", NOTE, "aspirin (active); atorvastatin (active); warfarin (discontinued)", "ie"),
    ("List every drug in the passage.", NOTE, "aspirin and atorvastatin", "ie"),
    ("To whom does 'she' refer in this passage?", NOTE, "Mrs. Field", "ie"),
    ("Convert the findings into a JSON object.", NOTE, '{"symptom": "chest pain"}', "ie"),
    ("Please pull out the diagnoses.", NOTE, "angina", "ie"),
    # generation
    ("Write a discharge letter.", NOTE, "Dear colleague, ...", "generation"),
    ("Summarize the note in one sentence.", NOTE, "She was admitted with chest pain and takes aspirin.", "generation"),
    ("Could you rewrite this for a lay reader?", NOTE, "She came in because her chest hurt.", "generation"),
    ("Explain to the patient why the drug was stopped.", NOTE, "Your blood thinner was stopped because you bled.", "generation"),
    ("How would you explain this to a child?", NOTE, "Her chest hurt, so she went to hospital.", "generation"),
    ("Provide a brief overview of the immune response.", "", "The immune response ...", "generation"),
    ("Given the note below, draft a reply to the family.", NOTE, "Dear family, ...", "generation"),
    (
        "Document the visit in one or two sentences.",
        NOTE,
        "She was admitted with chest pain and takes aspirin and atorvastatin each day.",
        "generation",
    ),
    # other
    ("Judge the urgency; one word: routine, urgent or emergency.", NOTE, "emergency", "other"),
    ("Use one of routine, urgent, emergency.", NOTE, "urgent", "other"),
    ("What does this amount to in a day?", "A woman of 56 takes diazepam 2 mg three times daily.", "6 mg", "other"),
    ("Classify the urgency of each message.", NOTE, "urgent", "other"),
    ("Using the list, rank the patients by risk.", NOTE, "1. A", "other"),
    ("De-identify the note.", NOTE, "A woman was admitted with chest pain.", "other"),
    ("Schedule the follow-up visits.", NOTE, "Monday: blood test", "other"),
    ("To which department should this request be routed or be sent?", NOTE, "Cardiology", "other"),
]


@pytest.mark.parametrize(("instruction", "input", "output", "category"), CASES)
def test_cues(instruction, input, output, category):
    assert label(instruction, input, output).value == category


@pytest.mark.parametrize("texts", [("", "", ""), ("?", "", ""), ("...", "x", "y"), ("Given", "", ""), ("心臓", "肺", "肝")])
def test_any_text_gets_a_category(texts):
    assert label(*texts) in Category


def test_accuracy_on_the_seeds(capsys):
    rows = [json.loads(line) for line in SEEDS.read_text(encoding="utf-8").splitlines() if line.strip()]
    got = [label(row["instruction"], row["input"], row["output"]).value for row in rows]
    wrong = Counter((row["category"], name) for row, name in zip(rows, got, strict=True) if row["category"] != name)
    accuracy = 1 - wrong.total() / len(rows)
    with capsys.disabled():
        print(f"\ncategories: {accuracy:.3f} of {len(rows)} seeds; wrong (is, got): {dict(wrong)}")
    assert accuracy >= 0.75
    for category in Category:
        members = [name for row, name in zip(rows, got, strict=True) if row["category"] == category.value]
        assert members.count(category.value) / len(members) >= 0.5, category
