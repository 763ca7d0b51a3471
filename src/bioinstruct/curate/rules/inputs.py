"""Instructions without the material they speak of, and inputs that only describe one."""

from __future__ import annotations

import re

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.core.text import words
from bioinstruct.curate.rules.rule import Evidence, Rule, quote, quoted

_TEXT = (
    r"(?:text|passage|abstract|article|paragraph|sentences?|excerpt|document|transcript|dialogue|conversation|vignette|statement"
    r"|(?:discharge\s+)?summary|(?:\w+\s)?report|(?:\w+\s)?notes?|case(?:\s(?:description|study|history|report))?|scenario)"
)
_THING = (
    rf"(?:{_TEXT}|questions?|list|table|data(?:set)?|results|symptoms|findings|history|terms?|words?|acronyms?|abbreviations?|drugs?"
    r"|medications?|medicines?|genes?|proteins?|diseases?|conditions?|diagnos[ie]s|sequences?|compounds?|molecules?|process(?:es)?|options"
    r"|values|pairs?|title)"
)
_NAMED = rf"(?:{_TEXT}|terms?|words?|acronym|abbreviation|title|question|sequence|dataset|list)"
_QUALIFIED = r"(?:[a-z-]+\s){0,3}"
_REFERS = re.compile(
    rf"\b(?:the|this|these|each\s+of\s+the)\s+(?:following|given|provided|mentioned|attached|below)\s+{_QUALIFIED}{_THING}\b"
    rf"|\b(?:a|an)\s+(?:given|provided)\s+{_QUALIFIED}{_NAMED}\b"
    rf"|^given\s+(?:a|an|the|this)\s+{_QUALIFIED}{_NAMED}(?=,)"
    rf"|\b(?:the|this|these)\s+{_QUALIFIED}{_THING}\s+(?:(?:given|provided|shown|presented|described|listed)\s+below"
    r"|below(?=\W*(?:$|[,;]|\band\b|\bin\b|\bfor\b|\binto\b)))"
    rf"|\bthis\s+{_QUALIFIED}(?:passage|abstract|paragraph|excerpt|transcript|dialogue|vignette)\b",
    re.IGNORECASE,
)
"""Words that point at material outside the instruction."""
_HOLDS = re.compile(r":\s{0,5}\w|[\"“«„]|\n\s{0,5}\S|[.?!]['’)]?\s\S|\(\S{1,40}\s\S{1,40}\s\S|;\s\S")
"""Signs that an instruction holds its material: a word after a colon, a quotation, a second line or sentence, a long bracket."""

