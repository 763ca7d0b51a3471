"""What each rule beyond the paper's drops: ten cases and more of each."""

from __future__ import annotations

import json

import pytest

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules import RULES

PAPERS = {"too_short", "too_long", "keyword", "output_repeats_input"}
TASK = "Summarize the note for the family doctor."
NOTE = "Woman, 68, admitted with fever and cough; treated with amoxicillin for five days."
ANSWER = "She had a lower respiratory tract infection and has recovered."
PLAIN = {"instruction": TASK, "input": NOTE, "output": ANSWER}
"""What a case leaves out."""

DROPPED: dict[str, list[dict[str, str]]] = {
    "other_media": [
        {"instruction": "Watch the video and list the steps of hand washing."},
        {"instruction": "Listen to the recording and name the heart murmur."},
        {"instruction": "Transcribe the following audio clip word by word."},
        {"instruction": "Describe the abnormality in the attached X-ray."},
        {"instruction": "Interpret the attached figure in one sentence."},
        {"instruction": "Draw a diagram of the nephron."},
        {"instruction": "Name the parts of the heart and draw a simple labelled sketch."},
        {"instruction": "Draw the structure of aspirin."},
        {"instruction": "Please sketch a pedigree of the family."},
        {"instruction": "Visit the website and report its opening hours."},
        {"instruction": "Classify the lesion.", "input": "<image attached>"},
        {"instruction": "Classify the lesion.", "input": "[chest X-ray]"},
        {"instruction": "Summarize the article.", "input": "https://example.org/articles/12345678"},
    ],
    "self_instruct_keyword": [
        {"instruction": word}
        for word in (
            "Open the file now.",
            "Sort these files.",
            "Map the terms.",
            "Read these MAPS aloud.",
            "Draw conclusions.",
            "Describe the plot.",
            "Should he go to hospital?",
            "draw blood",
            "plot it",
            "Name the file.",
        )
    ],
    "asks_for_program": [
        {"instruction": text}
        for text in (
            "Write a program to compute the dose.",
            "write a program that sorts genes",
            "Write a program.",
            "WRITE A PROGRAM in Python.",
            " Write a program for rehabilitation after a stroke.",
            "Write a program: input a weight, output a dose.",
            "Write a program, please.",
            "Write a program which converts units.",
            "Write a program in R for survival curves.",
            "Write a program with a loop.",
        )
    ],
    "starts_with_punctuation": [
        {"instruction": mark + " Summarize the note."} for mark in (":", "-", "*", ".", ",", ")", "]", "#", "/", "?", "!", ";", "**", "|")
    ],
    "starts_with_non_ascii": [
        {"instruction": text + " in one sentence"}
        for text in ("β-blockers", "µ-opioids", "“Stroke”", "Ärzte", "• Explain", "– Explain", "肺炎", "Лечение", "¿Qué?", "∆F508")
    ],
    "empty_output": [{"output": text} for text in ("", " ", "\n\n", "-", "--", "...", "…", "?", '""', "()", "—", ".\n.", "!")],
    "ends_with_colon": [
        {"input": "Assessment:"},
        {"input": "Heart : Blood :: Lung :"},
        {"input": "Question: what is it?\nAnswer: "},
        {"input": "a:\n\n"},
        {"input": ":"},
        {"output": "The causes are:"},
        {"output": "Causes:\n- smoking\nTreatment:"},
        {"output": "Note: "},
        {"output": "1. Diet:"},
        {"output": "Dear patient:\n"},
    ],
    "refusal": [
        {"output": "I'm sorry, but I cannot provide medical advice."},
        {"output": "I cannot assist with that request."},
        {"output": "Sorry, I can't help with that."},
        {"output": "As an AI language model, I am unable to provide a diagnosis."},
        {"output": "Unfortunately, I do not have access to external files."},
        {"output": "I’m not able to access links or websites."},
        {"output": "I am unable to view images."},
        {"output": "This is personal information. For privacy reasons we cannot complete this task."},
        {"output": "I won't be able to answer this question without more context."},
        {"output": "I cannot fulfill this request."},
        {"output": "I can not comply."},
        {"output": "Please provide the abstract that you would like me to summarize."},
        {"output": "Sure! Could you please share the text so that I can simplify it?"},
        {"output": "No abstract was provided."},
        {"output": "It seems that no input text was provided."},
        {"output": "You have not provided any text."},
    ],
    "as_an_ai": [
        {"output": "As an AI language model, I recommend seeing a doctor."},
        {"output": "As an artificial intelligence, I think aspirin helps."},
        {"output": "Aspirin may help. However, as an AI, I am no doctor."},
        {"output": "I am an AI assistant and no physician. Rest and drink."},
        {"output": "I'm just a language model, but fever is common."},
        {"output": "As a language model, my answer is general: drink enough."},
        {"output": "As a large language model I would say yes."},
        {"output": "My knowledge cutoff is 2021; since then guidelines may have changed."},
        {"output": "My training data ends in 2021."},
        {"output": "I do not have personal opinions, but vaccines are safe."},
        {"output": "I don't have real-time data on the outbreak."},
        {"output": "I was trained by OpenAI to be helpful."},
    ],
    "placeholder": [
        {"instruction": "Summarize the following abstract: [insert abstract]", "input": ""},
        {"input": "[Insert patient history here]"},
        {"input": "[Enter the name of a drug]"},
        {"input": "The patient, [patient name], has a fever."},
        {"input": "<patient name> has a fever."},
        {"input": "<insert text>"},
        {"input": "{{abstract}}"},
        {"input": "{insert clinical note}"},
        {"input": "Lorem ipsum dolor sit amet"},
        {"input": "XXXX"},
        {"input": "abstract goes here"},
        {"instruction": "Name the class of the drug.", "input": "[drug name]"},
        {"output": "The treatment is [insert treatment]."},
        {"output": "TODO: write the summary"},
        {"output": "[Your name here] has recovered."},
        {"output": "[Gene name] encodes a kinase."},
    ],
    "missing_input": [
        {"instruction": text, "input": ""}
        for text in (
            "Summarize the following abstract.",
            "Summarize the following abstract in two sentences:",
            "Given the following patient history, determine the most likely diagnosis.",
            "Extract all drugs from the given text.",
            "Simplify the provided discharge summary for the patient.",
            "Translate this passage into plain language.",
            "Identify the main finding of a given research abstract",
            "Interpret the laboratory results below.",
            "Answer the following question.",
            "Based on the passage below, what is the diagnosis?",
            "Which of the symptoms listed below point to stroke",
            "Classify the attached report by specialty.",
            "Given a biomedical abstract, name its main finding.",
            "Describe the function of the mentioned protein.",
            "Write a simple definition for a given medical term.",
            "Which of the following drugs is a statin?",
        )
    ],
    "unspecific_input": [
        {"instruction": "Summarize the text.", "input": "Medical text"},
        {"instruction": "Extract the drugs from the patient record.", "input": "Patient's medical record"},
        {"instruction": "Summarize the article.", "input": "[Research article]"},
        {"instruction": "Simplify the report for the patient.", "input": "The patient’s lab report."},
        {"instruction": "Identify all diagnoses in the note.", "input": "Clinical note from the patient"},
        {"instruction": "Paraphrase the sentence.", "input": "a complex medical sentence"},
        {"instruction": "Analyze the data and report the main finding.", "input": "Patient data"},
        {"instruction": "Summarize the discharge summary.", "input": "Discharge summary"},
        {"instruction": "Summarize the abstract.", "input": "See the abstract above"},
        {"instruction": "Summarize the article.", "input": "An article about the effects of sleep on memory."},
        {"instruction": "Summarize the conversation.", "input": "A conversation between a doctor and a patient about chest pain"},
        {"instruction": "Extract the drugs mentioned in the text.", "input": "A short passage describing the treatment of hypertension."},
    ],
    "input_cut_off": [
        {"input": text}
        for text in (
            "The patient was admitted with fever, cough and",
            "The patient was admitted with fever and the",
            "She takes metformin, lisinopril and atorvastatin because",
            "He takes several drugs for his heart (e.g.,",
            "He takes several drugs for his heart (metoprolol, aspirin",
            "The scan showed a mass in the",
            "A 56-year-old man was treated for pneumo-",
            "She complains of headache, nausea, vomiting,",
            "Problems:\n1. Hypertension\n2. Diabetes\n3.",
            "Problems:\n- Hypertension\n- Diabetes\n-",
            "The results of the trial were not significant, although",
            "Causes of the disease are several, such as",
        )
    ],
    "output_cut_off": [
        {"output": text}
        for text in (
            "The patient should rest, drink enough and",
            "The main causes of this disease are:",
            "Causes:\n- smoking\n\nTreatment:",
            "Drugs of this class lower blood pressure (e.g., lisinopril",
            "Drugs of this class lower blood pressure (",
            "It is treated with antibiotics, fluids, rest,",
            "The first step is to test the",
            "Autophagy is the degra-",
            "1. Rest\n2. Fluids\n3.",
            "* Rest\n* Fluids\n*",
            "The disease is rare but serious because",
            "It affects the lungs as well as",
            "Patients should tell their",
        )
    ],
    "answer_not_an_option": [
        {"instruction": "Choose the correct answer.", "input": f"Which drug is a statin?\n{options}", "output": output}
        for options in (
            "A. simvastatin\nB. metformin\nC. lisinopril\nD. aspirin",
            "(A) simvastatin (B) metformin (C) lisinopril (D) aspirin",
            "a) simvastatin b) metformin c) lisinopril d) aspirin",
            "1. simvastatin\n2. metformin\n3. lisinopril\n4. aspirin",
            "- simvastatin\n- metformin\n- lisinopril\n- aspirin",
            "Options: simvastatin, metformin, lisinopril, aspirin",
        )
        for output in ("warfarin", "The answer is warfarin.")
    ]
    + [
        {"instruction": "Which of the following is a statin? A) simvastatin B) metformin C) lisinopril", "input": "", "output": "Digoxin"},
        {"instruction": "Select the best option.", "input": "Fever and cough.\nA. flu\nB. gout\nC. acne", "output": "E"},
    ],
    "shorter_than_asked": [
        {"instruction": "Write a 200-word essay on sleep.", "output": "Sleep matters to health."},
        {"instruction": "Explain asthma in about 100 words.", "output": "Asthma narrows the airways."},
        {"instruction": "Explain asthma in at least 50 words.", "output": " ".join(["word"] * 39)},
        {"instruction": "Write a summary of 150 words.", "output": " ".join(["word"] * 74)},
        {"instruction": "Describe the procedure in four sentences.", "output": "A tube is passed. That is all."},
        {"instruction": "Use at least two sentences to explain it.", "output": "It is a rash"},
        {"instruction": "Explain the result in three paragraphs.", "output": "It is normal. No action is needed."},
        {"instruction": "List five causes of cough.", "output": "1. Asthma\n2. Smoking"},
        {"instruction": "Name ten side effects of steroids.", "output": "weight gain, acne, osteoporosis"},
        {"instruction": "Give me at least four examples of antibiotics.", "output": "amoxicillin and doxycycline"},
        {"instruction": "Read the abstract. Then suggest 6 keywords for it.", "output": "asthma; children; inhaler"},
        {"instruction": "Generate a list of eight interview questions.", "output": "How are you? Where does it hurt?"},
        {"instruction": "Provide three differential diagnoses.", "output": "Pneumonia"},
    ],
    "wrong_language": [
        {"instruction": "Resuma la nota clínica siguiente para el médico de familia en dos frases claras y sin abreviaturas."},
        {"output": "La patiente a été hospitalisée pour une pneumonie et a reçu de l'amoxicilline pendant cinq jours, sans complication."},
        {"output": "Die Patientin wurde wegen einer Lungenentzündung aufgenommen und fünf Tage lang mit Amoxicillin behandelt."},
        {"output": "La paziente è stata ricoverata per una polmonite ed è stata trattata con amoxicillina per cinque giorni."},
        {"output": "A paciente foi internada com pneumonia e recebeu amoxicilina durante cinco dias, com boa evolução clínica."},
        {"output": "De patiënt werd opgenomen met een longontsteking en kreeg vijf dagen lang amoxicilline, waarna zij herstelde."},
        {"output": "Пациентка поступила с пневмонией."},
        {"output": "患者因肺炎入院,治疗五天后好转。"},
        {"output": "患者は肺炎で入院しました。"},
        {"output": "أدخلت المريضة بسبب التهاب رئوي."},
        {"output": "मरीज़ को निमोनिया के कारण भर्ती किया गया था।"},
        {"input": "Pacjentka została przyjęta z powodu zapalenia płuc i była leczona amoksycyliną przez pięć dni na oddziale."},
        {"output": "환자는 폐렴으로 입원하였습니다."},
        {"output": "Η ασθενής εισήχθη με πνευμονία."},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "case"),
    [pytest.param(rule, case, id=f"{rule}-{number}") for rule, cases in DROPPED.items() for number, case in enumerate(cases)],
)
def test_what_a_rule_drops(rule, case):
    evidence = RULES[rule].find(Candidate(0, 4, **(PLAIN | case)), CurateSection())
    assert evidence is not None
    assert json.loads(json.dumps(evidence)) == evidence
    if {"field", "found", "offset"} <= set(evidence):
        assert (PLAIN | case)[evidence["field"]][evidence["offset"] :].startswith(evidence["found"])


def test_every_rule_has_its_cases():
    assert set(DROPPED) == set(RULES) - PAPERS
    assert all(len(cases) >= 10 for cases in DROPPED.values())
