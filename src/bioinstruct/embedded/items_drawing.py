"""Drawing for the evaluation items: the place of an item in its series, people, and names that can be said of anyone."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from bioinstruct.embedded.items_wording import INSTRUCTIONS, SURNAMES
from bioinstruct.embedded.world import Condition, Drug, Finding, load

T = TypeVar("T")

MALE = frozenset({"benign prostatic hyperplasia", "prostate cancer", "erectile dysfunction", "hemophilia A"})
FEMALE = frozenset(
    {
        "breast cancer",
        "ovarian cancer",
        "endometriosis",
        "polycystic ovary syndrome",
        "preeclampsia",
        "gestational diabetes",
        "menopause",
        "bacterial vaginosis",
        "pregnancy",
        "irregular periods",
        "hot flashes",
        "breast lump",
        "vaginal discharge",
    }
)
AGES: dict[str, tuple[int, int]] = {
    "preeclampsia": (20, 41),
    "gestational diabetes": (20, 41),
    "pregnancy": (20, 41),
    "menopause": (46, 57),
    "polycystic ovary syndrome": (18, 39),
    "endometriosis": (19, 41),
    "irregular periods": (19, 50),
    "acne vulgaris": (18, 29),
    "Alzheimer disease": (66, 87),
    "age-related macular degeneration": (63, 87),
    "cataract": (60, 87),
    "osteoporosis": (58, 86),
    "giant cell arteritis": (60, 85),
    "benign prostatic hyperplasia": (56, 84),
    "prostate cancer": (56, 84),
    "Parkinson disease": (52, 84),
    "Addison disease": (22, 70),
}
"""Conditions and findings to the ages (inclusive) at which a made-up patient may have them; 19 to 84 otherwise."""

_NOT_A_COMPLAINT = frozenset({"low", "high", "raised", "enlarged", "slow", "fast", "weight", "anemia", "protein", "heart"})
_SPELLED_WITH_A_VOWEL = frozenset("AEFHILMNORSX")


@dataclass(frozen=True)
class Slot:
    """The place of one item in the endless series that a task and a seed define."""

    task: str
    seed: int
    number: int
    attempt: int = 0
    """Raised while the input drawn equals an earlier one."""

    @property
    def id(self) -> str:
        """The item's id."""
        return f"{self.task}/{self.seed}-{self.number}"

    def generator(self) -> random.Random:
        """A generator of random numbers of this slot's own, so that no item depends on how many others were made."""
        return random.Random(f"{self.task}/{self.seed}/{self.number}/{self.attempt}")

    def instruction(self, rng: random.Random) -> str:
        """One of the task's phrasings."""
        return rng.choice(INSTRUCTIONS[self.task])

    def turn(self, name: str, values: Sequence[T], every: int = 1, skip: int = 0) -> T:
        """The value whose turn it is: the series goes through a new shuffle of `values` again and again, a step per `every` items.

        So any stretch of a series is as balanced as it can be, and no value comes back before the others have come. `skip` goes
        further along (facts do so by `attempt`, lest an item find all phrasings of its fact taken).
        """
        step, place = divmod(self.number // every + skip, len(values))
        order = list(range(len(values)))
        random.Random(f"{self.task}/{self.seed}/{name}/{step}").shuffle(order)
        return values[order[place]]


@dataclass(frozen=True)
class Person:
    """A made-up patient."""

    age: int
    sex: str
    """`woman` or `man`."""
    surname: str

    @property
    def words(self) -> dict[str, str]:
        """Fields for phrases: an_age (`an 84-year-old`), age, sex, surname, title, and the pronouns he, his, him of the right sex.

        An_age, He and His begin a sentence.
        """
        he, his, him, title = ("she", "her", "her", "Mrs") if self.sex == "woman" else ("he", "his", "him", "Mr")
        aged = f"{'an' if self.age == 18 or 80 <= self.age <= 89 else 'a'} {self.age}-year-old"
        return {
            "an_age": aged, "An_age": first_upper(aged), "age": str(self.age), "sex": self.sex, "surname": self.surname, "title": title,
            "he": he, "his": his, "him": him, "He": he.capitalize(), "His": his.capitalize(),
        }  # fmt: skip

    def can_have(self, name: str) -> bool:
        """Whether a condition or finding is possible at this age and for this sex."""
        low, high = AGES.get(name, (0, 120))
        return low <= self.age <= high and name not in (MALE if self.sex == "woman" else FEMALE)


def person(rng: random.Random, names: Iterable[str] = ()) -> Person:
    """A patient who can have all conditions and findings in `names`."""
    names = set(names)
    sexes = ["man"] if names & MALE else ["woman"] if names & FEMALE else ["woman", "man"]
    ranges = [AGES[name] for name in sorted(names) if name in AGES] or [(19, 84)]
    low, high = max(low for low, _ in ranges), min(high for _, high in ranges)
    return Person(rng.randint(min(low, high), high), rng.choice(sexes), rng.choice(SURNAMES))


@cache
def common_conditions() -> tuple[Condition, ...]:
    """Conditions with findings that either sex may have at any age."""
    return tuple(c for c in load().diseases if c.name not in MALE | FEMALE and c.name not in AGES)


@cache
def complaints() -> tuple[Finding, ...]:
    """Findings that a patient of either sex feels (no laboratory results)."""
    return tuple(f for f in load().findings.values() if f.name.split()[0] not in _NOT_A_COMPLAINT and f.name not in FEMALE)


@cache
def home_drugs() -> tuple[Drug, ...]:
    """Drugs that a patient of either sex may use at home, whose names hold no other drug's name."""
    names = list(load().drugs)
    return tuple(
        drug
        for drug in load().drugs.values()
        if drug.route in ("by mouth", "by inhalation", "on the skin", "under the tongue", "into the nose")
        and not any(other != drug.name and other in drug.name for other in names)
        and not set(drug.treats) <= MALE
        and not set(drug.treats) <= FEMALE
    )


def duration(rng: random.Random) -> str:
    """A stretch of time, for example `3 weeks`."""
    unit, most = rng.choice((("days", 13), ("weeks", 11), ("months", 11)))
    return f"{rng.randint(2, most)} {unit}"


def an(name: str) -> str:
    """`name` after its indefinite article (`an SSRI`, `a urine culture`)."""
    first = name.split()[0]
    spelled = len(first) > 1 and first[:2].isupper()
    vowels = _SPELLED_WITH_A_VOWEL if spelled else frozenset("aeioAEIO")
    return f"{'an' if first[0] in vowels else 'a'} {name}"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def first_upper(text: str) -> str:
    """Text with its first letter in upper case and the rest as it is."""
    return text[:1].upper() + text[1:]
