"""Sentences that tell what somebody did with a text, followed by what they wrote: the narrative link between two halves of a document.

They give the words of clinical office work (note, list, option, reply, status, hypothesis) a place in running text. They are told in the
past tense by a narrator; none asks the reader for anything.
"""

from __future__ import annotations

import random

_WHO = (
    "the doctor", "the nurse", "a colleague", "the clerk", "the pharmacist", "a student", "the assistant", "the resident", "the secretary",
    "the examiner", "the midwife", "the registrar", "the tutor", "the librarian", "the reader", "the team",
)  # fmt: skip
_LEADS: dict[str, tuple[str, ...]] = {
    "note": (
        "{who} summed up this conversation in a short note:",
        "{who} wrote a clinical note on the visit:",
        "The talk between doctor and patient became an entry of the chart:",
        "From the dialogue {who} documented complaint, history and plan:",
        "What was said was put into medical terms for the record:",
        "This consultation was recorded in the third person as follows:",
        "{who} turned the spoken words of the patient into clinical language:",
        "A brief summary of the encounter was filed:",
        "Note:",
        "For the record:",
    ),
    "reply": (
        "{who} answered the patient's message with advice in plain words:",
        "The clinic wrote back to the patient who had asked for help:",
        "{who} replied to the question and named illness, cause and next steps:",
        "The worried patient received this response:",
        "The letter was answered in a few simple sentences:",
        "{who} explained the diagnosis and when to see a doctor:",
        "Reply:",
        "The doctor writes:",
    ),
    "status": (
        "{who} listed every drug of the entry with its status:",
        "The medicines in order of mention, each active, discontinued or neither:",
        "All medications named in the text, with one status word in brackets:",
        "{who} went through the record and extracted drugs and status:",
        "From this note {who} took the names of the medicines and whether they are in use:",
        "Semicolons separate the drugs found in the text:",
        "Medication review:",
        "Drugs and status:",
    ),
    "pronoun": (
        '{who} resolved the expression "{e}"; it refers to',
        'The quoted words "{e}" point back to an antecedent of the text:',
        'In this passage "{e}" stands for',
        'Expression: "{e}" Antecedent:',
        'Reference of "{e}", copied from the text:',
        'What "{e}" meant was earlier words of the passage, namely',
        '"{e}" refers to',
    ),
    "choice": (
        "{who} picked the correct option:",
        "Of the options given, {who} selected",
        "The examination question had one right choice:",
        "The answer among the listed options:",
        "{who} knew the right answer of the four:",
        "The single correct option of this test question was",
        "Pick:",
    ),
    "abstract": (
        "{who} read the abstract and answered the research question with yes, no or maybe:",
        "The results of the study decide the question:",
        "What the abstract concludes, in one word:",
        "Judged from the reported data alone, the answer was",
        "Conclusion of the trial, yes, no or maybe:",
        "Found:",
    ),
    "claim": (
        "{who} checked the statement and said",
        "Asked whether this is true, yes or no, {who} said",
        "The biomedical question was answered with",
        "Verdict, yes or no:",
    ),
    "reading": (
        "{who} compared hypothesis and premise and found",
        "The relation of the second statement to the first, which may be entailment, neutral or contradiction:",
        "Does the premise imply the hypothesis, contradict it or leave it open? It was labelled",
        "Relation:",
    ),
    "summary": (
        "{who} condensed this into one sentence:",
        "The gist of the entry in a single line:",
        "In short:",
        "Handed over to the next shift as:",
        "Rewritten in other words:",
        "What matters of it, briefly:",
    ),
    "terms": (
        "{who} extracted what was asked for, in order of appearance:",
        "The items found in the entry, separated by semicolons:",
        "Copied from the note word for word:",
        "Everything of that kind in the text:",
        "Extracted:",
    ),
}


def lead(kind: str, rng: random.Random, expression: str = "") -> str:
    """A sentence or heading that ends where the written part begins; `expression` fills its quotation marks."""
    text = rng.choice(_LEADS[kind]).format(who=rng.choice(_WHO), e=expression)
    return text[:1].upper() + text[1:]
