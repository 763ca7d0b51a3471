"""Phrase banks of the evaluation items: instructions, questions, vignettes, dialogues and letters. Independent of the teacher's."""

from __future__ import annotations

INSTRUCTIONS: dict[str, tuple[str, ...]] = {
    "usmle_embedded": (
        "Read the case below and choose the one option that answers its question.",
        "Decide which of the four options fits this clinical case best and give its text.",
        "Solve the following board-style case by naming the right option.",
        "The case ends with a question. Reply with the single option that is correct.",
        "Work through the patient's story and select the correct option from those given.",
    ),
    "medmcqa_embedded": (
        "Pick the correct option for this medical examination question.",
        "Give the text of the one option that answers the question correctly.",
        "Four options follow a question about medicine. Name the right one.",
        "Choose the right option for the following medical entrance question.",
        "Test your medical knowledge: which option is correct?",
    ),
    "pubmedqa_embedded": (
        "Judge from the study summary whether the research question is answered with yes, no or maybe.",
        "Read the abstract and settle its question with yes, no or maybe.",
        "Where do the reported results point? Settle on yes, no or maybe.",
        "Answer the research question on the basis of the abstract alone. Allowed replies: yes, no, maybe.",
        "Do the data in the abstract support the question? Say yes, no or maybe.",
    ),
    "bioasq_embedded": (
        "Reply to this biomedical question with yes or no.",
        "Is the answer to the following biomedical question yes or no?",
        "Settle this closed question from your medical knowledge: yes or no.",
        "Say yes where what is asked holds, otherwise say no.",
        "Give a one-word verdict, yes or no, on the question below.",
    ),
    "nli_embedded": (
        "How does the hypothesis relate to the premise: entailment, neutral or contradiction?",
        "Label the pair of clinical statements as entailment, neutral or contradiction.",
        "Given the premise from a chart, is the hypothesis an entailment, a contradiction or neutral?",
        "Decide whether the premise entails the hypothesis (entailment), rules it out (contradiction) or leaves it open (neutral).",
        "Assign entailment, neutral or contradiction to the hypothesis, taking the premise as true.",
    ),
    "medication_status_embedded": (
        "Extract every drug of this chart entry with its status for the patient: active, discontinued or neither.",
        "For each medicine named in the entry, in order, write its name and in brackets whether it is active, discontinued or neither.",
        "Which drugs appear in the text, and is each of them active, discontinued or neither? Separate them with semicolons.",
        "Make a list, in order of appearance, of the medicines in the text with the status active, discontinued or neither.",
        "Go through the record and give each drug with one status word in brackets: active, discontinued or neither.",
    ),
    "coreference_embedded": (
        "Find what the quoted expression in the last line refers to, and copy those words from the text.",
        "Resolve the quoted expression: which earlier words of the text does it stand for?",
        "Give the antecedent of the quoted expression exactly as it is written in the text.",
        "The last line quotes an expression of the text. Name the person or thing that it points back to.",
        "Say what is meant by the quoted expression, using the words of the text.",
    ),
    "conv2note_embedded": (
        "Turn the consultation below into a short clinical note.",
        "Write the note that the doctor would file after this conversation.",
        "Summarize this visit as a brief chart note in clinical terms.",
        "Condense the dialogue into a note of a few short sentences with the plan.",
        "Document the following talk between doctor and patient in the style of a medical record.",
    ),
    "patient_answer_embedded": (
        "Reply to this patient's letter in two to four plain sentences.",
        "Write what a doctor would answer to the following message from a patient.",
        "Answer the patient: name the illness, give advice, and say when to seek care.",
        "A patient writes to the clinic. Compose a short and helpful reply.",
        "Respond to the worried patient below with clear advice.",
    ),
}

