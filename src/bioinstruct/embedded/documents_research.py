"""Research text: study abstracts with a verdict, claims that are checked, statements read against one another."""

from __future__ import annotations

import random

from bioinstruct.embedded.documents_facts import FACT_WORDING, distractors, sentence
from bioinstruct.embedded.documents_leads import lead
from bioinstruct.embedded.world import World

_DESIGNS = (
    "randomized trial",
    "cohort study",
    "crossover trial",
    "registry study",
    "case-control study",
    "open-label trial",
    "pilot study",
)
_PLACES = ("two hospitals", "nine clinics", "a university centre", "four regional hospitals", "general practices", "a single ward")
_VERDICTS = {
    "yes": ("it did", "the benefit was clear", "the effect was shown"),
    "no": ("it did not", "no benefit was seen", "the groups did alike"),
    "maybe": ("this stays open", "the data are too few to tell", "the results point both ways"),
}


def claim(rng: random.Random, world: World) -> str:
    """Three to six claims, right or wrong, each with yes or no after it."""
    lines = []
    layout = rng.randrange(4)
    for _ in range(rng.randint(3, 6)):
        fact = rng.choice(world.facts)
        true = rng.random() < 0.5
        other = fact.object if true else distractors(fact, world, rng, 1, subjects=False)[0]
        text = rng.choice(FACT_WORDING[fact.relation]).format(s=fact.subject, o=other).rstrip(".")
        verdict = "yes" if true else "no"
        right = f", it is {fact.object}" if not true and rng.random() < 0.3 else ""
        lines.append(
            (
                f"{sentence(text)}? {verdict}{right}.",
                f"Is it right that {text}? {verdict}",
                f"{sentence(text)}? {lead('claim', rng)} {verdict}",
                f"{text} - {verdict}{right}",
            )[layout]
        )
    return "\n".join(lines)


def _result(kind: str, drug: str, outcome: str, control: str, rng: random.Random) -> str:
    low, high = rng.randint(8, 30), rng.randint(38, 72)
    p_small = rng.choice(("0.001", "0.004", "0.01", "0.02", "0.03"))
    p_large = f"0.{rng.randint(12, 91)}"
    if kind == "yes":
        return rng.choice(
            (
                f"{outcome} fell in {high}% of those on {drug} and in {low}% on {control} (p = {p_small}).",
                f"With {drug}, {outcome} was less frequent than with {control} ({low}% against {high}%, p = {p_small}).",
                f"Those given {drug} had clearly less {outcome} (p = {p_small}).",
            )
        )
    if kind == "no":
        near = low + rng.randint(0, 2)
        return rng.choice(
            (
                f"{outcome} occurred in {low}% with {drug} and in {near}% with {control} (p = {p_large}).",
                f"There was no difference in {outcome} between {drug} and {control} (p = {p_large}).",
                f"{outcome} was the same in both groups (p = {p_large}).",
            )
        )
    return rng.choice(
        (
            f"{outcome} was less frequent with {drug} at one site but more frequent at another.",
            f"Only women had less {outcome} with {drug} (p = {p_small}); overall the difference was not clear (p = {p_large}).",
            f"The interval for {outcome} with {drug} was too wide to judge.",
            f"{outcome} improved early with {drug}, but many left the study and later data were missing.",
        )
    )


def abstract(rng: random.Random, world: World) -> str:
    """A study abstract and what it found, in one word first."""
    drug = rng.choice(list(world.drugs.values()))
    condition = rng.choice(drug.treats)
    outcome = rng.choice(world.conditions[condition].findings)
    control = rng.choice(("placebo", "usual care", "no treatment", rng.choice(list(world.drugs))))
    kind = rng.choice(("yes", "no", "maybe"))
    setting = rng.choice(
        (
            f"In a {rng.choice(_DESIGNS)} at {rng.choice(_PLACES)}, {rng.randint(20, 900)} patients with {condition} received {drug.name} or {control}.",
            f"{rng.randint(20, 900)} adults with {condition} were followed for {rng.randint(4, 52)} weeks; half took {drug.name}, half {control}.",
            f"Methods: {rng.choice(_DESIGNS)} of {drug.name} against {control} in {condition}, {rng.randint(20, 900)} participants.",
        )
    )
    asked = rng.choice(
        (
            f"Does {drug.name} lessen {outcome} in {condition}?",
            f"Is {drug.name} of use against {outcome} in {condition}?",
            f"{drug.name} for {outcome} in {condition}: does it help?",
        )
    )
    result = sentence(_result(kind, drug.name, outcome, control, rng))
    answer = rng.choice(
        (
            f"{lead('abstract', rng)} {kind}",
            f"{lead('abstract', rng)} {kind}",
            f"In one word: {kind}.",
            f"Answer: {kind}, {rng.choice(_VERDICTS[kind])}.",
        )
    )
    extra = rng.choice(("", f" {rng.choice(('Harms were few.', 'Two patients stopped early.', 'Follow-up was complete.'))}"))
    return rng.choice((f"{asked}\n{setting} {result}{extra}\n{answer}", f"{setting} {result}{extra}\n{asked} {answer}"))


def _pair(rng: random.Random, world: World) -> tuple[str, str, str]:
    kind = rng.choice(("entailment", "contradiction", "neutral"))
    condition = rng.choice(world.diseases)
    drug = rng.choice(list(world.drugs.values()))
    finding = rng.choice(condition.findings)
    who = rng.choice(("The patient", "He", "She", "The man", "The woman"))
    form = rng.randrange(4)
    if form == 0:
        first = f"{who} has a history of {condition.name}."
        other = rng.choice([c for c in world.diseases if c is not condition])
        second = {
            "entailment": f"{who} has had {condition.lay_name}.",
            "contradiction": f"{who} has never had {condition.lay_name}.",
            "neutral": f"{who} has had {other.lay_name}.",
        }[kind]
    elif form == 1:
        first = f"{who} reports {finding}."
        other_finding = rng.choice([f for f in world.findings if f != finding])
        second = {
            "entailment": f"{who} has {finding}.",
            "contradiction": f"{who} denies {finding}.",
            "neutral": f"{who} has {other_finding}.",
        }[kind]
    elif form == 2:
        first = f"{who} takes {drug.name} {rng.choice(drug.doses)} {drug.frequency}."
        second = {
            "entailment": f"{who} takes a {drug.drug_class}.",
            "contradiction": f"{who} takes no medication.",
            "neutral": f"{who} was given {rng.choice([d for d in world.drugs if d != drug.name])} last year.",
        }[kind]
    else:
        test = rng.choice(condition.tests)
        first = rng.choice((f"{who} denies {finding}.", f"No {finding} today."))
        second = {
            "entailment": f"{who} does not have {finding}.",
            "contradiction": f"{who} complains of {finding}.",
            "neutral": f"{who} had {test} last week.",
        }[kind]
    return first, second, kind


def reading(rng: random.Random, world: World) -> str:
    """Two to four pairs of statements with how the second stands to the first."""
    parts = []
    for _ in range(rng.randint(2, 4)):
        first, second, kind = _pair(rng, world)
        parts.append(
            rng.choice(
                (
                    f"{first} / {second} / {kind}",
                    f"First: {first}\nSecond: {second}\n{lead('reading', rng)} {kind}",
                    f"Premise: {first}\nHypothesis: {second}\n{lead('reading', rng)} {kind}",
                )
            )
        )
    return "\n".join(parts)
