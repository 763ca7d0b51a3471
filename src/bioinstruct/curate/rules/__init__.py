"""The rules that look at one candidate on its own, in the order in which they are asked.

A rule is a function of the candidate and the section that gives back its evidence, or None where it has nothing against the
candidate; a new one is a function and a `Rule` in its file's `RULES`. What looks at several records (duplicates, contamination, novelty)
comes after them (`curate/run.py`). `docs/rules.md` has the table and what the rules were measured on.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from bioinstruct.core.errors import Problem
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules import endings, inputs, language, lengths, options, paper, placeholders, refusals, self_instruct
from bioinstruct.curate.rules.rule import Evidence, Rule

__all__ = ["RULES", "Evidence", "Rule", "enabled", "judge", "problems"]

_FILES = (paper, self_instruct, refusals, placeholders, inputs, endings, options, lengths, language)

RULES: dict[str, Rule] = {rule.name: rule for file in _FILES for rule in file.RULES}
"""Name -> rule, in the order in which they are asked; the first that objects gives the name under which a candidate is counted."""


def enabled(section: CurateSection) -> tuple[Rule, ...]:
    """The rules that the section asks for, in their order: the defaults, but for those that `section.rules` switches.

    A rule with a parameter that is 0, [] or null is not among them.
    """
    return tuple(rule for name, rule in RULES.items() if section.rules.get(name, rule.default) and not _empty_parameter(rule, section))


def problems(section: CurateSection, *, elsewhere: Collection[str] = ()) -> list[Problem]:
    """What is wrong with the section's rules before any candidate is judged; empty when nothing is.

    Args:
        section: Its `rules`, their parameters and its `language` are looked at.
        elsewhere: Names that `section.rules` may switch, too: of rules that are none of these.
    """
    found = []
    known = (*RULES, *elsewhere)
    for name, switch in section.rules.items():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            found.append(Problem(f"curate.rules.{name}", "an unknown rule", f"{hint}one of {', '.join(known)}"))
        elif name in RULES and switch and (empty := _empty_parameter(RULES[name], section)):
            allowed = f"false, or a curate.{empty} that gives it something to look for"
            found.append(Problem(f"curate.rules.{name}", f"true with curate.{empty} {getattr(section, empty)!r}", allowed))
    if section.language is not None and section.language not in language.CODES:
        close = get_close_matches(section.language.lower(), language.CODES, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        found.append(Problem("curate.language", repr(section.language), f"{hint}null, or one of {language.LANGUAGES.replace(' ', ', ')}"))
    return found


def judge(candidate: Candidate, section: CurateSection) -> tuple[str, Evidence] | None:
    """Name and evidence of the first enabled rule that drops the candidate; None where none does."""
    for rule in enabled(section):
        if (evidence := rule.find(candidate, section)) is not None:
            return rule.name, evidence
    return None


def _empty_parameter(rule: Rule, section: CurateSection) -> str | None:
    """The first parameter that leaves the rule nothing to find: 0, [] or null."""
    return next((name for name in rule.parameters if not getattr(section, name)), None)