_WORKED_ON = re.compile(
    r"\b(?:summari[sz]e|condense|extract|simplify|translate|paraphrase|rewrite|rephrase|classify|analy[sz]e|proofread|interpret|review|shorten"
    r"|identify|find)\b",
    re.IGNORECASE,
)
_SPEAKS_OF_TEXT = re.compile(rf"\b(?:{_TEXT}|records?|data|histor(?:y|ies)|reports)\b", re.IGNORECASE)
_ABOUT_WORDS = re.compile(
    r"\b(?:titles?|headlines?|phrases?|terms?|topics?|concepts?|subjects?|names?|types?|kinds?|section|keywords?|words?|heading|category|role"
    r"|importance|generate|write|create|compose|draft|define|definition|explain|describe|suggest|propose)\b",
    re.IGNORECASE,
)
"""Tasks that a name or a bare description may be the right input for."""
_KINDS = frozenset(
    {
        *("abstract", "article", "case", "conversation", "data", "dataset", "description", "dialogue", "document", "excerpt", "history"),
        *("information", "input", "letter", "list", "literature", "note", "notes", "paper", "paragraph", "passage", "record", "records"),
        *("report", "results", "sentence", "statement", "study", "summary", "text", "transcript"),
    }
)
"""What texts are called."""
_GENERIC = _KINDS | frozenset(
    {
        *("a", "about", "above", "an", "and", "any", "attached", "biology", "biomedical", "clinical", "complete", "complex", "discharge"),
        *(
            "doctor",
            "doctor's",
            "doctors",
            "electronic",
            "entire",
            "following",
            "for",
            "from",
            "full",
            "given",
            "health",
            "healthcare",
            "here",
        ),
        *("in", "journal", "lab", "laboratory", "long", "medical", "of", "on", "or", "original", "patient", "patient's", "patients"),
        *(
            "physician",
            "provided",
            "progress",
            "related",
            "relevant",
            "research",
            "sample",
            "science",
            "scientific",
            "see",
            "short",
            "some",
        ),
        *("specific", "test", "the", "this", "to", "with", "your"),
    }
)
"""Words that say nothing of one text in particular."""
_LONGEST_NAME = 8
"""Words of the longest input that is looked at as a bare name of its kind."""
_LONGEST_DESCRIPTION = 20
"""Words of the longest input that is looked at as a description."""
_DESCRIPTION = re.compile(
    r"(?:an?|any|some|the)\s(?:[a-z-]+\s){0,3}(?:text|abstract|article|paragraph|passage|document|dialogue|conversation|transcript|excerpt)\s"
    r"(?:about|on|describing|discussing|detailing|regarding|related\sto|explaining|outlining|between\sa)\s[^.!?:\n]{3,120}\.?"
    r"|(?:[a-z-]+\s){0,3}(?:data|datasets?|records?|reports?|results|sequences?|history)\s(?:for|from|of|on|about)\s(?:[a-z-]+\s){0,4}"
    r"(?:patients?|individuals?|people|subjects?|samples?|cohort)\.?",
    re.IGNORECASE,
)
"""`An article about sleep`, `Gene expression data from cancer patients`."""
_TELLS = re.compile(
    r"\d|\b(?:is|was|are|were|has|have|had|does|did|shows?|showed|found|reports\s+\w+ing|reported|suggests?)\b", re.IGNORECASE
)
"""A number or a verb: the text itself, and no description of one."""
_WORD = re.compile(r"[\w'’-]+")


def missing_input(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """There is no input, and the instruction, one sentence without any material, points at some: the words that point."""
    if candidate.input.strip() or _HOLDS.search(candidate.instruction.strip()):
        return None
    match = _REFERS.search(candidate.instruction)
    return quoted("instruction", match) if match else None


def unspecific_input(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The task works on a text or data, and the input only names or describes them ("Patient's medical record"): the input, and which."""
    given = candidate.input.strip()
    if not given or len(given) > 200 or _ABOUT_WORDS.search(candidate.instruction):
        return None
    if not _WORKED_ON.search(candidate.instruction) or not _SPEAKS_OF_TEXT.search(candidate.instruction):
        return None
    found = [word.lower().replace("’", "'") for word in _WORD.findall(given)]
    if 0 < len(found) <= _LONGEST_NAME and _GENERIC.issuperset(found) and not _KINDS.isdisjoint(found):
        return {**quote("input", given, candidate.input.index(given)), "how": "names its kind"}
    if len(words(given)) <= _LONGEST_DESCRIPTION and _DESCRIPTION.fullmatch(given) and not _TELLS.search(given):
        return {**quote("input", given, candidate.input.index(given)), "how": "describes it"}
    return None


RULES = (
    Rule(
        "missing_input",
        missing_input,
        True,
        "an instruction that points at material, such as `the following abstract`, with no input and no material of its own",
        "BioInstruct's prompt asks for an input that fits; without it the output is made up, or about something that nobody sees.",
    ),
    Rule(
        "unspecific_input",
        unspecific_input,
        True,
        "an input that only names or describes the text or data to be worked on, such as `Patient's medical record`",
        "BioInstruct's prompt asks for specific, realistic inputs: what an output finds in a mere name of a text is made up.",
    ),
)
"""In the order in which they are asked."""
