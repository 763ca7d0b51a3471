"""Phrase banks of the items that are answered from a text: study abstracts and pairs of chart statements."""

from __future__ import annotations

STUDY_QUESTIONS: dict[str, tuple[str, ...]] = {
    "placebo": ("Does {arm} relieve {outcome} in people with {condition}?", "Is {arm} effective against {outcome} in {condition}?"),
    "rival": (
        "Is {arm} superior to {control} for {outcome} in {condition}?",
        "Does {arm} lessen {outcome} more than {control} in {condition}?",
    ),
    "risk": ("Is {condition} a risk factor for {other}?", "Are people with {condition} more prone to {other}?"),
    "test": ("Would {test} predict {outcome} in people with {condition}?", "Can one foresee {outcome} in {condition} by {test}?"),
}
STUDY_AIMS: dict[str, tuple[str, ...]] = {
    "placebo": ("The value of {arm} against {outcome} is not settled.", "Good control of {outcome} is hard in {condition}."),
    "rival": ("Few data compare {arm} with {control} directly.", "Both {arm} and {control} are in use for {condition}."),
    "risk": ("Case reports have linked {condition} with {other}.", "Whether {condition} and {other} go together is disputed."),
    "test": ("In {condition} no one can foresee {outcome} well.", "The prognostic worth of {test} in {condition} is not known."),
}
STUDY_METHODS: dict[str, tuple[str, ...]] = {
    "placebo": (
        "In a double-blind trial, {n} people with {condition} were given {arm} or {control} for {weeks} weeks.",
        "At {sites} hospitals we randomized {n} people with {condition} to {arm} or {control}; follow-up lasted {weeks} weeks.",
    ),
    "rival": (
        "We randomized {n} people with {condition} to {arm} or {control} and observed them for {weeks} weeks.",
        "In an open trial at {sites} hospitals, {n} people with {condition} took {arm} or {control} for {weeks} weeks.",
    ),
    "risk": (
        "A register of {n} adults, among them {cases} with {condition}, was followed for {years} years.",
        "Over {years} years we followed {n} adults, of whom {cases} had {condition} at entry.",
    ),
    "test": (
        "At entry, {n} people with {condition} had {test}; they were then followed for {years} years.",
        "We studied {n} people with {condition} who had {test} at entry and were seen again after {years} years.",
    ),
}
_TRIAL_RESULTS: dict[str, tuple[str, ...]] = {
    "yes": (
        "At the end {low} % with {arm} and {high} % with {control} had {outcome} (p = {p_small}).",
        "Scores for {outcome} fell by {big} points with {arm} and by {little} points with {control} (p < 0.001).",
        "Fewer people had {outcome} with {arm} than with {control} (odds ratio {below}, 95 % CI {below_low} to {below_high}).",
        "The share of people free of {outcome} was {high} % with {arm} against {low} % with {control} (p = {p_small}).",
        "{arm_first} lowered the {outcome} score by {big} points more than {control} did (95 % CI {little} to {bigger}; p = {p_small}).",
    ),
    "no": (
        "At the end {high} % with {arm} and {high_near} % with {control} had {outcome} (p = {p_large}).",
        "Scores for {outcome} fell by {little} points with {arm} and by {little_near} points with {control} (p = {p_large}).",
        "As many people had {outcome} with {arm} as with {control} (odds ratio {even}, 95 % CI {even_low} to {even_high}).",
        "The share of people free of {outcome} was {low} % with {arm} against {high} % with {control} (p = {p_small}).",
        "The groups did not differ in their {outcome} score at any visit (all p > {p_large}).",
    ),
    "maybe": (
        "At {early} weeks fewer people had {outcome} with {arm} ({low} % against {high} %, p = {p_small}), but at {weeks} weeks the groups no longer differed (p = {p_large}).",
        "In people under 60, scores for {outcome} fell with {arm} (p = {p_small}), but in older ones they did not (p = {p_large}).",
        "In the end {low} % with {arm} and {low_more} % with {control} had {outcome} (p = {p_border}); recruitment had been halted at a third of the planned number.",
        "The score for {outcome} improved with {arm} (p = {p_small}), whereas the daily diaries showed no difference (p = {p_large}).",
        "Women had less {outcome} with {arm} than with {control} (p = {p_small}), but men had not (p = {p_large}), and {lost} % were lost to follow-up.",
    ),
}
STUDY_RESULTS: dict[str, dict[str, tuple[str, ...]]] = {
    "placebo": _TRIAL_RESULTS,
    "rival": _TRIAL_RESULTS,
    "risk": {
        "yes": (
            "{other_first} occurred in {high} % of those with {condition} and {low} % of the others (p = {p_small}).",
            "The adjusted hazard ratio of {other} was {above} (95 % CI {above_low} to {above_high}) in those with {condition}.",
            "With {condition}, {other} was found {above} times as often as without it (p < 0.001).",
        ),
        "no": (
            "{other_first} occurred in {low} % of those with {condition} and {low_near} % of the others (p = {p_large}).",
            "The adjusted hazard ratio of {other} was {even} (95 % CI {even_low} to {even_high}) in those with {condition}.",
            "Rates of {other} were alike with and without {condition} (p = {p_large}).",
        ),
        "maybe": (
            "{other_first} was more common with {condition} at first (hazard ratio {above}, p = {p_small}), but after adjustment for smoking the link was lost (p = {p_large}).",
            "Women with {condition} had more {other} (hazard ratio {above}, p = {p_small}), but men had not (p = {p_large}).",
            "The hazard ratio of {other} was {above} (95 % CI {even_low} to {above_high}; p = {p_border}), and only {few} cases were counted.",
        ),
    },
    "test": {
        "yes": (
            "An abnormal result of {test} was followed by {outcome} in {high} %, a normal one in {low} % (p = {p_small}).",
            "For {outcome} the area under the curve of {test} was {area_good} (95 % CI {area_good_low} to {area_good_high}).",
            "{test_first} foretold {outcome} with a sensitivity of {good} % and a specificity of {good_too} % (p < 0.001).",
        ),
        "no": (
            "An abnormal result of {test} was followed by {outcome} in {low} %, a normal one in {low_near} % (p = {p_large}).",
            "For {outcome} the area under the curve of {test} was {area_poor} (95 % CI {area_poor_low} to {area_poor_high}).",
            "{test_first} had a sensitivity of {poor} % and a specificity of {poor_too} % for {outcome} (p = {p_large}).",
        ),
        "maybe": (
            "In the first half of the sample, {test} foretold {outcome} (p = {p_small}), but this was not confirmed in the second half (p = {p_large}).",
            "An abnormal result of {test} went with {outcome} after one year (p = {p_small}), but not after {years} years (p = {p_large}).",
            "The odds ratio of {outcome} with an abnormal result of {test} was {above} (95 % CI {even_low} to {above_high}; p = {p_border}), with only {few} events.",
        ),
    },
}
STUDY_ASIDES: dict[str, tuple[str, ...]] = {
    "placebo": (
        "In the two groups {minor} % and {minor_too} % reported {side}.",
        "Mean age was {mean_age} years, and {women} % were women.",
    ),
    "rival": ("Of all participants {minor} % withdrew because of {side}.", "Mean age was {mean_age} years, and {women} % were women."),
    "risk": ("Median age at entry was {mean_age} years; {women} % were women.", "Data on smoking were missing in {minor} %."),
    "test": ("Two readers agreed in {good} % of the examinations.", "Mean age was {mean_age} years, and {women} % were women."),
}

