"""Phrase banks of text generation and the other tasks: texts and instructions. `[a|b]` is a choice, `<x>` a bank, `{x}` a slot."""

from __future__ import annotations

TURNS = {  # what the doctor asks, what the patient says
    "age": (
        ("good [morning|afternoon], {name} How old are you?", "I am {age}."), ("hello {name} You are {age}, is that right?", "Yes, {age}[| since spring]."),
        ("come in, {name} I have your age down as {age}.", "That is [right|correct]."), ("{name} How old are you now?", "{age}, doctor."),
    ),
    "complaint": (("what [brings you in|is the trouble|can I do for you]?", "{lay}."), ("how can I help?", "[well|you see], {lay}."), ("tell me what is wrong.", "{lay}, [and it worries me|and it will not go away].")),
    "duration": (("how long has it been so?", "[for|about] {duration}."), ("when did it begin?", "it has been {duration} now."), ("since when?", "[for|it must be] {duration}.")),
    "second": (("anything [else|more]?", "yes, {lay}."), ("is that all?", "no, {lay} as well."), ("have you noticed other changes?", "{lay}, too.")),
    "denied": (("any {finding}?", "no, [none|not at all|nothing like that]."), ("have you had {finding}?", "no, never."), ("do you also have {finding}?", "no, I do not.")),
    "medicine": (("do you take any medicine?", "{dosed}."), ("what are you taking at the moment?", "only {dosed}."), ("which tablets do you use?", "I am on {dosed}.")),
    "history": (("any illnesses in the past?", "I have {lay}."), ("what about earlier illnesses?", "{lay}, for years."), ("have you been ill before?", "yes, I was told I have {lay}.")),
    "allergy": (("any allergies?", "yes, to {drug}."), ("is there a drug you cannot take?", "{drug}, I am allergic to it.")),
    "test": (("I [will|would like to] arrange {test}.", "[fine|all right], thank you."), ("let us do {test} [this week|soon].", "good."), ("we need {test}.", "[agreed|very well].")),
    "start": (("I will start you on {dosed}.", "thank you."), ("please begin {dosed}.", "I will."), ("I suggest {dosed} from today.", "[fine|all right].")),
    "visit": (("please come back {soon}.", "I will."), ("let us meet again {soon}.", "[fine|thank you]."), ("I want to see you {soon}.", "all right.")),
    "aside": (
        ("[please|do] sit down.", "thank you, doctor."), ("let me listen to your chest first.", "[of course|all right]."), ("was it hard to find us?", "no, my [son|daughter|neighbor] drove me."),
        ("how is the family?", "they are [fine|all well], thank you."), ("I will measure your blood pressure now.", "please do."), ("do you still work?", "[yes, half days|no, not any more|yes, in an office]."),
        ("the waiting room is full today.", "yes, I was here [early|before eight]."), ("take your time.", "thank you, that is kind."),
    ),
}  # fmt: skip
NOTE_COMPLAINT = (
    "{who} reports {complaints} for {duration}{ending}.",
    "{who} presents with {complaints} for {duration}{ending}.",
    "{who} has had {complaints} for {duration}{ending}.",
    "{who} describes {complaints} for {duration}{ending}.",
)
NOTE_MEDICINE = {
    "medicine": ("{he} takes {dosed}.", "current medication is {dosed}.", "{he} is on {dosed}."),
    "history": ("{he} has a history of {condition}.", "past history includes {condition}."),
    "allergy": ("{he} is allergic to {drug}.", "there is an allergy to {drug}."),
}
NOTE_PLAN = {
    "test": ("{test} is planned.", "plan: {test}.", "{test} will be arranged."),
    "start": ("{dosed} is started.", "plan: start {dosed}.", "treatment with {dosed} is begun."),
    "visit": ("review {soon}.", "the patient will return {soon}.", "plan: follow-up {soon}."),
}

