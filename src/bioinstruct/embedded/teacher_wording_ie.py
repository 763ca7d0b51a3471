"""Phrase banks of information extraction: notes, passages and instructions. `[a|b]` is a choice, `<x>` a bank, `{x}` a slot."""

from __future__ import annotations

OPENINGS = (
    "{age}-year-old {sex} [with|who mentions|bothered by] {finding} for <duration>.", "a {sex} of {age} [is seen|attends] [for a routine review|for a check-up|for follow-up].",
    "medication [review|check] for a {age}-year-old {sex}.", "[telephone|home] visit: {sex}, {age} years old.", "{he} is {age} and [comes because of|reports] {finding}.",
    "[clinic|ward] [note|entry] on a {sex} aged {age}.",
)  # fmt: skip
NOTE_OPENINGS = (
    "{age}-year-old {sex}.",
    "a {age}-year-old {sex} [is reviewed|attends|came in].",
    "[seen|reviewed] today: {sex}, {age} years old.",
    "a {sex} of {age} [came|was seen] [after lunch|this morning|as planned].",
)
FILLERS = (
    "blood pressure was {a}/{b}.", "{he} lives [alone|with family].", "appetite is [fair|good|unchanged].", "{he} [does not smoke|stopped smoking years ago].", "next visit in <duration>.",
    "examination was [unremarkable|normal].", "{he} works [in an office|on a farm|as a driver|in a school].", "mood is [stable|calm].", "{he} walks without help.", "weight is unchanged.",
)  # fmt: skip
STATUS = {
    "active": (
        "{he} takes {drug} {dose} {often}.", "{he} [still uses|remains on|keeps taking] {drug} {dose}.", "[regular|current] medicines include {drug} {dose} {often}.", "we started {drug} {dose} {often} today.",
        "{drug} {dose} {often} [is continued|goes on unchanged].", "{he} has been on {drug} since {month} and will stay on it.", "the dose of {drug} was [raised|lowered] to {dose}.", "a refill of {drug} {dose} was given.",
        "{he} [tolerates|does well on] {drug} {dose} {often}.", "from today {he} will use {drug} {dose} {often}.", "treatment with {drug} {dose} is ongoing.",
    ),
    "discontinued": (
        "{drug} was stopped in {month}.", "{he} no longer takes {drug}.", "we [discontinued|stopped] {drug} today.", "{he} came off {drug} <ago>.", "{he} had used {drug} {dose} until {month}.",
        "{drug} {dose} was withdrawn [because of cost|as it did not help|after a bad reaction|because it was not needed any more].", "a course of {drug} ended in {month}.", "{he} gave up {drug} <ago>.",
        "former treatment with {drug} {dose} was ended.", "{he} was taken off {drug} in {month}.", "{he} quit {drug} on {his} own <ago>.",
    ),
    "neither": (
        "{he} is allergic to {drug}.", "an allergy to {drug} is [recorded|known].", "we [discussed|considered] {drug} but did not prescribe it.", "{drug} could be [tried|an option] later.",
        "{his} [brother|mother|sister|father] takes {drug} {dose}.", "{his} [wife's cousin|neighbor|aunt] uses {drug}.", "{he} asked about {drug}, which was not given.", "{he} declined {drug} when it was offered.",
        "if this fails, {drug} may be [added|the next step].", "{he} has never taken {drug}.", "allergies: {drug}.", "{drug} was thought of but [judged unsuitable|not begun].",
    ),
}  # fmt: skip
SWITCH = (
    "{he} was switched from {drug} to {other} <ago>.",
    "{drug} was replaced by {other} in {month}.",
    "we stopped {drug} and began {other} today.",
    "instead of {drug}, which was ended, {he} now takes {other}.",
)

