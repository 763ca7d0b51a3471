"""What a pattern is made of, and how one is looked for in a text.

A pattern is a regular expression whose groups `value`, `value_2` ... are identifiers, with conditions on what stands around each value
and on the value itself. Every repetition in an expression is bounded or cannot be entered again at the next character, so that
the time grows with the length of the text alone, whatever the text is. An expression is tried only near the words or signs that it
needs, which is what makes a hundred of them affordable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

_DIGITS = [re.compile(rf"\d{{{n}}}") for n in range(11)]
_NUMBER = re.compile(r"\d+")
CONTEXT = 60
"""How many characters before a value its context may begin."""


class Searched:
    """A text that many patterns search: what they need is looked for once.

    Attributes:
        text: The text.
        longest: Digits of its longest run of digits.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.longest = longest_number(text)
        self._lowered = in_small_letters(text)
        # A thousand words are looked for in every text: most are told not to be there by their first three letters.
        self._beginnings = {self._lowered[place : place + 3] for place in range(len(text))}
        self._places: dict[str, list[int]] = {}
        self._joined: dict[tuple[str, ...], list[int]] = {}

    def places(self, words: tuple[str, ...]) -> list[int]:
        """Where any of the words (in small letters) begins, in order."""
        known = self._joined.get(words)
        if known is None:
            known = []
            for word in words:
                if len(word) < 3 or word[:3] in self._beginnings:
                    known += self._occurrences(word)
            known.sort()
            self._joined[words] = known
        return known

    def _occurrences(self, word: str) -> list[int]:
        found = self._places.get(word)
        if found is None:
            found = self._places[word] = []
            place = self._lowered.find(word)
            while place >= 0:
                found.append(place)
                place = self._lowered.find(word, place + len(word))
        return found


@dataclass(frozen=True)
class Pattern:
    """One way in which identifiers of one kind are written."""

    kind: str
    expression: str
    needs: tuple[str, ...] = ()
    """Lower-case words or signs of which every match holds at least one; none = the whole text is searched."""
    lead: int = 64
    """At most so many characters of a match stand before what it needs."""
    reach: int = 192
    """At most so many characters of a match stand behind the beginning of what it needs; one that ends there is tried again to its end."""
    digits: int = 1
    """So many digits in a row every match holds: stretches without them are not searched."""
    before: str = ""
    """Expression that must occur in the `CONTEXT` characters before the first value; ends at the value where it ends in `$`."""
    unless_before: str = ""
    """Expression that must not occur there."""
    unless_after: str = ""
    """Expression that must not follow a value immediately."""
    check: Callable[[str], bool] | None = None
    """Whether a value is valid, where its own characters tell (check digits, ranges)."""

    def search(self, searched: Searched) -> Iterator[tuple[int, int]]:
        """Start and end of each value in a text."""
        if self.needs and not searched.places(self.needs):
            return
        text = searched.text
        regex, before, unless_before, unless_after = self._compiled
        for match in self._matches(regex, searched):
            first = min(match.start(group) for group in regex.groupindex if match.start(group) >= 0)
            context = text[max(0, first - CONTEXT) : first]
            if (before and not before.search(context)) or (unless_before and unless_before.search(context)):
                continue
            for group in regex.groupindex:
                start, end = match.span(group)
                if start < 0 or (self.check and not self.check(match.group(group))):
                    continue
                if unless_after and unless_after.match(text, end):
                    continue
                yield start, end

    def _matches(self, regex: re.Pattern[str], searched: Searched) -> Iterator[re.Match[str]]:
        text = searched.text
        for begin, end in self._places(searched):
            place = begin if not self.digits or _DIGITS[self.digits].search(text, begin, end) else end
            while place < end and (match := regex.search(text, place, end)):
                place = max(match.end(), match.start() + 1)
                whole = regex.match(text, match.start()) if match.end() == end < len(text) else match
                if whole:
                    yield whole

    def _places(self, searched: Searched) -> Iterator[tuple[int, int]]:
        """Where a match can be: around each occurrence of what it needs, overlapping stretches joined."""
        length = len(searched.text)
        if not self.needs:
            yield 0, length
            return
        hits = searched.places(self.needs)
        begin = end = -1
        for hit in hits:
            if hit - self.lead > end:
                if end >= 0:
                    yield begin, min(end, length)
                begin = max(0, hit - self.lead)
            end = hit + self.reach
        if end >= 0:
            yield begin, min(end, length)

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None, re.Pattern[str] | None]:
        before, unless_before, unless_after = (
            re.compile(part) if part else None for part in (self.before, self.unless_before, self.unless_after)
        )
        return re.compile(self.expression), before, unless_before, unless_after


def either(*alternatives: str) -> str:
    """One of several expressions, each given alone or with others between spaces: `either("signed dictated", "wrote")`."""
    return f"(?:{'|'.join(one for group in alternatives for one in group.split())})"


def each(words: str) -> tuple[str, ...]:
    """The words of a text one by one: what a pattern needs."""
    return tuple(words.split())


def longest_number(text: str) -> int:
    """Digits of the longest run of digits in a text."""
    return max(map(len, _NUMBER.findall(text)), default=0)


def in_small_letters(text: str) -> str:
    """The text in lower case, as long as it was: a letter that would become two stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