TAKEN = ("I [swallow|take] {dosed} for it.", "[my prescription|the prescription] says {dosed}.", "{dosed} is what I was given.")
ADVICE_DRUG = ("continue {dosed}.", "{dosed} should go on as [prescribed|before].", "please do not stop {dosed} on your own.")
MESSAGES = (
    "[hello|good evening|dear doctor], <ago> I was told that I have {lay}. {complaint} {closing}", "[my doctor says|the clinic says] I have {lay}. {complaint} I am {age} [and live alone|and still working|and often travel]. {closing}",
    "I am a {age}-year-old {sex} with {lay}. {complaint} {closing}", "[hi|hello], I have had {lay} for [some time|a while]. {complaint} {closing}", "they found {lay} <ago>, and [I am worried|it came as a surprise]. {complaint} {closing}",
)  # fmt: skip
COMPLAINTS = ("{lay}.", "for {time}, {lay}.", "[lately|now], {lay}.")
CLOSINGS = (
    "What [can|should] I do [myself|at home]?", "[How should I look after myself|What would you advise]?", "What [matters most|do I have to watch out for]?", "Can you [give me some advice|tell me how to live with it]?",
    "[Is there anything|What is there] I can do?", "How do I [take care|cope] from here?",
)  # fmt: skip
ADVICE_OPENINGS = (
    "{condition} is caused by {cause}.",
    "what you have is called {condition}, and it is caused by {cause}.",
    "thank you for your message: {condition} comes from {cause}.",
    "I am sorry to hear this; {condition} is caused by {cause}.",
)
ADVICE_NAMES = (
    "{lay} is called {condition} in medicine.",
    "the proper name of {lay} is {condition}.",
    "thank you for your message about {condition}, which many call {lay}.",
)
ADVICE_STEPS = ("please {advice}.", "it helps to follow these steps: {advice}.", "my advice is this: {advice}.")
ADVICE_URGENT = (
    "see a doctor soon if {finding} gets worse or new complaints appear.",
    "if {finding} does not settle or gets worse, see a doctor soon.",
    "please seek help soon if {finding} gets worse.",
)

SUMMARY_INPUT = (
    ("{age}-year-old {sex} with [known|long-standing] {condition}.", "a {sex} of {age} who has had {condition} for years.", "known {condition} in a {age}-year-old {sex}."),
    ("{he} comes because of {finding} for {duration}.", "for {duration} {he} has noticed {finding}."),
    ("[treatment|current medicine] is {dosed}.", "{he} takes {dosed}."),
    ("{test} [was requested|will be done].", "we will arrange {test}."),
    ("blood pressure {a}/{b}, pulse {p}.", "{he} [lives alone|is retired|works part-time] and [sleeps well|has a dog|walks daily].", "{he} was [calm|friendly|well oriented]; pulse {p} and regular."),
)  # fmt: skip
SUMMARY_OUTPUT = (
    "{age}-year-old {sex} with {condition} and {finding} for {duration}, on {drug}; {test} planned.",
    "{age}-year-old {sex} with {condition} on {drug} has had {finding} for {duration}; {test} planned.",
    "{finding} for {duration} in a {age}-year-old {sex} with {condition} on {drug}; {test} planned.",
)

