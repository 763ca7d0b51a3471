"""What looks like something that a rule drops, and is left alone: ten cases and more of each rule beyond the paper's."""

from __future__ import annotations

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
SPANISH = "La paciente fue ingresada por neumonía y recibió amoxicilina durante cinco días."

KEPT: dict[str, list[dict[str, str]]] = {
    "other_media": [
        {"instruction": text}
        for text in (
            "Draw conclusions from the trial below.",
            "When should blood be drawn for a trough level?",
            "Draw up a problem list.",
            "Map each diagnosis to an ICD-10 code.",
            "Explain how a gene map is made.",
            "Summarize the plot of the survival study.",
            "When should this man go to hospital?",
            "Summarize the attached X-ray report.",
            "Write a script for a video on hand washing.",
            "Explain how to listen to the heart.",
            "Should toddlers watch videos?",
            "Write a message that asks patients to visit the website.",
            "Describe the figures of speech in the sentence.",
            "Open the discussion with a question.",
            "Draw a distinction between delirium and dementia.",
        )
    ]
    + [
        {"instruction": "Name the domain of the link.", "input": "https://example.org/a"},
        {"input": "[REDACTED] was seen at <hospital>."},
        {"input": "CT scan (attached) shows a nodule."},
    ],
    "self_instruct_keyword": [
        {"instruction": text}
        for text in (
            "Describe the profile of the drug.",
            "Explain mapping of genes.",
            "What is drawn from it?",
            "Name the drawback.",
            "Plotting is not needed.",
            "Let him go home.",
            "Name the cellophane sign.",
            "Filed notes: summarize.",
            "Who goes to surgery?",
            "Roadmap?",
        )
    ],
    "asks_for_program": [
        {"instruction": text}
        for text in (
            "Write a programme of exercise.",
            "Design a walking program.",
            "Please write a program.",
            "Write an exercise program.",
            "Write programs.",
            "Program the pump.",
            "How do you write a program?",
            "Write the program notes.",
            "Write a programmatic summary.",
            "Explain what a program is.",
        )
    ],
    "starts_with_punctuation": [
        {"instruction": text}
        for text in (
            "'Stroke' means what?",
            '"Fever" is a sign of what?',
            "(a) Name the drug. (b) Name its class.",
            "[Note] Summarize it.",
            "<note> Summarize it.",
            "`BRCA1` is what?",
            "____ is the commonest cause of what?",
            "-20 °C is the storage temperature of which vaccine?",
            "~5 % of patients: which ones?",
            ".5 mg of which drug?",
            "Summarize.",
            "5 mg?",
            "",
            "“Stroke”?",
            "β-blockers?",
        )
    ],
    "starts_with_non_ascii": [{"instruction": text} for text in ("", " ", "Explain β", "a", "1", "'", "Z", "(β)", "cho", "-β")],
    "empty_output": [{"output": text} for text in ("a", "1", "+", "±", "None", "N/A", "→", "↑", "<", "=", "°", "肺", "😊", "- x", "½")],
    "ends_with_colon": [
        {"output": text} for text in ("Note: rest.", "a:b", "12:30", "", ":)", "Ratio 1:2", "Rest;", "Rest.", "What?", "Causes: -")
    ],
    "refusal": [
        {"output": "I am sorry to hear this; cystitis is caused by bacteria."},
        {"output": "Unfortunately, the answer is probably no."},
        {"output": "I cannot sleep and I cannot eat since last week."},
        {"output": "I can't help feeling anxious about the operation."},
        {"output": "I cannot lift my arm."},
        {"output": "We cannot conclude that the drug is safe from an observational study."},
        {"output": "The patient cannot provide information because of aphasia."},
        {"output": "He was unable to complete the treadmill test."},
        {"output": "No information about smoking was provided."},
        {"output": "No report was given."},
        {"output": "Please provide a urine sample before the visit."},
        {"output": "Please bring the list of your medicines."},
        {"output": "Sorry for the delay; your result is normal."},
        {"instruction": "Reply to the patient who asks for antibiotics.", "output": "I cannot provide any advice unseen."},
        {"instruction": "Write a letter of decline.", "output": "I am unable to provide an opinion on this matter."},
        {"instruction": "Find the refusal.", "input": "Bot: I cannot assist with that.", "output": "I cannot assist with that"},
        {"output": ANSWER + " " + "The course was mild. " * 30 + "I cannot provide advice on driving."},
    ],
    "as_an_ai": [
        {"output": text}
        for text in (
            "An AI tool read the scan.",
            "As an AI tool, it marks nodules on scans.",
            "AI (aortic insufficiency) was noted.",
            "He was given an AI (aromatase inhibitor).",
            "We trained a language model on notes.",
            "The chatbot says: drink enough.",
            "As an aide, I washed the patient.",
            "I am an aid worker.",
            "As a model of disease, I chose the mouse.",
            "I have personal experience with diabetes.",
            "The training data came from three hospitals.",
            "I am aiming to lose weight.",
            "As an AIDS physician, I advise testing.",
            "I am an AI-trained radiologist.",
        )
    ]
    + [{"instruction": "Remove the phrase.", "input": "As an AI, I advise rest.", "output": "Without 'As an AI, I': advise rest."}],
    "placeholder": [
        {"input": text}
        for text in (
            "[REDACTED] was admitted on [DATE] by Dr. [NAME].",
            "Seen at [**Hospital1 18**] on [**2151-7-16**].",
            "[PATIENT NAME] is a 45-year-old man.",
            "Sodium 140 [mmol/L], potassium 4.1 [135-145].",
            "The gene [insertion of 12 bp] is shown.",
            "XXXX-year-old male. Heart size normal. XXXX.",
            "Complete: the heart has ____ chambers.",
            "<b>Assessment</b>: stable",
            "He keeps a to-do list.",
            "[type 2 diabetes] is linked here",
            "The rate was \\frac{{a}}{b}.",
            "{1, 5}, {2, 4}",
            "Diagnosis: [x] flu [ ] cold",
            "('Gout'[Mesh] OR gout*[tiab])",
        )
    ]
    + [
        {"instruction": "Replace the [insert word] token.", "input": "a"},
        {"instruction": "Fill in the blank: [your answer].", "input": ""},
        {"instruction": "Predict the masked word.", "input": "The [MASK] pumps blood."},
        {"instruction": "Write a letter to the patient.", "output": "Dear [Patient Name], your result is normal. [Your Name]"},
        {"instruction": "De-identify the note.", "output": "[Patient name] was seen."},
        {"instruction": "Copy the last line.", "input": "see [insert label]", "output": "see [insert label]"}
        | {"instruction": "Create a consent form template."},
    ],
    "missing_input": [
        {"instruction": text, "input": ""}
        for text in (
            "Summarize the following: aspirin inhibits COX-1 and COX-2 irreversibly.",
            "Answer the following question. What does insulin do?",
            'Simplify the following sentence: "Dyspnea was noted."',
            'Rewrite the following sentence "Dyspnea was noted" in plain words.',
            "Read the following passage\nAspirin inhibits COX.",
            "Define the term epigenetics.",
            "How much salt should be eaten in a given day?",
            "Explain the care given to patients after a stroke.",
            "Describe a below-knee amputation.",
            "What should be done when hemoglobin is below 7 g/dL?",
            "What happens in the following weeks?",
            "Explain the following (aspirin and its mechanism of action).",
            "Describe the process of transcription.",
            "Which conditions are provided for by the law?",
            "What does this patient need?",
            "Given the rise in resistance, how should antibiotics be used?",
            "Given the diagnosis of asthma, what should be avoided?",
            "How is the dose of a given drug found?",
            "A man of 60 has chest pain. Which test comes first in the given case?",
        )
    ]
    + [{"instruction": "Summarize the following abstract."}],
    "unspecific_input": [
        {"instruction": "Explain the term.", "input": "Medical history"},
        {"instruction": "Identify the type of document.", "input": "Discharge summary"},
        {"instruction": "Describe the importance of the record.", "input": "Patient record"},
        {"instruction": "Generate a text on the topic.", "input": "Medical history"},
        {"instruction": "Summarize the text.", "input": "Medical text: aspirin inhibits COX."},
        {"instruction": "Extract the drugs from the note.", "input": "Takes aspirin."},
        {"instruction": "Identify the disease named in the text.", "input": "Patient with gout"},
        {"instruction": "Summarize the paper by its title.", "input": "A text on the history of medicine"},
        {"instruction": "Simplify the sentence.", "input": "An article about asthma was published in 2021 by Smith."},
        {"instruction": "Translate the sentence.", "input": "The patient is ill."},
        {"instruction": "Summarize the text.", "input": ""},
        {"instruction": "Analyze the sequence data.", "input": "ATGCGGCAAACG"},
        {"instruction": "Extract the findings from the report.", "input": "CT report: no mass."},
        {"instruction": "Calculate the dose.", "input": "Patient data"},
    ],
    "input_cut_off": [
        {"input": text}
        for text in (
            "Fever and cough",
            "Patient with hepatitis A",
            "blood group AB0 or B",
            "The odds ratio (OR 1.4) was high, OR",
            "HER2-positive, ER+ and PR-",
            "Recommended for use in adults (age 18-65)",
            "The mutation c.2054C>T, p.(Pro685Leu)",
            "She is allergic to penicillin and takes no other drugs",
            "What disease is this a symptom of",
            "Thank you for seeing her.\nKind regards,",
            "He said he was fine :(",
            "confidence interval (0.63, 0.87]",
            "Steps:\n1. Wash\n2. Dry",
            "The score was\n4.",
            "Vitamin B12, folate, iron",
            "",
        )
    ]
    + [
        {"instruction": "Complete the sentence.", "input": "The heart pumps blood through the"},
        {"instruction": "Predict the next word.", "input": "The heart pumps blood through the"},
        {"instruction": "Choose the right ending.", "input": "The most common cause of cough is the"},
    ],
    "output_cut_off": [
        {"output": text}
        for text in (
            "Yes",
            "The patient recovered",
            "Dear colleague, please see her.\nYours sincerely,",
            "cardio-",
            "Group A, group B, group AB",
            "Take one tablet (500 mg) twice a day",
            "(EGF, binds, EGFR)\n(EGFR, recruits, GRB2)",
            "SHIFT - when sugar falls",
            "The answer is\nB.",
            "The stage is\n3.",
            '[{"test": "sodium"}]',
            "He has pain (since May. He takes aspirin.",
            "interval (0, 1]",
            "a) rest b) fluids c) sleep",
            "Ibuprofen, an anti-inflammatory drug...",
            "",
        )
    ]
    + [{"instruction": "Write a consent form.", "output": "I agree to the operation.\nSignature:"}],
    "answer_not_an_option": [
        {
            "instruction": "Choose the correct answer.",
            "input": "Which drug lowers LDL cholesterol best?\nA. simvastatin 40 mg\nB. metformin\nC. lisinopril\nD. None of the above",
            "output": output,
        }
        for output in (
            "A",
            "(A)",
            "a",
            "a)",
            "A. simvastatin 40 mg",
            "Simvastatin",
            "SIMVASTATIN 40 MG.",
            "The correct answer is A.",
            "simvastatine",
            "A and C",
            "It is simvastatin, because statins inhibit HMG-CoA reductase.",
            "None of these lower it.",
            "Yes",
            "Both of them",
            "Options A and B",
            "AC",
        )
    ]
    + [
        {"instruction": "Sort the steps in the right order.", "input": "A. wash B. dry C. dress", "output": "First wash"},
        {"instruction": "Explain why the answer is right.", "input": "A. flu\nB. gout\nC. acne", "output": "Fever fits."},
        {"instruction": "Choose a title.", "input": "Two arms: A. drug B. placebo", "output": "A trial"},
        {"instruction": "Choose the best answer.", "input": "What is a statin for?", "output": "It lowers cholesterol."},
        {"instruction": "Pick the longest line.", "input": "1) one\n2) two words\n3) three whole words", "output": "3"},
        {"instruction": "Classify the note with one of the options.", "input": "- fever\n- cough\n- chills", "output": "infection"},
    ],
    "shorter_than_asked": [
        {"instruction": "Explain asthma in 50 words or less.", "output": "It narrows the airways."},
        {"instruction": "Explain asthma in under 100 words.", "output": "It narrows the airways."},
        {"instruction": "Write at most 60 words.", "output": "Drink enough."},
        {"instruction": "Summarize in no more than three sentences.", "output": "It is normal."},
        {"instruction": "Answer in up to five sentences.", "output": "It is normal."},
        {"instruction": "Keep it to four sentences.", "output": "It is normal."},
        {"instruction": "Summarize the 500-word article.", "output": "It is normal."},
        {"instruction": "A boy of 3 has a vocabulary of 40 words. Is that delayed?", "output": "Yes."},
        {"instruction": "Compare the three paragraphs.", "output": "They agree."},
        {"instruction": "Which of these four sentences is right?", "output": "The second"},
        {"instruction": "Summarize in one to two sentences.", "output": "It is normal."},
        {"instruction": "Use two to four sentences.", "output": "It is normal. Rest."},
        {"instruction": "List five causes of cough.", "output": "asthma, smoking, infection, reflux, drugs"},
        {"instruction": "List five causes of cough.", "output": "Asthma\nSmoking\nInfection\nReflux"},
        {"instruction": "List three drugs.", "output": "aspirin metformin senna"},
        {"instruction": "Name three diagnoses mentioned in the note.", "output": "Only hypertension is mentioned."},
        {"instruction": "List three allergies.", "output": "None"},
        {"instruction": "Tell the patient in five or fewer steps how to take it.", "output": "Swallow it."},
        {"instruction": "Suggest a 7-day plan.", "output": "Rest."},
        {"instruction": "Give 5 mg doses twice.", "output": "Done."},
        {"instruction": "Provide a three-year outlook.", "output": "Good."},
        {"instruction": "Explain asthma in about 100 words.", "output": " ".join(["word"] * 50)},
        {"instruction": "Describe it in three paragraphs.", "output": "It is. It was. It will be."},
    ],
    "wrong_language": [
        {"output": text}
        for text in (
            "Hypothyroidism, cholecystitis, obstructive sleep apnea, diabetes insipidus, hyperlipidemia, and nephrolithiasis.",
            "Status post appendectomy and cholecystectomy.",
            "simvastatin (active); cholecalciferol (active); hydroxychloroquine (neither); glyburide (discontinued)",
            "Staphylococcus aureus, Klebsiella pneumoniae, Pseudomonas aeruginosa, Candida albicans, Clostridioides difficile",
            "MKTLLVAGHWERTYDPSQNKLMCVFGHIAWERTYPSDFGHKLCVNMQWERTYIPASDFGHKLCVNM",
            "α-synuclein and β-amyloid",
            "Pt c/o SOB x 3d. PMH: COPD, HTN, CKD. O/E: RR 24, bilat wheeze. Plan: CXR, nebs PRN.",
            "Widowed. Former pipe smoker. Occasional wine use. Retired bus driver. Two sons nearby. Denies illicit drug use.",
            "Musculus sternocleidomastoideus, arteria carotis communis, vena jugularis interna, nervus vagus, glandula thyroidea",
            "Ja",
            "",
            "Δ = 4.2 µmol/L ± 0.3",
        )
    ]
    + [
        {"instruction": "Translate the note into Spanish.", "output": SPANISH},
        {"instruction": "Which language is the note in?", "input": SPANISH},
        {"instruction": "Write the leaflet in Chinese.", "output": "患者因肺炎入院,治疗五天后好转。"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "case"),
    [pytest.param(rule, case, id=f"{rule}-{number}") for rule, cases in KEPT.items() for number, case in enumerate(cases)],
)
def test_what_a_rule_leaves_alone(rule, case):
    assert RULES[rule].find(Candidate(0, 4, **(PLAIN | case)), CurateSection()) is None


def test_every_rule_has_its_cases():
    assert set(KEPT) == set(RULES) - PAPERS
    assert all(len(cases) >= 10 for cases in KEPT.values())