REFERENCES = {  # kind -> (passage, quoted expression, antecedent)
    "drug": (
        ("the doctor gave {him} {drug} for {condition}. [Within days|Soon afterwards] the drug was doing its work.", "the drug", "{drug}"),
        ("for {condition} {he} was put on {drug} in {month}. This treatment went well and {he} kept [all appointments|to the plan].", "this treatment", "{drug}"),
        ("after talking with {woman}, {he} agreed to try {drug}. {he} will collect this medicine from the pharmacy tomorrow.", "this medicine", "{drug}"),
        ("the record lists {condition_a} and {drug_a}. {he} forgot to take it twice last week.", "it", "{drug_a}"),
        ("because of {condition}, a colleague prescribed {drug}. The dose of it was raised in {month}.", "it", "{drug}"),
        ("when {test} was normal, {drug_a} was stopped. {he} had used the medicine since {month}.", "the medicine", "{drug_a}"),
    ),
    "condition": (
        ("{he} has lived with {condition} for years and takes {drug}. The illness has hardly changed since {month}.", "the illness", "{condition}"),
        ("in {month} a doctor diagnosed {condition_a}, and {test} was arranged. This condition was new to {him}.", "this condition", "{condition_a}"),
        ("{his} brother died of {condition_a}, and {he} fears getting the same disease.", "the same disease", "{condition_a}"),
        ("{he} is treated with {drug} for {condition}. {he} knows little about the disorder.", "the disorder", "{condition}"),
        ("{test} was done to look for {condition_a}. The team could not exclude the diagnosis.", "the diagnosis", "{condition_a}"),
    ),
    "test": (
        ("we asked for {test} and kept {him} on {drug_a}. The investigation is booked for {month}.", "the investigation", "{test}"),
        ("because of {finding}, the team ordered {test}. It came back normal.", "it", "{test}"),
        ("{he} had {test} in {month} and {drug_a} was continued. The test had to be repeated.", "the test", "{test}"),
        ("suspecting {condition_a}, the doctor requested {test}. {he} was worried about this examination.", "this examination", "{test}"),
    ),
    "finding": (
        ("{he} noticed {finding} shortly after {month}. The symptom comes and goes, and {test} was normal.", "the symptom", "{finding}"),
        ("apart from {condition_a}, {he} reports {finding}. This complaint keeps {him} awake.", "this complaint", "{finding}"),
        ("{he} stopped {drug_a} and then noted {finding}. The problem has lasted <duration>.", "the problem", "{finding}"),
        ("{he} came with {finding} and was given {drug_a}. It had begun <ago>, on the way home from work.", "it", "{finding}"),
    ),
    "person": (
        ("{he} was brought in by {woman} after {man} had phoned the clinic. She had noticed {finding} first.", "she", "{woman}"),
        ("on the ward {woman} spoke with {man} about {drug_a}. He wanted to wait until {month}.", "he", "{man}"),
        ("according to {man}, {finding} began <ago>. He keeps a diary of all complaints.", "he", "{man}"),
        ("yesterday {man} handed the list of medicines to {woman}. Later she added {drug_a} to the list.", "she", "{woman}"),
        ("we asked {woman} whether {man} could help with {drug_a}. She will ask him tonight.", "him", "{man}"),
        ("we asked {man} whether {woman} could come to the visit. He will call her before {month}.", "her", "{woman}"),
    ),
    "order": (
        ("{he} has both {condition_a} and {condition_b}. Only the former needed treatment this year.", "the former", "{condition_a}"),
        ("{he} has both {condition_a} and {condition_b}. The latter was found in {month}.", "the latter", "{condition_b}"),
        ("in {month} {drug_a} was stopped and {drug_b} was begun. The new drug suits {him} well.", "the new drug", "{drug_b}"),
        ("in {month} {he} changed from {drug_a} to {drug_b}. The old drug had not helped.", "the old drug", "{drug_a}"),
        ("we weighed {drug_a} against {drug_b} and chose the second one.", "the second one", "{drug_b}"),
        ("the choice lay between {drug_a} and {drug_b}. {he} preferred the first one.", "the first one", "{drug_a}"),
    ),
}  # fmt: skip
EXPRESSIONS = (
    "Expression",
    "Phrase",
    "[Words|Word] to resolve",
    "[Quoted words|In question]",
    "[Who or what is meant by|What is meant by]",
)

