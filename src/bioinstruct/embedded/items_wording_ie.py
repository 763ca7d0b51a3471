"""Phrase banks of the extraction items: chart entries that name drugs, and texts with an expression that points back."""

from __future__ import annotations

ENTRY_FIRST = (
    "{age}-year-old {sex}, seen today for {finding0}.",
    "Follow-up of {condition0} in this {age}-year-old {sex}.",
    "{title} {surname}, {age}, returns with {finding0}.",
    "Telephone contact with {title} {surname} ({age}) about {condition0}.",
)
ENTRY_FILLER = (
    "Blood pressure {systolic}/{diastolic}, weight stable.",
    "Sleeps well and works as a {job}.",
    "Known {spare_condition} since {year}.",
    "No {spare_finding} at present.",
    "Laboratory values are pending.",
    "Next appointment in {weeks} weeks.",
)

DRUG_SENTENCES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("active",),
        (
            "Remains on {drug1} {dose1} {frequency1}.",
            "Uses {drug1} {dose1} {frequency1} for {condition1}.",
            "From today {drug1} {dose1} {frequency1} is added.",
        ),
    ),
    (
        ("active",),
        (
            "The dose of {drug1} went up to {dose1} {frequency1}.",
            "Present treatment: {drug1} {dose1} {frequency1}.",
            "Since {month1} {he} has had {drug1}, which works well.",
        ),
    ),
    (("active",), ("{He} is to carry on with {drug1} {dose1}.", "{condition1_first} is under control with {drug1} {dose1} {frequency1}.")),
    (
        ("discontinued",),
        ("In {month1} {drug1} was withdrawn because of {finding1}.", "{He} came off {drug1} after {finding1}.", "No longer on {drug1}."),
    ),
    (
        ("discontinued",),
        (
            "Used {drug1} until {year1}, nothing since.",
            "Because of {finding1} we end {drug1} today.",
            "Last dose of {drug1} was given in {month1}; course complete.",
        ),
    ),
    (("discontinued",), ("{He} gave up {drug1} by {himself} in {month1}.", "The ward took {him} off {drug1} {dose1}.")),
    (("neither",), ("Allergy: {drug1} ({finding1}).", "Reacts to {drug1} with {finding1}.", "{His} sister uses {drug1} for {condition1}.")),
    (
        ("neither",),
        (
            "We talked about {drug1}, but {he} does not want it.",
            "Given {condition1}, {drug1} is not an option.",
            "{He} asked about {drug1}; no decision yet.",
        ),
    ),
    (
        ("neither",),
        ("Has never used {drug1}.", "Should {finding1} return, one might think of {drug1}.", "{His} neighbor recommended {drug1}."),
    ),
    (
        ("discontinued", "active"),
        (
            "Changed from {drug1} to {drug2} {dose2} {frequency2} because of {finding1}.",
            "In {month1} {drug1} gave way to {drug2} {dose2}.",
            "After {finding1} on {drug1}, {he} now has {drug2} {dose2} {frequency2}.",
        ),
    ),
    (
        ("active", "discontinued"),
        (
            "Now on {drug1} {dose1} {frequency1} in place of {drug2}.",
            "{He} stays on {drug1} {dose1}, while {drug2} was dropped in {month1}.",
        ),
    ),
    (
        ("active", "active"),
        (
            "Remains on {drug1} {dose1} and {drug2} {dose2}.",
            "Treatment consists of {drug1} {dose1} {frequency1} together with {drug2} {dose2}.",
        ),
    ),
    (
        ("discontinued", "discontinued"),
        ("Both {drug1} and {drug2} were given up after {finding1}.", "Until {year1} {he} used {drug1} and {drug2}, neither of them since."),
    ),
    (
        ("neither", "active"),
        (
            "{He} turned down {drug1} and prefers {drug2} {dose2}, as before.",
            "As {drug1} is ruled out by an allergy, {he} is kept on {drug2} {dose2}.",
        ),
    ),
    (("neither", "neither"), ("Allergies: {drug1} and {drug2}.",)),
)
"""Statuses of the drugs that a sentence names, in order, with phrasings of the sentence."""