EXPLAIN = {
    "cause": ("{condition}, also known as {lay}, is caused by {cause}.", "{condition} is the medical name for {lay}; it is caused by {cause}."),
    "signs": ("typical signs are {findings}.", "people often notice {findings}."),
    "advice": ("to stay well, {advice}.", "it is wise to do this: {advice}."),
    "input": ("{condition}", "diagnosis: {condition}", "{condition} (the patient has heard it called {lay})", "the word in the letter is {condition}."),
}  # fmt: skip
LAY_INPUT = (
    "{age}yo {sex}, {c} and {c2}, on {drug} {dose} {often}, {t} next.",
    "Hx of {c}, {c2}. Continue {drug} {dose} {often}. {t} to be done.",
    "{c} + {c2} in {age}yo {sex}; {drug} {dose} {often}; book {t}.",
)
LAY_OUTPUT = (
    "the patient has {c} and {c2} and takes {drug} {dose} {often}. The next test is {t}.",
    "the patient has {c} and {c2}. The medicine is {drug} {dose} {often}. The next test is {t}.",
)
DISCHARGE_INPUT = (
    "{age}-year-old {sex}, {stay} days in hospital for {condition}. [Going home|Discharged] on {dosed}. Outpatient visit {soon}.", "[admission|stay] of {stay} days because of {condition}, now [well|better]. Medicine at home: {dosed}. To be seen {soon}. {sex}, {age} years.",
)  # fmt: skip
DISCHARGE_OUTPUT = (
    "you were treated for {condition} ({lay}). Take {dosed}. {steps} Your next visit is {soon}.",
    "take {dosed} for {condition} ({lay}). {steps} Come back {soon}.",
)
HANDOVER_INPUT = (
    "bed {bed} is a {age}-year-old {sex} admitted for {condition}. {he} was given {dosed} today. {test} has been done and the result is not back. {he} still has {finding}. Blood pressure {a}/{b}.",
    "{age}-year-old {sex} in bed {bed}, blood pressure {a}/{b}. [The reason for admission is|Treated for] {condition}. {finding} [persists|comes and goes]. We began {dosed}. We are waiting for {test}.",
)  # fmt: skip
HANDOVER_OUTPUT = (
    "bed {bed}, {age}-year-old {sex}: {condition}, started {dosed}, {test} pending, watch for {finding}.",
    "bed {bed}: {age}-year-old {sex} with {condition} on {dosed}; {test} pending; watch for {finding}.",
)

URGENCY = {  # level -> findings
    "emergency": ("chest pain", "seizures", "facial droop", "slurred speech", "coughing up blood", "fainting", "confusion", "shortness of breath", "black stools", "urinary retention"),
    "urgent": ("fever", "blood in the urine", "bloody diarrhea", "jaundice", "one-sided calf swelling", "eye pain", "vomiting", "flank pain", "palpitations", "double vision"),
    "routine": ("dry skin", "hair loss", "runny nose", "sneezing", "dry mouth", "heartburn", "bloating", "weight gain", "sleeplessness", "joint stiffness in the morning"),
}  # fmt: skip
CALLS = (
    '[caller|telephone], {sex}, {age}: "{lay}." [It began|This started] {place}.',
    'a {age}-year-old {sex} [says|writes]: "{lay}, {place}."',
    'message from a {sex} of {age}: "{lay}. I am {place} now."',
)
REFERRALS = (
    "[a referral letter|the letter] names {condition} ({lay}) in a {age}-year-old {sex}.",
    "{age}-year-old {sex}, referred for {condition}, which the family calls {lay}.",
    "request for an appointment: {condition} ({lay}), {sex}, {age} years.",
)
EVENTS = (
    "[events|entries] of last year for a {age}-year-old {sex}: {events}.",
    "from the file of a {sex} of {age}: {events}.",
    "{age}-year-old {sex}. Over the year: {events}.",
)
DAILY = (
    "a {age}-year-old {sex} takes {drug} {dose} {often}.",
    "{drug} {dose} {often} for a {sex} of {age}.",
    "the prescription for a {age}-year-old {sex} reads: {drug} {dose} {often}.",
)

WORDINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dialogue": ((
        "[turn|convert|condense] the [conversation|talk|exchange] between doctor and patient into a [short|brief] [note|chart entry]", "how would [this|the] [consultation|visit|conversation] [read|look] as a [clinical|chart] note?",
        "[write|compose|draft] the [note section|chart entry] that [documents|records] this [conversation|consultation]", "[summarize|record] in [clinical|medical] language what the patient [told|said to] the doctor and what was [agreed|planned]",
        "[listen in on|follow] the [dialogue|exchange] and [document|chart] the [complaint|main complaint], its duration and whatever else was [settled|mentioned]", "what should the doctor [enter|write] in the [record|chart] after this [talk|visit]?",
        "[transform|rework] the [spoken|question-and-answer] [exchange|dialogue] into [prose|a narrative] for the [chart|medical record]", "[prepare|produce] a [third-person|clinical] [summary|note] of the [encounter|dialogue]",
        "[translate|put] the patient's [everyday|own] words [from|in] this [dialogue|conversation] into the [clinical|proper] terms of a [note|record]", "[act|work] as a [scribe|medical scribe] and [document|write up] the [visit|encounter] [transcribed|given] below",
        "[a scribe|the clinic's scribe] [must|has to] [document|record] this [encounter|dialogue]; [what belongs|which facts belong] in the note?", "[distill|boil down] the [transcript|conversation] to the [facts|points] a [colleague|later reader] needs",
        "[create|make] the entry for [today's|this] [consultation|visit] from the [transcript|spoken words]", "from the [transcript|dialogue], [report|set down] who the patient is, what [bothers|troubles] them and [for|since] how long",
        "[which|what] [short note|chart note] [captures|covers] everything [clinically relevant|of importance] that was said?", "[strip|free] the [transcript|dialogue] of [small talk|courtesies] and [leave|write] a [tidy|proper] [medical|clinical] note",
    ), (
        "[use|write] a few [full|complete] sentences in the third person", "[keep|hold] it to [short sentences|a few sentences] and [include|mention] age and sex", "[a handful of|short] sentences [are enough|will do]", "[add|invent] nothing that was not said",
        "[use|choose] the medical [names|terms] of [symptoms|complaints] [rather than|instead of] the patient's [phrases|wording]", "[write|phrase it] as [a doctor|clinicians] would, in [no more than|up to] six sentences", "[state|give] the complaint with its duration first, then [medicines|the rest] and [plan|plans], in short sentences",
        "[leave out|omit] greetings and [keep|stay] to six sentences at [most|the very most]", "one short [paragraph|block] of plain sentences is [wanted|enough]",
    )),
    "patient_question": ((
        "[reply|write back|respond] to the patient's [message|question] with [sound|practical] advice", "what would you [tell|advise] [this|the] [patient|person] who [writes|asks] for help?", "[answer|take up] the [letter|message] as a [kind|friendly] [doctor|clinician] would",
        "[compose|draft] the [answer|reply] that the [practice|clinic] [sends|should send] to this patient", "[give|offer] the [writer|sender] [understandable|plain] [guidance|information] on the [illness|condition] [named|mentioned]",
        "[explain|tell] the [patient|sender] what [causes|lies behind] the [problem|illness] and what [they can do|helps] [day to day|at home]", "how should [the doctor|a family doctor] [respond|reply] to this [worried|personal] [message|note]?",
        "[help|support] the [person|patient] who [sent|wrote] this [message|inquiry] by [explaining|naming] the cause and the [useful|sensible] steps", "[put together|prepare] [a response|an answer] for the [patient portal|online clinic] [inquiry|message]",
        "[someone|a patient] [asks|wants to know] how to [live|deal] with [an illness|a diagnosis]; [counsel|advise] [them|that person]", "[advise|counsel] this [patient|reader] in [everyday|simple] [words|language]", "[which|what] [self-care|practical] [steps|measures] should the [patient|writer] [hear about|be told]?",
        "[speak|write] directly to the [patient|sender] and [deal with|answer] the [question|concern] [raised|expressed]", "[respond|answer] [warmly|calmly] to the [concern|worry] [in|behind] this [message|letter], [covering|including] cause and [self-care|next steps]",
        "[formulate|word] [medical advice|a helpful answer] in reply to the [question|message] of [a layperson|someone without medical training]", "what [reply|answer] would [ease|settle] this [person's|patient's] [mind|worry] and still be [medically correct|sound]?",
    ), (
        "[write|use] two to four sentences", "[say|mention] when to seek help", "[end|finish] with when to see a doctor", "[keep|hold] it to [three|three or four] sentences in plain [words|language]", "[address|speak to] the patient as you, in two to four sentences",
        "[avoid|leave out] jargon and [close|finish] with [the warning sign|a warning sign]", "[give|name] the cause, the [steps|advice] and when to [come in|seek care]", "[a short|one] paragraph of up to four sentences is [enough|wanted]", "[stay|remain] brief, [four sentences at most|no more than four sentences]",
    )),
    "summary": ((
        "[summarize|condense] the [note|entry] in one [line|sentence]", "what is the [gist|essence] of this [note|entry]?", "[reduce|shorten] the [note|record] to its [clinical|medical] core", "[give|write] a one-sentence [summary|synopsis] of the [visit|case]",
        "[boil|cut] the [entry|text] down to [patient|person], problem, [treatment|medicine] and plan", "how would you [present|sum up] this patient in [a single|one] sentence?", "[compress|abridge] the [documentation|chart note] for a [busy|hurried] reader",
        "[extract|keep] the [story|thread] of this [note|entry] and [drop|discard] [side details|what is incidental]", "[write|compose] the [headline|one-liner] for this [case|patient]",
    ), (
        "[leave out|omit] [vital signs|social details]", "[mention|include] age, sex, complaint, [drug|medicine] and test", "one sentence is [enough|the limit]", "[keep|use] the names of [illness|condition], drug and test [as they are|unchanged]", "[no|without] [opinions|interpretation], one sentence only",
    )),
    "explain": ((
        "[explain|describe] the [diagnosis|condition] [given|named] in plain words", "what does this [diagnosis|medical term] mean for [a layperson|the person who has it]?", "[tell|inform] the patient what the [named|given] [illness|condition] is", "[put|express] the [diagnosis|condition] in [everyday|simple] [language|terms]", "[make|write] a [leaflet|short leaflet] entry on the [illness|condition] [given|below]",
    ), ("[cover|include] cause, [signs|typical signs] and [advice|self-care]", "[use|write] two or three sentences", "[say|state] where it comes from and what [helps|to do]", "[three sentences|two to three sentences] are [enough|wanted]")),
    "explain_bare": ((
        "[explain|describe] {condition} in plain words", "what is {condition}, [and what can one do about it|in simple terms]?", "[tell|inform] a newly diagnosed [person|patient] about {condition}", "[write|compose] a [leaflet|short leaflet] text on {condition}", "how would you [explain|describe] {condition} to [a neighbor|a relative|a school class]?", "[introduce|present] {condition} to [readers|people] without medical training",
    ), ("[cover|include] cause, [signs|typical signs] and [advice|self-care]", "[use|write] two or three sentences", "[say|state] where it comes from and what [helps|to do]", "[three sentences|two to three sentences] are [enough|wanted]")),
    "rewrite": ((
        "[rewrite|rephrase] the [shorthand|abbreviated entry] for a [reader|person] without medical training", "how would this [entry|line] [read|sound] in [plain|ordinary] words?", "[turn|translate] the [doctor's shorthand|clipped note] into [everyday language|words anyone understands]", "[replace|exchange] all [short forms|abbreviations] and [make|form] [readable|full] sentences", "[make|render] this [chart line|entry] [understandable|readable] [to|for] the [family|patient]",
    ), ("[keep|leave] [name and dose|dose and name] of the drug [unchanged|as they are]", "[one or two|up to three] sentences without abbreviations", "[use|choose] the lay names of the [illnesses|conditions]", "[no|without] abbreviations and [no|without any] added [facts|advice]")),
    "discharge": ((
        "[write|compose] the [discharge|going-home] [instructions|advice] for this patient", "what should the patient [hear|read] on [the day of discharge|leaving the hospital]?", "[draft|prepare] a [take-home|farewell] [sheet|text] from the [ward|discharge] data", "[tell|advise] the patient how to [go on|continue] after [the stay|leaving hospital]", "[turn|make] the discharge [entry|line] [into advice|into instructions] for the patient",
    ), ("[name|give] medicine, [self-care|advice] and next visit", "[address|speak to] the patient directly", "[three to four|up to five] short sentences [will do|are enough]", "[start|begin] with the [reason for the stay|illness] or the medicine, [end|finish] with the next visit")),
    "handover": ((
        "[write|give] the handover line for the [night|next] shift", "[condense|reduce] the [ward entry|report] to one handover line", "what should be [said|reported] about this bed at the [shift change|handover]?", "[prepare|formulate] a [crisp|single-line] [handover|report] of this [patient|bed]", "[pass|hand] this patient on to the [incoming|next] team in one line",
    ), ("[include|name] bed, [illness|condition], drug, [pending|open] test and what to watch", "[skip|leave out] the blood pressure", "[keep|hold] it to one [line|sentence]", "bed first, [then|followed by] the [person|patient], [illness|problem] and open points")),
    "triage": ((
        "[how urgent is|what is the urgency of] this [call|message]?", "[assign|give] a triage level to the [call|message]", "[sort|grade] the [complaint|caller] by urgency", "[decide|judge] how soon this person [must|should] be seen", "[which|what] priority [fits|suits] the [complaint|problem] [described|reported]?", "[rate|classify] the [reported|described] complaint for the [phone line|front desk]",
    ), ("[answer|reply] emergency, urgent or routine", "[use|write] one of emergency, urgent, routine", "the levels are [emergency, urgent and routine|routine, urgent and emergency]", "one word: routine, urgent or emergency")),
    "specialty": ((
        "[which|what] service should [see|take on] this patient?", "[choose|pick] the [department|service] for this [referral|request]", "[route|send] the [referral|request] to the right [service|specialty]", "[match|assign] the [referral|illness] to one of the services [listed|named]", "to which of the [listed|four] services does this [problem|illness] belong?",
    ), ("[copy|give] the name of the service [alone|only]", "[one|a single] service [name|from the list] is [enough|wanted]", "[write|answer] just the service", "[no reasons|reasons are not needed], only the [service|specialty]")),
    "order": ((
        "[arrange|put] the events in [time order|order of time]", "in [which|what] order did [these|the listed] events [happen|take place]?", "[sort|rank] the [entries|events] from [earliest to latest|first to last]", "[build|make] a timeline of the [entries|events]", "[reconstruct|restore] the [sequence|course] of the year from the [mixed-up|unordered] entries",
    ), ("[leave out|omit] the months and [use|put] semicolons between events", "[separate|divide] events with semicolons, [without|leaving off] months", "[earliest|oldest] first, semicolons in between, no months", "[copy|keep] each event's words [without|but not] its month, semicolons between them")),
    "arithmetic": ((
        "[calculate|compute] the total [amount|dose] [per|in a] day", "how much of the drug is that [per|in a] day?", "[work out|determine] the daily total of this prescription", "what does the prescription [add up to|amount to] in [24 hours|one day]?", "[multiply|combine] dose and frequency [to get|into] the daily amount",
    ), ("[give|write] number and unit only", "[answer|reply] in mg", "[just|only] the amount in mg", "[state|return] the result as a number with mg")),
    "arithmetic_bare": ((
        "{case} [calculate|compute] the total [amount|dose] [per|in a] day", "{case} How much of the drug is that [per|in a] day?", "{case} [work out|determine] the daily total", "{case} What does this [add up to|amount to] in [24 hours|one day]?", "{case} [find|get] the amount taken [from morning to night|within one day]",
    ), ("[give|write] number and unit only", "[answer|reply] in mg", "[just|only] the amount in mg", "[state|return] the result as a number with mg")),
}  # fmt: skip
