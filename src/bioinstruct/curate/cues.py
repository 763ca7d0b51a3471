"""The words and patterns that `categories.py` goes by. All are matched against lower-case text."""

from __future__ import annotations

import re

EXTRACTING = frozenset(
    {
        "annotate",
        "capture",
        "collect",
        "copy",
        "enumerate",
        "extract",
        "fill",
        "gather",
        "highlight",
        "inventory",
        "locate",
        "mark",
        "mine",
        "parse",
        "pick",
        "pull",
        "record",
        "retrieve",
        "separate",
        "spell",
        "structure",
        "tabulate",
        "tag",
        "take",
        "underline",
    }
)
"""Verbs that ask for what a text holds."""
FINDING = frozenset(
    {
        "assign",
        "catalog",
        "catalogue",
        "compare",
        "detect",
        "determine",
        "find",
        "identify",
        "label",
        "list",
        "name",
        "note",
        "quote",
        "recognise",
        "recognize",
        "report",
        "trace",
    }
)
"""Verbs that ask for what a text holds where there is one, and else for knowledge."""
RESHAPING = frozenset(
    {
        "arrange",
        "break",
        "convert",
        "divide",
        "expand",
        "reformat",
        "split",
        "transform",
        "turn",
    }
)
"""Verbs that ask for the text's own words in another form, or else for new text."""
GIVING = frozenset(
    {
        "give",
        "offer",
        "provide",
        "show",
        "supply",
    }
)
"""Verbs whose object tells: a summary, an explanation -> generation; else as the finding verbs."""
WRITING = frozenset(
    {
        "advise",
        "boil",
        "build",
        "compose",
        "condense",
        "construct",
        "craft",
        "create",
        "design",
        "develop",
        "distil",
        "distill",
        "document",
        "draft",
        "elaborate",
        "formulate",
        "generate",
        "illustrate",
        "invent",
        "make",
        "outline",
        "paraphrase",
        "phrase",
        "plan",
        "prepare",
        "present",
        "produce",
        "propose",
        "put",
        "recommend",
        "render",
        "rephrase",
        "reply",
        "respond",
        "restate",
        "reword",
        "rewrite",
        "shorten",
        "simplify",
        "specify",
        "suggest",
        "summarise",
        "summarize",
        "tell",
        "translate",
        "word",
        "write",
    }
)
"""Verbs that ask for new text."""
EXPLAINING = frozenset(
    {
        "clarify",
        "define",
        "describe",
        "discuss",
        "explain",
    }
)
"""Verbs that ask for new text, unless they govern a question."""
ANSWERING = frozenset(
    {
        "answer",
        "assess",
        "choose",
        "decide",
        "diagnose",
        "estimate",
        "evaluate",
        "infer",
        "interpret",
        "judge",
        "predict",
        "select",
        "solve",
        "state",
        "work",
    }
)
"""Verbs that ask for an answer."""
OTHER = frozenset(
    {
        "anonymise",
        "anonymize",
        "calculate",
        "categorise",
        "categorize",
        "check",
        "classify",
        "code",
        "compute",
        "correct",
        "critique",
        "deidentify",
        "edit",
        "group",
        "mask",
        "match",
        "merge",
        "order",
        "organise",
        "organize",
        "prioritise",
        "prioritize",
        "proofread",
        "rank",
        "rate",
        "redact",
        "remove",
        "reorder",
        "replace",
        "review",
        "route",
        "schedule",
        "score",
        "sort",
        "triage",
        "verify",
    }
)
"""Verbs of work on the given material that is neither extraction nor new text."""
KNOWN = EXTRACTING | FINDING | RESHAPING | GIVING | WRITING | EXPLAINING | ANSWERING | OTHER
"""All verbs above."""

BARE_ANSWERS = frozenset(
    {
        "contradiction",
        "entailment",
        "maybe",
        "neutral",
        "no",
        "yes",
    }
)
"""Outputs that answer a closed question."""
FUNCTION_WORDS = frozenset(
    {
        "a",
        "about",
        "after",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "during",
        "each",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "here",
        "him",
        "his",
        "how",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "might",
        "must",
        "no",
        "nor",
        "not",
        "of",
        "on",
        "or",
        "over",
        "per",
        "she",
        "should",
        "since",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "under",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "without",
        "would",
        "yes",
    }
)
"""Words that say nothing of where an output comes from."""

_QUESTION_WORD = r"(?:who|whom|whose|what|which|when|where|why|how|whether)"
_AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|would|will|should|may|might|must|has|have|had)"