REFERENCES: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "class": (
        (
            "Medicines on admission were {drug1} {dose1} and {drug2} {dose2}. The {class1} was paused on the first day because of {finding1}.",
            "The {class1}",
            ("{drug1}", "{drug1} {dose1}"),
        ),
        (
            "Medicines on admission were {drug1} {dose1} and {drug2} {dose2}. The {class2} was paused on the first day because of {finding1}.",
            "The {class2}",
            ("{drug2}", "{drug2} {dose2}"),
        ),
        (
            "{He} uses {drug1} for {condition1} and {drug2} for {condition2}. Since {month} the dose of this {class1} has been doubled.",
            "this {class1}",
            ("{drug1}",),
        ),
        (
            "{He} uses {drug1} for {condition1} and {drug2} for {condition2}. Since {month} the dose of this {class2} has been doubled.",
            "this {class2}",
            ("{drug2}",),
        ),
    ),
    "order": (
        (
            "We spoke about {drug1} and {drug2}. The former was turned down because of earlier {finding1}. A letter will follow.",
            "The former",
            ("{drug1}",),
        ),
        (
            "We spoke about {drug1} and {drug2}. The latter was turned down because of earlier {finding1}. A letter will follow.",
            "The latter",
            ("{drug2}",),
        ),
        (
            "{title} {surname} has both {condition1} and {condition2}. The former was found in {year}. {He} uses {drug1}.",
            "The former",
            ("{condition1}",),
        ),
        (
            "{title} {surname} has both {condition1} and {condition2}. The latter was found in {year}. {He} uses {drug1}.",
            "The latter",
            ("{condition2}",),
        ),
        (
            "Between {test1} and {test2} the choice was hard for {title} {surname}. In the end the latter was done on {weekday}.",
            "the latter",
            ("{test2}",),
        ),
        (
            "Between {test1} and {test2} the choice was hard for {title} {surname}. In the end the former was done on {weekday}.",
            "the former",
            ("{test1}",),
        ),
    ),
    "it": (
        (
            "In {month} {he} gave up {drug1} {dose1} because it had brought on {finding1}. Since then {title} {surname} has used {drug2}.",
            "it",
            ("{drug1} {dose1}", "{drug1}"),
        ),
        (
            "{He} gave up {drug1} in {month} and received {drug2} {dose2} instead. So far it has not brought on any {finding1}.",
            "it",
            ("{drug2} {dose2}", "{drug2}"),
        ),
        (
            "{title} {surname} had {condition1} in {year}. Before any {drug1} could be given, it went away without treatment.",
            "it",
            ("{condition1}",),
        ),
        (
            "Together with {drug1}, {title} {surname} was booked for {test1}. When it was carried out on {weekday}, the result was normal.",
            "it",
            ("{test1}",),
        ),
        (
            "{drug1_first} was swallowed with water by {title} {surname}, who has {condition1}. Ten minutes later it came up again.",
            "it",
            ("{drug1_first}",),
        ),
    ),
    "kind": (
        (
            "{title} {surname} has {condition1} with {finding1} and began {drug1} {dose1} in {month}. The drug was well tolerated.",
            "The drug",
            ("{drug1} {dose1}", "{drug1}"),
        ),
        (
            "Because of {finding1}, {test1} was ordered before the next dose of {drug1}. The examination is booked for {weekday}.",
            "The examination",
            ("{test1}",),
        ),
        (
            "{He} has used {drug1} since {condition1} was found in {year} and rarely has {finding1} now. The disease has not become worse.",
            "The disease",
            ("{condition1}",),
        ),
        (
            "{title} {surname} uses {drug1} for {condition1} and came in with {finding1}. This complaint had begun {days} days earlier.",
            "This complaint",
            ("{finding1}",),
        ),
        (
            "After {drug1} was begun for {condition1}, {title} {surname} noticed {finding1} and {finding2}. These complaints eased within {days} days.",
            "These complaints",
            ("{finding1} and {finding2}",),
        ),
        (
            "{test1_first} had to be put off because of {finding1}. While {title} {surname} waits for the examination, {drug1} is continued.",
            "the examination",
            ("{test1_first}",),
        ),
        (
            "For {condition1} the clinic chose {drug1} {dose1}. {title} {surname} reported {finding1} on {weekday} and asked to stop this medicine.",
            "this medicine",
            ("{drug1} {dose1}", "{drug1}"),
        ),
    ),
    "person": (
        (
            "{title} {surname}, who uses {drug1}, was brought in by {his} {other}. {Other_he} had noticed {finding1} on {weekday}.",
            "{Other_he}",
            ("{his} {other}", "{other}"),
        ),
        (
            "{title} {surname} was brought in by {his} {other} on {weekday}. For {days} days {he} had not taken any {drug1}.",
            "{he}",
            ("{title} {surname}",),
        ),
        (
            "{title} {surname} and {his} {other} were asked about {finding1} on {weekday}. In the waiting room {other_he} had mentioned {drug1}.",
            "{other_he}",
            ("{his} {other}", "{other}"),
        ),
        (
            "On {weekday} {his} {other} came along with {title} {surname}. Because of {finding1}, {he} was given {drug1}.",
            "{he}",
            ("{title} {surname}",),
        ),
    ),
}
"""Kind of expression to (text, expression, its antecedents as they stand in the text)."""

WOMEN = ("daughter", "sister", "mother", "aunt")
MEN = ("son", "brother", "father", "uncle")
