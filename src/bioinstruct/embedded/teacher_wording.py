"""Phrase banks that all forms share: people, places, documents, times; openings and purposes of instructions; flawed instructions."""

from __future__ import annotations

from bioinstruct.embedded import teacher_wording_generation, teacher_wording_ie, teacher_wording_qa

BANKS: dict[str, tuple[str, ...]] = {
    "role": (
        "a ward nurse", "a hospital pharmacist", "a medical student", "a locum doctor", "a night-shift resident", "a practice assistant", "a clinical tutor", "a research fellow", "a community midwife",
        "a physician assistant", "a junior doctor", "a case manager", "a data clerk", "a triage officer", "a family physician", "a medical secretary", "a quality manager", "a visiting nurse", "a paramedic trainee",
        "a pharmacy technician", "a study coordinator", "a course instructor", "an internist", "an emergency physician", "an occupational therapist", "an exam writer", "a care home manager", "a retired surgeon",
        "a dietitian", "a registrar on call", "a first-year trainee", "a health librarian", "a medical interpreter", "a clinic volunteer", "a ship's doctor", "a school nurse", "a prison physician", "a safety officer",
        "a chief resident", "a bedside teacher",
    ),
    "place": (
        "in a rural clinic", "at a teaching hospital", "in a city practice", "on a busy ward", "at a mountain health post", "in an evening surgery", "at a regional hospital", "in a walk-in center", "on an island clinic's staff",
        "at a university department", "in a home-care service", "at a charity clinic", "in a military hospital", "at a health insurance office", "in a nursing home", "at a day hospital", "in an outpatient unit", "on a long-stay ward",
        "at a harbor clinic", "in a small group practice", "at a medical call center", "in a rehabilitation center", "on a mobile health bus", "at a district hospital", "in a surgical recovery unit", "at a student health service",
        "in a company health office", "at a veterans' clinic", "in a short-stay unit", "on a cardiac step-down ward", "at a research institute", "in a border-town hospital", "at an airport clinic", "in a suburban practice",
        "on a geriatric ward", "at a training center", "in a preoperative clinic", "at a desert field station", "in a convent infirmary", "on a teaching round",
    ),
    "document": (
        "a referral letter", "a study sheet", "the electronic record", "a discharge file", "a training manual", "the shift report", "a teaching set", "a registry form", "an audit table", "a morning briefing", "the ward board",
        "a case collection", "a research database", "a quality report", "the weekly newsletter", "a pocket guide", "an insurance file", "a second-opinion request", "a lecture handout", "a clinic template", "a safety log",
        "the admission folder", "a revision booklet", "a colleague's desk file", "the patient's folder", "a transfer form", "a seminar script", "a test archive", "the tumor board folder", "a monthly statistic",
        "a practice handbook", "a remote consultation form", "the department wiki", "a tutorial for beginners", "a chart review",
    ),
    "event": (
        "the morning round", "the weekly case meeting", "a handover at dawn", "the written examination", "the next appointment", "a chart audit", "the staff seminar", "tomorrow's clinic", "the monthly safety review", "a tutorial this afternoon",
        "the board examination", "the team huddle", "an accreditation visit", "the second shift", "a bedside lesson", "the outpatient session", "the journal hour", "a simulation exercise", "the transfer of care", "a peer review session",
        "the Monday conference", "a telephone consultation", "the lunch lecture", "the final check", "an orientation week", "the departmental meeting", "a refresher course", "the night duty", "a home visit", "the closing of the file",
    ),
    "use": (
        "copy it into <document>", "compare it with <document>", "read it during <event>", "check it before <event>", "discuss it at <event>", "add it to <document>", "rely on it during <event>", "look it over after <event>",
        "file it in <document>", "enter it in <document>", "take it along to <event>", "use it in preparing <event>", "bring it up at <event>", "set it beside <document>", "need it for <document>", "keep it for <event>",
    ),
    "ago": ("two weeks ago", "last month", "a year ago", "in spring", "three days ago", "last summer", "four months ago", "earlier this year", "six weeks ago", "last autumn"),
    "duration": ("two days", "three days", "five days", "a week", "ten days", "two weeks", "three weeks", "four weeks", "a month", "six weeks", "two months", "three months", "half a year", "a year", "9 days", "12 days", "5 weeks", "7 weeks", "10 weeks", "4 months", "8 months", "3 years"),
    "soon": ("in two weeks", "in three weeks", "in a month", "next week", "in six weeks", "in three months", "in ten days", "after the weekend", "in 5 days", "in 8 days", "in 4 weeks", "in 12 weeks"),
    "month": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December", "early spring", "mid-June", "late August"),
    "woman": ("the daughter", "the aunt", "the wife of a neighbor", "the grandmother", "the sister-in-law", "the niece", "the woman next door", "the landlady"),
    "man": ("the son", "the uncle", "the man from the flat upstairs", "the grandfather", "the brother-in-law", "the nephew", "the priest, Father M.", "the landlord"),
    "where": ("at home", "at work", "on a train", "on holiday", "in the garden", "this morning at home", "last night at home", "while shopping"),
}  # fmt: skip