QUESTION_START = re.compile(rf"(?:(?:to|from|at|in|by|for|on|with) )?{_QUESTION_WORD}\b|{_AUXILIARY}\b")
"""How a question starts."""
POLITE = re.compile(r"^(?:please |kindly |now |help (?:me |us )?(?:to )?|(?:could|can|would|will) you (?:please )?)+")
"""What stands before the verb of a request."""
LEAD_IN = re.compile(
    r"(?:given|based|using|use|from|for|in|on|at|with|without|according|after|before|ahead|assuming|considering|read|analy[sz]e|study|examine"
    r"|consider|look|as|while|when|if|acting|suppose|imagine)\b"
)
"""Openings after which the task itself comes later in the sentence."""
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
"""Between sentences."""
SHAPE = re.compile(
    r"\b(?:json|xml|csv|yaml|triples?|tuples?|key[- ]value pairs?|label+ed fields|named fields|structured (?:form|format|record|fields)"
    r"|pico)\b"
)
"""Output forms of extraction."""
OTHER_WORK = re.compile(
    r"\b(?:si units|conventional units|contradicts? itself|inconsisten\w+|de-?identif\w+|duplicate (?:entries|records|items)"
    r"|be (?:merged|sorted|reordered|routed|referred|sent|triaged|scheduled|prioriti[sz]ed|ranked)"
    r"|(?:which|what|choose (?:the|a)|right|suitable|one) (?:of the )?(?:\w+ )?"
    r"(?:special(?:i)?ty|specialties|services?|departments?|clinics?)"
    r"|(?:proper|correct|right|chronological) (?:order|sequence)|(?:what|which) order|in (?:the )?order of time|in time order)\b"
)
"""Work that is neither extraction nor new text, whatever the verb."""
_LABEL = r"[\w'\"-]+(?: [\w'\"-]+)?"
LISTED_LABELS = re.compile(
    rf"(?:^|[:;,.(]|\b(?:as|answer|into|with|it|is))\s*((?:{_LABEL}, )*{_LABEL},? or {_LABEL})|\bone of:? ((?:{_LABEL}, )+{_LABEL})"
)
"""Alternatives that an instruction lists: `routine, urgent or emergency`."""
_NUMBER = r"(?:an?|one|two|three|four|five|six|\d+)"
TEXT_LENGTH = re.compile(
    rf"\b{_NUMBER} (?:(?:to|or) {_NUMBER} )?(?:\w+ )?sentences?\b|\bparagraphs?\b|\b(?:in|of|to) (?:one|a single) line\b|\b\d+ words\b"
)
"""The length of a running text that is asked for."""
QUANTITY = re.compile(r"(?:about |approximately )?(\d+(?:[.,]\d+)?)(?: ?[^\d\s]+){0,3}")
"""A number with its unit and nothing else."""
AUDIENCE = re.compile(
    r"\b(?:(?:to|for|telling) (?:the|a|an|his|her|their|someone|people|parents?) ?(?:\w+ )?(?:patient|public|family|lay\w*|audience|child|"
    r"parents?|relative|reader|student|someone)?\b|plain|everyday|layman\w*|lay\b|simple(?:r)?\b)"
)
"""Somebody for whom a text is written."""
GOVERNED = re.compile(rf"^\w+ (?:\w+ )?{_QUESTION_WORD}\b")
"""A verb that governs a question: `explain how ...`."""
TEXT_GIVEN = re.compile(
    r"(?:give|offer|provide|show|supply)\b[^,.;]*?\b(?:summar(?:y|ies)|explanations?|overview|descriptions?|definitions?|examples?|instructions?"
    r"|advice|plan|letter|note|response|reply|suggestions?|recommendations?|guidance|interpretation|account|feedback|outline|information)\b"
)
"""A request for a text of its own."""
WORDING = re.compile(
    r"\bhow (?:would|could|should|might|can|do) (?:you|one|i|we|a \w+|the \w+) (?:best )?(?:describe|explain|phrase|word|put|say|tell|"
    r"write|summari[sz]e|respond|reply)\b|\bwhat (?:should|would|could|might) you (?:tell|say|write|reply|answer|advise)\b"
    r"|\bwhat (?:\w+ )?(?:question|questions)?\s*(?:should|would|could|might) (?:the |a |you |we )?\w* ?ask\b|\bthe gist of\b"
)
"""A question that asks for a wording."""
SAYS = re.compile(
    r"\b(?:mention\w*|stated?|states|says?|said|confirm\w*|document\w*|record(?:s|ed)?|report(?:s|ed)|describ(?:e|es|ed)|list(?:s|ed)|"
    r"show(?:s|n)?|denie[sd]|contain(?:s|ed)?|give(?:s|n)|noted|according to|"
    r"(?:in|from) (?:the|this) (?:text|passage|note|report|record|sentence|abstract|paragraph|entry))\b"
)
"""A question about what a text says."""
EVERY = re.compile(r"\b(?:all|any|each|every|mentioned|in (?:this|the) (?:text|passage|note|report|record|sentence|abstract|entry))\b")
"""A request for whatever there is of something in a text."""
MARKER = re.compile(r"^[^\S\n]*(?:[-*•]|\(?(?:[A-Za-z]|\d{1,2})[.):])\s+", re.MULTILINE)
"""A bullet, letter or number before a line."""
ENTRY = re.compile(r"([^(:;\n]+?)\s*(?:\(([^()]*)\)\W*|:\s+([^:;\n]+))")
"""One entry of an output: what it is about, and a remark in brackets or a value after a colon."""
REMARKED = re.compile(r"[^(:;\n]+ \([^()]*\)\.?(?:\s*[;\n]\s*[^(:;\n]+ \([^()]*\)\.?)*")
"""An output of nothing but entries with remarks in brackets."""