FACT_QUESTIONS: dict[str, tuple[str, ...]] = {
    "class": (
        "To which of the following pharmacological groups is {subject} assigned?",
        "Pharmacologists would file {subject} under which of these drug groups?",
        "{subject} is a member of which one of the following groups?",
        "Under which heading of a formulary would one look for {subject}?",
    ),
    "treats": (
        "Which of these disorders is an accepted reason to prescribe {subject}?",
        "A prescription for {subject} would make sense in which of these disorders?",
        "Of the disorders listed, which one responds to treatment with {subject}?",
        "For which one of the following disorders would {subject} be given?",
    ),
    "adverse_effect": (
        "Which of the following problems is a known unwanted effect of {subject}?",
        "A person who begins {subject} should be warned of which problem?",
        "Of the problems listed, which one can be brought on by {subject}?",
        "Which one of these complaints may be blamed on {subject}?",
    ),
    "contraindicated_with": (
        "In which of the following situations must {subject} not be prescribed?",
        "Which one of these would make the use of {subject} unsafe?",
        "In people with which of the following should {subject} be withheld?",
        "Which of the following speaks against any treatment with {subject}?",
    ),
    "finding": (
        "Which of the following would one expect to meet in {subject}?",
        "Of the signs and complaints listed, which one belongs to {subject}?",
        "Which one of these clinical features is characteristic of {subject}?",
        "People who suffer from {subject} are likely to show which feature?",
    ),
    "test": (
        "Which of these investigations is most useful when {subject} is suspected?",
        "Suspected {subject} is best worked up with which one of these?",
        "Which one of the following investigations helps to establish {subject}?",
        "Of the investigations listed, which one is ordered to confirm {subject}?",
    ),
    "drug_of_class": (
        "Which one of the following medicines is {a_object} by its mode of action?",
        "Of the medicines listed, which one counts among the {objects}?",
        "Find the medicine that is grouped with the {objects} among these four.",
        "Which of these names stands for {a_object} and not for something else?",
    ),
    "drug_for": (
        "Which one of the following medicines is an option for treating {object}?",
        "Of the medicines listed, which one is prescribed against {object}?",
        "A person with {object} could be helped by which of these medicines?",
        "Which of these four medicines has {object} among its uses?",
    ),
}
"""Kind of `medmcqa_embedded` question to phrasings; the first six kinds ask for a fact's object, the last two for its subject."""

CLOSED_QUESTIONS: dict[str, tuple[str, ...]] = {
    "class": (
        "Is it correct to count {subject} among the {objects}?",
        "Would a pharmacologist say that {subject} is one of the {objects}?",
        "Does {subject} share its mode of action with the {objects}?",
    ),
    "treats": (
        "Can {subject} be used as a treatment for {object}?",
        "Do the disorders for which {subject} is given include {object}?",
        "Would {subject} be a sensible prescription for someone with {object}?",
    ),
    "adverse_effect": (
        "Do the recognized unwanted effects of {subject} include {object}?",
        "Can a person who uses {subject} develop {object} from it?",
        "Should people on {subject} be told that {object} may occur?",
    ),
    "contraindicated_with": (
        "Would someone with {object} have to avoid treatment with {subject}?",
        "Must a person who has {object} keep away from {subject}?",
        "In the presence of {object}, would it be unsafe to prescribe {subject}?",
    ),
    "finding": (
        "Do the typical features of {subject} include {object}?",
        "Do people who suffer from {subject} commonly show {object}?",
        "Would a clinician expect {object} in a person with {subject}?",
    ),
    "test": (
        "Can one find out by {object} whether someone has {subject}?",
        "Would a clinician order {object} to establish that it is {subject}?",
        "Does the usual work-up for suspected {subject} include {object}?",
    ),
}

SETTINGS = (
    "the emergency department",
    "the outpatient clinic",
    "a rural health center",
    "the admission ward",
    "a family practice",
    "an urgent care center",
)

