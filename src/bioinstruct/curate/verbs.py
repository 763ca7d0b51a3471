"""Root verbs of instructions and their objects, by rule: an offline stand-in for the parser behind the paper's Fig. 1b.

Verb: the first word of a clause that is in `VERBS`, in the first sentence that has one; "please", adverbs and "could you" are
passed over, as are lead-ins up to a comma ("Based on the note, ..."). A sentence that opens with a question word ends the search.
Object: the last word of the run of words that follows, up to a preposition, a conjunction or a mark; in the singular.

    >>> root("Based on the note, please write a brief summary of the plan.")
    Root(kind='verb', verb='write', noun='summary')
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, Literal, NamedTuple

TOP_VERBS, TOP_NOUNS = 20, 4
VERBS = frozenset(
    """abbreviate abstract adapt add address advise aid align amend analyse analyze annotate answer appraise arrange articulate assess
    assign assume break brief build calculate call capture categorise categorize change characterise characterize check choose cite
    clarify classify code collect combine comment compare compile complete compose compress compute conclude condense consider
    construct contrast convert copy correct count craft create critique debate decide deduce define deliver demonstrate derive
    describe design detail detect determine develop devise diagnose differentiate disambiguate discuss distil distill distinguish
    document draft draw edit elaborate elucidate enumerate estimate evaluate examine expand explain explore express extract fill
    find fix flag follow forecast formulate gather generate get give grade group guess help highlight hypothesise hypothesize
    identify illustrate indicate infer inform instruct interpret invent investigate judge justify label link list locate make map
    mark match mention merge name normalise normalize note offer order organise organize outline pair paraphrase perform pick plan
    point predict prepare present prioritise prioritize produce propose provide pull put quote rank rate read rearrange recall
    recognise recognize recommend record redact relate remove rephrase replace reply report reproduce resolve respond restate
    retrieve return review revise rewrite say score select sentence separate set settle shorten show simplify sketch solve sort
    specify spell split spot state study suggest sum summarise summarize supply support tabulate tag teach tell trace transcribe
    transform translate triage turn type use validate verify weigh word work write""".split()  # noqa: SIM905
)
"""Imperatives of instructions, in their base form."""
_QUESTION = frozenset(
    """what which who whom whose how why when where is are was were do does did can could would will should may might has have had
    am must whether""".split()  # noqa: SIM905
)
_SKIP = frozenset({"please", "kindly", "now", "then", "first", "next", "just", "also", "and", "or", "to", "you", "your"})
_DETERMINERS = frozenset(
    """a an the this that these those some any all each every both either neither no another other such its his her their our my your
    one two three four five six seven eight nine ten at least most up to as many several few more than only
    first second me us yourself exactly just""".split()  # noqa: SIM905
)
_ENDS = frozenset(
    """of in on at for from to with without within into onto by as about after against among around before behind below above between
    during over per since than through toward towards under until upon via versus vs regarding concerning including
    and or but nor so if whether because while although though unless that which who whom whose what how why when where is are was were be
    can could may might must should will would has have had do does did not using based such like according suitable relevant
    available necessary understandable useful whenever wherever it them they
    he she we you i together apart out off up down back there here then alone briefly word-for-word""".split()  # noqa: SIM905
)
_PRONOUNS = frozenset({"it", "them", "this", "that", "these", "those", "him", "her", "me", "us", "yourself", "one", "each"})
_PARTICLES = frozenset({"out", "down", "up", "off"})
_GERUNDS = frozenset(
    """being bleeding building dosing feeding finding handling heading imaging learning meaning nursing opening planning reading scoring
    screening sequencing setting swelling testing training vomiting warning wording writing""".split()  # noqa: SIM905
)
"""Nouns that look like participles."""
_IRREGULAR = {
    "diagnoses": "diagnosis", "analyses": "analysis", "hypotheses": "hypothesis", "prognoses": "prognosis", "criteria": "criterion",
    "phenomena": "phenomenon", "people": "person", "children": "child", "women": "woman", "men": "man", "species": "species",
    "series": "series", "bases": "basis", "synopses": "synopsis", "indices": "index", "matrices": "matrix",
}  # fmt: skip
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-Z0-9])|\n+")
_CLAUSE = re.compile(r"[,;:]\s+|\s+[-\u2013\u2014]\s+")
_WORD = re.compile(r"[A-Za-z][\w'\u2019-]*|\d[\w.,%-]*|[^\sA-Za-z\d]")
_PARTICIPLE = re.compile(r"^[a-z-]{2,}(?:ed|ing)$|^(?:given|shown|known|written|seen|taken|drawn|made|found|held|kept|left|sent|said)$")


class Root(NamedTuple):
    """What an instruction asks for: its verb and object; or that it is a question; or neither."""

    kind: Literal["verb", "question", "none"]
    verb: str | None = None
    noun: str | None = None


def root(instruction: str, further: Collection[str] = ()) -> Root:
    """The root of one instruction; `further` are verbs beside `VERBS`."""
    for sentence in _SENTENCE.split(instruction.strip()):
        for number, clause in enumerate(_CLAUSE.split(sentence)):
            tokens = _WORD.findall(clause)
            place = _opening(tokens)
            if place is None:
                continue
            first = tokens[place].lower()
            polite = [token.lower() for token in tokens[place : place + 2]] in (
                ["can", "you"],
                ["could", "you"],
                ["would", "you"],
                ["will", "you"],
            )
            if polite:
                place = _opening(tokens, place + 2)
                if place is None:
                    continue
                first = tokens[place].lower()
            elif first in _QUESTION and (number == 0 or sentence.rstrip().endswith("?")):
                return Root("question")
            following = [token.lower() for token in tokens[place + 1 :]]
            posing = following[:1] == ["yourself"] or (first == "work" and following[:1] != ["out"])  # sets a scene, asks for nothing
            if (first in VERBS or first in further) and (number == 0 or following) and not posing:
                particle = following[:1] and (following[0] in _PARTICLES or (first, following[0]) == ("fill", "in"))
                return Root("verb", first, noun(tokens[place + (2 if particle else 1) :]))
    return Root("none")


def _opening(tokens: list[str], start: int = 0) -> int | None:
    """Place of the first token that is a word and is not passed over."""
    for place in range(start, len(tokens)):
        word = tokens[place].lower()
        if tokens[place][0].isalpha() and word not in _SKIP and not (word.endswith("ly") and word not in {"apply", "reply", "supply"}):
            return place
    return None


def noun(tokens: Iterable[str]) -> str | None:
    """Head of the noun phrase that the words open with, in the singular; None where they open with something else."""
    run: list[str] = []
    participle: str | None = None
    opened = False
    for token in tokens:
        word = token.lower().replace("\u2019", "'")
        if not run and (
            word in _DETERMINERS or token[0].isdigit() or (word.endswith("ly") and len(word) > 4) or token in {'"', "'", "(", "*"}
        ):
            if word in _PRONOUNS:
                opened = True
            continue
        if not token[0].isalpha() or word in _ENDS or (run and word in _DETERMINERS):
            break
        if _PARTICIPLE.match(word) and not run and word not in _GERUNDS:
            participle = word
            continue
        if _PARTICIPLE.match(word) and run and word not in _GERUNDS:
            break
        run.append(word.removesuffix("'s").strip("-_'"))
        if len(run) == 8:
            break
    head = run[-1] if run else participle
    if head is None or (opened and not run):
        return None
    return singular(head)


def singular(word: str) -> str:
    """A noun's singular by rule; words that only look like plurals stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ous")):
        return word[:-1]
    return word