PREFIXES = (
    "for <document>", "before <event>", "as part of <event>", "during <event>", "with <role> in mind", "on behalf of <role> <place>", "ahead of <event>", "in preparation for <event>", "as a contribution to <document>",
    "in support of <role> <place>", "for <role> who is preparing <document>", "for use during <event>", "while <document> is being prepared", "as a service to <role>", "at the request of <role> <place>", "as an addition to <document>",
)  # fmt: skip
OPENERS = (
    "you are <role> <place>.", "you [assist|work with|stand in for|are being trained by] <role> <place>.", "<role> <place> [asks for|needs|is waiting for] [help|support].", "[think of|imagine] yourself [as|in the shoes of] <role> <place>.",
    "here is [work|a task|an exercise|a job] for <role> <place>.", "[suppose|imagine] <role> asks you this at <event>.", "<event> [starts|begins] soon, and <document> is not ready.", "[a request|this request] comes from <role> <place>.",
    "<document> is [due|needed] before <event>.", "you are [asked|expected] to [complete|prepare] <document>.", "<role> and <role> disagree about this.", "you [join|attend] <event> as <role>.",
)  # fmt: skip
AIMS = (
    "<role> <place> will <use>.", "<role> [wants|plans] to <use>.", "it [goes|will go] into <document> after <event>.", "[the result|it] is meant for <role> <place>.", "[the result|your work] will be [checked|reviewed|read] by <role> <place>.",
    "so far <role> has had no time to do this.", "<role> <place> [depends on|needs] it for <event>.", "at <event>, <role> [presents|shows] it to <role>.", "[speed matters|time is short], as <event> is near.", "after that, <role> will <use>.",
    "[write with|keep] <role> <place> in mind.", "[accuracy counts|mistakes matter], since <role> will <use>.", "it [serves|helps] <role> who is preparing <document>.", "the [idea|request] came from <role> at <event>.",
)  # fmt: skip

KEYWORD_FLAWS = (
    "[look at|study] the [image|picture] [taken|made] at the visit and [describe|report] what it shows", "[draw|sketch] a graph of the [course|values] described in the [note|text]", "what [abnormality|change] can be seen in the [attached|enclosed] [image|picture]?",
    "[turn|convert] the [note|text] into a [graph|picture] for <document>", "[label|mark] the [affected|relevant] part of the image [that goes|which belongs] with this [case|note]", "[compare|match] the [text|note] with the [graph|image] that <role> [sent|uploaded]",
    "which [trend|pattern] does the graph [from|of] <event> [show|suggest]?", "[choose|select] a [suitable|fitting] picture for <document> from this description",
)  # fmt: skip
SHORT_FLAWS = (
    "Summarize this.",
    "Explain.",
    "Classify it.",
    "Medication list?",
    "Diagnosis?",
    "Next step?",
    "Translate.",
    "Answer briefly.",
    "Patient advice.",
    "Find errors.",
    "Extract terms.",
    "Rewrite.",
    "Which drug?",
    "Note summary.",
)
NO_INPUT = ("None", "N/A", "Not applicable")

WORDINGS = {**teacher_wording_qa.WORDINGS, **teacher_wording_ie.WORDINGS, **teacher_wording_generation.WORDINGS}