VIGNETTE_FIRST = (
    "{An_age} {sex} is seen at {setting} with {shown}.",
    "{shown_first} have troubled {an_age} {sex} for {duration}, who now comes to {setting}.",
    "At {setting}, {an_age} {sex} describes {shown} over the past {duration}.",
    "For {duration} {an_age} {sex} has had {shown}, and {he} turns to {setting}.",
)
VIGNETTE_KNOWN = (
    "{An_age} {sex} with known {condition} is reviewed at {setting}.",
    "{An_age} {sex}, known to have {condition}, is looked after at {setting}.",
    "{An_age} {sex} attends {setting}; the notes name {condition} as the problem.",
)
VIGNETTE_KNOWN_MORE = (
    "{He} has noticed {shown} for {duration}.",
    "Over the past {duration}, {he} has had {shown}.",
    "{His} present complaint is {shown}.",
)
VIGNETTE_HISTORY = (
    "{His} records also mention {other}.",
    "{He} does not smoke and works as a {job}.",
    "{He} was treated for {other} some years ago.",
    "{He} drinks little alcohol and lives alone.",
    "There is no travel and no recent contact with sick people.",
    "{His} cousin has {other}.",
)
VIGNETTE_QUESTIONS: dict[str, tuple[str, ...]] = {
    "condition": (
        "Which disorder explains this picture best?",
        "What is the most probable diagnosis?",
        "Which of the following does {he} most likely have?",
    ),
    "drug": (
        "Which medicine would be suitable for {condition} in this case?",
        "Which of these medicines should be prescribed for the {condition}?",
        "With which medicine could {his} {condition} be treated?",
    ),
    "test": (
        "Which investigation should be ordered to establish {condition}?",
        "Which of these studies helps most to prove {condition} here?",
        "By which investigation would {condition} be confirmed?",
    ),
}
JOBS = ("teacher", "carpenter", "bus driver", "nurse", "shop assistant", "farmer", "clerk", "cook", "gardener", "librarian")
SURNAMES = (
    "Walker",
    "Bauer",
    "Okafor",
    "Lindqvist",
    "Moreau",
    "Tanaka",
    "Novak",
    "Silva",
    "Haddad",
    "Murphy",
    "Kowalski",
    "Rossi",
    "Jensen",
    "Patel",
    "Castillo",
    "Young",
)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

GREETINGS = (
    "Doctor: Good morning, {title} {surname}. What brings you here?",
    "Doctor: Please sit down, {title} {surname}. How can I help?",
    "Doctor: Hello, {title} {surname}. Tell me what is wrong.",
)
COMPLAINTS = (
    "Patient: {lay_first}, and {lay2}. What is more, {lay3}. It has been like this for {duration}.",
    "Patient: Well, {lay1}. Also, {lay2}, and {lay3}, all that for {duration} now.",
    "Patient: For {duration} now, {lay1}. On top of that, {lay2}, and {lay3}.",
)
AGE_QUESTIONS = ("Doctor: And how old are you now?", "Doctor: May I ask your age?", "Doctor: Remind me of your age, please.")
AGE_ANSWERS = ("Patient: I am {age}.", "Patient: I turned {age} this year.", "Patient: {age} years old.")
DENIAL_QUESTIONS = (
    "Doctor: Have you also had any {denied} or {denied2}?",
    "Doctor: What about {denied}, or {denied2}?",
    "Doctor: Did you notice {denied} or {denied2} as well?",
)
DENIAL_ANSWERS = ("Patient: No, not at all.", "Patient: No, none of that.", "Patient: I have not, no.")
HISTORY_QUESTIONS = (
    "Doctor: Do you have other illnesses, and which medicines do you use?",
    "Doctor: Is there anything else in your history? Any tablets or other medicines?",
    "Doctor: Tell me about earlier illnesses and your medicines.",
)
HISTORY_ANSWERS: dict[str, tuple[str, ...]] = {
    "both": (
        "Patient: They found {lay_condition} years ago. I was put on {drug} {dose} {frequency}.",
        "Patient: Only {lay_condition}, doctor. My medicine is {drug}, {dose} {frequency}.",
        "Patient: I am under treatment for {lay_condition}, and the pharmacist gives me {drug} {dose} {frequency}.",
    ),
    "condition": (
        "Patient: They found {lay_condition} years ago, but I use nothing at all.",
        "Patient: Only {lay_condition}, doctor, and no medicines.",
    ),
    "drug": (
        "Patient: No illnesses that I know of. My daily medicine is {drug} {dose} {frequency}.",
        "Patient: I was always healthy, but the pharmacist gives me {drug} {dose} {frequency}.",
    ),
}
PLANS = (
    "Doctor: All right. Next come {test} and {test2}, and I want you to start {new} {new_dose} {new_frequency}. Come back in {review}.",
    "Doctor: Then the things to arrange are {test} and {test2}. I am giving you {new}, {new_dose} {new_frequency}, and I will see you again in {review}.",
    "Doctor: I suggest {test} and {test2} first. Meanwhile begin with {new} {new_dose} {new_frequency}, and return in {review}.",
)
PLANS_TEST_ONLY = (
    "Doctor: I see. The next steps are {test} and {test2}, and we meet again in {review}.",
    "Doctor: First of all {test} and {test2}, before anything else. Please return in {review}.",
)
FAREWELLS = ("Patient: Thank you, doctor.", "Patient: Good, I will do that.", "Patient: That is fine with me.")

