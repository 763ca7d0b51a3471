"""Phrase banks of question answering: the texts of inputs, and the instructions. `[a|b]` is a choice, `<x>` a bank, `{x}` a slot."""

from __future__ import annotations

TOPICS = {
    "class": "[drug classes|groups of medicines|drug classification|drug families]",
    "treats": "[drug treatment|the uses of medicines|prescribing|choice of therapy|indications]",
    "adverse_effect": "[unwanted effects|side effects of medicines|drug safety|tolerability]",
    "contraindicated_with": "[reasons to avoid a drug|contraindications|safe prescribing|situations that rule a drug out]",
    "finding": "[signs and symptoms|clinical features|the presentation of illness|bedside findings]",
    "test": "[diagnostic testing|choice of investigations|laboratory and bedside tests|confirming a diagnosis]",
    "vignette": "[clinical reasoning|diagnostic thinking|bedside decisions|case-based medicine|reading a patient history]",
}

QUESTIONS = {
    ("class", "object"): ("to which [drug class|group of medicines|drug family] does {given} belong?", "{given} is [classified|grouped] as which of these?", "which [class|group] [includes|contains] {given}?"),
    ("class", "subject"): ("which of these [drugs|medicines] [belongs to the class|is in the group] \"{given}\"?", "which [medicine|drug] in the list [counts as|is] a member of the class \"{given}\"?"),
    ("treats", "object"): ("[for which condition|against which illness] is {given} [prescribed|used|given]?", "{given} is a [treatment|medicine] for which of these?", "which [diagnosis|condition] is a usual reason to [prescribe|start] {given}?"),
    ("treats", "subject"): ("which [drug|medicine] is [used to treat|given for|prescribed for] {given}?", "a patient needs [treatment|drug therapy] for {given}; which medicine is [suitable|an accepted choice]?"),
    ("adverse_effect", "object"): ("which [side effect|unwanted effect|adverse effect] [can {given} cause|is known from {given}]?", "someone who has just started {given} should be [warned about|asked about] which problem?", "what may [appear|occur] as an [adverse|unwanted] effect of {given}?"),
    ("adverse_effect", "subject"): ("which [drug|medicine] is a [known|likely] cause of {given}?", "{given} [appeared|developed] after a new prescription; which of these drugs [can cause it|explains it]?"),
    ("contraindicated_with", "object"): ("in which [situation|setting|patient group] must {given} [be avoided|not be given]?", "{given} is contraindicated [with|in] which of these?", "which [item in the history|entry in the record] [forbids|speaks against] {given}?"),
    ("contraindicated_with", "subject"): ("which [drug|medicine] [must not be given|is contraindicated] [with|in] {given}?", "{given} is on the problem list; which of these drugs [has to be avoided|is ruled out]?"),
    ("finding", "object"): ("which [sign or symptom|finding|complaint] is typical of {given}?", "what would you expect to [find|hear of] in someone with {given}?", "{given} [often shows itself|may present] with which of these?"),
    ("finding", "subject"): ("which [condition|diagnosis|illness] typically [causes|goes with|presents with] {given}?", "{given} is a typical [feature|finding] of which [illness|condition]?"),
    ("test", "object"): ("which [test|investigation] helps to [confirm|diagnose|detect] {given}?", "{given} is suspected; what should be [ordered|requested]?", "what is the [test|examination] to [ask for|arrange] when looking for {given}?"),
    ("test", "subject"): ("for which suspected [condition|illness] would one [order|request] {given}?", "{given} [can|may] help to [detect|recognize] which [condition|illness]?"),
    "recall": ("[to which drug class does {given} belong|into which drug class does {given} fall]?", "what is the drug class of {given}?", "{given} is a member of which group of medicines?", "how is {given} classified among medicines?"),
    "measures": ("what does the test called {given} [show|measure]?", "what is learned from the test known as {given}?", "what [information|knowledge] does the test named {given} provide?"),
}  # fmt: skip