def count(instructions: Iterable[str]) -> dict[str, Any]:
    """Counts of all instructions: with a verb, questions, neither; and the most frequent verbs with their nouns.

    Gives back {instructions, with_verb, questions, neither, verbs, top: [{verb, n, objects: [{noun, n}], further}]}: `verbs` is how
    many different ones there are, `further` the verb's uses with rarer nouns or none.
    """
    kinds: Counter[str] = Counter()
    verbs: Counter[str] = Counter()
    nouns: dict[str, Counter[str]] = {}
    for text in instructions:
        found = root(text)
        kinds[found.kind] += 1
        if found.verb is not None:
            verbs[found.verb] += 1
            if found.noun is not None:
                nouns.setdefault(found.verb, Counter())[found.noun] += 1
    top = []
    for verb, n in _first(verbs, TOP_VERBS):
        frequent = _first(nouns.get(verb, Counter()), TOP_NOUNS)
        objects = [{"noun": one, "n": times} for one, times in frequent]
        top.append({"verb": verb, "n": n, "objects": objects, "further": n - sum(times for _, times in frequent)})
    return {
        "instructions": kinds.total(),
        "with_verb": kinds["verb"],
        "questions": kinds["question"],
        "neither": kinds["none"],
        "verbs": len(verbs),
        "top": top,
    }


def _first(counts: Counter[str], n: int) -> list[tuple[str, int]]:
    """The `n` most frequent; equal ones in alphabetical order."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]