HAD = (
    "In {year} the patient was treated for {lay}.",
    "The family doctor's letter lists {lay} ({year}) among earlier illnesses.",
    "{He} spent a week in hospital in {year} with {lay}.",
)
HAD_NOT = (
    "{He} was asked about {lay} and says that this never happened to {him}.",
    "The family doctor's letter states that there was never any {lay}.",
    "As for {lay}, {he} has at no time been affected.",
)
HAD_OPEN = ("{His} brother was treated for {lay} in {year}.", "{He} read a leaflet about {lay} in {year}.", "{His} uncle once had {lay}.")
HISTORY = ("{condition_first} is part of the patient's own history.", "The patient has had {condition}.")
NO_HISTORY = ("The patient has never had {condition}.", "There is no {condition} in the patient's own history.")

REPORTS = (
    "{He} complains of {present} but denies {absent}.",
    "There is {present} without any {absent}.",
    "Positive for {present}; negative for {absent}.",
    "{He} has no {absent} but does have {present}.",
)
PRESENT = ("The patient has {finding}.", "The patient suffers from {finding}.")
ABSENT = ("The patient has no {finding}.", "The patient is free of {finding}.")

PARTS = ("knee", "shoulder", "wrist", "ankle", "hip", "elbow", "ear", "eye", "foot", "hand")
SIDED = (
    "Since {weekday} the {side} {part} has been painful.",
    "On examination the {side} {part} is red and tender.",
    "{He} hurt {his} {side} {part} on {weekday}.",
)
UNSIDED = (
    "Since {weekday} one {part} has been painful.",
    "On examination one {part} is red and tender.",
    "{He} hurt {his} {part} on {weekday}.",
)
SIDE_CLAIMS = ("It is the {claimed} {claimed_part} that is affected.", "The trouble is in the {claimed} {claimed_part}.")

VITALS: tuple[tuple[str, str, int, int, int], ...] = (
    ("heart rate", "per minute", 100, 8, 40),
    ("systolic blood pressure", "mm Hg", 140, 8, 45),
    ("respiratory rate", "per minute", 20, 4, 10),
    ("oxygen saturation", "%", 92, 3, 7),
    ("hemoglobin", "g/l", 120, 8, 40),
)
"""Name, unit, threshold, and the least and the most that a value lies off it."""
MEASURED = ("On arrival the {vital} was {value} {unit}.", "The chart shows: {vital} {value} {unit}.")
CLAIMED = ("The {vital} was {relation} {threshold} {unit}.",)

CHANGED = (
    "{stopped_first} was withdrawn in {month}, but {he} goes on with {kept}.",
    "{He} still uses {kept}; {stopped} was given up in {month}.",
    "In {month} {stopped} came to an end while {kept} was left as it was.",
)
STILL_ON = ("At present the patient is on {a_class}.", "The patient still uses {a_class}.")
OFF = ("The patient no longer uses {a_class}.", "Treatment with {a_class} has ended.")

ONSETS = ("{first_first} began {longer} ago and {second} {shorter} ago.", "{He} has had {second} for {shorter} and {first} for {longer}.")
ONSET_OPEN = ("{first_first} began {longer} ago; {he} also has {second}.", "{He} has had {second} for {shorter}, and there is {first} too.")
ORDERS = ("{one_first} came before {two}.", "{one_first} started earlier than {two}.")