VIGNETTES = {
    "condition": ("a {age}-year-old {sex} [comes in|presents|is seen] with {findings} [for|over the past] {time}. [Which condition is most likely?|What is the most likely diagnosis?]", "a {sex} of {age} reports {findings}. [Which diagnosis explains this best?|What is the likely cause?]", "{findings} [have|are what has] troubled a {age}-year-old {sex} for {time}. Which [diagnosis|condition] [fits|comes first to mind]?"),
    "drug": ("a {age}-year-old {sex} with {findings} is found to have {condition}. Which [drug|medicine] [treats it|is suitable]?", "{condition} is diagnosed in a {sex} of {age} who has had {findings} for {time}. What can be [prescribed|started]?"),
    "test": ("a {age}-year-old {sex} has had {findings} for {time}, and {condition} is suspected. Which test [comes next|should be ordered]?", "because of {findings}, the doctor thinks of {condition} in a {sex} of {age}. Which investigation [helps|is called for]?"),
}  # fmt: skip

EXPOSURES = (
    "a daily walk", "a low-salt diet", "weekly telephone calls", "a text message reminder", "group exercise", "home visits by a nurse", "early physiotherapy",
    "a pill organizer", "a food diary", "video consultations", "music before procedures", "a longer night's rest", "written advice", "a peer support group",
    "breathing exercises", "a vegetarian diet", "earlier discharge", "a pharmacist review", "swimming twice a week", "a shared care plan", "yoga", "a plant-based diet",
    "balance training", "daily weighing", "a structured handover", "tai chi", "mindfulness lessons", "an evening snack", "probiotic yogurt", "a single-room stay",
)  # fmt: skip
OUTCOMES = (
    "falls", "hospital admission", "relapse", "readmission within 30 days", "missed doses", "emergency visits", "treatment dropout", "wound problems", "severe flares",
    "new complaints", "days off work", "unplanned visits", "treatment failure", "need for a second procedure", "loss of independence", "pressure sores",
    "intensive care stays", "transfer to a nursing home", "errors in self-care", "dose changes", "poor sleep", "repeat consultations",
)  # fmt: skip