NOTE_COMPLAINT = (
    "{age}-year-old {sex}, {duration} of {finding1}, {finding2} and {finding3}.",
    "{Sex}, {age}. Complaints: {finding1}, {finding2}, {finding3} ({duration}).",
    "{title} {surname}, {age}, came with {finding1} as well as {finding2} and {finding3}, all of it for {duration}.",
    "{finding1_first}, {finding2} and also {finding3} over {duration}; {sex}, {age} years.",
)
NOTE_DENIAL = ("Without {denied} or {denied2}.", "Not present: {denied}, {denied2}.", "{denied_first} and {denied2} absent.")
NOTE_HISTORY: dict[str, tuple[str, ...]] = {
    "both": (
        "In the background {condition}, {drug} {dose} {frequency} for it.",
        "Earlier: {condition}. Medication so far {drug} {dose} {frequency}.",
    ),
    "condition": ("In the background {condition}.", "Earlier: {condition}, no medication."),
    "drug": ("Regular {drug} {dose} {frequency}.", "Medication so far {drug} {dose} {frequency}."),
}
NOTE_PLAN = (
    "{test_first} and {test2} requested; {new} {new_dose} {new_frequency} begun; again in {review}.",
    "For {test}, {test2}. New: {new} {new_dose} {new_frequency}. Recheck after {review}.",
    "We arrange {test} with {test2}, add {new} {new_dose} {new_frequency}, next appointment in {review}.",
)
NOTE_PLAN_TEST_ONLY = (
    "{test_first} and {test2} requested; again in {review}.",
    "For {test}, {test2}. Recheck after {review}.",
    "We arrange {test} with {test2}, next appointment in {review}.",
)
"""Pieces of the note on a consultation, by the part of the consultation that they restate."""

LETTER_FIRST = (
    "I am {an_age} {sex} and the hospital has told me that my trouble is {lay_condition}.",
    "At {age}, I have just learned that the name for my trouble is {lay_condition}.",
    "My family doctor examined me ({sex}, {age}) and spoke of {lay_condition}.",
    "Last {weekday} the diagnosis of {lay_condition} was read out to me; I am a {sex} of {age}.",
)
LETTER_SYMPTOM = (
    "Right now {lay1}, and it has gone on for {duration}.",
    "For {duration} {lay1}.",
    "What bothers me most is this: {lay1}.",
)
LETTER_DRUG = ("I have been put on {drug} {dose} {frequency}.", "They prescribed {drug} {dose} {frequency}.")
LETTER_WORRY = (
    "I am scared that it will get worse.",
    "It keeps me from my work as a {job}.",
    "My family is quite upset about it.",
    "I hardly dare to leave the house.",
)
LETTER_ADVICE_QUESTION = ("What can I do myself?", "How should I live with it?", "What would you advise me to do?")
LETTER_CAUSE_QUESTION = (
    "Where does it come from, and what can I do myself?",
    "Why did I get it, and how should I live with it?",
    "What is behind it, and what would you advise me to do?",
)
ANSWER_ILLNESS: dict[str, tuple[str, ...]] = {
    "same": ("What you have is {condition}.", "Your illness is {condition}.", "Your letter is about {condition}."),
    "name": (
        "{condition_first} is what doctors call {lay_condition}.",
        "Your illness, {lay_condition}, has the medical name {condition}.",
        "What you have is {condition}, or {lay_condition}.",
    ),
    "cause": (
        "Behind {condition} there is {cause}.",
        "Your illness, {condition}, is due to {cause}.",
        "One gets {condition} through {cause}.",
    ),
}
ANSWER_ADVICE = (
    "{advice1_first}, and {advice2}.",
    "Do this: {advice1}; {advice2}.",
    "What helps you: {advice1}, then {advice2}.",
)
ANSWER_DRUG = (
    "Stay with {drug} {dose} {frequency}.",
    "{drug_first} {dose} {frequency} remains right for you.",
    "Do not stop {drug} {dose} {frequency}.",
)
ANSWER_WARNING = (
    "{finding_first} that increases should be looked at.",
    "With stronger {finding}, go and see a doctor.",
    "More {finding} is a reason to be examined.",
)
"""Pieces of the answer to a letter; the first by what it says of the illness: its name, its other name, or its cause."""
