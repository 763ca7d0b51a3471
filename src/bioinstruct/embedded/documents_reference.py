"""Passages with a pronoun or a definite expression, and what it stands for."""

from __future__ import annotations

import random

from bioinstruct.embedded.documents_clinic import DAYS, MONTHS, SURNAMES, TITLES, person, span, with_dose
from bioinstruct.embedded.documents_facts import sentence
from bioinstruct.embedded.documents_leads import lead
from bioinstruct.embedded.world import World

_RELATIVES = {"he": ("father", "son", "brother", "husband", "uncle"), "she": ("mother", "daughter", "sister", "wife", "aunt")}
_PASSAGES = (
    ("{He} was given {dosed} for {c}. It caused {e} within {span}.", "it", "{dosed}"),
    ("{Who} took {d2} at first and {d} after that. The latter was stopped because of {e}.", "the latter", "{d}"),
    ("{Who} took {d} at first and {d2} after that. The former brought {e}.", "the former", "{d}"),
    ("{T} was done on {day} and {t2} later. The first test was normal.", "the first test", "{t}"),
    ("{T} was done on {day} and {t2} later. The second test was normal.", "the second test", "{t2}"),
    ("{C} was found {span} ago. {He} now takes {d} for it.", "it", "{c}"),
    ("{He} stopped {dosed} and kept {d2}. This drug had led to {e}, so it was replaced.", "this drug", "{dosed}"),
    ("Besides {c} {he} has {e}. This symptom began after {d} was raised.", "this symptom", "{e}"),
    ("The plan is {t} before {t2}. If that one is normal, no further work-up follows the former.", "the former", "{t}"),
    ("{Dosed} was added to {d2}. The new drug is taken every day.", "the new drug", "{dosed}"),
    ("{Name} lives with {his} {kin}. {Kin_he} called on {day} because of {e}.", "{kin_he}", "{his} {kin}"),
    ("{Name} lives with {his} {kin}. In {month} {he} developed {e}.", "{he}", "{name}"),
    ("{Name} came with {his} {kin}, who helps with {d}. {Kin_he} was worried about {e}.", "{kin_he}", "{his} {kin}"),
    ("{His} {kin} drove {name} to the clinic. There {he} was told about {t}.", "{he}", "{name}"),
    ("{Name} met {his} {kin} on {day}. The latter spoke of {e} at home.", "the latter", "{his} {kin}"),
    ("{Name} suffers from {c} and also from {c2}. The latter is mild.", "the latter", "{c2}"),
    ("{Name} suffers from {c} and also from {c2}. The former is severe.", "the former", "{c}"),
    ("Neither {t} nor {t2} was liked by {name}. The former takes longer.", "the former", "{t}"),
    ("{Name} has {d} at home, and {d2} at work. The {class} is kept in a drawer.", "the {class}", "{d}"),
    ("{Name} keeps {d} beside {d2}. That {class2} is nearly used up.", "that {class2}", "{d2}"),
    ("{Who} takes {dosed} against {c}, as well as {d2}. The {class} was forgotten on {day}.", "the {class}", "{d}"),
    ("For {span} {e} has troubled {name}. The complaint came with {d}.", "the complaint", "{e}"),
    ("{Name} complains of {e} and {e2}. These symptoms follow {d}.", "these symptoms", "{e} and {e2}"),
    ("{T} was put off until {month}. {Name} is afraid of the examination.", "the examination", "{t}"),
    ("{C} has been known for {span}. {Name} says that the disease runs in the family.", "the disease", "{c}"),
    ("In {month} {dosed} was begun for {c}. {Name} pays for the drug alone.", "the drug", "{dosed}"),
    ("{Name} bought {d} and swallowed it on {day}.", "it", "{d}"),
    ("On {day} {t} was carried out, but {name} had to repeat it.", "it", "{t}"),
    ("When {c} came back, {name} took no {d} for it.", "it", "{c}"),
)


def reference(rng: random.Random, world: World) -> str:
    """One or two passages, each with an expression and its antecedent."""
    return "\n\n".join(_passage(rng, world) for _ in range(rng.choice((1, 1, 2))))


def _passage(rng: random.Random, world: World) -> str:
    age, noun, pronoun, possessive = person(rng)
    drug, other = rng.sample(list(world.drugs.values()), 2)
    while other.drug_class == drug.drug_class:
        other = rng.choice(list(world.drugs.values()))
    first, second = rng.sample(world.diseases, 2)
    test, later = rng.sample(list(world.tests), 2)
    finding, more = rng.sample(list(world.findings), 2)
    opposite = "she" if pronoun == "he" else "he"
    words = {
        "he": pronoun, "his": possessive, "name": f"{TITLES[noun]} {rng.choice(SURNAMES)}", "who": rng.choice((f"the {noun}", f"the {age}-year-old {noun}")),
        "d": drug.name, "d2": other.name, "dosed": with_dose(drug, rng), "class": drug.drug_class, "class2": other.drug_class,
        "c": first.name, "c2": second.name, "t": test, "t2": later, "e": finding, "e2": more, "span": span(rng),
        "day": rng.choice(DAYS), "month": rng.choice(MONTHS), "kin": rng.choice(_RELATIVES[opposite]), "kin_he": opposite,
    }  # fmt: skip
    words |= {key[:1].upper() + key[1:]: sentence(value) for key, value in words.items()}
    text, expression, answer = (part.format_map(words) for part in rng.choice(_PASSAGES))
    if rng.random() < 0.3:
        text = f"{sentence(rng.choice(list(world.findings)))} was noted. {text}"
    if rng.random() < 0.3:
        text += f" Seen again in {span(rng)}."
    ending = rng.choice(("", "", "."))
    return f"{text}\n{lead('pronoun', rng, expression)} {answer}{ending}"