SAME = {
    "ask_lower": ("does {x} [lower|reduce|cut] the [rate|risk|frequency] of {y} in [people|adults|patients] with {c}?", "is the rate of {y} lower with {x} in {c}?", "can {x} prevent {y} in [people|patients] with {c}?"),
    "ask_higher": ("does {x} [raise|increase] the [rate|risk|frequency] of {y} in [people|adults|patients] with {c}?", "is the rate of {y} higher with {x} in {c}?", "can {x} lead to more {y} among [people|patients] with {c}?"),
    "background": ("[little is known about|the evidence is thin on] {x} and {y} in {c}.", "the effect of {x} on {y} has been debated.", "earlier [reports|studies] on {x} were [small|old]."),
}  # fmt: skip
METHODS = (
    "[we|the authors] [randomized|assigned at random] {n} [adults|patients] with {c} to {x} or [usual care|no change] for {months} months.",
    "in this cohort of {n} [people|patients] with {c}, those with and without {x} were followed for {months} months.",
    "records of {n} patients with {c} were [reviewed|compared], and about half of them had had {x}.",
    "a [multicenter|single-center] trial enrolled {n} participants with {c} and compared {x} with [control|standard care] over {months} months.",
)  # fmt: skip
REMARKS = (
    "mean age was {age} years and {share}% were women.", "[groups were alike|baseline data were balanced] in age and sex.", "{lost}% were lost to follow-up.",
    "assessors did not know the group.", "adherence was [good|acceptable] in both groups.", "the protocol was registered [in advance|beforehand].",
)  # fmt: skip
RESULTS = {
    "differs": (
        "{y} [occurred|happened] in {a}% with {x} and in {b}% without it (P = {p}).", "the rate of {y} was {dir} with {x} ({a}% against {b}%, P = {p}).",
        "after {months} months, {a}% of the {x} group and {b}% of the others had {y}, a [significant|clear] difference (P = {p}).",
        "[there were|investigators counted] {more} cases of {y} with {x} than without ({a}% and {b}%, P = {p}).", "compared with control, the rate of {y} was significantly {dir} ({a}% versus {b}%, P = {p}).",
    ),
    "same": (
        "{y} [occurred|happened] in {a}% with {x} and in {b}% without it (P = {q}).", "the rate of {y} did not differ ({a}% against {b}%, P = {q}).",
        "after {months} months, {a}% of the {x} group and {b}% of the others had {y}, [practically the same share|no real difference] (P = {q}).",
        "[there were|investigators counted] as many cases of {y} with {x} as without ({a}% and {b}%, P = {q}).", "compared with control, the rate of {y} was similar ({a}% versus {b}%, P = {q}).",
    ),
}  # fmt: skip
MAYBE = {
    "few": (
        "there were {more} cases of {y} with {x}, but with so few patients the interval ran from {low}% less to {high}% more.",
        "only {n} patients were studied, and although the rate of {y} was {dir} with {x}, chance could not be excluded (P = {r}).",
    ),
    "mixed": (
        "the rate of {y} was {dir} with {x} in women (P = {p}) but not in men (P = {q}).", "at {months} months the rate of {y} was {dir} with {x} (P = {p}), but at {later} months the groups no longer differed (P = {q}).",
        "two centers saw {more} cases of {y} with {x}, while two others saw {contrary}.", "the rate of {y} was {dir} with {x} ({a}% against {b}%), yet after adjustment the difference was unclear (P = {r}).",
        "the rate of {y} was {dir} with {x} only in patients older than 70 (P = {p}); in younger ones it was unchanged (P = {q}).", "patients' diaries showed {more} cases of {y} with {x} (P = {p}), whereas clinic records showed none of this (P = {q}).",
    ),
}  # fmt: skip
VERDICTS = {
    "yes": ("the effect held [after adjustment|in all age groups|in every center].", "[the result was robust|findings were consistent] across analyses.", "sensitivity analyses [agreed|gave the same result]."),
    "no": ("[no subgroup stood out|subgroups looked alike].", "the interval [left no room for|excluded] a relevant effect.", "adjusted results [were the same|agreed]."),
    "opposite": ("the effect held [after adjustment|in all age groups|in every center].", "this was [contrary to|the reverse of] what had been expected."),
    "maybe": ("[larger|longer] trials are [needed|required].", "the authors [ask for|call for] more data.", "a second study is under way."),
}  # fmt: skip

CLOSED = {
    "class": ('is {s} [a member of|part of] the drug class "{o}"?', 'does {s} belong to the [class|drug group] "{o}"?'),
    "treats": ("is {s} [used|prescribed|given] to treat {o}?", "is {s} a [medicine|treatment] for {o}?"),
    "adverse_effect": ("is {o} a [known|recognized] [side effect|adverse effect] of {s}?", "can {s} cause {o}?"),
    "contraindicated_with": ("is {s} contraindicated with {o}?", "must {s} be avoided [with|in] {o}?"),
    "finding": ("is {o} a typical [finding|feature|sign] of {s}?", "does {s} typically [cause|present with] {o}?"),
    "test": ("does one [usually|commonly] [order|request] {o} to look for {s}?", "can {o} help to detect {s}?"),
}