ENTRIES = {
    "finding": ("{he} [reports|complains of|describes] {things}.", "for <duration> {he} has had {things}.", "complaints today: {things}."),
    "negated": ("{he} [denies|has not noticed] {things}.", "{he} has no {things}.", "no sign of {things}."),
    "condition": ("{he} has a history of {things}.", "known: {things}.", "{he} has lived with {things} for years."),
    "test": ("[ordered|to be done]: {things}.", "the plan is {things}.", "we [requested|arranged] {things}."),
    "dose": ("{he} takes {things}.", "current treatment is {things}.", "{he} is on {things}."),
}
SHORTHAND = ("", "", ", review in [two|three|six] weeks", ", stable overnight", ", plan discussed with the family")

_LIST = (
    "[separate|divide] [several|multiple] [entries|items] with semicolons", "[give|write|return] [one line|a single line] with semicolons between the [items|entries]", "[keep|preserve] the order of the [text|note] and [use|put] semicolons between [entries|items]",
    "a [semicolon-separated|plain semicolon] list [is wanted|will do|is enough]", "[answer|reply] with a [bare|plain] list, [items|entries] divided by semicolons", "[copy|take over] the wording, [join|link] [entries|items] by semicolons and add nothing",
)  # fmt: skip

WORDINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "medications": ((
        "[list|collect|gather] [every|each] [medicine|drug] [named|mentioned] in the [note|entry] and [mark|label] it active, discontinued or neither",
        "which [medicines|drugs] [occur|appear|are named] in this [record|entry], and is each one active, discontinued or neither?",
        "[go|work] through the [note|text] and [record|write down] each drug with its status, namely active, discontinued or neither",
        "[extract|pull out] the [medication|drug] names and [assign|attach] a status to each: active, discontinued or neither",
        "for [every|each] [medicine|drug] in the [passage|note], [say|state|decide] whether the patient is on it now (active), was on it (discontinued) or has not been given it (neither)",
        "[reconcile|sort] the [drugs|medicines] [mentioned|written down] here: [current ones|those in use] are active, [ended ones|stopped ones] discontinued, all others neither",
        "what is the status of [each|every] [drug|medicine] that the [clinician|author] [mentions|names]? [Possible|Allowed] values are active, discontinued and neither",
        "[build|make|draw up] a [medicine|medication] [list|inventory] with statuses active, discontinued or neither from this [free-text|clinic|narrative] [entry|note]",
        "[tag|annotate] the [drug|medicine] names in the [text|note] as active, discontinued or neither",
        "[find|locate] all [drugs|medicines], [even|including] those of relatives or [only discussed|under discussion], and [give|report] the patient's status for each: active, discontinued or neither",
        "[is each drug|are the medicines] in this [note|record] active or discontinued, or neither of the two? [List|Name] [them all|every one of them] with the [answer|verdict]",
        "[identify|spot] [what|which medicines] the patient [takes|uses] (active), [has stopped|no longer uses] (discontinued), and which are named for [another|some other] reason (neither)",
        "[tidy up|clean up|structure] the [medication|drug] information of the [entry|note] into names with a status, active, discontinued or neither",
        "[prepare|produce] the [drug|medication] [history|overview] for this [visit|patient]: every [name|drug], and whether it is active, discontinued or neither",
        "[read|scan] the [sentences|lines] for [drug names|medicines]; [allergies|allergens], family members' [drugs|medicines] and mere [ideas|proposals] count as neither, the rest is active or discontinued",
        "how would you [code|classify] the [medicines|drugs] [of|in] this [report|entry] on the scale active, discontinued, neither?",
        "[turn|convert] the [running text|prose] into a [status list|medication list] where [each|every] drug is active, discontinued or neither",
        "[decide|determine] drug by drug [what holds|how things stand]: active if [in use|being taken], discontinued if [ended|stopped], neither if [it was never the patient's|only mentioned]",
        "[name|report] [all|the] [medicines|drugs] in [order|sequence] of [appearance|mention], each followed by active, discontinued or neither",
        "[a nurse|the pharmacy|the next doctor] must know [what is taken|which drugs are in use]: [list|give] each [medicine|drug] [found|mentioned] as active, discontinued or neither",
        "[fill in|complete] a medication [sheet|table] from this text, [noting|entering] for each [name|drug] one of active, discontinued, neither",
        "[distinguish|tell apart] current, stopped and merely mentioned [drugs|medicines] by [marking|labelling] each active, discontinued or neither",
    ), (
        "[write|use|keep to] the [form|pattern] name (status), [divided|separated] by semicolons", "put the status in [brackets|parentheses] after the lower-case name, [with semicolons|semicolons] between [entries|drugs]",
        "[format|set out] the [answer|list] as name (status); name (status)", "[leave out|omit|drop] doses, [place|put] each status in [brackets|parentheses] and separate [entries|drugs] by semicolons",
        "[one line|a single line] such as name (status); name (status), or none if [there is no drug|no drug is named]", "[say|write] none where the [note|text] has no [drug|medicine]; otherwise name (status) with semicolons",
        "[no doses|doses are not wanted]: just name (status) [items|entries] [joined|linked] by semicolons", "[join|link] [entries|pairs] of name and bracketed status with semicolons, in the order [of the text|read]",
        "each [entry|item] [looks like|has the shape] name (status), and semicolons [divide|separate] them", "give lower-case names, [every|each] with its [bracketed status|status in brackets], [on one line|in one row] with semicolons",
    )),
    "reference": ((
        "[what|whom or what] does the quoted [expression|wording] [refer to|stand for|point back to] in the [passage|text]?", "[find|locate|identify] the [antecedent|earlier mention] of the [quoted|given] [expression|words]",
        "[resolve|clear up] the [reference|back-reference]: which [earlier words|words of the text] [name|introduce] what the [expression|quotation] means?", "[trace|follow] the [quoted|marked] [wording|expression] back to [what|the thing or person] it [means|stands for]",
        "to which [person or thing|thing or person] does the [quotation|expression] [at the end|underneath] [point|refer]?", "[link|connect] the [expression|words] in quotation marks to the [person|person or thing] [already|first] [named|mentioned]",
        "who or what is [meant|intended] by the [expression|words] [quoted|given] [under|after] the [text|passage]?", "[decide|work out|establish] which [mention|part of the passage] the [pronoun or phrase|short expression] [replaces|takes up]",
        "[carry out|do] coreference resolution for the [quoted|single] expression", "the [quoted|short] [expression|wording] is [ambiguous|unclear] on its own; [use|let] the [passage|context] [to settle|settle] what it [denotes|means]",
        "[replace|substitute] the [quoted|listed] [expression|word or phrase] by what it [stands for|means] in this [passage|entry]", "[pick out|copy] the [words|span] of the [text|passage] that the [expression|quotation] [picks up|goes back to]",
        "[reading|taking] the [passage|sentences] as a whole, [what|which mention] [lies behind|explains] the [quoted|given] [words|expression]?", "[disambiguate|unravel] the [expression|reference] shown after the [passage|text] by [naming|giving] its [antecedent|source]",
        "which [name|noun phrase] in the [record|passage] could [take the place of|be put for] the [quoted|given] [expression|word or phrase]?", "[imagine|suppose] the [last line|quotation] were [spelled out|made explicit]: which [words|mention] from the text would [appear|stand there]?",
        "[show|tell] that you can follow [cross-references|references] in a [clinical|medical] [text|note] by [resolving|explaining] the quoted one",
        "[look|search] [back|backwards] [through|in] the [text|sentences] for the [mention|name] that gives the [quoted words|expression] their meaning",
    ), (
        "[copy|quote] it [exactly|just] as it stands in the [passage|text]", "[give|write] [only|nothing but] the words [found|used] in the [passage|text]", "[answer|reply] with the [exact|literal] span and [no sentence around it|nothing further]",
        "[a verbatim|an exact] [copy|span] is [required|wanted|enough]", "[do not paraphrase|no paraphrase]; [copy|lift] the [antecedent|mention] from the [passage|text]", "[reproduce|repeat] the [antecedent|mention] [word for word|without changes]",
        "[keep|leave] the [spelling|wording] of the text and [add nothing|write no more]", "[just|only] the [antecedent|noun phrase], [please|in the words of the passage]",
    )),
    "abbreviations": ((
        "[expand|resolve] [every|each] [abbreviation|short form] in the [entry|shorthand note]", "what do the [abbreviations|short forms] in this [line|entry] [stand for|mean]?", "[decode|unpack] the [shorthand|capital-letter codes] of this [ward|clinic] entry",
        "[build|make] a [small|short] [glossary|key] of the [abbreviations|short forms] [used|found] [here|in the line]", "[give|supply] the full [terms|words] behind the [abbreviations|clinical short forms]",
        "[a new colleague|a layperson] cannot read the [codes|abbreviations] in this [note|entry]; what are their full [forms|terms]?", "[list|write] the long [form|version] of [all|the] abbreviations [in order|as they come]",
    ), (
        "[use|follow] the pattern short form: full form, [with|and] semicolons between [pairs|entries]", "[put|write] a colon after each [abbreviation|short form] and a semicolon after each [pair|expansion]", "[format|write] as abbreviation: expansion; abbreviation: expansion",
        "pairs with a colon, [divided|separated] by semicolons, [are wanted|will do]",
    )),
    "finding": ((
        "[which|what] [symptoms, signs or results|findings] does the patient actually have?", "[list|name] the findings that are [present|affirmed], [leaving out|omitting] [those denied|absent ones]", "[extract|collect] the [positive|present] [findings|complaints] from the [note|entry]",
        "[gather|pull together] what the patient [reports|has noticed], [ignoring|without] what is denied", "[identify|pick out] [each|every] [symptom|complaint or finding] that the [entry|text] [affirms|reports as present]",
    ), _LIST),
    "dose": ((
        "[extract|list] [each|every] [drug|medicine] together with its [dose|strength]", "[which|what] [doses|strengths] are [given|recorded], and [of|for] which [drugs|medicines]?", "[pair|couple] the [medicines|drugs] with their [doses|strengths] as [written|recorded] in the [note|entry]",
        "[collect|copy] the [names and doses|names with strengths] of the [current|recorded] [medicines|drugs]", "how much of [which drug|each medicine] does the [entry|note] [mention|state]?",
    ), (*_LIST, "[write|give] name and dose, [with|and] a semicolon before the next [pair|drug]")),
    "condition": ((
        "[which|what] [illnesses|diagnoses] [belong to|are part of] this patient's [history|record]?", "[list|extract] the [diagnoses|known conditions] [named|mentioned] in the [text|entry]", "[name|give] [all|the] [diseases|illnesses] that the [note|record] [attributes to|states for] the patient",
        "[draw up|compile] the problem list of [diagnosed|established] [conditions|illnesses] from this [note|entry]", "[find|identify] [each|every] [established|known] [condition|disease] in the [note|passage]",
    ), _LIST),
    "test": ((
        "[which|what] [tests|investigations] are [ordered|planned|mentioned]?", "[list|extract] the [tests|examinations] that the [team|clinician] [asks for|has planned]", "[pick out|collect] [each|every] [investigation|diagnostic test] in the [entry|note]",
        "[name|report] the [investigations|tests] [to be done|to be booked] according to the [text|record]", "what should be [booked|scheduled] for this patient by way of [investigations|tests]?",
    ), _LIST),
    "negated": ((
        "[which|what] [findings|symptoms] are [explicitly|expressly] [absent|denied]?", "[list|extract] only what the patient [denies|does not have] [by|according to] the [note|entry]", "[collect|report] the [negated|pertinent negative] findings",
        "[find|identify] [each|every] [symptom|finding] that the text [rules out|says is missing]", "what has been [asked for|looked for] but was not [there|present]?",
    ), _LIST),
    "demographics": ((
        "[how old is|what is the age of] the patient, and [which|what] sex is [recorded|noted]?", "[extract|read off] the [demographic data|age and sex] from the [note|entry]", "[record|report] the patient's [age|age in years] and sex as [stated|given]", "[pull|take] [only|just] the age and the sex [out of|from] this [text|entry]",
    ), (
        "[use|follow] the form age: number; sex: man or woman", "[write|answer] age: and sex:, [divided|separated] by a semicolon", "[format|give it] as age: N; sex: S",
    )),
}  # fmt: skip