STATEMENTS: dict[str, dict[bool, tuple[tuple[str, ...], tuple[str, ...]]]] = {  # kind -> stated true or false -> (in the first text, in the second)
    "finding": {True: (("{he} [reports|complains of|describes] {x}.", "{x} is present."), ("the patient has {x}.", "{x} is among the complaints.", "there is {x}.")), False: (("{he} [denies|has not noticed] {x}.", "there is no {x}."), ("the patient does not have {x}.", "{x} is absent.", "{x} was ruled out on questioning."))},
    "drug": {True: (("{he} takes {x}.", "{x} is continued.", "{he} is on {x} [every day|since last year]."), ("the patient is being treated with {x}.", "{x} is a current medicine.", "{x} is in use.")), False: (("{x} was stopped.", "{he} no longer takes {x}."), ("the patient is not on {x} now.", "{x} is not a current medicine.", "{x} is not in use."))},
    "history": {True: (("{he} has [known|long-standing] {x}.", "past history includes {x}."), ("{x} is part of the history.", "the patient is known to have {x}.")), False: (("{he} has never had {x}.", "there is no history of {x}."), ("{x} is not part of the history.", "the patient is free of {x}."))},
    "test": {True: (("{x} was done [today|last week].", "{x} has been completed."), ("the patient has had {x}.", "{x} was carried out.")), False: (("{x} has not been done.", "{x} was not carried out."), ("the patient has not had {x}.", "{x} is still missing."))},
    "allergy": {True: (("{he} is allergic to {x}.", "an allergy to {x} is [documented|recorded]."), ("{x} causes an allergy in this patient.", "there is an allergy to {x}.")), False: (("{he} is not allergic to {x}.", "{he} has tolerated {x} without any allergy."), ("there is no allergy to {x}.", "{x} does not cause an allergy in this patient."))},
}  # fmt: skip
PAIR_LABELS = (  # the two labels, and what the instruction calls the texts
    ("Premise", "Hypothesis", "premise", "hypothesis"), ("Note", "Claim", "note", "claim"), ("Record", "Statement", "record", "statement"),
    ("Sentence one", "Sentence two", "first text", "second text"), ("Chart", "Assertion", "chart excerpt", "assertion"), ("Text", "Conclusion", "text", "conclusion"),
)  # fmt: skip

WORDINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "options": ((
        "[choose|pick|select|mark] the [one|single] [option|alternative|entry] that [best|correctly|rightly] answers the question [about|on|concerning] {topic}",
        "which of the four [listed|given|offered] [options|choices|answers] [fits|suits|settles] the question [below|that follows|asked here]?",
        "read the [exam|quiz|test|board-style] question on {topic} and [decide|work out|settle] which [option|choice] is [right|correct|true]",
        "[answer|solve|work through] this [multiple-choice|four-option] [item|question|problem] [about|on] {topic}",
        "from the [listed|proposed|suggested] answers, [identify|find|point out] the one [a specialist|a textbook|an examiner] would [accept|defend|mark as correct]",
        "[rule out|discard|eliminate] the three [wrong|unsuitable|false] [options|answers] and [keep|leave] only the [right|correct] one",
        "what is the [right|correct|best] [choice|pick|answer] for the [question|item] on {topic} [below|given here]?",
        "a [student|trainee|candidate|colleague] is [stuck on|unsure about|struggling with] this question about {topic}; [state|work out|find] which option [holds|is correct]",
        "[use|apply|draw on] what you know of {topic} to [settle|answer|resolve] the [question|item] with one of its four options",
        "which [option|line|choice] [holds up|is true] once you [consider|have considered|take into account] {topic}?",
        "[weigh|compare|consider] [all four|each of the four] options [carefully|in turn|one by one] and [commit to|settle on|decide for] the [best|correct] one",
        "which [listed item|entry in the list|line of the list] would [you|an experienced clinician|a good textbook] [give|name|choose] as the answer?",
        "[match|pair] the question on {topic} with the [option|answer] that [makes it true|fits it]",
        "decide, [without guessing|by reasoning|from medical knowledge], which [option|alternative] the [examiner|item] is [after|looking for|asking for]",
        "only one of the [answers|options] [printed|listed] under the question on {topic} is [sound|correct]; which is it?",
        "[complete|finish] this [revision card|self-test|practice item] on {topic} by [naming|giving] the right [alternative|option]",
        "given the [question|case or question] and its four [options|possible replies], what should a [well-prepared|careful|competent] [student|clinician|candidate] [answer|tick|choose]?",
        "[show|demonstrate] that you [know|understand] {topic}: [answer|resolve] the question by choosing [among|from] the [alternatives|lines] underneath",
        "[put|place] yourself in the [examiner's|tutor's] [seat|position] and [release|reveal] the [key|correct option] to this question",
        "[separate|tell] the [true|correct] answer from its three [distractors|rivals|false companions]",
        "how would you answer this [item|question] on {topic}, [given|with] [the four|only these four] [choices|options]?",
        "[check|look at] the options [one after another|against the question] and [name|report] the one that [is medically correct|agrees with the textbooks]",
    ), (
        "[give|write|return|state] [only the|just the|the bare] [text|words|wording] of [that|the chosen] option",
        "[repeat|copy] the [chosen|right|correct] option [exactly|word for word|as written], [with no|without] [explanation|comment|further words]",
        "[do not explain|leave out any reasoning|skip the reasons]; [the option's words are enough|the wording of the option suffices]",
        "no letter and no reasons, [just|only] the [option itself|words of the option]",
        "the [answer|reply] must be one option [as printed|copied in full] and [nothing else|nothing more]",
        "[an explanation is not wanted|comments are not needed], so [return|write] the option's [text|wording] alone",
        "[quote|reproduce] the [correct|winning] line [without its dash|without the dash] and [stop there|add nothing]",
        "[respond|answer] with the [wording|text] of a single option",
        "[spell out|write out] the option's own words [rather than|instead of] its position",
    )),
    "abstract": ((
        "[judge|decide|determine] whether the [study|abstract|research summary] [supports|answers|bears out] the [question|research question] [above it|asked first|it starts with]",
        "[based on|going by] the [reported|stated] results [alone|only], what is the answer to the [question|research question]?",
        "[does the evidence|do the data] in the [abstract|study report] [settle|support|confirm] what the question [asks about|suggests]?",
        "read the [results|findings] of this [study|investigation] and [answer|resolve] the [question|clinical question] that [opens|precedes] it",
        "what do the [figures|numbers|data] in this [abstract|summary] [say|imply] about the question?",
        "[interpret|appraise|weigh up] the [trial|study|abstract] and [answer|close] the question it [addresses|was meant to answer]",
        "would a [careful|critical] reader of this [abstract|study] [affirm|deny] the question or [leave it open|call it undecided]?",
        "[decide|work out] from the [group comparison|comparison|P values] whether the [proposed|suspected] effect [was shown|exists], [was not shown|is absent] or is [uncertain|unsettled]",
        "[check|examine] the [direction|size] of the difference and its P value before answering the [question|research question] [posed|raised]",
        "[take|use] the [findings|results] at face value: is the [question|research question] answered [positively|in the affirmative], negatively, or not clearly?",
        "[turn|condense|translate] the [outcome|findings] of the study into a one-word [answer|reply] to its question",
        "how should the [question|opening question] be answered [in light of|given] the [results|outcome data] [reported|presented] [below|afterwards]?",
        "[a journal club is discussing|reviewers are discussing|a guideline group is reading] this [abstract|study]; what [verdict|answer] do its [results|data] give?",
        "[without|not] relying on [outside|other] knowledge, [say|decide] what the [reported comparison|study] [tells us|shows] about the question",
        "[look for|find] a [significant|convincing] difference in the [asked|stated] direction, and [answer|decide] the question [by it|accordingly]",
    ), (
        "[answer|reply] yes, no or maybe", "[write|give] [one word|a single word]: yes, no or maybe", "use maybe when [results conflict|the data are too thin|only a subgroup shows it], otherwise yes or no",
        "[choose between|choose among] yes, no and maybe, [in lower case|without further text]", "the [only|permitted] [answers|replies] are yes, no and maybe", "[conclude|finish] with yes, no or maybe and [no comment|nothing besides]",
        "yes, no or maybe is [all that is needed|enough|the whole answer]", "[say|state] yes, no or, [if it stays open|where it is undecided], maybe",
    )),
    "closed": ((
        "[answer|settle] the [closed|factual] question [below|given] from [general|established] medical knowledge", "is the [answer|reply] to this [clinical|pharmacology|medical] question [positive or negative|affirmative or negative]?",
        "[decide|judge] whether what the question [asks|proposes] is [true|correct] in [standard|current] [medicine|teaching]", "[check|verify] the [link|relation] that the question [asks about|mentions]",
        "would a [reference book|formulary|textbook] [confirm|bear out] what is [asked|suggested] here?", "[confirm|affirm] or [deny|reject] the [claim|relation] contained in the [quiz|flash card] question",
        "[respond|reply] to this [quick|short] knowledge question as a [pharmacist|physician|tutor] would", "does the [medical fact|relation] in the question [hold|apply]?",
    ), (
        "[write|say|answer] yes or no", "[a plain|a bare|one lower-case] yes or no is [enough|expected|wanted]", "the [reply|answer] is yes or no [without|with no] [reasons|explanation]", "[use|give] one word, either yes or no", "[do not elaborate|no details]: yes or no",
    )),
    "closed_bare": (("{question}", "[here is a question|answer this]: {question}", "[settle|resolve] this [doubt|point]: {question}"), (
        "[answer|reply|respond] [with|by] yes or no", "[write|give] yes or no [only|and nothing else]", "[a one-word reply|one word], yes or no, [will do|is enough]", "[keep to|stick to] yes or no", "say yes if [that is so|it is true] and no [otherwise|if it is not]",
    )),
    "recall": (("{question}", "[tell me briefly|in short]: {question}", "[from memory|without looking it up]: {question}"), (
        "[give|write] [only|just] the [answer|essential phrase]", "[a short phrase|a few words] will do", "[keep|hold] the reply to one [phrase|short phrase]", "[no full sentence is needed|a full sentence is not needed]", "[answer|reply] in a [handful of words|brief phrase]",
    )),
    "pair": ((
        "[compare|set side by side] the {above} and the {below} and [decide|say] how they [relate|stand to each other]", "does the {above} [prove|imply], [refute|rule out] or [leave open|not decide] the {below}?",
        "[assess|judge|determine] whether the {below} [follows from|must be true given] the {above}, [conflicts with|is ruled out by] it, or [neither|remains open]",
        "what is the [logical relation|relation] [between|of] the {above} [and|to] the {below}?", "[assuming|supposing] the {above} is [true|accurate], [classify|label|rate] the {below}",
        "[label|tag|classify] the two [texts|lines] by the [kind of inference|inference] they [allow|permit]", "[check|test] the {below} [against|in view of] what the {above} [says|records]",
        "how does the {below} [relate|compare] to what is [documented|written] in the {above}?", "[can|could] the {below} be [inferred|concluded] from the {above}, or is it [contradicted|excluded], or [unrelated|undetermined]?",
        "[reading|taking] only the {above} as [given|fact], what [status|standing] has the {below}?", "[carry out|perform] a [textual|natural language] inference [check|step] on the [clinical|two] lines",
        "is the {below} [backed by|supported by], [incompatible with|opposed to], or [not settled by|independent of] the {above}?",
    ), (
        "[answer|reply] entailment, contradiction or neutral", "[use|choose] one of the labels entailment, contradiction, neutral", "[write|give] entailment if it [follows|is supported], contradiction if it [conflicts|is excluded], neutral [otherwise|if neither holds]",
        "the [possible|allowed] [labels|answers] are entailment, neutral and contradiction", "[label it|the label is] contradiction, entailment or neutral, [one word only|and nothing else]", "[choose|decide] [between|among] neutral, entailment and contradiction",
        "one [label|word] is [enough|wanted]: entailment, contradiction or neutral",
    )),
}  # fmt: skip
